"""Disposal: the schedule by which records are kept, the holds that keep them longer, and what is gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

SHARED, TRANSPORT = (
    "case",
    "transport",
)  # parts of a case; others are a subject, contribution, leg or product, by its id


class RecordType(StrEnum):
    """What sort of record a schedule speaks of."""

    NFA = "nfa"
    ADVICE = "advice"
    EARLY_HELP = "early_help"
    SECTION_17 = "section_17"
    CHILD_PROTECTION = "child_protection"
    ADULT = "adult"
    LADO = "lado"
    CONSULTATION = "consultation"  # nobody is named in it
    TRANSPORT = "transport"  # mail as it came, and the bytes of our own letters


class Since(StrEnum):
    """What a length of time is counted from."""

    LAST_CONTACT = "last_contact"  # the last thing anybody did or said in the case
    CLOSED = "closed"
    BIRTH = "birth"  # of the subject: the latest day it can have been
    DECIDED = "decided"  # the subject's last decision


@dataclass(frozen=True, slots=True)
class Keep:
    """One row of the schedule: how long records of one type are kept."""

    record: RecordType
    since: Since
    years: int = 0
    days: int = 0

    @property
    def length(self) -> str:
        """As a hub file writes it: `6y`, `30d`."""
        return f"{self.years}y" * bool(self.years) + f"{self.days}d" * bool(self.days)


class HoldReason(StrEnum):
    """Why a record is kept whatever the schedule says."""

    COURT = "court"
    INQUIRY = "inquiry"
    INVESTIGATION = "investigation"
    COMPLAINT = "complaint"
    SUBJECT_ACCESS = "subject_access"
    REVIEW = "review"  # a safeguarding practice review


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold on the whole case; several may stand, each for its own reason."""

    at: datetime
    by: str
    why: HoldReason
    lifted_at: datetime | None = None
    lifted_by: str = ""

    @property
    def in_force(self) -> bool:
        """Whether it still stands."""
        return self.lifted_at is None


@dataclass(frozen=True, slots=True)
class Disposal:
    """Something of the case was disposed of."""

    at: datetime
    by: str
    parts: tuple[str, ...]
    rule: str


@dataclass(frozen=True, slots=True)
class LegalHoldSet:
    """A records officer holds the record."""

    at: datetime
    by: str
    why: HoldReason


@dataclass(frozen=True, slots=True)
class LegalHoldLifted:
    """The reason is over."""

    at: datetime
    by: str
    why: HoldReason


@dataclass(frozen=True, slots=True)
class Disposed:
    """The keys of these parts of the record are destroyed, with all else that could bring them back."""

    at: datetime
    by: str
    parts: tuple[str, ...]  # "case", "transport", subjects and contributions by their ids
    rule: str  # which rows of the schedule said so
    due: datetime  # since when they might go
