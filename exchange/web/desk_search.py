"""Search at the desk: contacts of people who sound so, live there or have that number.

It is posted, so that no name stands in an address.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange.policy import (
    Action,
    Viewer,
    require,
)
from exchange.store import (
    casebook,
    journal,
    matching,
)
from exchange.tokens import (
    searched,
)
from exchange.web.context import site_of
from exchange.web.desk_case import names_of
from exchange.web.sign_in import menu, viewer_of

router = APIRouter()
ASKED = ("given_name", "family_name", "year", "postcode", "nhs_number")
ALIKE = (  # the weight of what is shared (exchange/tokens.py), and how it is said
    (12, "Very much: the whole name, with the year of birth, the place or the number"),
    (10, "Much: the whole name, or the NHS number"),
    (5, "Somewhat: the whole name or more than one sign"),
    (0, "A little: one name, the same or one that sounds so, or the postcode"),
)
NOTHING_TO_GO_BY = "Write a name, a postcode or a whole NHS number: a year alone finds nobody"


@router.get("/desk/search")
async def search_form(request: Request) -> Response:
    """Whom?"""
    viewer = await viewer_of(request)
    require(viewer, Action.SEARCH)
    return await _search_page(request, viewer, {}, None)


@router.post("/desk/search")
async def search(request: Request) -> Response:
    """Cases of people who might be meant."""
    viewer, site = await viewer_of(request), site_of(request)
    require(viewer, Action.SEARCH)
    form, hub = await site.form(request), site.hub
    wanted = searched(hub.index_secret, *(form.one(name) for name in ASKED))
    if not wanted:
        return await _search_page(request, viewer, form.values(), None, {ASKED[0]: NOTHING_TO_GO_BY})
    rows = []
    async with hub.database.reading(hub.scope(viewer)) as tx:
        for found in await matching.candidates(tx, wanted):
            case = await casebook.load(tx, found.case_id)
            names = names_of(await hub.referral(tx, case.id), case)
            rows.append(
                {"reference": case.reference, "name": names.get(found.subject, ""), "alike": _alike(found.weight)}
            )
    await hub.note(journal.ACCESS, "Searched", viewer.id, shown=" ".join(str(r["reference"]) for r in rows))
    return await _search_page(request, viewer, form.values(), rows)


def _alike(weight: int) -> str:
    return next(words for least, words in ALIKE if weight >= least)


async def _search_page(
    request: Request,
    viewer: Viewer,
    values: dict[str, str],
    rows: list[dict[str, Any]] | None,
    errors: dict[str, str] | None = None,
) -> Response:
    return await site_of(request).page(
        request, "desk/search", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title="Search",
        navigation=menu(request), signed_in_as=viewer.id, values=values,
        rows=rows, errors=errors or {}, action="/desk/search",
    )  # fmt: skip
