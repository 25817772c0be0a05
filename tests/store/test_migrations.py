"""Tables of an older release become those of this one, and those of another are refused, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from exchange.store import certificates, sessions, staff
from exchange.store.database import KEYS, RECORD, Database, Scope
from exchange.store.migrations import OtherSchema, Tables

HERE, NOON = Scope("northmoor"), datetime(2026, 11, 2, 12, tzinfo=UTC)

BOTH = pytest.mark.parametrize("tables", [RECORD, KEYS], ids=lambda tables: tables.name)


def differences(connection: Connection, tables: Tables) -> list[object]:
    """What the database lacks or has beyond schema.py; the table of the steps apart."""
    context = MigrationContext.configure(
        connection, opts={"include_name": lambda name, kind, _: kind != "table" or not name.endswith("_version")}
    )
    return list(compare_metadata(context, tables.metadata))


@BOTH
async def test_all_steps_lead_to_the_tables_of_this_release(database_url: str, tables: Tables) -> None:
    database = Database(database_url, tables)
    before, after = await database.migrate()
    assert before is None
    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences, tables) == []
    await database.open()
    assert await database.migrate() == (after, after)
    await database.close()


@BOTH
async def test_a_new_database_has_them_at_once(database_url: str, tables: Tables) -> None:
    database = Database(database_url, tables)
    await database.open()
    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences, tables) == []
    before, after = await database.migrate()
    assert before == after is not None
    await database.close()


@pytest.mark.parametrize(
    ("tamper", "remedy"),
    [
        ("UPDATE record_version SET version_num = '9999'", "install the newer release again"),
        ("DROP TABLE record_version", "restore a backup"),
    ],
)
async def test_tables_of_another_release_are_refused_and_left_alone(
    database: Database, tamper: str, remedy: str
) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text(tamper))
    with pytest.raises(OtherSchema, match=remedy):
        await database.open()


async def test_a_record_of_each_step_keeps_what_it_holds(database_url: str) -> None:
    database = Database(database_url)
    async with database.engine.begin() as connection:
        assert await connection.run_sync(RECORD.migrate, "0002") == (None, "0002")
        await connection.execute(
            text("INSERT INTO shut_out (hub, case_id, kind, who) VALUES ('northmoor', 'case1', 'agency', 'police')")
        )
    async with database.engine.begin() as connection:
        assert await connection.run_sync(RECORD.migrate, "0003") == ("0002", "0003")
        await connection.execute(
            text("INSERT INTO certificate (hub, fingerprint, agency, added_at, blob) VALUES (:h, :f, :a, :t, :b)"),
            {"h": "northmoor", "f": "AB" * 20, "a": "police", "t": NOON, "b": b"sealed"},
        )
    assert (await database.migrate())[0] == "0003"
    await database.open()
    async with database.transaction(HERE) as tx:
        (pinned,) = await certificates.in_use(tx, NOON)
        assert (await tx.connection.execute(text("SELECT who FROM shut_out"))).scalars().all() == ["police"]
    assert (pinned.kind, pinned.mailbox, pinned.live_at, pinned.blob) == ("openpgp", "", NOON, b"sealed")
    await database.close()


async def test_who_held_a_role_goes_on_holding_it_and_who_had_left_stays_away(database_url: str) -> None:
    database, left = Database(database_url), datetime(2026, 11, 20, 9, tzinfo=UTC)
    async with database.engine.begin() as connection:
        await connection.run_sync(RECORD.migrate, "0007")
        for name, ended in (("duty-1", None), ("gone-1", left)):
            await connection.execute(
                text(
                    "INSERT INTO staff (hub, id, password, roles, created_at, ended_at)"
                    " VALUES ('northmoor', :n, 'argon2', 'chair intake_admin', :t, :e)"
                ),
                {"n": name, "t": NOON, "e": ended},
            )
        await connection.execute(
            text(
                "INSERT INTO session (hub, digest, staff, created_at, seen_at)"
                " VALUES ('northmoor', 'd', 'duty-1', :t, :t)"
            ),
            {"t": NOON},
        )
    await database.migrate()
    await database.open()
    async with database.transaction(HERE) as tx:
        member = await staff.find(tx, "duty-1")
        assert member
        assert (member.password, member.roles_at(NOON)) == ("argon2", ("chair", "intake_admin"))
        assert all(one.until is None for one in member.access)
        assert await staff.find(tx, "gone-1") is None
        assert await sessions.find(tx, "d") is None  # everybody signs in anew
    await database.close()
