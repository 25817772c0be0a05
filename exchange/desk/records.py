"""Records, at the desk: what is held whatever the schedule says, and what is disposed of when it is due."""

from __future__ import annotations

from exchange import content, retaining
from exchange.case.disposal import TRANSPORT, HoldReason, LegalHoldLifted, LegalHoldSet
from exchange.case.state import Case
from exchange.case.step import CannotHappen
from exchange.desk.given import Given
from exchange.desk.working import Desk
from exchange.policy import Action, require
from exchange.store import casebook


async def hold(desk: Desk, case: str, given: Given, cause: str) -> Case:
    """Hold the record. Raises Unfit."""
    require(desk.viewer, Action.HOLD)
    event = LegalHoldSet(desk.hub.clock.now(), desk.viewer.id, given.choice("why", HoldReason))
    parts = {content.REASON: given.need("reason").encode()}
    return (await desk.hub.record(case, event, cause, parts, actor=desk.viewer)).case


async def lift_hold(desk: Desk, case: str, given: Given, cause: str) -> Case:
    """The reason for the hold is over. Raises Unfit or CannotHappen."""
    require(desk.viewer, Action.LIFT_HOLD)
    event = LegalHoldLifted(desk.hub.clock.now(), desk.viewer.id, given.choice("why", HoldReason))
    parts = {content.REASON: given.need("reason").encode()}
    return (await desk.hub.record(case, event, cause, parts, actor=desk.viewer)).case


async def dispose(desk: Desk, case: str, given: Given, cause: str) -> Case:
    """Destroy every part of this case that is due. Raises CannotHappen."""
    require(desk.viewer, Action.DISPOSE)
    hub = desk.hub
    _, rules = await hub.rules()
    async with hub.database.reading(hub.scope(desk.viewer)) as tx:
        after = await casebook.load(tx, case)
        found = await retaining.due_of(tx, after, rules.retention, hub.clock.now())
    wanted = [one for one in found if one.part != TRANSPORT]
    if not wanted:
        raise CannotHappen("nothing of this record is due to be disposed of: see `exchange retention list`")
    for one in wanted:
        after = await retaining.dispose(hub, desk.viewer, one, f"{cause}:{one.part}")
    return after
