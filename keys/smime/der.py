"""DER, read as far as a certificate's or an envelope's outermost fields need it; nothing is decoded beyond that.

Shares no code with the libraries that write what it reads: whoever checks an engine's output must not be that engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from keys.refusal import Refused

# X.690 8.1.2: the tags that occur in what is read here.
INTEGER, OCTETS, OID, SEQUENCE, SET = 0x02, 0x04, 0x06, 0x30, 0x31
EXPLICIT_0, EXPLICIT_1, IMPLICIT_0 = 0xA0, 0xA1, 0x80


class NotDer(Refused):
    """These octets are not DER of the shape they should have."""


@dataclass(frozen=True, slots=True)
class Item:
    """One value."""

    tag: int
    raw: bytes = field(repr=False)  # with tag and length
    body: bytes = field(repr=False)

    @property
    def items(self) -> list[Item]:
        """The values inside. Raises NotDer."""
        return list(_items(self.body))


def one(data: bytes) -> Item:
    """The one value that is all of these octets. Raises NotDer."""
    found = list(_items(data))
    if len(found) != 1:
        raise NotDer("not one value and nothing after it")
    return found[0]


def several(data: bytes) -> list[Item]:
    """The values behind each other that are all of these octets. Raises NotDer."""
    return list(_items(data))


def octets(constructed: bytes) -> bytes:
    """The octet string whose pieces these are (X.690 8.7.3), as programs write that stream. Raises NotDer."""
    pieces = list(_items(constructed))
    if any(piece.tag != OCTETS for piece in pieces):
        raise NotDer("pieces that are no octet strings")
    return b"".join(piece.body for piece in pieces)


def _items(data: bytes) -> Iterator[Item]:
    at = 0
    while at < len(data):
        start, end = _span(data, at)
        yield Item(data[at], data[at:end], data[start:end])
        at = end


def _span(data: bytes, at: int) -> tuple[int, int]:
    """Where the body starts and ends: X.690 8.1.3, definite lengths only (10.1)."""
    if data[at] & 0x1F == 0x1F or at + 2 > len(data):
        raise NotDer("a tag that does not occur here")
    first, start = data[at + 1], at + 2
    size = first
    if first & 0x80:
        octets = first & 0x7F
        if not 1 <= octets <= 4 or start + octets > len(data):
            raise NotDer("a length that is not definite")
        size = int.from_bytes(data[start : start + octets], "big")
        start += octets
    if start + size > len(data):
        raise NotDer("a value that ends after its octets")
    return start, start + size
