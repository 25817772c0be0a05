"""The story of `make demo`: the main job from the first worry to the last letter, judged from mailboxes and pages.

Each step is a line with its time; a step that does not hold is named, and ends the story.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from exchange.demo.actors.gpg import GpgFailed
from exchange.demo.actors.mail_client import MailClient, Read
from exchange.demo.actors.web_client import Page, WebClient
from exchange.demo.stage import HUB_ADDRESS, Stage

SIGN_IN_FILE = "demo-sign-in"
MEMBER = "demo"
MOST_PAGES = 20  # of the form after the people: it has half as many
GP_REFERRAL = {
    "schema": "referral/1",
    "form": "child",
    "referrer": {"name": "Dr Orla Notreal", "role": "GP", "source": "3A", "telephone": "01632 960155"},
    "concern": {"immediate_danger": "no", "what_happened": "A bruise behind the ear that does not fit its account"},
    "subjects": [{"given_name": "Milo", "family_name": "Fictional", "date_of_birth": "2019-03-27",
                  "school": "Imaginary Primary", "gp": "Madeup Surgery"}],
    "household": [{"name": "Ned Notional", "relationship": "mother's partner", "poses_risk": "unknown"}],
}  # fmt: skip


# Those who are asked about a schoolchild, as the desk names them.
ASKED = (
    "Fakeshire Constabulary",
    "Fibshire NHS Trust",
    "Fakeshire children’s social care",
    "Fakeshire school support",
)


class StepFailed(AssertionError):
    """A step of the story did not hold."""


@dataclass
class Story:
    """The story so far."""

    stage: Stage
    say: Callable[[str], None]
    began: float = field(default_factory=time.monotonic)
    code: str = ""
    references: dict[str, str] = field(default_factory=dict)  # school, gp
    packets: dict[str, Read] = field(default_factory=dict)
    police_chased: int = 0  # by the time their acceptance of the discussion counted
    _reading: WebClient | None = None  # somebody who reads at the desk

    async def tell(self) -> None:
        """Every step in order. Raises StepFailed naming the first that did not hold."""
        steps: tuple[tuple[str, Callable[[], Awaitable[None]]], ...] = (
            ("a school refers two siblings by the web form", self.school_refers),
            ("a GP refers by encrypted mail, and gets an encrypted receipt", self.gp_refers),
            ("each agency gets its packet sealed, with its own part only", self.packets_arrive),
            ("police answer by signed and encrypted reply", self.police_answer),
            ("health acknowledge by plain reply from their own domain", self.health_acknowledge),
            ("social care answer on the web page, with the packet's code", self.social_care_answer),
            ("a forged ACCEPT with the right name goes to the desk", self.forger_tries),
            ("education stay silent, are reminded, and show as outstanding", self.education_silent),
            ("a strategy discussion is called by calendar mail, papers apart", self.discussion_called),
            ("police accept by calendar reply, proved by DKIM; the silent are chased", self.discussion_answered),
            ("the hub rates and decides", self.decided),
            ("the GP learns the outcome by encrypted mail", self.gp_told),
            ("the school learns the outcome by receipt code", self.school_told),
            ("the record holds from the first link to the last", self.audited),
        )
        for number, (name, step) in enumerate(steps, 1):
            started = time.monotonic()
            try:
                await step()
            except Exception as wrong:
                raise StepFailed(f"step {number}, “{name}”: {type(wrong).__name__} {wrong}") from wrong
            self.say(f"{time.monotonic() - self.began:6.1f} s  {name}  ({time.monotonic() - started:.1f} s)")

    async def school_refers(self) -> None:
        web = WebClient(self.stage.base_url)
        page = await web.submit(await web.get("/"), "/referral/begin", form="child", journey="work")
        page = await web.submit(page, immediate_danger="no")
        page = await _about(web, page, "2016-04-01", given_name="Ada", family_name="Madeup")
        page = await web.submit(page, more="yes")
        page = await _about(web, page, "2023-09-02", given_name="Bo", family_name="Madeup")
        page = await web.submit(page, more="no")
        page = await web.submit(page, more="no")
        page = await web.submit(page, what_happened="Ada came to school hungry and in last week's clothes again")
        said = {"more": "no", "informed": "yes", "consent": "yes", "name": "Pat Pretend", "source": "2A",
                "role": "designated safeguarding lead", "telephone": "01632 960170",
                "mail": "pat@imaginary-primary.example"}  # fmt: skip
        for _ in range(MOST_PAGES):
            if page.url.endswith("/check"):
                break
            page = await web.submit(page, **said)  # each page takes what it asks for
        page = await web.submit(page, "/referral/send")
        self.code = _found(r"(?:[0-9A-Z]{5}-){5}[0-9A-Z]", page.text)
        self.references["school"] = _found(r"MASH-\w{4}-\w{4}", page.text)

    async def gp_refers(self) -> None:
        gp = self.stage.people["madeup-surgery"]
        files = {"referral.json": json.dumps(GP_REFERRAL).encode()}
        sealed = gp.encrypted(gp.write(HUB_ADDRESS, "Referral", "See the attachment.", files),
                              [self.stage.hub_fingerprint])  # fmt: skip
        _hold((await self.stage.mail(gp.address, HUB_ADDRESS, sealed)).startswith("250"), "the hub takes the mail")
        receipt = await self.stage.received("madeup-surgery", "This answer is automatic")
        _hold(receipt.encrypted and receipt.signed_by == self.stage.hub_fingerprint, "the receipt is sealed, signed")
        self.references["gp"] = _found(r"MASH-\w{4}-\w{4}", receipt.text)

    async def packets_arrive(self) -> None:
        for agency in ("police", "health", "social_care", "education"):
            packet = await self.stage.received(agency, f"Our reference {self.references['gp']}")
            _hold(packet.encrypted and packet.signed_by == self.stage.hub_fingerprint, "the packet is sealed, signed")
            values = json.loads(packet.attachments["packet.json"])
            _hold(set(values["values"]) <= set(values["manifest"]), "it holds what its manifest lists")
            self.packets[agency] = packet
        _hold("Imaginary Primary" not in self.packets["police"].text, "police are not told the school")
        _hold("bruise" not in self.packets["education"].text, "education are not told of the injury")
        wire = self.stage.relay.mails(self.stage.people["police"].address)[0].content
        for agency in ("health", "social_care", "education", "madeup-surgery"):
            try:
                self.stage.people[agency].open(wire)
            except GpgFailed:
                continue
            _hold(False, f"{agency} cannot open the packet for police")

    async def police_answer(self) -> None:
        police, packet = self.stage.people["police"], self.packets["police"]
        reply = police.reply(packet, "INFORMATION: two calls to the address since June")
        await self.stage.mail(police.address, packet.reply_to, police.encrypted(reply, [self.stage.hub_fingerprint]))
        await self._until(lambda owed: "Fakeshire Constabulary" not in owed)

    async def health_acknowledge(self) -> None:
        health, packet = self.stage.people["health"], self.packets["health"]
        reply = health.reply(packet, "RECEIVED", subject="Re: your message").as_bytes()
        await self.stage.mail(health.address, packet.reply_to, self.stage.dkim["health.example"].sign(reply))
        await self._until(lambda owed: owed.get("Fibshire NHS Trust") == "answer")

    async def social_care_answer(self) -> None:
        packet = json.loads(self.packets["social_care"].attachments["packet.json"])
        web = WebClient(self.stage.base_url)
        page = await web.get(packet["answer_page"])
        done = await web.submit(page, answer="accept", name="Eve Example", code=packet["code"])
        _hold("We have your answer" in done.text, "the page takes the answer")
        await self._until(lambda owed: owed.get("Fakeshire children’s social care") == "answer")

    async def forger_tries(self) -> None:
        reference = self.references["gp"]
        forger = MailClient(self.stage.people["education"].address, "Fakeshire school support")
        mail = forger.plain(HUB_ADDRESS, f"Re: {reference}", f"ACCEPT\n{reference}")
        await self.stage.mail("x@forger.example", HUB_ADDRESS, mail)
        desk = await self.desk()
        async with asyncio.timeout(20):
            while "Came unencrypted" not in (await desk.get("/desk")).text:
                await asyncio.sleep(0.2)
        _hold((await self._owed()).get("Fakeshire school support") == "acknowledgement", "it changed nothing")

    async def education_silent(self) -> None:
        reminder = await self.stage.received("education", f"Reference    {self.references['gp']}", 40)
        _hold(not reminder.encrypted, "a reminder says nothing, and needs no key")
        _hold((await self._owed()).get("Fakeshire school support") == "acknowledgement", "it shows as outstanding")

    async def discussion_called(self) -> None:
        desk = await self.desk()
        page = await desk.get(f"/desk/case/{self.references['gp']}")
        at = (datetime.now(UTC) + timedelta(days=2)).astimezone()
        page = await desk.submit(page, "/call", starts_date=f"{at:%Y-%m-%d}", starts_time="10:00", subjects="s1",
                                 reason="injury", agencies=["police", "health", "social_care"])  # fmt: skip
        _hold("Strategy discussion" in page.text, "the desk shows it")
        for agency in ("police", "health", "social_care"):
            invitation = await self.stage.received(agency, "calls your agency to a meeting")
            _hold("METHOD:REQUEST" in invitation.calendar, "it is calendar mail")
            _hold("Milo" not in invitation.calendar + invitation.text, "it names nobody")
            papers = await self.stage.received(agency, "STRATEGY DISCUSSION")
            _hold(papers.encrypted, "the papers are sealed")

    async def discussion_answered(self) -> None:
        police = self.stage.people["police"]
        invitation = await self.stage.received("police", "calls your agency to a meeting")
        answer = police.answer_invitation(invitation, "ACCEPTED")
        await self.stage.mail(police.address, invitation.reply_to, self.stage.dkim["police.example"].sign(answer))
        await self.stage.received("health", "has no answer from your agency to the invitation", 30)
        desk = await self.desk()
        async with asyncio.timeout(20):
            while "Not quorate yet: social care, health" not in (page := await self._case(desk)).text:
                await asyncio.sleep(0.2)
        _hold("accepted" in page.text, "the desk shows who comes")
        self.police_chased = self._chasers_of_police()  # on a slow machine they were reminded before they answered

    async def decided(self) -> None:
        desk = await self.desk()
        for who, subjects in (("gp", ("s1",)), ("school", ("s1", "s2"))):
            page = await desk.get(f"/desk/case/{self.references[who]}")
            if any(f.action.endswith("/look") for f in page.forms):
                page = await desk.submit(page, "/look", rating="red")
            for subject in subjects:
                page = await desk.submit(page, "/rate", subject=subject, rating="amber", reason="as told")
                page = await desk.submit(page, "/decide", subject=subject, decision="assessment", reason="needs help",
                                         voice="heard", without_checks="yes")  # fmt: skip
                _hold(page.status == 200, "the desk takes the decision")

    async def gp_told(self) -> None:
        outcome = await self.stage.received("madeup-surgery", "WHAT WAS DECIDED")
        _hold(outcome.encrypted and "social worker will make an assessment" in outcome.text, "sealed, and plain")

    async def school_told(self) -> None:
        notice = await self.stage.relay.wait_for_mail("pat@imaginary-primary.example")
        _hold(b"Madeup" not in notice.content and b"assessment" not in notice.content, "the notice says nothing")
        web = WebClient(self.stage.base_url)
        page = await web.submit(await web.get("/receipt"), code=self.code)
        _hold("social worker will make an assessment" in page.text, "the receipt page tells")

    async def audited(self) -> None:
        _hold(self._chasers_of_police() == self.police_chased, "who answered is not chased, while the silent were")
        _hold((await self.stage.command("audit", "verify")).startswith("holds"), "the chain holds")

    def _chasers_of_police(self) -> int:
        mails = self.stage.relay.mails(self.stage.people["police"].address)
        return sum(b"has no answer" in mail.content for mail in mails)

    async def desk(self) -> WebClient:
        """Somebody signed in at the desk."""
        web = WebClient(self.stage.base_url)
        password = (self.stage.folder / SIGN_IN_FILE).read_text()
        page = await web.submit(await web.get("/desk/sign-in"), member=MEMBER, password=password)
        _hold("Not yet looked at" in page.text, "the demo's member of staff is signed in")
        return web

    async def _case(self, desk: WebClient) -> Page:
        return await desk.get(f"/desk/case/{self.references['gp']}")

    async def _owed(self) -> dict[str, str]:
        """What each agency still owes, as the desk's page of the case shows it."""
        if self._reading is None:
            self._reading = await self.desk()
        shown = (await self._case(self._reading)).text
        owes = ("acknowledgement", "answer")
        return {name: what for name in ASKED for what in owes if f"{name} owes an {what}" in shown}

    async def _until(self, holds: Callable[[dict[str, str]], bool]) -> None:
        async with asyncio.timeout(20):
            while not holds(await self._owed()):
                await asyncio.sleep(0.1)


async def _about(web: WebClient, page: Page, born: str, **who: str) -> Page:
    year, month, day = born.split("-")
    page = await web.submit(page, **who)
    while not page.url.endswith("/another"):  # each page takes what it asks for
        page = await web.submit(page, date_of_birth__year=year, date_of_birth__month=month, date_of_birth__day=day)
    return page


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise StepFailed(f"nothing like {pattern}")
    return found[0]


def _hold(holds: bool, what: str) -> None:
    if not holds:
        raise StepFailed(f"it does not hold that {what}")
