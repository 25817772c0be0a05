"""The silent: everybody outside the hub who owes something, what was sent and what their servers said, and what comes
next; and asking several of them once more with one press.

Each letter is the same act as on the page of its case ("chase"), with a cause of its own under the press: a page sent
twice, or two people at the desk, make one letter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange import wording
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.step import CannotHappen
from exchange.chasers import MOST, Chaser, chasers, may_be_chased
from exchange.desk import Desk
from exchange.desk.acts import perform
from exchange.desk.given import Given, Unfit, sentence
from exchange.heard import with_servers
from exchange.outstanding import HUB_OWNS, outstanding
from exchange.owed import Owed
from exchange.policy import Action, Viewer, require
from exchange.store import casebook, staff
from exchange.store.casebook import NoSuchCase
from exchange.web.choosing import choices, chosen
from exchange.web.context import Site, shown, site_of
from exchange.web.leaves import FEW, Leaf, Leaves
from exchange.web.live import live_of
from exchange.web.sieve import ALL, BY_AGENCY, BY_RATING, YES, Sieve, sieve
from exchange.web.sign_in import menu, viewer_of
from exchange.web.worklist import Work

router = APIRouter()
PAGE = "/desk/silence"
NAME = "what"  # of the boxes: a reference and a leg or seat
_FEW = 6  # agencies whose number stands on top


@router.get(PAGE)
async def silence(request: Request) -> Response:
    """The list."""
    return await _list(request, await viewer_of(request))


async def _list(request: Request, viewer: Viewer, problem: str = "") -> Response:
    site = site_of(request)
    require(viewer, Action.SEE_STATUS)
    hub, rules, now = site.hub, await site.rules(), site.hub.clock.now()
    live = await live_of(request, viewer)
    owed = [o for o in await outstanding(hub, viewer, now) if o.owner != HUB_OWNS]
    async with hub.database.reading(hub.scope(viewer)) as tx:
        cases = {c.id: c for c in await casebook.listing(tx)}
        members = [m.id for m in await staff.everybody(tx)]
    seen = replace(sieve(request.query_params, rules, members), show=ALL, unread="")
    kept = [o for o in owed if _fits(o, cases.get(o.case_id), seen, viewer)]
    rows = Leaves(request, FEW)("owed", _ordered(kept, seen, rules), lambda o: {"of": o})
    return await site.page(
        request, "desk/silence", HTTPStatus.BAD_REQUEST if problem else HTTPStatus.OK, title="Who has not answered",
        navigation=menu(request), signed_in_as=viewer.id, owed=await _shown(rows, cases, rules, site, viewer),
        whole=len(owed), counts=_counts(owed, seen, rules), sieve=seen, chosen=chosen(seen, rules, PAGE),
        choose=choices(rules, members, viewer.id), values=seen.values(), may_chase=viewer.may(Action.RECORD_ANSWER),
        errors={"owed": problem} if problem else {}, live=live,
    )  # fmt: skip


def _fits(one: Owed, case: Case | None, seen: Sieve, viewer: Viewer) -> bool:
    return seen.keeps_matter(Work(one.case_id, one, (), one.rating), case, viewer.id, late=one.overdue)


def _ordered(owed: Sequence[Owed], seen: Sieve, rules: Rules) -> list[Owed]:
    if seen.order == BY_AGENCY:  # one call does for all that one agency owes
        return sorted(owed, key=lambda o: (o.owner, o.due))
    if seen.order == BY_RATING:
        return sorted(owed, key=lambda o: (wording.rank(o.rating, rules), o.due))
    return sorted(owed, key=lambda o: o.due)


def _counts(owed: Sequence[Owed], seen: Sieve, rules: Rules) -> list[dict[str, Any]]:
    """How much is silent, how much of it late, and who owes most: each a way to see only that, and back."""
    by_agency = Counter(o.agency for o in owed if o.agency)
    late = len([o for o in owed if o.overdue])
    found = [
        {"text": "In all", "of": len(owed), "href": PAGE, "on": False},
        {
            "text": "Late",
            "of": late,
            "href": seen.address(PAGE, late="" if seen.late else YES),
            "on": bool(seen.late),
        },
    ]
    for agency, number in by_agency.most_common(_FEW):
        on = seen.agency == agency
        href = seen.address(PAGE, agency="" if on else agency)
        found.append({"text": wording.agency_name(agency, rules), "of": number, "href": href, "on": on})
    return found


async def _shown(part: Leaf, cases: dict[str, Case], rules: Rules, site: Site, viewer: Viewer) -> Leaf:
    """The rows of one part, with what servers said: only for these is anything opened."""
    said = await with_servers(site.hub, viewer, [row["of"] for row in part.rows])
    now = site.hub.clock.now()
    return replace(part, rows=tuple(_row(o, cases.get(o.case_id), rules, now) for o in said))


def _row(owed: Owed, case: Case | None, rules: Rules, now: datetime) -> dict[str, Any]:
    """One thing owed, in words."""
    at = f" ({shown(owed.next_at, rules, now)})" if owed.next_at else ""
    return {
        "reference": owed.reference, "about": owed.about, "owner": owed.owner,
        "what": wording.owes(owed.what) + wording.about_whom(owed.about, case),
        "meets": shown(owed.meets_at, rules, now) if owed.meets_at else "",
        "due": shown(owed.due, rules, now), "left": owed.left, "sign": "late" if owed.overdue else "",
        "danger": bool(case and case.danger and not case.decided),
        "rating": rules.rating(owed.rating).label if owed.rating else "Not rated",
        "rank": wording.rank(owed.rating, rules), "sent": shown(owed.sent_at, rules, now) if owed.sent_at else "",
        "server": owed.server, "reminded": _times(owed.reminders), "next": (owed.then or owed.next_step) + at,
        "numbers": [{"who": who, "telephone": number} for who, number in _numbers(owed)],
        "ring": bool(owed.numbers), "tick": bool(case and owed.numbers and may_be_chased(case, owed.about, now)),
        "again": _last(case, owed.about, rules, now),
    }  # fmt: skip


def _numbers(owed: Owed) -> tuple[tuple[str, str], ...]:
    return owed.numbers or (((owed.who, owed.telephone),) if owed.telephone else ())


def _times(reminders: int) -> str:
    return "" if not reminders else "reminded once" if reminders == 1 else f"reminded {reminders} times"


def _last(case: Case | None, about: str, rules: Rules, now: datetime) -> str:
    """When somebody at the desk last asked them once more; ""."""
    leg, seat = (case.leg(about), case.seat(about)) if case else (None, None)
    asked = leg.chased if leg else seat.asked_again if seat else ()
    return shown(asked[-1], rules, now) if asked else ""


@router.get(f"{PAGE}/chase")
async def ask(request: Request) -> Response:
    """Who gets what, before anything is sent."""
    viewer = await viewer_of(request)
    require(viewer, Action.RECORD_ANSWER)
    wanted = _wanted(request.query_params.getlist(NAME))
    if not wanted:
        return await _list(request, viewer, "Tick whom you want to ask once more")
    return await _page(request, viewer, await chasers(site_of(request).hub, viewer, wanted))


@router.post(f"{PAGE}/chase")
async def send(request: Request) -> Response:
    """Ask each of them once more."""
    viewer, site = await viewer_of(request), site_of(request)
    require(viewer, Action.RECORD_ANSWER)
    form = await site.form(request)
    found = await chasers(site.hub, viewer, _wanted(form.fields.get(NAME, ())))
    done = [await _chased(Desk(site.hub, viewer), one, f"desk:{viewer.id}:chase:{form.once}") for one in found]
    return await _page(request, viewer, done, sent=True)


async def _chased(desk: Desk, one: Chaser, cause: str) -> Chaser:
    """The same, with why it could not be sent after all."""
    given = Given({"about": (one.about,)})
    try:
        await perform(desk, "chase", one.case_id, given, f"{cause}:{one.reference}:{one.about}")
    except NoSuchCase:
        return replace(one, why_not="it is kept from you now")
    except (CannotHappen, Unfit) as wrong:
        return replace(one, why_not=sentence(wrong))
    return replace(one, why_not="")


async def _page(request: Request, viewer: Viewer, found: Sequence[Chaser], *, sent: bool = False) -> Response:
    site = site_of(request)
    rules, now = await site.rules(), site.hub.clock.now()

    def row(one: Chaser) -> dict[str, str]:
        goes = f"when somebody reads there: {shown(one.opens, rules, now)}" if one.opens else "now"
        return {
            "value": f"{one.reference}:{one.about}", "reference": one.reference, "agency": one.agency,
            "whom": one.whom, "owes": wording.owes(one.owes), "due": shown(one.due, rules, now), "goes": goes,
            "why_not": one.why_not[:1].upper() + one.why_not[1:],
        }  # fmt: skip

    rows = [row(one) for one in sorted(found, key=lambda one: (one.agency, one.due))]
    return await site.page(
        request, "desk/chase", title="Ask once more", navigation=menu(request), signed_in_as=viewer.id, sent=sent,
        going=[r for r in rows if not r["why_not"]], left_out=[r for r in rows if r["why_not"]],
        once=site.hub.chance.id(), most=MOST,
    )  # fmt: skip


def _wanted(given: Sequence[str]) -> list[tuple[str, str]]:
    """(reference, leg or seat) of each box."""
    parts = (one.partition(":") for one in given[:MOST])
    return [(reference, about) for reference, _, about in parts if reference and about]
