"""What is written, read again by the standard library."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.compose import (
    Attachment,
    MessageRefused,
    inner_message,
    invitation,
    message_id,
    outer_headers,
    plain_message,
)

T = TypeVar("T")
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
ID = message_id("hub.example", "case1/leg1/packet/1")
HUB, THEM, LEG = "referrals@hub.example", "police@agency.example", "r.k3x@hub.example"
ICS = b"BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:d1\nEND:VEVENT\nEND:VCALENDAR\n"
# Everything that has ever broken or disguised a header.
NASTY = st.text(
    st.sampled_from('ab <>@:;,"\\=?()\r\n\v\f\0\t\x1b\x85\u2028\u2029\u202e\u2066\u200b\u200fé日\U0001f600')
)


def outer(**more: object) -> list[tuple[str, str]]:
    values: dict[str, object] = {
        "from_address": HUB, "from_name": "Northmoor Hub", "to": THEM, "reply_to": LEG, "message_id": ID,
        "date": NOW, "subject": "Message MASH-7K2F-9QXD for your team", **more,
    }  # fmt: skip
    return outer_headers(**values)  # type: ignore[arg-type]


def inner(
    subject: str = "Referral MASH-7K2F-9QXD", text: str = "Read this.", *files: Attachment, **more: object
) -> bytes:
    values: dict[str, object] = {
        "from_address": HUB, "to": THEM, "reply_to": LEG, "message_id": ID, "date": NOW, **more,
    }  # fmt: skip
    return inner_message(subject, text, files, **values)  # type: ignore[arg-type]


def read(octets: bytes) -> EmailMessage:
    return message_from_bytes(octets, policy=policy.SMTP)


def body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def unless_refused(make: Callable[[], T], value: str) -> T | None:
    """What was made, or None for a refusal, which must not repeat the value."""
    try:
        return make()
    except MessageRefused as refused:
        if len(value.strip()) > 3 and value.strip() in str(refused):
            raise AssertionError("the refusal repeats what it refused") from None
        return None


def test_a_message_id_is_made_from_its_letter_alone() -> None:
    assert message_id("hub.example", "case1/leg1/packet/1") == ID
    assert message_id("hub.example", "case1/leg2/packet/1") != ID
    assert re.fullmatch(r"<[0-9a-f]{32}@hub\.example>", ID)
    with pytest.raises(MessageRefused):
        message_id("hub.example>\r\nBcc: x", "k")


def test_the_outer_headers_are_these_and_no_more() -> None:
    assert outer() == [
        ("From", "Northmoor Hub <referrals@hub.example>"),
        ("To", THEM),
        ("Reply-To", LEG),
        ("Subject", "Message MASH-7K2F-9QXD for your team"),
        ("Date", "Mon, 23 Nov 2026 10:00:00 +0000"),
        ("Message-ID", ID),
    ]


def test_automatic_mail_says_so_and_answers_are_threaded() -> None:
    found = dict(outer(automatic=True, in_reply_to="<a@gp.example>", references=["<b@gp.example>", "<a@gp.example>"]))
    assert found["Auto-Submitted"] == "auto-replied"  # RFC 3834 5.1: the answer to a mail
    assert dict(outer(automatic=True))["Auto-Submitted"] == "auto-generated"
    of_a_clock = dict(outer(by_clock=True))
    assert of_a_clock["Auto-Submitted"] == "auto-generated"
    assert "X-Auto-Response-Suppress" not in of_a_clock  # it would keep back their reports, which are wanted
    assert found["X-Auto-Response-Suppress"] == "All"
    assert found["In-Reply-To"] == "<a@gp.example>"
    assert found["References"] == "<b@gp.example> <a@gp.example>"


def test_an_autocrypt_header_folds_and_survives() -> None:
    key = "mDMEZ" + "A" * 2000 + "=="
    octets = plain_message(outer(autocrypt=key), "x")
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    value = str(read(octets)["Autocrypt"])
    assert value.startswith(f"addr={HUB}; keydata=")
    assert re.sub(r"\s", "", value.partition("keydata=")[2]) == key


def test_the_inner_part_carries_the_real_headers() -> None:
    octets = inner("Referral: Zoë O'Neil", "text", outer=[("Subject", "quiet")])
    mail = read(octets)
    assert mail["Subject"] == "Referral: Zoë O'Neil"
    assert mail["To"] == THEM
    assert mail["HP-Outer"] == "Subject: quiet"
    assert dict(mail["Content-Type"].params)["protected-headers"] == "v1"
    assert dict(mail["Content-Type"].params)["hp"] == "cipher"
    assert octets.isascii()


def test_readable_text_comes_first_then_the_files_as_they_were() -> None:
    packet, photo = json.dumps({"a": "é"}).encode(), bytes(range(256)) * 700
    files = (Attachment("packet.json", "application/json", packet), Attachment("Zoë.jpg", "image/jpeg", photo))
    mail = read(inner("s", "Read this first: café.", *files))
    assert [p.get_content_type() for p in mail.iter_parts()] == ["text/plain", "application/json", "image/jpeg"]
    assert body(mail) == "Read this first: café.\r\n"
    found = list(mail.iter_attachments())
    assert [p.get_filename() for p in found] == ["packet.json", "Zoë.jpg"]
    assert [p.get_payload(decode=True) for p in found] == [packet, photo]


def test_the_same_values_give_the_same_octets() -> None:
    file = Attachment("packet.json", "application/json", b"{}")
    assert inner("s", "t", file) == inner("s", "t", file)
    assert inner("s", "t", file) != inner("s", "u", file)


def test_an_invitation_has_the_shape_that_shows_buttons() -> None:
    mail = read(invitation(outer(), "Strategy discussion, 10:00.", ICS))
    assert mail.get_content_type() == "multipart/mixed"
    alternative, file = list(mail.iter_parts())
    text, calendar = list(alternative.iter_parts())
    assert [text.get_content_type(), calendar.get_content_type()] == ["text/plain", "text/calendar"]
    assert dict(calendar["Content-Type"].params) == {"charset": "utf-8", "method": "REQUEST"}
    assert (file.get_content_type(), file.get_filename()) == ("application/ics", "invite.ics")
    assert file.get_payload(decode=True) == ICS.replace(b"\n", b"\r\n")
    assert calendar.get_payload(decode=True) == ICS.replace(b"\n", b"\r\n")


def test_a_calendar_in_other_letters_survives() -> None:
    ics = ICS.replace(b"UID:d1", "SUMMARY:Café".encode())
    mail = read(invitation(outer(), "t", ics))
    assert all(
        p.get_payload(decode=True) == ics.replace(b"\n", b"\r\n")
        for p in mail.walk()
        if "cal" in str(p["Content-Type"])
    )
    with pytest.raises(MessageRefused, match="METHOD"):
        invitation(outer(), "t", ICS.replace(b"REQUEST", b"PUBLISH"))


@given(st.text())
def test_any_text_survives_as_clean_lines(text: str) -> None:
    octets = plain_message(outer(), text)
    assert octets.isascii()
    assert octets.endswith(b"\r\n")
    assert octets.count(b"\r\n") == octets.count(b"\r") == octets.count(b"\n")
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    sent = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n") + "\n"
    payload = read(octets).get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode() == sent.encode("utf-8", errors="replace").decode().replace("\n", "\r\n")


@given(NASTY)
def test_no_value_becomes_a_second_header(text: str) -> None:
    for field in ("subject", "from_name", "to", "from_address", "reply_to", "message_id", "in_reply_to", "autocrypt"):
        headers = unless_refused(lambda field=field: outer(**{field: text}), text)  # type: ignore[misc]
        if headers is None:
            continue
        again = read(plain_message(headers, "x")).items()
        expected = [n for n, _ in headers] + ["MIME-Version", "Content-Type", "Content-Transfer-Encoding"]
        assert [name for name, _ in again] == expected


@given(NASTY)
def test_an_inner_subject_is_carried_whole_or_refused(subject: str) -> None:
    octets = unless_refused(lambda: inner(subject), subject)
    if octets is None:
        assert not re.fullmatch(r"[ab<>@:;,()]*", subject)
        return
    mail = read(octets)
    assert mail["Subject"] == subject
    assert [n for n in mail if n not in ("Content-Type", "Content-Transfer-Encoding")] == [
        "Subject", "From", "To", "Reply-To", "Date", "Message-ID",
    ]  # fmt: skip


@given(NASTY)
def test_a_file_name_is_carried_whole_or_refused(name: str) -> None:
    octets = unless_refused(lambda: inner("s", "t", Attachment(name, "application/json", b"{}")), name)
    if octets is None:
        return
    found = list(read(octets).iter_attachments())
    assert [p.get_filename() for p in found] == [name]


@pytest.mark.parametrize(
    "odd", ["a\r\nBcc: x@evil.example", "a\nb", "a\vb", "a\u2028b", "a\u202eb", "a\x85b", "a\0b"]
)
def test_what_breaks_or_disguises_a_header_is_refused(odd: str) -> None:
    for make in (lambda: inner(odd), lambda: outer(subject=odd), lambda: outer(from_name=odd), lambda: outer(to=odd)):
        with pytest.raises(MessageRefused) as refused:
            make()
        assert "evil" not in str(refused.value)


@pytest.mark.parametrize(
    "file",
    [
        Attachment("../../etc/passwd", "text/plain", b""),
        Attachment(".profile", "text/plain", b""),
        Attachment("", "text/plain", b""),
        Attachment("a.json", "text/plain\r\nX: y", b""),
        Attachment("a.eml", "message/rfc822", b""),
    ],
)
def test_a_file_that_is_not_plainly_one_is_refused(file: Attachment) -> None:
    with pytest.raises(MessageRefused):
        inner("s", "t", file)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(MessageRefused, match="Date"):
        outer(date=datetime(2026, 11, 23, 10, 0))  # noqa: DTZ001
