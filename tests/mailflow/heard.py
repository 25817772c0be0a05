"""What the mailroom knows of one mail, made for a test, and whom it is about."""

from __future__ import annotations

from datetime import UTC, datetime

from mailflow.authenticity import Authenticity
from mailflow.auto_reply import is_automatic
from mailflow.delivery_report import read_report
from mailflow.disposition import is_read_receipt
from mailflow.evidence import Evidence
from mailflow.interpret import About
from mailflow.mime import read
from mailflow.parsed_mail import MeetingReply, ParsedMail

HEALTH = "health.example"
PIN, OTHER_PIN = "A" * 40, "B" * 40
UID = "sd.1@hub.example"
LEG = About("leg", (HEALTH,), frozenset({PIN}))
INVITEE = About("invitee", (HEALTH,), frozenset({PIN}), UID)
CONTACT, REFERRER, BOUNCE = About("contact"), About("referrer"), About("bounce")
STAMP = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def judged(domain: str = HEALTH) -> Authenticity:
    return Authenticity("pass", (), "pass", domain, domain)


PROVED, UNPROVED = judged(), Authenticity("pass", (), "fail", HEALTH, "")


def evidence(text: str = "", authenticity: Authenticity = PROVED, **more: object) -> Evidence:
    return Evidence(ParsedMail(text=text), authenticity, **more)  # type: ignore[arg-type]


def examined(raw: str, mail_from: str = "ann.lee@health.example", authenticity: Authenticity = PROVED) -> Evidence:
    """A whole mail, as the mailroom puts its evidence together."""
    octets = raw.replace("\n", "\r\n").encode()
    mail = read(octets)
    return Evidence(
        mail,
        authenticity,
        report=read_report(octets),
        read_receipt=is_read_receipt(mail),
        automatic=is_automatic(mail.headers, mail_from, mail.subject, mail.text) is not None,
        meetings=mail.meetings,
    )


def meeting(answer: str, attendee: str = "ann.lee@health.example", uid: str = UID, comment: str = "") -> MeetingReply:
    return MeetingReply("REPLY", uid, 0, attendee, answer, comment, STAMP)


REPLY = """From: Ann Lee <ann.lee@health.example>
To: l.7.abcdefghijklmnop@hub.example
Subject: {subject}
In-Reply-To: <one@hub.example>
{headers}Content-Type: text/plain; charset=utf-8

{words}

On 24/11/2026 09:02, Northmoor Safeguarding Hub wrote:
> Reply to this mail with one of these on the first line:
>     ACCEPT               we will act on it
>     DECLINE              and why
"""


def reply(words: str, subject: str = "Re: Message MASH-7K2F for your team", headers: str = "") -> str:
    return REPLY.format(words=words, subject=subject, headers=headers)


OUT_OF_OFFICE = reply("Received. I am on leave.", "Automatic reply: Message", "Auto-Submitted: auto-replied\n")
OLD_OUT_OF_OFFICE = reply("Accept my apologies, I am away.", "Out of Office: Message")
