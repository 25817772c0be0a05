"""Advice given without names, read again by page, API and command alike, and by nobody who is shut out of the
referral that names it, whichever way that came."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from exchange.demo.stage import HUB_ADDRESS, Stage, stage
from tests.journeys.test_desk import PASSWORD
from tests.journeys.test_restrictions import at_the_desk, program
from tests.ready import ready

ADVICE = {"source": "2A", "topic": "neglect", "level": "2", "advice": "early_help", "harm": "no"}
REFERRAL: dict[str, Any] = {
    "form": "child",
    "referrer": {"name": "Dr Ima Fiction", "source": "3A", "telephone": "01632 960155"},
    "concern": {"immediate_danger": "no", "what_happened": "Came hungry again"},
    "subjects": [{"given_name": "Mina", "family_name": "Inventa"}],
}


@pytest.fixture
async def hub(database_url: str) -> AsyncIterator[Stage]:
    """A served hub on each kind of database, with two who take contacts at the desk, and an auditor."""
    async with stage() as made:
        await ready(made, database=database_url)
        secret = made.folder / "password"
        secret.write_text(PASSWORD)
        for member, role in {
            "manager-1": "hub_manager",
            "duty-1": "screening_officer",
            "auditor-1": "auditor",
        }.items():
            await made.command("staff", "add", member, "--roles", role, "--password-file", str(secret))
        await made.serve()
        yield made


async def advised(hub: Stage, **more: str) -> str:
    """What somebody at the desk advised just now: its reference."""
    web = await at_the_desk(hub, "duty-1")
    page = await web.submit(await web.get("/desk/consultation"), "/desk/consultation", **{**ADVICE, **more})
    assert page.status == 200, page.text
    return next(word for word in page.text.split() if word.startswith("CONS-"))


async def by_mail(hub: Stage, api: httpx.AsyncClient, named: str) -> str:
    """The surgery refers by sealed mail, and names what it asked before; the case."""
    gp = hub.people["madeup-surgery"]
    data = {**REFERRAL, "referrer": {**REFERRAL["referrer"], "consultation": named}}
    mail = gp.write(HUB_ADDRESS, "Referral", "See there.", {"referral.json": json.dumps(data).encode()})
    await hub.mail(gp.address, HUB_ADDRESS, gp.encrypted(mail, [hub.hub_fingerprint]))
    for _ in range(400):
        if cases := (await api.get("/cases")).json()["cases"]:
            return str(cases[0]["reference"])
        await asyncio.sleep(0.05)
    raise AssertionError("the mail became no case")


async def test_what_was_advised_is_read_by_page_api_and_command_with_the_referral_that_came_by_mail(
    hub: Stage,
) -> None:
    reference = await advised(hub)
    async with await program(hub, "desk", "hub_manager", "manager-9") as api:
        case = await by_mail(hub, api, f"you told me {reference.replace('-', ' ').lower()}, thank you")
        told = (await api.get(f"/consultations/{reference.lower()}")).json()
        assert told.pop("at")
        kept = {name: ADVICE[name] for name in ("source", "topic", "level", "advice")}
        assert told == {"reference": reference, "by": "duty-1", "form": "child", "cases": [case], **kept}
        unknown = await api.get("/consultations/CONS-0000-0000")
        assert unknown.status_code == 404
        assert json.loads(await hub.command("show", reference, "--json"))["cases"] == [case]
        assert f"named by {case}" in await hub.command("show", reference)
    web = await at_the_desk(hub, "duty-1")
    page = await web.get(f"/desk/consultation/{reference}")
    for words in (reference, "A child", "School", "Neglect", "Offer early help", "duty-1", case):
        assert words in page.text
    assert "Inventa" not in page.html
    assert f'href="/desk/consultation/{reference}"' in (await web.get("/desk/consultation")).html
    assert "Offer early help" in (await web.get(f"/desk/case/{case}")).text
    assert (await web.get("/desk/consultation/CONS-0000-0000")).status == 404


async def test_a_list_of_many_is_read_newest_first_a_part_at_a_time(hub: Stage) -> None:
    async with await program(hub, "desk", "screening_officer", "duty-9") as api:
        body = {**ADVICE, "form": "child"}
        made = [(await api.post("/consultations", json=body)).json()["reference"] for _ in range(52)]
        found, link = [], "/consultations?limit=25"
        while link:
            part = (await api.get(link)).json()
            found += [row["reference"] for row in part["consultations"]]
            link = part["next"].removeprefix("/api/v1")
        assert found == made[::-1]
        assert (await api.get("/consultations?after=CONS-0000-0000")).status_code == 404
        assert (await api.get("/consultations?limit=0")).status_code == 400
    web = await at_the_desk(hub, "duty-1")
    first, second = await web.get("/desk/consultation"), await web.get("/desk/consultation?given=2")
    assert made[-1] in first.text
    assert made[0] not in first.text
    assert made[0] in second.text


async def test_who_is_shut_out_of_the_referral_sees_neither_it_nor_the_consultation(hub: Stage) -> None:
    reference, other = await advised(hub), await advised(hub, topic="emotional")
    async with (
        await program(hub, "desk", "hub_manager", "manager-9") as api,
        await program(hub, "line", "screening_officer", "duty-2") as line,
    ):
        case = await by_mail(hub, api, reference)
        for who in ("duty-1", "duty-2"):
            body = {"kind": "staff", "who": who, "why": "own_family", "reason": "her brother"}
            assert (await api.post(f"/cases/{case}/restrict", json=body)).status_code == 200
        absent = await line.get("/consultations/CONS-0000-0000")
        hidden = await line.get(f"/consultations/{reference}")
        assert (hidden.status_code, hidden.content) == (404, absent.content)
        assert [row["reference"] for row in (await line.get("/consultations")).json()["consultations"]] == [other]
        assert len((await api.get("/consultations")).json()["consultations"]) == 2
        attempts = [t["about"] for t in (await api.get(f"/cases/{case}")).json()["tasks"]]
        assert "duty-2" in attempts  # and the auditor is told
        corrected = {"referrer.consultation": other, "reason": "read wrongly"}
        assert (await api.post(f"/cases/{case}/correct_concern", json=corrected)).status_code == 200
        assert (await line.get(f"/consultations/{reference}")).json()["cases"] == []
        assert (await line.get(f"/consultations/{other}")).status_code == 404
    web = await at_the_desk(hub, "duty-1")
    assert (await web.get(f"/desk/consultation/{other}")).status == 404
    page = await web.get("/desk/consultation")
    assert reference in page.text
    assert other not in page.text
    seen = (await (await at_the_desk(hub, "manager-1")).get(f"/desk/consultation/{other}")).text
    assert case in seen
