"""Staff on pages: who is with the hub, which roles each holds from which day to which, and letting somebody in."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from exchange import wording
from exchange.case.rules import Rules
from exchange.case.step import CannotHappen
from exchange.desk.given import Given, Unfit
from exchange.policy import Role, Viewer, may_give
from exchange.staffing import Staffing
from exchange.store import staff
from exchange.web.admin import HOME, page
from exchange.web.context import Site, shown, site_of
from exchange.web.sign_in import viewer_of
from templates import moments

router = APIRouter()
STAFF = HOME + "/staff"
WHAT = {  # of a role, where its name does not say it
    Role.INTAKE_ADMIN: "Types contacts in and takes answers by telephone",
    Role.SCREENING_OFFICER: "Reads, rates and asks agencies",
    Role.DECISION_MANAGER: "Decides, releases and closes",
    Role.CHAIR: "Calls discussions and approves their records",
    Role.HEALTH_NAVIGATOR: "Reads what health tells before it is released",
    Role.NAVIGATOR: "Researches for an agency in the hub",
    Role.EDT_WORKER: "The emergency duty team, when the hub is closed",
    Role.HUB_MANAGER: "Answers for the hub: decides, releases, lifts restrictions",
    Role.HUB_ADMINISTRATOR: "Sees status, never content; looks after the hub file, keys and staff",
    Role.AUDITOR: "Reads everything; every view is in the record",
    Role.RECORDS_OFFICER: "Holds and destroys records; sees status, never content",
    Role.ANALYST: "Sees codes and times by reference, and nobody’s name",
    Role.BOARD_MEMBER: "Sees published tables only",
    Role.SYSTEM_ADMIN: "Lets people in; sees nothing of any case",
}


@router.get(STAFF)
async def everybody(request: Request) -> Response:
    """Who is with the hub, and who was."""
    viewer, site = await viewer_of(request), site_of(request)
    found, now = await Staffing(site.hub, viewer).listed(), site.hub.clock.now()
    rules = await site.rules()
    async with site.hub.database.reading(site.hub.scope(viewer)) as tx:
        gone = await staff.left(tx)
    rows = [
        {"id": m.id, "me": m.id == viewer.id,
         "roles": [_held(one, rules, now) for one in m.access if not one.over(now)]}
        for m in found
    ]  # fmt: skip
    return await page(
        request, viewer, "staff", title="Staff", back=HOME, listed=rows,
        gone=[{"id": who, "when": shown(at, rules, now)} for who, at in gone],
    )  # fmt: skip


@router.get(STAFF + "/new")
async def ask(request: Request) -> Response:
    """Who is to be let in."""
    return await _new(request, await viewer_of(request), {}, {})


@router.post(STAFF + "/new")
async def add(request: Request) -> Response:
    """Let somebody in; their password is shown on this page alone."""
    viewer, site = await viewer_of(request), site_of(request)
    form = await site.form(request)
    values: dict[str, Any] = {**form.values(), "role": form.all("role")}
    try:
        member, made = await let_in(site, viewer, Given(form.fields))
    except (Unfit, CannotHappen) as wrong:
        return await _new(request, viewer, values, {getattr(wrong, "name", ""): str(wrong)})
    return await page(request, viewer, "let_in", title="Let in", back=STAFF, member=member, password=made)


async def let_in(site: Site, viewer: Viewer, given: Given) -> tuple[str, str]:
    """(who was let in, the password that was made for them or ""). Raises Unfit or CannotHappen."""
    by, wanted = Staffing(site.hub, viewer), given.choices("role", Role)
    if not wanted:
        raise Unfit("role", "Choose at least one role")
    member, (since, until) = given.need("staff"), await _days(site, given)
    if any(m.id == member for m in await by.listed()):
        raise Unfit("staff", "Somebody is here under this id: choose another, or change what they hold")
    _, made = await by.add(member, wanted, since=since, until=until, with_password=given.yes("password"))
    return member, made


@router.get(STAFF + "/{member}")
async def one(request: Request, member: str) -> Response:
    """What one of them may do, and where they are signed in."""
    return await _one(request, await viewer_of(request), member, {}, {})


@router.post(STAFF + "/{member}/{act}")
async def act(request: Request, member: str, act: str) -> Response:
    """Give or end a role, sign them out, let them in anew, or end their time here."""
    viewer, site = await viewer_of(request), site_of(request)
    form = await site.form(request)
    by, given = Staffing(site.hub, viewer), Given(form.fields)
    await known(by, member)
    try:
        made = await done(site, by, member, act, given)
    except (Unfit, CannotHappen) as wrong:
        errors = {getattr(wrong, "name", ""): str(wrong)}
        return await _one(request, viewer, member, form.values(), errors)
    if act == "anew":
        return await page(request, viewer, "let_in", title="Let in anew", back=STAFF, member=member, password=made)
    return RedirectResponse(STAFF if act == "leave" else f"{STAFF}/{member}", HTTPStatus.SEE_OTHER)


async def done(site: Site, by: Staffing, member: str, act: str, given: Given) -> str:
    """The password that was made, if one was. Raises Unfit or CannotHappen."""
    match act:
        case "give":
            since, until = await _days(site, given)
            await by.give(member, given.choice("role", Role), since, until)
        case "take":
            await by.take(member, given.choice("role", Role))
        case "sign-out":
            await by.sign_out(member)
        case "anew":
            return await by.anew(member)
        case "leave":
            if not given.yes("sure"):
                raise Unfit("sure", "Tick that they leave the hub")
            await by.end(member)
        case _:
            raise HTTPException(HTTPStatus.NOT_FOUND)
    return ""


async def known(by: Staffing, member: str) -> staff.Member:
    """Raises Forbidden before it says that somebody is not there."""
    found = next((m for m in await by.listed() if m.id == member), None)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found


async def _days(site: Site, given: Given) -> tuple[datetime | None, datetime | None]:
    """From the beginning of the first day to the end of the last, on the hub's wall."""
    since, until = given.day("since"), given.day("until")
    zone = (await site.rules()).calendar.zone
    begins = datetime.combine(since, time(), zone) if since else None
    ends = datetime.combine(until + timedelta(days=1), time(), zone) if until else None
    if ends and ends <= (begins or site.hub.clock.now()):
        raise Unfit("until", "Write a last day that is not over, and not before the first")
    return begins, ends


async def _new(request: Request, viewer: Viewer, values: dict[str, Any], errors: dict[str, str]) -> Response:
    await Staffing(site_of(request).hub, viewer).listed()  # who may not see them learns nothing
    return await page(
        request, viewer, "new_staff", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title="Let somebody in",
        back=STAFF, values=values, errors=errors, action=f"{STAFF}/new", roles=_roles(viewer),
    )  # fmt: skip


async def _one(
    request: Request, viewer: Viewer, member: str, values: dict[str, str], errors: dict[str, str]
) -> Response:
    site = site_of(request)
    by, rules, now = Staffing(site.hub, viewer), await site.rules(), site.hub.clock.now()
    found = await known(by, member)
    here = [s for s in await by.sessions(member) if s.ended_at is None]
    return await page(
        request, viewer, "member", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title=f"Staff: {member}",
        back=STAFF, values=values, errors=errors, member=member, me=member == viewer.id, roles=_roles(viewer),
        held=[_held(one, rules, now, viewer) for one in found.access], action=f"{STAFF}/{member}",
        here=[{"device": s.device, "seen": shown(s.seen_at, rules, now)} for s in here],
    )  # fmt: skip


def _roles(viewer: Viewer) -> list[dict[str, str]]:
    """Those that this viewer may give."""
    return [
        {"value": role.value, "text": called(role.value), "hint": WHAT[role]}
        for role in Role
        if may_give(viewer, role)
    ]


def called(role: str) -> str:
    """What a role is called."""
    return "EDT worker" if role == Role.EDT_WORKER else wording.say(role).capitalize()


def _held(one: staff.Access, rules: Rules, now: datetime, viewer: Viewer | None = None) -> dict[str, Any]:
    zone = rules.calendar.zone
    last = one.until.astimezone(zone) - timedelta(microseconds=1) if one.until else None
    state = "over" if one.over(now) else "" if one.at(now) else "to come"
    return {
        "role": one.role, "text": called(one.role), "state": state,
        "since": moments.day(one.since.astimezone(zone).date()), "until": moments.day(last.date()) if last else "",
        "ends": viewer is not None and not one.over(now) and may_give(viewer, Role(one.role)),
    }  # fmt: skip
