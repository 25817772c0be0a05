"""The JSON API of the administration: the hub file and its changes, under the rules of the pages (desk/changes.py).

Whom something is sent to, two people change here too: the token of the member who proposed it cannot apply it.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Awaitable, Callable
from datetime import date
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange import calendars
from exchange.blockers import today
from exchange.case.agreement import standing
from exchange.case.mailbox import Directory
from exchange.case.rules import Rules
from exchange.case.step import CannotHappen
from exchange.desk.changes import Changes, NoSuchChange, Seen
from exchange.desk.given import Unfit, sentence
from exchange.hubs import editing, entries, statutes
from exchange.hubs.difference import clock_text
from exchange.hubs.refusal import HubError, HubFileRefused
from exchange.policy import Action, require
from exchange.web.admin import changes_of
from exchange.web.api import as_json, body_of, program_of, refuse_unknown
from exchange.web.context import site_of
from exchange.web.once import Asked, once
from exchange.web.problem import problem, unfit
from exchange.web.unchanged import Tagged

router = APIRouter(prefix="/api/v1", route_class=Tagged)
WHOLE = ("text", "base")  # what a change of the whole file takes, and one of an entry of it
ENTRY = ("part", "which", "values", "base")


@router.get("/hub")
async def file(request: Request) -> Response:
    """The hub file in force as it was written, and the `base` from which a change of it begins."""
    changes = await _changes(request)
    base, text = await changes.in_force()
    return as_json({"base": base, "text": text})


@router.get("/hub/clocks")
async def clocks(request: Request) -> Response:
    """The named clocks with what the law says of each, and the bank holidays to come by which the hub goes."""
    rules, _, day = await _in_force(request)
    async with site_of(request).hub.database.reading(site_of(request).hub.scope("api")) as tx:
        known = (await calendars.known(tx)).get(rules.calendar.nation, {})
    return as_json({
        "statute": rules.statute.name, "since": rules.statute.since,
        "outdated": statutes.outdated(rules.statute, day),
        "clocks": [
            {
                "clock": one.name, "label": one.label, "starts": one.starts, "stops": one.stops,
                "forms": list(one.forms), "source": one.source, "time": clock_text(one.spec),
                "limit": clock_text(one.limit) if one.limit else None,
            }
            for one in rules.statute.clocks
        ],
        "holidays": [{"day": on.isoformat(), "name": name} for on, name in sorted(known.items()) if on >= day],
    })  # fmt: skip


@router.get("/hub/agreements")
async def agreements(request: Request) -> Response:
    """Agreements on sharing information, and how each agency stands today."""
    rules, directory, day = await _in_force(request)
    stands = [
        {"agency": agency.id, "standing": standing(directory.agreements, agency.id, day)} for agency in rules.agencies
    ]
    return as_json({"agreements": [dataclasses.asdict(one) for one in directory.agreements], "agencies": stands})


async def _in_force(request: Request) -> tuple[Rules, Directory, date]:
    """What the hub file says, and which day it is there. Raises Forbidden."""
    viewer, site = await program_of(request), site_of(request)
    require(viewer, Action.SEE_ADMINISTRATION)
    rules = await site.rules()
    async with site.hub.database.reading(site.hub.scope(viewer)) as tx:
        return rules, await site.hub.filed(tx), today(rules, site.hub.clock.now())


@router.get("/hub/changes")
async def waiting(request: Request) -> Response:
    """The changes that nobody has applied or withdrawn."""
    changes = await _changes(request)
    return as_json({"changes": [_told(await changes.look(one.id)) for one in await changes.waiting()]})


@router.post("/hub/changes")
async def propose(request: Request) -> Response:
    """Propose another text, or other `values` of one `part` of it; nothing changes before somebody applies it."""
    changes = await _changes(request)
    require(changes.viewer, Action.CHANGE_HUB_FILE)  # before anything that was given is looked at
    given = await body_of(request)
    refuse_unknown(given, WHOLE if "text" in given else ENTRY)

    async def act(asked: Asked) -> Response:
        if asked.again:
            with contextlib.suppress(NoSuchChange):
                return as_json(_told(await changes.look(asked.id)), HTTPStatus.CREATED)
        in_force, before = await changes.in_force()
        base = given.get("base", "" if "text" in given else in_force)  # a whole text says what it began from
        made = await changes.propose(_text(given, before), str(base), asked.id)
        return as_json(_told(await changes.look(made)), HTTPStatus.CREATED)

    return await _answered(lambda: once(request, changes.viewer, given, act))


@router.get("/hub/changes/{change}")
async def look(request: Request, change: str) -> Response:
    """What it would change, as things stand now."""
    return as_json(_told(await (await _changes(request)).look(change)))


@router.post("/hub/changes/{change}/apply")
async def apply(request: Request, change: str) -> Response:
    """Put it in force."""
    changes = await _changes(request)

    async def act() -> Response:
        await changes.apply(change)
        return as_json(_told(await changes.look(change)))

    return await _answered(act)


@router.post("/hub/changes/{change}/withdraw")
async def withdraw(request: Request, change: str) -> Response:
    """Nobody will apply it."""
    changes = await _changes(request)

    async def act() -> Response:
        await changes.withdraw(change)
        return as_json(_told(await changes.look(change)))

    return await _answered(act)


async def _changes(request: Request) -> Changes:
    return changes_of(site_of(request), await program_of(request))


async def _answered(act: Callable[[], Awaitable[Response]]) -> Response:
    """What was done, or what is wrong and how to mend it."""
    try:
        return await act()
    except HubFileRefused as refused:
        faults = [dataclasses.asdict(fault) for fault in refused.faults]
        return problem(HTTPStatus.BAD_REQUEST, "this cannot be used as a hub file", problems=faults)
    except HubError as refused:
        return problem(HTTPStatus.CONFLICT, str(refused))
    except CannotHappen as refused:
        return problem(HTTPStatus.CONFLICT, sentence(refused))
    except Unfit as wrong:  # at no value: as things stand it cannot be, whatever is given
        return unfit(wrong) if wrong.name else problem(HTTPStatus.CONFLICT, str(wrong))


def _text(given: dict[str, Any], before: str) -> str:
    """The file that is asked for. Raises Unfit or HubError."""
    if "text" in given:
        if not isinstance(given["text"], str):
            raise Unfit("text", "give the whole text as one string")
        return given["text"]
    part, which, values = given.get("part"), given.get("which"), given.get("values")
    if not (isinstance(part, str) and isinstance(which, str) and isinstance(values, dict)):
        raise Unfit("text", "give the whole text, or part, which and values")
    data = editing.data_of(before)
    asked = entries.fields(data, part) if before else ()
    where = entries.place(data, part, which) if asked else None
    if where is None:
        raise Unfit("which", "the hub file has no such part")
    if unknown := values.keys() - {field.name for field in asked}:
        raise Unfit("values", f"no such keys of this part: {', '.join(sorted(map(str, unknown)))[:200]}")
    said = entries.texts(data, where, part) | {name: str(value) for name, value in values.items()}
    return editing.edited(before, entries.altered(data, where, part, said))


def _told(seen: Seen) -> dict[str, Any]:
    made = seen.proposal
    return {
        "change": made.id,
        "state": made.ended.value or "waits",
        "proposed_by": made.made_by,
        "made_at": made.made_at.isoformat(),
        "ended_by": made.ended_by,
        "lines": list(seen.lines),
        "warnings": list(seen.lost),
        "needs_a_second_person": seen.two,
        "refused": seen.refused,
    }
