"""The record of a strategy discussion: who was there, what was said and decided, and what each agency was sent.

1. Nothing that was written is ever changed: each amendment is a version, and an approved one takes the older's place.
2. Nothing is sent before somebody other than its writer has approved it; a chair may approve what they wrote.
3. Circulated is what follows from its copies: each has left, or somebody has told the agency. One that comes back
   takes that away again.
4. What each agency was sent, and what was left out of it, is kept by name and never by value.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from exchange.case.delivery import TAKEN, Delivery


class Standing(StrEnum):
    """Where one version stands."""

    DRAFT = "draft"
    APPROVED = "approved"  # it is on its way, or waits for somebody to tell an agency that no mail reaches
    CIRCULATED = "circulated"
    SUPERSEDED = "superseded"


class Move(StrEnum):
    """What may happen to a version."""

    AMEND = "amend"  # a newer version was written
    APPROVE = "approve"
    SENT = "sent"  # every agency on its list has it
    BACK = "back"  # one of them has not, after all
    REPLACE = "replace"  # a newer version was approved


_S, _M = Standing, Move
STANDINGS: dict[tuple[Standing, Move], Standing] = {  # what is not listed cannot happen
    (_S.DRAFT, _M.AMEND): _S.SUPERSEDED,
    (_S.DRAFT, _M.APPROVE): _S.APPROVED,
    (_S.APPROVED, _M.AMEND): _S.APPROVED,  # it holds until the correction is approved too
    (_S.APPROVED, _M.SENT): _S.CIRCULATED,
    (_S.APPROVED, _M.BACK): _S.APPROVED,
    (_S.APPROVED, _M.REPLACE): _S.SUPERSEDED,
    (_S.CIRCULATED, _M.AMEND): _S.CIRCULATED,
    (_S.CIRCULATED, _M.SENT): _S.CIRCULATED,
    (_S.CIRCULATED, _M.BACK): _S.APPROVED,  # a bounce after "accepted"
    (_S.CIRCULATED, _M.REPLACE): _S.SUPERSEDED,
    (_S.SUPERSEDED, _M.AMEND): _S.SUPERSEDED,
    (_S.SUPERSEDED, _M.REPLACE): _S.SUPERSEDED,
}
HOLDS = frozenset({Standing.APPROVED, Standing.CIRCULATED})
REACHED = TAKEN


class Release(StrEnum):
    """Where an agency's information may go, as the agency said in the discussion."""

    HUB_ONLY = "hub_only"
    ALL_INVITED = "all_invited"
    NAMED = "named"


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody who took part; the name is sealed under the same id."""

    id: str  # "t1" within the version
    agency: str  # agency id, or "hub"
    role: str  # a code of record_fields.ROLES
    mode: str  # a code of record_fields.PRESENT
    deputy: bool = False  # attended for the one who was invited
    vetted: str = ""  # a code of record_fields.VETTED


@dataclass(frozen=True, slots=True)
class Apology:
    """An agency that was not there, and why; anything said about it is sealed."""

    agency: str
    why: str  # a code of record_fields.APOLOGIES


@dataclass(frozen=True, slots=True)
class OfSubject:
    """What was recorded of one child or adult."""

    subject: str
    codes: tuple[tuple[str, str], ...] = ()  # (question, codes)
    words: tuple[str, ...] = ()  # questions whose answers are sealed with the subject

    def code(self, question: str) -> str:
        """The coded answer, "" without one."""
        return dict(self.codes).get(question, "")


@dataclass(frozen=True, slots=True)
class Information:
    """What one agency told the discussion; its words are a sealed body of the same id."""

    id: str  # "n1"
    agency: str
    subjects: tuple[str, ...]
    release: Release = Release.HUB_ONLY
    recipients: tuple[str, ...] = ()  # of NAMED


@dataclass(frozen=True, slots=True)
class Dissent:
    """An agency that does not agree; its words are sealed under the same id."""

    id: str  # "o1"
    agency: str
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Minutes:
    """What a record says, as far as the journey may know."""

    started: datetime
    ended: datetime
    mode: str  # a code of record_fields.MODES
    attendees: tuple[Attendee, ...] = ()
    apologies: tuple[Apology, ...] = ()
    subjects: tuple[OfSubject, ...] = ()
    information: tuple[Information, ...] = ()
    dissents: tuple[Dissent, ...] = ()
    emergency: str = ""  # why it went on without the quorum: a code of record_fields.EMERGENCIES
    next_at: datetime | None = None
    trigger: bool = False  # why it was called is said, sealed


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a record."""

    id: str  # "v1"
    written_at: datetime
    written_by: str
    minutes: Minutes
    standing: Standing = Standing.DRAFT
    approved_at: datetime | None = None
    approved_by: str = ""
    circulated_at: datetime | None = None
    kept_from: tuple[str, ...] = ()  # agencies of the list that must not see the case


@dataclass(frozen=True, slots=True)
class Copy:
    """What one agency was sent of one version, and why it might be."""

    id: str  # "k1" within the case
    version: str
    agency: str
    subjects: tuple[str, ...]  # whose parts it holds
    manifest: tuple[str, ...]  # names of the referral's answers that say who they are
    holds: tuple[str, ...]  # names of what it holds of the record: "attendance", "s1.seen", "n1", "a2"...
    left_out: tuple[str, ...]  # names of what it does not
    basis: str  # UK GDPR Art 6, by the recipient's type
    condition: str  # Art 9
    at: datetime
    by: str
    replaces: bool = False  # the agency was sent an older version
    delivery: Delivery = Delivery.TO_SEAL
    transport: str = ""  # by which it goes, or went; "" before it is sealed
    told_at: datetime | None = None  # a person told the agency, by telephone or in person
    told_by: str = ""

    @property
    def reached(self) -> bool:
        """The agency has it, as far as anybody knows."""
        return self.delivery in REACHED or self.told_at is not None


@dataclass(frozen=True, slots=True)
class Record:
    """The record of one discussion, from the moment it is owed."""

    discussion: str
    due: datetime  # when it is to be with those invited
    versions: tuple[Version, ...] = ()
    copies: tuple[Copy, ...] = ()

    @property
    def latest(self) -> Version | None:
        """The version written last."""
        return self.versions[-1] if self.versions else None

    @property
    def in_force(self) -> Version | None:
        """The approved version that nothing has replaced."""
        return next((v for v in reversed(self.versions) if v.standing in HOLDS), None)

    @property
    def owed(self) -> bool:
        """The newest that is to be said is not yet with everybody."""
        return self.latest is None or self.latest.standing is not Standing.CIRCULATED

    def version(self, version: str) -> Version | None:
        """The version of this id."""
        return next((v for v in self.versions if v.id == version), None)

    def copies_of(self, version: Version) -> tuple[Copy, ...]:
        """Its circulation list."""
        return tuple(c for c in self.copies if c.version == version.id)

    def with_version(self, changed: Version) -> Record:
        """The same record with one version changed."""
        return replace(self, versions=tuple(changed if v.id == changed.id else v for v in self.versions))

    def with_copy(self, changed: Copy) -> Record:
        """The same record with one copy changed."""
        return replace(self, copies=tuple(changed if c.id == changed.id else c for c in self.copies))


@dataclass(frozen=True, slots=True)
class RecordWritten:
    """Somebody wrote a version of a discussion's record; names and words are sealed with it."""

    at: datetime
    by: str
    discussion: str
    version: str
    minutes: Minutes


@dataclass(frozen=True, slots=True)
class RecordApproved:
    """Somebody approves the newest version, and with that its circulation."""

    at: datetime
    by: str
    discussion: str
    version: str
    as_chair: bool = False  # a chair may approve what they wrote themselves


@dataclass(frozen=True, slots=True)
class RecordTold:
    """A person told an agency what its copy says, by telephone or in person."""

    at: datetime
    by: str
    copy: str
