"""The key store: wrapped data keys, apart from the database, so that forgetting a key forgets what it sealed.

An orphan key is harmless; a body without its key is lost. Keys are therefore written before what they seal.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, insert, select

from exchange.store.database import Transaction
from exchange.store.schema import wrapped_key

_k = wrapped_key.c


async def put(tx: Transaction, keys: Iterable[tuple[bytes, str, bytes]], made: int) -> None:
    """Keep wrapped keys: (id, compartment, wrapped)."""
    rows = [{"id": i, "compartment": c, "blob": b, "made": made} for i, c, b in keys]
    if rows:
        await tx.run(insert(wrapped_key), rows)


async def find(tx: Transaction, key_id: bytes) -> tuple[str, bytes] | None:
    """(compartment, wrapped) of a key, or None when it was forgotten."""
    row = (await tx.run(select(_k.compartment, _k.blob).where(_k.id == key_id))).one_or_none()
    return (row.compartment, row.blob) if row else None


async def of_compartments(tx: Transaction, compartments: Iterable[str]) -> frozenset[bytes]:
    """The ids of all keys of these compartments."""
    rows = await tx.run(select(_k.id).where(_k.compartment.in_(sorted(compartments))))
    return frozenset(bytes(row.id) for row in rows)


async def present(tx: Transaction, keys: Iterable[bytes]) -> frozenset[bytes]:
    """Those of these keys that are still here."""
    return frozenset(bytes(row.id) for row in await tx.run(select(_k.id).where(_k.id.in_(sorted(keys)))))


async def destroy(tx: Transaction, keys: Iterable[bytes]) -> None:
    """Destroy these keys: what they sealed can never be read again."""
    await tx.run(delete(wrapped_key).where(_k.id.in_(sorted(keys))))


async def forget(tx: Transaction, compartment: str) -> int:
    """Destroy every key of a compartment: what they sealed can never be read again. Returns how many."""
    return (await tx.run(delete(wrapped_key).where(_k.compartment == compartment))).rowcount
