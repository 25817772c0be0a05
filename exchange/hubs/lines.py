"""Where in a TOML text each key stands, because the parser of the standard library does not say.

1. `lines` is given only text that tomllib has accepted; so it need not judge, and finds every path that tomllib
   finds (a test compares the two).
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from typing import cast

Path = tuple[str | int, ...]  # ("agencies", "police", "mailbox", 0, "address")

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r"""[ \t]*("(?:\\.|[^"\\])*"|'[^']*'|[A-Za-z0-9_-]+)[ \t]*(\.?)""")
_STRING = re.compile(
    r'''"""(?:\\.|[^\\])*?"""(?:"{0,2})'''  # up to two quotes may stand before the closing three (TOML 1.0, String)
    r"""|'''.*?'''(?:'{0,2})"""
    r"""|"(?:\\.|[^"\\])*"|'[^']*\'""",
    re.DOTALL,
)
# Numbers, truth values, dates; a date and its time may be parted by one space.
_BARE = re.compile(r"\d{4}-\d\d-\d\d \d\d:[^\s,\]}#]+|[^\s,\]}#]+")


def lines(text: str) -> Mapping[Path, int]:
    """The line, from 1, at which each path of a valid TOML text is first written."""
    return _Scan(text).run()


class _Scan:
    """One pass over the text; `at` is always at the start of what comes next."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[Path, int] = {}
        self.rows: dict[Path, int] = {}  # arrays of tables -> index of the row being written
        self.breaks = [m.start() for m in re.finditer("\n", text)]

    def run(self) -> Mapping[Path, int]:
        table: Path = ()
        self.skip(_BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)
            self.skip(_BLANK)
        return self.found

    def header(self) -> Path:
        """`[a.b]` or `[[a.b]]`; within an array of tables a name means its newest row."""
        brackets = 2 if self.text.startswith("[[", self.at) else 1
        start = self.at
        self.at += brackets
        *outer, last = self.key()
        self.at += brackets
        path: Path = ()
        for name in outer:
            path = self.newest((*path, name))
        path = (*path, last)
        if brackets == 2:
            self.note(path, start)
            self.rows[path] = self.rows.get(path, -1) + 1
            path = self.newest(path)
        self.note(path, start)
        return path

    def newest(self, path: Path) -> Path:
        return (*path, self.rows[path]) if path in self.rows else path

    def pair(self, table: Path) -> None:
        self.skip(_BLANK)
        start = self.at
        path = table + self.key()
        self.note(path, start)
        self.at += 1  # the equals sign
        self.skip(_BLANK)
        self.value(path)

    def value(self, path: Path) -> None:
        opening = self.text[self.at]
        if opening == "[":
            self.array(path)
        elif opening == "{":
            self.inline(path)
        else:
            self.skip(_STRING if opening in "\"'" else _BARE)

    def array(self, path: Path) -> None:
        self.step()
        row = 0
        while self.text[self.at] != "]":
            self.note((*path, row), self.at)
            self.value((*path, row))
            row += 1
            self.comma()
        self.at += 1

    def inline(self, path: Path) -> None:
        self.step()
        while self.text[self.at] != "}":
            self.pair(path)
            self.comma()
        self.at += 1

    def comma(self) -> None:
        self.skip(_BLANK)
        if self.text[self.at] == ",":
            self.step()

    def step(self) -> None:
        self.at += 1
        self.skip(_BLANK)

    def key(self) -> tuple[str, ...]:
        names: list[str] = []
        more = True
        while more:
            name, dot = self.skip(_KEY).groups()
            names.append(_unquoted(name))
            more = bool(dot)
        return tuple(names)

    def skip(self, pattern: re.Pattern[str]) -> re.Match[str]:
        # Never None: the patterns cover all of valid TOML.
        match = cast(re.Match[str], pattern.match(self.text, self.at))
        self.at = match.end()
        return match

    def note(self, path: Path, start: int) -> None:
        line = bisect_right(self.breaks, start) + 1
        for length in range(1, len(path) + 1):
            self.found.setdefault(path[:length], line)


def _unquoted(name: str) -> str:
    if name[0] in "\"'":
        return str(tomllib.loads(f"k = {name}")["k"])
    return name
