"""T22, the second wall: with no query of ours in between, PostgreSQL shows a hub no row of another.

Statements without a condition take the place of a policy layer that forgot to ask, in the role the exchange runs as.
Every table takes part: whoever adds one adds it here. SQLite has the first wall alone, the queries
(tests/sign_in/test_two_hubs.py).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Table, delete, insert, inspect, select, text, update
from sqlalchemy.exc import DBAPIError

from exchange.store import row_security
from exchange.store.database import RECORD, Database, Scope
from exchange.store.schema import Moment, metadata
from tests.postgres import Cluster

HERE, THERE = Scope("northmoor"), Scope("southmoor")
OF_HUBS = [t for t in metadata.sorted_tables if "hub" in t.columns]
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
VALUES = {date: NOON.date(), int: 1, bool: True, bytes: b"x"}


def row(table: Table, hub: str) -> dict[str, Any]:
    """One row of a table: of this hub, and otherwise the same as everybody's."""
    values = {
        c.name: NOON if isinstance(c.type, Moment) else VALUES.get(c.type.python_type, "x") for c in table.columns
    }
    return values | {"hub": hub}


@pytest.fixture
async def shared(cluster: Cluster) -> AsyncIterator[Database]:
    """A database of two hubs, each with a row in every table."""
    database = Database(cluster.new_database())
    await database.open()
    for scope in (HERE, THERE):
        async with database.transaction(scope) as tx:
            for table in OF_HUBS:
                await tx.run(insert(table).values(row(table, scope.hub)))
    yield database
    await database.close()


async def test_whatever_is_asked_the_rows_of_another_hub_are_not_there(shared: Database) -> None:
    for scope in (HERE, THERE):
        async with shared.reading(scope) as tx:
            for table in OF_HUBS:
                assert (await tx.run(select(table.c.hub))).scalars().all() == [scope.hub], table.name
    async with shared.transaction(HERE) as tx:
        for table in OF_HUBS:
            theirs = table.c.hub != HERE.hub
            assert (await tx.run(update(table).where(theirs).values(hub=table.c.hub))).rowcount == 0, table.name
            assert (await tx.run(delete(table))).rowcount == 1, table.name
    async with shared.reading(THERE) as tx:
        for table in OF_HUBS:
            assert (await tx.run(select(table.c.hub))).scalars().all() == [THERE.hub], table.name


async def test_nothing_is_written_into_another_hub_nor_handed_to_it(shared: Database) -> None:
    for table in OF_HUBS:
        for statement in (insert(table).values(row(table, "westmoor")), update(table).values(hub="westmoor")):
            with pytest.raises(DBAPIError, match="row-level security"):
                async with shared.transaction(HERE) as tx:
                    await tx.run(statement)


async def test_a_connection_that_goes_back_carries_no_hub_with_it(shared: Database) -> None:
    async with shared.reading(HERE):
        pass
    for _ in range(3):
        async with shared.engine.connect() as connection:
            for table in OF_HUBS:
                assert (await connection.execute(select(table.c.hub))).scalars().all() == []


async def test_every_table_has_the_wall_after_a_migration_as_in_a_new_database(cluster: Cluster) -> None:
    """A step of a migration sees the rows of all hubs; the wall stands again when the next page is asked for."""
    made, migrated = Database(cluster.new_database()), Database(cluster.new_database())
    await made.open()
    await migrated.migrate()
    async with migrated.engine.begin() as connection:
        await connection.run_sync(row_security.lower_wall, RECORD.metadata)
    await migrated.migrate()
    for database in (made, migrated):
        async with database.engine.connect() as connection:
            of_hubs = await connection.run_sync(_with_a_hub)
            walled = await connection.execute(
                text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
            )
            policies = (await connection.execute(text("SELECT tablename, qual, with_check FROM pg_policies"))).all()
        assert of_hubs == {t.name for t in OF_HUBS} == set(walled.scalars()) == {p.tablename for p in policies}
        assert all(p.qual == p.with_check and re.search(r"hub\b.* = current_setting", p.qual) for p in policies)
        await database.close()


async def test_who_walks_through_the_wall_is_known(cluster: Cluster, database: Database) -> None:
    assert await database.walks_through() is False
    above = Database(cluster.as_superuser(cluster.new_database()))
    assert await above.walks_through() is True
    await above.close()


def _with_a_hub(connection: Connection) -> set[str]:
    """Asked of the database, not of schema.py."""
    found = inspect(connection)
    return {t for t in found.get_table_names() if "hub" in {c["name"] for c in found.get_columns(t)}}
