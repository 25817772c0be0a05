"""The one transaction: an event in, the case advanced, and everything it asks for written with it.

1. `record` is the only door through which a case changes.
2. A cause is stored once: the same mail, click or clock met again changes nothing.
3. Event, case, bodies, outbox, clocks and tasks are committed together or not at all.
4. Each stream is a hash chain over what is stored, so that an edit, a gap or a swap shows (see audit.py).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert, select, update

from exchange.case.advance import advance
from exchange.case.event import ContactReceived, Event
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.store import codec, effects, journal, profiles, schema
from exchange.store.database import Transaction


class NoSuchCase(LookupError):
    """No case of this id or reference in this hub."""


class Overtaken(RuntimeError):
    """Somebody else changed the case in between: try again."""


@dataclass(frozen=True, slots=True)
class SealedBody:
    """Sealed content of an event. The same bytes are digested, chained and stored."""

    name: str
    compartment: str
    blob: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of recording: the case as it stands now, and whether this cause had been seen before."""

    case: Case
    again: bool = False


async def record(
    tx: Transaction,
    case_id: str,
    event: Event,
    *,
    event_id: str,
    cause: str,
    bodies: tuple[SealedBody, ...] = (),
) -> Recorded:
    """Let `event` happen to the case, once. Raises CannotHappen (nothing is changed), NoSuchCase or Overtaken."""
    seen = await tx.run(
        select(schema.event.c.stream).where(schema.event.c.hub == tx.hub, schema.event.c.cause == cause)
    )
    stream = seen.scalar_one_or_none()
    if stream is not None:
        return Recorded(await load(tx, stream), again=True)
    case, version = await _current(tx, case_id, event)
    rules = await profiles.rules(tx, event.rules if isinstance(event, ContactReceived) else _rules_of(case))
    step = advance(case, event, rules)
    await _append(tx, case_id, version + 1, event, event_id, cause, bodies)
    await _store(tx, step.case, version)
    await effects.apply(tx, step.case, step.effects, event.at)
    return Recorded(step.case)


def _rules_of(case: Case | None) -> str:
    if case is None:
        raise NoSuchCase("no such case")
    return case.rules


async def _current(tx: Transaction, case_id: str, event: Event) -> tuple[Case | None, int]:
    row = (
        await tx.run(
            select(schema.case.c.state, schema.case.c.version)
            .where(schema.case.c.hub == tx.hub, schema.case.c.id == case_id)
            .with_for_update()
        )
    ).one_or_none()
    return (codec.case_from(row.state), row.version) if row else (None, 0)


async def _append(
    tx: Transaction,
    stream: str,
    seq: int,
    event: Event,
    event_id: str,
    cause: str,
    bodies: tuple[SealedBody, ...],
) -> None:
    digests = {b.name: hashlib.sha256(b.blob).hexdigest() for b in bodies}
    journey, kind = codec.event_json(event), type(event).__name__
    await journal.append(tx, stream, seq, event_id, kind, event.at, cause, journey, digests)
    for b in bodies:
        await tx.run(
            insert(schema.body).values(
                hub=tx.hub, event=event_id, name=b.name, stream=stream, compartment=b.compartment,
                digest=digests[b.name], blob=b.blob,
            )
        )  # fmt: skip


async def _store(tx: Transaction, case: Case, version: int) -> None:
    values = {
        "version": version + 1,
        "unread": case.looked_at is None,
        "open": case.closed is None,
        "state": codec.case_json(case),
    }
    if version == 0:
        await tx.run(
            insert(schema.case).values(
                hub=tx.hub, id=case.id, reference=case.reference, received_at=case.received_at,
                rules=case.rules, **values,
            )
        )  # fmt: skip
        return
    changed = await tx.run(
        update(schema.case)
        .where(schema.case.c.hub == tx.hub, schema.case.c.id == case.id, schema.case.c.version == version)
        .values(**values)
    )
    if changed.rowcount != 1:
        raise Overtaken("the case was changed in between")


async def load(tx: Transaction, case_id: str) -> Case:
    """The case of this id. Raises NoSuchCase."""
    row = await tx.run(select(schema.case.c.state).where(schema.case.c.hub == tx.hub, schema.case.c.id == case_id))
    state = row.scalar_one_or_none()
    if state is None:
        raise NoSuchCase("no such case")
    return codec.case_from(state)


async def find(tx: Transaction, reference: str) -> Case:
    """The case of this reference, as people write it. Raises NoSuchCase."""
    wanted = reference.strip().upper()
    row = await tx.run(
        select(schema.case.c.state).where(schema.case.c.hub == tx.hub, schema.case.c.reference == wanted)
    )
    state = row.scalar_one_or_none()
    if state is None:
        raise NoSuchCase(
            "no case of this reference in this hub: look it up with `exchange outstanding`, or at the desk"
        )
    return codec.case_from(state)


async def rules_of(tx: Transaction, case: Case) -> Rules:
    """The rules in force for the case: those of its receipt."""
    return await profiles.rules(tx, case.rules)


async def listing(tx: Transaction, *, unread: bool | None = None, is_open: bool | None = True) -> tuple[Case, ...]:
    """Cases, oldest receipt first: the one that has waited longest is on top. All of them: one that is left out of a
    list is one that nobody sees."""
    query = select(schema.case.c.state).where(schema.case.c.hub == tx.hub)
    if unread is not None:
        query = query.where(schema.case.c.unread == unread)
    if is_open is not None:
        query = query.where(schema.case.c.open == is_open)
    rows = await tx.run(query.order_by(schema.case.c.received_at))
    return tuple(codec.case_from(row.state) for row in rows)


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One line of a case's timeline."""

    id: str
    seq: int
    at: datetime
    event: Event


async def timeline(tx: Transaction, case_id: str) -> tuple[StoredEvent, ...]:
    """All that happened to the case, in order."""
    e = schema.event.c
    rows = await tx.run(select(schema.event).where(e.hub == tx.hub, e.stream == case_id).order_by(e.seq))
    return tuple(StoredEvent(r.id, r.seq, r.at, codec.event_from(r.kind, r.journey)) for r in rows)


@dataclass(frozen=True, slots=True)
class StoredBody:
    """Sealed content of one event of a case."""

    event: str
    name: str
    blob: bytes = field(repr=False)


async def bodies(tx: Transaction, case_id: str, *, name: str | None = None) -> tuple[StoredBody, ...]:
    """The sealed bodies of the case that are not forgotten, oldest event first; only those of `name` when given."""
    b, e = schema.body.c, schema.event.c
    query = (
        select(b.event, b.name, b.blob)
        .join(schema.event, (e.hub == b.hub) & (e.id == b.event))
        .where(b.hub == tx.hub, b.stream == case_id, b.blob.is_not(None))
        .order_by(e.seq, b.name)
    )
    if name is not None:
        query = query.where(b.name == name)
    return tuple(StoredBody(r.event, r.name, r.blob) for r in await tx.run(query))
