"""Editing a hub file: one table of it is written anew, added or taken out, and all else stays as people wrote it.

1. What comes out says what was meant and nothing besides: it is read again and compared with the data as changed.
2. Nothing is judged here: whether the file can be used says the loader.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from exchange.hubs.refusal import HubError

Place = tuple[str | int, ...]  # ("agencies", "police", "mailbox", 0)
Change = Callable[[Any], None]  # of the data of a file, or of a document that remembers how it was written


class CannotEdit(HubError):
    """This part of the hub file is written in a way that this form cannot change: change the text of the file."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def edited(text: str, change: Change) -> str:
    """The text after the change. Raises CannotEdit."""
    meant = tomllib.loads(text)
    change(meant)
    try:
        document = tomlkit.parse(text)
        change(document)
        written = tomlkit.dumps(document)
        same = tomllib.loads(written) == meant
    except (TOMLKitError, ValueError, TypeError, KeyError):
        raise CannotEdit from None
    if not same:
        raise CannotEdit
    return written


def data_of(text: str) -> dict[str, Any]:
    """What a file that was taken says, without any judgement."""
    return tomllib.loads(text)


def at(data: Any, place: Place) -> Any:
    """What stands at a place."""
    for step in place:
        data = data[step]
    return data


def put(place: Place, values: Mapping[str, Any]) -> Change:
    """Write these keys of a table; one that is None is taken out."""

    def change(data: Any) -> None:
        table = at(data, place)
        for key, value in values.items():
            if value is None:
                table.pop(key, None)
            elif key not in table or table[key] != value:
                table[key] = value

    return change


def put_anew(place: Place, values: Mapping[str, Any]) -> Change:
    """As `put`; tables on the way that are not there are made, and one that is left empty is taken out."""

    def change(data: Any) -> None:
        table = data
        for step in place:
            table = table.setdefault(step, {})
        put(place, values)(data)
        if not at(data, place):
            take_out(place)(data)

    return change


def add_row(place: Place, key: str, values: Mapping[str, Any]) -> Change:
    """One more `[[key]]`, after those there are; of a single `[key]` there are two then."""

    def change(data: Any) -> None:
        outer = at(data, place)
        rows = outer.get(key)
        if rows is None:
            outer[key] = [dict(values)]
        elif isinstance(rows, dict):
            outer[key] = [dict(rows), dict(values)]
        else:
            rows.append(dict(values))

    return change


def add_table(place: Place, name: str, values: Mapping[str, Any]) -> Change:
    """One more named table."""

    def change(data: Any) -> None:
        at(data, place)[name] = dict(values)

    return change


def take_out(place: Place) -> Change:
    """Without what stands there."""

    def change(data: Any) -> None:
        del at(data, place[:-1])[place[-1]]

    return change
