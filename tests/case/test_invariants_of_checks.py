"""Whatever happens to a lateral check, in whatever order and however often, these things hold."""

from __future__ import annotations

from hypothesis import given

from exchange.case.event import Answered, Event
from exchange.case.lateral_check import Decline, DeclineSettled, MoreGiven, Recall, RecallConfirmed, Recalled
from exchange.case.state import Case
from tests.case.happenings import ANYTHING, many, often, throughout
from tests.case.stories import Story


@given(told=ANYTHING)
@often
def test_a_decline_always_ends_in_a_re_route_more_information_or_a_recorded_decision(told: list[Event]) -> None:
    def waits(before: Case, story: Story, event: Event) -> None:
        for leg in story.case.legs:
            decided = {s.id for s in story.case.subjects if s.decision}
            if leg.decline is Decline.OPEN and not set(leg.subjects) <= decided:
                assert f"declined:{leg.id}" in story.tasks, f"the decline of {leg.id} is forgotten"
            if leg.decline is Decline.REROUTED:
                assert leg.rerouted_to
            if leg.decline is Decline.SETTLED:
                assert any(stamp.code == "decline_settled" for stamp in leg.evidence)

    throughout(told, waits)


@given(told=ANYTHING)
@often
def test_a_crossing_recall_never_erases_a_response(told: list[Event]) -> None:
    def kept(before: Case, story: Story, event: Event) -> None:
        assert story.case.contributions[: len(before.contributions)] == before.contributions
        if isinstance(event, Recalled | RecallConfirmed):
            for was in before.legs:
                now = story.leg(was.id)
                assert (now.response, now.acknowledged_at, now.answered_at) == (
                    was.response,
                    was.acknowledged_at,
                    was.answered_at,
                )

    throughout(told, kept)


@given(told=ANYTHING)
@often
def test_a_recall_is_confirmed_by_a_person_or_somebody_is_to_ring(told: list[Event]) -> None:
    def watched(before: Case, story: Story, event: Event) -> None:
        for leg in story.case.legs:
            names = {f"recall:{leg.id}", f"unconfirmed_recall:{leg.id}"}
            waiting = bool(names & {*story.clocks, *story.tasks})
            assert waiting or leg.recall is not Recall.RECALLED, f"{leg.id} keeps what was recalled, in silence"
            if leg.recall is not Recall.NONE:
                assert not {f"remind:{leg.id}", f"answer:{leg.id}"} & set(story.clocks)

    throughout(told, watched)


@given(told=ANYTHING)
@often
def test_an_unqualified_nil_return_is_asked_again_once_and_ends_nothing(told: list[Event]) -> None:
    def once(before: Case, story: Story, event: Event) -> None:
        for leg in story.case.legs:
            asked = [key for key in story.letters if key.startswith(f"unqualified:{leg.id}:")]
            assert len(asked) == leg.nil_asked
            assert not (leg.unqualified and leg.complete)

    throughout(told, once)


@given(told=ANYTHING)
@many
def test_nothing_an_agency_answers_moves_the_clock_of_the_case(told: list[Event]) -> None:
    def unmoved(before: Case, story: Story, event: Event) -> None:
        if isinstance(event, Answered | Recalled | RecallConfirmed | MoreGiven | DeclineSettled):
            assert [s.decide_due for s in story.case.subjects] == [s.decide_due for s in before.subjects]
            changed = {getattr(e, "clock", "") for e in story.effects}
            reopened = before.closed and not story.case.closed  # what closing stopped runs on to the time it had
            assert reopened or not [name for name in changed if name.startswith(("decide", "first_look", "feedback"))]

    throughout(told, unmoved)
