"""A hub file becomes the rules cases are held to and the directory of whom to write to, or is refused whole.

The rules are kept by their hash, and a case keeps those of its receipt; the directory (mailboxes, who answers for
them) is always the newest, which is why the two are parted here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from itertools import pairwise

from exchange.case.calendar import Calendar, OwnHours
from exchange.case.clock import ClockKind, ClockSpec
from exchange.case.mailbox import Directory
from exchange.case.rules import Rating, Rules
from exchange.case.statute import NEXT_STEPS
from exchange.hubs import discussions, holidays, shapes, statutes
from exchange.hubs.agencies import register
from exchange.hubs.hours import week
from exchange.hubs.ladder import escalation
from exchange.hubs.own_words import letters
from exchange.hubs.products import agreements, product_rules
from exchange.hubs.reading import Sheet, Table
from exchange.hubs.referrers import referrers
from exchange.hubs.refusal import Fault, HubFileRefused
from exchange.hubs.retention import schedule
from exchange.hubs.rotas import cover
from exchange.hubs.routes import routes
from exchange.hubs.statutes import Law

__all__ = ["Fault", "HubFile", "HubFileRefused", "packaged", "read"]

_NEXT_STEPS = shapes.one_of(("decision", "rating"), "end of the statutory clock")
_OR_ELSE = ', or next_steps = "rating" under [hub] where a person\'s rating decides them'
_CLOCKS = ("acknowledge", "answer", "decide")  # of a rating
_REMINDERS = (0.5, 0.8, 1.0)
_PICKUP = ClockSpec(ClockKind.ELAPSED, seconds=14 * 86400)
_DRIFT = ClockSpec(ClockKind.ELAPSED, seconds=86400)


@dataclass(frozen=True, slots=True)
class HubFile:
    """What one hub file says."""

    rules: Rules
    directory: Directory


def read(text: str, calendars: holidays.Calendars | None = None, own: str = "") -> HubFile:
    """The rules and the directory of a hub file; `calendars` are the bank holidays known, those that come with the
    exchange unless given; `own` is the hub that it must be for, any when left out. Raises HubFileRefused, which names
    every fault."""
    sheet = Sheet(text)
    root = sheet.root
    hub = root.table("hub")
    known = register(root)
    cohorts = hub.may_list("cohorts", shapes.IDENTITY)
    named = hub.may("statute", statutes.PROFILE, "")
    calendar = _calendar(root.table("calendar"), calendars or holidays.packaged(), named)
    law = statutes.read(named, root, calendar)
    next_steps = hub.may("next_steps", _NEXT_STEPS, "decision")
    ratings = tuple(_ratings(root, law, next_steps))
    strategy = discussions.strategy(root, known, law, named)
    rules = Rules(
        hub=hub.need("id", shapes.IDENTITY),
        name=hub.need("name", shapes.TEXT),
        prefix=hub.need("prefix", shapes.PREFIX),
        telephone=hub.need("telephone", shapes.TELEPHONE),
        duty_telephone=hub.need("duty_telephone", shapes.TELEPHONE),
        calendar=calendar,
        unrated=_rating("", root.table("unrated"), law, NEXT_STEPS, "Not rated yet"),
        ratings=ratings,
        agencies=tuple(known.agencies),
        routes=tuple(routes(root, cohorts)),
        first_look=law.need(hub, "first_look", NEXT_STEPS, shape=shapes.ELAPSED),
        feedback=hub.need("feedback", shapes.CLOCK),
        strategy=strategy,
        sessions=tuple(discussions.sessions(root, known, strategy)),
        product=product_rules(root, known.functions()),
        reminders=_reminders(hub),
        overdue_again=hub.may("overdue_again", shapes.CLOCK, shapes.CLOCK.stand_in),
        cohorts=cohorts,
        open_cases=hub.may_list("open_cases", shapes.one_of((a.id for a in known.agencies), "agency of this file")),
        statute=law.statute,
        next_steps=next_steps,
        retention=tuple(schedule(root)),
        escalation=escalation(root),
        digest=hub.may("digest", shapes.TIME, None),
        drift=hub.may("drift", shapes.CLOCK, _DRIFT),
        pickup=hub.may("pickup", shapes.ELAPSED, _PICKUP),
        letters=tuple(letters(root)),
    )
    directory = Directory(
        tuple(known.mailboxes), agreements(root), tuple(cover(root)), known.route_types, referrers(root, known)
    )
    if own and hub.sound("id") and rules.hub != own:
        hub.fault("id", "not the hub of this exchange", f'write "{own}"')
    sheet.close()
    return HubFile(rules, directory)


def packaged(name: str) -> str:
    """The text of a hub file that comes with the exchange: `example` or `demo`."""
    return (files(__package__) / f"{name}.toml").read_text("utf-8")


def _ratings(root: Table, law: Law, next_steps: str) -> Iterator[Rating]:
    """The scale, most urgent first. What cannot wait runs day and night: four working hours from Friday 16:55 end on
    Tuesday after a bank holiday (domain 3.5)."""
    within = NEXT_STEPS if next_steps == "decision" else ""
    for number, (code, table) in enumerate(root.entries("ratings", shapes.RATING)):
        rating = _rating(code, table, law, within)
        for key in _CLOCKS if number == 0 else ():
            spec: ClockSpec = getattr(rating, key)
            if table.sound(key) and spec.kind is not ClockKind.ELAPSED:
                table.fault(
                    key, "stands still out of hours, and this is the most urgent rating",
                    "write a length of time that runs day and night, like 4h",
                )  # fmt: skip
        yield rating


def _rating(code: str, table: Table, law: Law, within: str, label: str = "") -> Rating:
    return Rating(
        code=code,
        label=table.may("label", shapes.TEXT, label) if label else table.need("label", shapes.TEXT),
        acknowledge=table.need("acknowledge", shapes.CLOCK),
        answer=table.need("answer", shapes.CLOCK),
        decide=law.need(table, "decide", within, _OR_ELSE if code else ""),
    )


def _calendar(table: Table, known: holidays.Calendars, statute: str) -> Calendar:
    """The hub's calendar; a hub that names a statute but no holidays works on them, and the statute does not."""
    own = table.may("holidays", shapes.HOLIDAYS, "")
    nation = statutes.holidays(statute) or own
    if own and own != nation:
        table.fault("holidays", f"not those of {statute}", f'write "{nation}"')
    return Calendar(
        open_on_holidays=bool(nation) and not own,
        timezone=table.need("timezone", shapes.TIMEZONE),
        hours=week(table),
        closed=frozenset(table.may_list("closed", shapes.DATE)),
        holidays=frozenset(known.get(nation, {})),
        nation=nation,
        dates=tuple(sorted(_dates(table), key=lambda own: own.day)),
    )


def _dates(table: Table) -> Iterator[OwnHours]:
    """Days with hours of their own: `2027-03-25 = "08:30-12:30"`."""
    if not table.sound("dates"):
        return
    days = table.table("dates")
    for written in table.names("dates"):
        hours = days.may(written, shapes.HOURS, None)
        try:
            yield OwnHours(date.fromisoformat(written), hours)
        except ValueError:
            days.fault(written, "not a date", 'write the day first, like 2027-03-25 = "08:30-12:30"')


def _reminders(hub: Table) -> tuple[float, ...]:
    shares = hub.may_list("reminders", shapes.SHARE, _REMINDERS)
    if not shares:
        hub.fault("reminders", "nobody would be reminded", "write at least the end of the clock, [1.0]")
    if hub.sound("reminders") and any(later <= sooner for sooner, later in pairwise(shares)):
        hub.fault("reminders", "not in the order of time", "write the smaller share first, like [0.5, 0.8, 1.0]")
    return shares
