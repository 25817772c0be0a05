"""T41: what was sealed before a key, an address or a transport changed is looked at again before the wire, whatever
the order in which it happens."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest
import pytest_asyncio

from exchange import app, content, setting_up
from exchange.case.effect import Letter
from exchange.case.referral import read
from exchange.case.sealed import Sendable, ToFetch
from exchange.case.sorting import Sorted, Sorting
from exchange.config import read as settings_of
from exchange.contacting import Contact, lodge, referrer_from
from exchange.dispatch import Dispatch
from exchange.enrolling import Enrolling
from exchange.hubs import loader
from exchange.policy import Role, Viewer
from exchange.posting import File, Way
from exchange.store import casebook, outbox, tasks
from exchange.writing import Writer
from mailflow.sender import Relay
from tests.desk.stands import NOW, HandClock
from tests.keys import gpg_command
from tests.simulation.sink import Mail, Sink

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]
HERE, ELSEWHERE = "safeguarding@police.example", "moved@police.example"
CHANGES = ("key", "address", "transport")
DEMO = loader.packaged("demo")
WORKER = "Canary Eve Example"
WAY = f'address = "{HERE}"\ntransports = ["openpgp"]'
KEEPERS = [Viewer(name, frozenset({Role.HUB_MANAGER})) for name in ("duty-1", "duty-2")]
REFERRAL = read(
    {"form": "child", "referrer": {"name": "Nora Notional", "source": "4", "telephone": "01632 960190"},
     "concern": {"immediate_danger": "no", "what_happened": "worry"}, "subjects": [{"given_name": "Mina"}]}
)  # fmt: skip


class Meanwhile(Writer):
    """Somebody does something in the moment in which a packet is written, once."""

    what: ClassVar[list[Callable[[outbox.Row], Awaitable[None]]]] = []

    async def write(self, row: outbox.Row, file: File, way: Way, message_id: str) -> Sendable | ToFetch:
        written = await super().write(row, file, way, message_id)
        if self.what and row.letter == Letter.PACKET and way.recipient.agency == "police":
            await self.what.pop()(row)
        return written


@dataclass
class Desk:
    """A hub in this process, the police's certificate, and a mail server that is up or not."""

    exchange: app.Opened
    clock: HandClock
    dispatch: Dispatch
    certificate: bytes
    fingerprint: str
    home: Path  # of gpg, with the police's key
    up: bool = True
    mails: list[Mail] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)

    def judge(self, to: str) -> str:
        return "250 2.1.5 ok" if self.up else "451 4.7.1 come back later"

    async def run(self, *, up: bool) -> None:
        """Let the worker do all it can, two hours on; what fell from one transport is written anew a moment later."""
        self.up = up
        for later in (timedelta(hours=2), timedelta(minutes=1)):
            self.clock.at += later
            while await self.dispatch.once():
                pass

    async def lodge(self, number: int) -> str:
        contact = Contact("api", True, referrer_from(REFERRAL), REFERRAL)
        return (await lodge(self.exchange.hub, contact, f"case:{number}")).case_id

    @property
    def _by(self) -> Enrolling:
        return Enrolling(self.exchange.hub, self.exchange.keyroom, timedelta(0))

    async def key(self) -> None:
        await self._by.retire(self.fingerprint)

    async def enrolled(self) -> None:
        await self._by.add(self.certificate, "police")
        for keeper in KEEPERS:
            await self._by.confirm(keeper, self.fingerprint, self.fingerprint)

    async def apply(self) -> None:
        """The hub file as it stands."""
        address = ELSEWHERE if "address" in self.changed else HERE
        transport = "pickup" if "transport" in self.changed else "openpgp"
        assert WAY in DEMO
        text = DEMO.replace(WAY, f'address = "{address}"\ntransports = ["{transport}"]')
        text = text.replace("first_look =", 'open_cases = ["police"]\nfirst_look =', 1)
        await setting_up.apply_hub_file(self.exchange, "hub.toml", text)

    async def change(self, what: str) -> None:
        self.changed.add(what)
        await (self.key() if what == "key" else self.apply())

    async def undo(self) -> None:
        gone, self.changed = self.changed, set()
        await self.apply()
        if "key" in gone:
            await self.enrolled()

    async def asked(self, case_id: str) -> set[str]:
        """What the desk is asked to do about the police's leg."""
        hub = self.exchange.hub
        async with hub.database.reading(hub.scope()) as tx:
            case = await casebook.load(tx, case_id)
            leg = next(leg.id for leg in case.legs if leg.agency == "police")
            return {t.kind for t in await tasks.pending(tx, case_id) if t.about.partition("/")[0] == leg}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    clock, made = HandClock(NOW), list[Desk]()
    sink = Sink(clock.now, lambda to: made[0].judge(to), lambda mail: made[0].mails.append(mail))
    port = await sink.start()
    with gpg_command.new_home() as home:
        fingerprint = gpg_command.make_key(home, "Rota", HERE)
        folder = home / "hub"
        setting_up.init(folder, "referrals@hub.example", "http://127.0.0.1", "", "fakeshire", "Fakeshire MASH")
        read = settings_of(folder / "exchange.toml")
        at_once = read.model_copy(update={"keys": read.keys.model_copy(update={"hold": 0})})  # no day for a change
        async with app.opened(at_once, clock) as exchange:
            hub, keyroom, addresses, settings = (
                exchange.hub, exchange.keyroom, exchange.addresses, exchange.settings,
            )  # fmt: skip
            relay = Relay("127.0.0.1", port, tls="loopback", own_name="hub.example")
            writer = Meanwhile(hub, keyroom, addresses, settings.hub_address, settings.base_url)
            dispatch = Dispatch(hub, keyroom, relay, addresses, writer, settings.work)
            here = Desk(exchange, clock, dispatch, gpg_command.export(home, fingerprint), fingerprint, home)
            made.append(here)
            await here.apply()
            await here.enrolled()
            yield here
            await relay.close()
    await sink.stop()


def orders() -> list[tuple[str, ...]]:
    """Every order in which a packet is sealed and sent while one or two things change."""
    found = []
    for number in (0, 1, 2):
        for changes in itertools.combinations(CHANGES, number):
            steps = itertools.permutations(("seal", "send", *changes))
            found += [order for order in steps if order.index("seal") < order.index("send")]
    return found


async def test_whatever_the_order_nothing_reaches_the_wire_that_the_directory_does_not_say_now(desk: Desk) -> None:
    for number, order in enumerate(orders()):
        steps: dict[str, Callable[[], Awaitable[None]]] = {
            "seal": lambda: desk.run(up=False), "send": lambda: desk.run(up=True),
        }  # fmt: skip
        case_id, desk.mails = await desk.lodge(number), []
        right = True  # is what was sealed still what the directory says?
        for step in order:
            if step in CHANGES:
                await desk.change(step)
                continue
            await steps[step]()
            here = ELSEWHERE if "address" in desk.changed else HERE
            arrived = [m for m in desk.mails if m.sealed]
            assert {m.to for m in arrived} <= {here}, order
            assert not arrived or not desk.changed & {"key", "transport"}, order
            if step == "seal":
                sealed_as = set(desk.changed)
            else:
                right = not desk.changed & {"key", "transport"} and desk.changed == sealed_as
                moved = "address" in desk.changed | sealed_as  # then only a key brought since is sealed to
                assert moved or len(arrived) == right, order
                otherwise = any(not m.sealed and m.to == here for m in desk.mails)  # by another of its transports
                assert arrived or otherwise or "telephone_agency" in await desk.asked(case_id), order
        await desk.undo()


async def test_a_packet_says_whose_open_case_it_is_though_that_was_said_while_it_was_written(desk: Desk) -> None:
    hub, desk.mails = desk.exchange.hub, []

    async def sort(row: outbox.Row) -> None:
        event = Sorted(hub.clock.now(), "duty-1", Sorting.OPEN_CASE, "police", worker=True)
        await hub.record(row.case_id, event, f"sort:{row.case_id}", {content.WORKER: WORKER.encode()})

    Meanwhile.what.append(sort)
    await desk.lodge(1000)
    await desk.run(up=True)
    assert not Meanwhile.what
    (packet,) = [m for m in desk.mails if m.sealed and m.to == HERE]
    _, plain = gpg_command.decrypt(desk.home, packet.content)
    assert WORKER.encode() in plain
