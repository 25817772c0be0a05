from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from templates import moments


def test_a_moment_is_local_and_in_words() -> None:
    assert moments.moment(datetime(2026, 11, 24, 10, 0, tzinfo=UTC), "Europe/London") == (
        "Tuesday 24 November 2026, 10:00 (London time)"
    )
    assert moments.moment(datetime(2026, 6, 30, 23, 30, tzinfo=UTC), "Europe/London") == (
        "Wednesday 1 July 2026, 00:30 (London time)"
    )


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(seconds=20), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=119), "119 minutes"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(hours=47, minutes=59), "47 hours"),
        (timedelta(hours=49), "2 days"),
    ],
)
def test_spans_are_said_aloud(length: timedelta, said: str) -> None:
    assert moments.span(length) == said


@pytest.mark.parametrize(
    ("born", "said"),
    [
        (date(2019, 3, 27), "7 years"),
        (date(2018, 11, 24), "7 years"),
        (date(2018, 11, 23), "8 years"),
        (date(2026, 10, 22), "1 month"),
        (date(2026, 11, 20), "0 months"),
        (date(2027, 1, 1), ""),
    ],
)
def test_ages(born: date, said: str) -> None:
    assert moments.age(born, date(2026, 11, 23)) == said


def test_a_day_of_another_year_is_said_with_its_year() -> None:
    now, then = datetime(2026, 11, 24, 9, tzinfo=UTC), datetime(2031, 3, 27, 14, 30, tzinfo=UTC)
    assert moments.short(then, "Europe/London", now) == "Thursday 27 March 2031 at 14:30"
    assert moments.short(now, "Europe/London", now) == "Tuesday 24 November at 09:00"


def test_what_is_due_today_says_so_by_the_clock_there() -> None:
    at = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)  # half past midnight in London
    assert moments.soon(at, "Europe/London", at - timedelta(hours=1)) == "Wednesday 1 July at 00:30"
    assert moments.soon(at, "Europe/London", at - timedelta(minutes=20)) == "today 00:30, Wednesday 1 July"
