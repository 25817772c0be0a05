"""Concluding: outcomes, what the referrer is told, and the end of a case.

1. When every subject is decided the referrer is told, once for each set of decisions.
2. Whom no letter reaches is told by a person, who says so: silence settles nothing.
3. A case does not close with an open leg, an open action or an unsettled feedback unless a named person overrides.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from exchange.case import clock
from exchange.case.action import Doing
from exchange.case.contact import clocks_again
from exchange.case.delivery import News
from exchange.case.effect import (
    CloseTask,
    Letter,
    OpenTask,
    SendLetter,
    SetClock,
    StopClock,
    TaskKind,
    WithdrawLetters,
)
from exchange.case.event import ClockRanOut, Closed, LetterNews, OutcomeRecorded, ReferrerReplied
from exchange.case.feedback import SETTLED, Feedback, FeedbackTold, ReceiptCodeGiven, ReferrerClass
from exchange.case.pressing import press_again
from exchange.case.rules import Rules
from exchange.case.state import Case, Stamp
from exchange.case.step import CannotHappen, Step

_FAILED = frozenset({News.REFUSED, News.BOUNCED, News.HELD})
_SHOWN_THE_CODE = frozenset({"web", "api"})  # channels that end with the receipt code before whoever wrote


def tell_referrer(case: Case, at: datetime, rules: Rules) -> Step:
    """Every subject is decided: let the referrer know, once for this set of decisions."""
    told = sum(len(s.decisions) for s in case.subjects)
    by_letter = bool(case.referrer.mailbox or case.referrer.replyable)
    by_code = not case.referrer.telephone and case.channel in _SHOWN_THE_CODE
    if case.referrer.referrer_class is ReferrerClass.ANONYMOUS or (by_code and not by_letter):
        return Step(replace(case, feedback=Feedback.ON_PAGE))
    due = clock.due(rules.feedback, at, rules.calendar)
    case = replace(case, feedback=Feedback.DUE, feedback_due=due)
    by_a_person = OpenTask("tell_referrer", TaskKind.TELL_REFERRER, "", due)
    effects = (
        WithdrawLetters("outcome:"),
        SendLetter(f"outcome:{told}", Letter.OUTCOME) if by_letter else by_a_person,
        SetClock("feedback", due),
    )
    return Step(case, effects)


def told(case: Case, event: FeedbackTold, rules: Rules) -> Step:
    """A person told the referrer: what no letter could settle is settled."""
    if not case.subjects or not all(s.decision for s in case.subjects):
        raise CannotHappen("not every subject is decided: there is nothing to tell the referrer yet")
    effects = (WithdrawLetters("outcome:"), StopClock("feedback"), CloseTask("tell_referrer"))
    return Step(replace(case, feedback=Feedback.TOLD), effects)


def code_given(case: Case, event: ReceiptCodeGiven, rules: Rules) -> Step:
    """It is in the record; a code that somebody has is no proof that they have looked."""
    return Step(case)


def letter_news(case: Case, event: LetterNews, rules: Rules) -> Step:
    """A letter other than a packet moved. One that cannot arrive becomes a task."""
    if event.letter is Letter.OUTCOME:
        return _outcome_news(case, event)
    key = f"letter:{event.letter}:{event.about}"
    if event.news in _FAILED:
        return Step(case, (OpenTask(key, TaskKind.LETTER_FAILED, f"{event.letter}:{event.about}", event.at),))
    if event.news in (News.ACCEPTED, News.DELIVERED):
        return Step(case, (CloseTask(key),))
    return Step(case)


def _outcome_news(case: Case, event: LetterNews) -> Step:
    if case.feedback not in (Feedback.DUE, Feedback.SENT, Feedback.UNDELIVERABLE):
        return Step(case)  # the referrer has told us more than any server can
    if event.news in _FAILED:
        case = replace(case, feedback=Feedback.UNDELIVERABLE)
        return Step(case, (OpenTask("tell_referrer", TaskKind.TELL_REFERRER, "", event.at),))
    if event.news in (News.ACCEPTED, News.DELIVERED) and case.feedback in (
        Feedback.DUE,
        Feedback.UNDELIVERABLE,
    ):
        case = replace(case, feedback=Feedback.SENT)
        return Step(case, (StopClock("feedback"), CloseTask("tell_referrer")))
    return Step(case)


def referrer_replied(case: Case, event: ReferrerReplied, rules: Rules) -> Step:
    """Does this answer your concern? "No" reopens, loudly."""
    told = (CloseTask("tell_referrer"), StopClock("feedback"))
    if event.answers:
        return Step(replace(case, feedback=Feedback.CONFIRMED), (CloseTask("disputed"), *told))
    reopened = clocks_again(case) if case.closed else ()
    case = replace(case, feedback=Feedback.DISPUTED, closed=None)
    return Step(case, (OpenTask("disputed", TaskKind.DISPUTED, "", event.at), *reopened))


def outcome_recorded(case: Case, event: OutcomeRecorded, rules: Rules) -> Step:
    """What came of it."""
    subject = case.subject(event.subject)
    if subject is None:
        raise CannotHappen(f"no subject “{event.subject}” in this case")
    if not subject.decision:
        raise CannotHappen("record the decision before its outcome")
    stamp = Stamp(event.at, event.by, event.outcome)
    return Step(case.with_subject(replace(subject, outcomes=(*subject.outcomes, stamp))))


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
            WithdrawLetters(f"reminder:{leg.id}:"),
            CloseTask(f"silent:{leg.id}"),
        )
    )
    return Step(replace(case, closed=stamp), (*legs, StopClock("feedback")))


def _refuse_if_open(case: Case) -> None:
    if case.looked_at is None:
        raise CannotHappen("nobody has looked at what came in last: look at it first")
    if not case.set_aside and (not case.subjects or not all(s.decision for s in case.subjects)):
        raise CannotHappen("not every subject is decided")
    if any(not leg.complete for leg in case.legs):
        raise CannotHappen("an agency still owes its answer: chase it, or close with a reason")
    if any(a.doing is Doing.OPEN for a in case.actions):
        raise CannotHappen("an action is still open: settle it, or close with a reason")
    if not case.set_aside and case.feedback not in SETTLED:
        raise CannotHappen("the referrer has not been told: tell them, or close with a reason")


def feedback_due(case: Case, event: ClockRanOut, rules: Rules) -> Step:
    """The referrer should have been told by now."""
    if case.feedback in SETTLED:
        return Step(case)
    return Step(case, press_again("feedback", TaskKind.TELL_REFERRER, "", event, rules, key="tell_referrer"))


def first_look_due(case: Case, event: ClockRanOut, rules: Rules) -> Step:
    """Nobody has read it."""
    if case.looked_at:
        return Step(case)
    return Step(case, press_again("first_look", TaskKind.FIRST_LOOK, "", event, rules))
