"""A shared mailbox read over the wire, from a real Dovecot: what is taken, what stays, and what is never said."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from exchange.demo.actors.http_server import Answer, HttpServer
from mailflow.shared_mailbox import Access, Look, MailboxAway, SharedMailbox
from tests.mailflow.dovecot import NAME, PASSWORD, USER, Dovecot, dovecot

MAIL = b"From: gp@surgery.example\r\nSubject: %b\r\n\r\nwords \xe9 of %b\r\n..\r\n"
LARGEST = 100_000


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot() as running:
        yield running


@pytest.fixture
async def boxes() -> AsyncIterator[list[SharedMailbox]]:
    made: list[SharedMailbox] = []
    yield made
    for box in made:
        await box.close()


def access(server: Dovecot, folder: str) -> Access:
    return Access(NAME, server.tls_port, USER, lambda: PASSWORD, ca_file=server.ca_file, folder=folder)


def box(boxes: list[SharedMailbox], to: Access, **more: str) -> SharedMailbox:
    boxes.append(SharedMailbox(to, largest=LARGEST, **more))
    return boxes[-1]


def put(server: Dovecot, folder: str, *names: bytes) -> list[bytes]:
    mails = [MAIL % (name, name) for name in names]
    for mail in mails:
        server.deliver(mail, folder)
    return mails


async def test_mail_is_listed_by_uid_and_fetched_octet_by_octet(server: Dovecot, boxes: list[SharedMailbox]) -> None:
    mails = await asyncio.to_thread(put, server, "listed", b"one", b"two")
    here = box(boxes, access(server, "listed"))
    first = await here.look(0, 0)
    validity, waiting = first.validity, first.waiting
    assert validity > 0
    assert first.anew
    assert [one.uid for one in waiting] == [1, 2]
    assert [one.size for one in waiting] == [len(mail) for mail in mails]
    assert [await here.fetch(one.uid) for one in waiting] == mails
    assert await here.look(validity, 1) == Look(validity, False, waiting[1:])
    assert (await here.look(validity, 2)).waiting == ()  # "3:*" names the last one too (RFC 3501 6.4.8)
    assert await here.look(validity + 1, 2) == Look(validity, True, waiting)
    flags = await asyncio.to_thread(server.mails, "listed")
    assert not any(b"\\Seen" in told for told in flags.values())  # nobody's unread mail is marked as read
    await asyncio.to_thread(put, server, "listed", b"three")
    assert [one.uid for one in (await here.look(validity, 2)).waiting] == [3]  # over the same connection
    assert await here.fetch(99) is None  # somebody took it away


async def test_what_was_taken_is_marked(server: Dovecot, boxes: list[SharedMailbox]) -> None:
    mails = await asyncio.to_thread(put, server, "marked", b"one", b"two")
    here = box(boxes, access(server, "marked"), keyword="$Taken")
    await here.look(0, 0)
    await here.put_away(1)
    flags = await asyncio.to_thread(server.mails, "marked")
    assert [b"$Taken" in flags[mail] for mail in mails] == [True, False]


async def test_what_was_taken_is_moved_and_nothing_is_deleted(server: Dovecot, boxes: list[SharedMailbox]) -> None:
    mails = await asyncio.to_thread(put, server, "moved", b"one", b"two")
    here = box(boxes, access(server, "moved"), move_to='Taken "by us"', keyword="$Taken")
    await here.look(0, 0)
    await here.put_away(1)
    await here.put_away(1)  # once more, after a break: there is nothing to move any more
    assert [*await asyncio.to_thread(server.mails, "moved")] == mails[1:]
    assert [*await asyncio.to_thread(server.mails, r'"Taken \"by us\""')] == mails[:1]


async def test_set_back_under_the_same_validity_everything_is_looked_at_again(
    server: Dovecot, boxes: list[SharedMailbox]
) -> None:
    await asyncio.to_thread(put, server, "set-back", b"one", b"two")
    here = box(boxes, access(server, "set-back"))
    validity = (await here.look(0, 0)).validity
    found = await here.look(validity, 4711)
    assert found.anew
    assert [one.uid for one in found.waiting] == [1, 2]


async def test_after_a_break_it_is_in_the_folder_again(server: Dovecot, boxes: list[SharedMailbox]) -> None:
    mails = await asyncio.to_thread(put, server, "broken-off", b"one", b"two")
    here = box(boxes, access(server, "broken-off"))
    await here.look(0, 0)
    assert here._socket
    here._socket.shutdown(socket.SHUT_RDWR)  # the line breaks
    with pytest.raises(MailboxAway):
        await here.fetch(1)
    assert await here.fetch(2) == mails[1]


async def test_starttls_is_as_good(server: Dovecot, boxes: list[SharedMailbox]) -> None:
    await asyncio.to_thread(put, server, "starttls", b"one")
    to = replace(access(server, "starttls"), port=server.plain_port, tls="starttls")
    assert len((await box(boxes, to).look(0, 0)).waiting) == 1


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
async def test_to_whom_cannot_prove_their_name_no_password_is_said(
    server: Dovecot, boxes: list[SharedMailbox], tmp_path: Path, tls: str
) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "another.pem"))
    port = server.tls_port if tls == "implicit" else server.plain_port
    before = server.log.count("Login")
    for to in (
        replace(access(server, "INBOX"), port=port, tls=tls, ca_file=tmp_path / "another.pem"),  # type: ignore[arg-type]
        replace(access(server, "INBOX"), port=port, tls=tls, host="localhost"),  # type: ignore[arg-type]
    ):
        with pytest.raises(MailboxAway) as away:
            await box(boxes, to).look(0, 0)
        assert away.value.code == "tls"
    assert server.log.count("Login") == before


async def test_a_server_stripped_of_starttls_hears_no_password(boxes: list[SharedMailbox]) -> None:
    with dovecot(tls=False) as bare:
        to = Access(NAME, bare.plain_port, USER, lambda: PASSWORD, tls="starttls", ca_file=bare.ca_file)
        with pytest.raises(MailboxAway) as away:
            await box(boxes, to).look(0, 0)
        assert away.value.code == "tls"
        assert USER not in bare.log
        loopback = box(boxes, replace(to, tls="loopback"))
        assert (await loopback.look(0, 0)).waiting == ()  # to this very machine, by the operator's word


def test_no_tls_is_for_this_machine_only() -> None:
    with pytest.raises(ValueError, match="loopback"):
        Access("imap.hub.example", 143, USER, lambda: PASSWORD, tls="loopback")
    assert PASSWORD not in repr(Access(NAME, 143, USER, lambda: PASSWORD))


def unreadable() -> str:
    raise FileNotFoundError


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"secret": lambda: "wrong"}, "login"),
        ({"secret": unreadable}, "login"),
        ({"folder": "nowhere"}, "folder"),
        ({"port": 1}, "connect"),
    ],
    ids=["wrong password", "no file", "no folder", "nobody there"],
)
async def test_why_it_cannot_be_read(
    server: Dovecot, boxes: list[SharedMailbox], change: dict[str, object], code: str
) -> None:
    with pytest.raises(MailboxAway) as away:
        await box(boxes, replace(access(server, "INBOX"), **change)).look(0, 0)  # type: ignore[arg-type]
    assert away.value.code == code


async def test_what_is_larger_than_it_said_is_not_read(server: Dovecot, boxes: list[SharedMailbox]) -> None:
    await asyncio.to_thread(server.deliver, b"Subject: x\r\n\r\n" + b"y" * LARGEST, "large")
    here = box(boxes, access(server, "large"))
    assert [one.size > LARGEST for one in (await here.look(0, 0)).waiting] == [True]
    with pytest.raises(MailboxAway):
        await here.fetch(1)
    assert len((await here.look(0, 0)).waiting) == 1  # over a new connection


async def test_a_token_instead_of_a_password(boxes: list[SharedMailbox]) -> None:
    """XOAUTH2, as Exchange Online and Google want it: here Dovecot asks a server of ours what the token is worth."""
    tokens = HttpServer()
    port = await tokens.start()
    asked = "/?token={}&client_id=&client_secret="
    for token, worth in (("good", {"active": "true", "user": USER}), ("old", {"active": "false"})):
        tokens.pages[asked.format(token)] = Answer(json.dumps(worth).encode(), "application/json")
    with await asyncio.to_thread(lambda: dovecot(tokens_at=port)) as running:
        to = Access(NAME, running.tls_port, USER, lambda: "good", by_token=True, ca_file=running.ca_file)
        assert (await box(boxes, to).look(0, 0)).waiting == ()
        with pytest.raises(MailboxAway) as away:
            await box(boxes, replace(to, secret=lambda: "old")).look(0, 0)
        assert away.value.code == "login"
    await tokens.stop()


async def test_closing_hangs_up_on_an_answer_that_does_not_come() -> None:
    silent = asyncio.Event()

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
        await reader.readline()
        silent.set()
        await reader.read()
        writer.close()

    listening = await asyncio.start_server(session, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    here = SharedMailbox(Access(NAME, port, USER, lambda: PASSWORD, tls="loopback"), largest=LARGEST)
    look = asyncio.ensure_future(here.look(0, 0))
    await silent.wait()
    await here.close()
    with pytest.raises(MailboxAway):
        await look
    listening.close()
    await listening.wait_closed()
