"""Places for transactions with one server: few at work at once, and whoever is slow is in nobody's way (R11)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

# Seconds after which a transaction gives its place to the next, and goes on beside it: a relay that looks at each
# recipient while we wait must not let one dead domain keep everybody's mail back.
SLOW = 2.0
MOST = 20  # at once, slow ones included (Postfix and Exchange Online allow some more connections)


class Places:
    """Of one server."""

    def __init__(self, brisk: int) -> None:
        self._brisk, self._all = asyncio.Semaphore(brisk), asyncio.Semaphore(max(brisk, MOST))

    @contextlib.asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """A place among those who are at work; whoever is slow gives it up, and keeps only one of the many."""
        async with self._all:
            await self._brisk.acquire()
            at_work = [True]

            def give() -> None:
                if at_work:
                    at_work.pop()
                    self._brisk.release()

            timer = asyncio.get_running_loop().call_later(SLOW, give)
            try:
                yield
            finally:
                timer.cancel()
                give()
