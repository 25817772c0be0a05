"""Files that stand inside plain text are files, and what is no such file stays text."""

from __future__ import annotations

import binascii
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.mime import read
from mailflow.uuencoded import LINE_MAX, MOST, blocks, without

SCAN = bytes(range(256)) * 5


def encoded(content: bytes, name: str = "scan.pdf", ends: bytes = b"\r\n") -> bytes:
    lines = [binascii.b2a_uu(content[at : at + 45]).rstrip(b"\n") for at in range(0, len(content), 45)]
    return ends.join((b"begin 644 " + name.encode(), *lines, b"`", b"end", b""))


def test_a_file_in_the_text_is_a_file_and_the_words_around_it_stay() -> None:
    raw = (
        b"From: a@b.example\r\nContent-Type: text/plain\r\n\r\nSee the scan.\r\n\r\n"
        + encoded(SCAN)
        + b"\r\nAnn Lee\r\n"
    )
    mail = read(raw)
    assert mail.text.split() == ["See", "the", "scan.", "Ann", "Lee"]
    [file] = [part for part in mail.parts if part.file_name]
    assert (file.file_name, file.content, file.disposition) == ("scan.pdf", SCAN, "attachment")


def test_several_files_and_line_ends() -> None:
    body = encoded(b"one", "../a/one.txt", b"\n") + b"between\n" + encoded(b"two", "two.txt", b"\n")
    assert [(b.name, b.content) for b in blocks(body)] == [("../a/one.txt", b"one"), ("two.txt", b"two")]
    assert without(body, blocks(body)) == b"between\n"
    assert [p.file_name for p in read(b"\r\n" + body).parts if p.file_name] == ["one.txt", "two.txt"]


@pytest.mark.parametrize(
    "text",
    [
        "begin with the mother, end with the school",
        "begin 644 reasons\nHe is late.\nend",
        "begin 644 a\nM" + "!" * 60,
        "begin 644 a\nend",
        "begin 999 a\n#0V%T\n`\nend",
        "He said: begin 644 a\n#0V%T\n`\nend",
    ],
)
def test_what_is_no_such_file_stays_text(text: str) -> None:
    assert blocks(text.encode()) == []
    mail = read(b"\r\n" + text.encode())
    assert mail.text == text


@given(st.binary(max_size=400), st.binary(max_size=200))
def test_any_octets_around_and_inside(content: bytes, around: bytes) -> None:
    found = blocks(around + b"\n" + encoded(content or b"x"))
    assert all(block.end > block.start for block in found)
    blocks(around)


@pytest.mark.parametrize(
    "piece", [b"begin 644 a\n", b"begin 644 a\n#0V%T\n", b"\nbegin ", b"begin 644 " + b"a" * 200]
)
def test_no_text_is_slow(piece: bytes) -> None:
    begun = time.process_time()
    assert len(blocks(piece * (2_000_000 // len(piece)))) <= MOST
    assert time.process_time() - begun < 5
    assert blocks(b"begin 644 a\n" + b"#0V%T" * LINE_MAX + b"\n`\nend\n") == []
