"""Sources: where requests come from, so that one that asks without end takes nothing from the others (T24).

1. Of one source so many requests are served at once; its others wait for their turn, and what is beyond that is told
   to come back. No source is ever shut out: a referral from where a flood comes from waits, and is taken.
2. Whoever tries codes or passwords gets so many wrong tries a source (T23), beside what is counted for each code; a
   program gets so many requests a token, wherever it asks from.
3. An address is kept in memory while it has something under way or has tried wrongly a short while ago, for a bounded
   number of sources, and is written nowhere.
4. A request that a proxy of ours passes on without saying for whom is not limited: it would be everybody's.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Network, ip_address

from fastapi import Request
from fastapi.responses import PlainTextResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

AT_ONCE = 8  # requests of one source that are served at a time: an office behind one address has as many
MOST_WAITING = 64  # of one source: the pages of an office that begins its day, and little memory
ALL_WAITING = 2_000  # of all sources
WRONG_TRIES = 60  # of one source in ten minutes: an office that mistypes does not come near it
PROGRAM_ASKS = 6_000  # of one token in ten minutes: what a case system that is in order never needs
TEN_MINUTES = timedelta(minutes=10)
MOST_SOURCES = 10_000  # of which it is remembered what they spent: a megabyte
_A_SITE = 64  # bits of an IPv6 address that one subscriber has (RFC 6177 2)
_LATER = (
    "Too many pages were asked for at once from where you are. Nothing is lost: wait a moment, then load this page "
    "again. If someone is in danger now, ring 999.\n"
)


class TooMany(PermissionError):
    """Too many codes were tried wrongly from here, or too much was asked for by one program: wait a few minutes."""


@dataclass(slots=True)
class _Line:
    serving: int = 0
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)


class Turns:
    """Who is served now, and who waits, by source."""

    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}
        self._waiting = 0

    @property
    def sources(self) -> int:
        """How many have something under way."""
        return len(self._lines)

    async def take(self, source: str) -> bool:
        """Wait for a turn, which `give` ends; False when too many wait already."""
        line = self._lines.setdefault(source, _Line())
        if line.serving < AT_ONCE:
            line.serving += 1
            return True
        if len(line.waiting) >= MOST_WAITING or self._waiting >= ALL_WAITING:
            return False
        turn = asyncio.get_running_loop().create_future()
        line.waiting.append(turn)
        self._waiting += 1
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # it was given at this very moment
                self.give(source)
            raise
        finally:
            self._waiting -= 1
        return True

    def give(self, source: str) -> None:
        """A turn is over: the next of the same source has it."""
        line = self._lines[source]
        while line.waiting:
            turn = line.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        line.serving -= 1
        if not line.serving:
            del self._lines[source]


class Allowance:
    """So many of something in ten minutes, for each source or program; what is spent comes back with time."""

    def __init__(self, most: int) -> None:
        self._most = float(most)
        self._left: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    @property
    def sources(self) -> int:
        """How many are remembered."""
        return len(self._left)

    def left(self, source: str, now: datetime) -> float:
        """How many it has."""
        left, at = self._left.get(source, (self._most, now))
        return min(self._most, left + self._most * ((now - at) / TEN_MINUTES))

    def spend(self, source: str, now: datetime) -> None:
        """One of them."""
        self._left[source] = (max(0.0, self.left(source, now) - 1), now)
        self._left.move_to_end(source)
        if len(self._left) > MOST_SOURCES:
            self._left.popitem(last=False)


def source_of(request: Request) -> str:
    """Where a request comes from; "" for what is not limited."""
    return str(request.scope.get("state", {}).get("source", ""))


@dataclass(frozen=True, slots=True)
class InTurn:
    """ASGI middleware: each request has its turn among those of its source."""

    app: ASGIApp
    proxies: Collection[str]  # addresses of servers in front of us, whose word is believed
    turns: Turns = field(default_factory=Turns)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        source = _source(scope, self.proxies)
        scope.setdefault("state", {})["source"] = source
        if not source:
            await self.app(scope, receive, send)
        elif await self.turns.take(source):
            await self._served(source, scope, receive, send)
        else:
            headers = {"Retry-After": "5", "Connection": "close"}
            await PlainTextResponse(_LATER, 429, headers)(scope, receive, send)

    async def _served(self, source: str, scope: Scope, receive: Receive, send: Send) -> None:
        held = True

        async def watched(message: Message) -> None:
            nonlocal held
            if held and _goes_on(message):  # it is told things for hours, and costs nothing
                held = False
                self.turns.give(source)
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            if held:
                self.turns.give(source)


def _goes_on(message: Message) -> bool:
    """Whether this begins a line of server-sent events."""
    if message["type"] != "http.response.start":
        return False
    return MutableHeaders(scope=message).get("content-type", "").startswith("text/event-stream")


def _source(scope: Scope, proxies: Collection[str]) -> str:
    """The address that asks: of what a proxy of ours passes on, the last that it wrote."""
    peer = scope["client"][0] if scope.get("client") else ""
    if peer not in proxies:
        return _site(peer)
    said = Headers(scope=scope).getlist("x-forwarded-for")
    return _site(said[-1].rpartition(",")[2].strip()) if said else ""


def _site(address: str) -> str:
    """What one subscriber has: an IPv4 address, or the network of an IPv6 address."""
    try:
        found = ip_address(address)
    except ValueError:
        return "unreadable"
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Network((int(found), _A_SITE), strict=False))
