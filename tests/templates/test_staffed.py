"""Which number a person answers: by the hub's own calendar, to the minute, in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from exchange.case.calendar import WHOLE_DAY, Calendar
from templates import staffed
from templates.languages import speaking

DAY = (time(8, 30), time(17))
SHORT = (time(10, 30), time(16, 30))
CALENDAR = Calendar(
    "Europe/London", (DAY, DAY, SHORT, DAY, DAY, None, None), holidays=frozenset({date(2026, 12, 25)})
)
US, DUTY = "01632 960100", "01632 960199"


@pytest.mark.parametrize(
    ("at", "number", "opens"),
    [
        (datetime(2026, 11, 27, 16, 59, tzinfo=UTC), US, None),
        (datetime(2026, 11, 27, 17, 0, tzinfo=UTC), DUTY, datetime(2026, 11, 30, 8, 30, tzinfo=UTC)),
        (datetime(2026, 11, 30, 8, 29, tzinfo=UTC), DUTY, datetime(2026, 11, 30, 8, 30, tzinfo=UTC)),
        (datetime(2026, 12, 25, 12, 0, tzinfo=UTC), DUTY, datetime(2026, 12, 28, 8, 30, tzinfo=UTC)),
        (datetime(2026, 7, 6, 7, 45, tzinfo=UTC), US, None),  # summer time
    ],
)
def test_the_number_is_the_one_that_is_staffed_then(at: datetime, number: str, opens: datetime | None) -> None:
    found = staffed.now(US, DUTY, CALENDAR, at)
    assert (found.number, found.until, found.is_open) == (number, opens, opens is None)


def test_a_hub_that_never_closes_is_open_and_one_that_never_opens_hides_nothing() -> None:
    at = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
    assert staffed.now(US, DUTY, Calendar("Europe/London", (WHOLE_DAY,) * 7), at).number == US
    assert staffed.now(US, DUTY, Calendar("Europe/London", (None,) * 7), at).number == US


def test_a_letter_names_both_with_when_each_is_staffed() -> None:
    assert staffed.both(US, DUTY, CALENDAR) == (
        "01632 960100 (Mon–Tue 08:30–17:00, Wed 10:30–16:30, Thu–Fri 08:30–17:00, not on bank holidays; "
        "at other times 01632 960199)"
    )
    always = Calendar("Europe/London", (WHOLE_DAY,) * 7)
    assert staffed.both(US, DUTY, always) == "01632 960100 (day and night; the duty team: 01632 960199)"
    late = Calendar("Europe/London", (None, None, (time(20), time.max), None, None, None, None))
    assert staffed.hours(late) == "Wed 20:00–24:00"
    with speaking("cy"):
        assert "; ar adegau eraill 01632 960199)" in staffed.both(US, DUTY, CALENDAR)
        assert "Llun" in staffed.hours(CALENDAR)
