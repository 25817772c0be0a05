"""What the desk does beside its cases, done by programs of its staff: mail, certificates, tests, the record."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from exchange.demo.actors.gpg import Gpg
from exchange.demo.actors.mail_client import MailClient
from exchange.demo.stage import AGENCIES, HUB_ADDRESS, Stage, stage
from tests.journeys.test_api_content import REFERRAL, client
from tests.journeys.test_desk_mail import report
from tests.journeys.test_drills import words_of
from tests.journeys.test_who_may import locked_pdf
from tests.ready import ready

pytestmark = pytest.mark.asyncio(loop_scope="module")
SHUT = "this token may see"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub."""
    async with stage() as made:
        await ready(made)
        await made.serve()
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def manager(hub: Stage) -> AsyncIterator[httpx.AsyncClient]:
    """A program of a hub manager's."""
    async with await client(hub, "manager", "hub_manager") as api:
        yield api


async def until(api: httpx.AsyncClient, path: str, name: str) -> list[dict[str, Any]]:
    """The list under this name, once something is in it."""
    for _ in range(200):
        if found := (await api.get(path)).json()[name]:
            rows: list[dict[str, Any]] = found
            return rows
        await asyncio.sleep(0.05)
    raise AssertionError(f"nothing is in {path}")


async def test_mail_of_no_case_is_read_and_placed(hub: Stage, manager: httpx.AsyncClient) -> None:
    reference = (await manager.post("/referrals", json=REFERRAL)).json()["reference"]
    await hub.mail("", HUB_ADDRESS, report(1, f" about {reference}"))
    (row,) = await until(manager, "/mail", "mail")
    here = f"/mail/{row['mail']}"
    held = (await manager.get(here)).json()
    assert ("Canary-report 1" in held["text"], held["waiting"], held["reference"]) == (True, True, "")
    assert held["facts"]["Sealed"] == "No: others could read it"
    unknown = await manager.post(f"{here}/case", json={"reference": "MASH-0000-0000"})
    assert (unknown.status_code, SHUT in unknown.json()["detail"]) == (404, True)
    assert (await manager.post(f"{here}/case", json={})).status_code == 400
    key = {"Idempotency-Key": "placed"}
    placed = await manager.post(f"{here}/case", json={"reference": reference}, headers=key)
    assert (placed.status_code, placed.json()["reference"]) == (200, reference)
    again = await manager.post(f"{here}/case", json={"reference": reference}, headers=key)
    assert (again.status_code, again.json()) == (200, placed.json())
    late = await manager.post(f"{here}/aside", json={})
    assert (late.status_code, "settled this mail already" in late.json()["detail"]) == (409, True)
    assert (await manager.get("/mail")).json()["mail"] == []
    said = (await manager.get(f"/cases/{reference}/content")).json()["history"]
    assert row["mail"] in {line["mail"] for line in said}


async def test_files_of_a_mail_are_fetched_and_locked_ones_opened(hub: Stage, manager: httpx.AsyncClient) -> None:
    stranger = MailClient("neighbour@street.example")
    files = {"note.txt": b"Canary-note", "locked.pdf": locked_pdf()}
    await hub.mail(stranger.address, HUB_ADDRESS, stranger.plain(HUB_ADDRESS, "help", "They cry all night", files))
    mail = ""
    for _ in range(200):
        cases = [c["reference"] for c in (await manager.get("/cases")).json()["cases"]]
        said = [(await manager.get(f"/cases/{c}/content")).json() for c in cases]
        mails = [line["mail"] for one in said for line in one["history"] if "They cry all night" in line["words"]]
        if mails:
            mail = mails[0]
            break
        await asyncio.sleep(0.05)
    held = (await manager.get(f"/mail/{mail}")).json()
    assert [f["name"] for f in held["files"]] == ["note.txt", "locked.pdf"]
    assert (await manager.get(f"/mail/{mail}/files/1")).content == b"Canary-note"
    assert (await manager.get(f"/mail/{mail}/files/9")).status_code == 404
    (locked,) = held["locked"]
    assert held["ring"] is None  # a neighbour is in no directory
    wrong = await manager.post(f"/mail/{mail}/unlock", json={"file": locked["file"], "password": "guessed"})
    assert (wrong.status_code, "does not open the file" in wrong.json()["detail"]) == (409, True)
    opened = await manager.post(f"/mail/{mail}/unlock", json={"file": locked["file"], "password": "a password"})
    assert opened.status_code == 200, opened.text
    inside = next(f["path"] for f in opened.json()["files"] if "/opened/" in f["path"])
    assert (await manager.get(inside.removeprefix("/api/v1"))).content.startswith(b"%PDF")
    assert (await manager.get(f"/mail/{mail}/pages/1")).content.startswith(b"\x89PNG")


async def test_two_people_prove_a_certificate(hub: Stage, manager: httpx.AsyncClient) -> None:
    with Gpg() as police:
        fingerprint = police.make_key("Duty", AGENCIES["police"], "60d")
        armored = police.export(AGENCIES["police"]).decode()
    brought = await manager.post("/keys", json={"whose": "police-1", "certificate": armored})
    assert (brought.status_code, brought.json()["state"]) == (201, "waiting"), brought.text
    refused = await manager.post("/keys", json={"whose": "police-1", "certificate": "no key"})
    assert refused.status_code == 409
    here = f"/keys/{fingerprint}"
    misheard = await manager.post(f"{here}/confirm", json={"read_back": fingerprint[:-4] + "0000"})
    assert (misheard.status_code, "is not this certificate" in misheard.json()["detail"]) == (409, True)
    first = await manager.post(f"{here}/confirm", json={"read_back": fingerprint})
    assert "somebody other than of-manager" in first.json()["missing"]
    alone = await manager.post(f"{here}/confirm", json={"read_back": fingerprint})
    assert alone.json()["state"] == "waiting"
    async with await client(hub, "second", "decision_manager") as other:
        proved = await other.post(f"{here}/confirm", json={"read_back": fingerprint.lower()})
        assert proved.json()["state"] in ("in_use", "held")
    assert (await manager.post(f"{here}/rung", json={})).status_code == 200
    assert (await manager.post(f"{here}/retire", json={})).status_code == 400
    retired = await manager.post(f"{here}/retire", json={"sure": True})
    assert retired.json()["state"] == "retired"
    listed = (await manager.get("/keys")).json()["keys"]
    assert fingerprint not in {key["fingerprint"] for key in listed}
    assert (await manager.post("/keys/0000/confirm", json={"read_back": "0000"})).status_code == 404


async def test_a_mailbox_is_tested_and_its_words_are_heard(hub: Stage, manager: httpx.AsyncClient) -> None:
    asked = await manager.post("/drills", json={"mailbox": ["health-1"]}, headers={"Idempotency-Key": "drill"})
    assert (asked.status_code, asked.json()) == (201, {"asked": ["health-1"], "waiting": []})
    letter = await hub.received("health", "THIS IS A TEST")
    wrong = await manager.post("/drills/heard", json={"mailbox": "health-1", "words": "copper copper copper"})
    assert (wrong.status_code, wrong.json()["member"]) == (400, "words")
    heard = await manager.post("/drills/heard", json={"mailbox": "health-1", "words": words_of(letter)})
    assert (heard.status_code, heard.json()["state"]) == (200, "proved"), heard.text
    standing = {one["mailbox"]: one["state"] for one in (await manager.get("/drills")).json()["drills"]}
    assert standing["health-1"] == "proved"
    assert (await manager.get("/mailboxes/health-1")).json()["takes"] == "openpgp"
    assert (await manager.get("/mailboxes/nowhere")).status_code == 404


async def test_the_record_is_read_in_parts_without_gap_or_repeat(hub: Stage, manager: httpx.AsyncClient) -> None:
    whole = (await manager.get("/audit")).json()["audit"]
    assert any(line["kind"] == "Viewed" and line["by"] == "of-manager" for line in whole)
    found, link = list[str](), "/api/v1/audit?limit=7&by=of-manager"
    while link:  # each reading is itself written down, and moves nothing
        part = await manager.get(link.removeprefix("/api/v1"))
        assert (f'<{part.json()["next"]}>; rel="next"' == part.headers.get("link")) == bool(part.json()["next"])
        found += [line["chain"] for line in part.json()["audit"]]
        link = part.json()["next"]
    assert len(set(found)) == len(found)
    assert {line["chain"] for line in whole if line["by"] == "of-manager"} <= set(found)
    assert (await manager.get("/audit?after=Canary")).status_code == 400
    assert (await manager.get("/audit?since=2026-03-27&until=2026-03-26")).status_code == 400
    assert (await manager.post("/audit/verify", json={})).json()["holds"] is True
    history = (await manager.get("/hub/history?limit=2")).json()
    assert (len(history["history"]), "limit=2" in history["next"]) == (2, True)


async def test_what_is_owed_comes_in_parts(manager: httpx.AsyncClient) -> None:
    for _ in range(2):
        await manager.post("/referrals", json=REFERRAL)
    whole = (await manager.get("/outstanding")).json()["outstanding"]
    found, link = list[tuple[str, ...]](), "/outstanding?limit=2"
    while link:
        part = (await manager.get(link.removeprefix("/api/v1"))).json()
        assert len(part["outstanding"]) <= 2
        found += [(o["reference"], o["what"], o["about"]) for o in part["outstanding"]]
        link = part["next"]
    assert sorted(found) == sorted((o["reference"], o["what"], o["about"]) for o in whole)


async def test_letters_and_how_long_records_are_kept_are_read(hub: Stage, manager: httpx.AsyncClient) -> None:
    assert "receipt" in {one["letter"] for one in (await manager.get("/letters")).json()["letters"]}
    welsh = (await manager.get("/letters/receipt?language=cy")).json()
    assert (welsh["language"], "en" in welsh["languages"]) == ("cy", True)
    tried = await manager.post("/letters/receipt/preview", json={"closing": "Canary-words from the hub"})
    assert "Canary-words from the hub" in tried.json()["samples"][0]["text"]
    assert "Canary-words" not in (await manager.get("/letters/receipt")).text  # nothing is kept
    assert (await manager.get("/letters/receipt?language=xx")).status_code == 400
    assert (await manager.get("/letters/nothing")).status_code == 404
    kept = (await manager.get("/retention")).json()
    assert {row["record"] for row in kept["retention"]}.isdisjoint(kept["for_ever"])


async def test_what_is_made_under_a_key_is_made_once(hub: Stage, manager: httpx.AsyncClient) -> None:
    away = {"kind": "spoc", "who": "police-1-1", "since": "2099-03-27", "until": "2099-03-31"}
    let_in = {"staff": "duty-9", "role": ["hub_administrator"], "password": True}
    base = (await manager.get("/hub")).json()
    change = {"base": base["base"], "text": base["text"].replace("01632 960100", "01632 960101")}
    advised = {
        "form": "child",
        "source": "2A",
        "topic": "neglect",
        "level": "2",
        "advice": "early_help",
        "harm": False,
    }
    for path, body, other in (
        ("/consultations", advised, {**advised, "level": "1"}),
        ("/leave", away, {**away, "until": "2099-04-02"}),
        ("/staff", let_in, {**let_in, "staff": "duty-8"}),
        ("/hub/changes", change, {**change, "text": base["text"].replace("01632 960100", "01632 960102")}),
    ):
        key = {"Idempotency-Key": "once"}
        made = await manager.post(path, json=body, headers=key)
        assert made.status_code == 201, made.text
        again = await manager.post(path, json=body, headers=key)
        told = {name: value for name, value in made.json().items() if name != "password"}
        assert (again.status_code, again.json()) == (200, told), path
        mixed = await manager.post(path, json=other, headers=key)
        assert (mixed.status_code, "use a new key" in mixed.json()["detail"]) == (422, True), path
    assert len((await manager.get("/leave")).json()["leave"]) == 1
    assert len((await manager.get("/hub/changes")).json()["changes"]) == 1
