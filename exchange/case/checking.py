"""Checking: how a lateral check goes on after a nil return that says too little, and after a decline.

1. An unqualified nil return acknowledges and ends nothing: it is asked again once, and the answer clock runs on.
2. A nil return that says less than what the agency has told already takes nothing back.
3. A decline moves no clock of the case; it waits for a person until somebody acts on it.
"""

from __future__ import annotations

from dataclasses import replace

from exchange.case import clock
from exchange.case.acknowledgement import DECLINES, RESPONDS, RESPONSES, Answer, DeclineReason, Ours, Responded
from exchange.case.effect import (
    CloseTask,
    Effect,
    Letter,
    OpenTask,
    SendLetter,
    SetClock,
    TaskKind,
    WithdrawLetters,
)
from exchange.case.event import Answered
from exchange.case.lateral_check import (
    DECLINE_TABLE,
    Decline,
    DeclineNews,
    DeclineSettled,
    MoreGiven,
    NilPart,
    Recall,
)
from exchange.case.refusing import respect
from exchange.case.reminding import nudge_clock
from exchange.case.rules import Rules
from exchange.case.state import Case, Leg, Stamp
from exchange.case.step import CannotHappen, Step
from exchange.case.urgency import most_urgent

LACKED_INFORMATION = frozenset({DeclineReason.INSUFFICIENT_INFO, DeclineReason.NOT_KNOWN, DeclineReason.UNSTATED})


def answered(leg: Leg, event: Answered, rules: Rules) -> Leg:
    """The leg after what its agency answered."""
    nil = event.answer is Answer.NOTHING_KNOWN
    if nil and event.nil_missing and leg.complete and leg.response not in _DECLINED:
        return leg
    response = RESPONSES[leg.response, event.answer]
    missing = leg.nil_missing if response is Responded.NOTHING_KNOWN else ()
    if nil:
        missing = tuple(
            p for p in NilPart if p in event.nil_missing and (p in leg.nil_missing or not leg.unqualified)
        )
    moved = replace(leg, response=response, nil_missing=missing)
    return _declines(moved, event, rules)


_DECLINED = frozenset({Responded.DECLINED, Responded.WRONG_AGENCY})


def _declines(leg: Leg, event: Answered, rules: Rules) -> Leg:
    if event.answer in DECLINES:
        known = event.suggested if rules.agency(event.suggested) and event.suggested != leg.agency else ""
        reason = event.reason or (DeclineReason.NOT_KNOWN if event.answer is Answer.WRONG_AGENCY else "")
        return replace(
            leg,
            decline=DECLINE_TABLE[leg.decline, DeclineNews.DECLINED] or leg.decline,
            decline_reason=reason or DeclineReason.UNSTATED,
            suggested=known or leg.suggested,
        )
    if RESPONDS[event.answer]:
        return replace(leg, decline=DECLINE_TABLE[leg.decline, DeclineNews.ANSWERED] or leg.decline)
    return leg


def asked_of_desk(leg: Leg, event: Answered) -> tuple[Effect, ...]:
    """What a person must do about a decline, and need not do when there is none any more."""
    if leg.decline is not Decline.OPEN:
        return (CloseTask(f"declined:{leg.id}"),)
    if event.answer not in DECLINES:  # "received" after a decline re-routes nothing
        return ()
    declined = OpenTask(f"declined:{leg.id}", TaskKind.DECLINED, leg.id, event.at)
    if leg.decline_reason != DeclineReason.CONFLICT:
        return (declined,)
    return (declined, OpenTask(f"conflict:{leg.id}", TaskKind.CONFLICT, leg.id, event.at))


def asked_again(case: Case, leg: Leg, event: Answered) -> Step:
    """Ask for what a nil return does not say; one that says it all withdraws the question."""
    if not leg.unqualified:
        effects = (WithdrawLetters(f"unqualified:{leg.id}:"), CloseTask(f"letter:unqualified:{leg.id}"))
        return Step(case, effects)
    if event.answer is not Answer.NOTHING_KNOWN or leg.recall is not Recall.NONE or case.closed:
        return Step(case)
    asked = replace(leg, nil_asked=leg.nil_asked + 1)
    letter = SendLetter(f"unqualified:{leg.id}:{asked.nil_asked}", Letter.UNQUALIFIED, leg.id)
    return Step(case.with_leg(asked), (letter,))


def asked_leg(case: Case, leg: str) -> Leg:
    """The leg staff speak of. Raises CannotHappen when there is none."""
    found = case.leg(leg)
    if found is None:
        raise CannotHappen(f"no leg “{leg}” in this case: choose one of the agencies asked")
    return found


def more_given(case: Case, event: MoreGiven, rules: Rules) -> Step:
    """What the agency lacked is sent, and it owes its answer again, counted from now."""
    leg = asked_leg(case, event.leg)
    after = DECLINE_TABLE[leg.decline, DeclineNews.MORE_GIVEN]
    if after is None or leg.decline_reason not in LACKED_INFORMATION:
        raise CannotHappen("this agency has not declined for want of information: ask another, or record a decision")
    if not may_be_given_more(leg, case):
        raise CannotHappen("its packet was recalled, it is shut out or the case is closed: ask the agency anew")
    respect(case, leg.subjects, (leg.agency,))
    rating = most_urgent(case, leg.subjects, rules)
    due = clock.due(rating.answer, event.at, rules.calendar)
    moved = replace(
        leg,
        decline=after,
        response=RESPONSES.get((leg.response, Ours.MORE_GIVEN), leg.response),
        more_at=event.at,
        answer_due=due,
        evidence=(*leg.evidence, Stamp(event.at, event.by, "more_given")),
    )
    effects = (
        CloseTask(f"declined:{leg.id}"),
        SendLetter(f"more:{leg.id}:{event.more}", Letter.MORE, f"{leg.id}/{event.more}"),
        SetClock(f"answer:{leg.id}", due),
        *nudge_clock(moved, rating, event.at, rules),
    )
    return Step(case.with_leg(moved), effects)


def may_be_given_more(leg: Leg, case: Case) -> bool:
    """It declined for want of information, and may still have it."""
    lacks = DECLINE_TABLE[leg.decline, DeclineNews.MORE_GIVEN] and leg.decline_reason in LACKED_INFORMATION
    return bool(lacks) and not case.closed and leg.recall is Recall.NONE and not leg.shut_out


def decline_settled(case: Case, event: DeclineSettled, rules: Rules) -> Step:
    """The hub's decision about a decline is on the record."""
    leg = asked_leg(case, event.leg)
    after = DECLINE_TABLE[leg.decline, DeclineNews.SETTLED]
    if after is None:
        raise CannotHappen("no decline of this agency is waiting for a decision")
    stamp = Stamp(event.at, event.by, "decline_settled")
    moved = replace(leg, decline=after, evidence=(*leg.evidence, stamp))
    return Step(case.with_leg(moved), (CloseTask(f"declined:{leg.id}"), CloseTask(f"conflict:{leg.id}")))
