"""Actions: what somebody has undertaken to do by when, owned by the hub or by any agency. What it is, is sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from exchange.case.acknowledgement import Proof

HUB = "hub"  # the owner of what the hub itself does


class Doing(StrEnum):
    """Where an action stands. Late is not a state: it follows from the due time."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"  # no longer needed, with a reason


MAY_BECOME: dict[Doing, frozenset[Doing]] = {
    Doing.OPEN: frozenset({Doing.DONE, Doing.DROPPED}),
    Doing.DONE: frozenset({Doing.OPEN}),  # it was not, after all
    Doing.DROPPED: frozenset({Doing.OPEN}),
}


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do."""

    id: str  # "a1" within the case
    owner: str  # agency id, or HUB
    subjects: tuple[str, ...]
    set_at: datetime
    due: datetime
    doing: Doing = Doing.OPEN
    ended_at: datetime | None = None
    ended_by: str = ""
    discussion: str = ""  # the strategy discussion that agreed it; "" for one set apart
    chased: int = 0  # letters that it is overdue
    promised: date | None = None  # the day by which its owner says that it will be done


@dataclass(frozen=True, slots=True)
class ActionSet:
    """Somebody is to do something by `due`."""

    at: datetime
    by: str
    action: str
    owner: str
    subjects: tuple[str, ...]
    due: datetime
    discussion: str = ""


@dataclass(frozen=True, slots=True)
class ActionMoved:
    """It is done, dropped, or open again; one that is open may be given more time."""

    at: datetime
    by: str
    action: str
    doing: Doing
    due: datetime | None = None  # a new one, of what is open


class DoingAnswer(StrEnum):
    """What an owner may say of its action."""

    DONE = "done"
    CANNOT = "cannot"
    LATER = "later"  # not yet, by such a day


LEAST_PROOF: dict[DoingAnswer, Proof] = {
    DoingAnswer.DONE: Proof.DKIM,
    DoingAnswer.CANNOT: Proof.PAGE,  # a cry for help is always heard
    DoingAnswer.LATER: Proof.DKIM,
}


@dataclass(frozen=True, slots=True)
class ActionAnswered:
    """A person at the owner says how it stands, with this strength of proof; what else they say is sealed."""

    at: datetime
    by: str
    action: str
    answer: DoingAnswer
    proof: Proof
    channel: str  # "mail" | "page" | "telephone"
    until: date | None = None  # of LATER
    in_clear: bool = False  # a readable answer to a sealed letter


@dataclass(frozen=True, slots=True)
class ActionReplyUnclear:
    """Something was said about an action that no state may follow from: a person reads it."""

    at: datetime
    action: str
    why: str  # "unproved" | "unclear" | "not_opened"
