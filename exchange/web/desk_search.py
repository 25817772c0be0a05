"""Search at the desk: contacts of people who sound so, live there or have that number.

It is posted, so that no name stands in an address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange.case.fields import BY_KEY
from exchange.case.referral import Referral
from exchange.policy import Action, Viewer, require
from exchange.store import casebook, journal, matching
from exchange.tokens import searched, spelt_alike
from exchange.web.context import Site, site_of
from exchange.web.desk_case import names_of
from exchange.web.paging import Place
from exchange.web.sign_in import menu, viewer_of
from templates.disclosed import dated, seen

router = APIRouter()
ASKED = ("given_name", "family_name", "year", "postcode", "nhs_number")
ALIKE = (  # the weight of what is shared (exchange/tokens.py), and how it is said: written the same, or sounding so
    (12, "Very much: the whole name, with the year of birth, the place or the number",
     "Very much: a name that sounds the same, with the year of birth, the place or the number"),
    (10, "Much: the whole name, or the NHS number", "Much: a name that sounds the same, or the NHS number"),
    (5, "Somewhat: the whole name or more than one sign", "Somewhat: more than one sign"),
    (0, "A little: this name, or the postcode", "A little: one name that sounds so, or the postcode"),
)  # fmt: skip
MOST = 100  # opened and shown; of more than that a person names more
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
    form = await site.form(request)
    found = await alike(site, viewer, {name: form.one(name) for name in ASKED})
    if found is None:
        return await _search_page(request, viewer, form.values(), None, {ASKED[0]: NOTHING_TO_GO_BY})
    return await _search_page(request, viewer, form.values(), found.rows, number=found.number)


@dataclass(frozen=True, slots=True)
class Found:
    """Who might be meant."""

    rows: list[dict[str, Any]]
    number: int  # how many there are in all, from the first of these on
    last: Place | None  # where the last of these stands


async def alike(
    site: Site, viewer: Viewer, given: Mapping[str, str], *, beyond: Place | None = None, most: int = MOST
) -> Found | None:
    """Who might be meant, most alike first; None when what is given finds nobody. Who was shown is written down."""
    require(viewer, Action.SEARCH)
    hub, wanted = site.hub, searched(site.hub.index_secret, **given)
    if not wanted:
        return None
    typed = {spelt_alike(given[name]) for name in ("given_name", "family_name")} - {""}
    rows: list[dict[str, Any]] = []
    async with hub.database.reading(hub.scope(viewer)) as tx:
        shown, number = await matching.search(tx, wanted, most, beyond)
        for found in shown:
            case = await casebook.load(tx, found.case_id)
            referral = await hub.referral(tx, case.id)
            same = bool(typed) and typed <= _spelt(referral, found.subject)
            rows.append({"reference": case.reference, "subject": found.subject,
                         "name": names_of(referral, case).get(found.subject, ""),
                         "born": _born(_answers(referral, found.subject), hub.clock.now().date()),
                         "weight": found.weight, "same": same, "alike": _alike(found.weight, same)})  # fmt: skip
    rows.sort(key=lambda row: (-row["weight"], not row["same"]))
    await hub.note(journal.ACCESS, "Searched", viewer.id, shown=" ".join(str(r["reference"]) for r in rows))
    return Found(rows, number, shown[-1].place if shown else None)


def _answers(referral: Referral | None, subject: str) -> Mapping[str, str]:
    at = int(subject.removeprefix("s")) - 1
    return referral.subjects[at] if referral and at < len(referral.subjects) else {}


def _born(answers: Mapping[str, str], today: date) -> str:
    """What tells people of one name apart before a case is opened. No address: it may be protected."""
    name = "subject.expected_date" if answers.get("unborn") == "yes" else "subject.date_of_birth"
    return dated(BY_KEY[name], seen(answers.get(name.partition(".")[2], "")), today)


def _spelt(referral: Referral | None, subject: str) -> set[str]:
    """The names of one subject, as they are compared."""
    answers = _answers(referral, subject)
    return {spelt_alike(answers.get(name, "")) for name in ("given_name", "family_name")}


def _alike(weight: int, same: bool) -> str:
    return next(written if same else sounding for least, written, sounding in ALIKE if weight >= least)


async def _search_page(
    request: Request,
    viewer: Viewer,
    values: dict[str, str],
    rows: list[dict[str, Any]] | None,
    errors: dict[str, str] | None = None,
    number: int = 0,
) -> Response:
    return await site_of(request).page(
        request, "desk/search", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title="Search",
        navigation=menu(request), signed_in_as=viewer.id, values=values,
        rows=rows, number=number, errors=errors or {}, action="/desk/search",
    )  # fmt: skip
