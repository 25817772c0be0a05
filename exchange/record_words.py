"""The words for a record of a discussion, and for how actions stand: part of what wording.py tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exchange.case.action import ActionAnswered, ActionMoved, ActionReplyUnclear, Doing, DoingAnswer
from exchange.case.record import Copy, RecordApproved, RecordTold, RecordWritten, Release, Standing
from exchange.case.record_fields import BY_NAME
from exchange.case.rules import Rules
from exchange.labels import PROOFS

STANDINGS = {
    Standing.DRAFT: "draft",
    Standing.APPROVED: "approved, on its way",
    Standing.CIRCULATED: "with everybody invited",
    Standing.SUPERSEDED: "replaced",
}
RELEASES = {
    Release.HUB_ONLY: "Inside the hub only",
    Release.ALL_INVITED: "All who are invited",
    Release.NAMED: "Only the agencies named",
}
ANSWERS = {
    DoingAnswer.DONE: "done",
    DoingAnswer.CANNOT: "they cannot do it",
    DoingAnswer.LATER: "not yet",
}
_PARTS = {"trigger": "why it was called", "s": "Subject", "n": "information", "o": "dissent", "a": "action"}


def left_out(copy: Copy) -> str:
    """What one agency was not sent, in words: by number, no name."""
    return "; ".join(part(name) for name in copy.left_out) or "nothing"


def part(name: str) -> str:
    """One part of a record, by number."""
    subject, _, question = name.partition(".")
    if question:
        return f"Subject {subject[1:]}: {BY_NAME[question].label.rstrip('?').lower()}"
    return _PARTS.get(name) or f"{_PARTS[name[:1]]} {name[1:]}"


def _number(name: str) -> str:
    return name[1:]


def _answered(event: ActionAnswered, rules: Rules) -> str:
    until = f", by {event.until:%d/%m/%Y}" if event.until else ""
    return f"Action {event.action[1:]}: {ANSWERS[event.answer]}{until} (proof: {PROOFS[event.proof]})"


def moved(event: ActionMoved, rules: Rules) -> str:
    """An action moved by a person."""
    if event.due and event.doing is Doing.OPEN:
        return f"Action {event.action[1:]}: open, with a new time"
    return f"Action {event.action[1:]}: {event.doing.value.replace('_', ' ')}"


TOLD: dict[type, Callable[[Any, Rules], str]] = {
    ActionMoved: moved,
    ActionAnswered: _answered,
    ActionReplyUnclear: lambda event, rules: (
        f"Action {event.action[1:]}: an answer that is {event.why.replace('_', ' ')}; a person must read it"
    ),
    RecordWritten: lambda event, rules: (
        f"Record of discussion {_number(event.discussion)}: version {_number(event.version)} written"
    ),
    RecordApproved: lambda event, rules: (
        f"Record of discussion {_number(event.discussion)}: version {_number(event.version)} approved"
    ),
    RecordTold: lambda event, rules: f"An agency was told what the record says (copy {_number(event.copy)})",
}
