"""A child process that works on strangers' bytes and can do nothing else: one question, one answer, or its end.

1. One question costs at most the seconds its asker gives and MEMORY_MAX octets; then the child dies, and only it.
2. The child holds no key, no database and no address; once started it can open neither file nor socket.

Frames both ways: four octets of length, big-endian, then that many octets. The first octet of a question says which
kind it is.
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
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

ORPHAN_WALL = 60  # seconds after which a child ends by itself, should its parent have died meanwhile
START_WALL = 20.0  # seconds for a child to say it is ready, on a busy machine
# Address space. Measured: 60 MiB started, 250 MiB at the peak of a 35 MiB mail with one base64 attachment.
MEMORY_MAX = 512 * 1024 * 1024
ANSWER_MAX = 128 * 1024 * 1024  # octets a child may say: the largest mail's parts, ciphertexts and text
_READY = b"ready"
_ROOT = str(Path(__file__).resolve().parent.parent)


class Died(Exception):
    """The child was ended over a question: by its time ("timeout") or by what it did ("crashed")."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class Child:
    """One process, or none yet, or none any more: it comes up when there is something to do."""

    def __init__(self, program: str) -> None:
        self._program = program  # the module that it runs
        self._process: Process | None = None

    @property
    def is_up(self) -> bool:
        """Whether it could answer at once."""
        return self._process is not None and self._process.returncode is None

    async def up(self) -> Process:
        """The running process, started now if need be."""
        if self._process is None or not self.is_up:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", self._program),
                stdin=PIPE,
                stdout=PIPE,
                env={"PYTHONPATH": _ROOT, "PYTHONDONTWRITEBYTECODE": "1"},  # nothing else of ours is its business
                cwd="/",
            )
            try:
                await asyncio.wait_for(_receive(self._process), START_WALL)
            except (TimeoutError, asyncio.IncompleteReadError):
                await self.end()
                raise NotStarted(self._program) from None
        return self._process

    async def ask(self, question: bytes, wall: float) -> bytes:
        """What it answers. Raises Died."""
        process = await self.up()
        try:
            return await asyncio.wait_for(_exchange(process, question), wall)
        except TimeoutError:
            why = "timeout"
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            await process.wait() if process.stdout and process.stdout.at_eof() else None
            why = "timeout" if process.returncode == -signal.SIGPROF else "crashed"  # its own clock ended it
        except asyncio.CancelledError:
            await self.end()  # its answer would be taken for the next question's
            raise
        await self.end()
        raise Died(why)

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


class NotStarted(RuntimeError):
    """A limited process did not start: look for the name of its module in the standard error output."""


async def _exchange(process: Process, question: bytes) -> bytes:
    assert process.stdin is not None  # noqa: S101 - asked for with PIPE
    process.stdin.write(struct.pack(">I", len(question)) + question)
    await process.stdin.drain()
    return await _receive(process)


async def _receive(process: Process) -> bytes:
    assert process.stdout is not None  # noqa: S101 - asked for with PIPE
    (size,) = struct.unpack(">I", await process.stdout.readexactly(4))
    if size > ANSWER_MAX:
        raise ValueError("answer too large")
    return await process.stdout.readexactly(size)


def serve(answers: Mapping[bytes, Callable[[bytes], bytes]]) -> None:
    """In the child: close every door, say so, and answer until the parent is gone. What is imported late must have
    been imported by now."""
    _limit()
    inbound, outbound = sys.stdin.buffer, sys.stdout.buffer
    _say(outbound, _READY)
    while len(head := inbound.read(4)) == 4:
        (size,) = struct.unpack(">I", head)
        signal.alarm(ORPHAN_WALL)
        kind, content = inbound.read(1), inbound.read(size - 1)
        answer = answers[kind](content)
        signal.alarm(0)
        _say(outbound, answer)
    os._exit(0)


def _limit() -> None:
    """After this the process can use its two pipes, compute, and nothing else."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # its parent says when it ends
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # a traceback could show a line of somebody's mail
    os.closerange(3, 256)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold somebody's mail
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))  # 0, 1, 2 are open: no file and no socket is opened again


def _say(outbound: BinaryIO, answer: bytes) -> None:
    outbound.write(struct.pack(">I", len(answer)))
    outbound.write(answer)
    outbound.flush()
