"""What must not be known, from outside: an address that is kept secret, an adult who refuses, a decision that goes a
discreet way; and a concern for the worker who has the case open."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from exchange.demo.actors.web_client import WebClient
from exchange.demo.stage import HUB_ADDRESS, HUB_FILE, CommandFailed, Stage, stage
from tests.ready import ready, token_of

PASSWORD = "a fictitious pass phrase"
REFUGE: dict[str, Any] = {
    "form": "child",
    "referrer": {"name": "Pat Placeholder", "source": "2A", "telephone": "01632 960170"},
    "concern": {"immediate_danger": "no", "what_happened": "He follows them"},
    "subjects": [
        {"given_name": "Tilly-canary", "family_name": "Makebelieve", "date_of_birth": "2016-04-01",
         "address": "Refuge House, 3 Secret Street\nFaketown", "postcode": "ZZ99 3CZ", "address_protected": "yes",
         "words": "I am afraid", "school": "Canary-school"},
    ],
    "household": [
        {"name": "Rex Makebelieve", "relationship": "Father", "address": "9 Open Road", "poses_risk": "yes"},
        {"name": "Nora Makebelieve", "relationship": "Mother", "lives_there": "yes",
         "address": "3 Secret St., Faketown"},
    ],
}  # fmt: skip
CALL = {"subjects": ["s1"], "agencies": ["police", "health", "social_care"], "reason": "r",
        "starts": "2031-03-27T14:30"}  # fmt: skip
ADULT: dict[str, Any] = {
    "form": "adult",
    "referrer": {"name": "Dr Orla Notreal", "source": "3A", "telephone": "01632 960155"},
    "concern": {"immediate_danger": "no", "what_happened": "Bruised, and wants nobody told"},
    "consent": {"consent": "no"},
    "subjects": [{"given_name": "Vera", "family_name": "Virtual", "capacity": "yes"}],
    "household": [{"name": "Vic Virtual", "relationship": "Son", "poses_risk": "yes"}],
}


@dataclass
class Desk:
    """A served hub and a manager's program."""

    hub: Stage
    api: httpx.AsyncClient

    async def lodged(self, referral: dict[str, Any]) -> tuple[str, str]:
        """(reference, receipt code)."""
        made = (await self.api.post("/referrals", json=referral)).json()
        return made["reference"], made["receipt_code"]

    async def act(self, reference: str, act: str, /, **given: object) -> None:
        """It is done."""
        got = await self.api.post(f"/cases/{reference}/{act}", json=given)
        assert got.status_code == 200, got.text

    async def refused(self, reference: str, act: str, /, **given: object) -> str:
        """Why it is not done."""
        got = await self.api.post(f"/cases/{reference}/{act}", json=given)
        assert got.status_code in (400, 409), got.text
        return str(got.json()["detail"])

    async def case(self, reference: str) -> dict[str, Any]:
        """As the journey knows it."""
        told: dict[str, Any] = json.loads(await self.hub.command("show", reference, "--json"))["case"]
        return told


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    """A hub that sends open cases to their worker, on each kind of database."""
    async with stage() as made:
        file = made.folder / "hub.toml"
        file.write_text(
            HUB_FILE.read_text().replace('id = "fakeshire"', 'id = "fakeshire"\nopen_cases = ["social_care"]')
        )
        await ready(made, file, database=database_url)
        secret = made.folder / "password"
        secret.write_text(PASSWORD)
        await made.command("staff", "add", "manager-1", "--roles", "hub_manager", "--password-file", str(secret))
        token = await token_of(made, "system-1", "hub_manager", "manager-2")
        await made.serve()
        web, bearer = f"{made.base_url}/api/v1", {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=web, headers=bearer, timeout=60) as api:
            yield Desk(made, api)


async def test_a_protected_address_leaves_by_no_free_text_and_for_one_agency_by_a_managers_release(
    desk: Desk,
) -> None:
    reference, _ = await desk.lodged(REFUGE)
    for location in ("3 Secret Street", "the Refuge", "Secret St. 3", "room 2, ZZ993CZ"):
        assert "in the case" in await desk.refused(reference, "call", **CALL, location=location)
    assert "kept secret" in await desk.refused(reference, "call", **CALL, place="come to 3 Secret St")
    await desk.act(reference, "call", **CALL, location="Faketown Town Hall, Station Road", place="Room 3")
    invitation = await desk.hub.received("health", "Town Hall")
    assert "Secret" not in invitation.text
    police = await desk.hub.received("police", f"Our reference {reference}")
    assert "Secret" not in police.text
    assert "Canary-school" not in police.text
    careful = await desk.hub.received("social_care", f"Our reference {reference}")
    assert "9 Open Road" in careful.text  # where the father lives is no secret
    assert "KEPT BACK" in careful.text
    assert "school, nursery or college" in careful.text
    assert "Secret" not in careful.text
    assert "Write the reason" in await desk.refused(reference, "release_address", subject="s1", agency="police")
    await desk.act(
        reference, "release_address", subject="s1", agency="police", reason="Canary-why: to guard the door"
    )
    letter = await desk.hub.received("police", "THIS ADDRESS IS SECRET")
    assert letter.encrypted
    assert "3 Secret Street" in letter.text
    assert "Canary-school" in letter.text
    assert "manager-2" in letter.text
    assert "Canary-why" not in letter.text
    for agency in ("health", "social_care", "education"):
        person = desk.hub.people[agency]
        told_them = [person.open(mail.content).text for mail in desk.hub.relay.mails(person.address)]
        assert told_them
        assert not [text for text in told_them if "Secret" in text]
    told = await desk.case(reference)
    assert [(r["owner"], r["agency"], r["by"]) for r in told["address_releases"]] == [("s1", "police", "manager-2")]
    assert "Address of Subject 1 released to Fakeshire Constabulary" in await desk.hub.command("show", reference)


@pytest.mark.long
async def test_an_open_case_that_is_sorted_before_it_is_typed_in_goes_to_its_worker_alone(desk: Desk) -> None:
    gp = desk.hub.people["madeup-surgery"]
    mail = gp.write(HUB_ADDRESS, "worried", "The boy whom you know")
    await desk.hub.mail(gp.address, HUB_ADDRESS, gp.encrypted(mail, [desk.hub.hub_fingerprint]))
    receipt = await desk.hub.received("madeup-surgery", "This answer is automatic")
    reference = next(word for word in receipt.text.split() if word.startswith("MASH-"))
    await desk.act(reference, "look", rating="amber")
    await desk.act(
        reference, "sort", into="open_case", agency="social_care", worker="Wanda Worker-canary", reason="r"
    )
    web = WebClient(desk.hub.base_url)
    await web.submit(await web.get("/desk/sign-in"), member="manager-1", password=PASSWORD)
    form = await web.get(f"/desk/case/{reference}/transcribe")
    page = await web.submit(form, "/transcribe", **{
        "concern.what_happened": "As before", "concern.immediate_danger": "no", "s1.given_name": "Bo",
        "s1.date_of_birth": "2016-04-01",
    })  # fmt: skip
    assert "open case, to the allocated worker" in page.text
    packet = await desk.hub.received("social_care", f"Our reference {reference}")
    assert packet.encrypted
    assert "For Wanda Worker-canary" in packet.text
    assert json.loads(packet.attachments["packet.json"])["worker"] == "Wanda Worker-canary"
    await desk.act(reference, "rate", subject="s1", rating="red", reason="r")
    told = await desk.case(reference)
    assert [leg["agency"] for leg in told["legs"]] == ["social_care"]
    assert "Worker-canary" not in await desk.hub.command("show", reference)
    await desk.act(reference, "sort", into="screening", reason="not theirs after all")
    assert {"police", "health"} <= {leg["agency"] for leg in (await desk.case(reference))["legs"]}


@pytest.mark.long
async def test_an_adult_who_refuses_is_told_to_nobody_by_anybodys_hand(desk: Desk) -> None:
    reference, _ = await desk.lodged(ADULT)
    await desk.act(reference, "look", rating="amber")
    about: dict[str, Any] = {"subjects": ["s1"], "reason": "r"}
    assert "override_refusal" in await desk.refused(reference, "ask", agency="police", **about)
    assert "override_refusal" in await desk.refused(reference, "call", **CALL)
    action = {"words": "visit", "owner": "police", "subjects": ["s1"], "due": "2031-03-27"}
    assert "override_refusal" in await desk.refused(reference, "set_action", **action)
    assert not (await desk.case(reference))["legs"]
    assert "still to come" in await desk.refused(reference, "set_action", **{**action, "due": "2020-11-27"})
    await desk.act(reference, "set_action", **{**action, "owner": "hub"})
    nonsense = await desk.refused(reference, "task", key="nonsense")
    assert "Nothing called “nonsense”" in nonsense
    assert "Say who they are" in await desk.refused(reference, "add_subject", form="child", reason="somebody")
    girl = {"form": "child", "features": "a girl of about six", "reason": "the neighbour"}
    assert "what the worry about them is" in await desk.refused(reference, "add_subject", **girl)
    assert "override_refusal" in await desk.refused(reference, "add_subject", **girl, words_too=True)
    await desk.act(reference, "add_subject", **girl, worry="Canary-alone at night")
    for agency in ("police", "health", "social_care"):  # a child's packets say nothing of the adult who refuses
        packet = await desk.hub.received(agency, f"Our reference {reference}")
        whole = packet.text + packet.attachments["packet.json"].decode()
        assert not [hers for hers in ("Bruised", "nobody told", "Son", "Vic", "Vera", "Orla") if hers in whole]
        assert agency == "health" or "Canary-alone" in whole
    await desk.act(reference, "entered_in_error", subject="s2", reason="she lives next door")
    await desk.act(
        reference, "override_refusal", subject="s1", ground="coercion", agencies=["social_care"], reason="r"
    )
    packet = await desk.hub.received("social_care", "Bruised, and wants nobody told")
    assert "A manager of the hub went on all the same, on this ground: coercion" in " ".join(packet.text.split())
    assert ", number 2 to you" in packet.subject
    told = await desk.case(reference)
    assert [x["agency"] for x in told["legs"] if x["subjects"] == ["s1"]] == ["social_care"]
    assert "entered in error" in await desk.hub.command("show", reference)


@pytest.mark.long
async def test_a_decision_names_a_person_and_goes_a_discreet_way_until_a_manager_releases_it(desk: Desk) -> None:
    reference, code = await desk.lodged(REFUGE)
    await desk.act(reference, "rate", subject="s1", rating="amber", reason="r")
    decide = ("decide", reference, "s1", "lado", "--without-checks", "--reason", "r")
    with pytest.raises(CommandFailed, match="--as"):
        await desk.hub.command(*decide)
    with pytest.raises(CommandFailed, match="nobody is a member of staff as “ghost”"):
        await desk.hub.command(*decide, "--as", "ghost")
    with pytest.raises(CommandFailed, match="named person"):
        await desk.hub.command("act", reference, "decide", "subject=s1", "decision=lado", "reason=r")
    nobodys = await token_of(desk.hub, "system-9", "hub_manager")
    async with httpx.AsyncClient(base_url=str(desk.api.base_url)) as program:
        given = {"subject": "s1", "decision": "lado", "reason": "r", "without_checks": True}
        got = await program.post(
            f"cases/{reference}/decide", json=given, headers={"Authorization": f"Bearer {nobodys}"}
        )
        assert (got.status_code, "--staff ID" in got.json()["detail"]) == (409, True)
    with pytest.raises(CommandFailed, match="first `exchange staff add ghost`"):
        await desk.hub.command("token", "add", "x", "--roles", "auditor", "--staff", "ghost")
    await desk.hub.command(*decide, "--as", "manager-1")
    told = await desk.case(reference)
    assert told["subjects"][0]["decisions"][0]["by"] == "manager-1"
    tasks = json.loads(await desk.hub.command("show", reference, "--json"))["tasks"]
    assert "employer" in {task["kind"] for task in tasks}
    web = WebClient(desk.hub.base_url)
    page = await web.submit(await web.get("/receipt"), code=code)
    assert "It is being dealt with" in page.text
    assert "LADO" not in page.text
    await desk.act(reference, "send_feedback", reason="the police and the LADO agree")
    page = await web.submit(await web.get("/receipt"), code=code)
    assert "designated officer for allegations (LADO)" in page.text
    early = {"leg": "l1", "answer": "received", "name": "Eve Example", "checked": "rang back"}
    assert "before the concern reached" in await desk.refused(
        reference, "answered", **early, rang=told["received_at"][:10] + "T00:00Z"
    )
    said = {"subject": "s1", "outcome": "assessment", "words": "w", "leg": "l1", "checked": "rang back"}
    assert "who said it" in await desk.refused(reference, "outcome", **said)
    await desk.act(reference, "outcome", **said, name="Eve Example")
