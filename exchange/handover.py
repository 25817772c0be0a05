"""Handover: all that somebody follows goes to somebody else, with what whoever takes it needs to know.

1. One event a case, so that each says whose it was and whose it is.
2. Nobody is given a case that is kept from them; it is named to whoever hands over, and stays where it is.
3. Whoever asks again under the same cause is told of the same cases, and nothing more is done to them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from exchange import chronicle, guarding, story
from exchange.case.ownership import Owned
from exchange.case.state import Case
from exchange.case.step import CannotHappen
from exchange.desk import Desk
from exchange.desk.silence import known
from exchange.drifting import most_urgent
from exchange.outstanding import of_case
from exchange.owed import Owed
from exchange.policy import Action, Viewer, require, roles, shut_out
from exchange.store import casebook, clocks, staff, tasks
from exchange.store.tasks import Task
from exchange.task_words import TASKS

NEWEST = 6  # lines of a case's chronicle


@dataclass(frozen=True, slots=True)
class Line:
    """Something that happened, or will."""

    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Handed:
    """One case as whoever takes it over reads it; no name in it."""

    case: Case
    rating: str
    owed: tuple[Owed, ...]
    asked: tuple[Task, ...]  # what the desk is asked to do
    timers: tuple[Line, ...]
    happened: tuple[Line, ...]  # the newest last

    def row(self) -> dict[str, Any]:
        """For a program."""
        return {
            "reference": self.case.reference, "rating": self.rating, "owed": [story.owed_row(o) for o in self.owed],
            "tasks": [{"what": TASKS.get(t.kind, t.kind), **asdict(t)} for t in self.asked],
            "timers": [asdict(line) for line in self.timers], "happened": [asdict(line) for line in self.happened],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pack:
    """What was handed over."""

    before: str
    owner: str
    at: datetime
    cases: tuple[Handed, ...]
    kept: tuple[str, ...]  # references of those that must be kept from whoever takes over


async def hand_over(desk: Desk, before: str, owner: str, cause: str) -> Pack:
    """Give all open cases of one member of staff to another. Raises Forbidden, Unfit or CannotHappen."""
    require(desk.viewer, Action.ASSIGN)
    if before == owner:
        raise CannotHappen("name two members of staff: who hands over, and who takes over")
    await known(desk, owner)
    hub, now = desk.hub, desk.now()
    async with hub.database.reading(hub.scope(desk.viewer)) as tx:
        before_now = await casebook.caused(tx, f"{cause}:")
        mine = [case for case in await casebook.listing(tx) if case.owner == before]
        member = await staff.find(tx, owner)
    takes = Viewer(owner, roles(member.roles_at(now)) if member else frozenset())
    kept = tuple(case for case in mine if shut_out(takes, case.restrictions))
    for case in mine:
        if case not in kept:
            await desk.record(case.id, Owned(now, desk.viewer.id, owner, before), f"{cause}:{case.id}")
    given = (*before_now, *(case.id for case in mine if case not in kept))
    handed = await _pack(desk, tuple(dict.fromkeys(given)))
    await guarding.read_by(hub, desk.viewer, tuple(h.case for h in handed))
    return Pack(before, owner, now, handed, tuple(c.reference for c in kept))


async def _pack(desk: Desk, cases: tuple[str, ...]) -> tuple[Handed, ...]:
    hub, now = desk.hub, desk.now()
    found = []
    async with hub.database.reading(hub.scope(desk.viewer)) as tx:
        directory = await hub.directory(tx)
        for case_id in cases:
            case = await casebook.load(tx, case_id)
            rules = await casebook.rules_of(tx, case)
            lines = chronicle.lines(await casebook.timeline(tx, case_id), case, rules)
            found.append(
                Handed(
                    case,
                    most_urgent(case, rules),
                    tuple(sorted(await of_case(tx, case, directory, now), key=lambda o: o.due)),
                    tuple(sorted(await tasks.pending(tx, case_id), key=lambda t: t.due)),
                    tuple(
                        Line(c.due, chronicle.clock(c.name, case, rules)) for c in await clocks.of_case(tx, case_id)
                    ),
                    tuple(Line(line.newest.at, line.words) for line in lines[-NEWEST:]),
                )
            )
    return tuple(sorted(found, key=lambda h: min((o.due for o in h.owed), default=now)))
