"""The only place where a case changes: (case, event, rules) -> (case, effects).

1. Pure: the same case, event and rules always give the same step; replaying the events gives the stored case.
2. Nothing a peer does raises: duplicates and late news are rows in tables, or change nothing.
3. What hub staff ask for and the case does not allow raises CannotHappen, and nothing changed.
4. After a case is closed nothing is lost: answers, news and additions still count, only reminders stop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exchange.case import answering, concluding, contact, convening
from exchange.case.event import (
    AgencyAsked,
    Answered,
    AnswerUnclear,
    ClockRanOut,
    Closed,
    ContactReceived,
    Decided,
    DiscussionCalled,
    DiscussionHeld,
    Event,
    InformationAdded,
    InviteeReplied,
    LetterNews,
    LookedAt,
    MachineEvidence,
    OutcomeRecorded,
    PacketNews,
    Rated,
    ReferrerReplied,
    Transcribed,
)
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.step import CannotHappen, Step

__all__ = ["CannotHappen", "Step", "advance"]

Move = Callable[[Case, Any, Rules], Step]


def clock_ran_out(case: Case, event: ClockRanOut, rules: Rules) -> Step:
    """Silence, handed to whatever the clock was about."""
    name, _, about = event.clock.partition(":")
    if case.closed:
        return Step(case)
    if name == "chase":
        return convening.chase_due(case, about, event, rules)
    leg = case.leg(about)
    if name == "remind" and leg:
        return answering.reminder_due(case, leg, event, rules)
    if name == "answer" and leg:
        return answering.answer_due(case, leg, event, rules)
    if name == "decide":
        return concluding.decision_due(case, about, event, rules)
    if name == "feedback":
        return concluding.feedback_due(case, event, rules)
    if name == "first_look":
        return concluding.first_look_due(case, event, rules)
    return Step(case)


MOVES: dict[type, Move] = {
    LookedAt: contact.looked_at,
    Transcribed: contact.transcribed,
    InformationAdded: contact.information_added,
    Rated: contact.rated,
    AgencyAsked: contact.agency_asked,
    PacketNews: answering.packet_news,
    MachineEvidence: answering.machine_evidence,
    AnswerUnclear: answering.answer_unclear,
    Answered: answering.answered,
    DiscussionCalled: convening.called,
    InviteeReplied: convening.replied,
    DiscussionHeld: convening.held,
    Decided: concluding.decided,
    OutcomeRecorded: concluding.outcome_recorded,
    LetterNews: concluding.letter_news,
    ReferrerReplied: concluding.referrer_replied,
    Closed: concluding.closed,
    ClockRanOut: clock_ran_out,
}


def advance(case: Case | None, event: Event, rules: Rules) -> Step:
    """The case after `event`. Raises CannotHappen for what hub staff may not do now."""
    if isinstance(event, ContactReceived):
        if case is not None:
            raise CannotHappen("this case already exists")
        return contact.received(event, rules)
    if case is None:
        raise CannotHappen("a case begins with a contact")
    return MOVES[type(event)](case, event, rules)
