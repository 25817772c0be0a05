"""The telephone page: a referral as somebody tells it, typed while listening, or typed in from what was written."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from exchange import content
from exchange.case import topics
from exchange.case.feedback import ANONYMOUS
from exchange.case.fields import BY_KEY, FIELDS, Field, Kind, Section
from exchange.case.referral import MOST_PERSONS, MOST_SUBJECTS, Referral, ReferralRefused, answered, read
from exchange.case.step import CannotHappen
from exchange.compartments import opened_for
from exchange.desk import (
    Caller,
    Desk,
)
from exchange.desk.act import (
    caller_at,
)
from exchange.desk.given import (
    Given,
    Unfit,
)
from exchange.policy import (
    Action,
    Viewer,
    require,
)
from exchange.store import (
    casebook,
    journal,
)
from exchange.web import asking, slips
from exchange.web.context import Site, site_of
from exchange.web.desk_case import show_case
from exchange.web.desk_reading import Original, original_of
from exchange.web.forgery import Form
from exchange.web.sign_in import menu, viewer_of
from templates.disclosed import read_as

router = APIRouter()
_INPUTS = {"rang": "rang_date"}  # where an error about a value of several inputs leads
_CALLERS = ("name", "telephone")  # asked at the top of the page; whoever types a letter in finds them below


@router.get("/desk/case/{reference}/transcribe")
async def type_in(request: Request, reference: str) -> Response:
    """An unstructured contact, to be typed in from what was written."""
    viewer = await viewer_of(request)
    require(viewer, Action.TRANSCRIBE)
    return await _telephone(request, viewer, {}, {}, reference)


@router.post("/desk/case/{reference}/transcribe")
async def transcribe(request: Request, reference: str) -> Response:
    """It becomes a referral; its clocks run from the day it came."""
    viewer, site = await viewer_of(request), site_of(request)
    form = await site.form(request)
    desk = Desk(site.hub, viewer)
    case = await desk.case(reference)
    if more := form.one("more"):
        return await _telephone(request, viewer, _widened(form, more), {}, reference)
    try:
        await desk.transcribe(case.id, read(_typed(form)), f"desk:{viewer.id}:transcribe:{form.once}")
    except ReferralRefused as refused:
        return await _telephone(request, viewer, _again(form), {"": _worded(refused)}, reference)
    except CannotHappen as wrong:
        return await _telephone(request, viewer, _again(form), {"": str(wrong)}, reference)
    return RedirectResponse(f"/desk/case/{case.reference}", HTTPStatus.SEE_OTHER)


@router.get("/desk/telephone")
async def telephone(request: Request) -> Response:
    """A referral taken by telephone: every question on one page, for somebody who types while listening."""
    viewer = await viewer_of(request)
    require(viewer, Action.TAKE_CONTACT)
    return await _telephone(request, viewer, {}, {})


@router.post("/desk/telephone")
async def take(request: Request) -> Response:
    """Record it: who rang, when, and what they said."""
    viewer, site = await viewer_of(request), site_of(request)
    form = await site.form(request)
    desk = Desk(site.hub, viewer)
    if more := form.one("more"):
        return await _telephone(request, viewer, _widened(form, more), {})
    try:
        who = await caller_at(desk, Given(form.fields))
        referral, cause = read(with_caller(_typed(form), who)), f"telephone:{viewer.id}:{form.once}"
        if wrong_ones := slips_of(referral, desk.now().astimezone((await site.rules()).calendar.zone).date()):
            return await _telephone(request, viewer, _again(form), wrong_ones)
        lodged = await desk.take_contact(referral, who, form.one("rating"), cause)
    except Unfit as wrong:
        return await _telephone(request, viewer, _again(form), {_INPUTS.get(wrong.name, wrong.name): str(wrong)})
    except CannotHappen as wrong:
        return await _telephone(request, viewer, _again(form), {"": str(wrong)})
    except ReferralRefused as refused:
        return await _telephone(request, viewer, _again(form), {"": _worded(refused)})
    await site.hub.note(journal.ACCESS, "ReceiptCodeShown", viewer.id, case=lodged.case_id)
    return await show_case(request, viewer, lodged.reference, read_out=site.hub.codes.receipt(lodged.case_id))


def slips_of(referral: Referral, today: date) -> dict[str, str]:
    """What can be read and cannot be right, by its input: while they are on the line, it can be asked again."""
    found = {}
    for where, key, value in answered(referral):
        if told := slips.slip(BY_KEY[key], value, today):
            found[f"{where}.{BY_KEY[key].name}" if where else key] = told
    for n, answers in enumerate(referral.subjects, 1):
        if told := slips.of_birth(referral.form, answers, today):
            found[f"s{n}.date_of_birth"] = told
    return found


def with_caller(told: dict[str, Any], who: Caller) -> dict[str, Any]:
    """Who rings is who tells us, and the packets say so; of whoever wants to stay unnamed only the hub knows."""
    if told["referrer"].get("source") != ANONYMOUS:
        ring = {"name": who.name, "telephone": who.telephone}
        told["referrer"] = {**{name: text for name, text in ring.items() if text}, **told["referrer"]}
    return told


def _worded(refused: ReferralRefused) -> str:
    """The first thing wrong, by the question it is about."""
    first = refused.problems[0]
    section, _, rest = first.where.replace("subjects", "subject").replace("household", "person").partition(".")
    number, _, name = rest.rpartition(".")
    asked = BY_KEY.get(f"{section}.{name}")
    person = f" (person {number})" if number else ""
    return f"{read_as(asked) if asked else first.where}{person}: {first.what}, {first.remedy}"


def _typed(form: Form) -> dict[str, Any]:
    which = "adult" if form.one("form") == "adult" else "child"
    found: dict[str, Any] = {"form": which}
    for section in (Section.REFERRER, Section.CONCERN, Section.CONSENT):
        found[section.value] = _answers(form, section, section.value, which)
    subjects = [_answers(form, Section.SUBJECT, f"s{n}", which) for n in range(1, MOST_SUBJECTS + 1)]
    found["subjects"] = [s for s in subjects if s]
    people = [_answers(form, Section.PERSON, f"p{n}", which) for n in range(1, MOST_PERSONS + 1)]
    found["household"] = [p for p in people if p]
    return found


def _answers(form: Form, section: Section, prefix: str, which: str) -> dict[str, str]:
    asked = (f for f in FIELDS if f.section == section and which in f.forms)
    return {f.name: value for f in asked if (value := asking.given(f, form, f"{prefix}.{f.name}"))}


def _again(form: Form) -> asking.Values:
    """What was typed, as the page's inputs take it again."""
    boxes = {f.name for f in FIELDS if f.kind is Kind.SEVERAL}
    ticked = {name: form.all(name) for name in form.fields if name.rpartition(".")[2] in boxes}
    return {**form.values(), **ticked}


def _widened(form: Form, more: str) -> asking.Values:
    """The same page with one more person, or about an adult instead; nothing typed is lost by it."""
    values = _again(form)
    if more in ("child", "adult"):
        return {**values, "form": more}
    number = str(values.get(more, "1"))
    return {**values, more: str(int(number) + 1 if number.isdecimal() and len(number) < 4 else 1)}


def _unasked(values: asking.Values, which: str) -> list[tuple[str, str]]:
    """What was answered that this form does not ask, and the other does: whoever changes their mind has it again."""
    elsewhere = {f.name for f in FIELDS if which not in f.forms} - {f.name for f in FIELDS if which in f.forms}
    found = []
    for name, said in values.items():
        if name.rpartition(".")[2].partition("-")[0] in elsewhere:
            found += [(name, one) for one in ((said,) if isinstance(said, str) else said) if one]
    return found


def _topics(
    section: Section, which: str, prefix: str = "", told: Collection[str] = ()
) -> list[tuple[str, tuple[Field, ...], bool]]:
    """(heading, questions, folded away) of each topic of a section: what every call needs, or has an answer, stands
    open."""
    found = [(t, topics.fields(t, which)) for t in topics.TOPICS if t.section is section and which in t.forms]
    return [
        (t.heading, asked, t not in topics.ESSENTIAL and not any(f"{prefix}.{f.name}" in told for f in asked))
        for t, asked in found
    ]


def _of_caller(which: str) -> tuple[Field, ...]:
    """The questions about whoever rings, but for those at the top of the page."""
    asked = [f for topic in _topics(Section.REFERRER, which) for f in topic[1] if f.name not in _CALLERS]
    return tuple(asked)


def _how_many(request: Request, values: asking.Values, of: str, most: int) -> int:
    asked = str(request.query_params.get(of, values.get(of, "1")))
    return max(1, min(int(asked), most)) if asked.isdecimal() and len(asked) < 4 else 1


async def _telephone(
    request: Request, viewer: Viewer, values: asking.Values, errors: asking.Errors, reference: str = ""
) -> Response:
    site = site_of(request)
    words, original = await _original(request, viewer, reference) if reference else ((), Original())
    values = values or (original.values if original.answers else {})
    which = "adult" if request.query_params.get("form", values.get("form")) == "adult" else "child"
    subjects = _how_many(request, values, "subjects", MOST_SUBJECTS)
    people = _how_many(request, values, "people", MOST_PERSONS)
    sections = [("concern", "The concern", Section.CONCERN)]
    sections += [(f"s{n}", f"Person {n} at risk", Section.SUBJECT) for n in range(1, subjects + 1)]
    sections += [(f"p{n}", f"Person {n} in their life", Section.PERSON) for n in range(1, people + 1)]
    sections += [("consent", "Consent", Section.CONSENT)]
    sections += [("referrer", "Who wrote it", Section.REFERRER)] if reference else []
    told = {name for name, value in values.items() if value}
    return await site.page(
        request, "desk/telephone", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK,
        title=f"Type in {reference}" if reference else "Take a telephone referral",
        navigation=menu(request), signed_in_as=viewer.id, errors=errors, form=which, label=read_as,
        unasked=_unasked(values, which), most_subjects=MOST_SUBJECTS, most_people=MOST_PERSONS,
        of_caller=_of_caller(which), values=values or await _now(request, site), subjects=subjects, people=people,
        ratings=[{"value": r.code, "text": r.label} for r in (await site.rules()).ratings],
        sections=[(prefix, title, _topics(section, which, prefix, told)) for prefix, title, section in sections],
        hints=original.hints, original=original,
        once=values.get("once") or site.hub.chance.id(), reference=reference, words=words,
        action=f"/desk/case/{reference}/transcribe" if reference else "/desk/telephone",
    )  # fmt: skip


async def _now(request: Request, site: Site) -> asking.Values:
    """Most calls are typed in while they last; a consultation that becomes a referral knows who asks."""
    source = request.query_params.get("source", "")
    local = site.hub.clock.now().astimezone((await site.rules()).calendar.zone)
    return {"rang_date": f"{local:%d/%m/%Y}", "rang_time": f"{local:%H:%M}", "referrer.source": source}


async def _original(request: Request, viewer: Viewer, reference: str) -> tuple[tuple[str, ...], Original]:
    """What the person wrote, to type from, and what came by mail."""
    require(viewer, Action.SEE_CONTENT)
    hub = site_of(request).hub
    case = await Desk(hub, viewer).case(reference)
    async with hub.database.reading(hub.scope(viewer)) as tx:
        opened = await opened_for(hub, tx, case, await casebook.rules_of(tx, case), viewer)
    words = tuple(plain.decode() for _, name, plain in opened.bodies if name == content.WORDS)
    return words, await original_of(request, viewer, case)
