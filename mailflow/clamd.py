"""Asking a ClamAV daemon whether it finds something in a file (clamd(8), INSTREAM), over its Unix socket.

1. Only its own word for "nothing found" is one; an error, silence or anything that we do not understand is none.
2. The file goes over the socket: it is written to no disk for the asking.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

SECONDS = 60.0  # for one file: a large document with archives inside takes some
_PIECE = 64 * 1024  # far below what a daemon takes at once
_LARGEST_REPLY = 4096  # octets: one line
_CLEAN, _FOUND = b"stream: OK", b" FOUND"


class Verdict(StrEnum):
    """What the daemon says."""

    CLEAN = "clean"
    FOUND = "found"
    SILENT = "silent"  # it is not there, does not answer, or not so that it means either


@dataclass(frozen=True, slots=True)
class Clamd:
    """One daemon."""

    socket: Path

    async def look(self, content: bytes) -> Verdict:
        """What it finds. Never raises for what the daemon does."""
        try:
            async with asyncio.timeout(SECONDS):
                reply = await self._asked(content)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            return Verdict.SILENT
        if reply == _CLEAN:
            return Verdict.CLEAN
        return Verdict.FOUND if reply.startswith(b"stream: ") and reply.endswith(_FOUND) else Verdict.SILENT

    async def _asked(self, content: bytes) -> bytes:
        reader, writer = await asyncio.open_unix_connection(self.socket)
        try:
            writer.write(b"zINSTREAM\0")
            with contextlib.suppress(ConnectionError):  # it may have said already that this is too large
                for at in range(0, len(content), _PIECE):
                    piece = content[at : at + _PIECE]
                    writer.write(struct.pack(">I", len(piece)) + piece)
                    await writer.drain()
                writer.write(struct.pack(">I", 0))
                await writer.drain()
            return (await reader.read(_LARGEST_REPLY)).rstrip(b"\0\n")
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
