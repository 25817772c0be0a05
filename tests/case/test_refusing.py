"""An adult with capacity who refuses: no agency is told by anybody's hand, until a person records the ground."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.case.acknowledgement import Answer, DeclineReason
from exchange.case.action import HUB, ActionSet
from exchange.case.advance import CannotHappen
from exchange.case.decision import Decision
from exchange.case.effect import TaskKind
from exchange.case.event import AgencyAsked, Event
from exchange.case.lateral_check import MoreGiven
from exchange.case.outcome import HandedOver
from exchange.case.rules import Route
from exchange.case.sorting import Ground, RefusalOverridden, SubjectAdded, SubjectCorrected
from tests.case.stories import LOOK, RULES, Story, adult, at, calls, child, contact, decides, rates, says, with_rules

REFUSES = replace(adult(), refuses=True)
ADULTS = with_rules(routes=(Route("health", RULES.routes[0].parts, "knows them", forms=("adult",)),))
SET = ActionSet(at(70), "duty-1", "a1", "police", ("s1",), at(700))
ASKED = AgencyAsked(at(30), "duty-1", "police", ("s1",))
OVERRIDDEN = RefusalOverridden(at(25), "manager-1", "s1", Ground.OTHERS_AT_RISK)


def household() -> Story:
    """An adult who refuses, and a child."""
    return Story(contact(REFUSES, child("s2")), LOOK, rates("s1"), rates("s2"))


def test_an_adult_with_capacity_who_refuses_is_routed_to_nobody_until_a_ground_is_recorded() -> None:
    story = Story(contact(REFUSES), rates(), rules=ADULTS)
    assert not story.case.legs
    assert TaskKind.REFUSAL in story.kinds()
    with pytest.raises(CannotHappen, match="on which ground"):
        story.tell(decides(decision=Decision.SECTION_42))
    story.tell(RefusalOverridden(at(50), "manager-1", "s1", Ground.OTHERS_AT_RISK))
    assert [leg.agency for leg in story.case.legs] == ["health"]
    assert TaskKind.REFUSAL not in story.kinds()
    story.tell(decides(decision=Decision.SECTION_42))
    assert [o.code for o in story.case.subjects[0].overrides] == ["others_at_risk"]


def test_a_refusal_that_is_respected_may_end_with_advice() -> None:
    story = Story(contact(REFUSES), rates(), decides(decision=Decision.ADVICE), rules=ADULTS)
    assert not story.case.legs
    assert TaskKind.REFUSAL not in story.kinds()


def test_a_refusal_that_is_taken_back_routes() -> None:
    story = Story(contact(REFUSES), rules=ADULTS)
    story.tell(SubjectCorrected(at(50), "duty-1", adult(), ()))
    assert [leg.agency for leg in story.case.legs] == ["health"]
    assert TaskKind.REFUSAL not in story.kinds()


def test_an_adult_of_whom_it_is_learned_later_that_they_refuse_is_asked_about_no_more() -> None:
    story = Story(contact(adult(), fields=()))
    story.tell(SubjectCorrected(at(50), "duty-1", REFUSES, ()), rates())
    assert TaskKind.REFUSAL in story.kinds()
    assert not story.case.legs


def test_a_child_beside_an_adult_who_refuses_is_routed_all_the_same() -> None:
    story = Story(contact(REFUSES, child("s2")))
    assert {s for leg in story.case.legs for s in leg.subjects} == {"s2"}


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


ADDED = SubjectAdded(at(30), "duty-1", child("s2"), ("s2.given_name", "s2.worry"))
WORDS = ("concern.what_happened", "consent.consent", "referrer.name", "p1.relationship")
TOLD = ("s1.given_name", *WORDS)


def alone(*more: Event) -> Story:
    """A contact about an adult who refuses, and nobody else."""
    return Story(contact(REFUSES, fields=TOLD), LOOK, rates("s1"), *more)


def words_in(story: Story) -> set[str]:
    return {name for leg in story.case.legs for name in leg.manifest} & set(WORDS)


def test_a_child_added_to_the_contact_has_a_worry_of_its_own_and_none_of_the_adults_words() -> None:
    story = alone(ADDED, replace(ASKED, subjects=("s2",), agency="housing"))
    assert {leg.agency for leg in story.case.legs} == {"police", "health", "education", "housing"}
    assert "s2.worry" in story.leg().manifest
    assert words_in(story) == set()


def test_nobody_lends_the_words_of_an_adult_who_refuses_to_a_child() -> None:
    story = alone()
    with pytest.raises(CannotHappen, match=r"write the worry about this subject by itself.*override_refusal"):
        story.tell(replace(ADDED, words_too=True))
    story.tell(replace(OVERRIDDEN, agencies=("probation",)))  # the others would be told nothing of why
    with pytest.raises(CannotHappen, match="for every agency"):
        story.tell(replace(ADDED, words_too=True))
    story.tell(OVERRIDDEN, replace(ADDED, words_too=True))
    assert "concern.what_happened" in next(x for x in story.case.legs if x.subjects == ("s2",)).manifest


def test_an_adult_added_who_refuses_is_not_told_of_by_a_childs_words() -> None:
    added = SubjectAdded(at(30), "duty-1", replace(adult("s2"), refuses=True), ("s2.given_name",), words_too=True)
    with pytest.raises(CannotHappen, match="a worry of their own"):
        Story(contact(child()), LOOK).tell(added)


def test_a_missing_adult_added_to_a_childs_case_takes_nothing_of_the_childs_words() -> None:
    missing = replace(adult("s2"), role="missing")
    story = Story(contact(child(), fields=TOLD), SubjectAdded(at(30), "duty-1", missing, ("s2.worry",)))
    story.tell(replace(ASKED, subjects=("s2",)))
    assert story.case.legs[-1].manifest == ("s2.worry",)
    assert "concern.what_happened" in story.leg().manifest  # the child's own packets have them


def test_another_adult_of_the_contact_is_asked_about_without_the_words_about_both() -> None:
    story = Story(contact(REFUSES, adult("s2"), fields=TOLD), replace(ASKED, subjects=("s2",)))
    assert words_in(story) == set()


def test_a_manager_may_choose_for_whom_a_refusal_is_not_followed() -> None:
    story = alone(replace(OVERRIDDEN, agencies=("social_care",)))
    assert [leg.agency for leg in story.case.legs] == ["social_care"]
    assert "concern.what_happened" in story.leg().manifest
    with pytest.raises(CannotHappen, match=r"refuses \(s1\)"):
        story.tell(ASKED)
    story.tell(replace(OVERRIDDEN, agencies=("police", "social_care")), rates("s1", "red", 40))
    assert [leg.agency for leg in story.case.legs] == ["social_care", "police"]


def test_what_a_manager_lets_one_agency_know_no_other_reads_in_somebody_elses_packet() -> None:
    story = Story(contact(REFUSES, adult("s2"), fields=TOLD), LOOK, rates("s1"))
    story.tell(replace(OVERRIDDEN, agencies=("social_care",)), replace(ASKED, subjects=("s2",)))
    assert not set(WORDS) & set(story.leg("l2").manifest)


def test_a_ground_without_agencies_asks_whom_the_rules_name() -> None:
    assert [leg.agency for leg in alone(OVERRIDDEN).case.legs] == ["probation"]  # the row for whoever is rated red


def test_an_agency_that_nobody_knows_is_not_chosen() -> None:
    story = alone()
    with pytest.raises(CannotHappen, match="no agency"):
        story.tell(replace(OVERRIDDEN, agencies=("nobody",)))
    assert story.case.subjects[0].refuses


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
