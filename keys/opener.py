"""Strangers' ciphertext is opened in limited children; this is the side that asks, and ends them.

1. One message costs at most WALL seconds and the child's memory; then its child dies with all that it started, and
   only its child. The next message meets another, while a fresh one comes up.
2. The hub's key reaches a child through a pipe: never an argument, the environment or a file.
3. A child that dies or talks nonsense is a value (`timeout`, `crashed`), never an exception and never content.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Iterable
from pathlib import Path

from exchange.case.sealed import NotOpened, Opened, Signer, UnknownSigner, Unsigned, Unwrapped
from keys.openpgp.keyring import OpenerKeys
from keys.openpgp.open import OUTPUT_MAX
from keys.refusal import Refused
from keys.wire import READY, Answer, heard, pack, unpack

__all__ = ["Opener", "OpenerKeys", "OpenerNotStarted"]

WALL = 20.0  # seconds for one message: 50 MiB through gpg take two on a busy machine
START_WALL = 20.0  # seconds for a child to say it is ready
ANSWER_MAX = OUTPUT_MAX + 1024  # octets a child may say: the largest content and a few words
_ROOT = str(Path(__file__).resolve().parent.parent)


class OpenerNotStarted(Refused):
    """The process that opens mail did not start: run `python -m keys.opener_child` by hand and see what it says."""


class Opener:
    """Opens and verifies in children, as many at once as it has; safe to share between tasks."""

    def __init__(self, keys: OpenerKeys, children: int = 1, wall: float = WALL) -> None:
        self._all = tuple(_Child(keys, wall) for _ in range(children))
        self._idle: asyncio.LifoQueue[_Child] = asyncio.LifoQueue()
        self._reviving: set[asyncio.Task[None]] = set()
        for child in self._all:
            self._idle.put_nowait(child)

    @classmethod
    async def start(cls, keys: OpenerKeys, children: int = 1, wall: float = WALL) -> Opener:
        """An opener of which one child is up; the others come up when there is more to do at once. Raises
        OpenerNotStarted."""
        opener = cls(keys, children, wall)
        await opener._all[-1].up()  # the one that is given first
        return opener

    async def open(self, ciphertext: bytes, certificates: Iterable[bytes]) -> Opened | NotOpened:
        """The content and who signed it, one of these armored certificates' holders or nobody known."""
        answer = await self._ask(b"open", ciphertext, *certificates)
        return answer if isinstance(answer, Opened | NotOpened) else NotOpened("crashed")

    async def verify(self, signed: bytes, signature: bytes, certificates: Iterable[bytes]) -> Signer:
        """Who signed exactly these octets; UnknownSigner when that cannot be said."""
        answer = await self._ask(b"verify", signed, signature, *certificates)
        return UnknownSigner() if isinstance(answer, Opened | Unwrapped | NotOpened | Unsigned) else answer

    async def open_smime(self, data: bytes, certificates: Iterable[bytes]) -> Opened | Unwrapped | NotOpened:
        """What is inside one layer of S/MIME: sealed to us, or only wrapped in a signature."""
        answer = await self._ask(b"open_smime", data, *certificates)
        return answer if isinstance(answer, Opened | Unwrapped | NotOpened) else NotOpened("crashed")

    async def verify_smime(
        self, signed: bytes, signature: bytes, certificates: Iterable[bytes]
    ) -> Signer | NotOpened:
        """Who made this detached S/MIME signature; NotOpened(tampered) when it is of other octets than these."""
        answer = await self._ask(b"verify_smime", signed, signature, *certificates)
        return UnknownSigner() if isinstance(answer, Opened | Unwrapped | Unsigned) else answer

    async def _ask(self, *parts: bytes) -> Answer:
        child = await self._idle.get()
        try:
            return await child.ask(*parts)
        finally:
            if child.is_up:
                self._idle.put_nowait(child)
            else:  # nobody is given a dead one while another lives
                revival = asyncio.create_task(self._revive(child))
                self._reviving.add(revival)
                revival.add_done_callback(self._reviving.discard)

    async def _revive(self, child: _Child) -> None:
        with contextlib.suppress(OpenerNotStarted, OSError):  # whoever needs it next hears why
            await child.up()
        self._idle.put_nowait(child)

    async def close(self) -> None:
        """End the children."""
        await asyncio.gather(*self._reviving)
        await asyncio.gather(*(child.end() for child in self._all))


class _Child:
    """One process, or none yet, or none any more: it comes up when there is something to open."""

    def __init__(self, keys: OpenerKeys, wall: float) -> None:
        self._keys, self._wall = keys, wall
        self._process: Process | None = None

    @property
    def is_up(self) -> bool:
        """Whether it could answer at once."""
        return self._process is not None and self._process.returncode is None

    async def up(self) -> Process:
        """The running process, started now if need be."""
        if self._process is not None and self.is_up:
            return self._process
        self._process = process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "keys.opener_child"),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,  # a traceback could show a line of somebody's mail
            env={"PYTHONPATH": _ROOT, "PYTHONDONTWRITEBYTECODE": "1", "PATH": os.environ.get("PATH", os.defpath)},
            cwd="/",
            start_new_session=True,  # a group of its own, so that the gpg it runs ends with it
        )
        try:
            await asyncio.wait_for(self._begin(process), START_WALL)
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError, ValueError):
            await self.end()
            raise OpenerNotStarted("the process that opens mail did not start") from None
        return process

    async def _begin(self, process: Process) -> None:
        keys = self._keys
        openpgp = (os.fsencode(keys.home.absolute()), keys.passphrase.encode(), keys.secret)
        said = await _exchange(process, pack(*openpgp, keys.smime_passphrase.encode(), *keys.smime))
        if said != [READY]:
            raise ValueError("not ready")

    async def ask(self, *parts: bytes) -> Answer:
        """One job. Whatever becomes of it, the child is ready for the next or gone."""
        try:
            process = await self.up()
            return heard(await asyncio.wait_for(_exchange(process, pack(*parts)), self._wall))
        except TimeoutError:
            why = "timeout"
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):  # OpenerNotStarted and WireRefused too
            why = "crashed"
        except asyncio.CancelledError:
            await self.end()  # its answer would be taken for the next message's
            raise
        await self.end()
        return NotOpened(why)

    async def end(self) -> None:
        """Kill it and what it started, and wait until it is gone."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        if process.stdin is not None:
            process.stdin.close()
        await process.communicate()


async def _exchange(process: Process, frame: bytes) -> list[bytes]:
    assert process.stdin is not None  # noqa: S101 - both asked for with PIPE
    assert process.stdout is not None  # noqa: S101
    process.stdin.write(frame)
    await process.stdin.drain()
    size = int.from_bytes(await process.stdout.readexactly(4), "big")
    if size > ANSWER_MAX:
        raise ValueError("answer too large")
    return unpack(await process.stdout.readexactly(size))
