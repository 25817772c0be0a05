"""Concluding: the end of a case.

1. A case does not close with an open leg, an open action, an unsettled feedback, an owed record or outcome, or an
   open challenge unless a named person overrides.
"""

from __future__ import annotations

from dataclasses import replace

from exchange.case import escalating
from exchange.case.action import Doing
from exchange.case.effect import (
    CloseTask,
    StopClock,
    TaskKind,
    WithdrawLetters,
)
from exchange.case.event import (
    ClockRanOut,
    Closed,
)
from exchange.case.feedback import (
    SETTLED,
)
from exchange.case.lateral_check import Recall
from exchange.case.owing import at_rest
from exchange.case.pressing import press_again
from exchange.case.rules import Rules
from exchange.case.state import Case, Stamp
from exchange.case.step import CannotHappen, Step

SHUT_OUT = "restricted"  # the code of a letter that its recipient must not get any more (posting.py)


def closed(case: Case, event: Closed, rules: Rules) -> Step:
    """The end, unless something is open and nobody says so knowingly."""
    if case.closed:
        return Step(case)
    if not event.override:
        _refuse_if_open(case)
    stamp = Stamp(event.at, event.by, "closed_with_override" if event.override else "closed")
    legs = tuple(
        effect
        for leg in case.legs
        for effect in (
            StopClock(f"remind:{leg.id}"),
            StopClock(f"answer:{leg.id}"),
            StopClock(f"nudge:{leg.id}"),
            WithdrawLetters(f"reminder:{leg.id}:"),
            CloseTask(f"silent:{leg.id}"),
            *escalating.settled(leg.id),
        )
    )
    return Step(replace(case, closed=stamp), (*legs, *at_rest(case), StopClock("feedback")))


def _refuse_if_open(case: Case) -> None:
    if case.looked_at is None:
        raise CannotHappen("nobody has looked at what came in last: look at it first")
    if not case.set_aside and (not case.subjects or not all(s.settled for s in case.subjects)):
        raise CannotHappen("not every subject is decided")
    if any(leg.owing for leg in case.legs):
        raise CannotHappen("an agency still owes its answer: chase it, or close with a reason")
    if any(a.doing is Doing.OPEN for a in case.actions):
        raise CannotHappen("an action is still open: settle it, or close with a reason")
    if any(leg.recall is Recall.RECALLED for leg in case.legs):
        raise CannotHappen(
            "an agency has not confirmed that it deleted a recalled packet: ring it, or close with a reason"
        )
    if not case.set_aside and case.feedback not in SETTLED:
        raise CannotHappen("the referrer has not been told: tell them, or close with a reason")
    _refuse_if_unfinished(case)


def _refuse_if_unfinished(case: Case) -> None:
    if case.draft:
        raise CannotHappen("words to the referrer wait for a second person: approve or drop them")
    if any(owed.left for owed in case.outcomes_owed):
        raise CannotHappen("an agency still owes what came of it: chase or record it, or close with a reason")
    if any(d.full_owed for d in case.discussions):
        raise CannotHappen("an emergency discussion has had no full one yet: hold it, or close with a reason")
    if any(record.owed for record in case.records):
        raise CannotHappen(
            "the record of a discussion is not with everybody yet: circulate it, or close with a reason"
        )
    if any(challenge.open for challenge in case.challenges):
        raise CannotHappen("somebody disagrees and has no answer: reply to them, or close with a reason")


def first_look_due(case: Case, event: ClockRanOut, rules: Rules) -> Step:
    """Nobody has read it."""
    if case.looked_at:
        return Step(case)
    return Step(case, press_again("first_look", TaskKind.FIRST_LOOK, "", event, rules))
