"""The record read by people: events of every stream, filtered, the newest first; codes and ids only.

1. What belongs to a case that is kept from whoever reads is not there, in whichever stream it stands (viewing.py).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select

from exchange.store import journal, schema, viewing
from exchange.store.database import Transaction

_e, _c = schema.event.c, schema.case.c
Place = tuple[datetime, str, int]  # when, in which stream as it is stored, and its number there
_LIKE = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events; what is left empty holds for all."""

    case: str = ""  # a reference
    by: str = ""  # who did it: a staff id, "operator", "system"...
    kind: str = ""  # "Denied", "Rated", "MailboxChanged"...
    since: datetime | None = None
    until: datetime | None = None  # not included


@dataclass(frozen=True, slots=True)
class Entry:
    """One event."""

    stream: str  # a stream of the hub, or the case's reference
    seq: int
    at: datetime
    kind: str
    by: str  # "" where the event says nobody
    facts: dict[str, Any]
    chain: str
    place: Place  # in the order of all that was ever recorded


async def entries(
    tx: Transaction, wanted: Wanted, most: int, after: int = 0, *, beyond: Place | None = None
) -> tuple[Entry, ...]:
    """At most so many, the newest first, without the first `after`, or those older than a place."""
    found = (await _query(tx, wanted)).order_by(_e.at.desc(), _e.stream, _e.seq.desc()).limit(most).offset(after)
    if beyond is not None:
        at, stream, seq = beyond
        later = or_(_e.stream > stream, and_(_e.stream == stream, _e.seq < seq))
        found = found.where(or_(_e.at < at, and_(_e.at == at, later)))
    rows = (await tx.run(found)).all()
    named = {str(json.loads(row.journey).get("case", "")) for row in rows}
    known = await tx.run(select(_c.id, _c.reference).where(_c.hub == tx.hub, _c.id.in_(named)))
    references: dict[str, str] = {case.id: case.reference for case in known}
    return tuple(_entry(row, references) for row in rows)


async def kinds(tx: Transaction) -> tuple[str, ...]:
    """Every kind of event there is."""
    return tuple((await tx.run(select(_e.kind).where(_e.hub == tx.hub).distinct().order_by(_e.kind))).scalars())


async def count(tx: Transaction, wanted: Wanted) -> int:
    """How many there are."""
    every = (await _query(tx, wanted)).subquery()
    number: int = (await tx.run(select(func.count()).select_from(every))).scalar_one()
    return number


async def _query(tx: Transaction, wanted: Wanted) -> Select[Any]:
    joined = schema.event.outerjoin(schema.case, and_(_c.hub == _e.hub, _c.id == _e.stream))
    rows = select(_e.stream, _e.seq, _e.at, _e.kind, _e.journey, _e.chain, _c.reference).select_from(joined)
    rows = rows.where(_e.hub == tx.hub, viewing.visible(tx, _e.stream), *_which(wanted))
    for name in await _hidden(tx):  # in a line of the hub's own streams
        rows = rows.where(not_(_e.journey.contains(name, autoescape=True)))
    return rows.where(await _about(tx, wanted.case)) if wanted.case else rows


def _which(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.by:
        found.append(_says("by", wanted.by))
    if wanted.kind:
        found.append(_e.kind == wanted.kind)
    if wanted.since:
        found.append(_e.at >= wanted.since)
    if wanted.until:
        found.append(_e.at < wanted.until)
    return found


async def _hidden(tx: Transaction) -> tuple[str, ...]:
    """Ids and references of the cases that are kept from whoever reads."""
    rows = await tx.run(select(_c.id, _c.reference).where(_c.hub == tx.hub, viewing.hidden(tx, _c.id)))
    return tuple(name for row in rows for name in row)


async def _about(tx: Transaction, reference: str) -> ColumnElement[bool]:
    """A case's own stream, and what the hub's streams say of it by its reference or its id."""
    found = await tx.run(select(_c.id).where(_c.hub == tx.hub, _c.reference == reference))
    names = [reference, *found.scalars()]
    said = or_(*(_e.journey.contains(name, autoescape=True) for name in names))
    return or_(_c.reference == reference, and_(_e.stream.in_(journal.OF_THE_HUB), said))


def _says(name: str, value: str) -> ColumnElement[bool]:
    """The event's JSON, written without blanks, has this member at its head or after a comma."""
    text = f"{json.dumps(name)}:{json.dumps(value)}".translate(_LIKE)
    return or_(_e.journey.like(f"{{{text}%", escape="\\"), _e.journey.like(f"%,{text}%", escape="\\"))


def _entry(row: Any, references: dict[str, str]) -> Entry:
    facts = json.loads(row.journey)
    by = facts.pop("by", "")
    if facts.get("case") in references:  # people know a case by its reference
        facts["case"] = references[facts["case"]]
    stream = row.stream if row.stream in journal.OF_THE_HUB else row.reference or row.stream
    return Entry(stream, row.seq, row.at, row.kind, str(by), facts, row.chain, (row.at, row.stream, row.seq))
