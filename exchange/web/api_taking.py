"""The JSON API of what the desk takes down or tries beside its acts: contacts typed in, codes, letters, routes.

What is recorded a named person records, and answers for it; what is tried is kept nowhere.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange.case.referral import ReferralRefused, read
from exchange.case.state import Case
from exchange.case.step import CannotHappen
from exchange.desk import Desk
from exchange.desk.act import caller_at
from exchange.desk.given import Given, Unfit, sentence
from exchange.desk.referrer import receipt_code
from exchange.dry_run import DryRun
from exchange.handover import hand_over
from exchange.policy import Action, Viewer, require, require_person
from exchange.store import journal
from exchange.web import desk_letter
from exchange.web.admin_routes import Wrong, imagined_from
from exchange.web.api import Json, as_json, body_of, program_of, refuse_unknown, refused_referral, row, texts_of
from exchange.web.context import site_of
from exchange.web.desk_telephone import slips_of, with_caller
from exchange.web.once import Asked, once
from exchange.web.problem import problem, unfit
from exchange.web.unchanged import Tagged

router = APIRouter(prefix="/api/v1", route_class=Tagged)
CALLER = ("name", "telephone", "checked", "rang")
CALLS = (*CALLER, "rating", "referral")
HANDS = ("before", "owner")
ADDS = ("words", "asks")
IMAGINES = (
    "reference", "form", "age", "cohort", "area", "role", "rating", "referrer", "keep_from", "protected", "refuses",
)  # fmt: skip


@router.post("/calls")
async def call(request: Request) -> Response:
    """A referral taken by telephone or in person: who rang and when, how they were checked, how urgent it seems, and
    what they said as `exchange schema referral` describes it; the receipt code is theirs to be read out."""
    viewer, site = await program_of(request), site_of(request)
    desk = Desk(site.hub, viewer)

    async def act(given: Json, asked: Asked) -> Response:
        refuse_unknown(given, CALLS)
        told = given.get("referral")
        if not isinstance(told, dict):
            raise Unfit("referral", "Give what they said as an object")
        said = texts_of({name: value for name, value in given.items() if name != "referral"})
        who = await caller_at(desk, said)
        referral = read(with_caller({**told, "referrer": told.get("referrer") or {}}, who))
        if slips := slips_of(referral, desk.now().astimezone((await site.rules()).calendar.zone).date()):
            return problem(HTTPStatus.BAD_REQUEST, "some of this cannot be right: ask again", members=slips)
        lodged = await desk.take_contact(referral, who, said.need("rating"), f"api:{viewer.id}:call:{asked.id}")
        await site.hub.note(journal.ACCESS, "ReceiptCodeShown", viewer.id, case=lodged.case_id)
        made = {"reference": lodged.reference, "receipt_code": site.hub.codes.receipt(lodged.case_id)}
        return as_json(made, HTTPStatus.CREATED)

    return await _answered(request, viewer, Action.TAKE_CONTACT, act)


@router.post("/cases/{reference}/transcribe")
async def transcribe(request: Request, reference: str) -> Response:
    """An unstructured contact, typed in from its source, as `exchange schema referral` describes it."""
    viewer, desk, case = await _at(request, reference)

    async def act(given: Json, asked: Asked) -> Response:
        typed = read(given)
        return as_json(row(await desk.transcribe(case.id, typed, f"api:{viewer.id}:transcribe:{asked.id}")))

    return await _answered(request, viewer, Action.TRANSCRIBE, act)


@router.post("/cases/{reference}/receipt_code")
async def code(request: Request, reference: str) -> Response:
    """The receipt code, for reading out to the referrer; who asked for it is written down."""
    viewer, desk, case = await _at(request, reference)

    async def act(given: Json, asked: Asked) -> Response:
        refuse_unknown(given, CALLER)
        cause = f"api:{viewer.id}:receipt_code:{case.id}:{asked.id}"
        return as_json({"receipt_code": await receipt_code(desk, case.id, texts_of(given), cause)})

    return await _answered(request, viewer, Action.TELL_REFERRER, act)


@router.post("/handover")
async def hand_on(request: Request) -> Response:
    """All open cases of one member of staff to another: which they were, what whoever takes them over needs to know,
    and those that are `kept` from them and stay where they are."""
    viewer = await program_of(request)
    desk = Desk(site_of(request).hub, viewer)

    async def act(given: Json, asked: Asked) -> Response:
        refuse_unknown(given, HANDS)
        said = texts_of(given)
        pack = await hand_over(desk, said.need("before"), said.need("owner"), f"handover:{viewer.id}:{asked.id}")
        return as_json({
            "cases": [one.case.reference for one in pack.cases], "owner": pack.owner,
            "kept": list(pack.kept), "pack": [one.row() for one in pack.cases],
        })  # fmt: skip

    return await _answered(request, viewer, Action.ASSIGN, act)


@router.post("/cases/{reference}/letter")
async def letter(request: Request, reference: str) -> Response:
    """The letter to the referrer as they will read it, with what somebody wants to add; nothing is kept."""
    viewer, _, _ = await _at(request, reference)
    site = site_of(request)
    require(viewer, Action.WRITE_FEEDBACK)
    given = await body_of(request)
    refuse_unknown(given, ADDS)
    try:
        words, asks = (texts_of(given).may(name) for name in ADDS)
    except Unfit as wrong:
        return unfit(wrong)
    case, read = await desk_letter.as_read(site, viewer, reference, words, asks)
    unsaid = desk_letter.is_unsaid(case, words, asks)
    told = (read.text, read.notice, read.how) if read else ("", "", "")
    return as_json({**dict(zip(("letter", "notice", "how"), told, strict=True)), "words_are_left_out": unsaid})


@router.post("/hub/routes/try")
async def tried(request: Request) -> Response:
    """Who would be asked what about somebody imagined, or about a case as if it came in now; nothing is kept."""
    viewer, site = await program_of(request), site_of(request)
    require(viewer, Action.SEE_ADMINISTRATION)
    given = await body_of(request)
    refuse_unknown(given, IMAGINES)
    by = DryRun(site.hub, site.keyroom, viewer)
    try:
        said = texts_of(given, "protected", "refuses")
        if reference := said.may("reference").upper():
            imagined = await by.case(reference)
            await site.hub.note(journal.ACCESS, "RouteTried", viewer.id, case=reference)
        else:
            imagined = imagined_from(_values(said), await site.rules())
        return as_json((await by.run(imagined)).row())
    except CannotHappen as refused:
        return problem(HTTPStatus.CONFLICT, sentence(refused))
    except (Wrong, Unfit) as wrong:
        return unfit(wrong)


def _values(said: Given) -> dict[str, Any]:
    """As the page has them."""
    start = {"form": "child", "role": "at_risk", "referrer": "professional"}
    yes = {name: "yes" if said.yes(name) else "" for name in ("protected", "refuses")}
    known = {
        name: text for name in ("form", "role", "referrer", "cohort", "area", "rating") if (text := said.may(name))
    }
    return {**start, **known, **yes, "age": said.many("age"), "keep_from": said.many("keep_from")}


async def _at(request: Request, reference: str) -> tuple[Viewer, Desk, Case]:
    viewer = await program_of(request)
    desk = Desk(site_of(request).hub, viewer)
    return viewer, desk, await desk.case(reference)


async def _answered(
    request: Request, viewer: Viewer, needs: Action, act: Callable[[Json, Asked], Awaitable[Response]]
) -> Response:
    """What a named person who may has done, or what is wrong and how to mend it."""
    try:
        require_person(viewer, needs)  # before anything that was given is looked at
        given = await body_of(request)
        return await once(request, viewer, given, lambda asked: act(given, asked))
    except ReferralRefused as refused:
        return refused_referral(refused)
    except CannotHappen as refused:
        return problem(HTTPStatus.CONFLICT, sentence(refused))
    except Unfit as wrong:
        return unfit(wrong)
