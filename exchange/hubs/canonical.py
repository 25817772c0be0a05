"""Profiles as canonical JSON: the same rules give the same text, so that a case can name its rules by their hash.

1. Equal values give equal text, in every process: keys are sorted, and sets (whose order changes with each start of
   Python) are written in order.
2. `rules_from(canonical_rules(r)) == r`, and the same for directories.
"""

from __future__ import annotations

import hashlib
import json
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from exchange.case.mailbox import Directory
from exchange.case.moving import Move
from exchange.case.rules import Rules
from exchange.hubs.refusal import ProfileUnreadable

_T = TypeVar("_T")
_RULES = TypeAdapter(Rules)
_DIRECTORY = TypeAdapter(Directory)
_MOVES = TypeAdapter(tuple[Move, ...])


def canonical_rules(rules: Rules) -> str:
    """The rules as text, to be stored and hashed."""
    data = _RULES.dump_python(rules, mode="json")
    data["calendar"]["closed"].sort()
    data["calendar"]["holidays"].sort()
    return _text(data)


def rules_from(text: str) -> Rules:
    """The rules of a stored text. Raises ProfileUnreadable."""
    return _read(_RULES, text, "rules")


def directory_json(directory: Directory) -> str:
    """The directory as text: addresses and names, so seal it where it is stored."""
    return _text(_DIRECTORY.dump_python(directory, mode="json"))


def directory_from(text: str) -> Directory:
    """The directory of a stored text. Raises ProfileUnreadable."""
    return _read(_DIRECTORY, text, "directory")


def moves_json(moves: tuple[Move, ...]) -> str:
    """Mailboxes on their way as text: seal it where it is stored."""
    return _text(_MOVES.dump_python(moves, mode="json"))


def moves_from(text: str) -> tuple[Move, ...]:
    """The moves of a stored text. Raises ProfileUnreadable."""
    return _read(_MOVES, text, "moves")


def content_hash(text: str) -> str:
    """SHA-256, in hexadecimal: the name by which a case knows its rules."""
    return hashlib.sha256(text.encode()).hexdigest()


def _text(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1)  # indented: read by people in an outage


def _read(kind: TypeAdapter[_T], text: str, noun: str) -> _T:
    try:
        return kind.validate_json(text)
    except ValidationError as error:
        wrong = ".".join(str(step) for step in error.errors(include_input=False)[0]["loc"])
    # Raised outside the handler: pydantic's own message repeats the input, which may be an address.
    raise ProfileUnreadable(f"the stored {noun} cannot be read at {wrong or 'its start'}")
