"""The fourteen design truths of the field, each by its number; other tests show each of them at work more closely."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from exchange.case import retention
from exchange.case.acknowledgement import Acknowledgement, Answer, Responded
from exchange.case.address_release import AddressReleased
from exchange.case.advance import MOVES, CannotHappen
from exchange.case.contribution import Marking
from exchange.case.decision import Decision
from exchange.case.delivery import Delivery, News
from exchange.case.effect import Letter, TaskKind
from exchange.case.event import LookedAt, MachineEvidence, PacketNews
from exchange.case.feedback import ReferrerClass, class_of_source
from exchange.case.fields import BY_KEY
from exchange.case.referral import ReferralRefused, SubjectCodes, read
from exchange.case.sorting import AcceptedElsewhere, Sorted, Sorting
from exchange.hubs import loader
from exchange.policy import MAY, Action, Role
from templates import samples
from templates.letters import ALetter, write
from tests.case.stories import (
    CLOSE_ANYWAY,
    LOOK,
    OFFICE,
    Story,
    adult,
    at,
    child,
    contact,
    decides,
    nil_return,
    rates,
    says,
    with_rules,
)

PLACES = {"address", "postcode", "whereabouts", "school", "current_address"}


def told() -> Story:
    return Story(contact(child()))


def test_truth_1_sent_delivered_opened_acknowledged_accepted_and_responded_are_six_things() -> None:
    story = told()
    stands = []
    for event in (
        PacketNews(at(1), "l1", News.ACCEPTED),
        PacketNews(at(2), "l1", News.DELIVERED),
        MachineEvidence(at(3), "l1", "read_receipt"),
        says(Answer.RECEIVED, after=4),
        says(Answer.ACCEPT, after=5),
        says(Answer.INFORMATION, after=6),
    ):
        leg = story.tell(event).leg()
        stands.append((leg.delivery, leg.acknowledgement, leg.response, len(leg.evidence)))
    assert len(set(stands)) == 6
    assert stands[2][:3] == (Delivery.DELIVERED, Acknowledgement.AWAITED, Responded.AWAITED)
    assert [stamp.by for stamp in story.leg().evidence[3:]] == ["police"] * 3


def test_truth_2_decisions_ratings_and_outcomes_are_of_each_subject() -> None:
    story = Story(contact(child("s1"), child("s2")), rates("s1", "red"), rates("s2", "green"))
    story.tell(decides("s1", Decision.SECTION_47), decides("s2", Decision.ADVICE))
    assert [(s.rating, s.decision) for s in story.case.subjects] == [("red", "section_47"), ("green", "advice")]


def test_truth_3_informed_and_consent_are_different_questions_and_neither_blocks_a_child() -> None:
    assert {"consent.informed", "consent.consent", "consent.share"} <= set(BY_KEY)
    story = Story(contact(child(), fields=("s1.given_name", "consent.informed", "consent.consent")))
    story.tell(rates(), decides(decision=Decision.SECTION_47))
    assert story.case.legs
    assert story.case.subjects[0].decision == "section_47"


def test_truth_4_only_a_named_qualified_manager_decides() -> None:
    assert MAY[Action.DECIDE] == {Role.DECISION_MANAGER, Role.HUB_MANAGER}
    story = Story(contact(child()), LOOK, rates(), *(says(Answer.INFORMATION, f"l{n}") for n in (1, 2, 3, 4)))
    assert not story.case.subjects[0].decision  # whatever anybody answers, nothing decides by itself
    made = story.tell(decides()).case.subjects[0].decisions[0]
    assert (made.by, made.code) == ("manager-1", "assessment")
    assert sum(kind.__name__ == "Decided" for kind in MOVES) == 1


def test_truth_5_a_contribution_stays_inside_the_hub_until_its_owner_releases_it() -> None:
    story = told().tell(replace(says(Answer.INFORMATION), contribution="c1"))
    assert story.case.contributions[0].marking is Marking.HUB_ONLY
    # Silence and refusal are no veto: tests/case/test_releasing.py.


def test_truth_6_a_decline_never_stops_the_case_clock() -> None:
    story = told()
    due = story.clocks["decide:s1"]
    story.tell(says(Answer.DECLINE))
    assert (story.clocks["decide:s1"], story.case.subjects[0].decide_due) == (due, due)
    assert TaskKind.DECLINED in story.kinds()


def test_truth_7_a_handover_counts_only_when_a_human_has_accepted_it() -> None:
    story = told().tell(Sorted(at(5), "duty-1", Sorting.OUT_OF_AREA), rates())
    with pytest.raises(CannotHappen, match="it is ours until a named person there does"):
        story.tell(decides(decision=Decision.TRANSFER))
    story.tell(AcceptedElsewhere(at(50), "duty-1"), decides(decision=Decision.TRANSFER))
    assert story.case.accepted_elsewhere


def test_truth_8_professionals_are_not_anonymous_and_the_public_may_be() -> None:
    worry = {"immediate_danger": "no", "what_happened": "A toddler in the garden at midnight"}
    subjects = [{"given_name": "Boy at number 14"}]
    unnamed = {"referrer": {"source": "9"}, "concern": worry, "subjects": subjects}
    assert read(unnamed, need_required=True).referrer == {"source": "9"}
    assert class_of_source("9") is ReferrerClass.ANONYMOUS
    with pytest.raises(ReferralRefused, match=r"referrer\.name"):
        read({**unnamed, "referrer": {"source": "2A"}}, need_required=True)


def test_truth_9_an_open_case_goes_to_the_allocated_worker_and_is_still_a_leg_with_a_clock() -> None:
    story = Story(contact(adult()), rules=with_rules(open_cases=("social_care",)))
    story.tell(Sorted(at(5), "duty-1", Sorting.OPEN_CASE))
    leg = story.case.legs[0]
    assert leg.agency == "social_care"
    assert {f"remind:{leg.id}", f"answer:{leg.id}"} <= set(story.clocks)


def test_truth_10_a_record_without_further_action_lives_long_enough_to_show_a_pattern_and_no_longer() -> None:
    schedule = loader.read(loader.packaged("example")).rules.retention
    story = Story(contact(child()), rates(), decides(decision=Decision.NFA), CLOSE_ANYWAY)
    life = next(life for life in retention.lives(story.case, schedule) if life.part == "s1")
    assert life.until
    assert timedelta(days=365) < life.until - at(0) <= timedelta(days=6 * 366 + 3)


def test_truth_11_nothing_known_is_an_answer_when_it_says_how_and_is_asked_again_when_not() -> None:
    vague = told().tell(nil_return(("systems", "date")))
    assert (vague.leg().unqualified, vague.leg().complete) == (True, False)
    assert any(key.startswith("unqualified:l1") for key in vague.waiting)
    plain = told().tell(nil_return())
    assert (plain.leg().unqualified, plain.leg().complete) == (False, True)


@pytest.mark.parametrize("letter", samples.every(), ids=lambda x: type(x).__name__)
def test_truth_12_no_personal_data_in_subject_lines(letter: ALetter) -> None:
    written = write(letter)
    assert not [c for c in samples.CANARIES if c in written.subject + written.quiet_subject]


def test_truth_13_nothing_unread_is_safe_day_or_night_and_it_is_rated_before_it_is_typed_in() -> None:
    sunday = at(60 * 24 * 5)
    night = replace(contact(channel="mail"), at=sunday)
    story = Story(night, rules=with_rules(calendar=OFFICE))
    assert story.clocks["first_look"] == sunday + timedelta(minutes=30)
    story.run_out("first_look")
    assert TaskKind.FIRST_LOOK in story.kinds()
    story.tell(LookedAt(sunday + timedelta(minutes=40), "duty-1", "red"))
    assert (story.case.provisional, story.case.subjects) == ("red", ())


def test_truth_14_a_protected_address_is_in_no_manifest() -> None:
    fields = ("concern.what_happened", "s1.given_name", *(f"s1.{place}" for place in PLACES))
    secret = SubjectCodes("s1", "child", "school", address_protected=True)
    story = Story(contact(secret, fields=fields), rates())
    assert story.case.legs
    assert not {name.partition(".")[2] for leg in story.case.legs for name in leg.manifest} & PLACES


def test_truth_14_a_named_manager_releases_it_to_one_named_agency_and_to_nobody_else() -> None:
    fields = ("concern.what_happened", "s1.given_name", *(f"s1.{place}" for place in PLACES))
    secret = SubjectCodes("s1", "child", "school", address_protected=True)
    story = Story(contact(secret, fields=fields), PacketNews(at(1), "l1", News.ACCEPTED))
    assert (story.leg("l1").agency, story.leg("l2").agency) == ("police", "health")
    assert MAY[Action.RELEASE_ADDRESS] == {Role.DECISION_MANAGER, Role.HUB_MANAGER}
    story.tell(AddressReleased(at(30), "manager-1", "s1", "police"), rates())
    assert story.waiting["address:l1:s1"].letter is Letter.ADDRESS
    assert {"s1.address", "s1.postcode"} <= set(story.leg("l1").manifest)
    others = {name for leg in story.case.legs if leg.agency != "police" for name in leg.manifest}
    assert not {name.partition(".")[2] for name in others} & PLACES
    (release,) = story.case.address_releases
    assert (release.owner, release.agency, release.by) == ("s1", "police", "manager-1")
