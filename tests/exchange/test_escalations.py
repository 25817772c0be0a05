"""The board's log says of a silence that it was answered when a person answered, and never because something else
ended it."""

from __future__ import annotations

from dataclasses import replace

from exchange.case.acknowledgement import Answer, Proof
from exchange.case.event import DiscussionHeld, Event, InviteeReplied
from exchange.case.lateral_check import Recalled
from exchange.case.strategy_discussion import Attendance, DiscussionCancelled, DiscussionMoved
from exchange.escalations import ENDED, Entry, _of
from tests.case.stories import CLOSE_ANYWAY, RULES, Story, arrives, at, calls, child, contact, invited, says

MOVED = DiscussionMoved(at(400), "manager-1", "d1", at(5000))
ACCEPTED = InviteeReplied(at(500), "d1", "i1", Attendance.ACCEPTED, at(500), "mail", Proof.DKIM)


def seat(*events: Event) -> list[tuple[object, ...]]:
    """What the log says of a seat that nobody answered for, after these."""
    story = Story(contact(child()), calls("police"), invited()).run_out(*["chase:d1/i1"] * 5)
    return said(list(_of(story.tell(*events).case, RULES)))


def leg(*events: Event) -> list[tuple[object, ...]]:
    story = Story(contact(child()), arrives()).run_out(*["remind:l1"] * 6)
    return said(list(_of(story.tell(*events).case, RULES)))


def said(entries: list[Entry]) -> list[tuple[object, ...]]:
    assert all(not e.ended or ENDED[e.ended] for e in entries)
    return [(e.owed, e.due, e.ended_at, e.ended) for e in entries]


def test_a_silence_that_lasts_has_no_end() -> None:
    assert seat() == [("attendance", at(120), None, "")]
    assert leg() == [("acknowledgement", at(60), None, "")]


def test_a_new_time_answers_nothing_and_moves_no_time_that_has_passed() -> None:
    assert seat(MOVED) == [("attendance", at(120), at(400), "moved")]
    assert seat(MOVED, replace(ACCEPTED, sequence=1)) == [("attendance", at(120), at(400), "moved")]


def test_an_answer_ends_it_and_so_does_the_end_of_what_was_asked() -> None:
    assert seat(ACCEPTED) == [("attendance", at(120), at(500), "answered")]
    claimed = replace(ACCEPTED, proof=Proof.NONE)
    assert seat(claimed) == [("attendance", at(120), None, "")]
    assert seat(DiscussionHeld(at(600), "manager-1", "d1", ())) == [("attendance", at(120), at(600), "held")]
    assert seat(DiscussionCancelled(at(450), "manager-1", "d1"))[0][2:] == (at(450), "cancelled")
    assert leg(says(Answer.RECEIVED, after=400))[0][2:] == (at(400), "answered")
    assert leg(Recalled(at(400), "duty-1", "l1"))[0][2:] == (at(400), "recalled")
    assert leg(CLOSE_ANYWAY)[0][2:] == (at(2000), "closed")
