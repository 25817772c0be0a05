"""Pulled: how far a shared mailbox has been read, kept after each mail that is durable: none is passed over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select, update

from exchange.store import schema
from exchange.store.database import Transaction

_p = schema.pulled.c


async def position(tx: Transaction, mailbox: str) -> tuple[int, int] | None:
    """(UIDVALIDITY, UID of the last mail that was dealt with); None for a mailbox never read."""
    row = (await tx.run(select(_p.validity, _p.uid).where(_p.hub == tx.hub, _p.mailbox == mailbox))).one_or_none()
    return (row.validity, row.uid) if row else None


async def begin(tx: Transaction, mailbox: str, validity: int, at: datetime) -> None:
    """None of the mails that this UIDVALIDITY numbers was dealt with yet."""
    await tx.run(delete(schema.pulled).where(_p.hub == tx.hub, _p.mailbox == mailbox))
    await tx.run(insert(schema.pulled).values(hub=tx.hub, mailbox=mailbox, validity=validity, uid=0, at=at))


async def reached(tx: Transaction, mailbox: str, validity: int, uid: int, at: datetime) -> None:
    """Every mail up to this one was dealt with; who reads beside us may have come further already, or begun anew."""
    await tx.run(
        update(schema.pulled)
        .where(_p.hub == tx.hub, _p.mailbox == mailbox, _p.validity == validity, _p.uid < uid)
        .values(uid=uid, at=at)
    )
