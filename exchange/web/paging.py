"""Paging: a long list a part at a time, each with the address of the next.

A cursor is the place of the last row in the order of the list, not the row itself: what has been settled since leaves
no gap, and what is new is not left out.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import HTTPException, Query, Request
from fastapi.responses import Response

MOST = 200  # rows of one answer
Limit = Annotated[int, Query(ge=1, le=MOST)]
Place = tuple[Any, ...]  # texts and numbers, as JSON keeps them
Row = TypeVar("Row")


def place_of(cursor: str) -> Place | None:
    """The place that a cursor names; None for the beginning. Raises HTTPException for what is no cursor of ours."""
    if not cursor:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii", "replace")))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(part, str | int) for part in found):
        raise HTTPException(HTTPStatus.BAD_REQUEST, "after: use what `next` of the answer before says")
    return tuple(found)


def cursor_of(place: Place) -> str:
    """The place, for an address."""
    return base64.urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode()


def part(
    rows: Iterable[Row], place: Callable[[Row], Place], after: str, limit: int, *, falling: bool = False
) -> tuple[list[Row], Place | None]:
    """(the rows of this part in the order of their places, the place after which there are more)."""
    start = place_of(after)
    known = sorted(((place(row), n, row) for n, row in enumerate(rows)), key=lambda x: x[:2], reverse=falling)
    if start is not None:
        known = [one for one in known if _beyond(one[0], start, falling=falling)]
    found = known[:limit]
    return [row for _, _, row in found], found[-1][0] if len(known) > limit else None


def _beyond(place: Place, start: Place, *, falling: bool) -> bool:
    try:
        return place < start if falling else place > start
    except TypeError:  # a cursor of another list
        raise HTTPException(HTTPStatus.BAD_REQUEST, "after: use what `next` of the answer before says") from None


def linked(request: Request, response: Callable[[str], Response], more: Place | None) -> Response:
    """The answer, which is given the address of the next part ("" for none)."""
    link = ""
    if more is not None:
        kept = [(name, value) for name, value in request.query_params.multi_items() if name != "after"]
        link = f"{request.url.path}?{urlencode([*kept, ('after', cursor_of(more))])}"
    made = response(link)
    if link:
        made.headers["Link"] = f'<{link}>; rel="next"'  # RFC 8288
    return made
