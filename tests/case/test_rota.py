"""Whose turn it is, on weekdays, on dates, and through the night."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from exchange.case.rota import Turn, on_duty

DAY = Turn("ada", time(8), time(16), days=(0, 1))
NIGHT = Turn("bob", time(16), time(8), days=(0, 1))
CHRISTMAS = Turn("cy", time(10), time(14), dates=(date(2026, 12, 21),))  # a Monday
ROTA = (DAY, NIGHT)


def at(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo("Europe/London"))


@pytest.mark.parametrize(
    ("when", "who"),
    [
        (at(2026, 12, 14, 8), ("ada",)),  # a Monday
        (at(2026, 12, 14, 7, 59), ()),
        (at(2026, 12, 14, 16), ("bob",)),
        (at(2026, 12, 15, 3), ("bob",)),  # Monday's night
        (at(2026, 12, 16, 3), ("bob",)),  # Tuesday's
        (at(2026, 12, 16, 9), ()),
    ],
)
def test_a_night_belongs_to_the_day_it_begins_on(when: datetime, who: tuple[str, ...]) -> None:
    assert on_duty(ROTA, when) == who


@pytest.mark.parametrize(
    ("when", "who"),
    [
        (at(2026, 12, 21, 11), ("cy",)),
        (at(2026, 12, 21, 15), ()),
        (at(2026, 12, 22, 3), ()),  # nor does its night begin
        (at(2026, 12, 22, 9), ("ada",)),
    ],
)
def test_a_date_with_turns_of_its_own_forgets_those_of_its_weekday(when: datetime, who: tuple[str, ...]) -> None:
    assert on_duty((*ROTA, CHRISTMAS), when) == who


def test_somebody_with_two_turns_at_once_is_there_once() -> None:
    assert on_duty((DAY, DAY), at(2026, 12, 14, 9)) == ("ada",)
