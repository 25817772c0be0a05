"""Sessions: discussions at the same hour of every working day, whose agenda closes a little before (East Sussex).

1. What comes after the agenda has closed is on that of the next session; what cannot wait is called for a time of its
   own, and bypasses the agenda.
2. There is no session on a bank holiday or on a day of the hub's own closure, whatever the hub's hours are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from exchange.case.calendar import FURTHEST, Calendar


@dataclass(frozen=True, slots=True)
class Session:
    """One recurring session."""

    id: str  # "daily"
    label: str
    at: time  # by the clock on the hub's wall
    days: tuple[int, ...]  # weekdays, Monday is 0
    cut_off: timedelta  # so long before the start its agenda closes
    roster: tuple[str, ...]  # agencies
    minutes: int = 60
    kind: str = ""  # which variant of discussion it holds
    location: str = ""  # for everybody's calendar
    telephone: str = ""  # to call in


def starts(session: Session, now: datetime, calendar: Calendar) -> datetime | None:
    """When the next session begins (UTC) whose agenda is still open; None when there is none within a year."""
    day = now.astimezone(calendar.zone).date()
    for _ in range(FURTHEST):
        if day.weekday() in session.days and day not in calendar.holidays | calendar.closed:
            begins = datetime.combine(day, session.at, calendar.zone).astimezone(UTC)
            if now < begins - session.cut_off:
                return begins
        day += timedelta(days=1)
    return None
