"""Cases, events and rules as JSON that a person can read in an outage; no pickles."""

from __future__ import annotations

from functools import cache
from typing import Any, get_args

from pydantic import TypeAdapter

from exchange.case.event import Event
from exchange.case.state import Case

KINDS: dict[str, type] = {kind.__name__: kind for kind in get_args(Event)}


@cache
def _of(kind: type) -> TypeAdapter[Any]:
    """Made when first needed: to make all at once takes a quarter of a command's time."""
    return TypeAdapter(kind)


def event_json(event: Event) -> str:
    """The event's fields; its kind is kept beside it."""
    kind: type = type(event)
    text: bytes = _of(kind).dump_json(event)
    return text.decode()


def event_from(kind: str, text: str) -> Event:
    """The event of this kind."""
    event: Event = _of(KINDS[kind]).validate_json(text)
    return event


def case_json(case: Case) -> str:
    """The case as it stands."""
    text: bytes = _of(Case).dump_json(case)
    return text.decode()


def case_from(text: str) -> Case:
    """The case as it was stored."""
    case: Case = _of(Case).validate_json(text)
    return case
