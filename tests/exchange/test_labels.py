"""One code has one word, whichever family it is of; codes of journeys are told as whom they stand for."""

from __future__ import annotations

import pytest

from exchange import wording
from exchange.case.acknowledgement import Answer
from exchange.labels import one_word_each
from tests.case.stories import RULES, Story, child, contact, rates


def test_a_code_cannot_be_worded_twice() -> None:
    with pytest.raises(ValueError, match="the code “decline” is worded twice"):
        one_word_each({"owed": {"decline": "what follows a decline"}, "answer": {"decline": "they decline"}})


def test_a_decline_is_an_answer_and_what_the_hub_owes_after_it_is_worded_apart() -> None:
    assert wording.say(Answer.DECLINE) == "decline"


def test_passages_are_told_in_words_and_ratings_by_their_rank() -> None:
    case = Story(contact(child())).case
    assert wording.named("p2/w3: its owner agrees", case, RULES) == "Product 2, passage 3: its owner agrees"
    assert [wording.rank(code, RULES) for code in ("red", "amber", "green", "")] == [1, 2, 3, 0]


def test_of_several_subjects_a_line_says_about_whom_it_is() -> None:
    story = Story(contact(child(), child("s2"), child("s3")), rates())
    assert wording.people(("s1", "s2", "s3"), story.case) == ""
    assert wording.people(("s2",), story.case) == "Subject 2"
    assert wording.people(("s1", "s3"), story.case) == "Subjects 1 and 3"
