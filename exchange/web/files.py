"""Files with a referral: chosen, checked one by one, and kept with the draft until it is sent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange import attachments
from exchange.attachments import MOST, Taken, Unfit, Upload
from exchange.case.attachment import FileKind
from exchange.web import asking, drafts, uploads
from exchange.web.context import Site, site_of
from exchange.web.drafts import Draft, NoDraft
from exchange.web.questions import FILES, ON_THE_WAY, to
from templates.languages import N_, say

router = APIRouter()
_HERE = "/referral/files"
CHECK = "check"  # where one goes on to, unless one came from a page of questions
_SLUG = re.compile(r"[a-z0-9-]{1,40}(\?(change|list))?")
FULL = N_("We cannot keep more files just now. Send the rest without them: a person will ask you for them.")
TOO_MANY = N_("You can send %(most)s files at once: the others were not taken. Add them on your receipt page.")


@router.get("/referral/files")
async def show(request: Request) -> Response:
    """Those chosen so far, and a place for more."""
    site, query = site_of(request), request.query_params
    came = _From(_back(query.get("back", "")), ON_THE_WAY in query)
    try:
        return await _page(request, site, await drafts.load(site, request), came)
    except NoDraft:
        return await _expired(request, site)


@router.post("/referral/files")
async def take(request: Request) -> Response:
    """Keep those chosen now, or take one away. Whoever goes on with a file chosen means to send it: it is added."""
    site = site_of(request)
    form, chosen = await uploads.read(site, request)
    try:
        draft = await drafts.load(site, request)
    except NoDraft:
        return await _expired(request, site)
    if draft.sent:
        return to("/referral/sent")
    came = _From(_back(form.one("back")), bool(form.one(ON_THE_WAY)))
    here = came.here
    if gone := form.one("remove"):
        draft.files = [f for f in draft.files if f["id"] != gone]
        await drafts.drop_file(site, draft, gone)
        return await _kept(site, draft, here)
    onward = f"/referral/{came.back}" if form.one("on") and "add" not in request.query_params else here
    if onward != here and FILES not in draft.seen:
        draft.seen.append(FILES)
    if not chosen and onward == here:
        return await _page(request, site, draft, came, say("Choose a file, or go on"))
    taken, wrong = await fitting(site, chosen, MOST - len(draft.files))
    if taken and not await drafts.keep_files(site, draft, taken):
        return await _page(request, site, draft, came, say(FULL))
    draft.files += [f.told for f in taken]
    response = await _kept(site, draft, onward)
    return await _page(request, site, draft, came, wrong) if wrong else response


@dataclass(frozen=True, slots=True)
class _From:
    """Where somebody came from, to go on there."""

    back: str
    on_the_way: bool

    @property
    def carried(self) -> dict[str, str]:
        """What the page's forms take along."""
        back = {"back": self.back} if self.back != CHECK else {}
        return back | ({ON_THE_WAY: "yes"} if self.on_the_way else {})

    @property
    def here(self) -> str:
        """This page again."""
        return f"{_HERE}?{urlencode(self.carried)}" if self.carried else _HERE


def _back(slug: str) -> str:
    """The page of the form that somebody came from, and goes back to."""
    return slug if _SLUG.fullmatch(slug) else CHECK


async def fitting(site: Site, chosen: tuple[Upload, ...], room: int) -> tuple[tuple[Taken, ...], str]:
    """Those that may be taken, and what is wrong with the others, in one sentence each."""
    taken, wrong = [], []
    for upload in chosen[: max(room, 0)]:
        try:
            taken.append(await attachments.take(site.hub, upload))
        except Unfit as unfit:
            wrong.append(str(unfit))
    if len(chosen) > max(room, 0):
        wrong.append(say(TOO_MANY, most=MOST))
    return tuple(taken), " ".join(wrong)


async def _kept(site: Site, draft: Draft, onward: str) -> Response:
    response = to(onward)
    await drafts.save(site, response, draft)
    return response


async def _expired(request: Request, site: Site) -> Response:
    return await site.page(request, "error", HTTPStatus.GONE, kind="expired")


async def _page(request: Request, site: Site, draft: Draft, came: _From, wrong: str = "") -> Response:
    return await site.page(
        request, "public/files", HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK, title=say("Files"),
        files=[row(f) for f in draft.files], room=len(draft.files) < MOST, most=MOST, accept=attachments.ACCEPT,
        largest=attachments.size(attachments.LARGEST), errors={"files": wrong} if wrong else {},
        back=f"/referral/{asking.steps(draft)[-1].slug if came.on_the_way else came.back}",
        onward=f"/referral/{came.back}", carried=came.carried, on_the_way=came.on_the_way,
    )  # fmt: skip


def row(told: dict[str, str]) -> dict[str, str]:
    """One file as a page shows it."""
    kind = say(attachments.LABELS[FileKind(told["kind"])])
    return {"id": told["id"], "name": told["name"], "what": f"{kind}, {attachments.size(int(told['size']))}"}
