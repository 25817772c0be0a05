"""Retaining: what of the record is due to be disposed of, and its disposal, so that no copy of the database helps.

1. What a person has to decide is only ever offered: a task for the desk. Transport copies go by themselves.
2. The event, the bytes and the index tokens go in one transaction; the keys follow, and follow again after a crash.
3. With the first part of a case go its transport copies: a mail as it came tells of everybody in it.
4. The schedule is the newest one, whatever rules the case was received under: how long a record may be kept is the
   law of the day on which it is asked.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from exchange import content
from exchange.case.disposal import SHARED, TRANSPORT, Disposed, Keep, RecordType
from exchange.case.disposing import TASK, on_hold
from exchange.case.effect import OpenTask, TaskKind
from exchange.case.retention import lives
from exchange.case.state import Case
from exchange.colleagues import WHOSE
from exchange.consulted import NAMED
from exchange.hub import Hub
from exchange.policy import Viewer
from exchange.store import guesses, retention, tasks
from exchange.store.casebook import Recorded
from exchange.store.database import Transaction

BY_ITSELF = "system"  # who disposes of transport copies


@dataclass(frozen=True, slots=True)
class Due:
    """One part of one case that has been kept as long as it may be."""

    case: Case
    part: str
    rule: str
    since: datetime
    compartments: tuple[str, ...]
    held: bool  # a legal hold keeps it all the same


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did."""

    transport: int  # cases whose transport copies went
    mails: int  # mails of no case
    offered: int  # cases with something for a records officer
    keys: int  # destroyed, an interrupted disposal's among them


async def due(hub: Hub, viewer: Viewer | str) -> AsyncIterator[Due]:
    """All that is due today in the cases the viewer may see."""
    _, rules = await hub.rules()
    after = ""
    while True:
        async with hub.database.reading(hub.scope(viewer)) as tx:
            cases = await retention.closed(tx, after)
            found = [one for case in cases for one in await due_of(tx, case, rules.retention, hub.clock.now())]
        for one in found:
            yield one
        if not cases:
            return
        after = cases[-1].id


async def due_of(tx: Transaction, case: Case, schedule: tuple[Keep, ...], now: datetime) -> list[Due]:
    """What of one case is due, and still there."""
    ended = [life for life in lives(case, schedule) if life.until is not None and life.until <= now]
    if not ended:
        return []
    there: dict[str, list[str]] = {}
    for compartment in await retention.compartments(tx, case.id):
        there.setdefault(content.part_of(compartment), []).append(compartment)
    if await retention.mails(tx, case.id) or await retention.has_letters(tx, case.id):
        there.setdefault(TRANSPORT, [])
    return [
        Due(case, life.part, life.rule, life.until, tuple(there[life.part]), on_hold(case))
        for life in ended
        if life.until and life.part in there
    ]


async def dispose(hub: Hub, viewer: Viewer | str, found: Due, cause: str) -> Case:
    """Destroy one part of a case, with its transport copies. Raises CannotHappen (nothing is destroyed)."""
    case, by = found.case, viewer if isinstance(viewer, str) else viewer.id
    async with hub.database.reading(hub.scope(viewer)) as tx:
        mails = await retention.mails(tx, case.id)
    # Listed before the event: a key made after it seals what came after it, and stays.
    transport = (content.letters(case.id), *(f"mail:{mail}" for mail in mails))
    keys = await hub.safe.keys_of((*found.compartments, *transport))
    event = Disposed(hub.clock.now(), by, tuple(dict.fromkeys((found.part, TRANSPORT))), found.rule, found.since)

    async def erase(tx: Transaction, recorded: Recorded) -> None:
        await retention.erase(tx, case.id, (*found.compartments, *transport))
        if found.part != TRANSPORT:
            for name in (WHOSE, NAMED) if found.part == SHARED else (found.part,):
                await retention.erase_tokens(tx, case.id, name)
        await retention.erase_letters(tx, case.id)
        await guesses.forget_case(tx, case.id)
        await retention.erase_mails(tx, mails)
        await retention.doom(tx, keys)

    recorded = await hub.record(case.id, event, cause, actor=viewer, also=erase)
    await destroy(hub)
    return recorded.case


async def destroy(hub: Hub) -> int:
    """Destroy every key that is written down to be destroyed; returns how many. Done twice it does nothing more."""
    async with hub.database.reading(hub.scope()) as tx:
        keys = await retention.doomed(tx)
    if keys:
        await hub.safe.destroy(keys)
        async with hub.database.transaction(hub.scope()) as tx:
            await retention.destroyed(tx, keys)
    return len(keys)


async def sweep(hub: Hub) -> Swept:
    """Once a day: finish what was interrupted, sweep old counts of wrong tries, dispose of transport copies, offer
    the rest to a records officer."""
    keys = await destroy(hub)
    async with hub.database.transaction(hub.scope()) as tx:
        await guesses.sweep(tx, hub.clock.now())
    transport = 0
    offered: set[str] = set()
    async for found in due(hub, BY_ITSELF):
        if found.held:
            continue
        if found.part == TRANSPORT:
            await dispose(hub, BY_ITSELF, found, f"dispose:{hub.chance.id()}")
            transport += 1
        elif found.case.id not in offered:
            offered.add(found.case.id)
            await _offer(hub, found)
    return Swept(transport, await _loose_mails(hub), len(offered), keys)


async def _offer(hub: Hub, found: Due) -> None:
    now = hub.clock.now()
    async with hub.database.transaction(hub.scope()) as tx:
        await tasks.open_(tx, found.case.id, OpenTask(TASK, TaskKind.DISPOSE, "", now), now)


async def _loose_mails(hub: Hub) -> int:
    """Mails that belong to no case have nothing to wait for."""
    _, rules = await hub.rules()
    longest = _longest(row for row in rules.retention if row.record is RecordType.TRANSPORT)
    gone = 0
    while longest is not None:
        async with hub.database.reading(hub.scope()) as tx:
            mails = await retention.loose_mails(tx, hub.clock.now() - longest)
        if not mails:
            break
        keys = await hub.safe.keys_of(f"mail:{mail}" for mail in mails)
        async with hub.database.transaction(hub.scope()) as tx:
            await retention.erase_mails(tx, mails)
            await retention.doom(tx, keys)
        await destroy(hub)
        gone += len(mails)
    return gone


def _longest(rows: Iterable[Keep]) -> timedelta | None:
    return max((timedelta(days=row.years * 366 + row.days) for row in rows), default=None)
