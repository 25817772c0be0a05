"""The referral form: one topic a page, check your answers, send, keep the code. Works without any script."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from exchange.case.feedback import ReferrerClass
from exchange.case.fields import BY_KEY
from exchange.case.referral import MOST_PERSONS, MOST_SUBJECTS, Referral, ReferralRefused, read
from exchange.case.state import ReferrerCodes
from exchange.contacting import Contact, lodge, referrer_from
from exchange.store import casebook, receipts
from exchange.store.casebook import Recorded
from exchange.store.database import Transaction
from exchange.web import asking, drafts, playback
from exchange.web.context import Site, shown, site_of
from exchange.web.drafts import Draft, NoDraft
from exchange.web.forgery import Form
from templates.languages import N_, say

router = APIRouter()
_YES_NO = ({"value": "yes", "text": N_("Yes")}, {"value": "no", "text": N_("No")})
_WHO = (
    {"value": "professional", "text": N_("Yes, I write as part of my work"),
     "hint": N_("For example for a school, a surgery, the police or a charity. We then need your name and number")},
    {"value": "public", "text": N_("Yes, and I do not write as part of my work"),
     "hint": N_("For example as family, friend or neighbour, or about yourself. You say only what you want to")},
    {"value": "unnamed", "text": N_("No, I want to stay unnamed"),
     "hint": N_("We take it as seriously. But we cannot ask you more, nor tell you what comes of it")},
)  # fmt: skip
_QUESTIONS: dict[str, tuple[str, tuple[dict[str, str], ...], str]] = {  # question, answers, hint
    "another": (N_("Are you worried about anybody else in this family or household?"), _YES_NO, ""),
    "people": (N_("Is there anybody else we should know about?"), _YES_NO, ""),
    "more": (
        playback.MORE, _YES_NO,
        N_("For example injuries, what happened before, or an assessment. If not, you are nearly done."),
    ),
    asking.MAY_WE: (playback.MAY_WE, _WHO, ""),
}  # fmt: skip


def _said(options: tuple[dict[str, str], ...]) -> list[dict[str, str]]:
    return [{name: text if name == "value" else say(text) for name, text in one.items()} for one in options]


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
            return await _check_page(request, site, draft, _to_mend(draft, refused))
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
        await drafts.files_sent(tx, draft)

    contact = Contact("web", True, referrer_from(referral), referral, files=await drafts.files_of(site, draft))
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
        say("A person is due to read it by %(due)s.", due=due),
        say("They decide what must be done, and ask those who know the family."),
        _told_by(case.referrer),
    )
    return await site.page(
        request, "public/sent", title=say("Sent"), heading=say("We have received it"), reference=case.reference,
        receipt_code=hub.codes.receipt(case.id), steps=steps, sections=playback.sections(draft, change=False),
    )  # fmt: skip


def _told_by(referrer: ReferrerCodes) -> str:
    """How they hear of it, as far as they left us a way."""
    if referrer.referrer_class is ReferrerClass.ANONYMOUS:
        return say("With the code you can see that we have it, and add more. We can tell you nothing else.")
    if referrer.replyable:
        return say("When it is decided we write to you. Come back with the code at any time to see how it stands.")
    if referrer.telephone:
        return say("When it is decided we ring you. Come back with the code at any time to see how it stands.")
    return say("Come back with the code to see how it stands: you left us no way to reach you.")


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
        if step.slug == asking.RING_FIRST:
            return await _interruption(request, site, draft, step)
        if step.topic is None:
            return await _further_page(request, site, draft, step, {})
        asked = step.asked(draft)
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
            return await _further(request, site, draft, step, form)
        if form.one("remove") and step.removable:
            _remove(draft, step)
            target = "people" if step.slug.startswith("person") else "another"
        else:
            asked = step.asked(draft)
            answers, errors = asking.read(asked, form, await _today(site))
            if errors:
                return await _page(request, site, draft, step, asking.again(asked, form), errors)
            kept = step.of(draft)
            for f in asked:
                kept.pop(f.name, None)
            kept.update(answers)
            asking.tidy(draft)
            target = _next(draft, step, changing=bool(form.one("change")))
        response = _to(f"/referral/{target}")
        await drafts.save(site, response, draft)
        return response

    return await _with_draft(request, act)


def _step(draft: Draft, slug: str) -> asking.Step:
    found = next((s for s in asking.steps(draft) if s.slug == slug), None)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found


def _next(draft: Draft, step: asking.Step, *, changing: bool) -> str:
    """The page after; whoever changes an answer goes back to checking, once every question that now arises is
    answered."""
    after = _after(draft, step)
    if changing and after != asking.RING_FIRST:
        return "check"
    return after + ("?change" if changing else "")


def _after(draft: Draft, step: asking.Step) -> str:
    order = asking.steps(draft)
    following = order[[s.slug for s in order].index(step.slug) + 1 :]
    of_person = step.slug.startswith("person")
    if step.slug == "another" or (of_person and following[0].number != step.number):
        return "people"  # where those already told of are shown
    return following[0].slug if following else "check"


def _before(draft: Draft, step: asking.Step) -> str:
    order = [s.slug for s in asking.steps(draft)]
    at = order.index(step.slug)
    return f"/referral/{order[at - 1]}" if at else "/"


def _remove(draft: Draft, step: asking.Step) -> None:
    kept = draft.people if step.slug.startswith("person") else draft.subjects
    del kept[step.number - 1]


async def _further(request: Request, site: Site, draft: Draft, step: asking.Step, form: Form) -> Response:
    """Another child or adult? Anybody else? Anything more? May we know who you are?"""
    more, (_, options, _) = form.one("more"), _QUESTIONS[step.slug]
    if more not in [o["value"] for o in options]:
        told = say("Choose yes or no") if options is _YES_NO else say("Choose one: you may stay unnamed")
        return await _further_page(request, site, draft, step, {"more": told})
    kept, most, first = _repeated(draft, step)
    if more == "yes" and first:
        if len(kept) >= most:
            full = {"more": say("No more fit here: ring us about the others")}
            return await _further_page(request, site, draft, step, full)
        kept.append({})
        target = f"{first}-{len(kept)}"
    else:
        _say(draft, step, more)
        target = _after(draft, step)
    response = _to(f"/referral/{target}")
    await drafts.save(site, response, draft)
    return response


def _say(draft: Draft, step: asking.Step, more: str) -> None:
    if step.slug == "more":
        draft.more = more == "yes"
    if step.slug == asking.MAY_WE:
        asking.said_who(draft, more)


def _repeated(draft: Draft, step: asking.Step) -> tuple[list[dict[str, str]], int, str]:
    """Who is told of so far, how many fit, and the first page about each."""
    if step.slug == "another":
        return draft.subjects, MOST_SUBJECTS, "who"
    return (draft.people, MOST_PERSONS, "person") if step.slug == "people" else ([], 0, "")


async def _further_page(
    request: Request, site: Site, draft: Draft, step: asking.Step, errors: asking.Errors
) -> Response:
    kept, _, slug = _repeated(draft, step)
    names = [playback.name_of(one, n) for n, one in enumerate(kept, 1)]
    listed = [{"key": name, "value": "", "change": f"/referral/{slug}-{n}"} for n, name in enumerate(names, 1)]
    question, options, hint = _QUESTIONS[step.slug]
    said = {asking.MAY_WE: draft.who, "more": "yes" if draft.more else ""}.get(step.slug, "")
    return await site.page(
        request, "public/another", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title=say(question),
        heading=say(question), listed=listed, options=_said(options), inline=options is _YES_NO, errors=errors,
        values={"more": said}, hint=say(hint) or None, back=_before(draft, step),
        progress=asking.progress(draft, step),
    )  # fmt: skip


async def _interruption(request: Request, site: Site, draft: Draft, step: asking.Step) -> Response:
    """Somebody is in danger now: nobody may read this in the next minutes."""
    changing = "change" in request.query_params
    return await site.page(
        request, "public/ring_999", title=say("Ring 999 first"), back=_before(draft, step),
        next="/referral/check" if changing else f"/referral/{_after(draft, step)}",
    )  # fmt: skip


async def _page(
    request: Request, site: Site, draft: Draft, step: asking.Step, values: asking.Values, errors: asking.Errors
) -> Response:
    changing = "change" in request.query_params or bool(values.get("change"))
    heading, today = step.heading(draft.form), await _today(site)
    return await site.page(
        request, "public/ask", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title=heading,
        heading=heading, about=playback.name_of(step.of(draft), step.number) if step.number else "",
        note=say(step.topic.note) if step.topic else "", fields=step.asked(draft), values=values, errors=errors,
        removable=step.removable, danger=step.slug == "danger", carried={"change": "yes"} if changing else {},
        back="/referral/check" if changing else _before(draft, step), progress=asking.progress(draft, step),
        examples={"expected_date": _example(today + timedelta(days=90))}, example=_example(date(2015, 3, 27)),
    )  # fmt: skip


def _example(day: date) -> str:
    written = f"{day.day} {day.month} {day.year}"
    return say("For example, %(date)s", date=written)


async def _check_page(request: Request, site: Site, draft: Draft, errors: asking.Errors) -> Response:
    last = [s.slug for s in asking.steps(draft)][-1]
    return await site.page(
        request, "public/check", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title=say("Check"),
        heading=say("Check what you have written"), sections=playback.sections(draft), blank=playback.blank(draft),
        action="/referral/send", send_text=say("Send"), errors=errors, back=f"/referral/{last}",
    )  # fmt: skip


def _to_mend(draft: Draft, refused: ReferralRefused) -> asking.Errors:
    """What is missing or wrong, each leading to the page that asks it."""
    found: asking.Errors = {}
    for problem in refused.problems:
        section, _, rest = problem.where.replace("subjects", "subject").replace("household", "person").partition(".")
        number, _, name = rest.rpartition(".")
        unsaid = section == "referrer" and not draft.who  # which of its questions arise is not known yet
        asks = [s for s in asking.steps(draft) if not unsaid and _asks(s, draft, f"{section}.{name}", number)]
        field = BY_KEY.get(f"{section}.{name}")
        told = asking.missing(field) if field and problem.what == "no answer" else asking.remedy(problem)
        to = f"/referral/{asks[0].slug}?change#{name}" if asks else f"/referral/{asking.MAY_WE}"
        found[to] = say("Say whether we may know who you are") if unsaid else told
    return found


def _asks(step: asking.Step, draft: Draft, key: str, number: str) -> bool:
    return step.topic is not None and str(step.number or "") == number and key in [f.key for f in step.asked(draft)]
