"""Requests under a key, on both databases: the same again is known, another told apart; of two at once one is new."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from exchange.store import repeats
from exchange.store.database import Database, Scope
from exchange.store.repeats import KEPT, LONGEST, Claim

HERE, ELSEWHERE = Scope("northmoor"), Scope("southmoor")
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


async def claim(database: Database, asked: str, scope: Scope = HERE, now: datetime = NOON) -> Claim:
    async with database.transaction(scope) as tx:
        return await repeats.claim(tx, "key", asked, now)


async def end(database: Database, asked: str) -> None:
    async with database.transaction(HERE) as tx:
        await repeats.end(tx, asked, NOON)


async def test_a_key_is_one_requests_until_it_is_let_go(database: Database) -> None:
    assert await claim(database, "first") is Claim.NEW
    assert await claim(database, "first") is Claim.UNDER_WAY
    await end(database, "first")
    assert await claim(database, "first") is Claim.AGAIN
    assert await claim(database, "second") is Claim.OTHER
    assert await claim(database, "second", ELSEWHERE) is Claim.NEW  # another hub's
    async with database.transaction(HERE) as tx:
        await repeats.let_go(tx, "key", "first")
    assert await claim(database, "second") is Claim.NEW
    assert await claim(database, "third", now=NOON + KEPT) is Claim.NEW  # nobody repeats it after a year


async def test_of_two_at_once_one_is_new(database: Database) -> None:
    same = await asyncio.gather(*(claim(database, "first") for _ in range(4)))
    assert sorted(same) == [Claim.NEW] + [Claim.UNDER_WAY] * 3


async def test_what_nobody_ended_is_begun_again_by_one(database: Database) -> None:
    assert await claim(database, "first") is Claim.NEW
    assert await claim(database, "first", now=NOON + LONGEST / 2) is Claim.UNDER_WAY
    later = NOON + LONGEST
    same = await asyncio.gather(*(claim(database, "first", now=later) for _ in range(4)))
    assert sorted(same) == [Claim.RESUMED] + [Claim.UNDER_WAY] * 3
    await end(database, "first")
    assert await claim(database, "first", now=later) is Claim.AGAIN
