"""Certificates pinned to agencies, sealed at rest; the keyring on each node is filled from here.

1. A certificate is waiting until its holders have proved it, in use from `live_at` on, and over when it is retired.
2. Each proof is a row for one person and way (`confirm`); who may count for what: exchange/enrolling.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, insert, select, update

from exchange.store import schema
from exchange.store.database import Transaction

_c, _f = schema.certificate.c, schema.confirmation.c


class Kind(StrEnum):
    """What a certificate is for."""

    OPENPGP = "openpgp"
    SMIME = "smime"


@dataclass(frozen=True, slots=True)
class Pinned:
    """A certificate an agency may sign with and be written to."""

    fingerprint: str  # OpenPGP: of the primary key; S/MIME: SHA-256 of the DER. Upper-case hexadecimal
    kind: Kind
    agency: str
    mailbox: str  # "" for all of the agency's
    added_at: datetime
    live_at: datetime | None  # None: nobody has proved it yet
    retired_at: datetime | None
    blob: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Somebody at the hub heard the fingerprint read out, made the letter by post, or was told its code."""

    fingerprint: str
    by: str  # a member of staff
    way: str  # "read_back" | "posted" | "letter"
    at: datetime


async def put(tx: Transaction, wanted: Pinned) -> None:
    """Pin a certificate, or pin it anew (a renewed expiry comes under the same fingerprint). What proved it before
    proves nothing of the new one."""
    mine = (_c.hub == tx.hub, _c.fingerprint == wanted.fingerprint)
    values = {name: getattr(wanted, name) for name in Pinned.__dataclass_fields__}
    renewed = await tx.run(update(schema.certificate).where(*mine).values(**values))
    if renewed.rowcount == 0:
        await tx.run(insert(schema.certificate).values(hub=tx.hub, **values))
    await tx.run(delete(schema.confirmation).where(_f.hub == tx.hub, _f.fingerprint == wanted.fingerprint))


async def renew(tx: Transaction, fingerprint: str, blob: bytes) -> None:
    """The same key with a newer end: what proved it, and since when it is used, stay."""
    mine = (_c.hub == tx.hub, _c.fingerprint == fingerprint)
    await tx.run(update(schema.certificate).where(*mine).values(blob=blob))


async def confirm(tx: Transaction, said: Confirmation) -> None:
    """Keep a proof; the same person's second one in the same way says nothing new."""
    known = await confirmations(tx, said.fingerprint)
    if not any((c.by, c.way) == (said.by, said.way) for c in known):
        values = {name: getattr(said, name) for name in Confirmation.__dataclass_fields__}
        await tx.run(insert(schema.confirmation).values(hub=tx.hub, **values))


async def confirmations(tx: Transaction, fingerprint: str) -> tuple[Confirmation, ...]:
    """What proves it, oldest first."""
    rows = await tx.run(
        select(schema.confirmation)
        .where(_f.hub == tx.hub, _f.fingerprint == fingerprint)
        .order_by(_f.at, _f.by, _f.way)
    )
    return tuple(Confirmation(r.fingerprint, r.by, r.way, r.at) for r in rows)


async def go_live(tx: Transaction, fingerprint: str, at: datetime) -> None:
    """Use it from then on."""
    await tx.run(update(schema.certificate).where(_c.hub == tx.hub, _c.fingerprint == fingerprint).values(live_at=at))


async def retire(tx: Transaction, fingerprint: str, at: datetime) -> bool:
    """Use it no more. False when it was neither in use nor waiting."""
    changed = await tx.run(
        update(schema.certificate)
        .where(_c.hub == tx.hub, _c.fingerprint == fingerprint, _c.retired_at.is_(None))
        .values(retired_at=at)
    )
    return changed.rowcount == 1


async def in_use(tx: Transaction, now: datetime, agency: str | None = None) -> tuple[Pinned, ...]:
    """Certificates in use, newest first; of one agency when given."""
    return tuple(c for c in await known(tx, agency) if c.live_at is not None and c.live_at <= now)


async def known(tx: Transaction, agency: str | None = None) -> tuple[Pinned, ...]:
    """Certificates in use or waiting, newest first; of one agency when given."""
    where = [_c.retired_at.is_(None)] if agency is None else [_c.retired_at.is_(None), _c.agency == agency]
    return await _found(tx, *where)


async def ever(tx: Transaction) -> tuple[Pinned, ...]:
    """Every certificate there is or was, newest first."""
    return await _found(tx)


async def _found(tx: Transaction, *where: ColumnElement[bool]) -> tuple[Pinned, ...]:
    query = select(schema.certificate).where(_c.hub == tx.hub, *where)
    rows = await tx.run(query.order_by(_c.added_at.desc(), _c.fingerprint))
    return tuple(
        Pinned(r.fingerprint, Kind(r.kind), r.agency, r.mailbox, r.added_at, r.live_at, r.retired_at, r.blob)
        for r in rows
    )
