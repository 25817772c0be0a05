"""The record of a strategy discussion over real mail: each agency is sent its part once the chair has approved it.

Its actions are answered by signed mail and by page, one of them is chased, and the record is corrected.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from exchange.demo.actors.gpg import GpgFailed
from exchange.demo.actors.mail_client import Read
from exchange.demo.actors.web_client import Page, WebClient
from exchange.demo.stage import HUB_FILE, Stage, stage
from tests.journeys.test_by_mail import REFERRAL, refer
from tests.journeys.test_product import PASSWORD, letters, sends, signed_in
from tests.ready import ready

# The first hub of a process is set up by some twenty commands, each a program of its own: on a loaded machine that
# alone takes longer than a test usually may.
pytestmark = pytest.mark.timeout(400)
HIDDEN = "12 Canary-lane, Madeupton"
TWO: dict[str, Any] = deepcopy(REFERRAL)
TWO["subjects"][0] |= {"address": HIDDEN, "address_protected": "yes"}
TWO["subjects"].append({"given_name": "Canary-little", "family_name": "Canaryfield", "date_of_birth": "2024-02-03"})
INVITED = ("social_care", "police", "health", "education")
TOLD = {  # (what an agency told, where it may go)
    "police": ("Canary-intelligence: a neighbour was warned in May", "hub_only"),
    "health": ("Canary-clinic: two missed appointments", "all_invited"),
}
SAID = {
    "subject.s1.where": "Canary-where: at her aunt’s",
    "subject.s1.seen": "alone",
    "subject.s1.voice": "Canary-voice: I want to stay at school",
    "subject.s1.threshold": "met",
    "subject.s1.enquiry": "joint",
    "subject.s1.medical": "planned",
    "subject.s1.parents": "social_care",
    "subject.s1.must_not_say": "Canary-silence: that the school told us",
    "subject.s2.seen": "with_others",
    "subject.s2.risk": "Canary-risk: none that we know of",
    "subject.s2.threshold": "not_met",
    "subject.s2.enquiry": "none",
    "subject.s2.parents": "nobody",
}


@dataclass
class Hub:
    """A served hub, and a program with a manager's token."""

    stage: Stage
    program: httpx.AsyncClient
    signed: dict[str, WebClient] = field(default_factory=dict)  # each signs in once: a password is slow to check

    async def web(self, member: str) -> WebClient:
        """The browser of a member of staff."""
        if member not in self.signed:
            self.signed[member] = await signed_in(self.stage, member)
        return self.signed[member]

    async def act(self, reference: str, name: str, **given: object) -> httpx.Response:
        """An act of the desk, by the API."""
        return await self.program.post(f"/cases/{reference}/{name}", json=given)

    async def shown(self, reference: str, until: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """The story of the case, once it says so."""
        for _ in range(300):
            story: dict[str, Any] = (await self.program.get(f"/cases/{reference}")).json()
            if until(story):
                return story
            await asyncio.sleep(0.1)
        raise AssertionError("the story never came to this")


@pytest.fixture
async def hub(database_url: str, tmp_path: Path) -> AsyncIterator[Hub]:
    """Somebody who writes, a chair, and an officer; the desk is pressed again after seconds."""
    hub_file = tmp_path / "hub.toml"
    hub_file.write_text(HUB_FILE.read_text().replace('overdue_again = "5m"', 'overdue_again = "5s"', 1))
    async with stage() as made:
        await ready(made, hub_file, database_url)
        secret = made.folder / "password"
        secret.write_text(PASSWORD)
        for member, role in (
            ("manager-1", "decision_manager"),
            ("chair-1", "chair"),
            ("desk-1", "hub_manager"),
            ("officer-1", "screening_officer"),
        ):
            await made.command("staff", "add", member, "--roles", role, "--password-file", str(secret))
        token = (await made.command("token", "add", "desk", "--roles", "hub_manager", "--staff", "desk-1")).strip()
        await made.serve()
        async with httpx.AsyncClient(
            base_url=f"{made.base_url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=30
        ) as program:
            yield Hub(made, program)


def ago(minutes: float) -> tuple[str, str]:
    """(date, time) on the hub's wall, so many minutes ago."""
    local = (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()
    return local[:10], local[11:16]


def answers() -> dict[str, str | list[str]]:
    """The form as the minute taker fills it in."""
    began, ended = ago(90), ago(60)
    given: dict[str, str | list[str]] = {
        "started_date": began[0], "started_time": began[1], "ended_date": ended[0], "ended_time": ended[1],
        "mode": "video", "trigger": "Canary-trigger: a bruise on Friday", **SAID,
    }  # fmt: skip
    for n, agency in enumerate(INVITED, 1):
        given |= {f"attendee.{n}.agency": agency, f"attendee.{n}.name": f"Person-{agency}",
                  f"attendee.{n}.role": "chair" if n == 1 else "other", f"attendee.{n}.mode": "video"}  # fmt: skip
    for n, (agency, (words, release)) in enumerate(TOLD.items(), 1):
        given |= {f"information.{n}.agency": agency, f"information.{n}.words": words,
                  f"information.{n}.release": release, f"information.{n}.subjects": ["s1"]}  # fmt: skip
    given |= {"information.3.agency": "education", "information.3.release": "hub_only"}  # it told nothing
    return given


async def held(hub: Hub) -> str:
    """A case whose discussion, with four agencies and about two children, has been held."""
    reference = await refer(hub.stage, TWO)
    starts = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    await hub.act(reference, "call", starts=starts, subjects=["s1", "s2"], reason="Canary-why", agencies=INVITED)
    sooner = await hub.act(reference, "held", discussion="d1", words="Canary-notes", agencies=INVITED)
    assert "Its time has not come yet" in sooner.text
    now = datetime.now(UTC).isoformat()
    await hub.act(reference, "held", discussion="d1", words="Canary-notes", agencies=INVITED, started=now)
    return reference


async def written(hub: Hub, reference: str, **changes: str | list[str]) -> Page:
    """The manager writes the record on the desk's page."""
    web = await hub.web("manager-1")
    form = await web.get(f"/desk/case/{reference}/minutes?discussion=d1")
    return await web.submit(form, "", **{**answers(), **changes})


async def approved(hub: Hub, reference: str, member: str = "chair-1") -> Page:
    """Somebody approves the newest version on the page of the case."""
    web = await hub.web(member)
    return await web.submit(await web.get(f"/desk/case/{reference}"), "/approve_record")


def plain(letter: Read) -> str:
    """A letter's words in one line."""
    return " ".join(letter.text.split())


def standings(story: dict[str, Any]) -> list[str]:
    return [v["standing"] for v in story["case"]["records"][0]["versions"]]


async def test_each_agency_is_sent_its_own_part_and_no_other(hub: Hub) -> None:
    reference = await held(hub)
    story = await hub.shown(reference, lambda s: s["case"]["records"])
    assert [o["next_step"] for o in story["outstanding"] if o["what"] == "record"] == [
        "write the record of the discussion"
    ]

    page = await written(hub, reference, ended_date="", ended_time="")
    assert page.status == 400
    assert "Write when it ended" in page.text
    assert "Canary-voice" in page.html  # nothing that was typed is lost
    page = await written(hub, reference, **{"information.3.release": "all_invited"})
    assert "Write what was told in information 3: where it may go is chosen there" in page.text
    await every_fault_leads_to_its_place(hub, reference)
    page = await written(hub, reference)
    assert "Record of discussion 1: version 1, draft" in page.text
    assert "Canary-intelligence" in page.text
    assert not [c for c in hub.stage.relay.delivered if b"Record" in c.content]
    await only_somebody_else_approves(hub, reference)

    story = await hub.shown(reference, lambda s: standings(s) == ["circulated"])
    await everybody_reads_their_part(hub, reference, story)
    listed = await hub.stage.command("show", reference)
    assert "record of d1 v1: circulated" in listed
    assert "left out: trigger s1.where s2 n1" in listed
    page = await (await hub.web("officer-1")).get(f"/desk/case/{reference}")
    assert "Record of discussion 1: version 1, with everybody invited" in page.text
    await corrected(hub, reference)
    await nothing_leaked(hub)
    assert (await hub.stage.command("audit", "verify")).startswith("holds")


async def every_fault_leads_to_its_place(hub: Hub, reference: str) -> None:
    """All that is lacking is told at once, each beside its control and with a link to it; what was typed is there."""
    lacking = {
        "started_date": "", "started_time": "", "mode": "", "attendee.2.role": "", "attendee.3.name": "",
        "information.2.agency": "", "dissent.1.agency": "police", "apology.health.words": "Canary-apology",
    }  # fmt: skip
    page = await written(hub, reference, **lacking)
    assert page.status == 400
    for name in ("started_date", "mode", "attendee.2.role", "attendee.3.name", "information.2.agency",
                 "dissent.1.words", "apology.health.why"):  # fmt: skip
        assert f'href="#{name}"' in page.html, name
        assert f'id="{name}-error"' in page.html, name
    for told in (
        "Choose the role of person 2",
        "Write the name of person 3",
        "Choose which agency told information 2",
    ):
        assert page.text.count(told) == 2, told
    for typed in ("Canary-voice", "Canary-clinic", "Canary-apology", "Canary-trigger"):
        assert typed in page.html
    page = await written(hub, reference, **{"information.2.release": "named"})
    assert 'href="#information.2.recipients"' in page.html
    began, ended = ago(30), ago(60)
    page = await written(hub, reference, started_date=began[0], started_time=began[1], ended_date=ended[0],
                         ended_time=ended[1])  # fmt: skip
    assert 'href="#ended_date"' in page.html


async def only_somebody_else_approves(hub: Hub, reference: str) -> None:
    """Not who wrote it, nor who may not; the chair does."""
    for member, refused in (("manager-1", "Somebody else must approve what you wrote"), ("officer-1", "")):
        web = await hub.web(member)
        page = await web.get(f"/desk/case/{reference}")
        assert not [f for f in page.forms if f.action.endswith("/approve_record")]
        page.forms[0].action = f"/desk/case/{reference}/approve_record"  # as somebody would who knows the address
        tried = await web.submit(page, "/approve_record", discussion="d1", version="v1")
        assert (tried.status, refused in tried.text) == (400 if refused else 404, True)
    older = await hub.act(reference, "approve_record", discussion="d1", version="v9")
    assert (older.status_code, "not the newest version" in older.text) == (409, True)
    page = await approved(hub, reference)
    assert "version 1 approved" in page.text


async def everybody_reads_their_part(hub: Hub, reference: str, story: dict[str, Any]) -> None:
    read = {a: await hub.stage.received(a, "RECORD OF THE STRATEGY DISCUSSION") for a in INVITED}
    text = {a: plain(letter) for a, letter in read.items()}
    for agency, letter in read.items():
        assert letter.encrypted
        assert letter.signed_by == hub.stage.hub_fingerprint
        assert text[agency].startswith("!! WHAT MUST NOT BE SAID: Canary-silence: that the school told us")
        assert "Person-police, Fakeshire Constabulary: other, by video" in text[agency]
        assert "Canary-voice" in text[agency]
        assert "Enquiry: Joint: social care and police" in text[agency]
        assert "Canary-where" not in text[agency]  # an address is protected: nobody is told where anybody is
        assert "Canary-clinic" in text[agency]
        assert ("Canary-intelligence" in text[agency]) is (agency == "police")
        sees_both = agency != "education"
        assert ("Canary-risk" in text[agency]) is sees_both
        assert ("Threshold for a statutory enquiry: Not met" in text[agency]) is sees_both
        assert ("Canary-little" in text[agency]) is sees_both
        assert ("Canary-trigger" in text[agency]) is sees_both
        wire = next(m.content for m in hub.stage.relay.mails(hub.stage.people[agency].address)
                    if letter.message_id.encode() in m.content)  # fmt: skip
        for other in INVITED:
            if other != agency:
                with pytest.raises(GpgFailed):
                    hub.stage.people[other].open(wire)
    copies = {c["agency"]: c for c in story["case"]["records"][0]["copies"]}
    assert "n1" in copies["health"]["left_out"]
    assert {"trigger", "s2", "n1", "s1.where"} <= set(copies["education"]["left_out"])
    assert copies["police"]["basis"] == "6(1)(e)"


async def corrected(hub: Hub, reference: str) -> None:
    """A newer version, begun from the older, approved anew and sent as replacing it."""
    web = await hub.web("manager-1")
    form = await web.get(f"/desk/case/{reference}/minutes?discussion=d1")
    assert "This record has gone out" in form.text
    assert "Canary-voice" in form.html
    refused = await web.submit(form, "", **answers())
    assert "Write what is corrected, and why" in refused.text
    changed = {**answers(), "subject.s2.threshold": "met", "subject.s2.enquiry": "single_social_care"}
    page = await web.submit(refused, "", **{**changed, "reason": "Canary-slip: the threshold was met"})
    assert "version 2, draft" in page.text
    await web.submit(
        refused, "", **{**changed, "reason": "Canary-slip", "once": "another"}
    )  # begun from the older one
    await hub.shown(reference, lambda s: standings(s) == ["circulated", "draft"])
    await approved(hub, reference)
    letter = await hub.stage.received("social_care", "THIS REPLACES the version you were sent before")
    assert "Enquiry: Single agency: social care" in plain(letter)
    assert "Canary-slip" not in plain(letter)
    assert letter.subject.startswith("Corrected record")
    await hub.shown(reference, lambda s: standings(s) == ["superseded", "circulated"])


@pytest.mark.long
async def test_actions_go_out_at_once_and_are_answered_by_mail_and_page_or_chased(hub: Hub) -> None:
    reference = await held(hub)
    due = {"health": timedelta(days=2), "education": timedelta(days=2), "police": timedelta(seconds=1)}
    for agency, after in due.items():
        at = datetime.now(UTC) + after
        words = f"Canary-do-{agency}: see her at {HIDDEN}"
        await hub.act(reference, "set_action", discussion="d1", owner=agency, subjects="s1", words=words,
                      due=at.isoformat())  # fmt: skip
    asked = {agency: await hub.stage.received(agency, "WHAT YOUR AGENCY IS TO DO") for agency in due}
    for agency, letter in asked.items():
        assert letter.encrypted
        assert f"Canary-do-{agency}: see her at [address kept back]" in plain(letter)
        assert "Canary-lane" not in letter.text

    # An absence notice says nothing; what nothing proves and what is not plain is read by a person.
    health, education = hub.stage.people["health"], hub.stage.people["education"]
    away = health.reply(asked["health"], "DONE")
    away["Auto-Submitted"] = "auto-replied"
    await hub.stage.mail("", asked["health"].reply_to, health.encrypted(away, [hub.stage.hub_fingerprint]))
    forged = education.reply(asked["education"], "DONE").as_bytes()
    await hub.stage.mail("x@evil.example", asked["education"].reply_to, forged)
    await sends(hub.stage, health, asked["health"], "Partly done")
    story = await hub.shown(reference, lambda s: {t["about"] for t in s["tasks"] if t["kind"] == "unclear_answer"}
                        == {"a1", "a2"})  # fmt: skip
    assert [a["doing"] for a in story["case"]["actions"]] == ["open", "open", "open"]

    await sends(hub.stage, health, asked["health"], "ACTION DONE: Canary-seen today")
    await by_page(hub, asked["education"])
    story = await hub.shown(
        reference, lambda s: [a["doing"] for a in s["case"]["actions"]] == ["done", "done", "open"]
    )
    assert not [t for t in story["tasks"] if t["kind"] == "unclear_answer"]
    assert {a["ended_by"] for a in story["case"]["actions"][:2]} == {"health", "education"}

    # The overdue one is asked for once by mail, and then by telephone.
    chaser = await hub.stage.received("police", "OVERDUE: We have not heard that this is done")
    assert chaser.encrypted
    police = hub.stage.people["police"]
    await sends(hub.stage, police, chaser, "CANNOT DO: Canary-reason she is not in our area")
    story = await hub.shown(reference, lambda s: {"cannot_do", "action"} <= {t["kind"] for t in s["tasks"]})
    assert story["case"]["actions"][2]["doing"] == "open"
    await sends(hub.stage, police, chaser, "NOT YET, by 1 January 2031")  # a slip of the date: nobody can be sure
    story = await hub.shown(reference, lambda s: "needs_longer" in {t["kind"] for t in s["tasks"]})
    page = await (await hub.web("officer-1")).get(f"/desk/case/{reference}")
    assert "An agency cannot do its action" in page.text
    assert "01632 960110" in page.text
    assert "Canary-reason" in page.text
    await hub.act(reference, "move_action", action_id="a3", doing="open", due="2031-01-02", reason="agreed")
    story = await hub.shown(reference, lambda s: s["case"]["actions"][2]["chased"] == 0)
    assert not [t for t in story["tasks"] if t["about"] == "a3"]
    assert "a1 of Fibshire NHS Trust" in await hub.stage.command("show", reference)
    await nothing_leaked(hub)
    assert (await hub.stage.command("audit", "verify")).startswith("holds")


async def by_page(hub: Hub, letter: Read) -> None:
    """The page needs a name, and for “done” the code from inside the letter."""
    link, code = re.search(r"(/action/\S+)", letter.text), re.search(r"use the code (\S+):", letter.text)
    assert link
    assert code
    web = WebClient(hub.stage.base_url)
    page = await web.get(link[1])
    assert "Canary" not in page.html
    assert "Write your name" in (await web.submit(page, answer="done")).text
    refused = await web.submit(page, answer="done", name="Finn Fiction")
    assert "needs the code" in refused.text
    refused = await web.submit(refused, answer="done", name="Finn Fiction", code="0000-0000")
    assert "not the code" in refused.text
    refused = await web.submit(refused, answer="later", name="Finn Fiction", code=code[1])
    assert "Write the day by which it will be done" in refused.text
    done = await web.submit(refused, answer="done", name="Finn Fiction", code=code[1], words="Canary-page")
    assert "There is nothing more to do" in done.text
    assert (await web.get("/action/p.nobody-a1.aaaaaaaaaaaaaaaa")).status == 404


@pytest.mark.long
async def test_who_cannot_be_sent_it_is_told_by_a_person_and_who_is_shut_out_is_not(hub: Hub) -> None:
    reference = await held(hub)
    await hub.act(reference, "restrict", kind="agency", who="education", why="conflict", reason="Canary-own")
    keys = {k["agency"]: k["fingerprint"] for k in json.loads(await hub.stage.command("key", "list", "--json"))}
    await hub.stage.command("key", "retire", keys["health"], "--as", "keys-1")
    await written(hub, reference)
    await approved(hub, reference)
    story = await hub.shown(reference, lambda s: [t for t in s["tasks"] if t["kind"] == "telephone_agency"
                                                   and t["about"].startswith("k")])  # fmt: skip
    record = story["case"]["records"][0]
    assert record["versions"][0]["kept_from"] == ["education"]
    assert {c["agency"] for c in record["copies"]} == {"social_care", "police", "health"}
    assert standings(story) == ["approved"]
    web = await hub.web("officer-1")
    page = await web.get(f"/desk/case/{reference}")
    assert "Ring the agency: mail will not get through" in page.text
    assert "01632 960120" in page.text
    assert "Kept for those who may read it" not in page.text  # health let everybody read it
    (copy,) = (c["id"] for c in record["copies"] if c["agency"] == "health")
    page = await web.submit(page, "/record_told", copy=copy, name="Nurse Dot Notional", checked="rang back")
    assert "An agency was told what the record says" in page.text
    await hub.shown(reference, lambda s: standings(s) == ["circulated"])
    assert not [r for r in letters(hub.stage, "education") if "RECORD OF THE STRATEGY DISCUSSION" in r.text]
    assert (await hub.stage.command("audit", "verify")).startswith("holds")


async def nothing_leaked(hub: Hub) -> None:
    """No word of it stands on the wire outside a seal, or in a file of the hub."""
    wire = b"".join(m.content for m in hub.stage.relay.delivered)
    files = b"".join(p.read_bytes() for p in hub.stage.folder.rglob("*") if p.is_file() and "mail" not in p.parts)
    for canary in (b"Canary-", b"Person-police"):
        assert canary not in wire
        assert canary not in files
