"""The JSON API with a bearer token, from outside."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from exchange.demo.stage import Stage, stage
from tests.journeys.described import disagreement
from tests.ready import ready, token_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
REFERRAL: dict[str, Any] = {
    "form": "adult",
    "referrer": {"name": "Nora Notional", "source": "4", "telephone": "01632 960190"},
    "concern": {"immediate_danger": "no", "what_happened": "Canary-worry about money"},
    "subjects": [{"given_name": "Canary-adult"}],
}

DECISION: dict[str, Any] = {
    "subject": "s1", "decision": "section_42", "reason": "r", "needs": "yes", "risk": True, "unable": "yes",
    "needs_why": "frail", "risk_why": "money goes", "unable_why": "bed-bound",
    "voice": "heard", "capacity": "did_not", "outcomes_asked": "expressed", "without_checks": True,
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub."""
    async with stage() as made:
        await ready(made)
        await made.serve("web")
        yield made


async def client(hub: Stage, label: str, roles: str) -> httpx.AsyncClient:
    """A program with a token of a member of staff."""
    token = await token_of(hub, label, roles, f"of-{label}")
    return httpx.AsyncClient(base_url=f"{hub.base_url}/api/v1", headers={"Authorization": f"Bearer {token}"})


async def test_create_rate_decide_and_list(hub: Stage) -> None:
    async with await client(hub, "system-1", "hub_manager") as api:
        made = await api.post("/referrals", json=REFERRAL, headers={"Idempotency-Key": "k1"})
        assert made.status_code == 201
        again = await api.post("/referrals", json=REFERRAL, headers={"Idempotency-Key": "k1"})
        assert (again.status_code, again.json()) == (200, made.json())
        other = {**REFERRAL, "subjects": [{"given_name": "Somebody-else"}]}
        mixed = await api.post("/referrals", json=other, headers={"Idempotency-Key": "k1"})
        assert mixed.status_code == 422  # and not the first one's receipt for the second
        assert "use a new key" in mixed.json()["detail"]
        reference = made.json()["reference"]
        early = await api.post(f"/cases/{reference}/decide", json=DECISION)
        assert early.status_code == 409
        assert "Rate this subject" in early.json()["detail"]
        rated = await api.post(f"/cases/{reference}/rate", json={"subject": "s1", "rating": "amber", "reason": "r"})
        assert rated.json()["subjects"][0]["rating"] == "amber"
        unmet = await api.post(f"/cases/{reference}/decide", json={**DECISION, "unable": "no"})
        assert (unmet.status_code, "other enquiry" in unmet.json()["detail"]) == (409, True)
        for member in ("capacity", "outcomes_asked", "voice", "without_checks"):
            blank = await api.post(f"/cases/{reference}/decide", json={**DECISION, member: ""})
            assert (blank.status_code, member in blank.json()["detail"]) == (409, True)
        await api.post(f"/cases/{reference}/decide", json=DECISION)
        await api.post(f"/cases/{reference}/outcome", json={"subject": "s1", "words": "w"})
        listed = (await api.get("/cases")).json()["cases"]
        assert [c["subjects"][0]["decision"] for c in listed if c["reference"] == reference] == ["section_42"]
        shown = (await api.get(f"/cases/{reference}")).text
        assert "canary" not in shown.lower()
        assert (await api.get("/outstanding")).status_code == 200


async def test_bad_requests_say_what_is_wrong(hub: Stage) -> None:
    async with await client(hub, "system-2", "hub_manager") as api:
        refused = await api.post("/referrals", json={"form": "child", "subjects": [{"date_of_birth": "Canary"}]})
        assert refused.status_code == 400
        assert {
            "where": "subjects.1.given_name",
            "what": "no answer",
            "remedy": "answer “First name”",
        } in refused.json()["problems"]
        assert "Canary" not in refused.text
        assert (await api.post("/referrals", content=b"{")).status_code == 400
        assert (await api.post("/referrals", content=b"[" * 100_000)).status_code == 400
        assert (await api.post("/referrals", content=b" " * 3_000_000)).status_code == 413
        assert (await api.get("/cases/MASH-0000-0000")).status_code == 404
        assert (await api.post("/cases/MASH-0000-0000/explode", json={})).status_code == 404
        for asked in ("/cases?limit=Canary", "/cases?limit=0", "/drift?hours=-1"):
            wrong = await api.get(asked)
            assert (wrong.status_code, wrong.headers["content-type"]) == (400, "application/problem+json")
            assert "Canary" not in wrong.text
            assert wrong.json()["members"]


async def test_nobody_acts_on_a_case_that_has_changed_since_they_read_it(hub: Stage) -> None:
    async with await client(hub, "system-4", "hub_manager") as api:
        reference = (await api.post("/referrals", json=REFERRAL)).json()["reference"]
        case = f"/cases/{reference}"
        read = (await api.get(case)).headers["etag"]
        rating = {"subject": "s1", "rating": "amber", "reason": "r"}
        assert (await api.post(f"{case}/rate", json=rating, headers={"If-Match": read})).status_code == 200
        late = await api.post(f"{case}/rate", json={**rating, "rating": "red"}, headers={"If-Match": read})
        assert (late.status_code, "read it again" in late.json()["detail"]) == (412, True)
        assert (await api.post(f"{case}/rate", json=rating, headers={"If-Match": "7"})).status_code == 412
        anew = (await api.get(case)).headers["etag"]
        assert (await api.post(f"{case}/decide", json=DECISION, headers={"If-Match": anew})).status_code == 200
        (listed,) = [c for c in (await api.get("/cases")).json()["cases"] if c["reference"] == reference]
        assert [(s["rating"], s["decision"]) for s in listed["subjects"]] == [("amber", "section_42")]


async def test_long_lists_come_in_parts_without_a_gap(hub: Stage) -> None:
    async with await client(hub, "system-5", "hub_manager") as api:
        for _ in range(3):
            await api.post("/referrals", json=REFERRAL)
        whole = [c["reference"] for c in (await api.get("/cases")).json()["cases"]]
        found, link = list[str](), "/api/v1/cases?limit=2"
        for _ in range(len(whole)):
            part = await api.get(str(api.base_url.copy_with(path="/")).rstrip("/") + link)
            found += [c["reference"] for c in part.json()["cases"]]
            assert (f'<{part.json()["next"]}>; rel="next"' == part.headers.get("link")) == bool(part.json()["next"])
            link = part.json()["next"]
            if not link:
                break
        assert found == whole
        assert (await api.get("/cases?after=MASH-0000-0000")).status_code == 404


async def test_without_a_token_or_the_role_nothing_is_told(hub: Stage) -> None:
    async with httpx.AsyncClient(base_url=f"{hub.base_url}/api/v1") as nobody:
        refused = await nobody.get("/cases", headers={"Authorization": "Bearer wrong"})
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"] == "Bearer"
    async with await client(hub, "system-3", "auditor") as api:
        assert (await api.get("/cases")).status_code == 200
        assert (await api.post("/referrals", json=REFERRAL)).status_code == 404


async def test_every_example_of_the_document_is_answered_as_it_says(hub: Stage, tmp_path: Path) -> None:
    judged = "/leave|/staff/|/drills/|/handover|/(add_subject|correct_words|emergency|minute|restrict|telephoned)$"
    found = await disagreement(hub, tmp_path, judged, "--phases", "examples")
    assert not found, found


ACTS = r"^/cases/\{reference\}/"


# In parts, each with a token of its own: all of it is more than one token may ask in ten minutes.
@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("part", [("include", f"{ACTS}[a-l]"), ("include", f"{ACTS}[m-z]"), ("exclude", ACTS)])
async def test_whatever_is_asked_is_answered_as_the_document_says(
    hub: Stage, tmp_path: Path, part: tuple[str, str]
) -> None:
    how, which = part
    asked = ("--phases", "coverage,fuzzing", "-n", "10", "--continue-on-failure", f"--{how}-path-regex", which)
    judged = "reference|/leave|/staff|/hub/|/calls|/outstanding|/mail|/keys|/drills|/audit|/letters|/handover"
    judged += "|/search|/tasks"
    found = await disagreement(hub, tmp_path, judged, *asked)
    assert not found, found
