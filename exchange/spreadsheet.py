"""Spreadsheets: rows as CSV that a spreadsheet program shows and never computes (T27).

1. No cell begins with what makes a formula of it: such a cell gets an apostrophe before it, as people write one.
2. Every cell is in quotation marks, so that a comma or a line break stays inside it (RFC 4180 2).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # the wide ones count too in Excel
_MARK = "\ufeff"  # without it Excel reads UTF-8 as something else


def as_csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The rows under their heads."""
    out = io.StringIO()
    written = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    written.writerow([cell(name) for name in head])
    written.writerows([cell(value) for value in row] for row in rows)
    return _MARK + out.getvalue()


def cell(value: object) -> str:
    """One value as a cell that stays text."""
    text = str(value).replace("\0", "")
    return f"'{text}" if text.lstrip(" ").startswith(FORMULAS) else text
