"""The pages of the referral form: one topic a page, kept as it is answered, and the next. Works without any script.

1. Nothing typed is lost: not by Back, not by a mistake, and not by coming too late (`_late`).
2. An address or a title names the topic, never a person.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from http import HTTPStatus
from urllib.parse import urlencode

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
from exchange.web.speaking import ASKED
from templates.languages import N_, say

router = APIRouter()
IN_LANGUAGE = "in-"  # how a way to leave a page begins that leads to the same page in another language
ON_THE_WAY = "way"  # of a page that comes after the questions, and before they are checked
FILES = "files"  # the page for them, to which one leaves and from which one comes back
_WITH_FILES = ("happened", "injury")  # where whoever writes may have a photograph of it
_WAYS = ("change", "list")  # whence somebody comes to a page: from checking the answers, from the list of the parts
_OF = "of"  # which form a page belongs to
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
    """Nothing can be kept any more: all that was posted is shown, to be copied."""
    written = playback.as_posted(request.path_params.get("slug", ""), form.given) if form else []
    return await site_of(request).page(request, "public/late", HTTPStatus.GONE, written=written)


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
        step = _found(draft, slug)
        # Another form was begun beside it: this page is of the old one, and what was typed is shown.
        if step is None or form.one(_OF) not in ("", _named(draft)):
            return await _late(request, form)
        if step.kind == SAME:
            return await _same(site, draft, step, form)
        if step.topic is None:
            return await _aside(request, site, draft, step, form)
        return await _answered(request, site, draft, step, form)

    return await with_draft(request, act, form)


async def _answered(request: Request, site: Site, draft: Draft, step: asking.Step, form: Form) -> Response:
    assert step.topic is not None  # noqa: S101 - the others have no answers
    if form.one("remove") and step.removable:
        _remove(draft, step)
        return await kept(site, draft, PEOPLE if step.topic.section is Section.PERSON else ANOTHER)
    asked, leaving = step.asked(draft), form.one("leave")
    answers, errors = asking.read(asked, form, await _today(site), draft.journey, leaving=bool(leaving))
    if errors:
        return await _page(request, site, draft, step, asking.again(asked, form), errors)
    own = step.of(draft)
    for f in asked:
        own.pop(f.name, None)
    own.update(answers)
    asking.tidy(draft)
    if leaving:
        return await leave(site, draft, leaving, _here(step, form))
    _pass(draft, step)
    return await kept(site, draft, _next(draft, step, form))


async def kept(site: Site, draft: Draft, target: str) -> Response:
    """Keep the draft, and go on there."""
    response = to(f"/referral/{target}")
    await drafts.save(site, response, draft)
    return response


async def leave(site: Site, draft: Draft, where: str, slug: str) -> Response:
    """Leave a page before it is finished: for the list of the form's parts, to come back another day, to read it in
    another language, or only so that what stands on it is kept."""
    if where == "save" and draft.journey is not Journey.YOUNG:  # a code that is found tells of the child who wrote
        response = to("/referral/saved")
        await drafts.save_under_code(site, response, draft)
        return response
    if where == FILES:
        return await kept(site, draft, f"{FILES}?{urlencode({'back': slug})}")
    if where.startswith(IN_LANGUAGE):
        slug += ("&" if "?" in slug else "?") + urlencode({ASKED: where.removeprefix(IN_LANGUAGE)[:20]})
    return await kept(site, draft, "tasks" if where == "tasks" else slug)


def _here(step: asking.Step, form: Form) -> str:
    """This page again, for whoever came to it from the same place."""
    return step.slug + next((f"?{way}" for way in _WAYS if form.one(way)), "")


def _pass(draft: Draft, step: asking.Step) -> None:
    if step.slug not in draft.seen:
        draft.seen.append(step.slug)


async def _today(site: Site) -> date:
    return site.hub.clock.now().astimezone((await site.rules()).calendar.zone).date()


def _step(draft: Draft, slug: str) -> asking.Step:
    found = _found(draft, slug)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found


def _found(draft: Draft, slug: str) -> asking.Step | None:
    return next((s for s in asking.steps(draft) if s.slug == slug), None)


def _next(draft: Draft, step: asking.Step, form: Form) -> str:
    """The page after; whoever changes an answer goes back to checking, and whoever does one part after the other to
    the list of parts, once every question that now arises is answered."""
    after = _after(draft, step)
    if form.one("list"):
        following = next((s for s in asking.steps(draft) if s.slug == after), None)
        on = following and (following.group, following.number) == (step.group, step.number)
        return f"{after}?list" if on or after == RING_FIRST else "tasks"
    if form.one("change"):
        return f"{after}?change" if after == RING_FIRST else "check"
    return after


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
    if following:
        return following[0].slug
    met = draft.journey is not Journey.WORK or draft.files or FILES in draft.seen
    return "check" if met else f"{FILES}?{ON_THE_WAY}=yes"  # once, and whoever has none goes on


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
    if leaving := form.one("leave"):
        return await leave(site, draft, leaving, _here(step, form))
    if chosen not in [o["value"] for o in asks.options]:
        return await _aside_page(request, site, draft, step, {"more": say(asks.told)})
    told, most, first = asides.repeated(draft, step)
    if chosen == "yes" and first:
        if len(told) >= most:
            full = {"more": say("No more fit here: ring us about the others")}
            return await _aside_page(request, site, draft, step, full)
        told.append({})
        return await kept(site, draft, f"{first}-{len(told)}" + ("?list" if form.one("list") else ""))
    asks.keep(draft, chosen)
    _pass(draft, step)
    return await kept(site, draft, _next(draft, step, form))


async def _aside_page(
    request: Request, site: Site, draft: Draft, step: asking.Step, errors: asking.Errors
) -> Response:
    told, _, slug = asides.repeated(draft, step)
    names = [playback.name_of(one, n) for n, one in enumerate(told, 1)]
    listed = [{"key": name, "value": "", "change": f"/referral/{slug}-{n}"} for n, name in enumerate(names, 1)]
    asks = asides.aside(draft, step)
    return await site.page(
        request, "public/another", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title=say(asks.question),
        heading=say(asks.question), listed=listed, options=asks.offered, inline=asks.inline, errors=errors,
        values={"more": asks.said(draft)}, hint=say(asks.hint) or None, back=_before(draft, step),
        progress=asking.progress(draft, step), carried=_carried(request, draft), may_leave=may_leave(draft),
    )  # fmt: skip


def _carried(request: Request, draft: Draft, values: asking.Values | None = None) -> dict[str, str]:
    """What a page's form takes along: whence somebody came, and of which form it is."""
    ways = {way: "yes" for way in _WAYS if way in request.query_params or (values or {}).get(way)}
    return {**ways, _OF: _named(draft)}


def _named(draft: Draft) -> str:
    """What tells a form from another that was begun in the same browser."""
    return draft.once[:12]


def may_leave(draft: Draft) -> bool:
    """Whether somebody may come back another day, and do the parts in any order: a child's few pages need neither."""
    return draft.journey is not Journey.YOUNG


async def _same(site: Site, draft: Draft, step: asking.Step, form: Form) -> Response:
    """Take over from the first what is the same."""
    if leaving := form.one("leave"):
        return await leave(site, draft, leaving, _here(step, form))
    offered = asking.may_be_the_same(draft)
    chosen = offered if form.one("all") else [of for of in form.all("same") if of in offered]
    for of in chosen:
        mine = draft.subjects[step.number - 1]
        for name in SHARED[of]:
            mine.pop(name, None)
        mine.update(offered[of])
    _pass(draft, step)
    return await kept(site, draft, _next(draft, step, form))


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
        back=_before(draft, step), progress=asking.progress(draft, step), carried=_carried(request, draft),
        may_leave=may_leave(draft),
    )  # fmt: skip


async def _interruption(request: Request, site: Site, draft: Draft, step: asking.Step) -> Response:
    """Somebody is in danger now: nobody may read this in the next minutes."""
    way = next(iter(_carried(request, draft)), "")
    after = {"change": "check", "list": "tasks"}.get(way) or _after(draft, step)
    return await site.page(
        request, "public/ring_999", title=say("Ring 999 first"), back=_before(draft, step),
        next=f"/referral/{after}",
        young=draft.journey is Journey.YOUNG,
    )  # fmt: skip


async def _page(
    request: Request, site: Site, draft: Draft, step: asking.Step, values: asking.Values, errors: asking.Errors
) -> Response:
    assert step.topic is not None  # noqa: S101 - the others have a page of their own
    carried = _carried(request, draft, values)
    back = {"change": "/referral/check", "list": "/referral/tasks"}.get(next(iter(carried), ""))
    heading, today = step.heading(draft), await _today(site)
    named = step.number and draft.journey is not Journey.YOUNG
    return await site.page(
        request, "public/ask", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title=heading,
        heading=heading, about=playback.name_of(step.of(draft), step.number) if named else "",
        note=say(step.topic.note), help=step.topic.help, fields=step.asked(draft), values=values, errors=errors,
        removable=step.removable, danger=step.slug == "danger", young=draft.journey is Journey.YOUNG,
        carried=carried, may_leave=may_leave(draft),
        may_add_files=draft.journey is Journey.WORK and step.slug in _WITH_FILES,
        warn_after=drafts.WARNS_AFTER, lasts=drafts.HOURS,
        back=back or _before(draft, step), progress=asking.progress(draft, step),
        examples={"expected_date": _example(today + timedelta(days=90))}, example=_example(date(2015, 3, 27)),
    )  # fmt: skip


def _example(day: date) -> str:
    written = f"{day.day} {day.month} {day.year}"
    return say("For example, %(date)s", date=written)
