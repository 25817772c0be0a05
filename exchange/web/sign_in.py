"""Who is signed in: one session for each browser, that ends by itself and can be ended from anywhere.

1. A cookie is 256 random bits; the database holds its keyed digest only. Each proof of who somebody is makes a new
   one, and the one before it opens nothing more.
2. A session ends a while after its last page, and after a working day whatever was done in it.
3. Who holds no role at the moment is not signed in, however they prove who they are.
"""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from datetime import datetime, timedelta

from fastapi import Request
from fastapi.responses import Response

from exchange import covering
from exchange.blockers import today
from exchange.policy import Action, Viewer
from exchange.proving import Way
from exchange.safe import digest
from exchange.store import journal, sessions, staff
from exchange.store.sessions import Session
from exchange.web.context import Site, site_of
from exchange.web.pages import Link

COOKIE = "staff"
TOKEN_BYTES = 32
SEEN_EVERY = timedelta(minutes=1)  # how exact "last seen" is: a page more writes nothing
MENU = (
    ("Cases", "/desk", Action.SEE_STATUS),
    ("Who has not answered", "/desk/silence", Action.SEE_STATUS),
    ("Take a telephone referral", "/desk/telephone", Action.TAKE_CONTACT),
    ("Consultation", "/desk/consultation", Action.TAKE_CONTACT),
    ("Search", "/desk/search", Action.SEARCH),
    ("Directory", "/desk/directory", Action.SEE_DIRECTORY),
    ("Sessions", "/desk/sessions", Action.SEE_STATUS),
    ("Other mail", "/desk/mail", Action.SEE_CONTENT),
    ("Drift", "/desk/drift", Action.SEE_STATUS),
    ("Administration", "/desk/admin", Action.SEE_ADMINISTRATION),
)


class SignedOut(PermissionError):
    """Nobody is signed in in this browser: sign in again."""

    def __init__(self, member: str = "", ended: str = "") -> None:
        self.member = member  # whose session it was, where it is still known
        self.ended = ended  # how it ended: see `how_over`
        super().__init__(self.__doc__)


class Unfinished(PermissionError):
    """Signed in by a password alone, where something must come on top of it: set that up first."""


async def viewer_of(request: Request, *, active: bool = True) -> Viewer:
    """Who is signed in, with whom they stand in for today. What a page fetches by itself is not `active`: nobody
    stays signed in by leaving it open. Raises SignedOut or Unfinished."""
    session, viewer = await somebody(request, active=active)
    if session.way == Way.PASSWORD and site_of(request).settings.sign_in.second == "required":
        raise Unfinished
    return viewer


async def somebody(request: Request, *, active: bool = True) -> tuple[Session, Viewer]:
    """As `viewer_of`, and with their session; also who has still to set up what comes on top of a password."""
    site = site_of(request)
    token = request.cookies.get(site.cookie(COOKIE), "")
    if not token:
        raise SignedOut
    hub, now, kept = site.hub, site.hub.clock.now(), digest(site.cookie_secret, token)
    async with hub.database.reading(hub.scope("desk")) as tx:
        session = await sessions.find(tx, kept)
        if session is None:
            raise SignedOut
        member = await staff.find(tx, session.staff)
        if is_over(site, session, now) or member is None or not member.roles_at(now):
            raise SignedOut(session.staff, how_over(site, session, now))
        viewer = await covering.viewer_of(tx, member, today(await site.rules(), now), now)
    if active and now - session.seen_at > SEEN_EVERY:
        async with hub.database.transaction(hub.scope("desk")) as tx:
            await sessions.seen(tx, kept, now)
        session = replace(session, seen_at=now)
    viewer = replace(viewer, stale=now - session.proved_at > timedelta(seconds=site.settings.sign_in.prove_again))
    request.state.session, request.state.viewer = session, viewer
    return session, viewer


def is_over(site: Site, session: Session, now: datetime) -> bool:
    """Whether the session has ended, by itself or by somebody."""
    limits = site.settings.sign_in
    ends = session.ends_at(timedelta(seconds=limits.idle), timedelta(seconds=limits.longest))
    return session.ended_at is not None or ends <= now


def how_over(site: Site, session: Session, now: datetime) -> str:
    """How a session came to its end: by "quiet", by "age", or because somebody ended it ("out")."""
    limits = site.settings.sign_in
    if session.ended_at is not None or not is_over(site, session, now):
        return "out"
    lasts = session.created_at + timedelta(seconds=limits.longest)
    return "quiet" if session.seen_at + timedelta(seconds=limits.idle) < lasts else "age"


def menu(request: Request) -> tuple[Link, ...]:
    """The desk's menu: what this viewer may."""
    viewer: Viewer = request.state.viewer
    links = tuple(Link(text, href, request.url.path == href) for text, href, needs in MENU if viewer.may(needs))
    account = Link("Your account", "/desk/account", request.url.path == "/desk/account")
    return (*links, account, Link("Sign out", "/desk/sign-out"))


async def begin(request: Request, response: Response, member: str, way: str) -> None:
    """Sign a member in in this browser; whatever was signed in there before is not any more."""
    site = site_of(request)
    hub, now = site.hub, site.hub.clock.now()
    token, before = _token(site), request.cookies.get(site.cookie(COOKIE), "")
    agent = request.headers.get("user-agent", "")
    session = Session(hub.chance.id(), member, now, now, now, way, device(agent), digest(site.cookie_secret, token))
    async with hub.database.transaction(hub.scope(member)) as tx:
        await sessions.sweep(tx, now - 2 * timedelta(seconds=site.settings.sign_in.longest))
        if before and (old := await sessions.find(tx, digest(site.cookie_secret, before))):
            await sessions.end(tx, old.staff, old.id, now)
        await sessions.put(tx, session)
        await journal.note(tx, journal.ACCESS, "SignedIn", now, hub.chance.id(), way=way)
    site.keep(response, COOKIE, token)


async def prove(request: Request, response: Response, session: Session, way: str = "") -> None:
    """The person showed once more that it is them: the session goes on, under another cookie. With `way` they have
    set up what comes on top of their password."""
    site = site_of(request)
    hub, now, token = site.hub, site.hub.clock.now(), _token(site)
    async with hub.database.transaction(hub.scope(session.staff)) as tx:
        await sessions.proved(tx, session.digest, digest(site.cookie_secret, token), now, way or session.way)
    site.keep(response, COOKIE, token)


async def end(request: Request, response: Response) -> None:
    """Nobody is signed in in this browser any more."""
    site = site_of(request)
    token = request.cookies.get(site.cookie(COOKIE), "")
    async with site.hub.database.transaction(site.hub.scope("desk")) as tx:
        if session := await sessions.find(tx, digest(site.cookie_secret, token)):
            await sessions.end(tx, session.staff, session.id, site.hub.clock.now())
    site.forget(response, COOKIE)


def device(agent: str) -> str:
    """What a person calls the browser and machine they sit at. No more is kept of them."""
    browser = next((name for name, mark in _BROWSERS if re.search(mark, agent)), "A browser")
    machine = next((name for name, mark in _MACHINES if re.search(mark, agent)), "")
    return f"{browser} on {machine}" if machine else browser


_BROWSERS = (  # the first that fits: each claims to be those below it as well
    ("Edge", r"\bEdg"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Firefox", r"\b(Firefox|FxiOS)/"),
    ("Chrome", r"(Chrome|CriOS|Chromium)/"),
    ("Safari", r"\bSafari/"),
)
_MACHINES = (
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("Android", r"\bAndroid\b"),
    ("Windows", r"\bWindows\b"),
    ("a Mac", r"\bMac OS X\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("Linux", r"\bLinux\b"),
)


def _token(site: Site) -> str:
    return base64.urlsafe_b64encode(site.hub.chance.bytes(TOKEN_BYTES)).decode()
