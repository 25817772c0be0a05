"""The sentences that calendars write in everybody's name, and what somebody typed beside them."""

from __future__ import annotations

import pytest

from mailflow.calendar_words import beside, typed


@pytest.mark.parametrize(
    "sentence",
    [
        "", "Has replied.", "Ada Example has accepted this invitation.",
        "ada@police.example has declined your meeting",
        "Ada Example has accepted your event invitation.", "Accepted",
        "Ada Example has replied to this invitation",
        "*~*~*~*~*~*~*~*~*~*", "Invitation from Google Calendar: https://calendar.example/calendar/",
    ],
)  # fmt: skip
def test_a_calendars_own_sentence_asks_nobody(sentence: str) -> None:
    assert typed(f"\n{sentence}\n") == ""


@pytest.mark.parametrize(
    "words",
    [
        "The father was arrested last night, please ring me.",
        "Ada Example has accepted this invitation. The mother is moving tonight.",
        "I have accepted, and she was admitted to hospital again.",
        "Sorry, I cannot come. The mother told us that she has declined the meeting because he hit her.",
        "Has accepted? I do not know",
        "Accepted: the father was arrested",
        "When: he comes home at night",
    ],
)
def test_what_somebody_typed_is_theirs(words: str) -> None:
    assert typed(f"Ada has accepted this invitation\n{words}\n") == words


def test_a_comment_and_the_mails_words_are_told_once() -> None:
    assert beside("Late", "Late") == "Late"
    assert beside("Late", "Ring me") == "Late\nRing me"
    assert beside("", "Has replied.") == ""
