"""The links in our letters: which case one leads to, the code that only the sealed letter holds, and who answers."""

from __future__ import annotations

import hmac
import json
from http import HTTPStatus

from fastapi import HTTPException, Request
from fastapi.responses import Response

from exchange.case.acknowledgement import Proof
from exchange.case.state import Case
from exchange.codes import MOST_TRIES
from exchange.safe import digest
from exchange.store import casebook, guesses
from exchange.web.context import Site, site_of
from exchange.web.forgery import Form
from mailflow.reply_address import Token
from templates.languages import N_, say

LONGEST = 20_000  # characters of words that a page takes
_HELD = "held"
_BY_NOTICE = "/notice"
NEEDS_CODE = N_("This answer needs the code that stands inside the encrypted message")


async def case_of(site: Site, token: str, *, sealed: bool = False) -> tuple[Case, Token, str]:
    """The case, the link, and what in the case it is about. Raises 404 for a link that we never made, and with
    `sealed` for one that stood in readable mail."""
    link = site.room.addresses.read_page(token)
    if link is None or (sealed and link.kind != "page"):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    case_id, _, about = link.ident.partition("-")
    hub = site.hub
    async with hub.database.reading(hub.scope()) as tx:
        try:
            return await casebook.load(tx, case_id), link, about
        except casebook.NoSuchCase:
            raise HTTPException(HTTPStatus.NOT_FOUND) from None


def allow(case: Case, agency: str) -> None:
    """Raises ShutOut for an agency that must not see the case any more."""
    if case.shuts_out(agency):
        raise casebook.ShutOut("no such case", case.id, agency)


async def wrong_code(site: Site, case: Case, about: str, form: Form, *, by_notice: bool = False) -> str:
    """What is wrong with the code, or "". Five wrong tries lock it; those by a link that was readable on its way lock
    that page alone."""
    code, hub = form.one("code")[:100], site.hub
    if not code:
        return say(NEEDS_CODE)
    tried = f"{case.id}/{about}{_BY_NOTICE if by_notice else ''}"
    async with hub.database.transaction(hub.scope()) as tx:
        if await guesses.tried(tx, tried) >= MOST_TRIES:
            return say("There were too many wrong codes: reply to the mail, or ring us")
        if hub.codes.is_packet(case.id, about, code):
            return ""
        await guesses.wrong(tx, tried)
    return say("This is not the code inside the message: check each letter")


def hold(site: Site, response: Response, token: str, code: str, seconds: int) -> None:
    """Let this browser keep the code of the letter it has fetched: the page that asks for it need not ask again."""
    site.keep(response, _kept_as(site, token), f"{token}/{code}/{_mac(site, token, code)}", seconds)


def held(request: Request, token: str) -> dict[str, str]:
    """The code that this browser holds for this page, filled in; nothing when it has fetched no letter."""
    site = site_of(request)
    token_kept, _, rest = request.cookies.get(site.cookie(_kept_as(site, token)), "").partition("/")
    code, _, mac = rest.partition("/")
    right = token_kept == token and hmac.compare_digest(_mac(site, token, code).encode(), mac.encode())
    return {"code": code} if right else {}


def _kept_as(site: Site, token: str) -> str:
    """Each letter by itself: whoever has several open answers any of them."""
    return f"{_HELD}-{digest(site.cookie_secret, token)[:12]}"


def _mac(site: Site, token: str, code: str) -> str:
    return digest(site.cookie_secret, f"held\0{token}\0{code}")


def who(form: Form, proof: Proof) -> bytes:
    """Who answered and how we know: kept sealed."""
    said = {"name": form.one("name"), "telephone": form.one("telephone"), "checked": proof.name.lower(), "at": ""}
    return json.dumps(said).encode()
