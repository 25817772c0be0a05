"""Leave of SPOCs and of staff: who is away, from which day to which, and who covers. Ids only, nobody's name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import insert, select, update

from exchange.case.leave import Leave, Whose
from exchange.store import schema
from exchange.store.database import Transaction

_l = schema.leave.c


async def put(tx: Transaction, leave: Leave) -> None:
    """Somebody will be away, or is."""
    values = {"kind": leave.kind.value, "who": leave.who, "since": leave.since, "until": leave.until}
    await tx.run(
        insert(schema.leave).values(hub=tx.hub, id=leave.id, covered_by=leave.covered_by, **values)
    )  # fmt: skip


async def since(tx: Transaction, day: date) -> tuple[Leave, ...]:
    """All leave that is not over on this day, nor was never taken, the soonest first."""
    rows = await tx.run(
        select(schema.leave)
        .where(_l.hub == tx.hub, _l.until >= day, _l.until >= _l.since)
        .order_by(_l.since, _l.until, _l.id)
    )
    return tuple(Leave(r.id, Whose(r.kind), r.who, r.since, r.until, r.covered_by) for r in rows)


async def on(tx: Transaction, day: date) -> tuple[Leave, ...]:
    """Who is away on this day."""
    return tuple(leave for leave in await since(tx, day) if leave.holds(day))


async def find(tx: Transaction, leave_id: str) -> Leave | None:
    """The leave of this id."""
    r = (await tx.run(select(schema.leave).where(_l.hub == tx.hub, _l.id == leave_id))).one_or_none()
    return Leave(r.id, Whose(r.kind), r.who, r.since, r.until, r.covered_by) if r else None


async def end(tx: Transaction, leave: Leave, last: date) -> Leave:
    """They are back on the day after `last`; before its first day it is never taken."""
    await tx.run(update(schema.leave).where(_l.hub == tx.hub, _l.id == leave.id).values(until=last))
    return replace(leave, until=last)
