"""Lateral checks over real mail: nil returns, interim notes, wrong agencies, declines and recalls, from outside."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from exchange.demo.actors.gpg import Gpg
from exchange.demo.actors.mail_client import MailClient, Read
from exchange.demo.actors.web_client import WebClient
from exchange.demo.stage import HUB_FILE, CommandFailed, Stage, stage
from tests.journeys.test_by_mail import nothing_leaked, refer

AGENCIES = {
    "probation": ("Fakeshire Probation", "duty@probation.example", "01632 960160"),
    "youth_justice": ("Fakeshire Youth Justice Service", "duty@youth-justice.example", "01632 960165"),
}
CANARIES = ("Canary-note", "Canary-ref", "Canary-known", "Canary-system", "Canary-more", "Canary-crossing")
SIGNED_IN = "a fictitious pass phrase"
Story = dict[str, Any]


@pytest.fixture
async def hub(database_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """A served hub with two more agencies, whom no route asks, on each kind of database."""
    more = "".join(
        f'\n[agencies.{agency}]\nname = "{name}"\nfunctions = ["{agency}"]\nbasis = "6(1)(e)"\n'
        f'[agencies.{agency}.mailbox]\naddress = "{address}"\ntransports = ["openpgp"]\ntelephone = "{telephone}"\n'
        f'domains = ["{address.partition("@")[2]}"]\n'
        for agency, (name, address, telephone) in AGENCIES.items()
    )
    hub_file = tmp_path / "hub.toml"
    hub_file.write_text(HUB_FILE.read_text() + more)
    async with stage() as made:
        await made.set_up(hub_file, database_url)
        for agency, (_, address, _) in AGENCIES.items():
            await enlist(made, agency, address)
        await made.serve()
        yield made


async def enlist(hub: Stage, agency: str, address: str) -> None:
    """One more agency with a key of its own."""
    gpg = Gpg()
    fingerprint = await asyncio.to_thread(gpg.make_key, agency, address)
    gpg.import_key((hub.folder / "hub" / "hub-public-key.asc").read_bytes())
    key_file = hub.folder / f"{agency}.asc"
    key_file.write_bytes(gpg.export(address))
    await hub.command("key", "add", str(key_file), "--agency", agency, "--fingerprint", fingerprint)
    hub.people[agency] = MailClient(address, gpg=gpg)


async def says(hub: Stage, agency: str, to: Read, words: str) -> None:
    """A person at an agency answers, sealed and signed."""
    person = hub.people[agency]
    sealed = person.encrypted(person.reply(to, words), [hub.hub_fingerprint])
    assert (await hub.mail(person.address, to.reply_to, sealed)).startswith("250")


async def until(hub: Stage, reference: str, holds: Callable[[Story], object]) -> Story:
    """The story of the case once it holds."""
    async with asyncio.timeout(40):
        while not holds(story := json.loads(await hub.command("show", reference, "--json"))):
            pass
    found: Story = story
    return found


def leg(story: Story, agency: str) -> Story:
    """The last leg of an agency."""
    found: Story = [x for x in story["case"]["legs"] if x["agency"] == agency][-1]
    return found


async def act(hub: Stage, reference: str, name: str, **given: str) -> None:
    """An act of the desk."""
    await hub.command("act", reference, name, *(f"{key}={value}" for key, value in given.items()))


async def owed(hub: Stage, reference: str) -> set[tuple[str, str]]:
    """Who owes what."""
    rows = json.loads(await hub.command("outstanding", "--json"))
    return {(o["owner"], o["what"]) for o in rows if o["reference"] == reference}


async def nothing_told(hub: Stage) -> None:
    """What agencies told stands nowhere readable: not on the wire, not in a file, not in a story without names."""
    await nothing_leaked(hub)
    wire = b"".join(m.content for m in hub.relay.delivered)
    files = b"".join(p.read_bytes() for p in hub.folder.rglob("*") if p.is_file() and "mail" not in p.parts)
    for canary in CANARIES:
        assert canary.encode() not in wire + files, canary


async def test_scenario_7_spoc_on_leave_then_wrong_agency(hub: Stage) -> None:
    reference = await refer(hub)
    await hub.command("rate", reference, "s1", "amber", "--reason", "bruise")
    await hub.command("ask", reference, "probation", "--subjects", "s1", "--reason", "the partner may be known")
    packet = await hub.received("probation", "WHY YOU GET THIS")
    due = json.loads(await hub.command("show", reference, "--json"))["case"]["subjects"][0]["decide_due"]

    probation = hub.people["probation"]
    away = probation.reply(packet, "I am on leave until Monday. My deputy has your mail.")
    away["Auto-Submitted"] = "auto-replied"
    await hub.mail(probation.address, packet.reply_to, away.as_bytes())
    story = await until(hub, reference, lambda s: [e for e in s["timeline"] if e["kind"] == "MachineEvidence"])
    assert leg(story, "probation")["acknowledgement"] == "awaited"

    deputy = "Not known, try youth justice.\n\nCanary-note: a former officer remembers the name."
    await says(hub, "probation", packet, deputy)
    story = await until(hub, reference, lambda s: leg(s, "probation")["acknowledged_at"])
    wrong = leg(story, "probation")
    assert (wrong["response"], wrong["suggested"], wrong["decline"]) == ("wrong_agency", "youth_justice", "open")
    assert ("the hub", "decline") in await owed(hub, reference)
    with pytest.raises(CommandFailed, match="a decline ends by"):
        await act(hub, reference, "task", key=f"declined:{wrong['id']}")

    await act(hub, reference, "ask", agency="youth_justice", subjects="s1", reason="as suggested",
              instead_of=wrong["id"])  # fmt: skip
    fresh = await hub.received("youth_justice", "WHY YOU GET THIS")
    whole = fresh.text + fresh.attachments["packet.json"].decode()
    assert "Quillon" in whole
    assert "Canary-note" not in whole
    assert "former officer" not in whole
    story = json.loads(await hub.command("show", reference, "--json"))
    assert leg(story, "probation")["rerouted_to"] == [leg(story, "youth_justice")["id"]]
    assert story["case"]["subjects"][0]["decide_due"] == due
    assert ("the hub", "decline") not in await owed(hub, reference)
    assert not [t for t in story["tasks"] if t["kind"] == "declined"]
    await nothing_told(hub)


async def test_an_unqualified_nil_an_interim_note_and_their_own_references(hub: Stage) -> None:
    reference = await refer(hub)
    packets = {a: await hub.received(a, "WHY YOU GET THIS") for a in ("police", "health")}
    await says(hub, "police", packets["police"], "NOT KNOWN TO US\nOur ref: Canary-ref/77")
    question = await hub.received("police", "Thank you for telling us that nothing is known")
    assert question.encrypted
    assert "Your reference Canary-ref/77" in question.text
    assert "Systems searched:" in question.text
    assert "Canary" not in str(question.outer)
    story = await until(hub, reference, lambda s: leg(s, "police")["nil_asked"] == 1)
    assert leg(story, "police")["nil_missing"] == ["systems", "identifiers", "date"]
    assert ("Fakeshire Constabulary", "unqualified_nil") in await owed(hub, reference)
    assert "unqualified: no systems, identifiers, date" in await hub.command("show", reference)

    whole = "NOT KNOWN TO US\nSystems searched: Canary-system\nSearched on: name and birthday\nDate searched: today"
    await says(hub, "police", question, whole)
    story = await until(hub, reference, lambda s: leg(s, "police")["answered_at"])
    assert leg(story, "police")["nil_missing"] == []
    assert "Fakeshire Constabulary" not in {who for who, _ in await owed(hub, reference)}

    await says(hub, "health", packets["health"], "INTERIM: we hold something, full answer by Friday")
    story = await until(hub, reference, lambda s: leg(s, "health")["acknowledged_at"])
    assert leg(story, "health")["response"] == "awaited"
    assert ("Fibshire NHS Trust", "answer") in await owed(hub, reference)
    await says(hub, "health", packets["health"], "INFORMATION: Canary-known since 2019\nMAY BE SHARED")
    story = await until(hub, reference, lambda s: leg(s, "health")["answered_at"])
    told = [(c["agency"], c["kind"], c["marking"], len(c["missing"])) for c in story["case"]["contributions"]]
    assert told == [
        ("police", "nothing_known", "hub_only", 3),
        ("police", "nothing_known", "hub_only", 0),
        ("health", "interim", "hub_only", 0),
        ("health", "information", "released", 0),
    ]
    await nothing_told(hub)


async def test_a_recall_confirmed_by_mail_and_on_the_page_and_a_crossing_answer_kept(hub: Stage) -> None:
    reference = await refer(hub)
    packet = await hub.received("social_care", "WHY YOU GET THIS")
    await hub.received("education", "WHY YOU GET THIS")
    story = await until(hub, reference, lambda s: all(x["delivery"] == "accepted" for x in s["case"]["legs"]))
    for agency in ("social_care", "education"):
        await act(hub, reference, "recall", leg=leg(story, agency)["id"], reason="sent in error")
    asked = {a: await hub.received(a, "asks your team to delete a message") for a in ("social_care", "education")}
    assert not any(letter.encrypted for letter in asked.values())
    assert {"recall"} == {what for who, what in await owed(hub, reference) if "social care" in who or "school" in who}

    await says(hub, "social_care", packet, "INFORMATION: Canary-crossing, written before your letter came")
    await until(hub, reference, lambda s: leg(s, "social_care")["response"] == "information")
    await says(hub, "social_care", asked["social_care"], "CONFIRMED DELETED")
    story = await until(hub, reference, lambda s: leg(s, "social_care")["recall"] == "confirmed")
    assert leg(story, "social_care")["response"] == "information"
    assert [c["agency"] for c in story["case"]["contributions"]] == ["social_care"]

    web = WebClient(hub.base_url)
    link = re.search(r"http\S+/answer/\S+", asked["education"].text)
    assert link
    page = await web.get(link[0].removeprefix(hub.base_url))
    assert "We ask you to delete this message" in page.text
    page = await web.submit(page, answer="deleted", name="Finn Fiction")
    assert "We have noted that the message is deleted" in page.text
    story = json.loads(await hub.command("show", reference, "--json"))
    assert leg(story, "education")["recall"] == "confirmed"
    assert not {what for _, what in await owed(hub, reference)} & {"recall"}
    await nothing_told(hub)


async def test_a_decline_for_want_of_information_is_given_more_and_answers(hub: Stage) -> None:
    reference = await refer(hub)
    packet = await hub.received("education", "WHY YOU GET THIS")
    await says(hub, "education", packet, "DECLINE not enough information\nOur ref: Canary-ref/12")
    story = await until(hub, reference, lambda s: leg(s, "education")["decline"] == "open")
    declined = leg(story, "education")["id"]
    await act(hub, reference, "more", leg=declined, words="Canary-more: also known as Quill", reason="they asked")
    letter = await hub.received("education", "Canary-more: also known as Quill")
    assert letter.encrypted
    assert "Your reference Canary-ref/12" in letter.text
    assert ("Fakeshire school support", "answer") in await owed(hub, reference)
    await says(hub, "education", letter, "DECLINE no capacity")
    await until(hub, reference, lambda s: leg(s, "education")["decline_reason"] == "no_capacity")
    await act(hub, reference, "settle_decline", leg=declined, reason="the school tells us directly")
    story = json.loads(await hub.command("show", reference, "--json"))
    assert leg(story, "education")["decline"] == "settled"
    await nothing_told(hub)


async def test_on_the_answer_page_and_at_the_desk(hub: Stage, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text(SIGNED_IN)
    await hub.command("staff", "add", "manager-1", "--roles", "hub_manager", "--password-file", str(secret))
    await hub.command(
        "staff", "add", "administrator-1", "--roles", "hub_administrator", "--password-file", str(secret)
    )
    reference = await refer(hub)
    packets = {a: await hub.received(a, "WHY YOU GET THIS") for a in ("police", "education")}
    web = WebClient(hub.base_url)

    async def answers(agency: str, **given: str) -> str:
        data = json.loads(packets[agency].attachments["packet.json"])
        page = await web.get(data["answer_page"].removeprefix(hub.base_url))
        return (await web.submit(page, code=data["code"], name="Sergeant Made-Up", **given)).text

    assert "please also tell us which systems" in await answers("police", answer="nothing_known")
    how = {"systems": "Canary-system", "identifiers": "name", "searched": "today"}
    said = await answers("police", answer="nothing_known", own_reference="Canary-ref/9", released="yes", **how)
    assert "nothing more to do" in said
    await answers("education", answer="wrong_agency", suggested="youth_justice")

    desk = WebClient(hub.base_url)
    await desk.submit(await desk.get("/desk/sign-in"), member="manager-1", password=SIGNED_IN)
    page = await desk.get(f"/desk/case/{reference}")
    assert "Canary-ref/9" in page.text
    assert "Sergeant Made-Up, since" in page.text
    assert "may leave the hub" in page.text
    assert "unqualified: it does not say which systems, on what, when" in page.text
    assert "suggests Fakeshire Youth Justice Service" in page.text
    assert not any(f.action.endswith("/task") and "declined:l4" in str(f) for f in page.forms)
    nil = {"leg": "l2", "answer": "nothing_known", "name": "Nurse Dot", "checked": "rang back"}
    page = await desk.submit(page, "/answered", words="nothing at all", **nil)
    assert "not known to them, but it does not say which systems, on what, when" in page.text
    page = await desk.submit(page, "/answered", **nil, **how)
    assert "but it does not say" not in page.text
    refused = await desk.submit(page, "/recall", leg="l3")
    assert "Write the reason" in refused.text
    page = await desk.submit(page, "/recall", leg="l3", reason="sent in error")
    assert "Asked to delete it: not confirmed" in page.text
    page = await desk.submit(page, "/deleted", leg="l3", name="Eve Example", checked="rang back")
    assert "Deleted, they say" in page.text
    page = await desk.submit(page, "/ask", agency="youth_justice", subjects="s1", reason="as told", instead_of="l4")
    assert "Asked instead: Fakeshire Youth Justice Service" in page.text

    quiet = WebClient(hub.base_url)
    await quiet.submit(await quiet.get("/desk/sign-in"), member="administrator-1", password=SIGNED_IN)
    seen = await quiet.get(f"/desk/case/{reference}")
    assert "Agencies asked" in seen.text
    assert "Canary" not in seen.html
    assert "Sergeant" not in seen.html
    await nothing_told(hub)
