"""Handing: how what is most urgent goes to the duty team while the hub is shut, and how it comes back.

1. Whatever happens to a case is looked at afterwards: most urgent, undecided and the hub shut is offered at once;
   while the hub is open a clock waits for its closing.
2. What nobody has read in its time counts as the most urgent there is (design truth 13).
3. The offer is pressed day and night until a named person has accepted; the clocks of the case run on.
4. Nothing here closes anything: an offer ends by a person who accepts, or by people who decide.
5. A note that comes before the hub opens ends no turn of duty: until it opens the duty team has the case in hand, and
   is asked again for what is new alone. It is offered anew when the hub closes next.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from exchange.case import clock
from exchange.case.duty import HANDINGS, Duty, DutyAccepted, DutyReturned, Handing, HandingNews
from exchange.case.effect import CloseTask, Effect, OpenTask, SetClock, StopClock, TaskKind
from exchange.case.event import ClockRanOut
from exchange.case.pressing import press_again
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.step import CannotHappen, Step


def cannot_wait(case: Case, at: datetime, rules: Rules) -> bool:
    """Whether somebody must have it in hand at any hour."""
    if case.closed or case.set_aside:
        return False
    if case.looked_at is None and at >= case.first_look_due:
        return True
    most = rules.ratings[0].code
    undecided = [s for s in case.subjects if not s.decision]
    if case.danger and (undecided or not case.subjects):
        return True
    return any(s.rating == most for s in undecided) or (not case.subjects and case.provisional == most)


def watched(step: Step, at: datetime, rules: Rules) -> Step:
    """The step, and what follows from it for the duty team (rule 1)."""
    case, newest = step.case, duty_of(step.case)
    if newest and newest.state is Handing.ACCEPTED:
        return step  # one person has it; its note is waited for
    if not cannot_wait(case, at, rules):
        return step.then(_over(case, newest))
    if newest and newest.state is Handing.OFFERED:
        return step
    opens = _in_hand_until(case, newest, at)
    closes = rules.calendar.next_closed(opens or at)
    if closes is None:
        return step  # a hub that never closes needs no other
    if closes <= at and not opens:
        return step.then(_offered(case, at, rules))
    if case.duty_watch == closes:
        return step
    return step.then(Step(replace(case, duty_watch=closes), (SetClock("duty", closes),)))


def _in_hand_until(case: Case, newest: Duty | None, at: datetime) -> datetime | None:
    """When the hub opens after a night whose note has come already, as long as nothing is new since."""
    if newest is None or newest.state is not Handing.RETURNED or newest.returned_at is None:
        return None
    since = newest.returned_at
    unread = case.looked_at is None and since <= case.first_look_due <= at
    rated = any(stamp.at > since for s in case.subjects for stamp in s.ratings[-1:])
    new = unread or rated or any(s.since and s.since > since for s in case.subjects)
    return newest.note_due if newest.note_due and at < newest.note_due and not new else None


def duty_of(case: Case) -> Duty | None:
    """The newest handing over."""
    return case.duties[-1] if case.duties else None


def _offered(case: Case, at: datetime, rules: Rules) -> Step:
    again = clock.due(rules.escalation.duty_again, at, rules.calendar)
    case = replace(case, duties=(*case.duties, Duty(at)), duty_watch=again)
    return Step(case, (OpenTask("duty", TaskKind.DUTY, "", at), SetClock("duty", again)))


def _over(case: Case, newest: Duty | None) -> Step:
    """Nothing cannot wait any more; who was to be rung about it need not be."""
    effects: tuple[Effect, ...] = (StopClock("duty"),) if case.duty_watch else ()
    case = replace(case, duty_watch=None)
    if newest and (after := HANDINGS[newest.state, HandingNews.DECIDES]):
        case, effects = _with_newest(case, replace(newest, state=after)), (*effects, CloseTask("duty"))
    return Step(case, effects)


def _with_newest(case: Case, changed: Duty) -> Case:
    return replace(case, duties=(*case.duties[:-1], changed))


def duty_due(case: Case, event: ClockRanOut, rules: Rules) -> Step:
    """The hub closes, or nobody of the duty team has accepted yet, or its note is due."""
    newest, case = duty_of(case), replace(case, duty_watch=None)
    if newest and newest.state is Handing.ACCEPTED:
        return Step(case, press_again("duty", TaskKind.RETURN_NOTE, "", event, rules, key="return_note"))
    if newest is None or newest.state is not Handing.OFFERED:
        return Step(case)  # `watched` offers it, if it still cannot wait
    if rules.calendar.is_open(event.at):  # the day team is there: the offer stands, and is pressed when it has gone
        closes = rules.calendar.next_closed(event.at) or event.at
        return Step(replace(case, duty_watch=closes), (SetClock("duty", closes),))
    again = clock.due(rules.escalation.duty_again, event.at, rules.calendar)
    effects = (OpenTask("duty", TaskKind.DUTY, "", event.at), SetClock("duty", again))
    return Step(replace(case, duty_watch=again), effects)


def accepted(case: Case, event: DutyAccepted, rules: Rules) -> Step:
    """A named person there has it in hand; the day team is to have their note when it opens."""
    newest = duty_of(case)
    after = HANDINGS[newest.state, HandingNews.ACCEPTS] if newest else None
    if newest is None or after is None:
        raise CannotHappen("nothing is offered to the duty team now: one person there has it, or it came back")
    opens = rules.calendar.next_open(event.at)
    moved = replace(newest, state=after, accepted_at=event.accepted_at, accepted_by=event.by, note_due=opens)
    case = replace(_with_newest(case, moved), duty_watch=None)
    return Step(case, (CloseTask("duty"), SetClock("duty", opens)))


def returned(case: Case, event: DutyReturned, rules: Rules) -> Step:
    """The day team has the note."""
    newest = duty_of(case)
    after = HANDINGS[newest.state, HandingNews.RETURNS] if newest else None
    if newest is None or after is None:
        raise CannotHappen("the duty team has nothing of this case in hand: record first who there accepted it")
    case = _with_newest(case, replace(newest, state=after, returned_at=event.at))
    return Step(case, (StopClock("duty"), CloseTask("return_note")))
