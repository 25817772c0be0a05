"""The release page: where the owner of a contribution agrees or refuses, with the code from inside the sealed letter.

1. Opening it changes nothing, and it shows nothing about anybody: whoever has the link may not have read the letter.
2. Agreeing and refusing need a typed name and the code; five wrong tries lock it. A cry for help needs neither.
"""

from __future__ import annotations

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
from exchange.web import links
from exchange.web.context import Site, shown, site_of
from exchange.web.forgery import Form
from templates.languages import N_, say

router = APIRouter()
AGREE, REFUSE, HELP = "agree", "refuse", "help"
CHOICES = (
    (AGREE, N_("Agree"), N_("The words may leave the hub as they stand in the message")),
    (REFUSE, N_("Refuse"), N_("Say below why")),
    (HELP, N_("I cannot open it, or it is not for me"), N_("We will ring")),
)


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
    return await _page(request, site, await _place(site, token), links.held(request, token), {})


@router.post("/release/{token}")
async def take(request: Request, token: str) -> Response:
    """A person's answer."""
    site = site_of(request)
    form = await site.form(request)
    place = await _place(site, token)
    errors = _faults(form)
    if (
        not errors
        and form.one("answer") != HELP
        and (wrong := await links.wrong_code(site, place.case, place.about, form))
    ):
        errors = {"code": wrong}
    if errors:
        return await _page(request, site, place, form.values(), errors)
    await _record(site, place, form)
    return await site.page(
        request, "public/release_answered", title=say("Answered"), reference=place.case.reference,
        answered=form.one("answer"),
    )  # fmt: skip


async def _place(site: Site, token: str) -> _Place:
    """Raises 404 for a link that we never put into a sealed letter."""
    case, _, rest = await links.case_of(site, token, sealed=True)
    about = rest.replace("-", "/")
    name, _, passage_id = about.partition("/")
    product = case.product(name)
    passage = product.passage(passage_id) if product else None
    if passage is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    links.allow(case, passage.agency)
    return _Place(case, about, passage.agency, passage.due)


def _faults(form: Form) -> dict[str, str]:
    errors = {}
    if not form.one("name"):
        errors["name"] = say("Write your name, so that we know who answers")
    if form.one("answer") not in {value for value, _, _ in CHOICES}:
        errors["answer"] = say("Choose one answer")
    elif form.one("answer") == REFUSE and not form.one("words"):
        errors["words"] = say("Write why, so that we can find better words")
    if len(form.one("words")) > links.LONGEST:
        errors["words"] = say("This is too long: reply to the mail instead")
    return errors


async def _record(site: Site, place: _Place, form: Form) -> None:
    hub, answer, now = site.hub, form.one("answer"), site.hub.clock.now()
    name, _, passage = place.about.partition("/")
    event: Event = ProductReplyUnclear(now, place.about, "cannot_open")
    proof = Proof.PAGE
    if answer != HELP:
        proof = Proof.PACKET_CODE
        event = OwnerAnswered(now, place.agency, name, passage, answer == AGREE, proof, "page")
    parts = {content.WHO: links.who(form, proof), content.WORDS: form.one("words").encode()}
    cause = f"page:{place.case.id}:{place.about}:{form.once}"
    await hub.record(place.case.id, event, cause, parts, actor=place.agency)


async def _page(
    request: Request, site: Site, place: _Place, values: dict[str, str], errors: dict[str, str]
) -> Response:
    rules, now = await site.rules(), site.hub.clock.now()
    agency = rules.agency(place.agency)
    return await site.page(
        request, "public/release", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title=say("Answer"),
        agency=agency.name if agency else say("your team"), reference=place.case.reference,
        due=shown(place.due, rules, now) if place.due else "",
        choices=[{"value": value, "text": say(text), "hint": say(hint)} for value, text, hint in CHOICES],
        values=values, errors=errors, once=values.get("once") or site.hub.chance.id(),
    )  # fmt: skip
