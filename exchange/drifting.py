"""Drifting: open cases that nobody follows, or in which nobody has done anything for too long.

1. What a machine says, and silence itself, is nobody's doing: a case that is only pressed is drifting.
2. A case without a running clock and without an open task must not exist; if one does, it comes first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from exchange import guarding
from exchange.blockers import today
from exchange.case import clock
from exchange.case.leave import Whose, away
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.hub import Hub
from exchange.policy import Action, Viewer, require
from exchange.store import casebook, clocks, leave, staff, tasks


class Adrift(StrEnum):
    """Why a case is on the list; the gravest first."""

    UNWATCHED = "unwatched"  # no clock runs and no task is open: silence would stay silent
    NO_OWNER = "no_owner"
    OWNER_GONE = "owner_gone"  # no longer with the hub
    OWNER_AWAY = "owner_away"  # on leave
    QUIET = "quiet"  # nobody has done anything for so long


@dataclass(frozen=True, slots=True)
class Drift:
    """One case on the list."""

    case_id: str
    reference: str
    owner: str
    why: tuple[Adrift, ...]
    last_at: datetime  # when a person last did something
    next_at: datetime | None  # when its next clock runs out
    rating: str


async def drifting(hub: Hub, viewer: Viewer, hours: int | None = None) -> tuple[Drift, ...]:
    """Open cases adrift, the gravest first; `hours` without an event, instead of what the hub file says."""
    require(viewer, Action.SEE_STATUS)
    now = hub.clock.now()
    async with hub.database.reading(hub.scope(viewer)) as tx:
        cases = await casebook.listing(tx)
        wakes, last = await clocks.of_hub(tx), await casebook.last_done(tx)
        asked = {t.case_id for t in await tasks.pending(tx)}
        here = frozenset(member.id for member in await staff.everybody(tx))
        found = []
        for case in cases:
            rules = await casebook.rules_of(tx, case)
            day = today(rules, now)
            absent = away(await leave.on(tx, day), Whose.STAFF, day)
            running = wakes.get(case.id, {})
            done = last.get(case.id, case.received_at)
            why = [Adrift.UNWATCHED] if not running and case.id not in asked else []
            why += _owner(case, here, absent)
            why += [Adrift.QUIET] if _over(done, hours, rules) <= now else []
            if why:
                soonest = min(running.values()) if running else None
                rating = most_urgent(case, rules)
                found.append(Drift(case.id, case.reference, case.owner, tuple(why), done, soonest, rating))
    await guarding.read_by(hub, viewer, tuple(c for c in cases if c.id in {d.case_id for d in found}))
    return tuple(sorted(found, key=lambda d: (list(Adrift).index(d.why[0]), d.last_at)))


def _owner(case: Case, here: frozenset[str], absent: frozenset[str]) -> list[Adrift]:
    if not case.owner:
        return [Adrift.NO_OWNER]
    if case.owner not in here:
        return [Adrift.OWNER_GONE]
    return [Adrift.OWNER_AWAY] if case.owner in absent else []


def _over(done: datetime, hours: int | None, rules: Rules) -> datetime:
    return done + timedelta(hours=hours) if hours is not None else clock.due(rules.drift, done, rules.calendar)


def most_urgent(case: Case, rules: Rules) -> str:
    """The most urgent rating of a case; "" while there is none."""
    given = {s.rating for s in case.subjects}
    return next((r.code for r in rules.ratings if r.code in given), "")
