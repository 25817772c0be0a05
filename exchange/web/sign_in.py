"""Signing in: staff of the hub, by name and password, for a working day at most and half an hour of quiet.

1. A cookie is 256 random bits; the database holds its keyed digest only.
2. An unknown name and a wrong password are told alike, and take the same time.
3. Ten wrong passwords for one name lock that name until the hour is over.
"""

from __future__ import annotations

import asyncio
import base64
from datetime import timedelta
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from exchange import covering
from exchange.blockers import today
from exchange.policy import Action, Viewer
from exchange.safe import digest
from exchange.store import guesses, staff
from exchange.web.context import Site, site_of
from exchange.web.pages import Link
from keys import passwords

router = APIRouter()
COOKIE = "staff"
IDLE, WHOLE = timedelta(minutes=30), timedelta(hours=12)
MOST_TRIES = 10
TOKEN_BYTES = 32
MENU = (
    ("Cases", "/desk"),
    ("Take a telephone referral", "/desk/telephone"),
    ("Consultation", "/desk/consultation"),
    ("Search", "/desk/search"),
    ("Directory", "/desk/directory"),
    ("Sessions", "/desk/sessions"),
    ("Other mail", "/desk/mail"),
    ("Drift", "/desk/drift"),
)
ADMINISTRATION = (("Administration", "/desk/admin"),)


class SignedOut(PermissionError):
    """Nobody is signed in in this browser: sign in again."""


async def viewer_of(request: Request) -> Viewer:
    """Who is signed in, with whom they stand in for today. Raises SignedOut."""
    site = site_of(request)
    token = request.cookies.get(site.cookie(COOKIE), "")
    if not token:
        raise SignedOut
    hub, now, kept = site.hub, site.hub.clock.now(), digest(site.cookie_secret, token)
    async with hub.database.transaction(hub.scope("desk")) as tx:
        session = await staff.session(tx, kept)
        if session is None or now - session.seen_at > IDLE or now - session.created_at > WHOLE:
            raise SignedOut
        member = await staff.find(tx, session.staff)
        if member is None:
            raise SignedOut
        if now - session.seen_at > timedelta(minutes=1):
            await staff.seen(tx, kept, now)
        viewer = await covering.viewer_of(tx, member, today(await site.rules(), now))
    request.state.viewer = viewer  # the menu of the page that follows is theirs
    return viewer


def menu(request: Request) -> tuple[Link, ...]:
    """The desk's menu, with what whoever is signed in may look after."""
    viewer: Viewer | None = getattr(request.state, "viewer", None)
    more = ADMINISTRATION if viewer and viewer.may(Action.SEE_ADMINISTRATION) else ()
    links = tuple(Link(text, href, request.url.path == href) for text, href in (*MENU, *more))
    return (*links, Link("Sign out", "/desk/sign-out"))


@router.get("/desk/sign-in")
async def ask(request: Request) -> Response:
    """Name and password."""
    return await _page(request, {}, {})


@router.post("/desk/sign-in")
async def sign_in(request: Request) -> Response:
    """Let a member of staff in."""
    site = site_of(request)
    form = await site.form(request)
    name = form.one("member")[:60]
    if not await _is_right(site, name, form.one("password")[:200]):
        return await _page(request, {"member": name}, {"password": "Name or password is wrong, or tried too often"})
    token = base64.urlsafe_b64encode(site.hub.chance.bytes(TOKEN_BYTES)).decode()
    async with site.hub.database.transaction(site.hub.scope(name)) as tx:
        await staff.open_session(tx, digest(site.cookie_secret, token), name, site.hub.clock.now())
    response = RedirectResponse("/desk", HTTPStatus.SEE_OTHER)
    site.keep(response, COOKIE, token)
    return response


@router.get("/desk/sign-out")
async def ask_out(request: Request) -> Response:
    """A link may not sign anybody out: a button does."""
    return await site_of(request).page(request, "desk/sign_out", title="Sign out", action="/desk/sign-out")


@router.post("/desk/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session."""
    site = site_of(request)
    await site.form(request)
    token = request.cookies.get(site.cookie(COOKIE), "")
    async with site.hub.database.transaction(site.hub.scope("desk")) as tx:
        await staff.end_session(tx, digest(site.cookie_secret, token))
    response = RedirectResponse("/desk/sign-in", HTTPStatus.SEE_OTHER)
    site.forget(response, COOKIE)
    return response


async def _is_right(site: Site, name: str, password: str) -> bool:
    hub = site.hub
    about = f"sign-in:{name}:{hub.clock.now():%Y%m%d%H}"
    async with hub.database.reading(hub.scope("desk")) as tx:
        member = await staff.find(tx, name)
        tries = await guesses.tried(tx, about)
    right = await asyncio.to_thread(passwords.is_right, member.password if member else None, password)
    if right and member and tries < MOST_TRIES:
        return True
    async with hub.database.transaction(hub.scope("desk")) as tx:
        await guesses.wrong(tx, about)
    return False


async def _page(request: Request, values: dict[str, str], errors: dict[str, str]) -> Response:
    status = HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK
    return await site_of(request).page(request, "desk/sign_in", status, title="Sign in", values=values, errors=errors)
