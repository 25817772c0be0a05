"""What is kept from a viewer is not there, in whatever is read, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exchange.case.effect import OpenTask, TaskKind
from exchange.case.event import LookedAt
from exchange.case.restriction import Kind, Restricted, RestrictionLifted, Why
from exchange.policy import Role, Viewer
from exchange.store import audit, casebook, clocks, matching, tasks
from exchange.store.database import Database, Scope
from exchange.store.matching import Token
from tests.store.test_casebook import HUB, NOW, received

MANAGER = Viewer("manager-1", frozenset({Role.HUB_MANAGER}))
FATHER = Viewer("manager-2", frozenset({Role.DECISION_MANAGER, Role.CHAIR}))


def seen_by(viewer: Viewer) -> Scope:
    return Scope(HUB.hub, viewer.id, viewer.names, viewer.unseen)


async def record(database: Database, event: Restricted | RestrictionLifted | LookedAt, number: int) -> None:
    async with database.transaction(HUB) as tx:
        await casebook.record(tx, "case1", event, event_id=f"e{number}", cause=f"c{number}")


async def two_cases(database: Database, kind: Kind, who: str) -> None:
    """Case 1 is kept from somebody, case 2 from nobody; both are about somebody of one name."""
    await received(database)
    await received(database, "case2", "web:2")
    async with database.transaction(HUB) as tx:
        for case in ("case1", "case2"):
            await matching.put(tx, case, [Token("t" * 64, "s1", 3)])
    await record(database, Restricted(NOW, "duty-1", kind, who, Why.OWN_FAMILY), 1)


async def everything(database: Database, viewer: Viewer | None) -> dict[str, set[str]]:
    """All that one viewer can read, as the cases it is about."""
    async with database.reading(seen_by(viewer) if viewer else HUB) as tx:
        found = {
            "open": {c.id for c in await casebook.listing(tx)},
            "unread": {c.id for c in await casebook.listing(tx, unread=True)},
            "all": {c.id for c in await casebook.listing(tx, is_open=None)},
            "tasks": {t.case_id for t in await tasks.pending(tx)},
            "clocks": set(await clocks.of_hub(tx)),
            "searched": {c.case_id for c in await matching.candidates(tx, ["t" * 64])},
        }
        for case in ("case1", "case2"):
            mine = {case} if await casebook.timeline(tx, case) else set()
            found["timeline"] = found.get("timeline", set()) | mine
            found["bodies"] = found.get("bodies", set()) | ({case} if await casebook.bodies(tx, case) else set())
            found["own tasks"] = found.get("own tasks", set()) | {t.case_id for t in await tasks.pending(tx, case)}
        return found


async def test_a_search_counts_what_its_viewer_may_see_however_common_a_name_is(database: Database) -> None:
    await two_cases(database, Kind.STAFF, "manager-2")
    async with database.transaction(HUB) as tx:
        many = [Token("c" * 64, f"s{n}", 2) for n in range(3, 3 + matching.OVERSIZED)]
        await matching.put(tx, "case1", many)
        await matching.put(
            tx, "case2", [Token("c" * 64, "s1", 2), Token("w" * 64, "s2", 0), Token("c" * 64, "s2", 2)]
        )
    wanted = ["c" * 64, "w" * 64]  # so it sounds, so it is written
    for viewer, number in ((FATHER, 2), (MANAGER, 2 + matching.OVERSIZED)):
        async with database.reading(seen_by(viewer)) as tx:
            found, all_of_them = await matching.search(tx, wanted, 1)
            assert [(one.case_id, one.subject) for one in found] == [("case2", "s2")]
            assert all_of_them == number
            assert await matching.candidates(tx, wanted[:1]) == ()
            assert await matching.search(tx, ["x" * 64], 1) == ((), 0)


@pytest.mark.parametrize(
    ("kind", "who"), [(Kind.STAFF, "manager-2"), (Kind.ROLE, "chair"), (Kind.ROLE, "decision_manager")]
)
async def test_a_case_is_absent_from_all_that_whoever_is_shut_out_reads(
    database: Database, kind: Kind, who: str
) -> None:
    await two_cases(database, kind, who)
    for viewer, cases in ((FATHER, {"case2"}), (MANAGER, {"case1", "case2"}), (None, {"case1", "case2"})):
        for what, found in (await everything(database, viewer)).items():
            assert found == cases, (what, viewer)


async def test_a_case_that_is_kept_from_somebody_is_told_like_one_that_does_not_exist(database: Database) -> None:
    await two_cases(database, Kind.STAFF, "manager-2")
    async with database.reading(seen_by(FATHER)) as tx:
        for read, there, not_there in (
            (casebook.load, "case1", "case9"),
            (casebook.find, "mash-case1", "MASH-CASE9"),
        ):
            with pytest.raises(casebook.NoSuchCase) as absent:
                await read(tx, not_there)
            with pytest.raises(casebook.ShutOut) as kept:
                await read(tx, there)
            assert str(kept.value) == str(absent.value)
            assert (kept.value.case_id, kept.value.actor) == ("case1", "manager-2")


async def test_whoever_is_shut_out_changes_nothing(database: Database) -> None:
    await two_cases(database, Kind.ROLE, "chair")

    async def look() -> None:
        async with database.transaction(seen_by(FATHER)) as tx:
            await casebook.record(tx, "case1", LookedAt(NOW, "manager-2", "red"), event_id="e9", cause="c9")

    with pytest.raises(casebook.ShutOut):
        await look()
    async with database.reading(HUB) as tx:
        assert (await casebook.load(tx, "case1")).looked_at is None


async def test_who_did_something_before_is_told_what_came_of_it_again(database: Database) -> None:
    await received(database)
    look = LookedAt(NOW, "manager-2", "red")
    async with database.transaction(seen_by(FATHER)) as tx:
        await casebook.record(tx, "case1", look, event_id="e8", cause="c8")
    await record(database, Restricted(NOW, "duty-1", Kind.STAFF, "manager-2", Why.VIP), 1)
    async with database.transaction(seen_by(FATHER)) as tx:
        assert (await casebook.record(tx, "case1", look, event_id="e8", cause="c8")).again


async def test_letting_somebody_in_again_shows_the_case_again(database: Database) -> None:
    await two_cases(database, Kind.STAFF, "manager-2")
    await record(database, Restricted(NOW, "duty-1", Kind.ROLE, "auditor", Why.VIP), 2)
    await record(database, RestrictionLifted(NOW, "manager-1", Kind.STAFF, "manager-2"), 3)
    assert (await everything(database, FATHER))["open"] == {"case1", "case2"}
    auditor = Viewer("auditor-1", frozenset({Role.AUDITOR}))
    assert (await everything(database, auditor))["open"] == {"case2"}


async def test_an_alert_about_an_attempt_is_for_auditor_and_hub_manager_alone(database: Database) -> None:
    await received(database)
    alert = OpenTask("attempt:manager-2", TaskKind.RESTRICTED_ATTEMPT, "manager-2", NOW)
    async with database.transaction(HUB) as tx:
        await tasks.open_(tx, "case1", alert, NOW)
    for role in Role:
        viewer = Viewer("somebody", frozenset({role}))
        async with database.reading(seen_by(viewer)) as tx:
            kinds = {t.kind for t in await tasks.pending(tx, "case1")}
        assert ("restricted_attempt" in kinds) is (role in (Role.AUDITOR, Role.HUB_MANAGER)), role
    async with database.transaction(seen_by(FATHER)) as tx:  # nor can others say that it is done
        await tasks.close(tx, "case1", "attempt:manager-2", NOW)
    async with database.reading(HUB) as tx:
        assert "attempt:manager-2" in {t.key for t in await tasks.pending(tx)}


async def test_the_audit_holds_over_restrictions(database: Database) -> None:
    await two_cases(database, Kind.STAFF, "manager-2")
    await record(database, LookedAt(NOW + timedelta(minutes=1), "duty-1", "red"), 2)
    async with database.reading(HUB) as tx:
        assert isinstance(await audit.verify(tx), audit.Verified)
