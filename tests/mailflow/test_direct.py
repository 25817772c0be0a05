"""Readable mail goes over verified TLS to a proved server or not at all: shown by what hostile servers received."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from exchange.case.sealed import PublicNotice, TlsOnly
from exchange.demo.actors.dns_server import DnsServer
from exchange.demo.actors.http_server import Answer, HttpServer
from exchange.demo.actors.smtp_server import Act, MailServer
from mailflow.authenticity import DnsResolver
from mailflow.direct import Direct, Outbound, Reach
from mailflow.domain_check import check
from mailflow.mta_sts import PATH
from mailflow.requesting import Request, RequestFailed, reachable, request
from mailflow.sender import Accepted, Deferred, Refused, Relay, Timeouts, Uncertain

US, THEM, MX = "bounce.abc@hub.example", "police@agency.example", "mx.agency.example"
SECRET = b"Zoe Smith, aged 7"
MESSAGE = b"From: a@hub.example\r\nMessage-ID: <aa11@hub.example>\r\n\r\n" + SECRET + b"\r\n.\r\nlast\r\n"
QUICK = Timeouts(connect=5, command=0.5, content=5, dot=0.5)
POLICY = b"version: STSv1\nmode: enforce\nmx: *.agency.example\nmax_age: 604800\n"


@dataclass
class World:
    """A mail domain with its name server, its mail servers and its policy host, all on loopback."""

    authority: trustme.CA
    names: DnsServer
    server: MailServer
    policy: HttpServer
    direct: Direct
    others: list[MailServer] = field(default_factory=list)

    async def send(self, *servers: str) -> object:
        return await self.direct.send(TlsOnly(MESSAGE, THEM, servers or (MX,)), US)

    def seen(self, server: MailServer | None = None) -> bytes:
        """All that a server, or somebody on the way, could read of what we said before TLS, and of any message."""
        sessions = (server or self.server).sessions
        said = [line for s in sessions for line in s.said if line.startswith("C: ") and not s.tls]
        return "\n".join(said).encode() + b"".join(bytes(c) for s in sessions for c in s.content)


def tls(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*names).configure_cert(context)
    return context


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
async def world(authority: trustme.CA, tmp_path: Path) -> AsyncIterator[World]:
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    names = DnsServer()
    server = MailServer(tmp_path / "mail", tls(authority, MX))
    policy = HttpServer(tls(authority, "mta-sts.agency.example"))
    port, https_port, dns_port = await server.start(), await policy.start(), await names.start()
    names.add("agency.example", "MX", f"10 {MX}.")
    names.add(MX, "A", "127.0.0.1")
    names.add("mta-sts.agency.example", "A", "127.0.0.1")
    reach = Reach(port, https_port, ca_file, ("127.0.0.0/8",))
    made = World(authority, names, server, policy,
                 Direct(DnsResolver("127.0.0.1", dns_port), "hub.example", reach, QUICK))  # fmt: skip
    yield made
    for one in (server, *made.others):
        await one.stop()
    await policy.stop()
    await names.stop()


async def test_it_goes_over_verified_tls_to_the_domains_own_server(world: World) -> None:
    verdict = await world.send()
    assert verdict == Accepted(MX, "250 2.0.0 queued as 1", tls=True)
    assert (await world.server.wait_for_mail(THEM)).content == MESSAGE
    assert world.server.sessions[0].tls
    assert "REQUIRETLS" not in " ".join(world.server.sessions[0].said)


async def test_a_server_that_offers_it_must_pass_it_on_over_tls_too(world: World) -> None:
    world.server.offers_requiretls = True
    assert isinstance(await world.send(), Accepted)
    assert f"C: MAIL FROM:<{US}> SIZE={len(MESSAGE)} REQUIRETLS" in world.server.sessions[0].said


async def strip(world: World) -> None:
    world.server.offers_starttls = False


async def refuse(world: World) -> None:
    world.server.replies["STARTTLS"] = "454 4.7.0 not today"


async def wrong_name(world: World) -> None:
    world.server.tls = tls(world.authority, "mail.other.example")


async def unknown_authority(world: World) -> None:
    world.server.tls = tls(trustme.CA(), MX)


async def old_tls(world: World) -> None:
    context = tls(world.authority, MX)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that is why
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    world.server.tls = context


async def expired(world: World) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    world.authority.issue_cert(MX, not_after=datetime(2025, 1, 1, tzinfo=UTC)).configure_cert(context)
    world.server.tls = context


async def garbage(world: World) -> None:
    world.server.replies[""] = "this is no mail server"


@pytest.mark.parametrize(
    ("harm", "code"),
    [(strip, "tls"), (refuse, "tls"), (wrong_name, "tls"), (unknown_authority, "tls"), (old_tls, "tls"),
     (expired, "tls"), (garbage, "lost")],
    ids=lambda x: getattr(x, "__name__", x),
)  # fmt: skip
async def test_without_verified_tls_not_one_octet_of_it_is_said(world: World, harm: object, code: str) -> None:
    await harm(world)  # type: ignore[operator]
    verdict = await world.send()
    assert isinstance(verdict, Deferred)
    assert verdict.code == code
    assert world.server.delivered == []
    commands = {command for session in world.server.sessions for command in session.commands}
    assert commands <= {"EHLO", "STARTTLS", "QUIT"}
    for word in (SECRET, b"police", b"bounce", b"MAIL", b"RCPT"):
        assert word not in world.seen()


@pytest.mark.parametrize(
    ("act", "kind", "content"),
    [
        (Act.DEFER, Deferred, False),
        (Act.REFUSE, Refused, False),
        (Act.HANG, Deferred, False),
        (Act.DROP_AT_DATA, Deferred, False),
        (Act.REFUSE_CONTENT, Refused, True),
        (Act.DROP_AFTER_DOT, Uncertain, True),
        (Act.HANG_AFTER_DOT, Uncertain, True),
    ],
)
async def test_a_break_at_any_stage_leaves_nothing_readable_on_the_way(
    world: World, act: Act, kind: type, content: bool
) -> None:
    world.server.acts[THEM] = act
    assert isinstance(await world.send(), kind)
    assert all(session.tls for session in world.server.sessions)
    before_tls = [s.said[: s.said.index("C: STARTTLS") + 1] for s in world.server.sessions]
    assert SECRET.decode() not in str(before_tls)
    assert bool(world.server.sessions[0].content and SECRET in world.seen()) is content


async def test_who_speaks_before_tls_is_not_believed_after_it(world: World) -> None:
    world.server.replies["STARTTLS"] = "220 2.0.0 go ahead\r\n250 2.1.0 injected"
    verdict = await world.send()
    assert isinstance(verdict, Deferred)
    assert world.server.delivered == []


async def test_a_server_that_was_never_proved_gets_no_connection(world: World) -> None:
    world.names.records["agency.example", "MX"] = ["10 mx.evil.example."]
    world.names.add("mx.evil.example", "A", "127.0.0.1")
    world.server.tls = tls(world.authority, "mx.evil.example")
    verdict = await world.send()
    assert verdict == Deferred("tls", "none of the domain's servers of today is one that was proved")
    assert world.server.sessions == []
    assert isinstance(await world.send("*.evil.example"), Accepted)


async def test_the_next_server_is_tried_while_nothing_was_said(world: World) -> None:
    world.names.records["agency.example", "MX"] = ["20 mx2.agency.example.", f"10 {MX}."]
    world.names.add("mx2.agency.example", "A", "127.0.0.2")
    second = MailServer(world.server.root / "second", tls(world.authority, "mx2.agency.example"))
    world.others.append(second)
    await second.start("127.0.0.2", world.direct.reach.port)
    await strip(world)
    verdict = await world.send("*.agency.example")
    assert verdict == Accepted("mx2.agency.example", "250 2.0.0 queued as 1", tls=True)
    assert SECRET not in world.seen()


async def test_a_name_server_that_is_silent_and_a_domain_without_mail(world: World) -> None:
    world.names.records["agency.example", "MX"] = ["0 ."]
    assert await world.send() == Refused("null_mx", "the domain says that it takes no mail")
    await world.names.stop()
    assert await world.send() == Deferred("dns", "the name server did not answer")


async def test_everything_else_goes_by_the_relay(world: World, tmp_path: Path) -> None:
    relay_server = MailServer(tmp_path / "relay")
    world.others.append(relay_server)
    relay = Relay("127.0.0.1", await relay_server.start(), "loopback", timeouts=QUICK)
    outbound = Outbound(relay, world.direct)
    assert isinstance(await outbound.send(PublicNotice(MESSAGE, THEM), US), Accepted)
    assert isinstance(await outbound.send(TlsOnly(MESSAGE, THEM, (MX,)), US), Accepted)
    await relay.close()
    assert [len(s.delivered) for s in (relay_server, world.server)] == [1, 1]


# ---- what a look at a domain finds ------------------------------------------------------------------------------


def publish(world: World, body: bytes = POLICY, **more: object) -> None:
    world.names.add("_mta-sts.agency.example", "TXT", "v=STSv1; id=1;")
    world.policy.pages[PATH] = Answer(body, **more)  # type: ignore[arg-type]


async def test_a_domain_with_a_policy_and_a_proved_server_holds(world: World) -> None:
    publish(world)
    shown = await check("agency.example", world.direct)
    assert shown.servers == {MX: "proved"}
    assert shown.policy
    assert (shown.policy.mode, shown.holds, shown.nothing_learned) == ("enforce", True, False)
    asked = world.policy.asked[0]
    assert (asked.method, asked.path, asked.headers["host"]) == ("GET", PATH, "mta-sts.agency.example")
    assert world.server.delivered == []
    assert set(world.server.sessions[0].commands) == {"EHLO", "STARTTLS", "QUIT"}


@pytest.mark.parametrize(
    ("harm", "found"),
    [(strip, "no_starttls"), (refuse, "tls_failed"), (wrong_name, "tls_failed"), (expired, "tls_failed"),
     (garbage, "unreachable")],
)  # fmt: skip
async def test_a_server_without_verified_tls_proves_nothing(world: World, harm: object, found: str) -> None:
    await harm(world)  # type: ignore[operator]
    shown = await check("agency.example", world.direct)
    assert shown.servers == {MX: found}
    assert not shown.holds
    assert shown.nothing_learned is (found == "unreachable")


async def test_a_policy_that_names_other_servers_refutes_the_one_that_is_there(world: World) -> None:
    publish(world, POLICY.replace(b"*.agency.example", b"mail.elsewhere.example"))
    shown = await check("agency.example", world.direct)
    assert shown.servers == {MX: "proved"}
    assert not shown.holds


async def test_a_policy_in_testing_demands_verified_tls_all_the_same(world: World) -> None:
    publish(world, POLICY.replace(b"enforce", b"testing").replace(b"*.agency.example", b"mail.elsewhere.example"))
    assert (await check("agency.example", world.direct)).holds


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (Answer(status="301 Moved", headers=("Location: https://mta-sts.agency.example/other",)), "status_301"),
        (Answer(status="404 Not Found"), "status_404"),
        (Answer(POLICY, content_type="text/html"), "content_type"),
        (Answer(b"x" * 70_000), "too_large"),
        (Answer(b"version: STSv1\n"), "mode"),
    ],
)
async def test_a_policy_that_cannot_be_had_is_none(world: World, answer: Answer, trouble: str) -> None:
    publish(world)
    world.policy.pages[PATH] = answer
    world.policy.pages["/other"] = Answer(POLICY)
    shown = await check("agency.example", world.direct)
    assert (shown.policy, shown.policy_trouble) == (None, trouble)
    assert len(world.policy.asked) == 1  # nobody is led elsewhere


async def test_a_policy_host_with_another_name_is_not_believed(world: World) -> None:
    publish(world)
    impostor = HttpServer(tls(world.authority, "mta-sts.evil.example"))
    impostor.pages[PATH] = Answer(POLICY)
    try:
        port = await impostor.start()
        reach = Reach(world.direct.reach.port, port, world.direct.reach.ca_file, ("127.0.0.0/8",))
        shown = await check("agency.example", Direct(world.direct.resolver, "hub.example", reach, QUICK))
        assert shown.policy_trouble == "tls"
        assert impostor.asked == []
    finally:
        await impostor.stop()


async def test_nobody_leads_us_to_our_own_doors(world: World) -> None:
    publish(world)
    shut = Direct(world.direct.resolver, "hub.example", replace(world.direct.reach, networks=()), QUICK)
    shown = await check("agency.example", shut)
    assert (shown.servers, shown.policy_trouble) == ({MX: "no_address"}, "no_address")
    assert isinstance(await shut.send(TlsOnly(MESSAGE, THEM, (MX,)), US), Deferred)
    assert world.server.sessions == []
    assert world.policy.asked == []


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.1", "100.64.0.1", "0.0.0.0", "224.0.0.1", "::1",  # noqa: S104
     "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::"],
)  # fmt: skip
def test_only_public_addresses_are_reached(address: str) -> None:
    assert reachable([address], ()) == []
    assert reachable(["8.8.8.8", "2001:4860:4860::8888"], ()) == ["8.8.8.8", "2001:4860:4860::8888"]
    assert reachable(["10.1.2.3"], ("10.0.0.0/8",)) == ["10.1.2.3"]


async def test_a_reply_that_never_ends_is_given_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailflow.requesting.SECONDS", 0.3)
    plain = HttpServer()
    plain.pages["/"] = Answer(hangs=True)
    try:
        port = await plain.start()
        with pytest.raises(RequestFailed, match="timeout"):
            await request(Request("localhost", "/", port), "127.0.0.1", None)
    finally:
        await plain.stop()
    with pytest.raises(RequestFailed, match="connect"):
        await request(Request("localhost", "/", port), "127.0.0.1", None)
