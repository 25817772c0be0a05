"""The same request under one key by several connections at once: made once, and nobody meets a fault of ours."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest_asyncio

from exchange.demo.stage import Stage, stage
from tests.ready import ready, token_of

AT_ONCE = 6
REFERRAL: dict[str, Any] = {
    "form": "child",
    "referrer": {"name": "Nora Notional", "source": "4", "telephone": "01632 960190"},
    "concern": {"immediate_danger": "no", "what_happened": "Canary-bruise"},
    "subjects": [{"given_name": "Canary-mina"}],
}
ADVICE = {"form": "child", "source": "2A", "topic": "neglect", "level": "2", "advice": "early_help", "harm": False}
AWAY = {"kind": "spoc", "who": "police-1-1", "since": "2099-03-27", "until": "2099-03-31"}


@pytest_asyncio.fixture
async def hub(database_url: str) -> AsyncIterator[Stage]:
    """A served hub."""
    async with stage() as made:
        await ready(made, database=database_url)
        await made.serve("web")
        yield made


@pytest_asyncio.fixture
async def programs(hub: Stage) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Connections of one program of a hub manager's."""
    token = await token_of(hub, "manager", "hub_manager", "of-manager")
    headers = {"Authorization": f"Bearer {token}"}
    async with AsyncExitStack() as open_:
        yield [
            await open_.enter_async_context(httpx.AsyncClient(base_url=f"{hub.base_url}/api/v1", headers=headers))
            for _ in range(AT_ONCE)
        ]


async def together(programs: list[httpx.AsyncClient], path: str, body: dict[str, Any]) -> list[httpx.Response]:
    """The same by each of them, under one key."""
    key = {"Idempotency-Key": f"at-once {path}"}
    return list(await asyncio.gather(*(one.post(path, json=body, headers=key) for one in programs)))


async def test_what_is_asked_for_at_once_is_made_once(hub: Stage, programs: list[httpx.AsyncClient]) -> None:
    one = programs[0]
    base = (await one.get("/hub")).json()
    change = {"base": base["base"], "text": base["text"].replace("01632 960100", "01632 960101")}
    let_in = {"staff": "duty-9", "role": ["hub_administrator"], "password": True}
    for path, body in (
        ("/hub/changes", change), ("/staff", let_in), ("/leave", AWAY), ("/consultations", ADVICE),
        ("/referrals", REFERRAL),
    ):  # fmt: skip
        answers = await together(programs, path, body)
        codes = Counter(answer.status_code for answer in answers)
        assert codes[201] == 1, (path, codes)
        assert set(codes) <= {200, 201, 409}, (path, codes)
        for refused in (answer for answer in answers if answer.status_code == 409):
            assert "is being answered at this moment" in refused.json()["detail"], path
            assert int(refused.headers["retry-after"]) > 0
        made = next(answer.json() for answer in answers if answer.status_code == 201)
        told = {name: value for name, value in made.items() if name != "password"}
        again = await one.post(path, json=body, headers={"Idempotency-Key": f"at-once {path}"})
        assert (again.status_code, again.json()) == (200, told), path
    assert len((await one.get("/hub/changes")).json()["changes"]) == 1
    assert len((await one.get("/leave")).json()["leave"]) == 1
    assert len((await one.get("/consultations")).json()["consultations"]) == 1
    assert len((await one.get("/cases")).json()["cases"]) == 1
    assert (await hub.command("audit", "verify")).startswith("holds")


async def test_whoever_hands_over_twice_is_told_of_the_same_cases(
    hub: Stage, programs: list[httpx.AsyncClient]
) -> None:
    one = programs[0]
    for member in ("leaver", "comer"):
        await hub.command("staff", "add", member, "--roles", "screening_officer")
    references = [(await one.post("/referrals", json=REFERRAL)).json()["reference"] for _ in range(3)]
    for reference in references:
        assert (await one.post(f"/cases/{reference}/own", json={"owner": "leaver"})).status_code == 200
    shut = {"kind": "staff", "who": "comer", "why": "conflict", "reason": "knows the family"}
    assert (await one.post(f"/cases/{references[2]}/restrict", json=shut)).status_code == 200
    handed = {"before": "leaver", "owner": "comer"}
    answers = await together(programs, "/handover", handed)
    assert {answer.status_code for answer in answers} <= {200, 409}
    done = [answer.json() for answer in answers if answer.status_code == 200]
    done += [(await one.post("/handover", json=handed, headers={"Idempotency-Key": "at-once /handover"})).json()]
    for told in done:
        assert sorted(told["cases"]) == sorted(references[:2])
        assert (told["owner"], told["kept"]) == ("comer", references[2:])
        assert {row["reference"] for row in told["pack"]} == set(references[:2])
        assert all(row["happened"] for row in told["pack"])
    followed = [(await one.get(f"/cases/{reference}")).json() for reference in references]
    assert [found["case"]["owner"] for found in followed] == ["comer", "comer", "leaver"]
    assert [[e["kind"] for e in found["timeline"]].count("Owned") for found in followed] == [2, 2, 1]
