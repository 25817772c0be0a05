"""Escalations: the board's log, what no team, deputy, lead or manager brought to an answer. Read from the cases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from exchange import guarding
from exchange.case.escalation import Reached, Rung
from exchange.case.rules import Rules
from exchange.case.state import Case, Leg
from exchange.case.strategy_discussion import Invitee, StrategyDiscussion, Weight
from exchange.hub import Hub
from exchange.policy import Action, Viewer, require
from exchange.store import casebook
from exchange.wording import agency_name
from templates.moments import span

ENDED = {  # before when it was
    "answered": "answered",
    "moved": "not answered: the discussion was moved",
    "held": "not answered: the discussion was held",
    "cancelled": "not answered: the discussion was cancelled",
    "recalled": "not answered: the packet was asked back",
    "closed": "not answered: the case was closed",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One silence that reached the board."""

    reference: str
    agency: str
    owed: str  # "acknowledgement" | "answer" | "attendance"
    due: datetime
    reached_at: datetime
    ended_at: datetime | None  # when nobody waited for it any more; None while somebody does
    ended: str = (
        ""  # how: "answered" by a person there, or "moved", "held", "cancelled", "recalled", "closed" unanswered
    )

    def row(self, now: datetime) -> dict[str, Any]:
        """For a program: how long it has been, or was, past its time."""
        return {**asdict(self), "late_by": span((self.ended_at or now) - self.due)}


async def escalations(hub: Hub, viewer: Viewer) -> tuple[Entry, ...]:
    """What reached the board, the newest first; of closed cases too."""
    require(viewer, Action.SEE_STATUS)
    async with hub.database.reading(hub.scope(viewer)) as tx:
        cases = await casebook.listing(tx, is_open=None)
        found = [
            (case, entry) for case in cases if _any(case) for entry in _of(case, await casebook.rules_of(tx, case))
        ]
    await guarding.read_by(hub, viewer, tuple({case.id: case for case, _ in found}.values()))
    return tuple(sorted((entry for _, entry in found), key=lambda e: e.reached_at, reverse=True))


def _any(case: Case) -> bool:
    seats = (i.rungs for d in case.discussions for i in d.invitees)
    return any(r.rung is Rung.BOARD for rungs in (*(leg.rungs for leg in case.legs), *seats) for r in rungs)


def _of(case: Case, rules: Rules) -> Iterator[Entry]:
    for leg in case.legs:
        for reached in leg.rungs:
            if reached.rung is Rung.BOARD:
                yield _of_leg(case, leg, reached, rules)
    for discussion in case.discussions:
        for seat in discussion.invitees:
            for reached in seat.rungs:
                if reached.rung is Rung.BOARD:
                    name = agency_name(seat.agency, rules)
                    due = reached.due or seat.due or discussion.starts_at
                    yield Entry(
                        case.reference, name, "attendance", due, reached.at, *_end_of_seat(discussion, seat, reached)
                    )


def _end_of_seat(discussion: StrategyDiscussion, seat: Invitee, reached: Reached) -> tuple[datetime | None, str]:
    """The first reply that held ends it; a new time, or the end of the discussion, is no answer."""
    said = next((r.at for r in seat.history if r.weight is Weight.HOLDS and r.at >= reached.at), None)
    asked_anew = seat.asked_at if seat.asked_at and seat.asked_at > reached.at else None
    ends = [(said, "answered"), (asked_anew, "moved"), (discussion.held_at, "held")]
    ends.append((discussion.cancelled_at, "cancelled"))
    known = [(at, how) for at, how in ends if at and at >= reached.at]
    return min(known) if known else (None, "")


def _of_leg(case: Case, leg: Leg, reached: Reached, rules: Rules) -> Entry:
    name, ends = agency_name(leg.agency, rules), [(leg.recalled_at, "recalled")]
    ends.append((case.closed.at if case.closed else None, "closed"))
    if leg.acknowledged_at is None or reached.at < leg.acknowledged_at:
        what, due, ended = "acknowledgement", reached.due or leg.acknowledge_due, leg.acknowledged_at
    else:
        what, due, ended = "answer", reached.due or leg.answer_due, leg.answered_at
    known = [(at, how) for at, how in ((ended, "answered"), *ends) if at and at >= reached.at]
    return Entry(case.reference, name, what, due, reached.at, *(min(known) if known else (None, "")))
