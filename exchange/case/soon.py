"""Soon: what is owed is asked for at the hub's shares of its time, before it is late; its last moment is elsewhere.

1. The same shares for all: a reply to an invitation, a hand-over that waits for somebody to accept it, an action, the
   record of a discussion. (The packets' own stand in answering.py and reminding.py.)
2. What an agency owes it is reminded of by mail, where what was sent has reached it; in its hours, or in its digest.
   What the hub owes itself comes to the desk, with the time by which it is due.
3. Nothing climbs before its time, and nothing here counts as having been asked.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from exchange.case import clock
from exchange.case.action import HUB, Action, Doing
from exchange.case.clock import ClockSpec
from exchange.case.effect import Effect, Letter, OpenTask, SendLetter, SetClock, StopClock, TaskKind
from exchange.case.event import ClockRanOut
from exchange.case.lateral_check import Recall
from exchange.case.outcome import OutcomeOwed
from exchange.case.record import Record
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.step import Step
from exchange.case.strategy_discussion import Attendance, Invitee, Meeting, StrategyDiscussion
from exchange.case.urgency import most_urgent

CLOCK = "soon"
HAND_OVER = "handover"  # after a leg: what a reminder is about whose agency has not accepted what was handed over


def of_seat(discussion: StrategyDiscussion, seat: Invitee, at: datetime, rules: Rules) -> Effect:
    """When the invitee is reminded next of the reply it owes."""
    start, due = seat.asked_at or discussion.called_at, seat.due or discussion.starts_at
    spec = rules.discussion(discussion.kind).reply
    return _next(f"{discussion.id}/{seat.id}", _of_clock(spec, start, rules), due, at)


def reminded(discussion: StrategyDiscussion, seat: Invitee, now: datetime, rules: Rules) -> int:
    """How often the invitee has been reminded since it was asked, by shares of its time, at its end and by hand."""
    if not seat.arrived:
        return 0
    start, spec = seat.asked_at or discussion.called_at, rules.discussion(discussion.kind).reply
    shares = sum(share <= now for share in _of_clock(spec, start, rules))
    return shares + min(seat.chased, 1) + sum(at >= start for at in seat.asked_again)


def of_hand_over(case: Case, owed: OutcomeOwed, at: datetime, rules: Rules) -> Effect:
    """When the agency is reminded next that nobody there has accepted."""
    spec = most_urgent(case, owed.offered, rules).acknowledge
    start, due = owed.offered_at or owed.since, owed.accept_by or at
    return _next(f"{owed.leg}/{HAND_OVER}", _of_clock(spec, start, rules), due, at)


def of_action(action: Action, at: datetime, rules: Rules) -> Effect:
    """When its owner is reminded next."""
    return _next(action.id, _of_time(action.set_at, action.due, rules), action.due, at)


def of_record(record: Record, since: datetime, at: datetime, rules: Rules) -> Effect:
    """When the desk is reminded next of the record that it owes."""
    return _next(record.discussion, _of_time(since, record.due, rules), record.due, at)


def stopped(about: str) -> StopClock:
    """Nobody need be reminded of it any more."""
    return StopClock(f"{CLOCK}:{about}")


def _of_clock(spec: ClockSpec, start: datetime, rules: Rules) -> tuple[datetime, ...]:
    return tuple(clock.share_due(spec, share, start, rules.calendar) for share in rules.reminders if share < 1)


def _of_time(start: datetime, due: datetime, rules: Rules) -> tuple[datetime, ...]:
    """Of a time that no clock counts."""
    return tuple(start + (due - start) * share for share in rules.reminders if share < 1)


def _next(about: str, shares: tuple[datetime, ...], due: datetime, at: datetime) -> Effect:
    left = [share for share in shares if at < share < due]
    return SetClock(f"{CLOCK}:{about}", min(left)) if left else stopped(about)


def due_soon(case: Case, about: str, event: ClockRanOut, rules: Rules) -> Step:
    """A share of the time has passed."""
    return Step(case, tuple(e for ask in _ASKS for e in ask(case, about, event, rules)))


Asked = tuple[Effect, ...]


def _seat(case: Case, about: str, event: ClockRanOut, rules: Rules) -> Asked:
    discussion, seat = case.discussion(about.partition("/")[0]), case.seat(about)
    if discussion is None or seat is None or seat.attendance is not Attendance.AWAITED:
        return ()
    if discussion.state is not Meeting.CALLED or case.shuts_out(seat.agency) or seat.shut_out:
        return ()
    key = f"chaser:{about}:soon:{event.at.isoformat()}"
    letter = (SendLetter(key, Letter.CHASER, about),) if seat.arrived else ()
    return (*letter, of_seat(discussion, seat, event.at, rules))


def _hand_over(case: Case, about: str, event: ClockRanOut, rules: Rules) -> Asked:
    name, _, part = about.partition("/")
    leg, owed = case.leg(name), case.outcome_owed(name)
    if part != HAND_OVER or leg is None or owed is None or not owed.offered:
        return ()
    if leg.shut_out or leg.recall is not Recall.NONE:
        return ()
    key = f"{owed.asking[-1]}:soon:{event.at.isoformat()}"
    letter = (SendLetter(key, Letter.REMINDER, about),) if leg.arrived else ()
    return (*letter, of_hand_over(case, owed, event.at, rules))


def _action(case: Case, about: str, event: ClockRanOut, rules: Rules) -> Asked:
    action = case.action(about)
    if action is None or action.doing is not Doing.OPEN:
        return ()
    again = of_action(action, event.at, rules)
    if action.owner == HUB:
        return OpenTask(f"action:{about}", TaskKind.ACTION, about, action.due), again
    key = f"action_chaser:{about}:soon:{event.at.isoformat()}"
    letter = () if case.shuts_out(action.owner) else (SendLetter(key, Letter.ACTION_CHASER, about),)
    return (*letter, again)


def _record(case: Case, about: str, event: ClockRanOut, rules: Rules) -> Asked:
    record, discussion = case.record(about), case.discussion(about)
    if record is None or discussion is None or not record.owed:
        return ()
    since = discussion.held_at or discussion.starts_at
    return (
        OpenTask(f"record:{about}", TaskKind.RECORD, about, record.due),
        of_record(record, since, event.at, rules),
    )


_ASKS: tuple[Callable[[Case, str, ClockRanOut, Rules], Asked], ...] = (_seat, _hand_over, _action, _record)
