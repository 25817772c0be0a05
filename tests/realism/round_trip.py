"""The round trip: a referral, its packets and an invitation over real mail servers and in real mail programs.

Each step is judged from outside: by what the program shows, by the hub's commands, by the desk's pages. A step that
does not hold is named, and ends it.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from exchange.demo.actors.mail_client import Read
from exchange.demo.stage import HUB_ADDRESS
from tests.realism import neomutt
from tests.realism.ground import GONE, REFERRAL, Ground
from tests.realism.thunderbird import Thunderbird
from tests.realism.until import until_true

SIGNATURE, DKIM = 4, 2  # as `exchange show --json` counts proof
CONCERN = "a bruise"
INSIDE = ("Zoë", "Fictional", "bruise", "afeguarding packet", "Answer by")


class StepFailed(AssertionError):
    """A step did not hold."""


@dataclass(frozen=True)
class Step:
    """One that held."""

    what: str
    took: float


@dataclass
class RoundTrip:
    """What has happened so far."""

    ground: Ground
    program: Thunderbird
    pictures: Path
    say: Callable[[str], None]
    steps: list[Step] = field(default_factory=list)
    reference: str = ""
    packet: Read | None = None

    async def go(self) -> None:
        """Every step in order. Raises StepFailed naming the first that did not hold."""
        steps: tuple[tuple[str, Callable[[], Awaitable[None]]], ...] = (
            ("a GP's sealed referral reaches the hub through Postfix, and its receipt her mailbox", self.referred),
            ("the packet for police lies in Dovecot, sealed, and says nothing on its outside", self.arrived),
            ("Thunderbird shows its real subject and its words: encrypted, signature good", self.opened),
            ("neomutt shows the same subject and words, signature good", self.opened_in_terminal),
            ("Thunderbird seals the answer by itself, typed below the quote where its cursor stands", self.answered),
            ("the hub has it: acknowledged, proved by signature, no longer owed", self.acknowledged),
            ("Thunderbird accepts the invitation to a strategy discussion; its calendar names nobody", self.accepted),
            ("the hub shows police attending, proved by their domain's DKIM", self.attending),
            ("what Dovecot refuses comes back by Postfix: the desk is told to ring, nobody waits", self.returned),
            ("the record holds from the first link to the last", self.audited),
        )
        for number, (what, step) in enumerate(steps, 1):
            began = time.monotonic()
            try:
                await step()
            except Exception as wrong:
                raise StepFailed(f"step {number}, “{what}”: {type(wrong).__name__}: {wrong}") from wrong
            self.steps.append(Step(what, time.monotonic() - began))
            self.say(f"{self.steps[-1].took:6.1f} s  {what}")

    async def referred(self) -> None:
        gp = self.ground.hub.people["madeup-surgery"]
        files = {"referral.json": json.dumps(REFERRAL).encode()}
        mail = gp.write(HUB_ADDRESS, "Referral", "See the attachment.", files)
        await self.ground.mail(gp.address, HUB_ADDRESS, gp.encrypted(mail, [self.ground.hub.hub_fingerprint]))
        receipt = await self.ground.arrived("madeup-surgery", "This answer is automatic")
        _hold(receipt.encrypted and receipt.signed_by == self.ground.hub.hub_fingerprint, "it is sealed and signed")
        found = re.search(r"MASH-\w{4}-\w{4}", receipt.text)
        _hold(found is not None, "it has a reference")
        self.reference = found[0] if found else ""

    async def arrived(self) -> None:
        self.packet = await self.ground.arrived("police", f"Our reference {self.reference}")
        _hold(self.packet.encrypted, "it is sealed")
        outer = self.packet.outer
        _hold("Postfix" in outer["received"], "Postfix had it")
        _hold(outer["return-path"].startswith("<b."), "what comes back goes to an address of its own")
        _hold("reply-to" not in outer, "an answer goes to the address that the hub's certificate names")
        wire = next(m for m in self._mails("police") if self.packet.message_id.encode() in m)
        outside = [word for word in INSIDE if word.encode() in wire]
        _hold(outside == [], f"no word of it stands outside the seal: {outside}")

    async def opened(self) -> None:
        packet = self._packet
        shown = await self.program.open(packet.message_id, "WHY YOU GET THIS")
        await self._picture("packet", await self.program.picture())
        _hold(shown.subject == packet.subject, f"the subject is the sealed one, not “{shown.subject}”")
        _hold(shown.subject.startswith("Safeguarding packet"), "it says what it is")
        _hold(shown.sealed == "ok", f"the lock says that it was encrypted: {shown.sealed}")
        _hold(shown.signed == "verified", f"the seal says that the hub signed it: {shown.signed}")
        _hold(shown.attachments == ("packet.pdf", "packet.json"), f"the files are there: {shown.attachments}")
        told = [shown.text.index(part) for part in ("We ask you to", CONCERN, "HOW TO ANSWER", "WHY YOU GET THIS")]
        _hold(told == sorted(told), "what is asked comes first, then what happened, then how to answer")
        _hold("�" not in shown.text and "Zoë’s aunt" in shown.text, "its letters are as they were written")

    async def opened_in_terminal(self) -> None:
        packet, gpg = self._packet, self.ground.hub.people["police"].gpg
        assert gpg
        wire = next(m for m in self._mails("police") if packet.message_id.encode() in m)
        screen = await neomutt.shown(wire, gpg.home, "WHY YOU GET THIS")
        _hold(f"Subject: {packet.subject[:70]}" in screen, "the subject is the sealed one")
        _hold("Good signature from:" in screen and CONCERN in screen, "it can be read, and the hub signed it")

    async def answered(self) -> None:
        writing, picture = await self.program.reply("RECEIVED")
        await self._picture("answer", picture)
        _hold(writing.warnings == (), f"Thunderbird warns of nothing: {writing.warnings}")
        _hold(writing.seals and writing.signs and writing.hides_subject, "it encrypts, signs and hides the subject")
        _hold(writing.to.endswith(HUB_ADDRESS), f"to the hub: {writing.to}")
        own = [line for line in writing.text.splitlines() if line.strip() and not line.startswith(">")]
        _hold(own[-1] == "RECEIVED" and own[0].endswith("wrote:"), "the word stands below the quote")
        await self.program.send()

    async def acknowledged(self) -> None:
        await self._until(
            "the leg is acknowledged", lambda told: _leg(told, "police")["acknowledgement"] == "acknowledged"
        )
        said = [e for e in (await self.ground.show(self.reference))["timeline"] if e["kind"] == "Answered"]
        told = [(e["answer"], e["proof"], e["by"], e["in_clear"]) for e in said]
        _hold(told == [("received", SIGNATURE, "police", False)], f"one answer, sealed and signed: {told}")
        owed = json.loads(await self.ground.hub.command("outstanding", "--json"))
        of_police = {o["what"] for o in owed if o["owner"] == "Fakeshire Constabulary"}
        _hold(of_police == {"answer"}, f"police owe their answer only: {of_police}")
        page = await self.ground.desk.get(f"/desk/case/{self.reference}")
        _hold("Fakeshire Constabulary owes an answer" in page.text, "the desk says so too")

    async def accepted(self) -> None:
        await self._call()
        mail = await self.ground.arrived("police", "calls your agency to a meeting")
        shown = await self.program.open(mail.message_id, "calls your agency", invitation=True)
        await self._picture("invitation", await self.program.picture())
        _hold("Fakeshire MASH has invited you to" in shown.text, "it says who invites")
        _hold(not re.search("Zoë|Fictional|bruise", shown.subject + shown.text), "it names nobody")
        _hold("10:00" in shown.text, "it is at ten, as it was called")
        await self.program.accept()
        await self._picture("accepted", await self.program.picture())

    async def attending(self) -> None:
        await self._until("police come", lambda told: _seat(told, "police")["attendance"] == "accepted")
        told = await self.ground.show(self.reference)
        history = _seat(told, "police")["history"]
        _hold([(h["proof"], h["channel"]) for h in history] == [(DKIM, "mail")], f"one reply, by mail: {history}")
        page = await self.ground.desk.get(f"/desk/case/{self.reference}")
        _hold("Not quorate yet: social care, health" in page.text, "the desk waits for the others only")

    async def returned(self) -> None:
        await self._until("the leg's packet came back", lambda told: _leg(told, GONE)["delivery"] == "bounced")
        leg = _leg(await self.ground.show(self.reference), GONE)
        codes = [e["code"] for e in leg["evidence"]]
        _hold(codes[:3] == ["kept", "accepted:250", "bounced:5.1.1"], f"taken, then returned with its class: {codes}")
        _hold("status=bounced" in self.ground.post.log, "Postfix returned it")
        page = await self.ground.desk.get(f"/desk/case/{self.reference}")
        _hold("came back" in page.text and "01632 960140" in page.text, "the desk has the number to ring")
        page = await self.ground.desk.get("/desk")
        _hold("Ring the agency: mail will not get through" in page.text, "it is a task of the desk's")

    async def audited(self) -> None:
        _hold((await self.ground.hub.command("audit", "verify")).startswith("holds"), "the chain holds")

    @property
    def _packet(self) -> Read:
        assert self.packet, "there is a packet"
        return self.packet

    def _mails(self, agency: str) -> list[bytes]:
        return self.ground.post.mails(self.ground.hub.people[agency].address)

    async def _call(self) -> None:
        """The desk calls a strategy discussion, the day after tomorrow at ten."""
        desk = self.ground.desk
        page = await desk.get(f"/desk/case/{self.reference}")
        day = datetime.now(UTC) + timedelta(days=2)
        page = await desk.submit(page, "/call", starts_date=f"{day:%Y-%m-%d}", starts_time="10:00", subjects="s1",
                                 reason="injury", agencies=["police", "health", "social_care"])  # fmt: skip
        _hold("Strategy discussion" in page.text, "the desk shows it")

    async def _until(self, what: str, holds: Callable[[dict[str, Any]], bool]) -> None:
        async def asked() -> bool:
            return holds(await self.ground.show(self.reference))

        await until_true(what, asked)

    async def _picture(self, name: str, png: bytes) -> None:
        (self.pictures / f"{name}.png").write_bytes(png)


def _leg(told: dict[str, Any], agency: str) -> dict[str, Any]:
    return next(leg for leg in told["case"]["legs"] if leg["agency"] == agency)


def _seat(told: dict[str, Any], agency: str) -> dict[str, Any]:
    seats = (seat for discussion in told["case"]["discussions"] for seat in discussion["invitees"])
    return next(seat for seat in seats if seat["agency"] == agency)


def _hold(holds: bool, what: str) -> None:
    if not holds:
        raise StepFailed(f"it does not hold that {what}")
