"""Letters about whether a mailbox can open what is sent to it: keys and drills. They say nothing about anybody."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from templates.addressed import Answering, Sender


@dataclass(frozen=True, slots=True)
class Drill:
    """To one mailbox, sealed: a test with words inside, which somebody there says back."""

    sender: Sender
    agency: str
    words: str = field(repr=False)
    answering: Answering  # without a code: the words are it
    due: datetime
    again_days: int  # until the next one
    rings: bool = False  # it needs no key, and nothing else goes there until somebody was rung and read the words out

    quiet_subject = "Test message for your team: please reply"


@dataclass(frozen=True, slots=True)
class KeyWarning:
    """To a mailbox or its agency's deputy: a key ends soon, and the one thing to do."""

    sender: Sender
    agency: str
    mailbox: str  # its address, as its own people know it; "" in mail that anybody may read
    fingerprint: str
    ends_at: datetime
    now: datetime
    deputy: bool = False  # the reader stands in for that mailbox
    signs: bool = False  # it is a certificate to sign with, and what is sent there is sealed to another
    beside: bool = False  # others of the team have keys that last longer

    quiet_subject = "Please renew the key for your mailbox"

    @property
    def days(self) -> int:
        """Whole days that are left."""
        return max(0, (self.ends_at - self.now).days)

    @property
    def fingerprint_lines(self) -> tuple[str, ...]:
        """In groups of four, as it is read out."""
        return in_fours(self.fingerprint)


@dataclass(frozen=True, slots=True)
class KeyChanged:
    """To one mailbox: what is sent there will be sealed to another key."""

    sender: Sender
    agency: str
    fingerprint: str  # of the new key
    starts_at: datetime | None  # None while nobody has proved it
    sealed: bool  # to the old key, which still works
    now: datetime

    quiet_subject = "A new key for your mailbox"

    @property
    def fingerprint_lines(self) -> tuple[str, ...]:
        """In groups of four, as it is read out."""
        return in_fours(self.fingerprint)


@dataclass(frozen=True, slots=True)
class MailboxMoves:
    """To a mailbox's old address: it will be reached otherwise. Neither the old nor the new is in it."""

    sender: Sender
    agency: str
    what: tuple[str, ...]  # in words
    starts_at: datetime
    now: datetime

    quiet_subject = "New contact details for your mailbox"


OF_KEYS = (Drill, KeyWarning, KeyChanged, MailboxMoves)


def in_fours(fingerprint: str, a_line: int = 10) -> tuple[str, ...]:
    """A fingerprint in groups of four digits, so many to a line."""
    groups = [fingerprint[i : i + 4] for i in range(0, len(fingerprint), 4)]
    return tuple(" ".join(groups[i : i + a_line]) for i in range(0, len(groups), a_line))
