"""Notices about silence: to an agency's lead, and once a day to a mailbox. They say nothing about anybody."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from templates import moments
from templates.addressed import NOT_RATED, Answering, Sender, Urgency
from templates.key_letters import OF_KEYS
from templates.languages import say
from templates.meeting_letters import Cancellation, Chaser, Invitation
from templates.outside import QUIET, OneTimeCode, Safely

if TYPE_CHECKING:
    from templates.letters import ALetter


@dataclass(frozen=True, slots=True)
class Lead:
    """To the lead of an agency whose team has not answered."""

    quiet: ClassVar[str] = "No answer"
    sender: Sender
    reference: str
    agency: str
    owes: str  # "acknowledgement" | "answer" | "attendance"
    asked_at: datetime
    due_at: datetime
    now: datetime
    answering: Answering | None = None  # by which the lead may say that somebody has it
    deputy: bool = False  # a deputy has been asked as well
    urgency: Urgency = NOT_RATED  # the most urgent waits for nobody's hours


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of a digest."""

    reference: str
    owes: str  # "acknowledgement" | "answer" | "attendance" | "hand_over" | "action"
    asked_at: datetime
    due_at: datetime
    page: str = field(default="", repr=False)  # where it can be said that somebody has it, or comes; "" for neither
    meets_at: datetime | None = None  # of an invitation: when the meeting is
    urgency: Urgency = NOT_RATED


@dataclass(frozen=True, slots=True)
class Digest:
    """To one mailbox: all that it owes, of every case, the most urgent first."""

    sender: Sender
    agency: str
    waiting: tuple[Waiting, ...]
    now: datetime

    @property
    def late(self) -> int:
        """How many are past their time."""
        return sum(w.due_at <= self.now for w in self.waiting)


_CALLS = {Invitation: "Meeting", Cancellation: "Cancelled: meeting", Chaser: "Please answer: meeting"}
_ONE_SEAT = "Not needed: meeting"  # taken out of one calendar; the meeting takes place


def quiet_subject(letter: ALetter, whose: str) -> str:
    """What stands outside: a reference, how many wait, or when a meeting is."""
    if isinstance(letter, Digest):
        count = len(letter.waiting)
        return f"{count} {'message' if count == 1 else 'messages'} waiting for {whose}"
    if isinstance(letter, Invitation | Cancellation | Chaser):  # whoever reads it on a telephone sees when it is
        at = moments.short(letter.starts_at, letter.sender.timezone)
        alone = isinstance(letter, Cancellation) and not letter.whole
        return f"{_ONE_SEAT if alone else _CALLS[type(letter)]} {letter.reference}, {at}"
    if isinstance(letter, Safely | OneTimeCode):
        return say(QUIET[type(letter)])
    if isinstance(letter, OF_KEYS):
        return letter.quiet_subject
    if whose == "you":
        return say("Message %(reference)s for you", reference=letter.reference)
    number = getattr(letter, "number", 0)
    told = f"essage {letter.reference}{f', message {number},' if number else ''} for {whose}"
    what = getattr(letter, "quiet", "")  # of a notice: which of several about one message it is
    return f"{what}: m{told}" if what else f"M{told}"
