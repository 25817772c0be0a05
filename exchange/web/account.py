"""A member's own account: passkeys, app, codes on paper, password, and where they are signed in.

Whatever changes how somebody signs in asks first that they show who they are, unless they just did: a browser that
was left open lets nobody in for good.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from exchange.passkeys import Owner
from exchange.policy import ProveAgain, Viewer
from exchange.proving import Proving, Way
from exchange.staffing import LEAST_PASSWORD, PASSKEYS
from exchange.store import journal, sessions
from exchange.store.sessions import Session
from exchange.web import sign_in
from exchange.web.context import Site, shown, site_of
from exchange.web.front_door import ACCOUNT
from exchange.web.passkeys import ANSWER, FIELD, offer_register, passkeys_of
from exchange.web.sign_in import menu, somebody
from keys import authenticator
from keys.refusal import Refused
from templates.square import square

router = APIRouter()
APP = "/desk/account/app"


@router.get("/desk/account")
async def account(request: Request) -> Response:
    """How this member signs in, and where they are."""
    session, _ = await somebody(request)
    return await _page(request, session, {})


@router.post("/desk/account/passkeys")
async def add_passkey(request: Request) -> Response:
    """Keep a passkey that was made on the page."""
    session, form = await _sure(request)
    site = site_of(request)
    try:
        await (await passkeys_of(site)).finish_register(
            Owner(PASSKEYS, session.staff), session.digest, form.one("label"), form.one(FIELD)[:ANSWER]
        )
    except Refused as refused:
        return await _page(request, session, {"label": str(refused)}, {"label": form.one("label")})
    await site.hub.note(journal.DIRECTORY, "PasskeyAdded", session.staff, staff=session.staff)
    return await _finished(request, session, Way.PASSKEY)


@router.post("/desk/account/passkeys/{digest}/remove")
async def remove_passkey(request: Request, digest: str) -> Response:
    """A passkey counts no more."""
    session, _ = await _sure(request)
    site = site_of(request)
    if not await (await passkeys_of(site)).remove(Owner(PASSKEYS, session.staff), digest):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    await site.hub.note(journal.DIRECTORY, "PasskeyRemoved", session.staff, staff=session.staff)
    return _back()


@router.post("/desk/account/app")
async def new_app(request: Request) -> Response:
    """Begin to set an app up."""
    session, _ = await _sure(request)
    await Proving(site_of(request).hub).new_app(session.staff)
    return RedirectResponse(APP, HTTPStatus.SEE_OTHER)


@router.get("/desk/account/app")
async def show_app(request: Request) -> Response:
    """The square that the app reads, and what to type where it cannot."""
    session = await _proved(request)
    return await _app_page(request, session, {})


@router.get("/desk/account/app.svg")
async def app_square(request: Request) -> Response:
    """The square as a picture; only while the app is being set up."""
    session, site = await _proved(request), site_of(request)
    secret = await Proving(site.hub).app_secret(session.staff)
    if secret is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    text = authenticator.address(secret, session.staff, (await site.rules()).name)
    return Response(square(text), media_type="image/svg+xml")


@router.post("/desk/account/app/works")
async def app_works(request: Request) -> Response:
    """The app shows the right code: from now on it counts."""
    session, form = await _sure(request)
    if not await Proving(site_of(request).hub).app_works(session.staff, form.one("code")[:20]):
        wrong = "This is not the code the app shows now: wait for the next one, and type it"
        return await _app_page(request, session, {"code": wrong})
    return await _finished(request, session, Way.CODE)


@router.post("/desk/account/app/remove")
async def remove_app(request: Request) -> Response:
    """The app counts no more."""
    session, _ = await _sure(request)
    await Proving(site_of(request).hub).remove_app(session.staff)
    return _back()


@router.post("/desk/account/papers")
async def new_papers(request: Request) -> Response:
    """Codes on paper, shown this once."""
    session, _ = await _sure(request)
    codes = await Proving(site_of(request).hub).new_papers(session.staff)
    return await _frame(request, "desk/papers", "Codes on paper", codes=codes)


@router.post("/desk/account/password")
async def new_password(request: Request) -> Response:
    """Another password; every other browser is signed out."""
    session, form = await _sure(request)
    site, typed = site_of(request), form.one("new_password")[:200]
    if not await Proving(site.hub).new_password(session.staff, typed):
        return await _page(request, session, {"new_password": f"Write at least {LEAST_PASSWORD} characters"})
    await _end_others(site, session)
    return _back()


@router.post("/desk/account/sessions/{of}/end")
async def end_session(request: Request, of: str) -> Response:
    """Sign one other browser out."""
    session, _ = await somebody(request)
    site = site_of(request)
    await site.form(request)
    async with site.hub.database.transaction(site.hub.scope(session.staff)) as tx:
        if not await sessions.end(tx, session.staff, of, site.hub.clock.now()):
            raise HTTPException(HTTPStatus.NOT_FOUND)
    return _back()


@router.post("/desk/account/sign-out-everywhere")
async def end_everywhere(request: Request) -> Response:
    """Sign out of every browser, this one too."""
    session, _ = await somebody(request)
    site = site_of(request)
    await site.form(request)
    async with site.hub.database.transaction(site.hub.scope(session.staff)) as tx:
        await sessions.end_all(tx, session.staff, site.hub.clock.now())
    # The cookie stays, of a session that is over: it tells whose it is that another tab of this browser sends now.
    return RedirectResponse("/desk/sign-in", HTTPStatus.SEE_OTHER)


async def _proved(request: Request) -> Session:
    """The session of somebody who showed a moment ago who they are. Raises ProveAgain or SignedOut."""
    session, viewer = await somebody(request)
    if viewer.stale:
        raise ProveAgain
    return session


async def _sure(request: Request) -> tuple[Session, Any]:
    """As `_proved`, with the form that was sent."""
    session = await _proved(request)
    return session, await site_of(request).form(request)


async def _finished(request: Request, session: Session, way: Way) -> Response:
    """What comes on top of the password is set up: whoever has no codes on paper yet is given some."""
    site, proving = site_of(request), Proving(site_of(request).hub)
    way = way if session.way == Way.PASSWORD else Way(session.way)
    if not (await proving.has(session.staff)).papers:
        codes = await proving.new_papers(session.staff)
        response = await _frame(request, "desk/papers", "Codes on paper", codes=codes)
    else:
        response = _back()
    await sign_in.prove(request, response, session, way)
    await _end_others(site, session)
    return response


async def _end_others(site: Site, session: Session) -> None:
    """Every other browser of this member's is signed out: somebody else may sit at one."""
    async with site.hub.database.transaction(site.hub.scope(session.staff)) as tx:
        for other in await sessions.of(tx, session.staff):
            if other.id != session.id:
                await sessions.end(tx, session.staff, other.id, site.hub.clock.now())


def _back() -> Response:
    return RedirectResponse(ACCOUNT, HTTPStatus.SEE_OTHER)


async def _app_page(request: Request, session: Session, errors: dict[str, str]) -> Response:
    secret = await Proving(site_of(request).hub).app_secret(session.staff)
    if secret is None:
        return _back()
    grouped = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    return await _frame(request, "desk/app", "Your app", errors, secret=grouped, back=ACCOUNT)


async def _page(
    request: Request, session: Session, errors: dict[str, str], values: dict[str, str] | None = None
) -> Response:
    site = site_of(request)
    rules, now = await site.rules(), site.hub.clock.now()
    owner = Owner(PASSKEYS, session.staff)
    async with site.hub.database.reading(site.hub.scope(session.staff)) as tx:
        here = [one for one in await sessions.of(tx, session.staff) if not sign_in.is_over(site, one, now)]
    limits = site.settings.sign_in
    return await _frame(
        request, "desk/account", "Your account", errors, values=values or {},
        has=await Proving(site.hub).has(session.staff), here=here, this=session.id,
        passkeys=await (await passkeys_of(site)).listed(owner),
        offer=await offer_register(site, owner, session.digest, session.staff),
        unfinished=session.way == Way.PASSWORD and limits.second == "required", passwords=limits.passwords,
        idle=round(limits.idle / 60), when=lambda at: shown(at, rules, now),
    )  # fmt: skip


async def _frame(
    request: Request, name: str, title: str, errors: dict[str, str] | None = None, **values: Any
) -> Response:
    viewer: Viewer = request.state.viewer
    status = HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK
    return await site_of(request).page(
        request, name, status, title=title, navigation=menu(request), signed_in_as=viewer.id, errors=errors, **values
    )
