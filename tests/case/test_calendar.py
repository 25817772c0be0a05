"""A hub is open in its own local hours, and closed on the days that say so."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from exchange.case.calendar import Calendar

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
