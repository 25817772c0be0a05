"""Administration pages: what the hub file in force says, in plain words, and where each part of it is changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange import calendars, wording
from exchange.blockers import today
from exchange.case.agreement import Standing, standing
from exchange.case.mailbox import Directory
from exchange.case.rules import Rules
from exchange.desk.changes import Changes
from exchange.drill_words import TRANSPORTS
from exchange.hub_file import HubFiles
from exchange.hubs import holidays
from exchange.hubs.difference import clock_text, hours_text
from exchange.policy import Action, Viewer, require
from exchange.web.context import Site, shown, site_of
from exchange.web.sign_in import menu, viewer_of
from templates import moments

router = APIRouter()
HOME = "/desk/admin"
STANDS = {
    Standing.COVERED: "",
    Standing.MISSING: "No agreement",
    Standing.EXPIRED: "Agreement has ended",
    Standing.NOT_BEGUN: "Agreement has not begun",
}
HISTORY = 200  # lines on one page; the audit pages go further back


def changes_of(site: Site, viewer: Viewer) -> Changes:
    """The hub file, for whoever asks."""
    return Changes(HubFiles(site.hub, timedelta(seconds=site.settings.keys.hold)), viewer)


async def page(request: Request, viewer: Viewer, name: str, status: int = 200, **values: Any) -> Response:
    """A page of the administration."""
    return await site_of(request).page(
        request, f"desk/admin/{name}", status, navigation=menu(request), signed_in_as=viewer.id,
        may=lambda action: viewer.may(Action(action)), **values,
    )  # fmt: skip


async def seen_by(request: Request) -> tuple[Viewer, Site, Rules, Directory]:
    """Who looks, and what the hub file in force says. Raises Forbidden."""
    viewer, site = await viewer_of(request), site_of(request)
    require(viewer, Action.SEE_ADMINISTRATION)
    rules = await site.rules()
    async with site.hub.database.reading(site.hub.scope(viewer)) as tx:
        return viewer, site, rules, await site.hub.filed(tx)


@router.get(HOME)
async def start(request: Request) -> Response:
    """What there is to look after, and which changes wait for somebody."""
    viewer, site, rules, directory = await seen_by(request)
    waiting = await changes_of(site, viewer).waiting()
    now = site.hub.clock.now()
    rows = [
        {"id": p.id, "by": p.made_by, "when": shown(p.made_at, rules, now), "two": p.two,
         "mine": p.made_by == viewer.id}
        for p in waiting
    ]  # fmt: skip
    lacking = [a.name for a in rules.agencies if standing(directory.agreements, a.id, today(rules, now)) in _LACKING]
    return await page(request, viewer, "start", title="Administration", waiting=rows, lacking=lacking)


_LACKING = frozenset(Standing) - {Standing.COVERED}


@router.get(HOME + "/hub")
async def hub(request: Request) -> Response:
    """Name, numbers, hours, closures and clocks."""
    viewer, site, rules, _ = await seen_by(request)
    calendar = rules.calendar
    async with site.hub.database.reading(site.hub.scope(viewer)) as tx:
        known = await calendars.known(tx)
    day = today(rules, site.hub.clock.now())
    return await page(
        request, viewer, "hub", title="The hub", back=HOME, rules=rules,
        clocks=[_clocks(r.label, r.code, r) for r in rules.ratings],
        unrated=_clocks(rules.unrated.label, "", rules.unrated),
        hours=[(name, hours_text(own)) for name, own in zip(moments.DAYS, calendar.hours, strict=False)],
        closed=[moments.day(d) for d in sorted(calendar.closed) if d >= day],
        own="\n".join(f"{moments.day(o.day)}: {hours_text(o.hours)}" for o in calendar.dates if o.day >= day),
        holidays=_holidays(calendar.nation, known.get(calendar.nation, {}), day),
        nation=holidays.title(calendar.nation) if calendar.nation else "",
        times=_times(rules),
    )  # fmt: skip


def _holidays(nation: str, days: Any, day: Any) -> list[str]:
    return [f"{moments.day(on)}: {called}" for on, called in sorted(days.items()) if on >= day] if nation else []


def _clocks(label: str, code: str, rating: Any) -> dict[str, str]:
    found = {name: clock_text(getattr(rating, name)) for name in ("acknowledge", "answer", "decide")}
    return {"label": label, "code": code, **found}


def _times(rules: Rules) -> list[dict[str, str]]:
    found = {
        "A person has read it": clock_text(rules.first_look),
        "The referrer is told, after the decision": clock_text(rules.feedback),
        "The desk is pressed again": clock_text(rules.overdue_again),
        "A letter waits to be fetched": clock_text(rules.pickup),
        "A case without an event is drifting": clock_text(rules.drift),
    }
    return [{"key": key, "value": value} for key, value in found.items()]


@router.get(HOME + "/agencies")
async def agencies(request: Request) -> Response:
    """Every agency with its mailboxes, the people who answer and the agreement that covers it."""
    viewer, site, rules, directory = await seen_by(request)
    day = today(rules, site.hub.clock.now())
    rows = [
        {
            "id": a.id, "name": a.name, "does": ", ".join(wording.say(f) for f in a.functions), "basis": a.basis,
            "areas": ", ".join(a.areas), "agreement": STANDS[standing(directory.agreements, a.id, day)],
            "asked": sum(route.agency == a.id for route in rules.routes),
            "mailboxes": [
                {
                    "id": m.id, "address": m.address.text, "telephone": m.telephone, "role": m.role.value,
                    "ways": ", then ".join(TRANSPORTS.get(t, t) for t in m.transports), "code_to": m.code_to,
                    "people": [{"id": s.id, "name": s.name, "until": s.until, "gone": bool(s.until and s.until < day)}
                               for s in m.spocs],
                }
                for m in directory.of(a.id)
            ],
        }
        for a in rules.agencies
    ]  # fmt: skip
    return await page(request, viewer, "agencies", title="Agencies and mailboxes", back=HOME, agencies=rows,
                      day=moments.day)  # fmt: skip


@router.get(HOME + "/agreements")
async def agreements(request: Request) -> Response:
    """Agreements on sharing information: who is bound by which, and until when."""
    viewer, site, rules, directory = await seen_by(request)
    day = today(rules, site.hub.clock.now())
    names = {a.id: a.name for a in rules.agencies}
    rows = [
        {
            "id": a.id, "name": a.name, "tier": a.tier, "parties": ", ".join(names.get(p, p) for p in a.parties),
            "since": moments.day(a.since), "until": moments.day(a.until) if a.until else "",
            "review": moments.day(a.review) if a.review else "", "ended": bool(a.until and a.until < day),
            "due": bool(a.review and a.review <= day),
        }
        for a in directory.agreements
    ]  # fmt: skip
    lacking = [
        (a.name, STANDS[found])
        for a in rules.agencies
        if (found := standing(directory.agreements, a.id, day)) is not Standing.COVERED
    ]
    return await page(request, viewer, "agreements", title="Information-sharing agreements", back=HOME, listed=rows,
                      lacking=lacking)  # fmt: skip


@router.get(HOME + "/history")
async def history(request: Request) -> Response:
    """What was changed, by whom and when, the newest first."""
    viewer, site, rules, _ = await seen_by(request)
    lines = await changes_of(site, viewer).history()
    now, zone = site.hub.clock.now(), rules.calendar.zone
    rows = [
        {"when": shown(line.at, rules, now), "by": line.by, "what": said(line.kind), "about": facts(line.facts, zone)}
        for line in lines[:HISTORY]
    ]  # fmt: skip
    return await page(
        request, viewer, "history", title="What was changed", back=HOME, listed=rows, more=len(lines) > HISTORY
    )


def facts(of: Mapping[str, Any], zone: tzinfo) -> str:
    """What a line of the record says, in words: its digests and fingerprints by their last digits, its times by the
    clock here; what is empty says nothing."""
    found = ((name.replace("_", " "), _words(value, zone)) for name, value in of.items())
    return "; ".join(f"{name} {words}" for name, words in found if words)


def _words(value: object, zone: tzinfo) -> str:
    if isinstance(value, dict):
        inside = facts(value, zone)
        return f"({inside})" if inside else ""
    if isinstance(value, list):
        return ", ".join(filter(None, (_words(one, zone) for one in value)))
    if value is None or isinstance(value, bool):
        return {None: "", True: "yes", False: "no"}[value]
    return _LONG.sub(_short, _MOMENT.sub(lambda found: stamp(datetime.fromisoformat(found[0]), zone), str(value)))


def stamp(at: datetime, zone: tzinfo) -> str:
    """A moment as the record shows every one: `2026-11-27 21:58:03`, by the clock here."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


_MOMENT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)")
_LONG = re.compile(r"[0-9A-Fa-f]{24,}")


def _short(found: re.Match[str]) -> str:
    return f"…{found[0][-8:]}"


def said(kind: str) -> str:
    """The name of a line of the record as words: `MailboxAdded` is “Mailbox added”."""
    words = "".join(f" {c.lower()}" if c.isupper() else c for c in kind).strip()
    return words[:1].upper() + words[1:]
