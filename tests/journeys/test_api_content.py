"""What a case says, read by a program: with the rights of its roles, kept apart as at the desk, and written down."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from exchange.demo.stage import Stage, stage
from tests.journeys.test_who_may import csrf, with_file
from tests.ready import ready, token_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
REFERRAL: dict[str, Any] = {
    "form": "child",
    "referrer": {"name": "Nora Notional", "source": "4", "telephone": "01632 960190"},
    "concern": {"immediate_danger": "no", "what_happened": "Canary-bruise on the arm"},
    "subjects": [{"given_name": "Canary-mina", "family_name": "Madeup", "date_of_birth": "2019-05-04"}],
}
TOLD = {"answer": "information", "words": "Canary-health history", "name": "Rita Ringer", "checked": "rang back"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub."""
    async with stage() as made:
        await ready(made)
        await made.serve("web")
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def manager(hub: Stage) -> AsyncIterator[httpx.AsyncClient]:
    """A program of a hub manager's."""
    async with await client(hub, "manager", "hub_manager") as api:
        yield api


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def case(hub: Stage, manager: httpx.AsyncClient) -> str:
    """A case with a file, about which health has told something."""
    lodged = (await manager.post("/referrals", json=REFERRAL)).json()
    await with_file(hub, lodged["receipt_code"])
    reference: str = lodged["reference"]
    rating = {"subject": "s1", "rating": "red", "reason": "Canary-reason"}
    assert (await manager.post(f"/cases/{reference}/rate", json=rating)).status_code == 200
    legs = (await manager.get(f"/cases/{reference}")).json()["case"]["legs"]
    (leg,) = [one["id"] for one in legs if one["agency"] == "health"]
    told = await manager.post(f"/cases/{reference}/answered", json={"leg": leg, **TOLD})
    assert told.status_code == 200, told.text
    return reference


async def client(hub: Stage, label: str, roles: str) -> httpx.AsyncClient:
    """A program with a token of a member of staff."""
    token = await token_of(hub, label, roles, f"of-{label}")
    return httpx.AsyncClient(base_url=f"{hub.base_url}/api/v1", headers={"Authorization": f"Bearer {token}"})


async def test_whoever_may_reads_what_a_case_says(manager: httpx.AsyncClient, case: str) -> None:
    found = (await manager.get(f"/cases/{case}/content")).json()
    assert found["names"] == {"s1": "Canary-mina Madeup"}
    assert found["referral"]["concern"]["what_happened"] == "Canary-bruise on the arm"
    (told,) = found["contributions"]
    assert (told["agency"], told["words"]) == ("health", "Canary-health history")
    said = [line["words"] for line in found["history"] if "Canary-health history" in line["words"]]
    assert len(said) == 1
    assert "Rita Ringer" in said[0]
    assert any(line["words"] == "Canary-reason" for line in found["history"])


async def test_what_is_kept_apart_is_named_and_not_told(hub: Stage, case: str) -> None:
    async with await client(hub, "officer", "screening_officer") as api:
        found = await api.get(f"/cases/{case}/content")
        (told,) = found.json()["contributions"]
        assert (told["agency"], told["words"]) == ("health", None)
        assert "Canary-health" not in found.text
        assert "Canary-bruise" in found.text
    async with await client(hub, "administrator", "hub_administrator") as api:
        hidden, absent = [await api.get(f"/cases/{of}/content") for of in (case, "MASH-0000-0000")]
        assert (hidden.status_code, hidden.content) == (404, absent.content)


async def test_files_are_read_as_at_the_desk(manager: httpx.AsyncClient, case: str) -> None:
    (file,) = (await manager.get(f"/cases/{case}/content")).json()["files"]
    here = f"/cases/{case}/files/{file['file']}"
    assert (file["name"], file["kind"], file["may_be_opened"]) == ("page.pdf", "pdf", True)
    assert (await manager.get(here)).json()["pages"] is True
    drawn = await manager.get(f"{here}/pages")
    assert (drawn.headers["content-type"], drawn.content[:4]) == ("image/png", b"\x89PNG")
    whole = await manager.get(f"{here}/original")
    assert len(whole.content) == file["octets"]
    assert whole.content.startswith(b"%PDF")
    assert "attachment" in whole.headers["content-disposition"]
    assert (await manager.get(f"/cases/{case}/files/nothing")).status_code == 404


async def test_that_it_was_read_is_in_the_record_and_who_is_shut_out_reads_nothing(
    hub: Stage, manager: httpx.AsyncClient, case: str
) -> None:
    async with await client(hub, "reader", "screening_officer") as api:
        assert (await api.get(f"/cases/{case}/content")).status_code == 200
        log = await hub.command("audit", "log")
        assert any("Viewed" in line and "of-reader" in line for line in log.splitlines())
        shut = {"kind": "staff", "who": "of-reader", "why": "conflict", "reason": "knows the family"}
        assert (await manager.post(f"/cases/{case}/restrict", json=shut)).status_code == 200
        for path in (f"/cases/{case}/content", f"/cases/{case}/files/x", f"/cases/{case}/files/x/original"):
            refused = await api.get(path)
            assert (refused.status_code, "Canary" in refused.text) == (404, False)


async def test_a_key_that_was_used_for_another_act_is_refused(manager: httpx.AsyncClient, case: str) -> None:
    amber = {"subject": "s1", "rating": "amber", "reason": "calmer"}
    key = {"Idempotency-Key": "key-1"}
    first = await manager.post(f"/cases/{case}/rate", json=amber, headers=key)
    assert first.status_code == 200
    again = await manager.post(f"/cases/{case}/rate", json=amber, headers=key)
    assert (again.status_code, again.json()) == (200, first.json())
    other = await manager.post(f"/cases/{case}/rate", json={**amber, "rating": "red"}, headers=key)
    assert (other.status_code, "use a new key" in other.json()["detail"]) == (422, True)
    assert (await manager.get(f"/cases/{case}")).json()["case"]["subjects"][0]["ratings"][-1]["code"] == "amber"
    wrong = {"Idempotency-Key": "key-2"}
    assert (await manager.post(f"/cases/{case}/rate", json={"subject": "s1"}, headers=wrong)).status_code == 400
    mended = await manager.post(f"/cases/{case}/rate", json=amber, headers=wrong)
    assert mended.status_code == 200  # what was refused has used up no key


async def test_whoever_has_it_already_is_not_sent_it_again(manager: httpx.AsyncClient, case: str) -> None:
    for path in (f"/cases/{case}", f"/cases/{case}/content", "/leave", "/cases"):
        tag = (await manager.get(path)).headers["etag"]
        same = await manager.get(path, headers={"If-None-Match": f'"other", W/{tag}'})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag), path
    tag = (await manager.get(f"/cases/{case}")).headers["etag"]
    level = {"subject": "s1", "rating": "red", "reason": "worse"}
    done = await manager.post(f"/cases/{case}/rate", json=level, headers={"If-Match": tag})
    assert done.status_code == 200, done.text
    anew = await manager.get(f"/cases/{case}", headers={"If-None-Match": tag})
    assert (anew.status_code, anew.headers["etag"] == tag) == (200, False)


async def test_a_contact_is_typed_in_and_its_code_is_read_out(
    hub: Stage, manager: httpx.AsyncClient, case: str
) -> None:
    typed = await manager.post(f"/cases/{case}/transcribe", json={"form": "child", "subjects": [{"given_name": 7}]})
    assert (typed.status_code, typed.json()["problems"][0]["where"]) == (400, "subjects.1.given_name")
    done = await manager.post(f"/cases/{case}/transcribe", json=REFERRAL)
    assert (done.status_code, "already has its subjects" in done.json()["detail"]) == (409, True), done.text
    rang = {"name": "Rita Ringer", "checked": "rang back"}
    assert (await manager.post(f"/cases/{case}/receipt_code", json={})).status_code == 400
    code = (await manager.post(f"/cases/{case}/receipt_code", json=rang)).json()["receipt_code"]
    async with httpx.AsyncClient(base_url=hub.base_url) as web:
        form = csrf((await web.get("/receipt")).text)
        assert case in (await web.post("/receipt", data={"csrf": form, "code": code})).text
    log = await hub.command("audit", "log", "access")
    assert any("ReceiptCodeShown" in line and "of-manager" in line for line in log.splitlines())


async def test_what_is_tried_is_kept_nowhere(manager: httpx.AsyncClient, case: str) -> None:
    before = (await manager.get(f"/cases/{case}")).headers["etag"].partition(".")[0]
    letter = await manager.post(f"/cases/{case}/letter", json={"words": "Canary-thanks"})
    assert (letter.status_code, bool(letter.json()["letter"])) == (200, True)
    tried = (await manager.post("/hub/routes/try", json={"age": ["school"], "rating": "red"})).json()
    assert "health" in {one["agency"] for one in tried["asked"]}
    again = await manager.post("/hub/routes/try", json={"reference": case})
    assert again.status_code == 200
    wrong = await manager.post("/hub/routes/try", json={"form": "horse", "age": ["school"]})
    assert (wrong.status_code, wrong.json()["member"]) == (400, "form")
    assert (await manager.get(f"/cases/{case}")).headers["etag"].partition(".")[0] == before


async def test_somebodys_cases_are_handed_on(hub: Stage, manager: httpx.AsyncClient, case: str) -> None:
    for member in ("leaver", "comer"):
        await hub.command("staff", "add", member, "--roles", "screening_officer")
    assert (await manager.post(f"/cases/{case}/own", json={"owner": "leaver"})).status_code == 200
    handed = await manager.post("/handover", json={"before": "leaver", "owner": "comer"})
    assert (handed.status_code, handed.json()["cases"]) == (200, [case]), handed.text
    assert (await manager.get(f"/cases/{case}")).json()["case"]["owner"] == "comer"
    nobody = await manager.post("/handover", json={"before": "comer", "owner": "nobody-here"})
    assert nobody.status_code in (400, 409)


async def test_people_are_found_as_at_the_desk(hub: Stage, manager: httpx.AsyncClient, case: str) -> None:
    asked = {"given_name": "Canary-mina", "family_name": "Madeup"}
    found = (await manager.post("/search", json=asked)).json()
    (row,) = [one for one in found["found"] if one["reference"] == case]
    assert (row["subject"], row["name"], row["same"], found["more"]) == ("s1", "Canary-mina Madeup", True, 0)
    alike = (await manager.post("/search", json={**asked, "family_name": "Maidup"})).json()["found"]
    assert [one["same"] for one in alike if one["reference"] == case] == [False]
    alone = await manager.post("/search", json={"year": 2019})
    assert (alone.status_code, "year alone" in alone.json()["detail"]) == (400, True)
    assert (await manager.post("/search", json={**asked, "postcode": False})).json()["member"] == "postcode"
    assert (await manager.post(f"/cases/{case}/content")).status_code == 405
    log = await hub.command("audit", "log", "access")
    assert any("Searched" in line and case in line and "of-manager" in line for line in log.splitlines())
    async with await client(hub, "auditor", "auditor") as api:
        assert (await api.post("/search", json=asked)).status_code == 404
    async with await client(hub, "kept-out", "screening_officer") as api:
        shut = {"kind": "staff", "who": "of-kept-out", "why": "conflict", "reason": "knows the family"}
        assert (await manager.post(f"/cases/{case}/restrict", json=shut)).status_code == 200
        hidden = (await api.post("/search", json=asked)).json()
        assert case not in {one["reference"] for one in hidden["found"]}
        assert hidden["more"] == 0
