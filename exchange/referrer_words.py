"""What came from the referrer besides the concern, and what became of it, in the words of the chronicle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exchange.case.attaching import CLOCK
from exchange.case.attachment import FileScanned
from exchange.case.event import ContactReceived, InformationAdded
from exchange.case.original import FileUnlocked, ReadingConfirmed
from exchange.case.rules import Rules

CLOCKS = {CLOCK: "The malware scanner has not looked at a file"}


def files(event: ContactReceived | InformationAdded) -> str:
    """How many files came with it, for the end of a line."""
    count = len(event.files)
    return f", with {count} {'file' if count == 1 else 'files'}" if count else ""


TOLD: dict[type, Callable[[Any, Rules], str]] = {
    InformationAdded: lambda event, rules: f"The referrer added something{files(event)}",
    FileScanned: lambda event, rules: (
        "A file was looked at by the malware scanner: nothing found"
        if event.clean
        else "The malware scanner found something in a file: it stays shut"
    ),
    ReadingConfirmed: lambda event, rules: "What was read from the form compared with it, and confirmed",
    FileUnlocked: lambda event, rules: "A locked file opened with its password",
}
