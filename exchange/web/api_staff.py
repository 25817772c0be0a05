"""The JSON API of the hub's staff: who is here with which roles, and all that the pages do to them.

A named person does it, and never for themselves; a password that is made for somebody is in the one answer to that,
and not in one that is asked for again: whoever did not get it lets them in `anew`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from exchange.case.step import CannotHappen
from exchange.desk.given import Unfit, sentence
from exchange.policy import Action, require_person
from exchange.staffing import Staffing
from exchange.store import staff
from exchange.web.admin_staff import done, known, let_in
from exchange.web.api import Json, as_json, body_of, program_of, refuse_unknown, values_of
from exchange.web.context import site_of
from exchange.web.once import Asked, once
from exchange.web.problem import problem, unfit
from exchange.web.unchanged import Tagged

router = APIRouter(prefix="/api/v1", route_class=Tagged)
LETS_IN = ("staff", "role", "since", "until", "password")
TAKES = {"give": ("role", "since", "until"), "take": ("role",), "sign-out": (), "anew": (), "leave": ("sure",)}


@router.get("/staff")
async def listed(request: Request) -> Response:
    """Who is with the hub, with every role they hold, held or will hold; and who was."""
    hub = site_of(request).hub
    by = Staffing(hub, await program_of(request))
    here = [_told(one) for one in await by.listed()]
    async with hub.database.reading(hub.scope(by.viewer)) as tx:
        gone = [{"staff": who, "left_at": at.isoformat()} for who, at in await staff.left(tx)]
    return as_json({"staff": here, "left": gone})


@router.get("/staff/{member}")
async def one(request: Request, member: str) -> Response:
    """One of them, and where they are signed in."""
    by = Staffing(site_of(request).hub, await program_of(request))
    found = await known(by, member)
    here = [session for session in await by.sessions(member) if session.ended_at is None]
    signed_in = [{"device": session.device, "seen_at": session.seen_at.isoformat()} for session in here]
    return as_json({**_told(found), "signed_in": signed_in})


@router.post("/staff")
async def add(request: Request) -> Response:
    """Let somebody in with these roles, from one day to another."""
    site = site_of(request)

    async def act(by: Staffing) -> Response:
        given = await _given(request, LETS_IN)

        async def acted(asked: Asked) -> Response:
            there = {one.id: one for one in await by.listed()} if asked.again else {}
            if before := there.get(str(given.get("staff", ""))):
                return as_json(_told(before), HTTPStatus.CREATED)
            member, made = await let_in(site, by.viewer, values_of(given))
            return as_json(_told(await known(by, member), made), HTTPStatus.CREATED)

        return await once(request, by.viewer, given, acted)

    return await _answered(request, act)


@router.post("/staff/{member}/{act}")
async def change(request: Request, member: str, act: str) -> Response:
    """Give or end a role, sign them out, let them in anew, or end their time here."""
    site = site_of(request)

    async def acted(by: Staffing) -> Response:
        before = await known(by, member)
        if act not in TAKES:
            raise HTTPException(HTTPStatus.NOT_FOUND, f"No act “{act[:40]}”: use one of {', '.join(TAKES)}")
        made = await done(site, by, member, act, values_of(await _given(request, TAKES[act])))
        after = replace(before, access=()) if act == "leave" else await known(by, member)
        return as_json(_told(after, made))

    return await _answered(request, acted)


async def _given(request: Request, names: tuple[str, ...]) -> Json:
    given = await body_of(request)
    refuse_unknown(given, names)
    return given


async def _answered(request: Request, act: Callable[[Staffing], Awaitable[Response]]) -> Response:
    """What a named person who may has done, or what is wrong and how to mend it."""
    viewer = await program_of(request)
    try:
        require_person(viewer, Action.MANAGE_STAFF)
        return await act(Staffing(site_of(request).hub, viewer))
    except Unfit as wrong:
        return unfit(wrong)
    except CannotHappen as refused:
        return problem(HTTPStatus.CONFLICT, sentence(refused))


def _told(member: staff.Member, made: str = "") -> dict[str, Any]:
    roles = [
        {"role": one.role, "since": one.since.isoformat(), "until": one.until.isoformat() if one.until else None}
        for one in member.access
    ]
    return {"staff": member.id, "roles": roles, **({"password": made} if made else {})}
