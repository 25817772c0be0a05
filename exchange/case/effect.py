"""Everything the core may ask of the outside. Carried out by workers, each under its own key, at least once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Letter(StrEnum):
    """What is written to somebody."""

    RECEIPT = "receipt"  # to the referrer: automatic, says so
    ACCEPTED = "accepted"  # to the referrer: a person has looked
    OUTCOME = "outcome"  # to the referrer
    PACKET = "packet"  # to an agency
    REMINDER = "reminder"  # to an agency that has not said it has the packet
    INVITATION = "invitation"  # calendar mail, no name in it
    PAPERS = "papers"  # for a discussion, sealed, each agency its own
    CHASER = "chaser"  # to an invitee who has not replied
    STEPPED = "stepped"  # to an agency: the rating changed, and with it when its answer is due
    GUIDANCE = "guidance"  # to the referrer: how to refer, because this channel cannot be used
    ACTION = "action"  # to the agency that owns an action


TO_REFERRER = frozenset({Letter.RECEIPT, Letter.ACCEPTED, Letter.OUTCOME, Letter.GUIDANCE})


class TaskKind(StrEnum):
    """What the desk must do."""

    FIRST_LOOK = "first_look"
    NO_AUTOMATIC_RECEIPT = "no_automatic_receipt"  # the sender is not proved: ring or write by hand
    TELEPHONE_AGENCY = "telephone_agency"  # mail will not get through
    SILENT_AGENCY = "silent_agency"  # a clock ran out without an answer
    CANNOT_OPEN = "cannot_open"
    WRONG_PERSON = "wrong_person"
    UNCLEAR_ANSWER = "unclear_answer"
    DECLINED = "declined"  # re-route, give more information, or decide
    SILENT_INVITEE = "silent_invitee"
    LETTER_FAILED = "letter_failed"
    TELL_REFERRER = "tell_referrer"  # no letter can tell them the outcome, or it could not be sent
    DECIDE = "decide"  # the decision clock ran out
    DISPUTED = "disputed"  # the referrer says the outcome does not answer the concern
    HOLDING_PEN = "holding_pen"  # a mail that belongs nowhere we can tell
    SHELVED = "shelved"  # a mail that could not be read three times
    TRANSCRIBE = "transcribe"  # read, and not yet typed in: nobody has been asked
    NO_ROUTE = "no_route"  # no rule names an agency for a subject
    ELSEWHERE = "elsewhere"  # another area's: ours until a named person there has accepted
    REFUSAL = "refusal"  # an adult with capacity refuses: respect it, or say on which ground not
    SECOND_REVIEW = "second_review"  # borderline: somebody else must look
    FOLLOW_UP = "follow_up"  # look again, as was decided
    MILESTONE = "milestone"  # a clock of law or practice ran out
    ACTION = "action"  # an action is overdue
    PROTECTED = "protected"  # an address that must now be kept secret has been told to somebody


@dataclass(frozen=True, slots=True)
class SendLetter:
    """Compose, seal and send one letter. `key` names it for ever: the same key is never sent as two letters."""

    key: str
    letter: Letter
    about: str = ""  # leg id; "d1/i2" for an invitee; "" for the referrer


@dataclass(frozen=True, slots=True)
class WithdrawLetters:
    """Do not send what waits under keys that begin so (a late answer cancels pending reminders)."""

    prefix: str


@dataclass(frozen=True, slots=True)
class SetClock:
    """Wake the case at `due`; setting a clock of the same name moves it."""

    clock: str
    due: datetime


@dataclass(frozen=True, slots=True)
class StopClock:
    """The clock no longer matters."""

    clock: str


@dataclass(frozen=True, slots=True)
class OpenTask:
    """Ask the desk; opening the same key again presses anew and opens no second task."""

    key: str
    kind: TaskKind
    about: str
    due: datetime


@dataclass(frozen=True, slots=True)
class CloseTask:
    """The desk need not do it any more."""

    key: str


Effect = SendLetter | WithdrawLetters | SetClock | StopClock | OpenTask | CloseTask
