"""Proposals: hub files that somebody wants in force, sealed, until somebody applies or withdraws them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, select, update

from exchange.store import schema
from exchange.store.database import Transaction

_p = schema.proposal.c


class Ended(StrEnum):
    """What became of one."""

    WAITS = ""
    APPLIED = "applied"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One hub file, as it was proposed."""

    id: str
    made_at: datetime
    made_by: str
    base: str  # hash of the text it began from
    two: bool  # somebody else must put it in force
    blob: bytes = field(repr=False)
    ended: Ended = Ended.WAITS
    ended_at: datetime | None = None
    ended_by: str = ""


async def put(tx: Transaction, new: Proposal) -> None:
    """Somebody proposes a file."""
    values = {"made_at": new.made_at, "made_by": new.made_by, "base": new.base, "two": new.two, "blob": new.blob}
    await tx.run(insert(schema.proposal).values(hub=tx.hub, id=new.id, ended=Ended.WAITS.value, **values))


async def find(tx: Transaction, proposal: str) -> Proposal | None:
    """The one of this id."""
    row = (await tx.run(select(schema.proposal).where(_p.hub == tx.hub, _p.id == proposal))).one_or_none()
    return _of(row) if row else None


async def waiting(tx: Transaction) -> tuple[Proposal, ...]:
    """Those that nobody has ended, the oldest first."""
    mine = (_p.hub == tx.hub, _p.ended == Ended.WAITS.value)
    rows = await tx.run(select(schema.proposal).where(*mine).order_by(_p.made_at, _p.id))
    return tuple(_of(row) for row in rows)


async def end(tx: Transaction, proposal: str, how: Ended, by: str, at: datetime) -> bool:
    """It waits no more; False when somebody has ended it already."""
    one = (_p.hub == tx.hub, _p.id == proposal, _p.ended == Ended.WAITS.value)
    values = {"ended": how.value, "ended_by": by, "ended_at": at}
    changed = await tx.run(update(schema.proposal).where(*one).values(**values))
    return changed.rowcount == 1


def _of(row: Any) -> Proposal:
    return Proposal(
        row.id, row.made_at, row.made_by, row.base, row.two, row.blob, Ended(row.ended), row.ended_at,
        row.ended_by or "",
    )  # fmt: skip
