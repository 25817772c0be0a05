"""Feedback reports: somebody pressed "this is spam" on a letter, and their mail system tells its sender.

The standard form (RFC 5965), and those of services that kept the form they had before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message

from mailflow import mail_system

# In the returned message or the report: who complained, as far as the service says.
_WHO = ("x-hmxmroriginalrecipient", "original-rcpt-to", "removal-recipient", "x-original-rcpt-to")
_SUBJECT = re.compile(
    r"^\s*(complaint about message from|e-?mail (abuse|feedback) report|abuse report|spam (complaint|report)"
    r"|feedback[- ]loop report|fbl report)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]]{1,64}@[^\s<>,;:\"()]{1,253}")


def is_feedback(mail: Message) -> bool:
    """Whether it is one: by its parts, or by the habit of a service that returns the message as a complaint."""
    kinds = {part.get_content_type() for part in _parts(mail)}
    if "message/feedback-report" in kinds:
        return True
    returned = "message/rfc822" in kinds or "text/rfc822-headers" in kinds
    return returned and bool(_SUBJECT.match(mail_system.subject(mail))) and not mail.get("In-Reply-To")


def complainers(mail: Message) -> tuple[str, ...]:
    """Whose mailbox it was; most services hide it."""
    found: list[str] = []
    for part in mail.walk():
        for name, value in part.raw_items():
            if name.lower() in _WHO:
                found += _ADDRESS.findall(str(value))
        if part.get_content_type() == "message/feedback-report" and not part.is_multipart():
            fields = re.findall(rf"^(?:{'|'.join(_WHO)})\s*:(.*)$", str(part.get_payload()), re.I | re.M)
            found += [address for value in fields for address in _ADDRESS.findall(value)]
    return tuple(dict.fromkeys(address.lower() for address in found))[:10]


def _parts(mail: Message) -> Iterator[Message]:
    """The mail's own parts, not those of the message it returns."""
    yield mail
    if mail.get_content_maintype() == "multipart":
        inside = mail.get_payload()
        for part in inside if isinstance(inside, list) else []:
            if isinstance(part, Message):
                yield from _parts(part)
