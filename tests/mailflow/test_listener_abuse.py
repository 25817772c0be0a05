"""Who is no mail client, or would keep others out, is hung up on."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from mailflow.listener import Limits, Listener
from tests.mailflow.octets import MESSAGE, OURS, Client, Open, Taken, another

# -- abuse

HANGS_UP = {
    "bare LF": (b"EHLO x\n", "500 5.5.2"),
    "bare LF pipelined": (b"EHLO x\nMAIL FROM:<a@b.example>\n", "500 5.5.2"),
    "POST": (b"POST / HTTP/1.1\r\nHost: x\r\n\r\nEHLO x\r\n", "421 4.7.0"),
    "get": (b"get / HTTP/1.0\r\n", "421 4.7.0"),
    "CONNECT": (b"CONNECT hub.example:25 HTTP/1.1\r\n", "421 4.7.0"),
    "PUT": (b"PUT /x HTTP/1.1\r\n", "421 4.7.0"),
    "label": (b"Host: hub.example\r\nEHLO x\r\n", "421 4.7.0"),
    "BDAT": (b"EHLO x\r\nBDAT 5 LAST\r\nhello", "421 4.7.0"),
}


@pytest.mark.parametrize("name", HANGS_UP)
async def test_what_is_no_mail_client_is_hung_up_on(listener_open: Open, taken: Taken, name: str) -> None:
    octets, code = HANGS_UP[name]
    client = await listener_open()
    await client.reply()
    client.writer.write(octets)
    last = (await client.rest()).rstrip().split("\r\n")[-1]
    assert last.startswith(code)
    assert taken.mails == []


async def test_an_endless_line_is_hung_up_on(listener_open: Open) -> None:
    client = await listener_open()
    await client.reply()
    with contextlib.suppress(ConnectionError):  # hung up on with octets unread: TCP may reset
        client.writer.write(b"EHLO " + b"x" * 500_000)
        await client.rest()
    other = await another(client)
    assert (await other.reply()).startswith("220")
    await other.close()


REFUSED = {
    b"RCPT TO:<nobody@hub.example>": "550 5.1.1",
    b"RCPT TO:<>": "553 5.1.3",
    b"RCPT TO:<victim%hub.example@evil.example>": "553 5.1.3",
    b'RCPT TO:<"a b"@hub.example>': "553 5.1.3",
    b"RCPT TO:<referrals@hub.example>,<x@y.example>": "501",
    b"RCPT TO:<referrals@hub.example> NOTIFY=NEVER": "555",
    b"RCPT TO:<referrals@hub.example>\rRCPT TO:<x@y.example>": "500 5.5.2",
    b"RCPT TO:<referrals@hub.example\0@evil.example>": "500 5.5.2",
    "RCPT TO:<referr\u200bals@hub.example>".encode(): "500 5.5.2",
    b"RCPT TO:<" + b"a" * 300 + b"@hub.example>": "553 5.1.3",
    b"AUTH PLAIN AGEAYg==": "502",
    b"EXPN list": "502",
    b"HELP": "502",
    b"STARTTLS": "502",
    b"VRFY referrals@hub.example": "252",
    b"NOSUCH thing": "502",
    b"NOOP " + b"x" * 3000: "500 5.5.6",
    b"DATA": "503",
}


@pytest.mark.parametrize("command", REFUSED)
async def test_commands_that_get_nowhere(listener_open: Open, command: bytes) -> None:
    client = await listener_open()
    await client.reply()
    await client.say(b"EHLO x")
    await client.say(b"MAIL FROM:<a@b.example>")
    assert (await client.say(command)).startswith(REFUSED[command])
    assert (await client.say(b"RCPT TO:<" + OURS.encode() + b">")).startswith("250")  # the session goes on


async def test_an_unknown_recipient_does_not_spoil_a_known_one(listener_open: Open, taken: Taken) -> None:
    client = await listener_open()
    await client.begin()
    assert (await client.say(b"RCPT TO:<gone@hub.example>")).startswith("550 5.1.1")
    assert (await client.send(MESSAGE)).startswith("250")
    assert taken.mails[0][0].recipients == (OURS,)


async def test_too_many_recipients(taken: Taken) -> None:
    listener = Listener(taken, lambda a: True, "mx.hub.example", limits=Limits(recipients=3))
    client = await Client.connect(await listener.start("127.0.0.1", 0))
    await client.begin()
    said = [(await client.say(b"RCPT TO:<n%d@hub.example>" % n))[:9] for n in range(3)]
    assert said == ["250 2.1.5", "250 2.1.5", "452 4.5.3"]
    await client.close()
    await listener.stop()


async def test_too_many_errors(listener_open: Open) -> None:
    client = await listener_open(limits=Limits(errors=3))
    client.writer.write(b"NOSUCH\r\n" * 10)
    said = (await client.rest()).split("\r\n")
    assert [line[:3] for line in said if line] == ["220", "502", "502", "502", "502", "421"]


async def test_commands_without_end_are_ended_and_a_message_begins_the_count_anew(listener_open: Open) -> None:
    client = await listener_open(limits=Limits(idling=3))
    client.writer.write(b"NOOP\r\n" * 10)
    said = (await client.rest()).split("\r\n")
    assert [line[:3] for line in said if line] == ["220", "250", "250", "250", "421"]


async def test_one_recipient_named_without_end_is_ended_too(listener_open: Open) -> None:
    client = await listener_open(limits=Limits(idling=10))
    client.writer.write(b"EHLO a.example\r\nMAIL FROM:<a@b.example>\r\n" + b"RCPT TO:<hub@hub.example>\r\n" * 20)
    assert "421 4.7.0 Too many commands" in await client.rest()


async def test_too_many_connections(listener_open: Open) -> None:
    first = await listener_open(limits=Limits(connections=1))
    assert (await first.reply()).startswith("220")
    second = await another(first)
    assert (await second.rest()).startswith("421 4.3.2")
    await second.close()
    assert (await first.say(b"NOOP")).startswith("250")


async def test_one_client_alone_keeps_nobody_out(listener_open: Open) -> None:
    first = await listener_open(limits=Limits(connections=3, per_client=1))
    assert (await first.reply()).startswith("220")
    second = await another(first)
    assert (await second.rest()).startswith("421 4.3.2")
    elsewhere = Client(
        *await asyncio.open_connection("127.0.0.1", first.port, local_addr=("127.0.0.2", 0))  # type: ignore[attr-defined]
    )
    assert (await elsewhere.reply()).startswith("220")
    for one in (second, elsewhere):
        await one.close()


async def test_who_drips_octets_is_hung_up_on_in_the_end(listener_open: Open, taken: Taken) -> None:
    client = await listener_open(limits=Limits(session=0.3))
    await client.begin()
    await client.say(b"DATA")
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(10):
            while not client.reader.at_eof():  # never idle, and never at an end
                client.writer.write(b"x")
                await client.writer.drain()
                await asyncio.sleep(0.01)
    assert taken.mails == []


async def test_who_leaves_without_a_word_leaves_room_at_once(listener_open: Open, taken: Taken) -> None:
    client = await listener_open(limits=Limits(per_client=2))
    for lines in (
        b"",
        b"EHLO x\r\n",
        b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<%b>\r\nDATA\r\nhalf" % OURS.encode(),
    ):
        for _ in range(3):
            gone = await another(client)
            assert (await gone.reply()).startswith("220")
            gone.writer.write(lines)
            gone.writer.write_eof()  # as a load balancer's look whether somebody is there
            assert "421" not in await gone.rest()
            await gone.close()
    assert not taken.mails


async def test_who_says_all_at_once_and_closes_half_of_the_line_hears_that_it_is_taken(
    listener_open: Open, taken: Taken
) -> None:
    client = await listener_open()
    taken.held = asyncio.Event()
    envelope = b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<%b>\r\nDATA\r\n" % OURS.encode()
    client.writer.write(envelope + MESSAGE + b".\r\n")
    client.writer.write_eof()
    await asyncio.wait_for(taken.began.wait(), 10)
    taken.held.set()
    assert (await client.rest()).endswith("250 2.0.0 Taken\r\n")
    assert len(taken.mails) == 1


async def test_overload_is_temporary(listener_open: Open) -> None:
    client = await listener_open(overloaded=lambda: True)
    await client.reply()
    await client.say(b"EHLO x")
    assert (await client.say(b"MAIL FROM:<a@b.example>")).startswith("452 4.3.1")


async def test_who_says_nothing_is_hung_up_on(listener_open: Open) -> None:
    client = await listener_open(limits=Limits(idle=0.1))
    await client.rest()


async def test_how_long_we_take_is_not_the_clients_idleness(listener_open: Open, taken: Taken) -> None:
    taken.held = asyncio.Event()
    client = await listener_open(limits=Limits(idle=0.1))
    await client.begin()
    asyncio.get_running_loop().call_later(0.4, taken.held.set)
    assert (await client.send(MESSAGE)).startswith("250")
