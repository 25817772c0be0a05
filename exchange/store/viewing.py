"""Viewing: what a viewer may not see is not there, in whatever is read; the one place where SQL knows of it.

1. Each query that reads cases, or what belongs to them, asks `hidden` or `visible` with its own column of case ids.
2. Who is shut out stands in the case (exchange/case/restriction.py); the table here is its copy for joining, written
   in the transaction of the event, and never read for anything else.
3. Loops and commands of the exchange itself read in nobody's name, and see everything.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, exists, false, insert, not_, tuple_

from exchange.case.state import Case
from exchange.store import schema
from exchange.store.database import Transaction

_s = schema.shut_out.c


def hidden(tx: Transaction, case_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether the case of this column is kept from the transaction's actor."""
    if not tx.scope.names:
        return false()
    named = tuple_(_s.kind, _s.who).in_(sorted(tx.scope.names))
    return exists().where(_s.hub == tx.hub, _s.case_id == case_id, named)


def visible(tx: Transaction, case_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether it is not."""
    return not_(hidden(tx, case_id))


async def keep(tx: Transaction, before: Case | None, after: Case) -> None:
    """Copy the restrictions of the case as it stands now, if they changed."""
    if after.restrictions == (before.restrictions if before else ()):
        return
    await tx.run(delete(schema.shut_out).where(_s.hub == tx.hub, _s.case_id == after.id))
    rows = [
        {"hub": tx.hub, "case_id": after.id, "kind": r.kind.value, "who": r.who}
        for r in after.restrictions
        if r.in_force
    ]
    if rows:
        await tx.run(insert(schema.shut_out), rows)
