"""Bounces in no standard form, as mail systems here and abroad write them; all people and hosts are made up."""

from __future__ import annotations

import email

import pytest

from mailflow.bounce_words import failures
from mailflow.delivery_report import read_report, status_fields

DAEMON = "From: Mail Delivery System <MAILER-DAEMON@relay.example>\nTo: referrals@hub.example\n"
RETURNED = """
--- Below this line is a copy of the message.

Return-Path: <referrals@hub.example>
Received: from hub.example by relay.example; Tue, 24 Nov 2026 10:00:00 +0000
To: original@health.example
From: referrals@hub.example

ring sue@street.example, the user is unknown to us
"""


def told(head: str, words: str, returned: str = RETURNED) -> list[tuple[str, str]]:
    report = read_report(f"{head}\n{words}{returned}".encode())
    return [(r.address, r.action) for r in report.recipients] if report else []


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("Failure Notice", "Sorry, we were unable to deliver your message to the following address.\n\n"
         "<duty@health.example>:\nRemote host said: 550 5.1.1 User Unknown"),
        ("Mail delivery failed", "There was an error delivering your mail to <duty@health.example>.\n\n"
         "mx.health.example did not like our RCPT TO:\n550 5.1.1 mailbox unavailable"),
        ("Delivery status notification: error", "An error has occurred while attempting to deliver a message for\n"
         "the following list of recipients:\n\nduty@health.example: 550 5.1.1 see http://support.relay.example/6596"),
        ("Undeliverable message", "------- Failure Reasons  --------\n\nUser not listed in directory\n"
         "duty@health.example"),
        ("Returned mail: Deferred", "   ----- Transcript of session follows -----\n"
         ">>> RCPT To:<duty@health.example>\n<<< 550 <duty@health.example>, User Unknown"),
        ("Unzustellbar", "Ihre Nachricht konnte nicht zugestellt werden an:\n\nduty@health.example\nunbekannt"),
        ("Non remis", "Votre message n'a pas pu être délivré à\n\nduty@health.example"),
        ("エラー通知", "以下のメールアドレスへの送信に失敗しました。送信できません\n\nduty@health.example"),
        ("Your mail", "For help contact <support@relay.example>\nIt could not be delivered to:\n"
         "  duty@health.example"),
    ],
)  # fmt: skip
def test_the_recipient_is_found_where_the_machine_says_so(subject: str, words: str) -> None:
    assert told(f"{DAEMON}Subject: {subject}\n", words) == [("duty@health.example", "failed")]


def test_still_trying_is_a_delay() -> None:
    words = "Your message has not yet been delivered to the following recipients:\n\nduty@health.example\n\n"
    assert told(f"{DAEMON}Subject: Warning\n", words + "Delivery attempts will continue to be made.") == [
        ("duty@health.example", "delayed")
    ]


def test_when_nobody_is_named_it_is_whoever_the_returned_message_was_to() -> None:
    assert told(
        f"{DAEMON}Subject: Undeliverable Message\n", "Error: No valid recipients. Could not be delivered"
    ) == [("original@health.example", "failed")]


def test_what_the_returned_message_says_is_not_the_machine_s_word() -> None:
    assert told(f"{DAEMON}Subject: Hello\n", "Thank you for your message.") == []


def test_whoever_is_asked_for_help_or_got_the_report_did_not_fail() -> None:
    words = "Delivery failed. Contact support@relay.example\nFrom: referrals@hub.example\nreferrals@hub.example"
    mail = email.message_from_string(f"{DAEMON}Subject: Failure\n\n{words}\n")
    assert failures(mail) == []


def test_a_person_who_writes_about_a_bounce_is_no_machine() -> None:
    head = "From: Ann Lee <ann.lee@health.example>\nTo: referrals@hub.example\nSubject: Re: Message\n"
    assert told(head, "duty@health.example could not be delivered, user unknown. Please use my address.") == []


HTML = """Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/html; charset=no-such-charset

<p>Delivery has failed to these recipients:</p><p><a href="mailto:duty@health.example">duty@health.example</a></p>
--b--
"""


def test_a_report_in_html_alone_is_read() -> None:
    mail = email.message_from_string(f"{DAEMON}Subject: Undeliverable\n{HTML}")
    assert [address for address, _, _ in failures(mail)] == ["duty@health.example"]


FIELDS = """
Final-Recipient: rfc822; duty@health.example
Action: failed
Status: 5.1.1 (no such mailbox)
Diagnostic-Code: smtp; 550
 no such user
Final-Recipient: x400; /S=night/OU=health/
Original-Recipient: rfc822;Night@Health.example
Action: delayed
Status: 4.4.7
Final-Recipient: rfc822; nobody
Action: failed
"""


def test_per_recipient_fields_are_read_without_the_blank_line_between_them() -> None:
    assert [(r.address, r.action, r.status, r.diagnostic) for r in status_fields(FIELDS)] == [
        ("duty@health.example", "failed", "5.1.1", "smtp; 550 no such user"),
        ("night@health.example", "delayed", "4.4.7", ""),
    ]


@pytest.mark.parametrize(
    ("json", "expected"),
    [
        ('{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bouncedRecipients":'
         '[{"emailAddress":"duty@health.example","status":"5.1.1"}]}}', ("failed", ["duty@health.example"])),
        ('{"notificationType":"Bounce","bounce":{"bounceType":"Transient","bouncedRecipients":'
         '[{"emailAddress":"duty@health.example"}]}}', ("delayed", ["duty@health.example"])),
        ('{"notificationType":"Delivery","delivery":{"recipients":["duty@health.example"]}}',
         ("delivered", ["duty@health.example"])),
        ('{"notificationType":"Complaint"}\n\n-- \nTo stop, go elsewhere', ("feedback", [])),
        ('{"notificationType":"Bounce"', None),
        ('{"something":"else"}', None),
    ],
)  # fmt: skip
def test_notifications_of_a_mail_service_are_reports(json: str, expected: tuple[str, list[str]] | None) -> None:
    report = read_report(f"From: no-reply@service.example\nSubject: Notification\n\n{json}".encode())
    assert (report and (report.kind, [r.address for r in report.recipients])) == expected
