"""Tasks: what a person at the desk must do. One open task a key; asking again presses, never doubles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, insert, select, true, update

from exchange.case.effect import OpenTask
from exchange.store import schema, viewing
from exchange.store.database import Transaction

_t = schema.task.c


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do."""

    case_id: str
    key: str
    kind: str
    about: str
    opened_at: datetime
    due: datetime
    pressed: int  # how often it was asked for again


async def open_(tx: Transaction, case_id: str, wanted: OpenTask, at: datetime) -> None:
    """Ask the desk. An open task of the same key is pressed; a closed one is opened anew."""
    mine = (_t.hub == tx.hub, _t.case_id == case_id, _t.key == wanted.key)
    row = (await tx.run(select(_t.closed_at, _t.pressed).where(*mine))).one_or_none()
    if row is None:
        await tx.run(
            insert(schema.task).values(
                hub=tx.hub, case_id=case_id, key=wanted.key, kind=wanted.kind, about=wanted.about, opened_at=at,
                due=wanted.due, pressed=0,
            )
        )  # fmt: skip
    elif row.closed_at is None:
        await tx.run(update(schema.task).where(*mine).values(pressed=row.pressed + 1))
    else:
        fresh = {"opened_at": at, "due": wanted.due, "pressed": 0, "closed_at": None, "closed_by": None}
        await tx.run(update(schema.task).where(*mine).values(kind=wanted.kind, about=wanted.about, **fresh))


async def close(tx: Transaction, case_id: str, key: str, at: datetime) -> None:
    """It need not be done any more, or was done by the transaction's actor."""
    await tx.run(
        update(schema.task)
        .where(_t.hub == tx.hub, _t.case_id == case_id, _t.key == key, _t.closed_at.is_(None), _seen(tx))
        .values(closed_at=at, closed_by=tx.actor)
    )


async def known(tx: Transaction, case_id: str, key: str) -> bool:
    """Whether the actor may see a task of this key, open or done."""
    mine = select(_t.key).where(_t.hub == tx.hub, _t.case_id == case_id, _t.key == key, _seen(tx))
    return (await tx.run(mine.limit(1))).scalar_one_or_none() is not None


def _seen(tx: Transaction) -> ColumnElement[bool]:
    """Not of a kind that is kept from the actor (policy.TASKS_FOR)."""
    return _t.kind.not_in(sorted(tx.scope.unseen)) if tx.scope.unseen else true()


async def pending(tx: Transaction, case_id: str | None = None) -> tuple[Task, ...]:
    """Open tasks that the actor may see, soonest due first; of one case when given (`""`: those of none)."""
    query = select(schema.task).where(
        _t.hub == tx.hub, _t.closed_at.is_(None), _seen(tx), viewing.visible(tx, _t.case_id)
    )
    if case_id is not None:
        query = query.where(_t.case_id == case_id)
    rows = await tx.run(query.order_by(_t.due))
    return tuple(Task(r.case_id, r.key, r.kind, r.about, r.opened_at, r.due, r.pressed) for r in rows)
