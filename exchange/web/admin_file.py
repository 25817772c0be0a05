"""Changing the hub file on pages: a form or the whole text becomes a proposal, which is seen before it holds."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from exchange.desk.changes import Changes
from exchange.desk.given import Unfit
from exchange.hubs import editing, entries
from exchange.hubs.editing import Change, Place
from exchange.hubs.refusal import HubError, HubFileRefused
from exchange.policy import Action, Viewer, require
from exchange.web.admin import HOME, changes_of, page
from exchange.web.context import shown, site_of
from exchange.web.sign_in import viewer_of

router = APIRouter()
NOUNS = {
    "hub": "The hub", "calendar": "Hours and closures", "rating": "Clocks", "agency": "Agency", "mailbox": "Mailbox",
    "person": "Person", "agreement": "Agreement", "route": "Row on who is asked", "turn": "Turn of the rota",
    "keep": "Row on how long records are kept", "clocks": "Named clocks",
}  # fmt: skip
BACK = {
    "hub": "hub", "calendar": "hub", "rating": "hub", "agency": "agencies", "mailbox": "agencies",
    "person": "agencies", "agreement": "agreements", "route": "routes", "turn": "rota", "keep": "retention",
    "clocks": "clocks",
}  # fmt: skip
CHANGE = HOME + "/change/"


@dataclass(frozen=True, slots=True)
class Asked:
    """One form: what of the file it is about, and where that stands."""

    what: str
    which: str  # its id; of something new, that of what it is added to
    new: bool
    changes: Changes
    base: str  # hash of the text that the form was filled from
    text: str
    data: dict[str, Any]
    where: Place  # () for something new

    @property
    def texts(self) -> dict[str, str]:
        """What the file says now."""
        return {} if self.new else entries.texts(self.data, self.where, self.what)

    def change(self, given: dict[str, str]) -> Change | None:
        """What the form asks for."""
        if self.new:
            return entries.begun(self.data, self.what, self.which, given)
        return entries.altered(self.data, self.where, self.what, given)


@router.get(HOME + "/part/{what}/{which}")
async def part(request: Request, what: str, which: str) -> Response:
    """A form with what the file says of one thing."""
    asked = await _asked(request, what, which)
    return await _form(request, asked, {**asked.texts, "base": asked.base}, {})


@router.post(HOME + "/part/{what}/{which}")
async def altered(request: Request, what: str, which: str) -> Response:
    """Propose what was altered."""
    await site_of(request).form(request)  # whether it is forged comes before whether there is such a thing
    return await _proposed(request, await _asked(request, what, which))


@router.get(HOME + "/new/{what}")
async def new(request: Request, what: str, of: str = "") -> Response:
    """An empty form for something that the file does not have yet."""
    asked = await _asked(request, what, of, new=True)
    return await _form(request, asked, {"base": asked.base}, {})


@router.post(HOME + "/new/{what}")
async def begun(request: Request, what: str, of: str = "") -> Response:
    """Propose it."""
    await site_of(request).form(request)
    return await _proposed(request, await _asked(request, what, of, new=True))


@router.post(HOME + "/part/{what}/{which}/end")
async def ended(request: Request, what: str, which: str) -> Response:
    """Propose to take it out of the file."""
    form = await site_of(request).form(request)
    asked = await _asked(request, what, which)
    if what not in entries.ENDS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    values = {**asked.texts, "base": form.one("base")}
    return await _propose(request, asked, entries.ended(asked.where), values)


async def _asked(request: Request, what: str, which: str, *, new: bool = False) -> Asked:
    viewer = await viewer_of(request)
    require(viewer, Action.CHANGE_HUB_FILE)
    changes = changes_of(site_of(request), viewer)
    base, text = await changes.in_force()
    data = editing.data_of(text)
    known = what in entries.BEGINS if new else bool(text and entries.fields(data, what))
    outer = entries.BEGINS.get(what, "") if new else what
    where = entries.place(data, outer, which) if known and outer else ()
    if not known or where is None or not text:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return Asked(what, which, new, changes, base, text, data, () if new else where)


async def _proposed(request: Request, asked: Asked) -> Response:
    form = await site_of(request).form(request)
    values = form.values()
    change = asked.change(values)
    if change is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return await _propose(request, asked, change, values)


async def _propose(request: Request, asked: Asked, change: Change, values: dict[str, str]) -> Response:
    try:
        text = editing.edited(asked.text, change)
        made = await asked.changes.propose(text, values.get("base", ""))
    except HubFileRefused as refused:
        told = entries.at_fields(asked.data, refused.faults, asked.where, asked.what, new=asked.new)
        return await _form(request, asked, values, told)
    except (HubError, Unfit) as refused:  # somebody was quicker, or nothing was altered
        return await _form(request, asked, values, {"": str(refused)})
    return RedirectResponse(CHANGE + made, HTTPStatus.SEE_OTHER)


async def _form(request: Request, asked: Asked, values: dict[str, str], errors: dict[str, str]) -> Response:
    address = f"{HOME}/new/{asked.what}?of={asked.which}" if asked.new else f"{HOME}/part/{asked.what}/{asked.which}"
    noun, asks = NOUNS[asked.what], entries.fields(asked.data, asked.what, new=asked.new)
    title = f"New {noun.lower()}" if asked.new else noun
    return await page(
        request, asked.changes.viewer, "part", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title=title,
        back=f"{HOME}/{BACK[asked.what]}", fields=asks, values=values,
        errors=errors, action=address, which="" if asked.which == asked.what else asked.which, new=asked.new,
        ends=asked.what in entries.ENDS and not asked.new, begins=BEGINS.get(asked.what, ()),
    )  # fmt: skip


BEGINS = {
    "agency": (("mailbox", "Add a mailbox"),),
    "mailbox": (("person", "Add a person who answers"), ("turn", "Add a turn of the rota")),
}


@router.get(HOME + "/file")
async def file(request: Request) -> Response:
    """The whole text, to read or to change."""
    viewer = await viewer_of(request)
    changes = changes_of(site_of(request), viewer)
    base, text = await changes.in_force()
    return await _file(request, viewer, {"text": text, "base": base}, {})


@router.post(HOME + "/file")
async def whole(request: Request) -> Response:
    """Propose another text."""
    viewer, site = await viewer_of(request), site_of(request)
    form = await site.form(request)
    text, base = form.one("text") + "\n", form.one("base")
    try:
        made = await changes_of(site, viewer).propose(text, base)
    except (HubError, Unfit) as refused:
        return await _file(request, viewer, form.values(), {"text": str(refused)})
    return RedirectResponse(CHANGE + made, HTTPStatus.SEE_OTHER)


@router.get(HOME + "/file/hub.toml")
async def download(request: Request) -> Response:
    """The text as a file."""
    viewer = await viewer_of(request)
    changes = changes_of(site_of(request), viewer)
    base, text = await changes.in_force()
    if not base:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    headers = {"Content-Disposition": 'attachment; filename="hub.toml"'}
    return Response(text, media_type="application/toml", headers=headers)


async def _file(request: Request, viewer: Viewer, values: dict[str, str], errors: dict[str, str]) -> Response:
    return await page(
        request, viewer, "file", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title="The hub file", back=HOME,
        values={"text": "", "base": ""} | values, errors=errors, faults=errors.get("text", "").splitlines(),
    )  # fmt: skip


@router.get(CHANGE + "{change}")
async def change(request: Request, change: str) -> Response:
    """What a proposal would change."""
    return await _change(request, await viewer_of(request), change, {})


@router.post(CHANGE + "{change}")
async def apply(request: Request, change: str) -> Response:
    """Put it in force."""
    viewer, site = await viewer_of(request), site_of(request)
    await site.form(request)
    try:
        await changes_of(site, viewer).apply(change)
    except (HubError, Unfit) as refused:
        return await _change(request, viewer, change, {"": str(refused)})
    return RedirectResponse(CHANGE + change, HTTPStatus.SEE_OTHER)


@router.post(CHANGE + "{change}/withdraw")
async def withdraw(request: Request, change: str) -> Response:
    """Nobody will apply it."""
    viewer, site = await viewer_of(request), site_of(request)
    await site.form(request)
    try:
        await changes_of(site, viewer).withdraw(change)
    except Unfit as refused:
        return await _change(request, viewer, change, {"": str(refused)})
    return RedirectResponse(CHANGE + change, HTTPStatus.SEE_OTHER)


async def _change(request: Request, viewer: Viewer, change: str, errors: dict[str, str]) -> Response:
    site = site_of(request)
    seen = await changes_of(site, viewer).look(change)
    rules, made, now = await site.rules(), seen.proposal, site.hub.clock.now()
    status = HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK
    return await page(
        request, viewer, "change", status, title="A change of the hub file", back=HOME, seen=seen,
        errors=errors, action=CHANGE + change, made=shown(made.made_at, rules, now),
        ended=shown(made.ended_at, rules, now) if made.ended_at else "", lines=[_line(line) for line in seen.lines],
    )  # fmt: skip


_SIGNS = {"+": ("Added", "green"), "-": ("Taken out", "red"), "~": ("Changed", "blue")}


def _line(line: str) -> dict[str, str]:
    sign, colour = _SIGNS.get(line[:1], ("Follows", "grey"))
    return {"sign": sign, "colour": colour, "text": line[2:] if line[:1] in _SIGNS else line}
