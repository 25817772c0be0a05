"""Live: pages of the desk that stay open are told that something has changed, and nothing else.

1. A page is told "refresh" and no more: no case, no kind, no number. How much of it is theirs to see each page asks
   for itself, and is answered under its own viewer's eyes (`/desk/changed`).
2. It is told after the commit, and however much is recorded no oftener than every CALM seconds.
3. An open page holds no connection to the database: one ear listens for all pages of the process.
4. No page moves by itself: the script offers what has changed, and a person asks for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response, StreamingResponse

from exchange.hub import Hub
from exchange.policy import Action, Viewer, require
from exchange.store import casebook, news
from exchange.store.casebook import NoSuchCase
from exchange.web.context import Site, site_of
from exchange.web.sign_in import viewer_of

log = structlog.get_logger()
router = APIRouter()
CALM = 2.0  # seconds between two words to the pages
POLL = 15.0  # seconds: what no ear has heard is found then
STILL_HERE = 20.0  # seconds between two signs of life: proxies close what is silent for half a minute
LONGEST = 600.0  # seconds: then the browser comes back by itself, and its session is looked at again
WAIT = 5000  # milliseconds until it does
MOST = 500  # pages of one process; one more looks by itself when somebody loads it
OVERLAP = timedelta(minutes=1)  # no event is committed so much later than it says that it happened
WINDOW = timedelta(minutes=10)
_MARK = re.compile(r"(\d{1,12})-(\d{1,9})", re.ASCII)


class Live:
    """The pages of one process that are open now."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._pages: set[asyncio.Event] = set()
        self._anybody = asyncio.Event()
        self._ended = False
        self._since: datetime | None = None  # from when on it counts
        self._seen = 0  # how much it had counted when the pages were last told

    async def watch(self) -> None:
        """For ever: tell the pages when something has changed. Nobody looking, nothing is asked."""
        while True:
            await self._anybody.wait()
            try:
                async with news.listening(self._hub.database) as ear:
                    await self._while_anybody(ear)
            except Exception:
                log.exception("pages are not told of changes")
                await asyncio.sleep(POLL)

    async def _while_anybody(self, ear: news.Ear) -> None:
        while self._pages:
            await ear.next(POLL)
            if await self._moved():
                for page in self._pages:
                    page.set()
            await asyncio.sleep(CALM)

    async def _moved(self) -> bool:
        """Whether anything was recorded since the last time. The first time after a while it says yes."""
        now = self._hub.clock.now()
        async with self._hub.database.reading(self._hub.scope()) as tx:
            moved = self._since is None or self._seen != await news.since(tx, self._since)
            if self._since is None or now - self._since > WINDOW:
                self._since = now - OVERLAP
            self._seen = await news.since(tx, self._since)
        return moved

    def end(self) -> None:
        """Let every page go, so that the server can stop."""
        self._ended = True
        for page in self._pages:
            page.set()

    @property
    def is_full(self) -> bool:
        """No more pages can be told."""
        return self._ended or len(self._pages) >= MOST

    async def told(self) -> AsyncIterator[str]:
        """What one page hears (WHATWG HTML 9.2.6)."""
        mine = asyncio.Event()
        self._pages.add(mine)
        self._anybody.set()
        try:
            yield f"retry: {WAIT}\n\n"
            for _ in range(round(LONGEST / STILL_HERE)):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(mine.wait(), STILL_HERE)
                if self._ended:
                    return
                yield "event: refresh\ndata: refresh\n\n" if mine.is_set() else ": still here\n\n"
                mine.clear()
        finally:
            self._pages.discard(mine)
            if not self._pages:
                self._anybody.clear()


@router.get("/desk/live")
async def stream(request: Request) -> Response:
    """The line over which a page is told. To read on is no act: it keeps nobody signed in."""
    require(await viewer_of(request, active=False), Action.SEE_STATUS)
    live: Live = request.app.state.live
    if live.is_full:
        return Response(status_code=HTTPStatus.NO_CONTENT)  # HTML 9.2.3: the browser does not come back
    return StreamingResponse(live.told(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


@router.get("/desk/changed")
async def changed(request: Request, mark: str = "", case: str = "") -> Response:
    """How much has changed since a page was made, in words; nothing when nothing has, as far as its viewer sees."""
    viewer, site = await viewer_of(request, active=False), site_of(request)
    require(viewer, Action.SEE_STATUS)
    found = await (_in_case(site, viewer, case, mark) if case else _since(site, viewer, mark))
    if not found:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    if case:
        return PlainTextResponse("Something has happened in this case." if found == 1 else
                                 f"{found} things have happened in this case.")  # fmt: skip
    return PlainTextResponse("1 thing has changed." if found == 1 else f"{found} things have changed.")


async def _since(site: Site, viewer: Viewer, mark: str) -> int:
    parts = _MARK.fullmatch(mark)
    if parts is None:
        return 0
    async with site.hub.database.reading(site.hub.scope(viewer)) as tx:
        return max(0, await news.since(tx, datetime.fromtimestamp(int(parts[1]), UTC)) - int(parts[2]))


async def _in_case(site: Site, viewer: Viewer, reference: str, mark: str) -> int:
    """A case that was kept from its reader since tells nothing more; nobody is said to have tried to see it."""
    if not (mark.isascii() and mark.isdigit() and len(mark) < 10):
        return 0
    try:
        async with site.hub.database.reading(site.hub.scope(viewer)) as tx:
            return max(0, await casebook.version(tx, reference) - int(mark))
    except NoSuchCase:
        return 0


@dataclass(frozen=True, slots=True)
class Open:
    """What a page that stays open says of itself to its script."""

    ask: str  # the address that says how much has changed since the page was made
    page: str  # the address of the page as it is now
    show: str  # the words of the link that leads there


async def live_of(request: Request, viewer: Viewer) -> Open:
    """For a list. To be asked for before anything of the list is read: what happens meanwhile is told once too often,
    and never not at all."""
    site = site_of(request)
    at = site.hub.clock.now() - OVERLAP
    start = datetime.fromtimestamp(int(at.timestamp()), UTC)
    async with site.hub.database.reading(site.hub.scope(viewer)) as tx:
        mark = f"{int(start.timestamp())}-{await news.since(tx, start)}"
    query = f"?{request.url.query}" if request.url.query and request.method == "GET" else ""
    return Open(f"/desk/changed?mark={mark}", f"{request.url.path}{query}", "Show what is new")


def live_of_case(reference: str, version: int) -> Open:
    """For the page of a case, as it was after so many events."""
    show = "Show it: what you have typed here and not sent is lost"
    return Open(f"/desk/changed?case={reference}&mark={version}", f"/desk/case/{reference}", show)
