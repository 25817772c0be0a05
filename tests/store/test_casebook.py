"""The one transaction, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from exchange.case.advance import CannotHappen
from exchange.case.event import ContactReceived, LookedAt, Rated
from exchange.case.feedback import ReferrerClass
from exchange.case.referral import SubjectCodes
from exchange.case.state import ReferrerCodes
from exchange.hubs import canonical, loader
from exchange.store import audit, casebook, clocks, codec, outbox, profiles, schema, tasks
from exchange.store.casebook import SealedBody
from exchange.store.database import Database, Scope

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
HUB = Scope("demo")


async def rules_hash(database: Database) -> str:
    text = canonical.canonical_rules(loader.read(loader.packaged("demo")).rules)
    async with database.transaction(HUB) as tx:
        return await profiles.put(tx, "rules", text.encode(), text.encode(), NOW)


async def received(database: Database, case_id: str = "case1", cause: str = "web:1") -> casebook.Recorded:
    event = ContactReceived(
        at=NOW,
        case=case_id,
        hub=HUB.hub,
        reference=f"MASH-{case_id.upper()}",
        rules=await rules_hash(database),
        channel="web",
        securely=True,
        referrer=ReferrerCodes(ReferrerClass.PROFESSIONAL, "2A"),
        subjects=(SubjectCodes("s1", "child", "school", fields=("given_name",)),),
        fields=("concern.what_happened", "s1.given_name"),
    )
    body = SealedBody("referral", f"case:{case_id}", b"sealed bytes")
    async with database.transaction(HUB) as tx:
        return await casebook.record(tx, case_id, event, event_id=f"e-{case_id}", cause=cause, bodies=(body,))


async def test_a_contact_becomes_case_letters_clocks_and_tasks_in_one_transaction(database: Database) -> None:
    case = (await received(database)).case
    async with database.reading(HUB) as tx:
        assert await casebook.load(tx, "case1") == case
        letters = await outbox.of_case(tx, "case1")
        assert [leg.id for leg in case.legs] == [r.about for r in letters] != []
        assert {c.name for c in await clocks.of_case(tx, "case1")} >= {"first_look", "decide:s1", "remind:l1"}
        assert [t.kind for t in await tasks.pending(tx, "case1")] == ["first_look"]


async def test_the_same_cause_again_changes_nothing(database: Database) -> None:
    first = await received(database)
    again = await received(database)
    assert again.again
    assert again.case == first.case
    async with database.reading(HUB) as tx:
        assert len(await casebook.timeline(tx, "case1")) == 1


async def test_what_the_case_does_not_allow_changes_nothing(database: Database) -> None:
    await received(database)

    async def rate_nobody() -> None:
        async with database.transaction(HUB) as tx:
            await casebook.record(tx, "case1", Rated(NOW, "duty-1", "s9", "red"), event_id="e2", cause="c2")

    with pytest.raises(CannotHappen):
        await rate_nobody()
    async with database.reading(HUB) as tx:
        assert len(await casebook.timeline(tx, "case1")) == 1


async def test_a_failure_after_the_event_takes_all_of_it_back(database: Database) -> None:
    await received(database)

    async def fails() -> None:
        async with database.transaction(HUB) as tx:
            await casebook.record(tx, "case1", LookedAt(NOW, "duty-1", "amber"), event_id="e2", cause="c2")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        await fails()
    async with database.reading(HUB) as tx:
        assert (await casebook.load(tx, "case1")).looked_at is None
        assert len(await tasks.pending(tx, "case1")) == 1


async def test_the_audit_holds_for_what_was_recorded(database: Database) -> None:
    await received(database)
    await received(database, "case2", "web:2")
    async with database.transaction(HUB) as tx:
        await casebook.record(tx, "case1", LookedAt(NOW, "duty-1", "amber"), event_id="e2", cause="c2")
    async with database.reading(HUB) as tx:
        assert await audit.verify(tx) == audit.Verified(streams=2, events=3, unproved=3)


@pytest.mark.parametrize("tamper", ["journey", "body", "last", "first", "state", "at"])
async def test_the_audit_names_the_first_broken_link(database: Database, tamper: str) -> None:
    await received(database)
    async with database.transaction(HUB) as tx:
        await casebook.record(tx, "case1", LookedAt(NOW, "duty-1", "amber"), event_id="e2", cause="c2")
        e, c = schema.event.c, schema.case.c
        if tamper == "journey":
            text = (await tx.run(select(e.journey).where(e.seq == 2))).scalar_one()
            await tx.run(update(schema.event).where(e.seq == 2).values(journey=text.replace("duty-1", "duty-2")))
        elif tamper == "body":
            await tx.run(update(schema.body).values(blob=b"other bytes"))
        elif tamper == "last":
            await tx.run(delete(schema.event).where(e.seq == 2))
        elif tamper == "first":
            await tx.run(delete(schema.event).where(e.seq == 1))
        elif tamper == "at":
            await tx.run(update(schema.event).where(e.seq == 2).values(at=NOW + timedelta(seconds=1)))
        else:
            state = (await tx.run(select(c.state))).scalar_one()
            await tx.run(update(schema.case).values(state=state.replace('"securely":true', '"securely":false')))
    async with database.reading(HUB) as tx:
        broken = await audit.verify(tx)
    assert isinstance(broken, audit.Broken)
    assert broken.stream == "case1"
    assert broken.seq == {"journey": 2, "body": 0, "last": 2, "first": 1, "state": 2, "at": 2}[tamper]


async def test_a_forgotten_body_leaves_the_chain_whole(database: Database) -> None:
    await received(database)
    async with database.transaction(HUB) as tx:
        await tx.run(update(schema.body).values(blob=None))
    async with database.reading(HUB) as tx:
        assert await audit.verify(tx) == audit.Verified(1, 1, 1)


async def test_hubs_on_one_database_do_not_see_each_other(database: Database) -> None:
    await received(database)
    async with database.reading(replace(HUB, hub="other")) as tx:
        assert await casebook.listing(tx, is_open=None) == ()
        with pytest.raises(casebook.NoSuchCase):
            await casebook.load(tx, "case1")


async def test_a_case_keeps_the_statutory_profile_in_force_at_its_receipt(database: Database) -> None:
    before = (await received(database)).case
    later = loader.packaged("demo").replace("england-wt2026", "england-wt2023")
    text = canonical.canonical_rules(loader.read(later).rules).encode()
    async with database.transaction(HUB) as tx:
        await profiles.put(tx, "rules", text, text, NOW)
    async with database.reading(HUB) as tx:
        assert (await profiles.current_rules(tx))[1].statute.id == "england-wt2023"
        assert (await casebook.rules_of(tx, before)).statute.id == "england-wt2026"


async def test_a_case_holds_that_was_stored_before_a_leg_kept_what_its_rows_gave(database: Database) -> None:
    case = (await received(database)).case
    assert case.legs[0].parts
    before = replace(case, legs=tuple(replace(leg, parts=()) for leg in case.legs))
    forged = replace(before, legs=tuple(replace(leg, purpose="another") for leg in before.legs))
    for stored, holds in ((before, True), (forged, False)):
        async with database.transaction(HUB) as tx:
            await tx.run(update(schema.case).values(state=codec.case_json(stored)))
        async with database.reading(HUB) as tx:
            assert isinstance(await audit.verify_stream(tx, case.id), int) is holds
