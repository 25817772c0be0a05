"""The chronicle of a case: what happened, a line an event, in the words hub staff use.

A clock that runs out again and again is one line at its newest time, with its count: what people and agencies did
must not drown in what they did not do. The events themselves are all in the record.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from exchange import discussion_wording, wording
from exchange.case.event import ClockRanOut, InviteeReplied
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.store.casebook import StoredEvent


@dataclass(frozen=True, slots=True)
class Line:
    """One line."""

    newest: StoredEvent
    words: str
    by: str  # an agency by its name, a member of staff by their id, or ""
    since: datetime  # the first time
    times: int = 1


def lines(events: Iterable[StoredEvent], case: Case, rules: Rules) -> list[Line]:
    """All that happened, oldest first."""
    found: dict[str, Line] = {}
    for stored in events:
        silent = isinstance(stored.event, ClockRanOut)
        key = stored.event.clock if isinstance(stored.event, ClockRanOut) else stored.id
        before = found.pop(key, None) if silent else None  # it moves to where it last ran out
        by = wording.agency_name(getattr(stored.event, "by", ""), rules)
        words = wording.told(stored.event, rules, case)
        if isinstance(stored.event, InviteeReplied):
            words += discussion_wording.weighed(stored.event, case)
        line = Line(stored, words, by, stored.at)
        found[key] = replace(line, since=before.since, times=before.times + 1) if before else line
    return list(found.values())


def clock(name: str, case: Case, rules: Rules) -> str:
    """What a running clock is about: what it says when it runs out."""
    return wording.told(ClockRanOut(case.received_at, name), rules, case)
