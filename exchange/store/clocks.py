"""Clocks that run: a case asks to be woken at a time; taking one removes it in the transaction that answers it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update

from exchange.store import schema, viewing
from exchange.store.database import Transaction

_c = schema.clock.c
MOST = 100  # clocks looked at for one: beyond those of a few busy cases there is one to take


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of one case."""

    case_id: str
    name: str
    due: datetime


async def put(tx: Transaction, case_id: str, name: str, due: datetime) -> None:
    """Set the clock, or move it."""
    moved = await tx.run(
        update(schema.clock).where(_c.hub == tx.hub, _c.case_id == case_id, _c.name == name).values(due=due)
    )
    if moved.rowcount == 0:
        await tx.run(insert(schema.clock).values(hub=tx.hub, case_id=case_id, name=name, due=due))


async def stop(tx: Transaction, case_id: str, name: str) -> None:
    """Stop the clock, if it runs."""
    await tx.run(delete(schema.clock).where(_c.hub == tx.hub, _c.case_id == case_id, _c.name == name))


async def take(tx: Transaction, now: datetime) -> Clock | None:
    """Remove and return one clock that has run out. Its case is held first, as by all who record something and move
    clocks: the other way round each would wait for the other. A case in which something happens just now is passed
    over, not waited for."""
    run_out = select(_c.case_id, _c.name, _c.due).where(_c.hub == tx.hub, _c.due <= now)
    for row in (await tx.run(run_out.order_by(_c.due).limit(MOST))).all():
        case = select(schema.case.c.id).where(schema.case.c.hub == tx.hub, schema.case.c.id == row.case_id)
        if (await tx.run(case.with_for_update(skip_locked=True))).one_or_none() is None:
            continue
        mine = (_c.hub == tx.hub, _c.case_id == row.case_id, _c.name == row.name, _c.due == row.due)
        if (await tx.run(delete(schema.clock).where(*mine))).rowcount:  # nobody has moved or stopped it meanwhile
            return Clock(row.case_id, row.name, row.due)
    return None


async def next_due(tx: Transaction) -> datetime | None:
    """When the next clock of the hub runs out."""
    due: datetime | None = (await tx.run(select(func.min(_c.due)).where(_c.hub == tx.hub))).scalar_one()
    return due


async def named(tx: Transaction, prefix: str) -> tuple[Clock, ...]:
    """The clocks of the hub whose names begin so, soonest first."""
    mine = (_c.hub == tx.hub, _c.name.startswith(prefix, autoescape=True))
    rows = await tx.run(select(_c.case_id, _c.name, _c.due).where(*mine).order_by(_c.due))
    return tuple(Clock(r.case_id, r.name, r.due) for r in rows)


async def of_hub(tx: Transaction) -> dict[str, dict[str, datetime]]:
    """Every clock that runs: case id -> name -> due."""
    found: dict[str, dict[str, datetime]] = {}
    for row in await tx.run(
        select(_c.case_id, _c.name, _c.due).where(_c.hub == tx.hub, viewing.visible(tx, _c.case_id))
    ):
        found.setdefault(row.case_id, {})[row.name] = row.due
    return found


async def of_case(tx: Transaction, case_id: str) -> tuple[Clock, ...]:
    """The clocks of one case, soonest first."""
    rows = await tx.run(
        select(_c.case_id, _c.name, _c.due).where(_c.hub == tx.hub, _c.case_id == case_id).order_by(_c.due)
    )
    return tuple(Clock(r.case_id, r.name, r.due) for r in rows)
