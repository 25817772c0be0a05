"""Drafts and their files last together, and go together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from exchange.store import clocks, drafts
from exchange.store.database import Database, Scope

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
SOON, LATER = NOW + timedelta(hours=1), NOW + timedelta(hours=3)
HUB = Scope("demo")


async def test_files_last_as_long_as_their_draft_and_are_dropped_with_it(database: Database) -> None:
    async with database.transaction(HUB) as tx:
        await drafts.put(tx, "d1", b"draft", SOON)
        for draft, file in (("d1", "f1"), ("d1", "f2"), ("d10", "f1")):
            await drafts.put_file(tx, draft, file, f"{draft}{file}".encode(), SOON)
        await drafts.put(tx, "d1", b"draft", LATER)
        await drafts.extend_files(tx, "d1", LATER)
        assert await drafts.count_files(tx) == 3
        assert await drafts.sweep(tx, NOW + timedelta(hours=2)) == 1  # that of the other draft
        assert await drafts.load_file(tx, "d1", "f1") == b"d1f1"
        await drafts.drop_files(tx, "d1", "f1")
        assert [await drafts.load_file(tx, "d1", f) for f in ("f1", "f2")] == [None, b"d1f2"]
        await drafts.drop_files(tx, "d1")
        assert await drafts.count_files(tx) == 0
        assert await drafts.load(tx, "d1", NOW) == b"draft"


async def test_clocks_are_found_by_how_their_names_begin(database: Database) -> None:
    async with database.transaction(HUB) as tx:
        for case, name, due in (("c1", "scan:f1", LATER), ("c2", "scan:f2", SOON), ("c1", "scanner", NOW)):
            await clocks.put(tx, case, name, due)
        assert [(c.case_id, c.name) for c in await clocks.named(tx, "scan:")] == [
            ("c2", "scan:f2"),
            ("c1", "scan:f1"),
        ]
    async with database.transaction(Scope("other")) as tx:
        assert await clocks.named(tx, "scan:") == ()
