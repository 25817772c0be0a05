"""The answer page after the decision: what came of it, and that an agency disagrees.

1. Opening either page changes nothing; both answers need the code from inside the packet, and the link that stands
   beside it.
2. Nobody is named: of several, one is said by the place in the packet.
"""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange import content
from exchange.case.acknowledgement import Proof
from exchange.case.challenge import Challenged
from exchange.case.code_lists import OUTCOMES_ACHIEVED
from exchange.case.outcome import OutcomeTold
from exchange.case.state import Leg
from exchange.web import links
from exchange.web.answer import Place, outcomes, place_of
from exchange.web.context import Site, site_of
from exchange.web.forgery import Form
from templates.languages import say

router = APIRouter()


@router.get("/answer/{token}/outcome")
async def ask_outcome(request: Request, token: str) -> Response:
    """What came of it?"""
    site = site_of(request)
    return await _page(
        request, site, await place_of(site, token, sealed=True), links.held(request, token), {}, "outcome"
    )


@router.get("/answer/{token}/challenge")
async def ask_challenge(request: Request, token: str) -> Response:
    """Why do you disagree?"""
    site = site_of(request)
    return await _page(
        request, site, await place_of(site, token, sealed=True), links.held(request, token), {}, "challenge"
    )


@router.post("/answer/{token}/outcome")
async def outcome_told(request: Request, token: str) -> Response:
    """What came of it, from the agency that took it on."""
    site = site_of(request)
    form = await site.form(request)
    place = await place_of(site, token, sealed=True)
    errors = _unnamed(form)
    if form.one("outcome") not in {o["value"] for o in outcomes(place)}:
        errors["outcome"] = say("Choose what came of it")
    subjects = tuple(s for s in form.fields.get("subjects", ()) if s in place.leg.subjects)
    if len(place.leg.subjects) > 1 and not subjects:
        errors["subjects"] = say("Say of whom: the outcome may differ")
    event = OutcomeTold(
        site.hub.clock.now(), place.leg.agency, place.leg.id, form.one("outcome"), Proof.PACKET_CODE, "page",
        subjects, achieved=form.one("achieved") if form.one("achieved") in dict(OUTCOMES_ACHIEVED.choices) else "",
    )  # fmt: skip
    return await _concluding(request, site, place, form, errors, event, "outcome")


@router.post("/answer/{token}/challenge")
async def challenged(request: Request, token: str) -> Response:
    """The agency disagrees with what was decided."""
    site = site_of(request)
    form = await site.form(request)
    place = await place_of(site, token, sealed=True)
    errors = _unnamed(form)
    if not form.one("words"):
        errors["words"] = say("Write why you disagree")
    immediate = form.one("immediate") == "yes"
    event = Challenged(site.hub.clock.now(), place.leg.agency, "page", place.leg.id, immediate)
    return await _concluding(request, site, place, form, errors, event, "challenge")


async def _concluding(
    request: Request,
    site: Site,
    place: Place,
    form: Form,
    errors: dict[str, str],
    event: OutcomeTold | Challenged,
    page: str,
) -> Response:
    """Both need the code: they may end what the agency owes, or open the case again."""
    if not errors:
        wrong = await links.wrong_code(site, place.case, place.leg.id, form)
        errors = {"code": wrong} if wrong else {}
    if errors:
        return await _page(request, site, place, form.values(), errors, page)
    cause = f"page:{place.case.id}:{place.leg.id}:{form.once}"
    parts = {content.WHO: links.who(form, Proof.PACKET_CODE), content.WORDS: form.one("words").encode()}
    await site.hub.record(place.case.id, event, cause, parts, actor=place.leg.agency)
    return await site.page(
        request, "public/answered", title=say("Answered"), reference=place.case.reference, complete=True,
        answer_due="", helped=True, deleted=False, unqualified=False,
    )  # fmt: skip


def _unnamed(form: Form) -> dict[str, str]:
    errors = {} if form.one("name") else {"name": say("Write your name, so that we know who says it")}
    if len(form.one("words")) > links.LONGEST:
        errors["words"] = say("This is too long: reply to the mail instead, with an attachment")
    return errors


def _achieved(place: Place) -> list[dict[str, str]]:
    """Whether what an adult wanted came of it; not asked where the packet is about children alone."""
    adults = any(s.codes.form == "adult" for s in place.case.subjects if s.id in place.leg.subjects)
    return [{"value": code, "text": say(text)} for code, text in OUTCOMES_ACHIEVED.choices] if adults else []


def _whom(leg: Leg) -> list[dict[str, str]]:
    """The subjects of the leg by their place in its packet: no name stands on this page."""
    if len(leg.subjects) == 1:
        return []
    return [
        {"value": s, "text": say("Number %(number)s in the packet", number=n)} for n, s in enumerate(leg.subjects, 1)
    ]


async def _page(
    request: Request, site: Site, place: Place, values: dict[str, str], errors: dict[str, str], page: str
) -> Response:
    return await site.page(
        request, f"public/answer_{page}", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title=say("Answer"),
        reference=place.case.reference, outcomes=outcomes(place), whom=_whom(place.leg), values=values, errors=errors,
        achieved=_achieved(place),
        once=values.get("once") or site.hub.chance.id(),
    )  # fmt: skip
