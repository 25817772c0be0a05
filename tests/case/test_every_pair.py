"""Every state of every automaton meets everything that may happen to it.

What its table says becomes of it does; what the table does not list is refused, or is news that changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import time
from enum import StrEnum
from itertools import product
from typing import Any

import pytest

from exchange.case import (
    acknowledgement,
    action,
    challenge,
    delivery,
    duty,
    feedback,
    lateral_check,
    milestone,
    question,
    record,
    sorting,
    strategy_discussion,
)
from exchange.case import product as products
from exchange.case.acknowledgement import Answer, DeclineReason, Ours, Proof, Responded
from exchange.case.advance import CannotHappen, advance
from exchange.case.calendar import Calendar
from exchange.case.clock import read_spec
from exchange.case.decision import Decision
from exchange.case.delivery import Delivery, News
from exchange.case.effect import Letter
from exchange.case.event import (
    AgencyAsked,
    ClockRanOut,
    DiscussionHeld,
    Event,
    InformationAdded,
    LetterNews,
    ReferralCorrected,
    ReferrerReplied,
)
from exchange.case.feedback import Contact, DraftStanding, Feedback, Telling
from exchange.case.lateral_check import Decline, DeclineNews, Recall, RecallNews
from exchange.case.product import OwnersWord, Purpose, Said, Stage
from exchange.case.question import QuestionStanding
from exchange.case.record import Attendee, Minutes, OfSubject, Standing
from exchange.case.rules import Rules
from exchange.case.sorting import Sorting
from exchange.case.state import Case
from exchange.case.statute import NamedClock, Statute
from exchange.hubs import statutes
from exchange.mapping import AUTOMATA
from tests.case.stories import (
    LOOK,
    RULES,
    SCHOOL,
    Story,
    arrives,
    at,
    calls,
    child,
    contact,
    decides,
    rates,
    says,
    with_rules,
)

Table = Mapping[tuple[Any, Any], Any] | Mapping[Any, frozenset[Any]]


@dataclass(frozen=True)
class Walk:
    """How one automaton is met in a case."""

    states: type[StrEnum]
    what: Iterable[StrEnum]  # may happen to it; the states themselves, where a person says what it becomes
    table: Table
    case: Callable[[Any, Any], Case]  # in which it stands so, and this can be tried
    event: Callable[[Any], Event]
    now: Callable[[Case], StrEnum]
    news: frozenset[StrEnum] = frozenset()  # what nobody can be refused for
    rules: Rules = RULES


# ---- A packet: its mail, its recall, a decline -------------------------------------------------------------------

TOLD = Story(contact(child()), LOOK, rates()).case


def of_leg(leg: str = "l1", case: Case = TOLD, **changes: object) -> Case:
    found = case.leg(leg)
    assert found
    return case.with_leg(replace(found, **changes))  # type: ignore[arg-type]


def recall(state: Recall, news: RecallNews) -> Case:
    there = news is RecallNews.ASKED_BACK
    return of_leg(case=Story(contact(child()), *((arrives(),) if there else ())).case, recall=state)


def response(state: Responded, what: Answer | Ours) -> Case:
    declined = state in (Responded.DECLINED, Responded.WRONG_AGENCY)
    decline = Decline.OPEN if declined else Decline.NONE
    return of_leg(response=state, decline=decline, decline_reason=DeclineReason.NOT_KNOWN)


def answered(what: Answer | Ours) -> Event:
    return (
        lateral_check.MoreGiven(at(50), "duty-1", "l1", "more-1") if what is Ours.MORE_GIVEN else says(what, after=50)
    )


RECALLS: dict[RecallNews, Event] = {
    RecallNews.KEPT_BACK: lateral_check.Recalled(at(50), "duty-1", "l1"),
    RecallNews.ASKED_BACK: lateral_check.Recalled(at(50), "duty-1", "l1"),
    RecallNews.LEFT: arrives(after=50),
    RecallNews.DELETED: lateral_check.RecallConfirmed(at(50), "police", "l1", Proof.DKIM, "mail"),
}
DECLINES: dict[DeclineNews, Event] = {
    DeclineNews.DECLINED: replace(says(Answer.DECLINE, after=50), reason=DeclineReason.NOT_KNOWN),
    DeclineNews.ANSWERED: says(Answer.INFORMATION, after=50),
    DeclineNews.REROUTED: AgencyAsked(at(50), "duty-1", "housing", ("s1",), "l1"),
    DeclineNews.MORE_GIVEN: lateral_check.MoreGiven(at(50), "duty-1", "l1", "more-1"),
    DeclineNews.SETTLED: lateral_check.DeclineSettled(at(50), "duty-1", "l1"),
}

# ---- A product, and its owners -----------------------------------------------------------------------------------


def drafts(version: str, *rests: tuple[str, str]) -> Event:
    return products.ProductDrafted(at(20), "navigator-1", "p1", version, ("s1",), ("social_care",), rests)


TELLS = replace(says(Answer.INFORMATION), contribution="c-l1")
PRODUCT = Story(contact(child()), LOOK, TELLS, drafts("v1", ("w1", "c-l1"))).case


def releases(version: str) -> Event:
    return products.ProductReleased(at(500), "manager-1", "p1", version, Purpose.SAFEGUARD_CHILD)


def answers(agrees: bool) -> Event:
    return products.OwnerAnswered(at(500), "owner-1", "p1", "w1", agrees, Proof.DKIM, "mail")


def stage(state: Stage, move: products.Move) -> Case:
    found = PRODUCT.products[0]
    if move is products.Move.RELEASE:  # its owner has agreed
        found = advance(PRODUCT, answers(True), RULES).case.products[0]
    older = replace(found.latest, stage=state)
    newer = () if move is not products.Move.REPLACE else (replace(found.latest, id="v2", passages=()),)
    return PRODUCT.with_product(replace(found, versions=(older, *newer)))


def word(state: OwnersWord, said: Said) -> Case:
    found = PRODUCT.products[0]
    return PRODUCT.with_product(found.with_passage(replace(found.passages[0], word=state)))


ASKS = products.ReleaseAsked(at(500), "duty-1", "p1")
STAGES: dict[products.Move, Event] = {
    products.Move.ASK: ASKS,
    products.Move.RELEASE: releases("v1"),
    products.Move.REDRAFT: drafts("v2"),
    products.Move.REPLACE: releases("v2"),
}
OWNERS: dict[Said, Event] = {
    Said.ASK: replace(ASKS, passages=("w1",)),
    Said.AGREE: answers(True),
    Said.REFUSE: answers(False),
    Said.LAPSE: ClockRanOut(at(500), "release:p1/w1"),
    Said.OVERRIDE: products.ReleaseOverridden(at(500), "manager-1", "p1", "w1"),
}

# ---- A discussion and its record ---------------------------------------------------------------------------------

THERE = ("police", "health", "social_care")
CALLED = Story(contact(child()), LOOK, calls(*THERE)).case
HELD = DiscussionHeld(at(700), "manager-1", "d1", THERE)
DECIDED = (("seen", "alone"), ("threshold", "met"), ("enquiry", "joint"), ("parents", "social_care"))
MINUTES = Minutes(
    at(600), at(650), "video",
    attendees=tuple(Attendee(f"t{n}", a, "other", "video", vetted="yes") for n, a in enumerate(THERE, 1)),
    subjects=(OfSubject("s1", DECIDED, ("voice",)),),
)  # fmt: skip
DAILY = with_rules(statute=Statute(clocks=(NamedClock("strategy_record", "", "", "", read_spec("24h"), ""),)))
MEETINGS: dict[strategy_discussion.Meeting, Event] = {
    strategy_discussion.Meeting.CALLED: replace(calls(*THERE), at=at(700)),
    strategy_discussion.Meeting.HELD: HELD,
    strategy_discussion.Meeting.CANCELLED: strategy_discussion.DiscussionCancelled(at(700), "manager-1", "d1"),
}


def writes(version: str) -> Event:
    return record.RecordWritten(at(720), "clerk-1", "d1", version, MINUTES)


def approves(version: str) -> Event:
    return record.RecordApproved(at(730), "chair-1", "d1", version)


def copy_news(copy: str, news: News = News.ACCEPTED) -> Event:
    return LetterNews(at(740), Letter.RECORD, copy, news)


def written(state: Standing, move: record.Move) -> Case:
    """The first version stands so, and but for what is tried all has been done."""
    sent = (copy_news("k1"), copy_news("k2"))
    out = state in record.HOLDS
    story = Story(contact(child()), LOOK, calls(*THERE), HELD, writes("v1"), rules=DAILY)
    story.tell(*((approves("v1"), *sent) if out else ()))
    story.tell(*((copy_news("k3"),) if out and state is Standing.CIRCULATED else ()))
    story.tell(*((writes("v2"),) if move is record.Move.REPLACE else ()))
    found = story.case.records[0]
    return story.case.with_record(found.with_version(replace(found.versions[0], standing=state)))


RECORDS: dict[record.Move, Event] = {
    record.Move.AMEND: writes("v2"),
    record.Move.APPROVE: approves("v1"),
    record.Move.SENT: copy_news("k3"),
    record.Move.BACK: copy_news("k1", News.BOUNCED),
    record.Move.REPLACE: approves("v2"),
}

# ---- The contact, its clocks, its night, its challenges, its actions ----------------------------------------------

ENGLAND = with_rules(statute=statutes.profile("england-wt2026"))
ASSESSED = Story(contact(child()), LOOK, rates(), decides(), rules=ENGLAND).case
SORTED = Story(contact(child()), LOOK).case
SHUT = with_rules(calendar=Calendar("Europe/London", (None, None, *((time(9), time(17)),) * 5)))
NIGHT = Story(contact(child()), LOOK, rates(), rules=SHUT).case
DISAGREES = challenge.Challenged(at(300), "police", "page", "l1")
CHALLENGED = Story(contact(child()), LOOK, rates(), decides(), DISAGREES).case
ACTING = Story(contact(child()), action.ActionSet(at(100), "manager-1", "a1", "police", ("s1",), at(500))).case


def sorts(into: Sorting) -> Event:
    return sorting.Sorted(at(400), "duty-1", into, "MASH-0000-0000" if into is Sorting.DUPLICATE else "")


def sort_of(state: Sorting, into: Sorting) -> Case:
    stamp = replace(LOOK_STAMP, code=state.value)
    return replace(SORTED, sortings=() if state is Sorting.UNSORTED else (stamp,))


def clock_of(state: milestone.Progress, into: milestone.Progress) -> Case:
    subject = ASSESSED.subjects[0]
    changed = tuple(replace(m, progress=state) if m.name == "assessment" else m for m in subject.milestones)
    return ASSESSED.with_subject(replace(subject, milestones=changed))


def clock_now(case: Case) -> StrEnum:
    found = case.subjects[0].milestone("assessment")
    assert found
    return found.progress


def replies(settles: bool) -> Event:
    return challenge.ChallengeReplied(at(400), "duty-1", "c1", settles)


CLOCKS: dict[milestone.Progress, Event] = {
    milestone.Progress.RUNNING: milestone.MilestoneStarted(at(90), "duty-1", "s1", "assessment", at(80)),
    milestone.Progress.MET: milestone.MilestoneMet(at(90), "duty-1", "s1", "assessment"),
    milestone.Progress.DROPPED: decides(decision=Decision.ADVICE, after=90),
}
HANDINGS: dict[duty.HandingNews, Event] = {
    duty.HandingNews.ACCEPTS: duty.DutyAccepted(at(90), "duty-1", at(90)),
    duty.HandingNews.RETURNS: duty.DutyReturned(at(90), "duty-1"),
    duty.HandingNews.DECIDES: decides(after=90),
}
CHALLENGES: dict[challenge.Happening, Event] = {
    challenge.Happening.SETTLES: replies(True),
    challenge.Happening.REPLIES: replies(False),
    challenge.Happening.ESCALATES: challenge.ChallengeEscalated(at(400), "duty-1", "c1"),
    challenge.Happening.SEES_RISK: replace(DISAGREES, at=at(400), immediate=True),
}

# ---- The referrer: what they are asked, written and told -----------------------------------------------------------

TO_TELL = Story(contact(child()), LOOK, rates(), decides()).case
ASKED = Story(contact(child()), LOOK, question.QuestionAsked(at(70), "duty-1", "q1", ("last_seen",))).case
WRITTEN = Story(contact(child()), LOOK, rates(), decides(), feedback.FeedbackDrafted(at(70), "duty-1", "f1")).case
QUESTIONS: dict[QuestionStanding, Event] = {
    QuestionStanding.ASKED: question.QuestionApproved(at(80), "manager-1", "q1"),
    QuestionStanding.ANSWERED: InformationAdded(at(80), "referrer", "web", answers="q1"),
    QuestionStanding.DROPPED: question.QuestionDropped(at(80), "duty-1", "q1"),
}
DRAFTS: dict[DraftStanding, Event] = {
    DraftStanding.APPROVED: feedback.FeedbackApproved(at(80), "manager-1", "f1"),
    DraftStanding.DROPPED: feedback.FeedbackDropped(at(80), "duty-1", "f1"),
    DraftStanding.SUPERSEDED: feedback.FeedbackDrafted(at(80), "duty-2", "f2"),
}
TELLINGS: dict[Telling, Event] = {
    Telling.DECIDED: decides(decision=Decision.ADVICE, after=90),
    Telling.SENT_ANEW: feedback.FeedbackReleased(at(90), "manager-1"),
    Telling.REACHED_OTHERWISE: feedback.ContactChanged(at(90), "referrer", Contact.MAIL),
    Telling.WENT_ASTRAY: ReferralCorrected(at(90), "duty-1", (), ("referrer.mail",), SCHOOL, False),
    Telling.NOTHING_GOES: feedback.ContactChanged(at(90), "referrer", Contact.PAGE),
    Telling.TOLD: feedback.FeedbackTold(at(90), "duty-1"),
    Telling.WITHHELD: feedback.FeedbackWithheld(at(90), "manager-1", "lado", at(9000)),
    Telling.ARRIVED: LetterNews(at(90), Letter.OUTCOME, "", News.ACCEPTED),
    Telling.LOST: LetterNews(at(90), Letter.OUTCOME, "", News.BOUNCED),
    Telling.SATISFIED: ReferrerReplied(at(90), answers=True),
    Telling.DISPUTED: ReferrerReplied(at(90), answers=False),
}
BY_STAFF = {Telling.SENT_ANEW, Telling.TOLD, Telling.WITHHELD}


def question_of(state: QuestionStanding, what: QuestionStanding) -> Case:
    return replace(ASKED, questions=(replace(ASKED.questions[0], standing=state),))


assert SORTED.looked_at
LOOK_STAMP = SORTED.looked_at

WALKS: dict[str, Walk] = {
    "Delivery of a packet": Walk(
        Delivery, News, delivery.TABLE, lambda state, news: of_leg(delivery=state),
        lambda news: arrives(after=50, news=news), lambda case: case.legs[0].delivery, frozenset(News),
    ),
    "Answer of an agency": Walk(
        Responded, (*Answer, *Ours), acknowledgement.RESPONSES, response, answered,
        lambda case: case.legs[0].response, frozenset(Answer),
    ),
    "Recall of a packet": Walk(
        Recall, RecallNews, lateral_check.RECALL_TABLE, recall, RECALLS.__getitem__,
        lambda case: case.legs[0].recall, frozenset({RecallNews.LEFT, RecallNews.DELETED}),
    ),
    "What becomes of a decline": Walk(
        Decline, DeclineNews, lateral_check.DECLINE_TABLE,
        lambda state, news: of_leg(decline=state, decline_reason=DeclineReason.NOT_KNOWN), DECLINES.__getitem__,
        lambda case: case.legs[0].decline, frozenset({DeclineNews.DECLINED, DeclineNews.ANSWERED}),
    ),
    "Version of an information product": Walk(
        Stage, products.Move, products.STAGES, stage, STAGES.__getitem__,
        lambda case: case.products[0].versions[0].stage,
    ),
    "Release of a passage by its owner": Walk(
        OwnersWord, Said, products.OWNERS, word, OWNERS.__getitem__, lambda case: case.products[0].passages[0].word,
        frozenset({Said.AGREE, Said.REFUSE, Said.LAPSE}),
    ),
    "Version of the record of a discussion": Walk(
        Standing, record.Move, record.STANDINGS, written, RECORDS.__getitem__,
        lambda case: case.records[0].versions[0].standing, frozenset({record.Move.SENT, record.Move.BACK}), DAILY,
    ),
    "Sorting of a contact": Walk(
        Sorting, Sorting, sorting.MAY_BECOME, sort_of, sorts, lambda case: case.sorting,
        rules=with_rules(open_cases=("social_care",)),
    ),
    "Milestone of a subject": Walk(
        milestone.Progress, milestone.Progress, milestone.MAY_BECOME, clock_of, CLOCKS.__getitem__, clock_now,
        frozenset({milestone.Progress.DROPPED}), ENGLAND,
    ),
    "Handing over to the duty team": Walk(
        duty.Handing, duty.HandingNews, duty.HANDINGS,
        lambda state, news: replace(NIGHT, duties=(replace(NIGHT.duties[0], state=state),)), HANDINGS.__getitem__,
        lambda case: case.duties[0].state, frozenset({duty.HandingNews.DECIDES}), SHUT,
    ),
    "Strategy discussion": Walk(
        strategy_discussion.Meeting, strategy_discussion.Meeting, strategy_discussion.MAY_BECOME,
        lambda state, into: CALLED.with_discussion(replace(CALLED.discussions[0], state=state)),
        MEETINGS.__getitem__, lambda case: case.discussions[0].state,
    ),
    "Challenge": Walk(
        challenge.Standing, challenge.Happening, challenge.TABLE,
        lambda state, what: CHALLENGED.with_challenge(replace(CHALLENGED.challenges[0], standing=state)),
        CHALLENGES.__getitem__, lambda case: case.challenges[0].standing,
        frozenset({challenge.Happening.SEES_RISK}),
    ),
    "Action": Walk(
        action.Doing, action.Doing, action.MAY_BECOME,
        lambda state, into: ACTING.with_action(replace(ACTING.actions[0], doing=state)),
        lambda into: action.ActionMoved(at(200), "duty-1", "a1", into), lambda case: case.actions[0].doing,
    ),
    "Question to the referrer": Walk(
        QuestionStanding, QUESTIONS, question.MAY_BECOME, question_of, QUESTIONS.__getitem__,
        lambda case: case.questions[0].standing, frozenset({QuestionStanding.ANSWERED}),
    ),
    "Words to the referrer": Walk(
        DraftStanding, DRAFTS, feedback.DRAFT_MAY_BECOME,
        lambda state, into: WRITTEN.with_draft(replace(WRITTEN.drafts[0], standing=state)), DRAFTS.__getitem__,
        lambda case: case.drafts[0].standing, frozenset({DraftStanding.SUPERSEDED}),
    ),
    "Feedback to the referrer": Walk(
        Feedback, Telling, feedback.TELLING, lambda state, what: replace(TO_TELL, feedback=state),
        TELLINGS.__getitem__, lambda case: case.feedback, frozenset(Telling) - BY_STAFF,
    ),
}  # fmt: skip


def test_every_automaton_that_is_drawn_is_walked() -> None:
    assert list(WALKS) == [title for title, _, _ in AUTOMATA]


def becomes(table: Table, state: StrEnum, what: StrEnum) -> StrEnum | None:
    """What a table says; None for what cannot happen or changes nothing."""
    found = table.get((state, what), table.get(state))  # type: ignore[call-overload]
    if isinstance(found, frozenset):
        return what if what in found else None
    return found if isinstance(found, StrEnum) else None


PAIRS = [(title, *pair) for title, walk in WALKS.items() for pair in product(walk.states, walk.what)]


@pytest.mark.parametrize(("title", "state", "what"), PAIRS, ids=lambda of: str(of).replace(" ", "-"))
def test_what_the_table_says_becomes_of_it_and_nothing_else_does(title: str, state: StrEnum, what: StrEnum) -> None:
    walk = WALKS[title]
    case, says_so = walk.case(state, what), becomes(walk.table, state, what)
    assert walk.now(case) is state
    before = deepcopy(case)
    try:
        after = walk.now(advance(case, walk.event(what), walk.rules).case)
    except CannotHappen:
        assert what not in walk.news
        assert says_so in (None, state)  # what stands so already need not be done again
        assert case == before
        return
    assert after is (says_so or state)
    assert says_so or what in walk.news or what is state
