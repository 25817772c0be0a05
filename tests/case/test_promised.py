"""What the sender was promised: that we write when a person has read it, and that they are told how to refer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.case.effect import TaskKind
from exchange.case.feedback import Contact, ReferrerClass
from exchange.case.sorting import Sorted, Sorting
from exchange.case.state import ReferrerCodes
from tests.case.stories import LOOK, Story, at, child, contact

DOMAIN = ReferrerCodes(ReferrerClass.PROFESSIONAL, "3A", replyable=True, proved=True)  # DKIM, in no directory


@pytest.mark.parametrize(
    ("referrer", "written_to"),
    [
        (DOMAIN, ["receipt", "accepted"]),
        (replace(DOMAIN, mailbox="surgery"), ["receipt", "accepted"]),
        (replace(DOMAIN, may_mail=False), []),
        (replace(DOMAIN, proved=False), []),  # anybody could be in a From line
    ],
)
def test_whoever_got_a_receipt_hears_when_a_person_has_read_it(
    referrer: ReferrerCodes, written_to: list[str]
) -> None:
    story = Story(contact(child(), channel="mail", referrer=referrer), LOOK)
    assert [letter for letter in story.letters if letter in ("receipt", "accepted")] == written_to


UNPROVED = ReferrerCodes(ReferrerClass.PUBLIC, "1B", telephone=True)


@pytest.mark.parametrize(
    ("referrer", "rung"),
    [
        (UNPROVED, True),
        (DOMAIN, False),  # a letter goes
        (replace(UNPROVED, contact=Contact.NONE), False),
        (replace(UNPROVED, referrer_class=ReferrerClass.ANONYMOUS), False),
    ],
)
def test_who_cannot_be_written_to_is_rung_and_told_how_to_refer(referrer: ReferrerCodes, rung: bool) -> None:
    sort = Sorted(at(10), "duty-1", Sorting.UNACCEPTED_CHANNEL)
    story = Story(contact(child(), channel="mail", referrer=referrer), sort)
    assert (TaskKind.TELL_HOW in {task.kind for task in story.tasks.values()}) is rung
    assert any(letter.startswith("guidance:") for letter in story.letters) is (referrer == DOMAIN)
