"""Organisations whose staff refer often: which addresses at work are theirs, and until when.

1. An address belongs to one organisation, by its own row or by its domain; a person's own row comes first, so that
   somebody who has left is out, whatever their domain would say.
2. Access is dated: it begins and ends on days, the organisation's and the person's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Colleague:
    """One person, or one shared mailbox, by its address."""

    address: str = field(repr=False)  # as Address has it, lower case
    since: date
    until: date | None = None

    def is_there(self, day: date) -> bool:
        """Whether this row is in force on that day."""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Organisation:
    """A school, a surgery, a charity, or an agency of the hub."""

    id: str
    name: str
    domains: tuple[str, ...] = ()  # mail domains that are its own and nobody else's
    people: tuple[Colleague, ...] = ()  # let in one by one, or no longer
    agency: str = ""  # the agency of the hub that it is, if any: a case that is kept from that is kept from it
    until: date | None = None

    def lets_in(self, address: str, day: date) -> bool:
        """Whether whoever reads mail at this address may see what the organisation referred."""
        if self.until is not None and day > self.until:
            return False
        rows = [person for person in self.people if person.address == address]
        if rows:
            return any(person.is_there(day) for person in rows)
        return address.rpartition("@")[2] in self.domains
