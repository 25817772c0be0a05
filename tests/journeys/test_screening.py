"""Screening and deciding over real pages, the API and mail: siblings who differ, two lanes in one household, an adult
who refuses, advice without names, the same concern twice."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from exchange.demo.actors.web_client import Page, WebClient
from exchange.demo.stage import CommandFailed, Stage, stage
from tests.ready import ready, token_of

PASSWORD = "a fictitious pass phrase"
CHILD: dict[str, Any] = {
    "form": "child",
    "referrer": {"name": "Pat Placeholder", "source": "2A", "telephone": "01632 960170"},
    "concern": {"immediate_danger": "no", "what_happened": "Came to school hungry"},
    "subjects": [
        {"given_name": "Tilly", "family_name": "Makebelieve", "date_of_birth": "2016-04-01", "words": "I am hungry"},
        {"given_name": "Bo", "family_name": "Makebelieve", "date_of_birth": "2024-02-01"},
    ],
}
ADULT: dict[str, Any] = {
    "form": "adult",
    "referrer": {"name": "Dr Orla Notreal", "source": "3A", "telephone": "01632 960155"},
    "concern": {"immediate_danger": "no", "what_happened": "Bruised, and wants nobody told"},
    "consent": {"consent": "no"},
    "subjects": [{"given_name": "Vera", "family_name": "Virtual", "capacity": "yes"}],
}


@pytest.fixture
async def hub(database_url: str) -> AsyncIterator[Stage]:
    """A served hub on each kind of database, with a manager at the desk and a case system at the API."""
    async with stage() as made:
        await ready(made, database=database_url)
        secret = made.folder / "password"
        secret.write_text(PASSWORD)
        for member in ("manager-1", "manager-2"):
            await made.command("staff", "add", member, "--roles", "hub_manager", "--password-file", str(secret))
        await made.serve()
        yield made


async def api(hub: Stage) -> httpx.AsyncClient:
    token = await token_of(hub, "system-1", "hub_manager", "manager-3")
    return httpx.AsyncClient(base_url=f"{hub.base_url}/api/v1", headers={"Authorization": f"Bearer {token}"})


async def signed_in(hub: Stage, member: str = "manager-1") -> WebClient:
    web = WebClient(hub.base_url)
    await web.submit(await web.get("/desk/sign-in"), member=member, password=PASSWORD)
    return web


async def lodged(program: httpx.AsyncClient, referral: dict[str, Any]) -> str:
    made = await program.post("/referrals", json=referral)
    reference: str = made.json()["reference"]
    return reference


async def case(hub: Stage, reference: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(await hub.command("show", reference, "--json"))["case"]
    return told


def asked(told: dict[str, Any]) -> set[tuple[str, ...]]:
    return {(leg["agency"], *leg["subjects"]) for leg in told["legs"]}


async def refused(web: WebClient, page: Page, act: str, why: str, **given: str | list[str]) -> None:
    shown = await web.submit(page, act, **given)
    assert shown.status == 400
    assert why in shown.text.lower()


async def test_siblings_are_rated_and_decided_differently_each_with_its_own_clocks(hub: Stage) -> None:
    async with await api(hub) as program:
        reference = await lodged(program, CHILD)
    web = await signed_in(hub)
    page = await web.get(f"/desk/case/{reference}")
    page = await web.submit(page, "/look", rating="green")
    page = await web.submit(page, "/rate", subject="s1", rating="amber", reason="neglect")
    page = await web.submit(page, "/rate", subject="s2", rating="red", reason="too young to say")
    page = await web.submit(page, "/level", subject="s2", level="4", reason="statutory")
    page = await web.submit(page, "/borderline", subject="s1", reason="near the threshold")
    await refused(web, page, "/decide", "somebody else must look first", subject="s1", decision="early_help",
                  reason="r", without_checks="yes")  # fmt: skip
    second = await signed_in(hub, "manager-2")
    await second.submit(await second.get(f"/desk/case/{reference}"), "/second_review", subject="s1", agrees="yes",
                        reason="read it all")  # fmt: skip
    page = await web.submit(page, "/decide", subject="s1", decision="early_help", reason="help at home",
                            without_checks="yes", follow_up="2031-03-27")  # fmt: skip
    await refused(web, page, "/decide", "whether the person was heard", subject="s2", decision="section_47",
                  reason="r", without_checks="yes")  # fmt: skip
    page = await web.submit(page, "/decide", subject="s2", decision="section_47", reason="significant harm",
                            without_checks="yes", voice="too_young", routes=["missing"])  # fmt: skip
    assert "Early help (family help), by manager-1" in page.text
    assert "Not heard: too young to say" in page.text
    told = await case(hub, reference)
    first, other = told["subjects"]
    assert (first["decisions"][0]["code"], other["decisions"][0]["code"]) == ("early_help", "section_47")
    assert [m["name"] for m in other["milestones"]] == ["strategy_discussion"]
    assert not first["milestones"]
    page = await web.submit(page, "/set_action", words="Canary-action: see the baby", owner="police", subjects="s2",
                            due="2031-03-27")  # fmt: skip
    letter = await hub.received("police", "WHAT YOUR AGENCY IS TO DO")
    assert letter.encrypted
    assert "Canary-action" in letter.text
    assert "Canary-action" not in await hub.command("show", reference)
    page = await web.submit(page, "/move_action", action_id="a1", doing="done", reason="Sergeant Made-Up rang")
    assert (await case(hub, reference))["actions"][0]["doing"] == "done"


async def test_a_child_and_a_grandmother_at_one_address_are_two_lanes_of_one_case(hub: Stage) -> None:
    async with await api(hub) as program:
        reference = await lodged(program, CHILD)
    web = await signed_in(hub)
    page = await web.get(f"/desk/case/{reference}")
    await refused(web, page, "/add_subject", "not a date", form="adult", given_name="Nan", date_of_birth="long ago",
                  reason="r")  # fmt: skip
    await refused(
        web, page, "/add_subject", "what the worry about them is", form="adult", given_name="Nan", reason="r"
    )
    page = await web.submit(page, "/add_subject", form="adult", role="at_risk", given_name="Nan-canary",
                            family_name="Makebelieve", address="14 Refuge Row", postcode="ZZ99 3CZ",
                            address_protected="yes", worry="bruised on both arms",
                            reason="the school told us by telephone")  # fmt: skip
    assert "Nan-canary Makebelieve" in page.text
    page = await web.submit(page, "/look", rating="red")
    page = await web.submit(page, "/rate", subject="s3", rating="amber", reason="bruise")
    decision = {"subject": "s3", "decision": "section_42", "reason": "enquiry", "without_checks": "yes",
                "voice": "heard", "capacity": "did_not", "outcomes_asked": "expressed", "needs": "yes",
                "risk": "yes"}  # fmt: skip
    await refused(web, page, "/decide", "not all three limbs", **decision, unable="no")
    await refused(web, page, "/decide", "why they have needs", **decision, unable="yes")
    whys = {"needs_why": "frail", "risk_why": "harmed", "unable_why": "bed-bound"}
    page = await web.submit(page, "/decide", **decision, **whys, unable="yes")
    told = await case(hub, reference)
    assert [s["codes"]["form"] for s in told["subjects"]] == ["child", "child", "adult"]
    assert told["subjects"][2]["decisions"][0]["limbs"] == {"needs": True, "risk": True, "unable": True}
    manifests = {name for leg in told["legs"] for name in leg["manifest"]}
    assert "s3.given_name" in manifests
    assert not {"s3.address", "s3.postcode"} & manifests  # a protected address travels nowhere by rule
    hers = [leg for leg in told["legs"] if leg["subjects"] == ["s3"]]
    assert hers
    assert all("s3.worry" in leg["manifest"] for leg in hers)  # and not what was said about the children
    assert not [name for leg in hers for name in leg["manifest"] if name == "concern.what_happened"]


async def test_an_adult_with_capacity_who_refuses_is_left_alone_until_a_ground_is_recorded(
    hub: Stage,
) -> None:
    async with await api(hub) as program:
        reference = await lodged(program, ADULT)
        assert not asked(await case(hub, reference))
        shares_not = await lodged(program, {**ADULT, "consent": {"consent": "yes", "share": "no"}})
        assert not asked(await case(hub, shares_not))  # a no to sharing alone is a no
        await program.post(f"/cases/{reference}/look", json={"rating": "amber"})
        await program.post(f"/cases/{reference}/rate", json={"subject": "s1", "rating": "amber", "reason": "r"})
        decision = {"subject": "s1", "decision": "other_enquiry", "reason": "r", "voice": "heard",
                    "capacity": "did_not", "outcomes_asked": "expressed"}  # fmt: skip
        respected = await program.post(f"/cases/{reference}/decide", json=decision)
        assert (respected.status_code, "respect it" in respected.json()["detail"]) == (409, True)
        ground = {"subject": "s1", "ground": "others_at_risk", "reason": "a grandson of seven is there on Saturdays"}
        assert (await program.post(f"/cases/{reference}/override_refusal", json=ground)).status_code == 200
        decided = await program.post(f"/cases/{reference}/decide", json={**decision, "without_checks": True})
        assert decided.is_success
    told = await case(hub, reference)
    assert told["subjects"][0]["overrides"][0]["code"] == "others_at_risk"


async def test_the_same_concern_twice_is_read_with_the_first_and_closed_without_a_decision(hub: Stage) -> None:
    async with await api(hub) as program:
        first, again = await lodged(program, CHILD), await lodged(program, CHILD)
        for reference in (first, again):
            await program.post(f"/cases/{reference}/look", json={"rating": "green"})
        itself = {"into": "duplicate", "about": again, "reason": "r"}
        assert (await program.post(f"/cases/{again}/sort", json=itself)).status_code == 409
        repeat = await program.post(f"/cases/{again}/sort", json={**itself, "about": first.lower()})
        assert repeat.is_success
        assert (await case(hub, first))["looked_at"] is None  # unread again: something came with the second
        unknown = await program.post(f"/cases/{first}/sort", json={**itself, "about": "MASH-0000-0000"})
        assert (unknown.status_code, unknown.json()["member"]) == (400, "about")
    web = await signed_in(hub)
    page = await web.get(f"/desk/case/{again}")
    assert "May be about the same people" in page.text
    assert first in page.text
    page = await web.submit(page, "/close", reason="repeat", override="yes")
    assert "Closed" in page.text


async def test_what_came_by_an_unaccepted_channel_is_answered_with_guidance_and_kept(hub: Stage) -> None:
    gp = hub.people["madeup-surgery"]
    mail = gp.write("referrals@fakeshire-hub.example", "worried", "Canary-scan attached")
    await hub.mail(gp.address, "referrals@fakeshire-hub.example", gp.encrypted(mail, [hub.hub_fingerprint]))
    receipt = await hub.received("madeup-surgery", "This answer is automatic")
    reference = next(word for word in receipt.text.split() if word.startswith("MASH-"))
    await hub.command("look", reference, "--rating", "amber", "--as", "manager-1")
    await hub.command(
        "act", reference, "sort", "into=unaccepted_channel", "reason=a photograph of a form", "--as", "manager-1"
    )
    guidance = await hub.received("madeup-surgery", "PLEASE SEND IT AGAIN")
    assert "Canary-scan" not in guidance.text
    assert not (await case(hub, reference))["closed"]


async def test_advice_without_names_keeps_codes_alone_and_harm_is_no_consultation(hub: Stage) -> None:
    web = await signed_in(hub)
    page = await web.get("/desk/consultation")
    told: dict[str, str | list[str]] = {"source": "2A", "topic": "neglect", "level": "2", "advice": "early_help"}
    harm = await web.submit(page, "/desk/consultation", **told, harm="yes")
    assert harm.status == 400
    assert "take it as a referral now" in harm.text
    unsaid = await web.submit(page, "/desk/consultation", **{**told, "topic": "Canary-name"}, harm="no")
    assert unsaid.status == 400
    assert "Canary-name" not in unsaid.html
    page = await web.submit(page, "/desk/consultation", **told, harm="no")
    assert "Tell them this reference" in page.text
    reference = next(word for word in page.text.split() if word.startswith("CONS-"))
    async with await api(hub) as program:
        referral = {**CHILD, "referrer": {**CHILD["referrer"], "consultation": reference}}
        later = await lodged(program, referral)
        by_program = await program.post("/consultations", json={**told, "form": "adult", "topic": "financial",
                                                                "harm": False})  # fmt: skip
        assert by_program.status_code == 201
    page = await web.get(f"/desk/case/{later}")
    assert reference in page.text
    told_again = ("about a child: ", "Neglect", "advised: ", "by manager-1")
    shown = await hub.command("show", reference.lower())
    for words in told_again:
        assert words in shown
    for words in told_again[:-1]:
        assert words in page.text  # whoever reads the referral reads what was advised before it
    with pytest.raises(CommandFailed, match="no consultation of this reference"):
        await hub.command("show", "CONS-0000-0000")
    assert (await hub.command("audit", "verify")).startswith("holds")
