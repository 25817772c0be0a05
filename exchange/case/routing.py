"""Routing: which agencies are asked, about whom, with which parts, and why. Rules are rows; nothing is guessed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from exchange.case.fields import Part
from exchange.case.rules import Route, Rules
from exchange.case.state import Leg, SubjectEpisode

_T = TypeVar("_T")

# What an agency is given when a person asks it and no row says otherwise: who it is about, and the worry.
ASKED_PARTS = (Part.IDENTITY, Part.CONCERN)
ASKED_PURPOSE = "asked by the hub what the agency holds"


@dataclass(frozen=True, slots=True)
class Need:
    """One agency's need to know in one case."""

    agency: str
    subjects: tuple[str, ...]
    parts: tuple[Part, ...]
    purpose: str
    in_place_of: str = ""  # an agency that must not be asked


def needs(subjects: Iterable[SubjectEpisode], rules: Rules, on: str) -> tuple[Need, ...]:
    """What the rows in force at `on` (receipt or rating) ask for, one need an agency, rows of one agency joined."""
    found: dict[str, Need] = {}
    subjects = tuple(subjects)
    for route in rules.routes:
        matched = tuple(s.id for s in subjects if route.on == on and matches(route, s))
        if not matched:
            continue
        earlier = found.get(route.agency, Need(route.agency, (), (), route.purpose))
        found[route.agency] = Need(
            route.agency,
            _joined(earlier.subjects, matched),
            _joined(earlier.parts, route.parts),
            earlier.purpose,
        )
    return tuple(found.values())


def matches(route: Route, subject: SubjectEpisode) -> bool:
    """Whether one row is about one subject; an empty condition holds for all."""
    codes = subject.codes
    return (
        _in(codes.form, route.forms)
        and _in(codes.role, route.roles)
        and _in(codes.cohort, route.cohorts)
        and _in(subject.rating, route.ratings)
        and _in(codes.age_band, route.age_bands)
        and _in(codes.area, route.areas)
    )


def could_be_about(agency: str, subjects: Iterable[SubjectEpisode], rules: Rules) -> tuple[str, ...]:
    """Whom a row of this agency could be about, however urgent they are rated."""
    rows = [replace(r, ratings=()) for r in rules.routes if r.agency == agency]
    return tuple(s.id for s in subjects if any(matches(row, s) for row in rows))


def asked(agency: str, subjects: tuple[str, ...], rules: Rules, in_place_of: str = "") -> Need:
    """A person's request to one agency: the parts its own rows would give it, or the least that makes sense. One that
    stands in for another is given what the other would have been."""
    rows = [r for r in rules.routes if r.agency == (in_place_of or agency)]
    parts: tuple[Part, ...] = ()
    for row in rows:
        parts = _joined(parts, row.parts)
    return Need(agency, subjects, parts or ASKED_PARTS, rows[0].purpose if rows else ASKED_PURPOSE, in_place_of)


def parts_of(leg: Leg, rules: Rules) -> tuple[Part, ...]:
    """What the rows gave by which this agency was asked, and no other row of it: a packet about an adult tells
    nothing that only its row about children would. Of a leg of before that was kept, what any of its rows gives."""
    return leg.parts or asked(leg.agency, leg.subjects, rules, leg.in_place_of).parts


def tells_household(leg: Leg, rules: Rules) -> bool:
    """Whether the packet tells who lives there: then who poses no risk stands there too. Of a leg of before it was
    kept what it was asked by, only where every row of its agency says so."""
    rows = [row.parts for row in rules.routes if row.agency == (leg.in_place_of or leg.agency)]
    return all(Part.HOUSEHOLD in parts for parts in ([leg.parts] if leg.parts else rows or [ASKED_PARTS]))


def _in(value: str, wanted: tuple[str, ...]) -> bool:
    return not wanted or value in wanted


def _joined(first: tuple[_T, ...], then: tuple[_T, ...]) -> tuple[_T, ...]:
    return first + tuple(x for x in then if x not in first)
