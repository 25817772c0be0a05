"""The referral form: one topic a page, check your answers, send, keep the code. Works without any script."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from datetime import date
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from exchange.case.fields import Field
from exchange.case.referral import MOST_PERSONS, MOST_SUBJECTS, Referral, ReferralRefused, read
from exchange.contacting import Contact, lodge, referrer_from
from exchange.store import casebook, receipts
from exchange.store.casebook import Recorded
from exchange.store.database import Transaction
from exchange.web import asking, drafts
from exchange.web.context import Site, shown, site_of
from exchange.web.drafts import Draft, NoDraft

router = APIRouter()
_YES_NO = ({"value": "yes", "text": "Yes"}, {"value": "no", "text": "No"})
_QUESTIONS = {
    "another": "Are you worried about anybody else in this family or household?",
    "people": "Is there anybody else we should know about?",
    "more": "Can you tell us more?",
}
_MORE = "For example injuries, what happened before, or an assessment. If not, you are nearly done."


def _to(path: str) -> RedirectResponse:
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)


async def _expired(request: Request) -> Response:
    return await site_of(request).page(request, "error", HTTPStatus.GONE, kind="expired")


async def _with_draft(request: Request, act: Callable[[Site, Draft], Awaitable[Response]]) -> Response:
    site = site_of(request)
    try:
        draft = await drafts.load(site, request)
    except NoDraft:
        return await _expired(request)
    return _to("/referral/sent") if draft.sent else await act(site, draft)


@router.post("/referral/begin")
async def begin(request: Request) -> Response:
    """A new referral about children or an adult."""
    site = site_of(request)
    form = await site.form(request)
    draft = await drafts.begin(site, "adult" if form.one("form") == "adult" else "child")
    response = _to("/referral/danger")
    await drafts.save(site, response, draft)
    return response


@router.get("/referral/check")
async def check(request: Request) -> Response:
    """Everything said so far."""

    async def act(site: Site, draft: Draft) -> Response:
        return await _check_page(request, site, draft, {})

    return await _with_draft(request, act)


@router.post("/referral/send")
async def send(request: Request) -> Response:
    """Send it, once however often the button is pressed."""
    await site_of(request).form(request)

    async def act(site: Site, draft: Draft) -> Response:
        try:
            referral = read(draft.data(), need_required=True)
        except ReferralRefused as refused:
            errors = {p.where: f"{p.what.capitalize()}: {p.remedy}" for p in refused.problems}
            return await _check_page(request, site, draft, errors)
        draft.sent = await _lodge(site, draft, referral)
        response = _to("/referral/sent")
        await drafts.save(site, response, draft)
        return response

    return await _with_draft(request, act)


async def _lodge(site: Site, draft: Draft, referral: Referral) -> str:
    hub = site.hub

    async def with_receipt(tx: Transaction, recorded: Recorded) -> None:
        digest = hub.codes.receipt_digest(hub.codes.receipt(recorded.case.id))
        await receipts.put(tx, digest, recorded.case.id)

    contact = Contact("web", True, referrer_from(referral), referral)
    return (await lodge(hub, contact, f"web:{draft.id}", also=with_receipt)).case_id


@router.get("/referral/sent")
async def sent(request: Request) -> Response:
    """It arrived: the reference, the code, and a copy to keep."""
    site = site_of(request)
    try:
        draft = await drafts.load(site, request)
    except NoDraft:
        return _to("/receipt")
    if not draft.sent:
        return _to("/referral/check")
    hub, rules = site.hub, await site.rules()
    async with hub.database.reading(hub.scope()) as tx:
        case = await casebook.load(tx, draft.sent)
    due = shown(case.first_look_due, rules, hub.clock.now())
    steps = (
        f"A person reads it, by {due} at the latest.",
        "They decide what must be done, and ask those who know the family.",
        "Come back with the code to see how it stands. If you left an email address, we write to you.",
    )
    return await site.page(
        request, "public/sent", title="Sent", heading="We have received it", reference=case.reference,
        receipt_code=hub.codes.receipt(case.id), steps=steps, sections=_sections(draft, change=False),
    )  # fmt: skip


@router.post("/referral/finish")
async def finish(request: Request) -> Response:
    """Forget the copy in this browser."""
    site = site_of(request)
    await site.form(request)
    response = _to("/")
    with contextlib.suppress(NoDraft):
        await drafts.drop(site, response, await drafts.load(site, request))
    return response


@router.get("/referral/{slug}")
async def ask(request: Request, slug: str) -> Response:
    """One page of questions."""

    async def act(site: Site, draft: Draft) -> Response:
        step = _step(draft, slug)
        if step.topic is None:
            return await _further_page(request, site, draft, step, {})
        asked = asking.fields(step.topic, draft.form)
        return await _page(request, site, draft, step, asking.shown(asked, step.of(draft)), {})

    return await _with_draft(request, act)


async def _today(site: Site) -> date:
    return site.hub.clock.now().astimezone((await site.rules()).calendar.zone).date()


@router.post("/referral/{slug}")
async def answer(request: Request, slug: str) -> Response:
    """Keep what was answered, and go on."""
    form = await site_of(request).form(request)

    async def act(site: Site, draft: Draft) -> Response:
        step = _step(draft, slug)
        if step.topic is None:
            return await _further(request, site, draft, step, form.one("more"))
        if form.one("remove") and step.removable:
            _remove(draft, step)
            target = "people" if step.slug.startswith("person") else "another"
        else:
            asked = asking.fields(step.topic, draft.form)
            answers, errors = asking.read(asked, form, await _today(site))
            if errors:
                return await _page(request, site, draft, step, asking.again(asked, form), errors)
            kept = step.of(draft)
            for f in asked:
                kept.pop(f.name, None)
            kept.update(answers)
            target = "check" if form.one("change") else _after(draft, step)
        response = _to(f"/referral/{target}")
        await drafts.save(site, response, draft)
        return response

    return await _with_draft(request, act)


def _step(draft: Draft, slug: str) -> asking.Step:
    found = next((s for s in asking.steps(draft) if s.slug == slug), None)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found


def _after(draft: Draft, step: asking.Step) -> str:
    if step.topic is asking.ABOUT_PERSON[-1]:
        return "people"
    order = [s.slug for s in asking.steps(draft)]
    following = order[order.index(step.slug) + 1 :]
    if step.slug == "another":  # people already told of are shown on the page after
        return "people"
    return following[0] if following else "check"


def _before(draft: Draft, step: asking.Step) -> str:
    order = [s.slug for s in asking.steps(draft)]
    at = order.index(step.slug)
    return f"/referral/{order[at - 1]}" if at else "/"


def _remove(draft: Draft, step: asking.Step) -> None:
    kept = draft.people if step.slug.startswith("person") else draft.subjects
    del kept[step.number - 1]


async def _further(request: Request, site: Site, draft: Draft, step: asking.Step, more: str) -> Response:
    """Another child or adult? Anybody else? Anything more?"""
    if more not in ("yes", "no"):
        return await _further_page(request, site, draft, step, {"more": "Choose yes or no"})
    if step.slug == "more":
        draft.more = more == "yes"
        target = _after(draft, step)
    elif more == "no":
        target = _after(draft, step)
    else:
        kept, most, first = _repeated(draft, step)
        if len(kept) >= most:
            full = {"more": "No more fit here: ring us about the others"}
            return await _further_page(request, site, draft, step, full)
        kept.append({})
        target = f"{first}-{len(kept)}"
    response = _to(f"/referral/{target}")
    await drafts.save(site, response, draft)
    return response


def _repeated(draft: Draft, step: asking.Step) -> tuple[list[dict[str, str]], int, str]:
    """Who is told of so far, how many fit, and the first page about each."""
    if step.slug == "another":
        return draft.subjects, MOST_SUBJECTS, "who"
    return (draft.people, MOST_PERSONS, "person") if step.slug == "people" else ([], 0, "")


async def _further_page(
    request: Request, site: Site, draft: Draft, step: asking.Step, errors: asking.Errors
) -> Response:
    kept, _, slug = _repeated(draft, step)
    names = [_name(one, n) for n, one in enumerate(kept, 1)]
    listed = [{"key": name, "value": "", "change": f"/referral/{slug}-{n}"} for n, name in enumerate(names, 1)]
    return await site.page(
        request, "public/another", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title="Question",
        heading=_QUESTIONS[step.slug], listed=listed, options=_YES_NO, errors=errors, values={},
        hint=_MORE if step.slug == "more" else None, back=_before(draft, step),
    )  # fmt: skip


def _name(answers: dict[str, str], number: int) -> str:
    given = f"{answers.get('given_name', '')} {answers.get('family_name', '')}".strip() or answers.get("name", "")
    return given or f"Person {number}"


async def _page(
    request: Request, site: Site, draft: Draft, step: asking.Step, values: asking.Values, errors: asking.Errors
) -> Response:
    assert step.topic is not None  # noqa: S101 - the caller looked
    changing = "change" in request.query_params or bool(values.get("change"))
    return await site.page(
        request, "public/ask", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title="Question",
        heading=step.topic.heading, note=step.topic.note, fields=asking.fields(step.topic, draft.form),
        values=values, errors=errors, removable=step.removable, danger=step.slug == "danger",
        carried={"change": "yes"} if changing else {},
        back="/referral/check" if changing else _before(draft, step),
    )  # fmt: skip


async def _check_page(request: Request, site: Site, draft: Draft, errors: asking.Errors) -> Response:
    return await site.page(
        request, "public/check", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title="Check",
        heading="Check what you have written", sections=_sections(draft), action="/referral/send", send_text="Send",
        errors={"": next(iter(errors.values()))} if errors else {}, back="/referral/contact",
    )  # fmt: skip


def _sections(draft: Draft, *, change: bool = True) -> list[dict[str, Any]]:
    """What was written, page by page; with `change`, also what was left blank, so that it may still be told."""
    found, blank = [], []
    for step in asking.steps(draft):
        if step.topic is None:
            continue
        kept = step.of(draft)
        rows = [_row(step, f, kept, change) for f in asking.fields(step.topic, draft.form) if _told(f, kept, change)]
        title = f"{_name(kept, step.number)}: {step.topic.heading}" if step.number else step.topic.heading
        if rows:
            found.append({"title": title, "rows": rows})
        else:
            blank.append({"key": title, "value": "–", "change": f"/referral/{step.slug}?change"})
    if not draft.more:
        blank.append({"key": _QUESTIONS["more"], "value": "–", "change": "/referral/more"})
    return [*found, {"title": "Left blank", "rows": blank}] if change and blank else found


def _told(field: Field, kept: dict[str, str], change: bool) -> bool:
    return bool(kept.get(field.name)) or (change and field.required)


def _row(step: asking.Step, field: Field, kept: dict[str, str], change: bool) -> dict[str, Any]:
    return {
        "key": field.label,
        "value": field.say(kept.get(field.name, "")) or "–",
        "change": f"/referral/{step.slug}?change#{field.name}" if change else None,
    }
