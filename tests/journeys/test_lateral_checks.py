"""Lateral checks over real mail: nil returns, interim notes, wrong agencies, declines and recalls, from outside."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from exchange.demo.actors.mail_client import Read
from exchange.demo.actors.smtp_server import Delivered
from exchange.demo.actors.web_client import WebClient
from exchange.demo.stage import HUB_FILE, CommandFailed, Stage, stage
from tests.journeys.test_by_mail import CANARIES as OF_THE_CHILD
from tests.journeys.test_by_mail import REFERRAL
from tests.ready import ready

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]  # gpg and mail, for many agencies

AGENCIES = {
    "probation": ("Fakeshire Probation", "duty@probation.example", "01632 960160"),
    "youth_justice": ("Fakeshire Youth Justice Service", "duty@youth-justice.example", "01632 960165"),
}
CANARIES = ("Canary-note", "Canary-ref", "Canary-known", "Canary-system", "Canary-more", "Canary-crossing")
SIGNED_IN = "a fictitious pass phrase"
Story = dict[str, Any]


@dataclass(frozen=True)
class Hub:
    """A served hub, and a program that may do at it whatever a manager may."""

    stage: Stage
    api: httpx.AsyncClient
    opened: dict[Path, Read] = field(default_factory=dict)

    async def refer(self) -> str:
        """A new case about the same child; its reference."""
        made = await self.api.post("/referrals", json=REFERRAL)
        reference: str = made.json()["reference"]
        return reference

    async def story(self, reference: str) -> Story:
        """Everything but names and words."""
        found: Story = (await self.api.get(f"/cases/{reference}")).json()
        return found

    async def until(self, reference: str, holds: Callable[[Story], object]) -> Story:
        """The story of the case once it holds."""
        async with asyncio.timeout(60):
            while not holds(story := await self.story(reference)):
                pass
        return story

    async def owed(self, reference: str) -> set[tuple[str, str]]:
        """Who owes what."""
        rows = (await self.api.get("/outstanding")).json()["outstanding"]
        return {(o["owner"], o["what"]) for o in rows if o["reference"] == reference}

    async def act(self, reference: str, name: str, /, **given: str | list[str]) -> httpx.Response:
        """An act of the desk."""
        return await self.api.post(f"/cases/{reference}/{name}", json=given)

    async def packet(self, agency: str, reference: str) -> Read:
        """The agency's packet of this case."""
        return await self.letter(agency, f"Our reference {reference}", "WHY YOU GET THIS")

    async def letter(self, agency: str, *words: str) -> Read:
        """The agency's first mail that holds all these words."""
        person = self.stage.people[agency]

        def fits(mail: Delivered) -> bool:
            if mail.path not in self.opened:
                self.opened[mail.path] = person.open(mail.content)
            return all(each in self.opened[mail.path].text for each in words)

        return self.opened[(await self.stage.relay.wait_for_mail(person.address, fits, 60)).path]

    async def says(self, agency: str, to: Read, words: str) -> None:
        """A person at an agency answers, sealed and signed."""
        person = self.stage.people[agency]
        sealed = person.encrypted(person.reply(to, words), [self.stage.hub_fingerprint])
        assert (await self.stage.mail(person.address, to.reply_to, sealed)).startswith("250")

    async def nothing_told(self, reference: str) -> None:
        """What agencies told stands nowhere readable: not on the wire, not in a file, not in a story."""
        wire = b"".join(m.content for m in self.stage.relay.delivered)
        spoken = "\n".join(line for session in self.stage.relay.sessions for line in session.commands)
        folder = self.stage.folder
        files = b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file() and "mail" not in p.parts)
        shown = (spoken + json.dumps(await self.story(reference))).encode()
        for canary in (*CANARIES, *OF_THE_CHILD):
            assert canary.encode() not in wire + files + shown, canary


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def hub(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hub]:
    """A served hub with two more agencies, whom no route asks, on each kind of database."""
    folder = tmp_path_factory.mktemp("hub")
    url = f"sqlite+aiosqlite:///{folder}/exchange.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("cluster").new_database()
    more = "".join(
        f'\n[agencies.{agency}]\nname = "{name}"\nfunctions = ["{agency}"]\nbasis = "6(1)(e)"\n'
        f'[agencies.{agency}.mailbox]\naddress = "{address}"\ntransports = ["openpgp"]\ntelephone = "{telephone}"\n'
        f'domains = ["{address.partition("@")[2]}"]\n'
        for agency, (name, address, telephone) in AGENCIES.items()
    )
    hub_file = folder / "hub.toml"
    hub_file.write_text(HUB_FILE.read_text() + more)
    async with stage() as made:
        await ready(made, hub_file, url)
        await made.enlist({agency: address for agency, (_, address, _) in AGENCIES.items()})
        secret = folder / "password"
        secret.write_text(SIGNED_IN)
        for role in ("hub_manager", "hub_administrator"):
            await made.command("staff", "add", role, "--roles", role, "--password-file", str(secret))
        token = (
            await made.command("token", "add", "manager", "--roles", "hub_manager", "--staff", "hub_manager")
        ).strip()
        await made.serve()
        web = f"{made.base_url}/api/v1"
        async with httpx.AsyncClient(base_url=web, headers={"Authorization": f"Bearer {token}"}, timeout=60) as api:
            yield Hub(made, api)


def leg(story: Story, agency: str) -> Story:
    """The last leg of an agency."""
    found: Story = [x for x in story["case"]["legs"] if x["agency"] == agency][-1]
    return found


@pytest.mark.long
async def test_scenario_7_spoc_on_leave_then_wrong_agency(hub: Hub) -> None:
    reference = await hub.refer()
    await hub.act(reference, "rate", subject="s1", rating="amber", reason="bruise")
    await hub.act(reference, "ask", agency="probation", subjects="s1", reason="the partner may be known")
    packet = await hub.packet("probation", reference)
    due = (await hub.story(reference))["case"]["subjects"][0]["decide_due"]

    probation = hub.stage.people["probation"]
    away = probation.reply(packet, "I am on leave until Monday. My deputy has your mail.")
    away["Auto-Submitted"] = "auto-replied"
    await hub.stage.mail(probation.address, packet.reply_to, away.as_bytes())
    story = await hub.until(reference, lambda s: [e for e in s["timeline"] if e["kind"] == "MachineEvidence"])
    assert leg(story, "probation")["acknowledgement"] == "awaited"

    deputy = "Not known, try youth justice.\n\nCanary-note: a former officer remembers the name."
    await hub.says("probation", packet, deputy)
    story = await hub.until(reference, lambda s: leg(s, "probation")["acknowledged_at"])
    wrong = leg(story, "probation")
    assert (wrong["response"], wrong["suggested"], wrong["decline"]) == ("wrong_agency", "youth_justice", "open")
    assert ("the hub", "decline") in await hub.owed(reference)
    refused = await hub.act(reference, "task", key=f"declined:{wrong['id']}")
    assert refused.status_code == 409
    assert "A decline ends by" in refused.text

    await hub.act(reference, "ask", agency="youth_justice", subjects="s1", reason="as suggested",
              instead_of=wrong["id"])  # fmt: skip
    fresh = await hub.packet("youth_justice", reference)
    whole = fresh.text + fresh.attachments["packet.json"].decode()
    assert "Quillon" in whole
    assert "Canary-note" not in whole
    assert "former officer" not in whole
    story = await hub.story(reference)
    assert leg(story, "probation")["rerouted_to"] == [leg(story, "youth_justice")["id"]]
    assert story["case"]["subjects"][0]["decide_due"] == due
    assert ("the hub", "decline") not in await hub.owed(reference)
    assert not [t for t in story["tasks"] if t["kind"] == "declined"]
    await hub.nothing_told(reference)


async def test_an_unqualified_nil_an_interim_note_and_their_own_references(hub: Hub) -> None:
    reference = await hub.refer()
    packets = {a: await hub.packet(a, reference) for a in ("police", "health")}
    await hub.says("police", packets["police"], "NOT KNOWN TO US\nOur ref: Canary-ref/77")
    question = await hub.letter("police", reference, "Thank you for telling us that nothing is known")
    assert question.encrypted
    assert "Your reference Canary-ref/77" in question.text
    assert "Systems searched:" in question.text
    assert "Canary" not in str(question.outer)
    story = await hub.until(reference, lambda s: leg(s, "police")["nil_asked"] == 1)
    assert leg(story, "police")["nil_missing"] == ["systems", "identifiers", "date"]
    assert ("Fakeshire Constabulary", "unqualified_nil") in await hub.owed(reference)
    assert "unqualified: no systems, identifiers, date" in await hub.stage.command("show", reference)

    whole = "NOT KNOWN TO US\nSystems searched: Canary-system\nSearched on: name and birthday\nDate searched: today"
    await hub.says("police", question, whole)
    story = await hub.until(reference, lambda s: leg(s, "police")["answered_at"])
    assert leg(story, "police")["nil_missing"] == []
    assert "Fakeshire Constabulary" not in {who for who, _ in await hub.owed(reference)}

    await hub.says("health", packets["health"], "INTERIM: we hold something, full answer by Friday")
    story = await hub.until(reference, lambda s: leg(s, "health")["acknowledged_at"])
    assert leg(story, "health")["response"] == "awaited"
    assert ("Fibshire NHS Trust", "answer") in await hub.owed(reference)
    await hub.says("health", packets["health"], "INFORMATION: Canary-known since 2019\nMAY BE SHARED")
    story = await hub.until(reference, lambda s: leg(s, "health")["answered_at"])
    told = [(c["agency"], c["kind"], c["marking"], len(c["missing"])) for c in story["case"]["contributions"]]
    assert told == [
        ("police", "nothing_known", "hub_only", 3),
        ("police", "nothing_known", "hub_only", 0),
        ("health", "interim", "hub_only", 0),
        ("health", "information", "released", 0),
    ]
    await hub.nothing_told(reference)


async def test_a_recall_confirmed_by_mail_and_on_the_page_and_a_crossing_answer_kept(hub: Hub) -> None:
    reference = await hub.refer()
    packet = await hub.packet("social_care", reference)
    await hub.packet("education", reference)
    story = await hub.until(reference, lambda s: all(x["delivery"] == "accepted" for x in s["case"]["legs"]))
    for agency in ("social_care", "education"):
        await hub.act(reference, "recall", leg=leg(story, agency)["id"], reason="sent in error")
    wanted = (reference, "asks your team to delete a message")
    asked = {a: await hub.letter(a, *wanted) for a in ("social_care", "education")}
    assert not any(letter.encrypted for letter in asked.values())
    assert {"recall"} == {what for who, what in await hub.owed(reference) if "social care" in who or "school" in who}

    await hub.says("social_care", packet, "INFORMATION: Canary-crossing, written before your letter came")
    await hub.until(reference, lambda s: leg(s, "social_care")["response"] == "information")
    await hub.says("social_care", asked["social_care"], "CONFIRMED DELETED")
    story = await hub.until(reference, lambda s: leg(s, "social_care")["recall"] == "confirmed")
    assert leg(story, "social_care")["response"] == "information"
    assert [c["agency"] for c in story["case"]["contributions"]] == ["social_care"]

    web = WebClient(hub.stage.base_url)
    link = re.search(r"http\S+/answer/\S+", asked["education"].text)
    assert link
    page = await web.get(link[0].removeprefix(hub.stage.base_url))
    assert "We ask you to delete this message" in page.text
    page = await web.submit(page, answer="deleted", name="Finn Fiction")
    assert "We have noted that the message is deleted" in page.text
    story = await hub.story(reference)
    assert leg(story, "education")["recall"] == "confirmed"
    assert not {what for _, what in await hub.owed(reference)} & {"recall"}
    await hub.nothing_told(reference)


async def test_a_decline_for_want_of_information_is_given_more_and_answers(hub: Hub) -> None:
    reference = await hub.refer()
    packet = await hub.packet("education", reference)
    await hub.says("education", packet, "DECLINE not enough information\nOur ref: Canary-ref/12")
    story = await hub.until(reference, lambda s: leg(s, "education")["decline"] == "open")
    declined = leg(story, "education")["id"]
    await hub.act(reference, "more", leg=declined, words="Canary-more: also known as Quill", reason="they asked")
    letter = await hub.letter("education", "Canary-more: also known as Quill")
    assert letter.encrypted
    assert "Your reference Canary-ref/12" in letter.text
    assert ("Fakeshire school support", "answer") in await hub.owed(reference)
    await hub.says("education", letter, "DECLINE no capacity")
    await hub.until(reference, lambda s: leg(s, "education")["decline_reason"] == "no_capacity")
    await hub.act(reference, "settle_decline", leg=declined, reason="the school tells us directly")
    story = await hub.story(reference)
    assert leg(story, "education")["decline"] == "settled"
    await hub.nothing_told(reference)


async def test_on_the_answer_page_and_at_the_desk(hub: Hub) -> None:
    reference = await hub.refer()
    packets = {a: await hub.packet(a, reference) for a in ("police", "education")}
    web = WebClient(hub.stage.base_url)

    async def answers(agency: str, **given: str) -> str:
        data = json.loads(packets[agency].attachments["packet.json"])
        page = await web.get(data["answer_page"].removeprefix(hub.stage.base_url))
        return (await web.submit(page, code=data["code"], name="Sergeant Made-Up", **given)).text

    assert "please also tell us which systems" in await answers("police", answer="nothing_known")
    how = {"systems": "Canary-system", "identifiers": "name", "searched": "today"}
    said = await answers("police", answer="nothing_known", own_reference="Canary-ref/9", released="yes", **how)
    assert "nothing more to do" in said
    await answers("education", answer="wrong_agency", suggested="youth_justice")

    desk = WebClient(hub.stage.base_url)
    await desk.submit(await desk.get("/desk/sign-in"), member="hub_manager", password=SIGNED_IN)
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
    lacks = "This nil return does not count yet: it does not say which systems, on what, when."
    assert lacks in page.text
    by_program = await hub.api.post(f"/cases/{reference}/answered", json=nil)
    assert by_program.json()["does_not_count"] == lacks.removesuffix(".") + ". Ask, and record the answer again"
    values = (f"{name}={value}" for name, value in nil.items())
    assert lacks in await hub.stage.command("act", reference, "answered", *values, "--as", "hub_manager")
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

    quiet = WebClient(hub.stage.base_url)
    await quiet.submit(await quiet.get("/desk/sign-in"), member="hub_administrator", password=SIGNED_IN)
    seen = await quiet.get(f"/desk/case/{reference}")
    assert "Agencies asked" in seen.text
    assert "Canary" not in seen.html
    assert "Sergeant" not in seen.html
    await hub.nothing_told(reference)


async def test_whoever_takes_a_decline_on_the_telephone_asks_why_and_nothing_is_recorded_before(hub: Hub) -> None:
    reference = await hub.refer()
    await hub.packet("police", reference)
    before = await hub.until(reference, lambda told: leg(told, "police")["delivery"] == "accepted")
    asked, who = leg(before, "police")["id"], {"name": "Bob Bogus", "checked": "rang back"}
    for name, more in (("answered", {"leg": asked}), ("rang", {"about": asked, "reached": "yes"})):
        refused = await hub.act(reference, name, **more, answer="decline", **who)
        assert refused.status_code == 400
        assert all(told in refused.text for told in ("Ask why they decline", "not_remit", "unstated")), refused.text
    with pytest.raises(CommandFailed, match="Ask why they decline"):
        await hub.stage.command("act", reference, "answered", f"leg={asked}", "answer=decline", "name=Bob Bogus",
                                "checked=rang back", "--as", "hub_manager")  # fmt: skip
    web = WebClient(hub.stage.base_url)
    await web.submit(await web.get("/desk/sign-in"), member="hub_manager", password=SIGNED_IN)
    page = await web.get(f"/desk/case/{reference}")
    page = await web.submit(page, "/answered", leg=asked, answer="decline", **who)
    assert (page.status, "Ask why they decline" in page.text) == (400, True)
    kinds = {event["kind"] for event in (await hub.story(reference))["timeline"]}
    assert not kinds & {"CallMade", "Answered"}  # not the call either
    done = await hub.act(
        reference, "rang", about=asked, reached="yes", answer="decline", decline="no_capacity", **who
    )
    assert done.status_code == 200, done.text
    assert leg(await hub.story(reference), "police")["decline_reason"] == "no_capacity"
