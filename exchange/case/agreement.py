"""Information-sharing agreements: good practice, never a precondition (domain 3.8).

1. One that is missing or has ended is said, logged and raised with the board; it never stops safeguarding traffic.
2. A hub that lists none at all has not turned this on, and hears nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Standing(StrEnum):
    """What covers the exchange with one agency today."""

    COVERED = "covered"
    MISSING = "missing"
    EXPIRED = "expired"
    NOT_BEGUN = "not_begun"


@dataclass(frozen=True, slots=True)
class Agreement:
    """One agreement between agencies, dated."""

    id: str
    name: str
    parties: tuple[str, ...]  # agency ids
    since: date
    until: date | None = None  # the last day on which it holds
    tier: str = "specific"  # "overarching" | "specific"
    review: date | None = None  # when its parties look at it again


def standing(agreements: Iterable[Agreement], agency: str, today: date) -> Standing:
    """What covers the agency today; where nothing is listed at all, everything is."""
    listed = tuple(agreements)
    own = [a for a in listed if agency in a.parties]
    if not listed or any(a.since <= today and (a.until is None or today <= a.until) for a in own):
        return Standing.COVERED
    if any(a.since > today for a in own):
        return Standing.NOT_BEGUN
    return Standing.EXPIRED if own else Standing.MISSING
