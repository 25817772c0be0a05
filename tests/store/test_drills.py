"""Drills on both databases: one at a time for a mailbox, a late answer counts, an answered one never changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from exchange.store import drills
from exchange.store.database import Database, Scope

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
DUE = AT + timedelta(days=2)
HUB = Scope("fakeshire", "system")


async def test_a_drill_from_the_asking_to_a_late_answer(database: Database) -> None:
    async with database.transaction(HUB) as tx:
        first = await drills.put(tx, "police-1", AT, DUE)
        assert first
        assert await drills.put(tx, "police-1", AT, DUE) is None  # it is being asked
        assert await drills.overdue(tx, DUE) == ()  # it has not left
        await drills.left(tx, first.id, "openpgp", "A" * 40, AT, DUE)
        await drills.left(tx, first.id, "openpgp", "B" * 40, DUE, DUE)  # it leaves once
        assert [d.id for d in await drills.overdue(tx, DUE)] == [first.id]
        assert await drills.end(tx, first.id, drills.SILENT)
        assert not await drills.end(tx, first.id, drills.NOT_SENT)
        assert await drills.overdue(tx, DUE) == ()
        late = DUE + timedelta(hours=3)
        assert await drills.answered(tx, first.id, "mail", late)
        assert not await drills.answered(tx, first.id, "page", late)
        found = await drills.load(tx, first.id)
    assert found
    assert (found.fingerprint, found.heard, found.ended) == ("A" * 40, "mail", drills.ANSWERED)
    assert found.took == timedelta(days=2, hours=3)


async def test_the_newest_of_each_mailbox_and_the_last_that_proved_it(database: Database) -> None:
    async with database.transaction(HUB) as tx:
        first = await drills.put(tx, "police-1", AT, DUE)
        assert first
        await drills.answered(tx, first.id, "page", AT)
        second = await drills.put(tx, "police-1", DUE, DUE)
        other = await drills.put(tx, "health-1", AT, DUE)
        assert second
        assert other
        assert len({first.id, second.id, other.id}) == 3
        newest = await drills.newest(tx)
        assert [d.id for d in await drills.of_mailbox(tx, "police-1")] == [second.id, first.id]
    assert {m: (last.id, proved and proved.id) for m, (last, proved) in newest.items()} == {
        "police-1": (second.id, first.id), "health-1": (other.id, None),
    }  # fmt: skip
