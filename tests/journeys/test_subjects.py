"""Subjects through every door: a child not born yet, one who is borderline, and one who is stepped up and down."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from exchange.demo.actors.web_client import WebClient
from exchange.demo.stage import HUB_ADDRESS, HUB_FILE, CommandFailed, Stage, stage
from tests.full_case import PASSWORD, done, signed_in
from tests.ready import ready, token_of

pytestmark = pytest.mark.timeout(300)
SOON = (datetime.now(UTC) + timedelta(days=70)).date().isoformat()
DECIDE = {"red": 2, "amber": 4, "green": 1800}  # seconds from receipt
REFERRAL: dict[str, Any] = {
    "form": "child",
    "referrer": {"name": "Midwife Mona Madeup", "source": "3D", "telephone": "01632 960155"},
    "concern": {"immediate_danger": "no", "what_happened": "Shouting heard at every visit"},
    "subjects": [{"family_name": "Inventa", "unborn": "yes", "expected_date": SOON}],
}
BORN: dict[str, Any] = {
    **REFERRAL,
    "subjects": [{"given_name": "Mina", "date_of_birth": "2016-04-01", "words": "No"}],
}


@pytest.fixture
async def hub(database_url: str) -> AsyncIterator[Stage]:
    """A served hub on each kind of database, where only decisions are late within seconds."""
    slow = re.sub(r'"(\d+)s"', r'"\1m"', HUB_FILE.read_text())
    for rating, seconds in DECIDE.items():
        slow = re.sub(rf'(\[ratings\.{rating}\][^\[]*?decide = )"[^"]+"', rf'\1"{seconds}s"', slow)
    async with stage() as made:
        file = made.folder / "hub.toml"
        file.write_text(slow)
        await ready(made, file, database=database_url)
        secret = made.folder / "password"
        secret.write_text(PASSWORD)
        for member in ("manager-1", "manager-2"):
            await made.command("staff", "add", member, "--roles", "hub_manager", "--password-file", str(secret))
        await made.serve()
        yield made


async def program(hub: Stage) -> httpx.AsyncClient:
    token = await token_of(hub, "manager-7", "hub_manager", "manager-7")
    return httpx.AsyncClient(
        base_url=f"{hub.base_url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=60
    )


async def act(api: httpx.AsyncClient, reference: str, name: str, /, **given: object) -> httpx.Response:
    return await api.post(f"/cases/{reference}/{name}", json=given)


async def story(api: httpx.AsyncClient, reference: str) -> dict[str, Any]:
    told: dict[str, Any] = (await api.get(f"/cases/{reference}")).json()
    return told


async def until(api: httpx.AsyncClient, reference: str, holds: Any) -> dict[str, Any]:
    """The story of the case as soon as it holds."""
    for _ in range(600):
        told = await story(api, reference)
        if holds(told):
            return told
        await asyncio.sleep(0.05)
    raise AssertionError("never")


async def by_api(hub: Stage, web: WebClient, api: httpx.AsyncClient) -> str:
    return str((await api.post("/referrals", json=REFERRAL)).json()["reference"])


async def by_telephone(hub: Stage, web: WebClient, api: httpx.AsyncClient) -> str:
    page = await web.submit(await web.get("/desk/telephone"), "/desk/telephone", **{
        "name": "Midwife Mona Madeup", "telephone": "01632 960155", "checked": "rang back", "rating": "amber",
        "referrer.source": "3D", "concern.immediate_danger": "no", "concern.what_happened": "Shouting heard",
        "s1.family_name": "Inventa", "s1.unborn": "yes", "s1.expected_date": SOON,
    })  # fmt: skip
    found = re.search(r"MASH-\w{4}-\w{4}", page.text)
    assert found, page.text
    return found[0]


async def by_mail(hub: Stage, web: WebClient, api: httpx.AsyncClient) -> str:
    gp = hub.people["madeup-surgery"]
    mail = gp.write(HUB_ADDRESS, "Referral", "Attached.", {"referral.json": json.dumps(REFERRAL).encode()})
    await hub.mail(gp.address, HUB_ADDRESS, gp.encrypted(mail, [hub.hub_fingerprint]))
    receipt = await hub.received("madeup-surgery", "This answer is automatic")
    return next(word for word in receipt.text.split() if word.startswith("MASH-"))


async def test_an_unborn_child_is_a_subject_with_a_date_whichever_way_it_came_and_is_born_into_the_same_case(
    hub: Stage,
) -> None:
    web = await signed_in(hub)
    async with await program(hub) as api:
        for way in (by_mail, by_telephone, by_api):
            reference = await way(hub, web, api)
            told = await story(api, reference)
            assert [s["codes"]["age_band"] for s in told["case"]["subjects"]] == ["unborn"]
            assert "education" not in {
                leg["agency"] for leg in told["case"]["legs"]
            }  # nobody sees them at school yet
            assert "Unborn baby Inventa" in (await web.get(f"/desk/case/{reference}")).text
            packet = await hub.received("health", f"Our reference {reference}")
            assert json.loads(packet.attachments["packet.json"])["values"]["s1.expected_date"] == SOON
        for name, wrong, remedy in (("expected_date", "2020-01-01", "give the date of birth instead"),
                                    ("expected_date", "2051-01-01", "check the year"),
                                    ("date_of_birth", "2016-03-27", "leave it out")):  # fmt: skip
            cannot_be = {**REFERRAL, "subjects": [{**REFERRAL["subjects"][0], name: wrong}]}
            refused = await api.post("/referrals", json=cannot_be)
            [told] = refused.json()["problems"]
            assert (refused.status_code, told["where"]) == (400, f"subjects.1.{name}")
            assert remedy in told["remedy"]

        for name, given in (("look", {"rating": "green"}), ("rate", {"rating": "green", "reason": "r"})):
            assert (await act(api, reference, name, subject="s1", **given) if name == "rate" else
                    await act(api, reference, name, **given)).status_code == 200  # fmt: skip
        due = (await story(api, reference))["case"]["subjects"][0]["decide_due"]
        decision = {"subject": "s1", "decision": "section_47", "reason": "r", "without_checks": True}
        heard = await act(api, reference, "decide", voice="heard", **decision)
        assert (heard.status_code, "unborn" in heard.text) == (409, True)
        birth = {"given_name": "Mina", "unborn": "no", "date_of_birth": datetime.now(UTC).date().isoformat()}
        born = await act(api, reference, "correct_subject", subject="s1", reason="the ward rang", **birth)
        assert born.status_code == 200, born.text
        news = await hub.received("health", "PART OF OUR PACKET WAS WRONG")
        assert birth["date_of_birth"] in news.text or "Mina" in news.text
        told = await story(api, reference)
        assert [s["codes"]["age_band"] for s in told["case"]["subjects"]] == ["under_5"]
        assert told["case"]["subjects"][0]["decide_due"] == due
        page = await web.get(f"/desk/case/{reference}")
        assert "Mina Inventa" in page.text
        assert "Unborn baby" not in page.text
        seen = await act(api, reference, "decide", voice="too_young", **decision)
        assert seen.status_code == 200, seen.text


async def test_a_borderline_child_is_looked_at_by_somebody_else_whichever_door_both_come_by(hub: Stage) -> None:
    web, other = await signed_in(hub), await signed_in(hub, "manager-2")
    async with await program(hub) as api:
        for mark, review in (("api", "desk"), ("desk", "command"), ("command", "api")):
            reference = str((await api.post("/referrals", json=BORN)).json()["reference"])
            await act(api, reference, "rate", subject="s1", rating="green", reason="r")
            marked = {"subject": "s1", "reason": "near the threshold"}
            decision = {"subject": "s1", "decision": "nfa", "reason": "r", "without_checks": True, "voice": "heard"}
            looks = {"subject": "s1", "agrees": "yes", "reason": "read it all"}
            if mark == "api":
                assert (await act(api, reference, "borderline", **marked)).status_code == 200
            elif mark == "desk":
                await done(web, await web.get(f"/desk/case/{reference}"), "borderline", **marked)
            else:
                await hub.command("act", reference, "borderline", *pairs(marked), "--as", "manager-7")
            refused = await act(api, reference, "decide", **decision)
            assert (refused.status_code, "somebody else must look first" in refused.json()["detail"]) == (409, True)
            if review == "desk":
                await done(other, await other.get(f"/desk/case/{reference}"), "second_review", **looks)
            elif review == "command":
                await hub.command("act", reference, "second_review", *pairs(looks), "--as", "manager-2")
            else:  # who marked it is no second person, by whatever door
                assert (await act(api, reference, "second_review", **looks)).status_code == 409
                await hub.command("act", reference, "second_review", *pairs(looks), "--as", "manager-2")
            undated = await act(api, reference, "decide", **decision)
            assert (undated.status_code, "on which day somebody looks again" in undated.text) == (409, True)
            assert (await act(api, reference, "decide", **decision, follow_up="2031-03-27")).status_code == 200
            assert "manager-2 agrees" in (await web.get(f"/desk/case/{reference}")).text
            with pytest.raises(CommandFailed):
                await hub.command("act", reference, "second_review", *pairs(looks), "--as", "nobody-1")


def pairs(given: dict[str, str]) -> tuple[str, ...]:
    return tuple(f"{name}={value}" for name, value in given.items())


async def test_who_is_stepped_up_and_down_keeps_the_history_the_receipt_and_the_breach_and_holders_are_told(
    hub: Stage,
) -> None:
    web = await signed_in(hub)
    async with await program(hub) as api:
        made = await api.post("/referrals", json=BORN)
        reference = str(made.json()["reference"])
        await hub.received("police", f"Our reference {reference}")
        await act(api, reference, "rate", subject="s1", rating="green", reason="Canary-first")
        told = await story(api, reference)
        received = datetime.fromisoformat(told["case"]["received_at"])
        assert due(told) == received + timedelta(seconds=DECIDE["green"])

        page = await done(web, await web.get(f"/desk/case/{reference}"), "rate", subject="s1", rating="amber",
                          reason="Canary-up: seen again")  # fmt: skip
        assert "Green → Amber" in page.text
        told = await until(api, reference, lambda t: "stepped" in {x["letter"] for x in t["letters"]})
        assert due(told) == received + timedelta(seconds=DECIDE["amber"])  # from the receipt, not from now
        news = await hub.received("police", "How urgent it is has changed")
        assert reference in news.text
        assert "Canary" not in news.text
        told = await until(api, reference, lambda t: "LATE" in decision(t))

        down = ("rate", reference, "s1", "green", "--reason", "Canary-down: explained", "--as", "manager-2")
        await hub.command(*down)
        told = await story(api, reference)
        assert "LATE" in decision(told)  # what was missed stays missed
        page = await web.get(f"/desk/case/{reference}")
        assert "Green → Amber → Green" in page.text
        for words in ("Canary-first", "Canary-up: seen again", "Canary-down: explained"):
            assert words in page.text
        shown = await hub.command("show", reference)
        assert [who for who in re.findall(r"rated .*?, by (manager-\d)", shown)] == [
            "manager-7",
            "manager-1",
            "manager-2",
        ]
        assert "Canary" not in shown
        refused = await act(api, reference, "rate", subject="s1", rating="purple", reason="r")
        assert refused.status_code in (400, 409)


def due(told: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(told["case"]["subjects"][0]["decide_due"])


def decision(told: dict[str, Any]) -> set[str]:
    """Whether the decision is late."""
    return {row["late"] for row in told["outstanding"] if row["what"] == "decision"}
