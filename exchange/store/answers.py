"""Automatic answers that went out lately, by keyed digest of their address: no address gets too many of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select

from exchange.store import schema
from exchange.store.database import Transaction

_a = schema.answer.c
LATELY = timedelta(days=1)


async def take(tx: Transaction, digest: str, letter: str, now: datetime, most: int) -> bool:
    """Whether one more may go there; the same letter asked for again is the same answer."""
    await tx.run(delete(schema.answer).where(_a.hub == tx.hub, _a.at <= now - LATELY))
    there = (_a.hub == tx.hub, _a.digest == digest)
    known = await tx.run(select(_a.letter).where(*there, _a.letter == letter))
    if known.scalar_one_or_none() is not None:
        return True
    went = await tx.run(select(func.count()).where(*there))
    if went.scalar_one() >= most:
        return False
    await tx.run(insert(schema.answer).values(hub=tx.hub, digest=digest, letter=letter, at=now))
    return True
