"""Mail that others wrote, of some sixty mail systems, is read as its labels say: reports, absences, people's own."""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from mailflow.auto_reply import is_automatic
from mailflow.delivery_report import Report, read_report
from mailflow.disposition import is_read_receipt
from mailflow.mime import ParsedMail, read

CORPUS = Path(os.environ.get("EXCHANGE_MAIL_CORPUS", Path(__file__).parents[3] / "shared" / "mail"))
LABELS = CORPUS / "bounces" / "expected.tsv"
REPORTS = ("failed", "delayed", "delivered", "feedback")
LEAST = 0.90  # of labelled reports: recipient and class both right; the best peer reaches 0.78 out of sample
MOST_TAKEN_FOR_AUTOMATIC = 0  # of people's mail
PEOPLE = ("mime", "openpgp/schleuder/mails")  # mail of people, and of lists

# What these tests look at where the corpus is not: one of each kind, of our own.
BOUNCED = b"""Return-Path: <>
From: MAILER-DAEMON@relay.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

It could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; duty@health.example
Action: %b
Status: %b
--b--
"""
COMPLAINT = b"""From: feedback@relay.example
Content-Type: multipart/report; report-type=feedback-report; boundary=b

--b

This is a complaint.
--b
Content-Type: message/feedback-report

Feedback-Type: abuse
--b--
"""
AWAY = b"From: duty@health.example\nSubject: Away\nAuto-Submitted: auto-replied\n\nReceived. I am away.\n"
HUMAN = b"From: ann.lee@health.example\nSubject: Re: Message\nIn-Reply-To: <one@hub.example>\n\nWe accept.\n"


@dataclass
class Sample:
    """A mail, and what its readers say of it."""

    name: str
    raw: bytes = field(repr=False)
    told: set[tuple[str, str]]  # recipient, kind

    @property
    def kinds(self) -> set[str]:
        return {kind for _, kind in self.told}


OURS = [
    Sample("bounced", BOUNCED % (b"failed", b"5.1.1"), {("duty@health.example", "failed")}),
    Sample("delayed", BOUNCED % (b"delayed", b"4.4.1"), {("duty@health.example", "delayed")}),
    Sample("delivered", BOUNCED % (b"delivered", b"2.0.0"), {("duty@health.example", "delivered")}),
    Sample("complaint", COMPLAINT, {("duty@health.example", "feedback")}),
    Sample("away", AWAY, {("duty@health.example", "vacation")}),
    Sample("human", HUMAN, {("", "none")}),
]


def labelled() -> list[Sample]:
    if not LABELS.is_file():
        return OURS
    told: dict[str, set[tuple[str, str]]] = defaultdict(set)
    with LABELS.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows, delimiter="\t"):
            told[row["file"]].add((row["recipient"].lower(), row["kind"]))
    return [Sample(name, (CORPUS / name).read_bytes(), labels) for name, labels in told.items()]


def of_people() -> list[Sample]:
    found = [path for folder in PEOPLE for path in sorted((CORPUS / folder).glob("**/*")) if path.is_file()]
    mails = [Sample(str(path.relative_to(CORPUS)), path.read_bytes(), {("", "none")}) for path in found]
    return mails or [sample for sample in OURS if sample.name == "human"]


LABELLED, OF_PEOPLE = labelled(), of_people()


def is_right(report: Report | None, sample: Sample) -> bool:
    """Class and every recipient; who complained is hidden by most complaints, and nothing depends on it."""
    if report is None or report.kind not in sample.kinds:
        return False
    wanted = {(who, kind) for who, kind in sample.told if kind in REPORTS and kind != "feedback"}
    return wanted <= {(one.address, one.action) for one in report.recipients}


def looks_automatic(mail: ParsedMail) -> bool:
    """As the mailroom asks; these mails kept their envelope's sender in a header, if at all."""
    mail_from = mail.header("return-path") or "somebody@somewhere.example"
    return is_automatic(mail.headers, mail_from, mail.subject, mail.text) is not None


def test_nine_of_ten_reports_are_read_right_without_a_token_of_ours() -> None:
    asked = [sample for sample in LABELLED if sample.kinds & set(REPORTS)]
    right = [sample for sample in asked if is_right(read_report(sample.raw), sample)]
    known = [sample for sample in asked if read_report(sample.raw) is not None]
    print(  # noqa: T201 - the score, shown by pytest -s
        f"\nreports: recipient and class right {len(right)} of {len(asked)} ({len(right) / len(asked):.1%}), "
        f"known for reports {len(known) / len(asked):.1%}"
    )
    assert len(asked) >= 4
    assert len(right) >= LEAST * len(asked)


def test_every_absence_notice_is_known_for_one_and_for_no_report() -> None:
    asked = [sample for sample in LABELLED if sample.kinds == {"vacation"}]
    assert asked
    for sample in asked:
        assert read_report(sample.raw) is None, sample.name
        assert looks_automatic(read(sample.raw)), sample.name


def test_no_mail_is_too_odd_to_be_read() -> None:
    for sample in (*LABELLED, *OF_PEOPLE):
        assert read(sample.raw).unreadable != "unexpected", sample.name


def test_peoples_mail_is_taken_for_no_machines() -> None:
    """But for the examples of reports that stand among it."""
    mails = [(sample.name, read(sample.raw)) for sample in OF_PEOPLE if b"multipart/report" not in sample.raw]
    taken = [name for name, mail in mails if looks_automatic(mail)]
    receipts = [name for name, mail in mails if is_read_receipt(mail)]
    print(f"\npeople's mail: {len(taken)} of {len(mails)} taken for automatic: {taken}")  # noqa: T201
    assert mails
    assert len(taken) <= MOST_TAKEN_FOR_AUTOMATIC
    assert receipts == []


def test_peoples_mail_is_taken_for_no_report() -> None:
    """But for the examples of delivery reports that stand among it."""
    reports = [
        sample.name for sample in OF_PEOPLE if b"delivery-status" not in sample.raw and read_report(sample.raw)
    ]
    assert reports == []
