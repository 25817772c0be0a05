"""Staffed: which of the hub's two numbers a person answers at a moment, and when each is answered, in few words.

1. Pages are read now: they name the one number that is staffed now. Letters are read later: they name both.
2. The hub's own calendar says so, holidays and early closings included.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from exchange.case.calendar import WHOLE_DAY, Calendar, Hours
from templates import moments
from templates.languages import say

_A_MONDAY = date(2026, 11, 23)


@dataclass(frozen=True, slots=True)
class Ring:
    """Whom to ring at this moment."""

    number: str
    is_open: bool
    until: datetime | None = None  # when it opens next, while it is closed


def now(telephone: str, duty: str, calendar: Calendar, at: datetime) -> Ring:
    """The number that is staffed at this moment."""
    if calendar.is_open(at) or calendar.next_open(at) == at:  # a calendar that never opens hides nothing
        return Ring(telephone, True)
    return Ring(duty, False, calendar.next_open(at))


def both(telephone: str, duty: str, calendar: Calendar) -> str:
    """`01632 960100 (Mon–Fri 09:00–17:00; at other times 01632 960199)`."""
    if calendar.hours == (WHOLE_DAY,) * 7:
        return say("%(number)s (day and night; the duty team: %(duty)s)", number=telephone, duty=duty)
    return say("%(number)s (%(hours)s; at other times %(duty)s)", number=telephone, hours=hours(calendar), duty=duty)


def hours(calendar: Calendar) -> str:
    """`Mon–Thu 09:00–17:00, Fri 09:00–16:30, not on bank holidays`."""
    parts = []
    for open_then, run in groupby(range(7), key=lambda day: calendar.hours[day]):
        days = list(run)
        if open_then:
            parts.append(f"{_days(days)} {_span(open_then)}")
    if calendar.holidays and not calendar.open_on_holidays:
        parts.append(say("not on bank holidays"))
    return ", ".join(parts)


def _days(days: list[int]) -> str:
    named = [moments.weekday(_A_MONDAY + timedelta(days=day)) for day in (days[0], days[-1])]
    return "–".join(dict.fromkeys(named))


def _span(open_then: Hours) -> str:
    begins, ends = open_then or WHOLE_DAY
    return f"{begins:%H:%M}–{'24:00' if ends == time.max else format(ends, '%H:%M')}"
