"""Stepping: the desk hears when a mailbox is written to otherwise than its list begins, once for each reason.

1. It stops no letter: the leg tells the same of each letter, and this of the mailbox.
2. One open task for a mailbox and a reason, however many letters go. It closes by itself with the first letter that
   goes by the transport that failed.
"""

from __future__ import annotations

from datetime import datetime

import structlog

from exchange.case.effect import OpenTask, TaskKind
from exchange.hub import Hub
from exchange.posting import Way
from exchange.store import tasks
from exchange.store.database import Transaction

log = structlog.get_logger()


async def told(hub: Hub, way: Way) -> None:
    """A letter goes this way. Never raises: see rule 1."""
    if way.transport is None:
        return
    try:
        async with hub.database.transaction(hub.scope()) as tx:
            await _told(tx, way, hub.clock.now())
    except Exception:
        log.exception("step down not told", mailbox=way.recipient.mailbox)


async def _told(tx: Transaction, way: Way, now: datetime) -> None:
    mine = f"{TaskKind.STEPPED_DOWN}:{way.recipient.mailbox}:"
    wanted = {f"{mine}{passed.transport}:{passed.why}" for passed in way.passed}
    is_open = {task.key for task in await tasks.pending(tx, "") if task.key.startswith(mine)}
    for key in sorted(is_open - wanted):
        await tasks.close(tx, "", key, now)
    for key in sorted(wanted - is_open):
        await tasks.open_(tx, "", OpenTask(key, TaskKind.STEPPED_DOWN, way.recipient.mailbox, now), now)


async def raise_once(tx: Transaction, kind: TaskKind, mailbox: str, now: datetime) -> None:
    """Ask the desk about a mailbox, unless it is asked already."""
    key = f"{kind}:{mailbox}"
    if key not in {task.key for task in await tasks.pending(tx, "")}:
        await tasks.open_(tx, "", OpenTask(key, kind, mailbox, now), now)


async def lower(tx: Transaction, kind: TaskKind, mailbox: str, now: datetime) -> None:
    """It is well again."""
    await tasks.close(tx, "", f"{kind}:{mailbox}", now)
