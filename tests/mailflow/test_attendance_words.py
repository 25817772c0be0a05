"""Words to an invitation say whether somebody comes, themselves or by a deputy; what is not plain is for a person."""

from __future__ import annotations

import pytest

from mailflow.attendance_words import read_attendance


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("ATTEND", "accepted"),
        ("I will attend", "accepted"),
        ("Hi all, I will be there.", ""),  # an answer stands at the start of what is said
        ("Hello\nI will be there.", "accepted"),
        ("CANNOT ATTEND", "declined"),
        ("Sorry, I cannot make it", "declined"),
        ("Apologies, in court all day", "declined"),
        ("Might attend", "tentative"),
        ("cannot make it, Sgt Bob Pretend will come for me", "deputy"),
        ("I can't come. Bob Pretend will attend in my place.", "deputy"),
        ("Cannot attend but my colleague Bob Pretend will join", "deputy"),
        ("We are sending DC Bob Pretend instead", "deputy"),
        ("Our deputy Bob Pretend will dial in", "deputy"),
        ("My deputy will attend.", "deputy"),
        ("DEPUTY Sgt Bob Pretend", "deputy"),
        ("WRITTEN: seen on Monday, well", "written"),
        ("Written contribution:\nseen on Monday, and we will attend next time", "written"),
        ("I might come for the first half hour", ""),
        ("I will attend. Bob Pretend will come for me.", ""),
        ("Sgt Bob Pretend might come for me", ""),
        ("Bob Pretend will come instead if he can", ""),
        ("Will Bob Pretend come for me?", ""),
        ("My deputy will not attend", ""),
        ("Nobody will come for us", ""),
        ("cannot make it, will somebody else come instead?", ""),
        ("I will come instead of my manager", ""),
        ("The mother will come to the ward", ""),
        ("", ""),
    ],
)
def test_what_words_to_an_invitation_say(words: str, said: str) -> None:
    assert read_attendance(words) == said
