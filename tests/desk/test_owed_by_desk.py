"""What only the desk was asked to do is owed by the hub, wherever somebody looks for what is owed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from exchange.case.acknowledgement import Answer, Proof
from exchange.case.event import Answered, AnswerUnclear
from exchange.case.referral import read
from exchange.contacting import Contact, lodge, referrer_from
from exchange.desk import Desk
from exchange.desk.acts import perform
from exchange.desk.given import Given
from exchange.hub import Hub
from exchange.outstanding import HUB_OWNS, outstanding
from exchange.owed import Owed
from exchange.policy import Role, Viewer
from exchange.store import casebook, tasks
from exchange.store.database import Database
from exchange.story import story
from exchange.web.worklist import work
from tests.desk.stands import NOW, SIBLINGS, HandClock, hub_of, with_directory

MANAGER = Viewer("manager-1", frozenset({Role.HUB_MANAGER}))
REFUSING = {
    "form": "adult",
    "referrer": {"name": "Dr Orla Notreal", "source": "3A"},
    "concern": {"what_happened": "Canary-bruised"},
    "consent": {"consent": "no"},
    "subjects": [{"given_name": "Vera", "family_name": "Virtual", "capacity": "yes"}],
}


@pytest.fixture
async def hub(database: Database, tmp_path: Path) -> AsyncIterator[Hub]:
    async with hub_of(database, tmp_path, HandClock(NOW)) as made:
        await with_directory(made)
        yield made


async def lodged(hub: Hub, referral: Mapping[str, object] | None) -> str:
    """The id of a case; None is a mail that nobody has typed in."""
    told = read(referral or SIBLINGS)
    contact = Contact("web", True, referrer_from(told), told if referral else None)
    return (await lodge(hub, contact, "web:1")).case_id


async def act(hub: Hub, case: str, name: str, /, **given: str) -> None:
    """It is done, once."""
    values = Given({key: (value,) for key, value in given.items()})
    await perform(Desk(hub, MANAGER), name, case, values, f"{name}:{sorted(given.items())}")


async def owed(hub: Hub, what: str) -> list[Owed]:
    """What is owed of this kind; told the same by the command, the page of the case and the work list."""
    found = [o for o in await outstanding(hub, MANAGER) if o.what == what]
    for one in found:
        shown = (await story(hub, MANAGER, one.reference))["outstanding"]
        assert (what, one.due) in {(row["what"], row["due"]) for row in shown}
        async with hub.database.reading(hub.scope(MANAGER)) as tx:
            case, todo = await casebook.load(tx, one.case_id), await tasks.pending(tx)
            matters = work([one], todo, {case.id: case}, await casebook.rules_of(tx, case))
        assert [len(m.tasks) for m in matters if m.owed] == [1]  # one matter, not two
    return found


async def test_a_contact_that_was_read_and_not_typed_in(hub: Hub) -> None:
    case = await lodged(hub, None)
    await act(hub, case, "look", rating="red")
    (one,) = await owed(hub, "transcribe")
    assert (one.owner, one.overdue, one.next_step) == (
        HUB_OWNS,
        False,
        "type it in as a referral: no agency knows of it yet",
    )
    assert one.due > NOW


async def test_an_adult_who_refuses_and_nobody_has_settled_it(hub: Hub) -> None:
    case = await lodged(hub, REFUSING)
    (one,) = await owed(hub, "refusal")
    assert (one.owner, one.about, one.overdue) == (HUB_OWNS, "s1", False)
    await act(hub, case, "override_refusal", subject="s1", ground="coercion", reason="r")
    assert not await owed(hub, "refusal")


async def test_a_case_that_asks_nobody_until_somebody_has_settled_who_must_not_see_it(hub: Hub) -> None:
    await lodged(
        hub, {**SIBLINGS, "referrer": {"name": "Pat Placeholder", "source": "2A", "keep_from": "the hospital"}}
    )
    (one,) = await owed(hub, "keep_from")
    assert (one.owner, one.overdue) == (HUB_OWNS, False)
    assert "nobody is asked until then" in one.next_step


async def test_what_an_agency_tells_after_the_decision(hub: Hub) -> None:
    case = await lodged(hub, SIBLINGS)
    await act(hub, case, "rate", subject="s1", rating="amber", reason="r")
    await act(hub, case, "decide", subject="s1", decision="nfa", reason="r", voice="heard", without_checks="yes")
    async with hub.database.reading(hub.scope(MANAGER)) as tx:
        leg = next(x for x in (await casebook.load(tx, case)).legs if "s1" in x.subjects)
    late = Answered(hub.clock.now(), leg.agency, leg.id, Answer.INFORMATION, Proof.SIGNATURE, "mail")
    await hub.record(case, late, "mail:late")
    (one,) = await owed(hub, "told_late")
    async with hub.database.reading(hub.scope()) as tx:
        first = await casebook.load(tx, case)
    assert one.due - one.asked_at == first.first_look_due - first.received_at  # as late as a contact that is unread
    assert (one.owner, one.about) == (HUB_OWNS, leg.id)
    await act(hub, case, "task", key=f"told_late:{leg.id}")
    assert not await owed(hub, "told_late")


async def test_what_is_decided_and_not_handed_over(hub: Hub) -> None:
    case = await lodged(hub, SIBLINGS)
    await act(hub, case, "rate", subject="s2", rating="amber", reason="r")
    await act(
        hub, case, "decide", subject="s2", decision="early_help", reason="r", voice="heard", without_checks="yes"
    )
    (one,) = await owed(hub, "to_hand_over")
    assert (one.owner, one.about) == (HUB_OWNS, "s2")
    await act(hub, case, "task", key="hand_over:s2")  # it is the hub's own
    assert not await owed(hub, "to_hand_over")


async def test_what_another_area_has_not_accepted_and_nothing_closes_over_it(hub: Hub) -> None:
    case = await lodged(hub, SIBLINGS)
    await act(hub, case, "sort", into="out_of_area", about="Elsewhere", reason="r")
    (one,) = await owed(hub, "elsewhere")
    assert (one.owner, one.about) == (HUB_OWNS, "")
    with pytest.raises(ValueError, match="nobody in the other area has accepted it"):
        await act(hub, case, "close", reason="r")
    await act(hub, case, "accepted_elsewhere", name="Fay", checked="rang back")
    assert not await owed(hub, "elsewhere")


async def test_what_an_agency_writes_after_the_end_is_owed_until_somebody_has_read_it(hub: Hub) -> None:
    case = await lodged(hub, SIBLINGS)
    for subject in ("s1", "s2"):
        await act(hub, case, "rate", subject=subject, rating="green", reason="r")
        await act(
            hub, case, "decide", subject=subject, decision="nfa", reason="r", voice="heard", without_checks="yes"
        )
    await act(hub, case, "close", reason="nothing is left", override="yes")
    async with hub.database.reading(hub.scope(MANAGER)) as tx:
        closed = await casebook.load(tx, case)
    assert closed.closed
    assert not [o for o in await outstanding(hub, MANAGER) if o.case_id == case]
    await hub.record(case, AnswerUnclear(hub.clock.now(), closed.legs[0].id, "more_said", in_clear=True), "mail:late")
    (one,) = await owed(hub, "unclear_answer")
    assert (one.owner, one.about) == (HUB_OWNS, closed.legs[0].id)
    assert one.due - one.asked_at == closed.first_look_due - closed.received_at
