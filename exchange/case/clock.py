"""Clocks: when an answer is due. Pure arithmetic over a working calendar; nothing here reads the time.

Three kinds, which must never be mixed up (the same four hours end at 20:55 on Friday or at 12:55 on Tuesday):
- elapsed: UTC arithmetic, runs day and night; for what cannot wait (red);
- working: minutes in which the hub is open;
- working days: close of business *n* working days after the day of the start.
A due time is stored when it is set; whether it is overdue is derived from it and the present.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from exchange.case.calendar import FURTHEST, Calendar


class ClockKind(StrEnum):
    """How the time is counted."""

    ELAPSED = "elapsed"
    WORKING = "working"
    WORKING_DAYS = "working_days"


class ClockRefused(ValueError):
    """Not a length of time: write it like 30m, 4h, 20s, 4wh (working hours) or 1wd (working days)."""


@dataclass(frozen=True, slots=True)
class ClockSpec:
    """A length of time and how it is counted."""

    kind: ClockKind
    seconds: float = 0.0  # for elapsed and working
    days: int = 0  # for working days

    @classmethod
    def hour(cls) -> ClockSpec:
        """One hour, elapsed."""
        return cls(ClockKind.ELAPSED, seconds=3600)

    @property
    def unresting(self) -> ClockSpec:
        """The same length counted day and night: what is most urgent waits for no office hours."""
        if self.kind is ClockKind.WORKING_DAYS:
            return ClockSpec(ClockKind.ELAPSED, seconds=86400.0 * self.days)
        return ClockSpec(ClockKind.ELAPSED, seconds=self.seconds)


_SPEC = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)(s|m|h|d|wm|wh|wd)\Z")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "wm": 60, "wh": 3600}


def read_spec(text: str) -> ClockSpec:
    """`20s`, `30m`, `4h`, `3d` elapsed; `30wm`, `4wh` working; `1wd` working days. Raises ClockRefused."""
    found = _SPEC.match(text.strip())
    if not found:
        raise ClockRefused("write a length of time like 30m, 4h, 4wh (working hours) or 1wd (working days)")
    amount, unit = float(found[1]), found[2]
    if unit == "wd":
        if amount != int(amount):
            raise ClockRefused("working days are whole: write 1wd, not 1.5wd")
        return ClockSpec(ClockKind.WORKING_DAYS, days=int(amount))
    kind = ClockKind.WORKING if unit.startswith("w") else ClockKind.ELAPSED
    return ClockSpec(kind, seconds=amount * _SECONDS[unit])


def due(spec: ClockSpec, start: datetime, calendar: Calendar) -> datetime:
    """When a clock started at `start` (UTC) runs out (UTC)."""
    if spec.kind is ClockKind.ELAPSED:
        return start + timedelta(seconds=spec.seconds)
    if spec.kind is ClockKind.WORKING:
        return _after_working(start, timedelta(seconds=spec.seconds), calendar)
    return _after_working_days(start, spec.days, calendar)


def share_due(spec: ClockSpec, fraction: float, start: datetime, calendar: Calendar) -> datetime:
    """When this part of a clock started at `start` (UTC) has run (UTC): of working days, of the hours before they end
    in which it is open. A whole day is no part of one day: whoever was asked at 16:50 would be reminded at 17:00."""
    if spec.kind is not ClockKind.WORKING_DAYS:
        return due(ClockSpec(spec.kind, seconds=spec.seconds * fraction), start, calendar)
    ends = due(spec, start, calendar)
    return min(ends, _after_working(start, _open_between(start, ends, calendar) * fraction, calendar))


def _open_between(start: datetime, ends: datetime, calendar: Calendar) -> timedelta:
    day, total = start.astimezone(calendar.zone).date(), timedelta(0)
    while day <= ends.astimezone(calendar.zone).date():
        span = calendar.span(day)
        total += max(min(span[1], ends) - max(span[0], start), timedelta(0)) if span else timedelta(0)
        day += timedelta(days=1)
    return total


def _after_working(start: datetime, amount: timedelta, calendar: Calendar) -> datetime:
    day = start.astimezone(calendar.zone).date()
    for _ in range(FURTHEST):
        span = calendar.span(day)
        if span:
            begins, ends = max(start, span[0]), max(start, span[1])
            if ends - begins >= amount and ends > begins:
                return begins + amount
            amount -= ends - begins
        day += timedelta(days=1)
    return start  # a calendar that never opens: due now, not never


def _after_working_days(start: datetime, days: int, calendar: Calendar) -> datetime:
    day = start.astimezone(calendar.zone).date()
    left = days
    for _ in range(FURTHEST):
        if left <= 0 and calendar.opening(day):
            break
        day += timedelta(days=1)
        left -= bool(calendar.opening(day))
    span = calendar.span(day)
    return max(start, span[1]) if span else start
