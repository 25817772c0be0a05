"""Repeats: which request was made under which key, so that the same one acts once and another is refused.

Only keyed digests are kept, for a year; a key is let go when what was asked under it was refused.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, text

from exchange.store import passkeys, schema
from exchange.store.database import Transaction

KEPT = timedelta(days=366)  # what a program has not repeated by then it does not repeat
_s = schema.spent.c


class Claim(StrEnum):
    """What a key is to whoever asks with it."""

    NEW = "new"
    AGAIN = "again"  # the same was asked under it
    OTHER = "other"  # something else was


async def claim(tx: Transaction, key: str, asked: str, now: datetime) -> Claim:
    """Ask this (a digest) under this key (another), from now on."""
    if tx.connection.dialect.name == "postgresql":  # SQLite has one writer anyway; here two would both find nothing
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
        await tx.connection.execute(lock, {"name": f"{tx.hub}/{key}"})
    if not await passkeys.spend(tx, key, now, now + KEPT):
        return Claim.AGAIN if await passkeys.is_spent(tx, asked) else Claim.OTHER
    await passkeys.spend(tx, asked, now, now + KEPT)
    return Claim.NEW


async def let_go(tx: Transaction, key: str, asked: str) -> None:
    """Nothing was done under this key: it may be used for something else."""
    await tx.run(delete(schema.spent).where(_s.hub == tx.hub, _s.digest.in_((key, asked))))
