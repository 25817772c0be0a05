"""A machine that answers an invitation says no attendance; whoever is away has a deputy, who is asked at once."""

from __future__ import annotations

import pytest

from exchange.case.acknowledgement import Proof
from exchange.case.delivery import Delivery, News
from exchange.case.effect import Letter, SendLetter, TaskKind
from exchange.case.event import DiscussionHeld, Event, InviteeReplied, LetterNews
from exchange.case.presence import ANOTHER_MAILBOX
from exchange.case.restriction import Kind, Restricted, Why
from exchange.case.strategy_discussion import Attendance, DiscussionMoved, Invitee, SeatEvidence
from tests.case.stories import CLOSE_ANYWAY, Story, at, calls, child, contact, invited

DEPUTY = "deputy:d1/i1:0"


def away(after: float = 70, code: str = "automatic_reply", seat: str = "i1", deputy: bool = False) -> SeatEvidence:
    return SeatEvidence(at(after), "d1", seat, code, deputy)


def deputys(news: News, after: float = 75) -> LetterNews:
    return LetterNews(at(after), Letter.CHASER, "d1/i1/deputy", news)


def told(*events: Event) -> Story:
    return Story(contact(child()), calls("police", "health"), invited(), *events)


def seat(story: Story) -> Invitee:
    return story.case.discussions[0].invitees[0]


def test_who_is_away_has_said_nothing_and_the_deputy_is_asked_at_once() -> None:
    story = told(away())
    papers = SendLetter("papers:d1/i1:deputy", Letter.PAPERS, "d1/i1/deputy")
    assert story.effects == (SendLetter(DEPUTY, Letter.CHASER, "d1/i1/deputy"), papers)
    assert (seat(story).attendance, seat(story).deputy_asked_at) == (Attendance.AWAITED, at(70))
    assert [(m.code, m.deputy) for m in seat(story).machines] == [("automatic_reply", False)]
    assert "chase:d1/i1" in story.clocks
    assert story.tell(away(71)).effects == ()
    asked = [k for k in story.run_out(*["chase:d1/i1"] * 3).letters if "deputy" in k]
    assert asked == [DEPUTY, "papers:d1/i1:deputy"]


def test_at_a_new_time_the_deputy_of_who_is_still_away_is_asked_anew() -> None:
    story = told(away(), DiscussionMoved(at(80), "manager-1", "d1", at(900)), away(85))
    asked = [DEPUTY, "papers:d1/i1:deputy", "deputy:d1/i1:1", "papers:d1/i1:1:deputy"]
    assert [k for k in story.letters if "deputy" in k] == asked
    assert "papers:d1/i1:deputy" not in story.waiting  # they tell the old time
    assert seat(story).mail is Delivery.TO_SEAL


@pytest.mark.parametrize(
    "events",
    [
        (away(code="read_receipt"),),
        (DiscussionHeld(at(65), "manager-1", "d1", ()), away()),
        (CLOSE_ANYWAY, Restricted(at(66), "duty-1", Kind.AGENCY, "police", Why.CONFLICT), away()),
        (away(seat="i9"),),
        (SeatEvidence(at(70), "d9", "i1", "automatic_reply"),),
    ],
)
def test_no_deputy_is_asked_when_nothing_is_to_be_asked(events: tuple[Event, ...]) -> None:
    assert DEPUTY not in told(*events).letters


def test_where_no_deputy_can_be_asked_by_mail_or_is_away_too_a_person_rings() -> None:
    story = told(away(), deputys(News.HELD))
    assert story.tasks["no_deputy:d1/i1"].kind is TaskKind.NO_DEPUTY
    assert "no_deputy:d1/i1" not in story.tell(deputys(News.ACCEPTED, 76)).tasks
    assert story.tell(away(77, deputy=True)).tasks["no_deputy:d1/i1"].kind is TaskKind.NO_DEPUTY
    story.tell(DiscussionHeld(at(90), "manager-1", "d1", ()))
    assert "no_deputy:d1/i1" not in story.tasks
    assert story.tell(deputys(News.BOUNCED, 95)).effects == ()
    assert story.tell(deputys(News.DEFERRED, 96)).effects == ()


def test_an_invitation_that_cannot_arrive_is_rung_about_and_one_of_nobody_changes_nothing() -> None:
    story = told(invited("i2", news=News.BOUNCED), invited("i9", news=News.DEFERRED))
    assert story.tasks["letter:invitation:d1/i2"].kind is TaskKind.LETTER_FAILED
    assert [i.mail for i in story.case.discussions[0].invitees] == [Delivery.ACCEPTED, Delivery.BOUNCED]
    story.tell(LetterNews(at(99), Letter.CHASER, "d1/i1", News.REFUSED))
    assert story.tasks["letter:chaser:d1/i1"].kind is TaskKind.LETTER_FAILED


def test_papers_that_no_deputy_can_be_sent_are_no_task_of_their_own() -> None:
    story = told(away(), deputys(News.HELD))
    papers = LetterNews(at(76), Letter.PAPERS, "d1/i1/deputy", News.HELD, "no_mailbox")
    assert {k for k in story.tell(papers).tasks if k.endswith("deputy") or "d1/i1" in k} == {"no_deputy:d1/i1"}
    story.tell(LetterNews(at(77), Letter.PAPERS, "d1/i1/deputy", News.BOUNCED))
    assert story.tasks["letter:papers:d1/i1/deputy"].kind is TaskKind.LETTER_FAILED


def test_an_invitation_for_a_mailbox_that_the_agency_has_no_more_goes_to_whoever_reads_now() -> None:
    lost = LetterNews(at(90), Letter.INVITATION, "d1/i1", News.HELD, ANOTHER_MAILBOX)
    story = Story(contact(child()), calls("police", "health"), invited(), lost)
    assert {"invitation:d1/i1:again:1", "papers_again:d1/i1:1"} <= story.waiting.keys()
    assert "letter:invitation:d1/i1" not in story.tasks
    assert story.case.discussions[0].invitees[0].asked_at == at(90)
    said = InviteeReplied(at(100), "d1", "i1", Attendance.ACCEPTED, at(100), "mail", Proof.DKIM)
    story.tell(said)
    before = story.letters[:]
    story.tell(LetterNews(at(110), Letter.INVITATION, "d1/i1", News.HELD, ANOTHER_MAILBOX))
    assert story.letters == before  # who comes is not asked again: the desk is told
    assert "letter:invitation:d1/i1" in story.tasks
