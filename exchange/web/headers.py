"""The headers every reply leaves with, those about our own faults included (see pages.py for what they promise)."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog
from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from exchange.edge import Chance
from exchange.web.pages import HEADERS, content_security_policy

log = structlog.get_logger()
NONCE_BYTES = 16  # CSP3 7.1 asks for at least 128 bits
YEAR = 31_536_000  # seconds
ALWAYS = {
    **HEADERS,
    "X-Frame-Options": "DENY",  # for browsers older than frame-ancestors
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
}

Broken = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Headers:
    """ASGI middleware: a nonce for each request, the headers on each reply, a page for what nobody caught."""

    app: ASGIApp
    broken: Broken  # the page about our own fault
    secure: bool  # over TLS: browsers may then insist on it
    chance: Chance = field(default_factory=Chance)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce = base64.b64encode(self.chance.bytes(NONCE_BYTES)).decode()
        scope.setdefault("state", {})["nonce"] = nonce
        begun = False

        async def with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                self._add(MutableHeaders(scope=message), nonce)
            await send(message)

        try:
            # HEAD is answered wherever GET is (RFC 9110 9.3.2); the server leaves the content out.
            asked = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
            await self.app(asked, receive, with_headers)
        except Exception:
            log.exception("a page failed")
            if begun:
                raise  # half a page is out: only the connection can say that the rest is missing
            response = await self.broken(Request(scope, receive))
            await response(scope, receive, with_headers)

    def _add(self, headers: MutableHeaders, nonce: str) -> None:
        for name, value in ALWAYS.items():
            headers.setdefault(name, value)  # a static file has said for itself how long it keeps
        headers["Content-Security-Policy"] = content_security_policy(nonce)
        if self.secure:
            headers["Strict-Transport-Security"] = f"max-age={YEAR}"
