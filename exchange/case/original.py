"""Originals: the form that somebody filled in, the file that they locked, and words that only a person can place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ReadingConfirmed:
    """A person has compared what was read from a form with the form."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class FileUnlocked:
    """A file that wanted a password was opened with it; what was inside is in the record."""

    at: datetime
    by: str
    mail: str  # the id of the mail it came in
    left: int = 0  # files of that mail that are still locked


@dataclass(frozen=True, slots=True)
class MailWaits:
    """A mail waits in the holding pen that may be about this case; it is no part of it before a person says so."""

    at: datetime
    mail: str  # its id


@dataclass(frozen=True, slots=True)
class WordsRead:
    """A person has read what no state may follow from, and there is nothing more to record of it."""

    at: datetime
    by: str
    task: str  # the key of the task that asked for it: "unclear:l1"
