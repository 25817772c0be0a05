"""Bank holidays: the days that come with the exchange are right, and a newer list is taken or refused whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from exchange.hubs import holidays
from exchange.hubs.holidays import CalendarRefused

ENGLAND, SCOTLAND, ULSTER = "england-and-wales", "scotland", "northern-ireland"
YEARS = range(2025, 2029)


def easter(year: int) -> date:
    """The anonymous Gregorian computus (Meeus)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (a + 11 * h) // 319
    r = (2 * e + 2 * i - k - h + m + 32) % 7
    month = (h - m + r + 90) // 25
    return date(year, month, (h - m + r + month + 19) % 32)


def monday(year: int, month: int, which: int) -> date:
    """The first (0) or last (-1) Monday of a month."""
    days = (date(year, month, d) for d in range(1, 32))
    return [d for d in days if d.weekday() == 0][which]


def worked(*days: date) -> set[date]:
    """Fixed days; those on a weekend move to the next weekdays that are free."""
    found = {d for d in days if d.weekday() < 5}
    for day in (d for d in days if d.weekday() >= 5):
        while day.weekday() >= 5 or day in found:
            day += timedelta(days=1)
        found.add(day)
    return found


def by_rule(name: str, year: int) -> set[date]:
    """What the standing rules give, without one-off days."""
    days = worked(date(year, 12, 25), date(year, 12, 26)) | {easter(year) - timedelta(days=2)}
    days |= {monday(year, 5, 0), monday(year, 5, -1)}
    if name == SCOTLAND:
        return days | worked(date(year, 1, 1), date(year, 1, 2)) | worked(date(year, 11, 30)) | {monday(year, 8, 0)}
    days |= worked(date(year, 1, 1)) | {easter(year) + timedelta(days=1), monday(year, 8, -1)}
    return days | (worked(date(year, 3, 17)) | worked(date(year, 7, 12)) if name == ULSTER else set())


@pytest.mark.parametrize("name", [ENGLAND, SCOTLAND, ULSTER])
def test_the_days_are_those_of_the_standing_rules_and_what_was_announced(name: str) -> None:
    announced = {date(2026, 6, 15)} if name == SCOTLAND else set()
    expected = announced.union(*(by_rule(name, year) for year in YEARS))
    assert set(holidays.packaged()[name]) == expected


def test_the_days_of_2027_are_those_known_for_england_and_wales() -> None:
    found = [d for d in holidays.packaged()[ENGLAND] if d.year == 2027]
    assert [f"{d:%d %b}" for d in found] == [
        "01 Jan", "26 Mar", "29 Mar", "03 May", "31 May", "30 Aug", "27 Dec", "28 Dec"
    ]  # fmt: skip


def test_every_calendar_says_where_its_days_come_from() -> None:
    for name in holidays.packaged():
        text = (holidays._FOLDER / f"{name}.toml").read_text("utf-8")
        assert "https://www.gov.uk/bank-holidays.json" in text
        assert holidays.title(name).casefold().replace(" ", "-") == name


def feed(name: str = ENGLAND, years: range = YEARS, *more: date) -> dict[str, Any]:
    """A list as gov.uk publishes it."""
    days = sorted({d for year in years for d in by_rule(name, year)} | set(more))
    events = [{"title": "Some day", "date": str(d), "notes": "", "bunting": True} for d in days]
    return {name: {"division": name, "events": events}}


def read(data: Any) -> holidays.Calendars:
    return holidays.read(json.dumps(data).encode())


def test_a_newer_list_adds_years_and_days_announced_late() -> None:
    known = holidays.packaged()
    new = read(feed(ENGLAND, range(2027, 2030), date(2027, 6, 7)) | feed(SCOTLAND))
    after = holidays.updated(known, new)
    lines = list(holidays.difference(known[ENGLAND], after[ENGLAND]))
    assert "+ 2027-06-07 Some day" in lines
    assert "+ 2029-12-25 Some day" in lines
    assert "~ 2027-01-01 New Year’s Day -> Some day" in lines
    assert not [line for line in lines if line.startswith("-") or "2026" in line]
    gone = [d for d in holidays.difference(known[SCOTLAND], after[SCOTLAND]) if d.startswith("-")]
    assert gone == ["- 2026-06-15 World Cup bank holiday"]  # the list covers 2026 and has it no more
    assert after[ULSTER] == known[ULSTER]
    assert holidays.updated(after, new) == after


def test_calendars_come_back_whole_from_their_text() -> None:
    known = holidays.packaged()
    assert holidays.from_text(holidays.as_text(known)) == known
    assert holidays.as_text(dict(sorted(known.items(), reverse=True))) == holidays.as_text(known)


def _changed(change: Callable[[list[Any]], Any]) -> bytes:
    data = feed()
    change(data[ENGLAND]["events"])
    return json.dumps(data).encode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "(whole file): not JSON: fetch https"),
        (b"<html>502 Bad Gateway</html>", "(whole file): not JSON: fetch https"),
        (b"[" * 100_000, "(whole file): not JSON"),
        (b"\xff\xfe{}", "(whole file): not JSON"),
        (b"{}", "(whole file): not a list of divisions"),
        (b" " * 1_000_001, "(whole file): larger than 1000000 octets"),
        (b'{"wales": {}}', "“wales”: no such division: use england-and-wales, northern-ireland, scotland"),
        (b'{"scotland": {"events": []}}', "scotland.events: no list of days"),
        (b'{"scotland": 3}', "scotland.events: no list of days"),
        (b'{"scotland": {"events": [3]}}', "scotland.events.1: not a day with date and title"),
        (_changed(lambda e: e[2].update(date="2025-02-30")), "england-and-wales.events.3.date: “2025-02-30” is not a "
         "date: write it like 2027-05-03"),
        (_changed(lambda e: e[2].update(date="2025-W07-1")), "england-and-wales.events.3.date: “2025-W07-1” is not"),
        (_changed(lambda e: e[2].update(date="1025-02-03")), "england-and-wales.events.3.date: “1025-02-03” is not"),
        (_changed(lambda e: e[2].update(date=None)), "england-and-wales.events.3.date: “None” is not a date"),
        (_changed(lambda e: e[0].update(title="a\nb")), "england-and-wales.events.1.title: not one short line"),
        (_changed(lambda e: e[0].pop("title")), "england-and-wales.events.1.title: not one short line"),
        (_changed(lambda e: e.append(e[4])), "england-and-wales.events.33.date: 2025-05-26 stands there twice"),
        (_changed(lambda e: e.pop()), "england-and-wales: only 7 days in 2028, and no year has fewer than 8"),
        (_changed(lambda e: e.__delitem__(slice(8, 16))), "england-and-wales: only 0 days in 2026"),
    ],
)  # fmt: skip
def test_a_bad_list_is_refused_saying_where_what_and_what_to_do(content: bytes, said: str) -> None:
    with pytest.raises(CalendarRefused) as refused:
        holidays.read(content)
    assert str(refused.value).startswith(said)


def test_an_older_list_is_refused() -> None:
    with pytest.raises(CalendarRefused, match="ends with 2027, and the days of 2028 are known: an older list"):
        holidays.updated(holidays.packaged(), read(feed(SCOTLAND, range(2025, 2028))))


@pytest.mark.parametrize(
    ("today", "warns"), [(date(2028, 10, 1), False), (date(2028, 10, 2), True), (date(2030, 1, 1), True)]
)
def test_a_warning_comes_ninety_days_before_the_days_run_out(today: date, warns: bool) -> None:
    told = holidays.ending(SCOTLAND, date(2028, 12, 31), today)
    assert bool(told) is warns
    assert "exchange calendar update FILE" in told or not warns


def test_a_hub_without_bank_holidays_is_not_warned() -> None:
    assert holidays.ending("", None, date(2030, 1, 1)) == ""
