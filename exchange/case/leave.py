"""Leave: who is away from which day to which, and who answers in their place.

1. Days are those of the hub's zone, both inclusive; leave that ended before it began was never taken.
2. Nobody stands here by name: a SPOC by its role-bound id, a member of staff by staff id.
3. Whoever covers gains nothing that a restriction took away (restriction.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Whose(StrEnum):
    """Whose leave it is."""

    SPOC = "spoc"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Leave:
    """Somebody is away."""

    id: str
    kind: Whose
    who: str
    since: date
    until: date
    covered_by: str = ""  # who answers, or acts, in their place; "" for nobody

    def holds(self, day: date) -> bool:
        """Whether they are away on this day."""
        return self.since <= day <= self.until


def away(leaves: Iterable[Leave], kind: Whose, day: date) -> frozenset[str]:
    """Who of this kind is on leave that day."""
    return frozenset(leave.who for leave in leaves if leave.kind is kind and leave.holds(day))


def covered(leaves: Iterable[Leave], kind: Whose, by: str, day: date) -> tuple[str, ...]:
    """Whose place somebody takes that day."""
    held = (leave for leave in leaves if leave.kind is kind and leave.covered_by == by and leave.holds(day))
    return tuple(sorted({leave.who for leave in held}))
