"""The page on which what was typed in wrongly is put right: every answer as it stands, to be changed if wrong.

What is left as it is changes nothing; what is emptied is taken out; what somebody else put right meanwhile is not
overwritten.
"""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from exchange.case.fields import Field, Kind, Section
from exchange.case.referral import Referral
from exchange.case.step import CannotHappen
from exchange.desk import Desk
from exchange.desk.acts import perform
from exchange.desk.correcting import SECTIONS, asked
from exchange.desk.given import Given, Unfit, faults
from exchange.policy import Action, Viewer, require
from exchange.store import casebook, journal
from exchange.web import asking
from exchange.web.act_forms import Refused
from exchange.web.context import site_of
from exchange.web.desk_case import show_case
from exchange.web.forgery import Form
from exchange.web.sign_in import menu, viewer_of
from templates.disclosed import read_as

router = APIRouter()
_TITLES = {Section.CONCERN: "The concern", Section.CONSENT: "Consent", Section.REFERRER: "Who told us"}
_NOBODY_YET = "Type the contact in first: there is nothing to correct yet"


@router.get("/desk/case/{reference}/correct")
async def show(request: Request, reference: str) -> Response:
    """Every answer about the concern, consent and referrer, as it stands."""
    viewer = await viewer_of(request)
    require(viewer, Action.TRANSCRIBE)
    return await _page(request, viewer, reference, None, {})


@router.post("/desk/case/{reference}/correct")
async def take(request: Request, reference: str) -> Response:
    """Put right what differs."""
    viewer, site = await viewer_of(request), site_of(request)
    require(viewer, Action.TRANSCRIBE)
    form, desk = await site.form(request), Desk(site.hub, viewer)
    case = await desk.case(reference)
    whole = await _referral(request, viewer, case.id)
    if whole is None:
        return await show_case(request, viewer, reference, Refused("", {}, {"": _NOBODY_YET}))
    given = Given(_given(form, whole))
    try:
        await perform(desk, "correct_concern", case.id, given, f"desk:{viewer.id}:correct:{form.once}")
    except (Unfit, CannotHappen) as wrong:
        return await _page(request, viewer, reference, form, faults(wrong))
    return RedirectResponse(f"/desk/case/{case.reference}#concern", HTTPStatus.SEE_OTHER)


async def _referral(request: Request, viewer: Viewer, case: str) -> Referral | None:
    hub = site_of(request).hub
    async with hub.database.reading(hub.scope(viewer)) as tx:
        return await hub.referral(tx, case)


def _given(form: Form, whole: Referral) -> dict[str, tuple[str, ...]]:
    """What differs from what is known; of what was emptied, that it is taken out."""
    found: dict[str, tuple[str, ...]] = {name: form.all(name) for name in ("reason", "after")}
    cleared = []
    for name, field in asked(whole.form):
        text, before = asking.given(field, form, name), _known(whole, name)
        if text != before and text:
            found[name] = field.chosen(text) if field.kind is Kind.SEVERAL else (text,)
        elif before and not text and name in form.fields:  # what was not sent at all is no answer that was emptied
            cleared.append(name)
    return {**found, "clear": tuple(cleared)}


def _known(whole: Referral, name: str) -> str:
    section, _, plain = name.partition(".")
    answers = {"concern": whole.concern, "consent": whole.consent, "referrer": whole.referrer}[section]
    return answers.get(plain, "")


async def _page(
    request: Request, viewer: Viewer, reference: str, form: Form | None, errors: dict[str, str]
) -> Response:
    site, hub = site_of(request), site_of(request).hub
    async with hub.database.reading(hub.scope(viewer)) as tx:
        case = await casebook.find(tx, reference)
        whole = await hub.referral(tx, case.id)
    if whole is None:
        return await show_case(request, viewer, reference, Refused("", {}, {"": _NOBODY_YET}))
    await hub.note(journal.ACCESS, "Viewed", viewer.id, case=case.id)
    questions = tuple(asked(whole.form))
    values: asking.Values = {name: _shown(field, _known(whole, name)) for name, field in questions}
    if form:
        typed = {name: _shown(field, asking.given(field, form, name)) for name, field in questions}
        values = {**form.values(), **typed}
    return await site.page(
        request, "desk/correct", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title="Put right what is wrong",
        navigation=menu(request), signed_in_as=viewer.id, case=case, values=values, errors=errors, label=read_as,
        once=values.get("once") or hub.chance.id(), after=values.get("after") or str(len(case.corrections)),
        back=f"/desk/case/{case.reference}", sent=any(leg.arrived for leg in case.legs),
        sections=[(_TITLES[s], [(n, f) for n, f in questions if f.section is s]) for s in SECTIONS],
    )  # fmt: skip


def _shown(field: Field, answer: str) -> str | tuple[str, ...]:
    return field.chosen(answer) if field.kind is Kind.SEVERAL and answer else answer
