"""Mailboxes: an agency's address, who answers for it, and the ways a message may reach it.

1. An address is one plain ASCII addr-spec; anything a mail library could read in two ways is refused when the
   value is made, so that the address on the wire is the address in the directory (threats T4, T5, T43).
2. Transports are tried in the order the mailbox lists them; stepping down happens by that list only.
3. An agency's team is asked first; its deputies and its lead only when the team is away or silent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from exchange.case.agreement import Agreement
from exchange.case.calendar import Calendar, Hours
from exchange.case.organisation import Organisation
from exchange.case.rota import Turn

# RFC 5321 4.1.2 dot-string local part (no quoting, no source routes), LDH domain; limits from 4.5.3.1.
_ADDRESS = re.compile(
    r"(?=.{3,254}\Z)[A-Za-z0-9!#$&'*+/=?^_`{|}~-]{1,64}(?:\.[A-Za-z0-9!#$&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\Z"
)

DRILL_DAYS = 91  # a quarter: long enough not to be a nuisance, short enough that a dead key is found by us


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

    OPENPGP = "openpgp"  # PGP/MIME (RFC 3156)
    OPENPGP_ATTACHMENT = "openpgp-attachment"  # one sealed file, for mail systems that break PGP/MIME
    SMIME = "smime"
    TLS = "tls"  # readable, to the domain's own servers over verified TLS or not at all
    PICKUP = "pickup"  # it stays here; a notice says where, and a one-time code opens it


SEALED = frozenset({Transport.OPENPGP, Transport.OPENPGP_ATTACHMENT, Transport.SMIME})  # to a key of its holders


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A transport of a mailbox's list that could not be used, so that the next one was tried."""

    transport: Transport
    why: str  # a code: no_key, key_expired, no_evidence, no_contact...


@dataclass(frozen=True, slots=True)
class RouteType:
    """What holds for every mailbox on one kind of mail domain. That a domain is secure is evidence with a date and an
    end, never a matter of its name (domain 0.6)."""

    id: str
    domains: tuple[str, ...]  # and whatever is below them
    transports: tuple[Transport, ...]  # the only ones that may be used there
    evidence_days: int  # the longest that evidence of verified TLS holds
    note: str = ""  # what people who write there should know


class MailboxRole(StrEnum):
    """Whose mailbox of the agency it is."""

    TEAM = "team"  # those who are asked
    DEPUTY = "deputy"  # asked in their place when they are away, or silent
    LEAD = "lead"  # the agency's safeguarding lead: told when its deputy is silent too


@dataclass(frozen=True, slots=True)
class Spoc:
    """A single point of contact, dated: access ends on `until`."""

    name: str = field(repr=False)
    since: date
    until: date | None = None
    topic: str = ""  # "" for everything; "cse", "prevent"... for a topic champion
    telephone: str = field(default="", repr=False)
    id: str = ""  # role-bound, "police-mash-1": what journeys, leave and rotas call this person
    vetting: str = ""  # the level as its agency writes it, "NPPV3"; "" when nobody has said
    vetted_until: date | None = None
    code_to: str = field(default="", repr=False)  # where their one-time codes go; "" when they get none

    def serves(self, day: date) -> bool:
        """Whether the assignment is in force on this day."""
        return self.since <= day and (self.until is None or day <= self.until)


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
    role: MailboxRole = MailboxRole.TEAM
    hours: tuple[Hours, ...] = ()  # when somebody reads it, Monday first; () is whenever the hub is open
    topics: tuple[str, ...] = ()  # streams of work that come here before the agency's other mailboxes
    rota: tuple[Turn, ...] = ()  # whose turn it is to answer; () is everybody's
    # Where a one-time code goes for a letter that waits to be fetched: a telephone, or another mail address.
    code_to: str = field(default="", repr=False)
    drill_days: int = DRILL_DAYS  # from one proof that somebody there can open what we send to the next
    # These two are never in a hub file: they follow from its changes (moving.py).
    address_since: datetime | None = None  # since when it has this address; None: since we know it
    number_before: str = field(default="", repr=False)  # to ring about what changes there; "": its own

    @property
    def proof_number(self) -> str:
        """Whom to ring when it must be somebody who was there before."""
        return self.number_before or self.telephone

    def codes_to(self, day: date) -> tuple[str, ...]:
        """Where a one-time code may go on this day: the mailbox's own contact first, then those of its people."""
        theirs = (s.code_to for s in self.spocs if s.serves(day))
        return tuple(dict.fromkeys(filter(None, (self.code_to, *theirs))))

    def calendar(self, of_hub: Calendar) -> Calendar:
        """When somebody reads it: its own hours, closed on the bank holidays of the hub's nation unless it never
        closes; the hub's own closures are not the agency's."""
        if not self.hours:
            return of_hub
        always = all(self.hours)
        return replace(of_hub, hours=self.hours, closed=frozenset(), dates=(), open_on_holidays=always)


@dataclass(frozen=True, slots=True)
class Minimum:
    """How many of the hub's staff must be there on a working day."""

    role: str
    least: int


@dataclass(frozen=True, slots=True)
class Directory:
    """Everybody the hub may write to, as it stands now."""

    mailboxes: tuple[Mailbox, ...]
    agreements: tuple[Agreement, ...] = ()  # on sharing information; () says nothing of any
    cover: tuple[Minimum, ...] = ()  # of the hub itself, by role
    route_types: tuple[RouteType, ...] = ()  # kinds of mail domain with rules of their own
    referrers: tuple[Organisation, ...] = ()  # whose people may sign in and see what they referred

    def of(self, agency: str) -> tuple[Mailbox, ...]:
        """The agency's mailboxes, first choice first, those of its deputies and lead too."""
        return tuple(m for m in self.mailboxes if m.agency == agency)

    def route_type(self, domain: str) -> RouteType | None:
        """What holds for this mail domain: the rule of the nearest domain above it, or its own."""
        fits = [(len(d), t) for t in self.route_types for d in t.domains if f".{domain}".endswith(f".{d}")]
        return max(fits, key=lambda fit: fit[0])[1] if fits else None

    def team(self, agency: str, topics: frozenset[str] = frozenset()) -> tuple[Mailbox, ...]:
        """Where the agency is asked, first choice first; a mailbox for one of the topics comes before all others."""
        mine = (m for m in self.of(agency) if m.role is MailboxRole.TEAM)
        return tuple(sorted(mine, key=lambda m: not topics & set(m.topics)))

    def standing_by(self, agency: str, role: MailboxRole) -> tuple[Mailbox, ...]:
        """The agency's mailboxes of its deputies, or of its lead, first choice first."""
        return tuple(m for m in self.of(agency) if m.role is role)
