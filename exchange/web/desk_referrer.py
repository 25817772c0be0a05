"""The receipt code at the desk: shown to staff who have written down who is on the telephone, to be read out.

1. The code stands in no address and on no page that can be opened again by a link.
"""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange.desk import Desk
from exchange.desk.given import Given, Unfit, faults
from exchange.desk.referrer import receipt_code
from exchange.policy import Action, Viewer, require
from exchange.web.context import site_of
from exchange.web.sign_in import menu, viewer_of

router = APIRouter()


@router.get("/desk/case/{reference}/receipt_code")
async def ask(request: Request, reference: str) -> Response:
    """Who is on the telephone?"""
    viewer = await viewer_of(request)
    require(viewer, Action.TELL_REFERRER)
    return await _page(request, viewer, reference)


@router.post("/desk/case/{reference}/receipt_code")
async def show(request: Request, reference: str) -> Response:
    """The code, for reading out."""
    viewer, site = await viewer_of(request), site_of(request)
    require(viewer, Action.TELL_REFERRER)
    form, desk = await site.form(request), Desk(site.hub, viewer)
    case = await desk.case(reference)
    cause = f"desk:{viewer.id}:receipt_code:{case.id}:{form.once}"
    try:
        code = await receipt_code(desk, case.id, Given(form.fields), cause)
    except Unfit as wrong:
        return await _page(request, viewer, reference, values=form.values(), errors=faults(wrong))
    return await _page(request, viewer, reference, read_out=code)


async def _page(
    request: Request, viewer: Viewer, reference: str, *, values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None, read_out: str = "",
) -> Response:  # fmt: skip
    site = site_of(request)
    case = await Desk(site.hub, viewer).case(reference)
    return await site.page(
        request, "desk/receipt_code", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title="Receipt code",
        navigation=menu(request), signed_in_as=viewer.id, case=case, read_out=read_out, values=values or {},
        errors=errors or {}, once=(values or {}).get("once") or site.hub.chance.id(),
        receipt_page=f"{site.settings.base_url}/receipt", back=f"/desk/case/{case.reference}",
    )  # fmt: skip
