"""For people who refer often: they sign in with their address at work, and see what they and colleagues referred.

1. A one-time code goes to the address, if the hub knows its organisation. Whether it does nobody is told: an address
   that is not known is answered in the same words, and as fast, for no mail is waited for.
2. Who is signed in is kept for half an hour of quiet, sealed under a key that only their browser holds. At every page
   it is asked again whether the organisation still lets them in.
3. A passkey is a second way in. It proves an address, and opens nothing that the address would not open on that day.
4. A code is good for ten minutes and five tries; an address gets ten a day, one a minute.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from http import HTTPStatus

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from exchange import colleagues, one_time
from exchange.blockers import today
from exchange.case.effect import OpenTask, TaskKind
from exchange.case.mailbox import Address
from exchange.case.organisation import Organisation
from exchange.case.question import QuestionStanding
from exchange.case.rules import Rules
from exchange.code_sending import Code
from exchange.colleagues import Shown
from exchange.passkeys import LONGEST_LABEL, Owner
from exchange.safe import digest
from exchange.store import drafts as kept_for_browsers
from exchange.store import guesses, journal, tasks
from exchange.store.database import Transaction
from exchange.web import passes
from exchange.web.context import Site, shown, site_of
from exchange.web.leaves import Leaves
from exchange.web.passkeys import ANSWER, FIELD, offer_proof, offer_register, passkeys_of
from exchange.web.receipt import lines
from keys import browser_key
from keys.refusal import Refused
from templates.addressed import Sender
from templates.languages import say

log = structlog.get_logger()
router = APIRouter()
COOKIE, ASKED = "account", "account-code"
PASSKEYS = "referrer"  # the kind of their owner
QUIET, WHOLE = timedelta(minutes=30), timedelta(hours=10)
_sending: set[asyncio.Task[None]] = set()  # a task that nothing refers to may vanish while it runs


class SignedOut(PermissionError):
    """Nobody is signed in in this browser: sign in again."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in."""

    address: Address = field(repr=False)
    organisation: Organisation


@dataclass(frozen=True, slots=True)
class _Kept:
    """Something that only this browser can open: who signs in, or has."""

    id: str
    key: str = field(repr=False)
    says: dict[str, str] = field(repr=False)


@router.get("/account/sign-in")
async def ask(request: Request) -> Response:
    """Which address at work?"""
    return await _ask(request, {}, {})


@router.post("/account/sign-in")
async def send(request: Request) -> Response:
    """Send a code to it, if we know whose it is; say nothing of whether we do."""
    site = site_of(request)
    form = await site.form(request)
    if form.one(FIELD):
        return await _by_passkey(request, site, form.one(FIELD)[:ANSWER])
    address = colleagues.read(form.one("address")[:254])
    if address is None:
        wrong = say("Write your mail address at work, like name@school.example")
        return await _ask(request, form.values(), {"address": wrong})
    site.may_try(request)
    site.wrong(request)  # whoever it is: each may send a mail, and is counted for the address
    hub, now, asked = site.hub, site.hub.clock.now(), site.hub.chance.id()
    code = one_time.make(hub.chance)
    async with hub.database.transaction(hub.scope("referrer")) as tx:
        wanted = await _may_have_one(site, tx, address, now)
        organisation = colleagues.organisation_of(await hub.directory(tx), address, await _day(site))
    said = {"address": address.text, "code": one_time.kept(site.cookie_secret, asked, code)}
    if wanted and organisation and site.mailed:
        rules = await site.rules()
        sender = Sender(rules.name, rules.telephone, rules.duty_telephone, rules.calendar.timezone)
        what = Code(address.text, code, now + one_time.LIFETIME, sender, now, asked)
        task = asyncio.create_task(_send(site, what))
        _sending.add(task)
        task.add_done_callback(_sending.discard)
    else:
        said["code"] = ""  # no code opens it
    response = RedirectResponse("/account/code", HTTPStatus.SEE_OTHER)
    await _keep(site, response, ASKED, asked, browser_key.new(), said, one_time.LIFETIME)
    return response


async def _may_have_one(site: Site, tx: Transaction, address: Address, now: datetime) -> bool:
    """Rule 4, for every address alike, known or not."""
    name = digest(site.cookie_secret, f"account\0{address.text}")[:40]
    until = now + guesses.A_DAY
    this_minute = await guesses.wrong(tx, f"account/{name}/{now:%Y%m%d%H%M}", until)
    return await guesses.wrong(tx, f"account/{name}/{now:%Y%m%d}", until) <= one_time.MOST_CODES and this_minute == 1


async def _send(site: Site, what: Code) -> None:
    assert site.mailed  # noqa: S101 - looked at by whoever begins this
    hub = site.hub
    if await site.mailed.send(what):
        return
    log.warning("one-time code not sent", to="a referrer")
    async with hub.database.transaction(hub.scope()) as tx:
        await tasks.open_(tx, "", OpenTask(TaskKind.CODES_FAIL, TaskKind.CODES_FAIL, "", what.now), what.now)


@router.get("/account/code")
async def ask_code(request: Request) -> Response:
    """The code that came by mail."""
    return await _ask_code(request, {})


@router.post("/account/code")
async def sign_in(request: Request) -> Response:
    """With the right one they are in."""
    site = site_of(request)
    form = await site.form(request)
    found, hub, now = await _kept(site, request, ASKED), site.hub, site.hub.clock.now()
    if found is None or not await _is_right(site, found, form.one("code")[:40]):
        wrong = say(
            "This is not the code, or it is older than ten minutes, or was tried too often: ask for a new one"
        )
        return await _ask_code(request, {"code": wrong})
    async with hub.database.transaction(hub.scope("referrer")) as tx:
        await kept_for_browsers.drop(tx, found.id)
    return await _let_in(site, Address(found.says["address"]), now)


async def _let_in(site: Site, address: Address, now: datetime) -> Response:
    """They have proved that they read mail at this address, now or when they made their passkey."""
    hub = site.hub
    async with hub.database.transaction(hub.scope("referrer")) as tx:
        organisation = colleagues.organisation_of(await hub.directory(tx), address, await _day(site))
        if organisation:
            facts = {"organisation": organisation.id}
            await journal.note(tx, journal.ACCESS, "ReferrerSignedIn", now, hub.chance.id(), **facts)
    response = RedirectResponse("/account", HTTPStatus.SEE_OTHER)
    site.forget(response, ASKED)
    said = {"address": address.text, "since": now.isoformat()}
    await _keep(site, response, COOKIE, hub.chance.id(), browser_key.new(), said, QUIET)
    return response


async def _by_passkey(request: Request, site: Site, answer: str) -> Response:
    found = await passkeys_of(site)
    try:
        owner = await found.finish_proof(PASSKEYS, "", answer)
    except Refused as refused:
        return await _ask(request, {}, {"address": str(refused)})
    labels = [colleagues.read(one.label) for one in await found.listed(owner)]
    address = next((one for one in labels if one and _owner(site, one) == owner), None)
    if address is None:  # what it was kept with is gone
        return await _ask(request, {}, {"address": say("This passkey is not known here: use your mail address")})
    return await _let_in(site, address, site.hub.clock.now())


@router.post("/account/passkey")
async def add_passkey(request: Request) -> Response:
    """Keep a passkey that was made on the page."""
    site = site_of(request)
    form = await site.form(request)
    kept, person = await _person(site, request)
    with contextlib.suppress(Refused):  # the page is shown again, and offers it again
        await (await passkeys_of(site)).finish_register(
            _owner(site, person.address), kept.id, person.address.text, form.one(FIELD)[:ANSWER]
        )
    return RedirectResponse("/account", HTTPStatus.SEE_OTHER)


@router.post("/account/passkeys/remove")
async def remove_passkeys(request: Request) -> Response:
    """None of theirs counts any more."""
    site = site_of(request)
    await site.form(request)
    _, person = await _person(site, request)
    found, owner = await passkeys_of(site), _owner(site, person.address)
    for one in await found.listed(owner):
        await found.remove(owner, one.digest)
    return RedirectResponse("/account", HTTPStatus.SEE_OTHER)


def _owner(site: Site, address: Address) -> Owner:
    return Owner(PASSKEYS, digest(site.cookie_secret, f"passkeys\0{address.text}")[:40])


async def _is_right(site: Site, found: _Kept, typed: str) -> bool:
    about, hub = f"account-code/{found.id}", site.hub
    async with hub.database.transaction(hub.scope("referrer")) as tx:
        tries = await guesses.tried(tx, about)
        right = one_time.is_right(site.cookie_secret, found.id, typed, found.says["code"])
        if right and tries < one_time.MOST_TRIES:
            return True
        await guesses.wrong(tx, about, hub.clock.now() + guesses.A_DAY)
    return False


@router.get("/account")
async def show(request: Request) -> Response:
    """What they and their colleagues referred, the newest first."""
    site = site_of(request)
    kept, person = await _person(site, request)
    hub, rules = site.hub, await site.rules()
    async with hub.database.reading(hub.scope("referrer")) as tx:
        found = await colleagues.referred(hub, tx, person.organisation, person.address)
    owner, known = _owner(site, person.address), await passkeys_of(site)
    fits = len(person.address.text) <= LONGEST_LABEL  # its address is kept with it, sealed
    response = await site.page(
        request, "public/account", title=say("Your referrals"), organisation=person.organisation.name,
        referrals=Leaves(request)("referrals", found, lambda one: _row(site, rules, one)),
        passkeys=len(await known.listed(owner)),
        offer=await offer_register(site, owner, kept.id, person.address.text) if fits else None,
    )  # fmt: skip
    await _keep(site, response, COOKIE, kept.id, kept.key, kept.says, QUIET)
    return response


def _row(site: Site, rules: Rules, one: Shown) -> dict[str, object]:
    """One referral: how it stands, as this class of referrer may know; nothing of whom it is about."""
    asked = any(q.standing is QuestionStanding.ASKED for q in one.case.questions)
    return {
        "reference": one.case.reference,
        "received": shown(one.case.received_at, rules, site.hub.clock.now()),
        "whose": say("You") if one.mine else say("A colleague"),
        "lines": lines(one.case, rules, site, listed=True)[1:],
        "asked": asked,
        "code": passes.made(site, one.case.id),
    }


@router.post("/account/sign-out")
async def sign_out(request: Request) -> Response:
    """End it in this browser."""
    site = site_of(request)
    await site.form(request)
    found = await _kept(site, request, COOKIE)
    if found:
        async with site.hub.database.transaction(site.hub.scope("referrer")) as tx:
            await kept_for_browsers.drop(tx, found.id)
    response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
    site.forget(response, COOKIE)
    return response


async def _person(site: Site, request: Request) -> tuple[_Kept, Person]:
    """Who is signed in. Raises SignedOut."""
    found = await _kept(site, request, COOKIE)
    if found is None or site.hub.clock.now() - datetime.fromisoformat(found.says["since"]) > WHOLE:
        raise SignedOut
    address = Address(found.says["address"])
    async with site.hub.database.reading(site.hub.scope("referrer")) as tx:
        directory = await site.hub.directory(tx)
    organisation = colleagues.organisation_of(directory, address, await _day(site))
    if organisation is None:
        raise SignedOut
    return found, Person(address, organisation)


async def _day(site: Site) -> date:
    return today(await site.rules(), site.hub.clock.now())


async def _keep(
    site: Site, response: Response, cookie: str, name: str, key: str, says: dict[str, str], lasts: timedelta
) -> None:
    """For this browser alone, so long."""
    blob = browser_key.seal(key, json.dumps(says).encode())
    async with site.hub.database.transaction(site.hub.scope("referrer")) as tx:
        await kept_for_browsers.put(tx, name, blob, site.hub.clock.now() + lasts)
    site.keep(response, cookie, f"{name}.{key}", int(lasts.total_seconds()))


async def _kept(site: Site, request: Request, cookie: str) -> _Kept | None:
    name, _, key = request.cookies.get(site.cookie(cookie), "").partition(".")
    async with site.hub.database.reading(site.hub.scope("referrer")) as tx:
        blob = await kept_for_browsers.load(tx, name, site.hub.clock.now())
    try:
        says = json.loads(browser_key.unseal(key, blob)) if blob else None
    except Refused:
        return None
    return _Kept(name, key, says) if says and "address" in says else None


async def _ask(request: Request, values: dict[str, str], errors: dict[str, str]) -> Response:
    status = HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK
    return await site_of(request).page(
        request,
        "public/account_address",
        status,
        title=say("Sign in"),
        values=values,
        errors=errors,
        back="/",
        offer=await offer_proof(site_of(request), PASSKEYS),
    )


async def _ask_code(request: Request, errors: dict[str, str]) -> Response:
    status = HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK
    return await site_of(request).page(
        request,
        "public/account_code",
        status,
        title=say("Sign in"),
        values={},
        errors=errors,
        back="/account/sign-in",
    )
