"""The action page: where the owner of an action says how it stands, with the code from inside the sealed letter.

1. Opening it changes nothing, and it shows nothing about anybody: whoever has the link may not have read the letter.
2. "Done" and "not yet" need a typed name and the code; five wrong tries lock it. A cry for help needs the name alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from exchange import content
from exchange.case.acknowledgement import Proof
from exchange.case.action import LEAST_PROOF, Action, ActionAnswered, DoingAnswer
from exchange.case.state import Case
from exchange.web import links
from exchange.web.context import Site, shown, site_of
from exchange.web.forgery import Form
from templates.languages import N_, say

router = APIRouter()
CHOICES = (
    (DoingAnswer.DONE, N_("Done"), N_("It has been done, all of it")),
    (DoingAnswer.LATER, N_("Not yet"), N_("Say below by which day")),
    (DoingAnswer.CANNOT, N_("We cannot do it"), N_("Say below why, so that somebody else can")),
)


@dataclass(frozen=True, slots=True)
class _Place:
    case: Case
    action: Action


@router.get("/action/{token}")
async def show(request: Request, token: str) -> Response:
    """What is asked, and the choices."""
    site = site_of(request)
    return await _page(request, site, await _place(site, token), links.held(request, token), {})


@router.post("/action/{token}")
async def take(request: Request, token: str) -> Response:
    """How it stands, from a person at the owner."""
    site = site_of(request)
    form = await site.form(request)
    place = await _place(site, token)
    errors = _faults(site, form)
    if not errors and (form.one("code") or LEAST_PROOF[DoingAnswer(form.one("answer"))] > Proof.PAGE):
        wrong = await links.wrong_code(site, place.case, place.action.id, form)
        errors = {"code": wrong} if wrong else {}
    if errors:
        return await _page(request, site, place, form.values(), errors)
    await _record(site, place, form)
    return await site.page(
        request,
        "public/action_answered",
        title=say("Answered"),
        reference=place.case.reference,
        answer=form.one("answer"),
    )


async def _place(site: Site, token: str) -> _Place:
    """Raises 404 for a link that we never put into a sealed letter."""
    case, _, about = await links.case_of(site, token, sealed=True)
    action = case.action(about)
    if action is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    links.allow(case, action.owner)
    return _Place(case, action)


def _faults(site: Site, form: Form) -> dict[str, str]:
    errors = {}
    if not form.one("name"):
        errors["name"] = say("Write your name, so that we know who says it")
    if form.one("answer") not in {value for value, _, _ in CHOICES}:
        errors["answer"] = say("Choose one answer")
    elif form.one("answer") == DoingAnswer.CANNOT and not form.one("words"):
        errors["words"] = say("Write why, so that somebody else can do it")
    elif form.one("answer") == DoingAnswer.LATER and _until(site, form) is None:
        errors["until"] = say("Write the day by which it will be done: today or later")
    if len(form.one("words")) > links.LONGEST:
        errors["words"] = say("This is too long: reply to the mail instead, with an attachment")
    return errors


def _until(site: Site, form: Form) -> date | None:
    day, month, year = (form.one(f"until-{part}") for part in ("day", "month", "year"))
    try:
        found = date.fromisoformat(f"{year.zfill(4)}-{month.zfill(2)}-{day.zfill(2)}")
    except ValueError:
        return None
    return found if found >= site.hub.clock.now().date() else None


async def _record(site: Site, place: _Place, form: Form) -> None:
    answer, owner = DoingAnswer(form.one("answer")), place.action.owner
    proof = Proof.PACKET_CODE if form.one("code") else Proof.PAGE
    until = _until(site, form) if answer is DoingAnswer.LATER else None
    event = ActionAnswered(site.hub.clock.now(), owner, place.action.id, answer, proof, "page", until)
    parts = {content.WHO: links.who(form, proof), content.WORDS: form.one("words").encode()}
    cause = f"page:{place.case.id}:{place.action.id}:{form.once}"
    await site.hub.record(place.case.id, event, cause, parts, actor=owner)


async def _page(
    request: Request, site: Site, place: _Place, values: dict[str, str], errors: dict[str, str]
) -> Response:
    rules, now = await site.rules(), site.hub.clock.now()
    agency = rules.agency(place.action.owner)
    return await site.page(
        request, "public/action", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title=say("Answer"),
        agency=agency.name if agency else say("your team"), reference=place.case.reference,
        due=shown(place.action.due, rules, now), late=now >= place.action.due,
        choices=[{"value": value.value, "text": say(text), "hint": say(hint)} for value, text, hint in CHOICES],
        values=values, errors=errors, once=values.get("once") or site.hub.chance.id(),
    )  # fmt: skip
