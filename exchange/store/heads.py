"""Heads: the last link of every stream at one moment, taken regularly and sent outside.

A chain proves that nothing in it was changed; it cannot prove that its end was not cut off, or that the whole
database is not the one of last week. A head can, once it is where nobody here can change it. Each names only what
moved since the one before, and is itself a line of a chained stream, so the newest link stands for all of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select

from exchange.store import journal, schema
from exchange.store.database import Transaction

_e, _h = schema.event.c, schema.headed.c


@dataclass(frozen=True, slots=True)
class Head:
    """What is sent outside: small, and without anything about anybody."""

    hub: str
    number: int
    link: str
    at: datetime  # UTC

    @property
    def text(self) -> str:
        """As it is signed and kept by others."""
        return f"head {self.number} of {self.hub} at {self.at.isoformat()}\n{self.link}\n"


_WRITTEN = re.compile(r"^head (\d{1,9}) of [a-z0-9-]+ at \S+\s+([0-9a-f]{64})$", re.MULTILINE)


def read(text: str) -> tuple[int, str] | None:
    """(number, link) of a head somebody kept, with or without the signature around it."""
    found = _WRITTEN.search(text)
    return (int(found[1]), found[2]) if found else None


async def take(tx: Transaction, now: datetime, event_id: str) -> Head:
    """Name the last link of every stream that moved since the head before."""
    last = select(_e.stream, func.max(_e.seq).label("seq")).where(_e.hub == tx.hub, _e.stream != journal.HEADS)
    newest = last.group_by(_e.stream).subquery()
    moved = (
        select(schema.event.c.stream, schema.event.c.seq, schema.event.c.chain)
        .join(newest, (_e.stream == newest.c.stream) & (_e.seq == newest.c.seq))
        .join(schema.headed, (_h.hub == _e.hub) & (_h.stream == _e.stream), isouter=True)
        .where(_e.hub == tx.hub, func.coalesce(_h.seq, 0) < _e.seq)
        .order_by(_e.stream)
    )
    rows = [(r.stream, r.seq, r.chain) for r in await tx.run(moved)]
    for stream, seq, _ in rows:
        await tx.run(delete(schema.headed).where(_h.hub == tx.hub, _h.stream == stream))
        await tx.run(insert(schema.headed).values(hub=tx.hub, stream=stream, seq=seq))
    number, link = await journal.note(tx, journal.HEADS, "HeadTaken", now, event_id, streams=rows)
    return Head(tx.hub, number, link, now)


async def last_at(tx: Transaction) -> datetime | None:
    """When the newest head was taken."""
    at: datetime | None = (
        await tx.run(select(func.max(_e.at)).where(_e.hub == tx.hub, _e.stream == journal.HEADS))
    ).scalar_one()
    return at


async def link_of(tx: Transaction, number: int) -> str | None:
    """The link of one head as the record has it."""
    row = await tx.run(select(_e.chain).where(_e.hub == tx.hub, _e.stream == journal.HEADS, _e.seq == number))
    found: str | None = row.scalar_one_or_none()
    return found
