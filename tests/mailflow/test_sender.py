"""The sender against a mail server that shares no code with it, over real sockets and real TLS."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import trustme

from exchange.case.sealed import PublicNotice, Sealed, TlsOnly
from exchange.demo.actors.smtp_server import Act, MailServer
from mailflow import places, sender
from mailflow.sender import Accepted, Deferred, Refused, Relay, Timeouts, Tls, Uncertain

US, THEM = "bounce.abc@hub.example", "police@agency.example"
MESSAGE = b"From: a@hub.example\r\nMessage-ID: <aa11@hub.example>\r\n\r\nfirst\r\n.\r\n..dots\r\nlast\r\n"
QUICK = Timeouts(connect=5, command=0.5, content=5, dot=0.5)


def sealed(message: bytes = MESSAGE, to: str = THEM) -> Sealed:
    return Sealed(message, "A" * 40, to)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return file


def server_tls(authority: trustme.CA, name: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    return context


@pytest.fixture
async def server(authority: trustme.CA, tmp_path: Path) -> AsyncIterator[MailServer]:
    server = MailServer(tmp_path / "mail", server_tls(authority))
    yield server
    await server.stop()


RelayTo = Callable[..., Relay]


@pytest.fixture
async def relay_to(server: MailServer, ca_file: Path) -> AsyncIterator[RelayTo]:
    relays: list[Relay] = []
    port = await server.start()

    def connect(tls: Tls = "required", **more: object) -> Relay:
        settings = {"ca_file": ca_file, "timeouts": QUICK, **more}
        relays.append(Relay("127.0.0.1", port, tls, **settings))  # type: ignore[arg-type]
        return relays[-1]

    yield connect
    for relay in relays:
        await relay.close()


def octets_said(server: MailServer) -> int:
    return sum(len(c) for session in server.sessions for c in session.content)


async def test_accepted_over_verified_tls_octet_by_octet(server: MailServer, relay_to: RelayTo) -> None:
    verdict = await relay_to().send(sealed(), US)
    assert verdict == Accepted("127.0.0.1", "250 2.0.0 queued as 1", tls=True)
    mail = await server.wait_for_mail(THEM)
    assert mail.content == MESSAGE
    assert mail.mail_from == US
    assert mail.path.read_bytes().endswith(MESSAGE)


async def test_a_bounce_address_may_be_null(server: MailServer, relay_to: RelayTo) -> None:
    assert isinstance(await relay_to().send(PublicNotice(MESSAGE, THEM), ""), Accepted)
    assert (await server.wait_for_mail(THEM)).mail_from == ""


async def test_delivery_reports_are_asked_for_where_offered(server: MailServer, relay_to: RelayTo) -> None:
    server.offers_dsn = True
    assert isinstance(await relay_to().send(sealed(to="a+b=c@agency.example"), US), Accepted)
    said = server.sessions[0].said
    assert f"C: MAIL FROM:<{US}> SIZE={len(MESSAGE)} RET=HDRS ENVID=aa11" in said
    rcpt = "C: RCPT TO:<a+b=c@agency.example> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;a+2Bb+3Dc@agency.example"
    assert rcpt in said


@pytest.mark.parametrize(
    ("act", "verdict"),
    [
        (Act.DEFER, Deferred("451", "4.3.0 try again later")),
        (Act.REFUSE, Refused("550", "5.1.1 no such mailbox")),
        (Act.REFUSE_CONTENT, Refused("554", "5.7.1 content not allowed")),
        (Act.HANG, Deferred("timeout", "the relay did not answer in time")),
        (Act.TARPIT, Deferred("timeout", "the relay did not answer in time")),
        (Act.DROP_AFTER_DOT, Uncertain("SMTPServerDisconnected")),
        (Act.HANG_AFTER_DOT, Uncertain("SMTPReadTimeoutError")),
    ],
)
async def test_each_way_of_not_succeeding(server: MailServer, relay_to: RelayTo, act: Act, verdict: object) -> None:
    server.acts[THEM] = act
    relay = relay_to()
    assert await relay.send(sealed(), US) == verdict
    server.acts.clear()
    assert isinstance(await relay.send(sealed(), US), Accepted)  # and the relay goes on


async def test_a_break_before_the_dot_is_a_deferral_and_delivers_nothing(
    server: MailServer, relay_to: RelayTo
) -> None:
    server.acts[THEM] = Act.DROP_AT_DATA
    big = MESSAGE + b"x" * 70 + b"\r\n" + (b"y" * 70 + b"\r\n") * 200_000  # more than the sockets' buffers hold
    verdict = await relay_to(timeouts=Timeouts(dot=1)).send(sealed(big), US)
    assert isinstance(verdict, Deferred)
    assert verdict.code == "lost"
    assert server.delivered == []


async def test_a_large_message_arrives_whole(server: MailServer, relay_to: RelayTo) -> None:
    big = MESSAGE + (b"." + b"y" * 70 + b"\r\n") * 30_000
    assert isinstance(await relay_to(timeouts=Timeouts()).send(sealed(big), US), Accepted)
    assert server.delivered[0].content == big


async def test_stripped_starttls_lets_no_octet_out(server: MailServer, relay_to: RelayTo) -> None:
    server.offers_starttls = False
    verdict = await relay_to().send(sealed(), US)
    assert isinstance(verdict, Deferred)
    assert verdict.code == "tls"
    assert octets_said(server) == 0
    assert set(server.sessions[0].commands) <= {"EHLO", "QUIT"}


async def test_refused_starttls_lets_no_octet_out(server: MailServer, relay_to: RelayTo) -> None:
    server.replies["STARTTLS"] = "454 4.7.0 not today"
    verdict = await relay_to().send(sealed(), US)
    assert isinstance(verdict, Deferred)
    assert verdict.code == "tls"
    assert "MAIL" not in server.sessions[0].commands


@pytest.mark.parametrize("wrong", ["another authority", "another name"])
async def test_a_bad_certificate_lets_no_octet_out(
    server: MailServer, relay_to: RelayTo, authority: trustme.CA, wrong: str
) -> None:
    server.tls = server_tls(trustme.CA()) if wrong == "another authority" else server_tls(authority, "evil.example")
    verdict = await relay_to().send(sealed(), US)
    assert isinstance(verdict, Deferred)
    assert verdict.code == "tls"
    assert octets_said(server) == 0
    assert server.delivered == []


async def test_the_name_to_be_proved_may_differ_from_the_address(
    server: MailServer, relay_to: RelayTo, authority: trustme.CA
) -> None:
    server.tls = server_tls(authority, "relay.hub.example")
    assert isinstance(await relay_to(hostname_for_verify="relay.hub.example").send(sealed(), US), Accepted)


async def test_sealed_mail_may_pass_without_proof_where_the_setting_says_so(
    server: MailServer, relay_to: RelayTo
) -> None:
    server.tls = server_tls(trustme.CA())
    verdict = await relay_to("sealed-may-pass").send(sealed(), US)
    assert isinstance(verdict, Accepted)
    assert not verdict.tls
    assert server.sessions[-1].tls  # encrypted nevertheless
    server.offers_starttls = False
    assert isinstance(await relay_to("sealed-may-pass").send(sealed(), US), Accepted)


@pytest.mark.parametrize("tls", ["sealed-may-pass", "loopback"])
async def test_tls_only_mail_never_goes_without_proof(server: MailServer, relay_to: RelayTo, tls: Tls) -> None:
    server.tls = server_tls(trustme.CA())
    relay = relay_to(tls)
    assert isinstance(await relay.send(PublicNotice(MESSAGE, THEM), US), Accepted)
    before = octets_said(server)
    verdict = await relay.send(TlsOnly(MESSAGE, THEM), US)
    assert isinstance(verdict, Deferred)
    assert verdict.code == "tls"
    assert octets_said(server) == before


async def test_tls_only_mail_goes_over_verified_tls(relay_to: RelayTo) -> None:
    for tls in ("required", "sealed-may-pass"):
        verdict = await relay_to(tls).send(TlsOnly(MESSAGE, THEM), US)
        assert isinstance(verdict, Accepted)
        assert verdict.tls


async def test_connections_are_reused_and_reset_between_mails(server: MailServer, relay_to: RelayTo) -> None:
    relay = relay_to("loopback")
    for _ in range(5):
        assert isinstance(await relay.send(sealed(), US), Accepted)
    assert len(server.sessions) == 1
    assert server.sessions[0].commands.count("RSET") == 4
    await relay.close()
    assert server.sessions[0].commands[-1] == "QUIT"


async def test_two_connections_at_once_and_no_more(server: MailServer, relay_to: RelayTo) -> None:
    relay = relay_to()
    verdicts = await asyncio.gather(*(relay.send(sealed(), US) for _ in range(12)))
    assert all(isinstance(v, Accepted) for v in verdicts)
    assert len(server.sessions) == 2


async def test_a_slow_recipient_holds_one_connection_only(server: MailServer, relay_to: RelayTo) -> None:
    server.acts["slow@agency.example"] = Act.HANG
    relay = relay_to(timeouts=Timeouts(command=30))
    slow = asyncio.create_task(relay.send(sealed(to="slow@agency.example"), US))
    verdicts = await asyncio.gather(*(relay.send(sealed(), US) for _ in range(10)))
    assert all(isinstance(v, Accepted) for v in verdicts)
    assert not slow.done()
    slow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await slow


async def test_many_slow_recipients_keep_nobody_elses_mail_back(
    server: MailServer, relay_to: RelayTo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R11: a relay that asks dead domains while we wait, and a server that answers one octet at a time."""
    monkeypatch.setattr(places, "SLOW", 0.05)
    relay = relay_to(timeouts=Timeouts(command=30))
    for n in range(6):
        server.acts[f"slow{n}@agency.example"] = Act.HANG if n % 2 else Act.TARPIT
    slow = [asyncio.create_task(relay.send(sealed(to=f"slow{n}@agency.example"), US)) for n in range(6)]
    await asyncio.sleep(0)  # they are first in the queue
    async with asyncio.timeout(10):
        verdicts = await asyncio.gather(*(relay.send(sealed(), US) for _ in range(10)))
    assert all(isinstance(v, Accepted) for v in verdicts)
    hanging = [task for n, task in enumerate(slow) if n % 2]
    assert not any(task.done() for task in hanging)
    for task in hanging:
        task.cancel()
    done = await asyncio.gather(*slow, return_exceptions=True)
    assert [isinstance(v, Accepted) for v in done] == [True, False] * 3  # the tarpit took its time, and took them


async def test_slow_ones_are_never_more_than_so_many(
    server: MailServer, relay_to: RelayTo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "SLOW", 0.0)
    monkeypatch.setattr(places, "MOST", 3)
    server.default = Act.HANG
    relay = relay_to(timeouts=Timeouts(command=30))
    tasks = [asyncio.create_task(relay.send(sealed(), US)) for _ in range(6)]
    done, _ = await asyncio.wait(tasks, timeout=0.5)
    assert not done
    assert len(server.sessions) == 3
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_who_waits_too_long_for_a_place_tries_again_later(server: MailServer, relay_to: RelayTo) -> None:
    server.default = Act.HANG
    relay = relay_to(timeouts=Timeouts(command=30, whole=0.5))
    verdicts = await asyncio.gather(*(relay.send(sealed(), US) for _ in range(3)))
    assert verdicts == [Deferred("timeout", "the relay did not answer in time")] * 3


async def test_who_answers_each_command_just_in_time_is_put_off_all_the_same(
    server: MailServer, relay_to: RelayTo
) -> None:
    server.acts[THEM], server.tarpit_pause = Act.TARPIT, 0.1  # 1.3 seconds for an answer
    relay = relay_to(timeouts=Timeouts(command=30, whole=0.5))
    assert await relay.send(sealed(), US) == Deferred("timeout", "the relay did not answer in time")
    server.acts.clear()
    assert isinstance(await relay.send(sealed(), US), Accepted)
    assert [m.address for m in server.delivered] == [THEM]


async def test_a_connection_cut_while_idle_costs_nothing(server: MailServer, relay_to: RelayTo) -> None:
    relay = relay_to()
    assert isinstance(await relay.send(sealed(), US), Accepted)
    await server.cut_connections()
    assert isinstance(await relay.send(sealed(), US), Accepted)
    assert len(server.sessions) == 2


async def test_a_connection_is_not_used_for_ever(
    server: MailServer, relay_to: RelayTo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "MESSAGES", 2)
    relay = relay_to()
    for _ in range(4):
        assert isinstance(await relay.send(sealed(), US), Accepted)
    assert len(server.sessions) == 2


async def test_an_idle_connection_is_left_politely(
    server: MailServer, relay_to: RelayTo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "IDLE", 0.0)
    relay = relay_to("loopback")
    assert isinstance(await relay.send(sealed(), US), Accepted)
    async with asyncio.timeout(5):
        await server.sessions[0].ended.wait()
    assert server.sessions[0].commands[-1] == "QUIT"


@pytest.mark.parametrize(("point", "stored"), [("sender.before-dot", 0), ("sender.after-dot", 1)])
async def test_killed_at_the_final_dot(server: MailServer, point: str, stored: int) -> None:
    """Without the dot nothing is delivered; with it, everything is: the kept bytes go again with the same id."""
    port = await server.start()
    code = (
        "import asyncio\nfrom exchange.case.sealed import Sealed\nfrom mailflow.sender import Relay\n"
        f"asyncio.run(Relay('127.0.0.1', {port}, 'loopback').send(Sealed({MESSAGE!r}, 'A', {THEM!r}), {US!r}))"
    )
    env = {**os.environ, "EXCHANGE_FAULT": point}
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, env=env)
    assert await asyncio.wait_for(process.wait(), 30) == -signal.SIGKILL
    async with asyncio.timeout(5):
        await server.sessions[0].ended.wait()
    assert len(server.delivered) == stored
    assert server.sessions[0].content[0].count(b"last") == 1


async def test_nobody_listening_is_a_deferral(server: MailServer, relay_to: RelayTo) -> None:
    relay = relay_to()
    await server.stop()
    verdict = await relay.send(sealed(), US)
    assert isinstance(verdict, Deferred)
    assert verdict.code == "connect"


@pytest.mark.parametrize(
    ("verb", "reply", "expected"),
    [
        ("", "554 5.7.1 you are on a list", Deferred("554", "5.7.1 you are on a list")),
        ("", "421 4.3.2 closing", Deferred("421", "4.3.2 closing")),
        ("MAIL", "530 5.7.0 authenticate", Deferred("530", "5.7.0 authenticate")),
        ("MAIL", "550 5.7.1 not your address", Deferred("550", "5.7.1 not your address")),
        ("RCPT", "550 5.7.8 bad credentials", Deferred("550", "5.7.8 bad credentials")),
        ("RCPT", "552 5.2.2 mailbox full", Deferred("552", "5.2.2 mailbox full")),
        ("RCPT", "554 5.7.1 relay access denied", Refused("554", "5.7.1 relay access denied")),
        ("DATA", "503 5.5.1 out of order", Deferred("503", "5.5.1 out of order")),
        (".", "452 4.3.1 no room", Deferred("452", "4.3.1 no room")),
        (".", "421 4.3.2 closing", Deferred("421", "4.3.2 closing")),
        (".", "552 5.3.4 too large", Refused("552", "5.3.4 too large")),
        (".", "354 what?", Uncertain("odd reply")),
        (".", "nonsense", Uncertain("SMTPResponseException")),
        ("RCPT", "nonsense", Deferred("lost", "the reply was not SMTP")),
    ],
)
async def test_whose_fault_a_reply_speaks_of(
    server: MailServer, relay_to: RelayTo, verb: str, reply: str, expected: object
) -> None:
    server.replies[verb] = reply
    relay = relay_to("loopback")
    assert await relay.send(sealed(), US) == expected
    server.replies.clear()
    assert isinstance(await relay.send(sealed(), US), Accepted)


async def test_the_relays_size_is_respected_before_it_is_asked(server: MailServer, relay_to: RelayTo) -> None:
    server.largest = 20
    verdict = await relay_to().send(sealed(), US)
    assert isinstance(verdict, Refused)
    assert verdict.code == "size"
    assert "MAIL" not in server.sessions[0].commands


async def test_login_over_verified_tls(server: MailServer, relay_to: RelayTo) -> None:
    server.offers_auth = True
    relay = relay_to(username="hub", password="secret")
    assert isinstance(await relay.send(sealed(), US), Accepted)
    assert "secret" not in repr(relay)
    server.replies["AUTH"] = "535 5.7.8 no"
    assert await relay_to(username="hub", password="secret").send(sealed(), US) == Deferred("535", "5.7.8 no")


async def test_the_password_is_not_said_to_strangers(server: MailServer, relay_to: RelayTo) -> None:
    server.offers_auth = True
    server.tls = server_tls(trustme.CA())
    relay = relay_to("sealed-may-pass", username="hub", password="secret")
    verdict = await relay.send(sealed(), US)
    assert isinstance(verdict, Deferred)
    assert verdict.code == "tls"
    assert all("AUTH" not in session.commands for session in server.sessions)


@pytest.mark.parametrize(
    "message",
    [
        b"A: b\r\n\r\nx\ny\r\n",
        b"A: b\r\n\r\nx\ry\r\n",
        b"A: b\r\n\r\nx\0\r\n",
        b"A: b\r\n\r\nno end",
        b"A: b\r\n\r\n\xc3\xa9\r\n",
        b"A: b\r\n\r\n" + b"x" * 999 + b"\r\n",
        b"A: b\r\n\r\n\n.\nMAIL FROM:<x@evil.example>\r\n",
    ],
)
async def test_we_are_not_the_smuggler(server: MailServer, relay_to: RelayTo, message: bytes) -> None:
    verdict = await relay_to().send(sealed(message), US)
    assert isinstance(verdict, Refused)
    assert verdict.code == "malformed"
    assert server.sessions == []


@pytest.mark.parametrize(
    "address",
    [
        "v@agency.example, evil@evil.example",
        "v@agency.example\r\nRCPT TO:<evil@evil.example>",
        "<v@agency.example>",
        "v@agency.example ",
        "pölice@agency.example",
        "police\u200b@agency.example",
        "",
        "@agency.example:police@evil.example",
    ],
)
async def test_only_a_plain_address_reaches_the_wire(server: MailServer, relay_to: RelayTo, address: str) -> None:
    verdict = await relay_to().send(sealed(to=address), US)
    assert isinstance(verdict, Refused)
    assert verdict.code == "address"
    assert server.sessions == []


async def test_a_bounce_address_is_plain_too(server: MailServer, relay_to: RelayTo) -> None:
    assert isinstance(await relay_to().send(sealed(), "x@hub.example> SIZE=0 <"), Refused)
    assert server.sessions == []


async def test_verdicts_show_no_words_of_a_server(relay_to: RelayTo, server: MailServer) -> None:
    server.replies["RCPT"] = f"550 5.1.1 <{THEM}> unknown"
    verdict = await relay_to("loopback").send(sealed(), US)
    assert THEM not in repr(verdict)
    assert isinstance(verdict, Refused)
    assert THEM in verdict.why  # kept, for the delivery story
