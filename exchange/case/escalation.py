"""Escalation: the rungs past a due time, each reached once and in order, and how a hub climbs them.

1. A rung is reached by silence alone; a person's answer is what stops the climbing.
2. The last rung ends nothing: the desk is pressed again and again until somebody has answered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from exchange.case.clock import ClockKind, ClockSpec


class Rung(StrEnum):
    """Whom silence reaches, one after the other."""

    DEPUTY = "deputy"  # of the agency: is given what its team was given
    LEAD = "lead"  # the agency's safeguarding lead: is told that its team is silent
    MANAGER = "manager"  # of the hub
    BOARD = "board"  # the board reads it in its log (exchange/escalations.py)


@dataclass(frozen=True, slots=True)
class Reached:
    """A rung that silence has reached."""

    rung: Rung
    at: datetime
    news: str = ""  # of the letter to the lead: what became of it (delivery.News); "" while it has not gone
    due: datetime | None = None  # the time that had passed in silence


@dataclass(frozen=True, slots=True)
class EscalationRules:
    """How a hub climbs."""

    ladder: tuple[Rung, ...] = tuple(Rung)
    step: ClockSpec | None = None  # from one rung to the next; None: as often as the desk is pressed anew
    red_step: ClockSpec | None = None  # of what is most urgent; None: the same step
    call_again: ClockSpec = field(default_factory=lambda: ClockSpec(ClockKind.ELAPSED, seconds=900))
    duty_again: ClockSpec = field(default_factory=ClockSpec.hour)  # until somebody of the duty team has accepted


DUTY = "duty"  # what a call, a page or a list says it is about, where it is about the duty team


@dataclass(frozen=True, slots=True)
class CallMade:
    """Somebody of the hub rang about a leg or a seat. Whom they asked for, and what was said, is sealed."""

    at: datetime
    by: str
    about: str  # "l1", "d1/i2", or "duty" for the duty team
    reached: bool  # a person who may speak for the agency
    rang_at: datetime | None = None  # when it was rung, if that was before it was typed in


@dataclass(frozen=True, slots=True)
class Chased:
    """Somebody of the hub asked a leg or a seat once more by mail, beside what the clocks ask."""

    at: datetime
    by: str
    about: str  # "l1" or "d1/i2"


@dataclass(frozen=True, slots=True)
class Call:
    """A call as the case remembers it."""

    about: str
    at: datetime
    by: str
    reached: bool
