"""The world of the year: the real hub under a virtual clock, with agencies whose keys end, are renewed or revoked.

Keys are gpg's, drills are opened with gpg; nothing of the hub is replaced. What agencies and staff do enters as
events, acts of the desk and certificates as they are pinned.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from exchange import app, drilling
from exchange.case.acknowledgement import Answer, Proof
from exchange.case.event import Answered
from exchange.case.mailbox import Mailbox
from exchange.case.referral import read
from exchange.case.state import Case
from exchange.case.step import CannotHappen
from exchange.clockwatch import Clockwatch
from exchange.config import RelaySettings
from exchange.config import read as settings_of
from exchange.contacting import Contact, lodge, referrer_from
from exchange.demo.actors.gpg import Gpg
from exchange.demo.actors.mail_client import MailClient
from exchange.desk import Desk
from exchange.desk.acts import perform
from exchange.desk.drills import DrillDesk
from exchange.desk.given import Given, Unfit
from exchange.dispatch import Dispatch
from exchange.edge import Chance
from exchange.hub_letters import HubLetters
from exchange.letter_kinds import kinds
from exchange.policy import Role, Viewer
from exchange.safe import Item
from exchange.store import certificates, clocks, drills, outbox, schema, staff, tasks
from exchange.store.certificates import Kind, Pinned
from exchange.writing import Writer
from keys.vault import bound_data
from mailflow.sender import Relay
from tests.simulation.sink import Mail, Sink

AGENCY = {"police": "police", "health": "health", "social-care": "social_care", "school-support": "education",
          "madeup-surgery": "madeup-surgery"}  # fmt: skip
MANAGER = Viewer("manager-1", frozenset({Role.HUB_MANAGER}))
TEST, RENEW = "Test message", "Please renew"
_WORDS = re.compile(r"^    ([a-z]+ [a-z]+ [a-z]+)\r?$", re.MULTILINE)


@dataclass
class Clock:
    """What the hub takes for the time."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@dataclass
class Year:
    """The hub, its agencies, and what arrived."""

    exchange: app.Opened
    clock: Clock
    begins: datetime
    hub_key: bytes  # as it is given to whoever writes to the hub
    workers: tuple[Callable[[], Awaitable[int]], ...]
    people: dict[str, MailClient] = field(default_factory=dict)  # by agency, with the key that is pinned
    deaf: set[str] = field(default_factory=set)  # agencies whose people answer no drill
    mails: list[Mail] = field(default_factory=list)
    cases: dict[str, str] = field(default_factory=dict)  # reference -> id
    rung: set[tuple[str, str]] = field(default_factory=set)  # (case, leg) that the desk was asked to ring about
    _plans: list[tuple[datetime, int, Callable[[], Awaitable[None]]]] = field(default_factory=list)
    _number: itertools.count[int] = field(default_factory=itertools.count)

    def on(self, days: float, what: Callable[[], Awaitable[None]]) -> None:
        """Let it happen so many days after the beginning."""
        heapq.heappush(self._plans, (self.begins + timedelta(days=days), next(self._number), what))

    def soon(self, hours: float, what: Callable[[], Awaitable[None]]) -> None:
        """Let it happen so many hours from now."""
        heapq.heappush(self._plans, (self.clock.at + timedelta(hours=hours), next(self._number), what))

    def day_of(self, mail: Mail) -> int:
        """On which day of the year it arrived."""
        return (mail.at - self.begins).days

    async def run(self, until: datetime) -> None:
        """Let time pass: from one thing that happens to the next, and three looks a day."""
        while True:
            await self.settle()
            at = min([*(p[0] for p in self._plans[:1]), *await self._next(), _look(self.clock.at)])
            if at > until:
                return
            self.clock.at = max(self.clock.at, at)
            while self._plans and self._plans[0][0] <= self.clock.at:
                await heapq.heappop(self._plans)[2]()

    async def settle(self) -> None:
        """Until nobody has anything to do at this moment."""
        while sum([await work() for work in self.workers]):
            pass

    async def _next(self) -> list[datetime]:
        hub, o = self.exchange.hub, schema.outbox.c
        async with hub.database.reading(hub.scope()) as tx:
            wake = await clocks.next_due(tx)
            waits = (o.hub == tx.hub, o.state.in_(("waiting", "kept")), o.due > self.clock.at)
            due = (await tx.run(select(o.due).where(*waits).order_by(o.due).limit(1))).scalar_one_or_none()
        return [t for t in (wake, due) if t and t > self.clock.at]

    # ---- keys -------------------------------------------------------------------------------------------------

    async def new_key(self, agency: str, expire: str) -> None:
        """The agency makes a key that ends so long after the beginning, and it is pinned; older ones are retired."""
        person = self.people.get(agency)
        address = next(m.address.text for m in await self._mailboxes() if m.agency == agency)
        gpg = Gpg()
        gpg.import_key(self.hub_key)
        await asyncio.to_thread(gpg.make_key, agency, address, expire)
        await self._retire(agency)
        self.people[agency] = MailClient(address, gpg=gpg)
        await self.pin(agency)
        if person and person.gpg:
            person.gpg.close()

    async def pin(self, agency: str) -> None:
        """The agency's certificate, as it stands in its own keyring now."""
        hub, gpg, now = self.exchange.hub, self.people[agency].gpg, self.clock.at
        assert gpg
        fingerprint = gpg.fingerprint(self.people[agency].address)
        bound = bound_data(hub.id, "certificate", fingerprint, agency)
        blob = (await hub.safe.seal([Item("profile", bound, gpg.export(fingerprint))]))[0]
        async with hub.database.transaction(hub.scope("operator")) as tx:
            await certificates.put(tx, Pinned(fingerprint, Kind.OPENPGP, agency, "", now, now, None, blob))

    async def renewed(self, agency: str, expire: str) -> None:
        """The same key with another end."""
        person = self.people[agency]
        assert person.gpg
        await asyncio.to_thread(person.gpg.renew, person.gpg.fingerprint(person.address), expire)
        await self.pin(agency)

    async def revoked(self, agency: str) -> None:
        """Its holders revoke it, and the hub is brought the certificate that says so."""
        person = self.people[agency]
        assert person.gpg
        await asyncio.to_thread(person.gpg.revoke, person.gpg.fingerprint(person.address))
        await self.pin(agency)

    async def _retire(self, agency: str) -> None:
        hub = self.exchange.hub
        async with hub.database.transaction(hub.scope("operator")) as tx:
            for known in await certificates.known(tx, agency):
                await certificates.retire(tx, known.fingerprint, self.clock.at)

    async def _mailboxes(self) -> tuple[Mailbox, ...]:
        hub = self.exchange.hub
        async with hub.database.reading(hub.scope()) as tx:
            return (await hub.directory(tx)).mailboxes

    # ---- what arrives -----------------------------------------------------------------------------------------

    def taken(self, mail: Mail) -> None:
        """A mail arrived."""
        self.mails.append(mail)
        agency = AGENCY[mail.to.rpartition("@")[2].partition(".")[0]]
        if mail.subject.startswith(TEST) and agency not in self.deaf:
            self.soon(3, lambda: self._says(mail, agency))

    async def _says(self, mail: Mail, agency: str) -> None:
        """Somebody there opens the drill with gpg, and writes its words back."""
        hub, person = self.exchange.hub, self.people[agency]
        letter = await asyncio.to_thread(person.open, mail.content)
        found = _WORDS.search(letter.text)
        assert found
        async with hub.database.transaction(hub.scope()) as tx:
            row = await outbox.by_message_id(tx, mail.message_id)
            assert row
            heard = await drilling.hear(hub, tx, drilling.drill_of(row), f"Here: {found[1]}", "mail")
        assert heard is drilling.Heard.RIGHT

    # ---- cases ------------------------------------------------------------------------------------------------

    async def comes(self, number: int) -> None:
        """A concern, looked at and rated; a day later whoever has it answers, and it is decided and closed."""
        referral = read(
            {"form": "child", "referrer": {"name": "Nora Notional", "source": "4", "telephone": "01632 960190"},
             "concern": {"immediate_danger": "no", "what_happened": f"canary-{number}"},
             "subjects": [{"given_name": f"Mina{number}", "date_of_birth": "2024-05-01"}]},
        )  # fmt: skip
        lodged = await lodge(self.exchange.hub, Contact("api", True, referrer_from(referral), referral), f"n{number}")
        self.cases[lodged.reference] = lodged.case_id
        await self._act(lodged.reference, "look", rating="amber")
        await self._act(lodged.reference, "rate", subject="s1", rating="amber", reason="as it reads")
        self.soon(1, lambda: self._answers(lodged.reference))

    async def _answers(self, reference: str) -> None:
        """What is owed is said: by mail where the packet arrived, by telephone where the desk was asked to ring."""
        hub, case = self.exchange.hub, await self.case(reference)
        async with hub.database.reading(hub.scope()) as tx:
            self.rung |= {
                (case.id, t.about) for t in await tasks.pending(tx, case.id) if t.kind == "telephone_agency"
            }
        for leg in case.legs:
            proof = Proof.SIGNATURE if self.arrived(case, leg.agency) else Proof.STAFF
            event = Answered(self.clock.at, leg.agency, leg.id, Answer.INFORMATION, proof, "mail")
            await hub.record(case.id, event, f"says:{case.id}:{leg.id}")
        await self._act(
            reference, "decide", subject="s1", decision="assessment", reason="as it stands", without_checks="yes",
            voice="heard",
        )  # fmt: skip
        await self._act(reference, "close", reason="all is done", override="yes")

    def arrived(self, case: Case, agency: str) -> bool:
        """Whether the agency was sent its packet, sealed."""
        return any(
            mail.sealed and mail.reference == case.reference
            for mail in self.mails
            if AGENCY[mail.to.rpartition("@")[2].partition(".")[0]] == agency
        )

    async def _act(self, reference: str, act: str, /, **values: str) -> None:
        given = Given({name: (value,) for name, value in values.items()})
        with contextlib.suppress(CannotHappen, Unfit):
            await perform(
                Desk(self.exchange.hub, MANAGER), act, self.cases[reference], given, self.exchange.hub.chance.id()
            )

    async def case(self, reference: str) -> Case:
        """As it stands."""
        return await Desk(self.exchange.hub, MANAGER).case(reference)

    # ---- what is looked at ------------------------------------------------------------------------------------

    async def tasks_of(self, *wanted: str) -> dict[str, bool]:
        """By key: whether it is open still."""
        hub, t = self.exchange.hub, schema.task.c
        async with hub.database.reading(hub.scope()) as tx:
            rows = await tx.run(select(t.key, t.closed_at).where(t.hub == tx.hub, t.kind.in_(wanted)))
            return {row.key: row.closed_at is None for row in rows}

    async def drills_of(self, mailbox: str) -> list[tuple[int, str]]:
        """(day asked, how it ended) of each, oldest first."""
        hub = self.exchange.hub
        async with hub.database.reading(hub.scope()) as tx:
            found = await drills.of_mailbox(tx, mailbox)
        return [((d.asked_at - self.begins).days, d.ended) for d in reversed(found)]

    async def drill_all(self) -> None:
        """Before going live."""
        desk = DrillDesk(self.exchange.hub, MANAGER)
        await desk.ask([s.mailbox.id for s in await desk.standing()])


def _look(at: datetime) -> datetime:
    """The next moment at which workers look although nothing is planned: at night, in the morning, after noon."""
    hours = [at.replace(hour=h, minute=5, second=0, microsecond=0) for h in (3, 10, 15)]
    return next((h for h in hours if h > at), hours[0] + timedelta(days=1))


@contextlib.asynccontextmanager
async def year(home: Path, seed: int) -> AsyncIterator[Year]:
    """The hub set up in `home`, opened in this process; the year begins now, for gpg makes keys by its own clock."""
    dice, begins = random.Random(seed), datetime.now(UTC) + timedelta(minutes=5)  # noqa: S311 - the same each time
    clock, made = Clock(begins), list[Year]()
    sink = Sink(clock.now, lambda to: "250 2.1.5 ok", lambda mail: made[0].taken(mail))
    port = await sink.start()
    settings = settings_of(home / "exchange.toml").model_copy(
        update={"relay": RelaySettings(host="127.0.0.1", port=port, tls="loopback")}
    )
    async with app.opened(settings, clock) as opened:
        hub = replace(opened.hub, chance=Chance(dice.randbytes), codes_by="mail")
        exchange = replace(opened, hub=hub)
        relay = Relay("127.0.0.1", port, tls="loopback", own_name="fakeshire-hub.example")
        writer = Writer(hub, exchange.keyroom, exchange.addresses, settings.hub_address, settings.base_url)
        parts = (hub, exchange.keyroom, relay, exchange.addresses, writer, settings.work)
        of_hub = HubLetters(*parts, kinds(exchange, writer))
        hub_key = (home / "hub-public-key.asc").read_bytes()
        here = Year(exchange, clock, begins, hub_key, (Clockwatch(hub).once, Dispatch(*parts).once, of_hub.once))
        made.append(here)
        async with hub.database.transaction(hub.scope("operator")) as tx:
            await staff.put(tx, "duty-1", "x", begins)
            await staff.give(tx, "duty-1", staff.Access("screening_officer", begins))
        try:
            yield here
        finally:
            await relay.close()
            await sink.stop()
            for person in here.people.values():
                if person.gpg:
                    person.gpg.close()
