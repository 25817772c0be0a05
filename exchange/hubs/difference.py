"""What a new hub file would change, in lines an operator reads before saying yes.

1. There is a line if, and only if, the rules or the directory differ: every field is compared because the fields are
   taken from the values themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import time

from exchange.case.calendar import WHOLE_DAY, Hours
from exchange.case.clock import ClockKind, ClockSpec
from exchange.case.mailbox import Address, Directory, Mailbox, Spoc
from exchange.case.rota import Turn
from exchange.case.rules import AT_RISK, Rating, Route, Rules
from exchange.case.statute import Statute
from exchange.hubs.loader import HubFile

_SAID = ("agency", "parts", "purpose", "on")  # of a route; its other fields are conditions
# Where order counts: of ratings it is urgency, of mailboxes first choice, of routes which purpose is written.
_ORDERED = ("rating", "agency", "route", "mailbox", "spoc", "turn", "cover")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing a hub file speaks of. A thing with one nameless fact is that fact: a clock."""

    kind: str  # "agency"
    name: str  # "police"
    title: str  # what a line that adds or removes it says of it
    facts: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def changes(old: HubFile | None, new: HubFile) -> tuple[str, ...]:
    """`+`, `-` and `~` lines; empty when nothing would change."""
    before = {str(t): t for t in _things(old)} if old else {}
    after = {str(t): t for t in _things(new)}
    gone = [f"- {label}{_titled(thing)}" for label, thing in before.items() if label not in after]
    come = [f"+ {label}{_titled(thing)}" for label, thing in after.items() if label not in before]
    both = [label for label in after if label in before]
    changed = [line for label in both for line in _changed(label, before[label].facts, after[label].facts)]
    return (*gone, *come, *changed, *_reordered(before, after))


def clock_text(spec: ClockSpec) -> str:
    """A clock as a hub file writes it: `30m`, `4wh`, `1wd`."""
    if spec.kind is ClockKind.WORKING_DAYS:
        return f"{spec.days}wd"
    working = spec.kind is ClockKind.WORKING
    units = (("wh", 3600), ("wm", 60)) if working else (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
    unit, size = next((u for u in units if spec.seconds % u[1] == 0), units[-1])
    return f"{spec.seconds / size:.15g}{unit}"


def _changed(label: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for fact, text in new.items():
        if old.get(fact) != text:
            yield f"~ {label}{' ' if fact else ''}{fact} {old.get(fact, '-')} -> {text}"


def _reordered(before: Mapping[str, Thing], after: Mapping[str, Thing]) -> Iterator[str]:
    for kind in _ORDERED:
        old = [t.name for label, t in before.items() if t.kind == kind and label in after]
        new = [t.name for label, t in after.items() if t.kind == kind and label in before]
        if old != new:
            yield f"~ order of {kind}: {' | '.join(old)} -> {' | '.join(new)}"


def _titled(thing: Thing) -> str:
    return f" ({thing.title})" if thing.title else f" {thing.facts.get('', '')}".rstrip()


def _things(file: HubFile) -> Iterator[Thing]:
    rules = file.rules
    yield Thing(
        "hub",
        rules.hub,
        rules.name,
        _facts(
            rules,
            "hub calendar unrated ratings agencies routes strategy sessions statute product retention escalation "
            "letters",
        ),
    )
    yield from _calendar(rules)
    yield from _statute(rules.statute)
    for rating in (rules.unrated, *rules.ratings):
        yield from _rating(rating)
    yield from _discussions(rules)
    yield Thing("product", "release", "", _facts(rules.product))
    yield Thing("escalation", "past due", "", _facts(rules.escalation))
    for agency in rules.agencies:
        yield Thing("agency", agency.id, agency.name, _facts(agency, "id"))
    for route in rules.routes:
        yield Thing("route", _route(route), "", {})
    for keep in rules.retention:
        yield Thing("retention", f"{keep.record} from {keep.since}", "", {"": keep.length})
    for own in rules.letters:
        yield Thing("letter", own.letter, "", _facts(own, "letter"))
    yield from _directory(file.directory)


def _directory(directory: Directory) -> Iterator[Thing]:
    for mailbox in directory.mailboxes:
        yield from _mailbox(mailbox)
    for agreement in directory.agreements:
        yield Thing("agreement", agreement.id, agreement.name, _facts(agreement, "id"))
    for route_type in directory.route_types:
        yield Thing("route type", route_type.id, "", _facts(route_type, "id"))
    for one in directory.referrers:
        yield Thing("referrer", one.id, one.name, _facts(one, "id people"))
        for person in one.people:
            until = f" until {person.until}" if person.until else ""
            yield Thing("colleague", f"of {one.id} {person.address} from {person.since}{until}", "", {})
    for minimum in directory.cover:
        yield Thing("cover", minimum.role, "", {"": str(minimum.least)})


def _discussions(rules: Rules) -> Iterator[Thing]:
    yield Thing("strategy", "discussion", "", _facts(rules.strategy, "variants"))
    for variant in rules.strategy.variants:
        yield Thing("strategy", variant.kind, variant.label, _facts(variant, "kind"))
    for session in rules.sessions:
        yield Thing("session", session.id, session.label, _facts(session, "id"))


def _calendar(rules: Rules) -> Iterator[Thing]:
    calendar = rules.calendar
    yield Thing("calendar", "timezone", "", {"": calendar.timezone})
    yield Thing("calendar", "holidays", "", {"": calendar.nation or "-"})
    yield Thing("calendar", "on holidays", "", {"": "open" if calendar.open_on_holidays else "closed"})
    for day, hours in zip(_DAYS, calendar.hours, strict=False):
        yield Thing("hours", day, "", {"": hours_text(hours)})
    for own in calendar.dates:
        yield Thing("hours", own.day.isoformat(), "", {"": hours_text(own.hours)})
    for closed in sorted(calendar.closed):
        yield Thing("closed", closed.isoformat(), "", {})
    for holiday in sorted(calendar.holidays):
        yield Thing("holiday", holiday.isoformat(), "", {})


def _statute(statute: Statute) -> Iterator[Thing]:
    yield Thing("statute", "of the hub", "", _facts(statute, "clocks"))
    for clock in statute.clocks:
        yield Thing("clock", clock.name, "", _facts(clock, "name"))


def hours_text(hours: Hours) -> str:
    if hours == WHOLE_DAY:
        return "always"
    return "-".join(_shown(t) for t in hours) if hours else "closed"


def _rating(rating: Rating) -> Iterator[Thing]:
    code = rating.code or "unrated"
    yield Thing("rating", code, rating.label, {"label": rating.label})
    for fact in fields(rating):
        value = getattr(rating, fact.name)
        if isinstance(value, ClockSpec):
            yield Thing("clock", f"{code}.{fact.name}", "", {"": clock_text(value)})


def _route(route: Route) -> str:
    given = {f.name: getattr(route, f.name) for f in fields(route) if f.name not in _SAID}
    if route.roles == AT_RISK:  # what holds for a row that does not say
        given.pop("roles")
    about = "; ".join(f"{name} {_shown(codes)}" for name, codes in given.items() if codes) or "everybody"
    return f"on {route.on} to {route.agency} about {about}: {_shown(route.parts)} – {route.purpose}"


def _mailbox(mailbox: Mailbox) -> Iterator[Thing]:
    title = f"{mailbox.agency}, {mailbox.address.text}"
    week = zip(_DAYS, mailbox.hours, strict=False)
    hours = {"hours": ", ".join(f"{day} {hours_text(open_)}" for day, open_ in week) or "those of the hub"}
    yield Thing("mailbox", mailbox.id, title, _facts(mailbox, "id spocs hours rota") | hours)
    for spoc in mailbox.spocs:
        yield Thing("spoc", f"of {mailbox.id} {_spoc(spoc)}", "", {})
    for turn in mailbox.rota:
        yield Thing("turn", f"of {mailbox.id} {_turn(turn)}", "", {})


def _turn(turn: Turn) -> str:
    days = ", ".join((*(_DAYS[day] for day in turn.days), *(_shown(day) for day in turn.dates)))
    return f"{turn.spoc} {days} {turn.begins:%H:%M}-{turn.ends:%H:%M}"


def _spoc(spoc: Spoc) -> str:
    until = f" until {spoc.until}" if spoc.until else ""
    vetted = f"vetted {spoc.vetting or '-'} until {spoc.vetted_until or '-'}"
    vetted = vetted if spoc.vetting or spoc.vetted_until else ""
    code = f"codes to {spoc.code_to}" if spoc.code_to else ""
    extra = "".join(f", {part}" for part in (spoc.topic, spoc.telephone, spoc.id, vetted, code) if part)
    return f"{spoc.name} from {spoc.since}{until}{extra}"


def _facts(value: object, without: str = "") -> dict[str, str]:
    names = (f.name for f in fields(value))  # type: ignore[arg-type]
    return {name: _shown(getattr(value, name)) for name in names if name not in without.split()}


def _shown(value: object) -> str:
    match value:
        case ClockSpec():
            return clock_text(value)
        case Address():
            return value.text
        case tuple():
            return ", ".join(_shown(one) for one in value) or "-"
        case time():
            return value.isoformat().removesuffix(":00")  # the seconds, which nobody writes
    return "-" if value is None else str(value) or "-"
