"""Notices: what stands in mail that anybody may read. They say nothing about anybody."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from templates.addressed import Answering, Sender

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
class Beside:
    """Beside a sealed file: how to open it. It must be the same for every letter but for the reference."""

    sender: Sender
    reference: str
    file: str  # its name

    @property
    def opened(self) -> str:
        """What opening makes of it."""
        return self.file.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Waits:
    """To a mailbox: a letter waits to be fetched."""

    sender: Sender
    reference: str
    page: str = field(repr=False)
    until: datetime


@dataclass(frozen=True, slots=True)
class Safely:
    """To a mailbox that answered in clear, once: how to answer safely."""

    sender: Sender
    agency: str
    fingerprint: str  # of the hub's key, in groups of four; "" when it is not to be said


@dataclass(frozen=True, slots=True)
class OneTimeCode:
    """To whoever may fetch a letter, by mail or as a short message: the code, and nothing of the letter."""

    sender: Sender
    code: str = field(repr=False)
    until: datetime

    @property
    def shown(self) -> str:
        """In two halves, as people read numbers."""
        middle = len(self.code) // 2
        return f"{self.code[:middle]} {self.code[middle:]}"


def quiet_subject(letter: ALetter, whose: str) -> str:
    """What stands outside: a reference, or how many wait."""
    if isinstance(letter, Digest):
        count = len(letter.waiting)
        return f"{count} {'message' if count == 1 else 'messages'} waiting for {whose}"
    if isinstance(letter, Safely):
        return "Please answer our messages encrypted"
    if isinstance(letter, OneTimeCode):
        return "Your code"
    return f"Message {letter.reference} for {whose}"
