"""The release page: where the owner of a contribution agrees or refuses, with the code from inside the sealed letter.

1. Opening it changes nothing, and it shows nothing about anybody: whoever has the link may not have read the letter.
2. Agreeing and refusing need a typed name and the code; five wrong tries lock it. A cry for help needs neither.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from exchange import content
from exchange.case.acknowledgement import Proof
from exchange.case.event import Event
from exchange.case.product import OwnerAnswered, ProductReplyUnclear
from exchange.case.state import Case
from exchange.codes import MOST_TRIES
from exchange.store import casebook, guesses
from exchange.web.context import Site, shown, site_of
from exchange.web.forgery import Form

router = APIRouter()
AGREE, REFUSE, HELP = "agree", "refuse", "help"
CHOICES = (
    (AGREE, "Agree", "The words may leave the hub as they stand in the message"),
    (REFUSE, "Refuse", "Say below why"),
    (HELP, "I cannot open it, or it is not for me", "We will ring"),
)
LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class _Place:
    case: Case
    about: str  # "p1/w1"
    agency: str
    due: datetime | None


@router.get("/release/{token}")
async def show(request: Request, token: str) -> Response:
    """What is asked, and the choices."""
    site = site_of(request)
    return await _page(request, site, await _place(site, token), {}, {})


@router.post("/release/{token}")
async def take(request: Request, token: str) -> Response:
    """A person's answer."""
    site = site_of(request)
    form = await site.form(request)
    place = await _place(site, token)
    errors = _faults(form)
    if not errors and form.one("answer") != HELP and (wrong := await _wrong_code(site, place, form)):
        errors = {"code": wrong}
    if errors:
        return await _page(request, site, place, form.values(), errors)
    await _record(site, place, form)
    return await site.page(
        request, "public/release_answered", title="Answered", reference=place.case.reference,
        answered=form.one("answer"),
    )  # fmt: skip


async def _place(site: Site, token: str) -> _Place:
    """Raises 404 for a link that we never put into a sealed letter."""
    found = site.room.addresses.read_page(token)
    if found is None or found.kind != "page":
        raise HTTPException(HTTPStatus.NOT_FOUND)
    case_id, _, rest = found.ident.partition("-")
    about = rest.replace("-", "/")
    hub = site.hub
    async with hub.database.reading(hub.scope()) as tx:
        try:
            case = await casebook.load(tx, case_id)
        except casebook.NoSuchCase:
            raise HTTPException(HTTPStatus.NOT_FOUND) from None
    name, _, passage_id = about.partition("/")
    product = case.product(name)
    passage = product.passage(passage_id) if product else None
    if passage is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    if case.shuts_out(passage.agency):
        raise casebook.ShutOut("no such case", case.id, passage.agency)
    return _Place(case, about, passage.agency, passage.due)


def _faults(form: Form) -> dict[str, str]:
    errors = {}
    if not form.one("name"):
        errors["name"] = "Write your name, so that we know who answers"
    if form.one("answer") not in {value for value, _, _ in CHOICES}:
        errors["answer"] = "Choose one answer"
    elif form.one("answer") == REFUSE and not form.one("words"):
        errors["words"] = "Write why, so that we can find better words"
    if len(form.one("words")) > LONGEST:
        errors["words"] = "This is too long: reply to the mail instead"
    return errors


async def _wrong_code(site: Site, place: _Place, form: Form) -> str:
    """What is wrong with the code, or ""."""
    code, hub = form.one("code")[:100], site.hub
    if not code:
        return "This answer needs the code that stands inside the encrypted message"
    about = f"{place.case.id}/{place.about}"
    async with hub.database.transaction(hub.scope()) as tx:
        if await guesses.tried(tx, about) >= MOST_TRIES:
            return "There were too many wrong codes: reply to the mail, or ring us"
        if hub.codes.is_packet(place.case.id, place.about, code):
            return ""
        await guesses.wrong(tx, about)
    return "This is not the code inside the message: check each letter"


async def _record(site: Site, place: _Place, form: Form) -> None:
    hub, answer, now = site.hub, form.one("answer"), site.hub.clock.now()
    name, _, passage = place.about.partition("/")
    event: Event = ProductReplyUnclear(now, place.about, "cannot_open")
    proof = Proof.PAGE
    if answer != HELP:
        proof = Proof.PACKET_CODE
        event = OwnerAnswered(now, place.agency, name, passage, answer == AGREE, proof, "page")
    who = {"name": form.one("name"), "telephone": form.one("telephone"), "checked": proof.name.lower(), "at": ""}
    parts = {content.WHO: json.dumps(who).encode(), content.WORDS: form.one("words").encode()}
    cause = f"page:{place.case.id}:{place.about}:{form.one('once')}"
    await hub.record(place.case.id, event, cause, parts, actor=place.agency)


async def _page(
    request: Request, site: Site, place: _Place, values: dict[str, str], errors: dict[str, str]
) -> Response:
    rules, now = await site.rules(), site.hub.clock.now()
    agency = rules.agency(place.agency)
    return await site.page(
        request, "public/release", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title="Answer",
        agency=agency.name if agency else "your team", reference=place.case.reference,
        due=shown(place.due, rules, now) if place.due else "",
        choices=[{"value": value, "text": text, "hint": hint} for value, text, hint in CHOICES],
        values=values, errors=errors, once=values.get("once") or site.hub.chance.id(),
    )  # fmt: skip
