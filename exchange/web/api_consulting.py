"""The JSON API of consultations: advice given without names, and what was advised before."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange.case.step import CannotHappen
from exchange.desk.consulting import ASKED, Consulting, row
from exchange.desk.given import Unfit, sentence
from exchange.policy import Action, require
from exchange.web.api import as_json, body_of, program_of, refuse_unknown, values_of
from exchange.web.context import site_of
from exchange.web.once import Asked, once
from exchange.web.paging import MOST, Limit
from exchange.web.problem import problem, unfit
from exchange.web.unchanged import Tagged

router = APIRouter(prefix="/api/v1", route_class=Tagged)


@router.post("/consultations")
async def consult(request: Request) -> Response:
    """Advice given without names."""
    viewer, site = await program_of(request), site_of(request)
    require(viewer, Action.TAKE_CONTACT)  # before anything that was given is looked at
    given = await body_of(request)
    refuse_unknown(given, ASKED)

    async def act(asked: Asked) -> Response:
        reference = await Consulting(site.hub, viewer).record(values_of(given), asked.id)
        return as_json({"reference": reference}, HTTPStatus.CREATED)

    try:
        return await once(request, viewer, given, act)
    except CannotHappen as harm:
        return problem(HTTPStatus.CONFLICT, sentence(harm))
    except Unfit as wrong:
        return unfit(wrong)


@router.get("/consultations")
async def listed(request: Request, after: str = "", limit: Limit = MOST) -> Response:
    """What was advised, newest first, `limit` at a time; `next` leads to those `after` the last of them."""
    viewer, site = await program_of(request), site_of(request)
    consulting = Consulting(site.hub, viewer)
    lines = await consulting.recorded()
    if after:
        last = (await consulting.of(after)).line
        lines = lines[lines.index(last) + 1 :]
    found = [row(line) for line in lines[:limit]]
    link = f"/api/v1/consultations?after={quote(found[-1]['reference'])}&limit={limit}" if lines[limit:] else ""
    response = as_json({"consultations": found, "next": link})
    if link:
        response.headers["Link"] = f'<{link}>; rel="next"'  # RFC 8288
    return response


@router.get("/consultations/{consultation}")
async def advised(request: Request, consultation: str) -> Response:
    """One consultation, and the referrals that name it."""
    viewer, site = await program_of(request), site_of(request)
    found = await Consulting(site.hub, viewer).of(consultation)
    return as_json({**row(found.line), "cases": found.cases})
