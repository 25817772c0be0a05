"""Concluding: the end of a case.

1. A case does not close with an open leg, an open action, an unsettled feedback, an owed record or outcome, or an
   open challenge, nor over a mail or file of it that nobody has read, nor where somebody is decided onward and nobody
   was asked to take them on, unless a named person overrides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from exchange.case import escalating, owner_told
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
from exchange.case.milestone import OUTLIVE, Progress
from exchange.case.owing import at_rest
from exchange.case.pressing import press_again
from exchange.case.reading import MAIL, TO_TAKE_ON
from exchange.case.rules import Rules
from exchange.case.sorting import Sorting
from exchange.case.state import Case, Stamp
from exchange.case.step import CannotHappen, Step

SHUT_OUT = "restricted"  # the code of a letter that its recipient must not get any more (posting.py)


def closed(case: Case, event: Closed, rules: Rules) -> Step:
    """The end, unless something is open and nobody says so knowingly."""
    if case.closed:
        return Step(case)
    if not event.override and (left := list(_left_open(case))):
        knowingly = "; or close all the same, knowingly (override), with the reason"
        told = "; ".join(left)
        tick = f"{told[:1].upper()}{told[1:]}; or tick “Close all the same, knowingly” and write why"
        raise CannotHappen(told + knowingly, override=tick)
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
    step = Step(replace(case, closed=stamp), (*legs, *at_rest(case), StopClock("feedback")))
    return step.then(owner_told.closed(step.case))


def _left_open(case: Case) -> Iterator[str]:
    if case.looked_at is None:
        yield "nobody has looked at what came in last: look at it first"
    if not case.set_aside and (not case.subjects or not all(s.settled for s in case.subjects)):
        yield "not every subject is decided"
    if any(leg.owing for leg in case.legs):
        yield "an agency still owes its answer: chase it"
    mine = (s.milestones for s in case.subjects if not s.in_error)
    if any(m.progress is Progress.RUNNING and m.name not in OUTLIVE for of in mine for m in of):
        yield "a clock of law or practice runs: see to it, and record that it was met"
    if any(a.doing is Doing.OPEN for a in case.actions):
        yield "an action is still open: settle it"
    if any(leg.recall is Recall.RECALLED for leg in case.legs):
        yield "an agency has not confirmed that it deleted a recalled packet: ring it"
    if not case.set_aside and case.feedback not in SETTLED:
        yield "the referrer has not been told: tell them"
    yield from _unfinished(case)


def _unfinished(case: Case) -> Iterator[str]:
    if case.sorting is Sorting.OUT_OF_AREA and not case.accepted_elsewhere:
        yield "nobody in the other area has accepted it: record who did, or sort it to screening"
    yield from _unread(case)
    if any(key.startswith(TO_TAKE_ON) for key in case.unread):
        yield "nobody was asked to take on somebody who is decided: hand over, or say that it is the hub's own"
    if any(owed.offered for owed in case.outcomes_owed):
        yield "nobody has accepted what was handed over: ring the agency, or hand over to another"
    if any(owed.left for owed in case.outcomes_owed):
        yield "an agency still owes what came of it: chase or record it"
    if any(d.full_owed for d in case.discussions):
        yield "an emergency discussion has had no full one yet: hold it"
    if any(record.owed for record in case.records):
        yield "the record of a discussion is not with everybody yet: circulate it"
    if any(challenge.open for challenge in case.challenges):
        yield "somebody disagrees and has no answer: reply to them"


def _unread(case: Case) -> Iterator[str]:
    """What a person, or one person more, must have read."""
    if any(key.startswith(MAIL) for key in case.unread):
        yield "a mail waits in the holding pen that may be about this case: say what it is"
    if any(not key.startswith((TO_TAKE_ON, MAIL)) for key in case.unread):
        yield "an answer or a file waits for somebody to read it: read it, and record what it says or that it is done"
    if case.draft:
        yield "words to the referrer wait for a second person: approve or drop them"
    if case.unconfirmed and not case.set_aside:
        yield "nobody has compared what was read from the form with the form: compare it"


def first_look_due(case: Case, event: ClockRanOut, rules: Rules) -> Step:
    """Nobody has read it."""
    if case.looked_at:
        return Step(case)
    return Step(case, press_again("first_look", TaskKind.FIRST_LOOK, "", event, rules))
