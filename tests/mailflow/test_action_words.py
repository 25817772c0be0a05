from __future__ import annotations

from datetime import date

import pytest

from mailflow.action_words import read_action, read_day

TODAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("DONE", "done"),
        ("Done.", "done"),
        ("Action done: we saw her at school", "done"),
        ("ACTION: done", "done"),
        ("Hello,\n\nThis has been done.\n\nRegards\nEve Example", "done"),
        ("Thanks, we have now completed it.", "done"),
        ("Completed on Tuesday at 10:00", "done"),
        ("CANNOT DO: she is not on our books", "cannot"),
        ("Sorry, we can’t do this if nobody tells us where she is", "cannot"),
        ("We are unable to visit before it is done by the police", "cannot"),
        ("NOT YET, by 3 December 2026", "later"),
        ("Not yet. By 2026-12-03, when the doctor is back", "later"),
        ("It has not been done yet, we hope by 4/12/2026", "later"),
    ],
)
def test_plain_words_are_taken(words: str, answer: str) -> None:
    found = read_action(words)
    assert found
    assert (found.answer, found.text) == (answer, words)
    assert words not in repr(found)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "Thank you for this.",
        "Not done",
        "Done?",
        "Is this done?",
        "Can you tell me what is to be done",
        "Partly done",
        "Done in part, the rest on Friday",
        "Done, but she was not at home",
        "It will be done tomorrow",
        "Almost done",
        "Done\nCannot do the second part",
        "DONE or CANNOT DO",
        "We have done nothing",
        "Cannot you do this?",
        "Not yet?",
        "Half done.",
        "Received",
        "Done. We are still waiting for the doctor.",
    ],
)
def test_what_is_not_plain_is_a_persons_to_read(words: str) -> None:
    assert read_action(words) is None


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("3 December 2026", date(2026, 12, 3)),
        ("the 3rd of dec, 2026", date(2026, 12, 3)),
        ("3 December", date(2026, 12, 3)),
        ("12 January", date(2027, 1, 12)),
        ("2026-12-03", date(2026, 12, 3)),
        ("3/12/2026", date(2026, 12, 3)),
        ("03.12.26", date(2026, 12, 3)),
        ("26 November", TODAY),
        ("Friday", None),
        ("31 February 2027", None),
        ("40/40/2027", None),
        ("3 Smarch 2027", None),
        ("25 November 2026", None),  # has been
        ("3 December 2036", None),
        ("", None),
    ],
)
def test_a_day_is_read_only_when_it_is_sure(written: str, day: date | None) -> None:
    assert read_day(written, TODAY) == day


def test_the_day_of_a_promise_is_given_as_it_was_written() -> None:
    found = read_action("NOT YET, by 3 December 2026. Sorry!")
    assert found
    assert found.until == "3 December 2026"
    other = read_action("Not yet, we are busy")
    assert other
    assert other.until == ""
