"""Who of a household is told to whom: to the agency whose row for this case tells of it, whoever poses no risk too,
and to no other, whatever its other rows tell."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from exchange.demo.stage import HUB_ADDRESS, HUB_FILE, Stage, stage
from tests.journeys.test_restrictions import program
from tests.ready import ready

MIXED = """
[[routes]]
agency = "police"                   # whose row for children tells of the household
forms = ["adult"]
parts = ["identity", "concern", "risk"]
purpose = "investigates offences against adults"

[[routes]]
agency = "health"                   # whose row for children does not
forms = ["adult"]
parts = ["identity", "household", "health"]
purpose = "knows who cares for them"
"""
NAN = {"name": "Canary-nan Makebelieve", "relationship": "grandmother", "poses_risk": "no"}
SON = {"name": "Canary-son Makebelieve", "relationship": "son", "poses_risk": "yes"}
OF = {
    "child": {
        "given_name": "Tilly",
        "family_name": "Makebelieve",
        "date_of_birth": "2016-04-01",
        "school": "Madeupton",
    },
    "adult": {"given_name": "Vera", "family_name": "Virtual", "date_of_birth": "1960-04-01"},
}


@pytest.fixture
async def hub(database_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """A served hub on each kind of database, of whose agencies two have rows that differ."""
    file = tmp_path / "hub.toml"
    file.write_text(HUB_FILE.read_text() + MIXED)
    async with stage() as made:
        await ready(made, file, database=database_url)
        await made.serve()
        yield made


def referral(form: str, *household: dict[str, str]) -> dict[str, Any]:
    return {
        "form": form,
        "referrer": {"name": "Dr Orla Notreal", "source": "3A", "telephone": "01632 960155"},
        "concern": {"immediate_danger": "no", "what_happened": "A bruise"},
        "subjects": [OF[form]],
        "household": list(household),
    }


async def told(hub: Stage, agency: str, reference: str) -> set[str]:
    """Who of the household stands in this agency's packet; in its words and in its data alike."""
    packet = await hub.received(agency, f"Our reference {reference}")
    values = json.loads(packet.attachments["packet.json"])["values"]
    named = {v for name, v in values.items() if name[0] == "p" and name.endswith(".name")}
    for person in (NAN, SON):
        assert (person["name"] in packet.text) is (person["name"] in named)
    return named


async def test_the_row_for_this_case_decides_and_who_poses_no_risk_is_told_with_the_others(hub: Stage) -> None:
    both, nan, son = {NAN["name"], SON["name"]}, {NAN["name"]}, {SON["name"]}
    everybody = ("police", "health", "social_care", "education")
    for form, household, wanted in (
        ("child", (NAN,), dict(zip(everybody, (nan, set(), nan, set()), strict=True))),
        ("adult", (NAN,), dict(zip(everybody[:3], (set(), nan, nan), strict=True))),
        ("adult", (NAN, SON), dict(zip(everybody[:3], (son, both, both), strict=True))),
    ):
        async with await program(hub, f"desk{form}{len(household)}", "hub_manager") as api:
            made = await api.post("/referrals", json=referral(form, *household))
        reference = made.json()["reference"]
        assert {agency: await told(hub, agency, reference) for agency in wanted} == wanted


async def test_a_sole_member_of_a_household_that_came_by_sealed_mail_is_told_to_those_who_are_told_of_it(
    hub: Stage,
) -> None:
    gp = hub.people["madeup-surgery"]
    data = json.dumps(referral("adult", NAN)).encode()
    mail = gp.write(HUB_ADDRESS, "Referral", "Attached.", {"referral.json": data})
    await hub.mail(gp.address, HUB_ADDRESS, gp.encrypted(mail, [hub.hub_fingerprint]))
    receipt = await hub.received("madeup-surgery", "This answer is automatic")
    reference = next(word for word in receipt.text.split() if word.startswith("MASH-"))
    assert await told(hub, "social_care", reference) == {NAN["name"]}
    assert await told(hub, "police", reference) == set()
    async with await program(hub, "desk", "hub_manager", "manager-1") as api:
        asked = {"agency": "education", "subjects": ["s1"], "reason": "he goes to college"}
        assert (await api.post(f"/cases/{reference}/ask", json=asked)).status_code == 200
    assert await told(hub, "education", reference) == set()
