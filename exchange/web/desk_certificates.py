"""One certificate at the desk: whom to ring about it, and a form for what its holder read out.

Neither the page nor its address shows the fingerprint while it waits: what is written down is what was heard, not
what stands here.
"""

from __future__ import annotations

from datetime import date, timedelta
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from exchange.desk.people import People, people
from exchange.enrolling import Enrolling, NotEnrolled
from exchange.key_states import generation
from exchange.ours import grouped
from exchange.policy import Action, Viewer, require
from exchange.safe import digest
from exchange.web.context import Site, shown, site_of
from exchange.web.sign_in import menu, viewer_of
from keys.directory import AMBER
from templates import moments

router = APIRouter()
KEY = "/desk/directory/key/"
_DIGITS = 24  # hexadecimal ones of what stands for a certificate in an address
SIGNS = {"green": "green", "amber": "yellow", "red": "red"}


@router.get(KEY + "{certificate}")
async def show(request: Request, certificate: str) -> Response:
    """What stands of it, and what is to be done."""
    return await _page(request, await viewer_of(request), certificate, {}, {})


@router.post(KEY + "{certificate}")
async def confirm(request: Request, certificate: str) -> Response:
    """What the holder read out to whoever is signed in, or the code of the letter they got."""
    viewer, site = await viewer_of(request), site_of(request)
    form = await site.form(request)
    read_back, code = form.one("read_back")[:200], form.one("letter_code")[:40]
    if not read_back and not code:
        told = "Write what was read out to you, or the code of the letter"
        return await _page(request, viewer, certificate, form.values(), {"read_back": told})
    try:
        await enrolling(site).confirm(viewer, await _fingerprint(site, viewer, certificate), read_back, code)
    except NotEnrolled as refused:
        at = "letter_code" if code and not read_back else "read_back"
        return await _page(request, viewer, certificate, form.values(), {at: refused.on_page})
    return RedirectResponse(KEY + certificate, HTTPStatus.SEE_OTHER)


@router.post(KEY + "{certificate}/rung")
async def rung(request: Request, certificate: str) -> Response:
    """The contact known before was rung, and knows of the change."""
    viewer, site = await viewer_of(request), site_of(request)
    await site.form(request)
    try:
        await enrolling(site).rung(viewer, await _fingerprint(site, viewer, certificate))
    except NotEnrolled:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
    return RedirectResponse("/desk/directory", HTTPStatus.SEE_OTHER)


@router.post(KEY + "{certificate}/retire")
async def retire(request: Request, certificate: str) -> Response:
    """Nobody uses it any more, by the word of whoever is signed in."""
    viewer, site = await viewer_of(request), site_of(request)
    form = await site.form(request)
    if form.one("sure") != "yes":
        told = "Tick that nobody should use it any more"
        return await _page(request, viewer, certificate, {}, {"sure": told})
    try:
        await enrolling(site).retire(await _fingerprint(site, viewer, certificate), viewer)
    except NotEnrolled:  # somebody has a moment ago
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
    return RedirectResponse("/desk/directory", HTTPStatus.SEE_OTHER)


def enrolling(site: Site) -> Enrolling:
    """How certificates come into this hub."""
    return Enrolling(site.hub, site.keyroom, timedelta(seconds=site.settings.keys.hold))


def page_of(site: Site, fingerprint: str) -> str:
    """The address of a certificate's page: nobody can tell a fingerprint from it."""
    return KEY + digest(site.hub.safe.derive("certificate-pages"), fingerprint)[:_DIGITS]


async def _row(site: Site, viewer: Viewer, certificate: str) -> tuple[People, dict[str, Any]]:
    require(viewer, Action.CONFIRM_KEY)
    found = await people(site.hub, site.keyroom, viewer)
    row = next((key for key in found.keys if page_of(site, key["fingerprint"]) == KEY + certificate), None)
    if row is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found, row


async def _fingerprint(site: Site, viewer: Viewer, certificate: str) -> str:
    return str((await _row(site, viewer, certificate))[1]["fingerprint"])


async def _page(
    request: Request, viewer: Viewer, certificate: str, values: dict[str, str], errors: dict[str, str]
) -> Response:
    site = site_of(request)
    found, row = await _row(site, viewer, certificate)
    agency = found.rules.agency(row["agency"])
    return await site.page(
        request, "desk/certificate", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK,
        title=f"Certificate of {row['owner']}", navigation=menu(request), signed_in_as=viewer.id, values=values,
        errors=errors, key=_shown(row, found), whose=agency.name if agency else row["agency"],
        numbers=numbers_of(row, found), path=KEY + certificate,
        lines=() if row["state"] == "waiting" else grouped(row["fingerprint"]),
    )  # fmt: skip


def numbers_of(key: dict[str, Any], found: People) -> list[str]:
    """Whom to ring about it: who was there before, where a mailbox has another number since."""
    boxes = [m for m in found.directory.of(key["agency"]) if key["mailbox"] in ("", m.id)]
    return list(dict.fromkeys(m.proof_number for m in boxes))


def rows(agency: str, found: People, viewer: Viewer, site: Site) -> list[dict[str, Any]]:
    """An agency's certificates for the directory page; the fingerprint of one that waits is left out."""
    may = viewer.may(Action.CONFIRM_KEY)
    return [
        {**_shown(key, found), "path": page_of(site, key["fingerprint"]) if may else ""}
        for key in found.keys
        if key["agency"] == agency
    ]


def _shown(key: dict[str, Any], found: People) -> dict[str, Any]:
    from_ = shown(key["live_at"], found.rules, found.now) if key["live_at"] else ""
    waits = key["state"] == "waiting"
    ends = "" if key["until"] == "-" else moments.day(date.fromisoformat(key["until"]))
    words = {
        "waiting": f"Waits: {key['missing']}",
        "held": f"Proved. Used from {from_}, unless it is retired before",
    }.get(key["state"], key["use"].capitalize())
    left = (date.fromisoformat(key["until"]) - found.now.date()).days if ends and key["state"] == "in_use" else -1
    if 0 <= left <= AMBER.days:  # in words, for whoever does not see the colour
        words += f"; ends {'today' if not left else 'tomorrow' if left == 1 else f'in {left} days'}"
    return {
        **key, "words": words, "of": key["mailbox"] or "all mailboxes", "sign": SIGNS[key["health"]],
        "generation": generation(key),
        "short": "" if waits else f"…{key['fingerprint'][-8:]}", "ends": ends,
    }  # fmt: skip
