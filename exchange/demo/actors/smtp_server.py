"""An agency's mail server: takes mail by SMTP into a Maildir per address, and remembers every word said.

1. Octets are stored and remembered exactly as they came, dots unstuffed.
2. Only CRLF.CRLF ends a message.
3. It misbehaves on request, by recipient or for all, in the ways that real servers do.
"""

from __future__ import annotations

import asyncio
import contextlib
import mailbox
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

LINE_MAX = 64 * 1024  # octets of one command or line of a message: a test may send long ones
_ADDRESS = re.compile(r"(?:FROM|TO):<([^<>]*)>", re.IGNORECASE)


class Act(StrEnum):
    """What becomes of mail for an address."""

    ACCEPT = "accept"
    DEFER = "defer"  # 451 to RCPT
    REFUSE = "refuse"  # 550 to RCPT
    REFUSE_CONTENT = "refuse content"  # 554 after the final dot, as a gateway that does not like ciphertext
    HANG = "hang"  # no answer to RCPT
    TARPIT = "tarpit"  # the answer to RCPT comes one octet at a time
    DROP_AT_DATA = "drop at data"  # 354, then the connection is cut
    DROP_AFTER_DOT = "drop after dot"  # stored, then cut without an answer: the sender cannot know
    HANG_AFTER_DOT = "hang after dot"  # stored, then silence


@dataclass(frozen=True)
class Delivered:
    """One mail in one Maildir."""

    address: str
    mail_from: str
    path: Path
    content: bytes = field(repr=False)  # as it came over the wire


@dataclass
class Session:
    """What was said over one connection."""

    tls: bool = False
    said: list[str] = field(default_factory=list)  # "C: ..." and "S: ...", commands only
    content: list[bytearray] = field(default_factory=list)  # what followed each 354, complete or not
    mail_from: str = ""
    recipients: list[str] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    @property
    def commands(self) -> list[str]:
        """The verbs the client used, in order."""
        return [line[3:].split(" ")[0].upper() for line in self.said if line.startswith("C: ")]


class _HungUp(Exception):
    """The server ends the session here."""


class MailServer:
    """One mail server on loopback."""

    def __init__(self, maildir_root: Path, tls: ssl.SSLContext | None = None) -> None:
        self.root = maildir_root
        self.root.mkdir(parents=True, exist_ok=True)
        self.tls = tls
        self.default = Act.ACCEPT
        self.acts: dict[str, Act] = {}  # by recipient address, lower case
        self.replies: dict[str, str] = {}  # verb (or "" for the greeting, "." for the end) to what is said instead
        self.offers_starttls = True  # False: somebody on the way strips it
        self.offers_dsn = False
        self.offers_auth = False
        self.offers_requiretls = False
        self.largest = 50_000_000
        self.tarpit_pause = 0.05  # seconds between two octets
        self.sessions: list[Session] = []
        self.delivered: list[Delivered] = []
        self._arrival = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen; the port that was free."""
        self._server = await asyncio.start_server(self._session, host, port, limit=LINE_MAX)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is not None:
            self._server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def cut_connections(self) -> None:
        """Cut every connection, as a server does that was restarted; go on listening."""
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def wait_for_mail(
        self, address: str, predicate: Callable[[Delivered], bool] = lambda _: True, timeout: float = 10.0
    ) -> Delivered:
        """The first mail for `address` that fits, past or to come. Raises TimeoutError."""

        def found() -> Delivered | None:
            return next((d for d in self.delivered if d.address == address.lower() and predicate(d)), None)

        async with asyncio.timeout(timeout), self._arrival:
            await self._arrival.wait_for(lambda: found() is not None)
        mail = found()
        if mail is None:
            raise TimeoutError
        return mail

    def mails(self, address: str) -> list[Delivered]:
        """All mail for an address, oldest first."""
        return [d for d in self.delivered if d.address == address.lower()]

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._open.add(task)
            task.add_done_callback(self._open.discard)
        dialogue = _Dialogue(self, reader, writer)
        try:
            await dialogue.run()
        except (ConnectionError, EOFError, ssl.SSLError, _HungUp, asyncio.CancelledError):
            pass  # a session may end in any way; what was said stands in the transcript
        finally:
            dialogue.session.ended.set()
            writer.transport.abort() if dialogue.cut else writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def store(self, session: Session, content: bytes) -> None:
        """Put one mail into the Maildir of each recipient and tell who waits."""
        for address in session.recipients:
            box = mailbox.Maildir(self.root / address, create=True)
            trace = f"Return-Path: <{session.mail_from}>\r\nDelivered-To: {address}\r\n".encode()
            key = box.add(trace + content)
            path = self.root / address / "new" / key
            self.delivered.append(Delivered(address, session.mail_from, path, content))
        async with self._arrival:
            self._arrival.notify_all()


class _Dialogue:
    """One connection."""

    def __init__(self, server: MailServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.session = Session()
        self.cut = False
        server.sessions.append(self.session)

    async def run(self) -> None:
        await self._say(self.server.replies.get("", "220 mail.agency.example ESMTP"))
        while True:
            line = await self.reader.readuntil(b"\r\n")
            command = line[:-2].decode("latin-1")
            self.session.said.append(f"C: {command}")
            verb, _, rest = command.partition(" ")
            await self._answer(verb.upper(), rest)

    async def _answer(self, verb: str, rest: str) -> None:
        if verb in self.server.replies:
            await self._say(self.server.replies[verb])
            return
        handler = getattr(self, f"_do_{verb.lower()}", None)
        if handler is None:
            await self._say("500 5.5.2 what?")
        else:
            await handler(rest)

    async def _do_ehlo(self, _: str) -> None:
        server = self.server
        offers = ["mail.agency.example", "8BITMIME", f"SIZE {server.largest}"]
        offers += ["DSN"] * server.offers_dsn + ["AUTH PLAIN"] * server.offers_auth
        offers += ["REQUIRETLS"] * (server.offers_requiretls and self.session.tls)
        offers += ["STARTTLS"] * (server.tls is not None and server.offers_starttls and not self.session.tls)
        await self._say("\r\n".join([*(f"250-{x}" for x in offers[:-1]), f"250 {offers[-1]}"]))

    async def _do_starttls(self, _: str) -> None:
        if self.server.tls is None or not self.server.offers_starttls:
            await self._say("502 5.5.1 not here")
            return
        await self._say("220 2.0.0 go ahead")
        await self.writer.start_tls(self.server.tls)
        self.session.tls = True

    async def _do_auth(self, _: str) -> None:
        await self._say("235 2.7.0 welcome")

    async def _do_mail(self, rest: str) -> None:
        found = _ADDRESS.match(rest)
        size = re.search(r" SIZE=(\d+)", rest, re.IGNORECASE)
        if size and int(size[1]) > self.server.largest:
            await self._say("552 5.3.4 too large")
            return
        self.session.mail_from, self.session.recipients = found[1] if found else "", []
        await self._say("250 2.1.0 ok")

    async def _do_rcpt(self, rest: str) -> None:
        found = _ADDRESS.match(rest)
        address = found[1].lower() if found else ""
        match self._act(address):
            case Act.DEFER:
                await self._say("451 4.3.0 try again later")
            case Act.REFUSE:
                await self._say("550 5.1.1 no such mailbox")
            case Act.HANG:
                await asyncio.Event().wait()
            case Act.TARPIT:
                await self._drip("250 2.1.5 ok")
                self.session.recipients.append(address)
            case _:
                self.session.recipients.append(address)
                await self._say("250 2.1.5 ok")

    async def _do_data(self, _: str) -> None:
        if not self.session.recipients:
            await self._say("503 5.5.1 no valid recipients")
            return
        await self._say("354 end with a dot")
        act = self._act(self.session.recipients[0])
        if act is Act.DROP_AT_DATA:
            self.cut = True
            raise _HungUp
        content = await self._content()
        if act is Act.REFUSE_CONTENT:
            await self._say("554 5.7.1 content not allowed")
            return
        await self.server.store(self.session, content)
        self.session.recipients = []
        await self._after_dot(act)

    async def _after_dot(self, act: Act) -> None:
        if act is Act.DROP_AFTER_DOT:
            self.cut = True
            raise _HungUp
        if act is Act.HANG_AFTER_DOT:
            await asyncio.Event().wait()
        await self._say(self.server.replies.get(".", f"250 2.0.0 queued as {len(self.server.delivered)}"))

    async def _content(self) -> bytes:
        lines: list[bytes] = []
        self.session.content.append(bytearray())
        while (line := await self.reader.readuntil(b"\r\n")) != b".\r\n":
            lines.append(line[1:] if line.startswith(b".") else line)
            self.session.content[-1] += line
        return b"".join(lines)

    async def _do_rset(self, _: str) -> None:
        self.session.recipients = []
        await self._say("250 2.0.0 ok")

    async def _do_noop(self, _: str) -> None:
        await self._say("250 2.0.0 ok")

    async def _do_quit(self, _: str) -> None:
        await self._say("221 2.0.0 bye")
        raise _HungUp

    def _act(self, address: str) -> Act:
        return self.server.acts.get(address, self.server.default)

    async def _say(self, reply: str) -> None:
        self.session.said += [f"S: {line}" for line in reply.split("\r\n")]
        self.writer.write(reply.encode() + b"\r\n")
        await self.writer.drain()
        if reply.startswith("421"):
            raise _HungUp

    async def _drip(self, reply: str) -> None:
        for octet in (reply + "\r\n").encode():
            self.writer.write(bytes([octet]))
            await self.writer.drain()
            await asyncio.sleep(self.server.tarpit_pause)
