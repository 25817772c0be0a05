"""An adult with capacity who refuses: no agency is told by anybody's hand, until a person records the ground."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.case.acknowledgement import Answer, DeclineReason
from exchange.case.action import HUB, ActionSet
from exchange.case.advance import CannotHappen
from exchange.case.decision import Decision
from exchange.case.event import AgencyAsked, Event
from exchange.case.lateral_check import MoreGiven
from exchange.case.outcome import HandedOver
from exchange.case.sorting import Ground, RefusalOverridden, SubjectCorrected
from tests.case.stories import LOOK, Story, adult, at, calls, child, contact, decides, rates, says

REFUSES = replace(adult(), refuses=True)
SET = ActionSet(at(70), "duty-1", "a1", "police", ("s1",), at(700))
ASKED = AgencyAsked(at(30), "duty-1", "police", ("s1",))


def household() -> Story:
    """An adult who refuses, and a child."""
    return Story(contact(REFUSES, child("s2")), LOOK, rates("s1"), rates("s2"))


@pytest.mark.parametrize(
    "event",
    [
        ASKED,
        replace(ASKED, subjects=("s1", "s2")),
        calls("police"),
        SET,
        HandedOver(at(80), "duty-1", "police", ("s1",)),
    ],
    ids=lambda e: type(e).__name__,
)
def test_nobody_is_told_about_them_by_anybodys_hand(event: Event) -> None:
    story = household().tell(decides("s1", Decision.ADVICE))
    before = story.case
    with pytest.raises(CannotHappen, match=r"refuses \(s1\).*override_refusal"):
        story.tell(event)
    assert story.case == before
    assert not [leg for leg in story.case.legs if "s1" in leg.subjects]


def test_the_childrens_lane_goes_on_for_the_children_alone() -> None:
    story = household()
    assert {s for leg in story.case.legs for s in leg.subjects} == {"s2"}
    story.tell(replace(ASKED, agency="housing", subjects=("s2",)), replace(calls("police"), subjects=("s2",)))
    story.tell(replace(SET, subjects=("s2",)))
    assert story.case.legs[-1].agency == "housing"


def test_what_the_hub_does_itself_tells_nobody() -> None:
    assert household().tell(replace(SET, owner=HUB)).case.action("a1")


def test_a_recorded_ground_lets_all_of_it_happen() -> None:
    story = household().tell(RefusalOverridden(at(25), "manager-1", "s1", Ground.OTHERS_AT_RISK))
    story.tell(ASKED, calls("police"), SET, decides("s1", Decision.OTHER_ENQUIRY))
    story.tell(HandedOver(at(80), "duty-1", "police", ("s1",)))
    assert story.case.outcome_owed(story.case.legs[-1].id)


def test_who_refuses_after_an_agency_was_asked_is_told_no_more_of_either() -> None:
    story = Story(contact(adult()), LOOK, rates(), ASKED)
    story.tell(replace(says(Answer.DECLINE), reason=DeclineReason.INSUFFICIENT_INFO))
    story.tell(SubjectCorrected(at(90), "duty-1", REFUSES, ()))
    with pytest.raises(CannotHappen, match="refuses"):
        story.tell(MoreGiven(at(95), "duty-1", "l1", "m1"))
