"""The JSON API of what cases say: names, words, what agencies told, and files, as the desk shows and finds them.

1. A token reads what its roles read at the desk, and no more: the roles that it was given are its scope.
2. That it was read stands in the stream of access, under the program or the member whose token it is.
3. What is kept apart (exchange/compartments.py) is named and its words are not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response

from exchange import attachments, content
from exchange.case.contribution import Contribution
from exchange.case.referral import Referral
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case_words import words
from exchange.compartments import OpenedFor, opened_for
from exchange.desk.given import Unfit
from exchange.policy import Action, require
from exchange.store import casebook, journal
from exchange.web import desk_feedback, desk_files, desk_search
from exchange.web.api import Json, as_json, body_of, program_of, refuse_unknown, texts_of
from exchange.web.case_history import cautions, history
from exchange.web.context import site_of
from exchange.web.desk_case import caller_of, earlier_of, names_of
from exchange.web.desk_scores import scores_shown
from exchange.web.paging import Place, linked, place_of
from exchange.web.problem import problem, unfit
from exchange.web.unchanged import Tagged
from exchange.what_they_read import Read, at_the_desk, now_and_waiting
from mailflow import attached
from mailflow.pictures import can_be_drawn

router = APIRouter(prefix="/api/v1", route_class=Tagged)
MOST_EARLIER = 50  # contacts that may be about the same people, opened for one answer


@router.get("/cases/{reference}/content")
async def read(request: Request, reference: str) -> Response:
    """Who it is about, what was said of them and by whom, which files came, and who may be the same people."""
    viewer, site = await program_of(request), site_of(request)
    require(viewer, Action.SEE_CONTENT)
    hub = site.hub
    async with hub.database.reading(hub.scope(viewer)) as tx:
        version = await casebook.version(tx, reference)
        case = await casebook.find(tx, reference)
        rules = await casebook.rules_of(tx, case)
        events = await casebook.timeline(tx, case.id)
        opened = await opened_for(hub, tx, case, rules, viewer)
        told = await attachments.named(hub, tx, case.id) if case.files else {}
        referral = content.referral_from((name, plain) for _, name, plain in opened.bodies)
        earlier, others = await earlier_of(tx, hub, case, referral, MOST_EARLIER)
        said = {name: plain for _, name, plain in opened.bodies}
        letters = now_and_waiting(case)
        reads = await at_the_desk(hub, tx, case, rules, referral, said, site.settings.base_url, letters)
    await hub.note(journal.ACCESS, "Viewed", viewer.id, case=case.id)
    names = names_of(referral, case)
    response = as_json({
        "reference": case.reference,
        "received_at": case.received_at.isoformat(),
        "referral": referral.data() if referral else None,
        "names": names,
        "scores": [asdict(score) for score in scores_shown(referral, names)],
        "earlier": [{**row, "received_at": row["received_at"].isoformat()} for row in earlier],
        "more_earlier": others,
        "referrer": _referrer(case, rules, referral, opened, reads),
        **words(case, opened),
        "beware": cautions(case, opened.bodies),
        "contributions": [_contribution(one, opened) for one in case.contributions],
        "history": [
            {"what": x["title"], "at": x["when"], "by": x["by"], "words": x["text"], "mail": x["mail"]}
            for x in history(events, opened, case, rules)
        ],
        "files": [
            {"file": f.id, "name": told[f.id]["name"], "kind": f.kind, "octets": int(told[f.id]["size"]),
             "scan": f.scan, "may_be_opened": f.may_be_opened}
            for f in case.files if f.id in told
        ],
    })  # fmt: skip
    response.headers["ETag"] = f'"{version}"'
    return response


def _referrer(
    case: Case, rules: Rules, referral: Referral | None, opened: OpenedFor, read: Mapping[str, Read]
) -> Json:
    """Whom to ring, what waits for a second person, and the letter as it would go now."""
    said = {name: plain for _, name, plain in opened.bodies}
    shown = desk_feedback.view(case, rules, referral, said, lambda at: at.isoformat())
    goes = read["now"].text if "now" in read and case.decided else ""
    return {
        "caller": caller_of(referral, case, opened.bodies), "waiting": shown["waiting"],
        "letter_waiting": read["waiting"].text if "waiting" in read else "", "letter": goes,
        "may_be_told": shown["may_be_told"],
        "questions": shown["questions"], "replies": shown["replies"],
    }  # fmt: skip


def _contribution(one: Contribution, opened: OpenedFor) -> dict[str, Any]:
    """What an agency told; `words` is null where they are shut to whoever asks."""
    name = content.said(one.id)
    words = "\n".join(plain.decode() for _, known, plain in opened.bodies if known == name)
    return {
        "contribution": one.id, "leg": one.leg, "agency": one.agency, "at": one.at.isoformat(), "kind": one.kind,
        "marking": one.marking, "not_said": list(one.missing), "words": None if one.id in opened.shut else words,
    }  # fmt: skip


@router.post("/search")
async def search(
    request: Request, after: str = "", limit: Annotated[int, Query(ge=1, le=desk_search.MOST)] = desk_search.MOST
) -> Response:
    """Cases of people who might be meant, most alike first, `limit` at a time; posted, so that no name stands in an
    address. The next part is asked for by posting the same to `next`."""
    viewer, site = await program_of(request), site_of(request)
    require(viewer, Action.SEARCH)
    given = await body_of(request)
    refuse_unknown(given, desk_search.ASKED)
    try:
        said = texts_of(given)
    except Unfit as wrong:
        return unfit(wrong)
    wanted = {name: said.may(name) for name in desk_search.ASKED}
    found = await desk_search.alike(site, viewer, wanted, beyond=_beyond(after), most=limit)
    if found is None:
        return problem(HTTPStatus.BAD_REQUEST, desk_search.NOTHING_TO_GO_BY, member=desk_search.ASKED[0])
    told = [{name: row[name] for name in ("reference", "subject", "name", "same", "alike")} for row in found.rows]
    more = {"found": told, "more": found.number - len(found.rows)}
    return linked(request, lambda link: as_json({**more, "next": link}), found.last if more["more"] else None)


def _beyond(after: str) -> Place | None:
    match place_of(after):
        case None:
            return None
        case (int(weight), int(shared), str(case), str(subject)):
            return weight, shared, case, subject
    raise HTTPException(HTTPStatus.BAD_REQUEST, "after: use what `next` of the answer before says")


@router.get("/cases/{reference}/files/{file}")
async def file(request: Request, reference: str, file: str) -> Response:
    """One file: its words, or that its pages can be drawn."""
    viewer, site = await program_of(request), site_of(request)
    found, told, octets = await desk_files.opened(site, viewer, reference, file)
    pages = can_be_drawn(octets)
    parts = () if pages else (await attached.words(found.kind, octets)).parts
    words = [{"heading": heading, "text": text} for heading, text in parts]
    return as_json({"file": found.id, "name": told["name"], "kind": found.kind, "octets": len(octets),
                    "scan": found.scan, "pages": pages, "words": words})  # fmt: skip


@router.get("/cases/{reference}/files/{file}/pages")
async def pages(request: Request, reference: str, file: str) -> Response:
    """Its first pages, drawn anew as one picture."""
    viewer = await program_of(request)
    return await desk_files.picture(site_of(request), viewer, reference, file)


@router.get("/cases/{reference}/files/{file}/original")
async def original(request: Request, reference: str, file: str) -> Response:
    """The file as a stranger made it, never to be shown inside a page."""
    viewer = await program_of(request)
    return await desk_files.as_it_came(site_of(request), viewer, reference, file)
