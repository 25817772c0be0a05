"""Concluding: the end of a case.

1. A case does not close with an open leg, an open action, an unsettled feedback, an owed record or outcome, or an
   open challenge, nor over a mail or file of it that nobody has read, nor where somebody is decided onward and nobody
   was asked to take them on, unless a named person overrides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
    if not event.override and (left := list(_left_open(case, rules))):
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


def _left_open(case: Case, rules: Rules) -> Iterator[str]:
    if case.looked_at is None:
        yield "nobody has looked at what came in last: look at it first"
    if not case.set_aside and (not case.subjects or not all(s.settled for s in case.subjects)):
        yield f"not every subject is decided{_which(s.id for s in case.subjects if not s.settled)}"
    if late := rules.names(leg.agency for leg in case.legs if leg.owing):
        yield f"an agency still owes its answer{_which(late)}: chase it"
    mine = ((s.id, m) for s in case.subjects if not s.in_error for m in s.milestones)
    if runs := [f"{of} {m.name}" for of, m in mine if m.progress is Progress.RUNNING and m.name not in OUTLIVE]:
        yield f"a clock of law or practice runs{_which(runs)}: see to it, and record that it was met"
    if to_do := [a.id for a in case.actions if a.doing is Doing.OPEN]:
        yield f"an action is still open{_which(to_do)}: settle it"
    if holds := rules.names(leg.agency for leg in case.legs if leg.recall is Recall.RECALLED):
        yield f"an agency has not confirmed that it deleted a recalled packet{_which(holds)}: ring it"
    if not case.set_aside and case.feedback not in SETTLED:
        yield "the referrer has not been told: tell them"
    yield from _unfinished(case, rules)


def _which(names: Iterable[str]) -> str:
    """Which agencies by name, subjects and whatever else by the codes under which the desk has them; "" for none."""
    told = ", ".join(dict.fromkeys(names))
    return f" ({told})" if told else ""


def _unfinished(case: Case, rules: Rules) -> Iterator[str]:
    if case.sorting is Sorting.OUT_OF_AREA and not case.accepted_elsewhere:
        yield "nobody in the other area has accepted it: record who did, or sort it to screening"
    yield from _unread(case)
    if alone := [key.removeprefix(TO_TAKE_ON) for key in case.unread if key.startswith(TO_TAKE_ON)]:
        told = f"nobody was asked to take on somebody who is decided{_which(alone)}"
        yield f"{told}: hand over, or say that it is the hub's own"
    if offered := rules.names(owed.agency for owed in case.outcomes_owed if owed.offered):
        yield f"nobody has accepted what was handed over{_which(offered)}: ring the agency, or hand over to another"
    if owing := rules.names(owed.agency for owed in case.outcomes_owed if owed.left):
        yield f"an agency still owes what came of it{_which(owing)}: chase or record it"
    if alone := [d.id for d in case.discussions if d.full_owed]:
        yield f"an emergency discussion has had no full one yet{_which(alone)}: hold it"
    if records := [record.discussion for record in case.records if record.owed]:
        yield f"the record of a discussion is not with everybody yet{_which(records)}: circulate it"
    if disputes := [challenge.id for challenge in case.challenges if challenge.open]:
        yield f"somebody disagrees and has no answer{_which(disputes)}: reply to them"


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
