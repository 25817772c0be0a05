"""The page that tells of the keys for the desk's lists."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange.policy import Action, require
from exchange.web.context import site_of
from exchange.web.sign_in import menu, viewer_of

router = APIRouter()


@router.get("/desk/shortcuts")
async def shortcuts(request: Request) -> Response:
    """Which there are, and the switch for them."""
    viewer = await viewer_of(request)
    require(viewer, Action.SEE_STATUS)
    return await site_of(request).page(
        request, "desk/shortcuts", title="Shortcut keys", navigation=menu(request), signed_in_as=viewer.id
    )
