"""The answer page: for a SPOC with a link and no time. The link alone says which packet; opening it changes nothing.

1. A scanner that fetches the link answers nothing: only the posted form does, with a typed name.
2. More than "received" needs the code from inside the packet (lessons 1.2); five wrong tries lock it.
3. The page shows nothing about anybody: whoever has the link may not have opened the packet.
4. Two links, and neither can be told from an address in a mail's headers. That of the sealed packet opens the whole
   page. That of a reminder is readable on its way, and exists for whoever cannot open the packet: its page takes
   "received" (proof PAGE, with a name, shown so at the desk) and two cries for help that stop no clock, and no code,
   so that nobody on the way can lock the packet's by guessing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from exchange import content
from exchange.case.acknowledgement import CONTRIBUTES, Answer, DeclineReason, Proof, enough
from exchange.case.event import Answered
from exchange.case.state import Case, Leg
from exchange.codes import MOST_TRIES
from exchange.store import casebook, guesses
from exchange.web.context import Site, shown, site_of
from exchange.web.forgery import Form

router = APIRouter()
CHOICES = (
    (Answer.RECEIVED, "Received", "A person here has it in hand"),
    (Answer.ACCEPT, "Accept", "We will act on it"),
    (Answer.INFORMATION, "Information", "Say below what you know"),
    (Answer.NOTHING_KNOWN, "Not known to us", "Say below which systems you searched"),
    (Answer.DECLINE, "Decline", "Say below why"),
    (Answer.CANNOT_OPEN, "I cannot open it", "We will ring you"),
    (Answer.WRONG_PERSON, "Not for me", "We will ring your agency"),
)
FROM_A_NOTICE = frozenset({Answer.RECEIVED, Answer.CANNOT_OPEN, Answer.WRONG_PERSON})
REASONS = {
    DeclineReason.NOT_REMIT: "Not our area or remit",
    DeclineReason.NO_CAPACITY: "No capacity",
    DeclineReason.INSUFFICIENT_INFO: "Not enough information",
    DeclineReason.CONFLICT: "Conflict of interest",
    DeclineReason.ALREADY_OPEN: "Already open to us",
    DeclineReason.NOT_KNOWN: "Not known to us",
    DeclineReason.UNSTATED: "Another reason",
}
LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class _Place:
    case: Case
    leg: Leg
    notice: bool  # reached by the link of a mail that anybody may read

    @property
    def choices(self) -> tuple[tuple[Answer, str, str], ...]:
        """What may be answered here."""
        return tuple(c for c in CHOICES if c[0] in FROM_A_NOTICE or not self.notice)


@router.get("/answer/{token}")
async def show(request: Request, token: str) -> Response:
    """What is asked, and the choices."""
    site = site_of(request)
    return await _page(request, site, await _place(site, token), {}, {})


@router.post("/answer/{token}")
async def take(request: Request, token: str) -> Response:
    """A person's answer."""
    site = site_of(request)
    form = await site.form(request)
    place = await _place(site, token)
    errors = _faults(form, place)
    proof = Proof.PAGE
    if not errors:
        proof, wrong = await _proof(site, place, form)
        if wrong:
            errors = {"code": wrong}
    if errors:
        return await _page(request, site, place, form.values(), errors)
    recorded = await _record(site, place, form, proof)
    leg, due = recorded.leg(place.leg.id), shown(place.leg.answer_due, await site.rules(), site.hub.clock.now())
    return await site.page(
        request, "public/answered", title="Answered", reference=place.case.reference,
        complete=bool(leg and leg.complete), answer_due=due,
        helped=form.one("answer") not in (Answer.CANNOT_OPEN, Answer.WRONG_PERSON),
    )  # fmt: skip


async def _place(site: Site, token: str) -> _Place:
    """Raises 404 for a link that we never made."""
    found = site.room.addresses.read_page(token)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    case_id, _, leg_id = found.ident.partition("-")
    hub = site.hub
    async with hub.database.reading(hub.scope()) as tx:
        try:
            case = await casebook.load(tx, case_id)
        except casebook.NoSuchCase:
            raise HTTPException(HTTPStatus.NOT_FOUND) from None
    leg = case.leg(leg_id)
    if leg is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return _Place(case, leg, found.kind == "notice")


def _faults(form: Form, place: _Place) -> dict[str, str]:
    errors = {}
    if not form.one("name"):
        errors["name"] = "Write your name, so that we know who has it"
    if form.one("answer") not in {a.value for a, _, _ in place.choices}:
        errors["answer"] = "Choose one answer"
    elif form.one("answer") in CONTRIBUTES and not form.one("words"):
        errors["words"] = "Write what you know, or which systems you searched"
    elif form.one("answer") == Answer.DECLINE and form.one("reason") not in {r.value for r in REASONS}:
        errors["reason"] = "Choose why"
    if len(form.one("words")) > LONGEST:
        errors["words"] = "This is too long: reply to the mail instead, with an attachment"
    return errors


async def _proof(site: Site, place: _Place, form: Form) -> tuple[Proof, str]:
    """How sure we are, and what is wrong with the code."""
    code, hub = "" if place.notice else form.one("code")[:100], site.hub
    if not code:
        if enough(Answer(form.one("answer")), Proof.PAGE):
            return Proof.PAGE, ""
        return Proof.PAGE, "This answer needs the code that stands inside the encrypted message"
    about = f"{place.case.id}/{place.leg.id}"
    async with hub.database.transaction(hub.scope()) as tx:
        if await guesses.tried(tx, about) >= MOST_TRIES:
            return Proof.PAGE, "There were too many wrong codes: reply to the mail, or ring us"
        if hub.codes.is_packet(place.case.id, place.leg.id, code):
            return Proof.PACKET_CODE, ""
        await guesses.wrong(tx, about)
    return Proof.PAGE, "This is not the code inside the message: check each letter"


async def _record(site: Site, place: _Place, form: Form, proof: Proof) -> Case:
    hub, leg, answer = site.hub, place.leg, Answer(form.one("answer"))
    reason = DeclineReason(form.one("reason")) if answer is Answer.DECLINE else None
    told = hub.chance.id() if answer in CONTRIBUTES else ""
    event = Answered(hub.clock.now(), leg.agency, leg.id, answer, proof, "page", reason=reason, contribution=told)
    who = {"name": form.one("name"), "telephone": form.one("telephone"), "checked": proof.name.lower(), "at": ""}
    parts = {content.WHO: json.dumps(who).encode(), content.said(told): form.one("words").encode()}
    cause = f"page:{place.case.id}:{leg.id}:{form.one('once')}"
    return (await hub.record(place.case.id, event, cause, parts, actor=leg.agency)).case


async def _page(
    request: Request, site: Site, place: _Place, values: dict[str, str], errors: dict[str, str]
) -> Response:
    rules, now = await site.rules(), site.hub.clock.now()
    agency = rules.agency(place.leg.agency)
    page = "public/answer_notice" if place.notice else "public/answer"
    return await site.page(
        request, page, HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title="Answer",
        agency=agency.name if agency else "your team", reference=place.case.reference,
        acknowledge_due=shown(place.leg.acknowledge_due, rules, now),
        answer_due=shown(place.leg.answer_due, rules, now),
        late=now > place.leg.acknowledge_due and not place.leg.acknowledged_at,
        choices=[{"value": a.value, "text": text, "hint": hint} for a, text, hint in place.choices],
        reasons=[{"value": r.value, "text": text} for r, text in REASONS.items()],
        values=values, errors=errors, once=values.get("once") or site.hub.chance.id(),
    )  # fmt: skip
