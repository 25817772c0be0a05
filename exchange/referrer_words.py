"""What came from the referrer besides the concern, and what became of it, in the words of the chronicle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exchange.case import attaching, inquiring
from exchange.case.attachment import FileScanned
from exchange.case.event import ContactReceived, InformationAdded
from exchange.case.original import FileUnlocked, ReadingConfirmed
from exchange.case.question import APPROVED, QuestionApproved, QuestionAsked, QuestionDropped
from exchange.case.rules import Rules

CLOCKS = {
    attaching.CLOCK: "The malware scanner has not looked at a file",
    inquiring.CLOCK: "The referrer has not answered a question",
}


def files(event: ContactReceived | InformationAdded) -> str:
    """How many files came with it, for the end of a line."""
    count = len(event.files)
    return f", with {count} {'file' if count == 1 else 'files'}" if count else ""


TOLD: dict[type, Callable[[Any, Rules], str]] = {
    InformationAdded: lambda event, rules: (
        f"The referrer {'answered a question' if event.answers else 'added something'}{files(event)}"
    ),
    FileScanned: lambda event, rules: (
        "A file was looked at by the malware scanner: nothing found"
        if event.clean
        else "The malware scanner found something in a file: it stays shut"
    ),
    QuestionAsked: lambda event, rules: (
        ("The referrer is asked" + (" in our own words: somebody else must read them" if event.words else ""))
        + "".join(f"; {APPROVED.label(code)}" for code in event.codes)
    ),
    QuestionApproved: lambda event, rules: "The question to the referrer read by a second person, and asked",
    QuestionDropped: lambda event, rules: "A question to the referrer is not waited for any more",
    ReadingConfirmed: lambda event, rules: "What was read from the form compared with it, and confirmed",
    FileUnlocked: lambda event, rules: "A locked file opened with its password",
}
