"""Whatever happens to a case, in whatever order and however often, these things hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.case.acknowledgement import Acknowledgement, Answer, Proof, Responded
from exchange.case.advance import CannotHappen, advance
from exchange.case.decision import Decision
from exchange.case.delivery import News
from exchange.case.effect import Letter, SendLetter
from exchange.case.event import (
    AgencyAsked,
    Answered,
    AnswerUnclear,
    ClockRanOut,
    Closed,
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
from exchange.case.feedback import SETTLED, Feedback, FeedbackTold, ReceiptCodeGiven, ReferrerClass
from exchange.case.state import Case, Leg, ReferrerCodes
from exchange.case.strategy_discussion import Attendance
from tests.case.stories import FIELDS, RULES, SCHOOL, Story, adult, at, child, contact

MOMENTS = [at(m) for m in (5, 40, 200, 1500)]
LEGS = ["l1", "l2", "l4", "l99"]
SUBJECTS = ["s1", "s2", "s9"]
SEVERAL: list[tuple[str, ...]] = [("s1",), ("s1", "s2"), ("s9",), ()]
AGENCIES = ["police", "housing", "nobody"]
INVITED: list[tuple[str, ...]] = [("police", "health"), ("housing",), ("nobody",), ()]
CLOCKS = [
    *(f"{kind}:{leg}" for kind in ("remind", "answer") for leg in LEGS),
    *("decide:s1", "decide:s9", "feedback", "first_look", "chase:d1/i1", "chase:d1/i2", "chase:d9/i9", "", "chase:"),
]
CONTACTS = st.sampled_from(
    [
        contact(child()),
        contact(child(), child("s2", "under_5", protected=True), channel="mail"),
        contact(child(), adult("s2")),
        contact(channel="mail"),
        contact(child(), channel="telephone", referrer=ReferrerCodes(ReferrerClass.PUBLIC, "1B", telephone=True)),
    ]
)
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
    every(InviteeReplied, MOMENTS, ["d1", "d9"], ["i1", "i9"], SAID, MOMENTS, ["mail"]),
)
BY_PEOPLE = (
    every(Answered, MOMENTS, ["police"], LEGS, list(Answer), [Proof.PAGE, Proof.DKIM, Proof.STAFF], ["mail"]),
    every(Transcribed, MOMENTS, ["duty-1"], [(child(),), (child(), adult("s2"))], [FIELDS], [SCHOOL]),
    every(LookedAt, MOMENTS, ["duty-1"], ["", "red", "green", "purple"]),
    every(InformationAdded, MOMENTS, ["referrer"], ["mail"]),
    every(Rated, MOMENTS, ["duty-1"], SUBJECTS, ["red", "green", "purple"]),
    every(AgencyAsked, MOMENTS, ["duty-1"], AGENCIES, SEVERAL),
    every(Decided, MOMENTS, ["manager-1"], SUBJECTS, [Decision.NFA, Decision.SECTION_47]),
    every(OutcomeRecorded, MOMENTS, ["duty-1"], SUBJECTS, ["plan"]),
    every(ReferrerReplied, MOMENTS, [True, False]),
    every(Closed, MOMENTS, ["manager-1"], [True, False]),
    every(FeedbackTold, MOMENTS, ["duty-1"]),
    every(ReceiptCodeGiven, MOMENTS, ["duty-1"]),
    every(DiscussionCalled, MOMENTS, ["manager-1"], ["d1", "d2"], MOMENTS, SEVERAL, INVITED),
    every(DiscussionHeld, MOMENTS, ["manager-1"], ["d1", "d9"], [("police",)]),
)


def sequences(*kinds: st.SearchStrategy[Event]) -> st.SearchStrategy[list[Event]]:
    """A contact, and then anything in any order; many events come twice."""
    happens = st.lists(st.one_of(*kinds), min_size=4, max_size=30)
    return st.tuples(CONTACTS, happens, st.lists(st.integers(0, 29), max_size=6)).map(
        lambda told: [told[0], *told[1], *(told[1][n % len(told[1])] for n in told[2])]
    )


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
ANYTHING = st.one_of(sequences(*BY_PEOPLE, *BY_MACHINES), sequences(TALK), sequences(ENDS))
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


def throughout(told: list[Event], holds: Holds) -> Story:
    """Tell the story and look after every event; what the case refuses has not happened."""
    story = Story(told[0])
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


@given(event=st.one_of(*BY_PEOPLE, *BY_MACHINES))
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
        assert [leg.id for leg in after.legs] == [f"l{n}" for n in range(1, len(after.legs) + 1)]
        assert [d.id for d in after.discussions[: len(before.discussions)]] == [d.id for d in before.discussions]
        for old, new in zip(before.subjects, after.subjects, strict=bool(before.subjects)):
            assert new.codes == old.codes
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
        invited = {f"{d.id}/{i.id}" for d in story.case.discussions for i in d.invitees}
        for letter in story.effects:
            if isinstance(letter, SendLetter):
                leg = story.case.leg(letter.about)
                assert leg is None or leg.agency in routed
                assert leg or letter.about in invited | {""}

    throughout(told, only_those)


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
            if not leg.complete and not story.case.closed:
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
@many
def test_a_referrer_whom_no_letter_reaches_is_settled_by_a_person_and_by_nothing_else(told: list[Event]) -> None:
    def by_a_person(before: Case, story: Story, event: Event) -> None:
        case = story.case
        if case.channel == "telephone" and case.feedback is not before.feedback and case.feedback in SETTLED:
            assert isinstance(event, FeedbackTold | ReferrerReplied)
        if case.channel == "telephone" and case.feedback is Feedback.DUE:
            assert "tell_referrer" in story.tasks

    throughout(told, by_a_person)


@given(told=MACHINES_ONLY)
@many
def test_machines_alone_never_acknowledge_or_answer_anything(told: list[Event]) -> None:
    case = throughout(told, lambda before, story, event: None).case
    assert {(leg.acknowledgement, leg.response) for leg in case.legs} <= {
        (Acknowledgement.AWAITED, Responded.AWAITED)
    }
    assert case.looked_at is None
    assert not any(s.decision for s in case.subjects)
