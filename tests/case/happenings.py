"""All that may happen to a made-up case, as random orders of events, and a way to look after each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from exchange.case.acknowledgement import Answer, Proof
from exchange.case.action import ActionAnswered, ActionMoved, ActionReplyUnclear, ActionSet, Doing, DoingAnswer
from exchange.case.advance import CannotHappen
from exchange.case.attachment import Attached, FileKind, FileScanned, Scan
from exchange.case.challenge import Challenged, ChallengeEscalated, ChallengeReplied, ReplyApproved, ReplyDropped
from exchange.case.decision import Decision
from exchange.case.delivery import News
from exchange.case.disposal import (
    Disposed,
    HoldReason,
    LegalHoldLifted,
    LegalHoldSet,
)
from exchange.case.duty import DutyAccepted, DutyReturned
from exchange.case.effect import (
    Letter,
)
from exchange.case.escalation import CallMade, Chased
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
    Contact,
    ContactChanged,
    FeedbackApproved,
    FeedbackDrafted,
    FeedbackDropped,
    FeedbackReleased,
    FeedbackTold,
    FeedbackWithheld,
    ReceiptCodeGiven,
    ReferrerClass,
)
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
)
from exchange.case.original import FileUnlocked, MailWaits, ReadingConfirmed, WordsRead
from exchange.case.outcome import (
    HandedOver,
    OutcomeTold,
)
from exchange.case.ownership import Owned
from exchange.case.product import (
    NotShared,
    OwnerAnswered,
    ProductDrafted,
    ProductReleased,
    ProductReplyUnclear,
    Purpose,
    ReleaseAsked,
    ReleaseOverridden,
)
from exchange.case.question import QuestionApproved, QuestionAsked, QuestionDropped
from exchange.case.record import (
    Attendee,
    Information,
    Minutes,
    OfSubject,
    RecordApproved,
    RecordTold,
    RecordWritten,
    Release,
)
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
    BroughtBack,
    EnteredInError,
    Ground,
    Levelled,
    PersonChanged,
    RefusalOverridden,
    SecondReview,
    Sorted,
    Sorting,
    SubjectAdded,
    SubjectCorrected,
)
from exchange.case.state import (
    Case,
    ReferrerCodes,
)
from exchange.case.strategy_discussion import Attendance
from exchange.hubs import statutes
from tests.case.stories import (
    FIELDS,
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
    "scan:f1",
    "question:q1",
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
        replace(contact(child()), files=(Attached("f1", FileKind.PDF, Scan.WAITING),)),
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
    every(InformationAdded, MOMENTS, ["referrer"], ["mail"], ["", "m1"]),
    every(ReadingConfirmed, MOMENTS, ["duty-1"]),
    every(FileUnlocked, MOMENTS, ["duty-1"], ["m1"], [0, 1]),
    every(MailWaits, MOMENTS, ["m1", "m2"]),
    every(
        WordsRead,
        MOMENTS,
        ["duty-1"],
        [
            *(f"unclear:{leg}" for leg in LEGS),
            "unclear:p1/w1",
            "password:m1",
            "told_late:l1",
            "hand_over:s1",
            "mail_waits:m1",
        ],
    ),
    every(QuestionAsked, MOMENTS, ["duty-1"], ["q1", "q2"], [("where_now",), ()], [True, False]),
    every(QuestionApproved, MOMENTS, ["duty-1", "manager-1"], ["q1"]),
    every(QuestionDropped, MOMENTS, ["manager-1"], ["q1"]),
    every(InformationAdded, MOMENTS, ["referrer"], ["web"], [""], [()], ["q1"]),
    every(FileScanned, MOMENTS, ["f1", "f9"], [True, False]),
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
    every(ChallengeReplied, MOMENTS, ["manager-1"], ["c1", "c9"], [True, False], ["c1-1", "c1-2", ""]),
    every(ReplyApproved, MOMENTS, ["duty-1", "manager-1"], ["c1-1", "c1-2"]),
    every(ReplyDropped, MOMENTS, ["duty-1"], ["c1-1"]),
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
    every(PersonChanged, MOMENTS, ["duty-1"], ["p1", "p2", "p9"], [("p1.name",), ("p1.address_protected",)]),
    every(EnteredInError, MOMENTS, ["duty-1"], SUBJECTS),
    every(BroughtBack, MOMENTS, ["duty-1"], SUBJECTS),
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
    every(Chased, MOMENTS, ["duty-1"], ["l1", "l2", "d1/i1", "x9"]),
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
