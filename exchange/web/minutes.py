"""The page on which the record of a discussion is written: one form, begun from the version before.

What was typed comes back with whatever is wrong; what somebody else wrote meanwhile is not overwritten.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from exchange import content, record_words, wording
from exchange.case import record_fields as asked
from exchange.case.action import HUB
from exchange.case.fields import Kind
from exchange.case.record import OfSubject, Record, Version
from exchange.case.rules import Rules
from exchange.case.step import CannotHappen
from exchange.case.strategy_discussion import Mode, Rang, StrategyDiscussion
from exchange.compartments import opened_for
from exchange.desk import Desk
from exchange.desk.acts import perform
from exchange.desk.given import Given, Unfit, faults
from exchange.policy import Action, Viewer, require
from exchange.store import casebook, journal
from exchange.web.act_forms import Refused
from exchange.web.context import site_of
from exchange.web.desk_case import names_of, show_case
from exchange.web.forgery import Form
from exchange.web.sign_in import menu, viewer_of

router = APIRouter()
Values = dict[str, Any]
MORE = 3  # empty rows below those that are filled in
_BOXES = (".subjects", ".recipients", ".protection")  # names of what takes several ticks


@router.get("/desk/case/{reference}/minutes")
async def show(request: Request, reference: str) -> Response:
    """The form, filled in from the newest version."""
    viewer = await viewer_of(request)
    require(viewer, Action.MINUTE)
    return await _page(request, viewer, reference, request.query_params.get("discussion", ""), None, {})


@router.post("/desk/case/{reference}/minutes")
async def take(request: Request, reference: str) -> Response:
    """Keep it as a new version."""
    viewer, site = await viewer_of(request), site_of(request)
    require(viewer, Action.MINUTE)
    form, desk = await site.form(request), Desk(site.hub, viewer)
    case = await desk.case(reference)
    cause = f"desk:{viewer.id}:minute:{form.once}"
    try:
        await perform(desk, "minute", case.id, Given(form.fields), cause)
    except (Unfit, CannotHappen) as wrong:
        errors = {_input(name): told for name, told in faults(wrong).items()}
        return await _page(request, viewer, reference, form.one("discussion"), form, errors)
    return RedirectResponse(f"/desk/case/{case.reference}#records", HTTPStatus.SEE_OTHER)


def _input(name: str) -> str:
    """The input that takes a moment is in two parts."""
    return f"{name}_date" if name in ("started", "ended", "next") else name


async def _page(
    request: Request, viewer: Viewer, reference: str, name: str, form: Form | None, errors: dict[str, str]
) -> Response:
    site, hub = site_of(request), site_of(request).hub
    async with hub.database.reading(hub.scope(viewer)) as tx:
        case = await casebook.find(tx, reference)
        rules = await casebook.rules_of(tx, case)
        opened = await opened_for(hub, tx, case, rules, viewer)
    discussion, record = case.discussion(name), case.record(name)
    if discussion is None or record is None:
        told = "Choose a discussion that has been held: its record is written then"
        return await show_case(request, viewer, reference, Refused("", {}, {"": told}))
    await hub.note(journal.ACCESS, "Viewed", viewer.id, case=case.id)
    said = {body: plain for _, body, plain in opened.bodies}
    typed = _again(form) if form else _begun(discussion, record, rules, said, hub.clock.now())
    newest = record.latest
    referral = content.referral_from((body, plain) for _, body, plain in opened.bodies)
    return await site.page(
        request, "desk/minutes", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK,
        title=f"Record of discussion {name[1:]}", navigation=menu(request), signed_in_as=viewer.id, case=case,
        discussion=discussion, back=f"/desk/case/{case.reference}", values=typed, errors=errors,
        once=typed.get("once") or hub.chance.id(), after=typed.get("after") or (newest.id if newest else "v0"),
        corrects=record.in_force is not None, questions=asked.QUESTIONS, choices=_options,
        names=names_of(referral, case), agencies=_agencies(rules), hub_and_agencies=_agencies(rules, hub_too=True),
        invited=[i.agency for i in discussion.invitees], agency_name=lambda a: wording.agency_name(a, rules),
        lists={"modes": asked.MODES, "roles": asked.ROLES, "present": asked.PRESENT, "vetted": asked.VETTED,
               "apologies": asked.APOLOGIES, "emergencies": asked.EMERGENCIES},
        releases=[{"value": r.value, "text": text} for r, text in record_words.RELEASES.items()],
        rows={kind: _rows(typed, kind, least) for kind, least in
              (("attendee", len(discussion.invitees)), ("information", len(discussion.invitees)), ("dissent", 0))},
    )  # fmt: skip


def _options(of: Any) -> list[dict[str, str]]:
    """A code list as a form's choices."""
    return [{"value": code, "text": text} for code, text in of.choices]


def _agencies(rules: Rules, *, hub_too: bool = False) -> list[dict[str, str]]:
    own = [{"value": HUB, "text": "The hub"}] if hub_too else []
    return own + [{"value": a.id, "text": a.name} for a in rules.agencies]


def _rows(values: Mapping[str, Any], kind: str, least: int) -> dict[str, range]:
    """The numbers of the rows to show, those filled in and those expected; and of some more, folded away."""
    numbers = (name.split(".")[1] for name, value in values.items() if name.startswith(f"{kind}.") and value)
    filled = max((int(number) for number in numbers if number.isdigit()), default=0)
    shown = max(filled, least)
    return {"shown": range(1, shown + 1), "more": range(shown + 1, shown + 1 + MORE)}


def _again(form: Form) -> Values:
    """What was typed, as the page's inputs take it again."""
    ticked = {name: form.all(name) for name in form.fields if name.endswith(_BOXES)}
    return {**form.values(), **ticked}


def _begun(
    discussion: StrategyDiscussion, record: Record, rules: Rules, said: Mapping[str, bytes], now: datetime
) -> Values:
    """The answers of the newest version; of the first, what is known from the invitations."""
    if record.latest:
        return _of_version(record, record.latest, rules, said)
    began = discussion.starts_at if discussion.starts_at <= now else None  # it was held sooner than was called
    values: Values = {**_moment("started", began, rules), "mode": "telephone" if discussion.by_telephone else "video"}
    if discussion.rang:
        values["emergency_words"] = "\n".join(_rang(one, rules) for one in discussion.rang)
    for n, invitee in enumerate(discussion.invitees, 1):
        values[f"information.{n}.agency"] = invitee.agency
        if invitee.attended:
            mode = invitee.mode.value if invitee.mode else ""
            there = {"agency": invitee.agency, "mode": mode, "deputy": "yes" if invitee.by_deputy else ""}
            values |= _named(f"attendee.{n}", there)
        elif invitee.mode is Mode.WRITTEN:
            values |= _named(f"attendee.{n}", {"agency": invitee.agency, "mode": Mode.WRITTEN.value})
        else:
            values[f"apology.{invitee.agency}.why"] = ""
    return values


def _rang(one: Rang, rules: Rules) -> str:
    local = one.at.astimezone(rules.calendar.zone)
    return f"{wording.agency_name(one.agency, rules)}, {local:%H:%M}: {'reached' if one.reached else 'not reached'}"


def _moment(name: str, at: datetime | None, rules: Rules) -> Values:
    if at is None:
        return {}
    local = at.astimezone(rules.calendar.zone)
    return {f"{name}_date": f"{local:%Y-%m-%d}", f"{name}_time": f"{local:%H:%M}"}


def _of_version(record: Record, version: Version, rules: Rules, said: Mapping[str, bytes]) -> Values:
    """The answers of a version, by the names of the form."""

    def body(part: str = "") -> dict[str, Any]:
        found: dict[str, Any] = json.loads(said.get(content.of_record(record.discussion, version.id, part), b"{}"))
        return found

    minutes, shared = version.minutes, body()
    values: Values = {"mode": minutes.mode, "emergency": minutes.emergency}
    values |= {name: shared.get(name, "") for name in ("trigger", "emergency_words")}
    for name, at in (("started", minutes.started), ("ended", minutes.ended), ("next", minutes.next_at)):
        values |= _moment(name, at, rules)
    for of in minutes.subjects:
        values |= _named(f"subject.{of.subject}", {**body(of.subject), **_codes(of)})
    return values | _agencies_part(record, version, shared, said)


def _codes(of: OfSubject) -> Values:
    return {name: code.split(",") if asked.BY_NAME[name].kind is Kind.SEVERAL else code for name, code in of.codes}


def _agencies_part(record: Record, version: Version, shared: dict[str, Any], said: Mapping[str, bytes]) -> Values:
    """Who was there, who was not, what each told, and who does not agree."""
    minutes, values = version.minutes, Values()
    names, why, dissents = (shared.get(kind, {}) for kind in ("names", "apologies", "dissents"))
    for t in minutes.attendees:
        row = {"agency": t.agency, "name": names.get(t.id, ""), "role": t.role, "mode": t.mode,
               "deputy": "yes" if t.deputy else "", "vetted": t.vetted}  # fmt: skip
        values |= _named(f"attendee.{t.id[1:]}", row)
    for a in minutes.apologies:
        values |= _named(f"apology.{a.agency}", {"why": a.why, "words": why.get(a.agency, "")})
    for n in minutes.information:
        words = said.get(content.of_record(record.discussion, version.id, n.id), b"").decode()
        row = {"agency": n.agency, "words": words, "release": n.release.value, "subjects": list(n.subjects),
               "recipients": list(n.recipients)}  # fmt: skip
        values |= _named(f"information.{n.id[1:]}", row)
    for o in minutes.dissents:
        row = {"agency": o.agency, "words": dissents.get(o.id, ""), "subjects": list(o.subjects)}
        values |= _named(f"dissent.{o.id[1:]}", row)
    return values


def _named(at: str, row: Mapping[str, Any]) -> Values:
    return {f"{at}.{name}": value for name, value in row.items()}
