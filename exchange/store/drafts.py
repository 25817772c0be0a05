"""Referrals being written: sealed under a key that only the person's browser holds, and short-lived."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select, update

from exchange.store import schema
from exchange.store.database import Transaction

_d = schema.draft.c


async def put(tx: Transaction, draft_id: str, blob: bytes, expires_at: datetime) -> None:
    """Keep the draft as it is now."""
    values = {"blob": blob, "expires_at": expires_at}
    changed = await tx.run(update(schema.draft).where(_d.hub == tx.hub, _d.id == draft_id).values(**values))
    if changed.rowcount == 0:
        await tx.run(insert(schema.draft).values(hub=tx.hub, id=draft_id, **values))


async def load(tx: Transaction, draft_id: str, now: datetime) -> bytes | None:
    """The draft, unless it has expired."""
    blob: bytes | None = (
        await tx.run(select(_d.blob).where(_d.hub == tx.hub, _d.id == draft_id, _d.expires_at > now))
    ).scalar_one_or_none()
    return blob


async def drop(tx: Transaction, draft_id: str) -> None:
    """It was sent, or given up."""
    await tx.run(delete(schema.draft).where(_d.hub == tx.hub, _d.id == draft_id))


async def sweep(tx: Transaction, now: datetime) -> int:
    """Delete what has expired; returns how many."""
    return (await tx.run(delete(schema.draft).where(_d.hub == tx.hub, _d.expires_at <= now))).rowcount
