"""Guesses: how often a code was tried wrongly. A code of a few characters is only as good as this count."""

from __future__ import annotations

from sqlalchemy import delete, insert, select, update

from exchange.store import schema
from exchange.store.database import Transaction

_g = schema.guess.c


async def tried(tx: Transaction, about: str) -> int:
    """How often it was tried wrongly so far."""
    return (await tx.run(select(_g.tries).where(_g.hub == tx.hub, _g.about == about))).scalar_one_or_none() or 0


async def wrong(tx: Transaction, about: str) -> int:
    """One more wrong try; returns how many there were."""
    changed = await tx.run(update(schema.guess).where(_g.hub == tx.hub, _g.about == about).values(tries=_g.tries + 1))
    if changed.rowcount == 0:
        await tx.run(insert(schema.guess).values(hub=tx.hub, about=about, tries=1))
    return await tried(tx, about)


async def forget(tx: Transaction, about: str) -> None:
    """Count from nothing again."""
    await tx.run(delete(schema.guess).where(_g.hub == tx.hub, _g.about == about))
