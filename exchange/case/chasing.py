"""Chasing by hand: somebody of the hub asks an agency or an invitee once more by mail.

1. It goes as any reminder does: to whoever was asked last, when somebody reads there, withdrawn once they answer. No
   clock moves for it.
2. Nobody is asked twice within a quarter of an hour: two people at the desk press in the same minute.
3. Nobody is asked by mail for what has not reached them, nor who must not see the case.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from exchange.case.effect import Letter, SendLetter
from exchange.case.escalation import Chased
from exchange.case.rules import Rules
from exchange.case.state import Case, Leg
from exchange.case.step import CannotHappen, Step
from exchange.case.strategy_discussion import Attendance, Invitee, Meeting, StrategyDiscussion

AGAIN = timedelta(minutes=15)  # as long as a person who was just asked is given before the hub rings them
_NOT_REACHED = "what was sent has not reached them: ring"


def refusal(case: Case, about: str, at: datetime) -> str:
    """Why a leg or a seat cannot be chased by mail now; "" when it can."""
    sought = _sought(case, about)
    if sought is None:
        return f"no agency or seat “{about}” in this case: choose one of those asked"
    if case.closed:
        return "the case is closed: nobody is asked any more"
    return _of_leg(sought, at) if isinstance(sought, Leg) else _of_seat(case, *sought, at)


def _sought(case: Case, about: str) -> Leg | tuple[StrategyDiscussion, Invitee] | None:
    found = ((d, i) for d in case.discussions for i in d.invitees if f"{d.id}/{i.id}" == about)
    return case.leg(about) or next(found, None)


def _of_leg(leg: Leg, at: datetime) -> str:
    if leg.shut_out:
        return "it must not see this case: nothing is sent to it"
    if not leg.owing:
        return "it owes no answer any more"
    return "" if leg.arrived and not _just(leg.chased, at) else _why(leg.arrived)


def _of_seat(case: Case, discussion: StrategyDiscussion, seat: Invitee, at: datetime) -> str:
    if case.shuts_out(seat.agency) or seat.shut_out:
        return "it must not see this case: nothing is sent to it"
    if seat.attendance is not Attendance.AWAITED or discussion.state is not Meeting.CALLED:
        return "it owes no reply any more"
    if at >= discussion.starts_at:
        return "the discussion has begun: ring"
    return "" if seat.arrived and not _just(seat.asked_again, at) else _why(seat.arrived)


def _just(before: tuple[datetime, ...], at: datetime) -> bool:
    return bool(before) and at - before[-1] < AGAIN


def _why(arrived: bool) -> str:
    return "they were reminded from the desk a moment ago: ring if it cannot wait" if arrived else _NOT_REACHED


def chased(case: Case, event: Chased, rules: Rules) -> Step:
    """One more letter to whoever has not answered."""
    sought = _sought(case, event.about)
    if (why := refusal(case, event.about, event.at)) or sought is None:
        raise CannotHappen(why)
    if isinstance(sought, Leg):
        moved = replace(sought, chased=(*sought.chased, event.at))
        key = f"reminder:{sought.id}:hand:{len(moved.chased)}"
        return Step(case.with_leg(moved), (SendLetter(key, Letter.REMINDER, sought.id),))
    discussion, seat = sought
    asked = replace(seat, asked_again=(*seat.asked_again, event.at))
    key = f"chaser:{event.about}:hand:{discussion.sequence}:{len(asked.asked_again)}"
    changed = case.with_discussion(discussion.with_invitee(asked))
    return Step(changed, (SendLetter(key, Letter.CHASER, event.about),))
