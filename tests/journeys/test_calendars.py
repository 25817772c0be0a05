"""An operator keeps the bank holidays current: lists, takes a newer list, and new cases go by it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from exchange import app, calendars, config
from exchange.demo.stage import HUB_FILE, CommandFailed, Stage, stage
from tests.ready import ready

ALWAYS = 'hours = "always"'
OFFICE = 'holidays = "england-wales"\nhours = { mon = "09:00-17:00", tue = "09:00-17:00", fri = "09:00-16:30" }'


@dataclass(frozen=True)
class At:
    """A clock that stands still."""

    moment: datetime

    def now(self) -> datetime:
        """Always the same."""
        return self.moment


def newer(years: range) -> dict[str, Any]:
    """A list as gov.uk publishes it, with days nobody could mistake for the real ones."""
    days = [f"{year}-{month:02}-0{day}" for year in years for month in (2, 4, 6, 9) for day in (3, 5)]
    events = [{"title": "Made-up day", "date": day, "notes": "", "bunting": False} for day in days]
    return {"england-and-wales": {"division": "england-and-wales", "events": events}}


@pytest.fixture
async def hub(database_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """A hub whose file still writes the older name of its calendar."""
    hub_file = tmp_path / "hub.toml"
    text = HUB_FILE.read_text()
    assert ALWAYS in text
    hub_file.write_text(text.replace(ALWAYS, OFFICE))
    async with stage() as made:
        await ready(made, hub_file, database=database_url)
        yield made


async def test_a_newer_list_is_taken_once_and_holds_for_new_cases(hub: Stage, tmp_path: Path) -> None:
    listed = json.loads(await hub.command("calendar", "list", "--json"))
    assert {(c["calendar"], c["until"], c["in_use"]) for c in listed} == {
        ("england-and-wales", "2028-12-31", True),
        ("northern-ireland", "2028-12-31", False),
        ("scotland", "2028-12-31", False),
    }
    assert "2026-06-15  World Cup bank holiday" in await hub.command("calendar", "show", "scotland")
    published = tmp_path / "bank-holidays.json"
    published.write_text(json.dumps(newer(range(2028, 2031))))
    said = (await hub.command("calendar", "update", str(published))).splitlines()
    assert "+ england-and-wales 2030-09-05 Made-up day" in said
    assert "- england-and-wales 2028-12-25 Christmas Day" in said
    assert said[-1] == "in force for new cases of fakeshire"
    assert await hub.command("calendar", "update", str(published)) == "nothing to change\n"
    assert await hub.command("hub", "apply", str(tmp_path / "hub.toml")) == "nothing to change\n"
    assert "2030-02-03" in json.loads(await hub.command("calendar", "show", "england-and-wales", "--json"))
    published.write_text("<html>")
    for file, why in ((published, "not JSON"), (tmp_path / "none.json", "No such file")):
        with pytest.raises(CommandFailed, match=why):
            await hub.command("calendar", "update", str(file))
    published.write_text(json.dumps(newer(range(2027, 2030))))
    with pytest.raises(CommandFailed, match="an older list"):
        await hub.command("calendar", "update", str(published))
    with pytest.raises(CommandFailed, match="no such calendar: use england-and-wales, northern-ireland, scotland"):
        await hub.command("calendar", "show", "atlantis")


@pytest.mark.long
async def test_the_hub_file_names_its_calendar_and_prints_what_changes(hub: Stage, tmp_path: Path) -> None:
    hub_file = tmp_path / "hub.toml"
    text = hub_file.read_text()
    closing = 'closed = [2027-01-04]\ndates = { 2027-03-25 = "09:00-12:30" }\nholidays = "scotland"'
    text = text.replace('holidays = "england-wales"', closing)
    hub_file.write_text(text)
    with pytest.raises(CommandFailed, match=r'calendar\.holidays: "scotland": not those of england-wt2026'):
        await hub.command("hub", "apply", str(hub_file))
    hub_file.write_text(text.replace('statute = "england-wt2026"', 'statute = "scotland"'))
    said = (await hub.command("hub", "apply", str(hub_file))).splitlines()
    assert "~ calendar holidays england-and-wales -> scotland" in said
    assert "~ statute of the hub nation england -> scotland" in said
    assert "- clock icpc" in said
    assert "+ closed 2027-01-04" in said
    assert "+ hours 2027-03-25 09:00-12:30" in said
    assert "+ holiday 2027-11-30" in said
    assert "- holiday 2027-03-29" in said
    assert await hub.command("hub", "apply", str(hub_file)) == "nothing to change\n"


@pytest.mark.long
async def test_an_operator_is_warned_ninety_days_before_the_days_run_out(hub: Stage) -> None:
    settings = config.read(hub.folder / "hub" / "exchange.toml")
    for day, warned in ((datetime(2028, 10, 1, tzinfo=UTC), False), (datetime(2028, 10, 2, tzinfo=UTC), True)):
        async with app.opened(settings, At(day)) as exchange:
            told = await calendars.warnings(exchange)
            assert [("known until 2028-12-31 only" in line) for line in told] == [True] * warned
            rows = await calendars.listed(exchange)
            assert [bool(row["warning"]) for row in rows] == [warned] * 3
