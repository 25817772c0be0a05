"""Actions: what somebody has undertaken to do by when, owned by the hub or by any agency. What it is, is sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

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


@dataclass(frozen=True, slots=True)
class ActionSet:
    """Somebody is to do something by `due`."""

    at: datetime
    by: str
    action: str
    owner: str
    subjects: tuple[str, ...]
    due: datetime


@dataclass(frozen=True, slots=True)
class ActionMoved:
    """It is done, dropped, or open again."""

    at: datetime
    by: str
    action: str
    doing: Doing
