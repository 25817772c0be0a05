"""Showing once more who one is, before what cannot be undone; and coming back to what was being done."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from exchange.proving import Proving
from exchange.staffing import PASSKEYS
from exchange.store.sessions import Session
from exchange.web import form_words, kept_forms, sign_in
from exchange.web.context import site_of
from exchange.web.front_door import ACCOUNT, HOME, KEPT, WRONG_CODE, begins, provider
from exchange.web.passkeys import ANSWER, FIELD, offer_proof, passkeys_of
from exchange.web.sign_in import menu, somebody
from keys.refusal import Refused

router = APIRouter()


@router.get("/desk/prove")
async def ask(request: Request) -> Response:
    """Is it still you?"""
    session, _ = await somebody(request)
    return await _page(request, session, {})


@router.post("/desk/prove")
async def prove(request: Request) -> Response:
    """It is: the session goes on under another cookie."""
    session, viewer = await somebody(request)
    site = site_of(request)
    form = await site.form(request)
    proving, wrong = Proving(site.hub), ""
    has = await proving.has(session.staff)
    if form.one(FIELD):
        try:
            found = await passkeys_of(site)
            await found.finish_proof(PASSKEYS, session.digest, form.one(FIELD)[:ANSWER], session.staff)
        except Refused as refused:
            wrong = str(refused)
    elif has.second:
        wrong = "" if await proving.code(session.staff, form.one("code")[:60]) else WRONG_CODE
    elif not await proving.password(session.staff, form.one("password")[:200]):
        wrong = "This password is wrong, or was tried too often"
    if wrong:
        return await _page(request, session, {"code" if has.second else "password": wrong})
    try:
        kept = await kept_forms.load(request, session.staff)
        where = KEPT if kept.fields is not None else kept.path
    except kept_forms.NothingKept:
        where = begins(viewer)
    response = RedirectResponse(where, HTTPStatus.SEE_OTHER)
    await sign_in.prove(request, response, session)
    if where not in (HOME, ACCOUNT, KEPT):
        kept_forms.shown(request, response)
    return response


@router.get("/desk/kept")
async def kept(request: Request) -> Response:
    """What was typed before somebody signed in again, or showed who they are; sent by them alone."""
    _, viewer = await somebody(request)
    try:
        found = await kept_forms.load(request, viewer.id, again=True)
    except kept_forms.NothingKept:
        return RedirectResponse(begins(viewer), HTTPStatus.SEE_OTHER)
    if found.fields is None:
        there = RedirectResponse(found.path, HTTPStatus.SEE_OTHER)
        kept_forms.shown(request, there)
        return there
    told = await form_words.told(request, found.path, *found.parts)
    response = await site_of(request).page(
        request, "desk/kept", title="Not sent yet", navigation=menu(request), signed_in_as=viewer.id,
        action=found.path, told=told, fields=found.carried,
    )  # fmt: skip
    kept_forms.shown(request, response)
    return response


@router.post("/desk/kept/drop")
async def drop(request: Request) -> Response:
    """It is not to be sent."""
    _, viewer = await somebody(request)
    site = site_of(request)
    await site.form(request)
    response = RedirectResponse(begins(viewer), HTTPStatus.SEE_OTHER)
    await kept_forms.drop(site, request, response)
    return response


async def _page(request: Request, session: Session, errors: dict[str, str]) -> Response:
    site = site_of(request)
    has = await Proving(site.hub).has(session.staff)
    offer = await offer_proof(site, PASSKEYS, session.digest, session.staff) if has.passkeys else None
    return await site.page(
        request, "desk/prove", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title="Show that it is you",
        navigation=menu(request), signed_in_as=session.staff, errors=errors, has=has, offer=offer,
        provider=provider(site) if has.provider else "",
    )  # fmt: skip
