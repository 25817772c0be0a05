"""Proposed hub files as they are kept, on both databases: each ends once, and is its hub's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from exchange.store import proposals
from exchange.store.database import Database, Scope
from exchange.store.proposals import Ended, Proposal

HERE, ELSEWHERE = Scope("northmoor"), Scope("southmoor")
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
FIRST = Proposal("c1", NOON, "admin-1", "a" * 64, True, b"sealed")
SECOND = replace(FIRST, id="c2", two=False, base="")


async def test_each_waits_until_somebody_ends_it_once(database: Database) -> None:
    async with database.transaction(HERE) as tx:
        await proposals.put(tx, SECOND)
        await proposals.put(tx, FIRST)
    async with database.transaction(HERE) as tx:
        assert await proposals.waiting(tx) == (FIRST, SECOND)
        assert await proposals.end(tx, "c1", Ended.APPLIED, "admin-2", NOON)
        assert not await proposals.end(tx, "c1", Ended.WITHDRAWN, "admin-1", NOON)
        assert not await proposals.end(tx, "c3", Ended.WITHDRAWN, "admin-1", NOON)
    async with database.reading(HERE) as tx:
        assert await proposals.waiting(tx) == (SECOND,)
        ended = replace(FIRST, ended=Ended.APPLIED, ended_by="admin-2", ended_at=NOON)
        assert await proposals.find(tx, "c1") == ended
        assert await proposals.find(tx, "c3") is None
    async with database.reading(ELSEWHERE) as tx:
        assert await proposals.waiting(tx) == ()
        assert await proposals.find(tx, "c2") is None
