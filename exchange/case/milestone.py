"""Milestones: clocks of law and practice that run for one subject after receipt, such as a conference in 15 days.

A decision starts those that belong to it; others are started by a person, with the moment they count from. Lengths
come from the statutory profile in force at the case's receipt (statute.py); the due time is stored when it is set.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Progress(StrEnum):
    """Where a milestone stands. Late is not a state: it follows from the due time."""

    RUNNING = "running"
    MET = "met"
    DROPPED = "dropped"  # the decision it belonged to no longer holds


# Met by the agency that took somebody on, weeks later: they run on, and are pressed, when the hub has closed.
OUTLIVE = frozenset({"assessment", "icpc", "adult_strategy"})
# Of these a record of ours is the proof, not one person's word: of a discussion that was held, with who took part. A
# conference is held elsewhere, and an adult's planning meeting often is, by whoever took the case on: there a named
# person's word, with their reason, is all that can be had. One that the hub holds is met by its record.
PROVED_BY_A_DISCUSSION = frozenset({"strategy_discussion"})
MAY_BECOME: dict[Progress, frozenset[Progress]] = {
    Progress.RUNNING: frozenset({Progress.MET, Progress.DROPPED}),
    Progress.MET: frozenset({Progress.RUNNING}),  # the next of its kind: a child is missing again
    Progress.DROPPED: frozenset({Progress.RUNNING}),
}


@dataclass(frozen=True, slots=True)
class Milestone:
    """One running clock of one subject."""

    name: str  # of the statutory profile: "icpc"
    started_at: datetime  # what it counts from, which may be before it was recorded
    due: datetime
    progress: Progress = Progress.RUNNING
    ended_at: datetime | None = None
    with_decision: bool = False  # a decision started it, and another one drops it


@dataclass(frozen=True, slots=True)
class MilestoneStarted:
    """A person starts a clock: the child has come back, the constable took her into protection."""

    at: datetime
    by: str
    subject: str
    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class MilestoneMet:
    """It was done in time or late: held, completed, reported."""

    at: datetime
    by: str
    subject: str
    name: str
