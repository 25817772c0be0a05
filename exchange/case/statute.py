"""The statutory profile: the clocks that law and statutory guidance set, apart from local policy.

1. A clock that binds cannot be weakened: it is due when the statute says, or sooner where the hub's own clock is
   shorter. The statute counts its own working days, whatever the hub's closures.
2. A clock that does not bind is an example or unconfirmed; the hub's own length replaces it.
3. A due time is worked out once, at the clock's start, with the rules in force at the case's receipt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from exchange.case import clock
from exchange.case.calendar import Calendar
from exchange.case.clock import ClockKind, ClockSpec

NEXT_STEPS = "next_steps"  # the clock from receipt to "what happens next?", which the ratings work within
_DAY = 86_400  # seconds


@dataclass(frozen=True, slots=True)
class NamedClock:
    """One clock by the name that decisions, pages and measures know it by."""

    name: str  # "icpc"
    label: str  # as people read it
    starts: str  # what starts it, in words
    stops: str  # what stops it
    spec: ClockSpec  # what the hub goes by
    source: str  # guidance paragraph, or where the example comes from
    forms: tuple[str, ...] = ("child", "adult")  # whom it is for
    limit: ClockSpec | None = None  # what the statute says; None: it does not bind

    def due(self, start: datetime, calendar: Calendar) -> datetime:
        """When it runs out (UTC), started at `start` (UTC)."""
        own = clock.due(self.spec, start, calendar)
        if self.limit is None:
            return own
        return min(own, clock.due(self.limit, start, calendar.statutory()))


@dataclass(frozen=True, slots=True)
class Statute:
    """The law and guidance a hub works under, as one dated profile."""

    id: str = ""  # "england-wt2026"; "" when the hub file names none
    name: str = ""
    nation: str = ""  # "england" | "wales" | "scotland" | "northern-ireland"
    since: date | None = None  # in force from
    clocks: tuple[NamedClock, ...] = ()  # with the hub's own lengths put in

    def clock(self, name: str) -> NamedClock | None:
        """The clock of this name; None when neither law nor hub sets one."""
        return next((c for c in self.clocks if c.name == name), None)

    def due(self, name: str, form: str, start: datetime, calendar: Calendar) -> datetime | None:
        """When the clock `name` of a child or adult, started at `start` (UTC), runs out (UTC); None without one."""
        found = self.clock(name)
        return found.due(start, calendar) if found and form in found.forms else None


def is_slower(own: ClockSpec, limit: ClockSpec, calendar: Calendar) -> bool:
    """Whether a hub's own length is longer than the statute's, as a person would say it.

    24 hours are no longer than one working day, and working time is longer than any elapsed time: it stands still at
    night. The minute at which two kinds part is no matter here, because `NamedClock.due` takes whichever is sooner.
    """
    if own.kind is limit.kind:
        return (own.days, own.seconds) > (limit.days, limit.seconds)
    if limit.kind is not ClockKind.WORKING_DAYS:
        return own.kind is not ClockKind.ELAPSED
    if own.kind is ClockKind.ELAPSED:
        return own.seconds > limit.days * _DAY
    return own.seconds > limit.days * _longest_day(calendar)


def _longest_day(calendar: Calendar) -> float:
    open_days = (hours for hours in calendar.hours if hours)
    return max((_seconds(until) - _seconds(since) for since, until in open_days), default=0.0)


def _seconds(at: time) -> float:
    return (at.hour * 60 + at.minute) * 60 + at.second + at.microsecond / 1e6
