"""The one transaction: an event in, the case advanced, and everything it asks for written with it.

1. `record` is the only door through which a case changes.
2. A cause is stored once: the same mail, click or clock met again changes nothing.
3. Event, case, bodies, outbox, clocks and tasks are committed together or not at all.
4. Each stream is a hash chain over what is stored, so that an edit, a gap or a swap shows (see audit.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, insert, literal, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from exchange.case.advance import advance
from exchange.case.event import ContactReceived, Event
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.store import codec, effects, journal, profiles, schema, viewing
from exchange.store.database import Transaction

_c = schema.case.c


class NoSuchCase(LookupError):
    """No case of this id or reference in this hub."""


class ShutOut(NoSuchCase):
    """The case is kept from whoever asked. It must look like one that does not exist, and alerts the auditor."""

    def __init__(self, told: str, case_id: str, actor: str) -> None:
        self.case_id, self.actor = case_id, actor
        super().__init__(told)


class Overtaken(RuntimeError):
    """Somebody else changed the case in between: try again."""


class Changed(RuntimeError):
    """The case is not any more as whoever acts has read it: read it again."""


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
    """Let `event` happen to the case, once. Raises CannotHappen (nothing is changed), NoSuchCase, Overtaken, or
    Changed when the actor acts on another version alone.

    Whoever caused it is told again what came of it, shut out since or not.
    """
    seen = await tx.run(
        select(schema.event.c.stream).where(schema.event.c.hub == tx.hub, schema.event.c.cause == cause)
    )
    stream = seen.scalar_one_or_none()
    if stream is not None:
        return Recorded(codec.case_from((await _row(tx, _c.id == stream)).state), again=True)
    case, version = await _current(tx, case_id)
    _as_read(tx, case_id, version)
    rules = await profiles.rules(tx, event.rules if isinstance(event, ContactReceived) else _rules_of(case))
    step = advance(case, event, rules)
    try:
        await _append(tx, case_id, version + 1, event, event_id, cause, bodies)
        await _store(tx, step.case, version)
    except IntegrityError as twice:  # no row is locked of a case that is not there yet: the cause came twice at once
        raise Overtaken("the same was recorded in between") from twice
    await viewing.keep(tx, case, step.case)
    await effects.apply(tx, step.case, step.effects, event.at)
    if tx.scope.read and tx.scope.read.case == case_id:
        tx.scope.read.version = version + 1
    return Recorded(step.case)


def _as_read(tx: Transaction, case_id: str, version: int) -> None:
    read = tx.scope.read
    if read and read.case == case_id and read.version != version:
        raise Changed("this case has changed since it was read")


def _rules_of(case: Case | None) -> str:
    if case is None:
        raise NoSuchCase("no such case")
    return case.rules


async def _current(tx: Transaction, case_id: str) -> tuple[Case | None, int]:
    row = (
        await tx.run(
            select(_c.state, _c.version, viewing.hidden(tx, _c.id).label("hidden"))
            .where(_c.hub == tx.hub, _c.id == case_id)
            .with_for_update()
        )
    ).one_or_none()
    if row and row.hidden:
        raise ShutOut("no such case", case_id, tx.actor)
    return (codec.case_from(row.state), row.version) if row else (None, 0)


async def _row(tx: Transaction, which: ColumnElement[bool]) -> Any:
    """(id, state, hidden) of one case, or None."""
    columns = select(_c.id, _c.state, viewing.hidden(tx, _c.id).label("hidden"))
    return (await tx.run(columns.where(_c.hub == tx.hub, which))).one_or_none()


async def _seen(tx: Transaction, which: ColumnElement[bool], told: str) -> Case:
    row = await _row(tx, which)
    if row is None:
        raise NoSuchCase(told)
    if row.hidden:
        raise ShutOut(told, row.id, tx.actor)
    return codec.case_from(row.state)


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
    """The case of this id. Raises NoSuchCase, and so (as ShutOut) for one that is kept from whoever asks."""
    return await _seen(tx, _c.id == case_id, "no such case")


async def find(tx: Transaction, reference: str) -> Case:
    """The case of this reference, as people write it. Raises NoSuchCase, as `load` does."""
    told = "no case of this reference in this hub: look it up with `exchange outstanding`, or at the desk"
    return await _seen(tx, _c.reference == reference.strip().upper(), told)


async def rules_of(tx: Transaction, case: Case) -> Rules:
    """The rules in force for the case: those of its receipt."""
    return await profiles.rules(tx, case.rules)


async def listing(
    tx: Transaction, *, unread: bool | None = None, is_open: bool | None = True, after: Case | None = None,
    most: int | None = None,
) -> tuple[Case, ...]:  # fmt: skip
    """Cases, oldest receipt first: the one that has waited longest is on top. All of them that the actor may see: one
    that is left out of a list is one that nobody sees; or at most so many of those `after` one of them."""
    query = select(schema.case.c.state).where(schema.case.c.hub == tx.hub, viewing.visible(tx, _c.id))
    if unread is not None:
        query = query.where(schema.case.c.unread == unread)
    if is_open is not None:
        query = query.where(schema.case.c.open == is_open)
    if after is not None:
        place = tuple_(schema.case.c.received_at, _c.id)
        query = query.where(place > tuple_(*(literal(x) for x in (after.received_at, after.id))))
    rows = await tx.run(query.order_by(schema.case.c.received_at, _c.id).limit(most))
    return tuple(codec.case_from(row.state) for row in rows)


async def caused(tx: Transaction, begins: str) -> tuple[str, ...]:
    """The cases, of those that the actor may see, in which something was caused by what `begins` so."""
    e = schema.event.c
    mine = (e.hub == tx.hub, e.cause.startswith(begins, autoescape=True), viewing.visible(tx, e.stream))
    return tuple((await tx.run(select(e.stream).where(*mine).distinct().order_by(e.stream))).scalars())


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One line of a case's timeline."""

    id: str
    seq: int
    at: datetime
    event: Event


async def version(tx: Transaction, reference: str) -> int:
    """How many events the case of a reference has by now. Raises NoSuchCase, as `find` does."""
    case = await find(tx, reference)
    found: int = (await tx.run(select(_c.version).where(_c.hub == tx.hub, _c.id == case.id))).scalar_one()
    return found


async def timeline(tx: Transaction, case_id: str) -> tuple[StoredEvent, ...]:
    """All that happened to the case, in order."""
    e = schema.event.c
    rows = await tx.run(
        select(schema.event)
        .where(e.hub == tx.hub, e.stream == case_id, viewing.visible(tx, e.stream))
        .order_by(e.seq)
    )
    return tuple(StoredEvent(r.id, r.seq, r.at, codec.event_from(r.kind, r.journey)) for r in rows)


@dataclass(frozen=True, slots=True)
class StoredBody:
    """Sealed content of one event of a case."""

    event: str
    name: str
    blob: bytes = field(repr=False)


async def bodies(
    tx: Transaction, case_id: str, *, name: str | None = None, but: tuple[str, ...] = ()
) -> tuple[StoredBody, ...]:
    """The sealed bodies of the case that are not forgotten, oldest event first; only those of `name` when given, else
    all but those whose names begin with one of `but`."""
    b, e = schema.body.c, schema.event.c
    query = (
        select(b.event, b.name, b.blob)
        .join(schema.event, (e.hub == b.hub) & (e.id == b.event))
        .where(b.hub == tx.hub, b.stream == case_id, b.blob.is_not(None), viewing.visible(tx, b.stream))
        .order_by(e.seq, b.name)
    )
    if name is not None:
        query = query.where(b.name == name)
    else:
        query = query.where(*(b.name.not_like(f"{prefix}%") for prefix in but))
    return tuple(StoredBody(r.event, r.name, r.blob) for r in await tx.run(query))


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard of a letter, and the sealed words of whoever said it."""

    case_id: str
    event_id: str
    event: Event
    blob: bytes = field(repr=False)


async def heard(tx: Transaction, cases: Sequence[str], name: str) -> tuple[Heard, ...]:
    """The events of these cases that have a body of this name, oldest first."""
    b, e, found = schema.body.c, schema.event.c, []
    for first in range(0, len(cases), _AT_ONCE):
        rows = await tx.run(
            select(e.stream, e.id, e.kind, e.journey, b.blob)
            .join(schema.body, (e.hub == b.hub) & (e.id == b.event))
            .where(b.hub == tx.hub, b.name == name, b.blob.is_not(None))
            .where(b.stream.in_(cases[first : first + _AT_ONCE]), viewing.visible(tx, b.stream))
            .order_by(e.stream, e.seq)
        )
        found += [Heard(r.stream, r.id, codec.event_from(r.kind, r.journey), r.blob) for r in rows]
    return tuple(found)


async def last_done(tx: Transaction) -> dict[str, datetime]:
    """When a person, of the hub or not, last did something in each case."""
    e = schema.event.c
    rows = await tx.run(
        select(e.stream, func.max(e.at).label("at"))
        .where(e.hub == tx.hub, e.kind.not_in(_NOBODYS), viewing.visible(tx, e.stream))
        .group_by(e.stream)
    )
    return {row.stream: row.at for row in rows}


_AT_ONCE = 500  # cases a query: below what SQLite takes as parameters
_NOBODYS = (
    "ClockRanOut",
    "PacketNews",
    "LetterNews",
    "MachineEvidence",
    "SeatEvidence",
)  # of silence and of machines
