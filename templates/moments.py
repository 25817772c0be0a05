"""Times as people say them: the day in words, the place whose clock is meant; no locale of the machine."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip


def moment(at: datetime, timezone: str) -> str:
    """`Tuesday 24 November 2026, 10:00 (London time)`."""
    local = at.astimezone(ZoneInfo(timezone))
    place = timezone.rpartition("/")[2].replace("_", " ")
    return f"{DAYS[local.weekday()]} {day(local.date())}, {local:%H:%M} ({place} time)"


def short(at: datetime, timezone: str) -> str:
    """`Tuesday 24 November at 10:00`, by the clock there."""
    local = at.astimezone(ZoneInfo(timezone))
    return f"{DAYS[local.weekday()]} {local.day} {MONTHS[local.month - 1]} at {local:%H:%M}"


def clock(at: datetime, timezone: str) -> str:
    """`10:42`."""
    return f"{at.astimezone(ZoneInfo(timezone)):%H:%M}"


def day_and_month(at: datetime, timezone: str) -> str:
    """`23 November`."""
    local = at.astimezone(ZoneInfo(timezone))
    return f"{local.day} {MONTHS[local.month - 1]}"


def day(of: date) -> str:
    """`24 November 2026`."""
    return f"{of.day} {MONTHS[of.month - 1]} {of.year}"


def span(length: timedelta) -> str:
    """A length of time, roughly, as said aloud: `25 minutes`, `3 hours`, `2 days`."""
    minutes = int(length.total_seconds()) // 60
    if minutes < 1:
        return "less than a minute"
    for size, word, up_to in ((1, "minute", 120), (60, "hour", 2880)):
        if minutes < up_to:
            return _count(minutes // size, word)
    return _count(minutes // 1440, "day")


def age(born: date, on: date) -> str:
    """Whole years, and for the very young months: `7 years`, `5 months`; "" before birth."""
    months = (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)
    if months < 0:
        return ""
    return _count(months // 12, "year") if months >= 24 else _count(months, "month")


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
