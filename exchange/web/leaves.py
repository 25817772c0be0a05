"""Leaves: a long list shown a part at a time, the most urgent first, its whole length always said."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from fastapi import Request

LEAF = 50  # rows: about two screens, and a page that a phone still sorts at once
FEW = 20  # rows, of lists whose rows are tall: a few screens of a telephone, and all of one at a press
MOST = 200  # rows of a list that is shown whole: a page of that is light still
WHOLE = "all"  # instead of a part's number
_CHOICE = re.compile(r"[\w-]{1,80}", re.ASCII)  # a code or a number, as every choice of ours is
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One part of a list."""

    rows: tuple[dict[str, Any], ...]
    total: int
    first: int  # number of its first row, from 1
    before: str  # the query that shows the part before, or ""
    after: str
    whole: str = ""  # the query that shows all of it at once, or ""

    @property
    def last(self) -> int:
        """Number of its last row."""
        return self.first + len(self.rows) - 1


class Leaves:
    """The lists of one page; which part of each is shown stands in the query, for a colleague to open too."""

    def __init__(self, request: Request, size: int = LEAF) -> None:
        self._query, self._size = request.query_params, size

    def __call__(self, name: str, rows: Sequence[Row], show: Callable[[Row], dict[str, Any]]) -> Leaf:
        """The part of the list that was asked for; only its rows are made ready to show."""
        given = self._query.get(name, "1")
        wanted = int(given) if given.isascii() and given.isdigit() and len(given) < 7 else 1
        size = max(len(rows), 1) if given == WHOLE and len(rows) <= MOST else self._size
        number = max(1, min(wanted, -(-len(rows) // size)))
        first = (number - 1) * size
        shown = tuple(show(row) for row in rows[first : first + size])
        more = first + size < len(rows)
        return Leaf(
            shown, len(rows), first + 1, self._turn(name, number - 1) if number > 1 else "",
            self._turn(name, number + 1) if more else "",
            self._turn(name, WHOLE) if size < LEAF and size < len(rows) <= MOST else "",
        )  # fmt: skip

    def _turn(self, name: str, number: int | str) -> str:
        """What else was chosen stays as it is: a sieve, and where the other lists stand."""
        kept = {key: value for key, value in self._query.items() if key.isalpha() and _CHOICE.fullmatch(value)}
        return urlencode({**kept, name: str(number)})
