"""The world of the simulation: a virtual clock, the real hub in this process, and everybody who is silent or not.

Nothing of the hub is replaced: SQLite file, keys, sealing, clockwatch, dispatch and digests are those of `exchange
serve`. What agencies and staff do enters where mail and desk enter: as events, and as acts of the desk.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import func, select

from exchange import app
from exchange.case.acknowledgement import Answer, DeclineReason, Proof
from exchange.case.delivery import News
from exchange.case.event import Answered, Event, MachineEvidence, PacketNews
from exchange.case.leave import Leave, Whose
from exchange.case.state import Case
from exchange.case.step import CannotHappen
from exchange.clockwatch import Clockwatch
from exchange.config import RelaySettings
from exchange.config import read as settings_of
from exchange.desk import Desk
from exchange.desk.acts import perform
from exchange.desk.given import Given
from exchange.dispatch import Dispatch
from exchange.edge import Chance
from exchange.hub_letters import HubLetters
from exchange.letter_kinds import kinds
from exchange.policy import Role, Viewer
from exchange.store import casebook, clocks, leave, schema, staff, tasks
from exchange.store.tasks import Task
from exchange.writing import Writer
from mailflow.sender import Relay
from tests.simulation.hours import HOLIDAYS, LONDON
from tests.simulation.lateness import Due, is_left_in_peace, owed
from tests.simulation.sink import Mail, Sink
from tests.simulation.staff_doings import at_the_desk, comes

MANAGER = Viewer("manager-1", frozenset({Role.HUB_MANAGER}))
BEGIN = datetime(2027, 3, 22, 6, 0, tzinfo=UTC)  # the week of Good Friday; summer time begins on Sunday
AGENCY = {"police": "police", "health": "health", "social-care": "social_care", "school-support": "education",
          "madeup-surgery": "madeup-surgery"}  # fmt: skip


class VirtualClock:
    """What the hub takes for the time."""

    def __init__(self) -> None:
        self.at = BEGIN

    def now(self) -> datetime:
        return self.at


@dataclass
class World:
    """The hub, its people and its agencies."""

    exchange: app.Opened
    clock: VirtualClock
    sink: Sink
    workers: tuple[Callable[[], Awaitable[int]], ...]
    dice: random.Random
    refusing: float = 0.02  # of deliveries, for good; twice as many are put off once
    alone: bool = False  # nobody does anything but the hub, and whoever tells the story
    mails: list[Mail] = field(default_factory=list)
    red_since: dict[str, datetime] = field(default_factory=dict)  # by reference
    cases: dict[str, str] = field(default_factory=dict)  # reference -> id
    unheard: list[str] = field(default_factory=list)  # what was late and asked of nobody
    _plans: list[tuple[datetime, int, Callable[[], Awaitable[None]]]] = field(default_factory=list)
    _number: itertools.count[int] = field(default_factory=itertools.count)
    _met: set[tuple[str, str]] = field(default_factory=set)
    done: Counter[str] = field(default_factory=Counter)  # acts of the desk, by name
    refused: Counter[str] = field(default_factory=Counter)  # and those that the case refused, with its words
    checked: Counter[str] = field(default_factory=Counter)  # how often something late was looked for, by what it was
    _versions: dict[str, int] = field(default_factory=dict)  # of each case, as last looked at
    _watched: set[tuple[str, Due]] = field(default_factory=set)

    @property
    def desk(self) -> Desk:
        return Desk(self.exchange.hub, MANAGER)

    def at(self, when: datetime, what: Callable[[], Awaitable[None]]) -> None:
        """Let it happen then."""
        heapq.heappush(self._plans, (max(when, self.clock.at), next(self._number), what))

    async def run(self, until: datetime) -> None:
        """Let time pass, from one thing that happens to the next."""
        while True:
            await self._settle()
            await self._watch()
            due = [self._plans[0][0]] if self._plans else []
            due += [t for t in await self._next() if t > self.clock.at]
            if not due or min(due) > until:
                self.clock.at = until
                await self._settle()
                return
            self.clock.at = max(self.clock.at, min(due))
            while self._plans and self._plans[0][0] <= self.clock.at:
                await heapq.heappop(self._plans)[2]()

    async def _settle(self) -> None:
        """Until nobody has anything to do at this moment."""
        while sum([await work() for work in self.workers]):
            pass

    async def _next(self) -> list[datetime]:
        hub, o = self.exchange.hub, schema.outbox.c
        async with hub.database.reading(hub.scope()) as tx:
            wake = await clocks.next_due(tx)
            letter = await tx.run(
                select(func.min(o.due)).where(
                    o.hub == tx.hub, o.state.in_(("waiting", "kept")), o.due > self.clock.at
                )
            )
        return [t for t in (wake, letter.scalar_one()) if t]

    # ---- what arrives at the agencies -------------------------------------------------------------------------

    def judge(self, to: str) -> str:
        """What an agency's server says to a recipient."""
        roll = self.dice.random()
        if roll < self.refusing:
            return "550 5.1.1 no such mailbox"
        return "451 4.7.1 come back later" if roll < 3 * self.refusing else "250 2.1.5 ok"

    def taken(self, mail: Mail) -> None:
        """A mail arrived; a packet sets its agency moving."""
        self.mails.append(mail)
        if self.alone:
            return
        agency = AGENCY[mail.to.rpartition("@")[2].partition(".")[0]]
        if mail.sealed and mail.reference and (mail.reference, agency) not in self._met:
            self._met.add((mail.reference, agency))
            self.at(self.clock.at, lambda: self._behave(mail.reference, agency))

    async def _behave(self, reference: str, agency: str) -> None:
        """How this agency takes this packet: most answer, some late, some in part, some never."""
        roll, now = self.dice.random(), self.clock.at
        hours = self.dice.lognormvariate(0.8, 1.3)
        first, later = now + timedelta(hours=hours), now + timedelta(hours=hours * (1.5 + 6 * self.dice.random()))
        if roll < 0.08:  # nobody there ever says anything
            return
        if roll < 0.16:
            self.at(now + timedelta(minutes=1), lambda: self._machine(reference, agency))
        if roll < 0.22 and roll >= 0.16:
            self.at(now + timedelta(minutes=self.dice.randint(1, 2000)), lambda: self._bounce(reference, agency))
            return
        self.at(first, lambda: self._says(reference, agency, Answer.RECEIVED))
        if roll < 0.30:
            return  # has it, and never answers
        answer = Answer.DECLINE if roll < 0.34 else Answer.INFORMATION
        self.at(later, lambda: self._says(reference, agency, answer))

    async def _leg(self, reference: str, agency: str) -> tuple[Case, str]:
        case = await self.desk.case(reference)
        return case, next((leg.id for leg in case.legs if leg.agency == agency), "")

    async def _machine(self, reference: str, agency: str) -> None:
        case, leg = await self._leg(reference, agency)
        event = MachineEvidence(self.clock.at, leg, "automatic_reply")
        await self.exchange.hub.record(case.id, event, f"ooo:{case.id}:{leg}")

    async def _bounce(self, reference: str, agency: str) -> None:
        case, leg = await self._leg(reference, agency)
        event = PacketNews(self.clock.at, leg, News.BOUNCED, "5.2.2")
        await self.exchange.hub.record(case.id, event, f"bounce:{case.id}:{leg}")

    async def _says(self, reference: str, agency: str, answer: Answer, proof: Proof = Proof.SIGNATURE) -> None:
        case, leg = await self._leg(reference, agency)
        if not leg:
            return
        reason = DeclineReason.NO_CAPACITY if answer is Answer.DECLINE else None
        event = Answered(self.clock.at, agency, leg, answer, proof, "mail", reason)
        await self.exchange.hub.record(case.id, event, f"says:{case.id}:{leg}:{answer}:{self.clock.at.isoformat()}")

    # ---- what people make happen ------------------------------------------------------------------------------

    def later(self, hours: float, what: Callable[[], Awaitable[None]]) -> None:
        """Let it happen so many hours from now."""
        self.at(self.clock.at + timedelta(hours=hours), what)

    async def act(self, reference: str, name: str, by: Viewer = MANAGER, /, **values: str | tuple[str, ...]) -> None:
        """An act of the desk, which the case may refuse as it stands; how often it did is counted."""
        given = Given({k: v if isinstance(v, tuple) else (v,) for k, v in values.items()})
        try:
            await perform(
                Desk(self.exchange.hub, by), name, self.cases[reference], given, self.exchange.hub.chance.id()
            )
        except CannotHappen as refused:
            self.refused[f"{name}: {refused}"] += 1
        else:
            self.done[name] += 1

    async def happens(self, reference: str, event: Event, cause: str) -> None:
        """What an agency said or a machine told, as mail makes it happen."""
        await self.exchange.hub.record(self.cases[reference], event, f"{cause}:{self.clock.at.isoformat()}")

    # ---- what is looked at ------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        """Whatever a changed case owes from now on is looked at a minute after its time."""
        hub, c = self.exchange.hub, schema.case.c
        async with hub.database.reading(hub.scope()) as tx:
            rows = await tx.run(select(c.id, c.version).where(c.hub == tx.hub, c.open))
            changed = {r.id: r.version for r in rows if self._versions.get(r.id) != r.version}
            cases = [await casebook.load(tx, case) for case in changed]
        self._versions |= changed
        for case in cases:
            for due in owed(case):
                if (case.id, due) not in self._watched:
                    self._watched.add((case.id, due))
                    late = max(due.at, self.clock.at) + timedelta(minutes=1)
                    self.at(late, partial(self._is_heard, case.id, due))

    async def _is_heard(self, case_id: str, due: Due) -> None:
        """It is late by a minute: it was done, or a person is being asked for it."""
        hub = self.exchange.hub
        async with hub.database.reading(hub.scope()) as tx:
            case, asked = await casebook.load(tx, case_id), await tasks.pending(tx, case_id)
        if due in owed(case):
            self.checked[due.what] += 1
            if not due.pressed(asked) and not is_left_in_peace(case, due.about, self.clock.at):
                held = [f"{t.kind} {t.about}" for t in asked]
                self.unheard.append(f"{case.reference} {due} not asked at {self.clock.at}, but {held}")

    async def look_for_silence(self) -> None:
        """Nothing stays late with nobody asked, and no open case is left with nothing to wake it."""
        hub, now = self.exchange.hub, self.clock.at
        async with hub.database.reading(hub.scope()) as tx:
            cases = await casebook.listing(tx)
            asked: dict[str, tuple[Task, ...]] = {}
            for task in await tasks.pending(tx):
                asked[task.case_id] = (*asked.get(task.case_id, ()), task)
            watched = await clocks.of_hub(tx)
        for case in cases:
            theirs = asked.get(case.id, ())
            for due in owed(case):
                if due.at < now and not due.pressed(theirs) and not is_left_in_peace(case, due.about, now):
                    self.unheard.append(f"{case.reference} {due} still not asked at {now}")
            if case.id not in watched and not theirs:
                self.unheard.append(f"{case.reference} watched by nothing at {now}")


@contextlib.asynccontextmanager
async def world(home: Path, seed: int, cases: int, days: int, *, alone: bool = False) -> AsyncIterator[World]:
    """The hub set up in `home`, opened in this process, with so many concerns to come over so many days."""
    dice, clock = random.Random(seed), VirtualClock()  # noqa: S311 - the same story every time
    made: list[World] = []
    sink = Sink(clock.now, lambda to: made[0].judge(to), lambda mail: made[0].taken(mail))
    port = await sink.start()
    settings = settings_of(home / "exchange.toml").model_copy(
        update={"relay": RelaySettings(host="127.0.0.1", port=port, tls="loopback")}
    )
    async with app.opened(settings, clock) as exchange:
        hub = replace(exchange.hub, chance=Chance(dice.randbytes))
        exchange = replace(exchange, hub=hub)
        relay = Relay("127.0.0.1", port, tls="loopback", own_name="fakeshire-hub.example")
        writer = Writer(hub, exchange.keyroom, exchange.addresses, settings.hub_address, settings.base_url)
        dispatch = Dispatch(hub, exchange.keyroom, relay, exchange.addresses, writer, settings.work)
        of_hub = HubLetters(
            hub, exchange.keyroom, relay, exchange.addresses, writer, settings.work, kinds(exchange, writer)
        )
        here = World(exchange, clock, sink, (Clockwatch(hub).once, dispatch.once, of_hub.once), dice)
        made.append(here)
        if alone:
            here.refusing, here.alone = 0, True
        else:
            await _people(here, days)
        for number in range(cases):
            here.at(BEGIN + timedelta(days=days * dice.random()), partial(comes, here, number))
        try:
            yield here
        finally:
            await relay.close()
            await sink.stop()


async def _people(here: World, days: int) -> None:
    """Staff, a nurse on leave for a week, the hours of the desk, and somebody who looks for silence."""
    hub = here.exchange.hub
    async with hub.database.transaction(hub.scope("operator")) as tx:
        await staff.put(tx, "duty-1", "x", BEGIN)
        await staff.give(tx, "duty-1", staff.Access("screening_officer", BEGIN))
        await leave.put(tx, Leave("leave1", Whose.SPOC, "health-1", date(2027, 3, 31), date(2027, 4, 7)))
    for day in range(days + 3):
        local = (BEGIN + timedelta(days=day)).astimezone(LONDON)
        at = local.replace(hour=0, minute=0)
        working = local.weekday() < 5 and local.date() not in HOLIDAYS
        for hour in (10, 14, 16) if working else (22,):
            here.at(at.replace(hour=hour).astimezone(UTC), partial(at_the_desk, here))
        for hour in (9, 12, 23):  # a digest's hour, and moments at which nothing else is planned
            here.at(at.replace(hour=hour, minute=31).astimezone(UTC), here.look_for_silence)
