"""Traffic: which letters are under way in this process, so that nobody who is slow or dead keeps the others waiting.

1. So many letters are being written at once as a worker takes in one batch, and a few dozen more wait for the
   servers of others: a server that does not answer costs a place among those, and no worker.
2. To one mailbox so many at once and no more: ten thousand letters for a dead one leave all other places free (R11).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterator

MOST = 60  # letters that wait for servers at once: each may be as large as a mail may be
TO_ONE = 2  # of them to one mailbox
SWIFT = 0.5  # seconds that a letter waits for those before it, rather than be claimed again later


class Traffic:
    """The letters of one worker."""

    def __init__(self, batch: int) -> None:
        self._batch = batch
        self._in_hand = 0  # claimed, and not waiting for a server
        self._going = 0  # waiting for a server
        self._lanes: Counter[str] = Counter()  # letters to each mailbox that are on their way
        self._places: dict[str, asyncio.Semaphore] = {}  # the same, for those who wait
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: set[asyncio.Task[None]] = set()  # for a server
        self._moved = asyncio.Event()
        self._stopping = False

    async def room(self) -> int:
        """How many more letters may be claimed; waits until there is room for one."""
        while (room := min(self._batch - self._in_hand, MOST - self._in_hand - self._going)) <= 0:
            self._moved.clear()
            await self._moved.wait()
        return room

    @property
    def full(self) -> frozenset[str]:
        """The mailboxes to which as many letters are on their way as may be."""
        return frozenset(mailbox for mailbox, number in self._lanes.items() if number >= TO_ONE)

    def begin(self, work: Coroutine[None, None, None], letters: int) -> None:
        """See to so many letters that were claimed; `done` is said of each by `work`."""
        self._in_hand += letters
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def done(self, letters: int = 1) -> None:
        """They are settled, put off, or left to their lease."""
        self._in_hand -= letters
        self._moved.set()

    @contextlib.asynccontextmanager
    async def lane(self, mailbox: str) -> AsyncIterator[bool]:
        """Whether one more letter may be on its way to this mailbox, and a place for it as long as it is; where those
        before it go swiftly it waits for them. Whoever is in no directory gets too few letters to keep anybody
        waiting."""
        if not mailbox:
            yield True
            return
        places = self._places.setdefault(mailbox, asyncio.Semaphore(TO_ONE))
        try:
            async with asyncio.timeout(SWIFT):
                await places.acquire()
        except TimeoutError:
            yield False
            return
        self._lanes[mailbox] += 1
        try:
            yield True
        finally:
            self._lanes[mailbox] -= 1
            places.release()

    @contextlib.contextmanager
    def going(self) -> Iterator[None]:
        """A letter waits for a server."""
        if self._stopping:
            raise asyncio.CancelledError
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - this is called from one
        self._waiting.add(task)
        self._in_hand, self._going = self._in_hand - 1, self._going + 1
        self._moved.set()
        try:
            yield
        finally:
            self._in_hand, self._going = self._in_hand + 1, self._going - 1
            self._waiting.discard(task)

    async def finish(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def stop(self) -> None:
        """Leave what waits for a server to its lease, and finish what is in hand: nothing is cut off while it is
        being stored."""
        self._stopping = True
        for task in self._waiting:
            task.cancel()
        await self.finish()
