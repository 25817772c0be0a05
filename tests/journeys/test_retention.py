"""Ten years on: what is due is listed, held, and destroyed by a records officer, through the commands and the desk.

The record is made with a clock that stands in 2016, and everything after it is done today, from outside.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from exchange import app, config
from exchange.demo.actors.web_client import WebClient
from exchange.demo.stage import CommandFailed, Stage, stage
from exchange.safe import Forgotten
from exchange.store import casebook
from keys.vault import bound_data
from tests.desk.stands import HandClock, closed_case
from tests.journeys.test_desk import PASSWORD
from tests.ready import ready, token_of

pytestmark = pytest.mark.timeout(300)  # several commands, each a program of its own
STAFF = {"manager-1": "hub_manager", "records-1": "records_officer"}


@pytest.fixture
async def hub(database_url: str) -> AsyncIterator[Stage]:
    """A served hub on each kind of database, with a record of 2016 in it."""
    async with stage() as made:
        await ready(made, database=database_url)
        secret = made.folder / "password"
        secret.write_text(PASSWORD)
        for member, role in STAFF.items():
            await made.command("staff", "add", member, "--roles", role, "--password-file", str(secret))
        yield made


async def long_ago(hub: Stage) -> tuple[str, str]:
    """(id, reference) of a case of siblings that was closed in 2016."""
    async with app.opened(settings(hub), HandClock()) as exchange:
        lodged = await closed_case(exchange.hub)
    return lodged.case_id, lodged.reference


def settings(hub: Stage) -> config.Settings:
    return config.read(Path(hub.environment["EXCHANGE_CONFIG"]))


async def readable(hub: Stage, case: str, found: config.Settings) -> dict[str, bool]:
    """What of each subject and the shared part a database holds, and whether today's key store opens it."""
    told: dict[str, bool] = {}
    async with app.opened(found) as exchange, exchange.hub.database.reading(exchange.hub.scope()) as tx:
        for body in await casebook.bodies(tx, case):
            try:
                await exchange.hub.safe.open(body.blob, bound_data("fakeshire", case, body.event, body.name))
            except Forgotten:
                told[body.name] = False
            else:
                told[body.name] = True
    return told


async def at_the_desk(hub: Stage, member: str) -> WebClient:
    web = WebClient(hub.base_url)
    await web.submit(await web.get("/desk/sign-in"), member=member, password=PASSWORD)
    return web


async def test_a_record_is_offered_held_and_destroyed_and_no_copy_of_the_database_brings_it_back(hub: Stage) -> None:
    case, reference = await long_ago(hub)
    copy = hub.folder / "old.db"
    kind, _, file = settings(hub).database.partition(":///")
    if kind == "sqlite+aiosqlite":
        shutil.copy(file, copy)
    await hub.serve("web")
    listed = json.loads(await hub.command("retention", "list", "--json"))
    assert [(row["reference"], row["part"], row["held"]) for row in listed] == [(reference, "s1", "due")]
    assert listed[0]["rule"] == "nfa 6y from last_contact"
    assert "1 cases wait for a records officer" in await hub.command("retention", "sweep")
    officer, manager = await at_the_desk(hub, "records-1"), await at_the_desk(hub, "manager-1")
    assert "The record has been kept as long as it may be" in (await officer.get("/desk")).text

    page = await manager.submit(await manager.get(f"/desk/case/{reference}"), "/hold", why="court", reason="an order")
    assert "Held: nothing of it may be destroyed" in page.text
    assert "nothing" in await hub.command("retention", "dispose", "--by", "records-1")
    page = await officer.get(f"/desk/case/{reference}")
    await officer.submit(page, "/lift_hold", why="court", reason="over")
    for nobody in ("manager-1", "stranger"):
        with pytest.raises(CommandFailed, match="records officer"):
            await hub.command("retention", "dispose", "--by", nobody)
    assert reference in await hub.command("retention", "dispose", "--by", "records-1", "--dry-run")
    assert (await readable(hub, case, settings(hub)))["subject:s1"]

    assert reference in await hub.command("retention", "dispose", "--by", "records-1")
    page = await manager.get(f"/desk/case/{reference}")
    assert "Canary-mina" not in page.text
    assert "Canary-bo" in page.text
    assert "Disposed of: Subject 1" in page.text
    for name, found in ((("Canary-mina", "Inventa"), False), (("Canary-bo", "Bogus"), True)):
        form = await manager.get("/desk/search")
        page = await manager.submit(form, "/desk/search", given_name=name[0], family_name=name[1])
        assert (reference in page.text) is found
    assert (await hub.command("audit", "verify")).startswith("holds")
    assert "nothing" in await hub.command("retention", "list")
    now = await readable(hub, case, settings(hub))
    assert "subject:s1" not in now
    assert now["subject:s2"]
    if copy.exists():  # the old database beside the new key store
        old = replace_database(settings(hub), copy)
        before = await readable(hub, case, old)
        assert (before["subject:s1"], before["subject:s2"], before["referral"]) == (False, True, True)


async def program(hub: Stage, role: str) -> httpx.AsyncClient:
    """A member's own program."""
    token = await token_of(hub, role, role, f"{role}-9")
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(base_url=f"{hub.base_url}/api/v1", headers=headers, timeout=60)


async def test_a_records_officers_program_holds_and_disposes_as_the_desk_does(hub: Stage) -> None:
    case, reference = await long_ago(hub)
    await hub.serve("web")
    async with await program(hub, "records_officer") as officer, await program(hub, "hub_manager") as manager:
        about, over = f"/cases/{reference}", {"why": "inquiry", "reason": "over"}
        held = await officer.post(f"{about}/hold", json={"why": "inquiry", "reason": "asked for"})
        assert held.status_code == 200, held.text
        refused = await officer.post(f"{about}/dispose", json={})
        assert (refused.status_code, "hold" in refused.text) == (409, True)
        assert (await readable(hub, case, settings(hub)))["subject:s1"]
        assert (await manager.post(f"{about}/lift_hold", json=over)).status_code == 404
        lifted = await officer.post(f"{about}/lift_hold", json=over)
        assert lifted.status_code == 200, lifted.text
        assert (await manager.post(f"{about}/dispose", json={})).status_code == 404
        gone = await officer.post(f"{about}/dispose", json={})
        assert gone.status_code == 200, gone.text
        told = (await officer.get(about)).json()["case"]
        assert [d["parts"] for d in told["disposals"]] == [["s1", "transport"]]
        assert (await officer.post(f"{about}/dispose", json={})).status_code == 409
    now = await readable(hub, case, settings(hub))
    assert "subject:s1" not in now
    assert now["subject:s2"]


def replace_database(found: config.Settings, file: Path) -> config.Settings:
    return found.model_copy(update={"database": f"sqlite+aiosqlite:///{file}"})
