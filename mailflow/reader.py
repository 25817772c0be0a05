"""The limited child process in which strangers' bytes are parsed.

1. One mail costs at most WALL seconds and MEMORY_MAX octets; then its child dies, and only its child.
2. The next mail meets a fresh child: nothing one mail did is left for another.
3. The child holds no key, no database and no address; once started it can open neither file nor socket.

Frames both ways: four octets of length, big-endian, then that many octets.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import struct
import sys
from asyncio.subprocess import PIPE, Process
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from mailflow.parsed_mail import ParsedMail, from_wire, to_wire

WALL = 5.0  # seconds for one mail: the costliest honest one (35 MiB of attachments) takes about one
ORPHAN_WALL = 60  # seconds after which a child ends by itself, should its parent have died meanwhile
START_WALL = 20.0  # seconds for a child to say it is ready, on a busy machine
# Address space. Measured: 37 MiB started, 230 MiB at the peak of a 35 MiB mail with one base64 attachment.
MEMORY_MAX = 512 * 1024 * 1024
ANSWER_MAX = 128 * 1024 * 1024  # octets a child may say: the largest mail's parts, ciphertexts and text
_READY = b"ready"
# Read once before the doors close: the calendar library imports what zones and durations need when it meets them.
_CALENDAR = (
    b"BEGIN:VCALENDAR\r\nMETHOD:COUNTER\r\nBEGIN:VTIMEZONE\r\nTZID:GMT Standard Time\r\nBEGIN:STANDARD\r\n"
    b"DTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\n"
    b"END:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART;TZID=GMT Standard Time:20261124T100000\r\n"
    b"DURATION:PT1H\r\nDTSTAMP;TZID=Europe/London:20261124T100000\r\nATTENDEE;PARTSTAT=DECLINED:mailto:a@b.example\r\n"
    b"END:VEVENT\r\nEND:VCALENDAR\r\n"
)
_ROOT = str(Path(__file__).resolve().parent.parent)


class Reader:
    """Reads mails in children, as many at once as it has; safe to share between tasks."""

    def __init__(self, children: int = 1) -> None:
        self._all = tuple(_Child() for _ in range(children))
        self._idle: asyncio.LifoQueue[_Child] = asyncio.LifoQueue()
        for child in self._all:
            self._idle.put_nowait(child)

    @classmethod
    async def start(cls, children: int = 1) -> Reader:
        """A reader whose children are up."""
        reader = cls(children)
        await asyncio.gather(*(child.up() for child in reader._all))
        return reader

    async def read(self, raw: bytes) -> ParsedMail:
        """The mail as a value: `unreadable` is "timeout" or "crashed" when it killed its child."""
        child = await self._idle.get()
        try:
            return await child.read(raw)
        finally:
            self._idle.put_nowait(child)

    async def close(self) -> None:
        """End the children."""
        await asyncio.gather(*(child.end() for child in self._all))


class _Child:
    """One process, or none yet, or none any more: it comes up when there is something to read."""

    def __init__(self) -> None:
        self._process: Process | None = None

    async def up(self) -> Process:
        """The running process, started now if need be."""
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "mailflow.reader"),
                stdin=PIPE,
                stdout=PIPE,
                env={"PYTHONPATH": _ROOT, "PYTHONDONTWRITEBYTECODE": "1"},  # nothing else of ours is its business
                cwd="/",
            )
            try:
                await asyncio.wait_for(_receive(self._process), START_WALL)
            except (TimeoutError, asyncio.IncompleteReadError):
                await self.end()
                raise ReaderNotStarted from None
        return self._process

    async def read(self, raw: bytes) -> ParsedMail:
        process = await self.up()
        try:
            return from_wire(await asyncio.wait_for(_exchange(process, raw), WALL))
        except TimeoutError:
            why = "timeout"
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            why = "crashed"
        except asyncio.CancelledError:
            await self.end()  # its answer would be taken for the next mail's
            raise
        await self.end()
        return ParsedMail(unreadable=why)

    async def end(self) -> None:
        """Kill it, and wait until it is gone."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        if process.stdin is not None:
            process.stdin.close()
        await process.communicate()


class ReaderNotStarted(RuntimeError):
    """The process that reads mail did not start: look for `mailflow.reader` in its standard error output."""


async def _exchange(process: Process, raw: bytes) -> bytes:
    assert process.stdin is not None  # noqa: S101 - asked for with PIPE
    process.stdin.write(struct.pack(">I", len(raw)) + raw)
    await process.stdin.drain()
    return await _receive(process)


async def _receive(process: Process) -> bytes:
    assert process.stdout is not None  # noqa: S101 - asked for with PIPE
    (size,) = struct.unpack(">I", await process.stdout.readexactly(4))
    if size > ANSWER_MAX:
        raise ValueError("answer too large")
    return await process.stdout.readexactly(size)


def _limit() -> None:
    """After this the process can use its two pipes, compute, and nothing else."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # its parent says when it ends
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # a traceback could show a line of somebody's mail
    os.closerange(3, 256)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold somebody's mail
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))  # 0, 1, 2 are open: no file and no socket is opened again


def _serve(inbound: BinaryIO, outbound: BinaryIO) -> None:
    while len(head := inbound.read(4)) == 4:
        (size,) = struct.unpack(">I", head)
        signal.alarm(ORPHAN_WALL)
        raw = inbound.read(size)
        report, supposed = delivery_report.read_both(raw)
        answer = to_wire(replace(mime.read(raw), report=report, supposed=supposed))
        signal.alarm(0)
        _say(outbound, answer)


def _say(outbound: BinaryIO, answer: bytes) -> None:
    outbound.write(struct.pack(">I", len(answer)))
    outbound.write(answer)
    outbound.flush()


if __name__ == "__main__":
    from mailflow import charset, delivery_report, meeting, mime

    charset.load_all()
    zones = meeting.load_zones()
    mime.read(b"From: =?utf-8?q?a?= <a@b.example>\r\nDate: x\r\n\r\nwarm\r\n")  # imports what is imported late
    subject = b"=?utf-8?b?ZmFpbHVyZQ==?= =?utf-8?q?notice?="
    mime.read(b"Content-Type: text/calendar\r\n\r\n" + _CALENDAR)
    delivery_report.read_report(b"From: mailer-daemon@a.example\nSubject: " + subject + b"\n\nfailed: b@c.example\n")
    _limit()
    _say(sys.stdout.buffer, _READY)
    _serve(sys.stdin.buffer, sys.stdout.buffer)
    os._exit(0)
