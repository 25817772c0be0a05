"""An agreement covers its parties from its first day to its last; without any listed, nobody is told anything."""

from __future__ import annotations

from datetime import date

import pytest

from exchange.case.agreement import Agreement, Standing, standing

FIRST, LAST = date(2026, 1, 5), date(2026, 12, 31)
ONE = Agreement("isa", "Northmoor agreement", ("police", "health"), FIRST, LAST)
OPEN = Agreement("always", "Overarching", ("education",), FIRST, tier="overarching")


@pytest.mark.parametrize(
    ("agency", "today", "found"),
    [
        ("police", FIRST, Standing.COVERED),
        ("police", LAST, Standing.COVERED),
        ("police", date(2027, 1, 1), Standing.EXPIRED),
        ("police", date(2026, 1, 4), Standing.NOT_BEGUN),
        ("education", date(2036, 1, 1), Standing.COVERED),
        ("housing", FIRST, Standing.MISSING),
    ],
)
def test_where_an_agency_stands_on_a_day(agency: str, today: date, found: Standing) -> None:
    assert standing((ONE, OPEN), agency, today) is found


def test_a_hub_that_lists_none_has_not_turned_it_on() -> None:
    assert standing((), "police", FIRST) is Standing.COVERED
