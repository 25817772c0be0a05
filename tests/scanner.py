"""A malware scanner as the exchange meets it: a daemon on a Unix socket that speaks clamd's INSTREAM.

It shares no code with the product. It can be away, hang, answer nonsense, and remembers what it was shown.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from pathlib import Path

MARK = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"


class Scanner:
    """One daemon."""

    def __init__(self, socket: Path, *, largest: int = 25_000_000) -> None:
        self.socket, self.largest = socket, largest
        self.seen: list[bytes] = []
        self.says: bytes | None = None  # instead of the truth
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Be there."""
        self._server = await asyncio.start_unix_server(self._one, self.socket)

    async def stop(self) -> None:
        """Be away."""
        if self._server:
            self._server.close()
            await self._server.wait_closed()
        with contextlib.suppress(FileNotFoundError):
            self.socket.unlink()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        command = await reader.readuntil(b"\0")
        assert command == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack(">I", await reader.readexactly(4))[0]:
            content += await reader.readexactly(size)
            if len(content) > self.largest:
                writer.write(b"INSTREAM size limit exceeded. ERROR\0")
                break
        else:
            self.seen.append(content)
            told = b"stream: Eicar-Test-Signature FOUND\0" if MARK in content else b"stream: OK\0"
            writer.write(told if self.says is None else self.says)
        await writer.drain()
        writer.close()
