"""Administration on pages: a change is seen before it holds, by two where somebody else would be written to."""

from __future__ import annotations

import html
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio

from exchange.demo.actors.gpg import Gpg
from exchange.demo.stage import HUB_FILE, CommandFailed, Stage, stage
from tests.journeys.test_who_may import PASSWORD, csrf, signed_in
from tests.ready import ready

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]
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
        made.environment["EXCHANGE_KEYS__HOLD"] = "86400"
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
    assert await hub.stage.command("hub", "show") == kept
    history = (await hub.eve.get("/desk/admin/history")).text
    assert "Mailbox changed" in history
    assert "01632 960118" not in history


async def test_a_way_that_would_be_lost_to_a_mailbox_is_said_before_anybody_applies_it(hub: Hub) -> None:
    got = await sent(hub.ada, "/desk/admin/part/mailbox/health-1", transports="pickup")
    change = got.headers["location"]
    page = html.unescape((await hub.ben.get(change)).text)
    assert "health-1 could not be reached by OpenPGP any more: only the pick-up page is left" in page
    assert "Letters to health-1 would wait on the pick-up page" in page
    assert "Nobody at health-1 would get a one-time code" in page
    assert page.index("would wait on the pick-up page") < page.index("Apply it")
    assert (await pressed(hub.ada, change, "/withdraw")).status_code == 303
    more = await sent(hub.ada, "/desk/admin/part/mailbox/health-1", transports="openpgp, tls")
    assert "could not be reached" not in (await hub.ben.get(more.headers["location"])).text
    assert (await pressed(hub.ada, more.headers["location"], "/withdraw")).status_code == 303
    file = hub.stage.folder / "fewer.toml"
    file.write_text((await hub.stage.command("hub", "show")).replace('["openpgp"]', '["pickup"]', 1))
    told = await hub.stage.command("hub", "apply", str(file), "--dry-run")
    assert "! Letters to police-1 would wait on the pick-up page" in told


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
    assert (await pressed(hub.ben, got.headers["location"])).status_code == 400  # it stands in every letter
    assert (await pressed(hub.ada, got.headers["location"])).status_code == 303
    late = await hub.ada.post(path, data=early | {"duty_telephone": "01632 960198"})
    assert late.status_code == 400
    assert "Somebody else has changed the hub file since you began" in late.text
    assert "01632 960198" in late.text


async def test_a_file_brought_by_command_takes_back_nothing_that_pages_changed_unless_it_says_so(hub: Hub) -> None:
    """Of the operator's copy from before: what it lacks is named, refused, and taken back only by the flag."""
    before, command = await hub.stage.command("hub", "show"), hub.stage.command
    file = hub.stage.folder / "operators.toml"
    file.write_text(before)
    await command("hub", "apply", str(file))
    path = "/desk/admin/part/hub/hub"
    for given in ({"drift": "36h"}, {"name": "Fakeshire Doorway"}):
        got = await sent(hub.ben, path, **given)
        assert (await pressed(hub.ada, got.headers["location"])).status_code == 303
    after = await command("hub", "show")
    file.write_text(before.replace("reminders = [0.5, 0.8, 1.0]", "reminders = [0.5, 1.0]"))
    with pytest.raises(CommandFailed) as refused:
        await command("hub", "apply", str(file))
    for told in ("would take back", "drift", "36h", "Fakeshire Doorway", "--over-pages"):
        assert told in str(refused.value), told
    assert "reminders" not in str(refused.value)
    assert "would take back" in await command("hub", "apply", str(file), "--dry-run")
    assert await command("hub", "show") == after
    file.write_text(after.replace("reminders = [0.5, 0.8, 1.0]", "reminders = [0.5, 1.0]"))  # theirs, and the pages'
    assert "reminders" in await command("hub", "apply", str(file))
    got = await sent(hub.ben, path, drift="48h")
    assert (await pressed(hub.ben, got.headers["location"])).status_code == 303
    assert "drift" in await command("hub", "apply", str(file), "--over-pages")
    assert "nothing to change" in await command("hub", "apply", str(file))
    file.write_text(before)
    await command("hub", "apply", str(file))


async def test_rotas_records_and_clocks_have_pages_and_the_law_is_not_weakened(hub: Hub) -> None:
    start = (await hub.eve.get("/desk/admin")).text
    assert all(f'"/desk/admin/{page}"' in start for page in ("rota", "retention", "clocks"))
    turn = await sent(
        hub.ada, "/desk/admin/new/turn?of=police-1", spoc="police-1-1", days="mon, tue", hours="08:00-16:00"
    )
    assert (await pressed(hub.ada, turn.headers["location"])).status_code == 303
    assert "Monday, Tuesday" in (await hub.eve.get("/desk/admin/rota")).text
    nobody = await sent(hub.ada, "/desk/admin/part/turn/police-1-1", spoc="nobody")
    assert (nobody.status_code, 'href="#spoc"' in nobody.text) == (400, True)
    kept = await sent(hub.ada, "/desk/admin/new/keep", record="nfa", keep="6y", **{"from": "closed"})
    assert (await pressed(hub.ada, kept.headers["location"])).status_code == 303
    page = (await hub.eve.get("/desk/admin/retention")).text
    assert "6 years" in page
    page = (await hub.eve.get("/desk/admin/clocks")).text
    assert "15 working days" in page
    assert "A clock that binds can be made shorter here, and never longer" in page
    slower = await sent(hub.ada, "/desk/admin/part/clocks/clocks", icpc="20wd")
    assert slower.status_code == 400
    assert 'href="#icpc"' in slower.text
    assert "lower than the statute" in slower.text
    assert 'value="20wd"' in slower.text
    sooner = await sent(hub.ada, "/desk/admin/part/clocks/clocks", icpc="10wd")
    assert (await pressed(hub.ada, sooner.headers["location"])).status_code == 303
    assert "10 working days" in (await hub.eve.get("/desk/admin/clocks")).text
    gone = await sent(hub.ada, "/desk/admin/part/clocks/clocks", icpc="")
    assert (await pressed(hub.ada, gone.headers["location"])).status_code == 303
    assert "[clocks]" not in (await hub.eve.get("/desk/admin/file/hub.toml")).text
    assert (await hub.eve.get("/desk/admin/part/clocks/clocks")).status_code == 404  # an auditor changes nothing


async def test_a_program_changes_the_hub_under_the_same_rules(hub: Hub) -> None:
    """By tokens of two members: what one proposes the other applies, where it changes whom something is sent to."""
    tokens = {
        member: (await hub.stage.command("token", "add", member, "--roles", role, "--staff", member)).strip()
        for member, role in (("admin-1", "hub_administrator"), ("manager-1", "hub_manager"))
    }
    tokens["nobody"] = (await hub.stage.command("token", "add", "nobody", "--roles", "hub_manager")).strip()
    base = f"{hub.stage.base_url}/api/v1/hub"
    ada, ben, nobody = (
        httpx.AsyncClient(headers={"Authorization": f"Bearer {tokens[who]}"}, timeout=60)
        for who in ("admin-1", "manager-1", "nobody")
    )
    asked = {"part": "mailbox", "which": "health-1", "values": {"telephone": "01632 960128"}}
    told = (await nobody.post(f"{base}/changes", json=asked)).json()
    assert (told["status"], "--staff ID" in told["detail"]) == (409, True)
    made = await ada.post(f"{base}/changes", json=asked)
    assert made.status_code == 201, made.text
    change = made.json()
    assert (change["needs_a_second_person"], change["state"]) == (True, "waits")
    assert "01632 960128" in change["lines"][0]
    assert change["change"] in {one["change"] for one in (await ben.get(f"{base}/changes")).json()["changes"]}
    path = f"{base}/changes/{change['change']}"
    assert (await ada.post(f"{path}/apply")).status_code == 409
    applied = await ben.post(f"{path}/apply")
    assert (applied.status_code, applied.json()["state"], applied.json()["ended_by"]) == (200, "applied", "manager-1")
    assert (await ben.post(f"{path}/withdraw")).status_code == 409
    in_force = (await ada.get(base)).json()
    assert "01632 960128" in in_force["text"]
    for body, status, said in (
        ({"part": "mailbox", "which": "nobody", "values": {}}, 400, "no such part"),
        ({"part": "mailbox", "which": "health-1", "values": {"tel": "1"}}, 400, "no such keys"),
        (
            {"part": "mailbox", "which": "health-1", "values": {"address": "no address"}},
            400,
            "agencies.health.mailbox",
        ),
        ({"text": in_force["text"], "base": "0" * 64}, 409, "Somebody else has changed"),
        ({"text": in_force["text"]}, 409, "Somebody else has changed"),
        (in_force, 409, "changes nothing"),
        ({}, 400, "part, which and values"),
    ):
        got = await ada.post(f"{base}/changes", json=body)
        assert (got.status_code, said in got.text) == (status, True), (body, got.text)
    assert (await ada.get(f"{base}/changes/nowhere")).status_code == 404
    for client in (ada, ben, nobody):
        await client.aclose()


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


async def routed(hub: Hub, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await hub.stage.command("route", *arguments, "--json"))
    return found


async def test_who_would_be_asked_what_is_told_by_command_and_page_and_nothing_is_kept(hub: Hub) -> None:
    before = await hub.stage.command("outstanding", "--json")
    found = await routed(hub, "--age", "school", "--age", "under_5", "--protected", "--keep-from", "health")
    asked = {row["agency"]: row for row in found["asked"]}
    assert set(asked) == {"police", "social_care", "education"}
    assert (asked["police"]["mailbox"], asked["police"]["transport"], asked["police"]["rows"]) == (
        "police-1", "openpgp", [1],
    )  # fmt: skip
    assert asked["education"]["subjects"] == ["s1"]  # a sibling too young for school is not its business
    assert "s1.postcode" in asked["social_care"]["kept_back"]
    assert "s1.postcode" not in asked["social_care"]["fields"]
    assert {"agency": "health", "why": "it must not see the case"} in found["not_asked"]
    refused = await routed(hub, "--form", "adult", "--refuses")
    assert (refused["asked"], refused["waits_for"][0]["task"]) == ([], "refusal")
    other = hub.stage.folder / "other.toml"
    text = (await hub.eve.get("/desk/admin/file/hub.toml")).text
    other.write_text(text.replace('transports = ["openpgp"]', 'transports = ["pickup"]'))
    held = await routed(hub, "--profile", str(other))
    assert {row["held"] for row in held["asked"]} == {"no_sender"}
    assert "gets: " in await hub.stage.command("route", "--age", "school")
    assert await hub.stage.command("outstanding", "--json") == before

    form = (await hub.eve.get("/desk/admin/routes/try")).text
    given = {"csrf": csrf(form), "form": "child", "age": ["school", "under_5"], "role": "at_risk",
             "referrer": "public", "rating": "red"}  # fmt: skip
    page = html.unescape((await hub.eve.post("/desk/admin/routes/try", data=given)).text)
    assert "To police-1 by OpenPGP, about s1, s2." in page
    assert "holds what is known of the household" in page
    wrong = await hub.eve.post("/desk/admin/routes/try", data=given | {"reference": "MASH-0000-0000"})
    assert (wrong.status_code, "no case of this reference" in wrong.text) == (400, True)


async def test_the_record_is_read_checked_and_taken_out_and_that_it_was_is_in_it(hub: Hub) -> None:
    assert (await hub.ada.get("/desk/admin/audit")).status_code == 404  # status, not what people did
    page = (await hub.eve.get("/desk/admin/audit?kind=Denied&by=admin-1")).text
    assert "read_audit" in page
    assert "Profile applied" not in page.partition("<table")[2]
    again = (await hub.eve.get("/desk/admin/audit?kind=AuditRead")).text
    assert "auditor-1" in again
    token = csrf(again)
    checked = (await hub.eve.post("/desk/admin/audit", data={"csrf": token})).text
    assert "It holds: " in checked
    head = await hub.stage.command("audit", "head")
    assert "It holds: " in (await hub.eve.post("/desk/admin/audit", data={"csrf": token, "head": head})).text
    other = re.sub(r"[0-9a-f]{64}", "0" * 64, head)
    assert "It does not hold" in (await hub.eve.post("/desk/admin/audit", data={"csrf": token, "head": other})).text
    wrong = await hub.eve.post("/desk/admin/audit", data={"csrf": token, "head": "nothing"})
    assert (wrong.status_code, "This holds no head" in wrong.text) == (400, True)
    odd = await hub.eve.get("/desk/admin/audit?since=yesterday&page=many")
    assert odd.status_code == 400
    sheet = await hub.eve.post("/desk/admin/audit/export", data={"csrf": token, "kind": "StaffAdded"})
    assert sheet.headers["content-type"] == "text/csv; charset=utf-8"
    assert sheet.text.count("StaffAdded") == sum(1 for _ in STAFF) + 2  # and those who keep the keys
    log = json.loads(await hub.stage.command("audit", "log", "access", "--json"))
    assert {"AuditRead", "AuditVerified", "AuditExported"} <= {line["what"] for line in log}


async def test_a_certificate_is_brought_proved_and_retired_at_the_desk_by_named_people(hub: Hub) -> None:
    with Gpg() as nurse:
        fingerprint = nurse.make_key("Nurse", "safeguarding@health.example", "400d")
        armored = nurse.export("safeguarding@health.example")
    new = "/desk/directory/keys/new"
    token = csrf((await hub.ada.get(new)).text)
    assert "Bring an agency" in (await hub.ada.get("/desk/directory")).text

    async def bring(data: dict[str, str], file: bytes | None = None) -> httpx.Response:
        files = {"file": ("nurse.asc", file)} if file is not None else {"file": ("", b"")}
        return await hub.ada.post(new, data={"csrf": token, **data}, files=files)

    for data, file, told in (
        ({"whose": "health-1"}, None, "Choose the file of the certificate"),
        ({}, armored, "Choose whose certificate it is"),
        ({"whose": "health-1", "text": armored.decode()}, armored, "one certificate at a time"),
        ({"whose": "health-1"}, b"a shopping list", "Health-1: "),
        ({"whose": "police-1"}, armored, "written to at safeguarding@police.example"),
    ):
        refused = await bring(data, file)
        assert (refused.status_code, told in html.unescape(refused.text)) == (400, True), told
    got = await bring({"whose": "health-1"}, armored)
    mine = got.headers["location"]
    assert mine.startswith("/desk/directory/key/")
    page = (await hub.ada.get(mine)).text
    assert (
        fingerprint[-8:].lower() not in f"{mine} {page}".lower()
    )  # what is heard is written down, not what stands here
    assert f'href="{mine}"' in (await hub.ada.get("/desk/directory/mailbox/health-1")).text
    for who in (hub.ada, hub.ben):
        assert (await who.post(mine, data={"csrf": csrf((await who.get(mine)).text), "read_back": fingerprint})
                ).status_code == 303  # fmt: skip
    page = (await hub.ada.get(mine)).text
    assert "Proved. Used from" in page  # it takes another's place, and waits
    assert (await hub.ada.post(f"{mine}/retire", data={"csrf": csrf(page)})).status_code == 400
    await hub.ada.post(f"{mine}/retire", data={"csrf": csrf(page), "sure": "yes"})
    assert (await hub.ada.get(mine)).status_code == 404
    other = (hub.stage.people["health"].gpg or nurse).fingerprint("safeguarding@health.example")
    await hub.stage.command("key", "retire", other, "--as", "manager-1")
    with pytest.raises(CommandFailed, match="nobody is a member of staff"):
        await hub.stage.command("key", "retire", other, "--as", "nobody-1")
    lines = json.loads(await hub.stage.command("audit", "log", "directory", "--json"))
    said = [(line["what"], line["by"]) for line in lines if fingerprint in line["about"] or other in line["about"]]
    assert said[-6:] == [
        ("CertificatePinned", "admin-1"), ("CertificateConfirmed", "admin-1"), ("CertificateConfirmed", "manager-1"),
        ("CertificateProved", "manager-1"), ("CertificateRetired", "admin-1"), ("CertificateRetired", "manager-1"),
    ]  # fmt: skip


async def test_own_words_are_tried_proposed_and_stand_in_the_letter(hub: Hub) -> None:
    assert "Own words" in (await hub.eve.get("/desk/admin/letters")).text
    for name in re.findall(r'href="/desk/admin/letters/(\w+)"', (await hub.eve.get("/desk/admin/letters")).text):
        assert (await hub.eve.get(f"/desk/admin/letters/{name}")).status_code == 200, name
    path = "/desk/admin/letters/receipt"
    assert "Cyfeirnod" in (await hub.eve.get(f"{path}?language=cy")).text  # Reference
    tried = await sent(hub.ada, path, closing="Help in {telephone} {{7*7}} <b>", do="try")
    assert "Help in 01632 960100 {{7*7}} &lt;b&gt;" in tried.text
    wrong = await sent(hub.ada, path, closing="x" * 601)
    assert (wrong.status_code, "601 characters long" in wrong.text) == (400, True)
    got = await sent(hub.ada, path, closing="Easy read on request.")
    assert (await pressed(hub.ben, got.headers["location"])).status_code == 303
    assert "Easy read on request." in (await hub.eve.get(path)).text
    assert "[letters.receipt]" in (await hub.eve.get("/desk/admin/file/hub.toml")).text
    assert (await hub.eve.get("/desk/admin/letters/nonsense")).status_code == 404


async def test_somebody_is_let_in_for_some_days_and_nobody_lets_themselves_do_more(hub: Hub) -> None:
    path = "/desk/admin/staff"
    assert (await hub.eve.get(path)).status_code == 404
    token = csrf((await hub.ada.get(f"{path}/new")).text)

    async def post(web: httpx.AsyncClient, to: str, **data: str | list[str]) -> httpx.Response:
        return await web.post(f"{path}/{to}", data={"csrf": csrf((await web.get("/desk/sign-out")).text), **data})

    page = (await hub.ada.get(f"{path}/new")).text
    assert 'value="auditor"' not in page  # what sees content is the hub manager's to give
    assert (await hub.ada.post(f"{path}/new", data={"csrf": token, "staff": "duty-9", "role": ["auditor"]})
            ).status_code == 400  # fmt: skip
    for data, told in (
        ({"role": ["analyst"]}, "Write the staff"),
        ({"staff": "duty-9"}, "Choose at least one role"),
        ({"staff": "manager-1", "role": ["analyst"]}, "Somebody is here under this id"),
        ({"staff": "operator", "role": ["analyst"]}, "a name of the exchange"),
        ({"staff": "duty-9", "role": ["analyst"], "until": "2020-01-01"}, "a last day that is not over"),
    ):
        refused = await post(hub.ada, "new", **data)
        assert (refused.status_code, told in html.unescape(refused.text)) == (400, True), told
    made = await post(hub.ben, "new", staff="duty-9", role=["screening_officer", "analyst"], password="yes")
    password = re.search(r'class="app-code"[^>]*>([^<]+)<', made.text)
    assert password
    nine = httpx.AsyncClient(base_url=hub.stage.base_url, timeout=60)
    form = {"csrf": csrf((await nine.get("/desk/sign-in")).text), "member": "duty-9", "password": password[1]}
    assert (await nine.post("/desk/sign-in", data=form)).status_code == 303
    assert (await nine.get("/desk")).status_code == 200
    given = await post(hub.ben, "duty-9/give", role="chair", since="2031-01-01", until="2031-01-31")
    assert given.status_code == 303
    text = (await hub.ben.get(f"{path}/duty-9")).text
    assert "31 January 2031" in text
    assert "last used" in text
    assert (await post(hub.ben, "duty-9/take", role="analyst")).status_code == 303
    assert (await post(hub.ben, "duty-9/take", role="analyst")).status_code == 400
    assert (await post(hub.ada, "duty-9/leave", sure="yes")).status_code == 400  # they read content: a manager's
    assert (await post(hub.ben, "manager-1/give", role="chair")).status_code == 400  # oneself
    assert (await post(hub.ben, "duty-9/sign-out")).status_code == 303
    assert (await nine.get("/desk")).status_code == 303
    anew = await post(hub.ben, "duty-9/anew")
    assert password[1] not in anew.text
    assert "shown this once" in anew.text
    assert (await post(hub.ben, "duty-9/leave")).status_code == 400
    assert (await post(hub.ben, "duty-9/leave", sure="yes")).status_code == 303
    assert "duty-9" in (await hub.ben.get(path)).text.partition("Have left")[2]
    assert (await hub.ben.get(f"{path}/duty-9")).status_code == 404
    await nine.aclose()
