"""What leaves the house, as the servers see it: signed, told apart by attempt, and never kept back by others.

The hub, its keys, its sealing and its sending are those of `exchange serve`; mail servers and name server are actors.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import dkim
import pytest
import pytest_asyncio
import trustme

from exchange import app, ceilings, content, serving, setting_up
from exchange.case.effect import Letter, TaskKind
from exchange.case.feedback import Contact as ToldBy
from exchange.case.feedback import ReferrerClass
from exchange.case.state import ReferrerCodes
from exchange.config import read as settings_of
from exchange.contacting import Contact, lodge, referrer_from
from exchange.demo.actors.dns_server import DnsServer
from exchange.demo.actors.smtp_server import Act, Delivered, MailServer
from exchange.dispatch import Dispatch
from exchange.domains import look
from exchange.enrolling import Enrolling
from exchange.hubs import loader
from exchange.signing import Signing
from exchange.store import outbox, profiles, tasks
from exchange.traffic import TO_ONE
from exchange.wording import about
from exchange.writing import Writer
from keys.dkim import DkimKey
from mailflow.authenticity import DnsResolver
from mailflow.direct import Direct, Outbound, Reach
from mailflow.dkim_signing import DkimSigner
from mailflow.sender import Relay, Timeouts
from tests.desk.stands import NOW, HandClock
from tests.desk.test_interleaving import KEEPERS, REFERRAL
from tests.keys import gpg_command
from tests.proved import proved

pytestmark = pytest.mark.asyncio(loop_scope="module")
POLICE, HEALTH, MX = "safeguarding@police.example", "safeguarding@health.example", "mx.police.example"
OVER_TLS = loader.packaged("demo").replace(
    f'address = "{POLICE}"\ntransports = ["openpgp"]', f'address = "{POLICE}"\ntransports = ["tls", "openpgp"]'
)
KEY = DkimKey.make()
PATIENT = Timeouts(connect=5, command=60, content=60, dot=60)


@dataclass
class House:
    """A hub in this process, its relay, and the police's own mail server."""

    exchange: app.Opened
    clock: HandClock
    dispatch: Dispatch
    worker: Callable[[], Dispatch]
    direct: Direct
    relay: MailServer
    theirs: MailServer

    async def lodge(self, number: int = 1) -> str:
        contact = Contact("api", True, referrer_from(REFERRAL), REFERRAL)
        return (await lodge(self.exchange.hub, contact, f"case:{number}:{self.clock.at}")).case_id

    async def written_to(self, number: int, address: str = "ann@surgery.example") -> str:
        """Somebody proved wrote a mail, and gets a receipt."""
        codes = ReferrerCodes(ReferrerClass.PUBLIC, "", replyable=True, proved=True, contact=ToldBy.MAIL)
        mail = json.dumps({"from": address, "message_id": "<theirs@surgery.example>"}).encode()
        contact = Contact("mail", False, codes, None, {content.MAIL: mail, content.WORDS: b"words"})
        return (await lodge(self.exchange.hub, contact, f"mail:{number}:{self.clock.at}")).case_id

    async def run(self, **later: float) -> None:
        self.clock.at += timedelta(**later)
        while await self.dispatch.once():
            pass

    async def letters(self, case_id: str) -> dict[str, str]:
        """State by key."""
        async with self.exchange.hub.database.reading(self.exchange.hub.scope()) as tx:
            return {row.key: row.state for row in await outbox.of_case(tx, case_id)}


def tls(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*names).configure_cert(context)
    return context


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened() -> AsyncIterator[tuple[app.Opened, HandClock]]:
    """A hub with the certificates of two agencies."""
    clock = HandClock(NOW)
    with gpg_command.new_home() as home:
        setting_up.init(home / "hub", "referrals@hub.example", "http://127.0.0.1", "", "fakeshire", "Fakeshire MASH")
        settings = settings_of(home / "hub" / "exchange.toml")
        at_once = settings.keys.model_copy(update={"hold": 0.0})  # another way to a mailbox waits for nobody
        async with app.opened(settings.model_copy(update={"keys": at_once}), clock) as exchange:
            await setting_up.apply_hub_file(exchange, "hub.toml", loader.packaged("demo"))
            by = Enrolling(exchange.hub, exchange.keyroom, timedelta(0))
            for agency, address in (("police", POLICE), ("health", HEALTH)):
                fingerprint = gpg_command.make_key(home, agency, address)
                await by.add(gpg_command.export(home, fingerprint), agency)
                for keeper in KEEPERS:
                    await by.confirm(keeper, fingerprint, fingerprint)
            yield exchange, clock


@pytest_asyncio.fixture(loop_scope="module")
async def house(opened: tuple[app.Opened, HandClock], tmp_path: Path) -> AsyncIterator[House]:
    """The hub with servers and a worker of its own; days after the test before."""
    exchange, clock = opened
    clock.at += timedelta(days=9)
    await setting_up.apply_hub_file(exchange, "hub.toml", loader.packaged("demo"))
    authority, names = trustme.CA(), DnsServer()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    relay, theirs = MailServer(tmp_path / "relay"), MailServer(tmp_path / "theirs", tls(authority, MX))
    ports = [await one.start() for one in (relay, theirs, names)]
    names.add("police.example", "MX", f"10 {MX}.")
    names.add(MX, "A", "127.0.0.1")
    direct = Direct(DnsResolver("127.0.0.1", ports[2]), "hub.example",
                    Reach(ports[1], 1, tmp_path / "ca.pem", ("127.0.0.0/8",)), PATIENT)  # fmt: skip
    by_relay = Relay("127.0.0.1", ports[0], "loopback", own_name="hub.example", timeouts=PATIENT)
    settings, hub = exchange.settings, exchange.hub
    signing = Signing(DkimSigner("hub.example", "s2026", KEY.sign))
    writer = Writer(hub, exchange.keyroom, exchange.addresses, settings.hub_address, "http://x", dkim=signing)
    work = settings.work.model_copy(update={"answers": 2})

    def worker() -> Dispatch:
        return Dispatch(hub, exchange.keyroom, Outbound(by_relay, direct), exchange.addresses, writer, work)

    dispatch = worker()
    yield House(exchange, clock, dispatch, worker, direct, relay, theirs)
    await dispatch.stop()
    await by_relay.close()
    for server in (relay, theirs, names):
        await server.stop()


@pytest.fixture(autouse=True)
def verifiers_clock(opened: tuple[app.Opened, HandClock], monkeypatch: pytest.MonkeyPatch) -> None:
    """dkimpy believes no signature of the future: it looks at the hub's clock."""
    monkeypatch.setattr(dkim, "time", SimpleNamespace(time=lambda: opened[1].at.timestamp()))


def verifies(mail: Delivered) -> bool:
    """What dkimpy says of it."""
    record = f"v=DKIM1; k=rsa; p={KEY.public}".encode()
    return bool(dkim.verify(mail.content, dnsfunc=lambda name, timeout=5: record))


async def test_every_attempt_sends_the_same_signed_bytes_from_an_address_of_its_own(house: House) -> None:
    house.relay.acts[POLICE] = Act.DROP_AFTER_DOT  # stored, and nobody can know
    await house.lodge()
    await house.run()
    house.relay.acts.clear()
    await house.run(minutes=2)
    first, second = house.relay.mails(POLICE)
    assert first.content == second.content
    assert verifies(first)
    tokens = [house.exchange.addresses.read(mail.mail_from) for mail in (first, second)]
    assert [token and token.kind for token in tokens] == ["bounce", "bounce"]
    assert [token and token.attempt[1] for token in tokens] == [1, 2]
    assert len({token and token.attempt[0] for token in tokens}) == 1


async def test_what_goes_over_enforced_tls_is_signed_too(house: House) -> None:
    await setting_up.apply_hub_file(house.exchange, "hub.toml", OVER_TLS)
    await proved(house.exchange.hub, "police-1")
    assert (await look(house.exchange.hub, house.direct, "police.example", "operator")).holds
    await house.lodge()
    await house.run()
    [mail] = house.theirs.mails(POLICE)
    assert verifies(mail)
    assert house.relay.mails(POLICE) == []
    assert [verifies(one) for one in house.relay.mails(HEALTH)] == [True]


async def test_a_receipt_has_a_null_return_path_says_what_it_is_and_is_signed(house: House) -> None:
    await house.written_to(1)
    await house.run()
    [receipt] = house.relay.mails("ann@surgery.example")
    assert receipt.mail_from == ""
    head = receipt.content.partition(b"\r\n\r\n")[0].decode()
    assert "\r\nAuto-Submitted: auto-replied\r\n" in head
    assert "\r\nX-Auto-Response-Suppress: All\r\n" in head
    assert "\r\nIn-Reply-To: <theirs@surgery.example>\r\n" in head
    assert verifies(receipt)


async def test_nobody_gets_more_than_so_many_receipts_a_day_and_then_a_person_is_asked(house: House) -> None:
    cases = [await house.written_to(number, "Ann@surgery.example") for number in range(3)]
    other = await house.written_to(9, "ben@surgery.example")
    await house.run()
    assert [mail.address for mail in house.relay.delivered].count("ann@surgery.example") == 2
    states = [(await house.letters(case))[Letter.RECEIPT] for case in (*cases, other)]
    assert sorted(states[:3]) == ["failed", "sent", "sent"]
    assert states[3] == "sent"
    stopped = cases[states.index("failed")]
    async with house.exchange.hub.database.reading(house.exchange.hub.scope()) as tx:
        [ring] = [one for one in await tasks.pending(tx, stopped) if one.kind == TaskKind.LETTER_FAILED]
        _, rules = await profiles.current_rules(tx)
        why = "Receipt to the referrer: this address has had all the automatic answers of its day"
        assert about(ring.about, None, rules) == why
    house.clock.at += timedelta(hours=25)
    await house.written_to(4, "ann@surgery.example")
    await house.run()
    assert [mail.address for mail in house.relay.delivered].count("ann@surgery.example") == 3


async def test_the_same_answer_asked_for_again_counts_once(house: House) -> None:
    hub = house.exchange.hub
    assert [await ceilings.reached(hub, "a@b.example", "letter1", 1) for _ in range(3)] == [False] * 3
    assert await ceilings.reached(hub, "A@b.example", "letter2", 1)
    assert not await ceilings.reached(hub, "c@b.example", "letter3", 1)


async def drained(house: House, address: str, number: int) -> None:
    """Work as `exchange serve` does, until so many mails have come to this address."""
    async with asyncio.timeout(60):
        while len(house.relay.mails(address)) < number:
            if not await house.dispatch.begin():
                await asyncio.sleep(0.02)  # the bell's place


async def test_many_letters_to_one_mailbox_follow_each_other_without_a_pause(house: House) -> None:
    """As `exchange serve` works, with a look every minute if nothing rings: whatever waits for a place is woken."""
    serving_ = asyncio.ensure_future(serving._forever(house.dispatch.begin, house.exchange.hub.database.bell, 60.0))
    for number in range(12):
        await house.lodge(number)
    async with asyncio.timeout(30):
        await house.relay.wait_for_mail(POLICE, lambda _: len(house.relay.mails(POLICE)) == 12, 30)
        await house.relay.wait_for_mail(HEALTH, lambda _: len(house.relay.mails(HEALTH)) == 12, 30)
    serving_.cancel()
    await asyncio.gather(serving_, return_exceptions=True)


async def test_a_tarpitting_agency_keeps_nobody_elses_letters_back(house: House) -> None:
    """R11: at our relay, which asks the police's server while we wait."""
    house.relay.acts[POLICE] = Act.HANG
    cases = [await house.lodge(number) for number in range(8)]
    await drained(house, HEALTH, len(cases))
    hanging = [s for s in house.relay.sessions if any(POLICE in line for line in s.said[-1:])]
    assert 1 <= len(hanging) <= TO_ONE
    assert house.relay.mails(POLICE) == []
    house.relay.acts.clear()
    await house.relay.cut_connections()  # the relay gives them up
    await house.run()
    house.clock.at += timedelta(minutes=2)
    await drained(house, POLICE, len(cases))
    assert len({mail.content for mail in house.relay.mails(POLICE)}) == len(cases)


async def test_a_dead_mail_domain_keeps_nobody_elses_letters_back(house: House) -> None:
    """R11: at the police's own server, which says nothing any more."""
    await setting_up.apply_hub_file(house.exchange, "hub.toml", OVER_TLS)
    await proved(house.exchange.hub, "police-1")
    assert (await look(house.exchange.hub, house.direct, "police.example", "operator")).holds
    house.theirs.default = Act.HANG
    cases = [await house.lodge(number) for number in range(8)]
    await drained(house, HEALTH, len(cases))
    assert len([s for s in house.theirs.sessions if "RCPT" in s.commands]) <= TO_ONE
    await house.dispatch.stop()  # as SIGTERM does: what waits for a server is left to its lease
    house.theirs.default = Act.ACCEPT
    house.clock.at += timedelta(minutes=10)
    another = house.worker()
    while await another.once():
        pass
    assert len({mail.content for mail in house.theirs.mails(POLICE)}) == len(cases)
