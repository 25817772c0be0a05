"""The telephone page: whom to ring about one agency, seat or handing over, what to say, and a form for what came."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from exchange import scripts, wording
from exchange.case.acknowledgement import Answer, DeclineReason
from exchange.case.duty import Handing
from exchange.case.escalation import DUTY
from exchange.case.handing import duty_of
from exchange.case.strategy_discussion import Attendance
from exchange.covering import presence_of
from exchange.policy import Action, Viewer, require
from exchange.store import casebook
from exchange.web.context import shown, site_of
from exchange.web.sign_in import menu, viewer_of

router = APIRouter()


NAME = "asked_on_ring"  # the field by which a form says that it stands on this page


@router.get("/desk/case/{reference}/ring")
async def ring(request: Request, reference: str, about: str = "") -> Response:
    """One call: numbers, script and form on a page of its own, to be held beside the telephone."""
    return await show_ring(request, await viewer_of(request), reference, about, {}, {})


async def show_ring(
    request: Request, viewer: Viewer, reference: str, about: str, values: Mapping[str, str], errors: Mapping[str, str]
) -> Response:
    """The page, with what was typed and what is wrong with it."""
    site = site_of(request)
    require(viewer, Action.RECORD_ANSWER)
    hub, now = site.hub, site.hub.clock.now()
    async with hub.database.reading(hub.scope(viewer)) as tx:
        case = await casebook.find(tx, reference)
        rules = await casebook.rules_of(tx, case)
        presence = await presence_of(hub, tx, rules)
    script = scripts.script(case, about, rules, presence, now)
    if script is None:
        return RedirectResponse(f"/desk/case/{case.reference}", HTTPStatus.SEE_OTHER)
    newest = duty_of(case) if about == DUTY else None
    calls = [
        {"at": shown(c.at, rules, now), "by": c.by, "came": "reached" if c.reached else "not reached"}
        for c in reversed(case.calls)
        if c.about == about
    ]
    return await site.page(
        request, "desk/ring", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK,
        title=f"Ring about {case.reference}", navigation=menu(request), signed_in_as=viewer.id,
        case=case, about=about, script=script, calls=calls, once=hub.chance.id(), values=values, errors=errors,
        back=newest is not None and newest.state is Handing.ACCEPTED, seat="/" in about,
        choose={
            "answers": _choices(Answer), "declines": _choices(DeclineReason),
            "attendances": [a for a in _choices(Attendance) if a["value"] != Attendance.AWAITED],
            "agencies": [{"value": a.id, "text": a.name} for a in rules.agencies],
        },
    )  # fmt: skip


def _choices(of: type[Answer] | type[DeclineReason] | type[Attendance]) -> list[dict[str, str]]:
    return [{"value": code.value, "text": wording.say(code).capitalize()} for code in of]
