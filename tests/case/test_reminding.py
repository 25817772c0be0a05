"""Whoever has a packet in hand is reminded of the answer by shares of its own clock, and of nothing that is past."""

from __future__ import annotations

from dataclasses import replace

from exchange.case.acknowledgement import Answer, DeclineReason
from exchange.case.delivery import News
from exchange.case.event import ClockRanOut, PacketNews
from exchange.case.lateral_check import MoreGiven, Recalled
from tests.case.stories import CLOSE_ANYWAY, Story, arrives, at, child, contact, nil_return, rates, says


def told(after: float = 10) -> Story:
    return Story(contact(child()), arrives(), says(Answer.RECEIVED, after=after))


def reminders(story: Story) -> list[str]:
    return [key for key in story.letters if ":answer:" in key]


def test_who_has_it_is_reminded_of_the_answer_at_each_share_of_its_clock() -> None:
    story = told()
    assert story.clocks["nudge:l1"] == at(120)
    story.run_out("nudge:l1")
    assert story.clocks["nudge:l1"] == at(192)
    story.run_out("nudge:l1")
    assert story.clocks["nudge:l1"] == story.clocks["answer:l1"] == at(240)
    story.run_out("nudge:l1")
    assert "nudge:l1" not in story.clocks
    assert reminders(story) == [f"reminder:l1:answer:{n}" for n in (1, 2, 3)]


def test_shares_that_had_passed_when_somebody_took_it_in_hand_are_left_out() -> None:
    assert told(after=200).clocks["nudge:l1"] == at(240)
    assert "nudge:l1" not in told(after=300).clocks


def test_a_late_answer_withdraws_the_reminders_and_stops_them() -> None:
    story = told().run_out("nudge:l1").tell(says(Answer.INFORMATION, after=130))
    assert not [key for key in story.waiting if key.startswith("reminder")]
    assert "nudge:l1" not in story.clocks
    assert story.tell(ClockRanOut(at(192), "nudge:l1")).effects == ()


def test_nobody_is_reminded_of_an_answer_who_has_not_even_acknowledged() -> None:
    story = Story(contact(child())).tell(ClockRanOut(at(120), "nudge:l1"))
    assert reminders(story) == []


def test_nobody_is_reminded_by_a_mail_that_does_not_get_through() -> None:
    story = told().tell(PacketNews(at(20), "l1", News.BOUNCED)).run_out("nudge:l1")
    assert reminders(story) == []
    assert story.clocks["nudge:l1"] == at(192)


def test_a_rating_moves_the_reminders_of_the_answer() -> None:
    assert told().tell(rates(after=20)).clocks["nudge:l1"] == at(60)


def test_an_unqualified_nil_return_is_reminded_on() -> None:
    assert Story(contact(child()), nil_return(("systems",))).clocks["nudge:l1"] == at(120)


def test_who_was_given_more_is_reminded_counted_from_then() -> None:
    declines = replace(says(Answer.DECLINE, after=10), reason=DeclineReason.INSUFFICIENT_INFO)
    story = Story(contact(child()), declines, MoreGiven(at(100), "duty-1", "l1", "m1"))
    assert story.clocks["nudge:l1"] == at(100 + 120)


def test_what_is_recalled_or_closed_is_reminded_of_no_more() -> None:
    left = PacketNews(at(2), "l1", News.ACCEPTED)
    assert "nudge:l1" not in told().tell(left, Recalled(at(30), "duty-1", "l1")).clocks
    assert "nudge:l1" not in told().tell(CLOSE_ANYWAY).clocks
