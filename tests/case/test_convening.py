"""A strategy discussion is called, replied to, chased and held, and a silent seat ends at the desk."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from exchange.case.acknowledgement import Proof
from exchange.case.advance import CannotHappen
from exchange.case.effect import TaskKind
from exchange.case.escalation import CallMade
from exchange.case.event import ClockRanOut, DiscussionHeld, Event, InviteeReplied
from exchange.case.strategy_discussion import (
    UNSETTLED,
    Attendance,
    DiscussionTelephoned,
    Invitee,
    Meeting,
    Present,
    StrategyDiscussion,
    missing,
)
from tests.case.stories import RULES, Story, at, calls, child, contact, invited

CALLED = calls("police", "health", "social_care")
MOMENT = at(90)


def told() -> Story:
    return Story(contact(child()), CALLED)


def replies(
    attendance: Attendance, seat: str = "i1", stamp: datetime = MOMENT, name: str = "d1", proof: Proof = Proof.DKIM
) -> InviteeReplied:
    return InviteeReplied(MOMENT, name, seat, attendance, stamp, "mail", proof)


def held(*attended: str, name: str = "d1") -> DiscussionHeld:
    present = tuple(Present(agency) for agency in attended)
    return DiscussionHeld(at(700), "manager-1", name, attended, present, inquorate=True)


def discussion(story: Story) -> StrategyDiscussion:
    found = story.case.discussion("d1")
    assert found
    return found


def seat(story: Story, name: str = "i1") -> Invitee:
    found = discussion(story).invitee(name)
    assert found
    return found


def test_everybody_named_is_invited_in_the_function_that_counts() -> None:
    story = told()
    assert [i.function for i in discussion(story).invitees] == ["police", "health", "social_care"]
    assert story.letters[-2:] == ["invitation:d1/i3", "papers:d1/i3"]
    assert story.clocks["chase:d1/i1"] == at(120)


def test_an_agency_outside_the_quorum_sits_in_its_own_function() -> None:
    story = Story(contact(child()), calls("housing"))
    assert seat(story).function == "housing"


def test_nobody_is_waited_for_beyond_the_start() -> None:
    story = Story(contact(child()), calls("police", starts=90))
    assert story.clocks["chase:d1/i1"] == at(90)


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (CALLED, "already called"),
        (replace(CALLED, discussion="d2", kind="ird"), "no kind of discussion “ird”"),
        (replace(CALLED, discussion="d2", agencies=("nobody",)), "no agency “nobody”"),
        (replace(CALLED, discussion="d2", subjects=()), "name the subjects"),
        (replace(CALLED, discussion="d2", subjects=("s9",)), "name the subjects"),
        (replace(CALLED, discussion="d2", starts_at=at(60)), "in the future"),
        (held("police", name="d2"), "no discussion “d2”"),
    ],
)
def test_what_makes_no_discussion_is_refused(event: Event, why: str) -> None:
    with pytest.raises(CannotHappen, match=why):
        told().tell(event)


@pytest.mark.parametrize("said", [a for a in Attendance if a is not Attendance.AWAITED])
def test_any_reply_stops_the_chasing_of_that_seat_only(said: Attendance) -> None:
    story = told().run_out("chase:d1/i1").tell(replies(said))
    assert seat(story).attendance is said
    assert "chaser:d1/i1:1" not in story.waiting
    assert ("chase:d1/i1" in story.clocks) is (said in UNSETTLED)  # they are rung, and not chased
    assert "chase:d1/i2" in story.clocks
    assert (story.tell(ClockRanOut(at(200), "chase:d1/i1")).effects == ()) is (said not in UNSETTLED)


def test_a_silent_seat_is_chased_once_by_mail_and_then_the_desk_rings_until_there_is_a_reply() -> None:
    story = told().tell(invited()).run_out("chase:d1/i1")
    assert story.letters[-1] == "chaser:d1/i1:1"
    assert not story.tasks.keys() & {"silent_invitee:d1/i1"}
    story.run_out("chase:d1/i1", "chase:d1/i1")
    assert story.tasks["silent_invitee:d1/i1"].kind is TaskKind.SILENT_INVITEE
    assert [key for key in story.letters if key.startswith("chaser")] == ["chaser:d1/i1:1"]
    assert "deputy:d1/i1:0" in story.letters
    assert "papers:d1/i1:deputy" in story.waiting
    assert seat(story).chased == 3
    assert seat(story).due == at(120)  # as the invitation asked: no chasing moves it
    story.tell(replies(Attendance.ACCEPTED))
    assert TaskKind.SILENT_INVITEE not in story.kinds()


def test_a_reply_that_nothing_proves_is_claimed_and_a_person_asks() -> None:
    story = told().tell(replies(Attendance.DECLINED, proof=Proof.NONE))
    assert (seat(story).attendance, seat(story).claimed) == (Attendance.AWAITED, Attendance.DECLINED)
    assert story.tasks["claimed:d1/i1"].kind is TaskKind.ATTENDANCE_CLAIMED
    assert "chase:d1/i1" in story.clocks
    assert story.tell(invited(after=95)).run_out("chase:d1/i1").letters[-1] == "chaser:d1/i1:1"
    story.tell(replies(Attendance.DECLINED, stamp=at(130), proof=Proof.STAFF))
    assert (seat(story).attendance, seat(story).claimed) == (Attendance.DECLINED, None)
    assert "claimed:d1/i1" not in story.tasks
    assert "chase:d1/i1" not in story.clocks


def test_a_claim_takes_back_nothing_that_was_proved_and_repeats_nothing() -> None:
    story = told().tell(replies(Attendance.ACCEPTED))
    assert story.tell(replies(Attendance.ACCEPTED, stamp=at(95), proof=Proof.NONE)).effects == ()
    story.tell(replies(Attendance.DECLINED, stamp=at(96), proof=Proof.PAGE))
    assert (seat(story).attendance, seat(story).claimed) == (Attendance.ACCEPTED, Attendance.DECLINED)
    assert missing(discussion(story), ("police",)) == ()
    story.tell(held("police"))
    assert not story.tasks.keys() & {"claimed:d1/i1"}
    assert story.tell(replies(Attendance.TENTATIVE, stamp=at(99), proof=Proof.NONE)).effects == ()


def test_staff_are_told_of_a_seat_that_is_not_there() -> None:
    story = told()
    before = story.case
    for event in (
        replies(Attendance.ACCEPTED, "i9", proof=Proof.STAFF),
        replies(Attendance.ACCEPTED, name="d9", proof=Proof.STAFF),
    ):
        with pytest.raises(CannotHappen, match="no seat"):
            story.tell(event)
    assert story.case == before


def test_the_newest_reply_holds_whatever_comes_late() -> None:
    story = told().tell(replies(Attendance.ACCEPTED, stamp=at(100)), replies(Attendance.DECLINED, stamp=at(95)))
    assert seat(story).attendance is Attendance.ACCEPTED
    assert story.effects == ()
    story.tell(replies(Attendance.DECLINED, stamp=at(110)))
    assert seat(story).attendance is Attendance.DECLINED


@pytest.mark.parametrize(
    "event",
    [
        replies(Attendance.ACCEPTED, name="d9"),
        replies(Attendance.ACCEPTED, "i9"),
        ClockRanOut(at(99), "chase:d1/i9"),
        ClockRanOut(at(99), "chase:d9/i1"),
        ClockRanOut(at(99), "chase:d1"),
    ],
)
def test_what_is_about_no_seat_changes_nothing(event: Event) -> None:
    story = told()
    before = story.case
    story.tell(event)
    assert (story.case, story.effects) == (before, ())


def test_quorum_is_counted_live_and_in_the_end_by_who_came() -> None:
    story = told().tell(replies(Attendance.ACCEPTED, "i1"), replies(Attendance.ACCEPTED, "i2"))
    assert missing(discussion(story), RULES.strategy.quorum) == ("social_care",)
    story.tell(held("police", "social_care"))
    assert missing(discussion(story), RULES.strategy.quorum) == ("health",)
    assert discussion(story).state is Meeting.HELD


def test_a_discussion_is_held_once_and_then_nobody_is_chased() -> None:
    story = told().run_out("chase:d1/i1", "chase:d1/i1").tell(held("police"))
    assert not [name for name in story.clocks if name.startswith("chase")]
    assert TaskKind.SILENT_INVITEE not in story.kinds()
    assert story.tell(ClockRanOut(at(800), "chase:d1/i2")).effects == ()
    assert story.tell(held("police")).effects == ()
    assert seat(story, "i1").attended
    assert not seat(story, "i2").attended


def test_who_was_there_can_be_corrected_and_with_it_what_the_quorum_lacks() -> None:
    story = told().tell(held("police", "health"))
    due = discussion(story).full_due
    assert due == story.clocks["follow_up_meeting:d1"]
    story.tell(replace(held("social_care", "police"), at=at(720)))
    assert [i.attended for i in discussion(story).invitees] == [True, False, True]
    assert (discussion(story).held_at, discussion(story).full_due) == (at(700), due)
    story.tell(replace(held("police", "health", "social_care"), at=at(730), inquorate=False))
    assert (discussion(story).full_due, discussion(story).inquorate) == (None, False)
    assert not {"follow_up_meeting:d1"} & {*story.clocks, *story.tasks}
    assert discussion(story).state is Meeting.HELD


def test_a_full_discussion_that_was_not_quorate_after_all_makes_up_for_nothing() -> None:
    story = told().tell(held("police"))
    second = replace(CALLED, discussion="d2", at=at(800), starts_at=at(900))
    story.tell(second, replace(held("police", "health", "social_care", name="d2"), at=at(950)))
    assert discussion(story).followed_by == "d2"
    assert "follow_up_meeting:d1" not in story.clocks
    story.tell(replace(held("police", "health", name="d2"), at=at(960)))
    assert discussion(story).full_owed
    assert {"follow_up_meeting:d1", "follow_up_meeting:d2"} <= story.clocks.keys()


def test_a_discussion_by_telephone_is_not_held_once_more() -> None:
    by_telephone = DiscussionTelephoned(at(60), "duty-1", "d1", at(30), ("s1",), (Present("police"),), inquorate=True)
    with pytest.raises(CannotHappen, match="by telephone"):
        Story(contact(child()), by_telephone, held("police"))


def test_nobody_is_asked_to_come_once_the_discussion_has_begun() -> None:
    story = told().tell(ClockRanOut(at(600), "chase:d1/i1"))
    assert "chaser:d1/i1:1" not in story.letters


def test_a_discussion_held_at_another_time_than_it_was_called_for_counts_from_then_and_not_from_the_future() -> None:
    event = replace(held("police"), at=at(500), began_at=at(490))
    story = told()
    with pytest.raises(CannotHappen, match="cannot have begun in the future"):
        story.tell(replace(event, began_at=at(501)))
    assert discussion(story).state is Meeting.CALLED
    story.tell(event)
    assert discussion(story).began_at == at(490)


def test_without_its_quorum_a_full_one_must_follow_although_it_was_no_emergency() -> None:
    story = told().tell(held("police"))
    assert discussion(story).full_due == story.clocks["follow_up_meeting:d1"]
    story = told().tell(held("police", "health", "social_care"))
    assert (discussion(story).full_due, "follow_up_meeting:d1" in story.clocks) == (None, False)


def test_the_same_discussion_is_called_once_and_another_as_often_as_it_is_another() -> None:
    story = told()
    before = story.case
    twice = replace(CALLED, discussion="d2", at=at(61), agencies=("social_care", "health", "police"))
    with pytest.raises(CannotHappen, match=r"called already \(d1\)"):
        story.tell(twice)
    assert story.case == before
    story.tell(replace(twice, starts_at=at(601)), replace(twice, discussion="d3", agencies=("police", "health")))
    assert [d.id for d in story.case.discussions] == ["d1", "d2", "d3"]


def test_a_claim_is_no_silence_they_are_told_once_and_the_desk_is_pressed_to_ask() -> None:
    story = told().tell(invited(), replies(Attendance.ACCEPTED, proof=Proof.NONE))
    story.run_out(*["chase:d1/i1"] * 5)
    assert [key for key in story.letters if "d1/i1" in key and "chaser" in key] == ["chaser:d1/i1:1"]
    assert not [key for key in story.letters if key.startswith("lead")]
    assert seat(story).rungs == ()
    assert {key for key in story.tasks if key.endswith("d1/i1")} == {"claimed:d1/i1"}
    story.tell(CallMade(at(400), "duty-1", "d1/i1", reached=False)).run_out("ring:d1/i1")
    assert {key for key in story.tasks if key.endswith("d1/i1")} == {"claimed:d1/i1"}


def test_what_was_asked_about_a_silence_is_asked_about_the_claim_that_ended_it() -> None:
    story = told().tell(invited()).run_out(*["chase:d1/i1"] * 2)
    assert "silent_invitee:d1/i1" in story.tasks
    story.tell(replies(Attendance.DECLINED, stamp=at(400), proof=Proof.NONE))
    assert {key for key in story.tasks if key.endswith("d1/i1")} == {"claimed:d1/i1"}
