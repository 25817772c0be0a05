"""Pressing: what is overdue goes to the desk, again and again until somebody has done it."""

from __future__ import annotations

from exchange.case import clock
from exchange.case.effect import Effect, OpenTask, SetClock, TaskKind
from exchange.case.event import ClockRanOut
from exchange.case.rules import Rules


def press_again(
    name: str, kind: TaskKind, about: str, event: ClockRanOut, rules: Rules, key: str = ""
) -> tuple[Effect, ...]:
    """Something is overdue: the desk is asked, and pressed anew until it is done."""
    again = clock.due(rules.overdue_again, event.at, rules.calendar)
    return OpenTask(key or name, kind, about, event.at), SetClock(name, again)
