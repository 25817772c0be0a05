"""The desk's page of the sessions that recur: each agenda, by reference."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange.agenda import agenda
from exchange.discussion_wording import functions
from exchange.web.context import shown, site_of
from exchange.web.sign_in import menu, viewer_of

router = APIRouter()


@router.get("/desk/sessions")
async def sessions(request: Request) -> Response:
    """Which cases are on which agenda, and who comes."""
    viewer, site = await viewer_of(request), site_of(request)
    rules, now = await site.rules(), site.hub.clock.now()
    return await site.page(
        request, "desk/sessions", title="Sessions", navigation=menu(request), signed_in_as=viewer.id,
        agenda=await agenda(site.hub, viewer), when=lambda at: shown(at, rules, now), functions=functions,
    )  # fmt: skip
