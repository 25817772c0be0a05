"""Fetching: a letter that waits on the pick-up page until somebody there reads it, or its time ends.

Fetched is evidence and no acknowledgement: only a person's answer says that somebody has it in hand.
"""

from __future__ import annotations

from exchange.case.delivery import News
from exchange.case.effect import Effect, SetClock, StopClock
from exchange.case.event import LetterNews, PacketNews

CLOCK = "fetch"  # + the letter and what it is about: "fetch:packet:l1"


def clocks(letter: str, event: PacketNews | LetterNews) -> tuple[Effect, ...]:
    """What runs while a letter waits; nothing does for one that went otherwise."""
    if event.news is News.FETCHED:
        return (StopClock(f"{CLOCK}:{letter}"),)
    waits = event.until is not None and event.news in (News.KEPT, News.ACCEPTED)
    return (SetClock(f"{CLOCK}:{letter}", event.until),) if waits and event.until else ()
