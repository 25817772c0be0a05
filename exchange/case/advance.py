"""The only place where a case changes: (case, event, rules) -> (case, effects).

1. Pure: the same case, event and rules always give the same step; replaying the events gives the stored case.
2. Nothing a peer does raises: duplicates and late news are rows in tables, or change nothing.
3. What hub staff ask for and the case does not allow raises CannotHappen, and nothing changed.
4. After a case is closed nothing is lost: answers, news and additions still count, only reminders stop.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from exchange.case import (
    acting,
    answering,
    attaching,
    challenging,
    chasing,
    checking,
    comparing,
    concluding,
    contact,
    convening,
    correcting,
    deciding,
    delivery,
    deputising,
    disposing,
    entrusting,
    erring,
    escalating,
    fetching,
    handing,
    inquiring,
    inviting,
    owing,
    owning,
    reading,
    recalling,
    reconvening,
    recording,
    releasing,
    replying,
    restricting,
    screening,
    soon,
    telephoning,
    telling,
)
from exchange.case.action import ActionAnswered, ActionMoved, ActionReplyUnclear, ActionSet
from exchange.case.address_release import AddressReleased
from exchange.case.addressee import agency_of
from exchange.case.attachment import FileScanned
from exchange.case.challenge import (
    Challenged,
    ChallengeEscalated,
    ChallengeReplied,
    ReplyApproved,
    ReplyDropped,
)
from exchange.case.correction import WordsCorrected
from exchange.case.delivery import News
from exchange.case.disposal import (
    Disposed,
    LegalHoldLifted,
    LegalHoldSet,
)
from exchange.case.duty import DutyAccepted, DutyReturned
from exchange.case.effect import TO_REFERRER, Letter
from exchange.case.escalation import CallMade, Chased
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
    ReferralCorrected,
    ReferrerReplied,
    Transcribed,
)
from exchange.case.feedback import (
    ContactChanged,
    FeedbackApproved,
    FeedbackDrafted,
    FeedbackDropped,
    FeedbackReleased,
    FeedbackTold,
    FeedbackWithheld,
    ReceiptCodeGiven,
)
from exchange.case.lateral_check import (
    DeclineSettled,
    MoreGiven,
    RecallConfirmed,
    Recalled,
)
from exchange.case.milestone import MilestoneMet, MilestoneStarted
from exchange.case.original import FileUnlocked, MailWaits, ReadingConfirmed, WordsRead
from exchange.case.outcome import HandedOver, OutcomeTold
from exchange.case.ownership import Owned
from exchange.case.presence import NO_OTHER
from exchange.case.product import (
    NotShared,
    OwnerAnswered,
    ProductDrafted,
    ProductReleased,
    ProductReplyUnclear,
    ReleaseAsked,
    ReleaseOverridden,
)
from exchange.case.question import QuestionApproved, QuestionAsked, QuestionDropped
from exchange.case.record import RecordApproved, RecordTold, RecordWritten
from exchange.case.restriction import Restricted, RestrictionLifted, RoutingAllowed
from exchange.case.rules import Rules
from exchange.case.sorting import (
    AcceptedElsewhere,
    Borderline,
    BroughtBack,
    CohortSet,
    EnteredInError,
    Levelled,
    PersonChanged,
    RefusalOverridden,
    SecondReview,
    Sorted,
    SubjectAdded,
    SubjectCorrected,
)
from exchange.case.state import Case, Leg
from exchange.case.step import CannotHappen, Step
from exchange.case.strategy_discussion import (
    DiscussionCancelled,
    DiscussionMoved,
    DiscussionPlaced,
    DiscussionTelephoned,
    InviteesAdded,
    SeatEvidence,
    SeatUnclear,
)

__all__ = ["CannotHappen", "Step", "advance"]

Move = Callable[[Case, Any, Rules], Step]
Silence = Callable[[Case, str, ClockRanOut, Rules], Step]


def clock_ran_out(case: Case, event: ClockRanOut, rules: Rules) -> Step:
    """Silence, handed to whatever the clock was about."""
    name, _, about = event.clock.partition(":")
    if name not in RUN_OUT or (case.closed and name not in AFTER_THE_END):
        return Step(case)
    return RUN_OUT[name](case, about, event, rules)


def _of_leg(move: Callable[[Case, Leg, ClockRanOut, Rules], Step]) -> Silence:
    def of_leg(case: Case, about: str, event: ClockRanOut, rules: Rules) -> Step:
        leg = case.leg(about)
        return move(case, leg, event, rules) if leg else Step(case)

    return of_leg


def _of_case(move: Callable[[Case, ClockRanOut, Rules], Step]) -> Silence:
    return lambda case, about, event, rules: move(case, event, rules)


def fetch_due(case: Case, about: str, event: ClockRanOut, rules: Rules) -> Step:
    """Nobody has fetched a letter in time: it is as if it had come back."""
    letter, _, whom = about.partition(":")
    if letter == Letter.PACKET:
        return answering.packet_news(case, PacketNews(event.at, whom, News.EXPIRED), rules)
    return letter_news(case, LetterNews(event.at, Letter(letter), whom, News.EXPIRED), rules)


RUN_OUT: dict[str, Silence] = {  # the first word of a clock's name -> what its silence means
    "remind": _of_leg(answering.reminder_due),
    "answer": _of_leg(answering.answer_due),
    "nudge": _of_leg(answering.nudge_due),
    "ring": escalating.ring_due,
    "duty": _of_case(handing.duty_due),
    "recall": _of_leg(recalling.recall_due),
    "chase": convening.chase_due,
    soon.CLOCK: soon.due_soon,
    "held_by": reconvening.not_held,
    "follow_up_meeting": telephoning.full_due,
    "release": releasing.limit_ended,
    "decide": deciding.decision_due,
    "follow_up": deciding.follow_up_due,
    "milestone": deciding.milestone_due,
    "action": acting.action_due,
    "elsewhere": _of_case(screening.elsewhere_due),
    "feedback": telling.feedback_due,
    "review": telling.review_due,
    "handover": owing.not_accepted,
    "outcome": owing.outcome_due,
    "challenge": challenging.challenge_due,
    "record": recording.record_due,
    fetching.CLOCK: fetch_due,
    "first_look": _of_case(concluding.first_look_due),
    "transcribe": _of_case(contact.transcribe_due),
    attaching.CLOCK: attaching.scan_due,
    inquiring.CLOCK: inquiring.question_due,
}
# The law's clocks, what somebody meant to look at again, a packet that must still be deleted, a record that is owed,
# the duty team's note, and a file that nobody may open yet.
AFTER_THE_END = frozenset({"milestone", "follow_up", "recall", "review", "record", "duty", attaching.CLOCK})


def letter_news(case: Case, event: LetterNews, rules: Rules) -> Step:
    """A letter moved: those of a product and of a record are followed for each recipient, a deputy's for its leg, as
    packets are."""
    if event.code.startswith(delivery.FELL):
        return Step(case)  # it is written anew, by the next transport
    why = event.code.removeprefix("gate:")
    if event.about and event.letter not in TO_REFERRER and why == concluding.SHUT_OUT:
        return Step(case)  # it must not go, and nobody rings those who must not know
    if event.about and why == NO_OTHER:
        agency = agency_of(event.letter, event.about, case)
        return Step(case, (contact.another_recipient(agency, event.at),))
    step = _LETTERS.get(event.letter, telling.letter_news)(case, event, rules)
    return step.then(Step(step.case, fetching.clocks(f"{event.letter}:{event.about}", event)))


_LETTERS: dict[Letter, Move] = {
    Letter.PRODUCT: releasing.product_news,
    Letter.RECORD: recording.copy_news,
    Letter.DEPUTY: deputising.letter_news,
    Letter.LEAD: escalating.lead_news,
    Letter.INVITATION: inviting.invitation_news,
    Letter.UNINVITED: inviting.uninvited_news,
    Letter.CHASER: inviting.chaser_news,
    Letter.PAPERS: inviting.papers_news,
}

MOVES: dict[type, Move] = {
    LookedAt: contact.looked_at,
    Transcribed: contact.transcribed,
    InformationAdded: attaching.information_added,
    FileScanned: attaching.scanned,
    QuestionAsked: inquiring.asked,
    QuestionApproved: inquiring.approved,
    QuestionDropped: inquiring.dropped,
    Rated: contact.rated,
    AgencyAsked: contact.agency_asked,
    PacketNews: answering.packet_news,
    MachineEvidence: answering.machine_evidence,
    AnswerUnclear: answering.answer_unclear,
    Answered: answering.answered,
    DiscussionCalled: convening.called,
    InviteeReplied: replying.replied,
    DiscussionHeld: convening.held,
    InviteesAdded: reconvening.added,
    SeatUnclear: replying.unclear,
    SeatEvidence: inviting.machine_said,
    DiscussionMoved: reconvening.moved,
    DiscussionPlaced: reconvening.placed,
    DiscussionCancelled: reconvening.cancelled,
    DiscussionTelephoned: telephoning.telephoned,
    Decided: deciding.decided,
    Sorted: screening.sorted_,
    AcceptedElsewhere: screening.accepted_elsewhere,
    SubjectAdded: screening.subject_added,
    ReferralCorrected: correcting.referral_corrected,
    WordsCorrected: correcting.words_corrected,
    SubjectCorrected: screening.subject_corrected,
    PersonChanged: screening.person_changed,
    EnteredInError: erring.entered_in_error,
    BroughtBack: erring.brought_back,
    CohortSet: screening.cohort_set,
    Levelled: screening.levelled,
    Borderline: screening.borderline,
    SecondReview: screening.second_review,
    RefusalOverridden: screening.refusal_overridden,
    MilestoneStarted: deciding.milestone_started,
    MilestoneMet: deciding.milestone_met,
    ActionSet: acting.action_set,
    ActionMoved: acting.action_moved,
    ActionAnswered: acting.answered,
    ActionReplyUnclear: acting.reply_unclear,
    RecordWritten: recording.written,
    RecordApproved: recording.approved,
    RecordTold: recording.told,
    OutcomeRecorded: owing.outcome_recorded,
    LetterNews: letter_news,
    ReferrerReplied: telling.referrer_replied,
    ReceiptCodeGiven: telling.code_given,
    Closed: concluding.closed,
    ReadingConfirmed: comparing.confirmed,
    FileUnlocked: comparing.unlocked,
    MailWaits: reading.mail_waits,
    WordsRead: reading.read,
    ProductDrafted: releasing.drafted,
    ReleaseAsked: releasing.asked,
    OwnerAnswered: releasing.owner_answered,
    ProductReplyUnclear: releasing.reply_unclear,
    ReleaseOverridden: releasing.overridden,
    ProductReleased: releasing.released,
    NotShared: releasing.not_shared,
    AddressReleased: entrusting.address_released,
    Restricted: restricting.restricted,
    RestrictionLifted: restricting.lifted,
    RoutingAllowed: restricting.routing_allowed,
    LegalHoldSet: disposing.hold_set,
    LegalHoldLifted: disposing.hold_lifted,
    Disposed: disposing.disposed,
    ClockRanOut: clock_ran_out,
    CallMade: escalating.call_made,
    Chased: chasing.chased,
    DutyAccepted: handing.accepted,
    DutyReturned: handing.returned,
    Owned: owning.owned,
    Recalled: recalling.recalled,
    RecallConfirmed: recalling.confirmed,
    MoreGiven: checking.more_given,
    DeclineSettled: checking.decline_settled,
    HandedOver: owing.handed_over,
    OutcomeTold: owing.outcome_told,
    Challenged: challenging.challenged,
    ChallengeReplied: challenging.replied,
    ReplyApproved: challenging.reply_approved,
    ReplyDropped: challenging.reply_dropped,
    ChallengeEscalated: challenging.escalated,
    FeedbackDrafted: telling.drafted,
    FeedbackApproved: telling.approved,
    FeedbackDropped: telling.dropped,
    FeedbackWithheld: telling.withheld,
    FeedbackReleased: telling.released,
    FeedbackTold: telling.told,
    ContactChanged: telling.contact_changed,
}


def advance(case: Case | None, event: Event, rules: Rules) -> Step:
    """The case after `event`. Raises CannotHappen for what hub staff may not do now."""
    if isinstance(event, ContactReceived):
        if case is not None:
            raise CannotHappen("this case already exists")
        return _whole(attaching.received(event, rules), event.at, rules)
    if case is None:
        raise CannotHappen("a case begins with a contact")
    return _whole(recording.follow(MOVES[type(event)](case, event, rules), event.at, rules), event.at, rules)


def _whole(step: Step, at: datetime, rules: Rules) -> Step:
    """The step, with what follows from every step."""
    return reading.kept(restricting.quiet(handing.watched(step, at, rules)))
