"""Scanning: the loop in which the malware scanner looks at each file that waits for it.

1. What waits is what has a clock that says so: a file is asked about again and again until the scanner has looked.
2. A scanner that is silent changes nothing here; the clock runs out, and a person is told (case/attaching.py). It is
   asked from time to time, so that the desk hears of it before somebody wants to open a file of a mail.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from exchange import attachments
from exchange.case.attaching import CLOCK
from exchange.case.attachment import FileScanned
from exchange.case.effect import TaskKind
from exchange.hub import Hub
from exchange.stepping import lower, raise_once
from exchange.store import clocks
from mailflow.clamd import Clamd, Verdict

log = structlog.get_logger()
HEALTH = timedelta(minutes=1)  # between two questions whether it is there
_NOTHING = b"nothing\n"
AGAIN = timedelta(seconds=5)  # a scanner that was silent is asked again no sooner


@dataclass
class Scanning:
    """One worker that has files looked at."""

    hub: Hub
    scanner: Clamd
    _not_before: datetime | None = field(default=None)
    _asked: datetime | None = field(default=None)

    async def once(self) -> int:
        """Have every file that waits looked at; returns how many were."""
        now = self.hub.clock.now()
        await self._health(now)
        if self._not_before and now < self._not_before:
            return 0
        async with self.hub.database.reading(self.hub.scope()) as tx:
            waiting = await clocks.named(tx, f"{CLOCK}:")
        done = 0
        for clock in waiting:
            looked = await self._one(clock)
            if looked is Verdict.SILENT:
                log.warning("the malware scanner does not answer", waiting=len(waiting) - done)
                self._not_before = now + AGAIN
                return done
            done += looked is not None
        return done

    async def _health(self, now: datetime) -> None:
        """Whether it is there."""
        if self._asked and now < self._asked + HEALTH:
            return
        self._asked = now
        silent = await self.scanner.look(_NOTHING) is Verdict.SILENT
        async with self.hub.database.transaction(self.hub.scope()) as tx:
            await (raise_once if silent else lower)(tx, TaskKind.SCANNER_AWAY, "scanner", now)

    async def _one(self, clock: clocks.Clock) -> Verdict | None:
        """What the scanner says; None for a file that is gone."""
        hub, file = self.hub, clock.name.partition(":")[2]
        async with hub.database.reading(hub.scope()) as tx:
            content = await attachments.content_of(hub, tx, clock.case_id, file)
        if content is None:
            return None
        said = await self.scanner.look(content)
        if said is not Verdict.SILENT:
            event = FileScanned(hub.clock.now(), file, clean=said is Verdict.CLEAN)
            await hub.record(clock.case_id, event, f"scan:{file}")
        return said
