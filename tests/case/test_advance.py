"""A case begins with a contact, moves by events only, and can be followed from the first worry to the end."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from exchange.case.acknowledgement import Answer, Proof
from exchange.case.advance import MOVES, CannotHappen, advance
from exchange.case.delivery import News
from exchange.case.effect import Letter, TaskKind
from exchange.case.event import ClockRanOut, ContactReceived, Event, LetterNews, ReferrerReplied
from exchange.case.feedback import Feedback
from exchange.case.original import WordsRead
from tests.case.stories import CLOSE, CLOSE_ANYWAY, LOOK, OURS, RULES, Story, at, child, contact, decides, rates, says


def test_a_case_from_the_first_worry_to_its_end() -> None:
    story = Story(contact(child()))
    assert story.letters == ["packet:l1", "packet:l2", "packet:l3"]
    assert story.case.legs[0].agency == "police"
    story.tell(LOOK, rates(code="amber"))
    story.tell(says(Answer.RECEIVED, "l1"), says(Answer.NOTHING_KNOWN, "l2"), says(Answer.INFORMATION, "l3"))
    story.tell(says(Answer.INFORMATION, "l1", after=50), decides())
    assert story.waiting.keys() >= {"outcome:1"}
    story.tell(
        OURS, LetterNews(at(61), Letter.OUTCOME, "", News.ACCEPTED), ReferrerReplied(at(90), answers=True), CLOSE
    )
    assert story.case.closed
    assert story.case.feedback is Feedback.CONFIRMED
    assert not story.tasks
    assert not story.clocks


def test_a_case_begins_only_once() -> None:
    with pytest.raises(CannotHappen, match="already exists"):
        Story(contact(child()), contact(child()))


def test_nothing_happens_before_the_contact() -> None:
    with pytest.raises(CannotHappen, match="begins with a contact"):
        advance(None, LOOK, RULES)


def test_every_event_has_a_move() -> None:
    assert set(MOVES) == set(get_args(Event)) - {ContactReceived}


@pytest.mark.parametrize(
    "clock",
    ["", ":", "remind:l99", "answer:l99", "decide:s99", "chase:d1/i1", "chase", "no_such_clock", "no_such_clock:l1"],
)
def test_a_clock_about_nothing_changes_nothing(clock: str) -> None:
    story = Story(contact(child()))
    before = story.case
    story.tell(ClockRanOut(at(500), clock))
    assert (story.case, story.effects) == (before, ())


@pytest.mark.parametrize("clock", ["remind:l1", "answer:l1", "decide:s1", "feedback", "first_look"])
def test_a_closed_case_reminds_nobody(clock: str) -> None:
    story = Story(contact(child()), CLOSE_ANYWAY)
    story.tell(ClockRanOut(at(3000), clock))
    assert story.effects == ()


@pytest.mark.parametrize("proof", [Proof.DKIM, Proof.STAFF])
def test_what_is_told_after_the_end_counts_opens_the_case_again_and_is_somebodys_to_read(proof: Proof) -> None:
    story = Story(contact(child()), CLOSE_ANYWAY, says(Answer.INFORMATION, after=3000, proof=proof))
    assert story.leg().complete
    assert story.case.closed is None
    assert story.tasks["told_late:l1"].kind is TaskKind.TOLD_LATE
    with pytest.raises(CannotHappen, match="waits for somebody to read it"):
        story.tell(replace(CLOSE, at=at(3100)))


@pytest.mark.parametrize("answer", [Answer.RECEIVED, Answer.NOTHING_KNOWN, Answer.DECLINE])
def test_what_tells_nothing_new_opens_no_closed_case(answer: Answer) -> None:
    story = Story(contact(child()), CLOSE_ANYWAY, says(answer, after=3000))
    assert story.case.closed
    assert "told_late:l1" not in story.tasks


@pytest.mark.parametrize("answer", [Answer.INFORMATION, Answer.INTERIM])
def test_what_is_told_after_the_decision_is_read_by_somebody_unless_they_wrote_it_down(answer: Answer) -> None:
    story = Story(contact(child()), LOOK, rates(), says(Answer.NOTHING_KNOWN), decides())
    assert "told_late:l1" not in story.tasks
    assert "told_late:l1" not in story.tell(says(answer, after=70, proof=Proof.STAFF)).tasks
    story.tell(says(answer, after=80))
    assert "told_late:l1" in story.tasks
    story.tell(WordsRead(at(90), "manager-1", "told_late:l1"))
    assert "told_late:l1" not in story.tasks
