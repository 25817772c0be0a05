"""Evidence of verified TLS over days of a virtual clock: what ends it, who is told, and by which way letters go then.

The hub, its keys, its sealing and its sending are those of `exchange serve`; mail servers, name server and policy
host are actors on loopback.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import trustme

from exchange import app, cautions, cli_domain, setting_up, story
from exchange.case.effect import TaskKind
from exchange.case.event import MachineEvidence
from exchange.case.mailbox import Transport
from exchange.case.referral import read
from exchange.case.state import Case, Leg
from exchange.config import read as settings_of
from exchange.contacting import Contact, lodge, referrer_from
from exchange.demo.actors.dns_server import DnsServer
from exchange.demo.actors.http_server import Answer, HttpServer
from exchange.demo.actors.smtp_server import MailServer
from exchange.dispatch import Dispatch
from exchange.domains import DomainWatch, look
from exchange.enrolling import Enrolling
from exchange.hub_letters import HubLetters
from exchange.hubs import loader
from exchange.letter_kinds import kinds
from exchange.policy import OPERATOR, Role, Viewer
from exchange.store import casebook, evidence, journal, tasks
from exchange.store.evidence import Evidence
from exchange.writing import Writer
from mailflow.authenticity import DnsResolver
from mailflow.direct import Direct, Outbound, Reach
from mailflow.mta_sts import PATH
from mailflow.sender import Relay, Timeouts
from tests.desk.stands import NOW, HandClock
from tests.desk.test_interleaving import REFERRAL
from tests.keys import gpg_command
from tests.proved import proved

HERE, MX, DOMAIN = "safeguarding@police.example", "mx.police.example", "police.example"
KEEPERS = [Viewer(name, frozenset({Role.HUB_MANAGER})) for name in ("duty-1", "duty-2")]
QUICK = Timeouts(connect=5, command=1, content=5, dot=1)
SECRET = b"worry-canary"
HUB_FILE = loader.packaged("demo").replace(
    f'address = "{HERE}"\ntransports = ["openpgp"]', f'address = "{HERE}"\ntransports = ["tls", "openpgp"]'
)
DEPUTY = "deputy@police.example"
WITH_DEPUTY = HUB_FILE.replace("[agencies.police.mailbox]", "[[agencies.police.mailbox]]").replace(
    "[agencies.health]\n",
    f'[[agencies.police.mailbox]]\naddress = "{DEPUTY}"\nrole = "deputy"\ntransports = ["tls"]\n'
    'telephone = "01632 960111"\ndomains = ["police.example"]\n\n[agencies.health]\n',
)
ROUTE = '\n[route_types.police]\ndomains = ["police.example"]\ntransports = ["tls", "openpgp"]\nevidence_days = 3\n'
POLICY = b"version: STSv1\nmode: enforce\nmx: *.police.example\nmax_age: 172800\n"


@dataclass
class House:
    """A hub in this process, and the police's mail servers."""

    exchange: app.Opened
    clock: HandClock
    dispatch: Dispatch
    letters: HubLetters
    watch: DomainWatch
    direct: Direct
    theirs: MailServer  # of the police's domain, reached straight
    ours: MailServer  # our relay
    names: DnsServer
    policy: HttpServer
    authority: trustme.CA

    async def run(self, *, of_hub: bool = False, **later: float) -> None:
        """Let the worker do all it can, so much later; with `of_hub` the one for letters of no case too."""
        self.clock.at += timedelta(**later)
        while await self.dispatch.once() + (await self.letters.once() if of_hub else 0):
            pass

    async def lodge(self) -> str:
        referral = REFERRAL.data() | {"concern": {"immediate_danger": "no", "what_happened": SECRET.decode()}}
        contact = Contact("api", True, referrer_from(REFERRAL), read(referral))
        return (await lodge(self.exchange.hub, contact, f"case:{self.clock.at}")).case_id

    async def leg(self, case_id: str) -> tuple[Case, Leg]:
        hub = self.exchange.hub
        async with hub.database.reading(hub.scope()) as tx:
            case = await casebook.load(tx, case_id)
        return case, next(leg for leg in case.legs if leg.agency == "police")

    async def tasks(self, case_id: str = "") -> set[str]:
        """What the desk is asked to do: about no case, or about the police's leg of one."""
        hub = self.exchange.hub
        leg = (await self.leg(case_id))[1].id if case_id else ""
        async with hub.database.reading(hub.scope()) as tx:
            return {t.kind for t in await tasks.pending(tx, case_id) if not leg or t.about == leg}

    async def known(self) -> Evidence:
        hub = self.exchange.hub
        async with hub.database.reading(hub.scope()) as tx:
            return (await evidence.known(tx))[DOMAIN]

    async def look(self) -> bool:
        return (await look(self.exchange.hub, self.direct, DOMAIN, "operator")).holds

    def seen(self) -> bytes:
        return b"".join(bytes(c) for s in self.theirs.sessions for c in s.content)


def tls(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*names).configure_cert(context)
    return context


@pytest.fixture
async def house(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[House]:
    authority, clock = trustme.CA(), HandClock(NOW)
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    names, policy = DnsServer(), HttpServer(tls(authority, "mta-sts.police.example"))
    theirs, ours = MailServer(tmp_path / "theirs", tls(authority, MX)), MailServer(tmp_path / "ours")
    ports = [await one.start() for one in (theirs, ours, policy, names)]
    names.add(DOMAIN, "MX", f"10 {MX}.")
    for name in (MX, "mta-sts.police.example"):
        names.add(name, "A", "127.0.0.1")
    reach = Reach(ports[0], ports[2], ca_file, ("127.0.0.0/8",))
    direct = Direct(DnsResolver("127.0.0.1", ports[3]), "hub.example", reach, QUICK)
    relay = Relay("127.0.0.1", ports[1], "loopback", own_name="hub.example")
    with gpg_command.new_home() as home:
        fingerprint = gpg_command.make_key(home, "Rota", HERE)
        folder = home / "hub"
        setting_up.init(folder, "referrals@hub.example", "http://127.0.0.1", "", "fakeshire", "Fakeshire MASH")
        async with app.opened(settings_of(folder / "exchange.toml"), clock) as exchange:
            await setting_up.apply_hub_file(exchange, "hub.toml", HUB_FILE)
            by = Enrolling(exchange.hub, exchange.keyroom, timedelta(0))
            await by.add(gpg_command.export(home, fingerprint), "police")
            for keeper in KEEPERS:
                await by.confirm(keeper, fingerprint, fingerprint)
            settings = exchange.settings
            writer = Writer(exchange.hub, exchange.keyroom, exchange.addresses, settings.hub_address, "http://x")
            dispatch = Dispatch(
                exchange.hub, exchange.keyroom, Outbound(relay, direct), exchange.addresses, writer, settings.work
            )
            letters = HubLetters(
                exchange.hub, exchange.keyroom, Outbound(relay, direct), exchange.addresses, writer, settings.work,
                kinds(exchange, writer),
            )  # fmt: skip
            if getattr(request, "param", True):
                await proved(exchange.hub, "police-1")
            yield House(exchange, clock, dispatch, letters, DomainWatch(exchange.hub, direct), direct, theirs, ours,
                        names, policy, authority)  # fmt: skip
    await relay.close()
    for one in (theirs, ours, policy, names):
        await one.stop()


async def test_letters_wait_while_tls_fails_and_go_by_the_next_transport_after_hours_of_it(house: House) -> None:
    assert await house.look()
    house.theirs.offers_starttls = False  # the next morning somebody on the way takes it out
    case_id = await house.lodge()
    await house.run(minutes=1)
    _, leg = await house.leg(case_id)
    assert (leg.transport, leg.delivery) == ("tls", "deferred")
    assert TaskKind.TELEPHONE_AGENCY in await house.tasks(case_id)
    assert TaskKind.TLS_FAILS in await house.tasks()
    for _ in range(8):
        await house.run(minutes=20)
    assert (await house.leg(case_id))[1].delivery == "deferred"
    assert (await house.known()).holds(house.clock.now())

    for _ in range(6):
        await house.run(minutes=20)
    _, leg = await house.leg(case_id)
    assert (leg.transport, leg.delivery) == ("openpgp", "accepted")
    assert [(p.transport, p.why) for p in leg.passed_over] == [(Transport.TLS, "evidence_over")]
    packets = house.ours.mails(HERE)
    assert len(packets) == 1
    assert b"multipart/encrypted" in packets[0].content
    assert SECRET not in packets[0].content
    assert SECRET not in house.seen()
    assert house.theirs.delivered == []
    assert TaskKind.TELEPHONE_AGENCY not in await house.tasks(case_id)
    assert {TaskKind.NOT_SECURE, TaskKind.STEPPED_DOWN} <= await house.tasks()

    # It is mended: the next look makes the first transport good again, and the first letter by it says so.
    house.theirs.offers_starttls = True
    assert await house.look()
    assert TaskKind.NOT_SECURE not in await house.tasks()
    second = await house.lodge()
    await house.run(minutes=1)
    assert (await house.leg(second))[1].transport == "tls"
    assert SECRET in house.seen()
    assert not {TaskKind.STEPPED_DOWN, TaskKind.TLS_FAILS} & await house.tasks()


async def test_what_went_straight_to_their_server_is_said_to_be_there_whatever_letter_it_is(house: House) -> None:
    hub = house.exchange.hub
    await setting_up.apply_hub_file(house.exchange, "hub.toml", WITH_DEPUTY)
    await proved(hub, "police-2")
    assert await house.look()
    case_id = await house.lodge()
    await house.run(minutes=1)
    case, leg = await house.leg(case_id)
    await hub.record(case_id, MachineEvidence(house.clock.now(), leg.id, "automatic_reply"), "away")
    await house.run(minutes=1)
    assert SECRET in house.theirs.mails(DEPUTY)[0].content
    told = story.as_text(await story.story(hub, OPERATOR, case.reference))
    assert "mail: taken by their server, by enforced TLS;" in told
    assert re.search(r"Their deputy was asked, \S+ \S+ GMT: taken by their server", told), told


async def test_without_evidence_the_next_transport_is_taken_at_once_and_it_is_told(house: House) -> None:
    case_id = await house.lodge()
    await house.run(minutes=1)
    _, leg = await house.leg(case_id)
    assert (leg.transport, leg.delivery) == ("openpgp", "accepted")
    assert [(p.transport, p.why) for p in leg.passed_over] == [(Transport.TLS, "no_evidence")]
    assert house.theirs.sessions == []
    assert TaskKind.STEPPED_DOWN in await house.tasks()
    assert any("exchange domain check" in line for line in await cautions.all_of(house.exchange))
    await house.lodge()
    await house.run(minutes=1)
    hub = house.exchange.hub
    async with hub.database.reading(hub.scope()) as tx:
        stepped = [t for t in await tasks.pending(tx, "") if t.kind == TaskKind.STEPPED_DOWN]
    assert [(t.about, t.pressed) for t in stepped] == [("police-1", 0)]  # once, not for each letter


async def test_what_was_kept_for_tls_is_written_anew_when_the_evidence_ends_before_it_leaves(house: House) -> None:
    assert await house.look()
    house.theirs.replies[""] = "421 4.3.2 busy"
    case_id = await house.lodge()
    await house.run(minutes=1)
    assert (await house.leg(case_id))[1].transport == "tls"
    await house.run(days=31)  # nobody has looked since
    _, leg = await house.leg(case_id)
    assert (leg.transport, leg.delivery) == ("openpgp", "accepted")
    assert house.theirs.delivered == []
    assert len(house.ours.mails(HERE)) == 1


async def test_a_mailbox_without_another_transport_is_held_and_rung(house: House) -> None:
    text = HUB_FILE.replace('transports = ["tls", "openpgp"]', 'transports = ["tls"]')
    await setting_up.apply_hub_file(house.exchange, "hub.toml", text)
    case_id = await house.lodge()
    await house.run(minutes=1)
    _, leg = await house.leg(case_id)
    assert (leg.delivery, leg.transport) == ("held", "")
    assert [(p.transport, p.why) for p in leg.passed_over] == [(Transport.TLS, "no_evidence")]
    assert TaskKind.TELEPHONE_AGENCY in await house.tasks(case_id)


async def test_the_command_says_in_words_what_was_seen_and_what_follows(house: House) -> None:
    hub, zone = house.exchange.hub, ZoneInfo("Europe/London")

    async def told() -> tuple[list[str], str]:
        found = await look(hub, house.direct, DOMAIN, "operator")
        async with hub.database.reading(hub.scope()) as tx:
            row = cli_domain._row(found.evidence, await hub.directory(tx), found.holds)
        row |= {"policy_trouble": found.shown.policy_trouble, "nothing_learned": found.shown.nothing_learned}
        row |= {"announced": found.shown.policy is not None, "strangers": list(found.strangers)}
        return cli_domain._told(row, zone, found.shown.servers), cli_domain._line(row, zone)

    lines, line = await told()
    assert lines == [
        f"{MX}: offers TLS with a certificate of its own name",
        "MTA-STS policy: none, so that only servers that were accepted here and prove themselves are used",
        "mail may go there over enforced TLS until 2026-12-24 10:00 GMT",
    ]
    assert line == f"{DOMAIN}  holds until 2026-12-24 10:00 GMT, policy: none  police-1"
    house.theirs.offers_starttls = False
    house.names.add("_mta-sts.police.example", "TXT", "v=STSv1; id=1;")
    lines, line = await told()
    assert lines == [
        f"{MX}: offers no STARTTLS, or somebody on the way takes it out",
        "MTA-STS policy: announced, and not to be had: status 404",
        "mail may NOT go there over enforced TLS: the next transport of each mailbox is used",
    ]
    assert line.startswith(f"{DOMAIN}  DOES NOT HOLD ended 2026-11-24 10:00 GMT")
    house.theirs.replies[""] = "421 4.3.2 busy"
    assert any("nothing could be learned" in line for line in (await told())[0])


async def test_evidence_holds_as_long_as_policy_and_type_of_route_say(house: House) -> None:
    assert await house.look()
    assert (await house.known()).until == NOW + timedelta(days=30)
    house.names.add("_mta-sts.police.example", "TXT", "v=STSv1; id=1;")
    house.policy.pages[PATH] = Answer(POLICY)
    assert await house.look()
    found = await house.known()
    assert (found.mode, found.until, found.accepted) == ("enforce", NOW + timedelta(days=2), ("*.police.example",))
    await setting_up.apply_hub_file(house.exchange, "hub.toml", HUB_FILE + ROUTE)
    house.policy.pages[PATH] = Answer(POLICY.replace(b"172800", b"999999"))
    assert await house.look()
    assert (await house.known()).until == NOW + timedelta(days=3)

    # Whoever keeps the policy from us does not loosen it, nor make it last longer than its own max_age.
    house.policy.pages.clear()
    house.clock.at += timedelta(days=1)
    assert await house.look()
    found = await house.known()
    assert (found.mode, found.until) == ("enforce", NOW + timedelta(days=4))
    house.clock.at = NOW + timedelta(seconds=999999 - 60)
    assert await house.look()
    assert (await house.known()).until == NOW + timedelta(seconds=999999)
    house.clock.at += timedelta(minutes=2)
    assert await house.look()  # nothing binds any more: the server that was accepted is used as proved
    assert (await house.known()).accepted == (MX,)


async def test_the_night_ends_what_holds_no_more_and_a_network_that_fails_ends_nothing(house: House) -> None:
    hub = house.exchange.hub
    assert await house.watch.once() == 0  # nobody has ever looked: that is for a person to do first
    assert await house.look()
    assert await house.watch.once() == 0
    before = await house.known()

    house.clock.at += timedelta(hours=21)
    house.theirs.replies[""] = "421 4.3.2 busy"
    assert await house.watch.once() == 1
    assert await house.known() == before
    assert await house.watch.once() == 0  # not again and again
    assert not await house.tasks()

    house.clock.at += timedelta(hours=2)
    house.theirs.replies.clear()
    house.theirs.tls = tls(house.authority, "mail.elsewhere.example")
    assert await house.watch.once() == 1
    assert not (await house.known()).holds(house.clock.now())
    assert await house.tasks() == {TaskKind.NOT_SECURE}

    house.clock.at += timedelta(hours=21)
    house.theirs.tls = tls(house.authority, MX)
    assert await house.watch.once() == 1
    assert (await house.known()).holds(house.clock.now())
    assert not await house.tasks()
    async with hub.database.reading(hub.scope()) as tx:
        told = [(x.by, x.facts["holds"]) for x in await journal.lines(tx, journal.DIRECTORY)
                if x.kind == "DomainChecked"]  # fmt: skip
    assert told == [("operator", "True"), ("system", "True"), ("system", "False"), ("system", "True")]


async def test_a_forger_of_dns_makes_no_policy_forgotten_and_no_server_ours(house: House) -> None:
    house.names.add("_mta-sts.police.example", "TXT", "v=STSv1; id=1;")
    house.policy.pages[PATH] = Answer(POLICY.replace(b"172800", b"2592000"))
    assert await house.look()
    before = await house.known()

    # The announcement and the policy are taken away, and mail is led to a server with a good certificate of its own.
    del house.names.records["_mta-sts.police.example", "TXT"]
    house.policy.pages.clear()
    elsewhere(house)
    house.clock.at += timedelta(days=1)
    assert await house.watch.once() == 1
    found = await house.known()
    assert (found.mode, found.accepted, found.until) == ("enforce", ("*.police.example",), before.until)
    assert TaskKind.OTHER_SERVERS in await house.tasks()
    assert not await house.look()  # a person's look alone makes it no better
    await house.lodge()
    await house.run(minutes=1)
    assert house.theirs.delivered == []
    assert TaskKind.TLS_FAILS in await house.tasks()

    del house.names.records[DOMAIN, "MX"]
    house.names.add(DOMAIN, "MX", f"10 {MX}.")
    house.theirs.tls = tls(house.authority, MX)
    house.clock.at += timedelta(days=1)
    assert await house.watch.once() == 1
    assert not {TaskKind.OTHER_SERVERS, TaskKind.TLS_FAILS} & await house.tasks()


async def test_without_a_policy_other_servers_are_a_persons_to_accept(house: House) -> None:
    assert await house.look()
    before = await house.known()
    elsewhere(house)
    house.clock.at += timedelta(days=1)
    assert await house.watch.once() == 1
    found = await house.known()
    assert (found.accepted, found.until) == ((MX,), before.until)
    assert await house.tasks() == {TaskKind.OTHER_SERVERS}
    assert not await house.look()
    await house.lodge()
    await house.run(minutes=1)
    assert house.theirs.delivered == []
    assert await house.tasks() == {TaskKind.OTHER_SERVERS, TaskKind.TLS_FAILS}
    looked = await look(house.exchange.hub, house.direct, DOMAIN, "operator", accept_new=True)
    assert looked.holds
    assert (await house.known()).accepted == ("mx.strip.example",)
    assert not await house.tasks()


def elsewhere(house: House) -> None:
    """DNS names another server for the police, which has a good certificate of its own name."""
    del house.names.records[DOMAIN, "MX"]
    house.names.add(DOMAIN, "MX", "10 mx.strip.example.")
    house.names.add("mx.strip.example", "A", "127.0.0.1")
    house.theirs.tls = tls(house.authority, "mx.strip.example")
