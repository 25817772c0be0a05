"""Whoever covers for somebody is in post for all of it: packets would go to nobody's desk otherwise."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from exchange.desk.given import Given, Unfit
from exchange.desk.leave import Leaves
from exchange.hub import Hub
from exchange.hub_file import HubFiles
from exchange.hubs import loader
from exchange.policy import OPERATOR, Role
from exchange.store import staff
from exchange.store.database import Database
from exchange.store.staff import Access
from tests.desk.stands import NOW, HandClock, hub_of, with_directory

DAY = NOW.date()
ADA, LATER, GONE = (
    f'{{ id = "police-{n}", name = "Somebody {n}", since = {since}{until} }}'
    for n, since, until in (
        (1, "2026-01-05", ""), (2, DAY + timedelta(days=3), ""),
        (3, "2026-01-05", f", until = {DAY + timedelta(days=2)}"),
    )
)  # fmt: skip


@pytest.fixture
async def hub(database: Database, tmp_path: Path) -> AsyncIterator[Hub]:
    """A hub whose police have one person in post, one from the third day on, and one until the second."""
    before, mark, rest = loader.packaged("demo").partition("[agencies.police.mailbox]")
    first, _, after = rest.partition("spocs = ")
    text = f"{before}{mark}{first}spocs = [{ADA}, {LATER}, {GONE}]\n{after.partition(chr(10))[2]}"
    async with hub_of(database, tmp_path, HandClock(NOW)) as made:
        await with_directory(made)
        await HubFiles(made, timedelta(hours=24)).apply(text, OPERATOR)
        yield made


async def away(hub: Hub, kind: str, who: str, by: str, first: int, last: int) -> str:
    """Leave from one day to another, counted from today; by whom it is covered."""
    days = {"since": str(DAY + timedelta(days=first)), "until": str(DAY + timedelta(days=last))}
    given = {name: (text,) for name, text in {"kind": kind, "who": who, "covered_by": by, **days}.items()}
    return (await Leaves(hub, OPERATOR).add(Given(given))).covered_by


async def test_a_spoc_is_covered_by_somebody_who_is_in_post_for_all_of_it(hub: Hub) -> None:
    for by, first, last in (("police-2", 0, 4), ("police-2", 2, 4), ("police-3", 2, 3)):
        with pytest.raises(Unfit, match=f"{by} is not in post on .*name somebody who is there for all of it"):
            await away(hub, "spoc", "police-1", by, first, last)
    assert await away(hub, "spoc", "police-1", "police-3", 0, 2) == "police-3"
    assert await away(hub, "spoc", "police-1", "police-2", 3, 9) == "police-2"


async def test_staff_are_covered_by_somebody_who_holds_a_role_for_all_of_it(hub: Hub) -> None:
    async with hub.database.transaction(hub.scope()) as tx:
        for member, until in (("officer-1", None), ("officer-2", NOW + timedelta(days=2))):
            await staff.put(tx, member, "", NOW)
            await staff.give(tx, member, Access(Role.SCREENING_OFFICER, NOW, until))
    with pytest.raises(Unfit, match="officer-2 is not in post on "):
        await away(hub, "staff", "officer-1", "officer-2", 0, 4)
    assert await away(hub, "staff", "officer-1", "officer-2", 0, 1) == "officer-2"
