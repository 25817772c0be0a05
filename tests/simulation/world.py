"""The world of the simulation: a virtual clock, the real hub in this process, and everybody who is silent or not.

Nothing of the hub is replaced: SQLite file, keys, sealing, clockwatch, dispatch and digests are those of `exchange
serve`. What agencies and staff do enters where mail and desk enter: as events, and as acts of the desk.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from exchange import app
from exchange.case.acknowledgement import Answer, DeclineReason, Proof
from exchange.case.delivery import News
from exchange.case.event import Answered, InviteeReplied, MachineEvidence, PacketNews
from exchange.case.leave import Leave, Whose
from exchange.case.referral import read
from exchange.case.state import Case
from exchange.case.step import CannotHappen
from exchange.case.strategy_discussion import Attendance
from exchange.clockwatch import Clockwatch
from exchange.config import RelaySettings
from exchange.config import read as settings_of
from exchange.contacting import Contact, lodge, referrer_from
from exchange.desk import Desk
from exchange.desk.acts import perform
from exchange.desk.given import Given, Unfit
from exchange.dispatch import Dispatch
from exchange.edge import Chance
from exchange.hub_letters import HubLetters
from exchange.letter_kinds import kinds
from exchange.policy import Role, Viewer
from exchange.store import casebook, clocks, leave, schema, staff, tasks
from exchange.writing import Writer
from mailflow.sender import Relay
from tests.simulation.sink import Mail, Sink

LONDON = ZoneInfo("Europe/London")
MANAGER = Viewer("manager-1", frozenset({Role.HUB_MANAGER}))
BEGIN = datetime(2027, 3, 22, 6, 0, tzinfo=UTC)  # the week of Good Friday; summer time begins on Sunday
HOLIDAYS = {date(2027, 3, 26), date(2027, 3, 29), date(2027, 5, 3)}
HUB_WEEK = {d: (time(8, 30), time(16, 30) if d == 4 else time(17)) for d in range(5)}
READ = {  # when somebody reads a mailbox, written here once more by hand: weekday -> from, until
    "safeguarding@police.example": {
        **{d: (time(7), time(19)) for d in range(5)}, 5: (time(9), time(13)),
    },
    "safeguarding@health.example": {
        0: (time(9), time(17)), 1: (time(9), time(17)), 2: (time(9), time(12, 30)), 3: (time(9), time(17)),
        4: (time(9), time(16)),
    },
    "lead@health.example": {d: (time(10), time(16)) for d in (0, 2, 4)},
    "deputy@health.example": HUB_WEEK,
    "safeguarding@social-care.example": HUB_WEEK,
    "safeguarding@school-support.example": {d: (time(8), time(15) if d == 4 else time(15, 30)) for d in range(5)},
    "safeguarding@madeup-surgery.example": HUB_WEEK,
}  # fmt: skip
ROUND_THE_CLOCK = frozenset({"control@police.example"})
AGENCY = {"police": "police", "health": "health", "social-care": "social_care", "school-support": "education",
          "madeup-surgery": "madeup-surgery"}  # fmt: skip
RINGS = frozenset({"silent_agency", "telephone_agency", "no_deputy", "lead_unreached", "manager", "silent_invitee",
                   "letter_failed", "wrong_person", "cannot_open"})  # fmt: skip


def is_read(address: str, at: datetime) -> bool:
    """Whether somebody reads the mailbox at this moment."""
    if address in ROUND_THE_CLOCK:
        return True
    local = at.astimezone(LONDON)
    span = READ[address].get(local.weekday())
    return local.date() not in HOLIDAYS and span is not None and span[0] <= local.time() < span[1]


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
    mails: list[Mail] = field(default_factory=list)
    red_since: dict[str, datetime] = field(default_factory=dict)  # by reference
    cases: dict[str, str] = field(default_factory=dict)  # reference -> id
    unheard: list[str] = field(default_factory=list)  # what was late and asked of nobody
    _plans: list[tuple[datetime, int, Callable[[], Awaitable[None]]]] = field(default_factory=list)
    _number: itertools.count[int] = field(default_factory=itertools.count)
    _met: set[tuple[str, str]] = field(default_factory=set)

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

    # ---- what staff do ----------------------------------------------------------------------------------------

    async def comes(self, number: int) -> None:
        """A concern, and when somebody looks at it and rates it."""
        dice = self.dice
        born = "2024-05-01" if dice.random() < 0.4 else "2016-05-01"
        given = {"given_name": f"Mina{number}", "family_name": "Inventa", "date_of_birth": born}
        danger = "yes" if dice.random() < 0.02 else "no"
        referral = read(
            {"form": "child", "referrer": {"name": "Nora Notional", "source": "4", "telephone": "01632 960190"},
             "concern": {"immediate_danger": danger, "what_happened": f"canary-{number}"}, "subjects": [given]},
        )  # fmt: skip
        lodged = await lodge(self.exchange.hub, Contact("api", True, referrer_from(referral), referral), f"n{number}")
        self.cases[lodged.reference] = lodged.case_id
        rating = dice.choices(("red", "amber", "green"), (0.08, 0.32, 0.60))[0]
        if danger == "yes":
            self.red_since[lodged.reference] = self.clock.at
        looked = self.clock.at + timedelta(minutes=dice.lognormvariate(2.5, 1.2))
        self.at(looked, lambda: self._look(lodged.reference, rating))

    async def _look(self, reference: str, rating: str) -> None:
        if rating == "red":
            self.red_since.setdefault(reference, self.clock.at)
        await self._act(reference, "look", rating=rating)
        await self._act(reference, "rate", subject="s1", rating=rating, reason="as it reads")
        if rating == "red" and self.dice.random() < 0.4:
            starts = (self.clock.at + timedelta(hours=20)).isoformat()
            await self._act(
                reference, "call", starts=starts, subjects="s1", agencies=("police", "health", "social_care"),
                reason="may be section 47",
            )  # fmt: skip
            for seat in ("i1", "i2", "i3"):
                if self.dice.random() < 0.7:
                    self._later(self.dice.random() * 6, partial(self._replies, reference, seat))
        self._later(self.dice.lognormvariate(2.6, 0.8), lambda: self._decide(reference))

    def _later(self, hours: float, what: Callable[[], Awaitable[None]]) -> None:
        self.at(self.clock.at + timedelta(hours=hours), what)

    async def _replies(self, reference: str, seat: str) -> None:
        case, now = await self.desk.case(reference), self.clock.at
        if case.discussions:
            event = InviteeReplied(now, "d1", seat, Attendance.ACCEPTED, now, "mail", Proof.DKIM)
            await self.exchange.hub.record(case.id, event, f"reply:{case.id}:{seat}")

    async def _decide(self, reference: str) -> None:
        await self._act(
            reference, "decide", subject="s1", decision="assessment", reason="as it stands", without_checks="yes",
            voice="heard",
        )  # fmt: skip
        self._later(72 + self.dice.random() * 200, lambda: self._close(reference))

    async def _close(self, reference: str) -> None:
        case = await self.desk.case(reference)
        if all(leg.complete for leg in case.legs):
            await self._act(reference, "close", reason="all is done", override="yes")
        elif not case.closed:
            self._later(48, lambda: self._close(reference))

    async def at_the_desk(self) -> None:
        """Twice a working day somebody works through part of what is asked; at night the duty team accepts or not."""
        hub = self.exchange.hub
        async with hub.database.reading(hub.scope()) as tx:
            asked = await tasks.pending(tx)
        references = {case: reference for reference, case in self.cases.items()}
        for task in asked:
            if task.case_id not in references or self.dice.random() > 0.35:
                continue
            reference, about = references[task.case_id], task.about.rpartition(":")[2]
            if task.kind in RINGS and "/" not in about and about.startswith("l"):
                await self._ring(reference, about)
            elif task.kind == "duty":
                await self._act(reference, "duty_accepted", name="Ed Duty", checked="rang their number")
            elif task.kind == "return_note":
                await self._act(reference, "duty_returned", words="seen, safe until Tuesday")
            elif task.kind == "decide":
                await self._decide(reference)
            elif task.kind not in ("declined", "first_look", "silent_agency", "telephone_agency"):
                with contextlib.suppress(CannotHappen):
                    await self.desk.settle_task(task.case_id, task.key)

    async def _ring(self, reference: str, leg: str) -> None:
        reached = self.dice.random() < 0.6
        answer = self.dice.choice(("received", "information", "nothing_known")) if reached else ""
        await self._act(
            reference, "rang", about=leg, reached="yes" if reached else "no", name="Rita Reached",
            checked="rang back", answer=answer, words="what they know", systems="all", identifiers="name and date",
            searched="today",
        )  # fmt: skip

    async def _act(self, reference: str, act: str, /, **values: str | tuple[str, ...]) -> None:
        """An act of the desk, which the case may refuse as it stands."""
        given = Given({k: v if isinstance(v, tuple) else (v,) for k, v in values.items()})
        case = self.cases[reference]
        with contextlib.suppress(CannotHappen, Unfit):
            await perform(self.desk, act, case, given, self.exchange.hub.chance.id())

    # ---- what is looked at ------------------------------------------------------------------------------------

    async def look_for_silence(self) -> None:
        """Whatever is late must have been asked of a person by now."""
        hub, now = self.exchange.hub, self.clock.at
        async with hub.database.reading(hub.scope()) as tx:
            cases = await casebook.listing(tx)
            asked = {(t.case_id, t.about.rpartition(":")[2]) for t in await tasks.pending(tx)}
            watched = await clocks.of_hub(tx)
        for case in cases:
            for leg in case.legs:
                due = leg.acknowledge_due if leg.acknowledged_at is None else leg.answer_due
                if leg.owing and due < now and (case.id, leg.id) not in asked:
                    self.unheard.append(f"{case.reference} {leg.id} due {due} at {now}")
            if case.looked_at is None and case.first_look_due < now and (case.id, "") not in asked:
                self.unheard.append(f"{case.reference} unread at {now}")
            for s in case.subjects:
                if not s.decision and s.decide_due < now and (case.id, s.id) not in asked:
                    self.unheard.append(f"{case.reference} {s.id} not decided at {now}")
            if case.id not in watched and not any(c == case.id for c, _ in asked):
                self.unheard.append(f"{case.reference} watched by nothing at {now}")


@contextlib.asynccontextmanager
async def world(home: Path, seed: int, cases: int, days: int) -> AsyncIterator[World]:
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
        await _people(here, days)
        for number in range(cases):
            here.at(BEGIN + timedelta(days=days * dice.random()), partial(here.comes, number))
        try:
            yield here
        finally:
            await relay.close()
            await sink.stop()


async def _people(here: World, days: int) -> None:
    """Staff, a nurse on leave for a week, the hours of the desk, and somebody who looks for silence."""
    hub = here.exchange.hub
    async with hub.database.transaction(hub.scope("operator")) as tx:
        await staff.put(tx, staff.Member("duty-1", ("screening_officer",), "x"), BEGIN)
        await leave.put(tx, Leave("leave1", Whose.SPOC, "health-1", date(2027, 3, 31), date(2027, 4, 7)))
    for day in range(days + 3):
        local = (BEGIN + timedelta(days=day)).astimezone(LONDON)
        at = local.replace(hour=0, minute=0)
        working = local.weekday() < 5 and local.date() not in HOLIDAYS
        for hour in (10, 14, 16) if working else (22,):
            here.at(at.replace(hour=hour).astimezone(UTC), here.at_the_desk)
        for hour in (9, 12, 23):  # a digest's hour, and moments at which nothing else is planned
            here.at(at.replace(hour=hour, minute=31).astimezone(UTC), here.look_for_silence)
