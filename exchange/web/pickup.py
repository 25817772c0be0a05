"""The pick-up page: for a SPOC whose mail cannot be encrypted. The link alone opens nothing; a one-time code does.

1. Fetching the page has no effect, however often a scanner does it; it shows a reference, and nothing about anybody.
2. The code goes to a contact in the directory, never to one that is typed in here.
3. Whoever comes often makes a passkey while a letter is open, and opens the next without a code.
4. Who has read the letter has the code inside it: the pages on which it is answered are told so, for half an hour and
   in this browser.
"""

from __future__ import annotations

import contextlib
import hmac
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from exchange import fetching, one_time
from exchange.fetched_letter import FetchedLetter
from exchange.fetching import Found, Sent, Standing
from exchange.passkeys import Owner
from exchange.safe import digest
from exchange.store import journal
from exchange.web import links
from exchange.web.context import Site, shown, site_of
from exchange.web.passkeys import ANSWER, FIELD, offer_proof, offer_register, passkeys_of
from keys.refusal import Refused
from templates.languages import N_, say

router = APIRouter()
PASSKEYS = "mailbox"  # the kind of their owner
READING = 1800  # seconds for which the code opens the letter in one browser
_SAID = {
    Sent.JUST_SENT: N_("A code was sent less than a minute ago. Wait for it, or ask again in a minute"),
    Sent.TOO_MANY: N_("Too many codes were asked for. Ring us: we have been told"),
    Sent.FAILED: N_("No code could be sent just now. Try again in a minute, or ring us"),
}
_WRONG = N_("This is not the code, or it is older than ten minutes, or was tried too often: ask for a new one")


@router.get("/pickup/{token}")
async def show(request: Request, token: str) -> Response:
    """That something waits, and how it is opened."""
    site = site_of(request)
    return await _page(request, site, await _found(site, token))


@router.post("/pickup/{token}/code")
async def send(request: Request, token: str) -> Response:
    """Send a one-time code to one of the contacts in the directory."""
    site = site_of(request)
    form = await site.form(request)
    found = await _found(site, token)
    chosen = next((c for n, c in enumerate(found.contacts) if form.one("contact") in ("", f"c{n}")), None)
    if found.standing is not Standing.WAITS or chosen is None or site.codes is None:
        return await _page(request, site, found)
    if not form.one("contact") and len(found.contacts) > 1:
        return await _page(request, site, found, errors={"contact": say("Choose where the code goes")})
    sent = await fetching.send_code(site.hub, found, chosen, site.codes, site.cookie_secret)
    if sent is Sent.SENT:
        return await _page(request, site, found, sent_to=one_time.masked(chosen))
    return await _page(request, site, found, errors={"contact": say(_SAID[sent])}, waits=sent is Sent.JUST_SENT)


@router.post("/pickup/{token}")
async def open_(request: Request, token: str) -> Response:
    """The code: with the right one the letter is shown."""
    site = site_of(request)
    form = await site.form(request)
    found = await _found(site, token)
    if found.standing is not Standing.WAITS:
        return await _page(request, site, found)
    if form.one(FIELD):
        return await _by_passkey(request, site, found, form.one(FIELD)[:ANSWER])
    contact = await fetching.opened(site.hub, found, form.one("code")[:40], site.cookie_secret)
    if not contact:
        return await _page(request, site, found, errors={"code": say(_WRONG)}, waits=True)
    who = next(one for one, of in fetching.whose_passkeys(site.hub, found).items() if of == contact)
    return await _opened(request, site, found, who)


async def _by_passkey(request: Request, site: Site, found: Found, answer: str) -> Response:
    """As by a code, for whoever made a passkey when they had one."""
    try:
        owner = await (await passkeys_of(site)).finish_proof(PASSKEYS, found.row.id, answer)
        if owner.id not in fetching.whose_passkeys(site.hub, found):
            raise Refused(say("This passkey does not open this message: ask for a code"))
    except Refused as refused:
        return await _page(request, site, found, errors={"": str(refused)})
    await fetching.fetched(site.hub, found)
    return await _opened(request, site, found, owner.id)


async def _opened(request: Request, site: Site, found: Found, who: str) -> Response:
    """On to the letter; for half an hour this browser shows it."""
    letter, token = await fetching.letter_of(site.hub, found), request.path_params["token"]
    response = RedirectResponse(f"/pickup/{token}/letter", HTTPStatus.SEE_OTHER)
    until = int(site.hub.clock.now().timestamp()) + READING
    site.keep(response, _cookie(found), f"{until}.{who}.{_mac(site, found, until, who)}", READING)
    if letter and letter.code:
        links.hold(site, response, _token_of(letter), letter.code, READING)
    return response


@router.get("/pickup/{token}/letter")
async def read(request: Request, token: str) -> Response:
    """The letter, for whoever has just typed the code."""
    site = site_of(request)
    found = await _found(site, token)
    letter, who = await _letter(request, site, found), _who(request, site, found)
    if letter is None:
        return RedirectResponse(f"/pickup/{token}", HTTPStatus.SEE_OTHER)
    known, owner = await passkeys_of(site), Owner(PASSKEYS, who)
    rules, here = await site.rules(), f"/pickup/{token}"
    files = [{"name": f.name, "href": f"{here}/file/{n}"} for n, f in enumerate(letter.files)]
    return await site.page(
        request, "public/pickup_letter", title=say("Message"), subject=letter.subject, words=letter.text, files=files,
        answer=urlsplit(letter.page).path, until=shown(found.waiting.until, rules, site.hub.clock.now()), here=here,
        offer=await offer_register(site, owner, found.row.id, say("Messages of %(hub)s", hub=rules.name)),
        passkeys=len(await known.listed(owner)),
    )  # fmt: skip


@router.post("/pickup/{token}/passkey")
async def add_passkey(request: Request, token: str) -> Response:
    """Keep a passkey that was made beside the open letter."""
    site = site_of(request)
    form = await site.form(request)
    found = await _found(site, token)
    if who := _who(request, site, found):
        with contextlib.suppress(Refused):  # the page is shown again, and offers it again
            await (await passkeys_of(site)).finish_register(
                Owner(PASSKEYS, who), found.row.id, "", form.one(FIELD)[:ANSWER]
            )
            await site.hub.note(journal.DIRECTORY, "PickupPasskeyAdded", "pickup", mailbox=found.waiting.mailbox)
    return RedirectResponse(f"/pickup/{token}/letter", HTTPStatus.SEE_OTHER)


@router.post("/pickup/{token}/passkeys/remove")
async def remove_passkeys(request: Request, token: str) -> Response:
    """None of this contact's counts any more."""
    site = site_of(request)
    await site.form(request)
    found = await _found(site, token)
    if who := _who(request, site, found):
        known, owner = await passkeys_of(site), Owner(PASSKEYS, who)
        for one in await known.listed(owner):
            await known.remove(owner, one.digest)
    return RedirectResponse(f"/pickup/{token}/letter", HTTPStatus.SEE_OTHER)


@router.get("/pickup/{token}/file/{number}")
async def file(request: Request, token: str, number: int) -> Response:
    """One of its files."""
    site = site_of(request)
    found = await _found(site, token)
    letter = await _letter(request, site, found)
    if letter is None or not 0 <= number < len(letter.files):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    one = letter.files[number]
    return Response(
        one.content, media_type=one.content_type,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(one.name)}"},
    )  # fmt: skip


async def _found(site: Site, token: str) -> Found:
    """Raises 404 for a link that we never made; ShutOut for an agency that must not see the case any more."""
    link = site.room.addresses.read_page(token)
    found = await fetching.find(site.hub, link.ident) if link and link.kind == "fetch" else None
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found


async def _letter(request: Request, site: Site, found: Found) -> FetchedLetter | None:
    """What is read; None without the code, or when it may not be read any more."""
    return await fetching.letter_of(site.hub, found) if _who(request, site, found) else None


def _who(request: Request, site: Site, found: Found) -> str:
    """Whose passkeys are made here: of the contact who has opened the letter in this browser; "" for nobody."""
    kept, _, rest = request.cookies.get(site.cookie(_cookie(found)), "").partition(".")
    who, _, mac = rest.partition(".")
    if found.standing is not Standing.WAITS or not kept.isdecimal() or len(kept) > 12:
        return ""
    fresh = int(kept) > site.hub.clock.now().timestamp()
    proved = hmac.compare_digest(_mac(site, found, int(kept), who).encode(), mac.encode())
    return who if fresh and proved and who in fetching.whose_passkeys(site.hub, found) else ""


def _cookie(found: Found) -> str:
    return f"letter-{found.row.id[:12]}"


def _mac(site: Site, found: Found, until: int, who: str) -> str:
    return digest(site.cookie_secret, f"letter\0{found.row.id}\0{found.row.attempts}\0{until}\0{who}")


def _token_of(letter: FetchedLetter) -> str:
    return urlsplit(letter.page).path.rpartition("/")[2]


async def _page(
    request: Request, site: Site, found: Found, *, errors: dict[str, str] | None = None, sent_to: str = "",
    waits: bool = False,
) -> Response:  # fmt: skip
    rules, now = await site.rules(), site.hub.clock.now()
    agency = rules.agency(found.agency)
    choices: list[dict[str, Any]] = [
        {"value": f"c{n}", "text": one_time.masked(contact)} for n, contact in enumerate(found.contacts)
    ]
    return await site.page(
        request, "public/pickup", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title=say("Message"),
        reference=found.reference, agency=agency.name if agency else say("your team"),
        standing=found.standing.value, until=shown(found.waiting.until, rules, now),
        choices=choices if site.codes else [], sent_to=sent_to, asks_code=bool(sent_to) or waits,
        here=f"/pickup/{request.path_params['token']}", values={}, errors=errors or {},
        offer=await offer_proof(site, PASSKEYS, found.row.id) if found.standing is Standing.WAITS else None,
    )  # fmt: skip
