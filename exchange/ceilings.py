"""Ceilings: how many automatic answers one address gets in a day (RFC 3834 2). Whoever sends more, or is used to fill
somebody's mailbox, is a person's to write to."""

from __future__ import annotations

from exchange.hub import Hub
from exchange.safe import digest
from exchange.store import answers

TOO_MANY = "too_many_answers"


async def reached(hub: Hub, address: str, letter: str, most: int) -> bool:
    """Whether this address has had all the automatic answers of its day, and not this one."""
    known = digest(hub.safe.derive("answers"), address.lower())
    async with hub.database.transaction(hub.scope()) as tx:
        return not await answers.take(tx, known, letter, hub.clock.now(), most)
