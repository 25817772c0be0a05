"""The mailroom: accepts mail durably, and turns a stranger's bytes into evidence, in limited children.

The glue between mail, keys and store that listener and intake share; nothing here decides anything.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from exchange.case.sealed import NotOpened, Signer, Unsigned
from exchange.content import MAIL
from exchange.fault import fault
from exchange.hub import Hub
from exchange.safe import Item
from exchange.store import certificates, inbox
from exchange.store.database import Transaction
from keys.opener import Opener
from keys.vault import bound_data
from mailflow.authenticity import Resolver, judge
from mailflow.auto_reply import is_automatic
from mailflow.disposition import is_read_receipt
from mailflow.interpret import Evidence
from mailflow.listener import Envelope
from mailflow.meeting import MeetingReply, read_reply
from mailflow.parsed_mail import CipherPart, ParsedMail
from mailflow.reader import Reader
from mailflow.reply_address import ReplyAddresses

MOST_CIPHERTEXTS = 4  # in one mail: a person sends one, a mailing list's habits make two
_AS_TEXT = b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
_AS_FILE = (
    b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n"
    b"Content-Disposition: attachment; filename=sealed-file\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mail as it was accepted."""

    envelope: Envelope
    raw: bytes = field(repr=False)


async def accept(hub: Hub, envelope: Envelope, raw: bytes) -> None:
    """Make a mail durable, once for each of its recipients. When this returns, it is ours."""
    now = hub.clock.now()
    rows = []
    for recipient in envelope.recipients:
        mail_id = hub.chance.id()
        sealed = await hub.safe.seal(
            [Item(f"mail:{mail_id}", _bound(hub, mail_id), _packed(envelope, recipient, raw))]
        )
        rows.append((mail_id, _identity(recipient, raw), sealed[0]))
    async with hub.database.transaction(hub.scope()) as tx:
        for mail_id, identity, blob in rows:
            await inbox.put(tx, mail_id, identity, now, blob)
        fault("inbox.before-commit")
    fault("inbox.after-commit")


def _bound(hub: Hub, mail_id: str) -> bytes:
    return bound_data(hub.id, "inbox", mail_id, MAIL)


def _identity(recipient: str, raw: bytes) -> str:
    """(envelope recipient, Message-ID, body): trace headers differ between two deliveries of one message."""
    head, _, body = raw.partition(b"\r\n\r\n")
    ids = [line for line in head.split(b"\r\n") if line.lower().startswith(b"message-id:")]
    digest = hashlib.sha256()
    for part in (recipient.encode(), *(ids[:1] or [b""]), body):
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
    return Arrived(Envelope(mail_from, (recipient,), peer, helo, tls), plain[4 + size :])


@dataclass(frozen=True, slots=True)
class Pins:
    """The certificates in use: whose each is, and the armored text for the child that verifies."""

    agency_of: Mapping[str, str]
    armored: Mapping[str, bytes] = field(repr=False)

    def of(self, agency: str) -> frozenset[str]:
        """The fingerprints that speak for an agency."""
        return frozenset(f for f, a in self.agency_of.items() if a == agency)


async def pins(hub: Hub, tx: Transaction) -> Pins:
    """All certificates in use."""
    found = await certificates.in_use(tx)
    armored = {
        c.fingerprint: (await hub.safe.open(c.blob, bound_data(hub.id, "certificate", c.fingerprint, c.agency))).data
        for c in found
    }
    return Pins({c.fingerprint: c.agency for c in found}, armored)


@dataclass(frozen=True, slots=True)
class Mailroom:
    """What reading mail needs."""

    reader: Reader
    opener: Opener
    resolver: Resolver
    addresses: ReplyAddresses
    hub_address: str

    def is_ours(self, address: str) -> bool:
        """Whether mail to this address is for us: the hub's address, or one we made."""
        return address.lower() == self.hub_address or self.addresses.read(address) is not None

    async def examine(self, mail: Arrived, known: Pins) -> Evidence:
        """Read, open and judge one mail. Never raises for what a stranger wrote."""
        outer = await self.reader.read(mail.raw)
        opened = await self._open(outer.ciphertexts, known)
        inner, signer, why = opened if opened else (None, await self._signer(outer, known), "")
        content = inner or outer
        envelope = mail.envelope
        return Evidence(
            mail=outer,
            authenticity=await judge(
                mail.raw, outer.from_addresses, envelope.peer, envelope.helo, envelope.mail_from, self.resolver
            ),
            inner=inner,
            signer=signer,
            not_opened=why,
            report=outer.report,
            read_receipt=is_read_receipt(outer),
            automatic=is_automatic(outer.headers, envelope.mail_from, outer.subject, outer.text) is not None,
            meetings=_meetings(content) or _meetings(outer),
        )

    async def _open(
        self, ciphertexts: tuple[CipherPart, ...], known: Pins
    ) -> tuple[ParsedMail | None, Signer, str] | None:
        """All that opened, as one mail; why the first that did not open stayed shut."""
        opened: list[tuple[ParsedMail, Signer]] = []
        why = "too_many" if len(ciphertexts) > MOST_CIPHERTEXTS else ""
        for cipher in ciphertexts[:MOST_CIPHERTEXTS]:
            found = await self.opener.open(cipher.data, list(known.armored.values()))
            if isinstance(found, NotOpened):
                why = why or found.why
                continue
            inner = await self._inside(cipher, found.plain.data)
            signer = found.signer
            if isinstance(signer, Unsigned):
                signer = await self._signer(inner, known)
            opened.append((inner, signer))
        if not opened:
            return (None, Unsigned(), why) if why else None
        mails, signers = zip(*opened, strict=True)
        return _together(mails), signers[0] if len(set(signers)) == 1 else Unsigned(), why

    async def _inside(self, cipher: CipherPart, plain: bytes) -> ParsedMail:
        inner = await self.reader.read(plain)
        if cipher.kind == "pgp_mime" or inner.content_type not in ("", "text/plain") or inner.from_addresses:
            return inner
        # Inline and attached PGP hold bare content, not a MIME entity (RFC 3156 is not used).
        return await self.reader.read((_AS_FILE if _is_binary(plain) else _AS_TEXT) + plain)

    async def _signer(self, mail: ParsedMail, known: Pins) -> Signer:
        if mail.signed is None or not mail.signed.covers_all:
            return Unsigned()
        return await self.opener.verify(mail.signed.signed, mail.signed.signature, list(known.armored.values()))


def _is_binary(plain: bytes) -> bool:
    """A scan or a word processor's file: kept as a file, for as text it would be noise."""
    return b"\0" in plain[:4096] or plain.startswith(b"%PDF")


def _together(mails: tuple[ParsedMail, ...]) -> ParsedMail:
    """Several sealed files of one mail, read as one: the first, with the others' words and files."""
    if len(mails) == 1:
        return mails[0]
    return replace(
        mails[0],
        text="\n\n".join(m.text for m in mails if m.text),
        parts=tuple(part for m in mails for part in m.parts),
        calendars=tuple(calendar for m in mails for calendar in m.calendars),
    )


def _meetings(mail: ParsedMail) -> tuple[MeetingReply, ...]:
    return tuple(reply for calendar in mail.calendars for reply in read_reply(calendar))
