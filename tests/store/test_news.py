"""How much has happened is told as a number, to each viewer their own; an ear hears what other processes commit."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from exchange.case.effect import OpenTask, TaskKind
from exchange.case.restriction import Kind
from exchange.store import journal, news, tasks
from exchange.store.database import Database
from tests.store.test_casebook import HUB, NOW
from tests.store.test_viewing import FATHER, MANAGER, seen_by, two_cases

BEFORE = NOW - timedelta(days=1)


async def test_each_viewer_is_told_of_what_they_may_see_alone(database: Database) -> None:
    await two_cases(database, Kind.STAFF, "manager-2")
    async with database.transaction(HUB) as tx:
        await journal.note(tx, journal.ACCESS, "Viewed", NOW, "n1", case="case1")  # who read what changes no page
    for viewer, told in ((None, 3), (MANAGER, 3), (FATHER, 1)):
        async with database.reading(seen_by(viewer) if viewer else HUB) as tx:
            assert await news.since(tx, BEFORE) == told, viewer
            assert await news.since(tx, NOW + timedelta(days=9)) == 0


async def test_what_is_asked_about_no_case_is_news_and_so_is_that_it_was_done(database: Database) -> None:
    async with database.transaction(HUB) as tx:
        await tasks.open_(tx, "", OpenTask("pen:m1", TaskKind.HOLDING_PEN, "m1", NOW), NOW)
        hidden = OpenTask("attempt", TaskKind.RESTRICTED_ATTEMPT, "m1", NOW)
        await tasks.open_(tx, "", hidden, NOW)
    for viewer, told in ((MANAGER, 2), (FATHER, 1)):
        async with database.reading(seen_by(viewer)) as tx:
            assert await news.since(tx, BEFORE) == told, viewer
    later = NOW + timedelta(hours=1)
    async with database.transaction(HUB) as tx:
        await tasks.close(tx, "", "pen:m1", later)
    async with database.reading(HUB) as tx:
        assert await news.since(tx, NOW) == 1


async def test_an_ear_hears_another_process_and_its_own(database: Database, database_url: str) -> None:
    other = Database(database_url)
    await other.open()
    crier = news.Crier(other)
    try:
        async with news.listening(database) as ear:
            for _ in range(2):  # what was before it listened is heard once
                await ear.next(news.TICK)
            for writes in (other, database):
                heard = asyncio.create_task(ear.next(60))
                async with writes.transaction(HUB) as tx:
                    await tasks.open_(tx, "", OpenTask(f"pen:{id(writes)}", TaskKind.HOLDING_PEN, "m", NOW), NOW)
                await crier.once()
                await asyncio.wait_for(heard, 20)
            await ear.next(news.TICK)
            assert await crier.once() == 0  # nothing more to cry
    finally:
        await other.close()
