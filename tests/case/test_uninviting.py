"""Who is shut out of a case loses the meeting out of their calendar, once; somebody else is asked, or found."""

from __future__ import annotations

import pytest

from exchange.case.acknowledgement import Proof
from exchange.case.delivery import Delivery, News
from exchange.case.effect import Letter, SendLetter, TaskKind
from exchange.case.escalation import CallMade
from exchange.case.event import ClockRanOut, Event, InviteeReplied, LetterNews
from exchange.case.restriction import Kind, Restricted, RestrictionLifted, Why
from exchange.case.step import CannotHappen
from exchange.case.strategy_discussion import (
    Attendance,
    DiscussionCancelled,
    DiscussionMoved,
    Invitee,
    InviteesAdded,
    SeatEvidence,
    missing,
)
from tests.case.stories import Story, at, calls, child, contact, invited

A = Attendance
MOVED = DiscussionMoved(at(200), "manager-1", "d1", at(900))
CANCELLED = DiscussionCancelled(at(300), "manager-1", "d1")
LIFTED = RestrictionLifted(at(150), "manager-1", Kind.AGENCY, "police")
OUT = "uninvited:d1/i1:0"


def told(*events: Event) -> Story:
    """Police, health and social care are called; the first two have their invitation."""
    return Story(contact(child()), calls("police", "health", "social_care"), invited(), invited(seat="i2"), *events)


def says(said: Attendance, minute: float = 80, *, seat: str = "i1", deputy: bool = False) -> InviteeReplied:
    return InviteeReplied(at(minute), "d1", seat, said, at(minute), "mail", Proof.DKIM, deputy=deputy)


def agency_out(after: float = 100) -> Restricted:
    return Restricted(at(after), "duty-1", Kind.AGENCY, "police", Why.CONFLICT)


def spoc_out(*seats: str, after: float = 100) -> Restricted:
    return Restricted(at(after), "duty-1", Kind.SPOC, "police-mash-1", Why.OWN_FAMILY, (), seats)


def seat(story: Story, number: int = 0) -> Invitee:
    return story.case.discussions[0].invitees[number]


def out(story: Story) -> list[SendLetter]:
    """What was asked for that takes a meeting out of somebody's calendar because they must not see the case."""
    return [story.waiting[key] for key in story.letters if key.startswith("uninvited:") and key in story.waiting]


def test_it_leaves_the_calendar_of_an_agency_that_is_shut_out_once_and_nothing_follows() -> None:
    story = told(says(A.TENTATIVE), agency_out())
    assert out(story) == [SendLetter(OUT, Letter.UNINVITED, "d1/i1")]
    assert story.tasks["shut_out:d1/i1"].kind is TaskKind.SHUT_OUT_HOLDS
    assert not {"chase:d1/i1", "soon:d1/i1"} & story.clocks.keys()
    before = len(story.letters)
    story.tell(agency_out(110), MOVED, CANCELLED)
    mine = [story.waiting[key].about for key in story.letters[before:] if key in story.waiting]
    assert set(mine) == {"d1/i2", "d1/i3"}


def test_its_seat_fills_no_quorum_and_somebody_is_to_be_found_in_its_place() -> None:
    story = told(says(A.ACCEPTED))
    assert missing(story.case.discussions[0], ("police",)) == ()
    story.tell(agency_out())
    assert missing(story.case.discussions[0], ("police",)) == ("police",)
    assert story.tasks["seat:d1/police"].kind is TaskKind.ANOTHER_RECIPIENT
    assert story.tasks["no_quorum:d1"].kind is TaskKind.NO_QUORUM
    story.tell(InviteesAdded(at(120), "manager-1", "d1", ("housing",)))
    assert "seat:d1/police" not in story.tasks


def test_so_it_is_with_the_deputy_who_was_asked_and_not_with_who_gave_the_entry_back() -> None:
    asked = (
        SeatEvidence(at(70), "d1", "i1", "automatic_reply"),
        LetterNews(at(71), Letter.CHASER, "d1/i1/deputy", News.ACCEPTED),
    )
    both = told(*asked, agency_out())
    assert {letter.about for letter in out(both)} == {"d1/i1", "d1/i1/deputy"}
    deputy_only = told(*asked, says(A.ACCEPTED, deputy=True), agency_out())
    assert {letter.about for letter in out(deputy_only)} == {"d1/i1/deputy"}


@pytest.mark.parametrize(("letter", "about"), [(Letter.INVITATION, "d1/i1"), (Letter.CHASER, "d1/i1/deputy")])
def test_no_task_asks_to_ring_them_because_their_invitation_came_back(letter: Letter, about: str) -> None:
    story = told(SeatEvidence(at(70), "d1", "i1", "automatic_reply"), agency_out())
    tasks = dict(story.tasks)
    story.tell(LetterNews(at(101), letter, about, News.BOUNCED))
    assert story.tasks == tasks


@pytest.mark.parametrize("news", [News.HELD, News.BOUNCED, News.ACCEPTED])
def test_nobody_rings_them_about_it(news: News) -> None:
    story = told(agency_out())
    tasks = dict(story.tasks)
    story.tell(LetterNews(at(101), Letter.UNINVITED, "d1/i1", news, "no_mailbox"))
    assert story.tasks == tasks


def test_let_in_again_it_is_asked_when_the_discussion_is_moved_and_fills_the_quorum_again() -> None:
    story = told(agency_out(), LIFTED)
    assert seat(story).shut_out
    assert "chase:d1/i1" not in story.clocks
    story.tell(MOVED)
    assert {"invitation:d1/i1:3", "papers_again:d1/i1:1"} <= story.waiting.keys()
    assert not seat(story).shut_out
    assert "chase:d1/i1" in story.clocks
    again = story.tell(invited(after=210), agency_out(220))
    assert out(again)[-1].key == "uninvited:d1/i1:1"


def test_or_when_somebody_calls_it_again() -> None:
    story = told(agency_out())
    with pytest.raises(CannotHappen, match="must not see this case"):
        story.tell(InviteesAdded(at(140), "manager-1", "d1", ("police",)))
    story.tell(LIFTED, InviteesAdded(at(160), "manager-1", "d1", ("police",)))
    assert {"invitation:d1/i1:again:2", "papers_again:d1/i1:2"} <= story.waiting.keys()
    assert len(story.case.discussions[0].invitees) == 3
    assert "no_quorum:d1" not in story.tasks
    with pytest.raises(CannotHappen, match="not invited yet"):
        story.tell(InviteesAdded(at(170), "manager-1", "d1", ("police",)))


def test_one_let_in_again_and_not_asked_hears_of_no_cancellation_either() -> None:
    story = told(agency_out(), LIFTED, CANCELLED)
    assert "cancellation:d1/i1" not in story.waiting
    assert "cancellation:d1/i2" in story.waiting


def test_where_one_spoc_is_shut_out_their_agency_is_asked_anew_and_what_was_said_counts_no_more() -> None:
    story = told(says(A.ACCEPTED), spoc_out("d1/i1"))
    assert [letter.about for letter in out(story)] == ["d1/i1"]
    assert story.tasks["shut_out:d1/i1"].kind is TaskKind.SHUT_OUT_HOLDS
    assert {"invitation:d1/i1:again:1", "papers_again:d1/i1:1"} <= story.waiting.keys()
    assert not {"invitation:d1/i1", "papers:d1/i1"} & story.waiting.keys()
    anew = seat(story)
    assert (anew.attendance, anew.asked_at, anew.mail) == (A.AWAITED, at(100), Delivery.TO_SEAL)
    assert len(anew.history) == 1  # kept, and counts no more
    assert missing(story.case.discussions[0], ("police",)) == ("police",)
    assert {"chase:d1/i1", "soon:d1/i1"} <= story.clocks.keys()
    # Silence climbs for the seat as it did before; the new word counts.
    story.tell(says(A.ACCEPTED, 120))
    assert seat(story).attendance is A.ACCEPTED
    assert "chase:d1/i1" not in story.clocks


def test_others_are_not_asked_anew_and_nothing_is_taken_from_who_has_nothing() -> None:
    story = told(says(A.ACCEPTED))
    before = (story.case.discussions, dict(story.waiting), dict(story.clocks))
    story.tell(spoc_out())
    assert (story.case.discussions, story.waiting, story.clocks) == before


def test_a_deputy_who_is_shut_out_comes_no_more_and_the_team_is_asked_anew() -> None:
    story = told(
        SeatEvidence(at(70), "d1", "i1", "automatic_reply"),
        LetterNews(at(71), Letter.CHASER, "d1/i1/deputy", News.ACCEPTED),
        says(A.ACCEPTED, deputy=True),
        spoc_out("d1/i1/deputy"),
    )
    assert [letter.about for letter in out(story)] == ["d1/i1/deputy"]
    assert seat(story).attendance is A.AWAITED
    assert seat(story).deputy_asked_at is None
    assert "invitation:d1/i1:again:2" in story.waiting
    assert "papers_again:d1/i1:2" not in story.waiting  # the team has its own


def test_a_deputy_who_is_not_shut_out_may_come_all_the_same() -> None:
    story = told(
        SeatEvidence(at(70), "d1", "i1", "automatic_reply"),
        LetterNews(at(71), Letter.CHASER, "d1/i1/deputy", News.ACCEPTED),
        spoc_out("d1/i1"),
    )
    assert "papers:d1/i1:deputy" in story.waiting
    story.tell(says(A.ACCEPTED, 120, deputy=True))
    assert seat(story).attendance is A.DEPUTY


def test_nobody_is_asked_anew_once_it_has_begun() -> None:
    story = told(spoc_out("d1/i1", after=650))
    assert [letter.about for letter in out(story)] == ["d1/i1"]
    assert "invitation:d1/i1:again:1" not in story.waiting


def test_a_call_that_was_made_is_not_owed_any_more() -> None:
    story = told(CallMade(at(90), "duty-1", "d1/i1", reached=False))
    assert "ring:d1/i1" in story.clocks
    story.tell(agency_out())
    assert "ring:d1/i1" not in story.clocks
    before = story.case
    assert story.tell(ClockRanOut(at(130), "ring:d1/i1")).case == before
