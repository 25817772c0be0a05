"""Contributions: what an agency told the hub about the people of a case. Each stays its owner's.

1. Originator control: a contribution stays inside the hub until the agency that gave it releases it.
2. It is never changed or taken back: what comes later is another contribution.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Marking(StrEnum):
    """Where a contribution may go."""

    HUB_ONLY = "hub_only"  # as long as its owner has said nothing else
    RELEASED = "released"  # its owner agreed that it be used in what leaves the hub


@dataclass(frozen=True, slots=True)
class Contribution:
    """One thing an agency told; its words are a sealed body of the same id, in a compartment of its own."""

    id: str  # made at the edge, unguessable
    leg: str
    agency: str  # its owner
    at: datetime
    kind: str  # the answer it came with: information, nothing_known...
    marking: Marking = Marking.HUB_ONLY
    missing: tuple[str, ...] = ()  # of a nil return: what it does not say (lateral_check.NilPart)
