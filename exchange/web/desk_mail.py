"""A mail as it came, whole: read by hub staff, its files fetched, and placed when nothing else could place it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from exchange import guarding, mail_files, mail_words, ringing, wording
from exchange.case.rules import Rules
from exchange.case.sealed import Signed, UnknownSigner
from exchange.case.step import CannotHappen
from exchange.holding_pen import Held, HoldingPen
from exchange.policy import Action, Viewer
from exchange.store import casebook, inbox
from exchange.store.casebook import (
    NoSuchCase,
)
from exchange.web.context import Site, shown, site_of
from exchange.web.leaves import Leaves
from exchange.web.sign_in import menu, viewer_of
from mailflow.evidence import Evidence, files
from mailflow.forms import left_out
from mailflow.parsed_mail import Enclosed, ParsedMail, Part
from mailflow.pictures import drawn

router = APIRouter()
ODD = "Parts of this mail were put together oddly. The files below are as they came."
ALTERED = (
    "It was changed after somebody signed it, on its way or on purpose: do not rely on it. Ring the sender, on a "
    "number that you have already."
)
UNPROVED = (
    "Nothing shows that it was not changed on its way: it was sealed by S/MIME, which cannot tell, and not signed by "
    "anybody we know. Ask the sender before you rely on a detail."
)

_ORDINARY = {"no_from", "no_message_id", "bare_lf"}  # of what is inside a seal: nobody addresses it


@router.get("/desk/mail")
async def other_mail(request: Request) -> Response:
    """What came and is part of no case: absence notices, receipts, what waits to be placed, what was set aside."""
    viewer, site = await viewer_of(request), site_of(request)
    found = await HoldingPen(site.hub, site.room, viewer).of_no_case()
    rules, now = await site.rules(), site.hub.clock.now()

    def row(mail: inbox.Settled) -> dict[str, str]:
        at = shown(mail.received_at, rules, now)
        return {"id": mail.id, "received": at, "what": wording.DISPOSITIONS.get(mail.disposition, mail.disposition)}

    return await site.page(
        request, "desk/other_mail", title="Other mail", navigation=menu(request), signed_in_as=viewer.id,
        mails=Leaves(request)("mails", found, row),
    )  # fmt: skip


@router.get("/desk/mail/{mail_id}")
async def mail_page(request: Request, mail_id: str) -> Response:
    """One mail."""
    return await _show(request, await viewer_of(request), mail_id)


@router.get("/desk/mail/{mail_id}/file/{number}")
async def fetch(request: Request, mail_id: str, number: int) -> Response:
    """One of its files, to keep or to open: never shown inside a page of ours, for a stranger made it."""
    site = site_of(request)
    held = await HoldingPen(site.hub, site.room, await viewer_of(request)).read(mail_id)
    found = files_of(held.evidence)
    if not 1 <= number <= len(found):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    part, _ = found[number - 1]
    if shut := await why_shut(site, held, part.content):
        return await _show(request, await viewer_of(request), mail_id, shut)
    return download(part.file_name or f"file-{number}", part.content)


async def why_shut(site: Site, held: Held, content: bytes) -> str:
    """Why a file stays shut; "" for one that may be given."""
    socket = site.settings.clamd.socket
    try:
        where = site.settings.path(socket) if socket else None
        await mail_files.look(site.hub, where, held.id, held.reference, content)
    except CannotHappen as why:
        return str(why)
    return ""


def download(name: str, content: bytes) -> Response:
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"  # RFC 6266 4.3, RFC 8187 3.2
    return Response(
        content, media_type="application/octet-stream", headers={"Content-Disposition": disposition}
    )  # fmt: skip


@router.get("/desk/mail/{mail_id}/opened/{number}")
async def fetch_opened(request: Request, mail_id: str, number: int) -> Response:
    """What was inside one of its locked files."""
    site = site_of(request)
    held = await HoldingPen(site.hub, site.room, await viewer_of(request)).read(mail_id)
    if not 1 <= number <= len(held.unlocked):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    one = held.unlocked[number - 1]
    if shut := await why_shut(site, held, one.content):
        return await _show(request, await viewer_of(request), mail_id, shut)
    return download(one.document.file_name or f"file-{number}", one.content)


@router.get("/desk/mail/{mail_id}/pages/{number}")
async def pages(request: Request, mail_id: str, number: int) -> Response:
    """The first pages of one of its files, drawn anew: what a stranger made is in no page of ours."""
    viewer = await viewer_of(request)
    return await picture(site_of(request), viewer, mail_id, number)


async def picture(site: Site, viewer: Viewer, mail_id: str, number: int) -> Response:
    """The first pages of a file as a picture of ours. Raises as `HoldingPen.read`, or 404."""
    held = await HoldingPen(site.hub, site.room, viewer).read(mail_id)
    if not 1 <= number <= len(held.drawable):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    content = held.drawable[number - 1][1]
    made = None if await why_shut(site, held, content) else await drawn(content)
    if made is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return Response(made, media_type="image/png")


@router.post("/desk/mail/{mail_id}/unlock")
async def unlock(request: Request, mail_id: str) -> Response:
    """Open a locked file with the password that somebody was told."""
    viewer, site = await viewer_of(request), site_of(request)
    form = await site.form(request)
    pen = HoldingPen(site.hub, site.room, viewer)
    try:
        password = form.one(f"password-{form.one('which')}")
        case = await pen.unlock(mail_id, form.one("file"), password)
    except CannotHappen as wrong:
        return await _show(request, viewer, mail_id, str(wrong))
    where = f"/desk/mail/{mail_id}" if case.subjects else f"/desk/case/{case.reference}/transcribe"
    return RedirectResponse(where, HTTPStatus.SEE_OTHER)


@router.post("/desk/mail/{mail_id}/{act}")
async def do(request: Request, mail_id: str, act: str) -> Response:
    """Say what it is."""
    viewer, site = await viewer_of(request), site_of(request)
    form = await site.form(request)
    pen = HoldingPen(site.hub, site.room, viewer)
    try:
        where = await _act(pen, act, mail_id, form.one("reference").upper())
    except (CannotHappen, NoSuchCase) as wrong:
        if isinstance(wrong, NoSuchCase):
            await guarding.absent(site.hub, wrong)
        told = "No case has this reference: check it" if isinstance(wrong, NoSuchCase) else str(wrong)
        return await _show(request, viewer, mail_id, told)
    return RedirectResponse(where, HTTPStatus.SEE_OTHER)


async def _act(pen: HoldingPen, act: str, mail_id: str, reference: str) -> str:
    match act:
        case "contact":
            return f"/desk/case/{await pen.make_contact(mail_id)}"
        case "case":
            await pen.put_with(mail_id, reference)
            return f"/desk/case/{reference}"
        case "aside":
            await pen.set_aside(mail_id)
            return "/desk"
    raise HTTPException(HTTPStatus.NOT_FOUND)


async def _show(request: Request, viewer: Viewer, mail_id: str, problem: str = "") -> Response:
    site = site_of(request)
    pen = HoldingPen(site.hub, site.room, viewer)
    held = await pen.read(mail_id)
    rules, now = await site.rules(), site.hub.clock.now()
    unsealed = held.evidence.inner is None
    return await site.page(
        request, "desk/mail", HTTPStatus.BAD_REQUEST if problem else HTTPStatus.OK, title="Mail",
        navigation=menu(request), signed_in_as=viewer.id, held=held, problem=problem,
        received=shown(held.received_at, rules, now), facts=facts_of(held, site, rules),
        text=held.evidence.content.text,
        around=held.evidence.mail.text if held.evidence.sealed else "", enclosed=enclosed_in(held.evidence.content),
        guesses=await pen.guesses(held), may_search=viewer.may(Action.SEARCH),
        files=[
            _file(p.file_name or p.content_type, p.content, sealed=unsealed or in_it)
            for p, in_it in files_of(held.evidence)
        ],
        notes=[*notes_of(held.evidence, waiting=held.waiting), *sentences(left_out(held.content))],
        locked=[{"name": one.file_name or "a file", "digest": one.digest} for one in held.locked],
        unlocked=[_file(one.document.file_name, one.content, sealed=True) for one in held.unlocked],
        ring=await ring_of(site, viewer, held),
        inside=[(one.file_name or one.kind, one.text) for one in held.content.documents if one.text],
    )  # fmt: skip


async def ring_of(site: Site, viewer: Viewer, held: Held) -> dict[str, str] | None:
    """Who sent it and can tell the password of what is locked, as far as that is proved and the directory knows their
    number; None where nothing is locked."""
    if not held.locked or not held.reference:
        return None
    async with site.hub.database.reading(site.hub.scope(viewer)) as tx:
        case, directory = await casebook.find(tx, held.reference), await site.hub.directory(tx)
    found = ringing.sender(case, directory)
    name = wording.agency_name(found.agency, await site.rules()) if found else ""
    return {"who": name, "telephone": found.telephone} if found and found.telephone else None


def facts_of(held: Held, site: Site, rules: Rules) -> list[dict[str, str]]:
    e = held.evidence
    subject = e.subject
    proved = e.authenticity.aligned_domain
    return [
        {"key": "From", "value": ", ".join(e.mail.from_addresses) or "nobody named"},
        {"key": "Name it gives itself", "value": e.mail.from_display or "none"},
        {"key": "To", "value": ", ".join(e.mail.to) or site.room.hub_address},
        {"key": "Subject", "value": subject or "none"},
        {"key": "Sealed", "value": _sealed(e)},
        {"key": "Signed", "value": _signed(e, wording.agency_name(held.signed_by, rules))},
        {
            "key": "Sender’s domain",
            "value": f"Proved: {proved}" if proved else _unproved(e),
        },
    ]


def _sealed(e: Evidence) -> str:
    if e.not_opened and not e.sealed:
        return "Yes, and it could not be opened"
    return "Yes" if e.sealed else "No: others could read it"


def _unproved(e: Evidence) -> str:
    signed = isinstance(e.signer, Signed)
    return "Not proved, but the signature is" if signed else "Not proved: anybody may have sent it"


def _signed(e: Evidence, agency: str) -> str:
    if isinstance(e.signer, Signed):
        return f"Yes, by {agency or 'a key of no agency'} (key {e.signer.fingerprint})"
    if isinstance(e.signer, UnknownSigner):
        return "Yes, but it was changed after that" if e.signer.altered else "With a key we do not know"
    return "No"


def notes_of(e: Evidence, *, waiting: bool) -> list[str]:
    found = [_reports(e)] if waiting and e.report else []
    if e.not_opened:
        found.append(wording.not_opened(e.not_opened))
    if e.alike:
        found.append(mail_words.ALIKE)
    if e.unproved:
        found.append(UNPROVED)
    if isinstance(e.signer, UnknownSigner) and e.signer.altered:
        found.append(ALTERED)
    if e.mail.unreadable or e.content.unreadable:
        found.append("This mail could not be read: ring the sender.")
    if {*e.mail.oddities, *e.content.oddities} - (_ORDINARY if e.sealed else set()):
        found.append(ODD)
    return found


def _reports(e: Evidence) -> str:
    to = ", ".join(dict.fromkeys(r.original or r.address for r in e.report.recipients)) if e.report else ""
    return (
        f"This looks like a mail system’s report on a letter of ours{f' to {to}' if to else ''}: it may have come "
        "back. Put it with the case that the letter is of: the letter is marked, and the desk is asked to ring."
    )


def files_of(e: Evidence) -> tuple[tuple[Part, bool], ...]:
    """What came with it, inside the seal first; a mail's own text is shown, not fetched."""
    return tuple((p, in_it) for p, in_it in files(e) if p.file_name or not p.content_type.startswith("text/"))


def enclosed_in(mail: ParsedMail) -> list[Enclosed]:
    return [one for one in mail.enclosed if one.text and one.text.strip() != mail.text.strip()]


def sentences(told: tuple[str, ...]) -> list[str]:
    return [f"{one[:1].upper()}{one[1:]}." for one in told]


def _file(name: str, content: bytes, *, sealed: bool) -> dict[str, Any]:
    size = len(content)
    return {
        "name": name,
        "beside": not sealed,
        "size": f"{size / 1024:.0f} KB" if size >= 1024 else f"{size} bytes",
    }
