"""Which language a page is in: the one chosen by its links, else the one the browser asks for.

1. The choice is a session cookie of this browser, and stands in no address that stays: the link is `?language=cy` on
   the page itself, which leads back to the page without it.
2. The desk and the API are in English: staff of one hub share records, wording and training in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from templates.languages import ENGLISH, Language, known, preferred, speaking, spoken

ASKED = "language"  # of the link, and of the cookie
_OF_STAFF = ("/desk", "/api/")
_SHOWN_AT = {  # where the page can be fetched that one of these forms shows
    "/referral/begin": "/",
    "/referral/send": "/referral/check",
    "/referral/finish": "/referral/sent",
}


@dataclass(frozen=True, slots=True)
class Speaking:
    """ASGI middleware: each request is answered in its own language."""

    app: ASGIApp
    keep: Callable[[Response, str], None]  # lets the browser keep what was chosen
    cookie: str  # its name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        asked = request.query_params.get(ASKED, "")
        if request.method == "GET" and asked and not _of_staff(request):
            response = RedirectResponse(_here_without(request), HTTPStatus.SEE_OTHER)
            if _is_ours(asked):
                self.keep(response, asked)
            await response(scope, receive, send)
            return
        with speaking(chosen(request, self.cookie)):
            await self.app(scope, receive, send)


def chosen(request: Request, cookie: str) -> str:
    """The language for a request."""
    if _of_staff(request):
        return ENGLISH
    kept = request.cookies.get(cookie, "")
    return kept if _is_ours(kept) else preferred(request.headers.get("accept-language", ""))


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the languages a page offers."""

    language: Language
    href: str  # "" for the one it is in


def choices(request: Request) -> tuple[Choice, ...]:
    """The languages this page can be read in; none where there is no choice."""
    if _of_staff(request) or len(known()) == 1:
        return ()
    now, path = spoken(), _path(_page_of(request))
    kept = [pair for pair in request.query_params.multi_items() if pair[0] != ASKED and request.method == "GET"]
    return tuple(
        Choice(one, "" if one == now else f"{path}?{urlencode([*kept, (ASKED, one.code)])}") for one in known()
    )


def _page_of(request: Request) -> str:
    """Where the page can be fetched. One that answers a form is fetched without what was typed."""
    path = request.url.path
    if request.method == "GET":
        return path
    path = _SHOWN_AT.get(path, path)
    while path and not _can_be_fetched(request, path):
        path = path.rpartition("/")[0]
    return path or "/"


def _can_be_fetched(request: Request, path: str) -> bool:
    scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes)


def _here_without(request: Request) -> str:
    query = [pair for pair in request.query_params.multi_items() if pair[0] != ASKED]
    return _path(request.url.path) + (f"?{urlencode(query)}" if query else "")


def _path(path: str) -> str:
    return "/" + path.lstrip("/\\")  # "//elsewhere.example" would lead away from here


def _is_ours(code: str) -> bool:
    return any(one.code == code for one in known())


def _of_staff(request: Request) -> bool:
    return request.url.path.startswith(_OF_STAFF)
