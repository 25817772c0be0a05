"""The receipt to keep: signed by the hub, as a small file and as a page to print; and a copy of what was sent.

The copy is given only to the browser that sent it, while it still holds the draft's key: a receipt code alone shows
nothing of what was said.
"""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from exchange import lodging
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.store import casebook
from exchange.web import drafts
from exchange.web.context import Site, site_of
from exchange.web.drafts import NoDraft
from exchange.web.receipt import case_of, unknown
from templates.languages import say

router = APIRouter()


@router.post("/receipt/signed")
async def signed(request: Request) -> Response:
    """The receipt as a file."""
    site = site_of(request)
    form = await site.form(request)
    case = await case_of(request, form)
    if case is None:
        return await unknown(request)
    text = await _signed(site, case, await site.rules())
    named = {"Content-Disposition": f'attachment; filename="receipt-{case.reference}.txt"'}
    return Response(text, media_type="text/plain; charset=utf-8", headers=named)


@router.post("/receipt/print")
async def printed(request: Request) -> Response:
    """The receipt as a page to print."""
    site = site_of(request)
    form = await site.form(request)
    case = await case_of(request, form)
    if case is None:
        return await unknown(request)
    text = await _signed(site, case, await site.rules())
    return await site.page(
        request, "public/receipt_print", title=say("Receipt"), reference=case.reference, text=text,
        code=form.one("code"),
    )  # fmt: skip


@router.post("/referral/copy")
async def copy(request: Request) -> Response:
    """What was sent, as a file."""
    site = site_of(request)
    await site.form(request)
    try:
        draft = await drafts.load(site, request)
    except NoDraft:
        return RedirectResponse("/receipt", HTTPStatus.SEE_OTHER)
    if not draft.sent:
        return RedirectResponse("/referral/check", HTTPStatus.SEE_OTHER)
    hub = site.hub
    async with hub.database.reading(hub.scope("referrer")) as tx:
        made = await lodging.copy_of(hub, tx, await casebook.load(tx, draft.sent))
    if made is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    named = {"Content-Disposition": f'attachment; filename="{lodging.COPY}"'}
    return Response(made, media_type="application/json", headers=named)


async def _signed(site: Site, case: Case, rules: Rules) -> str:
    hub = site.hub
    async with hub.database.reading(hub.scope("referrer")) as tx:
        receipt = await lodging.receipt_of(hub, tx, case, rules)
    written = lodging.text(receipt, rules.calendar.timezone, f"{site.settings.base_url}/key")
    return await site.keyroom.clearsign(written)
