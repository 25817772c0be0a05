"""What stands on a page of the desk stands in an answer of the API too: the words of a case, its calls, the list."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
import pytest_asyncio

from exchange.demo.stage import HUB_ADDRESS, Stage, stage
from tests.full_case import full, reference, signed_in, staffed
from tests.journeys.test_api_desk import until
from tests.journeys.test_desk_mail import report

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(400)]
WORDS = (  # all that people wrote and were told in `full`, and that its page shows to a manager
    "Heard shouting at night", "I do not want to go home", "Mina", "Vera", "bruised arms, by her son", "Ash Nobody",
    "Rita Ringer", "01632 960180", "Two calls to the address in May", "POL/2026/11", "Missed two appointments",
    "Sergeant Made-Up", "his GP", "it is not the first time", "Seen together this is a pattern.", "Known to us.",
    "Visit the family", "We think it is more than that", "a worker visits", "Thank you for ringing",
    "Ring again if it goes on", "sent too much", "a worker there is related", "frail", "bed-bound", "harm is likely",
)  # fmt: skip


@dataclass(frozen=True)
class Hub:
    """A served hub with a case in which everything has happened."""

    stage: Stage
    page: str
    case: str
    manager: httpx.AsyncClient


async def program(made: Stage, member: str, roles: str) -> httpx.AsyncClient:
    """A program of a member of staff."""
    token = (await made.command("token", "add", f"of-{member}", "--roles", roles, "--staff", member)).strip()
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(base_url=f"{made.base_url}/api/v1", headers=headers, timeout=60)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Hub]:
    """With a program of the manager's."""
    async with stage() as made:
        await staffed(made)
        page = await full(made, await signed_in(made))
        async with await program(made, "manager-1", "hub_manager") as manager:
            yield Hub(made, page.text, reference(page), manager)


async def test_every_word_of_a_cases_page_is_told_to_a_program(hub: Hub) -> None:
    told = (await hub.manager.get(f"/cases/{hub.case}")).text + (
        await hub.manager.get(f"/cases/{hub.case}/content")
    ).text
    assert [words for words in WORDS if words not in hub.page] == []
    assert [words for words in WORDS if words not in told] == []
    found = (await hub.manager.get(f"/cases/{hub.case}/content")).json()
    (product,) = found["products"]
    assert (product["product"], product["version"], product["analysis"]) == (
        "p1", "v1", "Seen together this is a pattern.",
    )  # fmt: skip
    assert {p["words"] for p in product["passages"]} == {"Known to us."}
    assert [a["words"] for a in found["actions"]] == ["Visit the family"]
    assert {"leg": "l1", "reference": "POL/2026/11"} in found["own_references"]
    assert "Thank you for ringing" in found["referrer"]["letter_waiting"]
    assert found["referrer"]["caller"]["telephone"] == "01632 960180"


async def test_what_is_kept_apart_has_its_place_and_no_words(hub: Hub) -> None:
    async with await program(hub.stage, "officer-1", "screening_officer") as officer:
        told = await officer.get(f"/cases/{hub.case}/content")
    assert "Missed two appointments" not in told.text
    (product,) = told.json()["products"]
    shut = [p for p in product["passages"] if p["agency"] == "health"]
    assert [(p["words"], bool(p["contribution"])) for p in shut] == [(None, True)]


async def test_an_earlier_contact_about_the_same_people_stands_beside_a_case(hub: Hub) -> None:
    again = {
        "form": "child",
        "referrer": {"name": "Nora Notional", "source": "4", "telephone": "01632 960190"},
        "concern": {"immediate_danger": "no", "what_happened": "Came hungry again"},
        "subjects": [{"given_name": "Mina", "family_name": "Wholly", "date_of_birth": "2015-05-05"}],
    }
    second = (await hub.manager.post("/referrals", json=again)).json()["reference"]
    found = (await hub.manager.get(f"/cases/{second}/content")).json()["earlier"]
    assert [(row["reference"], row["subject"], row["name"]) for row in found] == [(hub.case, "s1", "Mina Wholly")]
    assert found[0]["received_at"][:2] == "20"
    for _ in range(9):
        newest = (await hub.manager.post("/referrals", json=again)).json()["reference"]
    told = (await hub.manager.get(f"/cases/{newest}/content")).json()
    assert (len({row["reference"] for row in told["earlier"]}), told["more_earlier"]) == (10, 0)
    page = (await (await signed_in(hub.stage)).get(f"/desk/case/{newest}")).text
    assert "2 more may be about them" in page  # eight are shown


async def test_the_work_list_is_read_in_parts(hub: Hub) -> None:
    await hub.stage.mail("", HUB_ADDRESS, report(1, ""))
    await until(hub.manager, "/mail", "mail")
    whole = (await hub.manager.get("/tasks")).json()["tasks"]
    assert [t["due"] for t in whole] == sorted(t["due"] for t in whole)
    mine = {t["kind"] for t in whole if t["reference"] == hub.case}
    of_case = (await hub.manager.get(f"/cases/{hub.case}")).json()["tasks"]
    assert mine == {t["kind"] for t in of_case}
    assert {t["reference"] for t in whole} > {""}  # the mail is of no case
    assert all(t["what"] and t["key"] for t in whole)
    found, link = list[str](), "/tasks?limit=2"
    while link:
        part = (await hub.manager.get(link.removeprefix("/api/v1"))).json()
        assert len(part["tasks"]) <= 2
        found += [t["key"] + t["reference"] for t in part["tasks"]]
        link = part["next"]
    assert found == [t["key"] + t["reference"] for t in whole]
    owed = (await hub.manager.get("/outstanding")).json()["outstanding"]
    (waits,) = [o for o in owed if o["what"] == "other_mail"]
    assert (waits["reference"], waits["owner"]) == ("", "the hub")
    assert "1 mail waits" in waits["next_step"]


async def test_a_call_is_made_as_from_the_page(hub: Hub) -> None:
    told = (await hub.manager.get(f"/cases/{hub.case}/ring?about=l1")).json()
    assert told["numbers"][0]["telephone"].startswith("01632 ")
    assert any("read the reference back" in line for line in told["check"])
    assert not any("Wholly" in line for part in ("check", "say", "ask", "machine") for line in told[part])
    rang = {"about": "l1", "reached": "no"}
    done = await hub.manager.post(f"/cases/{hub.case}/rang", json=rang)
    assert done.status_code == 200, done.text
    (call,) = (await hub.manager.get(f"/cases/{hub.case}/ring?about=l1")).json()["calls"]
    assert (call["by"], call["reached"]) == ("manager-1", False)
    for wrong in ("", "?about=l99", "?about=Canary"):
        refused = await hub.manager.get(f"/cases/{hub.case}/ring{wrong}")
        assert (refused.status_code, refused.json()["member"], "Canary" in refused.text) == (400, "about", False)
    assert (await hub.manager.get("/cases/MASH-0000-0000/ring?about=l1")).status_code == 404
    assert (await hub.manager.post(f"/cases/{hub.case}/ring", json={})).status_code == 405


async def test_a_call_is_taken_down_with_who_rang_and_when(hub: Hub) -> None:
    told = {
        "form": "child",
        "referrer": {"source": "2A"},
        "concern": {"immediate_danger": "no", "what_happened": "Canary-shouting"},
        "subjects": [{"given_name": "Canary-caller’s child"}],
    }
    rang = {"name": "Rita Ringer", "telephone": "01632 960181", "checked": "rang back"}
    whole = {**rang, "rating": "amber", "referral": told}
    key = {"Idempotency-Key": "call"}
    made = await hub.manager.post("/calls", json=whole, headers=key)
    assert (made.status_code, bool(made.json()["receipt_code"])) == (201, True), made.text
    again = await hub.manager.post("/calls", json=whole, headers=key)
    assert (again.status_code, again.json()) == (200, made.json())
    case = (await hub.manager.get(f"/cases/{made.json()['reference']}")).json()["case"]
    assert (case["channel"], case["provisional"], case["looked_at"]["by"]) == ("telephone", "amber", "manager-1")
    said = (await hub.manager.get(f"/cases/{made.json()['reference']}/content")).json()
    assert said["referrer"]["caller"] == {"name": "Rita Ringer", "telephone": "01632 960181"}
    before = len((await hub.manager.get("/cases")).json()["cases"])
    never = {**whole, "referral": {**told, "subjects": [{"given_name": "Mo", "date_of_birth": "2099-01-01"}]}}
    for wrong, member in (
        ({**whole, "rang": "2099-03-27T14:30"}, "rang"), ({**whole, "checked": ""}, "checked"),
        ({**whole, "referral": "Canary"}, "referral"), (never, "s1.date_of_birth"),
    ):  # fmt: skip
        refused = await hub.manager.post("/calls", json=wrong)
        named = {refused.json().get("member"), *refused.json().get("members", {})}
        assert (refused.status_code, member in named, "Canary" in refused.text) == (400, True, False), refused.text
    unrated = await hub.manager.post("/calls", json={**whole, "rating": "purple"})
    assert unrated.status_code == 409
    assert len((await hub.manager.get("/cases")).json()["cases"]) == before


async def test_what_the_administrations_pages_say_is_read(hub: Hub) -> None:
    hours = (await hub.manager.get("/hub/clocks")).json()
    icpc = next(one for one in hours["clocks"] if one["clock"] == "icpc")
    assert (icpc["forms"], bool(icpc["source"]), bool(icpc["limit"])) == (["child"], True, True)
    assert hours["holidays"] == sorted(hours["holidays"], key=lambda h: h["day"])
    bound = (await hub.manager.get("/hub/agreements")).json()
    assert [one["id"] for one in bound["agreements"]] == ["isa"]
    stands = {one["agency"]: one["standing"] for one in bound["agencies"]}
    assert (stands["police"], stands["social_care"]) == ("covered", "missing")
    agencies = {a["agency"]: a for a in (await hub.manager.get("/directory")).json()["directory"]}
    (box,) = agencies["police"]["mailboxes"]
    assert (box["address"], box["transports"]) == ("safeguarding@police.example", ["openpgp"])
    keys = (await hub.manager.get("/keys")).json()["keys"]
    assert [k["numbers"] for k in keys if k["agency"] == "police"] == [[box["telephone"]]]
    me = (await hub.manager.get("/staff/manager-1")).json()
    assert [r["role"] for r in me["roles"]] == ["hub_manager"]
    assert {one["device"] for one in me["signed_in"]} == {"A browser"}
    assert (await hub.manager.get("/staff/nobody-here")).status_code == 404
    await hub.stage.command("staff", "add", "leaver", "--roles", "auditor")
    await hub.stage.command("staff", "end", "leaver")
    staff = (await hub.manager.get("/staff")).json()
    assert [one["staff"] for one in staff["left"]] == ["leaver"]
    assert "leaver" not in {one["staff"] for one in staff["staff"]}


async def test_people_are_found_in_parts_without_gap_or_repeat(hub: Hub) -> None:
    for n in range(5):
        one = {
            "form": "child",
            "referrer": {"name": "Nora Notional", "source": "4", "telephone": "01632 960190"},
            "concern": {"immediate_danger": "no", "what_happened": "Came hungry again"},
            "subjects": [{"given_name": "Kit" if n % 2 else "Kitt", "family_name": "Partly"}],
        }
        assert (await hub.manager.post("/referrals", json=one)).status_code == 201
    asked = {"given_name": "Kit", "family_name": "Partly"}
    whole = (await hub.manager.post("/search", json=asked)).json()
    assert (len(whole["found"]), whole["more"], whole["next"]) == (5, 0, "")
    found, link, left = list[str](), "/search?limit=2", [3, 1, 0]
    while link:
        part = await hub.manager.post(link.removeprefix("/api/v1"), json=asked)
        assert part.json()["more"] == left.pop(0)
        found += [row["reference"] for row in part.json()["found"]]
        link = part.json()["next"]
        assert (f'<{link}>; rel="next"' == part.headers.get("link")) == bool(link)
    assert (sorted(found), left) == (sorted(row["reference"] for row in whole["found"]), [])
    assert len(set(found)) == 5
    for wrong in ("after=Canary", "after=WyJhIl0=", "limit=101", "limit=0"):
        refused = await hub.manager.post(f"/search?{wrong}", json=asked)
        assert (refused.status_code, "Canary" in refused.text) == (400, False)


async def test_the_record_is_taken_out_as_a_spreadsheet_by_a_named_person(hub: Hub) -> None:
    got = await hub.manager.get("/audit/export?kind=StaffAdded")
    assert (got.status_code, got.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert "attachment" in got.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(got.text.lstrip("\ufeff"))))
    listed = (await hub.manager.get("/audit?kind=StaffAdded")).json()["audit"]
    assert [row[6] for row in rows[1:]] == [line["chain"] for line in listed]
    assert "AuditExported" in {line["kind"] for line in (await hub.manager.get("/audit")).json()["audit"]}
    wrong = await hub.manager.get("/audit/export?since=Canary")
    assert (wrong.status_code, wrong.json()["member"], "Canary" in wrong.text) == (400, "since", False)
    nobodys = (await hub.stage.command("token", "add", "nobodys", "--roles", "hub_manager")).strip()
    refused = await hub.manager.get("/audit/export", headers={"Authorization": f"Bearer {nobodys}"})
    assert (refused.status_code, "--staff ID" in refused.json()["detail"]) == (409, True)


async def test_whom_we_rang_before_knows_that_a_mailbox_is_reached_otherwise(hub: Hub) -> None:
    assert (await hub.manager.get("/directory")).json()["moves"] == []
    file = hub.stage.folder / "hub.toml"
    text = file.read_text()
    number = text.partition("[agencies.police.mailbox]")[2].partition('telephone = "')[2].partition('"')[0]
    file.write_text(text.replace(f'telephone = "{number}"', 'telephone = "01632 960199"'))
    await hub.stage.command("hub", "apply", str(file))
    (move,) = (await hub.manager.get("/directory")).json()["moves"]
    assert (move["mailbox"], move["ring"], move["parts"]) == ("police-1", number, ["telephone"])
    known = await hub.manager.post("/mailboxes/police-1/rung", json={}, headers={"Idempotency-Key": "rung"})
    assert (known.status_code, known.json()["mailbox"]) == (200, "police-1"), known.text
    assert (await hub.manager.get("/directory")).json()["moves"] == []
    again = await hub.manager.post("/mailboxes/police-1/rung", json={}, headers={"Idempotency-Key": "rung"})
    assert (again.status_code, again.json()) == (200, known.json())
    assert (await hub.manager.post("/mailboxes/nowhere/rung", json={})).status_code == 404
    assert (await hub.manager.post("/mailboxes/police-1/rung", json={"sure": True})).status_code == 400
