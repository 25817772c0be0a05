"""The JSON API: what a case system may do with a bearer token, under the same policy as a person.

1. The token is in the Authorization header only (RFC 6750 2.1), never in an address.
2. An `Idempotency-Key` makes a repeated request act once, and another one under the same key is refused (once.py).
3. An error is a problem (RFC 9457), and never repeats a value.
4. Whoever sends back the `ETag` of a case they read as `If-Match` acts on that case as it was, or is refused (412).
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Collection
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response

from exchange import naming, other_mail, story
from exchange.acts_listed import values
from exchange.agenda import agenda
from exchange.api_described import document
from exchange.case.referral import Problem, Referral, ReferralRefused, read, unborn_fault
from exchange.case.state import Case
from exchange.case.step import CannotHappen
from exchange.contacting import Contact, lodge, referrer_from
from exchange.desk import Desk
from exchange.desk.acts import ACTS, allow, perform
from exchange.desk.counting import not_counted, uncounted
from exchange.desk.given import Given, Unfit, sentence
from exchange.drifting import drifting
from exchange.escalations import escalations
from exchange.heard import with_servers
from exchange.hub import Hub
from exchange.known_members import unknown
from exchange.outstanding import outstanding
from exchange.owed import Owed
from exchange.policy import Action, Viewer, require
from exchange.safe import digest
from exchange.store import casebook, receipts, staff
from exchange.store.casebook import Changed, Recorded
from exchange.store.database import AsRead, Transaction
from exchange.web.context import Site, site_of
from exchange.web.once import Asked, key_of, once
from exchange.web.paging import MOST, Limit, linked, part
from exchange.web.problem import problem, unfit
from exchange.web.sources import TooMany
from exchange.web.unchanged import Tagged

router = APIRouter(prefix="/api/v1", route_class=Tagged)
MOST_CASES = 200  # in one answer
READ = ("content", "ring")  # of a case: no acts
_TAG = re.compile(r'"(\d{1,18})(\.[0-9a-f]{16})?"\Z')  # the version of the case, and what was read of it
LARGEST = 2 * 1024 * 1024  # octets of one request: twenty subjects with every answer at full length
Json = dict[str, Any]


def as_json(value: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """The value as an answer."""
    return Response(json.dumps(value, ensure_ascii=False, default=str), status, media_type="application/json")


async def program_of(request: Request) -> Viewer:
    """Whose token was given. Raises HTTPException or TooMany."""
    site = site_of(request)
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    hub = site.hub
    async with hub.database.reading(hub.scope("api")) as tx:
        found = await staff.token(tx, digest(hub.safe.derive("tokens"), token.strip()))
        viewer = await naming.program(tx, *found, at=hub.clock.now()) if found else None
    if kind.lower() != "bearer" or viewer is None:
        raise HTTPException(
            HTTPStatus.UNAUTHORIZED, "give a bearer token: exchange token add", {"WWW-Authenticate": "Bearer"}
        )
    if site.programs.left(viewer.id, hub.clock.now()) < 1:
        raise TooMany
    site.programs.spend(viewer.id, hub.clock.now())
    return viewer


async def body_of(request: Request) -> Json:
    """The JSON object that was sent. Raises HTTPException."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"more than {LARGEST} octets")
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise HTTPException(HTTPStatus.BAD_REQUEST, "the body is not JSON") from None
    if not isinstance(given, dict):
        raise HTTPException(HTTPStatus.BAD_REQUEST, "the body is not a JSON object")
    return given


def _cause(request: Request, site: Site, viewer: Viewer, what: str) -> str:
    return f"api:{viewer.id}:{what}:{key_of(request) or site.hub.chance.id()}"


@router.post("/referrals")
async def create(request: Request) -> Response:
    """A referral, as `exchange schema referral` describes it."""
    viewer, site = await program_of(request), site_of(request)
    require(viewer, Action.TAKE_CONTACT)
    try:
        referral = read(await body_of(request), need_required=True)
        await _refuse_unborn(site_of(request), referral)
    except ReferralRefused as refused:
        return refused_referral(refused)
    hub = site.hub

    async def with_receipt(tx: Transaction, recorded: Recorded) -> None:
        await receipts.put(tx, hub.codes.receipt_digest(hub.codes.receipt(recorded.case.id)), recorded.case.id)

    contact = Contact("api", True, referrer_from(referral), referral)
    cause = _cause(request, site, viewer, "referral")
    lodged = await lodge(hub, contact, cause, actor=viewer.id, also=with_receipt)
    if lodged.recorded.again and not await _is_same(hub, viewer, lodged.case_id, referral):
        raise HTTPException(
            HTTPStatus.UNPROCESSABLE_ENTITY, "this Idempotency-Key was used for another referral: use a new key"
        )
    told = {"reference": lodged.reference, "receipt_code": hub.codes.receipt(lodged.case_id)}
    return as_json(told, HTTPStatus.OK if lodged.recorded.again else HTTPStatus.CREATED)


def refused_referral(refused: ReferralRefused) -> Response:
    """All that is wrong with it, and how to mend it."""
    problems = [{"where": p.where, "what": p.what, "remedy": p.remedy} for p in refused.problems]
    return problem(HTTPStatus.BAD_REQUEST, "this cannot be read as a referral", problems=problems)


async def _refuse_unborn(site: Site, referral: Referral) -> None:
    """Raises ReferralRefused for what cannot be so of a baby not born yet: whoever wrote it is there to mend it."""
    today = site.hub.clock.now().astimezone((await site.rules()).calendar.zone).date()
    faults = [(n, unborn_fault(answers, today)) for n, answers in enumerate(referral.subjects, 1)]
    if told := tuple(Problem(f"subjects.{n}.{fault[0]}", *fault[1:]) for n, fault in faults if fault):
        raise ReferralRefused(told)


async def _is_same(hub: Hub, viewer: Viewer, case_id: str, referral: Referral) -> bool:
    async with hub.database.reading(hub.scope(viewer)) as tx:
        return await hub.referral(tx, case_id) == referral


def refuse_unknown(given: Json, known: Collection[str]) -> None:
    """What nobody would look at is not dropped in silence. Raises HTTPException."""
    if more := sorted(set(given) - set(known)):
        told = f"unknown member “{more[0][:40]}”: "
        raise HTTPException(HTTPStatus.BAD_REQUEST, told + f"give {', '.join(sorted(known)) or 'an empty object'}")


@router.get("/cases")
async def listing(
    request: Request, after: str = "", limit: Annotated[int, Query(ge=1, le=MOST_CASES)] = MOST_CASES
) -> Response:  # fmt: skip
    """Open cases, oldest first, `limit` at a time; `next` leads to those `after` the last of them."""
    viewer, site = await program_of(request), site_of(request)
    require(viewer, Action.SEE_STATUS)
    async with site.hub.database.reading(site.hub.scope(viewer)) as tx:
        last = await casebook.find(tx, after) if after else None
        cases = await casebook.listing(tx, after=last, most=limit + 1)
    found, more = cases[:limit], len(cases) > limit
    link = f"/api/v1/cases?after={quote(found[-1].reference)}&limit={limit}" if more else ""
    response = as_json({"cases": [row(c) for c in found], "next": link})
    if link:
        response.headers["Link"] = f'<{link}>; rel="next"'  # RFC 8288
    return response


def row(case: Case) -> dict[str, Any]:
    """A case as a list has it."""
    subjects = [{"id": s.id, "rating": s.rating, "decision": s.decision} for s in case.subjects]
    return {"reference": case.reference, "received_at": case.received_at.isoformat(), "subjects": subjects,
            "looked_at": bool(case.looked_at)}  # fmt: skip


@router.get("/cases/{reference}")
async def show(request: Request, reference: str) -> Response:
    """The whole delivery story of a case; no names."""
    viewer, site = await program_of(request), site_of(request)
    require(viewer, Action.SEE_STATUS)
    # The version first: what happens in between makes the tag too old, never too new.
    async with site.hub.database.reading(site.hub.scope(viewer)) as tx:
        version = await casebook.version(tx, reference)
    response = as_json(await story.story(site.hub, viewer, reference))
    response.headers["ETag"] = f'"{version}"'
    return response


@router.get("/openapi.json")
async def described() -> Response:
    """The API as an OpenAPI document: how to ask, and nothing of any case."""
    return as_json(document())


@router.get("/outstanding")
async def owed(request: Request, after: str = "", limit: Limit = MOST) -> Response:
    """Who owes what, soonest due first, `limit` at a time; the hub too, where mail waits that is part of no case."""
    viewer, site = await program_of(request), site_of(request)
    found, more = part(await _owed(site, viewer), _place, after, limit)
    rows = [story.owed_row(o) for o in await with_servers(site.hub, viewer, tuple(found))]
    return linked(request, lambda link: as_json({"outstanding": rows, "next": link}), more)


async def _owed(site: Site, viewer: Viewer) -> list[Owed]:
    """What is owed in cases, and the mail of no case that waits for somebody to say what it is."""
    found, hub = list(await outstanding(site.hub, viewer)), site.hub
    async with hub.database.reading(hub.scope(viewer)) as tx:
        waits = await other_mail.owed(tx, await site.rules(), hub.clock.now())
    return [*found, *filter(None, [waits])]


def _place(owed: Owed) -> tuple[str, ...]:
    return owed.due.isoformat(), owed.reference, owed.what, owed.about, owed.owner


@router.get("/drift")
async def drift(request: Request, hours: Annotated[int | None, Query(ge=1, le=87_600)] = None) -> Response:
    """Open cases that nobody follows, or in which nobody has done anything."""
    viewer, site = await program_of(request), site_of(request)
    return as_json({"drift": [dataclasses.asdict(d) for d in await drifting(site.hub, viewer, hours)]})


@router.get("/escalations")
async def escalated(request: Request) -> Response:
    """The board's log."""
    viewer, site = await program_of(request), site_of(request)
    now = site.hub.clock.now()
    return as_json({"escalations": [e.row(now) for e in await escalations(site.hub, viewer)]})


@router.get("/agenda")
async def sessions(request: Request) -> Response:
    """The sessions that recur, with the cases on each agenda."""
    viewer, site = await program_of(request), site_of(request)
    return as_json({"agenda": await agenda(site.hub, viewer)})


def values_of(given: Json) -> Given:
    """The members of a JSON object as an act takes them: text, yes or no, numbers, and lists of text."""
    return Given(
        {name: tuple(map(_text, value if isinstance(value, list) else [value])) for name, value in given.items()}
    )


def texts_of(given: Json, *flags: str) -> Given:
    """The same where every member but these is text: nobody wants to say true or false there. Raises Unfit."""
    for name, value in given.items():
        if isinstance(value, bool) and name not in flags:
            raise Unfit(name, "Write text, not true or false")
    return values_of(given)


def _said(act: str, given: Json) -> Given:
    """The values of an act, where a text that is true or false was not what anybody wanted to say. Raises Unfit."""
    for value in values(act):
        if value.how != "yes or no" and isinstance(given.get(value.name), bool):
            raise Unfit(value.name, "Write text, not true or false")
    return values_of(given)


def _text(value: object) -> str:
    if not isinstance(value, str | int | float):  # a bool is an int
        raise HTTPException(
            HTTPStatus.BAD_REQUEST, "give each member as text, a number, true, false or a list of text"
        )
    return str(value)


@router.post("/cases/{reference}/{act}")
async def act(request: Request, reference: str, act: str) -> Response:
    """One act of the desk on one case, by its name."""
    viewer, site = await program_of(request), site_of(request)
    if act in READ:
        raise HTTPException(HTTPStatus.METHOD_NOT_ALLOWED, f"“{act}” of a case is read, with GET")
    if act not in ACTS:
        raise HTTPException(HTTPStatus.NOT_FOUND, f"No act “{act[:40]}”: use one of {', '.join(sorted(ACTS))}")
    case = await Desk(site.hub, viewer).case(reference)
    given = await body_of(request)
    desk = Desk(site.hub, _as_read(request, viewer, case))

    async def acted(asked: Asked) -> Response:
        after = await perform(desk, act, case.id, _said(act, given), f"api:{viewer.id}:{act}:{case.id}:{asked.id}")
        return as_json({**row(after), **_made(act, given, after)})

    try:
        allow(desk, act, case.id)  # before anything that was given is looked at
        if more := unknown(act, given):
            told = f"unknown member “{more[0][:40]}”: docs/acts.md names what {act} takes"
            return problem(HTTPStatus.BAD_REQUEST, told, member=more[0][:40])
        return await once(request, viewer, given, acted)
    except CannotHappen as refused:
        return problem(HTTPStatus.CONFLICT, sentence(refused))
    except Unfit as wrong:
        return unfit(wrong)
    except Changed:
        return problem(HTTPStatus.PRECONDITION_FAILED, "This case has changed since you read it: read it again")


def _as_read(request: Request, viewer: Viewer, case: Case) -> Viewer:
    """The viewer who acts only on the version that they name (RFC 9110 13.1.1). Raises HTTPException."""
    tag = request.headers.get("if-match", "").strip()
    if tag in ("", "*"):
        return viewer
    found = _TAG.match(tag)
    if not found:
        # Whatever is no tag of ours matches no case; to guess what was meant would undo the caller's care.
        raise HTTPException(HTTPStatus.PRECONDITION_FAILED, "If-Match is the one ETag of the case as you read it")
    return dataclasses.replace(viewer, read=AsRead(case.id, int(found[1])))


def _made(act: str, given: Json, after: Case) -> dict[str, str]:
    """What was made, by the name under which the next act speaks of it; or why an answer does not count yet."""
    if leg := uncounted(act, values_of(given), after):
        return {"does_not_count": not_counted(leg)}
    if act != "product":
        return {}
    product = after.product(str(given.get("product", ""))) or after.products[-1]
    return {"product": product.id, "version": product.latest.id}
