"""Erring: a subject was entered who should never have been in the case.

1. What was entered stays in the record, and is shown as an error; nobody decides or is asked about it any more.
2. A packet about nobody else is asked back. One that is about others too stays theirs, and a person rings about it.
"""

from __future__ import annotations

from dataclasses import replace

from exchange.case import recalling, telling
from exchange.case.effect import CloseTask, Effect, OpenTask, StopClock, TaskKind
from exchange.case.lateral_check import Recall, Recalled
from exchange.case.milestone import Progress
from exchange.case.rules import Rules
from exchange.case.sorting import EnteredInError
from exchange.case.state import Case, Leg, Stamp, SubjectEpisode
from exchange.case.step import CannotHappen, Step

_TASKS = ("decide", "no_route", "refusal", "second_review", "follow_up", "protected", "employer")


def entered_in_error(case: Case, event: EnteredInError, rules: Rules) -> Step:
    """Nobody decides about them."""
    subject = case.subject(event.subject)
    if subject is None:
        raise CannotHappen(f"no subject “{event.subject}” in this case")
    if case.closed:
        raise CannotHappen("this case is closed: nothing is owed about anybody in it")
    if subject.in_error:
        return Step(case)
    if subject.decisions:
        raise CannotHappen(
            "a decision was made about them: make a new one that says so, for example no further action"
        )
    marked = replace(subject, in_error=Stamp(event.at, event.by, "entered_in_error"))
    step = Step(case.with_subject(marked), _no_more(marked))
    for leg in case.legs:
        if subject.id in leg.subjects and leg.recall is Recall.NONE and not leg.shut_out:
            step = step.then(_asked_back(step.case, leg, event, rules))
    return step.then(telling.tell(step.case, event.at, rules)) if step.case.decided else step


def _asked_back(case: Case, leg: Leg, event: EnteredInError, rules: Rules) -> Step:
    """Rule 2."""
    if leg.subjects == (event.subject,):
        return recalling.recalled(case, Recalled(event.at, event.by, leg.id), rules)
    return Step(case, (OpenTask(f"in_error:{leg.id}:{event.subject}", TaskKind.IN_ERROR, leg.id, event.at),))


def _no_more(subject: SubjectEpisode) -> tuple[Effect, ...]:
    running = (m.name for m in subject.milestones if m.progress is Progress.RUNNING)
    clocks = (f"decide:{subject.id}", *(f"milestone:{subject.id}/{name}" for name in running))
    return (*map(StopClock, clocks), *(CloseTask(f"{name}:{subject.id}") for name in _TASKS))
