"""What mail systems say became of a message is read in the standard form and their own, and never from a person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.delivery_report import LARGEST, MOST, MOST_PARTS, Report, ReportedRecipient, read_report

RETURNED = """--b
Content-Type: message/rfc822

From: hub@hub.example
To: duty@health.example
Message-ID: <one@hub.example>
Subject: Message MASH-7K2F for your team
Content-Type: text/plain

words
"""
HEADERS_ONLY = """--b
Content-Type: text/rfc822-headers

From: hub@hub.example
Message-ID:
 <one@hub.example>
Subject: Message MASH-7K2F for your team
"""


def dsn(
    *recipients: str, returned: str = RETURNED, words: str = "This is the mail system at host relay.example."
) -> str:
    status = "\n".join(f"{recipient.strip()}\n" for recipient in recipients)
    return f"""Return-Path: <>
From: MAILER-DAEMON@relay.example (Mail Delivery System)
To: b.7.abcdefghijklmnop@hub.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

{words}
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example
X-Postfix-Queue-ID: 4XyZ1234
Arrival-Date: Tue, 24 Nov 2026 09:02:00 +0000 (GMT)

{status}
{returned}--b--
"""


def told(mail: str) -> Report | None:
    """The report, asked for with the line ends of the wire and without: both come in, and both say the same."""
    wire, bare = read_report(mail.replace("\n", "\r\n").encode()), read_report(mail.encode())
    assert wire == bare
    return wire


POSTFIX = """Final-Recipient: rfc822; duty@health.example
Original-Recipient: rfc822;duty@health.example
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.health.example
Diagnostic-Code: smtp; 550 5.1.1 <duty@health.example>: Recipient address rejected: User unknown"""
POSTFIX_DELAY = """Final-Recipient: rfc822; duty@health.example
Action: delayed
Status: 4.4.1
Diagnostic-Code: X-Postfix; connect to mx.health.example[192.0.2.5]:25: Connection timed out
Will-Retry-Until: Sun, 29 Nov 2026 09:02:00 +0000 (GMT)"""
EXCHANGE = """Original-Recipient: rfc822;Duty@Health.example
Final-Recipient: rfc822;Duty.Desk@tenant.mail.example
Action: failed
Status: 5.7.133
Diagnostic-Code: smtp;550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup"""
DELIVERED = """Final-Recipient: RFC822; <duty@health.example>
Action: delivered (to the mailbox)
Status: 2.0.0"""


@pytest.mark.parametrize(
    ("status", "kind", "recipient"),
    [
        pytest.param(
            POSTFIX,
            "failed",
            ReportedRecipient(
                *("duty@health.example", "failed", "5.1.1"),
                "smtp; 550 5.1.1 <duty@health.example>: Recipient address rejected: User unknown",
            ),
            id="Postfix, failed",
        ),
        pytest.param(
            POSTFIX_DELAY,
            "delayed",
            ReportedRecipient(
                *("duty@health.example", "delayed", "4.4.1"),
                "X-Postfix; connect to mx.health.example[192.0.2.5]:25: Connection timed out",
            ),
            id="Postfix, delayed",
        ),
        pytest.param(
            EXCHANGE,
            "failed",
            ReportedRecipient(
                *("duty.desk@tenant.mail.example", "failed", "5.7.133"),
                "smtp;550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup",
                original="duty@health.example",
            ),
            id="Exchange, forwarded within",
        ),
        pytest.param(
            DELIVERED, "delivered", ReportedRecipient("duty@health.example", "delivered", "2.0.0"), id="no known word"
        ),
        pytest.param(
            "Final-Recipient: rfc822; duty@health.example\nAction: relayed\nStatus: 2.6.0",
            "delivered",
            ReportedRecipient("duty@health.example", "delivered", "2.6.0", handed_on=True),
            id="relayed to a server that reports nothing",
        ),
        pytest.param(
            "Final-Recipient: rfc822; duty@health.example\nAction: expanded",
            "delivered",
            ReportedRecipient("duty@health.example", "delivered", handed_on=True),
            id="expanded to a list, no status",
        ),
        pytest.param(
            "Original-Recipient: rfc822; duty@health.example\nStatus: 4.2.2 (mailbox full)",
            "delayed",
            ReportedRecipient("duty@health.example", "delayed", "4.2.2"),
            id="neither final recipient nor action",
        ),
        *(
            pytest.param(
                f"Final-Recipient: {form}; jos\\x{{E9}}\\x{{2B}}duty@health.example\nAction: failed\nStatus: 5.1.1",
                "failed",
                ReportedRecipient("josé+duty@health.example", "failed", "5.1.1"),
                id=form,
            )
            for form in ("utf-8", "utf-8-addr-xtext", "utf-8-addr-unitext", "UTF-8-Address")
        ),
        pytest.param(
            "Final-Recipient: duty@health.example\nStatus: no idea",
            "failed",
            ReportedRecipient("duty@health.example", "failed"),
            id="no address type, no status",
        ),
    ],
)
def test_a_standard_report_is_read(status: str, kind: str, recipient: ReportedRecipient) -> None:
    assert told(dsn(status)) == Report(kind, (recipient,), "<one@hub.example>")


def test_of_several_recipients_all_are_told_and_the_worst_first() -> None:
    report = told(dsn(DELIVERED, POSTFIX_DELAY, "Reporting-Note: nobody named here", POSTFIX))
    assert report is not None
    assert (report.kind, [r.action for r in report.recipients]) == ("failed", ["delivered", "delayed", "failed"])
    later = told(dsn(DELIVERED, POSTFIX_DELAY))
    assert later is not None
    assert later.kind == "delayed"


@pytest.mark.parametrize(
    ("returned", "original"),
    [
        pytest.param(RETURNED, "<one@hub.example>", id="the whole message"),
        pytest.param(HEADERS_ONLY, "<one@hub.example>", id="its headers"),
        pytest.param(
            RETURNED.replace("text/plain", "multipart/mixed; boundary=i").replace("words", "--i\n\nwords\n--i--"),
            "<one@hub.example>",
            id="the whole message, of several parts",
        ),
        pytest.param(RETURNED.replace("<one@", "<theirs@").replace("hub.ex", "other.ex"), "<theirs@other.example>",
                     id="somebody else's message"),
        pytest.param(HEADERS_ONLY.replace("Message-ID", "X-Other"), "", id="headers without an id"),
        pytest.param(
            RETURNED.replace("Message-ID", "X-Other").replace("text/plain", "multipart/mixed; boundary=i"),
            "",
            id="a message of several parts without an id",
        ),
        pytest.param("--b\nContent-Type: message/rfc822\n\n", "", id="an empty message"),
        pytest.param("", "", id="nothing returned"),
    ],
)  # fmt: skip
def test_the_message_that_it_is_about_is_named_where_it_came_back(returned: str, original: str) -> None:
    report = told(dsn(POSTFIX, returned=returned))
    assert report is not None
    assert report.original_message_id == original


def test_a_complaint_is_feedback() -> None:
    mail = dsn(POSTFIX).replace("message/delivery-status", "message/feedback-report")
    assert told(mail) == Report("feedback", (), "<one@hub.example>")


def test_a_long_diagnosis_is_cut_and_kept_out_of_logs() -> None:
    report = told(dsn(POSTFIX.replace("User unknown", "x" * 1000)))
    assert report is not None
    assert len(report.recipients[0].diagnostic) == 400
    assert "duty@" not in repr(report)
    assert "rejected" not in repr(report)


# -- the odd ones

EXIM = """Return-path: <>
X-Failed-Recipients: duty@health.example
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@relay.example>
To: b.7.abcdefghijklmnop@hub.example
Subject: Mail delivery failed: returning message to sender

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  duty@health.example
    SMTP error from remote mail server after RCPT TO:<duty@health.example>:
    550 5.1.1 User unknown

------ This is a copy of the message, including all the headers. ------
"""
QMAIL = """Return-Path: <>
From: MAILER-DAEMON@relay.example
To: b.7.abcdefghijklmnop@hub.example
Subject: failure notice

Hi. This is the qmail-send program at relay.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<duty@health.example>:
192.0.2.5 does not like recipient.
Remote host said: 550 no such user
"""
WARNING = """Return-Path: <>
From: Mail Delivery System <Mailer-Daemon@relay.example>
To: b.7.abcdefghijklmnop@hub.example
Subject: Warning: message 1Abc-0001 delayed 24 hours

This message was created automatically by mail delivery software.
A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue on relay.example.

The address to which the message has not yet been delivered is:

  duty@health.example

No action is required on your part. Delivery attempts will continue for
some time, and this warning may be repeated at intervals if the message
remains undelivered.
"""


RETRIED = """Return-Path: <>
From: MAILER-DAEMON@relay.example (Mail Delivery System)
To: b.7.abcdefghijklmnop@hub.example
Subject: Delayed Mail (still being retried)

This is the mail system at host relay.example.

Your message could not be delivered for more than 4 hour(s).
It will be retried until it is 5 day(s) old.

<duty@health.example>: connect to mx.health.example[192.0.2.5]:25:
    Connection timed out
"""


@pytest.mark.parametrize(
    ("mail", "action"),
    [
        pytest.param(EXIM, "failed", id="Exim"),
        pytest.param(QMAIL, "failed", id="qmail"),
        pytest.param(WARNING, "delayed", id="Exim, still trying"),
        pytest.param(RETRIED, "delayed", id="Postfix, still trying"),
        pytest.param(QMAIL.replace("Return-Path: <>", "X-A: b").replace("MAILER-DAEMON", "admin"), "failed",
                     id="qmail, known by its subject only"),
        pytest.param(QMAIL.replace("Return-Path: <>", "X-A: b").replace("failure notice", "x"), "failed",
                     id="qmail, known by its sender only"),
        pytest.param(QMAIL.replace("MAILER-DAEMON", "admin").replace("failure notice", "x"), "failed",
                     id="qmail, known by its return path only"),
        pytest.param(EXIM.replace("Return-path: <>", "X-A: b").replace("Mail Delivery System", "").replace(
            "Mailer-Daemon", "admin").replace("Mail delivery failed: returning message to sender", "x"), "failed",
                     id="Exim, known by its header only"),
    ],
)  # fmt: skip
def test_a_report_in_a_mail_systems_own_form_is_read(mail: str, action: str) -> None:
    report = told(mail)
    assert report is not None
    assert (report.kind, [(r.address, r.action) for r in report.recipients]) == (
        action,
        [("duty@health.example", action)],
    )


def test_a_report_in_words_says_why_and_about_which_message() -> None:
    report = told(f"{QMAIL}\n--- Below this line is a copy of the message.\n\nMessage-ID: <packet-2@hub.example>\n")
    assert report is not None
    assert report.original_message_id == "<packet-2@hub.example>"
    assert report.recipients[0].diagnostic == "192.0.2.5 does not like recipient. Remote host said: 550 no such user"
    with_status = told(QMAIL.replace("550 no such user", "no such user (#5.1.1)"))
    assert with_status is not None
    assert with_status.recipients[0].status == "5.1.1"
    assert with_status.original_message_id == ""


def test_a_report_whose_status_part_is_empty_is_looked_for_in_its_words() -> None:
    mail = dsn("X-Nothing: here", words=QMAIL.partition("\n\n")[2])
    report = told(mail)
    assert report is not None
    assert [r.address for r in report.recipients] == ["duty@health.example"]


# -- what is none

HUMAN = """From: Ann Lee <ann.lee@health.example>
To: l.7.abcdefghijklmnop@hub.example
Subject: Re: Undelivered Mail Returned to Sender
In-Reply-To: <one@hub.example>

I had a failure notice from you. The mailbox is fixed now, and we accept.

> Hi. This is the qmail-send program at relay.example.
> I'm afraid I wasn't able to deliver your message to the following addresses.
>
> <duty@health.example>:
> 550 no such user
"""


@pytest.mark.parametrize(
    "mail",
    [
        pytest.param(HUMAN, id="a person's reply that quotes one"),
        pytest.param(HUMAN.replace("> ", ""), id="a person's reply that quotes one without marks"),
        pytest.param(
            QMAIL.replace("Return-Path: <>\n", "").replace("MAILER-DAEMON", "ann.lee").replace("failure", "a"),
            id="a report's words under a person's name",
        ),
        pytest.param(
            "From: postmaster@health.example\nSubject: Accept\n\nWe accept.\n", id="a postmaster who writes"
        ),
        pytest.param(dsn("X-Nothing: here", returned=""), id="a report that names nobody"),
        pytest.param(
            "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\n\nRead.\n--b\n"
            "Content-Type: message/disposition-notification\n\nDisposition: displayed\n--b--\n",
            id="a read receipt",
        ),
        pytest.param("Content-Type: message/delivery-status\n\n", id="a status and nothing in it"),
        pytest.param("", id="nothing"),
    ],
)
def test_other_mail_is_no_report(mail: str) -> None:
    assert told(mail) is None


def test_what_makes_the_library_stumble_is_no_report() -> None:
    assert read_report(dsn("Action: failed").encode().replace(b"Action: failed", b"Action: \xe9chec")) is None


@pytest.mark.timeout(20)
def test_more_boundary_lines_than_a_report_has_are_not_looked_at() -> None:
    most = MOST_PARTS - dsn(POSTFIX).count("\n--")
    assert read_report(dsn(POSTFIX, words="--x\n" * most).encode()) is not None
    assert read_report(dsn(POSTFIX, words="--x\n" * (most + 1)).encode()) is None


def test_a_report_that_gives_back_a_large_message_is_read_as_far_as_it_reports() -> None:
    mail = dsn(POSTFIX).encode()
    assert read_report(mail + b"x" * 2 * LARGEST) == read_report(mail)
    assert read_report(b"x" * LARGEST + b"\r\n\r\n" + mail) is None


def test_of_a_report_about_a_hundred_thousand_the_first_hundred_are_told() -> None:
    one = "Final-Recipient: rfc822; a%d@b.example\nAction: failed\nStatus: 5.1.1\n"
    found = read_report(dsn("\n".join(one % n for n in range(100_000))).encode())
    assert found is not None
    assert (found.kind, len(found.recipients)) == ("failed", MOST)


SEEDS = [
    one.encode() for one in (dsn(POSTFIX, DELIVERED), dsn(EXCHANGE, returned=HEADERS_ONLY), EXIM, QMAIL, WARNING)
]


@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 9), st.binary(max_size=9)), max_size=5),
)
def test_no_report_is_too_odd(seed: bytes, edits: list[tuple[int, int, bytes]]) -> None:
    raw = seed
    for at, cut, new in edits:
        raw = raw[: at % len(seed)] + new + raw[at % len(seed) + cut :]
    report = read_report(raw)
    assert report is None or report.kind in ("failed", "delayed", "delivered", "feedback")


def test_a_person_who_sends_a_report_on_is_no_machine() -> None:
    report = (
        "Content-Type: multipart/report; boundary=r\n\n--r\n\nFailed.\n--r\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; x.example\n\nFinal-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 5.1.1\n\n"
        "--r--\n"
    )
    attached = (
        "From: ann@health.example\nSubject: what is this?\nContent-Type: multipart/mixed; boundary=m\n\n"
        f"--m\n\nPlease ring me.\n--m\nContent-Type: message/rfc822\n\n{report}\n--m--\n"
    )
    forwarded = "From: ann@health.example\nSubject: FW: Mail delivery failed\n\nA message that you sent could not be"
    forwarded += " delivered to one or more of its recipients. The following address(es) failed:\n\n  a@x.example\n"
    assert read_report(report.encode()) is not None
    assert read_report(attached.encode()) is None
    assert read_report(forwarded.encode()) is None


def test_whom_a_sentence_names_keeps_no_full_stop_and_a_returned_mail_is_no_reason() -> None:
    late = (
        "From: MAILER-DAEMON@relay.example\nSubject: Warning: message delayed\n\n"
        "Your message has not yet been delivered to: smith@police.example. No action is required on your part.\n"
    )
    delayed = told(late)
    assert delayed
    assert [one.address for one in delayed.recipients] == ["smith@police.example"]
    odd = (
        "From: MAILER-DAEMON@relay.example\nSubject: Undelivered\nContent-Type: multipart/report; boundary=b\n\n"
        "--b\n\nIt did not work.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.example\n\n"
        "Final-Recipient: rfc822; smith@police.example\nAction: fai led\nStatus: 5,1,1\n\n"
        "--b\nContent-Type: text/rfc822-headers\n\nTo: smith@police.example\nSubject: Message\n--b--\n"
    )
    failed = told(odd)
    assert failed
    assert [one.diagnostic for one in failed.recipients] == [""]
