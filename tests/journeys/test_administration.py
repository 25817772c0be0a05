"""Administration on pages: a change is seen before it holds, by two where somebody else would be written to."""

from __future__ import annotations

import html
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
import pytest_asyncio

from exchange.demo.stage import HUB_FILE, Stage, stage
from tests.journeys.test_who_may import PASSWORD, csrf, signed_in
from tests.ready import ready

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]
STAFF = {"admin-1": "hub_administrator", "manager-1": "hub_manager", "auditor-1": "auditor"}


@dataclass
class Hub:
    """A served hub, and who is signed in."""

    stage: Stage
    ada: httpx.AsyncClient  # administrator
    ben: httpx.AsyncClient  # manager
    eve: httpx.AsyncClient  # auditor


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Hub]:
    async with stage() as made:
        await ready(made)
        secret = made.folder / "password"
        secret.write_text(PASSWORD)
        for member, role in STAFF.items():
            await made.command("staff", "add", member, "--roles", role, "--password-file", str(secret))
        await made.serve()
        clients = [await signed_in(made.base_url, member) for member in STAFF]
        yield Hub(made, *clients)
        for client in clients:
            await client.aclose()


def filled(page: str) -> dict[str, str]:
    """What a form of the page would send as it stands: of the form with the base of a change."""
    form = next(part for part in page.split("<form")[1:] if 'name="base"' in part).partition("</form>")[0]
    inputs = {
        name[1]: html.unescape(value[1] if (value := re.search(r'value="([^"]*)"', tag)) else "")
        for tag in re.findall(r"<input[^>]*>", form)
        if (name := re.search(r'name="([^"]+)"', tag))
    }
    areas = re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL)
    return inputs | {name: html.unescape(text).removeprefix("\n") for name, text in areas}


async def sent(web: httpx.AsyncClient, path: str, **typed: str) -> httpx.Response:
    """A form of the administration, filled in and sent."""
    return await web.post(path, data=filled((await web.get(path)).text) | typed)


async def pressed(web: httpx.AsyncClient, path: str, button: str = "") -> httpx.Response:
    """A button of a page about one change."""
    token = csrf((await web.get(path)).text)
    return await web.post(path + button, data={"csrf": token})


async def test_another_telephone_of_a_mailbox_is_proposed_by_one_and_applied_by_another(hub: Hub) -> None:
    got = await sent(hub.ada, "/desk/admin/part/mailbox/police-1", telephone="01632 960118")
    change = got.headers["location"]
    page = (await hub.ada.get(change)).text
    assert "01632 960110 -&gt; 01632 960118" in page
    assert "Somebody other than you must look at it" in page
    assert "Apply it" not in page
    assert (await pressed(hub.ada, change)).status_code == 400
    assert "Changes that wait" in (await hub.ben.get("/desk/admin")).text
    assert (await pressed(hub.ben, change)).status_code == 303
    assert "Applied by manager-1" in (await hub.ben.get(change)).text
    assert "01632 960118" in (await hub.eve.get("/desk/admin/agencies")).text
    told = json.loads(await hub.stage.command("mailbox", "list", "--json"))
    assert {row["telephone"] for row in told if row["mailbox"] == "police-1"} == {"01632 960118"}
    kept = (await hub.eve.get("/desk/admin/file/hub.toml")).text
    assert "# Every key is explained in example.toml beside this file" in kept
    assert kept.replace("01632 960118", "01632 960110").replace("}]", " }]") == HUB_FILE.read_text()
    history = (await hub.eve.get("/desk/admin/history")).text
    assert "Mailbox changed" in history
    assert "01632 960118" not in history


async def test_hours_are_changed_by_one_and_faults_stand_at_their_fields(hub: Hub) -> None:
    path = "/desk/admin/part/calendar/calendar"
    wrong = await sent(hub.ada, path, hours="mon 17:00-09:00", closed="2026-13-01")
    assert wrong.status_code == 400
    assert 'href="#hours"' in wrong.text
    assert 'href="#closed"' in wrong.text
    assert "mon 17:00-09:00" in wrong.text  # what was typed is kept
    got = await sent(hub.ada, path, hours="always", closed="2031-12-24")
    assert (await pressed(hub.ada, got.headers["location"])).status_code == 303
    assert "24 December 2031" in (await hub.ada.get("/desk/admin/hub")).text
    again = await sent(hub.ada, path)
    assert "This changes nothing" in again.text


async def test_who_comes_second_is_told_and_keeps_what_was_typed(hub: Hub) -> None:
    path = "/desk/admin/part/hub/hub"
    early = filled((await hub.ada.get(path)).text)
    got = await sent(hub.ben, path, name="Fakeshire Front Door")
    assert (await pressed(hub.ben, got.headers["location"])).status_code == 303
    late = await hub.ada.post(path, data=early | {"duty_telephone": "01632 960198"})
    assert late.status_code == 400
    assert "Somebody else has changed the hub file since you began" in late.text
    assert "01632 960198" in late.text


async def test_an_agency_comes_and_goes(hub: Hub) -> None:
    given = {"id": "fire", "name": "Fakeshire Fire", "functions": "fire", "basis": "6(1)(e)",
             "address": "duty@fire.example", "transports": "openpgp", "telephone": "01632 960180"}  # fmt: skip
    got = await sent(hub.ada, "/desk/admin/new/agency", **given)
    assert (await pressed(hub.ben, got.headers["location"])).status_code == 303
    person = await sent(
        hub.ada, "/desk/admin/new/person?of=fire-1", name="Watch Manager Invented", since="2026-01-05"
    )
    assert (await pressed(hub.ada, person.headers["location"])).status_code == 303
    assert "Watch Manager Invented" in (await hub.ada.get("/desk/admin/agencies")).text
    refused = await hub.ada.post(
        "/desk/admin/part/agency/police/end", data=filled((await hub.ada.get("/desk/admin/part/agency/police")).text)
    )
    assert refused.status_code == 400  # a route names it
    assert "routes.1.agency" in refused.text
    page = (await hub.ada.get("/desk/admin/part/agency/fire")).text
    gone = await hub.ada.post("/desk/admin/part/agency/fire/end", data=filled(page))
    change = gone.headers["location"]
    assert "agency fire" in (await hub.ben.get(change)).text
    assert (await pressed(hub.ben, change, "/withdraw")).status_code == 303
    assert "Withdrawn by manager-1" in (await hub.ada.get(change)).text
    assert (await hub.ada.get("/desk/admin/part/agency/nobody")).status_code == 404
