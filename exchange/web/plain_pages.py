"""Pages that only tell: where to begin, how visits are kept quiet, what we do with what is sent, and our health."""

from __future__ import annotations

import contextlib
from http import HTTPStatus

import structlog
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse, PlainTextResponse, RedirectResponse, Response

from exchange.web import drafts
from exchange.web.context import EXIT, site_of
from exchange.web.drafts import NoDraft
from exchange.web.headers import YEAR
from exchange.web.pages import PUBLIC_FILES, STATIC, asset
from templates.languages import say

router = APIRouter()
log = structlog.get_logger()


@router.get("/")
async def start(request: Request) -> Response:
    """Where everybody comes in."""
    return await site_of(request).page(request, "public/start", title=say("Start"))


@router.get("/tell")
async def tell(request: Request) -> Response:
    """Where a child comes in."""
    return await site_of(request).page(request, "public/tell", title=say("Tell someone"), back="/")


@router.get("/report")
async def report(request: Request) -> Response:
    """Where a hotel, a shop or a taxi firm comes in."""
    return await site_of(request).page(request, "public/report", title=say("Report"), back="/")


@router.get("/exit")
async def leave_at_once(request: Request) -> Response:
    """Away, by our own pages' button: Back shows nothing of what was written. The database is not asked, so that
    nobody waits for it."""
    response = RedirectResponse(EXIT, HTTPStatus.SEE_OTHER)
    if request.headers.get("sec-fetch-site", "same-origin") == "same-origin":  # no other site makes anybody forget
        site_of(request).forget_visit(request, response)
    return response


@router.get("/hide-your-visit")
async def hide_your_visit(request: Request) -> Response:
    """What a browser keeps of a visit, and how to remove it; what was written in it too."""
    site, open_one = site_of(request), None
    with contextlib.suppress(NoDraft):
        open_one = await drafts.load(site, request)
    return await site.page(
        request, "public/hide_your_visit", title=say("Hide your visit"), hours=drafts.HOURS,
        open=open_one is not None, sent=bool(open_one and open_one.sent), coded=bool(open_one and open_one.code),
    )  # fmt: skip


@router.get("/accessibility")
async def accessibility(request: Request) -> Response:
    """How well the pages work for everybody, honestly."""
    return await site_of(request).page(request, "public/accessibility", title=say("Accessibility"))


@router.get("/privacy")
async def privacy(request: Request) -> Response:
    """What becomes of what is sent."""
    return await site_of(request).page(request, "public/privacy", title=say("Privacy"))


@router.get("/static/{name:path}")
async def static(request: Request, name: str) -> Response:
    """A file of the design system. Its address holds its content's hash, so it may be kept for a year."""
    kind = PUBLIC_FILES.get(name)
    if kind is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    asked = f"{request.url.path}?{request.url.query}"
    keep = f"public, max-age={YEAR}, immutable" if asked == asset(name) else "no-cache"
    return FileResponse(STATIC / name, media_type=kind, headers={"Cache-Control": keep})


@router.get("/healthz")
async def healthz() -> Response:
    """This process answers."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """The database answers too, and the hub is set up."""
    try:
        await site_of(request).hub.rules()
    except Exception as missing:
        log.exception("not ready")
        return PlainTextResponse(f"not ready: {type(missing).__name__}\n", HTTPStatus.SERVICE_UNAVAILABLE)
    return PlainTextResponse("ready\n")
