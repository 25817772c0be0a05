"""Due times are counted as their clock says: by day and night, in open hours, or to the close of working days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.case.calendar import Calendar
from exchange.case.clock import ClockKind, ClockRefused, ClockSpec, due, read_spec, share_due
from tests.case.stories import ALWAYS, OFFICE

FRIDAY = datetime(2026, 11, 27, 16, 55, tzinfo=UTC)
NEVER = Calendar("Europe/London", (None,) * 7)
CHRISTMAS = Calendar("Europe/London", OFFICE.hours, frozenset({date(2026, 12, 25), date(2026, 12, 28)}))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("20s", ClockSpec(ClockKind.ELAPSED, 20)),
        ("30m", ClockSpec(ClockKind.ELAPSED, 1800)),
        (" 1.5h ", ClockSpec(ClockKind.ELAPSED, 5400)),
        ("1h", ClockSpec.hour()),
        ("3d", ClockSpec(ClockKind.ELAPSED, 3 * 86400)),
        ("30wm", ClockSpec(ClockKind.WORKING, 1800)),
        ("4wh", ClockSpec(ClockKind.WORKING, 4 * 3600)),
        ("2wd", ClockSpec(ClockKind.WORKING_DAYS, days=2)),
    ],
)
def test_a_length_of_time_is_read_as_people_write_it(text: str, spec: ClockSpec) -> None:
    assert read_spec(text) == spec


@pytest.mark.parametrize("text", ["", "4", "h", "-1h", "4 h", "4hours", "1h30m", "1.5wd", "4WH", "9" * 400 + "wd"])
def test_what_is_no_length_of_time_is_refused_with_how_to_write_it(text: str) -> None:
    with pytest.raises(ClockRefused, match="1wd"):
        read_spec(text)


@pytest.mark.parametrize(
    ("text", "start", "ends"),
    [
        ("4h", "2026-11-27T16:55", "2026-11-27T20:55"),
        ("4wh", "2026-11-27T16:55", "2026-11-30T12:55"),  # five minutes on Friday, the rest on Monday
        ("1wd", "2026-11-27T16:55", "2026-11-30T17:00"),
        ("5wm", "2026-11-27T16:55", "2026-11-27T17:00"),
        ("30wm", "2026-11-24T07:00", "2026-11-24T09:30"),  # before opening
        ("30wm", "2026-11-24T19:00", "2026-11-25T09:30"),  # after closing
        ("0wm", "2026-11-28T10:00", "2026-11-30T09:00"),
        ("24wh", "2026-11-23T09:00", "2026-11-25T17:00"),
        ("0wd", "2026-11-24T10:00", "2026-11-24T17:00"),
        ("0wd", "2026-11-24T19:00", "2026-11-24T19:00"),  # never before it was asked
        ("0wd", "2026-11-28T10:00", "2026-11-30T17:00"),
        ("1wd", "2026-11-28T10:00", "2026-11-30T17:00"),
        ("3wd", "2026-11-27T08:00", "2026-12-02T17:00"),
    ],
)
def test_the_same_length_ends_at_another_time_by_its_kind(text: str, start: str, ends: str) -> None:
    assert due(read_spec(text), utc(start), OFFICE) == utc(ends)


@pytest.mark.parametrize(
    ("text", "ends"), [("4wh", "2026-12-29T12:00"), ("1wd", "2026-12-29T17:00"), ("4h", "2026-12-24T20:00")]
)
def test_holidays_are_not_worked_but_what_cannot_wait_runs_on(text: str, ends: str) -> None:
    assert due(read_spec(text), utc("2026-12-24T16:00"), CHRISTMAS) == utc(ends)


def test_open_hours_are_local_when_the_clocks_change() -> None:
    friday = utc("2026-10-23T15:30")  # half past four in summer time
    assert due(read_spec("1wh"), friday, OFFICE) == utc("2026-10-26T09:30")
    assert due(read_spec("1wd"), friday, OFFICE) == utc("2026-10-26T17:00")


@pytest.mark.parametrize("text", ["4wh", "1wd"])
def test_a_hub_that_never_opens_has_it_due_now_not_never(text: str) -> None:
    assert due(read_spec(text), FRIDAY, NEVER) == FRIDAY


@pytest.mark.parametrize(
    ("text", "fraction", "day", "hour"),
    [("4h", 0.5, 26, 13), ("4wh", 0.5, 26, 13), ("1wd", 0.5, 27, 10), ("1wd", 1.0, 27, 17), ("2wd", 1.0, 28, 17)],
)
def test_a_reminder_falls_after_a_share_of_the_clock(text: str, fraction: float, day: int, hour: int) -> None:
    asked = datetime(2027, 1, 26, 11, 0, tzinfo=UTC)  # a Tuesday: six hours are left of it, eight of the next day
    assert share_due(read_spec(text), fraction, asked, OFFICE) == datetime(2027, 1, day, hour, tzinfo=UTC)


def test_who_is_asked_at_the_end_of_a_day_is_not_reminded_that_day() -> None:
    asked = datetime(2027, 1, 26, 16, 50, tzinfo=UTC)
    halves = [share_due(read_spec("1wd"), share, asked, OFFICE) for share in (0.5, 0.8, 1.0)]
    assert [at.day for at in halves] == [27, 27, 27]
    assert halves == sorted(set(halves))
    evening = asked + timedelta(hours=4, minutes=45)
    assert share_due(read_spec("1wd"), 0.5, evening, OFFICE) == datetime(2027, 1, 27, 13, 0, tzinfo=UTC)


@given(
    hours=st.integers(0, 2 * 366 * 24),
    minutes=st.integers(0, 5000),
    more=st.integers(0, 5000),
    calendar=st.sampled_from([ALWAYS, OFFICE, CHRISTMAS]),
    kind=st.sampled_from([ClockKind.ELAPSED, ClockKind.WORKING, ClockKind.WORKING_DAYS]),
)
@settings(derandomize=True, max_examples=100, deadline=None, database=None)
def test_no_clock_runs_out_before_its_start_or_sooner_for_being_longer(
    hours: int, minutes: int, more: int, calendar: Calendar, kind: ClockKind
) -> None:
    began = FRIDAY + timedelta(hours=hours)
    shorter = ClockSpec(kind, minutes * 60, minutes // 500)
    longer = ClockSpec(kind, (minutes + more) * 60, (minutes + more) // 500)
    assert began <= due(shorter, began, calendar) <= due(longer, began, calendar)


def test_a_day_of_a_quarter_of_an_hour_is_worked_like_any_other() -> None:
    short = Calendar("Europe/London", ((time(9), time(9, 15)),) * 7)
    assert due(read_spec("1wh"), utc("2026-11-24T00:00"), short) == utc("2026-11-27T09:15")
