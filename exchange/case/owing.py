"""Owing: who has taken a child or adult on after the decision, and is asked until it says what came of it.

1. An agency owes an outcome when a person hands over to it, or when it accepts after the decision.
2. It is asked by mail, again by mail, and then a person rings; silence never ends the asking.
3. What an agency says counts only with proof and when it is plain whom it is about; otherwise a person reads it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from exchange.case import outcome
from exchange.case.acknowledgement import Answer, Proof, Responded
from exchange.case.contact import agency_asked
from exchange.case.decision import ENDS_HERE
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
from exchange.case.event import AgencyAsked, ClockRanOut, OutcomeRecorded
from exchange.case.outcome import CHASE, LETTERS, USUAL_CHASE, HandedOver, OutcomeOwed, OutcomeTold
from exchange.case.pressing import press_again
from exchange.case.refusing import respect
from exchange.case.rules import Rules
from exchange.case.state import Case, Leg, Stamp
from exchange.case.step import CannotHappen, Step


def handed_over(case: Case, event: HandedOver, rules: Rules) -> Step:
    """The agency takes these subjects on; one that was never asked about them is sent its packet first."""
    if not event.subjects or any(case.subject(s) is None for s in event.subjects):
        raise CannotHappen("name at least one subject of this case")
    if case.closed:
        raise CannotHappen("this case is closed: take the new concern as a new referral")
    if case.shuts_out(event.agency):
        raise CannotHappen("this agency must not see this case: hand over to another")
    if not all(s.decision for s in case.subjects if s.id in event.subjects):
        raise CannotHappen("decide first: what is handed over is decided")
    respect(case, event.subjects, (event.agency,))
    step = Step(case)
    leg = _standing(case, event)
    if leg is None:
        step = agency_asked(case, AgencyAsked(event.at, event.by, event.agency, event.subjects), rules)
        leg = step.case.legs[-1]
    owed = step.then(_owe(step.case, leg, event.subjects, event.at, rules))
    return owed.then(_ask(owed.case, leg.id))


def _standing(case: Case, event: HandedOver) -> Leg | None:
    for leg in reversed(case.legs):
        fits = leg.agency == event.agency and set(event.subjects) <= set(leg.subjects)
        if fits and not leg.failed and leg.response is not Responded.DECLINED:
            return leg
    return None


def _owe(case: Case, leg: Leg, subjects: tuple[str, ...], at: datetime, rules: Rules) -> Step:
    due = rules.named_due(CHASE, USUAL_CHASE, at)
    owed = case.outcome_owed(leg.id)
    if owed is None:
        owed = OutcomeOwed(leg.id, leg.agency, subjects, at, due)
        case = replace(case, outcomes_owed=(*case.outcomes_owed, owed))
    else:
        every = (*owed.subjects, *(s for s in subjects if s not in owed.subjects))
        told = tuple(s for s in owed.told if s not in subjects)
        case = case.with_outcome_owed(replace(owed, subjects=every, told=told, due=due, asked=0))
    return Step(case, (SetClock(f"outcome:{leg.id}", due), CloseTask(f"outcome:{leg.id}")))


def _ask(case: Case, leg: str) -> Step:
    owed = case.outcome_owed(leg)
    assert owed is not None  # noqa: S101 - the caller has just written it
    case = case.with_outcome_owed(replace(owed, letters=owed.letters + 1))
    return Step(case, (SendLetter(f"outcome_asked:{leg}:{owed.letters}", Letter.OUTCOME_ASKED, leg),))


def accepted(case: Case, leg: Leg, answer: Answer, at: datetime, rules: Rules) -> Step:
    """Accepting after the decision is taking on whoever goes onward; before it, only the packet is accepted."""
    owed = case.outcome_owed(leg.id)
    known = owed.subjects if owed else ()
    onward = (s for s in case.subjects if s.decision and s.decision not in ENDS_HERE)
    new = tuple(s.id for s in onward if s.id in leg.subjects and s.id not in known)
    if answer is not Answer.ACCEPT or not new:
        return Step(case)
    return _owe(case, leg, new, at, rules)


def outcome_recorded(case: Case, event: OutcomeRecorded, rules: Rules) -> Step:
    """What came of it for one subject, as hub staff heard it."""
    subject = case.subject(event.subject)
    if subject is None:
        raise CannotHappen(f"no subject “{event.subject}” in this case")
    if not subject.decision:
        raise CannotHappen("record the decision before its outcome")
    if not outcome.known(subject.codes.form, event.outcome):
        known = ", ".join(code for code, _ in outcome.codes_of(subject.codes.form).choices)
        raise CannotHappen(f"no outcome “{event.outcome}”: use one of {known}")
    leg = case.leg(event.leg)
    if event.leg and (leg is None or event.subject not in leg.subjects):
        raise CannotHappen("that agency was not asked about this subject: name another, or none")
    step = _noted(case, (event.subject,), event.outcome, event.by, event.at, event.leg)
    return step.then(Step(step.case, (CloseTask(f"unclear:{event.leg}"),) if event.leg else ()))


def outcome_told(case: Case, event: OutcomeTold, rules: Rules) -> Step:
    """An agency said what came of it. Whatever is not plain is a person's to read."""
    leg = case.leg(event.leg)
    if leg is None:
        return Step(case)
    about = _about(case, leg, event)
    plain = about and all(_fits(case, s, event.outcome) for s in about)
    if event.proof < Proof.DKIM or not plain:
        return Step(case, (OpenTask(f"unclear:{leg.id}", TaskKind.UNCLEAR_ANSWER, leg.id, event.at),))
    return _noted(case, about, event.outcome, event.by, event.at, leg.id)


def _about(case: Case, leg: Leg, event: OutcomeTold) -> tuple[str, ...]:
    owed = case.outcome_owed(leg.id)
    may_be = (owed.left or owed.subjects) if owed else leg.subjects
    if event.subjects:
        return event.subjects if set(event.subjects) <= set(leg.subjects) else ()
    return may_be if event.every or len(may_be) == 1 else ()


def _fits(case: Case, subject: str, code: str) -> bool:
    found = case.subject(subject)
    return found is not None and bool(found.decision) and outcome.known(found.codes.form, code)


def _noted(case: Case, subjects: tuple[str, ...], code: str, by: str, at: datetime, leg: str) -> Step:
    stamp = Stamp(at, by, code)
    for subject in case.subjects:
        if subject.id in subjects and stamp not in subject.outcomes:
            case = case.with_subject(replace(subject, outcomes=(*subject.outcomes, stamp)))
    effects: tuple[Effect, ...] = ()
    for owed in case.outcomes_owed:
        if leg in ("", owed.leg):  # what the hub found out itself nobody need say any more
            said = tuple(s for s in owed.left if s in subjects)
            owed = replace(owed, told=(*owed.told, *said))
            case = case.with_outcome_owed(owed)
            effects += () if owed.left else _settled(owed.leg)
    return Step(case, effects)


def _settled(leg: str) -> tuple[Effect, ...]:
    return StopClock(f"outcome:{leg}"), CloseTask(f"outcome:{leg}"), WithdrawLetters(f"outcome_asked:{leg}:")


def outcome_due(case: Case, about: str, event: ClockRanOut, rules: Rules) -> Step:
    """Nothing yet: ask once more by mail, and after that by telephone, again and again."""
    owed, leg = case.outcome_owed(about), case.leg(about)
    if case.closed or leg is None or leg.shut_out or owed is None or not owed.left:
        return Step(case)
    if leg.failed or owed.asked >= LETTERS:
        return Step(case, press_again(f"outcome:{about}", TaskKind.OUTCOME_OVERDUE, about, event, rules))
    due = rules.named_due(CHASE, USUAL_CHASE, event.at)
    asked = _ask(case.with_outcome_owed(replace(owed, asked=owed.asked + 1)), about)
    return asked.then(Step(asked.case, (SetClock(f"outcome:{about}", due),)))


def at_rest(case: Case) -> tuple[Effect, ...]:
    """What stops when a case is closed over what is owed."""
    return (
        *(effect for owed in case.outcomes_owed for effect in _settled(owed.leg)),
        *(StopClock(f"challenge:{c.id}") for c in case.challenges),
    )
