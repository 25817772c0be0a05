"""The page of a seat at a discussion: whether somebody comes, without an account. Opening it changes nothing.

1. Only the posted form answers, with a typed name and a real choice.
2. Two links, and neither can be told from an address in a mail's headers. That of an invitation is readable on its
   way, and goes to agencies that have no papers: what is said there is a claim, which fills no seat until somebody at
   the hub confirms it. That of the sealed papers takes nothing without the code beside it; five wrong tries lock it.
3. The page shows nothing about anybody: when, how long, and which agency is asked.
4. Once it is over nobody is asked any more whether they come; what is sent from a page that was open is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from exchange import content, discussion_wording
from exchange.case.acknowledgement import Proof
from exchange.case.event import InviteeReplied
from exchange.case.state import Case
from exchange.case.strategy_discussion import Attendance, Invitee, Meeting, StrategyDiscussion
from exchange.web import links
from exchange.web.context import Site, shown, site_of
from exchange.web.forgery import Form
from templates.languages import N_, say

router = APIRouter()
CHOICES = (
    (Attendance.ACCEPTED, N_("I will attend"), ""),
    (Attendance.DEPUTY, N_("Somebody else of my agency attends"), N_("Say below who")),
    (Attendance.TENTATIVE, N_("I do not know yet"), N_("We will ring you")),
    (Attendance.DECLINED, N_("Nobody of my agency can attend"), ""),
    (
        Attendance.WRITTEN,
        N_("Nobody can attend: we say in writing what we know"),
        N_("Write it below; it stays yours"),
    ),
)
LONGEST_LINE = 500


@dataclass(frozen=True, slots=True)
class _Place:
    """Which seat a link is about."""

    case: Case
    discussion: StrategyDiscussion
    seat: Invitee
    notice: bool  # reached by the link of a mail that anybody may read
    deputy: bool = False  # by a link that we sent to the deputy

    @property
    def about(self) -> str:
        return f"{self.discussion.id}/{self.seat.id}"

    @property
    def choices(self) -> list[dict[str, str]]:
        """What may be answered here."""
        offered = (c for c in CHOICES if not self.notice or c[0] is not Attendance.WRITTEN)
        return [{"value": str(code), "text": say(text), "hint": say(hint)} for code, text, hint in offered]


@router.get("/attend/{token}")
async def show(request: Request, token: str) -> Response:
    """When it is, and the choices."""
    site = site_of(request)
    return await _page(request, site, await _place(site, token), links.held(request, token), {})


@router.post("/attend/{token}")
async def take(request: Request, token: str) -> Response:
    """A person's answer."""
    site = site_of(request)
    form = await site.form(request)
    place = await _place(site, token)
    errors, proof = _faults(form, place), Proof.PAGE
    if not errors and not place.notice:
        wrong = await links.wrong_code(site, place.case, place.about, form)
        errors, proof = ({"code": wrong}, proof) if wrong else ({}, Proof.PACKET_CODE)
    if errors:
        return await _page(request, site, place, form.values(), errors)
    await _record(site, place, form, proof)
    return await site.page(
        request, "public/attending", title=say("Answered"), reference=place.case.reference,
        counts=proof is Proof.PACKET_CODE, over=place.discussion.over(site.hub.clock.now()),
    )  # fmt: skip


async def _place(site: Site, token: str) -> _Place:
    """Raises 404 for a link that we never made; ShutOut for an agency that must not see the case any more."""
    case, link, rest = await links.case_of(site, token)
    name, _, seat_id = rest.removesuffix("-deputy").partition("-")
    discussion = case.discussion(name)
    seat = discussion.invitee(seat_id) if discussion else None
    if discussion is None or seat is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    links.allow(case, seat.agency)
    return _Place(case, discussion, seat, link.kind == "notice", rest.endswith("-deputy"))


def _faults(form: Form, place: _Place) -> dict[str, str]:
    errors = {}
    if not form.one("name"):
        errors["name"] = say("Write your name, so that we know who answers")
    if form.one("answer") not in {choice["value"] for choice in place.choices}:
        errors["answer"] = say("Choose one answer")
    elif form.one("answer") == Attendance.DEPUTY and not form.one("deputy"):
        errors["deputy"] = say("Write who attends for you")
    elif form.one("answer") == Attendance.WRITTEN and not form.one("words"):
        errors["words"] = say("Write what your agency knows")
    if len(form.one("deputy")) > LONGEST_LINE:
        errors["deputy"] = say("This is too long: write it shorter")
    if len(form.one("words")) > links.LONGEST:
        errors["words"] = say("This is too long: reply to the encrypted mail instead, with an attachment")
    return errors


async def _record(site: Site, place: _Place, form: Form, proof: Proof) -> None:
    hub, now, said = site.hub, site.hub.clock.now(), Attendance(form.one("answer"))
    written = hub.chance.id() if said is Attendance.WRITTEN else ""
    event = InviteeReplied(
        now, place.discussion.id, place.seat.id, said, now, "page", proof, contribution=written, deputy=place.deputy,
    )  # fmt: skip
    parts = {content.WHO: links.who(form, proof)}
    if said is Attendance.DEPUTY:
        parts[f"{content.DEPUTY}{place.about}"] = form.one("deputy").encode()
    if place.deputy and said is Attendance.ACCEPTED:
        parts[f"{content.DEPUTY}{place.about}"] = form.one("name").encode()
    if form.one("words") and not place.notice:
        parts[content.said(written)] = form.one("words").encode()
    cause = f"page:{place.case.id}:{place.about}:{form.once}"
    await hub.record(place.case.id, event, cause, parts, actor=place.seat.agency)


async def _page(
    request: Request, site: Site, place: _Place, values: dict[str, str], errors: dict[str, str]
) -> Response:
    rules, now, discussion = await site.rules(), site.hub.clock.now(), place.discussion
    agency = rules.agency(place.seat.agency)
    return await site.page(
        request, "public/attend", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title=say("Answer"),
        agency=agency.name if agency else say("your team"), reference=place.case.reference,
        kind=say(discussion_wording.label(discussion.kind, rules)), starts=shown(discussion.starts_at, rules, now),
        minutes=discussion.minutes, cancelled=discussion.state is Meeting.CANCELLED, over=discussion.over(now),
        notice=place.notice, choices=place.choices,
        values=values, errors=errors, once=values.get("once") or site.hub.chance.id(),
    )  # fmt: skip
