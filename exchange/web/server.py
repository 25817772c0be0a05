"""The web server: every page's routes in one application, on a socket of our own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from http import HTTPStatus

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException as Unrouted
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Match, Route

from exchange import guarding
from exchange.code_sending import CodeSender
from exchange.config import Settings
from exchange.desk.changes import NoSuchChange
from exchange.holding_pen import NoSuchMail
from exchange.hub import Hub
from exchange.keyroom import Keyroom
from exchange.mailroom import Mailroom
from exchange.policy import Forbidden, ProveAgain
from exchange.proving import Busy
from exchange.store.casebook import NoSuchCase
from exchange.web import (
    account,
    action,
    admin,
    admin_audit,
    admin_file,
    admin_letters,
    admin_routes,
    admin_schedules,
    admin_staff,
    answer,
    answer_after,
    api,
    api_admin,
    api_consulting,
    api_content,
    api_directory,
    api_keys,
    api_mail,
    api_records,
    api_staff,
    api_taking,
    api_worklist,
    at_provider,
    attend,
    desk_acts,
    desk_case,
    desk_certificates,
    desk_consulting,
    desk_correcting,
    desk_directory,
    desk_drift,
    desk_drills,
    desk_files,
    desk_keys,
    desk_letter,
    desk_mail,
    desk_mailbox,
    desk_queue,
    desk_reading,
    desk_referrer,
    desk_ring,
    desk_search,
    desk_sessions,
    desk_shortcuts,
    desk_silence,
    desk_telephone,
    drill,
    files,
    front_door,
    hub_key,
    kept_forms,
    live,
    minutes,
    pickup,
    plain_pages,
    proving_again,
    public,
    questions,
    receipt,
    receipt_kept,
    referrer_account,
    release,
    saving,
    sign_in,
    tasks,
)
from exchange.web.context import Site, site_of
from exchange.web.forgery import Forged
from exchange.web.headers import Headers
from exchange.web.problem import problem
from exchange.web.sources import InTurn, TooMany
from exchange.web.speaking import ASKED, Speaking, chosen
from templates.languages import speaking

SMALL = 1024  # octets: what is smaller goes in one packet anyway
BACKLOG = 512  # connections that may wait while we are busy
PATIENCE = 5  # seconds that replies under way are given at the end
_KINDS = {
    HTTPStatus.NOT_FOUND: "missing",
    HTTPStatus.METHOD_NOT_ALLOWED: "missing",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.TOO_MANY_REQUESTS: "busy",
}


def application(
    hub: Hub,
    room: Mailroom,
    settings: Settings,
    keyroom: Keyroom,
    codes: CodeSender | None = None,
    mailed: CodeSender | None = None,
) -> FastAPI:
    """All pages of one hub."""
    app = FastAPI(title="Referral Exchange", docs_url=None, redoc_url=None, openapi_url=None)
    site = Site(hub, room, settings, keyroom, hub.safe.derive("cookies"), codes, mailed)
    app.state.site, app.state.live = site, live.Live(hub)
    # Compressed, a page with all that it needs stays below 60 KB. That its length tells of its content (BREACH) helps
    # nobody: our cookies are SameSite, so that no other site can make a browser ask for somebody's page.
    app.add_middleware(GZipMiddleware, minimum_size=SMALL)
    app.add_middleware(Speaking, keep=site.keep_language, cookie=site.cookie(ASKED))
    app.add_middleware(InTurn, proxies=settings.web.proxies)
    app.add_middleware(Headers, broken=_broken, secure=site.secure, chance=hub.chance)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(HTTPStatus.NOT_FOUND, _refused)
    app.add_exception_handler(HTTPStatus.METHOD_NOT_ALLOWED, _refused)
    app.add_exception_handler(RequestValidationError, _misasked)
    app.add_exception_handler(Forged, _forged)
    app.add_exception_handler(sign_in.SignedOut, _signed_out)
    app.add_exception_handler(sign_in.Unfinished, _unfinished)
    app.add_exception_handler(ProveAgain, _prove_again)
    app.add_exception_handler(Busy, _busy)
    app.add_exception_handler(TooMany, _busy)
    app.add_exception_handler(referrer_account.SignedOut, _account_over)
    for hidden in (Forbidden, NoSuchCase, NoSuchMail, NoSuchChange):
        app.add_exception_handler(hidden, _absent)
    for part in (
        plain_pages,
        hub_key,
        files,
        receipt_kept,
        referrer_account,
        public,
        tasks,
        saving,
        questions,
        receipt,
        pickup,
        answer,
        release,
        attend,
        action,
        drill,
        answer_after,
        front_door,
        at_provider,
        account,
        proving_again,
        desk_case,
        desk_queue,
        desk_search,
        desk_files,
        desk_mail,
        desk_mailbox,
        desk_telephone,
        desk_reading,
        desk_consulting,
        desk_correcting,
        desk_letter,
        desk_shortcuts,
        live,
        desk_silence,
        desk_sessions,
        desk_referrer,
        desk_ring,
        desk_drift,
        desk_directory,
        desk_certificates,
        desk_drills,
        desk_keys,
        admin,
        admin_audit,
        admin_file,
        admin_letters,
        admin_routes,
        admin_schedules,
        admin_staff,
        minutes,
        desk_acts,
        api_admin,
        api_consulting,
        api_content,
        api_directory,
        api_keys,
        api_mail,
        api_records,
        api_staff,
        api_taking,
        api_worklist,
        api,
    ):
        app.include_router(part.router)
    return app


async def _refused(request: Request, refused: Exception) -> Response:
    if request.url.path.startswith("/api/"):
        assert isinstance(refused, Unrouted)  # noqa: S101 - registered for what is refused with a status
        return problem(refused.status_code, refused.detail, {**(refused.headers or {}), **_allowed(request, refused)})
    status = refused.status_code if isinstance(refused, HTTPException) else HTTPStatus.NOT_FOUND
    kind = _KINDS.get(HTTPStatus(status), "broken")
    return await site_of(request).page(request, "error", status, kind=kind)


def _allowed(request: Request, refused: Unrouted) -> dict[str, str]:
    """What the address takes instead, over all its routes (RFC 9110 15.5.6): each route names its own alone."""
    if refused.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
        return {}
    routes = [r for r in request.app.router.routes if isinstance(r, Route)]
    here = [r for r in routes if r.matches(request.scope)[0] is Match.PARTIAL]
    return {"Allow": ", ".join(sorted({method for route in here for method in route.methods or ()}))}


async def _misasked(request: Request, wrong: Exception) -> Response:
    """A value in the address that cannot be. It is named, and not repeated."""
    assert isinstance(wrong, RequestValidationError)  # noqa: S101 - registered for it alone
    faults = {str(fault["loc"][-1]): str(fault["msg"]) for fault in wrong.errors()}
    if not request.url.path.startswith("/api/"):
        return await site_of(request).page(request, "error", HTTPStatus.NOT_FOUND, kind="missing")
    detail = "; ".join(f"{name}: {told}" for name, told in faults.items())
    return problem(HTTPStatus.BAD_REQUEST, detail, members=faults)


async def _forged(request: Request, forged: Exception) -> Response:
    typed = forged.typed if isinstance(forged, Forged) else ()
    return await site_of(request).page(request, "public/send_again", HTTPStatus.FORBIDDEN, typed=typed)


async def _signed_out(request: Request, out: Exception) -> Response:
    response = RedirectResponse("/desk/sign-in", HTTPStatus.SEE_OTHER)
    if isinstance(out, sign_in.SignedOut) and out.member:
        await kept_forms.keep(request, response, out.member, out.ended)
    return response


async def _unfinished(request: Request, _: Exception) -> Response:
    return RedirectResponse(front_door.ACCOUNT, HTTPStatus.SEE_OTHER)


async def _busy(request: Request, _: Exception) -> Response:
    if request.url.path.startswith("/api/"):
        return problem(HTTPStatus.TOO_MANY_REQUESTS, "this token asks too often: wait", {"Retry-After": "60"})
    response = await site_of(request).page(request, "error", HTTPStatus.TOO_MANY_REQUESTS, kind="busy")
    response.headers["Retry-After"] = "300"
    return response


async def _prove_again(request: Request, _: Exception) -> Response:
    response = RedirectResponse("/desk/prove", HTTPStatus.SEE_OTHER)
    await kept_forms.keep(request, response, request.state.viewer.id)
    return response


async def _account_over(request: Request, _: Exception) -> Response:
    return RedirectResponse("/account/sign-in", HTTPStatus.SEE_OTHER)


async def _absent(request: Request, hidden: Exception) -> Response:  # forbidden and absent look the same from outside
    await guarding.refused(site_of(request).hub, hidden)
    if request.url.path.startswith("/api/"):
        return problem(HTTPStatus.NOT_FOUND, "nothing here that this token may see")
    return await site_of(request).page(request, "error", HTTPStatus.NOT_FOUND, kind="missing")


async def _broken(request: Request) -> Response:
    site: Site = request.scope["app"].state.site
    try:
        with speaking(chosen(request, site.cookie(ASKED))):
            return await site.page(request, "error", HTTPStatus.INTERNAL_SERVER_ERROR, kind="broken")
    except Exception as worse:  # noqa: BLE001 - a page about a fault must come, whatever else is wrong
        told = f"Nothing can be taken here now ({type(worse).__name__}). If someone is in danger, ring 999."
        return PlainTextResponse(told, HTTPStatus.SERVICE_UNAVAILABLE)


class _Server(uvicorn.Server):
    """Uvicorn inside a loop that is ours: signals are the whole process's business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class WebServer:
    """The pages, served."""

    def __init__(
        self,
        hub: Hub,
        room: Mailroom,
        settings: Settings,
        keyroom: Keyroom,
        codes: CodeSender | None = None,
        mailed: CodeSender | None = None,
    ) -> None:
        self._listen = settings.web
        app = application(hub, room, settings, keyroom, codes, mailed)
        self._live: live.Live = app.state.live
        config = uvicorn.Config(
            app,
            access_log=False,  # addresses and tokens stand in it
            log_config=None,
            lifespan="off",
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=PATIENCE,
        )
        self._server = _Server(config)
        self._serving: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> int:
        """Listen; returns the port. Raises OSError when it is taken."""
        family = socket.AF_INET6 if ":" in self._listen.host else socket.AF_INET
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((self._listen.host, self._listen.port))
        listening.listen(BACKLOG)  # from here on connections wait for us, so nobody need be told when we are up
        listening.setblocking(False)
        self._serving = asyncio.create_task(self._server.serve([listening]))
        self._watching = asyncio.create_task(self._live.watch())
        port: int = listening.getsockname()[1]
        return port

    async def stop(self) -> None:
        """Finish what is under way, then end."""
        self._server.should_exit = True
        self._live.end()  # pages that only listen are nothing under way
        if self._watching:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        if self._serving:
            await self._serving
