"""Somebody who should never have been in a case is shown so, asked about no more, and what was sent is asked back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.case.acknowledgement import Answer
from exchange.case.advance import CannotHappen
from exchange.case.decision import Decision
from exchange.case.delivery import News
from exchange.case.effect import TaskKind
from exchange.case.event import AgencyAsked, PacketNews
from exchange.case.feedback import Feedback
from exchange.case.lateral_check import Recall
from exchange.case.sorting import EnteredInError, SubjectAdded
from tests.case.stories import CLOSE, CLOSE_ANYWAY, LOOK, Story, adult, at, child, contact, decides, rates, says

ADDED = SubjectAdded(at(30), "duty-1", child("s2"), ("s2.given_name",))
ERROR = EnteredInError(at(40), "duty-1", "s2")


def told() -> Story:
    return Story(contact(child()), LOOK, rates(), ADDED)


def test_their_own_packets_are_asked_back_and_nobody_decides_about_them() -> None:
    story = told()
    theirs = [leg.id for leg in story.case.legs if leg.subjects == ("s2",)]
    assert theirs
    story.tell(PacketNews(at(35), theirs[0], News.ACCEPTED), ERROR)
    assert story.leg(theirs[0]).recall is Recall.RECALLED
    assert {story.leg(leg).recall for leg in theirs[1:]} <= {Recall.WITHDRAWN}
    assert story.leg("l1").recall is Recall.NONE
    assert {"decide:s2"}.isdisjoint(story.clocks)
    with pytest.raises(CannotHappen, match="entered in error"):
        story.tell(decides("s2"))
    with pytest.raises(CannotHappen, match="leave them out"):
        story.tell(AgencyAsked(at(50), "duty-1", "housing", ("s1", "s2")))


def test_a_packet_that_is_about_others_too_is_rung_about() -> None:
    story = Story(contact(child("s1"), child("s2")), LOOK, ERROR)
    assert story.leg("l1").recall is Recall.NONE
    assert {t.kind for t in story.tasks.values() if t.about == "l1"} == {TaskKind.IN_ERROR}


def test_the_others_decided_the_referrer_is_told_and_the_case_can_end() -> None:
    story = told().tell(decides("s1", Decision.ADVICE), ERROR)
    assert story.case.decided
    assert story.case.feedback is Feedback.DUE
    for leg in story.case.legs:
        if leg.owing:
            story.tell(says(Answer.INFORMATION, leg.id, after=60))
    story.tell(rates("s2", "green", after=70))
    assert "decide:s2" not in story.clocks
    with pytest.raises(CannotHappen, match="referrer"):
        story.tell(CLOSE)


def test_it_is_said_once_of_somebody_who_is_there_and_undecided_in_an_open_case() -> None:
    story = told().tell(ERROR)
    before = story.case
    assert story.tell(replace(ERROR, at=at(45))).case == before
    with pytest.raises(CannotHappen, match="no subject"):
        story.tell(replace(ERROR, subject="s9"))
    story.tell(decides("s1"))
    with pytest.raises(CannotHappen, match="a decision was made"):
        story.tell(replace(ERROR, subject="s1"))
    story.tell(CLOSE_ANYWAY)
    with pytest.raises(CannotHappen, match="closed"):
        story.tell(replace(ERROR, at=at(3000), subject="s1"))


def test_clocks_and_tasks_about_them_end() -> None:
    story = Story(contact(adult(), child("s2")), LOOK)
    story.tell(replace(ERROR, subject="s1"))
    assert "no_route:s1" not in story.tasks
    story.run_out("decide:s2")
    assert [task.about for task in story.tasks.values() if task.kind is TaskKind.DECIDE] == ["s2"]
