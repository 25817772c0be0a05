"""Reads a hub file's tables key by key and collects what is wrong, so that one run names every fault.

1. A fault never stops the reading: the key gets a stand-in, which nobody sees because `close` refuses the file.
2. A key that nobody asked for is a fault: a misspelt key must not silently mean "not set".
3. `close` is the only way out, and it raises if there is any fault.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from difflib import get_close_matches
from typing import Any, Generic, TypeVar

from exchange.hubs.lines import Path, lines
from exchange.hubs.refusal import Fault, HubFileRefused

_T = TypeVar("_T")
_D = TypeVar("_D")

SHOWN = 60  # characters of a wrong value: enough to find it in the line named


class Unfit(Exception):
    """The value will not do: what is wrong with it, and what to write instead."""

    def __init__(self, what: str, remedy: str) -> None:
        self.what, self.remedy = what, remedy
        super().__init__(what)


@dataclass(frozen=True, slots=True)
class Shape(Generic[_T]):
    """What a value must look like."""

    parse: Callable[[object], _T]  # raises Unfit
    example: str  # as TOML, for whoever left the key out
    stand_in: _T


class Sheet:
    """One hub file under reading."""

    def __init__(self, text: str) -> None:
        text = text.removeprefix("\ufeff")  # Windows Notepad's mark
        data, self._lines = _parsed(text)
        self._faults: list[Fault] = []
        self._tables: list[Table] = []
        self.root = self.open((), data)

    def open(self, path: Path, data: dict[str, Any], *, absent: bool = False) -> Table:
        """A table; an absent one answers with stand-ins and complains of nothing more."""
        table = Table(self, path, data)
        if not absent:
            self._tables.append(table)
        return table

    def fault(self, path: Path, value: object, what: str, remedy: str) -> None:
        """Note a fault at the path, or at the nearest line above it that was written."""
        shown = "" if value is None else _shown(value)
        self._faults.append(Fault(self._line(path), _named(path), shown, what, remedy))

    def close(self) -> None:
        """Raises HubFileRefused with all faults, in the order of the file."""
        for table in self._tables:
            table.finish()
        if self._faults:
            raise HubFileRefused(tuple(sorted(self._faults, key=lambda f: f.line)))

    def _line(self, path: Path) -> int:
        return next((self._lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self._lines), 1)


class Table:
    """One table of the file. Asking for a key makes it a known one."""

    def __init__(self, sheet: Sheet, path: Path, data: dict[str, Any]) -> None:
        self._sheet, self.path, self._data = sheet, path, data
        self._known: set[str] = set()
        self._missing: dict[str, str] = {}  # key -> example
        self._unfit: set[str] = set()

    def need(self, key: str, shape: Shape[_T]) -> _T:
        """The value of a key that must be there."""
        if self._has(key):
            return self._parse((key,), shape, self._data[key])
        self._missing[key] = shape.example
        return shape.stand_in

    def may(self, key: str, shape: Shape[_T], default: _D) -> _T | _D:
        """The value of a key that may be left out."""
        return self._parse((key,), shape, self._data[key]) if self._has(key) else default

    def need_list(self, key: str, shape: Shape[_T]) -> tuple[_T, ...]:
        """The values of a list that must be there, with at least one entry."""
        if not self._has(key):
            self._missing[key] = f"[{shape.example}]"
        elif self._data[key] == []:
            self.fault(key, "empty", f"write at least one, like [{shape.example}]")
        return self.may_list(key, shape, ())

    def may_list(self, key: str, shape: Shape[_T], default: tuple[_T, ...] = ()) -> tuple[_T, ...]:
        """The values of a list that may be left out; each entry has a fault of its own."""
        if not self._has(key):
            return default
        written = self._data[key]
        if not isinstance(written, list):
            self.fault(key, "not a list", f"write it in brackets, like [{shape.example}]")
            return default
        for n, value in enumerate(written):
            if value in written[:n]:
                self._sheet.fault((*self.path, key, n), value, "written twice", "take one out")
        return tuple(self._parse((key, n), shape, value) for n, value in enumerate(written))

    def __contains__(self, key: str) -> bool:
        return self._has(key)

    def says(self, key: str, word: str) -> bool:
        """Whether the key holds this one word where something longer could stand."""
        return self._has(key) and bool(self._data[key] == word)

    def table(self, key: str) -> Table:
        """The table under a key, which must be there."""
        path = (*self.path, key)
        if not self._has(key):
            self._missing[key] = ""
            return self._sheet.open(path, {}, absent=True)
        if not isinstance(self._data[key], dict):
            self.fault(key, "not a table", f"write it as [{_named(path)}]")
            return self._sheet.open(path, {}, absent=True)
        return self._sheet.open(path, self._data[key])

    def entries(self, key: str, identity: Shape[str]) -> Iterator[tuple[str, Table]]:
        """The named tables under a key, at least one; the names must be of the shape."""
        outer = self.table(key)
        if self._has(key) and self._data[key] == {}:
            self.fault(key, "empty", f"write at least one table [{_named(outer.path)}.NAME]")
        yield from outer.every(identity)

    def every(self, identity: Shape[str]) -> Iterator[tuple[str, Table]]:
        """Each table of this one, by its name, which must be of the shape."""
        for name in self._data:
            self._parse((name,), identity, name)
            yield name, self.table(name)

    def rows(self, key: str, *, needed: bool = True) -> Iterator[Table]:
        """The rows under a key: `[[key]]` as often as there are, or one `[key]`."""
        path = (*self.path, key)
        written = self._data[key] if self._has(key) else []
        if isinstance(written, dict):
            yield self._sheet.open(path, written)
            return
        if not isinstance(written, list) or not all(isinstance(row, dict) for row in written):
            self.fault(key, "not rows", f"write each as [[{_named(path)}]]")
            return
        if needed and not written:
            self.fault(key, "there is none", f"write at least one as [[{_named(path)}]]")
        for n, row in enumerate(written):
            yield self._sheet.open((*path, n), row)

    def names(self, key: str) -> tuple[str, ...]:
        """The names written under a key, sound or not: what other tables may refer to."""
        written = self._data.get(key)
        return tuple(written) if isinstance(written, dict) else ()

    def sound(self, key: str) -> bool:
        """Whether the key is there and its value was of the right shape."""
        return key in self._data and key not in self._unfit

    def fault(self, key: str, what: str, remedy: str) -> None:
        """Note a fault of one key of this table."""
        self._unfit.add(key)
        self._sheet.fault((*self.path, key), self._data.get(key), what, remedy)

    def finish(self) -> None:
        """Note the keys nobody asked for, and those asked for in vain (once, where one is a misspelling)."""
        absent = dict(self._missing)
        for key in self._data.keys() - self._known:
            near = get_close_matches(key, sorted(self._known - self._data.keys()), n=1)
            near = near or get_close_matches(key, sorted(self._known), n=1)
            remedy = f"did you mean {near[0]}?" if near else f"take it out, or use one of {listed(self._known)}"
            self._sheet.fault((*self.path, key), self._data[key], "unknown key", remedy)
            for name in near:
                absent.pop(name, None)
        for key, example in absent.items():
            whole = _named((*self.path, key))
            remedy = f"add {key} = {example}" if example else f"add the table [{whole}]"
            self._sheet.fault((*self.path, key), None, "missing", remedy)

    def _has(self, key: str) -> bool:
        self._known.add(key)
        return key in self._data

    def _parse(self, at: Path, shape: Shape[_T], value: object) -> _T:
        try:
            return shape.parse(value)
        except Unfit as unfit:
            self._unfit.add(str(at[0]))
            self._sheet.fault((*self.path, *at), value, unfit.what, unfit.remedy)
            return shape.stand_in


def listed(words: Iterable[str]) -> str:
    """Words for a remedy: `a, b or c`."""
    *most, last = sorted(words) or ["nothing"]
    return f"{', '.join(most)} or {last}" if most else last


def _parsed(text: str) -> tuple[dict[str, Any], Mapping[Path, int]]:
    """The data and its lines. Raises HubFileRefused with the line of the first error of syntax."""
    try:
        return tomllib.loads(text), lines(text)
    except (ValueError, RecursionError) as error:  # also a number of 5,000 digits, and a thousand brackets
        what = str(error)
    written = text.splitlines() or [""]
    found = re.search(r" \(at line (\d+), column \d+\)\Z", what)
    line = int(found[1]) if found else len(written)  # "at end of document"
    value = written[min(line, len(written)) - 1].strip()[:SHOWN]
    reason = re.sub(r" \(at [^()]*\)\Z", "", what)
    raise HubFileRefused((Fault(line, "(TOML)", value, reason, "mend this line, or the one before it"),))


def _named(path: Path) -> str:
    return ".".join(str(step + 1) if isinstance(step, int) else step for step in path)


def _shown(value: object) -> str:
    match value:
        case dict():
            return "{...}"
        case list():
            return f"[{', '.join(_shown(one) for one in value)}]"[:SHOWN]
        case bool():
            return str(value).lower()
        case date() | time():
            return value.isoformat()
        case str():
            return '"' + value.encode("unicode_escape").decode("ascii")[:SHOWN] + '"'
    return str(value)[:SHOWN]
