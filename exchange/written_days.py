"""Written days: a day, or a day and a time, as people at a desk write it: the day before the month, always.

`27/11/2026`, `27.11.26`, `27 Nov 2026`, `27th November 2026`, and `2026-11-27` as programs write it. Which of two
numbers is the month is never guessed: 11/27/2026 is no day.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time

_PEOPLE = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s/.-]+(\d{1,2}|[a-z]{3,9})[\s/.,-]+(\d{4}|\d\d)", re.IGNORECASE)
_PROGRAMS = re.compile(r"\d{4}-\d\d-\d\d")
_WITH_TIME = re.compile(r"(.+?)(?:[\s,]+(?:at\s+)?|T)(\d{1,2})[:.](\d\d)", re.IGNORECASE)
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_CENTURY = 2000  # what is said at a desk in two figures is of our own days


def day(text: str) -> date:
    """The day. Raises ValueError."""
    if _PROGRAMS.fullmatch(text):
        return date.fromisoformat(text)
    found = _PEOPLE.fullmatch(text.strip())
    if found is None:
        raise ValueError("no day")
    year = int(found[3])
    return date(year if len(found[3]) > 2 else _CENTURY + year, _month(found[2].lower()), int(found[1]))


def moment(text: str) -> datetime:
    """The moment, without a zone unless one is written (`2026-11-27T14:30Z`). Raises ValueError."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        found = _WITH_TIME.fullmatch(text.strip())
        if found is None:
            raise
        return datetime.combine(day(found[1]), time(int(found[2]), int(found[3])))


def whole(text: str) -> str:
    """A date of somebody's life as it is kept (`2019-03-27`); with a year of two figures, or none, as it is."""
    try:
        return day(text).isoformat() if re.search(r"\d{4}", text) else text
    except ValueError:
        return text


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    found = [n for n, name in enumerate(_MONTHS, 1) if name.startswith(text) or (text == "sept" and n == 9)]
    if not found:
        raise ValueError("no month")
    return found[0]
