"""Restrictions: who must not see a case, anywhere: a member of staff, a role, an agency, or one SPOC of an agency.

1. Deny wins: no role, seat, leave cover or earlier packet gives back what a restriction takes.
2. It holds from the moment it is recorded, before the first routing when the referrer or a person says so then.
3. Lifting one sends nothing by itself: an agency that was shut out is asked again by a person, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What sort of viewer is shut out."""

    STAFF = "staff"  # one person of the hub, by staff id
    ROLE = "role"  # a team: everybody who holds the role, whatever else they hold
    AGENCY = "agency"
    SPOC = "spoc"  # one person of an agency, by id: the agency is asked through a mailbox that they do not read


class Why(StrEnum):
    """Why somebody is shut out; the words stay sealed."""

    CONFLICT = "conflict"  # declared, or known, conflict of interest
    OWN_FAMILY = "own_family"  # their own family or household
    STAFF_MEMBER = "staff_member"  # somebody involved works there
    VIP = "vip"  # a person whose record others would look up
    SAFETY = "safety"  # seeing it would endanger somebody


@dataclass(frozen=True, slots=True)
class Restriction:
    """Somebody is, or was, shut out."""

    kind: Kind
    who: str  # staff id, role, agency id or SPOC id
    why: Why
    at: datetime
    by: str
    lifted_at: datetime | None = None
    lifted_by: str = ""

    @property
    def in_force(self) -> bool:
        """Whether it still holds."""
        return self.lifted_at is None


@dataclass(frozen=True, slots=True)
class Restricted:
    """A person shuts somebody out of the case."""

    at: datetime
    by: str
    kind: Kind
    who: str
    why: Why
    legs: tuple[str, ...] = ()  # of a SPOC: whose packets a mailbox of theirs has, or may have
    seats: tuple[str, ...] = ()  # and whose invitations: "d1/i2", "d1/i2/deputy"


@dataclass(frozen=True, slots=True)
class RestrictionLifted:
    """A hub manager lets somebody see the case again."""

    at: datetime
    by: str
    kind: Kind
    who: str


@dataclass(frozen=True, slots=True)
class RoutingAllowed:
    """A person has settled who the referrer meant should not see it: the agencies may be asked now."""

    at: datetime
    by: str


def keeps_out(restrictions: Iterable[Restriction], kind: Kind, who: str) -> bool:
    """Whether one of them that is in force names this one."""
    return any(r.in_force and (r.kind, r.who) == (kind, who) for r in restrictions)
