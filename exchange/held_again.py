"""Held again: a packet that no transport of its mailbox could carry goes as soon as one of them works.

1. Somebody has renewed a key, brought one, looked at a domain or said the words of a test: then, and once an hour,
   every packet that is held is looked at. It goes with the clock it had; the call that was asked for is done with.
2. Only one that its agency still owes its first word on: not what was answered by telephone, taken back, or asked of
   the same agency anew.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from exchange.case.acknowledgement import Acknowledgement
from exchange.case.delivery import Delivery
from exchange.case.effect import Letter
from exchange.case.state import Case
from exchange.hub import Hub
from exchange.keyroom import Keyroom
from exchange.posting import Held, file_of, recipient
from exchange.store import certificates, journal, outbox
from exchange.store.database import Transaction
from exchange.ways import way

log = structlog.get_logger()
AT_LEAST = timedelta(hours=1)  # what changes by the clock alone: an address that moves, a holiday that ends
_Changes = tuple[int, int, int]


class HeldAgain:
    """One worker that looks whether what is held can go."""

    def __init__(self, hub: Hub, keyroom: Keyroom) -> None:
        self._hub, self._keyroom = hub, keyroom
        self._seen: _Changes | None = None
        self._looked: datetime | None = None

    async def once(self) -> int:
        """Let go what can go by now; returns how many."""
        hub, now = self._hub, self._hub.clock.now()
        async with hub.database.reading(hub.scope()) as tx:
            held = await outbox.held(tx, Letter.PACKET)
            if not held:
                return 0
            changes = await self._changes(tx, now)
        if changes == self._seen and self._looked and now < self._looked + AT_LEAST:
            return 0
        self._looked = now
        gone = [row.id for row in held if await self._goes(row, now)]
        self._seen = changes
        return len(gone)

    async def _changes(self, tx: Transaction, now: datetime) -> _Changes:
        """What is another when a mailbox may be reached otherwise than before."""
        lengths = [await journal.length(tx, stream) for stream in (journal.DIRECTORY, journal.LETTERS)]
        return lengths[0], lengths[1], len(await certificates.in_use(tx, now))

    async def _goes(self, row: outbox.Row, now: datetime) -> bool:
        hub = self._hub
        async with hub.database.reading(hub.scope()) as tx:
            file = await file_of(hub, tx, row.case_id, Letter.PACKET)
        if not _still_wanted(file.case, row.about):
            return False
        to = recipient(Letter.PACKET, row.about, file)
        if isinstance(to, Held) or isinstance(await way(Letter.PACKET, to, file, self._keyroom, now), Held):
            return False
        async with hub.database.transaction(hub.scope()) as tx:
            goes = await outbox.held_no_more(tx, row.id, now)
        log.info("a held packet goes", outbox=row.id)
        return goes


def _still_wanted(case: Case, about: str) -> bool:
    leg = case.leg(about)
    if leg is None or case.closed or leg.delivery is not Delivery.HELD or not leg.owing:
        return False
    later = case.legs[case.legs.index(leg) + 1 :]
    anew = any(other.agency == leg.agency and set(leg.subjects) <= set(other.subjects) for other in later)
    return leg.acknowledgement is Acknowledgement.AWAITED and not anew
