"""Guarding: who reached for a case that is kept from them, and which such cases the operator read, is written down.

The attempt is told to auditor and hub manager before the answer goes out that there is no such case. The time that
this takes tells nobody that there is one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from exchange.case.effect import OpenTask, TaskKind
from exchange.case.state import Case
from exchange.hub import Hub
from exchange.policy import OPERATOR, Forbidden, Viewer
from exchange.store import journal, tasks
from exchange.store.casebook import NoSuchCase, ShutOut

ALIKE = 0.05  # seconds: some times as long as a disk takes to have an attempt written down


async def refused(hub: Hub, wrong: Exception) -> None:
    """Somebody was refused, by a page, the API or a command: whoever it was and what they reached for is written
    down, before they are told no more than that there is nothing."""
    if isinstance(wrong, NoSuchCase):
        await absent(hub, wrong)
    elif isinstance(wrong, Forbidden):
        await hub.note(journal.ACCESS, "Denied", wrong.viewer, action=wrong.action, **wrong.about)


async def absent(hub: Hub, wrong: Exception) -> None:
    """There is no such case, or it is kept from whoever asked: an attempt is written down, and both take as long."""
    now = asyncio.get_running_loop().time
    ends = now() + ALIKE
    if isinstance(wrong, ShutOut):
        await _attempted(hub, wrong)
    await asyncio.sleep(max(0, ends - now()))


async def _attempted(hub: Hub, shut: ShutOut) -> None:
    """Somebody who is shut out opened the case, or tried to act on it."""
    now = hub.clock.now()
    alert = OpenTask(f"attempt:{shut.actor}", TaskKind.RESTRICTED_ATTEMPT, shut.actor, now)
    async with hub.database.transaction(hub.scope(shut.actor)) as tx:
        await journal.note(tx, journal.ACCESS, "Denied", now, hub.chance.id(), case=shut.case_id)
        await tasks.open_(tx, shut.case_id, alert, now)


async def read_by(hub: Hub, viewer: Viewer, cases: Iterable[Case]) -> None:
    """The operator's commands see every case; of those that are kept from somebody it is written down."""
    if viewer is not OPERATOR:
        return
    for case in cases:
        if any(r.in_force for r in case.restrictions):
            await hub.note(journal.ACCESS, "Viewed", viewer.id, case=case.id)
