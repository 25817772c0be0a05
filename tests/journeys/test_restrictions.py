"""Whoever must not see a case finds nothing of it anywhere, gets nothing about it, and is noticed reaching for it.

Scenario 9: a nurse refers a child whose father is a manager at her own Trust, covers its mailbox, and works here.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from exchange.demo.actors.smtp_server import Act
from exchange.demo.actors.web_client import WebClient
from exchange.demo.stage import AGENCIES, CommandFailed, Stage, stage
from tests.journeys.test_desk import PASSWORD
from tests.journeys.test_who_may import seen
from tests.ready import ready, token_of

pytestmark = pytest.mark.timeout(300)  # several commands, each a program of its own
TRUST = AGENCIES["health"]
NURSE = "imelda@home.example"
REFERRAL: dict[str, Any] = {
    "form": "child",
    "referrer": {
        "name": "Imelda Invented", "source": "3D", "telephone": "01632 960155", "mail": NURSE,
        "keep_from": "Fibshire NHS Trust",
    },
    "concern": {"immediate_danger": "no", "what_happened": "Canary-worry about his father"},
    "subjects": [
        {"given_name": "Leo", "family_name": "Lorem", "date_of_birth": "2022-05-05", "gp": "Canary-gp practice"}
    ],
}  # fmt: skip
STAFF = {"manager-1": "hub_manager", "father-1": "decision_manager", "auditor-1": "auditor"}


@pytest.fixture
async def hub(database_url: str) -> AsyncIterator[Stage]:
    """A served hub on each kind of database; the father is a decision manager in it."""
    async with stage() as made:
        await ready(made, database=database_url)
        secret = made.folder / "password"
        secret.write_text(PASSWORD)
        for member, role in STAFF.items():
            await made.command("staff", "add", member, "--roles", role, "--password-file", str(secret))
        await made.serve()
        yield made


async def program(hub: Stage, label: str, roles: str, member: str = "") -> httpx.AsyncClient:
    """A program with a token of its own, or of a member of staff."""
    token = await token_of(hub, label, roles, member)
    return httpx.AsyncClient(base_url=f"{hub.base_url}/api/v1", headers={"Authorization": f"Bearer {token}"})


async def at_the_desk(hub: Stage, member: str) -> WebClient:
    web = WebClient(hub.base_url)
    await web.submit(await web.get("/desk/sign-in"), member=member, password=PASSWORD)
    return web


async def referred(api: httpx.AsyncClient, **more: str) -> str:
    data = {**REFERRAL, "referrer": {**REFERRAL["referrer"], **more}}
    made = await api.post("/referrals", json=data)
    assert made.status_code == 201, made.text
    reference: str = made.json()["reference"]
    return reference


async def act(api: httpx.AsyncClient, reference: str, name: str, **given: object) -> httpx.Response:
    return await api.post(f"/cases/{reference}/{name}", json=given)


async def story(api: httpx.AsyncClient, reference: str) -> dict[str, Any]:
    told: dict[str, Any] = (await api.get(f"/cases/{reference}")).json()
    return told


async def test_scenario_9_the_alleged_person_works_at_the_referrer_s_own_agency(hub: Stage) -> None:
    manager = await program(hub, "desk", "hub_manager", "manager-9")
    line = await program(hub, "line", "chair,decision_manager")
    async with manager, line:
        reference = await referred(manager)
        for who in ({"kind": "staff", "who": "father-1"}, {"kind": "role", "who": "chair"}):
            done = await act(manager, reference, "restrict", **who, why="own_family", reason="he is the father")
            assert done.status_code == 200, done.text
        await the_trust_is_not_asked_and_another_is(hub, manager, reference)
        await it_is_absent_for_the_father_and_his_line(hub, line, reference)
        await their_attempts_are_noticed(hub, reference)
        # Feedback is unaffected: it goes to the nurse's own address, and measures count the case like any other.
        await act(manager, reference, "rate", subject="s1", rating="amber", reason="bruise")
        await act(manager, reference, "decide", subject="s1", decision="lado", reason="position of trust",
                  without_checks=True, voice="heard")  # fmt: skip
        await hub.relay.wait_for_mail(NURSE, lambda mail: True, 20)
        await until(manager, reference, lambda told: told["case"]["feedback"] == "sent")
        assert not hub.relay.mails(TRUST)
        assert (await hub.command("audit", "verify")).startswith("holds")
        # Let in again by a hub manager, he sees it; nothing is sent by that alone.
        lifted = await act(manager, reference, "lift", kind="staff", who="father-1", reason="it was another man")
        assert lifted.status_code == 200, lifted.text
        father = await at_the_desk(hub, "father-1")
        assert (await father.get(f"/desk/case/{reference}")).status == 200
        assert not hub.relay.mails(TRUST)


async def the_trust_is_not_asked_and_another_is(hub: Stage, api: httpx.AsyncClient, reference: str) -> None:
    for agency in ("police", "social_care"):
        assert (await hub.received(agency, "WHY YOU GET THIS")).encrypted
    told = await story(api, reference)
    assert "health" not in {leg["agency"] for leg in told["case"]["legs"]}
    assert ("another_recipient", "health") in {(t["kind"], t["about"]) for t in told["tasks"]}
    for agency, instead in (("health", ""), ("madeup-surgery", "police")):
        refused = await act(api, reference, "ask", agency=agency, subjects=["s1"], reason="r", in_place_of=instead)
        assert refused.status_code == 409, refused.text
    asked = await act(api, reference, "ask", agency="madeup-surgery", subjects=["s1"], reason="designated nurse",
                      in_place_of="health")  # fmt: skip
    assert asked.status_code == 200, asked.text
    packet = await hub.received("madeup-surgery", "WHY YOU GET THIS")
    assert "Canary-gp practice" in packet.text
    assert "another_recipient" not in {t["kind"] for t in (await story(api, reference))["tasks"]}
    assert not hub.relay.mails(TRUST)


async def it_is_absent_for_the_father_and_his_line(hub: Stage, line: httpx.AsyncClient, reference: str) -> None:
    web, other = await at_the_desk(hub, "father-1"), await at_the_desk(hub, "manager-1")
    lists = await web.get("/desk")
    assert reference not in lists.html
    assert reference in (await other.get("/desk")).html
    assert not re.search(r"MASH-[0-9A-Z]{4}-", lists.html)  # the only case there is: no list, count or task shows it
    named = {"given_name": "Leo", "family_name": "Lorem", "year": "2022"}
    assert reference in (await other.submit(await other.get("/desk/search"), "/desk/search", **named)).text
    found = await web.submit(await web.get("/desk/search"), "/desk/search", **named)
    nothing = await web.submit(
        await web.get("/desk/search"), "/desk/search", given_name="Nobody", family_name="Atall"
    )
    assert reference not in found.html
    assert found.text == nothing.text
    for path in ("", "/transcribe"):
        kept, absent = [await web.get(f"/desk/case/{r}{path}") for r in (reference, "MASH-0000-0000")]
        assert (kept.status, as_seen(kept.html)) == (404, as_seen(absent.html))
    assert (await line.get("/cases")).json()["cases"] == []
    assert (await line.get("/outstanding")).json()["outstanding"] == []
    for method, path in (("GET", ""), ("POST", "/rate"), ("POST", "/ask"), ("POST", "/nonsense")):
        both = [
            await line.request(method, f"/cases/{r}{path}", json={"subject": "s1"} if method == "POST" else None)
            for r in (reference, "MASH-0000-0000")
        ]
        assert len({(got.status_code, got.content, frozenset(got.headers)) for got in both}) == 1


def as_seen(page: str) -> str:
    return re.sub(r'(nonce|value)="[^"]*"', "", page)


async def their_attempts_are_noticed(hub: Stage, reference: str) -> None:
    case = json.loads(await hub.command("show", reference, "--json"))["case"]["id"]
    log = json.loads(await hub.command("audit", "log", "access", "--json"))
    denied = {(entry["by"], entry["about"]) for entry in log if entry["what"] == "Denied"}
    assert {("father-1", f"case={case}"), ("token-line", f"case={case}")} <= denied
    assert ("operator", f"case={case}") in {(entry["by"], entry["about"]) for entry in log}
    alert = "Somebody who is shut out tried"
    for member, told in (("auditor-1", True), ("manager-1", True), ("father-1", False)):
        page = await (await at_the_desk(hub, member)).get("/desk")
        assert (alert in page.text) is told, member


async def test_an_agency_shut_out_later_gets_nothing_more_and_what_it_has_is_recalled(hub: Stage) -> None:
    hub.relay.acts[AGENCIES["education"]] = hub.relay.acts[AGENCIES["police"]] = Act.DEFER
    async with await program(hub, "desk", "hub_manager", "manager-8") as api:
        school_age = {**REFERRAL["subjects"][0], "date_of_birth": "2016-05-05"}
        data = {**REFERRAL, "referrer": {**REFERRAL["referrer"], "keep_from": ""}, "subjects": [school_age]}
        reference = (await api.post("/referrals", json=data)).json()["reference"]
        packet = await hub.received("health", "WHY YOU GET THIS")
        await until(api, reference, lambda t: delivery(t, "police") == delivery(t, "education") == "deferred")
        # The police are shut out by a person while their packet waits; health declares a conflict by mail.
        await act(api, reference, "restrict", kind="agency", who="police", why="staff_member", reason="an officer")
        health = hub.people["health"]
        answer = health.encrypted(health.reply(packet, "DECLINE conflict of interest"), [hub.hub_fingerprint])
        await hub.mail(health.address, packet.reply_to, answer)
        told = await until(api, reference, lambda t: len(t["case"]["restrictions"]) == 2)
        kinds = {(t["kind"], t["about"]) for t in told["tasks"]}
        legs = {leg["agency"]: leg["id"] for leg in told["case"]["legs"]}
        assert {("conflict", legs["health"]), ("declined", legs["health"]), ("shut_out_holds", legs["health"]),
                ("another_recipient", "police")} <= kinds  # fmt: skip
        assert ("shut_out_holds", legs["police"]) not in kinds
        assert {o["owner"] for o in told["outstanding"]} & {"Fakeshire Constabulary", "Fibshire NHS Trust"} == set()
        hub.relay.acts.clear()
        await hub.received("education", "WHY YOU GET THIS")  # and so would the police's have come by now
        await hub.received("education", "Nobody has yet told us")
        assert not hub.relay.mails(AGENCIES["police"])
        assert len(hub.relay.mails(TRUST)) == 1
        link = re.search(r"/answer/[a-z0-9.+-]+", packet.text)
        assert link
        async with httpx.AsyncClient(base_url=hub.base_url) as browser:
            gone, never = await browser.get(link[0]), await browser.get("/answer/nonsense")
        asked = (link[0], "/answer/nonsense")  # each page names only what was asked for, to say it in Welsh
        assert (gone.status_code, seen(gone).replace(asked[0], "")) == (404, seen(never).replace(asked[1], ""))
        refused = await act(api, reference, "call", starts="2031-03-27T14:30", subjects=["s1"], agencies=["police"],
                            reason="r")  # fmt: skip
        assert refused.status_code == 409
        # The next contact about the same child: nobody is asked before a person has settled who must not see it.
        second = (await api.post("/referrals", json=data)).json()["reference"]
        held = await until(api, second, lambda t: "keep_from" in {task["kind"] for task in t["tasks"]})
        assert held["case"]["legs"] == []


def delivery(told: dict[str, Any], agency: str) -> str:
    found: str = next(leg["delivery"] for leg in told["case"]["legs"] if leg["agency"] == agency)
    return found


async def until(api: httpx.AsyncClient, reference: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The story once something holds of it."""
    for _ in range(300):
        told = await story(api, reference)
        if holds(told):
            return told
        await asyncio.sleep(0.1)
    raise AssertionError("it never came to hold")


async def test_an_organisation_we_do_not_know_holds_everything_back_until_a_person_has_settled_it(hub: Stage) -> None:
    async with await program(hub, "desk", "hub_manager", "manager-7") as api:
        reference = await referred(api, keep_from="the hospital")
        told = await story(api, reference)
        assert told["case"]["legs"] == []
        assert "keep_from" in {t["kind"] for t in told["tasks"]}
        # A program and an operator are told as the desk is: that nobody is asked, why, and what to do about it.
        owed = (await api.get("/outstanding")).json()["outstanding"]
        for row in (*told["outstanding"], *owed, *json.loads(await hub.command("outstanding", "--json"))):
            if row["what"] == "keep_from":
                assert (row["reference"], row["owner"]) == (reference, "the hub")
                assert "settle who must not see it" in row["next_step"]
        assert [r["what"] for r in (*told["outstanding"], *owed)].count("keep_from") == 2
        for shown in (await hub.command("outstanding"), await hub.command("show", reference)):
            assert "the hub  keep from" in shown
        assert "no agency is asked before it is settled who must not see this" in shown
        web = await at_the_desk(hub, "manager-1")
        page = await web.get(f"/desk/case/{reference}")
        assert "Nobody is asked until it is settled" in page.text
        wrong = await act(api, reference, "restrict", kind="staff", who="fahter-1", why="vip", reason="r")
        assert (wrong.status_code, "fahter-1" in wrong.text) == (400, True)
        wrong = await act(api, reference, "restrict", kind="role", who="managers", why="vip", reason="r")
        assert wrong.status_code == 400
        page = await web.submit(page, "/restrict", kind="agency", who="health", why="staff_member", reason="she rang")
        assert "Fibshire NHS Trust" in page.text
        page = await web.submit(page, "/route", reason="she means the Trust")
        assert "Settled who must not see it" in page.text
        assert "keep_from" not in {r["what"] for r in (await story(api, reference))["outstanding"]}
        await hub.received("social_care", "WHY YOU GET THIS")
        assert not hub.relay.mails(TRUST)
        # Whoever shuts themselves out is led away from the case, and is no attempt.
        page = await web.submit(page, "/restrict", kind="staff", who="manager-1", why="conflict", reason="a friend")
        assert page.url.endswith("/desk")
        assert reference not in page.html
        log = json.loads(await hub.command("audit", "log", "access", "--json"))
        assert [entry for entry in log if entry["what"] == "Denied"] == []
        await a_command_tells_the_auditor_too(hub, api, reference)


async def a_command_tells_the_auditor_too(hub: Stage, api: httpx.AsyncClient, reference: str) -> None:
    """Who is shut out is refused by command as by page: it is written down, and auditor and hub manager are told."""
    told = await story(api, reference)
    assert "restricted_attempt" not in {t["kind"] for t in told["tasks"]}
    for command in (("look", reference, "--as", "manager-1"),
                    ("act", reference, "close", "reason=r", "--as", "manager-1")):  # fmt: skip
        with pytest.raises(CommandFailed, match="no case of this reference"):
            await hub.command(*command)
    with pytest.raises(CommandFailed, match="Not yours to see or do"):
        await hub.command("act", reference, "close", "reason=r", "--as", "auditor-1")
    log, case = json.loads(await hub.command("audit", "log", "access", "--json")), told["case"]["id"]
    denied = sorted((entry["by"], entry["about"]) for entry in log if entry["what"] == "Denied")
    refused = [(by, about) for by, about in denied if case in about]
    assert [by for by, _ in refused] == ["auditor-1", "manager-1", "manager-1"]
    assert "close" in refused[0][1]
    tasks = (await story(api, reference))["tasks"]
    assert ("restricted_attempt", "manager-1") in {(t["kind"], t["about"]) for t in tasks}
