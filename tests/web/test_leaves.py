"""A long list is shown in parts, and nothing of it is left out."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from fastapi import Request

from exchange.web.leaves import LEAF, MOST, Leaf, Leaves


def leaf(query: str, rows: int, size: int = LEAF) -> Leaf:
    request = Request({"type": "http", "query_string": query.encode(), "headers": []})
    return Leaves(request, size)("owed", range(rows), lambda n: {"n": n})


@pytest.mark.parametrize("rows", [0, 1, LEAF - 1, LEAF, LEAF + 1, 3 * LEAF + 7])
def test_turning_the_leaves_shows_every_row_once_and_in_order(rows: int) -> None:
    seen, query = [], ""
    for _ in range(10):
        shown = leaf(query, rows)
        seen += [row["n"] for row in shown.rows]
        assert shown.total == rows
        if not shown.after:
            break
        query = shown.after
    assert seen == list(range(rows))


@pytest.mark.parametrize("given", ["0", "-1", "99999999", "x", "²", "1%00", ""])
def test_an_odd_number_shows_a_part_that_exists(given: str) -> None:
    assert leaf(f"owed={given}", 3 * LEAF).first in (1, 2 * LEAF + 1)


def test_turning_one_list_leaves_the_others_where_they_are() -> None:
    found = leaf("tasks=3&owed=2&x%22=1&y=%22", 3 * LEAF)
    assert parse_qs(found.after) == {"tasks": ["3"], "owed": ["3"]}
    assert parse_qs(found.before) == {"tasks": ["3"], "owed": ["1"]}


@pytest.mark.parametrize("rows", [11, MOST])
def test_a_list_of_short_parts_is_shown_whole_when_asked(rows: int) -> None:
    short = leaf("tasks=3", rows, 10)
    assert (len(short.rows), short.total) == (10, rows)
    whole = leaf(short.whole, rows, 10)
    assert [row["n"] for row in whole.rows] == list(range(rows))
    assert (whole.before, whole.after, whole.whole) == ("", "", "")
    assert parse_qs(short.whole) == {"tasks": ["3"], "owed": ["all"]}


def test_a_list_that_is_short_or_too_long_is_not_offered_whole() -> None:
    assert not leaf("", 10, 10).whole
    assert not leaf("", MOST + 1, 10).whole
    assert leaf("owed=all", MOST + 1, 10).after
