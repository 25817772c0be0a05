"""Who is away on which day, and whose place somebody takes."""

from __future__ import annotations

from datetime import date

import pytest

from exchange.case.leave import Leave, Whose, away, covered

WEEK = Leave("v1", Whose.SPOC, "police-mash-1", date(2026, 12, 21), date(2026, 12, 24), "police-control-1")
STAFF = Leave("v2", Whose.STAFF, "manager-1", date(2026, 12, 21), date(2026, 12, 21), "manager-2")


@pytest.mark.parametrize(("day", "holds"), [(20, False), (21, True), (24, True), (25, False)])
def test_leave_holds_on_its_first_and_last_day(day: int, holds: bool) -> None:
    assert WEEK.holds(date(2026, 12, day)) is holds


def test_each_kind_is_away_apart() -> None:
    assert away((WEEK, STAFF), Whose.SPOC, date(2026, 12, 21)) == {"police-mash-1"}
    assert away((WEEK, STAFF), Whose.STAFF, date(2026, 12, 21)) == {"manager-1"}
    assert away((WEEK, STAFF), Whose.STAFF, date(2026, 12, 22)) == set()


def test_whoever_covers_stands_in_that_day_only() -> None:
    assert covered((WEEK, STAFF), Whose.STAFF, "manager-2", date(2026, 12, 21)) == ("manager-1",)
    assert covered((WEEK, STAFF), Whose.STAFF, "manager-2", date(2026, 12, 22)) == ()
    assert covered((WEEK, STAFF), Whose.SPOC, "manager-2", date(2026, 12, 21)) == ()
