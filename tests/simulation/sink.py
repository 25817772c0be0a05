"""A mail server that takes, puts off or refuses mail and remembers when, by the clock of the simulation.

It shares no code with the product: what is asked of the product is looked at in what arrives here.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

Judge = Callable[[str], str]  # recipient -> the reply to RCPT


@dataclass(frozen=True)
class Mail:
    """One message that was taken."""

    at: datetime
    to: str
    content: bytes

    @property
    def message_id(self) -> str:
        return self._header(b"message-id")

    @property
    def subject(self) -> str:
        return self._header(b"subject")

    @property
    def reference(self) -> str:
        found = re.search(r"MASH-\w{4}-\w{4}", self.subject)
        return found[0] if found else ""

    @property
    def sealed(self) -> bool:
        return b"multipart/encrypted" in self.content[:4000]

    @property
    def calendar(self) -> bool:
        return b"text/calendar" in self.content

    def _header(self, name: bytes) -> str:
        found = re.search(rb"^" + name + rb": *(.*?)\r\n(?![ \t])", self.content, re.I | re.M | re.S)
        return found[1].decode() if found else ""


class Sink:
    """Listens on a free port of loopback."""

    def __init__(self, now: Callable[[], datetime], judge: Judge, taken: Callable[[Mail], None]) -> None:
        self._now, self._judge, self._taken = now, judge, taken
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**24)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        assert self._server
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(line: str) -> None:
            writer.write(line.encode() + b"\r\n")

        say("220 sink.example ESMTP")
        to = ""
        while line := (await reader.readline()).decode("ascii", "replace").strip():
            verb = line[:4].upper()
            if verb in ("EHLO", "HELO"):
                say("250-sink.example\r\n250-SIZE 40000000\r\n250-8BITMIME\r\n250-DSN\r\n250 ENHANCEDSTATUSCODES")
            elif verb == "RCPT":
                to = line[line.index("<") + 1 : line.index(">")]
                say(self._judge(to))
            elif verb == "DATA":
                say("354 go on")
                content = (await reader.readuntil(b"\r\n.\r\n"))[:-3]
                self._taken(Mail(self._now(), to, content.replace(b"\r\n..", b"\r\n.")))
                say("250 2.0.0 taken by sink.example")
            elif verb == "QUIT":
                say("221 bye")
                break
            else:
                say("250 ok")
            await writer.drain()
        writer.close()
