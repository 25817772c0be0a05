"""Mail inside mail is opened, and what cannot be opened stays a file."""

from __future__ import annotations

import json
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow import enclosed, text_body
from mailflow.forms import left_out, structured
from mailflow.mime import read
from mailflow.parsed_mail import Part, from_wire, to_wire
from mailflow.reader import Reader
from tests.mailflow.outlook import msg, tnef

REFERRAL = json.dumps({"subjects": [{"given_name": "Mina"}]}).encode()


def mail(text: str = "See below") -> EmailMessage:
    made = EmailMessage(policy=SMTP)
    made["From"], made["Subject"] = "ann@health.example", "Fwd: worry"
    made.set_content(text)
    return made


def with_file(content: bytes, kind: str, name: str, text: str = "See below") -> bytes:
    made = mail(text)
    main, _, sub = kind.partition("/")
    made.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return made.as_bytes()


def test_a_forwarded_message_is_told_with_its_words_and_files() -> None:
    inner = mail("They cry all night")
    inner.add_attachment(REFERRAL, maintype="application", subtype="json", filename="referral.json")
    outer = mail()
    outer.add_attachment(inner)
    got = read(outer.as_bytes())
    assert got.text.strip() == "See below"
    (one,) = got.enclosed
    assert (one.kind, one.subject, one.sender) == ("forwarded", "Fwd: worry", "ann@health.example")
    assert one.text.strip() == "They cry all night"
    assert structured(got).data == json.loads(REFERRAL)


def test_a_mail_saved_as_a_file_is_opened_too() -> None:
    got = read(with_file(mail("They cry").as_bytes(), "application/octet-stream", "worry.EML"))
    assert [one.text.strip() for one in got.enclosed] == ["They cry"]


def test_winmail_gives_its_files_and_its_words_where_the_mail_has_none() -> None:
    wrapped = tnef("They cry all night", {"C:\\temp\\referral.json": REFERRAL, "scan.pdf": b"%PDF"})
    got = read(with_file(wrapped, "application/ms-tnef", "winmail.dat", text=""))
    assert got.text == "They cry all night"
    assert [(p.file_name, p.content) for p in got.enclosed[0].parts] == [
        ("referral.json", REFERRAL), ("scan.pdf", b"%PDF"),
    ]  # fmt: skip
    assert structured(got).data == json.loads(REFERRAL)
    assert read(with_file(wrapped, "application/ms-tnef", "winmail.dat")).text.strip() == "See below"


def test_a_message_file_of_outlook_is_told_with_its_words() -> None:
    got = read(with_file(msg("Worried", "They cry all night"), "application/vnd.ms-outlook", "worry.msg"))
    (one,) = got.enclosed
    assert (one.kind, one.subject.strip(), one.text.strip()) == ("outlook", "Worried", "They cry all night")


@pytest.mark.parametrize(
    ("content", "kind", "name"),
    [
        (b"junk", "application/ms-tnef", "winmail.dat"),
        (b"junk", "application/vnd.ms-outlook", "worry.msg"),
        (msg("Worried", "cut")[:700], "application/octet-stream", "cut.msg"),
        (tnef(files={str(n): b"" for n in range(enclosed.MOST_OBJECTS)}), "application/ms-tnef", "winmail.dat"),
    ],
)
def test_what_cannot_be_opened_stays_a_file(content: bytes, kind: str, name: str) -> None:
    got = read(with_file(content, kind, name))
    assert got.enclosed == ()
    assert content in [part.content for part in got.parts]
    assert "enclosed_shut" in got.oddities


def test_no_cut_of_a_message_file_of_outlook_is_silent() -> None:
    whole = msg("Worried", "They cry all night")
    assert "enclosed_shut" not in read(with_file(whole, "application/vnd.ms-outlook", "w.msg")).oddities
    for cut in (*range(0, len(whole), 64), *range(len(whole) - 64, len(whole))):
        got = read(with_file(whole[:cut], "application/vnd.ms-outlook", "w.msg"))
        assert "enclosed_shut" in got.oddities, cut
        assert "a message inside this mail was not opened" in left_out(got)[0]


def test_of_a_cut_wrapping_what_is_there_is_shown_and_that_it_is_not_all_is_said() -> None:
    whole = msg("Worried", "They cry all night")
    got = read(with_file(whole[:-512], "application/vnd.ms-outlook", "w.msg"))
    assert [one.text.strip() for one in got.enclosed] == ["They cry all night"]
    assert "enclosed_shut" in got.oddities
    wrapped = tnef("They cry all night", {"scan.pdf": b"%PDF" * 20})
    assert "enclosed_shut" not in read(with_file(wrapped, "application/ms-tnef", "winmail.dat")).oddities
    assert "enclosed_shut" not in read(with_file(wrapped + b"\r\n", "application/ms-tnef", "winmail.dat")).oddities
    for cut in range(len(wrapped) - 80, len(wrapped)):  # inside of the file's octets, which the library shortens
        got = read(with_file(wrapped[:cut], "application/ms-tnef", "winmail.dat"))
        assert got.enclosed[0].text == "They cry all night"
        assert "enclosed_shut" in got.oddities, cut


def test_a_chain_is_opened_as_deep_and_as_far_as_is_said() -> None:
    chain = mail("the first")
    for n in range(enclosed.DEEPEST + 3):
        outer = mail(f"forwarded {n}")
        outer.add_attachment(chain)
        chain = outer
    got, depth = read(chain.as_bytes()), 0
    assert "enclosed_shut" in got.oddities
    assert "a message inside this mail was not opened" in left_out(got)[0]
    while got.enclosed:
        got, depth = read(next(p.content for p in got.parts if p.content_type == "message/rfc822")), depth + 1
        if depth > enclosed.DEEPEST + 5:
            break
    assert depth == enclosed.DEEPEST + 3  # every one of them can be opened by hand, one after the other
    many = mail()
    for _ in range(text_body.MESSAGES_MAX + 5):
        many.add_attachment(mail("one more"))
    got = read(many.as_bytes())
    assert len(got.enclosed) == text_body.MESSAGES_MAX
    assert "enclosed_shut" in got.oddities
    assert "enclosed_shut" not in read(with_file(mail().as_bytes(), "message/rfc822", "one.eml")).oddities


async def test_the_limited_child_opens_them_too_and_says_so_whole() -> None:
    reader = await Reader.start()
    try:
        for raw in (
            with_file(tnef("They cry", {"scan.png": b"\x89PNG"}), "application/ms-tnef", "winmail.dat"),
            with_file(msg("Worried", "They cry"), "application/vnd.ms-outlook", "worry.msg"),
            with_file(mail("They cry").as_bytes(), "application/octet-stream", "worry.eml"),
        ):
            got, expected = await reader.read(raw), read(raw)
            assert got == from_wire(to_wire(expected)) == expected
            assert len(got.enclosed) == 1
    finally:
        await reader.close()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=600), st.sampled_from(["winmail.dat", "a.msg", "a.eml"]), st.binary(max_size=40))
def test_no_file_is_too_odd(content: bytes, name: str, start: bytes) -> None:
    for data in (content, tnef("x", {"a": start})[:20] + content, msg("a", "b")[: 512 + len(start)] + content):
        part = Part("application/octet-stream", (), "attachment", name, data)
        found = enclosed.opened((part,), read, text_body.Allowance())
        assert len(found) <= 1
