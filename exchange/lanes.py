"""Lanes: mail is read in the order in which it came, but one that takes long is overtaken by other people's.

1. Of one sender to one address the order is kept: "received" and then "decline" is not "decline" and then "received".
2. At most LANES are read at once; a hostile mail holds one of them, and the next mail has the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

LANES = 2  # as many as there are children to read in
PATIENCE = 0.4  # seconds until a mail is overtaken; an ordinary one takes a tenth of that


class Lanes:
    """Begins one reading after the other; each ends by itself, and raises nothing."""

    def __init__(self, lanes: int = LANES, patience: float = PATIENCE) -> None:
        self._lanes, self._patience = lanes, patience
        self._busy: dict[asyncio.Task[None], str] = {}

    async def begin(self, of: str, reading: Coroutine[None, None, None]) -> None:
        """Begin it when it may begin; returns when it has ended, or may be overtaken. `of` names whose it is."""
        while before := self._before(of):
            await asyncio.wait(before, return_when=asyncio.FIRST_COMPLETED)
        task = asyncio.create_task(reading)
        self._busy[task] = of
        task.add_done_callback(self._busy.pop)
        await asyncio.wait({task}, timeout=self._patience)

    def _before(self, of: str) -> list[asyncio.Task[None]]:
        """What must end first."""
        theirs = [task for task, whose in self._busy.items() if whose == of]
        return theirs or (list(self._busy) if len(self._busy) >= self._lanes else [])

    async def stop(self) -> None:
        """End what is being read: its lease lapses, and it is read again."""
        busy = list(self._busy)
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)
