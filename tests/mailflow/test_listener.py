"""The door for mail, spoken to octet by octet over a real socket."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl

import pytest
import trustme
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailflow.listener import Envelope, Limits, Listener
from tests.mailflow.octets import MESSAGE, OURS, Client, Open, Taken, another

# -- the ordinary way


async def test_a_mail_is_handed_on_octet_by_octet(listener_open: Open, taken: Taken) -> None:
    client = await listener_open()
    await client.begin("Referrals@HUB.example")
    odd = b"..one dot\r\nbare\nlf bare\rcr nul\0\xff\r\n.\r.\n\r\n" + b"x" * 200_000 + b"\r\n..\r\n"
    assert (await client.send(MESSAGE + odd)).startswith("250 2.0.0")
    [(envelope, content)] = taken.mails
    unstuffed = b".one dot\r\nbare\nlf bare\rcr nul\0\xff\r\n\r.\n\r\n" + b"x" * 200_000 + b"\r\n.\r\n"
    assert content == MESSAGE + unstuffed
    assert envelope == Envelope("gp@surgery.example", (OURS,), "127.0.0.1", "client.example", False)
    assert "surgery" not in repr(envelope)
    assert OURS not in repr(envelope)


async def test_what_it_announces(listener_open: Open) -> None:
    client = await listener_open()
    greeting = await client.reply()
    assert greeting == "220 mx.hub.example ESMTP"  # which software and version is nobody's business
    said = (await client.say(b"EHLO client.example")).split("\n")
    assert said == ["250-mx.hub.example", "250-SIZE 36700160", "250 8BITMIME"]


async def test_bounces_come_from_nobody(listener_open: Open, taken: Taken) -> None:
    client = await listener_open()
    await client.reply()
    await client.say(b"EHLO x")
    await client.say(b"MAIL FROM:<>")
    await client.say(b"RCPT TO:<" + OURS.encode() + b">")
    await client.send(b"")
    [(envelope, content)] = taken.mails
    assert (envelope.mail_from, content) == ("", b"")


async def test_250_is_said_only_after_accept_returned(listener_open: Open, taken: Taken) -> None:
    taken.held = asyncio.Event()
    client = await listener_open()
    await client.begin()
    await client.say(b"DATA")
    client.writer.write(MESSAGE + b".\r\nNOOP\r\n")
    await taken.began.wait()
    early = asyncio.ensure_future(client.reply())
    done, _ = await asyncio.wait({early}, timeout=0.3)
    assert not done
    taken.held.set()
    assert (await early).startswith("250 2.0.0")
    assert (await client.reply()).startswith("250")  # NOOP, only now


async def test_a_failure_of_ours_is_temporary_and_says_nothing(
    listener_open: Open, taken: Taken, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    taken.fails = RuntimeError("disk of gp@surgery.example full: secret")
    client = await listener_open()
    await client.begin()
    assert await client.send(MESSAGE) == "451 4.3.0 Try again later"
    taken.fails = None
    await client.say(b"MAIL FROM:<gp@surgery.example>")
    await client.say(b"RCPT TO:<" + OURS.encode() + b">")
    assert (await client.send(MESSAGE)).startswith("250")
    assert "RuntimeError" in caplog.text
    for private in ("surgery", "secret", OURS, "words"):
        assert private not in caplog.text


async def test_a_client_that_leaves_does_not_undo_an_accept(listener_open: Open, taken: Taken) -> None:
    taken.held = asyncio.Event()
    client = await listener_open()
    await client.begin()
    await client.say(b"DATA")
    client.writer.write(MESSAGE + b".\r\n")
    await taken.began.wait()
    client.writer.transport.abort()
    other = await another(client)
    await other.begin()  # the server has noticed by now, or will
    taken.held.set()
    assert (await other.send(MESSAGE)).startswith("250")
    await other.close()
    assert len(taken.mails) == 2


async def test_stop_finishes_what_is_being_taken(taken: Taken) -> None:
    taken.held = asyncio.Event()
    listener = Listener(taken, lambda a: True, "mx.hub.example")
    client = await Client.connect(await listener.start("127.0.0.1", 0))
    await client.begin()
    await client.say(b"DATA")
    client.writer.write(MESSAGE + b".\r\n")
    await taken.began.wait()
    stopping = asyncio.ensure_future(listener.stop())
    await asyncio.sleep(0)
    taken.held.set()
    await stopping
    assert (await client.rest()).startswith("250 2.0.0")
    await client.close()


# -- smuggling (CVE-2023-51764 and its kin): one message, whatever stands in it

SMUGGLED = (
    b"MAIL FROM:<ceo@trusted.example>\r\nRCPT TO:<" + OURS.encode() + b">\r\nDATA\r\nSubject: x\r\n\r\nevil\r\n"
)
TERMINATORS = {
    "LF.CRLF": b"\n.\r\n",
    "CRLF.LF": b"\r\n.\n",
    "LF.LF": b"\n.\n",
    "CR.CRLF": b"\r.\r\n",
    "CRLF.CR": b"\r\n.\r",
    "CR.CR": b"\r.\r",
    "LF.CR": b"\n.\r",
    "CR.LF": b"\r.\n",
    "CRLF NUL.CRLF": b"\r\n\0.\r\n",
    "CRLF.NUL CRLF": b"\r\n.\0\r\n",
    "CRLF.CRCRLF": b"\r\n.\r\r\n",
    "CRCRLF.CRCRLF": b"\r\r\n.\r\r\n",
    "CRLF SP.CRLF": b"\r\n .\r\n",
    "CRLF.SP CRLF": b"\r\n. \r\n",
    "CRLF..CRLF": b"\r\n..\r\n",
    "LFLF.CRLFLF": b"\n\n.\r\n\n",
    "NEL": "\u0085.\u0085".encode(),
    "LS": "\u2028.\u2028".encode(),
    "VT": b"\x0b.\x0b",
    "FF": b"\x0c.\x0c",
    "ESC": b"\r\n\x1b.\r\n",
}


@pytest.mark.parametrize("split", [False, True], ids=["whole", "byte by byte"])
@pytest.mark.parametrize("name", TERMINATORS)
async def test_nothing_is_smuggled(listener_open: Open, taken: Taken, name: str, split: bool) -> None:
    client = await listener_open()
    await client.begin()
    await client.say(b"DATA")
    content = b"Subject: first\r\n\r\nhello" + TERMINATORS[name] + SMUGGLED
    for piece in [content[i : i + 1] for i in range(len(content))] if split else [content]:
        client.writer.write(piece)
        await client.writer.drain()
        await asyncio.sleep(0)
    client.writer.write(b"\r\n.\r\n")
    assert (await client.reply()).startswith("250 2.0.0")
    assert (await client.say(b"QUIT")).startswith("221")  # nothing else was answered in between
    [(envelope, got)] = taken.mails
    assert envelope.mail_from == "gp@surgery.example"
    assert got == (content + b"\r\n").replace(b"\r\n.", b"\r\n")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(
        st.sampled_from([b".", b"..", b"\n", b"\r", b"\0", b"a", b"", b" .", b".\r.", b"\n.\n"]), max_size=8
    ),
    cuts=st.lists(st.integers(0, 40), max_size=4),
)
def test_any_content_in_any_pieces_arrives_as_it_was(lines: list[bytes], cuts: list[int]) -> None:
    content = b"".join(line + b"\r\n" for line in lines)
    stuffed = b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines)
    # A line of ours may hold CRLF only at its end, else it is two lines and stuffing differs.
    asyncio.run(_pieces(content, stuffed + b".\r\n", sorted(cuts)))


async def _pieces(content: bytes, wire: bytes, cuts: list[int]) -> None:
    taken = Taken()
    listener = Listener(taken, lambda a: True, "mx.hub.example")
    client = await Client.connect(await listener.start("127.0.0.1", 0))
    await client.begin()
    await client.say(b"DATA")
    for a, b in zip([0, *cuts], [*cuts, len(wire)], strict=True):
        client.writer.write(wire[a:b])
        await client.writer.drain()
        await asyncio.sleep(0)
    assert (await client.reply()).startswith("250 2.0.0")
    await client.close()
    await listener.stop()
    assert [mail for _, mail in taken.mails] == [content]


# -- size


async def test_a_declared_size_too_big_is_refused_at_once(listener_open: Open) -> None:
    client = await listener_open(limits=Limits(size=1000))
    await client.reply()
    assert "250-SIZE 1000" in await client.say(b"EHLO x")
    assert (await client.say(b"MAIL FROM:<a@b.example> SIZE=1001")).startswith("552 5.3.4")
    assert (await client.say(b"MAIL FROM:<a@b.example> SIZE=1000")).startswith("250")


@pytest.mark.parametrize(("octets", "code"), [(1000, "250 2.0.0"), (1001, "552 5.3.4"), (1900, "552 5.3.4")])
async def test_an_undeclared_size_is_refused_at_the_end(
    listener_open: Open, taken: Taken, octets: int, code: str
) -> None:
    client = await listener_open(limits=Limits(size=1000))
    await client.begin()
    assert (await client.send(b"x" * (octets - 2) + b"\r\n")).startswith(code)
    assert (await client.say(b"NOOP")).startswith("250")
    assert len(taken.mails) == (code[0] == "2")


async def test_many_large_messages_at_once_are_put_off(listener_open: Open, taken: Taken) -> None:
    taken.held = asyncio.Event()
    first = await listener_open(limits=Limits(memory=1000))
    await first.begin()
    await first.say(b"DATA")
    first.writer.write(b"x" * 900 + b"\r\n.\r\n")
    await taken.began.wait()
    second = await another(first)
    await second.begin()
    assert (await second.send(b"x" * 200 + b"\r\n")).startswith("452 4.3.1")
    taken.held.set()
    assert (await first.reply()).startswith("250")
    await second.say(b"MAIL FROM:<gp@surgery.example>")
    await second.say(b"RCPT TO:<" + OURS.encode() + b">")
    assert (await second.send(b"x" * 200 + b"\r\n")).startswith("250")  # there is room again
    await second.close()


async def test_a_message_without_end_is_cut_off(listener_open: Open, taken: Taken) -> None:
    client = await listener_open(limits=Limits(size=1000))
    await client.begin()
    await client.say(b"DATA")
    with contextlib.suppress(ConnectionError):
        for _ in range(100):
            client.writer.write(b"x" * 70_000)
            await client.writer.drain()
    with contextlib.suppress(ConnectionError):
        await client.rest()
    assert taken.mails == []


# -- STARTTLS


@pytest.fixture
def listener_authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def listener_tls(listener_authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    listener_authority.issue_cert("mx.hub.example").configure_cert(context)
    return context


async def to_tls(client: Client, authority: trustme.CA) -> None:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    await client.writer.start_tls(context, server_hostname="mx.hub.example")


async def test_mail_over_tls_says_so(
    listener_open: Open, taken: Taken, listener_tls: ssl.SSLContext, listener_authority: trustme.CA
) -> None:
    client = await listener_open(tls=listener_tls)
    await client.reply()
    assert "STARTTLS" in await client.say(b"EHLO x")
    assert (await client.say(b"STARTTLS")).startswith("220")
    await to_tls(client, listener_authority)
    said = await client.say(b"EHLO client.example")
    assert "STARTTLS" not in said
    assert "AUTH" not in said
    assert (await client.say(b"STARTTLS")).startswith("503")
    await client.say(b"MAIL FROM:<gp@surgery.example>")
    await client.say(b"RCPT TO:<" + OURS.encode() + b">")
    assert (await client.send(MESSAGE + b"y" * 300_000 + b"\r\n")).startswith("250")
    assert taken.mails[0][0].tls


async def test_tls_is_not_required(listener_open: Open, taken: Taken, listener_tls: ssl.SSLContext) -> None:
    client = await listener_open(tls=listener_tls)
    await client.begin()
    await client.send(MESSAGE)
    assert not taken.mails[0][0].tls


async def test_commands_slipped_in_before_tls_are_discarded(
    listener_open: Open, taken: Taken, listener_tls: ssl.SSLContext, listener_authority: trustme.CA
) -> None:
    """CVE-2024-34083: what an attacker appends to STARTTLS in the clear must not be obeyed inside TLS."""
    client = await listener_open(tls=listener_tls)
    await client.reply()
    await client.say(b"EHLO x")
    client.writer.write(
        b"STARTTLS\r\nEHLO evil\r\nMAIL FROM:<evil@b.example>\r\nRCPT TO:<" + OURS.encode() + b">\r\n"
    )
    assert (await client.reply()).startswith("220")
    await to_tls(client, listener_authority)
    assert (await client.say(b"DATA")).startswith("503")  # nothing before it counted
    assert (await client.say(b"RCPT TO:<" + OURS.encode() + b">")).startswith("503")
    assert taken.mails == []


async def test_what_was_said_before_tls_is_forgotten(
    listener_open: Open, listener_tls: ssl.SSLContext, listener_authority: trustme.CA
) -> None:
    client = await listener_open(tls=listener_tls)
    await client.begin()
    await client.say(b"STARTTLS")
    await to_tls(client, listener_authority)
    assert (await client.say(b"MAIL FROM:<a@b.example>")).startswith("503")  # RFC 3207 4.2: EHLO again


async def test_a_broken_handshake_harms_nobody_else(listener_open: Open, listener_tls: ssl.SSLContext) -> None:
    client = await listener_open(tls=listener_tls)
    await client.reply()
    await client.say(b"EHLO x")
    await client.say(b"STARTTLS")
    client.writer.write(b"this is no handshake\r\n" * 20)
    with contextlib.suppress(ConnectionError):
        await asyncio.wait_for(client.reader.read(), 10)
    other = await another(client)
    assert (await other.reply()).startswith("220")
    await other.close()
