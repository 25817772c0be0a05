"""The directory page: who answers at each agency now, who is away and until when; leave is told and ended here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from exchange import moves, wording
from exchange.case.lapse import Lapse, Lapsing
from exchange.case.leave import Leave, Whose
from exchange.case.mailbox import SEALED
from exchange.case.moving import Move
from exchange.desk.drills import FAILED, NEVER, Standing, standing
from exchange.desk.given import Given, Unfit
from exchange.desk.leave import Leaves
from exchange.desk.people import People, gap_lines, people
from exchange.drill_words import TRANSPORTS, line
from exchange.key_states import SEALED_TO
from exchange.policy import Action, Viewer
from exchange.store import staff
from exchange.web import desk_certificates
from exchange.web.context import Site, shown, site_of
from exchange.web.sign_in import menu, viewer_of
from templates import moments

router = APIRouter()
ROLES = {"team": "Team", "deputy": "Deputy, when the team is away or silent", "lead": "Agency lead"}
LAPSES = {
    Lapsing.ASSIGNMENT_ENDS: "{who}: assignment ends {day}, and nobody follows",
    Lapsing.VETTING_ENDS: "{who}: vetting ends {day}",
    Lapsing.VETTING_EXPIRED: "{who}: vetting ended {day}. They are written to all the same",
    Lapsing.NOBODY: "{mailbox}: nobody is assigned any more. It is written to all the same",
}


@router.get("/desk/directory")
async def directory(request: Request) -> Response:
    """Everybody, and their leave."""
    return await _page(request, await viewer_of(request), {}, {})


@router.post("/desk/directory/leave")
async def add(request: Request) -> Response:
    """Somebody will be away, or is."""
    viewer, site = await viewer_of(request), site_of(request)
    form = await site.form(request)
    try:
        await Leaves(site.hub, viewer).add(Given(form.fields))
    except Unfit as wrong:
        return await _page(request, viewer, form.values(), {wrong.name: str(wrong)})
    return RedirectResponse("/desk/directory", HTTPStatus.SEE_OTHER)


@router.post("/desk/directory/leave/{leave}/end")
async def end(request: Request, leave: str) -> Response:
    """They are back."""
    viewer, site = await viewer_of(request), site_of(request)
    form = await site.form(request)
    try:
        await Leaves(site.hub, viewer).end(leave, Given(form.fields))
    except Unfit as wrong:
        return await _page(request, viewer, {}, {wrong.name: str(wrong)})
    return RedirectResponse("/desk/directory", HTTPStatus.SEE_OTHER)


@router.post("/desk/directory/mailbox/{mailbox}/rung")
async def rung(request: Request, mailbox: str) -> Response:
    """Whoever answered for it before was rung, and knows that it is to be reached otherwise."""
    viewer, site = await viewer_of(request), site_of(request)
    await site.form(request)
    await moves.known_there(site.hub, viewer, mailbox)  # somebody may have said so a moment ago
    return RedirectResponse("/desk/directory", HTTPStatus.SEE_OTHER)


async def _page(request: Request, viewer: Viewer, values: dict[str, str], errors: dict[str, str]) -> Response:
    site = site_of(request)
    found = await people(site.hub, site.keyroom, viewer)
    proofs = {one.mailbox.id: one for one in await standing(site.hub)}
    names = {s.id: s.name for m in found.directory.mailboxes for s in m.spocs}
    async with site.hub.database.reading(site.hub.scope(viewer)) as tx:
        moving = {move.mailbox: _move(move, found, viewer) for move in await site.hub.moves(tx) if move.number}
    return await site.page(
        request, "desk/directory", HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK, title="Directory",
        navigation=menu(request), signed_in_as=viewer.id, values=values, errors=errors,
        agencies=[_agency(row, found, proofs, moving, viewer, site) for row in found.rows()],
        few=[_role(line) for line in gap_lines(found.gaps)],
        lapses=[_lapse(x, names) for x in found.lapses],
        leaves=[_leave(x, names, found, viewer) for x in found.leaves],
        spocs=_spocs(found), members=await _members(site, viewer), today=str(found.presence.day),
        may=lambda name: viewer.may(Action(name)),
    )  # fmt: skip


async def _members(site: Site, viewer: Viewer) -> list[dict[str, str]]:
    """Whose leave a hub manager may tell of."""
    if not viewer.may(Action.SET_STAFF_LEAVE):
        return []
    async with site.hub.database.reading(site.hub.scope(viewer)) as tx:
        return [{"value": m.id, "text": m.id} for m in await staff.everybody(tx)]


def _spocs(found: People) -> list[dict[str, str]]:
    """Who may be on leave: everybody whose assignment is not over, by agency."""
    day, rows = found.presence.day, {}
    for agency in found.rules.agencies:
        for mailbox in found.directory.of(agency.id):
            for spoc in mailbox.spocs:
                if spoc.until is None or spoc.until >= day:
                    rows[spoc.id] = f"{agency.name}: {spoc.name}"
    return [{"value": spoc, "text": text} for spoc, text in rows.items()]


def _move(move: Move, found: People, viewer: Viewer) -> dict[str, Any]:
    """What is said of a mailbox that is to be reached otherwise, while nobody was rung about it."""
    what = " and ".join(moves.WORDS[part] for part in move.parts)
    since = "since" if move.starts_at <= found.now else "from"
    return {
        "words": f"Another {what} {since} {shown(move.starts_at, found.rules, found.now)}. Do they know?",
        "number": move.number, "may": viewer.may(Action.CONFIRM_KEY),
    }  # fmt: skip


def _agency(
    row: dict[str, Any], found: People, proofs: Mapping[str, Standing], moving: Mapping[str, dict[str, Any]],
    viewer: Viewer, site: Site,
) -> dict[str, Any]:  # fmt: skip
    keys = desk_certificates.rows(row["agency"], found, viewer, site)
    boxes = found.directory.of(row["agency"])
    needs = any(SEALED & set(m.transports) for m in boxes)  # others are reached without a key
    return {
        "name": row["name"], "certificates": keys,
        "sealed": not needs or any(key["use"] == SEALED_TO for key in keys),
        "mailboxes": [
            {**_mailbox(m, found, proofs[m["mailbox"]]), "moving": moving.get(m["mailbox"])} for m in row["mailboxes"]
        ],
    }  # fmt: skip


def _mailbox(row: dict[str, Any], found: People, proved: Standing) -> dict[str, Any]:
    by_id = {person["spoc"]: person for person in row["people"]}
    return {
        **row, "title": ROLES[row["role"]], "address": proved.mailbox.address.text,
        "ways": ", then ".join(TRANSPORTS.get(t, t) for t in proved.mailbox.transports),
        "now": [_number(by_id[s]) for s in row["answers_now"]], "named": any(p["current"] for p in row["people"]),
        "hours": "Open now" if row["open"] else f"Closed. Opens {shown(row['opens'], found.rules, found.now)}",
        "proof": line(proved), "unproved": proved.state in (NEVER, FAILED),
        "topics": ", ".join(wording.say(t) for t in row["topics"]),
        "people": [_person(p, found) for p in row["people"] if not p["until"] or p["until"] >= found.presence.day],
    }  # fmt: skip


def _number(person: dict[str, Any]) -> dict[str, str]:
    topic = f" ({wording.say(person['topic'])})" if person["topic"] else ""
    return {"name": f"{person['name']}{topic}", "telephone": person["telephone"]}


def _person(person: dict[str, Any], found: People) -> dict[str, Any]:
    day = found.presence.day
    facts = [f"{wording.say(person['topic'])} champion" if person["topic"] else ""]
    facts += [f"from {moments.day(person['since'])}" if person["since"] > day else ""]
    facts += [f"until {moments.day(person['until'])}" if person["until"] else ""]
    facts += [f"vetted {person['vetting']}" if person["vetting"] else ""]
    facts += [f"vetting to {moments.day(person['vetted_until'])}" if person["vetted_until"] else ""]
    gone = person["on_leave_until"]
    return {
        **person, "facts": ", ".join(filter(None, facts)), "id": person["spoc"],
        "away": f"On leave until {moments.day(gone)}" if gone else "",
        "expired": bool(person["vetted_until"] and person["vetted_until"] < day),
    }  # fmt: skip


def _leave(one: Leave, names: dict[str, str], found: People, viewer: Viewer) -> dict[str, Any]:
    may = Action.SET_LEAVE if one.kind is Whose.SPOC else Action.SET_STAFF_LEAVE
    now = one.holds(found.presence.day)
    return {
        "id": one.id, "who": names.get(one.who, one.who), "kind": "" if one.kind is Whose.SPOC else "Hub staff",
        "days": f"{_day(one.since)} to {_day(one.until)}", "by": names.get(one.covered_by, one.covered_by),
        "now": now, "ends": viewer.may(may), "button": "Back today" if now else "Not taken",
    }  # fmt: skip


def _lapse(lapse: Lapse, names: dict[str, str]) -> str:
    day = moments.day(lapse.day) if lapse.day else ""
    return LAPSES[lapse.what].format(who=names.get(lapse.spoc, lapse.spoc), mailbox=lapse.mailbox, day=day)


def _role(line: str) -> str:
    role, _, rest = line.partition(":")
    return f"{wording.say(role).capitalize()}:{rest}"


def _day(day: date) -> str:
    return moments.day(day)
