"""The page of a drill: three words from inside a sealed test are typed here, and that is all.

1. Opening it changes nothing and shows nothing: whoever has the link may not have opened the letter, or be a scanner.
2. The words are the proof; five wrong tries lock it, and a person is told whom to ring.
"""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from exchange.drilling import Heard, hear
from exchange.store import drills
from exchange.store.drills import Drill
from exchange.web.context import Site, site_of
from templates.languages import N_, say

router = APIRouter()
LONGEST = 200  # characters typed: three words, and a few that somebody adds
WRONG = {
    Heard.WRONG: N_("These are not the three words in the message: check each one"),
    Heard.NO_WORDS: N_(
        "This holds no three words of the message. Type the three words that stand in it, like copper lantern meadow"
    ),
    Heard.LOCKED: N_("There were too many wrong words: please ring us, and read them out"),
}


@router.get("/drill/{token}")
async def show(request: Request, token: str) -> Response:
    """Where the words are typed."""
    site = site_of(request)
    return await _page(request, site, await _drill(site, token), "", {})


@router.post("/drill/{token}")
async def take(request: Request, token: str) -> Response:
    """The words."""
    site = site_of(request)
    form, drill, hub = await site.form(request), await _drill(site, token), site.hub
    words = form.one("words")[:LONGEST]
    async with hub.database.transaction(hub.scope()) as tx:
        heard = await hear(hub, tx, drill.id, words, "page")
        drill = await drills.load(tx, drill.id) or drill
    return await _page(request, site, drill, words, {"words": say(WRONG[heard])} if heard in WRONG else {})


async def _drill(site: Site, token: str) -> Drill:
    """Raises 404 for a link that we never made."""
    link, hub = site.room.addresses.read_page(token), site.hub
    async with hub.database.reading(hub.scope()) as tx:
        found = await drills.load(tx, link.ident) if link and link.kind == "drill_page" else None
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found


async def _page(request: Request, site: Site, drill: Drill, words: str, errors: dict[str, str]) -> Response:
    done = drill.ended == drills.ANSWERED
    status = HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK
    return await site.page(
        request, "public/drill_done" if done else "public/drill", status,
        title=say("Thank you") if done else say("Test"), values={"words": words}, errors=errors,
    )  # fmt: skip
