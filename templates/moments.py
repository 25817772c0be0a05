"""Times as people say them in the language spoken: the day in words, the place whose clock is meant."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from templates.languages import ENGLISH, say, spoken

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip


def moment(at: datetime, timezone: str) -> str:
    """`Tuesday 24 November 2026, 10:00 (London time)`."""
    local = at.astimezone(ZoneInfo(timezone))
    return say(
        "%(weekday)s %(day)s, %(clock)s (%(place)s time)",
        weekday=_named(local, "EEEE"), day=day(local.date()), clock=clock(at, timezone), place=_place(timezone),
    )  # fmt: skip


def short(at: datetime, timezone: str, now: datetime | None = None) -> str:
    """`Tuesday 24 November at 10:00`, by the clock there; of another year than now, with its year."""
    local = at.astimezone(ZoneInfo(timezone))
    far = now is not None and now.astimezone(ZoneInfo(timezone)).year != local.year
    return say(
        "%(weekday)s %(day)s at %(clock)s",
        weekday=_named(local, "EEEE"), day=day(local.date()) if far else day_and_month(at, timezone),
        clock=clock(at, timezone),
    )  # fmt: skip


def soon(at: datetime, timezone: str, now: datetime) -> str:
    """As `short`, for what is to be done until then: `today 22:13, Friday 27 November` on the day itself."""
    zone = ZoneInfo(timezone)
    local = at.astimezone(zone)
    if local.date() != now.astimezone(zone).date():
        return short(at, timezone, now)
    return say(
        "today %(clock)s, %(weekday)s %(day)s",
        clock=clock(at, timezone), weekday=_named(local, "EEEE"), day=day_and_month(at, timezone),
    )  # fmt: skip


def clock(at: datetime, timezone: str) -> str:
    """`10:42`."""
    return f"{at.astimezone(ZoneInfo(timezone)):%H:%M}"


def day_and_month(at: datetime, timezone: str) -> str:
    """`23 November`."""
    local = at.astimezone(ZoneInfo(timezone))
    return _named(local, "d MMMM")


def day(of: date) -> str:
    """`24 November 2026`."""
    return _named(of, "d MMMM y")


def weekday(of: date) -> str:
    """`Mon`."""
    return _named(of, "EEE")


def _named(of: date, pattern: str) -> str:
    """A day by one of the patterns that we use."""
    language = spoken().code
    if language == ENGLISH:  # the most frequent by far, and not worth the 80 ms that babel takes to come
        words = {
            "EEEE": DAYS[of.weekday()],
            "EEE": DAYS[of.weekday()][:3],
            "d": str(of.day),
            "MMMM": MONTHS[of.month - 1],
            "y": str(of.year),
        }
        return " ".join(words[part] for part in pattern.split())
    from babel.dates import format_date

    return format_date(of, pattern, locale=language.replace("-", "_"))


def _place(timezone: str) -> str:
    """The town whose clock is meant."""
    language = spoken().code
    if language == ENGLISH:
        return timezone.rpartition("/")[2].replace("_", " ")
    from babel.dates import get_timezone_location

    return get_timezone_location(timezone, locale=language.replace("-", "_"), return_city=True)


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
