"""Owing: who has taken a child or adult on after the decision, and is asked until it says what came of it.

1. An agency owes an outcome when a person there accepts what was handed over to it, or accepts after the decision;
   until then it is the hub's, and the agency is asked, by mail and then by telephone.
2. It is asked by mail, again by mail, and then a person rings; silence never ends the asking.
3. What an agency says counts only with proof and when it is plain whom it is about; otherwise a person reads it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from exchange.case import clock, outcome, soon
from exchange.case.acknowledgement import DECLINES, Answer, Proof, Responded
from exchange.case.code_lists import OUTCOMES_ACHIEVED
from exchange.case.contact import agency_asked
from exchange.case.decision import ENDS_HERE, NEEDS_AN_AGENCY
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
from exchange.case.lateral_check import Recall
from exchange.case.outcome import CHASE, LETTERS, USUAL_CHASE, HandedOver, OutcomeOwed, OutcomeTold
from exchange.case.pressing import press_again
from exchange.case.refusing import respect
from exchange.case.rules import Rules
from exchange.case.state import Case, Leg, Stamp, SubjectEpisode
from exchange.case.step import CannotHappen, Step
from exchange.case.urgency import most_urgent, urgent

_ACHIEVED = tuple(code for code, _ in OUTCOMES_ACHIEVED.choices)


def to_hand_over(case: Case, subject: str) -> tuple[Effect, ...]:
    """After a decision: the desk is asked to hand over what an agency has to act on, unless one has it in hand."""
    decided = case.subject(subject)
    made = decided.decisions[-1] if decided and decided.decisions else None
    in_hand = any(subject in (*owed.left, *owed.offered) for owed in case.outcomes_owed)
    if made is None or made.code not in NEEDS_AN_AGENCY or in_hand or case.closed:
        return (CloseTask(f"hand_over:{subject}"),)
    return (OpenTask(f"hand_over:{subject}", TaskKind.HAND_OVER, subject, made.at),)


def decided_anew(case: Case, subject: str, at: datetime, rules: Rules) -> Step:
    """Somebody who was handed over is decided about otherwise: the agency is asked anew, under the new decision; and
    where none has to act any more, it owes nothing, and a person rings it."""
    found = case.subject(subject)
    codes = [d.code for d in found.decisions] if found else []
    step = Step(case)
    if len(codes) < 2 or codes[-1] == codes[-2] or case.closed:
        return step
    for owed in case.outcomes_owed:
        leg = case.leg(owed.leg)
        if leg is None or leg.shut_out or subject not in (*owed.left, *owed.offered):
            continue
        if codes[-1] in NEEDS_AN_AGENCY and not leg.failed:
            step = step.then(_offer(step.case, leg, (subject,), at, rules))
        else:
            step = step.then(_given_back(step.case, owed, subject, at))
    return step


def _given_back(case: Case, owed: OutcomeOwed, subject: str, at: datetime) -> Step:
    owed = replace(
        owed,
        subjects=tuple(s for s in owed.subjects if s != subject),
        offered=tuple(s for s in owed.offered if s != subject),
    )
    ended = () if owed.offered else _waits_no_more(owed.leg)
    done = () if owed.left else _settled(owed.leg)
    ring = OpenTask(f"decided_anew:{owed.leg}/{subject}", TaskKind.DECIDED_ANEW, owed.leg, at)
    return Step(case.with_outcome_owed(owed), (*ended, *done, ring))


def handed_over(case: Case, event: HandedOver, rules: Rules) -> Step:
    """The agency is asked to take these subjects on; one that was never asked about them is sent its packet first."""
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
    return step.then(_offer(step.case, leg, event.subjects, event.at, rules))


def _offer(case: Case, leg: Leg, subjects: tuple[str, ...], at: datetime, rules: Rules) -> Step:
    """Rule 1: the hub's until a person there accepts, whoever had it in hand before."""
    due = clock.due(most_urgent(case, subjects, rules).acknowledge, at, rules.calendar)
    owed = case.outcome_owed(leg.id)
    if owed is None:
        owed = OutcomeOwed(leg.id, leg.agency, (), at, due)
        case = replace(case, outcomes_owed=(*case.outcomes_owed, owed))
    owed = replace(
        owed,
        subjects=tuple(s for s in owed.subjects if s not in subjects),
        told=tuple(s for s in owed.told if s not in subjects),
        offered=(*(s for s in owed.offered if s not in subjects), *subjects),
        accept_by=due,
        again=0,
        offered_at=at,
    )
    done = () if owed.left else _settled(leg.id)
    tasks = (CloseTask(f"hand_over:{s}") for s in subjects)
    reminded = soon.of_hand_over(case, owed, at, rules)
    effects = (*done, *tasks, CloseTask(f"not_taken_on:{leg.id}"), SetClock(f"handover:{leg.id}", due), reminded)
    return Step(case, effects).then(_ask_to_accept(case.with_outcome_owed(owed), owed))


def _ask_to_accept(case: Case, owed: OutcomeOwed) -> Step:
    case = case.with_outcome_owed(replace(owed, offers=owed.offers + 1))
    return Step(case, (SendLetter(f"hand_over:{owed.leg}:{owed.offers}", Letter.HAND_OVER, owed.leg),))


def not_accepted(case: Case, about: str, event: ClockRanOut, rules: Rules) -> Step:
    """Nobody there has accepted: ask once more by mail, and after that by telephone, again and again; about somebody
    most urgent by telephone too at once. What cannot be theirs any more is to be handed over anew."""
    owed, leg = case.outcome_owed(about), case.leg(about)
    if leg is None or owed is None or not owed.offered:
        return Step(case)
    if leg.shut_out or leg.recall is not Recall.NONE:
        return _offer_ended(case, owed, event.at)
    if leg.failed or owed.again >= LETTERS:
        return Step(case, press_again(f"handover:{about}", TaskKind.NOT_TAKEN_ON, about, event, rules,
                                      key=f"not_taken_on:{about}"))  # fmt: skip
    due = clock.due(most_urgent(case, owed.offered, rules).acknowledge, event.at, rules.calendar)
    asked = _ask_to_accept(case, replace(owed, again=owed.again + 1))
    ring = (OpenTask(f"not_taken_on:{about}", TaskKind.NOT_TAKEN_ON, about, event.at),)
    at_once = ring if urgent(case, owed.offered, rules) else ()
    return asked.then(Step(asked.case, (*at_once, SetClock(f"handover:{about}", due))))


def _offer_ended(case: Case, owed: OutcomeOwed, at: datetime) -> Step:
    """It is not theirs: the hub's, who hands it over to another."""
    case = case.with_outcome_owed(replace(owed, offered=(), accept_by=None))
    tasks = (OpenTask(f"hand_over:{s}", TaskKind.HAND_OVER, s, at) for s in owed.offered)
    return Step(case, (*_waits_no_more(owed.leg), *tasks))


def _waits_no_more(leg: str) -> tuple[Effect, ...]:
    asked = (StopClock(f"handover:{leg}"), soon.stopped(f"{leg}/{soon.HAND_OVER}"))
    return (*asked, CloseTask(f"not_taken_on:{leg}"), WithdrawLetters(f"hand_over:{leg}:"))


def _standing(case: Case, event: HandedOver) -> Leg | None:
    for leg in reversed(case.legs):
        fits = leg.agency == event.agency and set(event.subjects) <= set(leg.subjects)
        if fits and not leg.failed and leg.response is not Responded.DECLINED:
            return leg
    return None


def _owe(case: Case, leg: Leg, subjects: tuple[str, ...], at: datetime, rules: Rules) -> Step:
    """A person there has taken them on: what comes of it is owed from now."""
    due = rules.named_due(CHASE, USUAL_CHASE, at)
    owed = case.outcome_owed(leg.id) or OutcomeOwed(leg.id, leg.agency, (), at, due)
    if case.outcome_owed(leg.id) is None:
        case = replace(case, outcomes_owed=(*case.outcomes_owed, owed))
    every = (*owed.subjects, *(s for s in subjects if s not in owed.subjects))
    told = tuple(s for s in owed.told if s not in subjects)
    left = tuple(s for s in owed.offered if s not in subjects)
    since = owed.since if owed.subjects else at
    case = case.with_outcome_owed(
        replace(owed, subjects=every, told=told, since=since, due=due, asked=0, offered=left)
    )
    tasks = tuple(CloseTask(f"hand_over:{s}") for s in subjects)
    ended = () if left else _waits_no_more(leg.id)
    return Step(case, (SetClock(f"outcome:{leg.id}", due), CloseTask(f"outcome:{leg.id}"), *tasks, *ended))


def _ask(case: Case, leg: str) -> Step:
    owed = case.outcome_owed(leg)
    assert owed is not None  # noqa: S101 - the caller has just written it
    case = case.with_outcome_owed(replace(owed, letters=owed.letters + 1))
    return Step(case, (SendLetter(f"outcome_asked:{leg}:{owed.letters}", Letter.OUTCOME_ASKED, leg),))


def answered(case: Case, leg: Leg, answer: Answer, at: datetime, rules: Rules) -> Step:
    """Accepting what was handed over, or accepting after the decision, is taking on whoever goes onward; before it,
    only the packet is accepted. Declining leaves them the hub's."""
    owed = case.outcome_owed(leg.id)
    if answer in DECLINES and owed and owed.offered:
        return _offer_ended(case, owed, at)
    if answer is not Answer.ACCEPT:
        return Step(case)
    known = owed.subjects if owed else ()
    onward = (s for s in case.subjects if s.decision and s.decision not in ENDS_HERE)
    new = (owed.offered if owed else ()) or tuple(s.id for s in onward if s.id in leg.subjects and s.id not in known)
    return _owe(case, leg, new, at, rules) if new else Step(case)


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
    _refuse_achieved(subject, event)
    leg = case.leg(event.leg)
    if event.leg and (leg is None or event.subject not in leg.subjects):
        raise CannotHappen("that agency was not asked about this subject: name another, or none")
    owed = case.outcome_owed(event.leg)
    if leg and leg.response is Responded.DECLINED and not (owed and event.subject in owed.subjects):
        raise CannotHappen("that agency declined, and has nothing to tell of it: name whoever took them on, or none")
    case = _achieved(case, (event.subject,), Stamp(event.at, event.by, event.achieved))
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
    case = _achieved(case, about, Stamp(event.at, event.by, event.achieved))
    return _noted(case, about, event.outcome, event.by, event.at, leg.id)


def _refuse_achieved(subject: SubjectEpisode, event: OutcomeRecorded) -> None:
    if not event.achieved:
        return
    if subject.codes.form != "adult":
        raise CannotHappen("whether what they wanted was achieved is asked of an adult: leave it open")
    if event.achieved not in _ACHIEVED:
        raise CannotHappen(f"no “{event.achieved}” here: what they wanted was achieved {', '.join(_ACHIEVED)}")


def _achieved(case: Case, subjects: tuple[str, ...], said: Stamp) -> Case:
    """Of the adults among them; what an agency says beside the codes is in its words."""
    for subject in case.subjects:
        if subject.id in subjects and subject.codes.form == "adult" and said.code in _ACHIEVED:
            case = case.with_subject(replace(subject, achieved=(*subject.achieved, said)))
    return case


def _about(case: Case, leg: Leg, event: OutcomeTold) -> tuple[str, ...]:
    owed = case.outcome_owed(leg.id)
    may_be = (owed.left or owed.offered or owed.subjects) if owed else leg.subjects
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
            owed, ended = _said(owed, subjects)
            case = case.with_outcome_owed(owed)
            effects += ended + (() if owed.left else _settled(owed.leg))
    return Step(case, effects)


def _said(owed: OutcomeOwed, subjects: tuple[str, ...]) -> tuple[OutcomeOwed, tuple[Effect, ...]]:
    """Whose outcome is said has been taken on, whatever was said about that before."""
    taken = tuple(s for s in owed.offered if s in subjects)
    owed = replace(
        owed, subjects=(*owed.subjects, *taken), offered=tuple(s for s in owed.offered if s not in subjects)
    )
    owed = replace(owed, told=(*owed.told, *(s for s in owed.left if s in subjects)))
    return owed, _waits_no_more(owed.leg) if taken and not owed.offered else ()


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
        *(effect for owed in case.outcomes_owed for effect in (*_settled(owed.leg), *_waits_no_more(owed.leg))),
        *(CloseTask(f"hand_over:{s.id}") for s in case.subjects),
        *(StopClock(f"challenge:{c.id}") for c in case.challenges),
    )
