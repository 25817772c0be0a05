"""The JSON API of certificates and tests of mailboxes: brought, proved by two people, retired; sent and heard.

A named person does each of these, as at the desk; what was heard is written down, never what stands here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from exchange import moves, reaching
from exchange.case.step import CannotHappen
from exchange.desk.drills import DrillDesk
from exchange.desk.given import Given, Unfit, sentence
from exchange.desk.people import people
from exchange.enrolling import Enrolling, NotEnrolled, plain
from exchange.policy import Action, Viewer, require, require_person
from exchange.web.api import Json, as_json, body_of, program_of, refuse_unknown, texts_of
from exchange.web.context import site_of
from exchange.web.desk_certificates import enrolling, numbers_of
from exchange.web.desk_keys import LARGEST
from exchange.web.once import Asked, once
from exchange.web.problem import problem, unfit
from exchange.web.unchanged import Tagged

router = APIRouter(prefix="/api/v1", route_class=Tagged)
BRINGS = ("whose", "certificate", "other_user_id")
TAKES = {"confirm": ("read_back", "letter_code"), "rung": (), "retire": ("sure",)}
HEARS = ("mailbox", "words")
ASKS = ("mailbox",)


@router.get("/keys")
async def listed(request: Request) -> Response:
    """Every certificate in use or waiting, what is still missing before it is used, and the `numbers` to ring."""
    viewer, site = await program_of(request), site_of(request)
    found = await people(site.hub, site.keyroom, viewer)
    return as_json({"keys": [{**key, "numbers": numbers_of(key, found)} for key in found.keys]})


@router.post("/keys")
async def bring(request: Request) -> Response:
    """Bring a certificate of a mailbox, or of a whole agency: two people have it read out before it is used."""
    viewer, given = await _given(request, Action.CONFIRM_KEY, BRINGS)

    async def act(asked: Asked) -> Response:
        said = texts_of(given, "other_user_id")
        text, whose = said.need("certificate"), said.need("whose")
        if len(text.encode()) > LARGEST:
            raise Unfit(
                "certificate", "That is too large for a certificate: ask its holder for the certificate alone"
            )
        by = enrolling(site_of(request))
        brought = await by.add(text.encode(), whose, other_user_id=said.yes("other_user_id"), actor=viewer)
        return as_json(await _key(request, viewer, brought.fingerprint), HTTPStatus.CREATED)

    return await _answered(request, viewer, Action.CONFIRM_KEY, given, act)


@router.post("/keys/{fingerprint}/{act}")
async def change(request: Request, fingerprint: str, act: str) -> Response:
    """Say what its holder read out, that whom we knew before was rung, or that nobody uses it any more."""
    if act not in TAKES:
        await program_of(request)
        raise HTTPException(HTTPStatus.NOT_FOUND, f"No act “{act[:40]}”: use one of {', '.join(TAKES)}")
    viewer, given = await _given(request, Action.CONFIRM_KEY, TAKES[act])

    async def acted(asked: Asked) -> Response:
        await _act(enrolling(site_of(request)), viewer, act, plain(fingerprint), texts_of(given, "sure"))
        return as_json(await _key(request, viewer, plain(fingerprint)))

    await _key(request, viewer, plain(fingerprint), there=True)
    return await _answered(request, viewer, Action.CONFIRM_KEY, given, acted)


async def _act(by: Enrolling, viewer: Viewer, act: str, fingerprint: str, said: Given) -> None:
    if act == "confirm":
        await by.confirm(viewer, fingerprint, said.may("read_back")[:200], said.may("letter_code")[:40])
    elif act == "rung":
        await by.rung(viewer, fingerprint)
    elif said.yes("sure"):
        await by.retire(fingerprint, viewer)
    else:
        raise Unfit("sure", "Say that nobody should use it any more")


@router.get("/mailboxes/{mailbox}")
async def mailbox(request: Request, mailbox: str) -> Response:
    """How one mailbox is reached, rung by rung, and what to do where one fails."""
    require(await program_of(request), Action.SEE_DIRECTORY)
    return as_json(await _reached(request, mailbox))


async def _reached(request: Request, mailbox: str) -> Json:
    site = site_of(request)
    for one in await reaching.reach(site.hub, site.keyroom):
        if one.mailbox.id == mailbox:
            return one.row()
    raise HTTPException(HTTPStatus.NOT_FOUND, "nothing here that this token may see")


@router.post("/mailboxes/{mailbox}/rung")
async def rung(request: Request, mailbox: str) -> Response:
    """Whoever answered there before was rung, and knows that it is reached otherwise now; how it is reached."""
    viewer, given = await _given(request, Action.CONFIRM_KEY, ())

    async def act(asked: Asked) -> Response:
        await moves.known_there(site_of(request).hub, viewer, mailbox)  # somebody may have said so a moment ago
        return as_json(await _reached(request, mailbox))

    await _reached(request, mailbox)
    return await _answered(request, viewer, Action.CONFIRM_KEY, given, act)


@router.get("/drills")
async def tested(request: Request) -> Response:
    """Which mailbox has proved that somebody there can open what we send."""
    standing = await DrillDesk(site_of(request).hub, await program_of(request)).standing()
    return as_json({"drills": [one.row() for one in standing]})


@router.post("/drills")
async def ask(request: Request) -> Response:
    """Send a test to these mailboxes; one that is being tested is not sent another."""
    viewer, given = await _given(request, Action.DRILL, ASKS)

    async def act(asked: Asked) -> Response:
        said = texts_of(given)
        said.need("mailbox")
        sent, waiting = await DrillDesk(site_of(request).hub, viewer).ask(said.many("mailbox"))
        return as_json({"asked": sent, "waiting": waiting}, HTTPStatus.CREATED)

    return await _answered(request, viewer, Action.DRILL, given, act)


@router.post("/drills/heard")
async def heard(request: Request) -> Response:
    """Somebody there read the words of the last test out over the telephone."""
    viewer, given = await _given(request, Action.DRILL, HEARS)

    async def act(asked: Asked) -> Response:
        said, desk = texts_of(given), DrillDesk(site_of(request).hub, viewer)
        wanted = said.need("mailbox")
        if (
            not asked.again
            or next((s.state for s in await desk.standing() if s.mailbox.id == wanted), "") != "proved"
        ):
            await desk.heard(wanted, said.need("words"))
        return as_json(next((s.row() for s in await desk.standing() if s.mailbox.id == wanted), {}))

    return await _answered(request, viewer, Action.DRILL, given, act)


async def _standing(desk: DrillDesk, mailbox: str) -> Json:
    return next((one.row() for one in await desk.standing() if one.mailbox.id == mailbox), {})


async def _key(request: Request, viewer: Viewer, fingerprint: str, *, there: bool = False) -> Any:
    """What stands of a certificate; {} for one that is retired. Raises HTTPException where it must be there."""
    site = site_of(request)
    for key in (await people(site.hub, site.keyroom, viewer)).keys:
        if key["fingerprint"] == fingerprint:
            return key
    if there:
        raise HTTPException(HTTPStatus.NOT_FOUND, "nothing here that this token may see")
    return {"fingerprint": fingerprint, "state": "retired"}


async def _given(request: Request, needs: Action, names: tuple[str, ...]) -> tuple[Viewer, Json]:
    """Who asks, and what they gave. Raises Forbidden before anything of it is looked at."""
    viewer = await program_of(request)
    require(viewer, needs)
    given = await body_of(request)
    refuse_unknown(given, names)
    return viewer, given


async def _answered(
    request: Request, viewer: Viewer, needs: Action, given: Json, act: Callable[[Asked], Awaitable[Response]]
) -> Response:
    """What a named person who may has done, or what is wrong and how to mend it."""
    try:
        require_person(viewer, needs)
        return await once(request, viewer, given, act)
    except (CannotHappen, NotEnrolled) as refused:
        return problem(HTTPStatus.CONFLICT, sentence(refused))
    except Unfit as wrong:
        return unfit(wrong)
