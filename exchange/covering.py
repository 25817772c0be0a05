"""Covering: who acts in the place of staff on leave, and on which days too few of a role are there.

1. Whoever covers acts with the roles of both, in their own name, and sees nothing that is kept from either.
2. It holds on the days of the leave, no longer, and is not passed on from one cover to the next.
3. Cover adds no hands: the least number of a role is counted by who holds it and is not on leave.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from exchange.blockers import today
from exchange.case.leave import Leave, Whose, away, covered
from exchange.case.mailbox import Minimum
from exchange.case.presence import Presence
from exchange.case.rules import Rules
from exchange.hub import Hub
from exchange.policy import Viewer, roles, standing_in
from exchange.store import leave, staff
from exchange.store.database import Transaction

LONGEST = 366  # days looked ahead: leave is not known for longer


@dataclass(frozen=True, slots=True)
class Gap:
    """A working day on which too few of a role are there."""

    day: date
    role: str
    least: int
    there: int


async def viewer_of(tx: Transaction, member: staff.Member, day: date, at: datetime) -> Viewer:
    """The member as a viewer, standing in for whoever they cover that day, with what both hold at that moment."""
    viewer = Viewer(member.id, roles(member.roles_at(at)))
    for who in covered(await leave.on(tx, day), Whose.STAFF, member.id, day):
        absent = await staff.find(tx, who)
        if absent:
            viewer = standing_in(viewer, Viewer(absent.id, roles(absent.roles_at(at))))
    return viewer


async def presence_of(hub: Hub, tx: Transaction, rules: Rules) -> Presence:
    """Who of the agencies is there today."""
    day = today(rules, hub.clock.now())
    return Presence(await hub.directory(tx), day, await leave.on(tx, day))


async def gaps(hub: Hub, rules: Rules, days: int) -> tuple[Gap, ...]:
    """Those of the coming days, today's first."""
    first = today(rules, hub.clock.now())
    async with hub.database.reading(hub.scope("operator")) as tx:
        minimum = (await hub.directory(tx)).cover
        people, leaves = await staff.everybody(tx), await leave.since(tx, first)
    ahead = (first + timedelta(days=n) for n in range(min(days, LONGEST)))
    now = hub.clock.now()
    working = [(day, max(span[0], now)) for day in ahead if (span := rules.calendar.span(day))]
    return tuple(gap for day, at in working for gap in _of_day(day, at, minimum, people, leaves))


def _of_day(
    day: date, at: datetime, minimum: Iterable[Minimum], people: tuple[staff.Member, ...], leaves: tuple[Leave, ...]
) -> Iterable[Gap]:
    absent = away(leaves, Whose.STAFF, day)
    for of in minimum:
        there = sum(of.role in person.roles_at(at) and person.id not in absent for person in people)
        if there < of.least:
            yield Gap(day, of.role, of.least, there)
