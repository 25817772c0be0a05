"""A consultation says all that it lacks at once, and is none where somebody may be harmed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from exchange.case.step import CannotHappen
from exchange.desk.consulting import Consulting
from exchange.desk.given import Given, Unfit
from exchange.policy import Role, Viewer
from exchange.store.database import Database
from tests.desk.stands import NOW, HandClock, hub_of

ASKED = {"form": "child", "source": "2A", "topic": "neglect", "level": "2", "advice": "talk_to_family", "harm": "no"}


@pytest.fixture
async def consulting(database: Database, tmp_path: Path) -> AsyncIterator[Consulting]:
    async with hub_of(database, tmp_path, HandClock(NOW)) as hub:
        yield Consulting(hub, Viewer("duty-1", frozenset({Role.SCREENING_OFFICER})))


def given(**more: str) -> Given:
    return Given({name: (value,) for name, value in {**ASKED, **more}.items()})


async def test_all_that_is_missing_is_told_at_once_and_nothing_is_kept(consulting: Consulting) -> None:
    empty = Given({"form": ("child",)})
    with pytest.raises(Unfit) as told:
        await consulting.record(empty)
    assert set(told.value.faults) == {"source", "topic", "level", "advice", "harm"}
    assert await consulting.recorded() == []


async def test_level_four_is_no_consultation_and_harm_is_none_whatever_is_left_out(consulting: Consulting) -> None:
    with pytest.raises(Unfit, match="take it as a referral") as told:
        await consulting.record(given(level="4"))
    assert set(told.value.faults) == {"level"}
    with pytest.raises(CannotHappen, match="significant harm"):
        await consulting.record(Given({"form": ("child",), "harm": ("yes",)}))
    assert await consulting.recorded() == []
    assert (await consulting.record(given())).startswith("CONS")
    assert len(await consulting.recorded()) == 1
