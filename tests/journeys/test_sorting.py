"""What sort of contact it is, by page, API and command alike: another area's, an open case, a stream of work that was
not known at receipt, and somebody who may pose a risk or is missing as a subject of their own."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio

from exchange.demo.actors.web_client import WebClient
from exchange.demo.stage import HUB_ADDRESS, HUB_FILE, CommandFailed, Stage, stage
from tests.full_case import PASSWORD, reference, signed_in
from tests.ready import ready, token_of

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]
REFERRAL: dict[str, Any] = {
    "form": "child",
    "referrer": {"name": "Pat Placeholder", "source": "2A", "telephone": "01632 960170"},
    "concern": {"immediate_danger": "no", "what_happened": "Came to school hungry"},
    "subjects": [{"given_name": "Tilly", "family_name": "Makebelieve", "date_of_birth": "2023-04-01", "words": "No"}],
}
MORE = """
[[routes]]
agency = "education"                # asked about nobody else here: all other subjects are too young for school
roles = ["poses_risk"]
parts = ["identity", "risk"]
purpose = "employs them"
"""
WAYS = ("api", "desk", "command")
SAID = {"name": "Duty Officer Dora Demo", "checked": "rang their switchboard"}


@dataclass
class Scene:
    """A served hub, and a manager by each door."""

    stage: Stage
    web: WebClient
    api: httpx.AsyncClient

    async def referred(self, family: str = "Makebelieve") -> str:
        """The reference of a case that a school referred."""
        data = {**REFERRAL, "subjects": [{**REFERRAL["subjects"][0], "family_name": family}]}
        return str((await self.api.post("/referrals", json=data)).json()["reference"])

    async def act(self, way: str, case: str, name: str, /, **given: str) -> str:
        """Done by one of the doors; why not, where it is refused."""
        if way == "api":
            got = await self.api.post(f"/cases/{case}/{name}", json=given)
            return "" if got.status_code == 200 else str(got.json()["detail"])
        if way == "desk":
            page = await self.web.submit(await self.web.get(f"/desk/case/{case}"), f"/{name}", **given)
            return "" if page.status == 200 and reference(page) == case else page.text
        said = [f"{key}={value}" for key, value in given.items()]
        try:
            await self.stage.command("act", case, name, *said, "--as", "manager-1")
        except CommandFailed as refused:
            return str(refused)
        return ""

    async def story(self, case: str) -> dict[str, Any]:
        """The case as the API tells it."""
        told: dict[str, Any] = (await self.api.get(f"/cases/{case}")).json()
        return told


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def scene(request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    """On each kind of database, a hub with streams of work and open cases; nothing is late by itself."""
    database = request.getfixturevalue("cluster").new_database() if request.param == "postgresql" else ""
    text = re.sub(r'"(\d+)s"', r'"\1m"', HUB_FILE.read_text())
    of_hub = 'open_cases = ["social_care"]\ncohorts = ["child", "adult", "prevent"]\n'
    async with stage() as made:
        file = made.folder / "hub.toml"
        file.write_text(text.replace("first_look =", f"{of_hub}first_look =", 1) + MORE)
        await ready(made, file, database=database)
        secret = made.folder / "password"
        secret.write_text(PASSWORD)
        await made.command("staff", "add", "manager-1", "--roles", "hub_manager", "--password-file", str(secret))
        await made.serve()
        token = await token_of(made, "manager-7", "hub_manager", "manager-7")
        url, headers = f"{made.base_url}/api/v1", {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as api:
            yield Scene(made, await signed_in(made), api)


@pytest.mark.parametrize("way", WAYS)
async def test_another_area_s_contact_is_ours_until_a_named_person_there_has_it(scene: Scene, way: str) -> None:
    case = await scene.referred()
    into = {"into": "out_of_area", "reason": "lives in Shamborough"}
    assert "which area" in (await scene.act(way, case, "sort", **into)).lower()
    assert await scene.act(way, case, "sort", **into, about="Shamborough") == ""
    told = await scene.story(case)
    assert "elsewhere" in {t["kind"] for t in told["tasks"]}
    refused = await scene.act(way, case, "close", reason="theirs")
    assert "nobody in the other area has accepted it" in refused.lower()
    assert await scene.act(way, case, "accepted_elsewhere", **SAID) == ""
    told = await scene.story(case)
    assert told["case"]["accepted_elsewhere"]["by"] in ("manager-1", "manager-7")
    assert "elsewhere" not in {t["kind"] for t in told["tasks"]}
    page = await scene.web.get(f"/desk/case/{case}")
    assert SAID["name"] in page.text
    assert "nobody in the other area" not in (await scene.act(way, case, "close", reason="theirs")).lower()
    assert await scene.act(way, case, "rate", subject="s1", rating="green", reason="r") == ""
    assert await scene.act(way, case, "cohort", subject="s1", cohort="child", reason="r") == ""
    decision = {"subject": "s1", "decision": "transfer", "reason": "r", "voice": "heard", "without_checks": "yes"}
    assert await scene.act(way, case, "decide", **decision) == ""
    assert "Transfer to another area" in (await scene.web.get(f"/desk/case/{case}")).text


@pytest.mark.parametrize("way", WAYS)
async def test_an_open_case_goes_to_the_allocated_worker_where_the_hub_file_says_so(scene: Scene, way: str) -> None:
    case = await scene.referred()
    into = {"into": "open_case", "reason": "known there"}
    wrong = await scene.act(way, case, "sort", **into, agency="police", worker="Sergeant Made-Up")
    assert wrong
    assert await scene.act(way, case, "sort", **into, agency="social_care", worker=f"Canary-{way} Eve") == ""
    told = await scene.story(case)
    assert [leg["agency"] for leg in told["case"]["legs"]].count("social_care") == 1
    assert told["case"]["sorted_about"] == "social_care"
    letter = await scene.stage.received("social_care", f"Canary-{way} Eve")
    assert letter.encrypted
    assert f"Canary-{way}" not in await scene.stage.command("show", case)
    assert "open case, to the allocated worker" in (await scene.web.get(f"/desk/case/{case}")).text


@pytest.mark.parametrize("way", WAYS)
async def test_a_stream_of_work_may_be_unknown_at_receipt_and_not_at_the_decision(scene: Scene, way: str) -> None:
    case = await scene.referred()
    assert await scene.act(way, case, "rate", subject="s1", rating="green", reason="r") == ""
    told = await scene.story(case)
    assert told["case"]["subjects"][0]["codes"]["cohort"] == ""
    decision = {"subject": "s1", "decision": "advice", "reason": "r", "voice": "heard", "without_checks": "yes"}
    assert "stream of work" in (await scene.act(way, case, "decide", **decision)).lower()
    assert await scene.act(way, case, "cohort", subject="s1", cohort="child", reason="a child in need") == ""
    assert await scene.act(way, case, "decide", **decision) == ""
    told = await scene.story(case)
    assert [c["code"] for c in told["case"]["subjects"][0]["cohorts"]] == ["child"]


@pytest.mark.parametrize("way", WAYS)
async def test_who_may_pose_a_risk_and_who_is_missing_are_subjects_of_their_own(scene: Scene, way: str) -> None:
    case = await scene.referred()
    added = {"form": "adult", "family_name": "Nobody", "worry": "seen at the gate", "reason": "the school rang"}
    assert await scene.act(way, case, "add_subject", **added, given_name="Ned", role="poses_risk") == ""
    assert await scene.act(way, case, "add_subject", **added, given_name="Nan", role="missing") == ""
    told = await scene.story(case)
    assert [s["codes"]["role"] for s in told["case"]["subjects"]] == ["at_risk", "poses_risk", "missing"]
    asked = {(leg["agency"], who) for leg in told["case"]["legs"] for who in leg["subjects"]}
    assert {agency for agency, who in asked if who == "s2"} == {"education"}  # the one row that speaks of them
    assert ("social_care", "s3") in asked
    assert ("education", "s1") not in asked
    for subject, rating in (("s1", "green"), ("s2", "amber"), ("s3", "red")):
        assert await scene.act(way, case, "rate", subject=subject, rating=rating, reason="r") == ""
    dues = [s["decide_due"] for s in (await scene.story(case))["case"]["subjects"]]
    assert len(set(dues)) == 3  # each has clocks of their own


@pytest.mark.parametrize("way", WAYS)
async def test_what_came_by_a_channel_that_cannot_be_used_is_kept_and_answered_with_guidance(
    scene: Scene, way: str
) -> None:
    known = {c["reference"] for c in (await scene.api.get("/cases")).json()["cases"]}
    gp = scene.stage.people["madeup-surgery"]
    mail = gp.write(HUB_ADDRESS, "worried", "Canary-scan attached")
    await scene.stage.mail(gp.address, HUB_ADDRESS, gp.encrypted(mail, [scene.stage.hub_fingerprint]))
    case = await until(lambda: new_case(scene, known))
    assert await scene.act(way, case, "look", rating="amber") == ""
    assert await scene.act(way, case, "sort", into="unaccepted_channel", reason="a photograph of a form") == ""
    letters = await until(lambda: guidance(scene, case))
    assert len(letters) == 1
    answer = await scene.stage.received("madeup-surgery", "PLEASE SEND IT AGAIN")
    assert "Canary-scan" not in answer.text
    assert (await scene.story(case))["case"]["closed"] is None
    assert "Canary-scan" in (await scene.web.get(f"/desk/case/{case}")).text


async def until(found: Callable[[], Awaitable[Any]]) -> Any:
    """What is found, once there is something."""
    for _ in range(400):
        if got := await found():
            return got
        await asyncio.sleep(0.05)
    raise AssertionError("never")


async def new_case(scene: Scene, known: set[str]) -> str:
    now = {c["reference"] for c in (await scene.api.get("/cases")).json()["cases"]}
    return next(iter(now - known), "")


async def guidance(scene: Scene, case: str) -> list[Any]:
    return [x for x in (await scene.story(case))["letters"] if x["letter"] == "guidance" and x["state"] == "sent"]


@pytest.mark.parametrize("way", WAYS)
async def test_a_conflict_of_interest_that_an_agency_tells_by_telephone_shuts_it_out(scene: Scene, way: str) -> None:
    case = await scene.referred({"api": "Fabrik", "desk": "Notreal", "command": "Quixote"}[way])  # all unlike
    leg = next(x["id"] for x in (await scene.story(case))["case"]["legs"] if x["agency"] == "police")
    given = {"leg": leg, "answer": "decline", "decline": "conflict", **SAID}
    assert await scene.act(way, case, "answered", **given) == ""
    told = await scene.story(case)
    assert [(r["kind"], r["who"]) for r in told["case"]["restrictions"]] == [("agency", "police")]
    assert {("conflict", leg), ("declined", leg)} <= {(t["kind"], t["about"]) for t in told["tasks"]}
    assert not [o for o in told["outstanding"] if o["owner"] == "Fakeshire Constabulary"]


@pytest.mark.parametrize("way", WAYS)
async def test_the_same_concern_again_by_mail_is_read_with_the_first_and_set_aside(scene: Scene, way: str) -> None:
    family = {"api": "Hollow", "desk": "Pretend", "command": "Zimmer"}[way]
    first = await scene.referred(family)
    assert await scene.act(way, first, "look", rating="green") == ""
    known = {c["reference"] for c in (await scene.api.get("/cases")).json()["cases"]}
    data = {**REFERRAL, "subjects": [{**REFERRAL["subjects"][0], "family_name": family}]}
    gp = scene.stage.people["madeup-surgery"]
    mail = gp.write(HUB_ADDRESS, "Referral", "See there", {"referral.json": json.dumps(data).encode()})
    await scene.stage.mail(gp.address, HUB_ADDRESS, gp.encrypted(mail, [scene.stage.hub_fingerprint]))
    again = await until(lambda: new_case(scene, known))
    page = await scene.web.get(f"/desk/case/{again}")
    assert "May be about the same people" in page.text
    assert first in page.text
    into = {"into": "duplicate", "reason": "the same day"}
    assert await scene.act(way, again, "look", rating="green") == ""
    assert "check it" in (await scene.act(way, again, "sort", **into, about="MASH-0000-0000")).lower()
    assert "the contact itself" in (await scene.act(way, again, "sort", **into, about=again)).lower()
    assert await scene.act(way, again, "sort", **into, about=first.lower()) == ""
    assert (await scene.story(again))["case"]["sortings"][-1]["code"] == "duplicate"
    assert (await scene.story(first))["case"]["looked_at"] is None  # unread again: something came with the second
    assert "the same concern sent twice" in (await scene.web.get(f"/desk/case/{again}")).text.lower()
