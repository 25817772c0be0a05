"""Passkeys: which authenticator's public key is whose, and which challenges were answered already."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from exchange.store import schema
from exchange.store.database import Transaction

_p, _s = schema.passkey.c, schema.spent.c


@dataclass(frozen=True, slots=True)
class Stored:
    """One passkey."""

    digest: str  # by which it is named on a page
    kind: str  # whose: "staff", ...
    owner: str
    credential: bytes = field(repr=False)
    public_key: bytes = field(repr=False)
    count: int
    label: bytes = field(repr=False)  # sealed
    created_at: datetime
    used_at: datetime | None = None


def digest(credential: bytes) -> str:
    """What a credential is filed under: its own id may be a kilobyte (Web Authentication 4)."""
    return hashlib.sha256(credential).hexdigest()


async def put(tx: Transaction, key: Stored) -> None:
    """Keep a new one."""
    values = {name: getattr(key, name) for name in Stored.__slots__}
    await tx.run(insert(schema.passkey).values(hub=tx.hub, **values))


async def find(tx: Transaction, filed: str) -> Stored | None:
    """The passkey filed so."""
    row = (await tx.run(select(schema.passkey).where(_p.hub == tx.hub, _p.digest == filed))).one_or_none()
    return _stored(row) if row else None


async def of(tx: Transaction, kind: str, owner: str) -> tuple[Stored, ...]:
    """All of one owner, the oldest first."""
    mine = (_p.hub == tx.hub, _p.kind == kind, _p.owner == owner)
    rows = await tx.run(select(schema.passkey).where(*mine).order_by(_p.created_at, _p.digest))
    return tuple(_stored(row) for row in rows)


async def used(tx: Transaction, filed: str, count: int, at: datetime) -> None:
    """It has signed once more."""
    where = (_p.hub == tx.hub, _p.digest == filed)
    await tx.run(update(schema.passkey).where(*where).values(count=count, used_at=at))


async def remove(tx: Transaction, kind: str, owner: str, filed: str) -> bool:
    """It counts no more; whether it was this owner's."""
    mine = (_p.hub == tx.hub, _p.kind == kind, _p.owner == owner, _p.digest == filed)
    return bool((await tx.run(delete(schema.passkey).where(*mine))).rowcount)


async def remove_all(tx: Transaction, kind: str, owner: str) -> int:
    """None of this owner's counts any more; how many there were."""
    return (await tx.run(delete(schema.passkey).where(_p.hub == tx.hub, _p.kind == kind, _p.owner == owner))).rowcount


async def spend(tx: Transaction, what: str, now: datetime, until: datetime) -> bool:
    """Whether `what` (a digest) was not spent before: now it is. What is too old to count anyway is forgotten."""
    await tx.run(delete(schema.spent).where(_s.hub == tx.hub, _s.until <= now))
    known = await tx.run(select(_s.digest).where(_s.hub == tx.hub, _s.digest == what))
    if known.scalar_one_or_none() is not None:
        return False
    await tx.run(insert(schema.spent).values(hub=tx.hub, digest=what, until=until))
    return True


async def is_spent(tx: Transaction, what: str) -> bool:
    """Whether `what` was spent, and is not forgotten yet."""
    known = await tx.run(select(_s.digest).where(_s.hub == tx.hub, _s.digest == what))
    return known.scalar_one_or_none() is not None


def _stored(row: object) -> Stored:
    return Stored(**{name: getattr(row, name) for name in Stored.__slots__})
