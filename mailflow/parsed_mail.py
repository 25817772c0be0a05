"""What a mail says, as values: the one shape in which a stranger's bytes enter the rest of the exchange.

1. Every mail has such a value; one that cannot be read is a `ParsedMail` whose `unreadable` says why.
2. What was odd about a mail is listed in `oddities`, never raised.
3. Content and addresses are kept out of every repr.
"""

from __future__ import annotations

import dataclasses
import json
import struct
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mailflow.document import Document

Pairs = tuple[tuple[str, str], ...]
ENCLOSED_SHUT = "enclosed_shut"  # of the oddities: a message inside was not opened to its end


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf of the mail, the bodies included: an attached mail is one part, never looked into."""

    content_type: str  # lower case, "text/plain"
    params: Pairs = field(repr=False)  # of the Content-Type, decoded (RFC 2231)
    disposition: str  # "attachment", "inline" or ""
    file_name: str = field(repr=False)  # for showing only: no path, no control characters
    content: bytes = field(repr=False)  # transfer encoding undone, character set not


@dataclass(frozen=True, slots=True)
class CipherPart:
    """Something only a key can open."""

    kind: str  # "pgp_mime" | "inline" | "attached" | "smime"
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A message inside the mail: forwarded as a file, or in one of Outlook's own wrappings."""

    kind: str  # "forwarded" | "winmail" | "outlook"
    subject: str = field(repr=False)
    sender: str = field(repr=False)  # as it says; nothing proves it
    text: str = field(repr=False)
    parts: tuple[Part, ...] = ()  # its files, those of messages inside it too
    ciphertexts: tuple[CipherPart, ...] = ()  # of the message inside, which is somebody else's


@dataclass(frozen=True, slots=True)
class SignedPart:
    """A detached signature (RFC 1847) and the exact octets it is about."""

    protocol: str  # "application/pgp-signature", "application/pkcs7-signature"
    signed: bytes = field(repr=False)  # cut from the original, line ends in canonical CRLF form (RFC 3156 5)
    signature: bytes = field(repr=False)
    covers_all: bool  # it is the top-level entity: nothing is shown that the signature does not cover


@dataclass(frozen=True, slots=True)
class ReportedRecipient:
    """One recipient of a report."""

    address: str = field(repr=False)
    action: str  # failed | delayed | delivered | feedback
    status: str = ""  # RFC 3463, "5.1.1"
    diagnostic: str = field(default="", repr=False)
    timed_out: bool = False  # failed, and no server refused it: the time for which it was tried ran out
    handed_on: bool = False  # "delivered" to a server that reports nothing, or to a list: no mailbox has it yet
    original: str = field(default="", repr=False)  # the address we wrote to, where theirs passed it on to another


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a message."""

    kind: str  # failed | delayed | delivered | feedback
    recipients: tuple[ReportedRecipient, ...] = ()
    original_message_id: str = ""


@dataclass(frozen=True, slots=True)
class MeetingReply:
    """What one attendee answered."""

    method: str  # REPLY | COUNTER
    uid: str
    sequence: int
    attendee: str = field(repr=False)
    answer: str  # accepted | deputy | tentative | declined | delegated | counter
    comment: str = field(default="", repr=False)
    stamp: datetime | None = None
    starts_at: datetime | None = None  # the time that a counter-proposal asks for
    delegate: str = field(default="", repr=False)  # the address of whoever is asked to come in their place
    in_place_of: str = field(default="", repr=False)  # the address of whoever asked the attendee to come


def encloses(content_type: str, file_name: str) -> str:
    """In which way a part holds a message of its own (`Enclosed.kind`); "" when it holds none."""
    name = file_name.lower()
    if content_type in ("application/ms-tnef", "application/vnd.ms-tnef") or name == "winmail.dat":
        return "winmail"
    if content_type == "application/vnd.ms-outlook" or name.endswith(".msg"):
        return "outlook"
    return "forwarded" if content_type in ("message/rfc822", "message/global") or name.endswith(".eml") else ""


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """A mail as read. Addresses and ids are normalised: addresses lower case, ids as `<left@right>`."""

    headers: Pairs = field(default=(), repr=False)  # decoded, in order
    from_addresses: tuple[str, ...] = field(default=(), repr=False)  # all, of all From headers
    from_display: str = field(default="", repr=False)
    to: tuple[str, ...] = field(default=(), repr=False)
    subject: str = field(default="", repr=False)
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    date: datetime | None = None  # aware, or none that makes sense
    content_type: str = ""  # of the top level
    content_params: Pairs = field(default=(), repr=False)
    text: str = field(default="", repr=False)  # what a person would read first
    text_is_html: bool = False  # the text was made from HTML
    parts: tuple[Part, ...] = ()
    ciphertexts: tuple[CipherPart, ...] = ()
    calendars: tuple[bytes, ...] = field(default=(), repr=False)
    meetings: tuple[MeetingReply, ...] = ()  # what its calendars answer, those in a winmail.dat too
    enclosed: tuple[Enclosed, ...] = ()
    signed: SignedPart | None = None
    report: Report | None = None  # what a mail system says became of a message of ours
    supposed: Report | None = None  # the same, should it have come where only returned mail comes to
    documents: tuple[Document, ...] = ()  # PDF and Word files among its files; looked into apart (reader.py)
    oddities: tuple[str, ...] = ()
    unreadable: str = ""  # "" or a code: "too_large", "too_deep", "timeout", "crashed"...

    def header(self, name: str) -> str:
        """The first header of that name, or ''."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")

    @property
    def files(self) -> tuple[Part, ...]:
        """All its parts, and those of what it encloses."""
        return (*self.parts, *(part for one in self.enclosed for part in one.parts))

    @property
    def writer(self) -> str:
        """Who From says wrote it: a name, and what stands before the @; nothing proves it."""
        return " ".join([self.from_display, *(address.partition("@")[0] for address in self.from_addresses[:1])])


def to_wire(mail: ParsedMail) -> bytes:
    """What the limited child says to its parent: JSON, and behind it the octets that JSON cannot carry, in the
    order in which the JSON names their lengths (base64 would cost the parent's event loop a second)."""
    blobs: list[bytes] = []

    def blob(data: bytes) -> int:
        blobs.append(data)
        return len(data)

    signed = mail.signed
    plain: dict[str, Any] = {name: getattr(mail, name) for name in _PLAIN}
    plain["date"] = mail.date.isoformat() if mail.date else None

    def listed(parts: tuple[Part, ...]) -> list[Any]:
        return [[p.content_type, p.params, p.disposition, p.file_name, blob(p.content)] for p in parts]

    plain["parts"] = listed(mail.parts)

    def sealed(ciphertexts: tuple[CipherPart, ...]) -> list[Any]:
        return [[c.kind, blob(c.data)] for c in ciphertexts]

    plain["enclosed"] = [
        [e.kind, e.subject, e.sender, e.text, listed(e.parts), sealed(e.ciphertexts)] for e in mail.enclosed
    ]
    plain["ciphertexts"] = sealed(mail.ciphertexts)
    plain["calendars"] = [blob(c) for c in mail.calendars]
    plain["signed"] = signed and [*(signed.protocol, signed.covers_all, blob(signed.signed), blob(signed.signature))]
    plain["meetings"] = [_meeting_out(reply) for reply in mail.meetings]
    plain["report"] = mail.report and dataclasses.asdict(mail.report)
    plain["supposed"] = mail.supposed and dataclasses.asdict(mail.supposed)
    head = json.dumps(plain).encode("ascii")
    return b"".join((struct.pack(">I", len(head)), head, *blobs))


def from_wire(data: bytes) -> ParsedMail:
    """The value again."""
    (length,) = struct.unpack_from(">I", data)
    got: dict[str, Any] = json.loads(data[4 : 4 + length])
    at = 4 + length

    def blob(size: int) -> bytes:
        nonlocal at
        at += size
        return data[at - size : at]

    plain = {name: _tuples(got[name]) for name in _PLAIN}
    plain["date"] = datetime.fromisoformat(got["date"]) if got["date"] else None

    def parts(listed: list[Any]) -> tuple[Part, ...]:
        return tuple(
            Part(kind, _tuples(params), disposition, name, blob(size))
            for kind, params, disposition, name, size in listed
        )

    plain["parts"] = parts(got["parts"])

    def sealed(listed: list[Any]) -> tuple[CipherPart, ...]:
        return tuple(CipherPart(kind, blob(size)) for kind, size in listed)

    plain["enclosed"] = tuple(
        Enclosed(kind, subject, sender, text, parts(files), sealed(shut))
        for kind, subject, sender, text, files, shut in got["enclosed"]
    )
    plain["ciphertexts"] = sealed(got["ciphertexts"])
    plain["calendars"] = tuple(blob(size) for size in got["calendars"])
    if got["signed"]:
        protocol, covers_all, signed, signature = got["signed"]
        plain["signed"] = SignedPart(protocol, blob(signed), blob(signature), covers_all)
    plain["meetings"] = tuple(_meeting_in(reply) for reply in got["meetings"])
    plain["report"] = got["report"] and _report(got["report"])
    plain["supposed"] = got["supposed"] and _report(got["supposed"])
    return ParsedMail(**plain)


def _meeting_out(reply: MeetingReply) -> dict[str, Any]:
    told = dataclasses.asdict(reply)
    return told | {name: told[name] and told[name].isoformat() for name in _MOMENTS}


def _meeting_in(told: dict[str, Any]) -> MeetingReply:
    return MeetingReply(**told | {name: told[name] and datetime.fromisoformat(told[name]) for name in _MOMENTS})


def _report(told: dict[str, Any]) -> Report:
    recipients = tuple(ReportedRecipient(**one) for one in told["recipients"])
    return Report(told["kind"], recipients, told["original_message_id"])


_MOMENTS = ("stamp", "starts_at")
# The fields that JSON carries as they are.
_PLAIN = (
    *("headers", "from_addresses", "from_display", "to", "subject", "message_id", "in_reply_to"),
    *("references", "content_type", "content_params", "text", "text_is_html", "oddities", "unreadable"),
)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value
