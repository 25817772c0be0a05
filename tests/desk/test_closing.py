"""A case closes over nothing that somebody wrote and nobody has read; that it was read is in the record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from exchange.case.acknowledgement import Answer, Proof
from exchange.case.event import Answered, AnswerUnclear
from exchange.case.original import WordsRead
from exchange.case.referral import read
from exchange.case.state import Case
from exchange.case.step import CannotHappen
from exchange.compartments import cannot_read
from exchange.contacting import Contact, lodge, referrer_from
from exchange.desk import Desk
from exchange.desk.acts import perform
from exchange.desk.given import Given
from exchange.hub import Hub
from exchange.policy import Role, Viewer
from exchange.store import casebook, tasks
from exchange.store.database import Database
from tests.desk.stands import NOW, SIBLINGS, HandClock, hub_of, with_directory

OFFICER = Viewer("officer-1", frozenset({Role.SCREENING_OFFICER}))
NURSE = Viewer("nurse-1", frozenset({Role.HEALTH_NAVIGATOR, Role.SCREENING_OFFICER}))
MANAGER = Viewer("manager-1", frozenset({Role.HUB_MANAGER}))
WAITS = "waits for somebody to read it"


@pytest.fixture
async def hub(database: Database, tmp_path: Path) -> AsyncIterator[Hub]:
    async with hub_of(database, tmp_path, HandClock(NOW)) as made:
        await with_directory(made)
        yield made


async def act(hub: Hub, case: str, name: str, cause: str, /, **given: str) -> Case:
    return await perform(Desk(hub, MANAGER), name, case, Given({k: (v,) for k, v in given.items()}), cause)


async def test_an_unclear_answer_keeps_a_case_open_until_a_named_person_has_read_it(hub: Hub) -> None:
    told = read(SIBLINGS)
    case = (await lodge(hub, Contact("web", True, referrer_from(told), told), "web:1")).case_id
    await act(hub, case, "rate", "rate", subject="s1", rating="amber", reason="r")
    unclear = AnswerUnclear(hub.clock.now(), "l1", "unclear")
    await hub.record(case, unclear, "mail:1")
    with pytest.raises(CannotHappen, match=WAITS):
        await act(hub, case, "close", "close-1", reason="all done")
    for cause in ("read-1", "read-2"):  # a button that is pressed twice
        after = await act(hub, case, "task", cause, key="unclear:l1")
        assert after.unread == ()
    with pytest.raises(CannotHappen) as refused:
        await act(hub, case, "close", "close-2", reason="all done")
    assert WAITS not in str(refused.value)
    async with hub.database.reading(hub.scope(MANAGER)) as tx:
        events = [e.event for e in await casebook.timeline(tx, case)]
        assert "unclear:l1" not in [t.key for t in await tasks.pending(tx, case)]
    assert [(e.by, e.task) for e in events if isinstance(e, WordsRead)] == [("manager-1", "unclear:l1")]

    late = Answered(hub.clock.now(), "police", "l1", Answer.INFORMATION, Proof.SIGNATURE, "mail", contribution="c1")
    await hub.record(case, unclear, "mail:2")  # they write once more
    assert (await act(hub, case, "close", "close-3", reason="all done", override="yes")).closed
    await hub.record(case, late, "mail:3")  # what is told after the end opens it again, and is to be read
    async with hub.database.reading(hub.scope(MANAGER)) as tx:
        assert (await casebook.load(tx, case)).closed is None
        assert "told_late:l1" in [t.key for t in await tasks.pending(tx, case)]
    with pytest.raises(CannotHappen, match=WAITS):
        await act(hub, case, "close", "close-4", reason="all done")
    assert "told_late:l1" not in (await act(hub, case, "task", "read-3", key="told_late:l1")).unread


@pytest.mark.parametrize("late", [False, True])
async def test_nobody_ends_what_waits_to_be_read_who_may_not_read_it(hub: Hub, late: bool) -> None:
    told = read(SIBLINGS)
    case = (await lodge(hub, Contact("web", True, referrer_from(told), told), "web:1")).case_id
    await act(hub, case, "rate", "rate", subject="s1", rating="amber", reason="r")
    async with hub.database.reading(hub.scope()) as tx:
        legs = {leg.agency: leg.id for leg in (await casebook.load(tx, case)).legs}
    if late:
        await act(hub, case, "decide", "d", subject="s1", decision="nfa", reason="r", voice="heard",
                  without_checks="yes")  # fmt: skip

    async def says(agency: str, cause: str) -> str:
        at, leg = hub.clock.now(), legs[agency]
        answer = Answered(at, agency, leg, Answer.INFORMATION, Proof.SIGNATURE, "mail", contribution=f"c-{cause}")
        await hub.record(case, answer if late else AnswerUnclear(at, leg, "unclear"), cause)
        return f"told_late:{leg}" if late else f"unclear:{leg}"

    async def kept_from(viewer: Viewer) -> frozenset[str]:
        async with hub.database.reading(hub.scope(viewer)) as tx:
            found, todo = await casebook.load(tx, case), await tasks.pending(tx, case)
            return await cannot_read(tx, found, await casebook.rules_of(tx, found), viewer, todo)

    health, police = await says("health", "mail:h"), await says("police", "mail:p")
    assert await kept_from(OFFICER) == {health}
    assert await kept_from(NURSE) == frozenset()
    given = Given({"key": (health,)})
    with pytest.raises(CannotHappen, match="read by a health navigator or a deciding manager"):
        await perform(Desk(hub, OFFICER), "task", case, given, "read-h")
    assert (await perform(Desk(hub, OFFICER), "task", case, Given({"key": (police,)}), "read-p")).unread == (health,)
    with pytest.raises(CannotHappen, match=WAITS):
        await act(hub, case, "close", "close", reason="r")
    assert (await perform(Desk(hub, NURSE), "task", case, given, "read-n")).unread == ()
