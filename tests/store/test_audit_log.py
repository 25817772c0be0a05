"""The record as people read it, on both databases: filtered, by page, and without what is kept from them."""

from __future__ import annotations

from datetime import timedelta

from exchange.case.event import LookedAt
from exchange.case.restriction import Kind, Restricted, Why
from exchange.policy import Role, Viewer
from exchange.store import audit_log, casebook, journal
from exchange.store.audit_log import Wanted
from exchange.store.database import Database, Scope
from tests.store.test_casebook import HUB, NOW, received

EVE = Viewer("auditor-1", frozenset({Role.AUDITOR}))
KEPT_OUT = Viewer("auditor-2", frozenset({Role.AUDITOR}))
LATER = NOW + timedelta(hours=3)


async def found(database: Database, wanted: Wanted, viewer: Viewer = EVE) -> list[tuple[str, str, str]]:
    async with database.reading(Scope(HUB.hub, viewer.id, viewer.names, viewer.unseen)) as tx:
        every = await audit_log.entries(tx, wanted, 100)
        assert len(every) == await audit_log.count(tx, wanted)
        return [(e.stream, e.kind, e.by) for e in every]


async def filled(database: Database) -> None:
    await received(database)
    await received(database, "case2", "web:2")
    async with database.transaction(HUB) as tx:
        await casebook.record(tx, "case1", LookedAt(LATER, "duty_1", "amber"), event_id="e1", cause="c1")
        shut = Restricted(LATER, "duty_2", Kind.STAFF, KEPT_OUT.id, Why.OWN_FAMILY)
        await casebook.record(tx, "case2", shut, event_id="e2", cause="c2")
    async with database.transaction(Scope(HUB.hub, "duty_1")) as tx:
        await journal.note(tx, journal.ACCESS, "Viewed", LATER, "e3", case="case2")
        await journal.note(tx, journal.ACCESS, "Denied", LATER, "e4", action="decide")
        await journal.note(tx, journal.ACCESS, "Searched", LATER, "e5", shown="MASH-CASE1 MASH-CASE2")


async def test_each_filter_finds_its_own_and_all_together_hold_together(database: Database) -> None:
    await filled(database)
    every = await found(database, Wanted())
    assert len(every) == 7
    assert every[-1][2] == every[-2][2] == ""  # nobody of the hub made a contact
    assert await found(database, Wanted(by="duty_1", since=LATER)) == [
        ("access", "Searched", "duty_1"), ("access", "Denied", "duty_1"), ("access", "Viewed", "duty_1"),
        ("MASH-CASE1", "LookedAt", "duty_1"),
    ]  # fmt: skip
    assert await found(database, Wanted(by="dutyx1")) == []  # no pattern of a database
    assert await found(database, Wanted(by="%")) == []
    assert await found(database, Wanted(kind="Denied")) == [("access", "Denied", "duty_1")]
    assert {row[1] for row in await found(database, Wanted(case="MASH-CASE2"))} == {
        "ContactReceived", "Restricted", "Viewed", "Searched",
    }  # fmt: skip
    assert [row[1] for row in await found(database, Wanted(until=LATER))] == ["ContactReceived"] * 2
    assert await found(database, Wanted(case="MASH-CASE2", kind="Viewed", by="nobody")) == []


async def test_pages_follow_each_other_and_a_case_is_told_by_its_reference(database: Database) -> None:
    await filled(database)
    async with database.reading(HUB) as tx:
        every = await audit_log.entries(tx, Wanted(), 100)
        assert (*await audit_log.entries(tx, Wanted(), 3), *await audit_log.entries(tx, Wanted(), 9, 3)) == every
        (viewed,) = await audit_log.entries(tx, Wanted(kind="Viewed"), 9)
        assert viewed.facts == {"case": "MASH-CASE2"}
        assert "Denied" in await audit_log.kinds(tx)


async def test_what_is_kept_from_the_auditor_is_in_no_stream(database: Database) -> None:
    await filled(database)
    assert [row[:2] for row in await found(database, Wanted(), KEPT_OUT)] == [
        ("access", "Denied"), ("MASH-CASE1", "LookedAt"), ("MASH-CASE1", "ContactReceived"),
    ]  # fmt: skip
    assert await found(database, Wanted(case="MASH-CASE2"), KEPT_OUT) == []


async def test_parts_follow_each_other_whatever_is_recorded_meanwhile(database: Database) -> None:
    await filled(database)
    whole, parts, beyond = await found(database, Wanted()), list[str](), None
    while True:
        async with database.transaction(Scope(HUB.hub, EVE.id)) as tx:
            part = await audit_log.entries(tx, Wanted(until=LATER + timedelta(hours=1)), 2, beyond=beyond)
            await journal.note(tx, journal.ACCESS, "AuditRead", LATER + timedelta(hours=2), f"read{len(parts)}")
        if not part:
            break
        parts += [e.kind for e in part]
        beyond = part[-1].place
    assert parts == [kind for _, kind, _ in whole]
