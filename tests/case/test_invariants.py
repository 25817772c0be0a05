"""Whatever happens to a case, in whatever order and however often, these things hold."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import fields, is_dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.case import state
from exchange.case.acknowledgement import Acknowledgement, Responded
from exchange.case.advance import CannotHappen, advance
from exchange.case.disposing import on_hold
from exchange.case.event import (
    Closed,
    Event,
)
from exchange.case.feedback import (
    SETTLED,
)
from exchange.case.reading import HOLDS_OPEN
from exchange.case.state import (
    Case,
    Leg,
)
from exchange.case.strategy_discussion import Attendance
from tests.case.happenings import (
    ANYTHING,
    BY_MACHINES,
    BY_PEOPLE,
    CALLED,
    MACHINES_ONLY,
    PRODUCTS,
    RECORDS,
    RULES,
    many,
    often,
    throughout,
)
from tests.case.stories import (
    Story,
)


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
def test_no_case_closes_over_anything_open_unless_somebody_overrides(told: list[Event]) -> None:
    def knowingly(before: Case, story: Story, event: Event) -> None:
        if isinstance(event, Closed) and not event.override and not before.closed:
            assert before.set_aside or before.feedback in SETTLED
            assert all(leg.complete for leg in before.legs)
            assert not any(owed.left for owed in before.outcomes_owed)
            assert not any(challenge.open for challenge in before.challenges)
            assert before.draft is None
            assert not before.unread
            assert not story.kinds() & HOLDS_OPEN

    throughout(told, knowingly)


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


def test_invariant_i_overdue_follows_from_due_time_now_and_state_and_is_stored_nowhere() -> None:
    kinds = [one for one in vars(state).values() if isinstance(one, type) and is_dataclass(one)]
    names = {f.name for kind in kinds for f in fields(kind)}
    assert {"acknowledge_due", "answer_due", "decide_due", "first_look_due"} <= names
    assert not {name for name in names if "overdue" in name or "late" in name.split("_")}
