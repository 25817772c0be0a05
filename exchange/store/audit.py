"""Audit: does every case still say what was recorded? Names the first link that does not.

It proves that no event, body digest or order was changed since it was chained, and that each stored case is what
its events give. A whole stream cut off at its end shows by the case's own version; a database put back to
yesterday shows only against a head kept outside.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from sqlalchemy import select

from exchange.case.advance import advance
from exchange.case.state import Case
from exchange.store import codec, heads, journal, profiles, schema
from exchange.store.database import Transaction

_e, _b, _c = schema.event.c, schema.body.c, schema.case.c


@dataclass(frozen=True, slots=True)
class Broken:
    """The first place where the record does not hold."""

    stream: str
    seq: int
    why: str


@dataclass(frozen=True, slots=True)
class Verified:
    """How much was read and holds."""

    streams: int
    events: int
    unproved: int  # events since the newest head: a cut at their end would not show


async def verify(tx: Transaction, kept: tuple[int, str] | None = None) -> Verified | Broken:
    """Read every stream of the hub and check it; `kept` is (number, link) of a head from outside to hold it to."""
    if kept is not None and await heads.link_of(tx, kept[0]) != kept[1]:
        return Broken(journal.HEADS, kept[0], "the record does not reach to the head that was kept outside")
    streams = events = 0
    async for stream in _streams(tx):
        found = await verify_stream(tx, stream)
        if isinstance(found, Broken):
            return found
        streams, events = streams + 1, events + found
    proved = await _headed(tx)
    return proved if isinstance(proved, Broken) else Verified(streams, events, events - proved)


async def _headed(tx: Transaction) -> int | Broken:
    """How many events the heads speak for, if each still stands where its head says."""
    reach: dict[str, int] = {}
    taken = await journal.lines(tx, journal.HEADS)
    for head in taken:
        for stream, seq, link in head.facts["streams"]:
            row = await tx.run(select(_e.chain).where(_e.hub == tx.hub, _e.stream == stream, _e.seq == seq))
            if row.scalar_one_or_none() != link:
                return Broken(stream, seq, "it is not what a head says it was")
            reach[stream] = seq
    return sum(reach.values()) + len(taken)


async def _streams(tx: Transaction) -> AsyncIterator[str]:
    rows = await tx.run(select(_e.stream).where(_e.hub == tx.hub).union(select(_c.id).where(_c.hub == tx.hub)))
    for name in sorted(row[0] for row in rows):
        yield name


async def verify_stream(tx: Transaction, stream: str) -> int | Broken:
    """The number of events of one stream, or where it breaks."""
    rows = (await tx.run(select(schema.event).where(_e.hub == tx.hub, _e.stream == stream).order_by(_e.seq))).all()
    digests = await _digests(tx, stream)
    if isinstance(digests, Broken):
        return digests
    link, case = journal.GENESIS, None
    for expected, row in enumerate(rows, 1):
        if row.seq != expected:
            return Broken(stream, expected, "an event is missing")
        link = journal.chain(
            link, stream, row.seq, row.id, row.kind, row.at, row.cause, row.journey, digests.get(row.id, {})
        )
        if link != row.chain:
            return Broken(stream, row.seq, "the event is not what was chained")
        if stream not in journal.OF_THE_HUB:
            case = await _replayed(tx, case, row.kind, row.journey)
    return len(rows) if stream in journal.OF_THE_HUB else await _same_as_stored(tx, stream, case, len(rows))


async def _digests(tx: Transaction, stream: str) -> dict[str, dict[str, str]] | Broken:
    found: dict[str, dict[str, str]] = {}
    for row in await tx.run(select(schema.body).where(_b.hub == tx.hub, _b.stream == stream)):
        if row.blob is not None and hashlib.sha256(row.blob).hexdigest() != row.digest:
            return Broken(stream, 0, f"the sealed content {row.name} is not what was stored")
        found.setdefault(row.event, {})[row.name] = row.digest
    return found


async def _replayed(tx: Transaction, case: Case | None, kind: str, journey: str) -> Case:
    event = codec.event_from(kind, journey)
    rules = await profiles.rules(tx, case.rules if case else event.rules)  # type: ignore[union-attr]
    return advance(case, event, rules).case


async def _same_as_stored(tx: Transaction, stream: str, case: Case | None, events: int) -> int | Broken:
    row = (await tx.run(select(_c.state, _c.version).where(_c.hub == tx.hub, _c.id == stream))).one_or_none()
    if row is None or row.version != events:
        return Broken(stream, events + 1, "events at the end are missing")
    try:
        stored = codec.case_from(row.state)
    except ValueError:
        return Broken(stream, events, "the stored case cannot be read")
    if case is None or stored != _as_kept_then(case, stored):
        return Broken(stream, events, "the stored case is not what its events give")
    return events


def _as_kept_then(case: Case, stored: Case) -> Case:
    """What its events give, as it was stored before a leg kept what its rows had given it."""
    before = {leg.id for leg in stored.legs if not leg.parts}
    return replace(case, legs=tuple(replace(x, parts=()) if x.id in before else x for x in case.legs))
