"""Address releases: a protected address that a named person lets one named agency know (design truth 14).

1. It goes to that agency alone, sealed; every other packet, letter and calendar goes on without it.
2. It is in the record for ever: who released it, to whom, when, and (sealed) why.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AddressRelease:
    """One protected address, for one agency."""

    owner: str  # whose address: "s1" of the subjects, "p1" of the household
    agency: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class AddressReleased:
    """A manager releases a protected address to one agency."""

    at: datetime
    by: str
    owner: str
    agency: str
