"""Clockwatch: the loop in which silence becomes an event."""

from __future__ import annotations

from exchange.case.event import ClockRanOut
from exchange.fault import fault
from exchange.hub import Hub
from exchange.store import casebook, clocks

BATCH = 50  # clocks a turn, so that a hub coming back after an outage still lets others in between


class Clockwatch:
    """One worker that watches the clocks."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def once(self) -> int:
        """Let every clock that ran out speak; returns how many did."""
        for done in range(BATCH):
            if not await self._one():
                return done
        return BATCH

    async def _one(self) -> bool:
        # Taking the clock, the event and the clocks it sets anew are one transaction: a crash leaves the clock due.
        hub, now = self._hub, self._hub.clock.now()
        async with hub.database.transaction(hub.scope()) as tx:
            clock = await clocks.take(tx, now)
            if clock is None:
                return False
            fault("clockwatch.before-record")
            # It ran out because it was taken here. Its name and time do not tell it apart: what was past when a case
            # was opened again, and two shares of one working day, are the same clock at the same time.
            event_id = hub.chance.id()
            cause = f"clock:{clock.case_id}:{clock.name}:{event_id}"
            await casebook.record(tx, clock.case_id, ClockRanOut(now, clock.name), event_id=event_id, cause=cause)
            return True
