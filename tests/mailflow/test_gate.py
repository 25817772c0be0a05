"""The gate against messages that a mistake elsewhere might have made."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from exchange.case.sealed import PublicNotice, Sealed, TlsOnly
from mailflow import gate
from mailflow.compose import Attachment, attached, invitation, message_id, outer_headers, plain_message
from mailflow.gate import Expected, GatePassed, GateStopped, check
from mailflow.pgp_mime import wrap

THEM, OTHER, KEY = "police@agency.example", "health@other.example", "0123456789ABCDEF"
ARMOR = b"-----BEGIN PGP MESSAGE-----\r\n\r\nhF4DAAAA\r\n=abcd\r\n-----END PGP MESSAGE-----\r\n"
EXPECTED = Expected(THEM, frozenset({KEY, "F" * 16}), frozenset({OTHER}))
READABLE = Expected(THEM, None, frozenset({OTHER}))
ICS = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Discussion\r\nEND:VCALENDAR\r\n"


def headers(**more: object) -> list[tuple[str, str]]:
    values: dict[str, object] = {
        "from_address": "referrals@hub.example", "from_name": "Northmoor Hub", "to": THEM,
        "reply_to": "r.k3x@hub.example", "message_id": message_id("hub.example", "k"),
        "date": datetime(2026, 11, 23, tzinfo=UTC), "subject": "Message MASH-7K2F-9QXD for your team",
        "automatic": True, "autocrypt": "mDME" * 60, **more,
    }  # fmt: skip
    return outer_headers(**values)  # type: ignore[arg-type]


GOOD = wrap(headers(), ARMOR)


def keys(*ids: str) -> gate.KeyIds:
    return lambda armored: ids if armored == ARMOR else ()


def look(message: bytes, to: str = THEM, expected: Expected = EXPECTED, *ids: str) -> str:
    found = check(Sealed(message, "A" * 40, to), expected, keys(*(ids or (KEY,))))
    return found.why if isinstance(found, GateStopped) else "passed"


def test_a_sealed_message_for_its_mailbox_passes() -> None:
    assert look(GOOD) == "passed"
    assert look(GOOD, THEM, EXPECTED, KEY.lower()) == "passed"


def test_readable_messages_pass_where_nothing_sealed_was_frozen() -> None:
    notice = plain_message(headers(), "There is news for you. Café.\n")
    assert check(PublicNotice(notice, THEM), READABLE, keys()) == GatePassed()
    assert check(TlsOnly(notice, THEM), READABLE, keys()) == GatePassed()
    invite = invitation(headers(subject="Strategy discussion SH-2026-0412, 24 November 2026 at 10:00"), "At 10.", ICS)
    assert check(PublicNotice(invite, THEM), READABLE, keys()) == GatePassed()


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (b"To: police@", b"To: police@agency.example, police@", "recipient"),
        (b"To: police@", b"To: Police@", "recipient"),
        (b"To: police@", b"To: evil@", "recipient"),
        (b"Subject: ", b"Cc: evil@evil.example\r\nSubject: ", "header_not_allowed"),
        (b"Subject: ", b"Bcc: evil@evil.example\r\nSubject: ", "header_not_allowed"),
        (b"Subject: ", b"X-Case: Zoe\r\nSubject: ", "header_not_allowed"),
        (b"Subject: ", b"To: evil@evil.example\r\nSubject: ", "header_twice"),
        (b"Subject: ", b"no colon here\r\nSubject: ", "header_unreadable"),
        (b"Date: ", b"References: ", "header_missing"),
        (b"for your team", b"about Zoe Smith", "subject_not_quiet"),
        (b"for your team", b"SMITH-JONES", "subject_not_quiet"),
        (b"for your team", b"=?utf-8?q?Zoe?=", "subject_not_quiet"),
        (b"for your team", b"for your team " * 9, "subject_not_quiet"),
        (b"Northmoor Hub", b'"HEALTH@other.example"', "names_another"),
        (b"multipart/encrypted", b"multipart/mixed", "content_type"),
        (b'protocol="application/pgp-encrypted"', b'x="y"', "content_type"),
        (b"\r\nVersion: 1\r\n", b"\r\nZoe Smith, aged 7\r\n", "structure"),
        (b"Content-Type: application/octet-stream", b"Content-Type: text/plain", "structure"),
        (b"-----BEGIN PGP", b"Zoe Smith\r\n-----BEGIN PGP", "structure"),
        (b"-----END PGP MESSAGE-----", b"-----END PGP MESSAGE-----\r\nZoe Smith", "structure"),
        (b"=abcd", b"Zoe Smith!", "structure"),
        (b"Content-Type: application/octet-stream;", b"X-Type: application/octet-stream;", "structure"),
        (b"\r\n\r\n--sealed-", b"\r\n\r\nZoe Smith\r\n--sealed-", "structure"),
        (b"Version: 1\r\n", b"Version: 1\n", "bare_line_end"),
        (b"Version: 1", b"Version: 1\r", "bare_line_end"),
        (b"Version: 1", b"Version: 1\0", "not_ascii"),
        (b"Northmoor", "Nörthmoor".encode(), "not_ascii"),
    ],
)
def test_one_wrong_thing_stops_it(before: bytes, after: bytes, why: str) -> None:
    assert before in GOOD
    assert look(GOOD.replace(before, after, 1)) == why


ATTACHED = attached(headers(), "Open the file message.eml.pgp. Café.\n", ARMOR)
AS_FILE = replace(EXPECTED, form="attached")


def test_one_sealed_file_beside_a_text_passes_where_that_form_was_frozen() -> None:
    assert look(ATTACHED, THEM, AS_FILE) == "passed"
    of_engine = ARMOR.replace(b"\r\n", b"\n")  # Sequoia ends lines so
    assert attached(headers(), "Open the file message.eml.pgp. Café.\n", of_engine) == ATTACHED
    assert look(ATTACHED, THEM, AS_FILE, "A" * 16) == "key_ids"
    assert look(ATTACHED) == "content_type"
    assert look(GOOD, THEM, AS_FILE) == "content_type"


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (attached(headers(), "Read it.\n", b"Zoe Smith, aged 7\r\n"), "structure"),
        (attached(headers(), "Read it.\n", ARMOR + b"Zoe Smith\r\n"), "structure"),
        (attached(headers(), f"Like {OTHER} you open the file. Café.\n", ARMOR), "names_another"),
        (attached(headers(), "Zoe Smith, aged 7. " * 200, ARMOR), "structure"),
        (attached(headers(), ARMOR.decode(), ARMOR), "structure"),
        (ATTACHED.replace(b"Content-Type: text/plain", b"Content-Type: text/html", 1), "structure"),
        (ATTACHED.replace(b"application/octet-stream", b"application/pdf", 1), "structure"),
        (ATTACHED + b"Zoe Smith\r\n", "structure"),
        (plain_message(headers(), "Read it.\n"), "content_type"),
        (plain_message(headers(), "Read it.\n", [Attachment("a.pgp", "application/octet-stream", ARMOR)] * 2),
         "structure"),
    ],
)  # fmt: skip
def test_a_sealed_file_with_anything_else_is_stopped(message: bytes, why: str) -> None:
    assert look(message, THEM, AS_FILE) == why


def test_what_is_readable_goes_over_tls_where_that_is_agreed_and_may_say_what_it_must() -> None:
    packet = plain_message(
        headers(), f"The referrer is {OTHER}.\n", [Attachment("p.pdf", "application/pdf", b"%PDF")]
    )
    assert check(TlsOnly(packet, THEM), READABLE, keys()) == GatePassed()
    assert check(TlsOnly(packet, THEM), replace(READABLE, tls=False), keys()) == GateStopped("no_evidence")
    assert check(PublicNotice(packet, THEM), READABLE, keys()) == GateStopped("names_another")
    assert check(TlsOnly(plain_message(headers(reply_to=OTHER), "x"), THEM), READABLE, keys()) == GateStopped(
        "names_another"
    )


def test_a_third_part_or_words_after_the_last_stop_it() -> None:
    end = GOOD[GOOD.rindex(b"\r\n--sealed-") :]
    third = end.removesuffix(b"--\r\n") + b"\r\nContent-Type: text/plain\r\n\r\nZoe"
    assert look(GOOD.removesuffix(end) + third + end) == "structure"
    assert look(GOOD + b"Zoe Smith\r\n") == "structure"
    assert look(GOOD.removesuffix(b"\r\n")) == "bare_line_end"


def test_another_mailbox_than_the_frozen_one_is_stopped() -> None:
    assert look(GOOD, OTHER) == "recipient"
    assert look(GOOD, THEM, Expected(OTHER, EXPECTED.key_ids)) == "recipient"
    assert look(wrap(headers(to=OTHER), ARMOR)) == "recipient"


def test_only_the_frozen_keys_may_open_it() -> None:
    assert look(GOOD, THEM, EXPECTED, "A" * 16) == "key_ids"
    assert look(GOOD, THEM, EXPECTED, KEY, "A" * 16) == "key_ids"  # one ciphertext for two is never ours
    assert look(GOOD, THEM, EXPECTED, "0" * 16) == "key_ids"
    found = check(Sealed(GOOD, "A" * 40, THEM), EXPECTED, keys())
    assert found == GateStopped("key_ids")


def test_what_the_packet_reader_cannot_read_is_stopped() -> None:
    def broken(_: bytes) -> tuple[str, ...]:
        raise RuntimeError

    assert check(Sealed(GOOD, "A" * 40, THEM), EXPECTED, broken) == GateStopped("key_ids_unreadable")


def test_what_was_frozen_as_sealed_never_goes_readable() -> None:
    notice = plain_message(headers(), "Zoe Smith, aged 7.\n")
    assert check(PublicNotice(notice, THEM), EXPECTED, keys()) == GateStopped("not_sealed")
    assert check(TlsOnly(notice, THEM), EXPECTED, keys()) == GateStopped("not_sealed")
    assert look(notice) == "content_type"
    assert look(GOOD, THEM, READABLE) == "sealed_unasked"
    assert check(PublicNotice(GOOD, THEM), READABLE, keys()) == GateStopped("content_type")


@pytest.mark.parametrize("text", [f"Also told: {OTHER}\n", f"Café, {OTHER.upper()}\n", f"é{'x' * 60} {OTHER}\n"])
def test_a_readable_message_names_no_other_party(text: str) -> None:
    assert check(PublicNotice(plain_message(headers(), text), THEM), READABLE, keys()) == GateStopped("names_another")
    ics = ICS.replace(b"Discussion", f"Café\r\nATTENDEE:mailto:{OTHER}".encode())
    message = invitation(headers(), "x", ics)
    assert check(PublicNotice(message, THEM), READABLE, keys()) == GateStopped("names_another")


def test_broken_base64_is_not_looked_past() -> None:
    message = invitation(headers(), "x", "é".encode() + ICS.replace(b"Discussion", b"D" * 11))
    broken = message.replace(b"=\r\n", b"\r\n").replace(b"=\r\n", b"\r\n")
    assert broken != message
    assert check(PublicNotice(broken, THEM), READABLE, keys()) == GateStopped("structure")


def test_the_gate_shares_nothing_with_what_it_checks() -> None:
    source = Path(gate.__file__).read_text()
    assert "mailflow" not in source.replace("mailflow/", "")
