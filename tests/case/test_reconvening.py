"""A discussion gets another time or is taken back: one calendar entry, everybody asked anew, papers sent once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.case.acknowledgement import Proof
from exchange.case.advance import CannotHappen
from exchange.case.effect import TaskKind
from exchange.case.event import InviteeReplied
from exchange.case.restriction import Kind, Restricted, Why
from exchange.case.strategy_discussion import (
    Attendance,
    DiscussionCancelled,
    DiscussionMoved,
    Meeting,
    StrategyDiscussion,
    Weight,
    missing,
)
from exchange.discussion_wording import claim
from tests.case.stories import RULES, Story, at, calls, child, contact, invited

MOVED = DiscussionMoved(at(200), "manager-1", "d1", at(900))
CANCELLED = DiscussionCancelled(at(200), "manager-1", "d1")
A = Attendance


def told() -> Story:
    return Story(contact(child()), calls("police", "health", "social_care"))


def discussion(story: Story) -> StrategyDiscussion:
    return story.case.discussions[0]


def replies(attendance: Attendance, after: float, sequence: int | None = None, stamp: float = 0) -> InviteeReplied:
    return InviteeReplied(
        at(after), "d1", "i1", attendance, at(stamp or after), "mail", Proof.DKIM, sequence=sequence
    )  # fmt: skip


def test_at_a_new_time_everybody_is_asked_anew() -> None:
    story = told().tell(replies(A.ACCEPTED, 90), invited("i2")).run_out("chase:d1/i2", "chase:d1/i2").tell(MOVED)
    moved = discussion(story)
    assert (moved.sequence, moved.starts_at, moved.state) == (1, at(900), Meeting.CALLED)
    assert {i.attendance for i in moved.invitees} == {A.AWAITED}
    assert [r.attendance for r in moved.invitees[0].history] == [A.ACCEPTED]
    assert story.letters[-3:] == [f"invitation:d1/i{n}:1" for n in (1, 2, 3)]
    assert not {"invitation:d1/i1", "chaser:d1/i2:1"} & story.waiting.keys()
    papers = [key for key in story.letters if key.startswith("papers") and not key.endswith("deputy")]
    assert len(papers) == 3
    assert "silent_invitee:d1/i2" not in story.tasks
    assert story.clocks["chase:d1/i1"] == at(260)
    assert story.tell(invited("i2", 201)).run_out("chase:d1/i2").letters[-1] == "chaser:d1/i2:1:1"


def test_what_answers_the_old_time_is_kept_and_counts_only_once_somebody_has_asked() -> None:
    story = told().tell(MOVED, replies(A.ACCEPTED, 210, 0, stamp=190))
    assert discussion(story).invitees[0].attendance is A.AWAITED
    story.tell(replies(A.ACCEPTED, 220, 1, stamp=195))  # a clock that runs slow, and the newest invitation
    assert discussion(story).invitees[0].attendance is A.ACCEPTED
    story.tell(replies(A.DECLINED, 230, 0))
    kept = [(r.attendance, r.weight, r.outdated) for r in discussion(story).invitees[0].history]
    assert kept == [
        (A.ACCEPTED, Weight.OLDER, True),
        (A.ACCEPTED, Weight.HOLDS, False),
        (A.DECLINED, Weight.CLAIMED, True),
    ]
    assert discussion(story).invitees[0].attendance is A.ACCEPTED
    assert story.tasks["claimed:d1/i1"].kind is TaskKind.ATTENDANCE_CLAIMED


def test_who_accepts_the_old_time_after_it_was_moved_fills_no_seat_and_is_asked() -> None:
    story = told().tell(MOVED, invited(after=201), replies(A.ACCEPTED, 210, 0))
    seat = discussion(story).invitees[0]
    assert (seat.attendance, seat.claimed, seat.history[-1].outdated) == (A.AWAITED, A.ACCEPTED, True)
    assert "police" in missing(discussion(story), RULES.strategy.quorum)
    assert "chase:d1/i1" in story.clocks
    assert claim(seat) == "a reply to an earlier time"
    story.tell(replies(A.ACCEPTED, 220, 1))
    assert discussion(story).invitees[0].attendance is A.ACCEPTED
    assert "claimed:d1/i1" not in story.tasks


def test_silence_about_the_new_time_climbs_from_the_start() -> None:
    story = told().tell(invited(), invited("i2")).run_out(*["chase:d1/i1"] * 4)  # deputy, lead and manager
    story.tell(replace(MOVED, at=at(500), starts_at=at(5000)), invited("i1", 501))
    assert not {"manager:d1/i1", "silent_invitee:d1/i1"} & story.tasks.keys()
    story.run_out(*["chase:d1/i1"] * 3)
    assert {"deputy:d1/i1:1", "lead:d1/i1:2"} <= story.waiting.keys()
    reached = discussion(story).invitees[0].rungs
    assert [r.rung for r in reached] == ["deputy", "lead", "manager", "deputy", "lead"]
    assert [r.due for r in reached] == [at(120)] * 3 + [at(560)] * 2


def test_a_new_time_makes_the_quorum_possible_again() -> None:
    story = told().tell(replies(A.DECLINED, 90))
    assert "no_quorum:d1" in story.tasks
    assert "no_quorum:d1" not in story.tell(MOVED).tasks


def test_a_cancelled_discussion_tells_calendars_and_keeps_back_what_has_not_left() -> None:
    story = told().tell(CANCELLED)
    assert (discussion(story).state, discussion(story).sequence) == (Meeting.CANCELLED, 1)
    assert set(story.waiting) & {"invitation:d1/i1", "papers:d1/i1"} == set()
    assert {f"cancellation:d1/i{n}" for n in (1, 2, 3)} <= story.waiting.keys()
    assert not [name for name in story.clocks if name.startswith("chase")]
    before = discussion(story)
    story.tell(replies(A.ACCEPTED, 210))
    assert discussion(story).invitees[0].history[-1].weight is Weight.LATE
    assert discussion(story).invitees[0].attendance is before.invitees[0].attendance


def test_who_must_not_see_the_case_hears_of_no_new_time_and_of_no_cancellation() -> None:
    story = told().tell(Restricted(at(100), "duty-1", Kind.AGENCY, "police", Why.CONFLICT), MOVED)
    assert "invitation:d1/i1:1" not in story.letters
    assert "chase:d1/i1" not in story.clocks
    assert "cancellation:d1/i1" not in story.tell(replace(CANCELLED, at=at(210))).letters


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (replace(MOVED, discussion="d9"), "no discussion “d9”"),
        (replace(MOVED, starts_at=at(200)), "in the future"),
        (replace(CANCELLED, discussion="d9"), "no discussion “d9”"),
    ],
)
def test_what_moves_or_cancels_nothing_is_refused(event: DiscussionMoved | DiscussionCancelled, why: str) -> None:
    story = told()
    before = story.case
    with pytest.raises(CannotHappen, match=why):
        story.tell(event)
    assert story.case == before


def test_what_is_cancelled_is_called_anew_and_not_moved() -> None:
    for event in (MOVED, CANCELLED):
        with pytest.raises(CannotHappen, match="cancelled already"):
            told().tell(CANCELLED, event)
