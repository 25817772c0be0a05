"""The JSON API of the work list: what the desk is asked to do, in cases and beside them, and how to make one call."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange import scripts
from exchange.covering import presence_of
from exchange.desk.given import Unfit
from exchange.policy import Action, require
from exchange.store import casebook, tasks
from exchange.store.tasks import Task
from exchange.task_words import TASKS
from exchange.web.api import Json, as_json, program_of
from exchange.web.context import site_of
from exchange.web.paging import MOST, Limit, linked, part
from exchange.web.problem import unfit
from exchange.web.unchanged import Tagged

router = APIRouter(prefix="/api/v1", route_class=Tagged)


@router.get("/tasks")
async def listed(request: Request, after: str = "", limit: Limit = MOST) -> Response:
    """What the desk is asked to do, in cases and beside them, soonest due first."""
    viewer, site = await program_of(request), site_of(request)
    require(viewer, Action.SEE_STATUS)
    now = site.hub.clock.now()
    async with site.hub.database.reading(site.hub.scope(viewer)) as tx:
        found, more = part(await tasks.pending(tx), _place, after, limit)
        of = {task.case_id for task in found if task.case_id}
        references = {case_id: (await casebook.load(tx, case_id)).reference for case_id in of}

    def row(task: Task) -> Json:
        return {
            "reference": references.get(task.case_id, ""), "key": task.key, "kind": task.kind,
            "what": TASKS.get(task.kind, task.kind), "about": task.about, "opened_at": task.opened_at.isoformat(),
            "due": task.due.isoformat(), "overdue": now >= task.due, "pressed": task.pressed,
        }  # fmt: skip

    return linked(request, lambda link: as_json({"tasks": [row(t) for t in found], "next": link}), more)


def _place(task: Task) -> tuple[str, ...]:
    return task.due.isoformat(), task.case_id, task.key


@router.get("/cases/{reference}/ring")
async def ring(request: Request, reference: str, about: str = "") -> Response:
    """Whom to ring about a leg (`l1`), a seat (`d1/i2`) or the `duty` team, by which numbers, what to say, and the
    calls that were made."""
    viewer, site = await program_of(request), site_of(request)
    require(viewer, Action.RECORD_ANSWER)
    hub = site.hub
    async with hub.database.reading(hub.scope(viewer)) as tx:
        case = await casebook.find(tx, reference)
        rules = await casebook.rules_of(tx, case)
        presence = await presence_of(hub, tx, rules)
    script = scripts.script(case, about, rules, presence, hub.clock.now())
    if script is None:
        return unfit(Unfit("about", "Name a leg (l1), a seat (d1/i2) or duty, of whom somebody may be rung"))
    calls = [
        {"at": call.at.isoformat(), "by": call.by, "reached": call.reached}
        for call in case.calls
        if call.about == about
    ]
    return as_json({"about": about, **asdict(script), "calls": calls})
