"""Tasks: the parts of a referral with how each stands, for whoever does not go straight on."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange.case.journeys import RING_FIRST, SAME, TELL_MORE, Group
from exchange.case.referral import ReferralRefused, read
from exchange.web import asking, playback
from exchange.web.context import Site, site_of
from exchange.web.drafts import Draft
from exchange.web.questions import leave, may_leave, to, with_draft
from templates.languages import N_, say

router = APIRouter()
_TITLES = {
    Group.START: N_("Before you start"),
    Group.OTHERS: N_("Anybody else in the family or household"),
    Group.HAPPENED: N_("What has happened"),
    Group.MORE: N_("More, if you can tell us more"),
    Group.FAMILY: N_("What the family knows"),
    Group.YOU: N_("About you"),
}
NOT_STARTED, UNDER_WAY = N_("Not started"), N_("In progress")
DONE, NOT_YET = N_("Done"), N_("Cannot start yet")
_COLOURS = {NOT_STARTED: "blue", UNDER_WAY: "light-blue", NOT_YET: "grey"}  # and done is plain: nothing to do


@dataclass(frozen=True, slots=True)
class Task:
    """One part, as the list shows it."""

    title: str
    status: str  # in the language spoken
    colour: str
    href: str | None = None
    hint: str = ""


def tasks(draft: Draft) -> list[Task]:
    """The parts in order; the last is sending it."""
    found = []
    asked = [s for s in asking.steps(draft) if s.kind not in (RING_FIRST, SAME)]
    for (group, _), run in itertools.groupby(asked, key=_part):
        part = tuple(run)
        first = next((s for s in part if s.slug not in draft.seen), part[0])
        found.append(_task(_title(draft, group, part), _standing(draft, part), f"/referral/{first.slug}?list"))
    return [*found, _sending(draft)]


def _part(step: asking.Step) -> tuple[Group, int]:
    return step.group, step.number if step.group is Group.SUBJECT else 0


def _title(draft: Draft, group: Group, part: tuple[asking.Step, ...]) -> str:
    if group is not Group.SUBJECT:
        return say(_TITLES[group])
    about = next((s for s in part if s.number), None)
    if about is None:
        return say("Who may be at risk")
    named = playback.name_of(about.of(draft), about.number)
    who = about.who(draft)
    return who if named in (who, say("Person %(number)s", number=about.number)) else f"{who}: {named}"


def _standing(draft: Draft, part: tuple[asking.Step, ...]) -> str:
    seen = [s for s in part if s.slug in draft.seen or asking.said_already(draft, s)]
    begun = seen or any(s.of(draft).get(f.name) for s in part if s.topic for f in s.asked(draft))
    if not begun:
        return NOT_STARTED
    missing = any(f.required and not s.of(draft).get(f.name) for s in part if s.topic for f in s.asked(draft))
    if part[0].kind == TELL_MORE and not draft.more:
        return DONE
    return DONE if len(seen) == len(part) and not missing else UNDER_WAY


def _sending(draft: Draft) -> Task:
    """It can be sent once every answer that must be there is there."""
    title = say("Check and send")
    try:
        read(draft.data(), need_required=True)
    except ReferralRefused:
        return _task(title, NOT_YET, None, say("First answer what must be answered in the parts above"))
    return _task(title, NOT_STARTED, "/referral/check")


def _task(title: str, status: str, href: str | None, hint: str = "") -> Task:
    return Task(title, say(status), _COLOURS.get(status, ""), href, hint)


@router.get("/referral/tasks")
async def show(request: Request) -> Response:
    """The list."""

    async def act(site: Site, draft: Draft) -> Response:
        if not may_leave(draft):
            return to(f"/referral/{asking.steps(draft)[0].slug}")
        return await site.page(
            request, "public/tasks", title=say("Parts of the form"), tasks=tasks(draft), code=draft.code,
        )  # fmt: skip

    return await with_draft(request, act)


@router.post("/referral/tasks")
async def stop(request: Request) -> Response:
    """Save it from the list, to come back another day."""
    await site_of(request).form(request)

    async def act(site: Site, draft: Draft) -> Response:
        return await leave(site, draft, "save", "tasks")

    return await with_draft(request, act)
