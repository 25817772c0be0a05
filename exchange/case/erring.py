"""Erring: a subject was entered who should never have been in the case.

1. What was entered stays in the record, and is shown as an error; nobody decides or is asked about it any more.
2. A packet about nobody else is asked back. One that is about others too stays theirs, and a person rings about it.
3. Nobody rates, sorts or starts a clock for them either. Who was taken out wrongly is brought back as they were, with
   the time by which they must be decided, and the agencies whose packets were asked back are asked anew.
"""

from __future__ import annotations

from dataclasses import replace

from exchange.case import contact, recalling, telling
from exchange.case.effect import CloseTask, Effect, OpenTask, SetClock, StopClock, TaskKind
from exchange.case.event import AgencyAsked
from exchange.case.lateral_check import Recall, Recalled
from exchange.case.milestone import Progress
from exchange.case.rules import Rules
from exchange.case.sorting import BroughtBack, EnteredInError
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


def brought_back(case: Case, event: BroughtBack, rules: Rules) -> Step:
    """Rule 3."""
    subject = case.subject(event.subject)
    if subject is None or subject.in_error is None:
        raise CannotHappen("nobody of this name was entered in error: name one who was (s1, s2...)")
    if case.closed:
        raise CannotHappen("this case is closed: take the new concern as a new referral")
    taken_out = subject.in_error.at
    subject = replace(subject, in_error=None)
    running = (m for m in subject.milestones if m.progress is Progress.RUNNING)
    clocks: tuple[Effect, ...] = (
        SetClock(f"decide:{subject.id}", subject.decide_due),
        *(SetClock(f"milestone:{subject.id}/{m.name}", m.due) for m in running),
        *(CloseTask(f"in_error:{leg.id}:{subject.id}") for leg in case.legs),
    )
    step = Step(case.with_subject(subject), clocks)
    for leg in case.legs:
        if leg.subjects == (subject.id,) and leg.recalled_at == taken_out:
            step = step.then(_asked_anew(step.case, leg, event, rules))
    return step.then(contact.routed(step.case, (subject,), event.at, rules))


def _asked_anew(case: Case, leg: Leg, event: BroughtBack, rules: Rules) -> Step:
    if case.shuts_out(leg.agency):
        return Step(case, (contact.another_recipient(leg.agency, event.at),))
    subject = case.subject(event.subject)
    if subject is None or subject.keeps_from(leg.agency):
        return Step(case)
    asked = AgencyAsked(event.at, event.by, leg.agency, leg.subjects, in_place_of=leg.in_place_of)
    return contact.agency_asked(case, asked, rules)


def _no_more(subject: SubjectEpisode) -> tuple[Effect, ...]:
    running = (m.name for m in subject.milestones if m.progress is Progress.RUNNING)
    clocks = (f"decide:{subject.id}", *(f"milestone:{subject.id}/{name}" for name in running))
    return (*map(StopClock, clocks), *(CloseTask(f"{name}:{subject.id}") for name in _TASKS))
