"""What was said of an adult who refuses is in nobody's packet, whatever happens in whatever order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.case.advance import CannotHappen
from exchange.case.event import AgencyAsked, DiscussionCalled, Event
from exchange.case.outcome import HandedOver
from exchange.case.packet import WARNED
from exchange.case.referral import SubjectCodes
from exchange.case.sorting import Ground, RefusalOverridden, SubjectAdded, SubjectCorrected
from tests.case.stories import LOOK, RULES, SCHOOL, Story, adult, at, child, contact, decides, rates

NEVER = ("referrer.", "concern.", "consent.", "p")
WARN = {"concern.immediate_danger", *(f"{n}{WARNED}" for n in (
    "concern.risks_to_workers", "consent.informed", "consent.why_not"))}  # fmt: skip
GIVEN = (
    "referrer.name", "referrer.relationship", "concern.immediate_danger", "concern.what_happened", "concern.injury",
    "concern.risks_to_workers", "consent.informed", "consent.consent", "consent.why_not", "s1.given_name", "s1.words",
    "s2.given_name", "p1.name", "p1.relationship", "p1.poses_risk", "p1.address",
)  # fmt: skip
REFUSES = replace(adult(), refuses=True)
AGENCIES = [a.id for a in RULES.agencies]
ABOUT = st.sampled_from([("s1",), ("s2",), ("s3",), ("s2", "s3"), ("s1", "s2")])
MINUTE = st.integers(6, 3000).map(at)
BESIDE = st.sampled_from([(), (adult("s2"),), (child("s2"),), (adult("s2"), child("s3"))])
ADDED = st.sampled_from([who(f"s{n}") for n in (2, 3, 4) for who in (adult, child)])


def added(codes: SubjectCodes, when: datetime, too: bool) -> SubjectAdded:
    return SubjectAdded(when, "duty-1", codes, (f"{codes.id}.given_name", f"{codes.id}.worry"), too)


HAPPENS: st.SearchStrategy[Event] = st.one_of(
    st.builds(added, ADDED, MINUTE, st.booleans()),
    st.builds(AgencyAsked, MINUTE, st.just("duty-1"), st.sampled_from(AGENCIES), ABOUT),
    st.builds(rates, st.sampled_from(["s1", "s2", "s3"]), st.sampled_from(["red", "green"]), st.integers(6, 3000)),
    st.builds(decides, st.sampled_from(["s1", "s2", "s3"])),
    st.builds(HandedOver, MINUTE, st.just("duty-1"), st.sampled_from(AGENCIES), ABOUT),
    st.builds(lambda at_, about: DiscussionCalled(at_, "m", "d1", at(6000), about, ("police",)), MINUTE, ABOUT),
    MINUTE.map(lambda at_: SubjectCorrected(at_, "duty-1", child("s2", protected=True), ("s2.school",))),
)  # fmt: skip
OVERRIDES: st.SearchStrategy[Event] = st.builds(
    lambda at, agency: RefusalOverridden(at, "manager-1", "s1", Ground.CRIME, (agency,)),
    MINUTE,
    st.sampled_from(AGENCIES),
)


def told(*events: Event, beside: tuple[SubjectCodes, ...]) -> Story:
    story = Story(contact(REFUSES, *beside, fields=GIVEN, referrer=SCHOOL), LOOK)
    for event in events:
        try:
            story.tell(event)
        except CannotHappen:
            continue
    return story


def of_the_contact(names: tuple[str, ...]) -> set[str]:
    return {n for n in names if n.startswith(NEVER)} - WARN


@settings(max_examples=300, deadline=None)
@given(BESIDE, st.lists(HAPPENS, max_size=15))
def test_while_an_adult_refuses_no_packet_of_anybody_holds_what_was_said_with_the_contact(
    beside: tuple[SubjectCodes, ...], events: list[Event]
) -> None:
    story = told(*events, beside=beside)
    assert not [leg for leg in story.case.legs if "s1" in leg.subjects or of_the_contact(leg.manifest)]


@settings(max_examples=300, deadline=None)
@given(BESIDE, st.lists(st.one_of(HAPPENS, OVERRIDES), max_size=15))
def test_a_ground_for_some_agencies_gives_the_words_to_no_other(
    beside: tuple[SubjectCodes, ...], events: list[Event]
) -> None:
    story = told(*events, beside=beside)
    allowed = {agency for o in story.case.subjects[0].overrides for agency in o.agencies}
    assert not [x for x in story.case.legs if x.agency not in allowed and of_the_contact(x.manifest)]
