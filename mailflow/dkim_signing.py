"""Signs our own mail by DKIM (RFC 6376), so that whoever gets it can tell it from what others send in our name.

1. The signature is one header on top of octets that stay as they are; it is made once, before a letter is kept, so
   that every attempt sends the same (R3).
2. It covers the whole body (never `l=`) and every header we write. Those that a reader believes are named once more
   than they are there, so that nobody can add a second one (RFC 6376 8.15).
3. Relaxed on both sides: relays fold headers anew and strip spaces at the ends of lines.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

# In this order, as far as they are there.
_SIGNED = (
    b"from", b"to", b"reply-to", b"subject", b"date", b"message-id", b"in-reply-to", b"references", b"mime-version",
    b"content-type", b"content-transfer-encoding", b"content-disposition", b"auto-submitted", b"autocrypt",
)  # fmt: skip
_ONCE_MORE = (b"from", b"to", b"reply-to", b"subject", b"date", b"message-id", b"content-type")  # rule 2
_LINE = 72  # octets of a line of the signature: folded, so that nobody else does
_SELECTOR = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:(.*(?:\r\n[ \t].*)*)\r\n")


class SelectorRefused(ValueError):
    """A selector is letters, digits and hyphens, at most 63, as part of a DNS name."""


@dataclass(frozen=True, slots=True)
class DkimSigner:
    """Signs in the name of one domain."""

    domain: str
    selector: str
    sign: Callable[[bytes], bytes] = field(repr=False)  # rsa-sha256

    def __post_init__(self) -> None:
        if not _SELECTOR.fullmatch(self.selector):
            raise SelectorRefused(SelectorRefused.__doc__)

    @property
    def name(self) -> str:
        """Where its record stands in DNS (RFC 6376 3.6.2.1)."""
        return f"{self.selector}._domainkey.{self.domain}"

    def signed(self, message: bytes, at: datetime) -> bytes:
        """The message with its signature on top."""
        head, gap, body = message.partition(b"\r\n\r\n")
        fields = [(name.lower(), value) for name, value in _FIELD.findall(head + b"\r\n")]
        there = [name for name in _SIGNED for one, _ in fields if one == name]
        unsigned = self._header(b":".join([*there, *_ONCE_MORE]), _body_hash(body if gap else b""), at)
        covered = b"".join(_relaxed(name, _value(name, fields)) + b"\r\n" for name in there)
        signature = self.sign(covered + _relaxed(b"dkim-signature", unsigned))
        return b"DKIM-Signature:" + unsigned + _folded(base64.b64encode(signature)) + b"\r\n" + message

    def _header(self, names: bytes, body_hash: bytes, at: datetime) -> bytes:
        """The value of the header, its b= empty."""
        key = f"d={self.domain};\r\n\ts={self.selector}; t={int(at.timestamp())};"
        tags = f" v=1; a=rsa-sha256; c=relaxed/relaxed; {key}".encode("ascii")
        return tags + b"\r\n\th=" + _folded(names, b":") + b";\r\n\tbh=" + body_hash + b";\r\n\tb="


def _value(name: bytes, fields: list[tuple[bytes, bytes]]) -> bytes:
    """We write each header once."""
    return next(value for one, value in fields if one == name)


def _relaxed(name: bytes, value: bytes) -> bytes:
    """RFC 6376 3.4.2, without the line end."""
    return name + b":" + re.sub(rb"[ \t]+", b" ", value.replace(b"\r\n", b"")).strip(b" \t")


def _body_hash(body: bytes) -> bytes:
    """RFC 6376 3.4.4."""
    text = re.sub(rb"[ \t]+", b" ", body).replace(b" \r\n", b"\r\n").rstrip(b"\r\n")
    return base64.b64encode(hashlib.sha256(text + b"\r\n" if text else b"").digest())


def _folded(octets: bytes, at: bytes = b"") -> bytes:
    """On lines of bearable length; a list only between its items."""
    if not at:
        return b"\r\n\t ".join(octets[i : i + _LINE] for i in range(0, len(octets), _LINE))
    lines = [b""]
    for item in octets.split(at):
        piece = item if lines == [b""] else at + item
        if len(lines[-1]) + len(piece) > _LINE:
            lines.append(b"")
        lines[-1] += piece
    return b"\r\n\t ".join(lines)
