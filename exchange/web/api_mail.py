"""The JSON API of mail: what belongs to no case, each mail whole with its files, and what somebody says it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from exchange import wording
from exchange.case.step import CannotHappen
from exchange.desk.given import Unfit, sentence
from exchange.holding_pen import Held, HoldingPen
from exchange.policy import Action, Viewer, require_person
from exchange.store import inbox
from exchange.web import desk_mail
from exchange.web.api import Json, as_json, body_of, program_of, refuse_unknown, texts_of
from exchange.web.context import site_of
from exchange.web.once import Asked, once
from exchange.web.paging import MOST, Limit, linked, part
from exchange.web.problem import problem, unfit
from exchange.web.unchanged import Tagged
from mailflow.forms import left_out

router = APIRouter(prefix="/api/v1", route_class=Tagged)
SAYS = ("contact", "case", "aside")  # what a mail is
TAKES = {"contact": (), "case": ("reference",), "aside": (), "unlock": ("file", "password")}
_NEEDS = {
    "contact": Action.TAKE_CONTACT,
    "case": Action.TAKE_CONTACT,
    "aside": Action.SETTLE_TASK,
    "unlock": Action.TRANSCRIBE,
}


@router.get("/mail")
async def listed(request: Request, after: str = "", limit: Limit = MOST) -> Response:
    """What came and is part of no case, newest first."""
    site = site_of(request)
    found = await HoldingPen(site.hub, site.room, await program_of(request)).of_no_case()
    rows, more = part(found, lambda mail: (mail.received_at.isoformat(), mail.id), after, limit, falling=True)
    return linked(request, lambda link: as_json({"mail": [_row(mail) for mail in rows], "next": link}), more)


def _row(mail: inbox.Settled) -> Json:
    what = wording.DISPOSITIONS.get(mail.disposition, mail.disposition)
    return {
        "mail": mail.id, "received_at": mail.received_at.isoformat(), "disposition": mail.disposition, "what": what,
    }  # fmt: skip


@router.get("/mail/{mail_id}")
async def read(request: Request, mail_id: str) -> Response:
    """One mail, and which cases it may be about; that it was read is recorded."""
    site = site_of(request)
    pen = HoldingPen(site.hub, site.room, await program_of(request))
    held = await pen.read(mail_id)
    guessed = await pen.guesses(held)
    guesses = [{"reference": g.reference, "why": list(g.why)} for g in guessed.cases]
    facts = desk_mail.facts_of(held, site, await site.rules())
    e = held.evidence
    return as_json({
        "mail": held.id, "received_at": held.received_at.isoformat(), "reference": held.reference,
        "waiting": held.waiting, "facts": {fact["key"]: fact["value"] for fact in facts},
        "beware": [*desk_mail.notes_of(e, waiting=held.waiting), *desk_mail.sentences(left_out(held.content))],
        "text": e.content.text, "around": e.mail.text if e.sealed else "",
        "enclosed": [one.text for one in desk_mail.enclosed_in(e.content)],
        "files": _files(held), "inside": [
            {"name": one.file_name or one.kind, "text": one.text} for one in held.content.documents if one.text
        ],
        "locked": [{"file": one.digest, "name": one.file_name} for one in held.locked], "guesses": guesses,
        "alike": guessed.alike,
        "ring": await desk_mail.ring_of(site, pen.viewer, held),
    })  # fmt: skip


def _files(held: Held) -> list[Json]:
    """Each with where it is: as it came, or as it was inside a locked one."""
    came = [(p.file_name or p.content_type, p.content) for p, _ in desk_mail.files_of(held.evidence)]
    inside = [(one.document.file_name, one.content) for one in held.unlocked]
    return [
        {"name": name, "octets": len(octets), "path": f"/api/v1/mail/{held.id}/{kind}/{number}"}
        for kind, files in (("files", came), ("opened", inside))
        for number, (name, octets) in enumerate(files, 1)
    ]


@router.get("/mail/{mail_id}/files/{number}")
async def fetch(request: Request, mail_id: str, number: int) -> Response:
    """One of its files as it came: never to be shown inside a page, for a stranger made it."""
    return await _fetched(
        request,
        mail_id,
        number,
        lambda held: [(p.file_name, p.content) for p, _ in desk_mail.files_of(held.evidence)],
    )


@router.get("/mail/{mail_id}/opened/{number}")
async def fetch_opened(request: Request, mail_id: str, number: int) -> Response:
    """What was inside one of its locked files."""
    return await _fetched(
        request, mail_id, number, lambda held: [(one.document.file_name, one.content) for one in held.unlocked]
    )


async def _fetched(
    request: Request, mail_id: str, number: int, files: Callable[[Held], list[tuple[str, bytes]]]
) -> Response:
    site = site_of(request)
    held = await HoldingPen(site.hub, site.room, await program_of(request)).read(mail_id)
    found = files(held)
    if not 1 <= number <= len(found):
        raise HTTPException(HTTPStatus.NOT_FOUND, "nothing here that this token may see")
    name, octets = found[number - 1]
    if shut := await desk_mail.why_shut(site, held, octets):
        return problem(HTTPStatus.CONFLICT, shut[:1].upper() + shut[1:])
    return desk_mail.download(name or f"file-{number}", octets)


@router.get("/mail/{mail_id}/pages/{number}")
async def pages(request: Request, mail_id: str, number: int) -> Response:
    """The first pages of one of its files that can be drawn, in the order of the files."""
    viewer = await program_of(request)
    return await desk_mail.picture(site_of(request), viewer, mail_id, number)


@router.post("/mail/{mail_id}/unlock")
async def unlock(request: Request, mail_id: str) -> Response:
    """Open a locked file with the password that somebody was told."""
    return await _done(request, await program_of(request), mail_id, "unlock")


@router.post("/mail/{mail_id}/{act}")
async def do(request: Request, mail_id: str, act: str) -> Response:
    """Say what it is: a new concern, of a case, none of ours."""
    viewer = await program_of(request)
    if act not in SAYS:
        raise HTTPException(HTTPStatus.NOT_FOUND, f"No act “{act[:40]}”: use one of {', '.join(SAYS)}")
    return await _done(request, viewer, mail_id, act)


async def _done(request: Request, viewer: Viewer, mail_id: str, act: str) -> Response:
    site = site_of(request)
    pen = HoldingPen(site.hub, site.room, viewer)
    try:
        require_person(viewer, _NEEDS[act])  # before anything that was given is looked at
        given = await body_of(request)
        refuse_unknown(given, TAKES[act])

        async def acted(asked: Asked) -> Response:
            if not asked.again or _is_undone(await pen.read(mail_id), given):
                await _act(pen, mail_id, act, given)
            return await _told(pen, mail_id)

        return await once(request, viewer, given, acted)
    except CannotHappen as refused:
        return problem(HTTPStatus.CONFLICT, sentence(refused))
    except Unfit as wrong:
        return unfit(wrong)


async def _act(pen: HoldingPen, mail_id: str, act: str, given: Json) -> None:
    said = texts_of(given)
    acts: dict[str, Callable[[], Awaitable[Any]]] = {
        "contact": lambda: pen.make_contact(mail_id),
        "case": lambda: pen.put_with(mail_id, said.need("reference").upper()),
        "aside": lambda: pen.set_aside(mail_id),
        "unlock": lambda: pen.unlock(mail_id, said.need("file"), said.need("password")),
    }
    await acts[act]()


def _is_undone(held: Held, given: Json) -> bool:
    return held.waiting or any(one.digest == given.get("file") for one in held.locked)


async def _told(pen: HoldingPen, mail_id: str) -> Response:
    """What the mail is now: of which case, or still of none."""
    held = await pen.read(mail_id)
    return as_json({"mail": held.id, "reference": held.reference, "files": _files(held)})
