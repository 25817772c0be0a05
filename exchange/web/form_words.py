"""Form words: what was sent by a form, in the words of the page on which that form stands.

1. No second list of them is kept: each label and each choice is read off the page as whoever asks sees it now, so
   that names stand in it only where they may read them.
2. What the page does not show any more is told by its name: nothing that somebody typed is left out.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from fastapi import Request
from starlette.exceptions import HTTPException as Unrouted

from exchange.web.act_forms import NUMBER, OURS, Given
from exchange.web.form_page import FormPage, by_name

_CASE = re.compile(r"/desk/case/([^/?]+)")


@dataclass(frozen=True, slots=True)
class Told:
    """What was sent, for reading."""

    reference: str  # of the case; "" for what is about none
    heading: str  # of the page it was typed on
    act: str
    typed: tuple[tuple[str, str], ...] = field(repr=False)
    beside: tuple[tuple[str, str], ...] = field(repr=False)  # in other parts of that page


async def told(request: Request, path: str, own: Given, others: Mapping[str, Given]) -> Told:
    """What somebody sent to `path`, and what stood beside it, as the page says it to whoever asks now."""
    case = _CASE.match(path)
    reference, path = case[1] if case else "", path.partition("?")[0]
    page = await _standing_on(request, path)
    part = page.part(path, "".join(own.get(NUMBER, ())), own) if page else None
    spoken = page.spoken(part, own) if page and part else _by_names(own)
    beside = [row for number, given in others.items() for row in _beside(page, number, given)]
    act = f"{part.under}: {part.title}" if part and part.under else part.title if part else ""
    return Told(reference, page.heading if page else "", act, tuple(spoken), tuple(beside))


def _beside(page: FormPage | None, number: str, given: Given) -> Iterator[tuple[str, str]]:
    part = page.parts.get(number) if page else None
    yield from page.spoken(part, given) if page and part else _by_names(given)


def _by_names(given: Given) -> Iterator[tuple[str, str]]:
    yield from ((by_name(n), value) for n, values in given.items() if n not in OURS for value in values if value)


async def _standing_on(request: Request, path: str) -> FormPage | None:
    """The page with the form that is sent there: at its own address, or at one above it."""
    there = "" if path.startswith("/desk/kept") else path  # that page itself stands on no other
    while there.count("/") > 1:
        page = FormPage(await _got(request, there))
        if any(path in part.goes for part in page.parts.values()):
            return page
        there = there.rpartition("/")[0]
    return None


async def _got(request: Request, path: str) -> str:
    """The page at an address of ours, as whoever asks may see it; "" for none."""
    scope: dict[str, Any] = {
        name: value for name, value in request.scope.items() if name not in ("endpoint", "path_params", "route")
    }
    kept = {b"cookie", b"host", b"user-agent", b"accept-language"}
    scope |= {"method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
              "headers": [pair for pair in request.headers.raw if pair[0] in kept],
              "state": {"nonce": request.state.nonce}}  # fmt: skip
    parts, answered = list[bytes](), list[int]()

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answered.append(message["status"])
        parts.append(message.get("body", b""))

    with contextlib.suppress(Unrouted):  # nothing stands at this address but what is sent there
        await request.app.router(scope, receive, send)
    return b"".join(parts).decode(errors="replace") if answered == [HTTPStatus.OK] else ""
