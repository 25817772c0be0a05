"""LMTP from a mail server of our own: spoken to by the standard library's client, and octet by octet."""

from __future__ import annotations

import asyncio
import socket
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from smtplib import LMTP, SMTPDataError

import pytest

from mailflow.listener import Limits, Listener
from mailflow.lmtp import LmtpSession
from tests.mailflow.octets import MESSAGE, OURS, Client, Taken
from tests.mailflow.test_listener import SMUGGLED, TERMINATORS

ANOTHER = "l.case-l1.token@hub.example"
POSTFIX = (
    b"Received: from with ESMTPS (mx.surgery.example [192.0.2.7])\r\n"
    b"\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\r\n"
    b"\tby mail.hub.example (Postfix) with %b id 4F2A\r\n\tfor <referrals@hub.example>; Tue, 24 Nov 2026\r\n"
    b"Received: from forged by forged with ESMTPS id 1; Tue, 24 Nov 2026\r\n"
)


@pytest.fixture
def taken() -> Taken:
    return Taken()


def listener(taken: Taken, limits: Limits | None = None) -> Listener:
    return Listener(
        taken, lambda a: a in (OURS, ANOTHER), "mx.hub.example", limits=limits, dialogue=LmtpSession
    )  # fmt: skip


@pytest.fixture
async def place(taken: Taken, tmp_path: Path) -> AsyncIterator[Path]:
    """A Unix socket that listens."""
    door = listener(taken)
    await door.start_at(tmp_path / "lmtp")
    yield tmp_path / "lmtp"
    await door.stop()


async def connected(place: Path) -> Client:
    client = Client(*await asyncio.open_unix_connection(place))
    assert await client.reply() == "220 mx.hub.example LMTP"
    return client


async def begun(place: Path, *recipients: str) -> Client:
    client = await connected(place)
    await client.say(b"LHLO mail.hub.example")
    await client.say(b"MAIL FROM:<gp@surgery.example>")
    for one in recipients or (OURS,):
        assert (await client.say(b"RCPT TO:<%b>" % one.encode())).startswith("250 2.1.5")
    return client


async def test_a_mail_by_the_standard_librarys_client(place: Path, taken: Taken) -> None:
    def talk() -> tuple[dict[str, tuple[int, bytes]], dict[str, str]]:
        with LMTP(str(place)) as client:
            # One recipient: of several, that library reads one reply only.
            refused = client.sendmail("gp@surgery.example", [OURS, "gone@hub.example"], MESSAGE + b".dots\r\n")
            return refused, client.esmtp_features

    refused, features = await asyncio.to_thread(talk)
    assert {address: code for address, (code, _) in refused.items()} == {"gone@hub.example": 550}
    [(envelope, content)] = taken.mails
    assert envelope.recipients == (OURS,)
    assert content == MESSAGE + b".dots\r\n"
    assert (envelope.peer, envelope.helo, envelope.tls) == ("", "", False)  # of who sent it nothing is known
    assert {"pipelining", "enhancedstatuscodes", "8bitmime", "size", "xforward"} <= set(features)


async def test_no_reply_after_the_dot_before_it_is_durable(place: Path, taken: Taken) -> None:
    taken.held = asyncio.Event()
    client = await begun(place, OURS, ANOTHER)
    await client.say(b"DATA")
    client.writer.write(MESSAGE + b".\r\nNOOP\r\n")
    await taken.began.wait()
    early = asyncio.ensure_future(client.reply())
    done, _ = await asyncio.wait({early}, timeout=0.3)
    assert not done
    taken.held.set()
    said = [await early, *[await client.reply() for _ in range(2)]]
    assert said == ["250 2.0.0 Taken", "250 2.0.0 Taken", "250 2.0.0 OK"]  # one for each, then the NOOP's
    await client.close()


async def test_each_recipient_that_was_accepted_gets_a_reply_the_same_one_twice_too(
    place: Path, taken: Taken
) -> None:
    client = await begun(place, OURS, OURS, ANOTHER)
    assert (await client.say(b"RCPT TO:<gone@hub.example>")).startswith("550 5.1.1")
    await client.say(b"DATA")
    client.writer.write(MESSAGE + b".\r\n")
    assert [await client.reply() for _ in range(3)] == ["250 2.0.0 Taken"] * 3
    assert await client.say(b"NOOP") == "250 2.0.0 OK"  # and no reply more
    assert taken.mails[0][0].recipients == (OURS, ANOTHER)
    await client.say(b"MAIL FROM:<gp@surgery.example>")
    assert (await client.say(b"DATA")).startswith("503")  # RFC 2033 4.2: none was accepted this time
    await client.close()


async def test_a_failure_of_ours_leaves_it_with_them_for_every_recipient(place: Path, taken: Taken) -> None:
    taken.fails = RuntimeError("disk full")
    client = await begun(place, OURS, ANOTHER)
    await client.say(b"DATA")
    client.writer.write(MESSAGE + b".\r\n")
    assert [await client.reply() for _ in range(2)] == ["451 4.3.0 Try again later"] * 2

    def fails() -> None:
        with LMTP(str(place)) as other, pytest.raises(SMTPDataError, match="451"):
            other.sendmail("gp@surgery.example", [OURS], MESSAGE)

    await asyncio.to_thread(fails)
    await client.close()


@pytest.mark.parametrize("name", TERMINATORS)
async def test_nothing_is_smuggled_this_way_either(place: Path, taken: Taken, name: str) -> None:
    client = await begun(place)
    await client.say(b"DATA")
    content = b"Subject: first\r\n\r\nhello" + TERMINATORS[name] + SMUGGLED
    client.writer.write(content + b"\r\n.\r\n")
    assert (await client.reply()).startswith("250 2.0.0")
    assert (await client.say(b"QUIT")).startswith("221")
    assert [mail for _, mail in taken.mails] == [(content + b"\r\n").replace(b"\r\n.", b"\r\n")]
    await client.close()


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        (b"HELO x\r\n", "500 5.5.1"),  # RFC 2033 4.1
        (b"EHLO x\r\n", "500 5.5.1"),
        (b"LHLO\r\n", "501 5.5.4"),
        (b"STARTTLS\r\n", "500 5.5.1"),
        (b"MAIL FROM:<a@b.example>\r\n", "503 5.0.0"),  # before LHLO
        (b"LHLO x\n", "500 5.5.2"),
        (b"POST / HTTP/1.1\r\n", "421 4.7.0"),
        (b"BDAT 5 LAST\r\n", "421 4.7.0"),
        (b"AUTH PLAIN AGEAYg==\r\n", "502 5.5.1"),
    ],
)
async def test_commands_that_get_nowhere(place: Path, octets: bytes, code: str) -> None:
    client = await connected(place)
    client.writer.write(octets)
    assert (await client.reply()).startswith(code)
    await client.close()


async def test_a_mail_that_is_too_big_is_refused_for_each_recipient(taken: Taken, tmp_path: Path) -> None:
    door = listener(taken, Limits(size=1000, errors=1))
    await door.start_at(tmp_path / "small")
    client = await begun(tmp_path / "small", OURS, OURS, ANOTHER)
    await client.say(b"DATA")
    client.writer.write(b"x" * 1500 + b"\r\n.\r\n")
    assert [await client.reply() for _ in range(3)] == ["552 5.3.4 Message too big"] * 3
    assert (await client.say(b"NOOP")).startswith("250")  # three replies are one refusal
    await client.close()
    await door.stop()
    assert taken.mails == []


async def test_the_socket_is_for_its_owner_and_group_only(place: Path) -> None:
    assert stat.S_IMODE((await asyncio.to_thread(place.stat)).st_mode) == 0o660


# -- who sent it, as our own mail server tells


async def test_our_mail_server_says_who_handed_it_the_mail_and_whether_over_tls(place: Path, taken: Taken) -> None:
    client = await connected(place)
    await client.say(b"LHLO mail.hub.example")
    for said in (b"NAME=mx.surgery.example ADDR=192.0.2.7 PORT=4711", b"PROTO=ESMTP HELO=mx+2Bsurgery.example"):
        assert await client.say(b"XFORWARD " + said) == "250 2.0.0 OK"  # Postfix cuts what is long in two
    await client.say(b"MAIL FROM:<gp@surgery.example>")
    assert (await client.say(b"XFORWARD ADDR=198.51.100.9")).startswith("503")
    await client.say(b"RCPT TO:<" + OURS.encode() + b">")
    await client.send(POSTFIX % b"ESMTPS" + MESSAGE)
    assert await client.say(b"XFORWARD ADDR=IPV6:2001:db8::7 HELO=[UNAVAILABLE]") == "250 2.0.0 OK"
    await client.say(b"MAIL FROM:<gp@surgery.example>")
    await client.say(b"RCPT TO:<" + OURS.encode() + b">")
    await client.send(POSTFIX % b"ESMTP" + MESSAGE)
    await client.say(b"MAIL FROM:<gp@surgery.example>")
    await client.say(b"RCPT TO:<" + OURS.encode() + b">")
    await client.send(MESSAGE)
    found = [(e.peer, e.helo, e.tls) for e, _ in taken.mails]
    nothing = ("", "", False)  # what was said was of one mail
    assert found == [("192.0.2.7", "mx+surgery.example", True), ("2001:db8::7", "", False), nothing]
    await client.close()


@pytest.mark.parametrize("said", ["XFORWARD", "XFORWARD LOGIN=x", "XFORWARD ADDR"])
async def test_what_it_says_of_the_sender_may_be_nonsense(place: Path, taken: Taken, said: str) -> None:
    client = await connected(place)
    await client.say(b"LHLO mail.hub.example")
    assert (await client.say(said.encode())).startswith("501" if said != "XFORWARD ADDR" else "250")
    await client.say(b"XFORWARD ADDR=localhost HELO=+")
    await client.say(b"MAIL FROM:<gp@surgery.example>")
    await client.say(b"RCPT TO:<" + OURS.encode() + b">")
    assert (await client.send(MESSAGE)).startswith("250")
    assert [(e.peer, e.helo, e.tls) for e, _ in taken.mails] == [("", "+", False)]
    await client.close()


async def test_from_another_machine_nobody_is_believed(taken: Taken, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here can connect from elsewhere: the address is put in its place."""
    door = listener(taken)
    port = await door.start("127.0.0.1", 0)
    client = await Client.connect(port)
    await client.reply()
    next(iter(door.sessions)).client = "192.0.2.99"
    assert "XFORWARD" not in await client.say(b"LHLO x")
    assert (await client.say(b"XFORWARD ADDR=192.0.2.7")).startswith("550 5.7.1")
    await client.say(b"MAIL FROM:<gp@surgery.example>")
    await client.say(b"RCPT TO:<" + OURS.encode() + b">")
    await client.send(POSTFIX % b"ESMTPS" + MESSAGE)
    assert not taken.mails[0][0].tls
    await client.close()
    await door.stop()


async def test_it_listens_at_a_port_too(taken: Taken) -> None:
    door = listener(taken)
    port = await door.start("127.0.0.1", 0)

    def talk() -> None:
        with socket.create_connection(("127.0.0.1", port)) as raw:
            assert raw.recv(100) == b"220 mx.hub.example LMTP\r\n"

    await asyncio.to_thread(talk)
    await door.stop()
