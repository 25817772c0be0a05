"""Letters that wait here to be fetched, and the one-time code last sent for each.

1. A code is kept as a keyed digest, and works once, until its time ends or it was guessed at too often.
2. The letter itself is in the outbox, sealed like every other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from exchange.store import schema
from exchange.store.database import Transaction

_p = schema.pickup.c


@dataclass(frozen=True, slots=True)
class Waiting:
    """One letter."""

    letter: str  # its row in the outbox
    case_id: str
    about: str
    mailbox: str
    made_at: datetime
    until: datetime  # fetched no more after that
    code: str | None = None  # keyed digest of the one-time code last sent
    code_until: datetime | None = None
    tries: int = 0  # wrong ones at this code
    fetched_at: datetime | None = None  # first read


async def put(tx: Transaction, wanted: Waiting) -> None:
    """Let a letter wait; one that was written anew waits anew."""
    values = {name: getattr(wanted, name) for name in Waiting.__dataclass_fields__}
    await tx.run(delete(schema.pickup).where(_p.hub == tx.hub, _p.letter == wanted.letter))
    await tx.run(insert(schema.pickup).values(hub=tx.hub, **values))


async def find(tx: Transaction, letter: str, *, lock: bool = False) -> Waiting | None:
    """The letter, if it waits here; with `lock` nobody else changes it until the transaction ends."""
    query = select(schema.pickup).where(_p.hub == tx.hub, _p.letter == letter)
    row = (await tx.run(query.with_for_update() if lock else query)).one_or_none()
    return Waiting(**{name: getattr(row, name) for name in Waiting.__dataclass_fields__}) if row else None


async def set_code(tx: Transaction, letter: str, code: str, until: datetime) -> None:
    """A new code, which ends the one before."""
    await _change(tx, letter, code=code, code_until=until, tries=0)


async def wrong(tx: Transaction, letter: str) -> None:
    """Somebody typed another code."""
    await _change(tx, letter, tries=_p.tries + 1)


async def used(tx: Transaction, letter: str) -> None:
    """The code was right, and is over."""
    await _change(tx, letter, code=None, code_until=None, tries=0)


async def fetched(tx: Transaction, letter: str, at: datetime) -> None:
    """Somebody has read it for the first time."""
    await tx.run(
        update(schema.pickup)
        .where(_p.hub == tx.hub, _p.letter == letter, _p.fetched_at.is_(None))
        .values(fetched_at=at)
    )


async def _change(tx: Transaction, letter: str, **values: object) -> None:
    await tx.run(update(schema.pickup).where(_p.hub == tx.hub, _p.letter == letter).values(**values))
