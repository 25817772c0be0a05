"""What cannot be so is said at once, at the value it is about, while whoever wrote it can still ask."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from exchange.case.referral import read
from exchange.case.state import Case
from exchange.contacting import Contact, lodge, referrer_from
from exchange.desk import Desk
from exchange.desk.acts import perform
from exchange.desk.counting import not_counted, uncounted
from exchange.desk.given import Given, Unfit
from exchange.hub import Hub
from exchange.policy import Role, Viewer
from exchange.store.database import Database
from tests.desk.stands import NOW, SIBLINGS, HandClock, hub_of, with_directory

MANAGER = Viewer("manager-1", frozenset({Role.HUB_MANAGER}))


@pytest.fixture
async def hub(database: Database, tmp_path: Path) -> AsyncIterator[Hub]:
    async with hub_of(database, tmp_path, HandClock(NOW)) as made:
        await with_directory(made)
        yield made


@pytest.fixture
async def case(hub: Hub) -> str:
    told = read(SIBLINGS)
    return (await lodge(hub, Contact("web", True, referrer_from(told), told), "web:1")).case_id


async def act(hub: Hub, case: str, name: str, /, **given: str) -> Case:
    values = Given({key.replace("__", "."): (value,) for key, value in given.items()})
    return await perform(Desk(hub, MANAGER), name, case, values, f"{name}:{sorted(given.items())}")


async def test_a_strategy_discussion_is_met_by_its_record_and_by_nobodys_word_alone(hub: Hub, case: str) -> None:
    await act(hub, case, "rate", subject="s2", rating="red", reason="r")
    decided = {"subject": "s2", "decision": "section_47", "reason": "r", "voice": "heard", "without_checks": "yes"}
    await act(hub, case, "decide", **decided)
    with pytest.raises(Unfit, match=r"Record the discussion itself.*held elsewhere.*telephoned") as refused:
        await act(hub, case, "clock_met", subject="s2", clock="strategy_discussion", reason="x")
    assert refused.value.name == "clock"
    there = {f"mode__{agency}": "in_person" for agency in ("social_care", "police", "health")}
    began = "2026-11-24T10:00Z"
    after = await act(hub, case, "telephoned", subjects="s2", started=began, words="Held at the council", **there)
    clocks = {m.name: m for m in after.subjects[1].milestones}
    assert clocks["strategy_discussion"].progress == "met"
    assert (clocks["icpc"].progress, clocks["icpc"].started_at) == ("running", NOW)


async def test_a_nil_return_by_telephone_that_does_not_count_says_so(hub: Hub, case: str) -> None:
    caller = {"name": "Fay Fiction", "checked": "rang back", "answer": "nothing_known"}
    leg = (await Desk(hub, MANAGER).case((await act(hub, case, "rate", subject="s1", rating="amber", reason="r"))
           .reference)).legs[0]  # fmt: skip
    after = await act(hub, case, "answered", leg=leg.id, systems="all", **caller)
    found = after.leg(leg.id)
    assert found
    assert found.unqualified
    assert not_counted(found).startswith("This nil return does not count yet: it does not say ")
    by_call = {"about": leg.id, "reached": "yes", **caller}
    after = await act(hub, case, "rang", **by_call)
    assert uncounted("rang", Given({name: (value,) for name, value in by_call.items()}), after) == after.leg(leg.id)
    assert uncounted("rang", Given({"about": (leg.id,), "reached": ("no",)}), after) is None
    assert isinstance(hub.clock, HandClock)
    hub.clock.at += timedelta(minutes=5)
    how = {"systems": "all", "identifiers": "name", "searched": "2026-11-24"}
    after = await act(hub, case, "answered", leg=leg.id, **how, **caller)
    assert uncounted("answered", Given({"leg": (leg.id,), "answer": ("nothing_known",)}), after) is None


@pytest.mark.parametrize(
    ("name", "given", "where", "told"),
    [
        ("challenge", {"name": "Pat", "checked": "c", "words": "No", "telephone": "1"}, "telephone", "whole"),
        ("sort", {"into": "out_of_area", "reason": "r"}, "about", "which area"),
        ("add_subject", {"unborn": "yes", "expected_date": "2020-01-01", "worry": "w", "reason": "r"},
         "expected_date", "date of birth instead"),
        ("add_subject", {"unborn": "yes", "expected_date": "2031-02-14", "worry": "w", "reason": "r"},
         "expected_date", "42 weeks away: check the year"),
        ("add_subject", {"unborn": "yes", "date_of_birth": "2016-03-27", "worry": "w", "reason": "r"},
         "date_of_birth", "leave it out"),
        ("correct_subject", {"subject": "s1", "unborn": "yes", "reason": "r"}, "date_of_birth", "leave it out"),
    ],
)  # fmt: skip
async def test_what_cannot_be_so_is_refused_where_it_was_written(
    hub: Hub, case: str, name: str, given: dict[str, str], where: str, told: str
) -> None:
    with pytest.raises(Unfit, match=told) as refused:
        await act(hub, case, name, **given)
    assert refused.value.name == where


async def test_no_further_action_takes_no_specialist_route(hub: Hub, case: str) -> None:
    await act(hub, case, "rate", subject="s2", rating="red", reason="r")
    with pytest.raises(ValueError, match=r"takes no route: leave out .*decide on another outcome"):
        await act(hub, case, "decide", subject="s2", decision="nfa", routes="lado", reason="r", voice="heard",
                  without_checks="yes")  # fmt: skip
