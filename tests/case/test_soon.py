"""Invitees, hand-overs, actions and records are asked for at the hub's shares of their time, as packets are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.case.action import HUB, ActionMoved, ActionSet, Doing
from exchange.case.delivery import News
from exchange.case.effect import Letter, TaskKind
from exchange.case.escalation import Chased
from exchange.case.event import ClockRanOut, DiscussionHeld, Event, PacketNews
from exchange.case.lateral_check import Recalled
from exchange.case.outcome import HandedOver
from exchange.case.restriction import Kind, Restricted, Why
from exchange.case.soon import reminded
from exchange.case.strategy_discussion import Attendance, DiscussionMoved, Meeting, Present
from tests.case.stories import RULES, Story, at, calls, child, contact, invited
from tests.case.test_convening import replies
from tests.case.test_owing import YES, decided

SEAT, ACTION, RECORD, OVER = "soon:d1/i1", "soon:a1", "soon:d1", "soon:l1/handover"
TO_POLICE = HandedOver(at(100), "duty-1", "police", ("s1",))
THERE = PacketNews(at(1), "l1", News.ACCEPTED)
TOLD = ActionSet(at(100), "manager-1", "a1", "police", ("s1",), at(500))
POLICE_OUT = Restricted(at(150), "duty-1", Kind.AGENCY, "police", Why.CONFLICT)
RECALLED = Recalled(at(150), "duty-1", "l1")
ENDED = ActionMoved(at(150), "duty-1", "a1", Doing.DONE)
HELD = DiscussionHeld(at(700), "manager-1", "d1", ("police",), (Present("police"),), inquorate=True)


def meets(*events: Event) -> Story:
    return Story(contact(child()), calls("police", "health"), *events)


def test_an_invitee_is_reminded_at_half_and_at_four_fifths_of_the_time_to_reply() -> None:
    story = meets(invited())
    assert story.clocks[SEAT] == at(90)  # asked at 60, due at 120
    story.run_out(SEAT)
    assert story.waiting[story.letters[-1]].letter is Letter.CHASER
    assert story.clocks[SEAT] == at(108)
    story.run_out(SEAT)
    assert SEAT not in story.clocks
    assert len([k for k in story.letters if k.startswith("chaser:d1/i1:soon:")]) == 2
    assert story.case.discussions[0].invitees[0].chased == 0  # it climbs from its time on
    story.run_out("chase:d1/i1")
    assert story.letters[-1] == "chaser:d1/i1:1"


def test_all_that_reminds_an_invitee_is_counted_for_the_time_that_holds() -> None:
    story = meets(invited(), Chased(at(80), "duty-1", "d1/i1"))

    def times(minute: float) -> int:
        discussion = story.case.discussions[0]
        return reminded(discussion, discussion.invitees[0], at(minute), story.rules)

    assert [times(minute) for minute in (89, 90, 108)] == [1, 2, 3]  # by hand, and at the shares
    story.run_out("chase:d1/i1")
    assert times(120) == 4
    story.run_out("chase:d1/i1")
    assert times(180) == 4  # this time the desk was asked to ring
    story.tell(DiscussionMoved(at(200), "manager-1", "d1", at(900)), invited(after=201))
    assert times(201) == 0
    assert reminded(meets().case.discussions[0], meets().case.discussions[0].invitees[0], at(300), story.rules) == 0


def test_a_reply_stops_the_reminders_and_a_new_time_begins_them_anew() -> None:
    story = meets(invited(), ClockRanOut(at(90), SEAT), replies(Attendance.ACCEPTED))
    assert SEAT not in story.clocks
    assert not [k for k in story.waiting if k.startswith("chaser")]
    story.tell(DiscussionMoved(at(100), "manager-1", "d1", at(900)))
    assert story.clocks[SEAT] == at(130)


@pytest.mark.parametrize(
    ("events", "clock"),
    [
        ((invited(), replies(Attendance.ACCEPTED)), SEAT),
        ((invited(), HELD), SEAT),
        ((invited(), POLICE_OUT), SEAT),
        ((), "soon:d1/i9"),
        ((), "soon:l1/i9"),
        ((), OVER),
        ((), "soon:a9"),
        ((TOLD, ENDED), ACTION),
        ((), RECORD),
    ],
)
def test_nobody_is_reminded_of_what_is_not_owed(events: tuple[Event, ...], clock: str) -> None:
    assert meets(*events).tell(ClockRanOut(at(710), clock)).effects == ()


def test_nobody_is_reminded_by_mail_of_an_invitation_that_has_not_reached_them() -> None:
    story = meets().run_out(SEAT)
    assert not [k for k in story.letters if k.startswith("chaser")]
    assert SEAT in story.clocks


def test_an_agency_is_reminded_of_what_was_handed_over_until_it_accepts() -> None:
    story = decided(TO_POLICE, replace(THERE, at=at(101)))
    first = story.clocks[OVER]
    story.run_out(OVER)
    assert story.waiting[story.letters[-1]].about == "l1/handover"
    owed = story.case.outcome_owed("l1")
    assert owed
    assert owed.asks(story.letters[-1])  # an answer to the reminder answers what was handed over
    assert story.clocks[OVER] > first
    story.tell(replace(YES, at=first))
    assert OVER not in story.clocks
    assert not [k for k in story.waiting if ":soon:" in k]


def test_nobody_is_reminded_of_a_hand_over_that_is_not_there_or_not_theirs_any_more() -> None:
    assert not [k for k in decided(TO_POLICE).run_out(OVER).letters if ":soon:" in k]
    for gone in (RECALLED, POLICE_OUT):
        late = ClockRanOut(at(160), OVER)
        assert not [k for k in decided(THERE, TO_POLICE, gone, late).letters if ":soon:" in k]


def test_the_owner_of_an_action_is_reminded_and_the_desk_of_its_own() -> None:
    story = Story(contact(child()), TOLD, replace(TOLD, action="a2", owner=HUB))
    assert story.clocks[ACTION] == at(300)
    story.run_out(ACTION, ACTION)
    reminders = [k for k in story.letters if k.startswith("action_chaser:a1:soon:")]
    assert len(reminders) == 2
    assert story.waiting[reminders[0]].letter is Letter.ACTION_CHASER
    assert ACTION not in story.clocks
    story.run_out("soon:a2")
    task = story.tasks["action:a2"]
    assert (task.kind, task.due) == (TaskKind.ACTION, at(500))  # with the time by which it is due
    more = ActionMoved(at(490), "duty-1", "a1", Doing.OPEN, at(1000))
    assert story.tell(more).clocks[ACTION] == at(550)
    assert not [k for k in Story(contact(child()), TOLD, POLICE_OUT).run_out(ACTION).letters if ":soon:" in k]


def test_the_desk_is_asked_for_the_record_before_it_is_late() -> None:
    story = meets(HELD)
    due = story.case.records[0].due
    assert story.clocks[RECORD] == at(700) + (due - at(700)) / 2
    story.run_out(RECORD)
    assert (story.tasks["record:d1"].kind, story.tasks["record:d1"].due) == (TaskKind.RECORD, due)
    assert story.case.discussions[0].state is Meeting.HELD


def test_a_hub_that_reminds_at_the_end_alone_reminds_nobody_before() -> None:
    at_the_end = replace(RULES, reminders=(1.0,))
    story = Story(contact(child()), calls("police", "health"), TOLD, HELD, rules=at_the_end)
    assert not [name for name in story.clocks if name.startswith("soon:")]


@pytest.mark.parametrize("said", [Attendance.TENTATIVE, Attendance.DELEGATED])
def test_who_does_not_know_yet_or_passed_it_on_is_rung_when_the_time_is_over(said: Attendance) -> None:
    story = meets(invited(), replies(said))
    assert not story.tasks.keys() & {"silent_invitee:d1/i1"}
    story.run_out("chase:d1/i1")
    assert story.tasks["silent_invitee:d1/i1"].kind is TaskKind.SILENT_INVITEE
    assert not [k for k in story.letters if k.startswith("chaser")]  # they have said something
    story.run_out("chase:d1/i1").tell(replace(replies(Attendance.ACCEPTED), at=at(300), stamp=at(300)))
    assert "silent_invitee:d1/i1" not in story.tasks
    assert "chase:d1/i1" not in story.clocks
