"""Somebody who should never have been in a case is shown so, asked about no more, and what was sent is asked back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.case.acknowledgement import Answer
from exchange.case.advance import CannotHappen
from exchange.case.decision import Decision
from exchange.case.delivery import News
from exchange.case.effect import TaskKind
from exchange.case.event import AgencyAsked, Event, PacketNews
from exchange.case.feedback import Feedback
from exchange.case.lateral_check import Recall
from exchange.case.milestone import MilestoneStarted
from exchange.case.restriction import Kind, Restricted, Why
from exchange.case.sorting import BroughtBack, CohortSet, EnteredInError, Levelled, SubjectAdded
from tests.case.stories import CLOSE, CLOSE_ANYWAY, LOOK, Story, adult, at, child, contact, decides, rates, says

ADDED = SubjectAdded(at(30), "duty-1", child("s2"), ("s2.given_name",))
ERROR = EnteredInError(at(40), "duty-1", "s2")
BACK = BroughtBack(at(60), "duty-1", "s2")


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


@pytest.mark.parametrize(
    "event",
    [
        rates("s2", after=70),
        CohortSet(at(70), "duty-1", "s2", "missing"),
        Levelled(at(70), "duty-1", "s2", "3"),
        MilestoneStarted(at(70), "duty-1", "s2", "return_interview", at(69)),
    ],
)
def test_nobody_rates_sorts_or_starts_a_clock_for_who_is_there_by_error(event: Event) -> None:
    story = told().tell(ERROR)
    before = story.case
    with pytest.raises(CannotHappen, match="bring_back"):
        story.tell(event)
    assert story.case == before


def test_a_look_says_nothing_of_who_is_there_by_error() -> None:
    story = Story(contact(child("s1"), child("s2")), ERROR, replace(LOOK, at=at(50)))
    assert [s.rating for s in story.case.subjects] == ["amber", ""]


def test_who_was_taken_out_wrongly_is_brought_back_with_their_time_and_asked_about_anew() -> None:
    story = told()
    due = story.clocks["decide:s2"]
    theirs = [leg for leg in story.case.legs if leg.subjects == ("s2",)]
    story.tell(*(PacketNews(at(35), leg.id, News.ACCEPTED) for leg in theirs), ERROR, BACK)
    assert story.clocks["decide:s2"] == due
    anew = [leg for leg in story.case.legs if leg.opened_at == BACK.at]
    assert sorted(leg.agency for leg in anew) == sorted({leg.agency for leg in theirs})
    assert {f"packet:{leg.id}" for leg in anew} <= set(story.waiting)
    assert {story.leg(leg.id).recall for leg in theirs} == {Recall.RECALLED}  # what was asked back stays so
    story.tell(rates("s2", after=70))
    assert story.case.subjects[1].rating == "red"


def test_who_may_not_be_told_is_not_asked_anew() -> None:
    shut = Restricted(at(45), "duty-1", Kind.AGENCY, "police", Why.STAFF_MEMBER)
    story = told().tell(ERROR, shut, BACK)
    assert "police" not in {leg.agency for leg in story.case.legs if leg.opened_at == BACK.at}
    assert "another:police" in story.tasks
    refusing = replace(ADDED, codes=replace(adult("s2"), refuses=True))
    unasked = Story(contact(child()), LOOK, rates(), refusing, ERROR, BACK)
    assert not [leg for leg in unasked.case.legs if "s2" in leg.subjects]
    assert "refusal:s2" in unasked.tasks


def test_a_shared_packet_need_not_be_rung_about_any_more() -> None:
    story = Story(contact(child("s1"), child("s2")), LOOK, ERROR, BACK)
    assert not [t for t in story.tasks.values() if t.kind is TaskKind.IN_ERROR]
    assert not [leg for leg in story.case.legs if leg.opened_at == BACK.at]


@pytest.mark.parametrize(
    ("before", "event", "why"),
    [
        ((), BroughtBack(at(60), "duty-1", "s2"), "nobody of this name was entered in error"),
        ((), BroughtBack(at(60), "duty-1", "s9"), "nobody of this name"),
        ((ERROR, CLOSE_ANYWAY), BroughtBack(at(3000), "duty-1", "s2"), "closed"),
    ],
)
def test_who_cannot_be_brought_back(before: tuple[Event, ...], event: Event, why: str) -> None:
    story = told().tell(*before)
    was = story.case
    with pytest.raises(CannotHappen, match=why):
        story.tell(event)
    assert story.case == was
