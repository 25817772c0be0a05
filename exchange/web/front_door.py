"""The front door of the desk: by passkey, by password and what comes on top of it, and out again.

1. Whoever signs in gets a session of their own making: a cookie that was there before opens nothing.
2. Between password and code nothing is open but the page that asks for the code, for five minutes.
"""

from __future__ import annotations

import base64
import hmac
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from exchange.policy import Action, Viewer, roles
from exchange.proving import Has, Proving, Way
from exchange.safe import digest
from exchange.staffing import PASSKEYS
from exchange.store import staff
from exchange.web import kept_forms, sign_in
from exchange.web.context import Site, site_of
from exchange.web.forgery import Form
from exchange.web.passkeys import ANSWER, FIELD, offer_proof, passkeys_of
from keys.refusal import Refused
from templates import moments

router = APIRouter()
HALF = "half"  # the cookie between password and code
LASTS = timedelta(minutes=5)
_LONGEST = 12  # digits of a moment
HOME, ACCOUNT, KEPT = "/desk", "/desk/account", "/desk/kept"
WRONG = "Name or password is wrong, or tried too often"
WRONG_CODE = "This code is wrong, was used before, or codes were tried too often"
NO_ROLE = "You hold no role here at the moment: ask your hub manager"


@router.get("/desk/sign-in")
async def ask(request: Request) -> Response:
    """Who is it?"""
    return await _page(request, {}, {}, await _ended(request))


@router.post("/desk/sign-in")
async def enter(request: Request) -> Response:
    """Let a member of staff in, or ask for what comes on top of the password."""
    site = site_of(request)
    form = await site.form(request)
    if form.one(FIELD):
        return await _by_passkey(request, form)
    site.may_try(request)
    name = form.one("member")[:60]
    proving = Proving(site.hub)
    if not (site.settings.sign_in.passwords and await proving.password(name, form.one("password")[:200])):
        site.wrong(request)
        return await _page(request, {"member": name}, {"password": WRONG})
    has = await proving.has(name)
    if has.app or has.papers or has.passkeys:
        response: Response = RedirectResponse("/desk/sign-in/code", HTTPStatus.SEE_OTHER)
        site.keep(response, HALF, _half(site, name, site.hub.clock.now() + LASTS), int(LASTS.total_seconds()))
        return response
    return await let_in(request, name, Way.PASSWORD)


@router.get("/desk/sign-in/code")
async def ask_code(request: Request) -> Response:
    """What comes on top of the password."""
    name = half_way(request)
    if not name:
        return RedirectResponse("/desk/sign-in", HTTPStatus.SEE_OTHER)
    return await _code_page(request, name, {})


@router.post("/desk/sign-in/code")
async def enter_code(request: Request) -> Response:
    """Let in whoever has both."""
    site = site_of(request)
    form = await site.form(request)
    name = half_way(request)
    if not name:
        return RedirectResponse("/desk/sign-in", HTTPStatus.SEE_OTHER)
    if form.one(FIELD):
        return await _by_passkey(request, form)
    site.may_try(request)
    way = await Proving(site.hub).code(name, form.one("code")[:60])
    if way is None:
        site.wrong(request)
        return await _code_page(request, name, {"code": WRONG_CODE})
    response = await let_in(request, name, way)
    site.forget(response, HALF)
    return response


@router.get("/desk/sign-out")
async def ask_out(request: Request) -> Response:
    """A link may not sign anybody out: a button does."""
    return await site_of(request).page(request, "desk/sign_out", title="Sign out", action="/desk/sign-out")


@router.post("/desk/sign-out")
async def leave(request: Request) -> Response:
    """End the session."""
    await site_of(request).form(request)
    response = RedirectResponse("/desk/sign-in", HTTPStatus.SEE_OTHER)
    await sign_in.end(request, response)
    return response


async def let_in(request: Request, member: str, way: Way) -> Response:
    """Begin a session, and go where they were, or where they begin."""
    where = await _where(request, member, way)
    response = RedirectResponse(where, HTTPStatus.SEE_OTHER)
    if where not in (HOME, ACCOUNT, KEPT):  # it is what was kept, and of this member
        kept_forms.shown(request, response)
    await sign_in.begin(request, response, member, way)
    return response


async def _where(request: Request, member: str, way: Way) -> str:
    site = site_of(request)
    if way == Way.PASSWORD and site.settings.sign_in.second == "required":
        return ACCOUNT
    try:
        kept = await kept_forms.load(request, member)
    except kept_forms.NothingKept:
        return begins(Viewer(member, roles(await _roles(site, member))))
    return KEPT if kept.fields is not None else kept.path


async def _by_passkey(request: Request, form: Form) -> Response:
    site = site_of(request)
    try:
        owner = await (await passkeys_of(site)).finish_proof(PASSKEYS, "", form.one(FIELD)[:ANSWER])
    except Refused as refused:
        return await _page(request, {}, {"": str(refused)})
    if not await _roles(site, owner.id):
        return await _page(request, {}, {"": NO_ROLE})
    return await let_in(request, owner.id, Way.PASSKEY)


async def _roles(site: Site, member: str) -> tuple[str, ...]:
    """What somebody holds at the moment."""
    async with site.hub.database.reading(site.hub.scope("desk")) as tx:
        found = await staff.find(tx, member)
    return found.roles_at(site.hub.clock.now()) if found else ()


async def refused_page(request: Request, told: str) -> Response:
    """The page to sign in, saying why nobody was let in."""
    return await _page(request, {}, {"": told})


def half_way(request: Request) -> str:
    """Whose password was right in this browser a moment ago; "" for nobody's."""
    site = site_of(request)
    given = request.cookies.get(site.cookie(HALF), "")
    until, _, rest = given.partition(".")
    if not until.isdecimal() or len(until) > _LONGEST or int(until) <= site.hub.clock.now().timestamp():
        return ""
    try:
        name = base64.urlsafe_b64decode(rest.partition(".")[0]).decode()
    except ValueError:
        return ""
    told = _half(site, name, datetime.fromtimestamp(int(until), UTC))
    return name if hmac.compare_digest(told.encode(), given.encode()) else ""


def _half(site: Site, name: str, until: datetime) -> str:
    moment, written = int(until.timestamp()), base64.urlsafe_b64encode(name.encode()).decode()
    return f"{moment}.{written}." + digest(site.cookie_secret, f"half\0{moment}\0{name}")


async def _ended(request: Request) -> str:
    """To somebody who was signed out by the clock, or elsewhere, while they worked: how, and that nothing is lost."""
    how, sent = await kept_forms.ended(request)
    limits = site_of(request).settings.sign_in
    said = {
        "quiet": f"You were signed out after {_time(limits.idle)} without use.",
        "age": f"You were signed out: a session lasts {_time(limits.longest)} at most.",
        "out": "You were signed out.",
    }
    if how not in said:
        return ""
    kept = "What you were sending is kept: sign in, read it, and send it."
    return f"{said[how]} {kept if sent else 'Sign in, and you come back to where you were.'}"


def _time(seconds: float) -> str:
    return moments.span(timedelta(seconds=seconds))


async def _page(request: Request, values: dict[str, str], errors: dict[str, str], ended: str = "") -> Response:
    site = site_of(request)
    return await site.page(
        request, "desk/sign_in", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title="Sign in",
        values=values, errors=errors, ended=ended, offer=await offer_proof(site),
        passwords=site.settings.sign_in.passwords, provider=provider(site),
    )  # fmt: skip


async def _code_page(request: Request, name: str, errors: dict[str, str]) -> Response:
    site = site_of(request)
    has: Has = await Proving(site.hub).has(name)
    return await site.page(
        request, "desk/sign_in_code", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title="Sign in",
        back="/desk/sign-in", errors=errors, has=has, offer=await offer_proof(site) if has.passkeys else None,
    )  # fmt: skip


def provider(site: Site) -> str:
    """What the page calls the identity provider; "" for none."""
    return site.settings.provider.name if site.settings.provider.issuer else ""


def begins(viewer: Viewer) -> str:
    """Where somebody begins: at the cases, or at their account when no case is theirs to see."""
    return HOME if viewer.may(Action.SEE_STATUS) else ACCOUNT
