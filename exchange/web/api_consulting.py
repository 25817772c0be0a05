"""The JSON API of consultations: advice given without names, and what was advised before."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from exchange.case.step import CannotHappen
from exchange.desk.consulting import ASKED, Consulting, row
from exchange.desk.given import Unfit, sentence
from exchange.policy import Action, require
from exchange.web.api import as_json, body_of, program_of, refuse_unknown, values_of
from exchange.web.context import site_of
from exchange.web.problem import problem, unfit

router = APIRouter(prefix="/api/v1")
MOST = 200  # in one answer


@router.post("/consultations")
async def consult(request: Request) -> Response:
    """Advice given without names."""
    viewer, site = await program_of(request), site_of(request)
    require(viewer, Action.TAKE_CONTACT)  # before anything that was given is looked at
    given = await body_of(request)
    refuse_unknown(given, ASKED)
    try:
        reference = await Consulting(site.hub, viewer).record(values_of(given))
    except CannotHappen as harm:
        return problem(HTTPStatus.CONFLICT, sentence(harm))
    except Unfit as wrong:
        return unfit(wrong)
    return as_json({"reference": reference}, HTTPStatus.CREATED)


@router.get("/consultations")
async def listed(request: Request, after: str = "", limit: Annotated[int, Query(ge=1, le=MOST)] = MOST) -> Response:
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
