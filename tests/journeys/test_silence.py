"""Silence over real mail: reminders that wait for hours, the digest, the ladder to the board, a call with its script,
and the duty team, from outside."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from exchange.demo.actors.web_client import WebClient
from exchange.demo.stage import AGENCIES, HUB_FILE, CommandFailed, Stage, stage
from tests.journeys.test_by_mail import CANARIES, REFERRAL
from tests.journeys.test_desk import PASSWORD
from tests.ready import ready

pytestmark = pytest.mark.timeout(400)  # several commands, each a program of its own
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CONTROL, LEAD = "control@police.example", "lead@police.example"


def hub_file(folder: Path) -> Path:
    """The demo's hub, shut today and tomorrow; the police are always there, social care is being read just now."""
    now = datetime.now(ZoneInfo("Europe/London"))
    other = DAYS[(now.weekday() + 3) % 7]
    begins, ends = max(0, now.hour - 8), min(23, now.hour + 8)
    window = f'"{begins:02}:00-{ends:02}:59"'
    text = HUB_FILE.read_text().replace('hours = "always"', f'hours = {{ {other} = "09:00-17:00" }}', 1)
    text = text.replace("[agencies.police.mailbox]", '[[agencies.police.mailbox]]\nhours = "always"')
    reading = ", ".join(f"{day} = {window}" for day in DAYS)
    care = "[agencies.social_care.mailbox]"
    text = text.replace(care, f"{care}\nhours = {{ {reading} }}")
    text = text.replace('step = "10s"', 'step = "3s"\ncall_again = "4s"\nduty_again = "5s"', 1)
    text += f"""
[[agencies.police.mailbox]]
id = "police-control"
address = "{CONTROL}"
transports = ["openpgp"]
telephone = "01632 960112"
role = "deputy"
hours = "always"

[[agencies.police.mailbox]]
id = "police-lead"
address = "{LEAD}"
transports = ["openpgp"]
telephone = "01632 960113"
role = "lead"
hours = "always"
"""
    made = folder / "silence.toml"
    made.write_text(text)
    return made


@pytest.fixture
async def hub(database_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """A hub on each kind of database, with somebody at the desk; its workers are started by the test."""
    async with stage() as made:
        await ready(made, hub_file(tmp_path), database_url)
        secret = made.folder / "password"
        secret.write_text(PASSWORD)
        for member, role in {"manager-1": "hub_manager", "duty-1": "screening_officer"}.items():
            await made.command("staff", "add", member, "--roles", role, "--password-file", str(secret))
        yield made


async def program(hub: Stage) -> httpx.AsyncClient:
    token = (await hub.command("token", "add", "desk", "--roles", "hub_manager", "--staff", "manager-1")).strip()
    return httpx.AsyncClient(
        base_url=f"{hub.base_url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=60
    )


async def refer(api: httpx.AsyncClient, danger: str = "no") -> str:
    data = {**REFERRAL, "concern": {**REFERRAL["concern"], "immediate_danger": danger}}
    reference: str = (await api.post("/referrals", json=data)).json()["reference"]
    return reference


async def act(api: httpx.AsyncClient, reference: str, act: str, /, **given: object) -> None:
    done = await api.post(f"/cases/{reference}/{act}", json=given)
    assert done.status_code == 200, done.text


async def until(api: httpx.AsyncClient, reference: str, holds: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    async with asyncio.timeout(90):
        while not holds(told := (await api.get(f"/cases/{reference}")).json()):
            pass
    found: dict[str, Any] = told
    return found


def readable(hub: Stage, address: str, words: str) -> list[str]:
    """The readable mails to an address whose text holds these words."""
    texts = []
    for mail in hub.relay.mails(address):
        parsed = message_from_bytes(mail.content)
        if parsed.get_content_type() == "text/plain":
            payload = parsed.get_payload(decode=True)
            assert isinstance(payload, bytes)
            texts.append(" ".join(payload.decode().split()))
    return [text for text in texts if words in text]


async def test_silence_is_made_loud(hub: Stage) -> None:
    yesterdays = await hub.serve("web", "mail", "work")
    async with await program(hub) as api:
        reference = await refer(api)
        await until(api, reference, lambda s: all(leg["delivery"] == "accepted" for leg in s["case"]["legs"]))
        await hub.end(yesterdays)
        await hub.serve("web", "mail", "work")  # whoever begins the day finds what has reached each mailbox
        await the_digest_comes_once_and_says_nothing_of_anybody(hub, reference)
        await out_of_hours_a_reminder_is_left_to_the_digest(hub, api, reference)
        await silence_climbs_to_the_board(hub, api, reference)
        await a_call_with_its_script_ends_it(hub, api, reference)
        await what_drifts_is_found_and_handed_over(hub, api, reference)
        danger = await refer(api, danger="yes")
        await the_duty_team_has_it_only_when_somebody_there_accepts(hub, api, danger)
        assert len(readable(hub, AGENCIES["social_care"], "It comes once a day")) == 1
    ids = [message_from_bytes(mail.content)["message-id"] for mail in hub.relay.delivered]
    assert len(ids) == len(set(ids))
    assert (await hub.command("audit", "verify")).startswith("holds")


async def the_digest_comes_once_and_says_nothing_of_anybody(hub: Stage, reference: str) -> None:
    def is_digest(mail: Any) -> bool:
        return "waiting for your team" in str(message_from_bytes(mail.content)["subject"])

    await hub.relay.wait_for_mail(AGENCIES["social_care"], is_digest, 60)
    [text] = readable(hub, AGENCIES["social_care"], "It comes once a day")
    assert reference in text
    assert "Say that a person has the message" in text
    assert "How urgent:" in text
    assert not [word for word in CANARIES if word in text]
    link = re.search(r"(http://\S+/answer/\S+)", text)
    assert link
    async with httpx.AsyncClient(timeout=60) as agency:
        assert (await agency.get(link[1])).status_code == 200


async def out_of_hours_a_reminder_is_left_to_the_digest(hub: Stage, api: httpx.AsyncClient, reference: str) -> None:
    def gathered(told: dict[str, Any]) -> bool:
        return any(x["letter"] == "reminder" and x["state"] == "gathered" for x in told["letters"])

    await until(api, reference, gathered)
    assert not readable(hub, AGENCIES["health"], "Nobody has yet told us")
    await hub.relay.wait_for_mail(AGENCIES["police"], lambda m: b"multipart/encrypted" not in m.content, 60)
    assert readable(hub, AGENCIES["police"], "Nobody has yet told us")


async def silence_climbs_to_the_board(hub: Stage, api: httpx.AsyncClient, reference: str) -> None:
    await hub.relay.wait_for_mail(CONTROL, lambda m: b"multipart/encrypted" in m.content, 60)
    await hub.relay.wait_for_mail(LEAD, lambda m: True, 60)
    [told] = readable(hub, LEAD, "when its team is silent")
    assert reference in told
    assert not [word for word in CANARIES if word in told]

    def at_the_top(story: dict[str, Any]) -> bool:
        rungs = next(leg["rungs"] for leg in story["case"]["legs"] if leg["agency"] == "police")
        return [r["rung"] for r in rungs] == ["deputy", "lead", "manager", "board"]

    story = await until(api, reference, at_the_top)
    assert "manager:l1" in {t["key"] for t in story["tasks"]}
    [entry] = [e for e in (await api.get("/escalations")).json()["escalations"] if "Constabulary" in e["agency"]]
    assert (entry["reference"], entry["owed"], entry["ended_at"]) == (reference, "acknowledgement", None)
    assert reference in await hub.command("escalations")


async def a_call_with_its_script_ends_it(hub: Stage, api: httpx.AsyncClient, reference: str) -> None:
    rows = (await api.get("/outstanding")).json()["outstanding"]
    [owed] = [o for o in rows if o["reference"] == reference and o["agency"] == "police"]
    assert owed["telephone"] == owed["numbers"][0][1] == "01632 960113"
    assert owed["who"] == "the lead"
    assert "said: " in owed["server"]
    assert owed["left"].startswith("late by")
    assert owed["then"]
    assert "ring the lead 01632 960113" in await hub.command("outstanding")
    desk = WebClient(hub.base_url)
    await desk.submit(await desk.get("/desk/sign-in"), member="duty-1", password=PASSWORD)
    page = await desk.get(f"/desk/case/{reference}/ring?about=l1")
    for words in ("01632 960113", "01632 960110", "Never leave a name", "read the reference back", reference):
        assert words in page.text, words
    assert not [word for word in CANARIES if word in page.text]
    await desk.submit(page, f"/desk/case/{reference}/rang", reached="no")
    pressed = await until(api, reference, lambda s: [c for c in s["chronicle"] if "Nobody was reached" in c["words"]])
    assert [c["reached"] for c in pressed["case"]["calls"]] == [False]
    page = await desk.get(f"/desk/case/{reference}/ring?about=l1")
    said = {"reached": "yes", "name": "Canary-sergeant Up", "checked": "rang the control room", "answer": "accept"}
    await desk.submit(page, f"/desk/case/{reference}/rang", **said)
    story = await until(api, reference, lambda s: s["case"]["legs"][0]["acknowledgement"] == "acknowledged")
    assert [c["reached"] for c in story["case"]["calls"]] == [False, True]
    assert "manager:l1" not in {t["key"] for t in story["tasks"]}
    assert "Canary-sergeant" not in json.dumps(story)
    assert "Canary-sergeant" in (await desk.get(f"/desk/case/{reference}")).text


async def what_drifts_is_found_and_handed_over(hub: Stage, api: httpx.AsyncClient, reference: str) -> None:
    with pytest.raises(CommandFailed, match="--as ID"):  # whoever has the keys of the machine is nobody in particular
        await hub.command("look", reference, "--rating", "amber")
    [drift] = [d for d in (await api.get("/drift")).json()["drift"] if d["reference"] == reference]
    assert drift["why"] == ["no_owner"]
    await act(api, reference, "own", owner="duty-1")
    assert reference not in await hub.command("drift")
    assert "quiet" in await hub.command("drift", "--hours", "0")
    pack = json.loads(await hub.command("handover", "duty-1", "manager-1", "--json"))
    assert [c["reference"] for c in pack["cases"]] == [reference]
    assert pack["cases"][0]["timers"]
    assert (await api.get(f"/cases/{reference}")).json()["case"]["owner"] == "manager-1"
    desk = WebClient(hub.base_url)
    await desk.submit(await desk.get("/desk/sign-in"), member="manager-1", password=PASSWORD)
    given = await desk.submit(await desk.get("/desk/drift"), "/desk/drift", before="manager-1", owner="duty-1")
    assert "Quillon Canaryfield" in given.text  # to be printed by somebody who may see content
    assert (await desk.get("/desk/escalations")).status == 200


async def the_duty_team_has_it_only_when_somebody_there_accepts(
    hub: Stage, api: httpx.AsyncClient, reference: str
) -> None:
    story = await until(api, reference, lambda s: s["case"]["duties"])
    assert story["case"]["duties"][0]["state"] == "offered"
    assert "duty" in {t["kind"] for t in story["tasks"]}
    await until(api, reference, lambda s: [t for t in s["tasks"] if t["kind"] == "duty" and t["pressed"]])
    desk = WebClient(hub.base_url)
    await desk.submit(await desk.get("/desk/sign-in"), member="duty-1", password=PASSWORD)
    page = await desk.get(f"/desk/case/{reference}/ring?about=duty")
    for words in ("01632 960199", "only when a named person says yes", "999"):
        assert words in page.text, words
    await desk.submit(page, f"/desk/case/{reference}/rang", reached="no", name="Canary-nobody at the switchboard")
    story = await until(api, reference, lambda s: s["case"]["calls"])
    assert [(c["about"], c["reached"]) for c in story["case"]["calls"]] == [("duty", False)]
    assert (story["case"]["duties"][0]["state"], "duty" in {t["kind"] for t in story["tasks"]}) == ("offered", True)
    assert "The duty team rung: not reached" in {c["words"] for c in story["chronicle"]}
    page = await desk.get(f"/desk/case/{reference}/ring?about=duty")
    earlier = datetime.now(ZoneInfo("Europe/London")) - timedelta(minutes=2)
    await desk.submit(
        page, f"/desk/case/{reference}/duty_accepted", name="Canary-Ed Duty", checked="rang the number",
        rang_date=f"{earlier:%Y-%m-%d}", rang_time=f"{earlier:%H:%M}",
    )  # fmt: skip
    story = await until(api, reference, lambda s: s["case"]["duties"][0]["state"] == "accepted")
    assert "Canary-Ed" not in json.dumps(story)
    assert "duty" not in {t["kind"] for t in story["tasks"]}
    assert {"return_note"} <= {o["what"] for o in story["outstanding"]}
    assert not story["case"]["closed"]
    await act(api, reference, "duty_returned", words="Canary-note seen at home, safe until Tuesday", name="Ed Duty")
    story = (await api.get(f"/cases/{reference}")).json()
    assert story["case"]["duties"][0]["state"] == "returned"
    assert "Canary-note" not in json.dumps(story)
    assert "Canary-note" in (await desk.get(f"/desk/case/{reference}")).text
