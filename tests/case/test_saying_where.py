"""Where a discussion takes place is said later: the desk is asked for it, every entry is brought up to date, and who
has answered need not answer again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.case.acknowledgement import Proof
from exchange.case.delivery import Delivery
from exchange.case.effect import TaskKind
from exchange.case.event import DiscussionHeld, InviteeReplied
from exchange.case.restriction import Kind, Restricted, Why
from exchange.case.step import CannotHappen
from exchange.case.strategy_discussion import (
    Attendance,
    DiscussionCancelled,
    DiscussionMoved,
    DiscussionPlaced,
    DiscussionTelephoned,
    FullFollows,
    Mode,
    Present,
    Rang,
    SeatEvidence,
    StrategyDiscussion,
    Weight,
)
from tests.case.stories import Story, at, calls, child, contact, invited

A = Attendance
PLACED = DiscussionPlaced(at(100), "manager-1", "d1")
CALLED = replace(calls("police", "health"), placeless=True)


def told() -> Story:
    return Story(contact(child()), CALLED, invited("i1"), invited("i2"))


def discussion(story: Story) -> StrategyDiscussion:
    return story.case.discussions[-1]


def police(said: Attendance, minute: float, sequence: int | None = None) -> InviteeReplied:
    return InviteeReplied(at(minute), "d1", "i1", said, at(minute), "mail", Proof.DKIM, sequence=sequence)


def test_the_desk_is_asked_until_the_place_is_said() -> None:
    story = told()
    assert story.tasks["no_place:d1"].kind is TaskKind.NO_PLACE
    story.tell(PLACED)
    assert "no_place:d1" not in story.tasks
    assert (discussion(story).placeless, discussion(story).sequence) == (False, 1)
    assert "no_place:d1" not in Story(contact(child()), calls("police", "health")).tasks


@pytest.mark.parametrize(
    "end",
    [
        DiscussionMoved(at(100), "manager-1", "d1", at(900), placed=True),
        DiscussionCancelled(at(100), "manager-1", "d1"),
        DiscussionHeld(at(100), "manager-1", "d1", (), (Present("police"),), inquorate=True),
    ],
)
def test_nobody_is_asked_where_once_it_was_said_or_it_is_over(end: DiscussionMoved | DiscussionHeld) -> None:
    assert "no_place:d1" not in told().tell(end).tasks


def test_another_time_without_a_place_leaves_the_question_open() -> None:
    assert "no_place:d1" in told().tell(DiscussionMoved(at(100), "manager-1", "d1", at(900))).tasks


def test_a_full_discussion_that_calls_itself_has_no_place_yet() -> None:
    emergency = DiscussionTelephoned(
        at(40), "manager-1", "d1", at(35), ("s1",),
        (Present("social_care", Mode.TELEPHONE), Present("police", Mode.TELEPHONE)),
        emergency=True, rang=(Rang("health", at(36), reached=False),), full=FullFollows(),
    )  # fmt: skip
    story = Story(contact(child()), emergency)
    assert discussion(story).placeless
    assert story.tasks["no_place:d2"].about == "d2"
    assert "no_place:d2" not in story.tell(replace(PLACED, discussion="d2")).tasks


def test_every_entry_is_brought_up_to_date_and_nobody_is_asked_anew() -> None:
    story = told().tell(police(A.ACCEPTED, 90))
    before = discussion(story)
    story.tell(PLACED)
    assert story.letters[-2:] == ["invitation:d1/i1:1", "invitation:d1/i2:1"]
    assert [i.attendance for i in discussion(story).invitees] == [A.ACCEPTED, A.AWAITED]
    assert [i.due for i in discussion(story).invitees] == [i.due for i in before.invitees]
    assert [i.mail for i in discussion(story).invitees] == [Delivery.TO_SEAL] * 2
    assert not [key for key in story.letters if key.startswith("papers_again")]


def test_who_answers_the_entry_without_a_place_has_answered_for_its_time() -> None:
    story = told().tell(PLACED, police(A.ACCEPTED, 110, sequence=0))
    (said,) = discussion(story).invitees[0].history
    assert (said.weight, said.outdated) == (Weight.HOLDS, False)
    story.tell(DiscussionMoved(at(200), "manager-1", "d1", at(900)), police(A.ACCEPTED, 210, sequence=1))
    assert discussion(story).sequence == 2
    assert discussion(story).invitees[0].history[-1].weight is Weight.CLAIMED


def test_an_entry_that_has_not_left_leaves_with_the_place() -> None:
    story = Story(contact(child()), CALLED, PLACED)
    assert {"invitation:d1/i1", "invitation:d1/i2"}.isdisjoint(story.waiting)
    assert {"invitation:d1/i1:1", "papers:d1/i1"} <= story.waiting.keys()


def test_a_place_for_the_papers_alone_is_in_papers_that_go_again() -> None:
    story = told().tell(replace(PLACED, in_papers=True))
    assert {"papers_again:d1/i1:at:1", "invitation:d1/i1:1"} <= story.waiting.keys()
    assert "papers:d1/i1" not in story.waiting
    moved = told().tell(DiscussionMoved(at(100), "manager-1", "d1", at(900), placed=True, in_papers=True))
    assert "papers_again:d1/i1:at:1" in moved.waiting


def test_a_deputy_who_was_asked_hears_it_too() -> None:
    asked = told().tell(SeatEvidence(at(70), "d1", "i1", "automatic_reply"))
    story = asked.tell(replace(PLACED, in_papers=True))
    assert {"deputy:d1/i1:1", "papers:d1/i1:1:deputy", "invitation:d1/i1:1"} <= story.waiting.keys()
    assert {"deputy:d1/i1:0", "papers:d1/i1:deputy"}.isdisjoint(story.waiting)
    quiet = told().tell(SeatEvidence(at(70), "d1", "i1", "automatic_reply")).tell(PLACED)
    assert "papers:d1/i1:1:deputy" not in quiet.letters


def test_whose_deputy_comes_hears_it_through_them() -> None:
    comes = replace(police(A.ACCEPTED, 80), deputy=True)
    story = told().tell(SeatEvidence(at(70), "d1", "i1", "automatic_reply"), comes, PLACED)
    changed = [key for key in story.letters if key.startswith(("invitation:d1/i1:", "deputy:d1/i1:"))]
    assert changed == ["deputy:d1/i1:0", "deputy:d1/i1:4"]


def test_who_must_not_see_the_case_hears_no_place() -> None:
    story = told().tell(Restricted(at(90), "duty-1", Kind.AGENCY, "police", Why.CONFLICT), PLACED)
    assert [key for key in story.letters if key.startswith("invitation:d1/i2:")]
    assert not [key for key in story.letters if key.startswith("invitation:d1/i1:")]


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (replace(PLACED, discussion="d9"), "no discussion “d9”"),
        (replace(PLACED, at=at(3000)), "the discussion has begun"),
    ],
)
def test_the_place_of_nothing_or_of_what_has_begun_is_refused(event: DiscussionPlaced, why: str) -> None:
    story = told()
    before = story.case
    with pytest.raises(CannotHappen, match=why):
        story.tell(event)
    assert story.case == before
