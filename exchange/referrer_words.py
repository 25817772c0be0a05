"""What came from the referrer besides the concern, and what became of it, in the words of the chronicle."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from exchange.case import attaching, inquiring
from exchange.case.attachment import FileScanned
from exchange.case.challenge import UNPROVED
from exchange.case.correction import WordsCorrected
from exchange.case.event import ContactReceived, InformationAdded, ReferralCorrected
from exchange.case.original import FileUnlocked, MailWaits, ReadingConfirmed, WordsRead
from exchange.case.packet import label
from exchange.case.question import APPROVED, QuestionApproved, QuestionAsked, QuestionDropped
from exchange.case.rules import Rules

CLOCKS = {
    attaching.CLOCK: "The malware scanner has not looked at a file",
    inquiring.CLOCK: "The referrer has not answered a question",
}


_CHANNELS = {"web": "by form", "mail": "by mail", "telephone": "by telephone", "api": "from another system"}


def came_by(channel: str) -> str:
    """By which way a contact came."""
    return _CHANNELS.get(channel, f"by {channel}")


def files(event: ContactReceived | InformationAdded) -> str:
    """How many files came with it, for the end of a line."""
    count = len(event.files)
    return f", with {count} {'file' if count == 1 else 'files'}" if count else ""


def _corrected(names: tuple[str, ...]) -> str:
    """Which answers, by their questions: of whom stands in front of what is about somebody."""
    whose = (name.partition(".")[0] for name in names)
    told = [
        (f"{owner}: " if owner[1:].isdigit() else "") + label(name).rstrip("?")
        for owner, name in zip(whose, names, strict=True)
    ]
    return "; ".join(dict.fromkeys(told))


def before(plain: bytes) -> list[str]:
    """What answers that were corrected said before, a line each."""
    return [f"{label(name)} Before: {text or 'nothing'}" for name, text in json.loads(plain).items()]


def received(event: ContactReceived) -> str:
    """How it came, and whether anybody could have read it on its way."""
    return f"Received, {came_by(event.channel)}{'' if event.securely else ', unencrypted'}{files(event)}"


def _added(event: InformationAdded) -> str:
    """Who told more, as far as that is proved."""
    if event.by == UNPROVED:
        return "Somebody wrote to the referrer’s address: nothing proves that it was the referrer"
    if event.channel == "mail" and event.by != "referrer":
        return "A mail put with this case by hand"
    return f"The referrer {'answered a question' if event.answers else 'added something'}"


_READ = {  # by the kind of the task that asked for it
    "password": "A file that wants a password settled",
    "told_late": "What an agency told after the decision read",
    "mail_waits": "A mail in the holding pen that might have been about this case read",
    "hand_over": "Nobody need be asked to take somebody on: it is the hub’s own",
}
TOLD: dict[type, Callable[[Any, Rules], str]] = {
    InformationAdded: lambda event, rules: f"{_added(event)}{files(event)}",
    ReferralCorrected: lambda event, rules: (
        f"Put right, because it was typed in wrongly: {_corrected(event.changed)}"
    ),
    WordsCorrected: lambda event, rules: "What somebody said was written down wrongly: put right",
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
    MailWaits: lambda event, rules: "A mail in the holding pen may be about this case: somebody is asked to read it",
    WordsRead: lambda event, rules: _READ.get(event.task.partition(":")[0], "An unclear answer read"),
}
