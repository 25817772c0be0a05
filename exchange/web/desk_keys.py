"""Bringing a certificate at the desk: a file or its text, for one mailbox or an agency; it waits for its proof."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from exchange.attachments import Upload
from exchange.enrolling import NotEnrolled
from exchange.policy import Action, Viewer, require
from exchange.web import uploads
from exchange.web.context import site_of
from exchange.web.desk_certificates import enrolling, page_of
from exchange.web.forgery import Form
from exchange.web.sign_in import menu, viewer_of

router = APIRouter()
NEW = "/desk/directory/keys/new"
LARGEST = 1024 * 1024  # octets: a certificate with many signatures; keys.openpgp reads no more either


@router.get(NEW)
async def ask(request: Request, of: str = "") -> Response:
    """Whose it is, and the certificate."""
    return await _page(request, await viewer_of(request), {"whose": of[:60]}, {})


@router.post(NEW)
async def bring(request: Request) -> Response:
    """Take it: two people have it read out before it is used."""
    viewer, site = await viewer_of(request), site_of(request)
    require(viewer, Action.CONFIRM_KEY)  # before files of a stranger are read
    form, files = await uploads.read(site, request)
    values = form.values()
    content, wrong = _content(form, files)
    if not values.get("whose"):
        wrong = {"whose": "Choose whose certificate it is", **wrong}
    if wrong:
        return await _page(request, viewer, values, wrong)
    try:
        brought = await enrolling(site).add(
            content, values["whose"], other_user_id=form.one("other_user_id") == "yes", actor=viewer
        )
    except NotEnrolled as refused:
        return await _page(request, viewer, values, {"text" if form.one("text") else "file": refused.on_page})
    return RedirectResponse(page_of(site, brought.fingerprint), HTTPStatus.SEE_OTHER)


def _content(form: Form, files: tuple[Upload, ...]) -> tuple[bytes, dict[str, str]]:
    """What was brought, or what is wrong with how it was."""
    text = form.one("text")
    if len(files) > 1 or (files and text):
        return b"", {"file": "Bring one certificate at a time: a file, or its text"}
    if not files and not text:
        return b"", {"file": "Choose the file of the certificate, or paste its text below"}
    content = files[0].content if files else text.encode()
    if len(content) > LARGEST:
        return b"", {"file": "That is too large for a certificate: ask its holder for the certificate alone"}
    return content, {}


async def _page(request: Request, viewer: Viewer, values: dict[str, str], errors: dict[str, str]) -> Response:
    require(viewer, Action.CONFIRM_KEY)
    site = site_of(request)
    rules = await site.rules()
    async with site.hub.database.reading(site.hub.scope(viewer)) as tx:
        directory = await site.hub.directory(tx)
    whose = [
        option
        for agency in rules.agencies
        for option in (
            {"value": agency.id, "text": f"{agency.name}: all mailboxes"},
            *({"value": m.id, "text": f"{agency.name}: {m.id} alone"} for m in directory.of(agency.id)),
        )
    ]
    return await site.page(
        request, "desk/bring_key", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title="Bring a certificate",
        navigation=menu(request), signed_in_as=viewer.id, values=values, errors=errors, whose=whose, action=NEW,
    )  # fmt: skip
