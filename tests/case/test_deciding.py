"""A threshold decision: what must be settled before it, what it records, and the clocks it starts."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from exchange.case.acknowledgement import Answer
from exchange.case.action import ActionSet
from exchange.case.advance import CannotHappen
from exchange.case.clock import due, read_spec
from exchange.case.code_lists import CAPACITY_AT_ENQUIRY, NOT_HEARD, OUTCOMES_ASKED
from exchange.case.decision import Decision, Specialist, ThreeLimbs
from exchange.case.effect import TaskKind
from exchange.case.event import DiscussionHeld, Event, InformationAdded
from exchange.case.lateral_check import Decline
from exchange.case.milestone import MilestoneMet, MilestoneStarted, Progress
from exchange.case.referral import SubjectCodes
from exchange.case.state import Stamp
from exchange.hubs import statutes
from tests.case.stories import (
    CLOSE,
    CLOSE_ANYWAY,
    FIELDS,
    LIMBS,
    LOOK,
    NOW,
    OFFICE,
    Story,
    adult,
    at,
    calls,
    child,
    contact,
    decides,
    rates,
    says,
    with_rules,
)

ENGLAND = with_rules(calendar=OFFICE, statute=statutes.profile("england-wt2026"))
HELD = DiscussionHeld(at(700), "chair-1", "d1", ("police", "health", "social_care"))
SILENT = tuple(f for f in FIELDS if f not in ("s1.words", "s1.wishes"))


def told(*events: Event, subject: Any = None, rules: Any = ENGLAND) -> Story:
    return Story(contact(subject or child(), fields=SILENT), rates(), *events, rules=rules)


def progress(story: Story, name: str) -> Progress | None:
    found = story.case.subjects[0].milestone(name)
    return found.progress if found else None


# ---- What must be settled before ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "decision", "changed", "why"),
    [
        (child(), "assessment", {"without_checks": False}, "an agency has not answered yet"),
        (child(), "assessment", {"voice": ""}, "whether the person was heard"),
        (child(), "assessment", {"voice": "nobody_asked"}, "too_young, unsafe"),
        (adult(), "section_42", {"limbs": None}, "answer the three limbs"),
        (adult(), "section_42", {"limbs": replace(LIMBS, unable=False)}, "record an other enquiry"),
        (adult(), "advice", {"capacity": ""}, "capacity"),
        (adult(), "advice", {"capacity": "maybe"}, "lacked, did_not"),
        (adult(), "advice", {"outcomes_asked": ""}, "asked what they want"),
        (child(), "transfer", {}, "nobody in the other area"),
    ],
)
def test_what_was_not_considered_is_named_and_nothing_is_decided(
    subject: Any, decision: str, changed: dict[str, Any], why: str
) -> None:
    story = told(subject=subject)
    before = story.case
    with pytest.raises(CannotHappen, match=why):
        story.tell(decides(decision=Decision(decision), **changed))
    assert story.case == before


def test_a_decision_keeps_what_was_considered() -> None:
    story = told(subject=adult())
    more: dict[str, Any] = {"voice": "unsafe", "routes": (Specialist.MARAC,), "follow_up": at(9000)}
    story.tell(decides(decision=Decision.SECTION_42, **more))
    made = story.case.subjects[0].decisions[0]
    assert (made.limbs, made.voice, made.capacity, made.outcomes_asked) == (LIMBS, "unsafe", "did_not", "expressed")
    assert (made.by, made.routes, made.follow_up) == ("manager-1", (Specialist.MARAC,), at(9000))
    assert story.clocks["follow_up:s1"] == at(9000)
    story.tell(decides(decision=Decision.ADVICE, after=80, drops=(Specialist.MARAC,)))
    assert "follow_up:s1" not in story.clocks


def test_a_specialist_route_is_dropped_knowingly_with_its_clock_or_not_at_all() -> None:
    story = told(decides(decision=Decision.SECTION_47, routes=(Specialist.FGM, Specialist.MARAC)))
    before = story.case
    with pytest.raises(CannotHappen, match=r"leaves out \(Female genital mutilation\).*dropped_why"):
        story.tell(decides(decision=Decision.SECTION_47, after=80, routes=(Specialist.MARAC,)))
    assert story.case == before
    assert "milestone:s1/fgm_report" in story.clocks
    gone = (Specialist.FGM,)
    story.tell(decides(decision=Decision.SECTION_47, after=80, routes=(Specialist.MARAC,), drops=gone))
    assert story.case.subjects[0].decisions[-1].drops == gone
    assert "milestone:s1/fgm_report" not in story.clocks


@pytest.mark.parametrize(
    ("subject", "decision", "other"),
    [
        (child(), Decision.SECTION_42, "assessment"),
        (child(), Decision.OTHER_ENQUIRY, "section_47"),
        (adult(), Decision.SECTION_47, "section_42"),
        (adult(), Decision.ASSESSMENT, "other_enquiry"),
    ],
)
def test_the_duties_of_one_law_are_not_decided_of_whom_the_other_protects(
    subject: SubjectCodes, decision: Decision, other: str
) -> None:
    story = told(subject=subject)
    with pytest.raises(CannotHappen, match=rf"cannot be decided of an? .*{other}"):
        story.tell(decides(decision=decision))
    assert not story.case.subjects[0].decisions


@pytest.mark.parametrize("code", [c.code for c in NOT_HEARD.codes])
def test_every_reason_why_somebody_was_not_heard_counts(code: str) -> None:
    assert told(decides(voice=code)).case.subjects[0].decisions[0].voice == code


@pytest.mark.parametrize(("capacity", "asked"), [*product(CAPACITY_AT_ENQUIRY.codes, OUTCOMES_ASKED.codes)])
def test_every_code_of_the_adult_collection_counts(capacity: Any, asked: Any) -> None:
    event = decides(decision=Decision.ADVICE, capacity=capacity.code, outcomes_asked=asked.code)
    assert told(event, subject=adult()).case.subjects[0].decision == "advice"


@pytest.mark.parametrize("told_by", ["s1.words", "s1.wishes"])
def test_the_voice_in_the_referral_itself_is_voice_enough(told_by: str) -> None:
    story = Story(contact(child(), fields=(*SILENT, told_by)), rates(), decides(voice=""), rules=ENGLAND)
    assert story.case.subjects[0].decisions[0].voice == "heard"


def test_a_decision_names_the_answers_it_was_made_without_and_they_are_still_owed() -> None:
    story = told(says(Answer.INFORMATION, "l1"), decides())
    assert story.case.subjects[0].decisions[0].missing == ("l2", "l3", "l4")
    assert {"answer:l2", "answer:l3"} <= set(story.clocks)
    answered = told(*(says(Answer.INFORMATION, f"l{n}") for n in (1, 2, 3, 4)), decides(without_checks=False))
    assert answered.case.subjects[0].decisions[0].missing == ()


@pytest.mark.parametrize("limbs", [ThreeLimbs(*each) for each in product((True, False), repeat=3)])
def test_section_42_needs_all_three_limbs(limbs: ThreeLimbs) -> None:
    assert limbs.met is (limbs.needs and limbs.risk and limbs.unable)


# ---- The clocks of law and practice ------------------------------------------------------------------------------


def test_an_assessment_counts_from_the_referral_and_a_strategy_discussion_from_the_decision() -> None:
    story = told(decides(decision=Decision.ASSESSMENT))
    length = read_spec("45wd")
    assert story.clocks["milestone:s1/assessment"] == due(length, NOW, OFFICE)
    story.tell(decides(decision=Decision.SECTION_47, after=80))
    assert progress(story, "assessment") is Progress.DROPPED
    assert "milestone:s1/assessment" not in story.clocks
    assert story.clocks["milestone:s1/strategy_discussion"] == at(80 + 24 * 60)


def test_a_conference_counts_from_the_strategy_discussion_that_starts_the_enquiry() -> None:
    story = told(decides(decision=Decision.SECTION_47), calls("police", "health", "social_care"), HELD)
    assert progress(story, "strategy_discussion") is Progress.MET
    icpc = due(read_spec("15wd"), at(600), OFFICE)
    assert story.clocks["milestone:s1/icpc"] == icpc
    assert (
        told(calls("police"), HELD, decides(decision=Decision.SECTION_47, after=800)).clocks["milestone:s1/icpc"]
        == icpc
    )
    story.tell(decides(decision=Decision.SECTION_47, after=900))
    assert story.clocks["milestone:s1/icpc"] == icpc  # decided again: the first one counts
    story.tell(decides(decision=Decision.NFA, after=950))
    assert progress(story, "icpc") is Progress.DROPPED


def test_a_discussion_about_somebody_else_decided_starts_no_conference() -> None:
    story = told(decides(decision=Decision.ADVICE), calls("police"), HELD)
    assert progress(story, "icpc") is None
    assert progress(told(calls("police"), HELD, rules=with_rules()), "icpc") is None


def test_a_specialist_route_brings_its_own_clock() -> None:
    story = told(decides(decision=Decision.ASSESSMENT, routes=(Specialist.LADO, Specialist.FGM, Specialist.MARAC)))
    assert {"milestone:s1/lado", "milestone:s1/fgm_report"} <= set(story.clocks)


def test_where_law_and_hub_set_no_clock_none_runs() -> None:
    story = told(decides(decision=Decision.ASSESSMENT), rules=with_rules())
    assert story.case.subjects[0].milestones == ()


def test_a_child_who_was_missing_is_back_and_the_return_interview_has_its_clock() -> None:
    started = MilestoneStarted(at(100), "duty-1", "s1", "return_interview", at(40))
    story = told(started)
    assert story.clocks["milestone:s1/return_interview"] == at(40 + 72 * 60)
    story.run_out("milestone:s1/return_interview", "milestone:s1/return_interview")
    assert TaskKind.MILESTONE in story.kinds()
    story.tell(MilestoneMet(at(9000), "duty-1", "s1", "return_interview"))
    assert TaskKind.MILESTONE not in story.kinds()
    assert "milestone:s1/return_interview" not in story.clocks
    again = MilestoneStarted(at(9100), "duty-1", "s1", "return_interview", at(9050))
    assert progress(story.tell(again), "return_interview") is Progress.RUNNING


def test_a_clock_that_ran_out_in_the_moment_it_was_met_asks_nobody() -> None:
    story = told(MilestoneStarted(at(100), "duty-1", "s1", "return_interview", at(40)))
    clock = story.clocks["milestone:s1/return_interview"]
    story.tell(MilestoneMet(at(200), "duty-1", "s1", "return_interview"))
    for name in ("milestone:s1/return_interview", "milestone:s1/icpc", "milestone:s9/icpc"):
        story.clocks[name] = clock
        assert TaskKind.MILESTONE not in story.run_out(name).kinds()


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (MilestoneStarted(at(70), "d", "s9", "icpc", at(60)), "no subject"),
        (MilestoneStarted(at(70), "d", "s1", "tea_break", at(60)), "use one of"),
        (MilestoneStarted(at(70), "d", "s1", "assessment", at(60)), "runs already"),
        (MilestoneMet(at(70), "d", "s1", "icpc"), "no clock “icpc” runs"),
        (MilestoneMet(at(70), "d", "s9", "icpc"), "no clock “icpc” runs"),
    ],
)
def test_a_clock_that_is_not_there_is_named(event: Event, why: str) -> None:
    story = told(decides())
    before = story.case
    with pytest.raises(CannotHappen, match=why):
        story.tell(event)
    assert story.case == before


def test_the_clocks_of_law_run_on_when_the_hub_has_closed_the_case() -> None:
    story = told(LOOK, decides(), CLOSE_ANYWAY).run_out("milestone:s1/assessment")
    assert TaskKind.MILESTONE in story.kinds()


def test_no_case_closes_quietly_over_a_clock_that_the_hub_must_see_to() -> None:
    story = told(LOOK, decides(), MilestoneStarted(at(100), "duty-1", "s1", "return_interview", at(40)))
    with pytest.raises(CannotHappen, match="a clock of law or practice runs"):
        story.tell(CLOSE)
    with pytest.raises(CannotHappen) as left:
        story.tell(MilestoneMet(at(110), "duty-1", "s1", "return_interview"), CLOSE)
    assert "a clock of law" not in str(left.value)  # the assessment is theirs who took her on, and runs on


def test_a_closed_case_takes_no_decision_that_nobody_would_act_on_until_it_is_open_again() -> None:
    story = told(LOOK, decides(), CLOSE_ANYWAY)
    before = story.case
    with pytest.raises(CannotHappen, match="this case is closed"):
        story.tell(decides(after=2100))
    assert story.case == before
    story.tell(InformationAdded(at(2100), "referrer", "web"), decides(after=2110))
    assert len(story.case.subjects[0].decisions) == 2


def test_no_clock_begins_in_the_future() -> None:
    story = told()
    with pytest.raises(CannotHappen, match="in the future") as refused:
        story.tell(MilestoneStarted(at(100), "duty-1", "s1", "return_interview", at(101)))
    assert list(refused.value.faults) == ["since"]
    assert not story.case.subjects[0].milestones


def test_deciding_settles_a_decline_that_nobody_else_acted_on() -> None:
    story = Story(contact(child("s1"), child("s2")), rates("s1"), rates("s2"), says(Answer.DECLINE))
    story.tell(decides("s1"))
    assert story.leg().decline is Decline.OPEN  # s2 is still nobody's
    assert "declined:l1" in story.tasks
    story.tell(decides("s2", after=70))
    assert story.leg().decline is Decline.SETTLED
    assert story.leg().evidence[-1] == Stamp(at(70), "manager-1", "decline_settled")
    assert "declined:l1" not in story.tasks


def test_about_who_may_pose_a_risk_neither_voice_nor_capacity_is_asked() -> None:
    story = Story(contact(replace(adult(), role="poses_risk")), rates())
    story.tell(decides(decision=Decision.OTHER_ENQUIRY, voice="", capacity="", outcomes_asked=""))
    assert story.case.subjects[0].decisions[0].voice == ""


def test_nobody_has_heard_an_unborn_child() -> None:
    story = Story(contact(child(age_band="unborn")), rates())
    with pytest.raises(CannotHappen, match="unborn"):
        story.tell(decides(voice="heard"))
    assert story.tell(decides(voice="too_young")).case.subjects[0].decision


def test_a_closed_case_is_not_rated_again() -> None:
    story = Story(contact(child()), rates(), decides(), CLOSE_ANYWAY)
    before = story.case
    with pytest.raises(CannotHappen, match="closed"):
        story.tell(rates(code="green", after=3000))
    assert story.case == before


def test_an_action_due_in_the_past_is_refused() -> None:
    story = Story(contact(child()), rates())
    with pytest.raises(CannotHappen, match="still to come"):
        story.tell(ActionSet(at(30), "duty-1", "a1", "police", ("s1",), at(29)))


def test_the_conference_counts_from_when_the_discussion_was_held_and_not_from_when_it_was_called_for() -> None:
    sooner = replace(HELD, at=at(500), began_at=at(490))
    story = told(calls("police"), sooner, decides(decision=Decision.SECTION_47, after=800))
    found = story.case.subjects[0].milestone("icpc")
    assert found
    assert found.started_at == at(490)
