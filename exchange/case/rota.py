"""Rotas: whose turn it is to answer at a mailbox, by weekday or by date, on the clock of the hub's wall.

1. A date with turns of its own forgets the turns of its weekday.
2. A turn that ends at or before its beginning ends on the next day: nights belong to the day they begin on.
3. Who has a turn says whom to ring; mail goes to the mailbox all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta


@dataclass(frozen=True, slots=True)
class Turn:
    """One row of a rota."""

    spoc: str  # id
    begins: time
    ends: time
    days: tuple[int, ...] = ()  # 0 is Monday
    dates: tuple[date, ...] = ()


def on_duty(rota: tuple[Turn, ...], at: datetime) -> tuple[str, ...]:
    """Whose turn it is at this moment of the hub's wall, each once."""
    day, clock = at.date(), at.time()
    tonight = (t.spoc for t in _of(rota, day) if t.begins <= clock and (clock < t.ends or _overnight(t)))
    still = (t.spoc for t in _of(rota, day - timedelta(days=1)) if _overnight(t) and clock < t.ends)
    return tuple(dict.fromkeys((*still, *tonight)))


def _of(rota: tuple[Turn, ...], day: date) -> tuple[Turn, ...]:
    dated = tuple(t for t in rota if day in t.dates)
    return dated or tuple(t for t in rota if day.weekday() in t.days)


def _overnight(turn: Turn) -> bool:
    return turn.ends <= turn.begins
