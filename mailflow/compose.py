"""Writes messages: the part that will be sealed, the quiet headers around it, plain notices and invitations.

1. The same values always give the same octets: no clock, no chance, boundaries from the content's digest.
2. A value that could become a second header, or that shows itself otherwise than it is, is refused; the refusal
   names the field and never its content.
3. Readable messages are ASCII with short lines. The part to be sealed is too: gateways never see it, but
   clients sign, quote and forward it.
"""

from __future__ import annotations

import binascii
import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime, formataddr
from urllib.parse import quote

from exchange.case.mailbox import Address, AddressRefused
from mailflow.pgp_mime import MessageRefused, header_block, protected

__all__ = (
    "SEALED_FILE",
    "Attachment",
    "MessageRefused",
    "attached",
    "inner_message",
    "invitation",
    "message_id",
    "outer_headers",
    "plain_message",
    "whole_message",
)

Headers = Sequence[tuple[str, str]]

SUBJECT_MAX = 250  # characters: clients show about 70
SEALED_FILE = "message.eml.pgp"
NAME_MAX = 120  # characters of a display name or a file name
_LINE = 76  # characters of a base64 line (RFC 2045 6.8)
_KEY_LINE = 66  # of key data: the name of the attribute shares the first line
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9._%+-]{1,128}@[A-Za-z0-9.-]{1,253}>")
_FOREIGN_ID = re.compile(r"<[!-;=?-~]{1,900}>")  # somebody else's Message-ID, however odd, on one line
_TYPE = re.compile(r"(?!multipart/|message/)[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,100}")
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SHORT_ASCII = re.compile(rb"(?:[\t -~]{0,900}\r\n)*")
_METHOD = re.compile(rb"^METHOD:(REQUEST|CANCEL)\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside a message."""

    name: str = field(repr=False)  # a plain file name; it travels sealed or says nothing
    content_type: str
    content: bytes = field(repr=False)


def message_id(domain: str, key: str) -> str:
    """The one Message-ID of the letter that `key` names: retries and crashes make no second one (R3)."""
    return f"<{hashlib.sha256(key.encode('utf-8')).hexdigest()[:32]}@{_id_domain(domain)}>"


def inner_message(
    subject: str,
    text: str,
    attachments: Sequence[Attachment] = (),
    *,
    from_address: str,
    to: str,
    reply_to: str,
    message_id: str,
    date: datetime,
    from_name: str = "",
    outer: Headers = (),
) -> bytes:
    """What is sealed: its own headers (RFC 9788), readable text first, then the files. `outer` are the headers
    that will be seen outside, so that a reply does not repeat the real subject there."""
    headers = [("Subject", _shown("Subject", subject, SUBJECT_MAX)), *_who(from_address, from_name, to, reply_to)]
    headers += [("Date", _date(date)), ("Message-ID", _own_id(message_id))]
    parts = [_text_part(text), *map(_file_part, attachments)]
    return protected(headers, parts[0] if len(parts) == 1 else _multipart("mixed", parts), outer)


def outer_headers(
    *,
    from_address: str,
    to: str,
    message_id: str,
    date: datetime,
    subject: str,
    from_name: str = "",
    reply_to: str = "",
    in_reply_to: str = "",
    references: Sequence[str] = (),
    autocrypt: str | None = None,
    automatic: bool = False,
    by_clock: bool = False,
) -> list[tuple[str, str]]:
    """The headers that everybody on the way reads: no person's name, a quiet subject, a harmless reference."""
    headers = _who(from_address, from_name, to, reply_to)
    headers += [("Subject", _quiet(subject)), ("Date", _date(date)), ("Message-ID", _own_id(message_id))]
    if in_reply_to:
        headers.append(("In-Reply-To", _foreign_id("In-Reply-To", in_reply_to)))
    if references:
        headers.append(("References", " ".join(_foreign_id("References", one) for one in references)))
    if automatic:  # RFC 3834 5; the second for Exchange, which answers the first with an out-of-office
        kind = "auto-replied" if in_reply_to else "auto-generated"
        headers += [("Auto-Submitted", kind), ("X-Auto-Response-Suppress", "All")]
    elif by_clock:  # RFC 3834 5; nothing is suppressed: Exchange would keep back its reports too
        headers.append(("Auto-Submitted", "auto-generated"))
    if autocrypt is not None:
        headers.append(("Autocrypt", _autocrypt(from_address, autocrypt)))
    return headers


def plain_message(headers: Headers, text: str, attachments: Sequence[Attachment] = ()) -> bytes:
    """A message that its carriers can read."""
    parts = [_text_part(text), *map(_file_part, attachments)]
    body = parts[0] if len(parts) == 1 else _multipart("mixed", parts)
    return header_block(headers) + b"MIME-Version: 1.0\r\n" + body


def whole_message(
    subject: str,
    text: str,
    attachments: Sequence[Attachment] = (),
    *,
    from_address: str,
    to: str,
    reply_to: str,
    message_id: str,
    date: datetime,
    from_name: str = "",
) -> bytes:
    """A message that is read as a file of its own (.eml), with its real subject: only ever inside a seal."""
    headers = [("Subject", _shown("Subject", subject, SUBJECT_MAX)), *_who(from_address, from_name, to, reply_to)]
    headers += [("Date", _date(date)), ("Message-ID", _own_id(message_id))]
    return plain_message(headers, text, attachments)


def attached(headers: Headers, text: str, armored: bytes) -> bytes:
    """One sealed file beside a text that says nothing: for mail systems that break multipart/encrypted (lessons 12).
    Its name loses `.pgp` when it is opened, and what is left opens in Outlook by a double click. Engines end lines
    each in their own way; inside of mail there is one (the gate stops any other)."""
    lines = armored.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    cipher = Attachment(SEALED_FILE, "application/octet-stream", lines)
    return plain_message(headers, text, (cipher,))


def invitation(headers: Headers, text: str, ics: bytes) -> bytes:
    """A calendar mail (RFC 6047) in the shape that Outlook, Gmail and Thunderbird show with buttons: the calendar
    as an alternative to the text, and once more as a file. METHOD in the header is METHOD in the body (2.4)."""
    calendar = ics.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    method = _METHOD.search(calendar)
    if method is None:
        raise MessageRefused("the calendar has no METHOD:REQUEST or METHOD:CANCEL")
    encoding, octets = _encoded(calendar)
    shown = b"Content-Type: text/calendar; charset=utf-8; method=%b\r\nContent-Transfer-Encoding: %b\r\n\r\n%b"
    file = _file_part(Attachment("invite.ics", "application/ics", calendar))
    alternative = _multipart("alternative", [_text_part(text), shown % (method[1], encoding, octets)])
    return header_block(headers) + b"MIME-Version: 1.0\r\n" + _multipart("mixed", [alternative, file])


def _who(from_address: str, from_name: str, to: str, reply_to: str) -> list[tuple[str, str]]:
    name = _shown("From", from_name, NAME_MAX)
    headers = [("From", formataddr((name, _address("From", from_address)))), ("To", _address("To", to))]
    return [*headers, ("Reply-To", _address("Reply-To", reply_to))] if reply_to else headers


def _address(name: str, text: str) -> str:
    try:
        return Address(text).text
    except AddressRefused:
        raise MessageRefused(f"{name} is not one plain mail address") from None


def _shown(name: str, value: str, most: int) -> str:
    """Rule 2. Joiners stay (names in many scripts need them); what breaks lines or turns text round does not."""
    odd = any(c in _BIDI or unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs", "Cn") for c in value)
    if odd or len(value) > most or value != value.strip():
        raise MessageRefused(f"{name} has characters that a header cannot carry, or too many, or is padded")
    if "=?" in value:
        raise MessageRefused(f"{name} would be read as an encoded word")
    return value


def _quiet(subject: str) -> str:
    if not subject.isascii():
        raise MessageRefused("an outer Subject is plain ASCII")
    return _shown("Subject", subject, SUBJECT_MAX)


def _date(date: datetime) -> str:
    if date.tzinfo is None:
        raise MessageRefused("Date has no time zone")
    return format_datetime(date)


def _own_id(text: str) -> str:
    if not _MESSAGE_ID.fullmatch(text):
        raise MessageRefused("Message-ID is not one of ours")
    return text


def _foreign_id(name: str, text: str) -> str:
    if not _FOREIGN_ID.fullmatch(text):
        raise MessageRefused(f"{name} is not one message id")
    return text


def _id_domain(domain: str) -> str:
    return _address("Message-ID", f"x@{domain}").partition("@")[2]


def _autocrypt(address: str, keydata: str) -> str:
    """Autocrypt 1.1, 2.1: the key as base64, with spaces so that the line can be folded."""
    if not re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", keydata):
        raise MessageRefused("Autocrypt key data is not base64")
    pieces = [keydata[i : i + _KEY_LINE] for i in range(0, len(keydata), _KEY_LINE)]
    return f"addr={_address('Autocrypt', address)}; keydata={' '.join(pieces)}"


def _text_part(text: str) -> bytes:
    octets = _crlf_text(text).encode("utf-8", errors="replace")  # a lone surrogate is shown as "?"
    encoding, octets = (b"7bit", octets) if _SHORT_ASCII.fullmatch(octets) else (b"quoted-printable", _quoted(octets))
    return b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: %b\r\n\r\n%b" % (encoding, octets)


def _crlf_text(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
    return "\r\n".join(lines) + "\r\n"


def _quoted(octets: bytes) -> bytes:
    return binascii.b2a_qp(octets, istext=True)  # CRLF kept because the text has one (it ends with it)


def _file_part(file: Attachment) -> bytes:
    if not _TYPE.fullmatch(file.content_type):
        raise MessageRefused("the type of an attachment is not one")
    name = _shown("file name", file.name, NAME_MAX)
    if not name or set(name) & set('/\\"<>') or name.startswith("."):
        raise MessageRefused("the name of an attachment is not a plain file name")
    named = f'filename="{name}"' if name.isascii() else f"filename*=utf-8''{quote(name, safe='')}"  # RFC 2231 4
    head = (
        f"Content-Type: {file.content_type}\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: attachment;\r\n {named}\r\n\r\n"
    )
    return head.encode("ascii") + _base64(file.content)


def _encoded(octets: bytes) -> tuple[bytes, bytes]:
    return (b"7bit", octets) if _SHORT_ASCII.fullmatch(octets) else (b"base64", _base64(octets))


def _base64(octets: bytes) -> bytes:
    text = binascii.b2a_base64(octets, newline=False)
    return b"\r\n".join(text[i : i + _LINE] for i in range(0, len(text), _LINE)) + b"\r\n"


def _multipart(subtype: str, parts: Sequence[bytes]) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    boundary = b"part-" + digest.hexdigest()[:40].encode("ascii")  # no part can contain the digest of itself
    body = b"".join(b"--%b\r\n%b\r\n" % (boundary, part) for part in parts)
    head = b'Content-Type: multipart/%b;\r\n boundary="%b"\r\n\r\n' % (subtype.encode("ascii"), boundary)
    return head + body + b"--%b--\r\n" % boundary
