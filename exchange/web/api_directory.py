"""The JSON API of the directory: who answers at each agency, whose leave it is, and where too few of the hub are."""

from __future__ import annotations

import dataclasses
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange.case.moving import Move
from exchange.covering import gaps
from exchange.desk.given import Unfit, sentence
from exchange.desk.leave import Leaves
from exchange.desk.people import people
from exchange.policy import Action, Viewer, require
from exchange.web.api import Json, as_json, body_of, program_of, refuse_unknown, values_of
from exchange.web.context import site_of
from exchange.web.once import Asked, once
from exchange.web.problem import problem, unfit
from exchange.web.unchanged import Tagged

router = APIRouter(prefix="/api/v1", route_class=Tagged)
DAYS = 14
ADDS = ("kind", "who", "since", "until", "covered_by")
ENDS = ("back",)


@router.get("/directory")
async def directory(request: Request) -> Response:
    """Every agency with its mailboxes, people and keys, as they stand now; and the mailboxes that are reached
    otherwise than before, while nobody was rung about it."""
    viewer, site = await program_of(request), site_of(request)
    found = await people(site.hub, site.keyroom, viewer)
    async with site.hub.database.reading(site.hub.scope(viewer)) as tx:
        moving = [_move(move) for move in await site.hub.moves(tx) if move.number]
    return as_json(
        {"directory": found.rows(), "lapses": [dataclasses.asdict(x) for x in found.lapses], "moves": moving}
    )


def _move(move: Move) -> Json:
    return {
        "mailbox": move.mailbox, "parts": [part.value for part in move.parts],
        "starts_at": move.starts_at.isoformat(), "ring": move.number,
    }  # fmt: skip


@router.get("/leave")
async def listed(request: Request) -> Response:
    """All leave that is not over."""
    viewer, site = await program_of(request), site_of(request)
    return as_json({"leave": [dataclasses.asdict(x) for x in await Leaves(site.hub, viewer).listed()]})


@router.post("/leave")
async def add(request: Request) -> Response:
    """Somebody will be away: kind, who, since, until, covered_by."""
    viewer, site = await program_of(request), site_of(request)
    given = await _given(request, viewer, ADDS)

    async def act(asked: Asked) -> Response:
        new = await Leaves(site.hub, viewer).add(values_of(given), asked.id)
        return as_json(dataclasses.asdict(new), HTTPStatus.CREATED)

    try:
        return await once(request, viewer, given, act)
    except Unfit as wrong:
        return unfit(wrong)


@router.post("/leave/{leave}/end")
async def end(request: Request, leave: str) -> Response:
    """They are back, today or on the day `back`."""
    viewer, site = await program_of(request), site_of(request)
    given = values_of(await _given(request, viewer, ENDS))
    try:
        ended = await Leaves(site.hub, viewer).end(leave, given)
    except Unfit as wrong:
        if wrong.name == "leave":  # it stands in the address
            return problem(HTTPStatus.NOT_FOUND, sentence(wrong))
        return unfit(wrong)
    return as_json(dataclasses.asdict(ended))


@router.get("/cover")
async def cover(request: Request) -> Response:
    """The working days of the coming two weeks on which too few of a role are there."""
    viewer, site = await program_of(request), site_of(request)
    require(viewer, Action.SEE_DIRECTORY)
    found = await gaps(site.hub, await site.rules(), DAYS)
    return as_json({"cover": [dataclasses.asdict(gap) for gap in found]})


async def _given(request: Request, viewer: Viewer, names: tuple[str, ...]) -> Json:
    """What somebody who sets leave gave. Raises Forbidden before anything of it is looked at."""
    require(viewer, Action.SET_LEAVE)
    given = await body_of(request)
    refuse_unknown(given, names)
    return given
