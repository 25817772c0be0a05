"""Delivery reports: what a mail system says became of a message: failed, delayed, delivered, or complained about.

1. The standard form first (RFC 3464, RFC 5965); the dozens of odd ones by flufl.bounce and bounce_words.py, and only
   for mail that looks like a machine's: flufl.bounce raises on some mails, and takes a person's reply for a bounce.
2. What came to an address that only returned mail comes to needs no such look (`supposed`): which letter it is about
   is known, and its words say what became of it.
3. Total: odd mail is None.
"""

from __future__ import annotations

import email
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from email.message import Message

from mailflow import bounce_words, feedback_report, mail_system
from mailflow.parsed_mail import Report, ReportedRecipient
from mailflow.time_ran_out import ran_out

__all__ = ["Report", "ReportedRecipient", "read_both", "read_report", "supposed"]

LARGEST = 512 * 1024  # octets: what a report has to say stands before the message that it gives back
LINES = 10_000  # looked at: flufl.bounce tries some hundred patterns on each,
LINE_MAX = 1_000  # octets of one, for some of the patterns take quadratic time; RFC 5321 4.5.3.1.6 has 1,000
MOST = 100  # recipients of one report: a letter of ours has one
MOST_PARTS = 500  # boundary lines, its quoted message's among them: more is no report, and slow to read
_NOTIFIES = b'"notificationType"'
_UTF_8_TYPES = r"utf-8(?:-addr-xtext|-addr-unitext|-address)?"  # some name the form (RFC 6533 3) in place of the type
_ADDRESS_PREFIX = re.compile(rf"^\s*(rfc822|{_UTF_8_TYPES}|x-\S*|[a-z-]+)\s*;\s*", re.IGNORECASE)
_TYPED = re.compile(rf"^\s*(rfc822|{_UTF_8_TYPES})\s*;", re.IGNORECASE)  # then a host without a dot is their own
_UTF_8 = re.compile(rf"^\s*{_UTF_8_TYPES}\s*;", re.IGNORECASE)
_POINT = re.compile(r"\\x\{([0-9a-f]{2,6})\}", re.IGNORECASE)  # RFC 6533 3: a character where octets must be ASCII
_ACTIONS = {"failed": "failed", "failure": "failed", "expired": "failed", "delayed": "delayed",
            "delivered": "delivered", "relayed": "delivered", "expanded": "delivered"}  # fmt: skip
_HANDED_ON = frozenset({"relayed", "expanded"})  # RFC 3464 2.3.3: what becomes of it there, nobody says
_ORDER = ("failed", "delayed", "delivered")  # of several recipients the worst is told
_FIELD = re.compile(
    r"^[ \t>]*(original-recipient|final-recipient|action|status|diagnostic-code)[ \t]*:[ \t]*(.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_FOLD = re.compile(r"\r?\n[ \t]+(?!(?:original-recipient|final-recipient|action|status)[ \t]*:)", re.IGNORECASE)
_RETURNED = re.compile(r"(?:to|from|subject|message-id|mime-version)[ \t]*:", re.IGNORECASE)  # a mail's own headers
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_MESSAGE_ID = re.compile(r"^[ \t]*message-id[ \t]*:[ \t]*<([^>\s]{1,200})>", re.IGNORECASE | re.MULTILINE)


def read_report(raw: bytes) -> Report | None:
    """The report in a mail, or None when it is not one."""
    return read_both(raw)[0]


def supposed(raw: bytes) -> Report | None:
    """What a mail says that is no report by its looks, had it come where only returned mail comes to (rule 2). It
    may name nobody. A person's answer is none, nor are words that say nothing of delivery."""
    return read_both(raw)[1]


def read_both(raw: bytes) -> tuple[Report | None, Report | None]:
    """The report in a mail; or, when it looks like none, what it would say as one."""
    mail = _parsed(raw)
    try:
        if mail is None:
            return None, None
        found = _standard(mail) or (_notification(raw) if _NOTIFIES in raw[:LARGEST] else None)
        if found:
            return _finished(mail, found), None
        looks_so = mail_system.wrote(mail)
        if not looks_so and mail.get("In-Reply-To") and not mail_system.says_so(mail):
            return None, None
        found = _in_words(mail)
        if looks_so and found:
            return _with_reasons(mail, _finished(mail, found)), None
        kind = bounce_words.kind_said(mail)
        said = found or (Report(kind) if kind else None)
        return None, said and _finished(mail, said)
    except Exception:  # noqa: BLE001 - the standard parser and flufl.bounce both raise on odd mail; none of it is ours
        return None, None


def _parsed(raw: bytes) -> Message | None:
    raw = b"\n".join(line[:LINE_MAX] for line in raw[:LARGEST].split(b"\n", LINES)[:LINES])
    if raw.count(b"\n--") > MOST_PARTS:
        return None
    try:
        return email.message_from_bytes(raw)
    except Exception:  # noqa: BLE001 - as above
        return None


def _finished(mail: Message, found: Report) -> Report:
    """With what is asked of every report: which message it is about, and whether its time ran out."""
    words = "\n".join(bounce_words.own_lines(mail))
    recipients = tuple(
        replace(one, timed_out=one.action == "failed" and ran_out(one.status, one.diagnostic or words))
        for one in found.recipients
    )
    return Report(found.kind, recipients, _original_id(mail))


def _with_reasons(mail: Message, found: Report) -> Report:
    said = itertools.takewhile(lambda line: not _RETURNED.match(line), bounce_words.own_lines(mail))
    lines = [line for line in said if not _FIELD.match(line)]
    return replace(found, recipients=tuple(_with_reason(one, lines) for one in found.recipients))


def _with_reason(one: ReportedRecipient, lines: list[str]) -> ReportedRecipient:
    """With the words that stand under its address, where no field says why."""
    if one.diagnostic or one.action not in ("failed", "delayed"):
        return one
    reason = bounce_words.said_of(one.address, lines)
    return replace(one, diagnostic=reason, status=one.status or _code(reason))


def _standard(mail: Message) -> Report | None:
    if feedback_report.is_feedback(mail):
        return _complaint(mail)
    recipients = tuple(itertools.islice((r for part in _own_parts(mail) for r in _of_status(part)), MOST))
    if not recipients:
        return None
    return Report(_worst(recipients), recipients)


def _complaint(mail: Message) -> Report:
    return Report("feedback", tuple(ReportedRecipient(one, "feedback") for one in feedback_report.complainers(mail)))


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
    if part.get_content_type() in bounce_words.STATUS:
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
    address = _named(group.get("final-recipient", ""), group.get("original-recipient", ""))
    said, found = group.get("action", "").partition(" ")[0].lower(), _STATUS.search(group.get("status", ""))
    status = found[1] if found else ""
    if address and (said or status):
        action = _ACTIONS.get(said) or _by_status(status)
        meant = _address(group.get("original-recipient", ""))
        yield ReportedRecipient(
            address, action, status, group.get("diagnostic-code", "")[:400], handed_on=said in _HANDED_ON,
            original=meant if meant != address else "",
        )  # fmt: skip


def _named(final: str, original: str) -> str:
    """Whom a group of fields is about: where it ended, unless that is a machine's own name for it."""
    return _address(final) or _address(original) or _address(final, bare_host=True)


def _address(value: str, *, bare_host: bool = False) -> str:
    """The address of a typed one; none for X.400 and the like, which nobody here wrote to."""
    plain = _ADDRESS_PREFIX.sub("", value).strip().partition(" ")[0].strip("<>;,")
    plain = (_POINT.sub(_character, plain) if _UTF_8.match(value) else plain).lower()
    if re.fullmatch(r"[^\s@/;]+@[^\s@.]+\.[^\s@]+", plain):
        return plain
    return plain if bare_host and _TYPED.match(value) and re.fullmatch(r"[^\s@/;]+@[a-z0-9-]+", plain) else ""


def _character(point: re.Match[str]) -> str:
    number = int(point[1], 16)
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else point[0]


def _by_status(status: str) -> str:
    return {"2": "delivered", "4": "delayed"}.get(status[:1], "failed")


def _worst(recipients: tuple[ReportedRecipient, ...]) -> str:
    return next(kind for kind in _ORDER if any(r.action == kind for r in recipients))


def _notification(raw: bytes) -> Report | None:
    """Amazon SES tells of bounces, complaints and deliveries as JSON, by mail too when asked to; on one long line."""
    mail = email.message_from_bytes(raw[:LARGEST])
    text = "" if mail.is_multipart() else bounce_words.text_of(mail).lstrip()
    if not text.startswith("{") or _NOTIFIES.decode() not in text[:2000]:
        return None
    said, _ = json.JSONDecoder(strict=False).raw_decode(_unbroken(text))
    kind = str(said.get("notificationType", ""))
    if kind == "Complaint":
        told = (said.get("complaint") or {}).get("complainedRecipients") or []
        return Report("feedback", tuple(ReportedRecipient(str(r["emailAddress"]).lower(), "feedback") for r in told))
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


def _unbroken(text: str) -> str:
    """A relay breaks a long line with "!" or with nothing, and goes on behind a space (RFC 5321 4.5.3.1.6)."""
    return re.sub(r"!?\r?\n ", "", text)


def _in_words(mail: Message) -> Report | None:
    from flufl.bounce import all_failures

    text = "\n".join(bounce_words.own_lines(mail))
    recipients = tuple(itertools.islice(dict.fromkeys(status_fields(text)), MOST))
    if not recipients:
        temporary, permanent = ({_plain(a) for a in found} for found in all_failures(mail))
        trying = bounce_words.still_trying(mail)  # the library calls what a filter blocked temporary
        permanent = set() if bounce_words.goes_on(mail) else permanent  # and a warning of Postfix permanent
        recipients = tuple(
            ReportedRecipient(a, "delayed" if trying and a not in permanent else "failed")
            for a in sorted(_not_aside(mail, {a for a in temporary | permanent if _address(a)}))
        )
    if not recipients:
        recipients = tuple(
            ReportedRecipient(address, action, _code(reason), reason)
            for address, action, reason in bounce_words.failures(mail)
        )
    if not recipients:  # the report of another mail system, passed on inside the text of this one
        everything = "\n".join(bounce_words.texts(mail))
        recipients = tuple(itertools.islice(dict.fromkeys(status_fields(everything)), MOST))
    return Report(_worst(recipients), recipients) if recipients else None


def _plain(address: object) -> str:
    said = address.decode("ascii", "replace") if isinstance(address, bytes) else str(address)
    return said.lower().rstrip(".")  # of the sentence it stood at the end of


def _not_aside(mail: Message, found: set[str]) -> set[str]:
    """Without whom the report is to, and without message ids, when somebody else is left."""
    ids = {one.lower() for one in _MESSAGE_ID.findall("\n".join(bounce_words.texts(mail)))}
    own = "\n".join(bounce_words.own_lines(mail)).lower()
    left = found - ids - bounce_words.others(mail)
    return {address for address in left if address in own} or left or found


def _code(reason: str) -> str:
    found = _STATUS.search(reason)
    return found[1] if found else ""


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
    return _id_in_text(mail)


def _id_in_text(mail: Message) -> str:
    """qmail, and others as old, give the message back below their own words, in the same text."""
    own = len(bounce_words.own_lines(mail))
    for text in bounce_words.texts(mail):
        found = _MESSAGE_ID.search("\n".join(text[: bounce_words.LONGEST].splitlines()[own:]))
        if found:
            return f"<{found[1]}>"
    return ""
