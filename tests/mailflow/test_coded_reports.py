"""Delivery reports in RFC 6533's form, or whose fields were encoded on their way, are read as any other."""

from __future__ import annotations

import base64
import quopri

import pytest

from mailflow.delivery_report import Report, ReportedRecipient, read_report

FIELDS = """Reporting-MTA: dns; mx.health.example

Final-Recipient: %b
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 no =such=20 user

Final-Recipient: rfc822; second@health.example
Action: delayed
Status: 4.4.1
""".replace("%b", "rfc822; duty@health.example")


def report(kind: str, fields: str, coding: str = "8bit", returned: str = "message/rfc822") -> bytes:
    return f"""Return-Path: <>
From: postmaster@health.example
To: referrals@hub.example
Subject: Undeliverable: x
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

x
--b
Content-Type: {kind}
Content-Transfer-Encoding: {coding}

{fields}
--b
Content-Type: {returned}

From: referrals@hub.example
Message-ID: <one@hub.example>

--b--
""".encode()


FIRST = ReportedRecipient("duty@health.example", "failed", "5.1.1", "smtp; 550 no =such=20 user")
SECOND = ReportedRecipient("second@health.example", "delayed", "4.4.1", timed_out=False)
GLOBAL = FIELDS.replace("rfc822; duty", "utf-8; duty")


@pytest.mark.parametrize(
    "raw",
    [
        report("message/delivery-status", FIELDS),
        report("message/delivery-status", base64.encodebytes(FIELDS.encode()).decode(), "base64"),
        report("message/delivery-status", quopri.encodestring(FIELDS.encode()).decode(), "quoted-printable"),
        report("message/global-delivery-status", GLOBAL, returned="message/global-headers"),
        report("message/global-delivery-status", base64.encodebytes(GLOBAL.encode()).decode(), "base64"),
    ],
    ids=["plain", "base64", "quoted-printable", "RFC 6533", "RFC 6533 in base64"],
)
def test_its_recipients_status_and_reason_are_read(raw: bytes) -> None:
    assert read_report(raw) == Report("failed", (FIRST, SECOND), "<one@hub.example>")


REASON = (
    "smtp; 550 Empfänger „Jürgen“ unbekannt, 找不到收件人, and so forth, with a line that has to be broken somewhere"
)
ABROAD = f"""Reporting-MTA: dns; mx.health.example

Original-Recipient: utf-8; jos\\x{{E9}}@health.example
Final-Recipient: utf-8; josé@médecin.example
Action: failed
Status: 5.1.1
Diagnostic-Code: {REASON}
"""


@pytest.mark.parametrize("kind", ["message/delivery-status", "message/global-delivery-status"])
@pytest.mark.parametrize("coding", ["8bit", "base64", "quoted-printable"])
def test_what_stands_there_in_utf_8_is_read_as_it_is(kind: str, coding: str) -> None:
    coded = {
        "8bit": ABROAD, "base64": base64.encodebytes(ABROAD.encode()).decode(),
        "quoted-printable": quopri.encodestring(ABROAD.encode()).decode(),
    }[coding]  # fmt: skip
    found = read_report(report(kind, coded, coding))
    assert found
    (one,) = found.recipients
    assert (one.address, one.original) == ("josé@médecin.example", "josé@health.example")
    assert (one.status, one.diagnostic) == ("5.1.1", REASON)


def test_an_address_in_ascii_is_of_the_characters_that_it_names_and_of_no_others() -> None:
    for written, meant in (
        (r"a\x{1f600}b", "a😀b"),
        (r"a\x{d800}b", r"a\x{d800}b"),
        (r"a\x{110000}b", r"a\x{110000}b"),
    ):
        for kind, expected in (("utf-8", meant), ("rfc822", written)):
            fields = f"Final-Recipient: {kind}; {written}@health.example\nAction: failed\nStatus: 5.1.1\n"
            found = read_report(report("message/global-delivery-status", f"Reporting-MTA: dns; x\n\n{fields}"))
            assert found
            assert found.recipients[0].address == f"{expected}@health.example"


def test_a_relay_that_says_for_how_long_it_goes_on_has_not_given_up() -> None:
    raw = """From: Mail Delivery Subsystem <mailer-daemon@googlemail.example>
To: referrals@hub.example
Subject: Delivery Status Notification (Delay)

** Delivery incomplete **

There was a temporary problem delivering your message to duty@health.example. The relay will retry for 47 more hours.
You'll be notified if the delivery fails permanently."""
    found = read_report(raw.encode())
    assert found
    assert [(one.address, one.action) for one in found.recipients] == [("duty@health.example", "delayed")]
    given_up = raw.replace("will retry for 47 more hours", "gave up: a permanent error").replace("Delay", "Failure")
    told = read_report(given_up.encode())
    assert told
    assert told.kind == "failed"
