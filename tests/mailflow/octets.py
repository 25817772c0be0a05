"""A client of the door for mail that speaks octets, and an accept that remembers."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from mailflow.listener import Envelope

OURS = "referrals@hub.example"
MESSAGE = b"From: gp@surgery.example\r\nSubject: hello\r\n\r\nwords\r\n"


@dataclass
class Taken:
    """An accept that remembers."""

    mails: list[tuple[Envelope, bytes]] = field(default_factory=list)
    fails: Exception | None = None
    held: asyncio.Event | None = None
    began: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, envelope: Envelope, content: bytes) -> int:
        self.began.set()
        if self.held is not None:
            await self.held.wait()
        if self.fails is not None:
            raise self.fails
        self.mails.append((envelope, content))
        return len(self.mails)


class Client:
    """Speaks octets, so that it can say what no library would."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def connect(cls, port: int) -> Client:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def reply(self) -> str:
        lines = []
        while True:
            line = (await asyncio.wait_for(self.reader.readline(), 10)).decode()
            lines.append(line.rstrip("\r\n"))
            if line[3:4] != "-":
                return "\n".join(lines)

    async def say(self, line: bytes) -> str:
        self.writer.write(line + b"\r\n")
        return await self.reply()

    async def begin(self, recipient: str = OURS) -> None:
        assert (await self.reply()).startswith("220")
        assert (await self.say(b"EHLO client.example")).startswith("250")
        assert (await self.say(b"MAIL FROM:<gp@surgery.example>")).startswith("250")
        assert (await self.say(b"RCPT TO:<%b>" % recipient.encode())).startswith("250")

    async def send(self, content: bytes) -> str:
        assert (await self.say(b"DATA")).startswith("354")
        self.writer.write(content + b".\r\n")
        return await self.reply()

    async def rest(self) -> str:
        """Everything until the server hangs up."""
        return (await asyncio.wait_for(self.reader.read(), 10)).decode()

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await self.writer.wait_closed()


Open = Callable[..., Awaitable[Client]]


async def another(client: Client) -> Client:
    return await Client.connect(client.port)  # type: ignore[attr-defined]
