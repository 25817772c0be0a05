"""Leave as it is kept, on both databases; and a record of an earlier step to which its table is added."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from exchange.case.leave import Leave, Whose
from exchange.store import leave
from exchange.store.database import Database, Scope

HERE, ELSEWHERE = Scope("northmoor"), Scope("southmoor")
FIRST = Leave("v1", Whose.SPOC, "police-mash-1", date(2026, 12, 21), date(2026, 12, 24), "police-control-1")
THEN = Leave("v2", Whose.STAFF, "manager-1", date(2026, 12, 24), date(2026, 12, 31))


@pytest.fixture
async def kept(database: Database) -> Database:
    async with database.transaction(HERE) as tx:
        await leave.put(tx, THEN)
        await leave.put(tx, FIRST)
    return database


async def test_leave_is_found_until_its_last_day_is_over(kept: Database) -> None:
    async with kept.reading(HERE) as tx:
        assert await leave.since(tx, date(2026, 12, 1)) == (FIRST, THEN)
        assert await leave.since(tx, date(2026, 12, 24)) == (FIRST, THEN)
        assert await leave.since(tx, date(2026, 12, 25)) == (THEN,)
        assert await leave.on(tx, date(2026, 12, 20)) == ()
        assert await leave.on(tx, date(2026, 12, 24)) == (FIRST, THEN)
        assert await leave.find(tx, "v2") == THEN
        assert await leave.find(tx, "v3") is None


async def test_another_hub_s_leave_is_its_own(kept: Database) -> None:
    async with kept.reading(ELSEWHERE) as tx:
        assert await leave.since(tx, date(2026, 12, 1)) == ()
        assert await leave.find(tx, "v1") is None


async def test_whoever_is_back_early_is_back_and_leave_ended_before_it_began_is_never_taken(kept: Database) -> None:
    async with kept.transaction(HERE) as tx:
        await leave.end(tx, FIRST, date(2026, 12, 22))
        await leave.end(tx, THEN, date(2026, 12, 23))
    async with kept.reading(HERE) as tx:
        assert [x.who for x in await leave.on(tx, date(2026, 12, 22))] == ["police-mash-1"]
        assert await leave.on(tx, date(2026, 12, 23)) == ()
        assert await leave.on(tx, date(2026, 12, 24)) == ()
        assert await leave.since(tx, date(2026, 12, 1)) == (replace(FIRST, until=date(2026, 12, 22)),)
