"""Heads hold the record to what it was, on both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import delete

from exchange.store import audit, heads, journal, schema
from exchange.store.database import Database
from tests.store.test_casebook import HUB, NOW, received


async def head(database: Database, number: int) -> heads.Head:
    async with database.transaction(HUB) as tx:
        return await heads.take(tx, NOW + timedelta(days=number), f"head{number}")


async def verified(database: Database, kept: tuple[int, str] | None = None) -> audit.Verified | audit.Broken:
    async with database.reading(HUB) as tx:
        return await audit.verify(tx, kept)


async def test_a_head_speaks_for_all_before_it_and_says_what_came_after(database: Database) -> None:
    await received(database)
    first = await head(database, 1)
    await received(database, "case2", "web:2")
    assert await verified(database, heads.read(first.text)) == audit.Verified(streams=3, events=3, unproved=1)
    second = await head(database, 2)
    assert (second.number, second.link == first.link) == (2, False)
    assert await verified(database, heads.read(second.text)) == audit.Verified(streams=3, events=4, unproved=0)


async def test_a_head_names_only_what_moved(database: Database) -> None:
    await received(database)
    await head(database, 1)
    await received(database, "case2", "web:2")
    await head(database, 2)
    async with database.reading(HUB) as tx:
        moved = [[stream for stream, _, _ in x.facts["streams"]] for x in await journal.lines(tx, "heads")]
    assert moved == [["case1"], ["case2"]]


async def test_a_whole_case_cut_out_shows_against_the_heads_inside(database: Database) -> None:
    await received(database)
    await head(database, 1)
    async with database.transaction(HUB) as tx:
        for table in (schema.event, schema.body, schema.case):
            column = table.c.id if table is schema.case else table.c.stream
            await tx.run(delete(table).where(column == "case1"))
    assert await verified(database) == audit.Broken("case1", 1, "it is not what a head says it was")


async def test_the_record_of_last_week_put_back_shows_only_against_a_head_from_outside(database: Database) -> None:
    await received(database)
    kept = await head(database, 1)
    async with database.transaction(HUB) as tx:
        await tx.run(delete(schema.event).where(schema.event.c.stream == "heads"))
        await tx.run(delete(schema.headed))
    assert isinstance(await verified(database), audit.Verified)
    found = await verified(database, heads.read(f"-----BEGIN PGP SIGNED MESSAGE-----\n\n{kept.text}"))
    assert isinstance(found, audit.Broken)
    assert (found.stream, found.seq) == ("heads", 1)


async def test_lines_written_at_once_keep_one_order(database: Database) -> None:
    async def view(n: int) -> None:
        async with database.transaction(HUB) as tx:
            await journal.note(tx, journal.ACCESS, "Viewed", NOW, f"view{n}", case="case1")

    await asyncio.gather(*(view(n) for n in range(12)))
    assert await verified(database) == audit.Verified(streams=1, events=12, unproved=12)


@pytest.mark.parametrize("text", ["", "head x of demo at now\n" + "0" * 64, "head 1 of demo at now\n" + "0" * 63])
def test_what_is_no_head_is_none(text: str) -> None:
    assert heads.read(text) is None
