"""Notices of the hub itself: of silence, to an agency's lead and once a day to a mailbox; and of a mailbox's keys.

They say nothing about anybody.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from templates.addressed import Answering, Sender
from templates.outside import QUIET, OneTimeCode, Safely

if TYPE_CHECKING:
    from templates.letters import ALetter


@dataclass(frozen=True, slots=True)
class Lead:
    """To the lead of an agency whose team has not answered."""

    sender: Sender
    reference: str
    agency: str
    owes: str  # "acknowledgement" | "answer" | "attendance"
    asked_at: datetime
    due_at: datetime
    now: datetime
    answering: Answering | None = None  # by which the lead may say that somebody has it


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of a digest."""

    reference: str
    owes: str  # "acknowledgement" | "answer" | "attendance"
    asked_at: datetime
    due_at: datetime
    page: str = field(default="", repr=False)  # where “received” can be said; "" where that is not what is owed


@dataclass(frozen=True, slots=True)
class Digest:
    """To one mailbox: all that it owes, of every case, soonest due first."""

    sender: Sender
    agency: str
    waiting: tuple[Waiting, ...]
    now: datetime

    @property
    def late(self) -> int:
        """How many are past their time."""
        return sum(w.due_at <= self.now for w in self.waiting)


@dataclass(frozen=True, slots=True)
class KeyChanged:
    """To one mailbox: what is sent there will be sealed to another key."""

    sender: Sender
    agency: str
    fingerprint: str  # of the new key
    starts_at: datetime | None  # None while nobody has proved it
    sealed: bool  # to the old key, which still works
    now: datetime

    @property
    def fingerprint_lines(self) -> tuple[str, ...]:
        """In groups of four, as it is read out."""
        return in_fours(self.fingerprint)


def in_fours(fingerprint: str, a_line: int = 10) -> tuple[str, ...]:
    """A fingerprint in groups of four digits, so many to a line."""
    groups = [fingerprint[i : i + 4] for i in range(0, len(fingerprint), 4)]
    return tuple(" ".join(groups[i : i + a_line]) for i in range(0, len(groups), a_line))


def quiet_subject(letter: ALetter, whose: str) -> str:
    """What stands outside: a reference, or how many wait."""
    if isinstance(letter, Digest):
        count = len(letter.waiting)
        return f"{count} {'message' if count == 1 else 'messages'} waiting for {whose}"
    if isinstance(letter, Safely | OneTimeCode):
        return QUIET[type(letter)]
    if isinstance(letter, KeyChanged):
        return "A new key for your mailbox"
    return f"Message {letter.reference} for {whose}"
