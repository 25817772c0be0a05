"""Who is called to a discussion comes from the hub file, and what becomes of their replies is kept in order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from exchange.case.acknowledgement import Proof
from exchange.case.advance import CannotHappen
from exchange.case.contribution import Marking
from exchange.case.effect import TaskKind
from exchange.case.event import ClockRanOut, DiscussionCalled, DiscussionHeld, InviteeReplied
from exchange.case.restriction import Kind, Restricted, Why
from exchange.case.rules import DiscussionRules, Rules, StrategyRules
from exchange.case.strategy_discussion import Attendance, Invitee, InviteesAdded, Mode, Present, SeatUnclear, Weight
from exchange.hubs import statutes
from tests.case.stories import OFFICE, RULES, Story, adult, at, calls, child, contact, with_rules

NOBODY_NAMED = calls()
A, W = Attendance, Weight


def strategy(**changes: object) -> Rules:
    return with_rules(strategy=replace(RULES.strategy, **changes))  # type: ignore[arg-type]


def agencies(story: Story) -> list[str]:
    return [i.agency for d in story.case.discussions for i in d.invitees]


def seat(story: Story, name: str = "i1") -> Invitee:
    found = story.case.discussions[0].invitee(name)
    assert found
    return found


def replies(
    attendance: Attendance, stamp: float = 90, proof: Proof = Proof.DKIM, seat: str = "i1", **more: object
) -> InviteeReplied:
    event = InviteeReplied(at(90), "d1", seat, attendance, at(stamp), "mail", proof)
    return replace(event, **more)  # type: ignore[arg-type]


def held(*present: Present, inquorate: bool | None = False) -> DiscussionHeld:
    return DiscussionHeld(at(700), "manager-1", "d1", tuple(p.agency for p in present), present, inquorate)


# -- who is called


def test_without_names_those_of_the_quorum_are_called() -> None:
    assert agencies(Story(contact(child()), NOBODY_NAMED)) == ["social_care", "police", "health"]


def test_the_hub_file_says_who_is_always_called_and_the_referrers_agency_comes_too() -> None:
    rules = strategy(invite=("social_care", "police", "health", "education"))
    from_probation = replace(NOBODY_NAMED, referrer="probation")
    assert agencies(Story(contact(child()), from_probation, rules=rules))[3:] == ["education", "probation"]
    alone = strategy(invite=("police",), referrer=False)
    assert agencies(Story(contact(child()), from_probation, rules=alone)) == ["police"]


def test_who_is_named_comes_instead_or_in_addition() -> None:
    assert agencies(Story(contact(child()), calls("housing"))) == ["housing"]
    more = replace(NOBODY_NAMED, also=("housing", "police"))
    assert agencies(Story(contact(child()), more)) == ["social_care", "police", "health", "housing"]


def test_an_agency_of_another_area_is_not_called() -> None:
    elsewhere = replace(next(a for a in RULES.agencies if a.id == "health"), areas=("ZZ98",))
    rules = with_rules(agencies=tuple(elsewhere if a.id == "health" else a for a in RULES.agencies))
    here, near = replace(child(), area="ZZ99"), replace(child(), area="ZZ98")
    assert "health" not in agencies(Story(contact(here), NOBODY_NAMED, rules=rules))
    assert "health" in agencies(Story(contact(near), NOBODY_NAMED, rules=rules))
    assert "health" in agencies(Story(contact(child()), NOBODY_NAMED, rules=rules))  # nobody knows the area


def test_of_several_agencies_of_one_function_those_that_were_asked_about_the_child_are_called() -> None:
    health = next(a for a in RULES.agencies if a.id == "health")
    surgeries = tuple(replace(health, id=name) for name in ("surgery_north", "surgery_south"))
    rules = with_rules(agencies=(*RULES.agencies, *surgeries))
    assert agencies(Story(contact(child()), NOBODY_NAMED, rules=rules)) == ["social_care", "police", "health"]
    unasked = replace(rules, routes=tuple(r for r in RULES.routes if r.agency != "health"))
    of_health = ["health", "surgery_north", "surgery_south"]  # nobody knows which of them knows the child
    assert agencies(Story(contact(child()), NOBODY_NAMED, rules=unasked)) == ["social_care", "police", *of_health]


def test_who_must_not_see_the_case_is_left_out_and_somebody_chooses_another() -> None:
    shut = Restricted(at(2), "duty-1", Kind.AGENCY, "health", Why.CONFLICT)
    story = Story(contact(child()), shut, NOBODY_NAMED)
    assert agencies(story) == ["social_care", "police"]
    assert story.tasks["seat:d1/health"].kind is TaskKind.ANOTHER_RECIPIENT
    assert story.tasks["no_quorum:d1"].kind is TaskKind.NO_QUORUM
    story.tell(InviteesAdded(at(70), "manager-1", "d1", ("education",)))
    assert "seat:d1/health" not in story.tasks
    for named in (calls("health", "police"), replace(NOBODY_NAMED, also=("health",))):
        with pytest.raises(CannotHappen, match="must not see"):
            story.tell(replace(named, discussion="d2"))


def test_a_roster_is_called_as_far_as_it_may_see_the_case() -> None:
    shut = Restricted(at(2), "duty-1", Kind.AGENCY, "health", Why.CONFLICT)
    on_agenda = replace(calls("police", "health", "housing"), session="daily", minutes=10)
    story = Story(contact(child()), shut, on_agenda)
    assert agencies(story) == ["police", "housing"]
    assert (story.case.discussions[0].session, story.case.discussions[0].minutes) == ("daily", 10)
    with pytest.raises(CannotHappen, match="name the agencies"):
        story.tell(replace(calls("health"), discussion="d2", session="daily"))


def test_a_quorum_out_of_reach_is_said_at_once_and_blocks_nothing() -> None:
    story = Story(contact(child()), calls("police", "social_care"))
    assert story.tasks["no_quorum:d1"].kind is TaskKind.NO_QUORUM
    story.tell(InviteesAdded(at(70), "manager-1", "d1", ("health", "police")))
    assert "no_quorum:d1" not in story.tasks
    assert agencies(story) == ["police", "social_care", "health"]
    assert story.letters[-2:] == ["invitation:d1/i3", "papers:d1/i3"]
    story.tell(replies(A.DECLINED, seat="i3"))
    assert "no_quorum:d1" in story.tasks
    story.tell(replies(A.DECLINED, seat="i1"), replies(A.ACCEPTED, 95, seat="i1"))
    assert "no_quorum:d1" in story.tasks
    story.tell(replies(A.DEPUTY, 99, seat="i3"))
    assert "no_quorum:d1" not in story.tasks


def test_more_are_called_only_to_what_is_to_come() -> None:
    story = Story(contact(child()), calls("police"))
    for event, why in (
        (InviteesAdded(at(70), "manager-1", "d1", ("police",)), "not invited yet"),
        (InviteesAdded(at(70), "manager-1", "d9", ("health",)), "no discussion"),
    ):
        with pytest.raises(CannotHappen, match=why):
            story.tell(event)
    story.tell(held(Present("police"), inquorate=True))
    with pytest.raises(CannotHappen, match="held already"):
        story.tell(InviteesAdded(at(710), "manager-1", "d1", ("health",)))


# -- variants

PLANNING = DiscussionRules(
    quorum=("social_care",), minutes=90, kind="planning_meeting", label="Planning meeting", form="adult",
    invite=("social_care", "police"), clock="adult_strategy",
)  # fmt: skip
IRD = DiscussionRules(kind="ird", label="Inter-agency referral discussion")
VARIED = with_rules(strategy=StrategyRules(variants=(PLANNING, IRD)))


def test_a_variant_has_its_own_quorum_length_and_people() -> None:
    meeting = replace(NOBODY_NAMED, kind="planning_meeting")
    story = Story(contact(adult()), meeting, rules=VARIED)
    assert agencies(story) == ["social_care", "police"]
    assert story.case.discussions[0].minutes == 90
    story.tell(held(Present("social_care")))
    assert not story.case.discussions[0].inquorate


def test_adults_have_their_own_kind_unless_somebody_names_another() -> None:
    assert VARIED.strategy.usual(frozenset({"adult"})) is PLANNING
    assert VARIED.strategy.usual(frozenset({"adult", "child"})) is VARIED.strategy
    assert VARIED.discussion("gone") is VARIED.strategy
    assert VARIED.discussion("ird") is IRD


def test_the_scottish_tripartite_discussion_is_recorded_the_same_day() -> None:
    ird = replace(IRD, form="child", record="ird_record")
    rules = with_rules(
        calendar=OFFICE, strategy=StrategyRules(variants=(ird,)), statute=statutes.profile("scotland")
    )  # fmt: skip
    assert rules.strategy.usual(frozenset({"child"})) is ird
    story = Story(contact(child()), replace(NOBODY_NAMED, kind="ird"), rules=rules)
    story.tell(replace(held(*(Present(a) for a in ("police", "health", "social_care"))), at=at(120)))
    (record,) = story.case.records
    assert record.due == datetime(2026, 11, 24, 17, 0, tzinfo=UTC)  # of the Tuesday on which it was held


# -- the time by which it must be held


def test_a_discussion_that_is_not_held_in_time_presses_the_desk() -> None:
    story = Story(contact(child()), replace(calls("police"), deadline=at(1500)))
    assert story.clocks["held_by:d1"] == at(1500)
    story.run_out("held_by:d1")
    assert story.tasks["not_held:d1"].kind is TaskKind.NOT_HELD
    story.run_out("held_by:d1").tell(held(Present("police"), inquorate=True))
    assert "not_held:d1" not in story.tasks
    assert "held_by:d1" not in story.clocks
    assert story.tell(ClockRanOut(at(1600), "held_by:d1"), ClockRanOut(at(1600), "held_by:d9")).effects == ()


# -- replies


def test_every_reply_is_kept_in_order_with_what_it_counted_for() -> None:
    story = Story(contact(child()), calls("police"))
    story.tell(
        replies(A.TENTATIVE, 80, Proof.NONE),
        replies(A.ACCEPTED, 85),
        replies(A.DECLINED, 82),
        held(Present("police"), inquorate=True),
        replies(A.DECLINED, 90),
    )
    kept = [(r.attendance, r.weight) for r in seat(story).history]
    assert kept == [(A.TENTATIVE, W.CLAIMED), (A.ACCEPTED, W.HOLDS), (A.DECLINED, W.OLDER), (A.DECLINED, W.LATE)]
    assert seat(story).attendance is A.ACCEPTED


def test_another_time_is_a_question_to_the_desk() -> None:
    story = Story(contact(child()), calls("police"))
    story.tell(replies(A.COUNTER, proposed=at(640)))
    assert seat(story).proposed == at(640)
    assert story.tasks["other_time:d1/i1"].kind is TaskKind.OTHER_TIME
    story.tell(replies(A.ACCEPTED, 95))
    assert "other_time:d1/i1" not in story.tasks
    assert seat(story).proposed is None


def test_words_that_are_not_plain_are_a_persons_to_read_and_the_seat_is_chased_on() -> None:
    story = Story(contact(child()), calls("police"))
    story.tell(SeatUnclear(at(90), "d1", "i1", "unclear"), replies(A.ACCEPTED))
    assert story.tasks["unclear:d1/i1"].kind is TaskKind.UNCLEAR_ANSWER
    story.tell(replies(A.DECLINED, 95, Proof.STAFF))
    assert "unclear:d1/i1" not in story.tasks
    for nowhere in (SeatUnclear(at(90), "d9", "i1", "unclear"), SeatUnclear(at(90), "d1", "i9", "unclear")):
        assert story.tell(nowhere).effects == ()


def test_staff_are_told_that_a_discussion_is_over() -> None:
    story = Story(contact(child()), calls("police"), held(Present("police"), inquorate=True))
    with pytest.raises(CannotHappen, match="is over"):
        story.tell(replies(A.ACCEPTED, proof=Proof.STAFF))


def test_what_somebody_writes_instead_of_coming_stays_theirs() -> None:
    story = Story(contact(child()), calls("police", "health", "social_care"))
    story.tell(replies(A.WRITTEN, seat="i2", contribution="c1"), replies(A.WRITTEN, 95, seat="i2", contribution="c1"))
    (told,) = story.case.contributions
    assert (told.id, told.agency, told.kind, told.marking) == ("c1", "health", "written", Marking.HUB_ONLY)
    assert "no_quorum:d1" in story.tasks
    with pytest.raises(CannotHappen, match="health were not there"):
        story.tell(held(Present("police"), Present("social_care", Mode.VIDEO)))
    story.tell(held(Present("police"), Present("social_care", Mode.VIDEO), inquorate=True))
    assert [(i.attended, i.mode) for i in story.case.discussions[0].invitees] == [
        (True, Mode.IN_PERSON), (False, Mode.WRITTEN), (True, Mode.VIDEO),
    ]  # fmt: skip
    assert story.case.discussions[0].inquorate
    story.tell(replies(A.WRITTEN, 99, Proof.STAFF, seat="i1", contribution="c2"))
    assert [c.id for c in story.case.contributions] == ["c1", "c2"]


def test_a_deputy_sits_in_the_invitees_seat_and_is_recorded_as_such() -> None:
    story = Story(contact(child()), calls("police", "health", "social_care"))
    story.tell(replies(A.DEPUTY))
    story.tell(held(
        Present("police", Mode.TELEPHONE), Present("health", Mode.TELEPHONE, by_deputy=True), Present("social_care")
    ))  # fmt: skip
    assert [(i.mode, i.by_deputy) for i in story.case.discussions[0].invitees] == [
        (Mode.TELEPHONE, True), (Mode.TELEPHONE, True), (Mode.IN_PERSON, False),
    ]  # fmt: skip
    assert not story.case.discussions[0].inquorate


def test_who_came_without_an_invitation_has_a_seat() -> None:
    story = Story(contact(child()), calls("police", "social_care"))
    story.tell(held(Present("police"), Present("social_care"), Present("health"), Present("housing", Mode.WRITTEN)))
    seats = [(i.id, i.agency, i.attended) for i in story.case.discussions[0].invitees][2:]
    assert seats == [("i3", "health", True), ("i4", "housing", False)]


def test_an_older_record_names_only_who_attended() -> None:
    story = Story(contact(child()), calls("police", "health"))
    story.tell(DiscussionHeld(at(700), "manager-1", "d1", ("police", "housing")))
    assert [(i.agency, i.attended, i.mode) for i in story.case.discussions[0].invitees] == [
        ("police", True, None), ("health", False, None),
    ]  # fmt: skip


def test_events_of_earlier_releases_are_read() -> None:
    assert DiscussionCalled(at(), "m", "d1", at(9), ("s1",), ("police",)).deadline is None
