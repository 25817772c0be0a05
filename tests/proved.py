"""Mailboxes whose people have proved them, for tests of what comes after: a test was asked, and rung about."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from exchange import app
from exchange.config import read as settings_of
from exchange.edge import SystemClock
from exchange.hub import Hub
from exchange.store import drills


async def proved(hub: Hub, *mailboxes: str) -> None:
    """As if the words of a test had been read out to staff by telephone."""
    at = hub.clock.now()
    async with hub.database.transaction(hub.scope("operator")) as tx:
        for mailbox in mailboxes:
            made = await drills.put(tx, mailbox, at, at + timedelta(days=2))
            assert made
            await drills.left(tx, made.id, "tls", "", at, at)
            await drills.answered(tx, made.id, drills.TELEPHONE, at)


async def proved_in(settings: Path, *mailboxes: str) -> None:
    """In a hub that is not served yet."""
    async with app.opened(settings_of(settings), SystemClock()) as exchange:
        await proved(exchange.hub, *mailboxes)
