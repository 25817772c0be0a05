"""A hub is open in its own local hours, and closed on the days that say so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from exchange.case.calendar import OFFICE_HOURS, WHOLE_DAY, Calendar, OwnHours

HUB = Calendar("Europe/London", (*((time(9), time(17)),) * 5, None, None), frozenset({date(2026, 12, 25)}))


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-11-24T08:59", False),
        ("2026-11-24T09:00", True),
        ("2026-11-24T16:59", True),
        ("2026-11-24T17:00", False),
        ("2026-11-28T12:00", False),  # Saturday
        ("2026-12-25T12:00", False),  # a Friday, and a holiday
        ("2026-07-01T08:00", True),  # nine o'clock in summer time
        ("2026-07-01T16:00", False),
    ],
)
def test_a_hub_is_open_in_its_own_hours(at: str, is_open: bool) -> None:
    assert HUB.is_open(datetime.fromisoformat(at).replace(tzinfo=UTC)) is is_open


def test_a_holiday_has_no_hours() -> None:
    assert HUB.opening(date(2026, 12, 25)) is None
    assert HUB.opening(date(2026, 12, 24)) == (time(9), time(17))


THURSDAY, FRIDAY = date(2027, 3, 25), date(2027, 3, 26)  # Maundy Thursday, Good Friday
EASTER = replace(
    HUB,
    holidays=frozenset({FRIDAY}),
    dates=(OwnHours(THURSDAY, (time(9), time(12, 30))), OwnHours(date(2027, 3, 27), (time(10), time(12)))),
)


def test_a_day_may_have_hours_of_its_own_whatever_its_weekday() -> None:
    assert EASTER.opening(THURSDAY) == (time(9), time(12, 30))
    assert EASTER.opening(date(2027, 3, 27)) == (time(10), time(12))  # a Saturday
    assert EASTER.opening(date(2027, 3, 24)) == (time(9), time(17))
    worked = replace(EASTER, dates=(OwnHours(FRIDAY, (time(9), time(13))),))
    assert worked.opening(FRIDAY) == (time(9), time(13))


def test_a_bank_holiday_is_closed_unless_the_hub_works_on_them() -> None:
    assert EASTER.opening(FRIDAY) is None
    assert replace(EASTER, open_on_holidays=True).opening(FRIDAY) == (time(9), time(17))


def test_a_hub_that_never_closes_is_open_until_the_next_midnight() -> None:
    always = Calendar("Europe/London", (WHOLE_DAY,) * 7)
    for day, hours in ((date(2027, 3, 28), 23), (date(2027, 10, 31), 25), (date(2027, 6, 1), 24)):
        span = always.span(day)
        assert span
        begins, ends = span
        assert ends - begins == timedelta(hours=hours)
        assert always.is_open(ends - timedelta(microseconds=1))
        assert always.is_open(ends)


def test_a_statutory_working_day_is_no_matter_of_the_hubs_own_days() -> None:
    part_time = replace(
        EASTER, hours=(None, (time(10), time(15)), None, None, None, (time(9), time(17)), None),
        closed=frozenset({date(2027, 3, 23)}), open_on_holidays=True,
    )  # fmt: skip
    law = part_time.statutory()
    opening = [law.opening(date(2027, 3, 22) + timedelta(days=n)) for n in range(7)]
    assert opening == [OFFICE_HOURS, (time(10), time(15)), OFFICE_HOURS, OFFICE_HOURS, None, None, None]


def test_holidays_are_known_to_the_end_of_their_last_year() -> None:
    assert EASTER.known_until == date(2027, 12, 31)
    assert HUB.known_until is None


@pytest.mark.parametrize(
    ("at", "closes"),
    [
        ("2026-11-24 10:00", "2026-11-24 17:00"),
        ("2026-11-24 17:00", "2026-11-24 17:00"),
        ("2026-11-24 08:59", "2026-11-24 08:59"),
        ("2026-11-28 12:00", "2026-11-28 12:00"),
    ],
)
def test_it_closes_at_the_end_of_its_hours_or_is_closed_already(at: str, closes: str) -> None:
    assert _OFFICE.next_closed(_utc(at)) == _utc(closes)


def test_what_never_closes_closes_at_no_time_and_what_closes_one_day_only_then() -> None:
    always = Calendar("Europe/London", (WHOLE_DAY,) * 7)
    assert always.next_closed(_utc("2026-11-24 10:00")) is None
    moved = replace(always, closed=frozenset({date(2026, 11, 27)}))
    assert moved.next_closed(_utc("2026-11-24 10:00")) == _utc("2026-11-27 00:00")
    assert replace(always, closed=frozenset({date(2020, 1, 1)})).next_closed(_utc("2026-11-24 10:00")) is None


_OFFICE = Calendar("Europe/London", (*((time(9), time(17)),) * 5, None, None))


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_what_never_opens_hides_nothing_it_is_open_now() -> None:
    assert Calendar("Europe/London", (None,) * 7).next_open(_utc("2026-11-24 10:00")) == _utc("2026-11-24 10:00")
