"""Delivery reports: what a mail system says became of a message: failed, delayed, delivered, or complained about.

The standard form first (RFC 3464, RFC 5965); the dozens of odd ones by flufl.bounce, and only for mail that looks
like a machine's, for it raises on some mails and takes a person's reply for a bounce on others. Total: odd mail is
None.
"""

from __future__ import annotations

import email.errors
import email.header
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message

from mailflow import bounce_words

LARGEST = 2 * 1024 * 1024  # octets: a report quotes a message at most once; larger is not read as one
LONGEST_HEADER = 2_000  # characters of a subject or sender: further in, no machine says what it is
MOST_PARTS = 500  # boundary lines, its quoted message's among them: more is no report, and slow to read
_ADDRESS_PREFIX = re.compile(r"^\s*(rfc822|utf-8|x-\S*|[a-z-]+)\s*;\s*", re.IGNORECASE)
_ACTIONS = {"failed": "failed", "delayed": "delayed", "delivered": "delivered", "relayed": "delivered",
            "expanded": "delivered"}  # fmt: skip
_ORDER = ("failed", "delayed", "delivered")  # of several recipients the worst is told
_FIELD = re.compile(
    r"^[ \t>]*(original-recipient|final-recipient|action|status|diagnostic-code)[ \t]*:[ \t]*(.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_FOLD = re.compile(r"\r?\n[ \t]+(?!(?:original-recipient|final-recipient|action|status)[ \t]*:)", re.IGNORECASE)
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_DAEMON = re.compile(r"mailer-?daemon\b|mail-daemon\b|mail delivery (sub)?system", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"^\s*message-id\s*:\s*<([^>\s]{1,200})>", re.IGNORECASE | re.MULTILINE)
_MACHINE_FROM = re.compile(
    r"mailer-daemon|post_?master|mail delivery|maildelivery|mdaemon|mail-daemon|microsoftexchange|bounce",
    re.IGNORECASE,
)
_MACHINE_SUBJECT = re.compile(
    r"undeliver|deliver(y|ed)? (status|failure|fail|has failed|notification|problem|error)|returned (mail|to sender)"
    r"|failure notice|mail (delivery )?fail|non remis|unzustellbar|nicht zugestellt|could not be delivered"
    r"|delivery fail"
    r"|non-?delivery|メールエラー|エラー通知|配信エラー|配送エラー|送信エラー|退信|системы доставки"
    r"|error sending your mail|delivery has failed|zustellung|no se puede entregar|entrega fall|mancata consegna"
    r"|niet bezorgd|échec de (la )?remise|warning: (message|could not)|mail system error|message status"
    r"|returning message|nondeliverable",
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
        found = _standard(mail) or _notification(mail) or _by_habit(mail)
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
    if part.get_content_type() == "message/delivery-status":
        yield from status_fields(bounce_words.text_of(part))


def status_fields(text: str) -> Iterator[ReportedRecipient]:
    """The recipients of per-recipient fields (RFC 3464 2.3), also where they stand in a text or without the blank
    line between them."""
    group: dict[str, str] = {}
    for name, value in (*_FIELD.findall(_FOLD.sub(" ", text[: bounce_words.LONGEST])), ("", "")):
        known = name.lower()
        if known in group or not known:  # a field for the second time begins the next recipient
            yield from _one(group)
            group = {}
        group[known] = value.strip()


def _one(group: dict[str, str]) -> Iterator[ReportedRecipient]:
    address = _address(group.get("final-recipient", "")) or _address(group.get("original-recipient", ""))
    said, found = group.get("action", "").partition(" ")[0].lower(), _STATUS.search(group.get("status", ""))
    status = found[1] if found else ""
    if address and (said or status):
        action = _ACTIONS.get(said) or _by_status(status)
        yield ReportedRecipient(address, action, status, group.get("diagnostic-code", "")[:400])


def _address(value: str) -> str:
    """The address of a typed one; none for X.400 and the like, which nobody here wrote to."""
    plain = _ADDRESS_PREFIX.sub("", value).strip(" <>").lower()
    return plain if re.fullmatch(r"[^\s@/;]+@[^\s@.]+\.[^\s@]+", plain) else ""


def _by_status(status: str) -> str:
    return {"2": "delivered", "4": "delayed"}.get(status[:1], "failed")


def _worst(recipients: tuple[ReportedRecipient, ...]) -> str:
    return next(kind for kind in _ORDER if any(r.action == kind for r in recipients))


def _notification(mail: Message) -> Report | None:
    """Amazon SES tells of bounces, complaints and deliveries as JSON, by mail too when asked to."""
    text = "" if mail.is_multipart() else bounce_words.text_of(mail).lstrip()
    if not text.startswith("{") or '"notificationType"' not in text[:2000]:
        return None
    said, _ = json.JSONDecoder().raw_decode(text)
    kind = str(said.get("notificationType", ""))
    if kind == "Complaint":
        return Report("feedback")
    about = said.get("bounce") or {}
    action = "delivered" if kind == "Delivery" else "delayed" if about.get("bounceType") == "Transient" else "failed"
    told = about.get("bouncedRecipients") or [{"emailAddress": a} for a in said["delivery"]["recipients"]]
    recipients = tuple(
        ReportedRecipient(
            str(one["emailAddress"]).lower(), action, str(one.get("status", "")), str(one.get("diagnosticCode", ""))
        )
        for one in told
    )
    return Report(action, recipients)


def _by_habit(mail: Message) -> Report | None:
    if not _looks_automatic(mail):
        return None
    from flufl.bounce import all_failures

    text = "\n".join(bounce_words.own_lines(mail))
    recipients = tuple(dict.fromkeys(status_fields(text)))
    if not recipients:
        temporary, permanent = ({_plain(a) for a in found} for found in all_failures(mail))
        recipients = tuple(
            ReportedRecipient(a, "failed" if a in permanent else "delayed")
            for a in sorted(_not_aside(mail, temporary | permanent))
        )
    if not recipients:
        recipients = tuple(
            ReportedRecipient(address, action, _code(reason), reason)
            for address, action, reason in bounce_words.failures(mail)
        )
    return Report(_worst(recipients), recipients) if recipients else None


def _plain(address: object) -> str:
    return (address.decode("ascii", "replace") if isinstance(address, bytes) else str(address)).lower()


def _not_aside(mail: Message, found: set[str]) -> set[str]:
    """Without whom the report is to, and without message ids, when somebody else is left."""
    ids = {one.lower() for one in _MESSAGE_ID.findall("\n".join(bounce_words.texts(mail)))}
    own = "\n".join(bounce_words.own_lines(mail)).lower()
    left = found - ids - bounce_words.others(mail)
    return {address for address in left if address in own} or left or found


def _code(reason: str) -> str:
    found = _STATUS.search(reason)
    return found[1] if found else ""


def _looks_automatic(mail: Message) -> bool:
    if mail.get_content_type() == "multipart/report" or mail.get("X-Failed-Recipients"):
        return True
    sender = str(mail.get("From", ""))[:LONGEST_HEADER]
    if _DAEMON.search(sender) or (_MACHINE_FROM.search(sender) and not mail.get("In-Reply-To")):
        return True
    subject = _decoded(str(mail.get("Subject", ""))[:LONGEST_HEADER])
    if _FORWARDED.match(subject):
        return False
    if str(mail.get("Return-Path", "")).strip() == "<>":
        return True
    return bool(_MACHINE_SUBJECT.search(subject)) and not mail.get("In-Reply-To")


def _decoded(subject: str) -> str:
    try:
        return str(email.header.make_header(email.header.decode_header(subject)))
    except (LookupError, ValueError, UnicodeError, email.errors.HeaderParseError):
        return subject


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
