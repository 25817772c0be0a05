"""Asked by: when somebody must have begun with what a letter asks, as its notice may tell whoever carries it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from templates.key_letters import Drill
from templates.letters import (
    ALetter,
    HandOver,
    More,
    OutcomeAsked,
    Packet,
    Papers,
    Recall,
    ReleaseRequest,
    ToDo,
    Unqualified,
)

_BY: Mapping[type[ALetter], str] = {  # of each that asks for something by a time: where it says so
    Packet: "acknowledge_by",
    Papers: "reply_by",
    HandOver: "accept_by",
    ToDo: "due",
    More: "answer_by",
    Unqualified: "answer_by",
    ReleaseRequest: "answer_by",
    OutcomeAsked: "due_at",
    Recall: "confirm_by",
    Drill: "due",
}


def asked_by(letter: ALetter) -> datetime | None:
    """The time that a letter gives; None for one that asks for nothing by any."""
    name = _BY.get(type(letter))
    found: datetime | None = getattr(letter, name) if name else None
    return found
