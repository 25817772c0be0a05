"""A letter to somebody silent waits for the hours of the mailbox it goes to, unless it is about what cannot wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from exchange import waiting
from exchange.case.acknowledgement import Answer
from exchange.case.calendar import WHOLE_DAY, Hours
from exchange.case.delivery import News
from exchange.case.effect import Letter
from exchange.case.event import LetterNews
from exchange.case.mailbox import Address, Directory, Mailbox, MailboxRole, Transport
from exchange.case.restriction import Kind, Restricted, Why
from exchange.pins import NO_PINS
from exchange.posting import File, Recipient
from templates import letters, samples
from tests.case.stories import (
    CLOSE_ANYWAY,
    NOW,
    OFFICE,
    Story,
    arrives,
    at,
    calls,
    child,
    contact,
    invited,
    rates,
    says,
    with_rules,
)

RULES = with_rules(calendar=OFFICE)
WEEK: tuple[Hours, ...] = (*((time(8), time(16)),) * 5, None, None)


def mailbox(role: MailboxRole = MailboxRole.TEAM, hours: tuple[Hours, ...] = WEEK) -> Mailbox:
    return Mailbox(
        f"police-{role}", "police", Address(f"{role}@police.example"), (Transport.OPENPGP,), "01632 960110",
        role=role, hours=hours,
    )  # fmt: skip


DIRECTORY = Directory(tuple(mailbox(role) for role in MailboxRole))
NIGHT = datetime(2026, 11, 24, 20, tzinfo=UTC)
MORNING = datetime(2026, 11, 25, 8, tzinfo=UTC)


def file(story: Story, directory: Directory = DIRECTORY) -> File:
    return File(story.case, RULES, directory, NO_PINS, None, b"")


def told() -> Story:
    return Story(contact(child()), arrives(), rules=RULES)


@pytest.mark.parametrize(
    ("letter", "gathered"), [(Letter.REMINDER, True), (Letter.STEPPED, True), (Letter.LEAD, False)]
)
def test_out_of_hours_a_reminder_is_left_to_the_digest_and_a_lead_hears_in_the_morning(
    letter: Letter, gathered: bool
) -> None:
    found = waiting.unread(letter, "l1", file(told()), NIGHT)
    assert found == waiting.Unread(MORNING, gathered)
    assert waiting.unread(letter, "l1", file(told()), NOW) is None


def test_a_chaser_is_left_to_the_digest_and_one_to_the_deputy_waits() -> None:
    story = told().tell(calls("police"))
    assert waiting.unread(Letter.CHASER, "d1/i1", file(story), NIGHT) == waiting.Unread(MORNING, gathered=True)
    for letter in (Letter.CHASER, Letter.PAPERS):  # the papers come with the entry
        assert waiting.unread(letter, "d1/i1/deputy", file(story), NIGHT) == waiting.Unread(MORNING, False)
    assert waiting.unread(Letter.PAPERS, "d1/i1", file(story), NIGHT) is None


def test_what_is_most_urgent_or_in_danger_or_no_reminder_waits_for_nobody() -> None:
    assert waiting.unread(Letter.REMINDER, "l1", file(told().tell(rates())), NIGHT) is None
    danger = Story(replace(contact(child()), danger=True), rules=RULES)
    assert waiting.unread(Letter.REMINDER, "l1", file(danger), NIGHT) is None
    assert waiting.unread(Letter.PACKET, "l1", file(told()), NIGHT) is None


def test_who_cannot_be_written_to_is_waited_for_by_nobody() -> None:
    assert waiting.unread(Letter.REMINDER, "l1", file(told(), Directory(())), NIGHT) is None


def test_what_an_agency_owes_is_first_that_it_has_it_then_the_answer_then_nothing() -> None:
    story = told()
    assert [o.owes for o in waiting.owed(story.case) if o.agency == "police"] == ["acknowledgement"]
    story.tell(says(Answer.RECEIVED), calls("police"), invited())
    assert [o.owes for o in waiting.owed(story.case) if o.agency == "police"] == ["answer", "attendance"]
    assert waiting.owed_about(story.case, "d1/i1").due_at == at(120)
    shut = Story(contact(child()), calls("police"), Restricted(at(90), "duty-1", Kind.AGENCY, "police", Why.CONFLICT))
    assert not [o for o in waiting.owed(shut.case) if o.agency == "police"]
    assert not list(waiting.owed(story.tell(CLOSE_ANYWAY).case))
    with pytest.raises(LookupError):
        waiting.owed_about(story.case, "d9/i1")


@pytest.mark.parametrize("news", [News.HELD, News.REFUSED, News.DEFERRED, News.BOUNCED])
def test_no_digest_speaks_of_what_has_not_reached_the_agency(news: News) -> None:
    story = Story(contact(child()), arrives(news=news), calls("police"), invited(news=news), rules=RULES)
    assert not list(waiting.owed(story.case))
    story.tell(LetterNews(at(70), Letter.DEPUTY, "l1", News.ACCEPTED))
    assert [o.owes for o in waiting.owed(story.case)] == ["acknowledgement"]


def test_what_is_owed_is_asked_for_where_the_team_is() -> None:
    story = told().tell(calls("police"), invited())
    for one in waiting.owed(story.case):
        if one.agency == "police":
            found = waiting.mailbox_of(one, file(story))
            assert isinstance(found, Recipient)
            assert found.mailbox == "police-team"


def test_a_digest_goes_when_somebody_begins_to_read_or_at_the_hour_of_the_hub() -> None:
    assert waiting.digest_at(DIRECTORY, "police-team", RULES, NOW) == NOW.replace(hour=8)
    nine = replace(RULES, digest=time(9))
    assert waiting.digest_at(DIRECTORY, "police-team", nine, NOW) == NOW.replace(hour=9)
    too_late = replace(RULES, digest=time(19))
    assert waiting.digest_at(DIRECTORY, "police-team", too_late, NOW) == NOW.replace(hour=8)
    assert waiting.end_of_day(DIRECTORY, "police-team", RULES, NOW) == NOW.replace(hour=16)


@pytest.mark.parametrize("day", [datetime(2026, 11, 28, 12, tzinfo=UTC), datetime(2027, 3, 28, 12, tzinfo=UTC)])
def test_no_digest_on_a_day_nobody_reads_it_or_where_somebody_always_does(day: datetime) -> None:
    always = Directory((mailbox(hours=(WHOLE_DAY,) * 7),))
    assert waiting.digest_at(DIRECTORY, "police-team", RULES, day) is None
    assert waiting.digest_at(always, "police-team", RULES, day) is None
    assert waiting.digest_at(Directory(()), "police-team", RULES, day) is None
    assert waiting.end_of_day(DIRECTORY, "police-team", RULES, day) == day


def test_of_two_reminders_to_one_mailbox_at_once_one_goes_and_tells_of_both() -> None:
    story = told()
    first = story.leg()
    second = replace(first, id="l9", opened_at=at(5))  # a sibling's, who was added to the case
    here = replace(file(story), case=replace(story.case, legs=(*story.case.legs, second)))
    assert waiting.told_by_another(("l1", "l9"), here) == {"l9"}
    assert waiting.told_by_another(("l9",), here) == frozenset()
    made = waiting.reminder(
        first, here, samples.HUB, samples.ANSWERING, NOW, lambda leg: f"https://x.example/{leg.id}"
    )
    assert [w.page for w in made.also] == ["https://x.example/l9"]
    assert "https://x.example/l9" in letters.write(made).text
    answered = replace(here, case=replace(here.case, legs=(first, replace(second, acknowledged_at=at(9)))))
    (kept,) = waiting.reminder(first, answered, samples.HUB, samples.ANSWERING, NOW, lambda leg: "no").also
    assert kept.page == ""
