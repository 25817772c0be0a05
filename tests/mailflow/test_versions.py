"""Two forms of one text: what both say is read, what only the plain one says is a person's to read."""

from __future__ import annotations

import pytest

from exchange.case.sealed import Signed
from mailflow import mime
from mailflow.authenticity import Authenticity
from mailflow.evidence import Evidence, whole
from mailflow.interpret import About, Said, Unclear, interpret

NOBODY = Authenticity("none", (), "none", "police.example", "")
PAGE = "<html><head><style>p { color: red }</style></head><body>{}</body></html>"


def mail(plain: str, page: str) -> bytes:
    return (
        "From: sam@police.example\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{plain}\r\n"
        f"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{PAGE.replace('{}', page)}\r\n--b--\r\n"
    ).encode()


def differs(plain: str, page: str) -> bool:
    return "versions_differ" in mime.read(mail(plain, page)).oddities


@pytest.mark.parametrize(
    ("plain", "page"),
    [
        ("ACCEPT\r\n\r\nSam", "<p>ACCEPT</p><p>Sam</p>"),
        ("*ACCEPT*\r\nSee <https://police.example/x>", "<b>ACCEPT</b><br>See <a>here</a>"),
        ("We don't know them.\r\n[cid:logo.png]", "<p>We don&#8217;t know them.</p><img src='cid:logo.png'>"),
        ("Received, thank you\r\n\r\n> old words", "<p>Received, thank you</p><blockquote>other</blockquote>"),
        ("Nothing known", "<p>Nothing&nbsp;known</p>" + "x" * 100_001),  # a document, which nobody answers with
    ],
)  # fmt: skip
def test_what_a_mail_program_writes_twice_is_one_text(plain: str, page: str) -> None:
    assert not differs(plain, page)


@pytest.mark.parametrize("page", ["<p>DECLINE not our area</p><p>Sam</p>", "<p>Sam</p>", ""])
def test_a_page_that_says_otherwise_is_marked(page: str) -> None:
    assert differs("ACCEPT\r\n\r\nSam", page)


def test_a_plain_text_alone_has_no_other_version() -> None:
    assert "versions_differ" not in mime.read(b"Content-Type: text/plain\r\n\r\nACCEPT").oddities


def test_what_was_seen_and_what_is_read_differ_and_a_person_reads_both() -> None:
    """They sent "DECLINE", as their program showed it; the plain text beside it says "ACCEPT"."""
    said = mime.read(mail("ACCEPT\r\n\r\nSam", "<p>DECLINE not our area</p><p>Sam</p>"))
    unlike = Evidence(said, NOBODY, inner=said, signer=Signed("F" * 40))
    alike = mime.read(mail("ACCEPT\r\n\r\nSam", "<p>ACCEPT</p><p>Sam</p>"))
    about = About("leg", ("police.example",), frozenset({"F" * 40}))
    assert interpret(unlike, about) == Unclear("unclear", whole(unlike))
    assert isinstance(interpret(Evidence(alike, NOBODY, inner=alike, signer=Signed("F" * 40)), about), Said)
