"""Referrals being written: sealed under a key that only the person's browser holds, and short-lived."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, insert, select, update

from exchange.store import schema
from exchange.store.database import Transaction

_d = schema.draft.c
_FILE = "/"  # between the id of a draft and that of a file of it


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


async def put_file(tx: Transaction, draft_id: str, file: str, blob: bytes, expires_at: datetime) -> None:
    """Keep one file of a draft."""
    await put(tx, f"{draft_id}{_FILE}{file}", blob, expires_at)


async def load_file(tx: Transaction, draft_id: str, file: str) -> bytes | None:
    """One file of a draft."""
    mine = (_d.hub == tx.hub, _d.id == f"{draft_id}{_FILE}{file}")
    blob: bytes | None = (await tx.run(select(_d.blob).where(*mine))).scalar_one_or_none()
    return blob


async def extend_files(tx: Transaction, draft_id: str, expires_at: datetime) -> None:
    """They last as long as their draft."""
    mine = (_d.hub == tx.hub, _d.id.startswith(f"{draft_id}{_FILE}", autoescape=True))
    await tx.run(update(schema.draft).where(*mine).values(expires_at=expires_at))


async def drop_files(tx: Transaction, draft_id: str, file: str = "") -> None:
    """They were sent, or taken away: all, or one."""
    await tx.run(
        delete(schema.draft).where(_d.hub == tx.hub, _d.id.startswith(f"{draft_id}{_FILE}{file}", autoescape=True))
    )


async def count_files(tx: Transaction) -> int:
    """How many files wait to be sent, of all drafts together."""
    query = select(func.count()).where(_d.hub == tx.hub, _d.id.contains(_FILE, autoescape=True))
    found: int = (await tx.run(query)).scalar_one()
    return found


async def sweep(tx: Transaction, now: datetime) -> int:
    """Delete what has expired; returns how many."""
    return (await tx.run(delete(schema.draft).where(_d.hub == tx.hub, _d.expires_at <= now))).rowcount
