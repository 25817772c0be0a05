"""Statutory profiles as data: each edition of law and guidance is a file of its own, and a hub file names one.

1. Hub policy cannot weaken the statute: a length slower than one that binds is a fault of the hub file.
2. A profile names the bank holidays of its nation, and a hub under it goes by no others: their number moves its days.
3. A profile may name who must be at a strategy discussion at least; a hub may ask for more, never for fewer.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from exchange.case.calendar import Calendar
from exchange.case.clock import ClockKind, ClockSpec, read_spec
from exchange.case.statute import NamedClock, Statute, is_slower
from exchange.hubs import shapes
from exchange.hubs.reading import Shape, Table

_FOLDER = files(__package__) / "statutory"
_USUAL = "usual"  # the clocks that stand under every profile
_EVERYBODY = ("child", "adult")


@cache
def names() -> tuple[str, ...]:
    """The profiles there are: `england-wt2026`..."""
    found = (f.name.removesuffix(".toml") for f in _FOLDER.iterdir() if f.name.endswith(".toml"))
    return tuple(sorted(name for name in found if name != _USUAL))


PROFILE = shapes.one_of(names(), "statutory profile")


@cache
def profile(name: str) -> Statute:
    """The profile of this name with the usual clocks under it; "" is those alone."""
    clocks = {c.name: c for c in _clocks(_written(_USUAL))}
    if not name:
        return Statute(clocks=tuple(clocks.values()))
    written = _written(name)
    clocks |= {c.name: c for c in _clocks(written)}
    return Statute(name, written["name"], written["nation"], written["since"], tuple(clocks.values()))


def holidays(name: str) -> str:
    """The calendar of bank holidays of a profile's nation; "" of none."""
    return str(_written(name)["holidays"]) if name else ""


def quorum(name: str) -> tuple[str, ...]:
    """The functions without which a profile knows no strategy discussion; none of no profile."""
    return tuple(_written(name).get("quorum", ())) if name else ()


def outdated(statute: Statute, today: date) -> str:
    """A warning when another edition has followed the one in force; "" otherwise."""
    newer = str(_written(statute.id).get("followed_by", "")) if statute.id in names() else ""
    if not newer or profile(newer).since is None or str(profile(newer).since) > str(today):
        return ""
    return (
        f"{statute.id} was followed by {newer} on {profile(newer).since}: write statute = “{newer}” in the hub file. "
        "Cases keep the one of their receipt"
    )


@dataclass(frozen=True, slots=True)
class Law:
    """The statute a hub file is read under."""

    statute: Statute
    calendar: Calendar

    def need(
        self, table: Table, key: str, name: str, or_else: str = "", shape: Shape[ClockSpec] = shapes.CLOCK
    ) -> ClockSpec:
        """The length under a key that must be there, and that may not be slower than the clock `name`."""
        own = table.need(key, shape)
        limit = self.statute.clock(name)
        if limit:
            self.refuse_slower(table, key, own, limit, or_else)
        return own

    def refuse_slower(self, table: Table, key: str, own: ClockSpec, law: NamedClock, or_else: str = "") -> None:
        """Note a fault where the hub's own length is slower than one that binds."""
        if law.limit and table.sound(key) and is_slower(own, law.limit, self.calendar):
            what = f"slower than the statute ({self.statute.id}: {law.label})"
            table.fault(key, what, f"write {_said(law.limit)} or less{or_else}")


def read(name: str, root: Table, calendar: Calendar) -> Law:
    """The statute of this name, with the lengths a hub file writes under [clocks]."""
    law = Law(profile(name), calendar)
    if not root.sound("clocks"):
        return law
    table = root.table("clocks")
    return replace(law, statute=replace(law.statute, clocks=tuple(_own(table, c, law) for c in law.statute.clocks)))


def _own(table: Table, one: NamedClock, law: Law) -> NamedClock:
    spec = table.may(one.name, shapes.CLOCK, one.spec)
    law.refuse_slower(table, one.name, spec, one)
    return replace(one, spec=spec)


def _said(limit: ClockSpec) -> str:
    return f"{limit.days}wd" if limit.kind is ClockKind.WORKING_DAYS else f"{limit.seconds / 3600:g}h"


def _clocks(written: dict[str, Any]) -> Iterator[NamedClock]:
    for name, told in written["clocks"].items():
        spec = read_spec(told["length"])
        yield NamedClock(
            name=name,
            label=told["label"],
            starts=told["starts"],
            stops=told["stops"],
            spec=spec,
            source=told["source"],
            forms=tuple(told.get("forms", _EVERYBODY)),
            limit=spec if told.get("binds") else None,
        )


@cache
def _written(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))
