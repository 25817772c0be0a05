"""A letter that waits on a page is answered there: whoever reads it has had no mail but a notice in clear."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from templates import samples
from templates.letters import FOLDERS, ALetter, as_page

SEALED = {  # what is fetched by an agency without secure mail, and asks something
    "packet", "hand_over", "worker", "more", "action", "release_request", "papers", "unqualified", "outcome_asked",
    "challenge_reply", "recall",
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
