"""Repeats: which request was made under which key, so that the same one acts once and another is refused.

1. Only keyed digests are kept, for a year; a key is let go when what was asked under it was refused.
2. Of two who ask the same at once one acts. Who began and never ended (a crash) holds it no longer than `LONGEST`.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, select, text, update

from exchange.store import passkeys, schema
from exchange.store.database import Transaction

KEPT = timedelta(days=366)  # what a program has not repeated by then it does not repeat
LONGEST = timedelta(minutes=1)  # that one request is answered: handing over hundreds of cases takes seconds
_s = schema.spent.c


class Claim(StrEnum):
    """What a key is to whoever asks with it."""

    NEW = "new"
    AGAIN = "again"  # the same was asked under it, and done
    UNDER_WAY = "under_way"  # the same is being done at this moment
    RESUMED = "resumed"  # the same was begun, and whoever did it is gone
    OTHER = "other"  # something else was


async def claim(tx: Transaction, key: str, asked: str, now: datetime) -> Claim:
    """Ask this (a digest) under this key (another), from now on."""
    if tx.connection.dialect.name == "postgresql":  # SQLite has one writer anyway; here two would both find nothing
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
        await tx.connection.execute(lock, {"name": f"{tx.hub}/{key}"})
    if await passkeys.spend(tx, key, now, now + KEPT):
        await passkeys.spend(tx, asked, now, now + KEPT)
        return Claim.NEW
    mine = (_s.hub == tx.hub, _s.digest == asked)
    until = (await tx.run(select(_s.until).where(*mine))).scalar_one_or_none()
    if until is None:
        return Claim.OTHER
    if await passkeys.is_spent(tx, _ended(asked)):
        return Claim.AGAIN
    if now < until - KEPT + LONGEST:
        return Claim.UNDER_WAY
    await tx.run(update(schema.spent).where(*mine).values(until=now + KEPT))  # of two who ask again one goes on
    return Claim.RESUMED


async def end(tx: Transaction, asked: str, now: datetime) -> None:
    """What was asked is done: whoever repeats it is told so from now on."""
    await passkeys.spend(tx, _ended(asked), now, now + KEPT)


async def let_go(tx: Transaction, key: str, asked: str) -> None:
    """Nothing was done under this key: it may be used for something else."""
    await tx.run(delete(schema.spent).where(_s.hub == tx.hub, _s.digest.in_((key, asked))))


def _ended(asked: str) -> str:
    return hashlib.sha256(f"{asked} is done".encode()).hexdigest()
