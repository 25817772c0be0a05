"""Saving: a referral that is put aside and taken up again by a code, which is shown once here and mailed to nobody.

A code that never was, one that is over and one whose referral was sent or deleted look the same. It has 130 bits;
wrong ones are counted all the same, so that nobody keeps us busy with trying.
"""

from __future__ import annotations

import contextlib
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from exchange.store import guesses
from exchange.web import drafts
from exchange.web.context import Site, shown, site_of
from exchange.web.drafts import Draft, NoDraft
from exchange.web.questions import to, with_draft
from templates.languages import say

router = APIRouter()
MOST_WRONG = 300  # codes in an hour, of everybody together: mistyping does not come near it
LONGEST = 100  # characters of a code, with blanks and hyphens


@router.get("/referral/saved")
async def saved(request: Request) -> Response:
    """The code, and until when it works."""

    async def act(site: Site, draft: Draft) -> Response:
        if not draft.code:
            return to("/referral/tasks")
        until = shown(site.hub.clock.now() + drafts.SAVED_FOR, await site.rules())
        return await site.page(
            request, "public/saved", title=say("Saved"), code=draft.code, until=until, hours=drafts.HOURS
        )

    return await with_draft(request, act)


@router.get("/referral/return")
async def ask(request: Request) -> Response:
    """Which code?"""
    return await _ask(request, {})


@router.post("/referral/return")
async def take_up(request: Request) -> Response:
    """Go on where it was left."""
    site = site_of(request)
    form = await site.form(request)
    code = form.one("code")
    if not code:
        return await _ask(request, {"code": say("Write the code that you were shown when you saved it")})
    site.may_try(request)
    about = f"draft/{site.hub.clock.now():%Y%m%d%H}"
    async with site.hub.database.transaction(site.hub.scope()) as tx:
        if await guesses.tried(tx, about) >= MOST_WRONG:
            raise HTTPException(HTTPStatus.TOO_MANY_REQUESTS)
    try:
        draft = await drafts.load_by_code(site, code[:LONGEST])
        if draft.sent:
            raise NoDraft
    except NoDraft:
        async with site.hub.database.transaction(site.hub.scope()) as tx:
            await guesses.wrong(tx, about, site.hub.clock.now() + guesses.A_DAY)
        site.wrong(request)
        return await _ask(request, {"code": _unknown()}, code)
    response = to("/referral/tasks")
    await drafts.save(site, response, draft)
    return response


def _unknown() -> str:
    return say("No form opens with this code. Check each letter; it may also be over a week old, sent or deleted")


async def _ask(request: Request, errors: dict[str, str], code: str = "") -> Response:
    return await site_of(request).page(
        request, "public/return", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title=say("Come back"),
        errors=errors, values={"code": code}, back="/",
    )  # fmt: skip


@router.post("/referral/leave")
async def leave_browser(request: Request) -> Response:
    """This browser forgets it; the code still opens it."""
    site = site_of(request)
    await site.form(request)
    response = to("/")
    site.forget(response, drafts.COOKIE)
    return response


@router.post("/referral/forget")
async def forget(request: Request) -> Response:
    """Delete it now, wherever it is kept."""
    site = site_of(request)
    await site.form(request)
    response = to("/referral/forgotten")
    with contextlib.suppress(NoDraft):
        draft = await drafts.load(site, request)
        await drafts.drop(site, response, draft)
    return response


@router.get("/referral/forgotten")
async def forgotten(request: Request) -> Response:
    """It is deleted."""
    return await site_of(request).page(request, "public/forgotten", title=say("Deleted"))
