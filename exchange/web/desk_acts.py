"""What hub staff do from the desk: each form is one act, sent once however often its button is pressed."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from exchange.case.step import CannotHappen
from exchange.desk import Desk
from exchange.desk.acts import ACTS, perform
from exchange.desk.counting import uncounted
from exchange.desk.given import Given, Unfit, faults
from exchange.policy import shut_out
from exchange.web import desk_ring
from exchange.web.act_forms import NUMBER, STAY, Refused, parted
from exchange.web.context import site_of
from exchange.web.desk_case import show_case
from exchange.web.sign_in import viewer_of

router = APIRouter()
NOTHING_PRESSED = "Nothing was sent: press the button of what you want to do. What you typed is still here."
DONE = "That is done. What you typed beside it was not sent, and is still here."
_INPUTS = {"rang": "rang_date"}  # where an error about a value of several inputs leads


@router.post("/desk/case/{reference}/{act}")
async def do(request: Request, reference: str, act: str) -> Response:
    """One act on one case."""
    viewer, site = await viewer_of(request), site_of(request)
    form, others = parted(await site.form(request))
    desk = Desk(site.hub, viewer)
    case = await desk.case(reference)
    if act == STAY:
        return await show_case(request, viewer, reference, kept=others, said=NOTHING_PRESSED)
    if act not in ACTS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    try:
        after = await perform(desk, act, case.id, Given(form.fields), f"desk:{viewer.id}:{act}:{form.once}")
    except (CannotHappen, Unfit) as wrong:
        if form.one(desk_ring.NAME):
            told = {_INPUTS.get(name, name): text for name, text in faults(wrong).items()}
            return await desk_ring.show_ring(request, viewer, reference, form.one("about"), form.values(), told)
        refused = Refused(form.one(NUMBER) or act, form.fields, faults(wrong))
        return await show_case(request, viewer, reference, refused, kept=others)
    where = "/desk" if shut_out(viewer, after.restrictions) else f"/desk/case/{case.reference}"
    leg = uncounted(act, Given(form.fields), after)
    if others and where != "/desk":  # what was typed beside it is shown again, in the answer itself
        return await show_case(request, viewer, reference, kept=others, said=DONE, noted=leg.id if leg else "")
    if leg and where != "/desk":
        where += f"?noted={leg.id}"  # said at once, while they are on the telephone still
    return RedirectResponse(where, HTTPStatus.SEE_OTHER)
