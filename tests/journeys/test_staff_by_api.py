"""Staff by the API: let in, given roles for some days, ended, as on the pages; and no slip of a name is dropped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from exchange.demo.stage import CommandFailed, Stage, stage
from tests.ready import ready, token_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub."""
    async with stage() as made:
        await ready(made)
        await made.serve("web")
        yield made


async def program(hub: Stage, label: str, roles: str) -> httpx.AsyncClient:
    """A program with a token of a member of staff."""
    token = await token_of(hub, label, roles, f"of-{label}")
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(base_url=f"{hub.base_url}/api/v1", headers=headers, timeout=60)


async def roles_of(api: httpx.AsyncClient, member: str) -> dict[str, Any]:
    """What the list says of somebody."""
    return {
        one["role"]: (one["since"][:10], (one["until"] or "")[:10])
        for here in (await api.get("/staff")).json()["staff"]
        if here["staff"] == member
        for one in here["roles"]
    }


async def test_a_person_is_let_in_for_some_days_changed_and_ended(hub: Stage) -> None:
    async with await program(hub, "manager", "hub_manager") as api:
        new = {"staff": "duty-7", "role": ["screening_officer", "chair"], "since": "2099-01-05", "password": True}
        made = await api.post("/staff", json=new)
        assert made.status_code == 201, made.text
        assert len(made.json()["password"]) >= 12
        assert await roles_of(api, "duty-7") == {
            "screening_officer": ("2099-01-05", ""),
            "chair": ("2099-01-05", ""),
        }
        again = await api.post("/staff", json=new)
        assert (again.status_code, "Somebody is here under this id" in again.json()["detail"]) == (400, True)
        given = await api.post("/staff/duty-7/give", json={"role": "auditor", "until": "2099-09-30"})
        assert given.status_code == 200, given.text
        assert (await roles_of(api, "duty-7"))["auditor"][1] == "2099-09-30"
        assert (await api.post("/staff/duty-7/take", json={"role": "auditor"})).status_code == 200
        lacks = await api.post("/staff/duty-7/take", json={"role": "analyst"})
        assert (lacks.status_code, lacks.json()["member"]) == (400, "role")
        assert (await api.post("/staff/duty-7/sign-out", json={})).status_code == 200
        anew = (await api.post("/staff/duty-7/anew", json={})).json()["password"]
        assert anew != made.json()["password"]
        unsure = await api.post("/staff/duty-7/leave", json={"sure": False})
        assert (unsure.status_code, unsure.json()["member"]) == (400, "sure")
        assert (await api.post("/staff/duty-7/leave", json={"sure": True})).status_code == 200
        assert not await roles_of(api, "duty-7")
        assert (await api.post("/staff/duty-7/anew", json={})).status_code == 404
        assert (await api.post("/staff/of-manager/explode", json={})).status_code == 404
    history = await hub.command("audit", "verify")
    assert "duty-7" not in history


async def test_nobody_lets_themselves_do_more_or_by_way_of_another_name(hub: Stage) -> None:
    async with (
        await program(hub, "administrator", "hub_administrator") as api,
        await program(hub, "officer", "screening_officer") as officer,
    ):
        own = await api.post("/staff/of-administrator/give", json={"role": "hub_manager"})
        assert (own.status_code, "nobody changes what they may do" in own.json()["detail"].lower()) == (409, True)
        other = await api.post("/staff", json={"staff": "duty-8", "role": ["decision_manager"]})
        assert (other.status_code, "ask a hub manager" in other.json()["detail"]) == (409, True)
        assert (await officer.get("/staff")).status_code == 404
        assert (await officer.post("/staff", json={"staff": "duty-8", "role": ["chair"]})).status_code == 404
    token = (await hub.command("token", "add", "nobody", "--roles", "hub_manager")).strip()
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as nobody:
        got = await nobody.post(f"{hub.base_url}/api/v1/staff", json={"staff": "duty-8", "role": ["chair"]})
        assert (got.status_code, "--staff ID" in got.json()["detail"]) == (409, True)


@pytest.mark.parametrize(
    ("act", "given", "slip"),
    [
        ("rate", {"subject": "s1", "rating": "amber", "reason": "r", "reasno": "Canary"}, "reasno"),
        ("correct_concern", {"concern.what_hapened": "Canary", "reason": "r"}, "concern.what_hapened"),
        ("add_subject", {"given_nam": "Canary", "form": "child", "reason": "r"}, "given_nam"),
        ("minute", {"attendee.1.nam.e": "Canary", "mode": "video"}, "attendee.1.nam.e"),
        ("decide", {"subject": "s1", "decision": "nfa", "reason": "r", "follow-up": "2099-01-05"}, "follow-up"),
    ],
)
async def test_a_misspelt_member_is_refused_by_name_and_nothing_is_done(
    hub: Stage, act: str, given: dict[str, str], slip: str
) -> None:
    referral = {
        "referrer": {"name": "Nora Notional", "source": "4", "telephone": "01632 960190"},
        "concern": {"immediate_danger": "no", "what_happened": "worry"},
        "subjects": [{"given_name": "Mina"}],
    }
    async with await program(hub, f"system-{act}", "hub_manager") as api:
        case = f"/cases/{(await api.post('/referrals', json=referral)).json()['reference']}"
        before = (await api.get(case)).headers["etag"]
        got = await api.post(f"{case}/{act}", json=given)
        assert (got.status_code, got.headers["content-type"]) == (400, "application/problem+json")
        assert (slip in got.json()["detail"], got.json()["member"]) == (True, slip)
        assert "Canary" not in got.text
        assert (await api.get(case)).headers["etag"] == before
        staff = await api.post("/staff", json={"staff": "duty-9", "rolle": ["chair"]})
        assert (staff.status_code, "rolle" in staff.json()["detail"]) == (400, True)


async def test_a_misspelt_member_of_leave_a_change_or_a_command_is_refused_by_name(hub: Stage) -> None:
    away = {"kind": "staff", "who": "of-oversees", "since": "2099-08-03", "until": "2099-08-07"}
    async with await program(hub, "oversees", "hub_manager,hub_administrator") as api:
        for to, given, slip in (
            ("/leave", {**away, "coverd_by": "of-other"}, "coverd_by"),
            ("/leave/none/end", {"bakc": "2099-08-04"}, "bakc"),
            ("/hub/changes", {"part": "mailbox", "which": "police-1", "values": {}, "bsae": "x"}, "bsae"),
            ("/hub/changes", {"text": "", "part": "mailbox"}, "part"),
        ):
            got = await api.post(to, json=given)
            assert (got.status_code, slip in got.json()["detail"]) == (400, True), (to, got.text)
        assert (await api.get("/leave")).json()["leave"] == []
        assert (await api.get("/hub/changes")).json()["changes"] == []
        referral = {
            "referrer": {"name": "Nora Notional", "source": "4", "telephone": "01632 960190"},
            "concern": {"immediate_danger": "no", "what_happened": "worry"},
            "subjects": [{"given_name": "Mina"}],
        }
        case = (await api.post("/referrals", json=referral)).json()["reference"]
    with pytest.raises(CommandFailed, match=r"no value “reasno” of rate: docs/acts\.md"):
        await hub.command("act", case, "rate", "subject=s1", "rating=amber", "reasno=Canary", "--as", "of-oversees")
