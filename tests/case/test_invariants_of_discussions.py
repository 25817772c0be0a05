"""Whatever happens to discussions, in whatever order and however often, these things hold."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from exchange.case.acknowledgement import Proof
from exchange.case.delivery import News
from exchange.case.effect import Letter
from exchange.case.event import (
    ClockRanOut,
    Closed,
    DiscussionCalled,
    DiscussionHeld,
    Event,
    InviteeReplied,
    LetterNews,
)
from exchange.case.restriction import Kind, Restricted, Why
from exchange.case.state import Case
from exchange.case.strategy_discussion import (
    Attendance,
    DiscussionCancelled,
    DiscussionMoved,
    DiscussionPlaced,
    DiscussionTelephoned,
    InviteesAdded,
    Meeting,
    Mode,
    Present,
    Rang,
    SeatEvidence,
)
from tests.case.happenings import every, many, often, throughout
from tests.case.stories import Story, at, calls, child, contact

MOMENTS = [at(m) for m in (40, 200, 1500)]
DISCUSSIONS = ["d1", "d2", "d9"]
SAID = [said for said in Attendance if said is not Attendance.AWAITED]
POLICE, LA = Present("police", Mode.TELEPHONE), Present("social_care", by_deputy=True)
HEALTH = Present("health", Mode.WRITTEN)
CLOCKS = ["chase:d1/i1", "chase:d1/i2", "held_by:d1", "held_by:d9", "follow_up_meeting:d2", "follow_up_meeting:d9"]
BY_ANYBODY = st.one_of(
    every(DiscussionCalled, MOMENTS, ["manager-1"], ["d1"], [at(400), at(3000)], [("s1",)],
          [(), ("police", "health")], ["", "ird"], [(), ("housing",)], ["", "education"], [at(1440)]),
    every(InviteesAdded, MOMENTS, ["manager-1"], DISCUSSIONS, [("housing", "police"), ("nobody",), ()]),
    every(DiscussionMoved, MOMENTS, ["manager-1"], DISCUSSIONS, [at(100), at(2000)], [False, True]),
    every(DiscussionPlaced, MOMENTS, ["manager-1"], DISCUSSIONS, [False, True]),
    every(DiscussionCancelled, MOMENTS, ["manager-1"], DISCUSSIONS),
    every(DiscussionHeld, MOMENTS, ["manager-1"], ["d1", "d9"], [()],
          [(POLICE,), (POLICE, LA, HEALTH)], [True, False]),
    every(DiscussionTelephoned, MOMENTS, ["manager-1"], ["d1", "d2"], [at(30)], [("s1",), ()], [(POLICE, LA), ()],
          [""], [True, False], [(), (Rang("health", at(35), reached=False),)], [True, False]),
    every(InviteeReplied, MOMENTS, ["d1", "d9"], ["i1", "i2"], SAID, MOMENTS, ["mail"],
          [Proof.NONE, Proof.DKIM, Proof.STAFF], [""], [None, 0, 1], [None, at(900)], ["", "c1"]),
    every(SeatEvidence, MOMENTS, ["d1", "d9"], ["i1", "i9"], ["automatic_reply"], [False, True]),
    every(LetterNews, MOMENTS, [Letter.INVITATION], ["d1/i1"], [News.ACCEPTED, News.BOUNCED]),
    every(ClockRanOut, MOMENTS, CLOCKS),
    every(Restricted, MOMENTS, ["duty-1"], [Kind.AGENCY], ["police", "health"], [Why.CONFLICT]),
    every(Closed, [at(1500)], ["manager-1"], [True]),
)  # fmt: skip
TOLD: st.SearchStrategy[list[Event]] = st.lists(BY_ANYBODY, min_size=3, max_size=20).map(
    lambda told: [contact(child()), calls("police", "health", "social_care"), *told]
)


@given(told=TOLD)
@often
def test_whoever_has_not_replied_is_chased_or_rung_until_the_discussion_is_over(told: list[Event]) -> None:
    def watched(before: Case, story: Story, event: Event) -> None:
        for discussion in story.case.discussions:
            for seat in discussion.invitees:
                about, shut = f"{discussion.id}/{seat.id}", story.case.shuts_out(seat.agency)
                asked = {f"chase:{about}", f"silent_invitee:{about}"} & {*story.clocks, *story.tasks}
                waits = discussion.state is Meeting.CALLED and seat.attendance is Attendance.AWAITED
                if waits and not shut and not story.case.closed:
                    assert asked, f"{about} is forgotten"
                if discussion.state is not Meeting.CALLED:
                    assert not asked, f"{about} is asked after the end"

    throughout(told, watched)


@given(told=TOLD)
@often
def test_a_full_discussion_that_is_owed_and_one_that_is_late_are_never_forgotten(told: list[Event]) -> None:
    def watched(before: Case, story: Story, event: Event) -> None:
        names = {*story.clocks, *story.tasks}
        for discussion in story.case.discussions:
            if discussion.full_owed and not story.case.closed:
                assert f"follow_up_meeting:{discussion.id}" in names
            if discussion.deadline and discussion.state is Meeting.CALLED and not story.case.closed:
                assert names & {f"held_by:{discussion.id}", f"not_held:{discussion.id}"}

    throughout(told, watched)


@given(told=TOLD)
@many
def test_replies_are_only_added_and_a_calendar_entry_only_grows(told: list[Event]) -> None:
    def kept(before: Case, story: Story, event: Event) -> None:
        assert story.case.contributions[: len(before.contributions)] == before.contributions
        for was in before.discussions:
            now = story.case.discussion(was.id)
            assert now
            assert now.sequence >= was.sequence
            for seat in was.invitees:
                after = now.invitee(seat.id)
                assert after
                assert after.history[: len(seat.history)] == seat.history
                assert after.agency == seat.agency

    throughout(told, kept)


@given(told=TOLD)
@many
def test_papers_go_once_and_nothing_but_its_end_after_a_cancellation(told: list[Event]) -> None:
    def watched(before: Case, story: Story, event: Event) -> None:
        letters = [key for key in story.letters if key.startswith("papers:")]
        assert len(letters) == len(set(letters))
        cancelled = {d.id for d in story.case.discussions if d.state is Meeting.CANCELLED}
        waiting = {letter.about.partition("/")[0] for key, letter in story.waiting.items() if key[:6] in WITH_PEOPLE}
        assert not waiting & cancelled

    throughout(told, watched)


WITH_PEOPLE = frozenset({"papers", "chaser", "invita"})  # beginnings of the keys of letters to seats
