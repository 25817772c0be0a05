"""A web server on loopback: a domain's policy host, or a gateway for short messages; it remembers what was asked.

It serves what its pages say and nothing else, and misbehaves on request as real servers do.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str] = field(repr=False)  # names in lower case
    body: bytes = field(repr=False)


@dataclass
class Answer:
    """What is said to whoever asks for a path."""

    body: bytes = b""
    content_type: str = "text/plain"
    status: str = "200 OK"
    headers: tuple[str, ...] = ()
    hangs: bool = False  # the head is sent, and never the body


class HttpServer:
    """One web server."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
        self.pages: dict[str, Answer] = {}
        self.asked: list[Asked] = []
        self._arrival = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen; the port that was free."""
        self._server = await asyncio.start_server(self._session, host, port, ssl=self.tls)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is not None:
            self._server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def wait_for(self, number: int, timeout: float = 10.0) -> Asked:
        """The request of this number, from 1. Raises TimeoutError."""
        async with asyncio.timeout(timeout), self._arrival:
            await self._arrival.wait_for(lambda: len(self.asked) >= number)
        return self.asked[number - 1]

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._open.add(task)
            task.add_done_callback(self._open.discard)
        try:
            await self._answer(reader, writer)
        except (ConnectionError, EOFError, ssl.SSLError, asyncio.CancelledError):
            pass  # a client may leave at any moment
        finally:
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = lines[0].split(" ", 2)
        pairs = (line.partition(":") for line in lines[1:] if line)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        async with self._arrival:
            self.asked.append(Asked(method, path, headers, body))
            self._arrival.notify_all()
        answer = self.pages.get(path, Answer(status="404 Not Found"))
        head = [f"HTTP/1.1 {answer.status}", f"Content-Type: {answer.content_type}", *answer.headers]
        length = 1 if answer.hangs else len(answer.body)
        writer.write("\r\n".join([*head, f"Content-Length: {length}", "Connection: close", "", ""]).encode("latin-1"))
        await writer.drain()
        if answer.hangs:
            await asyncio.Event().wait()
        writer.write(answer.body)
        await writer.drain()
