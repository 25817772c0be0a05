"""The mailroom: accepts mail durably, and gives it to be examined.

The glue between mail, keys and store that listener and intake share; nothing here decides anything.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field, replace

from exchange.content import MAIL
from exchange.examining import Examiner
from exchange.fault import fault
from exchange.hub import Hub
from exchange.pins import Pins
from exchange.safe import Item
from exchange.store import inbox
from keys.vault import bound_data
from mailflow.evidence import Evidence
from mailflow.listener import Envelope
from mailflow.reply_address import ReplyAddresses

# Whoever keeps mail systems writes there (RFC 5321 4.5.1, RFC 2142): a person reads it, and it begins no case.
OPERATOR = frozenset({"postmaster", "abuse"})
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
HEADERS_MAX = 200_000  # octets looked at before a mail is ours: no honest one has half of that above its body
_FOLD = re.compile(rb"\r?\n[ \t]+")
_BY_THE_AUTHOR = frozenset(
    {b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"in-reply-to", b"content-type"}
)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mail as it was accepted."""

    envelope: Envelope
    raw: bytes = field(repr=False)
    alike: bool = False  # its Message-ID was used for another mail too


def is_ours(address: str, hub_address: str, addresses: ReplyAddresses) -> bool:
    """Whether mail to this address is for us: the hub's address, its operator's, or one we made."""
    own = address.lower() == hub_address or is_operators(address, hub_address)
    return own or addresses.read(address) is not None


def is_operators(address: str, hub_address: str) -> bool:
    """Whether it is for whoever keeps this mail system."""
    name, _, domain = address.lower().rpartition("@")
    return name in OPERATOR and domain == hub_address.rpartition("@")[2]


async def accept(hub: Hub, envelope: Envelope, raw: bytes) -> None:
    """Make a mail durable, once for each of its recipients. When this returns, it is ours."""
    now = hub.clock.now()
    rows = []
    for recipient in envelope.recipients:
        mail_id = hub.chance.id()
        sealed = await hub.safe.seal(
            [Item(f"mail:{mail_id}", _bound(hub, mail_id), _packed(envelope, recipient, raw))]
        )
        rows.append((mail_id, _identity(recipient, raw), sealed[0], _named(recipient, raw)))
    async with hub.database.transaction(hub.scope()) as tx:
        for mail_id, identity, blob, named in rows:
            await inbox.put(tx, mail_id, identity, now, blob, named)
        fault("inbox.before-commit")
    fault("inbox.after-commit")


def _bound(hub: Hub, mail_id: str) -> bytes:
    return bound_data(hub.id, "inbox", mail_id, MAIL)


def _identity(recipient: str, raw: bytes) -> str:
    """(envelope recipient, what its author's program wrote on top, body): only trace headers differ between two
    deliveries of one message. Two people may write the same few words, or none: they are never one mail."""
    kept = [line for line in _headers(raw) if line.partition(b":")[0].strip().lower() in _BY_THE_AUTHOR]
    found = _END_OF_HEADERS.search(raw, 0, HEADERS_MAX)
    if found is None or not kept:
        return _digest(recipient.encode(), raw, b"")
    return _digest(recipient.encode(), *kept, raw[found.end() :])


def _named(recipient: str, raw: bytes) -> str | None:
    """The Message-ID that its author's program gave it, for this recipient; None without one. Some programs use one
    again (FreeScout 5591): then there are two mails, and a person is told."""
    parts = (line.partition(b":") for line in _headers(raw))
    ids = (value.strip() for name, _, value in parts if name.strip().lower() == b"message-id")
    return next((_digest(recipient.encode(), one) for one in ids if one), None)


def _headers(raw: bytes) -> list[bytes]:
    found = _END_OF_HEADERS.search(raw, 0, HEADERS_MAX)
    return _FOLD.sub(b" ", raw[: found.start() if found else HEADERS_MAX]).splitlines()


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _packed(envelope: Envelope, recipient: str, raw: bytes) -> bytes:
    head = json.dumps([envelope.mail_from, recipient, envelope.peer, envelope.helo, envelope.tls]).encode()
    return len(head).to_bytes(4, "big") + head + raw


async def arrived(hub: Hub, row: inbox.Row) -> Arrived:
    """The mail of an inbox row."""
    plain = (await hub.safe.open(row.blob, _bound(hub, row.id))).data
    size = int.from_bytes(plain[:4], "big")
    mail_from, recipient, peer, helo, tls = json.loads(plain[4 : 4 + size])
    return Arrived(Envelope(mail_from, (recipient,), peer, helo, tls), plain[4 + size :], row.alike)


@dataclass(frozen=True, slots=True)
class Mailroom:
    """What reading mail needs."""

    examiner: Examiner
    addresses: ReplyAddresses
    hub_address: str

    async def examine(self, mail: Arrived, known: Pins) -> Evidence:
        """Read, open and judge one mail. Never raises for what a stranger wrote."""
        found = await self.examiner.examine(mail.raw, mail.envelope, known)
        own = self.hub_address in found.mail.from_addresses  # ours came back; whoever forges it is no better
        return replace(found, looped=own or found.looped, alike=mail.alike)
