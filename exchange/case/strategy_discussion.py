"""Strategy discussions: agencies called together by calendar mail, their replies, and whether they suffice.

1. A calendar reply says attendance and nothing else, never a safeguarding decision. It counts with proof of who wrote
   it: the address it goes to stands in clear in the invitation. Without proof it is claimed: shown, counted for
   nothing, and a person asks them and confirms it, because agencies without DKIM exist.
2. Quorum is counted by function (social care, police, health), live, from those who said they will come.
3. Late and contradictory replies are kept in order: the newest by its sequence and stamp holds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from exchange.case.acknowledgement import Proof
from exchange.case.escalation import Reached

COUNTS_FROM = Proof.DKIM  # the least proof of an attendance


class Attendance(StrEnum):
    """What an invitee said."""

    AWAITED = "awaited"
    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"
    COUNTER = "counter"  # proposes another time
    DELEGATED = "delegated"


class Meeting(StrEnum):
    """Where the discussion stands."""

    CALLED = "called"
    HELD = "held"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Invitee:
    """One agency's seat."""

    id: str  # "i1" within the discussion
    agency: str
    function: str
    attendance: Attendance = Attendance.AWAITED
    said_at: datetime | None = None  # DTSTAMP of the reply that holds
    chased: int = 0
    due: datetime | None = None
    attended: bool = False
    rungs: tuple[Reached, ...] = ()  # of the ladder, those reached by silence
    claimed: Attendance | None = None  # what a reply says that nothing proves, until somebody confirms it


@dataclass(frozen=True, slots=True)
class StrategyDiscussion:
    """One discussion of a case."""

    id: str  # "d1" within the case
    called_at: datetime
    called_by: str
    starts_at: datetime
    minutes: int
    subjects: tuple[str, ...]
    invitees: tuple[Invitee, ...]
    sequence: int = 0
    state: Meeting = Meeting.CALLED
    held_at: datetime | None = None  # when it was recorded as held

    def invitee(self, invitee: str) -> Invitee | None:
        """The invitee of this id."""
        return next((i for i in self.invitees if i.id == invitee), None)

    def with_invitee(self, changed: Invitee) -> StrategyDiscussion:
        """The same discussion with one seat changed."""
        return replace(self, invitees=tuple(changed if i.id == changed.id else i for i in self.invitees))


def missing(discussion: StrategyDiscussion, quorum: tuple[str, ...]) -> tuple[str, ...]:
    """The functions of the quorum nobody has yet said they will fill; once held, nobody filled."""
    if discussion.state is Meeting.HELD:
        there = {i.function for i in discussion.invitees if i.attended}
    else:
        there = {i.function for i in discussion.invitees if i.attendance is Attendance.ACCEPTED}
    return tuple(f for f in quorum if f not in there)


def holds(now: Invitee, stamp: datetime) -> bool:
    """Whether a reply stamped `stamp` is newer than the one that holds (ecosystem: ignore an older DTSTAMP)."""
    return now.said_at is None or stamp >= now.said_at
