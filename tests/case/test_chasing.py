"""Somebody at the desk asks once more by mail: one letter, no clock moved, nobody asked in vain or twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.case.acknowledgement import Answer
from exchange.case.chasing import refusal
from exchange.case.delivery import News
from exchange.case.effect import Letter, SendLetter
from exchange.case.escalation import Chased
from exchange.case.event import Closed
from exchange.case.restriction import Kind, Restricted, Why
from exchange.case.step import CannotHappen
from tests.case.stories import Story, arrives, at, calls, child, contact, invited, rates, says


def asked() -> Story:
    """Its agencies are asked, and the packet of the first has arrived."""
    return Story(contact(child()), rates("s1", "red"), arrives(after=21))


def chase(about: str = "l1", after: float = 30) -> Chased:
    return Chased(at(after), "duty-1", about)


def sent(story: Story) -> list[str]:
    return [key for key in story.letters if ":hand:" in key]


def test_one_letter_goes_and_no_clock_moves() -> None:
    story = asked()
    before = dict(story.clocks)
    story.tell(chase())
    assert story.effects == (SendLetter("reminder:l1:hand:1", Letter.REMINDER, "l1"),)
    assert story.clocks == before


def test_two_at_the_desk_press_in_the_same_minute_and_one_letter_goes() -> None:
    story = asked()
    story.tell(chase())
    with pytest.raises(CannotHappen, match="a moment ago"):
        story.tell(chase(after=31))
    assert len(sent(story)) == 1
    story.tell(chase(after=45))
    assert sent(story) == ["reminder:l1:hand:1", "reminder:l1:hand:2"]


@pytest.mark.parametrize(
    ("story", "about", "told"),
    [
        (Story(contact(child()), rates("s1", "red")), "l1", "not reached them: ring"),
        (Story(contact(child()), rates("s1", "red"), arrives(news=News.BOUNCED)), "l1", "not reached them: ring"),
        (Story(contact(child()), arrives(), says(Answer.NOTHING_KNOWN)), "l1", "owes no answer"),
        (asked(), "l99", "no agency or seat"),
        (asked(), "d1/i1", "no agency or seat"),
        (Story(contact(child()), calls("police")), "d1/i1", "not reached them: ring"),
    ],
)
def test_nobody_is_asked_in_vain(story: Story, about: str, told: str) -> None:
    before = story.case
    with pytest.raises(CannotHappen, match=told):
        story.tell(chase(about, 90))
    assert story.case == before


def test_who_must_not_see_it_is_never_asked() -> None:
    story = asked()
    story.tell(calls("police"), invited())
    story.tell(Restricted(at(62), "duty-1", Kind.AGENCY, "police", Why.CONFLICT))
    for about in ("l1", "d1/i1"):
        assert "must not see" in refusal(story.case, about, at(90)), about


def test_a_closed_case_asks_nobody() -> None:
    story = asked()
    story.tell(Closed(at(70), "manager-1", override=True))
    assert "closed" in refusal(story.case, "l1", at(90))


def test_an_invitee_is_asked_once_more_until_the_discussion_begins_or_they_have_answered() -> None:
    story = asked()
    story.tell(calls("police"), invited())
    story.tell(chase("d1/i1", 90))
    assert story.effects == (SendLetter("chaser:d1/i1:hand:0:1", Letter.CHASER, "d1/i1"),)
    assert "a moment ago" in refusal(story.case, "d1/i1", at(91))
    assert "has begun" in refusal(story.case, "d1/i1", at(601))
    answered = story.case.discussions[0].invitees[0]
    done = replace(answered, attendance=answered.attendance.__class__("accepted"))
    there = story.case.with_discussion(story.case.discussions[0].with_invitee(done))
    assert "owes no reply" in refusal(there, "d1/i1", at(200))
