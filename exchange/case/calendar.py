"""Working calendars: when a hub is open, and which days count by law. The dates are data: they arrive late and
differ by nation.

1. What a day's hours are is answered in this order: the day's own hours, a closure or bank holiday, the weekday.
2. A hub's closures, hours and habits do not move a statutory working day: `statutory` forgets them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Hours = tuple[time, time] | None  # open from, until; None is closed
WHOLE_DAY = (time.min, time.max)  # until the next midnight, which no time of the day can say
OFFICE_HOURS = (time(9), time(17))  # of a statutory working day on whose weekday the hub is closed
FURTHEST = 366  # days: nothing of this trade stays closed for longer
_WORKING_WEEK = 5  # Monday to Friday: Banking and Financial Dealings Act 1971 and every clock counted by it


@dataclass(frozen=True, slots=True)
class OwnHours:
    """One day with hours of its own, such as an early closing."""

    day: date
    hours: Hours


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening hours by weekday (Monday first), and the days on which they do not hold."""

    timezone: str
    hours: tuple[Hours, ...]  # seven
    closed: frozenset[date] = frozenset()  # the hub's own closure days
    holidays: frozenset[date] = frozenset()  # bank holidays of its nation
    nation: str = ""  # whose bank holidays: "england-and-wales"; "" when none are known
    open_on_holidays: bool = False
    dates: tuple[OwnHours, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the hours are meant."""
        return ZoneInfo(self.timezone)

    @property
    def known_until(self) -> date | None:
        """The last day for which bank holidays are known (they come by whole years); None without any."""
        return date(max(self.holidays).year, 12, 31) if self.holidays else None

    def opening(self, day: date) -> Hours:
        """The hours of one day, or None when closed."""
        for own in self.dates:
            if own.day == day:
                return own.hours
        if day in self.closed or (day in self.holidays and not self.open_on_holidays):
            return None
        return self.hours[day.weekday()]

    def span(self, day: date) -> tuple[datetime, datetime] | None:
        """From when until when (UTC) it is open on a day; None when closed."""
        opening = self.opening(day)
        if opening is None:
            return None
        begins, ends = opening
        if ends == time.max:
            day_after = day + timedelta(days=1)
            return self._utc(day, begins), self._utc(day_after, time.min)
        return self._utc(day, begins), self._utc(day, ends)

    def is_open(self, at: datetime) -> bool:
        """Whether the hub is open at this moment."""
        span = self.span(at.astimezone(self.zone).date())
        return span is not None and span[0] <= at < span[1]

    def next_open(self, at: datetime) -> datetime:
        """This moment when it is open, otherwise when it opens next (UTC); a calendar that never opens hides
        nothing: it is open now."""
        day = at.astimezone(self.zone).date()
        for _ in range(FURTHEST):
            span = self.span(day)
            if span and at < span[1]:
                return max(at, span[0])
            day += timedelta(days=1)
        return at

    def next_closed(self, at: datetime) -> datetime | None:
        """This moment when it is closed, otherwise when it closes next (UTC); None for one that never closes."""
        day = at.astimezone(self.zone).date()
        for _ in range(FURTHEST if self._closes else 0):
            span = self.span(day)
            if span is None or at < span[0] or at >= span[1]:
                return at
            at, day = span[1], day + timedelta(days=1)
        return None

    @property
    def _closes(self) -> bool:
        """Whether there is any hour at which it may be closed: looked at before a year is searched for one."""
        closes_then = self.closed or self.dates or (self.holidays and not self.open_on_holidays)
        return bool(closes_then) or self.hours != (WHOLE_DAY,) * 7

    def statutory(self) -> Calendar:
        """The days that count by law, Monday to Friday without bank holidays, each closing when the hub does."""
        week = tuple(hours or OFFICE_HOURS for hours in self.hours[:_WORKING_WEEK])
        return replace(self, hours=(*week, None, None), closed=frozenset(), dates=(), open_on_holidays=False)

    def _utc(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)
