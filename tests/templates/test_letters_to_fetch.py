"""A letter that waits on a page is answered there: whoever reads it has had no mail but a notice in clear."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from templates import samples
from templates.addressed import Urgency
from templates.asked_by import asked_by
from templates.letters import FOLDERS, ALetter, as_page, write
from templates.outside import Waits

SEALED = {  # what is fetched by an agency without secure mail, and asks something
    "packet", "hand_over", "worker", "more", "action", "release_request", "papers", "unqualified", "outcome_asked",
    "challenge_reply", "recall", "drill",
}  # fmt: skip
LETTERS = [letter for letter in samples.every() if FOLDERS[type(letter)] in SEALED]
BY_MAIL = re.compile(r"reply to this|\breply [A-Z]{3}|on the first line", re.IGNORECASE)


def test_every_such_letter_has_a_sample() -> None:
    assert {FOLDERS[type(letter)] for letter in LETTERS} == SEALED


@pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: type(letter).__name__)
def test_it_asks_for_no_mail_and_leads_to_the_page(letter: ALetter) -> None:
    answering = getattr(letter, "answering", None)
    if answering is None:  # papers without a seat to answer for
        return
    here: Any = {"answering": replace(answering, by_mail=False)}
    text = as_page(replace(letter, **here))
    assert not BY_MAIL.search(text), text
    assert answering.page in text


def test_by_mail_each_kind_says_how_to_reply() -> None:
    assert {FOLDERS[type(letter)] for letter in LETTERS if BY_MAIL.search(as_page(letter))} == SEALED


def test_each_kind_that_asks_for_something_by_a_time_says_when() -> None:
    """Those of `worker` and `challenge_reply` ask for nothing by a time of their own."""
    timed = {FOLDERS[type(letter)] for letter in samples.every() if asked_by(letter)}
    assert timed == SEALED - {"worker", "challenge_reply"}
    for letter in samples.every():
        if by := asked_by(letter):
            assert f"{by:%H:%M}" in as_page(letter), type(letter)


@pytest.mark.parametrize(
    ("notice", "says"),
    [
        (Waits(samples.HUB, samples.REFERENCE, samples.PAGE, samples.LATER, samples.AT, samples.SOON, samples.RED),
         ("URGENT. The hub has rated it Red", "Please open it by today 15:05, Monday 23 November. It can be read "
          "until Tuesday 24 November 2026, 10:00 (London time).", "Red, the most urgent there is")),
        (Waits(samples.HUB, samples.REFERENCE, samples.PAGE, samples.LATER, samples.AT, samples.LATER,
               Urgency("Amber")),
         ("Please open it by Tuesday 24 November at 10:00.", "How urgent Amber")),
        (Waits(samples.HUB, samples.REFERENCE, samples.PAGE, samples.LATER, samples.SOON, samples.AT),
         ("Somebody should have opened it by today 14:05, Monday 23 November: please open it now.",)),
    ],
)  # fmt: skip
def test_the_notice_says_how_urgent_the_letter_is_and_by_when_it_must_be_opened(
    notice: Waits, says: tuple[str, ...]
) -> None:
    text = " ".join(write(notice).text.split())
    assert [words for words in says if words not in text] == [], text
    assert ("URGENT" in text) is notice.urgency.most


def test_the_notice_of_a_letter_that_asks_nothing_says_until_when_it_can_be_read_and_no_more() -> None:
    text = write(Waits(samples.HUB, "", samples.PAGE, samples.LATER, samples.AT)).text
    assert "It can be read until Tuesday 24 November 2026" in " ".join(text.split())
    assert not re.search(r"open it by|URGENT|How urgent", text)
