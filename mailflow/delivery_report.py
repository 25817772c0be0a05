"""Delivery reports: what a mail system says became of a message: failed, delayed, delivered, or complained about.

The standard form first (RFC 3464, RFC 5965); the dozens of odd ones by flufl.bounce, and only for mail that looks
like a machine's, for it raises on some mails and takes a person's reply for a bounce on others. Total: odd mail is
None.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message

LARGEST = 2 * 1024 * 1024  # octets: a report quotes a message at most once; larger is not read as one
MOST_PARTS = 500  # boundary lines, its quoted message's among them: more is no report, and slow to read
_ADDRESS_PREFIX = re.compile(r"^\s*(rfc822|utf-8|x-\S*|[a-z-]+)\s*;\s*", re.IGNORECASE)
_ACTIONS = {"failed": "failed", "delayed": "delayed", "delivered": "delivered", "relayed": "delivered",
            "expanded": "delivered"}  # fmt: skip
_ORDER = ("failed", "delayed", "delivered")  # of several recipients the worst is told
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_MACHINE_FROM = re.compile(
    r"mailer-daemon|postmaster|mail delivery|maildelivery|mdaemon|mail-daemon|microsoftexchange|bounce", re.IGNORECASE
)
_MACHINE_SUBJECT = re.compile(
    r"undeliver|deliver(y|ed)? (status|failure|fail|has failed|notification|problem|error)|returned (mail|to sender)"
    r"|failure notice|mail (delivery )?fail|non remis|unzustellbar|nicht zugestellt|could not be delivered"
    r"|delivery fail"
    r"|warning: (message|could not)|mail system error|message status|returning message|nondeliverable",
    re.IGNORECASE,
)

_FORWARDED = re.compile(r"^\s*(re|aw|wg|sv|fwd?|tr|antw|vs)\s*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ReportedRecipient:
    """One recipient of a report."""

    address: str = field(repr=False)
    action: str  # failed | delayed | delivered
    status: str = ""  # RFC 3463, "5.1.1"
    diagnostic: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a message."""

    kind: str  # failed | delayed | delivered | feedback
    recipients: tuple[ReportedRecipient, ...] = ()
    original_message_id: str = ""


def read_report(raw: bytes) -> Report | None:
    """The report in a mail, or None when it is not one."""
    if len(raw) > LARGEST or raw.count(b"\n--") > MOST_PARTS:
        return None
    try:
        mail = email.message_from_bytes(raw)
        found = _standard(mail) or _by_habit(mail)
        return found and Report(found.kind, found.recipients, _original_id(mail))
    except Exception:  # noqa: BLE001 - the standard parser and flufl.bounce both raise on odd mail; none of it is ours
        return None


def _standard(mail: Message) -> Report | None:
    kinds = {part.get_content_type() for part in _own_parts(mail)}
    if "message/feedback-report" in kinds:
        return Report("feedback")
    recipients = tuple(r for part in _own_parts(mail) for r in _of_status(part))
    if not recipients:
        return None
    return Report(_worst(recipients), recipients)


def _own_parts(mail: Message) -> Iterator[Message]:
    """The parts of this mail, not of one attached to it: who forwards a report is no machine."""
    yield mail
    if mail.get_content_maintype() == "multipart":
        for part in _inside(mail):
            yield from _own_parts(part)


def _inside(part: Message) -> list[Message]:
    inside = part.get_payload()
    return [one for one in inside if isinstance(one, Message)] if isinstance(inside, list) else []


def _of_status(part: Message) -> Iterator[ReportedRecipient]:
    if part.get_content_type() != "message/delivery-status":
        return
    for block in _inside(part):
        action = _ACTIONS.get(str(block.get("Action", "")).strip().lower())
        address = str(block.get("Original-Recipient") or block.get("Final-Recipient") or "")
        if not address:
            continue
        final = str(block.get("Final-Recipient") or address)
        status = _STATUS.search(str(block.get("Status", "")))
        yield ReportedRecipient(
            _ADDRESS_PREFIX.sub("", final).strip(" <>").lower(),
            action or _by_status(status[1] if status else ""),
            status[1] if status else "",
            str(block.get("Diagnostic-Code", ""))[:400],
        )


def _by_status(status: str) -> str:
    return {"2": "delivered", "4": "delayed"}.get(status[:1], "failed")


def _worst(recipients: tuple[ReportedRecipient, ...]) -> str:
    return next(kind for kind in _ORDER if any(r.action == kind for r in recipients))


def _by_habit(mail: Message) -> Report | None:
    if not _looks_automatic(mail):
        return None
    from flufl.bounce import all_failures

    temporary, permanent = all_failures(mail)
    told = [(a, "failed") for a in permanent] + [(a, "delayed") for a in temporary if a not in permanent]
    recipients = tuple(
        ReportedRecipient(a.decode("ascii", "replace").lower() if isinstance(a, bytes) else str(a).lower(), action)
        for a, action in sorted(told, key=str)
    )
    return Report(_worst(recipients), recipients) if recipients else None


def _looks_automatic(mail: Message) -> bool:
    if mail.get_content_type() == "multipart/report" or mail.get("X-Failed-Recipients"):
        return True
    if _FORWARDED.match(str(mail.get("Subject", ""))):
        return False
    sender = str(mail.get("From", ""))
    if str(mail.get("Return-Path", "")).strip() == "<>" or _MACHINE_FROM.search(sender):
        return True
    return bool(_MACHINE_SUBJECT.search(str(mail.get("Subject", "")))) and not mail.get("In-Reply-To")


def _original_id(mail: Message) -> str:
    for part in mail.walk():
        if part.get_content_type() == "text/rfc822-headers":
            found = re.search(
                r"^message-id:\s*(<[^>\s]{1,200}>)", str(part.get_payload()), re.IGNORECASE | re.MULTILINE
            )
            if found:
                return found[1]
        if part is not mail and part.get("Message-ID") and not part.is_multipart():
            return str(part["Message-ID"]).strip()[:250]
    inner = [p for p in mail.walk() if p.get_content_type() == "message/rfc822"]
    for part in inner:
        for returned in _inside(part)[:1]:
            if returned.get("Message-ID"):
                return str(returned["Message-ID"]).strip()[:250]
    return ""
