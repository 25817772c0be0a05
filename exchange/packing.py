"""Packing: the bytes of a letter as the outbox keeps them, and what is made of them again.

Nothing is kept readable: what is packed here is sealed in the compartment of the case's letters.
"""

from __future__ import annotations

from exchange.case.mailbox import Transport
from exchange.case.sealed import PublicNotice, Sealed, Sendable, TlsOnly, ToFetch
from exchange.hub import Hub
from exchange.store import outbox
from keys.vault import bound_data

NOTICE = "notice"  # the form of what says nothing about anybody; every other form is a Transport
_LENGTH = 4  # octets that say how long the notice of a letter to be fetched is


def bound(hub: Hub, row: outbox.Row) -> bytes:
    """What the sealed bytes of this letter are bound to."""
    return bound_data(hub.id, row.case_id, row.id, "outgoing")


def packed(what: Sendable | ToFetch) -> bytes:
    """Its recipient and its bytes."""
    if isinstance(what, ToFetch):
        notice = what.notice.message
        return _address(what.notice.recipient) + len(notice).to_bytes(_LENGTH, "big") + notice + what.content.data
    return _address(what.recipient) + what.message


def unpacked(row: outbox.Row, plain: bytes) -> Sendable:
    """What goes to a server: of a letter that is to be fetched, its notice."""
    size = int.from_bytes(plain[:2], "big")
    address, message = plain[2 : 2 + size].decode(), plain[2 + size :]
    if row.form == NOTICE:
        return PublicNotice(message, address)
    if row.form == Transport.PICKUP:
        return PublicNotice(_split(message)[0], address)
    if row.form == Transport.TLS:
        return TlsOnly(message, address)
    return Sealed(message, row.fingerprint or "", address)


def to_fetch(plain: bytes) -> bytes:
    """The letter itself, of one that is to be fetched."""
    return _split(plain[2 + int.from_bytes(plain[:2], "big") :])[1]


def _split(rest: bytes) -> tuple[bytes, bytes]:
    size = int.from_bytes(rest[:_LENGTH], "big")
    return rest[_LENGTH : _LENGTH + size], rest[_LENGTH + size :]


def _address(text: str) -> bytes:
    octets = text.encode()
    return len(octets).to_bytes(2, "big") + octets
