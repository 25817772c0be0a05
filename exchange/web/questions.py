"""The pages of the referral form: one topic a page, kept as it is answered, and the next. Works without any script.

1. Nothing typed is lost: not by Back, not by a mistake, and not by coming too late (`_late`).
2. An address or a title names the topic, never a person.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from exchange.case.fields import Section
from exchange.case.journeys import (
    ANOTHER,
    JOURNEYS,
    PEOPLE,
    RING_FIRST,
    SAME,
    SHARED,
    TELL_MORE,
    Group,
    Journey,
    Per,
)
from exchange.web import asides, asking, drafts, playback
from exchange.web.context import Site, site_of
from exchange.web.drafts import Draft, NoDraft
from exchange.web.forgery import Form
from templates.languages import N_, say

router = APIRouter()
PERSON = "person"  # how the pages about those around them begin


def to(path: str) -> RedirectResponse:
    """Go there next."""
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)


async def with_draft(
    request: Request, act: Callable[[Site, Draft], Awaitable[Response]], form: Form | None = None
) -> Response:
    """What `act` makes of this browser's draft; what was typed in `form` is shown again when there is none."""
    site = site_of(request)
    try:
        draft = await drafts.load(site, request)
    except NoDraft:
        return await _late(request, form)
    return to("/referral/sent") if draft.sent else await act(site, draft)


async def _late(request: Request, form: Form | None) -> Response:
    typed = [value for name, value in (form.values() if form else {}).items() if name not in _OURS and " " in value]
    return await site_of(request).page(request, "public/late", HTTPStatus.GONE, typed=typed)


_OURS = frozenset({"csrf", "change", "more", "remove"})  # what no person types


@router.get("/referral/{slug}")
async def ask(request: Request, slug: str) -> Response:
    """One page of questions."""

    async def act(site: Site, draft: Draft) -> Response:
        step = _step(draft, slug)
        if step.kind == RING_FIRST:
            return await _interruption(request, site, draft, step)
        if step.kind == SAME:
            return await _same_page(request, site, draft, step)
        if step.topic is None:
            return await _aside_page(request, site, draft, step, {})
        asked = step.asked(draft)
        return await _page(request, site, draft, step, asking.shown(asked, step.of(draft)), {})

    return await with_draft(request, act)


@router.post("/referral/{slug}")
async def answer(request: Request, slug: str) -> Response:
    """Keep what was answered, and go on."""
    form = await site_of(request).form(request)

    async def act(site: Site, draft: Draft) -> Response:
        step = _step(draft, slug)
        if step.kind == SAME:
            return await _same(site, draft, step, form)
        if step.topic is None:
            return await _aside(request, site, draft, step, form)
        if form.one("remove") and step.removable:
            _remove(draft, step)
            return await _kept(site, draft, PEOPLE if step.topic.section is Section.PERSON else ANOTHER)
        asked = step.asked(draft)
        answers, errors = asking.read(asked, form, await _today(site), draft.journey)
        if errors:
            return await _page(request, site, draft, step, asking.again(asked, form), errors)
        kept = step.of(draft)
        for f in asked:
            kept.pop(f.name, None)
        kept.update(answers)
        asking.tidy(draft)
        _pass(draft, step)
        return await _kept(site, draft, _next(draft, step, changing=bool(form.one("change"))))

    return await with_draft(request, act, form)


async def _kept(site: Site, draft: Draft, target: str) -> Response:
    response = to(f"/referral/{target}")
    await drafts.save(site, response, draft)
    return response


def _pass(draft: Draft, step: asking.Step) -> None:
    if step.slug not in draft.seen:
        draft.seen.append(step.slug)


async def _today(site: Site) -> date:
    return site.hub.clock.now().astimezone((await site.rules()).calendar.zone).date()


def _step(draft: Draft, slug: str) -> asking.Step:
    found = next((s for s in asking.steps(draft) if s.slug == slug), None)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found


def _next(draft: Draft, step: asking.Step, *, changing: bool) -> str:
    """The page after; whoever changes an answer goes back to checking, once every question that now arises is
    answered."""
    after = _after(draft, step)
    if changing and after != RING_FIRST:
        return "check"
    return after + ("?change" if changing else "")


def _after(draft: Draft, step: asking.Step) -> str:
    order = asking.steps(draft)
    following = order[[s.slug for s in order].index(step.slug) + 1 :]
    following = [s for s in following if not (s.off_the_way or asking.said_already(draft, s))]
    if step.group is Group.MORE:  # who comes back to tell more has been through the rest
        following = [s for s in following if s.group is Group.MORE or s.slug not in draft.seen]
    of_person = step.topic is not None and step.topic.section is Section.PERSON
    if of_person and not (following and following[0].number == step.number):
        return PEOPLE  # where those already told of are shown
    if step.kind in (ANOTHER, TELL_MORE) and following and following[0].kind.startswith(PERSON):
        return PEOPLE
    return following[0].slug if following else "check"


def _before(draft: Draft, step: asking.Step) -> str:
    order = [s.slug for s in asking.steps(draft)]
    at = order.index(step.slug)
    return f"/referral/{order[at - 1]}" if at else "/"


def _remove(draft: Draft, step: asking.Step) -> None:
    """Take the person out; the pages about those after them move up."""
    assert step.topic is not None  # noqa: S101 - only a page of questions is about somebody
    section = step.topic.section
    del (draft.people if section is Section.PERSON else draft.subjects)[step.number - 1]
    per = Per.PERSON if section is Section.PERSON else Per.SUBJECT
    kinds = {s.slug for s in JOURNEYS[draft.journey] if s.per is per}
    draft.seen = [moved for slug in draft.seen if (moved := _moved(slug, kinds, step.number))]


def _moved(slug: str, kinds: set[str], removed: int) -> str:
    kind, _, number = slug.rpartition("-")
    if kind not in kinds or int(number) < removed:
        return slug
    return f"{kind}-{int(number) - 1}" if int(number) > removed else ""


# ---- Pages of their own ------------------------------------------------------------------------------------------


async def _aside(request: Request, site: Site, draft: Draft, step: asking.Step, form: Form) -> Response:
    """Another child or adult? Anybody else? Anything more? May we know who you are?"""
    chosen, asks = form.one("more"), asides.aside(draft, step)
    if chosen not in [o["value"] for o in asks.options]:
        return await _aside_page(request, site, draft, step, {"more": say(asks.told)})
    kept, most, first = asides.repeated(draft, step)
    if chosen == "yes" and first:
        if len(kept) >= most:
            full = {"more": say("No more fit here: ring us about the others")}
            return await _aside_page(request, site, draft, step, full)
        kept.append({})
        return await _kept(site, draft, f"{first}-{len(kept)}")
    asks.keep(draft, chosen)
    _pass(draft, step)
    return await _kept(site, draft, _after(draft, step))


async def _aside_page(
    request: Request, site: Site, draft: Draft, step: asking.Step, errors: asking.Errors
) -> Response:
    kept, _, slug = asides.repeated(draft, step)
    names = [playback.name_of(one, n) for n, one in enumerate(kept, 1)]
    listed = [{"key": name, "value": "", "change": f"/referral/{slug}-{n}"} for n, name in enumerate(names, 1)]
    asks = asides.aside(draft, step)
    return await site.page(
        request, "public/another", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title=say(asks.question),
        heading=say(asks.question), listed=listed, options=asks.offered, inline=asks.inline, errors=errors,
        values={"more": asks.said(draft)}, hint=say(asks.hint) or None, back=_before(draft, step),
        progress=asking.progress(draft, step),
    )  # fmt: skip


async def _same(site: Site, draft: Draft, step: asking.Step, form: Form) -> Response:
    """Take over from the first what is the same."""
    offered = asking.may_be_the_same(draft)
    chosen = offered if form.one("all") else [of for of in form.all("same") if of in offered]
    for of in chosen:
        mine = draft.subjects[step.number - 1]
        for name in SHARED[of]:
            mine.pop(name, None)
        mine.update(offered[of])
    _pass(draft, step)
    return await _kept(site, draft, _after(draft, step))


_SAME = {
    "home": N_("Where they live"), "school": N_("School"), "doctor": N_("GP and health visitor"),
    "background": N_("Language and background"),
}  # fmt: skip


async def _same_page(request: Request, site: Site, draft: Draft, step: asking.Step) -> Response:
    offered = asking.may_be_the_same(draft)
    mine = draft.subjects[step.number - 1]
    first = playback.name_of(draft.subjects[0], 1)
    options = [
        {"value": of, "text": say(_SAME[of]), "hint": playback.said_of(answers)} for of, answers in offered.items()
    ]
    ticked = tuple(of for of, answers in offered.items() if answers.items() <= mine.items())
    return await site.page(
        request, "public/same", title=say("%(who)s: what is the same", who=step.who(draft)), errors={},
        values={"same": ticked}, whom=playback.name_of(mine, step.number), first=first, options=options,
        back=_before(draft, step), progress=asking.progress(draft, step),
    )  # fmt: skip


async def _interruption(request: Request, site: Site, draft: Draft, step: asking.Step) -> Response:
    """Somebody is in danger now: nobody may read this in the next minutes."""
    changing = "change" in request.query_params
    return await site.page(
        request, "public/ring_999", title=say("Ring 999 first"), back=_before(draft, step),
        next="/referral/check" if changing else f"/referral/{_after(draft, step)}",
        young=draft.journey is Journey.YOUNG,
    )  # fmt: skip


async def _page(
    request: Request, site: Site, draft: Draft, step: asking.Step, values: asking.Values, errors: asking.Errors
) -> Response:
    assert step.topic is not None  # noqa: S101 - the others have a page of their own
    changing = "change" in request.query_params or bool(values.get("change"))
    heading, today = step.heading(draft), await _today(site)
    named = step.number and draft.journey is not Journey.YOUNG
    return await site.page(
        request, "public/ask", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title=heading,
        heading=heading, about=playback.name_of(step.of(draft), step.number) if named else "",
        note=say(step.topic.note), help=step.topic.help, fields=step.asked(draft), values=values, errors=errors,
        removable=step.removable, danger=step.slug == "danger", young=draft.journey is Journey.YOUNG,
        carried={"change": "yes"} if changing else {},
        back="/referral/check" if changing else _before(draft, step), progress=asking.progress(draft, step),
        examples={"expected_date": _example(today + timedelta(days=90))}, example=_example(date(2015, 3, 27)),
    )  # fmt: skip


def _example(day: date) -> str:
    return say("For example, %(date)s", date=f"{day.day} {day.month} {day.year}")
