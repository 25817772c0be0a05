"""A day as people at a desk write it: the day before the month, and never guessed."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from exchange import written_days

THEN = date(2026, 11, 27)


@pytest.mark.parametrize(
    "text",
    [
        "27/11/2026", "27.11.26", "27-11-2026", "27 11 2026", "27 Nov 2026", "27 november 2026", "27th November 26",
        "27 Nov, 2026", "2026-11-27", " 27 / 11 / 2026 ",
    ],
)  # fmt: skip
def test_a_day_is_read_as_people_write_it(text: str) -> None:
    assert written_days.day(text) == THEN


@pytest.mark.parametrize("text", ["3/4/2026", "3.4.26", "3 Apr 2026", "3 April 2026", "2026-04-03"])
def test_the_day_stands_before_the_month(text: str) -> None:
    assert written_days.day(text) == date(2026, 4, 3)


@pytest.mark.parametrize(
    "text",
    ["11/27/2026", "31/2/2026", "27/11", "next Friday", "2026-13-01", "27 Ma 2026", "27 Foo 2026", "271126", ""],
)
def test_what_is_no_day_is_not_made_one(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the sentence is told where it is asked
        written_days.day(text)


@pytest.mark.parametrize("text", ["27/11/2026 14:30", "27 Nov 2026 at 14.30", "2026-11-27T14:30", "27.11.26T14:30"])
def test_a_time_may_stand_behind_it(text: str) -> None:
    assert written_days.moment(text) == datetime(2026, 11, 27, 14, 30)  # noqa: DTZ001 - by the hub's wall


def test_a_date_of_birth_wants_its_century() -> None:
    assert written_days.whole("27/3/2019") == "2019-03-27"
    assert written_days.whole("27/3/19") == "27/3/19"
    assert written_days.whole("about 2019") == "about 2019"
