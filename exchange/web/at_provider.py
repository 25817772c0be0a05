"""Signing in at a council's identity provider: there, and back again.

1. What we remember of somebody in the meantime is sealed in a cookie of their own browser, for ten minutes, good
   once. That cookie alone is Lax: the provider sends them back from another site, where Strict ones stay at home.
2. A mail address counts for the first sign-in alone: from then on it is the provider's own id for them, so that an
   address which is given to somebody else lets nobody in.
3. The page they come back to signs them in and leads on by itself: only what our own page asks for has the session.
"""

from __future__ import annotations

import base64
import hashlib
import json
import ssl
from dataclasses import asdict
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from exchange.hub import Hub
from exchange.provider import Asked, IdentityProvider
from exchange.proving import Way
from exchange.staffing import identity
from exchange.store import factors, passkeys, sessions, staff
from exchange.store.database import Transaction
from exchange.web import sign_in
from exchange.web.context import Site, site_of
from exchange.web.front_door import refused_page
from keys import browser_key
from keys.id_token import Said
from keys.refusal import Refused

router = APIRouter()
COOKIE = "away"
LASTS = timedelta(minutes=10)
BACK = "/desk/sign-in/back"
_STALE = "This took too long, or began in another browser: try again"
_NOT_AGAIN = "This did not show that it is you: open the desk, and try another way"
_UNKNOWN = "You are known there, but not here: ask your hub manager to let you in"


@router.get("/desk/sign-in/provider")
async def go(request: Request) -> Response:
    """Send somebody to the provider. A link and no form: our policy lets no form lead to another site."""
    return await _sent(request, {})


@router.get("/desk/prove/provider")
async def go_again(request: Request) -> Response:
    """Send somebody who is signed in there to show once more who they are."""
    session, _ = await sign_in.somebody(request)
    return await _sent(request, {"member": session.staff, "session": session.digest})


@router.get(BACK)
async def back(request: Request, code: str = "", state: str = "", iss: str = "") -> Response:
    """They come back: let in whoever they are here."""
    site = site_of(request)
    try:
        kept = await _remembered(site, request, state)
        said = await _provider(site).finish(Asked(**kept["asked"]), code[:2000], iss[:500], site.hub.clock.now())
        member = await _member(site, said)
    except Refused as refused:
        return await refused_page(request, str(refused))
    response: Response = await site.page(request, "desk/signed_in", title="Signed in")
    if "member" in kept:
        if not await _proved(request, response, kept, member, said):
            return await refused_page(request, _NOT_AGAIN)
    else:
        await sign_in.begin(request, response, member, Way.PROVIDER)
    site.forget(response, COOKIE)
    return response


async def _sent(request: Request, about: dict[str, str]) -> Response:
    site = site_of(request)
    if not site.settings.provider.issuer:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    now = site.hub.clock.now()
    try:
        where, asked = await _provider(site).begin(again=bool(about))
    except Refused as refused:
        return await refused_page(request, str(refused))
    kept = {**about, "asked": asdict(asked), "begun": now.timestamp()}
    response = RedirectResponse(where, HTTPStatus.SEE_OTHER)
    sealed = browser_key.seal(_key(site), json.dumps(kept).encode()).decode()
    site.keep(response, COOKIE, sealed, int(LASTS.total_seconds()), "lax")
    return response


async def _remembered(site: Site, request: Request, state: str) -> dict[str, Any]:
    """What we remember of whoever comes back with this state, this once. Raises Refused."""
    now = site.hub.clock.now()
    if not site.settings.provider.issuer:
        raise Refused(_STALE)
    try:
        kept: dict[str, Any] = json.loads(
            browser_key.unseal(_key(site), request.cookies.get(site.cookie(COOKIE), "").encode())
        )
    except Refused:
        raise Refused(_STALE) from None
    if kept["asked"]["state"] != state or now.timestamp() - kept["begun"] > LASTS.total_seconds():
        raise Refused(_STALE)
    async with site.hub.database.transaction(site.hub.scope("desk")) as tx:
        if not await passkeys.spend(tx, hashlib.sha256(state.encode()).hexdigest(), now, now + LASTS):
            raise Refused(_STALE)
    return kept


async def _member(site: Site, said: Said) -> str:
    """Who they are here, of those who hold a role. Raises Refused."""
    hub, issuer = site.hub, site.settings.provider.issuer
    by_subject = identity(hub, issuer, factors.SUBJECT, said.subject)
    async with hub.database.transaction(hub.scope("desk")) as tx:
        known = await factors.identified(tx, by_subject)
        if known is None and said.address:
            known = await _first(tx, hub, issuer, said, by_subject)
        found = await staff.find(tx, known[0]) if known else None
    if found is None or not found.roles_at(hub.clock.now()):
        raise Refused(_UNKNOWN)
    return found.id


async def _first(tx: Transaction, hub: Hub, issuer: str, said: Said, by_subject: str) -> tuple[str, str] | None:
    """Whom we know by this address alone: from now on by the provider's id."""
    by_address = identity(hub, issuer, factors.ADDRESS, said.address)
    known = await factors.identified(tx, by_address)
    if known:
        await factors.forget_identity(tx, by_address)
        await factors.put_identity(tx, known[0], by_subject, factors.SUBJECT, hub.clock.now())
    return known


async def _proved(
    request: Request, response: Response, kept: dict[str, Any], member: str, said: Said
) -> bool:  # fmt: skip
    """Whether whoever was sent to show it once more did: the same member, in the session they have, just now."""
    site = site_of(request)
    async with site.hub.database.reading(site.hub.scope(member)) as tx:
        session = await sessions.find(tx, kept["session"])
    if member != kept["member"] or session is None or sign_in.is_over(site, session, site.hub.clock.now()):
        return False
    if said.proved_at < kept["begun"] - 60:  # the clocks of two machines
        return False
    await sign_in.prove(request, response, session)
    return True


def _provider(site: Site) -> IdentityProvider:
    settings = site.settings
    mine = settings.provider
    secret = settings.path(mine.client_secret_file).read_text().strip() if mine.client_secret_file else ""
    trust = ssl.create_default_context(cafile=settings.path(mine.ca_file) if mine.ca_file else None)
    return IdentityProvider(mine, secret, settings.base_url + BACK, trust)


def _key(site: Site) -> str:
    return base64.urlsafe_b64encode(site.hub.safe.derive("provider")).decode()
