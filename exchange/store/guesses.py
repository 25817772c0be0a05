"""Guesses: how often a code was tried wrongly. A code of a few characters is only as good as this count.

1. What is counted by the hour or the day, or of a code that ends by itself, says until when it counts, and is swept
   then.
2. The count of a packet's code stays as long as its case may be answered: to sweep it would unlock the code.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from exchange.store import schema
from exchange.store.database import Transaction

A_DAY = timedelta(days=1)  # longer than whatever names its hour, and a one-time code
A_YEAR = timedelta(days=366)  # longer than a test or a letter waits to be answered
_g = schema.guess.c


async def tried(tx: Transaction, about: str) -> int:
    """How often it was tried wrongly so far."""
    return (await tx.run(select(_g.tries).where(_g.hub == tx.hub, _g.about == about))).scalar_one_or_none() or 0


async def wrong(tx: Transaction, about: str, until: datetime | None = None) -> int:
    """One more wrong try, which counts `until` then; returns how many there were."""
    mine = (_g.hub == tx.hub, _g.about == about)
    changed = await tx.run(update(schema.guess).where(*mine).values(tries=_g.tries + 1, until=until))
    if changed.rowcount == 0:
        await tx.run(insert(schema.guess).values(hub=tx.hub, about=about, tries=1, until=until))
    return await tried(tx, about)


async def forget(tx: Transaction, about: str) -> None:
    """Count from nothing again."""
    await tx.run(delete(schema.guess).where(_g.hub == tx.hub, _g.about == about))


async def forget_case(tx: Transaction, case_id: str) -> None:
    """Nothing of the case is answered any more."""
    mine = _g.about.startswith(f"{case_id}/", autoescape=True)
    await tx.run(delete(schema.guess).where(_g.hub == tx.hub, mine))


async def sweep(tx: Transaction, now: datetime) -> int:
    """Rule 1; how many went."""
    return (await tx.run(delete(schema.guess).where(_g.hub == tx.hub, _g.until <= now))).rowcount
