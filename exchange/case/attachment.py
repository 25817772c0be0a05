"""Attachments: files that a referrer sends with a concern, and what a scanner has said of each.

Nobody opens a file that waits for the scanner, or in which it found something; both stay in the record, sealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

PATIENCE = timedelta(minutes=5)  # within which a scanner that runs has looked; then a person is told that it does not


class FileKind(StrEnum):
    """What a file is, by its content. What is not listed is not taken."""

    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"
    GIF = "gif"
    WEBP = "webp"
    HEIC = "heic"  # photographs as some telephones keep them
    WORD = "word"
    ODT = "odt"
    TEXT = "text"
    MAIL = "mail"  # a message that was saved as a file
    OUTLOOK = "outlook"  # the same, as Outlook saves it


class Scan(StrEnum):
    """What the scanner for malware says of a file."""

    NONE = "none"  # the hub has no scanner
    WAITING = "waiting"
    CLEAN = "clean"
    INFECTED = "infected"


OPEN = frozenset({Scan.NONE, Scan.CLEAN})  # may be looked at


@dataclass(frozen=True, slots=True)
class Attached:
    """One file; its name and content are sealed bodies."""

    id: str
    kind: FileKind
    scan: Scan

    @property
    def may_be_opened(self) -> bool:
        """Whether anybody may look at it."""
        return self.scan in OPEN


@dataclass(frozen=True, slots=True)
class FileScanned:
    """The scanner has looked at a file."""

    at: datetime
    file: str
    clean: bool
