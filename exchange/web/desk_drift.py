"""Drift at the desk: cases that nobody follows, handing all of somebody's cases over, and the board's log."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange import content, wording
from exchange.case.rules import Rules
from exchange.case.step import CannotHappen
from exchange.compartments import opened_for
from exchange.desk import Desk
from exchange.desk.given import Unfit
from exchange.drifting import Adrift, Drift, drifting
from exchange.escalations import ENDED, Entry, escalations
from exchange.handover import Handed, Pack, hand_over
from exchange.policy import Action, Viewer, require
from exchange.store import casebook, journal
from exchange.task_words import TASKS
from exchange.web.context import Site, shown, site_of
from exchange.web.desk_case import names_of
from exchange.web.leaves import Leaves
from exchange.web.live import live_of
from exchange.web.sign_in import menu, viewer_of

router = APIRouter()
WHY = {
    Adrift.UNWATCHED: "Nothing watches it: no clock runs and no task is open. Tell the operator, and act on it now",
    Adrift.NO_OWNER: "Nobody follows it",
    Adrift.OWNER_GONE: "Whoever followed it has left",
    Adrift.OWNER_AWAY: "Whoever follows it is on leave",
    Adrift.QUIET: "Nobody has done anything for too long",
}


@router.get("/desk/drift")
async def drift(request: Request, hours: int | None = None) -> Response:
    """The list, the gravest first."""
    return await _list(request, await viewer_of(request), hours)


async def _list(
    request: Request, viewer: Viewer, hours: int | None = None, problem: str = "", status: int = HTTPStatus.OK
) -> Response:
    site = site_of(request)
    rules, now = await site.rules(), site.hub.clock.now()
    live = await live_of(request, viewer)
    found, leaf = await drifting(site.hub, viewer, hours), Leaves(request)

    def row(one: Drift) -> dict[str, Any]:
        return {
            "reference": one.reference, "why": [WHY[why] for why in one.why], "owner": one.owner or "Nobody",
            "last": shown(one.last_at, rules, now), "next": shown(one.next_at, rules, now) if one.next_at else "–",
            "rating": rules.rating(one.rating).label if one.rating else "Not rated",
            "colour": "red" if one.rating in ("", rules.ratings[0].code) else "",
            "alarm": Adrift.UNWATCHED in one.why,
        }  # fmt: skip

    return await site.page(
        request, "desk/drift", status, title="Drift", navigation=menu(request), signed_in_as=viewer.id,
        cases=leaf("cases", found, row), hours=hours, once=site.hub.chance.id(), values={}, problem=problem,
        may_assign=viewer.may(Action.ASSIGN), live=live,
    )  # fmt: skip


@router.post("/desk/drift")
async def give(request: Request) -> Response:
    """All open cases of one member of staff to another; what comes back is to be printed."""
    viewer, site = await viewer_of(request), site_of(request)
    require(viewer, Action.ASSIGN)
    form = await site.form(request)
    cause = f"handover:{viewer.id}:{form.once}"
    try:
        pack = await hand_over(Desk(site.hub, viewer), form.one("before").strip(), form.one("owner").strip(), cause)
    except (CannotHappen, Unfit) as wrong:
        return await _list(request, viewer, problem=str(wrong), status=HTTPStatus.BAD_REQUEST)
    return await _pack(request, viewer, pack)


async def _pack(request: Request, viewer: Viewer, pack: Pack) -> Response:
    site = site_of(request)
    rules, now = await site.rules(), site.hub.clock.now()
    rows = [await _handed(one, site, viewer) for one in pack.cases]
    return await site.page(
        request, "desk/handover", title="Handover", navigation=menu(request), signed_in_as=viewer.id,
        pack=pack, at=shown(pack.at, rules, now), cases=rows,
    )  # fmt: skip


async def _handed(one: Handed, site: Site, viewer: Viewer) -> dict[str, Any]:
    hub, now = site.hub, site.hub.clock.now()
    async with hub.database.reading(hub.scope(viewer)) as tx:
        rules = await casebook.rules_of(tx, one.case)
        names: tuple[str, ...] = ()
        if viewer.may(Action.SEE_CONTENT):
            opened = await opened_for(hub, tx, one.case, rules, viewer)
            referral = content.referral_from((name, plain) for _, name, plain in opened.bodies)
            names = tuple(names_of(referral, one.case).values())
    if names:
        await hub.note(journal.ACCESS, "Viewed", viewer.id, case=one.case.id)
    return {
        "reference": one.case.reference, "names": ", ".join(names),
        "rating": rules.rating(one.rating).label if one.rating else "Not rated",
        "owed": [_owed(o, one, rules, site) for o in one.owed],
        "tasks": [
            {
                "what": TASKS.get(t.kind, t.kind), "due": shown(t.due, rules, now),
                "about": wording.about(t.about, one.case, rules) if t.about else "",
            }
            for t in one.asked
        ],
        "timers": [{"at": shown(t.at, rules, now), "words": t.words} for t in one.timers],
        "happened": [{"at": shown(e.at, rules, now), "words": e.words} for e in one.happened],
    }  # fmt: skip


def _owed(owed: Any, one: Handed, rules: Rules, site: Site) -> dict[str, str]:
    what = wording.owes(owed.what)
    whom = wording.about(owed.about, one.case, rules)
    owner = owed.owner[:1].upper() + owed.owner[1:]
    return {
        "what": f"{owner}: {what}" + (f" ({whom})" if whom and whom != owed.owner else ""), "left": owed.left,
        "due": shown(owed.due, rules, site.hub.clock.now()), "next": f"{owed.next_step} {owed.telephone}".strip(),
    }  # fmt: skip


def _ended(one: Entry, rules: Rules, now: datetime) -> str:
    if one.ended_at is None:
        return "Not yet"
    at = shown(one.ended_at, rules, now)
    return at if one.ended == "answered" else f"{ENDED[one.ended].capitalize()}, {at}"


@router.get("/desk/escalations")
async def board(request: Request) -> Response:
    """The board's log."""
    viewer, site = await viewer_of(request), site_of(request)
    rules, now = await site.rules(), site.hub.clock.now()
    found, leaf = await escalations(site.hub, viewer), Leaves(request)
    rows = leaf(
        "log", found,
        lambda e: {
            "reference": e.reference, "agency": e.agency, "owed": wording.owes(e.owed),
            "due": shown(e.due, rules, now), "reached": shown(e.reached_at, rules, now),
            "late": e.row(now)["late_by"], "ended": _ended(e, rules, now),
        },
    )  # fmt: skip
    return await site.page(
        request, "desk/escalations", title="Board log", navigation=menu(request), signed_in_as=viewer.id, log=rows
    )
