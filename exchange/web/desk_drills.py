"""Drills at the desk: which mailbox has proved that somebody there can open what we send, and a test sent now."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from exchange import drill_words
from exchange.case.rules import Rules
from exchange.desk.drills import FAILED, NEVER, PROVED, WAITING, DrillDesk, Standing
from exchange.desk.given import Unfit
from exchange.policy import Action, Viewer
from exchange.web.context import Site, shown, site_of
from exchange.web.sign_in import menu, viewer_of

router = APIRouter()
STATES = {  # -> badge and its colour
    FAILED: ("Not proved: ring", "red"),
    NEVER: ("Never asked", "red"),
    WAITING: ("Waiting for the words", "yellow"),
    PROVED: ("Proved", "green"),
}
TO_RING = ("Ring: hear the words", "red")  # it needs no key: only a call shows whose it is
ORDER = (FAILED, NEVER, WAITING, PROVED)  # what is to do comes first


@router.get("/desk/drills")
async def listed(request: Request) -> Response:
    """Every mailbox, those to ring first."""
    return await _page(request, await viewer_of(request), {}, {})


@router.post("/desk/drills")
async def ask(request: Request) -> Response:
    """Send a test to one mailbox, or to all."""
    viewer, site = await viewer_of(request), site_of(request)
    form, desk = await site.form(request), DrillDesk(site.hub, viewer)
    wanted = [form.one("mailbox")] if form.one("mailbox") else [s.mailbox.id for s in await desk.standing()]
    try:
        await desk.ask(wanted)
    except Unfit as wrong:
        return await _page(request, viewer, {}, {wrong.name: str(wrong)})
    return RedirectResponse("/desk/drills", HTTPStatus.SEE_OTHER)


@router.post("/desk/drills/heard")
async def heard(request: Request) -> Response:
    """Somebody there read the words out."""
    viewer, site = await viewer_of(request), site_of(request)
    form = await site.form(request)
    try:
        await DrillDesk(site.hub, viewer).heard(form.one("mailbox"), form.one("words"))
    except Unfit as wrong:
        return await _page(request, viewer, form.values(), {wrong.name: str(wrong)})
    return RedirectResponse("/desk/drills", HTTPStatus.SEE_OTHER)


async def _page(request: Request, viewer: Viewer, values: dict[str, str], errors: dict[str, str]) -> Response:
    site = site_of(request)
    found = sorted(await DrillDesk(site.hub, viewer).standing(), key=lambda s: (not s.to_ring, ORDER.index(s.state)))
    rules = await site.rules()
    return await site.page(
        request, "desk/drills", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title="Tests of mailboxes",
        navigation=menu(request), signed_in_as=viewer.id, values=values, errors=errors,
        rows=[_row(one, rules, site) for one in found], may=viewer.may(Action.DRILL),
        asked=[
            {"value": s.mailbox.id, "text": f"{s.agency}: {s.mailbox.id}"}
            for s in found
            if s.state in (WAITING, FAILED) or (s.to_ring and s.last)
        ],
    )  # fmt: skip


def _runs(one: Standing) -> bool:
    return one.last is not None and not one.last.ended


def _row(one: Standing, rules: Rules, site: Site) -> dict[str, Any]:
    badge, colour = TO_RING if one.to_ring and one.state in (WAITING, PROVED) else STATES[one.state]
    now = site.hub.clock.now()
    return {
        "mailbox": one.mailbox.id, "agency": one.agency, "badge": badge, "colour": colour,
        "line": drill_words.line(one), "telephone": one.mailbox.proof_number,
        "next": shown(one.next_at, rules, now) if one.next_at else "", "waits": _runs(one),
        "due": shown(one.last.due, rules, now) if one.last and _runs(one) else "",
    }  # fmt: skip
