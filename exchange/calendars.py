"""The bank holidays an installation knows: those that came with the exchange, and newer lists given to it since."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime
from typing import Any

from exchange import app
from exchange.case.rules import Rules
from exchange.hubs import canonical, holidays, statutes
from exchange.store import profiles
from exchange.store.database import Transaction

_KIND = "calendar"


async def known(tx: Transaction) -> holidays.Calendars:
    """Every calendar, by its division."""
    try:
        _, stored = await profiles.current(tx, _KIND)
    except profiles.NoProfile:
        return holidays.packaged()
    return holidays.merged(holidays.packaged(), holidays.from_text(stored.decode()))


async def update(exchange: app.Opened, content: bytes) -> tuple[str, ...]:
    """Take a newer list, for new cases of this hub too; the lines say what changes. Raises CalendarRefused."""
    new = holidays.read(content)
    hub = exchange.hub
    async with hub.database.transaction(hub.scope("operator")) as tx:
        before = await known(tx)
        after = holidays.updated(before, new)
        lines = [
            f"{line[0]} {name} {line[2:]}" for name in new for line in holidays.difference(before[name], after[name])
        ]
        if lines:
            text = holidays.as_text(after).encode()
            await profiles.put(tx, _KIND, text, text, hub.clock.now())
        lines += await _in_force(tx, after, hub.clock.now())
    return tuple(lines)


async def _in_force(tx: Transaction, calendars: holidays.Calendars, now: datetime) -> list[str]:
    """The rules in force take the days of their calendar. A case keeps those of its receipt."""
    try:
        _, rules = await profiles.current_rules(tx)
    except profiles.NoProfile:
        return []
    nation = rules.calendar.nation
    days = frozenset(calendars.get(nation, {}))
    if not nation or days == rules.calendar.holidays:
        return []
    newer = dataclasses.replace(rules, calendar=dataclasses.replace(rules.calendar, holidays=days))
    text = canonical.canonical_rules(newer).encode()
    await profiles.put(tx, "rules", text, text, now)
    return [f"in force for new cases of {rules.hub}"]


async def listed(exchange: app.Opened) -> list[dict[str, Any]]:
    """Every calendar: how far it is known, whether the hub goes by it, and what is wrong with that."""
    hub = exchange.hub
    today = hub.clock.now().date()
    async with hub.database.reading(hub.scope("operator")) as tx:
        calendars = await known(tx)
        rules = await _rules(tx)
    return [_row(name, calendars[name], rules, today) for name in calendars]


async def warnings(exchange: app.Opened) -> tuple[str, ...]:
    """What an operator should see to: bank holidays that run out, and an edition of the law that was followed."""
    hub = exchange.hub
    today = hub.clock.now().date()
    async with hub.database.reading(hub.scope("operator")) as tx:
        rules = await _rules(tx)
    if rules is None:
        return ()
    ending = holidays.ending(rules.calendar.nation, rules.calendar.known_until, today)
    return tuple(told for told in (ending, statutes.outdated(rules.statute, today)) if told)


async def days(exchange: app.Opened, name: str) -> dict[str, str]:
    """The days of one calendar. Raises CalendarRefused."""
    hub = exchange.hub
    async with hub.database.reading(hub.scope("operator")) as tx:
        calendars = await known(tx)
    wanted = holidays.named(name)
    if wanted not in calendars:
        raise holidays.CalendarRefused(name, "no such calendar", f"use {', '.join(calendars)}")
    return {str(day): called for day, called in calendars[wanted].items()}


async def _rules(tx: Transaction) -> Rules | None:
    try:
        return (await profiles.current_rules(tx))[1]
    except profiles.NoProfile:
        return None


def _row(name: str, known_days: holidays.Days, rules: Rules | None, today: date) -> dict[str, Any]:
    until = holidays.known_until(known_days)
    return {
        "calendar": name,
        "title": holidays.title(name),
        "days": len(known_days),
        "until": str(until),
        "in_use": rules is not None and rules.calendar.nation == name,
        "warning": holidays.ending(name, until, today),
    }
