"""Who comes for a seat, the invitee or the deputy whom we asked, and whose calendar holds the discussion."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from exchange.case.acknowledgement import Proof
from exchange.case.delivery import News
from exchange.case.effect import Letter, SendLetter, TaskKind
from exchange.case.event import DiscussionHeld, Event, InviteeReplied, LetterNews
from exchange.case.strategy_discussion import (
    Attendance,
    DiscussionCancelled,
    DiscussionMoved,
    Invitee,
    Present,
    SeatEvidence,
    SeatUnclear,
    missing,
)
from tests.case.stories import Story, at, calls, child, contact, invited

A = Attendance
ASKED = (
    SeatEvidence(at(70), "d1", "i1", "automatic_reply"),
    LetterNews(at(71), Letter.CHASER, "d1/i1/deputy", News.ACCEPTED),
)
TAKEN_OUT = "cancellation:d1/i1:1"
NOT_NEEDED = "cancellation:d1/i1:deputy:0:1"
GIVEN_AGAIN = "invitation:d1/i1:again:2"
MOVED = DiscussionMoved(at(200), "manager-1", "d1", at(900))
CANCELLED = DiscussionCancelled(at(200), "manager-1", "d1")


def told(*events: Event) -> Story:
    """A discussion whose first seat is away: its deputy is asked, and has the entry."""
    return Story(contact(child()), calls("police", "health"), invited(), *ASKED, *events)


def says(said: Attendance, minute: float = 80, *, deputy: bool = False, proof: Proof = Proof.DKIM) -> InviteeReplied:
    return InviteeReplied(at(minute), "d1", "i1", said, at(minute), "mail", proof, deputy=deputy)


def deputy(said: Attendance, minute: float = 80, proof: Proof = Proof.DKIM) -> InviteeReplied:
    return says(said, minute, deputy=True, proof=proof)


def seat(story: Story) -> Invitee:
    return story.case.discussions[0].invitees[0]


def test_a_deputy_who_comes_fills_the_seat_and_the_entry_leaves_the_calendar_of_who_is_away() -> None:
    story = told(deputy(A.ACCEPTED))
    assert seat(story).attendance is A.DEPUTY
    assert missing(story.case.discussions[0], ("police",)) == ()
    assert story.waiting[TAKEN_OUT] == SendLetter(TAKEN_OUT, Letter.CANCELLATION, "d1/i1")
    assert "papers:d1/i1:deputy" in story.waiting  # they come, and need them
    assert "chase:d1/i1" not in story.clocks
    assert story.tell(deputy(A.DEPUTY, 81)).effects[-1] != SendLetter(TAKEN_OUT, Letter.CANCELLATION, "d1/i1")


@pytest.mark.parametrize(
    ("own", "deputys", "holds"),
    [
        (A.ACCEPTED, A.DECLINED, A.ACCEPTED),  # the invitee comes: what the deputy says takes nothing back
        (A.ACCEPTED, A.ACCEPTED, A.ACCEPTED),
        (A.DECLINED, A.ACCEPTED, A.DEPUTY),
        (A.TENTATIVE, A.ACCEPTED, A.DEPUTY),
        (None, A.DECLINED, A.AWAITED),
        (None, A.TENTATIVE, A.TENTATIVE),
        (A.DECLINED, A.TENTATIVE, A.DECLINED),
    ],
)
def test_of_two_words_whoever_comes_fills_the_seat(
    own: Attendance | None, deputys: Attendance, holds: Attendance
) -> None:
    first = (says(own, 80),) if own else ()
    assert seat(told(*first, deputy(deputys, 90))).attendance is holds
    if own:
        assert seat(told(deputy(deputys, 80), says(own, 90))).attendance is holds


def test_who_comes_after_all_has_the_entry_again_and_the_deputy_has_it_no_more() -> None:
    story = told(deputy(A.ACCEPTED), says(A.ACCEPTED, 90))
    assert seat(story).attendance is A.ACCEPTED
    assert story.waiting[GIVEN_AGAIN].letter is Letter.INVITATION
    assert [k for k in story.letters if "deputy" in k and k.startswith("cancellation")] == [
        "cancellation:d1/i1:deputy:0:3"
    ]
    assert (seat(story).taken_back, seat(story).deputy_asked_at) == (False, None)


def test_a_deputy_who_was_asked_hears_that_they_need_not_come() -> None:
    story = told(says(A.ACCEPTED))
    assert story.waiting[NOT_NEEDED] == SendLetter(NOT_NEEDED, Letter.CANCELLATION, "d1/i1/deputy")
    assert "papers:d1/i1:deputy" not in story.waiting
    late = LetterNews(at(95), Letter.CHASER, "d1/i1/deputy", News.DELIVERED)
    assert story.tell(late).effects == ()  # they have heard so already


def test_nothing_is_taken_back_from_a_deputy_whom_nothing_reached() -> None:
    story = Story(contact(child()), calls("police", "health"), invited(), ASKED[0], says(A.ACCEPTED))
    assert not [k for k in story.letters if k.startswith("cancellation")]
    assert "deputy:d1/i1:0" not in story.waiting
    story.tell(LetterNews(at(99), Letter.CHASER, "d1/i1/deputy", News.BOUNCED))
    assert not [k for k in story.letters if k.startswith("cancellation")]
    story.tell(LetterNews(at(99), Letter.CHASER, "d1/i1/deputy", News.DELIVERED))
    assert not [k for k in story.letters if k.startswith("cancellation")]  # a server's slip for what it gave back


def test_an_entry_that_left_while_it_was_taken_back_is_taken_out() -> None:
    story = Story(contact(child()), calls("police", "health"), invited(), ASKED[0], says(A.ACCEPTED), ASKED[1])
    assert story.letters[-1] == "cancellation:d1/i1:deputy:0:2"


def test_who_passes_it_on_keeps_the_entry_and_the_deputy_gets_one() -> None:
    story = Story(contact(child()), calls("police", "health"), invited(), replace(says(A.DEPUTY), delegate="m2"))
    assert story.waiting["deputy:d1/i1:0"].about == "d1/i1/deputy"
    assert "papers:d1/i1:deputy" in story.waiting
    assert not [k for k in story.letters if k.startswith("cancellation")]
    assert seat(story).delegate == "m2"


def test_a_deputy_who_cannot_come_is_rung_about_and_the_seat_is_asked_on() -> None:
    story = told(deputy(A.DECLINED))
    assert story.tasks["no_deputy:d1/i1"].kind is TaskKind.NO_DEPUTY
    assert "chase:d1/i1" in story.clocks
    story.tell(deputy(A.ACCEPTED, 90))
    assert "no_deputy:d1/i1" not in story.tasks
    story.tell(deputy(A.DECLINED, 95))  # after all
    assert seat(story).attendance is A.AWAITED
    assert story.waiting[GIVEN_AGAIN].about == "d1/i1"  # whoever was asked first is needed again
    assert {"chase:d1/i1"} <= story.clocks.keys()


def test_who_declines_while_their_deputy_comes_is_given_nothing_again() -> None:
    story = told(deputy(A.ACCEPTED), says(A.DECLINED, 90))
    assert seat(story).attendance is A.DEPUTY
    assert GIVEN_AGAIN not in story.letters
    story.tell(deputy(A.DECLINED, 95))
    assert seat(story).attendance is A.DECLINED
    assert GIVEN_AGAIN not in story.letters


def test_at_a_new_time_a_deputy_who_was_to_come_is_asked_at_once_and_one_who_was_only_asked_is_told() -> None:
    story = told(deputy(A.ACCEPTED), MOVED)
    assert (story.case.discussions[0].sequence, seat(story).attendance) == (3, A.AWAITED)
    assert {"deputy:d1/i1:4", "invitation:d1/i1:3"} <= story.waiting.keys()
    story = told(MOVED)
    assert story.waiting["cancellation:d1/i1:deputy:1:1"].about == "d1/i1/deputy"
    assert seat(story).deputy_asked_at is None
    assert story.tell(SeatEvidence(at(210), "d1", "i1", "automatic_reply")).letters[-2] == "deputy:d1/i1:2"


def test_a_discussion_that_is_cancelled_leaves_the_deputys_calendar_too() -> None:
    story = told(CANCELLED)
    assert story.waiting["cancellation:d1/i1:deputy:1:0"].about == "d1/i1/deputy"
    assert "cancellation:d1/i2:deputy:1:0" not in story.letters


def test_what_a_deputy_says_that_nothing_proves_is_claimed_for_the_seat() -> None:
    story = told(deputy(A.ACCEPTED, proof=Proof.PAGE))
    assert (seat(story).attendance, seat(story).claimed) == (A.AWAITED, A.DEPUTY)
    assert story.tasks["claimed:d1/i1"].kind is TaskKind.ATTENDANCE_CLAIMED


def test_the_newest_word_of_the_deputy_holds() -> None:
    older = replace(deputy(A.DECLINED, 95), stamp=at(80))
    assert seat(told(deputy(A.ACCEPTED, 90), older)).attendance is A.DEPUTY
    before = replace(deputy(A.ACCEPTED, 95), stamp=at(60) - timedelta(days=1))
    assert seat(told(before)).attendance is A.AWAITED  # from before they were asked
    calendars = replace(before, sequence=0)  # it answers the entry, whatever its clock says
    assert seat(told(calendars)).attendance is A.DEPUTY


def test_one_that_was_held_before_its_time_leaves_every_calendar() -> None:
    there = (Present("police"),)
    held = DiscussionHeld(at(200), "manager-1", "d1", ("police",), there, inquorate=True, began_at=at(190))
    story = told(held)
    gone = {"cancellation:d1/i1:held", "cancellation:d1/i1/deputy:held", "cancellation:d1/i2:held"}
    assert gone <= story.waiting.keys()
    assert story.case.discussions[0].sequence == 1
    again = replace(held, at=at(210))
    assert not [e for e in story.tell(again).effects if isinstance(e, SendLetter) and e.key in gone]
    in_time = replace(held, at=at(700), began_at=None)
    assert not [k for k in told(in_time).letters if k.endswith(":held")]


def test_a_later_claim_takes_no_other_time_off_the_desk() -> None:
    counter = replace(says(A.COUNTER, proof=Proof.PAGE), proposed=at(800))
    assert seat(told(counter, says(A.ACCEPTED, 90, proof=Proof.PAGE))).proposed == at(800)


def test_who_was_not_understood_is_so_until_they_say_it_plainly() -> None:
    story = told(SeatUnclear(at(75), "d1", "i1", "unclear"))
    assert seat(story).unread == "unclear"
    assert seat(story.tell(says(A.ACCEPTED))).unread == ""
    assert seat(told(SeatUnclear(at(75), "d1", "i1", "unclear"), MOVED)).unread == ""


def test_where_they_say_that_another_comes_and_the_deputy_cannot_nobody_counts_as_coming() -> None:
    story = told(says(A.DEPUTY, 75))
    assert missing(story.case.discussions[0], ("police",)) == ()
    story.tell(deputy(A.DECLINED, 80))
    assert seat(story).attendance is A.DELEGATED
    assert missing(story.case.discussions[0], ("police",)) == ("police",)
    assert story.tasks["no_deputy:d1/i1"].kind is TaskKind.NO_DEPUTY
    assert "chase:d1/i1" in story.clocks
    story.tell(says(A.DEPUTY, 90))  # another one then, they say
    assert seat(story).attendance is A.DEPUTY
    assert "no_deputy:d1/i1" not in story.tasks


def test_what_they_wrote_beside_an_answer_is_read_by_a_person_whatever_it_counts_for() -> None:
    for said, proof in ((A.ACCEPTED, Proof.DKIM), (A.DECLINED, Proof.NONE)):
        quiet, more = says(said, proof=proof), replace(says(said, proof=proof), more=True)
        assert "words:d1/i1" not in told(quiet).tasks
        assert told(more).tasks["words:d1/i1"].kind is TaskKind.WORDS_WITH_REPLY
        assert seat(told(more)) == seat(told(quiet))
