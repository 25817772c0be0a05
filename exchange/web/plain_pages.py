"""Pages that only tell: where to begin, how visits are kept quiet, what we do with what is sent, and our health."""

from __future__ import annotations

from http import HTTPStatus

import structlog
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse, PlainTextResponse, Response

from exchange.web.context import site_of
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


@router.get("/hide-your-visit")
async def hide_your_visit(request: Request) -> Response:
    """What a browser keeps of a visit, and how to remove it."""
    return await site_of(request).page(request, "public/hide_your_visit", title=say("Hide your visit"))


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
