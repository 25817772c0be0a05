"""Certificates pinned to agencies, sealed at rest; the keyring on each node is filled from here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert, select, update

from exchange.store import schema
from exchange.store.database import Transaction

_c = schema.certificate.c


@dataclass(frozen=True, slots=True)
class Pinned:
    """A certificate an agency may sign with and be written to."""

    fingerprint: str
    agency: str
    added_at: datetime
    retired_at: datetime | None
    blob: bytes = field(repr=False)


async def put(tx: Transaction, fingerprint: str, agency: str, blob: bytes, at: datetime) -> None:
    """Pin a certificate, or pin it anew (a renewed expiry comes under the same fingerprint)."""
    mine = (_c.hub == tx.hub, _c.fingerprint == fingerprint)
    renewed = await tx.run(
        update(schema.certificate).where(*mine).values(agency=agency, blob=blob, added_at=at, retired_at=None)
    )
    if renewed.rowcount == 0:
        await tx.run(
            insert(schema.certificate).values(
                hub=tx.hub, fingerprint=fingerprint, agency=agency, added_at=at, blob=blob
            )
        )


async def retire(tx: Transaction, fingerprint: str, at: datetime) -> bool:
    """Use it no more. False when it was not in use."""
    changed = await tx.run(
        update(schema.certificate)
        .where(_c.hub == tx.hub, _c.fingerprint == fingerprint, _c.retired_at.is_(None))
        .values(retired_at=at)
    )
    return changed.rowcount == 1


async def in_use(tx: Transaction, agency: str | None = None) -> tuple[Pinned, ...]:
    """Certificates in use, newest first; of one agency when given."""
    query = select(schema.certificate).where(_c.hub == tx.hub, _c.retired_at.is_(None))
    if agency is not None:
        query = query.where(_c.agency == agency)
    rows = await tx.run(query.order_by(_c.added_at.desc(), _c.fingerprint))
    return tuple(Pinned(r.fingerprint, r.agency, r.added_at, r.retired_at, r.blob) for r in rows)
