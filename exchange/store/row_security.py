"""Row security: on PostgreSQL the database itself lets a transaction see and write the rows of its own hub alone.

1. The second wall (T22): every query names its hub already; one that forgot it, or named another, finds nothing.
   SQLite has no such wall, so that hubs which share a file are kept apart by the queries and their tests.
2. The hub is set for one transaction, so that a pooled connection carries it nowhere; unset, no row is there.
3. The wall holds for the owner of the tables, which we are ourselves. It does not hold for a superuser, nor for a
   role with BYPASSRLS: cautions.py says so when we run as one. Copies are made with such a role (RUNBOOK.md).
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, MetaData, Table, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

POLICY = "of_this_hub"
_SETTING = "exchange.hub"
_MINE = f"hub = current_setting('{_SETTING}', true)"
_STAND_IN = text(f"SELECT set_config('{_SETTING}', :hub, true)")
_UNBOUND = text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")


async def stand_in(connection: AsyncConnection, hub: str) -> None:
    """From here to the end of the transaction the rows of this hub are there, and no others."""
    if connection.dialect.name == "postgresql":
        await connection.execute(_STAND_IN, {"hub": hub})


async def walks_through(connection: AsyncConnection) -> bool:
    """Whether the role we run as sees all rows whatever the policies say."""
    return bool((await connection.execute(_UNBOUND)).scalar_one())


def raise_wall(connection: Connection, metadata: MetaData) -> None:
    """Close the rows of every table to all other hubs."""
    for name in _tables(connection, metadata):
        for statement in (
            f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",  # without it the owner of a table sees all its rows
            f"DROP POLICY IF EXISTS {POLICY} ON {name}",
            f"CREATE POLICY {POLICY} ON {name} USING ({_MINE}) WITH CHECK ({_MINE})",
        ):
            connection.execute(text(statement))


def lower_wall(connection: Connection, metadata: MetaData) -> None:
    """Let the steps of a migration see the rows of every hub; in the same transaction the wall is raised again."""
    for name in _tables(connection, metadata):
        connection.execute(text(f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY"))


def _tables(connection: Connection, metadata: MetaData) -> Iterator[str]:
    """Those that belong to hubs, of those that are there; none on SQLite."""
    if connection.dialect.name != "postgresql":
        return
    there = set(inspect(connection).get_table_names())
    yield from (_quoted(connection, t) for t in metadata.sorted_tables if t.name in there and "hub" in t.columns)


def _quoted(connection: Connection, table: Table) -> str:
    return connection.dialect.identifier_preparer.format_table(table)
