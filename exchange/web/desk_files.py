"""A file that a referrer sent, as staff see it: drawn anew or as its words; the original only behind a warning.

1. Nobody is shown, or given, a file that waits for the malware scanner or in which it found something.
2. What is shown is made by us, in a limited child: no byte of a stranger's reaches a browser unless somebody asks for
   the original, and then it is saved, never shown; that they did stands in the stream of access.
"""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from exchange import attachments
from exchange.case.attachment import Attached, FileKind, Scan
from exchange.case.state import Case
from exchange.hub import Hub
from exchange.policy import Action, Viewer, require
from exchange.store import casebook, journal
from exchange.store.database import Transaction
from exchange.web.context import Site, site_of
from exchange.web.sign_in import menu, viewer_of
from mailflow import attached
from mailflow.attached import Words
from mailflow.pictures import can_be_drawn, drawn

router = APIRouter()
UNDRAWN = frozenset({FileKind.GIF, FileKind.WEBP, FileKind.HEIC})  # pictures that nothing here draws
SCANS = {
    Scan.NONE: "Nobody has checked it for viruses: this hub has no malware scanner",
    Scan.WAITING: "Waits for the malware scanner: shut until then",
    Scan.CLEAN: "The malware scanner found nothing",
    Scan.INFECTED: "The malware scanner found something: it stays shut",
}


async def rows(hub: Hub, tx: Transaction, case: Case) -> list[dict[str, str]]:
    """The files of a case, as its page lists them."""
    told = await attachments.named(hub, tx, case.id) if case.files else {}
    return [
        {
            "number": str(number), "name": told[f.id]["name"], "what": _what(f, told[f.id]), "scan": SCANS[f.scan],
            "href": f"/desk/attached/{case.reference}/{f.id}" if f.may_be_opened else "",
        }
        for number, f in enumerate(case.files, 1) if f.id in told
    ]  # fmt: skip


def _what(file: Attached, told: dict[str, str]) -> str:
    return f"{attachments.LABELS[file.kind]}, {attachments.size(int(told['size']))}"


@router.get("/desk/attached/{reference}/{file}")
async def show(request: Request, reference: str, file: str) -> Response:
    """One file: its pages or its words."""
    viewer, site = await viewer_of(request), site_of(request)
    found, told, content = await opened(site, viewer, reference, file)
    pages = can_be_drawn(content)
    words = Words() if pages else await attached.words(found.kind, content)
    here = f"/desk/attached/{reference}/{file}"
    return await site.page(
        request, "desk/attached", title="File", navigation=menu(request), signed_in_as=viewer.id,
        file_name=told["name"], what=_what(found, told), scan=SCANS[found.scan], words=words.parts,
        pages=f"{here}/pages" if pages else "", undrawn=found.kind in UNDRAWN,
        original=f"{here}/original", reference=reference, back=f"/desk/case/{reference}",
    )  # fmt: skip


@router.get("/desk/attached/{reference}/{file}/pages")
async def pages(request: Request, reference: str, file: str) -> Response:
    """Its first pages, drawn anew."""
    viewer = await viewer_of(request)
    return await picture(site_of(request), viewer, reference, file)


@router.post("/desk/attached/{reference}/{file}/original")
async def original(request: Request, reference: str, file: str) -> Response:
    """The file as it came, for saving."""
    viewer, site = await viewer_of(request), site_of(request)
    await site.form(request)
    return await as_it_came(site, viewer, reference, file)


async def picture(site: Site, viewer: Viewer, reference: str, file: str) -> Response:
    """The first pages of a file as a picture of ours. Raises as `opened` does."""
    _, _, content = await opened(site, viewer, reference, file, seen=True)
    made = await drawn(content) if can_be_drawn(content) else None
    if made is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return Response(made, media_type="image/png")


async def as_it_came(site: Site, viewer: Viewer, reference: str, file: str) -> Response:
    """The file itself, which is written down. Raises as `opened` does."""
    found, told, content = await opened(site, viewer, reference, file, seen=True)
    await site.hub.note(
        journal.ACCESS, "OriginalFetched", viewer.id, case=await _id(site, viewer, reference), file=file
    )
    name = attachments.shown_name(told["name"], FileKind(found.kind))
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"  # RFC 6266 4.3, RFC 8187 3.2
    return Response(content, media_type="application/octet-stream", headers={"Content-Disposition": disposition})


async def _id(site: Site, viewer: Viewer, reference: str) -> str:
    async with site.hub.database.reading(site.hub.scope(viewer)) as tx:
        return (await casebook.find(tx, reference)).id


async def opened(
    site: Site, viewer: Viewer, reference: str, file: str, *, seen: bool = False
) -> tuple[Attached, dict[str, str], bytes]:
    """The file, what is kept beside it, and its content. Raises Forbidden, NoSuchCase, or 404 for what nobody may
    open; that it was looked at stands in the stream of access."""
    require(viewer, Action.SEE_CONTENT)
    hub = site.hub
    async with hub.database.reading(hub.scope(viewer)) as tx:
        case = await casebook.find(tx, reference)
        found = case.file(file)
        if found is None or not found.may_be_opened:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        told = (await attachments.named(hub, tx, case.id)).get(file)
        content = await attachments.content_of(hub, tx, case.id, file)
    if told is None or content is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    if not seen:
        await hub.note(journal.ACCESS, "Viewed", viewer.id, case=case.id, file=file)
    return found, told, content
