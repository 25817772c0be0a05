"""Telephoning: a discussion by telephone, recorded after the fact, and the full one that must follow an emergency.

1. It counts as held from its record on. Nobody is invited, and no papers go out.
2. An emergency needs no quorum: those whom the hub file names (social care and police) are at least rung, and who
   was rung, when, and whether they were reached, is kept.
3. A discussion that is no emergency and lacks its quorum is recorded only knowingly.
4. What a quorum lacked, in an emergency or not, a full discussion makes up by the end of the next working day. It is
   called at once, and the desk is pressed until one is held with its quorum.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from exchange.case.convening import (
    FULL,
    call_full,
    kind_of,
    named,
    refuse_shut_out,
    refuse_subjects,
    same_as,
    sat,
    seat,
    to_follow,
    took_place,
)
from exchange.case.effect import TaskKind
from exchange.case.event import ClockRanOut
from exchange.case.pressing import press_again
from exchange.case.rules import DiscussionRules, Rules
from exchange.case.state import Case
from exchange.case.step import CannotHappen, Step
from exchange.case.strategy_discussion import DiscussionTelephoned, Meeting, StrategyDiscussion, missing


def telephoned(case: Case, event: DiscussionTelephoned, rules: Rules) -> Step:
    """It took place by telephone."""
    _refuse(case, event)
    kind = kind_of(event.kind, rules)
    agencies = (*(p.agency for p in event.present), *(r.agency for r in event.rang))
    if twice := same_as(case, Meeting.HELD, event.kind, event.started_at, event.subjects, agencies):
        raise CannotHappen(f"it is recorded already ({twice}): correct its record instead")
    discussion = _recorded(event, kind, rules)
    lacks = missing(discussion, kind.quorum)
    if event.emergency:
        _refuse_unless_rung(event, kind, rules)
    elif lacks and not event.inquorate:
        raise CannotHappen(f"{named(lacks)} did not take part: say why, or record it as an emergency")
    discussion, clocks = to_follow(replace(discussion, inquorate=bool(lacks)), rules)
    case = replace(case, discussions=(*case.discussions, discussion))
    step = took_place(case, discussion, event.at, event.by, rules)
    step = step.then(Step(step.case, clocks))
    return step.then(call_full(step.case, discussion.id, event, rules))


def _refuse(case: Case, event: DiscussionTelephoned) -> None:
    if case.discussion(event.discussion):
        raise CannotHappen("this discussion is already recorded")
    refuse_subjects(case, event.subjects)
    if not event.present:
        raise CannotHappen("name who took part")
    refuse_shut_out(case, (*(p.agency for p in event.present), *(r.agency for r in event.rang)))
    if _latest(event) > event.at:
        raise CannotHappen("it cannot have begun in the future: call it instead")


def _latest(event: DiscussionTelephoned) -> datetime:
    return max((event.started_at, *(r.at for r in event.rang)))


def _recorded(event: DiscussionTelephoned, kind: DiscussionRules, rules: Rules) -> StrategyDiscussion:
    """With a seat for everybody who took part or was rung."""
    came = {p.agency: p for p in event.present}
    agencies = dict.fromkeys((*came, *(r.agency for r in event.rang)))
    seats = tuple(sat(seat(n, a, kind, rules), came.get(a)) for n, a in enumerate(agencies, 1))
    return StrategyDiscussion(
        id=event.discussion,
        called_at=event.at,
        called_by=event.by,
        starts_at=event.started_at,
        minutes=kind.minutes,
        subjects=event.subjects,
        invitees=seats,
        state=Meeting.HELD,
        held_at=event.at,
        kind=event.kind,
        by_telephone=True,
        emergency=event.emergency,
        rang=event.rang,
    )


def _refuse_unless_rung(event: DiscussionTelephoned, kind: DiscussionRules, rules: Rules) -> None:
    asked = {*(p.agency for p in event.present), *(r.agency for r in event.rang)}
    functions = {f for agency in rules.agencies if agency.id in asked for f in agency.functions}
    never = tuple(f for f in kind.emergency if f not in functions)
    if never:
        raise CannotHappen(f"nobody of {named(never)} took part or was rung: ring them first")


def full_due(case: Case, about: str, event: ClockRanOut, rules: Rules) -> Step:
    """No full discussion has followed one without its quorum."""
    discussion = case.discussion(about)
    if discussion is None or not discussion.full_owed:
        return Step(case)
    return Step(case, press_again(f"{FULL}:{about}", TaskKind.FULL_DISCUSSION, about, event, rules))
