"""The household is added to and corrected like a subject, and an address that has become secret stays so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from exchange.case.fields import Part
from exchange.case.packet import KEPT_BACK, fill, manifest, struck
from exchange.case.referral import Referral, read
from exchange.case.state import Case
from exchange.contacting import Contact, lodge, referrer_from
from exchange.desk import Desk
from exchange.desk.acts import perform
from exchange.desk.given import Given, Unfit
from exchange.hub import Hub
from exchange.policy import Role, Viewer
from exchange.store import casebook, tasks
from exchange.store.database import Database
from tests.desk.stands import NOW, HandClock, hub_of

OFFICER = Viewer("duty-1", frozenset({Role.SCREENING_OFFICER}))
FAMILY = {
    "form": "child",
    "referrer": {"name": "Pat Placeholder", "source": "2A"},
    "concern": {"what_happened": "He shouts"},
    "subjects": [{"given_name": "Mina", "date_of_birth": "2016-04-01", "address": "1 Imaginary Close"}],
    "household": [{"name": "Nora Notional", "relationship": "Mother", "address": "9 Openroad Lane"}],
}


@pytest.fixture
async def hub(database: Database, tmp_path: Path) -> AsyncIterator[Hub]:
    async with hub_of(database, tmp_path, HandClock(NOW)) as made:
        yield made


async def lodged(hub: Hub) -> str:
    told = read(FAMILY)
    return (await lodge(hub, Contact("web", True, referrer_from(told), told), "web:1")).case_id


async def act(hub: Hub, case: str, name: str, /, **given: str) -> Case:
    """It is done, once."""
    values = Given({key: (value,) for key, value in given.items()})
    return await perform(Desk(hub, OFFICER), name, case, values, f"{name}:{sorted(given.items())}")


async def known(hub: Hub, case: str) -> tuple[Case, Referral, set[str]]:
    """The case, what is known, and what is to do."""
    async with hub.database.reading(hub.scope(OFFICER)) as tx:
        referral = await hub.referral(tx, case)
        assert referral
        return await casebook.load(tx, case), referral, {t.key for t in await tasks.pending(tx, case)}


async def test_who_is_added_is_told_to_whoever_is_asked_from_then_on(hub: Hub) -> None:
    case = await lodged(hub)
    await act(hub, case, "add_person", name="Rex Makebelieve", relationship="Partner", poses_risk="yes", reason="r")
    found, referral, _ = await known(hub, case)
    assert [p["name"] for p in referral.household] == ["Nora Notional", "Rex Makebelieve"]
    codes = tuple(s.codes for s in found.subjects)
    told = fill(referral, manifest(found.fields, codes, ("s1",), (Part.IDENTITY, Part.RISK)))
    assert (told["p2.poses_risk"], told["p2.name"]) == ("yes", "Rex Makebelieve")


async def test_an_address_that_has_become_secret_is_in_no_packet_any_more_nor_the_one_before(hub: Hub) -> None:
    case = await lodged(hub)
    before, _, todo = await known(hub, case)
    assert any("p1.address" in leg.manifest for leg in before.legs)  # none of them is written yet
    assert "protected:p1" not in todo
    await act(
        hub, case, "correct_person", person="p1", address="7 Refuge Row", address_protected="yes", reason="she moved"
    )
    found, referral, todo = await known(hub, case)
    assert "protected:p1" not in todo  # nobody was told of it
    for leg in found.legs:
        assert "p1.address" not in leg.manifest
        assert "Refuge" not in str(fill(referral, leg.manifest))
    assert struck(referral, "She is at 7 Refuge Row, near Mina") == f"She is at {KEPT_BACK}, near Mina"
    await act(hub, case, "correct_person", person="p1", address="4 Newplace Close", reason="she moved again")
    _, referral, _ = await known(hub, case)
    assert referral.household[0]["name"] == "Nora Notional"
    assert "Refuge" not in struck(referral, "She was at 7 Refuge Row")
    assert "Newplace" not in struck(referral, "She is at 4 Newplace Close")


async def test_a_child_at_the_same_address_is_protected_with_them(hub: Hub) -> None:
    case = await lodged(hub)
    await act(
        hub, case, "correct_person", person="p1", address="1 Imaginary Close", address_protected="yes", reason="r"
    )
    found, _, _ = await known(hub, case)
    assert found.subjects[0].codes.address_protected


@pytest.mark.parametrize(
    ("name", "given", "why"),
    [
        ("add_person", {"reason": "r"}, "Say who they are"),
        ("add_person", {"name": "Rex", "poses_risk": "perhaps", "reason": "r"}, "Might they pose a risk"),
        ("correct_person", {"person": "p2", "name": "Rex", "reason": "r"}, "nobody of the household is “p2”"),
        ("correct_person", {"person": "s1", "name": "Rex", "reason": "r"}, "nobody of the household is “s1”"),
    ],
)
async def test_what_names_nobody_changes_nothing(hub: Hub, name: str, given: dict[str, str], why: str) -> None:
    case = await lodged(hub)
    before = await known(hub, case)
    with pytest.raises((Unfit, ValueError), match=why):
        await act(hub, case, name, **given)
    assert await known(hub, case) == before
