"""Inbox, outbox and clocks: claimed by lease, settled once, whoever crashes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from exchange.case.effect import Letter, SendLetter
from exchange.store import clocks, inbox, outbox, schema
from exchange.store.database import Database, Scope

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
LEASE = NOW + timedelta(seconds=60)
HUB = Scope("demo")


async def ask(database: Database, letter_id: str, key: str = "packet:l1") -> None:
    async with database.transaction(HUB) as tx:
        await outbox.put(tx, letter_id, "case1", SendLetter(key, Letter.PACKET, "l1"), NOW)


async def test_the_same_mail_delivered_twice_is_one_row(database: Database) -> None:
    async with database.transaction(HUB) as tx:
        assert await inbox.put(tx, "m1", "identity", NOW, b"one")
        assert not await inbox.put(tx, "m2", "identity", NOW, b"one")
    async with database.transaction(HUB) as tx:
        assert [r.id for r in await inbox.claim(tx, NOW, LEASE, "w1", 10)] == ["m1"]


async def test_mails_that_share_a_message_id_are_two_and_know_of_it(database: Database) -> None:
    async with database.transaction(HUB) as tx:
        assert await inbox.put(tx, "m1", "identity", NOW, b"one", "same")
        assert await inbox.put(tx, "m2", "another", NOW, b"two", "other")
        assert await inbox.put(tx, "m3", "a third", NOW, b"three", None)  # without a Message-ID, as m4 is
        assert await inbox.put(tx, "m4", "a fourth", NOW, b"four", None)
    async with database.transaction(Scope("elsewhere")) as tx:
        assert await inbox.put(tx, "m1", "identity", NOW, b"one", "same")  # another hub's
    async with database.transaction(HUB) as tx:
        assert not any(r.alike for r in await inbox.claim(tx, NOW, LEASE, "w1", 10))
        assert await inbox.put(tx, "m5", "a fifth", NOW, b"five", "same")
        assert [r.alike for r in await inbox.claim(tx, NOW, LEASE, "w1", 10)] == [True]
        alike = [row.id for n in range(1, 6) if (row := await inbox.load(tx, f"m{n}")) and row.alike]
    assert alike == ["m1", "m5"]


async def test_a_claimed_mail_is_nobody_elses_until_its_lease_lapses(database: Database) -> None:
    async with database.transaction(HUB) as tx:
        await inbox.put(tx, "m1", "identity", NOW, b"one")
    async with database.transaction(HUB) as tx:
        assert await inbox.claim(tx, NOW, LEASE, "w1", 10)
    async with database.transaction(HUB) as tx:
        assert not await inbox.claim(tx, NOW, LEASE, "w2", 10)
        again = await inbox.claim(tx, LEASE, LEASE, "w2", 10)
    assert [r.attempts for r in again] == [1]


async def test_two_workers_never_claim_the_same_letter(database: Database) -> None:
    for n in range(30):
        await ask(database, f"o{n:02}", f"packet:l{n}")
    claimed: list[str] = []

    async def worker(name: str) -> None:
        while True:
            async with database.transaction(HUB) as tx:
                rows = await outbox.claim(tx, NOW, LEASE, name, 4)
            if not rows:
                return
            claimed.extend(r.id for r in rows)

    await asyncio.gather(*(worker(f"w{n}") for n in range(4)))
    assert sorted(claimed) == [f"o{n:02}" for n in range(30)]


async def test_who_lost_the_lease_settles_nothing(database: Database) -> None:
    await ask(database, "o1")
    async with database.transaction(HUB) as tx:
        await outbox.claim(tx, NOW, LEASE, "w1", 1)
    async with database.transaction(HUB) as tx:
        await outbox.claim(tx, LEASE, LEASE + timedelta(seconds=60), "w2", 1)
        assert not await outbox.settle(tx, "o1", "w1", "sent", NOW)
        assert await outbox.settle(tx, "o1", "w2", "sent", NOW)


async def test_kept_bytes_never_change(database: Database) -> None:
    await ask(database, "o1")
    kept = outbox.Kept("police-1", "F" * 40, "sealed", "<id@hub.example>", b"the bytes")
    async with database.transaction(HUB) as tx:
        await outbox.claim(tx, NOW, LEASE, "w1", 1)
        assert await outbox.keep(tx, "o1", "w1", kept)
        assert not await outbox.keep(tx, "o1", "w1", outbox.Kept("other", "", "notice", "<x@y>", b"others"))
        row = await outbox.load(tx, "o1")
    assert row is not None
    assert (row.blob, row.message_id, row.mailbox) == (b"the bytes", "<id@hub.example>", "police-1")


async def test_a_withdrawn_letter_is_not_claimed(database: Database) -> None:
    await ask(database, "o1", "reminder:l1:1")
    await ask(database, "o2", "reminder:l11:1")
    async with database.transaction(HUB) as tx:
        await outbox.withdraw(tx, "case1", "reminder:l1:")
    async with database.transaction(HUB) as tx:
        assert [r.id for r in await outbox.claim(tx, NOW, LEASE, "w1", 10)] == ["o2"]


async def test_what_is_withdrawn_while_it_is_being_sent_may_leave_until_that_is_known(database: Database) -> None:
    kept = outbox.Kept("police-1", "", "notice", "<id@hub.example>", b"the bytes")
    await ask(database, "o1")
    async with database.transaction(HUB) as tx:
        await outbox.claim(tx, NOW, LEASE, "w1", 1)
        await outbox.keep(tx, "o1", "w1", kept)
        assert not await outbox.leaving(tx, "case1", NOW)
        await outbox.withdraw_about(tx, "case1", "l1")
        assert await outbox.leaving(tx, "case1", NOW)
        assert not await outbox.leaving(tx, "case2", NOW)
        assert not await outbox.leaving(tx, "case1", LEASE)  # whoever sent it has vanished
        assert await outbox.mailboxes(tx, "case1", Letter.PACKET) == {}
        await outbox.settle(tx, "o1", "w1", "sent", NOW)
        assert not await outbox.leaving(tx, "case1", NOW)
        assert await outbox.mailboxes(tx, "case1", Letter.PACKET) == {"packet:l1": "police-1"}


async def test_a_letter_withdrawn_by_its_name_takes_no_other_with_it(database: Database) -> None:
    await ask(database, "o1", "packet:l1")
    await ask(database, "o2", "packet:l10")
    async with database.transaction(HUB) as tx:
        await outbox.withdraw_one(tx, "o1")
    async with database.transaction(HUB) as tx:
        assert [r.id for r in await outbox.claim(tx, NOW, LEASE, "w1", 10)] == ["o2"]
        assert await outbox.settle(tx, "o2", "w1", "sent", NOW)
        await outbox.withdraw_one(tx, "o2")
        row = await outbox.load(tx, "o2")
    assert row is not None
    assert row.state == "sent"  # what has left has left


async def begin(database: Database, case: str = "case1") -> None:
    about = {"reference": case, "received_at": NOW, "rules": "rules", "unread": True, "open": True, "state": "{}"}
    async with database.transaction(HUB) as tx:
        await tx.run(insert(schema.case).values(hub=tx.hub, id=case, version=1, **about))


async def test_a_clock_is_taken_once_and_only_when_due(database: Database) -> None:
    await begin(database)
    async with database.transaction(HUB) as tx:
        await clocks.put(tx, "case1", "first_look", NOW)
        await clocks.put(tx, "case1", "decide:s1", LEASE)
        await clocks.put(tx, "case1", "first_look", NOW - timedelta(seconds=1))
    async with database.transaction(HUB) as tx:
        taken = await clocks.take(tx, NOW)
        assert taken is not None
        assert (taken.name, taken.due) == ("first_look", NOW - timedelta(seconds=1))
        assert await clocks.take(tx, NOW) is None
        assert await clocks.next_due(tx) == LEASE


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer at a time
async def test_a_clock_of_a_case_in_which_something_happens_is_passed_over_and_never_waited_for(
    database: Database,
) -> None:
    """Whoever records holds the case, then moves its clocks: who held a clock first would wait for the case."""
    await begin(database)
    await begin(database, "case2")
    async with database.transaction(HUB) as tx:
        await clocks.put(tx, "case1", "first_look", NOW - timedelta(seconds=1))
        await clocks.put(tx, "case2", "first_look", NOW)
    async with asyncio.timeout(20), database.transaction(HUB) as records:
        await records.run(select(schema.case.c.id).where(schema.case.c.id == "case1").with_for_update())
        async with database.transaction(HUB) as watches:
            taken = await clocks.take(watches, NOW)
            assert taken is not None
            assert taken.case_id == "case2"
            assert await clocks.take(watches, NOW) is None
            await clocks.put(records, "case1", "first_look", LEASE)
    async with database.transaction(HUB) as tx:
        assert await clocks.take(tx, NOW) is None
        assert await clocks.next_due(tx) == LEASE


async def test_a_clock_taken_in_a_transaction_that_fails_is_still_due(database: Database) -> None:
    await begin(database)
    async with database.transaction(HUB) as tx:
        await clocks.put(tx, "case1", "first_look", NOW)
    try:
        async with database.transaction(HUB) as tx:
            await clocks.take(tx, NOW)
            raise RuntimeError
    except RuntimeError:
        pass
    async with database.transaction(HUB) as tx:
        assert await clocks.take(tx, NOW) is not None
