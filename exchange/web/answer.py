"""The answer page: for a SPOC with a link and no time. The link alone says which packet; opening it changes nothing.

1. A scanner that fetches the link answers nothing: only the posted form does, with a typed name.
2. An answer needs the code from inside the packet, and so does that somebody comes; five wrong tries lock it. Two
   cries for help, which stop no clock, need none; nor that a recalled packet is deleted: the code went with it.
3. The page shows nothing about anybody: whoever has the link may not have opened the packet.
4. Two links, and neither can be told from an address in a mail's headers. That of the sealed packet opens the whole
   page. That of a reminder is readable on its way: its page takes "received" and the cries for help. Wrong codes are
   counted there apart, so that nobody on the way can lock the packet's by guessing.
5. What has not reached an agency nobody there can have received: by a reminder's link it is refused, in plain words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from exchange import content
from exchange.case import outcome
from exchange.case.acknowledgement import (
    CONTRIBUTES,
    DECLINES,
    Answer,
    DeclineReason,
    Proof,
    Responded,
)
from exchange.case.event import Answered
from exchange.case.lateral_check import Recall, RecallConfirmed
from exchange.case.state import Case, Leg
from exchange.telling import Telling
from exchange.web import answer_attending, links
from exchange.web.context import Site, shown, site_of
from exchange.web.forgery import Form
from templates.languages import N_, say

router = APIRouter()
CHOICES = (
    (Answer.RECEIVED, N_("Received"), N_("A person here has it in hand")),
    (Answer.ACCEPT, N_("Accept"), N_("We will act on it")),
    (Answer.INFORMATION, N_("Information"), N_("Say below what you know")),
    (Answer.INTERIM, N_("Interim note"), N_("You hold something: say below when the full answer comes")),
    (Answer.NOTHING_KNOWN, N_("Not known to us"), N_("Say below how you searched")),
    (Answer.WRONG_AGENCY, N_("Wrong agency"), N_("Say below whom to ask instead")),
    (Answer.DECLINE, N_("Decline"), N_("Say below why")),
    (Answer.CANNOT_OPEN, N_("I cannot open it"), N_("We will ring you")),
    (Answer.WRONG_PERSON, N_("Not for me"), N_("We will ring your agency")),
)
STANDS = {  # what an agency said last, as its page says it again
    Responded.ACCEPTED: N_("Accept"), Responded.DECLINED: N_("Decline"), Responded.INFORMATION: N_("Information"),
    Responded.NOTHING_KNOWN: N_("Not known to us"), Responded.WRONG_AGENCY: N_("Wrong agency"),
}  # fmt: skip
CRIES = frozenset({Answer.CANNOT_OPEN, Answer.WRONG_PERSON})  # of whoever cannot know the code
FROM_A_NOTICE = CRIES | {Answer.RECEIVED}
REASONS = {
    DeclineReason.NOT_REMIT: N_("Not our area or remit"),
    DeclineReason.NO_CAPACITY: N_("No capacity"),
    DeclineReason.INSUFFICIENT_INFO: N_("Not enough information"),
    DeclineReason.CONFLICT: N_("Conflict of interest"),
    DeclineReason.ALREADY_OPEN: N_("Already open to us"),
    DeclineReason.NOT_KNOWN: N_("Not known to us"),
    DeclineReason.UNSTATED: N_("Another reason"),
}
DELETED = "deleted"  # the choice of somebody whose packet was recalled
TELL = frozenset({Answer.INFORMATION, Answer.INTERIM})  # an answer that is nothing without words
LONGEST_LINE = 500
NOT_SENT = N_("We have not been able to send it to you: ring us")


@dataclass(frozen=True, slots=True)
class Place:
    """Which packet a link is about."""

    case: Case
    leg: Leg
    notice: bool  # reached by the link of a mail that anybody may read

    @property
    def choices(self) -> list[dict[str, str]]:
        """What may be answered here; of a packet that was recalled, first of all that it is deleted."""
        return [{"value": str(code), "text": say(text), "hint": say(hint)} for code, text, hint in self._offered()]

    @property
    def nothing_there(self) -> bool:
        """Whoever has the link was not sent what it is about, or it came back."""
        return self.notice and not self.leg.arrived and not _recalled(self.leg)

    def _offered(self) -> Iterator[tuple[str, str, str]]:
        if _recalled(self.leg):
            yield DELETED, N_("Deleted"), N_("We have deleted the message and every copy")
        for choice in CHOICES:
            usual = choice[0] in FROM_A_NOTICE or not self.notice
            if usual and not (self.nothing_there and choice[0] is Answer.RECEIVED):
                yield choice


@router.get("/answer/{token}")
async def show(request: Request, token: str) -> Response:
    """What is asked, and the choices."""
    site = site_of(request)
    return await _page(request, site, await place_of(site, token), links.held(request, token), {})


@router.post("/answer/{token}")
async def take(request: Request, token: str) -> Response:
    """A person's answer."""
    site = site_of(request)
    form = await site.form(request)
    place = await place_of(site, token)
    errors = _faults(form, place)
    proof = Proof.PAGE
    if not errors and form.one("answer") == DELETED:
        return await _take_deleted(request, site, place, form)
    if not errors:
        proof, wrong = await _proof(site, place, form)
        if wrong:
            errors = {"code": wrong}
    if errors:
        return await _page(request, site, place, form.values(), errors)
    await answer_attending.record(site, place, form, proof)
    if not form.one("answer"):
        return await site.page(
            request, "public/attending", title=say("Answered"), reference=place.case.reference,
            counts=proof is Proof.PACKET_CODE, over=False,
        )  # fmt: skip
    recorded = await _record(site, place, form, proof)
    leg, now = recorded.leg(place.leg.id), site.hub.clock.now()
    due = (
        shown(place.leg.answer_due, await site.rules(), now) if place.leg.answer_due > now else ""
    )  # not "by" the past
    return await site.page(
        request, "public/answered", title=say("Answered"), reference=place.case.reference,
        complete=bool(leg and leg.complete), answer_due=due, deleted=False,
        helped=form.one("answer") not in CRIES,
        unqualified=bool(leg and leg.unqualified and leg.owing), again=_here(request),
    )  # fmt: skip


async def _take_deleted(request: Request, site: Site, place: Place, form: Form) -> Response:
    leg, hub = place.leg, site.hub
    event = RecallConfirmed(hub.clock.now(), leg.agency, leg.id, Proof.PAGE, "page")
    parts = {content.WHO: links.who(form, Proof.PAGE)}
    await hub.record(place.case.id, event, _cause(place, form), parts, actor=leg.agency)
    return await site.page(
        request, "public/answered", title=say("Answered"), reference=place.case.reference, complete=True,
        deleted=True,
    )  # fmt: skip


def outcomes(place: Place) -> list[dict[str, str]]:
    """What may have come of it, once every subject of the leg is decided."""
    subjects = [s for s in place.case.subjects if s.id in place.leg.subjects]
    if not all(s.decision for s in subjects):
        return []
    forms = dict.fromkeys(s.codes.form for s in subjects)
    return [{"value": code, "text": say(text)} for form in forms for code, text in outcome.codes_of(form).choices]


async def place_of(site: Site, token: str, *, sealed: bool = False) -> Place:
    """Raises 404 for a link that we never made, and with `sealed` for one that stood in readable mail; ShutOut for an
    agency that must not see the case any more."""
    case, link, leg_id = await links.case_of(site, token, sealed=sealed)
    leg = case.leg(leg_id)
    if leg is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    links.allow(case, leg.agency)
    return Place(case, leg, link.kind == "notice")


def _recalled(leg: Leg) -> bool:
    return leg.recall in (Recall.RECALLED, Recall.CONFIRMED)


def _faults(form: Form, place: Place) -> dict[str, str]:
    errors = {} if form.one("name") else {"name": say("Write your name, so that we know who has it")}
    if not form.one("answer") and answer_attending.chosen(form, place):
        return errors  # they say only whether they come: the packet is answered another time
    errors |= _said_badly(form, place)
    if len(form.one("words")) > links.LONGEST:
        errors["words"] = say("This is too long: reply to the mail instead, with an attachment")
    for name in ("systems", "identifiers", "searched", "own_reference"):
        if len(form.one(name)) > LONGEST_LINE:
            errors[name] = say("This is too long: write it shorter")
    return errors


def _said_badly(form: Form, place: Place) -> dict[str, str]:
    """What the answer itself lacks."""
    errors = {}
    if form.one("answer") not in {choice["value"] for choice in place.choices}:
        errors["answer"] = say(NOT_SENT) if place.nothing_there else say("Choose one answer")
    elif form.one("answer") in TELL and not form.one("words"):
        errors["words"] = say("Write what you know, or when the full answer comes")
    elif form.one("answer") == Answer.DECLINE and form.one("reason") not in {r.value for r in REASONS}:
        errors["reason"] = say("Choose why")
    return errors


async def _proof(site: Site, place: Place, form: Form) -> tuple[Proof, str]:
    """How sure we are, and what is wrong with the code."""
    if form.one("answer") in CRIES and not answer_attending.chosen(form, place):
        return Proof.PAGE, ""
    wrong = await links.wrong_code(site, place.case, place.leg.id, form, by_notice=place.notice)
    return (Proof.PAGE, wrong) if wrong else (Proof.PACKET_CODE, "")


async def _record(site: Site, place: Place, form: Form, proof: Proof) -> Case:
    hub, leg, answer = site.hub, place.leg, Answer(form.one("answer"))
    told = Telling(
        form.one("words"), form.one("systems"), form.one("identifiers"), form.one("searched"),
        form.one("own_reference"), released=form.one("released") == "yes",
    )  # fmt: skip
    event = Answered(
        hub.clock.now(), leg.agency, leg.id, answer, proof, "page",
        reason=DeclineReason(form.one("reason")) if answer is Answer.DECLINE else None,
        contribution=hub.chance.id() if answer in CONTRIBUTES else "", nil_missing=told.missing(answer),
        suggested=await _suggested(site, form) if answer in DECLINES else "", released=told.released,
    )  # fmt: skip
    parts = {content.WHO: links.who(form, proof), **told.parts(event)}
    return (await hub.record(place.case.id, event, _cause(place, form), parts, actor=leg.agency)).case


async def _suggested(site: Site, form: Form) -> str:
    """The agency chosen: nothing else that a form may hold becomes part of the record."""
    agency = (await site.rules()).agency(form.one("suggested"))
    return agency.id if agency else ""


def _cause(place: Place, form: Form) -> str:
    return f"page:{place.case.id}:{place.leg.id}:{form.once}"


def _here(request: Request) -> str:
    return f"/answer/{request.path_params['token']}"


def _stands(leg: Leg, when: str) -> str:
    """What this agency answered last, so that nobody answers again for want of knowing."""
    last = STANDS.get(leg.response)
    return say("Your agency answered “%(answer)s”, %(when)s.", answer=say(last), when=when) if last else ""


async def _page(
    request: Request, site: Site, place: Place, values: dict[str, str], errors: dict[str, str]
) -> Response:
    rules, now = await site.rules(), site.hub.clock.now()
    agency = rules.agency(place.leg.agency)
    page = "public/answer_notice" if place.notice else "public/answer"
    return await site.page(
        request, page, HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title=say("Answer"),
        agency=agency.name if agency else say("your team"), reference=place.case.reference,
        acknowledge_due=shown(place.leg.acknowledge_due, rules, now),
        answer_due=shown(place.leg.answer_due, rules, now),
        late=now > place.leg.acknowledge_due and not place.leg.acknowledged_at,
        recalled=_recalled(place.leg), notice=place.notice, not_sent=place.nothing_there,
        choices=place.choices,
        agencies=[{"value": a.id, "text": a.name} for a in rules.agencies if a.id != place.leg.agency],
        reasons=[{"value": r.value, "text": say(text)} for r, text in REASONS.items()],
        meetings=answer_attending.asked(place, rules, site), outcomes=outcomes(place),
        here=_here(request), overdue=now > place.leg.answer_due,
        stands="" if place.notice or place.leg.answered_at is None
        else _stands(place.leg, shown(place.leg.answered_at, rules, now)),
        values=values, errors=errors, once=values.get("once") or site.hub.chance.id(),
    )  # fmt: skip
