"""Streams: events one after the other, each chained to the one before it.

1. A link is SHA-256 over the link before and every stored part: an edit, a gap or a swap shows (see audit.py).
2. A case's stream grows by `casebook.record` alone. The streams below belong to the hub as a whole: who was shown
   what, what changed in the directory, what was advised without names, what became of the hub's own letters,
   and the heads that are sent outside.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, text

from exchange.store import schema
from exchange.store.database import Transaction

GENESIS = "0" * 64
ACCESS, DIRECTORY, HEADS, CONSULTATIONS, LETTERS = "access", "directory", "heads", "consultations", "letters"
OF_THE_HUB = frozenset(
    {ACCESS, DIRECTORY, HEADS, CONSULTATIONS, LETTERS}
)  # an id of a case is longer than any of these

_e = schema.event.c


async def append(
    tx: Transaction,
    stream: str,
    seq: int,
    event_id: str,
    kind: str,
    at: datetime,
    cause: str,
    journey: str,
    digests: Mapping[str, str],
) -> str:
    """Add the event as number `seq` of its stream; returns its link. `digests` are those of its sealed bodies."""
    link = chain(await _last_link(tx, stream, seq - 1), stream, seq, event_id, kind, at, cause, journey, digests)
    await tx.run(
        insert(schema.event).values(
            hub=tx.hub, stream=stream, seq=seq, id=event_id, kind=kind, at=at, cause=cause, journey=journey,
            chain=link,
        )
    )  # fmt: skip
    return link


async def _last_link(tx: Transaction, stream: str, seq: int) -> str:
    if seq == 0:
        return GENESIS
    row = await tx.run(select(_e.chain).where(_e.hub == tx.hub, _e.stream == stream, _e.seq == seq))
    link: str = row.scalar_one()
    return link


def chain(
    before: str,
    stream: str,
    seq: int,
    event_id: str,
    kind: str,
    at: datetime,
    cause: str,
    journey: str,
    digests: Mapping[str, str],
) -> str:
    """The next link: SHA-256 over the one before and every stored part, each with its length before it."""
    parts = [before, stream, str(seq), event_id, kind, at.isoformat(), cause, journey]
    parts += [part for name in sorted(digests) for part in (name, digests[name])]
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


async def note(tx: Transaction, stream: str, kind: str, at: datetime, event_id: str, **facts: Any) -> tuple[int, str]:
    """Write one line of a stream of the hub, codes and ids only; returns its number and link."""
    await _one_at_a_time(tx, stream)
    row = await tx.run(select(func.max(_e.seq)).where(_e.hub == tx.hub, _e.stream == stream))
    seq = (row.scalar_one() or 0) + 1
    journey = json.dumps({"by": tx.actor, **facts}, sort_keys=True, separators=(",", ":"))
    return seq, await append(tx, stream, seq, event_id, kind, at, f"{stream}:{event_id}", journey, {})


async def note_once(tx: Transaction, stream: str, kind: str, at: datetime, event_id: str, **facts: Any) -> bool:
    """Write a line whose id follows from what it says; False when somebody has, whichever node they are on."""
    await _one_at_a_time(tx, stream)
    if await has(tx, event_id):
        return False
    await note(tx, stream, kind, at, event_id, **facts)
    return True


async def has(tx: Transaction, event_id: str) -> bool:
    """Whether a line of this id was written."""
    known = await tx.run(select(_e.id).where(_e.hub == tx.hub, _e.id == event_id))
    return known.scalar_one_or_none() is not None


async def facts_of(tx: Transaction, event_id: str) -> dict[str, Any]:
    """What the line of this id says; nothing, when nobody has written it."""
    known = (await tx.run(select(_e.journey).where(_e.hub == tx.hub, _e.id == event_id))).scalar_one_or_none()
    found: dict[str, Any] = json.loads(known) if known else {}
    return found


async def _one_at_a_time(tx: Transaction, stream: str) -> None:
    # SQLite has one writer anyway; on PostgreSQL two nodes would take the same number.
    if tx.connection.dialect.name == "postgresql":
        key = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
        await tx.connection.execute(key, {"name": f"{tx.hub}/{stream}"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a stream of the hub."""

    at: datetime
    kind: str  # "Viewed", "CertificatePinned"...
    by: str  # a staff id, "operator" or "system"
    facts: dict[str, Any]  # codes and ids


async def length(tx: Transaction, stream: str) -> int:
    """How many lines a stream of the hub has: more, when something has changed."""
    row = await tx.run(select(func.max(_e.seq)).where(_e.hub == tx.hub, _e.stream == stream))
    return row.scalar_one() or 0


async def lines(tx: Transaction, stream: str) -> list[Line]:
    """The lines of a stream of the hub, in order."""
    rows = await tx.run(select(schema.event).where(_e.hub == tx.hub, _e.stream == stream).order_by(_e.seq))
    found = []
    for row in rows:
        facts = json.loads(row.journey)
        found.append(Line(row.at, row.kind, facts.pop("by"), facts))
    return found


def as_row(line: Line) -> dict[str, str]:
    """The line as it is printed."""
    about = " ".join(f"{name}={value}" for name, value in line.facts.items())
    return {"at": line.at.isoformat(timespec="seconds"), "by": line.by, "what": line.kind, "about": about}
