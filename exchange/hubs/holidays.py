"""Bank holidays as data: the dates arrive late and differ by nation, so each calendar is a file beside this one,
and an installation may know more than the files it came with.

1. Days are known by whole years: a newer list replaces the years it covers and leaves the others alone.
2. A list that ends sooner than what is known, or has too few days for a year, is refused: it is old, or cut short.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from exchange.hubs.refusal import HubError

Days = Mapping[date, str]  # day -> what it is called
Calendars = Mapping[str, Days]  # division of gov.uk ("scotland") -> its days

WARN = timedelta(days=90)  # before the days run out: time to fetch a list, and the longest clock (45 working days)
FEWEST = 8  # bank holidays in a year: England and Wales has eight, the others more
LARGEST = 1_000_000  # octets of a list: ten times the one that is published
LONGEST_TITLE = 120  # characters
FIRST_YEAR, LAST_YEAR = 2000, 2100  # a year outside is a slip of the hand
REMEDY = "fetch https://www.gov.uk/bank-holidays.json again and give that file unchanged"
_OLDER_NAMES = {"england-wales": "england-and-wales"}  # hub files were once written with these
_FOLDER = files(__package__) / "calendars"


class CalendarRefused(HubError):
    """The list of bank holidays has faults; nothing was changed."""

    def __init__(self, where: str, what: str, remedy: str = REMEDY) -> None:
        super().__init__(f"{where}: {what}: {remedy}")


@cache
def packaged() -> Calendars:
    """The calendars that come with the exchange."""
    names = sorted(f.name.removesuffix(".toml") for f in _FOLDER.iterdir() if f.name.endswith(".toml"))
    return {name: _from_file(name) for name in names}


def _from_file(name: str) -> Days:
    written = tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))["days"]
    return {date.fromisoformat(day): title for day, title in written.items()}


def title(name: str) -> str:
    """What a calendar is called: "England and Wales"."""
    return str(tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))["name"])


def named(name: str) -> str:
    """A calendar's name today, for one that a hub file may still write the older way."""
    return _OLDER_NAMES.get(name, name)


def known_until(days: Days) -> date:
    """The last day of the last year known."""
    return date(max(days).year, 12, 31)


def ending(name: str, until: date | None, today: date) -> str:
    """A warning when the days known run out within 90 days or have; "" otherwise."""
    if until is None or until - today > WARN:
        return ""
    return (
        f"the bank holidays of {name} are known until {until} only: clocks that run past it count later holidays as "
        f"working days. Fetch https://www.gov.uk/bank-holidays.json and run `exchange calendar update FILE`"
    )


def read(content: bytes) -> Calendars:
    """The calendars of a list as gov.uk publishes it. Raises CalendarRefused."""
    if len(content) > LARGEST:
        raise CalendarRefused("(whole file)", f"larger than {LARGEST} octets")
    try:
        data = json.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        raise CalendarRefused("(whole file)", "not JSON") from None
    if not isinstance(data, dict) or not data:
        raise CalendarRefused("(whole file)", "not a list of divisions")
    unknown = [name for name in data if name not in packaged()]
    if unknown:
        raise CalendarRefused(_shown(unknown[0]), "no such division", f"use {', '.join(packaged())}")
    return {name: _division(name, division) for name, division in data.items()}


def _division(name: str, division: Any) -> Days:
    events = division.get("events") if isinstance(division, dict) else None
    if not isinstance(events, list) or not events:
        raise CalendarRefused(f"{name}.events", "no list of days")
    days: dict[date, str] = {}
    for n, event in enumerate(events, 1):
        day, called = _event(f"{name}.events.{n}", event)
        if day in days:
            raise CalendarRefused(f"{name}.events.{n}.date", f"{day} stands there twice")
        days[day] = called
    _refuse_gaps(name, days)
    return days


def _event(where: str, event: Any) -> tuple[date, str]:
    if not isinstance(event, dict):
        raise CalendarRefused(where, "not a day with date and title")
    day, called = _day(f"{where}.date", event.get("date")), event.get("title")
    if not isinstance(called, str) or not called.strip() or len(called) > LONGEST_TITLE or not called.isprintable():
        raise CalendarRefused(f"{where}.title", "not one short line")
    return day, called.strip()


def _day(where: str, written: Any) -> date:
    try:
        day = date.fromisoformat(written)
        sound = FIRST_YEAR <= day.year <= LAST_YEAR and day.isoformat() == written  # Python 3.11 reads week dates too
    except (TypeError, ValueError):
        sound = False
    if not sound:
        raise CalendarRefused(where, f"{_shown(written)} is not a date", "write it like 2027-05-03")
    return day


def _refuse_gaps(name: str, days: Days) -> None:
    count = Counter(day.year for day in days)
    for year in range(min(count), max(count) + 1):
        if count[year] < FEWEST:
            raise CalendarRefused(name, f"only {count[year]} days in {year}, and no year has fewer than {FEWEST}")


def updated(known: Calendars, new: Calendars) -> Calendars:
    """What is known once a newer list was read. Raises CalendarRefused when it is an older one."""
    for name, days in new.items():
        if known_until(days) < known_until(known[name]):
            raise CalendarRefused(
                name, f"ends with {max(days).year}, and the days of {max(known[name]).year} are known: an older list"
            )
    return merged(known, new)


def merged(known: Calendars, new: Calendars) -> Calendars:
    """`known`, with each year that `new` covers as `new` has it."""
    return {name: _by_years(days, new.get(name, {})) for name, days in known.items()}


def _by_years(known: Days, new: Days) -> Days:
    covered = {day.year for day in new}
    kept = {day: called for day, called in known.items() if day.year not in covered}
    return dict(sorted({**kept, **new}.items()))


def as_text(calendars: Calendars) -> str:
    """Calendars as text, to be stored and hashed: equal calendars give equal text."""
    plain = {name: {str(day): called for day, called in sorted(days.items())} for name, days in calendars.items()}
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, indent=1)


def from_text(text: str) -> Calendars:
    """What `as_text` wrote."""
    stored = json.loads(text)
    return {name: {date.fromisoformat(day): called for day, called in days.items()} for name, days in stored.items()}


def difference(old: Days, new: Days) -> Iterator[str]:
    """`+`, `-` and `~` lines, by day."""
    for day in sorted(old.keys() | new.keys()):
        if day not in new:
            yield f"- {day} {old[day]}"
        elif day not in old:
            yield f"+ {day} {new[day]}"
        elif old[day] != new[day]:
            yield f"~ {day} {old[day]} -> {new[day]}"


def _shown(value: object) -> str:
    return f"“{str(value)[:40]}”" if str(value)[:40].isprintable() else "what stands there"
