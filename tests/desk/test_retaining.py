"""What is destroyed stays destroyed, whatever copy of the database somebody has; what is not stays readable."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from exchange import content, retaining
from exchange.case.disposal import HoldReason
from exchange.case.event import Closed, InformationAdded
from exchange.case.original import FileUnlocked
from exchange.case.referral import read
from exchange.case.restriction import Kind, Restricted, Why
from exchange.case.step import CannotHappen
from exchange.contacting import Contact, lodge, referrer_from
from exchange.desk import Desk, records
from exchange.desk.acts import perform
from exchange.desk.given import Given
from exchange.hub import Hub
from exchange.policy import Forbidden, Role, Viewer
from exchange.safe import Forgotten, Safe
from exchange.store import audit, casebook, guesses, inbox, matching, outbox, retention, schema, tasks
from exchange.store.database import Database
from exchange.tokens import searched
from keys.vault import bound_data
from tests.desk.stands import NOW, OFFICER, SIBLINGS, THEN, HandClock, closed_case, hub_of, loose_mail, with_copies


@dataclass
class Archive:
    """A hub, its clock, and one closed case."""

    hub: Hub
    clock: HandClock
    case: str
    mail: str

    @property
    def desk(self) -> Desk:
        """The records officer's."""
        return Desk(self.hub, OFFICER)

    async def subjects(self) -> dict[str, str]:
        """Who can still be read, by their given names."""
        async with self.hub.database.reading(self.hub.scope()) as tx:
            referral = content.referral_from((n, p) for _, n, p in await self.hub.opened(tx, self.case))
        found = referral.subjects if referral else ()
        return {f"s{n}": s["given_name"] for n, s in enumerate(found, 1) if s}

    async def due(self) -> list[tuple[str, bool]]:
        """(part, held) of all that is due."""
        return [(one.part, one.held) async for one in retaining.due(self.hub, OFFICER)]


@pytest.fixture
async def archive(database: Database, tmp_path: Path) -> AsyncIterator[Archive]:
    clock = HandClock()
    async with hub_of(database, tmp_path, clock) as hub:
        lodged = await closed_case(hub)
        yield Archive(hub, clock, lodged.case_id, await with_copies(hub, lodged.case_id))


async def copy_of(archive: Archive) -> dict[str, tuple[bytes, bytes]]:
    """Every sealed thing of the case as a copy of the database has it: name -> (sealed, where it belongs)."""
    hub = archive.hub
    found = {}
    async with hub.database.reading(hub.scope()) as tx:
        for body in await casebook.bodies(tx, archive.case):
            bound = bound_data(hub.id, archive.case, body.event, body.name)
            found[f"{body.name}/{body.event}"] = (body.blob, bound)
        for row in await outbox.of_case(tx, archive.case):
            if row.blob:
                found[f"letter/{row.id}"] = (row.blob, bound_data(hub.id, archive.case, row.id, "outgoing"))
        mail = await inbox.load(tx, archive.mail)
        assert mail
        found["raw"] = (mail.blob, bound_data(hub.id, "inbox", archive.mail, content.MAIL))
    return found


async def readable(safe: Safe, copy: dict[str, tuple[bytes, bytes]]) -> set[str]:
    """What of a copy can be read with the key store as it is now."""
    names = set()
    for name, (blob, bound) in copy.items():
        try:
            await safe.open(blob, bound)
        except Forgotten:
            continue
        names.add(name.partition("/")[0])
    return names


async def test_truth_10_an_nfa_record_goes_when_it_is_due_and_its_sibling_s_stays(archive: Archive) -> None:
    hub, clock = archive.hub, archive.clock
    copy = await copy_of(archive)
    assert {"subject:s1", "subject:s2", "referral", "reason", "letter", "raw"} <= await readable(hub.safe, copy)
    clock.at = THEN + timedelta(days=6 * 365)
    assert await archive.due() == [("transport", False)]
    clock.at = NOW
    assert await archive.due() == [("s1", False), ("transport", False)]
    await records.dispose(archive.desk, archive.case, Given({}), "c1")
    assert await archive.subjects() == {"s2": "Canary-bo"}
    # No earlier copy of the database helps: the key store has forgotten. The sibling's is intact in it.
    assert await readable(hub.safe, copy) == {"subject:s2", "referral", "reason"}
    async with hub.database.reading(hub.scope()) as tx:
        for name, found in (("Canary-mina Inventa", False), ("Canary-bo Bogus", True)):
            wanted = searched(hub.index_secret, *name.split())
            assert bool(await matching.candidates(tx, wanted)) is found
        assert await inbox.load(tx, archive.mail) is None
        assert {row.blob for row in await outbox.of_case(tx, archive.case)} == {None}
        assert isinstance(await audit.verify(tx), audit.Verified)
        case = await casebook.load(tx, archive.case)
    assert [(d.parts, d.by) for d in case.disposals] == [(("s1", "transport"), "records-1")]
    assert await archive.due() == []


async def test_what_was_written_about_one_subject_alone_goes_with_that_subject_s_record(
    database: Database, tmp_path: Path
) -> None:
    clock, referral = HandClock(), read(SIBLINGS)
    manager = Viewer("manager-1", frozenset({Role.HUB_MANAGER}))
    async with hub_of(database, tmp_path, clock) as hub:
        lodged = await lodge(hub, Contact("web", True, referrer_from(referral), referral), "web:1")
        desk = Desk(hub, manager)

        async def act(name: str, /, **given: str) -> None:
            values = Given({key: (value,) for key, value in given.items()})
            await perform(desk, name, lodged.case_id, values, f"{name}:{sorted(given.items())}")

        for subject, decision in (("s1", "nfa"), ("s2", "section_47")):
            await act("rate", subject=subject, rating="green", reason=f"Canary-rated {subject}")
            await act("level", subject=subject, level="3", reason=f"Canary-level {subject}")
            await act("decide", subject=subject, decision=decision, reason=f"Canary-decided {subject}",
                      without_checks="yes", voice="heard")  # fmt: skip
        await act("outcome", subject="s1", outcome="nfa", words="Canary-outcome s1")
        await act("close", override="yes", reason="Canary-closed")
        archive = Archive(hub, clock, lodged.case_id, "")
        told = {f"Canary-{what} {s}" for what in ("rated", "level", "decided") for s in ("s1", "s2")}
        assert told | {"Canary-outcome s1", "Canary-closed"} <= await said(archive)
        async with hub.database.reading(hub.scope()) as tx:
            before = await casebook.load(tx, lodged.case_id)
        clock.at = NOW
        assert ("s1", False) in await archive.due()
        await records.dispose(archive.desk, archive.case, Given({}), "c1")
        assert {words for words in await said(archive) if words.endswith("s1")} == set()
        assert {w for w in told if w.endswith("s2")} | {"Canary-closed"} <= await said(archive)
        async with hub.database.reading(hub.scope()) as tx:
            after = await casebook.load(tx, lodged.case_id)
            assert isinstance(await audit.verify(tx), audit.Verified)  # every case replayed
        assert after.subjects == before.subjects  # the codes of what was rated and decided stay


async def said(archive: Archive) -> set[str]:
    """What staff wrote, as far as it can still be read, by the names under which a page looks for it."""
    async with archive.hub.database.reading(archive.hub.scope()) as tx:
        bodies = await archive.hub.opened(tx, archive.case)
    return {plain.decode() for _, name, plain in bodies if name in (content.REASON, content.WORDS)}


async def test_the_whole_record_goes_with_its_longest_subject_and_the_journey_stays(archive: Archive) -> None:
    copy = await copy_of(archive)
    archive.clock.at = THEN.replace(year=THEN.year + 30)
    assert {part for part, _ in await archive.due()} == {"s1", "s2", "case", "transport"}
    await records.dispose(archive.desk, archive.case, Given({}), "c1")
    assert await readable(archive.hub.safe, copy) == set()
    async with archive.hub.database.reading(archive.hub.scope()) as tx:
        assert len(await casebook.timeline(tx, archive.case)) == 9
        assert await casebook.bodies(tx, archive.case) == ()
        assert isinstance(await audit.verify(tx), audit.Verified)


async def test_what_was_in_a_locked_file_goes_with_the_mail_that_it_came_in(archive: Archive) -> None:
    hub, clock, mail = archive.hub, archive.clock, archive.mail
    name = content.opened(mail, "d" * 64)
    event = FileUnlocked(clock.now(), "duty-1", mail)
    await hub.record(archive.case, event, "u1", {name: b"Canary-inside"})
    copy = await copy_of(archive)
    assert name.partition("/")[0] in await readable(hub.safe, copy)
    async with hub.database.reading(hub.scope()) as tx:
        assert [plain for _, _, plain in await hub.opened(tx, archive.case, name)] == [b"Canary-inside"]
        assert b"Canary-inside" not in [plain for _, _, plain in await hub.opened(tx, archive.case)]  # for its size
    clock.at = THEN + timedelta(days=6 * 365)
    await retaining.sweep(hub)
    assert name.partition("/")[0] not in await readable(hub.safe, copy)
    async with hub.database.reading(hub.scope()) as tx:
        assert await hub.opened(tx, archive.case, name) == []
        assert name not in [body.name for body in await casebook.bodies(tx, archive.case)]
        assert isinstance(await audit.verify(tx), audit.Verified)
    assert await archive.subjects() == {"s1": "Canary-mina", "s2": "Canary-bo"}


async def test_a_hold_refuses_disposal(archive: Archive) -> None:
    archive.clock.at = NOW
    given = Given({"why": (HoldReason.COURT,), "reason": ("an order of the court",)})
    await records.hold(archive.desk, archive.case, given, "h1")
    assert await archive.due() == [("s1", True), ("transport", True)]
    with pytest.raises(CannotHappen, match="a legal hold stands"):
        await records.dispose(archive.desk, archive.case, Given({}), "c1")
    swept = await retaining.sweep(archive.hub)
    assert (swept.transport, swept.offered) == (0, 0)
    assert await archive.subjects() == {"s1": "Canary-mina", "s2": "Canary-bo"}
    await records.lift_hold(archive.desk, archive.case, given, "h2")
    await records.dispose(archive.desk, archive.case, Given({}), "c2")
    assert await archive.subjects() == {"s2": "Canary-bo"}


async def test_nothing_is_destroyed_before_it_is_due_nor_by_anybody_else(archive: Archive) -> None:
    archive.clock.at = THEN + timedelta(days=100)
    with pytest.raises(CannotHappen, match="nothing of this record is due"):
        await records.dispose(archive.desk, archive.case, Given({}), "c1")
    archive.clock.at = NOW
    for role in set(Role) - {Role.RECORDS_OFFICER}:
        desk = Desk(archive.hub, Viewer("somebody", frozenset({role})))
        with pytest.raises(Forbidden):
            await records.dispose(desk, archive.case, Given({}), "c1")
    assert len(await archive.subjects()) == 2


async def test_transport_copies_go_by_themselves_after_days_and_the_rest_is_offered(archive: Archive) -> None:
    hub, clock = archive.hub, archive.clock
    copy = await copy_of(archive)
    waits, shelved, aside = [await loose_mail(hub, d) for d in ("holding_pen", "shelved", "set_aside")]
    clock.at = THEN + timedelta(days=29)
    assert await retaining.sweep(hub) == retaining.Swept(0, 0, 0, 0)
    clock.at = THEN + timedelta(days=32)
    assert await retaining.sweep(hub) == retaining.Swept(1, 1, 0, 0)
    assert not {"raw", "letter"} & await readable(hub.safe, copy)
    assert len(await archive.subjects()) == 2
    async with hub.database.reading(hub.scope()) as tx:
        assert [bool(await inbox.load(tx, mail)) for mail in (waits, shelved, aside)] == [True, True, False]
    clock.at = NOW
    for _ in range(2):  # asked again each day, and still one task
        assert await retaining.sweep(hub) == retaining.Swept(0, 0, 1, 0)
    async with hub.database.reading(hub.scope()) as tx:
        assert [t.kind for t in await tasks.pending(tx, archive.case)].count("dispose") == 1
    await records.dispose(archive.desk, archive.case, Given({}), "c1")
    async with hub.database.reading(hub.scope()) as tx:
        assert "dispose" not in [t.kind for t in await tasks.pending(tx, archive.case)]


async def test_counts_of_wrong_tries_go_when_they_count_no_more(archive: Archive) -> None:
    hub, day, case = archive.hub, timedelta(days=1), archive.case
    archive.clock.at = THEN

    async def counts() -> dict[str, int]:
        async with hub.database.reading(hub.scope()) as tx:
            return {name: await guesses.tried(tx, name) for name in ("draft/hour", f"{case}/l1", "other/l1")}

    async with hub.database.transaction(hub.scope()) as tx:
        for _ in range(2):
            await guesses.wrong(tx, "draft/hour", THEN + day)
        await guesses.wrong(tx, f"{case}/l1")
        await guesses.wrong(tx, "other/l1")
    await retaining.sweep(hub)
    assert await counts() == {"draft/hour": 2, f"{case}/l1": 1, "other/l1": 1}
    archive.clock.at = THEN + 2 * day
    await retaining.sweep(hub)
    assert await counts() == {"draft/hour": 0, f"{case}/l1": 1, "other/l1": 1}  # a packet's code stays locked
    archive.clock.at = NOW
    await retaining.sweep(hub)  # with the transport copies of a closed case
    assert await counts() == {"draft/hour": 0, f"{case}/l1": 0, "other/l1": 1}


async def test_a_disposal_that_was_interrupted_is_finished_by_the_next_sweep(archive: Archive) -> None:
    hub = archive.hub
    archive.clock.at = NOW
    copy = await copy_of(archive)
    keys = await hub.safe.keys_of([f"subject:{archive.case}:s1"])
    async with hub.database.transaction(
        hub.scope()
    ) as tx:  # the event and its rows are in, the keys are not yet gone
        await retention.doom(tx, keys)
        await retention.doom(tx, keys)
    assert "subject:s1" in await readable(hub.safe, copy)
    assert (await retaining.sweep(hub)).keys == 1
    assert "subject:s1" not in await readable(hub.safe, copy)
    assert (await retaining.sweep(hub)).keys == 0


async def test_what_is_added_after_a_disposal_is_sealed_with_keys_that_are_there(archive: Archive) -> None:
    """Another process remembers the old key; what it sealed with it could be read by nobody."""
    hub = archive.hub
    remembered = Safe(hub.safe._keys, hub.id, archive.clock, hub.safe._sealing._public.public_bytes_raw())
    remembered._opening = hub.safe._opening
    other = Hub(hub.id, hub.database, remembered, archive.clock)
    archive.clock.at = NOW
    first = InformationAdded(THEN, "referrer", "web")
    await other.record(archive.case, first, "i1", {content.WORDS: b"Canary-first"})
    await hub.record(archive.case, Closed(THEN, "manager-1", override=True), "x2")
    archive.clock.at = THEN.replace(year=THEN.year + 30)
    await records.dispose(archive.desk, archive.case, Given({}), "c1")
    later = InformationAdded(archive.clock.at, "referrer", "web")
    await other.record(archive.case, later, "i2", {content.WORDS: b"Canary-later"})
    async with hub.database.reading(hub.scope()) as tx:
        assert [plain for _, _, plain in await hub.opened(tx, archive.case)] == [b"Canary-later"]


async def test_a_records_officer_who_is_shut_out_of_a_case_is_offered_nothing_of_it(archive: Archive) -> None:

    archive.clock.at = NOW
    event = Restricted(THEN, "manager-1", Kind.STAFF, OFFICER.id, Why.OWN_FAMILY)
    await archive.hub.record(archive.case, event, "s1")
    assert await archive.due() == []
    with pytest.raises(casebook.ShutOut):
        await records.dispose(archive.desk, archive.case, Given({}), "c1")


async def test_a_copy_of_the_index_is_all_that_a_search_could_find(archive: Archive) -> None:
    archive.clock.at = NOW
    await records.dispose(archive.desk, archive.case, Given({}), "c1")
    m = schema.match.c
    async with archive.hub.database.reading(archive.hub.scope()) as tx:
        assert {row.subject for row in await tx.run(select(m.subject))} == {"s2", "consultation"}
    archive.clock.at = THEN.replace(year=THEN.year + 30)
    await records.dispose(archive.desk, archive.case, Given({}), "c2")
    async with archive.hub.database.reading(archive.hub.scope()) as tx:
        assert not (await tx.run(select(m.subject))).all()


async def test_many_closed_cases_are_read_a_batch_at_a_time(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    archive.clock.at = THEN
    for number in range(2, 6):
        await closed_case(archive.hub, number)
    archive.clock.at = NOW
    found = [one async for one in retaining.due(archive.hub, OFFICER)]
    assert len({one.case.id for one in found}) == 5
