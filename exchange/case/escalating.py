"""Escalating: how silence climbs the hub's ladder, and what a telephone call to a silent agency changes.

1. Each rung is reached once for what is waited for: the acknowledgement, then the answer.
2. Only the clock of what is waited for climbs; the other presses the desk and no more. A re-rate moves clocks and
   climbs nothing.
3. A late answer withdraws what waits and closes what was asked of people; what had been reached stays on the record.
4. Nobody is told by mail of what never reached the agency: then the desk rings its lead.
5. A call changes no state of a leg: what was said in it is recorded as the agency's answer (answering.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from exchange.case import clock
from exchange.case.clock import ClockSpec
from exchange.case.delivery import ARRIVED, LOST, Delivery, News
from exchange.case.duty import Handing
from exchange.case.effect import (
    CloseTask,
    Effect,
    Letter,
    OpenTask,
    SendLetter,
    SetClock,
    StopClock,
    TaskKind,
    WithdrawLetters,
)
from exchange.case.escalation import DUTY, Call, CallMade, Reached, Rung
from exchange.case.event import ClockRanOut, LetterNews
from exchange.case.lateral_check import Recall
from exchange.case.rules import Rules
from exchange.case.state import Case, Leg
from exchange.case.step import CannotHappen, Step
from exchange.case.strategy_discussion import UNSETTLED, Invitee, Meeting, StrategyDiscussion
from exchange.case.urgency import urgent


def since(leg: Leg) -> datetime:
    """When what is waited for now was asked for: the answer counts from the acknowledgement, or from what was given
    after a decline."""
    return max(leg.acknowledged_at or leg.opened_at, leg.more_at or leg.opened_at)


def climbed(rungs: tuple[Reached, ...], after: datetime) -> tuple[Rung, ...]:
    """The rungs reached since then."""
    return tuple(r.rung for r in rungs if r.at >= after)


def next_rung(rungs: tuple[Reached, ...], after: datetime, rules: Rules) -> Rung | None:
    """The rung that comes next; None at the top of the ladder."""
    done = climbed(rungs, after)
    return next((rung for rung in rules.escalation.ladder if rung not in done), None)


def again_at(more: bool, red: bool, at: datetime, rules: Rules) -> datetime:
    """When silence speaks next: after a step while rungs are left, afterwards as often as the desk is pressed, which
    for what is most urgent is counted day and night."""
    ladder = rules.escalation
    step: ClockSpec | None = (ladder.red_step if red else None) or ladder.step
    pressed = rules.overdue_again.unresting if red else rules.overdue_again
    return clock.due(step if more and step else pressed, at, rules.calendar)


def not_before(case: Case, leg: Leg, at: datetime, rules: Rules) -> datetime:
    """When the silence of a leg that is late speaks next after a re-rate: a step after the last rung it reached, or
    from now where that is past or none was reached."""
    more = next_rung(leg.rungs, since(leg), rules) is not None
    red = urgent(case, leg.subjects, rules)
    reached = [r.at for r in leg.rungs if r.at >= since(leg)]
    after = again_at(more, red, reached[-1], rules) if reached else at
    return after if after > at else again_at(more, red, at, rules)


def climb(case: Case, leg: Leg, at: datetime, rules: Rules) -> Step:
    """The next rung of a leg, if any is left."""
    rung = next_rung(leg.rungs, since(leg), rules)
    if rung is None:
        return Step(case)
    due = leg.answer_due if leg.acknowledged_at else leg.acknowledge_due
    moved = replace(leg, rungs=(*leg.rungs, Reached(rung, at, due=due)))
    number = sum(r.rung is rung for r in moved.rungs)
    case = case.with_leg(moved)
    if rung is Rung.DEPUTY:
        return Step(case)
    return Step(case, _RUNGS[rung](leg.id, number, at, leg.arrived))


def climb_seat(
    case: Case, discussion: StrategyDiscussion, invitee: Invitee, at: datetime, rules: Rules
) -> tuple[Invitee, tuple[Effect, ...]]:
    """The next rung of a seat at a discussion."""
    rung = next_rung(invitee.rungs, seat_since(discussion, invitee), rules)
    if rung is None:
        return invitee, ()
    about = f"{discussion.id}/{invitee.id}"
    moved = replace(invitee, rungs=(*invitee.rungs, Reached(rung, at, due=invitee.due)))
    if rung is Rung.DEPUTY:
        return ask_deputy_of_seat(discussion, moved, at)
    number = sum(r.rung is rung for r in moved.rungs)
    return moved, _RUNGS[rung](about, number, at, invitee.arrived)


def seat_since(discussion: StrategyDiscussion, invitee: Invitee) -> datetime:
    """When a seat was asked whether it comes at the time that holds."""
    return invitee.asked_at or discussion.called_at


def ask_deputy_of_seat(
    discussion: StrategyDiscussion, invitee: Invitee, at: datetime
) -> tuple[Invitee, tuple[Effect, ...]]:
    """Ask the deputy of an invitee to come, once for each time of the discussion, by an entry for their calendar and
    papers of their own."""
    if invitee.deputy_asked_at:
        return invitee, ()
    about, number = f"{discussion.id}/{invitee.id}", discussion.sequence + invitee.turns
    when = f"{about}:{number}" if number else about
    return replace(invitee, deputy_asked_at=at, deputy_mail=Delivery.TO_SEAL), (
        SendLetter(f"deputy:{about}:{number}", Letter.CHASER, f"{about}/deputy"),
        SendLetter(f"papers:{when}:deputy", Letter.PAPERS, f"{about}/deputy"),
    )


def _lead(about: str, number: int, at: datetime, arrived: bool) -> tuple[Effect, ...]:
    if not arrived:
        return _ring_lead(about, at)
    return (SendLetter(f"lead:{about}:{number}", Letter.LEAD, about),)


def _ring_lead(about: str, at: datetime) -> tuple[Effect, ...]:
    """One task to ring the lead, whatever it was opened for."""
    return OpenTask(f"letter:lead:{about}", TaskKind.LEAD_UNREACHED, about, at), CloseTask(f"no_deputy:{about}")


def _manager(about: str, number: int, at: datetime, arrived: bool) -> tuple[Effect, ...]:
    return (OpenTask(f"manager:{about}", TaskKind.MANAGER, about, at),)


def _board(about: str, number: int, at: datetime, arrived: bool) -> tuple[Effect, ...]:
    return ()  # the log is read from the cases


_RUNGS: dict[Rung, Callable[[str, int, datetime, bool], tuple[Effect, ...]]] = {
    Rung.LEAD: _lead,
    Rung.MANAGER: _manager,
    Rung.BOARD: _board,
}


def settled(about: str) -> tuple[Effect, ...]:
    """Nobody need climb, ring or be told any more."""
    return (
        WithdrawLetters(f"lead:{about}:"),
        StopClock(f"ring:{about}"),
        CloseTask(f"manager:{about}"),
        CloseTask(f"letter:lead:{about}"),
    )


def lead_news(case: Case, event: LetterNews, rules: Rules) -> Step:
    """The notice to an agency's lead moved; who cannot be told by mail is rung."""
    case = _lead_heard(case, event)
    if event.news in LOST and waited_for(case, event.about):
        return Step(case, _ring_lead(event.about, event.at))
    told = event.news in ARRIVED
    return Step(case, (CloseTask(f"letter:lead:{event.about}"),) if told else ())


def _lead_heard(case: Case, event: LetterNews) -> Case:
    """The case with what became of the newest letter to the lead."""
    leg, (name, _, seat) = case.leg(event.about), event.about.partition("/")
    if leg:
        return case.with_leg(replace(leg, rungs=_heard(leg.rungs, event.news)))
    discussion = case.discussion(name)
    invitee = discussion.invitee(seat) if discussion else None
    if discussion is None or invitee is None:
        return case
    return case.with_discussion(discussion.with_invitee(replace(invitee, rungs=_heard(invitee.rungs, event.news))))


def _heard(rungs: tuple[Reached, ...], news: News) -> tuple[Reached, ...]:
    newest = max((n for n, reached in enumerate(rungs) if reached.rung is Rung.LEAD), default=-1)
    return tuple(replace(reached, news=news) if n == newest else reached for n, reached in enumerate(rungs))


def out_of_reach(leg: Leg, at: datetime) -> tuple[Effect, ...]:
    """The mail to an agency came back: what speaks of it by mail does not go, and a lead it was for is rung."""
    waits = any(r.rung is Rung.LEAD and not r.news for r in leg.rungs if r.at >= since(leg))
    withdrawn = (WithdrawLetters(f"reminder:{leg.id}:"), WithdrawLetters(f"lead:{leg.id}:"))
    return (*withdrawn, *(_ring_lead(leg.id, at) if waits and leg.owing else ()))


def call_made(case: Case, event: CallMade, rules: Rules) -> Step:
    """A person rang. Nobody reached: the desk is pressed again soon."""
    if event.about == DUTY:
        return _duty_rung(case, event)
    leg = case.leg(event.about)
    seat = _seat(case, event.about)
    if leg is None and seat is None:
        raise CannotHappen(f"no agency or seat “{event.about}” in this case: choose one of those asked")
    call = Call(event.about, event.rang_at or event.at, event.by, event.reached)
    case = replace(case, calls=(*case.calls, call))
    if event.reached or not waited_for(case, event.about):
        return Step(case, (StopClock(f"ring:{event.about}"),))
    again = clock.due(rules.escalation.call_again, event.at, rules.calendar)
    return Step(case, (SetClock(f"ring:{event.about}", again),))


def _duty_rung(case: Case, event: CallMade) -> Step:
    """Nobody of the duty team was reached, or nobody there accepted: the offer stands, and goes on being pressed."""
    newest = case.duties[-1] if case.duties else None
    if newest is None or newest.state not in (Handing.OFFERED, Handing.ACCEPTED):
        raise CannotHappen("nothing of this case is with the duty team now: there is no call to them to record")
    call = Call(DUTY, event.rang_at or event.at, event.by, event.reached)
    return Step(replace(case, calls=(*case.calls, call)))


def ring_due(case: Case, about: str, event: ClockRanOut, rules: Rules) -> Step:
    """Nobody was reached, and it is time to ring again."""
    if not waited_for(case, about):
        return Step(case)
    leg, seat = case.leg(about), _seat(case, about)
    again = clock.due(rules.escalation.call_again, event.at, rules.calendar)
    asked = to_ring(leg, event.at) if leg else (seat_to_ring(seat, about, event.at),)
    return Step(case, (*asked, SetClock(f"ring:{about}", again)))


def to_ring(leg: Leg, at: datetime) -> tuple[Effect, ...]:
    """One task for one silence: that no mail gets through says why nobody answers."""
    telephone, silent = f"telephone:{leg.id}", f"silent:{leg.id}"
    if leg.failed:
        return OpenTask(telephone, TaskKind.TELEPHONE_AGENCY, leg.id, at), CloseTask(silent)
    return OpenTask(silent, TaskKind.SILENT_AGENCY, leg.id, at), CloseTask(telephone)


def seat_to_ring(invitee: Invitee | None, about: str, at: datetime) -> OpenTask:
    """The same for a seat: who said something that does not count yet is asked about that."""
    if invitee and invitee.claimed:
        return OpenTask(f"claimed:{about}", TaskKind.ATTENDANCE_CLAIMED, about, at)
    return OpenTask(f"silent_invitee:{about}", TaskKind.SILENT_INVITEE, about, at)


def waited_for(case: Case, about: str) -> bool:
    """Whether an agency still owes its answer about this leg, or its reply to this seat's invitation."""
    leg, seat = case.leg(about), _seat(case, about)
    if leg:
        return leg.owing and leg.recall is Recall.NONE and not case.closed
    if seat is None or seat.shut_out:
        return False
    return seat.attendance in UNSETTLED and not case.shuts_out(seat.agency)


def _seat(case: Case, about: str) -> Invitee | None:
    name, _, seat = about.partition("/")
    discussion = case.discussion(name)
    return discussion.invitee(seat) if discussion and discussion.state is Meeting.CALLED else None
