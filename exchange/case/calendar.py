"""Working calendars: when a hub is open. The dates are data; they arrive late and differ by nation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

Hours = tuple[time, time] | None  # open from, until; None is closed


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening hours by weekday (Monday first), and the days on which they do not hold."""

    timezone: str
    hours: tuple[Hours, ...]  # seven
    closed: frozenset[date] = frozenset()  # bank holidays and local closures

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the hours are meant."""
        return ZoneInfo(self.timezone)

    def opening(self, day: date) -> Hours:
        """The hours of one day, or None when closed."""
        return None if day in self.closed else self.hours[day.weekday()]

    def is_open(self, at: datetime) -> bool:
        """Whether the hub is open at this moment."""
        local = at.astimezone(self.zone)
        opening = self.opening(local.date())
        return opening is not None and opening[0] <= local.time() < opening[1]
