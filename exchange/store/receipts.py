"""Receipt codes: 130 random bits that open the receipt page of one case. Only a keyed digest is kept (T23)."""

from __future__ import annotations

from sqlalchemy import insert, select

from exchange.store import schema
from exchange.store.database import Transaction


async def put(tx: Transaction, digest: str, case_id: str) -> None:
    """Let this code open the case's receipt page."""
    known = await find(tx, digest)
    if known is None:
        await tx.run(insert(schema.receipt).values(hub=tx.hub, digest=digest, case_id=case_id))


async def find(tx: Transaction, digest: str) -> str | None:
    """The case of a code's digest."""
    r = schema.receipt.c
    case_id: str | None = (
        await tx.run(select(r.case_id).where(r.hub == tx.hub, r.digest == digest))
    ).scalar_one_or_none()
    return case_id
