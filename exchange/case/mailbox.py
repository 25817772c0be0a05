"""Mailboxes: an agency's address, who answers for it, and the ways a message may reach it.

1. An address is one plain ASCII addr-spec; anything a mail library could read in two ways is refused when the
   value is made, so that the address on the wire is the address in the directory (threats T4, T5, T43).
2. Transports are tried in the order the mailbox lists them; stepping down happens by that list only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from exchange.case.agreement import Agreement

# RFC 5321 4.1.2 dot-string local part (no quoting, no source routes), LDH domain; limits from 4.5.3.1.
_ADDRESS = re.compile(
    r"(?=.{3,254}\Z)[A-Za-z0-9!#$&'*+/=?^_`{|}~-]{1,64}(?:\.[A-Za-z0-9!#$&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\Z"
)


class AddressRefused(ValueError):
    """Not one plain mail address (name@domain, ASCII, no quoting): correct it in the hub file."""


@dataclass(frozen=True, slots=True)
class Address:
    """One mail address, compared without regard to case."""

    text: str = field(repr=False)

    def __post_init__(self) -> None:
        if not _ADDRESS.match(self.text) or len(self.text.rpartition("@")[0]) > 64:
            raise AddressRefused("not one plain mail address (name@domain, ASCII letters, no quotes or spaces)")
        object.__setattr__(self, "text", self.text.lower())

    @property
    def domain(self) -> str:
        """The part after the @, lower case."""
        return self.text.rpartition("@")[2]

    @property
    def local_part(self) -> str:
        """The part before the @, lower case."""
        return self.text.rpartition("@")[0]


class Transport(StrEnum):
    """A way of reaching a mailbox."""

    OPENPGP = "openpgp"
    SMIME = "smime"
    TLS = "tls"
    PICKUP = "pickup"


@dataclass(frozen=True, slots=True)
class Spoc:
    """A single point of contact, dated: access ends on `until`."""

    name: str = field(repr=False)
    since: date
    until: date | None = None
    topic: str = ""  # "" for everything; "cse", "prevent"... for a topic champion
    telephone: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where an agency receives its packets."""

    id: str  # stable within the hub: "police-1"
    agency: str
    address: Address
    transports: tuple[Transport, ...]
    telephone: str  # whom to ring when mail does not get through
    domains: tuple[str, ...] = ()  # mail domains from which a DKIM-aligned reply is the agency's own
    spocs: tuple[Spoc, ...] = ()


@dataclass(frozen=True, slots=True)
class Directory:
    """Everybody the hub may write to, as it stands now."""

    mailboxes: tuple[Mailbox, ...]
    agreements: tuple[Agreement, ...] = ()  # on sharing information; () says nothing of any

    def of(self, agency: str) -> tuple[Mailbox, ...]:
        """The agency's mailboxes, first choice first."""
        return tuple(m for m in self.mailboxes if m.agency == agency)
