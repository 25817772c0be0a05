"""Whatever happens to a case, in whatever order and however often, these things hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.case.acknowledgement import Acknowledgement, Answer, Proof, Responded
from exchange.case.action import ActionAnswered, ActionMoved, ActionReplyUnclear, ActionSet, Doing, DoingAnswer
from exchange.case.addressee import agency_of
from exchange.case.advance import CannotHappen, advance
from exchange.case.challenge import Challenged, ChallengeEscalated, ChallengeReplied
from exchange.case.decision import Decision
from exchange.case.delivery import News
from exchange.case.disposal import (
    Disposed,
    HoldReason,
    LegalHoldLifted,
    LegalHoldSet,
)
from exchange.case.disposing import on_hold
from exchange.case.duty import DutyAccepted, DutyReturned, Handing
from exchange.case.effect import (
    TO_REFERRER,
    Letter,
    SendLetter,
)
from exchange.case.escalation import CallMade
from exchange.case.event import (
    AgencyAsked,
    Answered,
    AnswerUnclear,
    ClockRanOut,
    Closed,
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
from exchange.case.feedback import (
    SETTLED,
    Contact,
    ContactChanged,
    Feedback,
    FeedbackApproved,
    FeedbackDrafted,
    FeedbackDropped,
    FeedbackReleased,
    FeedbackTold,
    FeedbackWithheld,
    ReceiptCodeGiven,
    ReferrerClass,
)
from exchange.case.handing import cannot_wait
from exchange.case.lateral_check import (
    DeclineSettled,
    MoreGiven,
    NilPart,
    RecallConfirmed,
    Recalled,
)
from exchange.case.milestone import (
    MilestoneMet,
    MilestoneStarted,
    Progress,
)
from exchange.case.outcome import (
    HandedOver,
    OutcomeTold,
)
from exchange.case.ownership import Owned
from exchange.case.product import (
    NotShared,
    OwnerAnswered,
    OwnersWord,
    ProductDrafted,
    ProductReleased,
    ProductReplyUnclear,
    Purpose,
    ReleaseAsked,
    ReleaseOverridden,
    Stage,
)
from exchange.case.record import (
    Attendee,
    Information,
    Minutes,
    OfSubject,
    RecordApproved,
    RecordTold,
    RecordWritten,
    Release,
    Standing,
)
from exchange.case.releasing import may_leave
from exchange.case.restriction import (
    Kind,
    Restricted,
    RestrictionLifted,
    RoutingAllowed,
    Why,
)
from exchange.case.rules import Rules
from exchange.case.sorting import (
    AcceptedElsewhere,
    Borderline,
    Ground,
    Levelled,
    RefusalOverridden,
    SecondReview,
    Sorted,
    Sorting,
    SubjectAdded,
    SubjectCorrected,
)
from exchange.case.state import (
    Case,
    Leg,
    ReferrerCodes,
)
from exchange.case.strategy_discussion import Attendance
from exchange.hubs import statutes
from tests.case.stories import (
    FIELDS,
    OFFICE,
    SCHOOL,
    Story,
    adult,
    at,
    calls,
    child,
    contact,
    decides,
    nil_return,
    with_rules,
)

RULES = with_rules(open_cases=("social_care",), statute=statutes.profile("england-wt2026"))
MOMENTS = [at(m) for m in (5, 40, 200, 1500)]
LEGS = ["l1", "l2", "l4", "l99"]
SUBJECTS = ["s1", "s2", "s9"]
SEVERAL: list[tuple[str, ...]] = [("s1",), ("s1", "s2"), ("s9",), ()]
AGENCIES = ["police", "housing", "nobody"]
INVITED: list[tuple[str, ...]] = [("police", "health"), ("housing",), ("nobody",), ()]
CLOCKS = [
    *("action:a1", "milestone:s1/return_interview", "follow_up:s1", "elsewhere"),
    *("release:p1/w1", "release:p1/w2", "release:p9/w1"),
    *(f"{kind}:{leg}" for kind in ("remind", "answer", "recall") for leg in LEGS),
    *(f"{kind}:{about}" for kind in ("nudge", "ring") for about in (*LEGS, "d1/i1")),
    "duty",
    *("decide:s1", "decide:s9", "feedback", "first_look", "chase:d1/i1", "chase:d1/i2", "chase:d9/i9", "", "chase:"),
    *("review:feedback", "outcome:l1", "challenge:c1", "challenge:c9"),
]
CLOCKS += ["review:feedback", "outcome:l1", "challenge:c1", "challenge:c9"]
CONTACTS = st.sampled_from(
    [
        contact(child()),
        contact(child(), child("s2", "under_5", protected=True), channel="mail"),
        contact(child(), replace(adult("s2"), refuses=True)),
        contact(channel="mail"),
        replace(contact(child(), adult("s2")), restricted=("police",)),
        replace(contact(child()), unsettled=True),
        contact(child(), channel="telephone", referrer=ReferrerCodes(ReferrerClass.PUBLIC, "1B", telephone=True)),
    ]
)
CALLED: st.SearchStrategy[Event] = st.sampled_from([calls("police", "health"), calls("housing")])
SAID = [said for said in Attendance if said is not Attendance.AWAITED]


def every(kind: Callable[..., Event], *values: Sequence[object]) -> st.SearchStrategy[Event]:
    """Any event of one kind that these values make."""
    return st.sampled_from([kind(*each) for each in product(*values)])


BY_MACHINES = (
    every(PacketNews, MOMENTS, LEGS, list(News), ["250"]),
    every(LetterNews, MOMENTS, list(Letter), ["", "l1", "d1/i1"], list(News)),
    every(MachineEvidence, MOMENTS, LEGS, ["automatic_reply", "read_receipt"]),
    every(AnswerUnclear, MOMENTS, LEGS, ["unproved", "unclear"]),
    every(ClockRanOut, MOMENTS, CLOCKS),
    every(Answered, MOMENTS, ["police"], LEGS, list(Answer), [Proof.NONE], ["mail"]),
    every(InviteeReplied, MOMENTS, ["d1", "d9"], ["i1", "i9"], SAID, MOMENTS, ["mail"], [Proof.NONE]),
)
BY_PEOPLE = (
    every(Answered, MOMENTS, ["police"], LEGS, list(Answer), [Proof.PAGE, Proof.DKIM, Proof.STAFF], ["mail"]),
    every(Transcribed, MOMENTS, ["duty-1"], [(child(),), (child(), adult("s2"))], [FIELDS], [SCHOOL]),
    every(LookedAt, MOMENTS, ["duty-1"], ["", "red", "green", "purple"]),
    every(InformationAdded, MOMENTS, ["referrer"], ["mail"]),
    every(Rated, MOMENTS, ["duty-1"], SUBJECTS, ["red", "green", "purple"]),
    st.sampled_from([decides(*each) for each in product(SUBJECTS, [Decision.NFA, Decision.SECTION_47], [5, 200])]),
    every(AgencyAsked, MOMENTS, ["duty-1"], AGENCIES, SEVERAL, ["", "l1"]),
    every(Recalled, MOMENTS, ["duty-1"], LEGS),
    every(RecallConfirmed, MOMENTS, ["police"], LEGS, [Proof.NONE, Proof.PAGE, Proof.STAFF], ["mail"]),
    every(MoreGiven, MOMENTS, ["duty-1"], LEGS, ["m1", "m2"]),
    every(DeclineSettled, MOMENTS, ["duty-1"], LEGS),
    every(OutcomeRecorded, MOMENTS, ["duty-1"], SUBJECTS, ["assessment", "plan"], ["", "l1", "l99"]),
    every(HandedOver, MOMENTS, ["duty-1"], AGENCIES, SEVERAL),
    every(
        OutcomeTold, MOMENTS, ["police"], LEGS, ["assessment", ""], [Proof.DKIM, Proof.NONE], ["mail"], [(), ("s1",)]
    ),
    every(Challenged, MOMENTS, ["referrer"], ["page", "telephone"], ["", "l1", "l99"], [True, False]),
    every(ChallengeReplied, MOMENTS, ["manager-1"], ["c1", "c9"], [True, False]),
    every(ChallengeEscalated, MOMENTS, ["manager-1"], ["c1", "c9"]),
    every(FeedbackDrafted, MOMENTS, ["duty-1"], ["f1", "f2"]),
    every(FeedbackApproved, MOMENTS, ["duty-1", "manager-1"], ["f1", "f2"]),
    every(FeedbackDropped, MOMENTS, ["manager-1"], ["f1"]),
    every(FeedbackWithheld, MOMENTS, ["manager-1"], ["lado", "because"], [at(300)]),
    every(FeedbackReleased, MOMENTS, ["manager-1"]),
    every(FeedbackTold, MOMENTS, ["duty-1"]),
    every(ContactChanged, MOMENTS, ["referrer"], list(Contact)),
    every(ReferrerReplied, MOMENTS, [True, False]),
    every(Closed, MOMENTS, ["manager-1"], [True, False]),
    every(FeedbackTold, MOMENTS, ["duty-1"]),
    every(ReceiptCodeGiven, MOMENTS, ["duty-1"]),
    every(DiscussionCalled, MOMENTS, ["manager-1"], ["d1", "d2"], MOMENTS, SEVERAL, INVITED),
    every(Sorted, MOMENTS, ["duty-1"], [s for s in Sorting if s != "unsorted"], ["", "MASH-0000-0000"]),
    every(SubjectAdded, MOMENTS, ["duty-1"], [adult("s2"), child("s3", protected=True)], [("s3.address",)]),
    every(SubjectCorrected, MOMENTS, ["duty-1"], [child(), child("s2", protected=True), child("s9")], [()]),
    every(Borderline, MOMENTS, ["duty-1"], SUBJECTS),
    every(SecondReview, MOMENTS, ["duty-1", "duty-2"], SUBJECTS, [True, False]),
    every(RefusalOverridden, MOMENTS, ["manager-1"], SUBJECTS, [Ground.CRIME]),
    every(Levelled, MOMENTS, ["duty-1"], SUBJECTS, ["3", "7"]),
    every(AcceptedElsewhere, MOMENTS, ["duty-1"]),
    every(MilestoneStarted, MOMENTS, ["duty-1"], SUBJECTS, ["return_interview"], MOMENTS),
    every(MilestoneMet, MOMENTS, ["duty-1"], SUBJECTS, ["return_interview", "strategy_discussion"]),
    every(ActionSet, MOMENTS, ["duty-1"], ["a1", "a2"], ["hub", "police", "nobody"], SEVERAL, MOMENTS),
    every(ActionMoved, MOMENTS, ["duty-1"], ["a1", "a9"], list(Doing)),
    every(InviteeReplied, MOMENTS, ["d1", "d9"], ["i1"], SAID, MOMENTS[:2], ["mail"], [Proof.DKIM, Proof.STAFF]),
    every(Restricted, MOMENTS, ["duty-1"], [Kind.AGENCY], AGENCIES, [Why.CONFLICT]),
    every(Restricted, MOMENTS, ["duty-1"], [Kind.STAFF, Kind.ROLE], ["duty-2", "hub_manager"], [Why.VIP]),
    every(RestrictionLifted, MOMENTS, ["manager-1"], list(Kind), ["police", "duty-2"]),
    every(RoutingAllowed, MOMENTS, ["duty-1"]),
    every(LegalHoldSet, MOMENTS, ["records-1"], list(HoldReason)[:2]),
    every(LegalHoldLifted, MOMENTS, ["records-1"], list(HoldReason)[:2]),
    every(Disposed, MOMENTS, ["records-1"], [("s1",), ("case", "transport"), ("s9",)], ["nfa 6y"], [at(0), at(1400)]),
    every(DiscussionHeld, MOMENTS, ["manager-1"], ["d1", "d9"], [("police",)]),
    every(CallMade, MOMENTS, ["duty-1"], ["l1", "l99", "d1/i1"], [True, False]),
    every(DutyAccepted, MOMENTS, ["duty-1"], [at(0)]),
    every(DutyReturned, MOMENTS, ["duty-1"]),
    every(Owned, MOMENTS, ["manager-1"], ["duty-1", "duty-2"]),
)


def sequences(*kinds: st.SearchStrategy[Event]) -> st.SearchStrategy[list[Event]]:
    """A contact, and then anything in any order; many events come twice."""
    happens = st.lists(st.one_of(*kinds), min_size=4, max_size=30)
    return st.tuples(CONTACTS, happens, st.lists(st.integers(0, 29), max_size=6)).map(
        lambda told: [told[0], *told[1], *(told[1][n % len(told[1])] for n in told[2])]
    )


# Products: what two agencies told, written, asked about, answered, overridden and sent, in any order.
RESTS: list[tuple[tuple[str, str], ...]] = [
    (("w1", "c1"), ("w2", "c2")),
    (("w1", "c1"),),
    (("w1", "c1"), ("w3", "c2")),
    (("w2", "c1"),),
    (),
]
PRODUCTS = (
    every(Answered, [at(5)], ["police"], ["l1"], [Answer.INFORMATION], [Proof.STAFF], ["mail"], [None], ["c1", "c2"]),
    every(ProductDrafted, [at(5)], ["n-1"], ["p1"], ["v1", "v2"], [("s1",)], [("housing",), ("nobody",)], RESTS),
    every(ReleaseAsked, [at(5), at(200)], ["n-1"], ["p1", "p9"], [(), ("w1",), ("w2",)]),
    every(OwnerAnswered, [at(40), at(200)], ["police"], ["p1", "p9"], ["w1", "w2", "w9"], [True, False],
          [Proof.PAGE, Proof.DKIM, Proof.STAFF], ["mail"]),
    every(ProductReplyUnclear, [at(40)], ["p1/w1", "x1"], ["unclear"]),
    every(ReleaseOverridden, [at(300)], ["manager-1"], ["p1"], ["w1", "w2"]),
    every(ProductReleased, [at(5), at(200)], ["manager-1"], ["p1", "p9"], ["v1", "v2"], [Purpose.EARLY_HELP]),
    every(NotShared, [at(200)], ["n-1"], ["c1", "p1", "c9"], ["housing", "nobody", ""]),
    every(ClockRanOut, [at(300), at(1500)], ["release:p1/w1", "release:p1/w2", "release:p9/w1"]),
    every(LetterNews, [at(200)], [Letter.PRODUCT, Letter.RELEASE_REQUEST], ["x1", "p1/w1"], list(News)),
    every(Closed, [at(1500)], ["manager-1"], [True]),
    every(InformationAdded, [at(1500)], ["referrer"], ["mail"]),
)  # fmt: skip
# One agency and one child, closely: few things can happen, so that every order of them is met.
TALK = st.sampled_from(
    [Answered(at(90), "police", "l1", answer, Proof.SIGNATURE, "mail") for answer in Answer if answer != "received"]
)
ENDS: st.SearchStrategy[Event] = st.sampled_from(
    [
        ClockRanOut(at(30), "remind:l1"),
        ClockRanOut(at(200), "remind:l1"),
        ClockRanOut(at(300), "answer:l1"),
        ClockRanOut(at(1500), "decide:s1"),
        PacketNews(at(40), "l1", News.BOUNCED),
        Answered(at(90), "police", "l1", Answer.ACCEPT, Proof.SIGNATURE, "mail"),
        AgencyAsked(at(200), "duty-1", "housing", ("s1",)),
        ReferrerReplied(at(500), answers=False),
        Closed(at(500), "duty-1", override=True),
    ]
)
NILS: list[tuple[NilPart, ...]] = [(), (NilPart.DATE,), tuple(NilPart)]
# One lateral check, closely: its nil returns, its declines and its recall in every order.
CHECKS: st.SearchStrategy[Event] = st.one_of(
    st.sampled_from([PacketNews(at(m), "l1", News.ACCEPTED) for m in (3, 30)]),
    every(Answered, [at(20), at(90)], ["police"], ["l1"], list(Answer), [Proof.SIGNATURE], ["mail"]),
    st.sampled_from([nil_return(missing, after) for missing in NILS for after in (25, 95)]),
    st.sampled_from(
        [
            AgencyAsked(at(200), "duty-1", "housing", ("s1",), "l1"),
            MoreGiven(at(200), "duty-1", "l1", "m1"),
            DeclineSettled(at(200), "duty-1", "l1"),
            Recalled(at(10), "duty-1", "l1"),
            RecallConfirmed(at(40), "police", "l1", Proof.PAGE, "page"),
            ClockRanOut(at(300), "answer:l1"),
            ClockRanOut(at(300), "recall:l1"),
            Rated(at(100), "duty-1", "s1", "red"),
            Closed(at(500), "duty-1", override=True),
            InformationAdded(at(600), "referrer", "mail"),
        ]
    ),
)
# The record of one discussion, closely: written, approved, sent, corrected and told in every order.
SAID_OF = {"seen": "alone", "threshold": "met", "enquiry": "joint", "parents": "nobody"}
MINUTES = Minutes(
    at(1), at(2), "video", emergency="out_of_hours",
    attendees=(Attendee("t1", "police", "chair", "video"),),
    subjects=(OfSubject("s1", tuple(SAID_OF.items())),),
    information=(Information("n1", "police", ("s1",), Release.HUB_ONLY),),
)  # fmt: skip
COPIES = ["k1", "k2", "k3", "k9"]
RECORDS = (
    CALLED,
    every(DiscussionHeld, [at(5)], ["manager-1"], ["d1", "d9"], [("police",)]),
    every(RecordWritten, [at(40), at(200)], ["clerk-1"], ["d1", "d9"], ["v1", "v2", "v3"], [MINUTES]),
    every(RecordApproved, [at(40), at(200)], ["chair-1", "clerk-1"], ["d1"], ["v1", "v2", "v3"]),
    every(RecordTold, [at(300)], ["duty-1"], COPIES),
    every(LetterNews, [at(300)], [Letter.RECORD], COPIES, list(News)),
    every(ClockRanOut, [at(1500)], ["record:d1", "record:d9"]),
    every(Restricted, [at(300)], ["duty-1"], [Kind.AGENCY], ["police", "health"], [Why.CONFLICT]),
    every(ActionSet, [at(6)], ["duty-1"], ["a1"], ["hub", "police"], [("s1",)], [at(500)], ["", "d1", "d9"]),
    every(ActionMoved, [at(300)], ["duty-1"], ["a1", "a9"], list(Doing), [None, at(900)]),
    every(ActionAnswered, [at(200)], ["police"], ["a1", "a9"], list(DoingAnswer), [Proof.NONE, Proof.DKIM], ["mail"]),
    every(ActionReplyUnclear, [at(200)], ["a1"], ["unclear"]),
    every(ClockRanOut, [at(1500)], ["action:a1"]),
    every(Closed, [at(1500)], ["manager-1"], [True]),
)
ANYTHING = st.one_of(
    sequences(*BY_PEOPLE, *BY_MACHINES),
    sequences(TALK),
    sequences(ENDS),
    sequences(*PRODUCTS),
    sequences(CHECKS),
    sequences(*RECORDS),
)
MACHINES_ONLY = sequences(*BY_MACHINES)
GIVES_AWAY = {"address", "postcode", "whereabouts", "school"}
Holds = Callable[[Case, Story, Event], None]  # the case before, the story after, what happened in between

many = settings(
    derandomize=True,
    max_examples=200,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
often = settings(many, max_examples=400)  # for what only a rare order of events would break


def throughout(told: list[Event], holds: Holds, rules: Rules = RULES) -> Story:
    """Tell the story and look after every event; what the case refuses has not happened."""
    story = Story(told[0], rules=rules)
    for event in told[1:]:
        before = story.case
        try:
            story.tell(event)
        except CannotHappen:
            continue
        holds(before, story, event)
    return story


@given(told=ANYTHING)
@many
def test_what_the_case_refuses_raises_cannot_happen_and_changes_nothing(told: list[Event]) -> None:
    case = None
    for event in told:
        before = deepcopy(case)
        try:
            case = advance(case, event, RULES).case
        except CannotHappen:
            assert case == before


@given(event=st.one_of(*BY_PEOPLE, *BY_MACHINES, *PRODUCTS, *RECORDS))
@many
def test_nothing_happens_to_a_case_that_has_not_begun(event: Event) -> None:
    with pytest.raises(CannotHappen, match="begins with a contact"):
        advance(None, event, RULES)


@given(told=ANYTHING)
@many
def test_the_same_events_always_give_the_same_case_and_ask_for_the_same(told: list[Event]) -> None:
    def nothing(before: Case, story: Story, event: Event) -> None:
        """Only the end counts here."""

    first, again = throughout(told, nothing), throughout(deepcopy(told), nothing)
    assert (first.case, first.letters, first.clocks, first.tasks) == (
        again.case,
        again.letters,
        again.clocks,
        again.tasks,
    )


@given(told=ANYTHING)
@many
def test_history_only_grows(told: list[Event]) -> None:
    def grows(before: Case, story: Story, event: Event) -> None:
        after = story.case
        assert after.additions >= before.additions
        assert len(after.subjects) >= len(before.subjects)
        assert [leg.id for leg in after.legs] == [f"l{n}" for n in range(1, len(after.legs) + 1)]
        assert [d.id for d in after.discussions[: len(before.discussions)]] == [d.id for d in before.discussions]
        for old, new in zip(before.subjects, after.subjects, strict=False):
            assert new.codes.id == old.codes.id
            assert new.levels[: len(old.levels)] == old.levels
            assert new.overrides[: len(old.overrides)] == old.overrides
            assert new.ratings[: len(old.ratings)] == old.ratings
            assert new.decisions[: len(old.decisions)] == old.decisions
            assert new.outcomes[: len(old.outcomes)] == old.outcomes
        for was in before.legs:
            assert disclosed(story.leg(was.id)) == disclosed(was)
            assert counted(story.leg(was.id)) >= counted(was)
            assert story.leg(was.id).evidence[: len(was.evidence)] == was.evidence

    throughout(told, grows)


def disclosed(leg: Leg) -> tuple[object, ...]:
    return leg.id, leg.agency, leg.subjects, leg.manifest, leg.basis, leg.purpose, leg.opened_at


def counted(leg: Leg) -> tuple[int, int]:
    return leg.reminders, leg.escalated


@given(told=ANYTHING)
@many
def test_an_acknowledgement_is_never_taken_back_and_its_moment_stays(told: list[Event]) -> None:
    def stays(before: Case, story: Story, event: Event) -> None:
        for was in before.legs:
            now = story.leg(was.id)
            assert (now.acknowledged_at is None) is (now.acknowledgement is Acknowledgement.AWAITED)
            if was.acknowledged_at:
                assert now.acknowledged_at == was.acknowledged_at
            if was.answered_at:
                assert now.answered_at == was.answered_at
            if was.response is not Responded.AWAITED:
                assert now.response is not Responded.AWAITED

    throughout(told, stays)


@given(told=ANYTHING)
@often
def test_a_leg_once_answered_never_becomes_unanswered_by_a_duplicate(told: list[Event]) -> None:
    happened: list[Event] = []

    def remains(before: Case, story: Story, event: Event) -> None:
        if event in happened:
            for was in before.legs:
                assert story.leg(was.id).complete >= was.complete
        happened.append(event)

    throughout(told, remains)


@given(told=ANYTHING)
@many
def test_nobody_is_written_to_whom_no_row_routes_and_no_person_asked(told: list[Event]) -> None:
    routed = {row.agency for row in RULES.routes}

    def only_those(before: Case, story: Story, event: Event) -> None:
        if isinstance(event, AgencyAsked):
            routed.add(event.agency)
        if isinstance(event, Sorted):
            routed.add(story.case.sorted_about)
        owned = {a.id for a in story.case.actions}
        invited = {f"{d.id}/{i.id}" for d in story.case.discussions for i in d.invitees}
        for letter in story.effects:
            if isinstance(letter, SendLetter):
                leg = story.case.leg(letter.about.partition("/")[0])
                assert leg is None or leg.agency in routed
                assert leg or letter.about in invited | owned | {""} | of_products(story.case)

    throughout(told, only_those)


def of_products(case: Case) -> set[str]:
    """What letters about products may be about: a passage, or what a recipient was sent."""
    return {f"{p.id}/{w.id}" for p in case.products for w in p.passages} | {x.id for x in case.disclosures}


@given(told=sequences(*PRODUCTS))
@often
def test_no_passage_leaves_unless_its_owner_agreed_or_a_manager_overrode_them(told: list[Event]) -> None:
    def held(before: Case, story: Story, event: Event) -> None:
        for sent in story.case.disclosures[len(before.disclosures) :]:
            product = story.case.product(sent.product)
            version = product.version(sent.version) if product else None
            assert product
            assert version
            assert sent.sources == tuple(w.contribution for w in product.of(version))
            assert all(may_leave(before, w) for w in product.of(version))

    throughout(told, held)


@given(told=sequences(*PRODUCTS))
@often
def test_every_owner_a_product_waits_for_has_a_clock_running_or_a_person_who_was_asked(told: list[Event]) -> None:
    waited = (OwnersWord.ASKED, OwnersWord.SILENT, OwnersWord.REFUSED)

    def watched(before: Case, story: Story, event: Event) -> None:
        for written in story.case.products if not story.case.closed else ():
            for passage in written.pending:
                names = [n for n in (*story.clocks, *story.tasks) if n.endswith(f":{written.id}/{passage.id}")]
                assert names or passage.word not in waited, f"{passage.id} is waited for in silence"

    throughout(told, watched)


@given(told=sequences(*PRODUCTS))
@many
def test_of_a_product_nothing_said_written_or_sent_is_ever_lost(told: list[Event]) -> None:
    def grows(before: Case, story: Story, event: Event) -> None:
        for old in before.products:
            new = story.case.product(old.id)
            assert new
            assert [v.id for v in new.versions[: len(old.versions)]] == [v.id for v in old.versions]
            assert all(v.released_at for v in new.versions if v.stage is Stage.RELEASED)
            for was, now in zip(old.passages, new.passages, strict=False):
                assert (now.id, now.contribution) == (was.id, was.contribution)
                assert now.history[: len(was.history)] == was.history
        assert [x.id for x in story.case.disclosures] == [f"x{n + 1}" for n in range(len(story.case.disclosures))]
        assert story.case.withheld[: len(before.withheld)] == before.withheld

    throughout(told, grows)


@given(told=ANYTHING)
@often
def test_nothing_is_asked_for_that_goes_to_an_agency_that_is_shut_out(told: list[Event]) -> None:
    def nothing(before: Case, story: Story, event: Event) -> None:
        for letter in story.effects:
            if isinstance(letter, SendLetter) and letter.letter is not Letter.RECALL:
                assert not story.case.shuts_out(agency_of(letter.letter, letter.about, story.case))
        for letter in story.waiting.values():
            if letter.letter is not Letter.RECALL:
                assert not story.case.shuts_out(agency_of(letter.letter, letter.about, story.case))
        assert all(leg.shut_out for leg in story.case.legs if story.case.shuts_out(leg.agency))

    throughout(told, nothing)


@given(told=ANYTHING)
@many
def test_restrictions_holds_and_disposals_are_only_ever_added_to(told: list[Event]) -> None:
    def grows(before: Case, story: Story, event: Event) -> None:
        after = story.case
        for was, now in zip(before.restrictions, after.restrictions, strict=False):
            assert (now.kind, now.who, now.at, now.by) == (was.kind, was.who, was.at, was.by)
            assert was.in_force or now == was
        in_force = [(r.kind, r.who) for r in after.restrictions if r.in_force]
        assert len(in_force) == len(set(in_force))
        assert after.disposals[: len(before.disposals)] == before.disposals
        assert len(after.holds) >= len(before.holds)
        if after.disposals != before.disposals:
            assert before.closed
            assert not on_hold(before)

    throughout(told, grows)


@given(told=ANYTHING)
@many
def test_every_leg_has_one_packet_and_no_letter_is_asked_for_twice(told: list[Event]) -> None:
    story = throughout(told, lambda before, story, event: None)
    assert sorted(story.letters) == sorted(set(story.letters))
    packets = [key for key in story.letters if key.startswith("packet:")]
    assert packets == [f"packet:{leg.id}" for leg in story.case.legs]


@given(told=ANYTHING)
@many
def test_no_packet_gives_away_a_protected_place_or_a_subject_it_is_not_about(told: list[Event]) -> None:
    case = throughout(told, lambda before, story, event: None).case
    protected = {s.id for s in case.subjects if s.codes.address_protected}
    for leg in case.legs:
        for owner, _, plain in (name.partition(".") for name in leg.manifest):
            assert owner in leg.subjects or not case.subject(owner)
            assert owner not in protected or plain not in GIVES_AWAY


@given(told=ANYTHING)
@often
def test_every_agency_that_owes_an_answer_has_a_clock_running_or_a_person_who_was_asked(told: list[Event]) -> None:
    def watched(before: Case, story: Story, event: Event) -> None:
        for leg in story.case.legs:
            if leg.owing and not story.case.closed:
                names = [*story.clocks, *story.tasks]
                assert [n for n in names if n.endswith(f":{leg.id}")], f"{leg.id} is waited for in silence"

    throughout(told, watched)


@given(told=ANYTHING)
@often
def test_every_subject_of_an_open_case_is_decided_or_has_a_clock_running_or_a_person_who_was_asked(
    told: list[Event],
) -> None:
    def watched(before: Case, story: Story, event: Event) -> None:
        for subject in story.case.subjects:
            if not subject.decision and not story.case.closed:
                name = f"decide:{subject.id}"
                assert name in story.clocks or name in story.tasks, f"{subject.id} waits for a decision in silence"

    throughout(told, watched)


@given(told=ANYTHING)
@often
def test_every_open_action_and_every_running_clock_of_law_is_watched(told: list[Event]) -> None:
    def watched(before: Case, story: Story, event: Event) -> None:
        names = {*story.clocks, *story.tasks}
        if not story.case.closed:
            assert {f"action:{a.id}" for a in story.case.actions if a.doing is Doing.OPEN} <= names
        for subject in story.case.subjects:
            running = {m.name for m in subject.milestones if m.progress is Progress.RUNNING}
            assert {f"milestone:{subject.id}/{name}" for name in running} <= names

    throughout(told, watched)


@given(told=ANYTHING)
@many
def test_nobody_is_asked_about_an_adult_who_refuses_unless_a_person_asks(told: list[Event]) -> None:
    def respected(before: Case, story: Story, event: Event) -> None:
        if isinstance(event, AgencyAsked | Sorted):
            return
        new = [leg for leg in story.case.legs if before.leg(leg.id) is None]
        asked = {subject for leg in new for subject in leg.subjects}
        assert not asked & {s.id for s in story.case.subjects if s.refuses}

    throughout(told, respected)


@given(told=MACHINES_ONLY)
@many
def test_machines_alone_never_acknowledge_or_answer_anything(told: list[Event]) -> None:
    case = throughout(told, lambda before, story, event: None).case
    assert {(leg.acknowledgement, leg.response) for leg in case.legs} <= {
        (Acknowledgement.AWAITED, Responded.AWAITED)
    }
    assert case.looked_at is None
    assert not any(s.decision for s in case.subjects)


@given(told=ANYTHING)
@often
def test_whoever_owes_an_outcome_or_a_reply_or_a_telling_has_a_clock_running_or_a_person_who_was_asked(
    told: list[Event],
) -> None:
    def watched(before: Case, story: Story, event: Event) -> None:
        case, names = story.case, {*story.clocks, *story.tasks}
        if case.feedback is Feedback.WITHHELD:
            assert names & {"review:feedback", "review_feedback"}
        if case.closed:
            return
        if case.feedback not in (*SETTLED, Feedback.NOT_DUE):
            assert names & {"feedback", "tell_referrer", "ring_referrer", "disputed"}, case.feedback
        for owed in case.outcomes_owed:
            assert not owed.left or f"outcome:{owed.leg}" in names, f"{owed.leg} owes an outcome in silence"
        for challenge in case.challenges:
            assert not challenge.open or f"challenge:{challenge.id}" in names, f"{challenge.id} stands in silence"

    throughout(told, watched)


@given(told=ANYTHING)
@often
def test_no_case_closes_over_anything_open_unless_somebody_overrides(told: list[Event]) -> None:
    def knowingly(before: Case, story: Story, event: Event) -> None:
        if isinstance(event, Closed) and not event.override and not before.closed:
            assert before.set_aside or before.feedback in SETTLED
            assert all(leg.complete for leg in before.legs)
            assert not any(owed.left for owed in before.outcomes_owed)
            assert not any(challenge.open for challenge in before.challenges)
            assert before.draft is None

    throughout(told, knowingly)


@given(told=ANYTHING)
@often
def test_nothing_is_written_to_an_address_that_is_not_safe(told: list[Event]) -> None:
    def nothing(before: Case, story: Story, event: Event) -> None:
        if not story.case.referrer.may_mail:
            assert not [k for k, letter in story.waiting.items() if letter.letter in TO_REFERRER]

    throughout(told, nothing)


@given(told=ANYTHING)
@often
def test_what_is_withheld_is_in_no_letter_that_waits(told: list[Event]) -> None:
    def nothing(before: Case, story: Story, event: Event) -> None:
        if story.case.feedback is Feedback.WITHHELD:
            assert not [k for k in story.waiting if k.startswith(("outcome:", "news:"))]

    throughout(told, nothing)


@given(called=CALLED, told=MACHINES_ONLY)
@many
def test_what_nothing_proves_fills_no_seat_and_stops_no_chasing(called: Event, told: list[Event]) -> None:
    story = throughout([told[0], called, *told[1:]], lambda before, story, event: None)
    for discussion in story.case.discussions:
        assert {i.attendance for i in discussion.invitees} == {Attendance.AWAITED}
        for invitee in discussion.invitees:
            about = f"{discussion.id}/{invitee.id}"
            assert f"chase:{about}" in story.clocks or f"silent_invitee:{about}" in story.tasks
            assert not invitee.claimed or f"claimed:{about}" in story.tasks


SHUT_AT_NIGHT = replace(RULES, calendar=OFFICE)


@given(told=ANYTHING)
@often
def test_an_open_case_is_never_without_a_running_clock_and_an_open_task(told: list[Event]) -> None:
    def watched(before: Case, story: Story, event: Event) -> None:
        assert story.case.closed or story.clocks or story.tasks, "nothing watches it: silence would stay silent"

    for rules in (RULES, SHUT_AT_NIGHT):
        throughout(told, watched, rules)


@given(told=ANYTHING)
@many
def test_each_rung_is_reached_once_and_in_order_for_what_is_waited_for(told: list[Event]) -> None:
    def ladder(before: Case, story: Story, event: Event) -> None:
        for leg in story.case.legs:
            since = max(leg.acknowledged_at or leg.opened_at, leg.more_at or leg.opened_at)
            reached = [r.rung for r in leg.rungs if r.at >= since]
            assert leg.acknowledged_at or reached == list(RULES.escalation.ladder)[: len(reached)]

    throughout(told, ladder)


@given(told=ANYTHING)
@many
def test_what_cannot_wait_while_the_hub_is_shut_is_offered_or_in_hand(told: list[Event]) -> None:
    def handed(before: Case, story: Story, event: Event) -> None:
        if not cannot_wait(story.case, event.at, SHUT_AT_NIGHT) or OFFICE.is_open(event.at):
            return
        newest = story.case.duties[-1]
        assert newest.state in (Handing.OFFERED, Handing.ACCEPTED)
        assert "duty" in {*story.tasks, *story.clocks}

    throughout(told, handed, SHUT_AT_NIGHT)


@given(told=sequences(*RECORDS))
@often
def test_a_record_is_circulated_exactly_while_everybody_on_its_list_has_it_and_never_unapproved(
    told: list[Event],
) -> None:
    def holds(before: Case, story: Story, event: Event) -> None:
        for record in story.case.records:
            assert sum(v.standing in (Standing.APPROVED, Standing.CIRCULATED) for v in record.versions) <= 1
            assert all(v.standing is not Standing.DRAFT for v in record.versions[:-1])
            for version in record.versions:
                copies = record.copies_of(version)
                assert bool(version.approved_by) or not copies
                assert version.approved_by != version.written_by
                there = all(c.reached or story.case.shuts_out(c.agency) for c in copies)
                if version.standing in (Standing.APPROVED, Standing.CIRCULATED):
                    assert (version.standing is Standing.CIRCULATED) is there
            assert record.owed is (f"record:{record.discussion}" in story.clocks)
            for copy in record.copies:
                assert copy.agency == "police" or "n1" not in copy.holds
        for was in before.records:
            now = story.case.record(was.discussion)
            assert now
            assert [v.minutes for v in now.versions[: len(was.versions)]] == [v.minutes for v in was.versions]
            assert [c.holds for c in now.copies[: len(was.copies)]] == [c.holds for c in was.copies]

    throughout(told, holds)
