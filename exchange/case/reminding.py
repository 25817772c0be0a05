"""Reminding: when an agency that has the packet in hand is told that its answer is due.

1. Shares of the answer's own clock, as for the acknowledgement; a share that had passed when a person there said they
   have it is left out.
2. Nobody is reminded by mail of what has not reached them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from exchange.case import clock
from exchange.case.acknowledgement import Acknowledgement
from exchange.case.effect import Effect, Letter, SendLetter, SetClock, StopClock
from exchange.case.event import ClockRanOut
from exchange.case.rules import Rating, Rules
from exchange.case.state import Case, Leg
from exchange.case.step import Step


def nudge_clock(leg: Leg, rating: Rating, at: datetime, rules: Rules) -> tuple[Effect, ...]:
    """The next reminder of the answer; none is left when the last share has passed."""
    start = leg.more_at or leg.opened_at
    shares = (clock.share_due(rating.answer, share, start, rules.calendar) for share in rules.reminders)
    left = [due for share in shares if (due := min(share, leg.answer_due)) > at]
    return (SetClock(f"nudge:{leg.id}", left[0]),) if left and leg.owing else (StopClock(f"nudge:{leg.id}"),)


def nudge(case: Case, leg: Leg, rating: Rating, event: ClockRanOut, rules: Rules) -> Step:
    """A share of the answer's clock has passed."""
    if leg.acknowledgement is not Acknowledgement.ACKNOWLEDGED or not leg.owing:
        return Step(case)
    moved = replace(leg, nudges=leg.nudges + 1)
    letter: tuple[Effect, ...] = ()
    if leg.arrived:
        letter = (SendLetter(f"reminder:{leg.id}:answer:{moved.nudges}", Letter.REMINDER, leg.id),)
    return Step(case.with_leg(moved), (*letter, *nudge_clock(moved, rating, event.at, rules)))
