"""The inbox: mail made durable before it is acknowledged, then read once, whatever crashes in between.

1. `put` is the instant at which responsibility for a mail passes to us: it is committed, then 250 is said.
2. The same message delivered again (same recipient, Message-ID and body) is one row, counted.
3. A Message-ID that was used before, for something else, makes another mail, and both are marked.
4. Every row ends settled with one disposition, or shelved with a task for the desk: nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import exists, func, insert, or_, select, update

from exchange.store import schema
from exchange.store.database import Transaction

_i = schema.inbox.c
_k = schema.kept_mail.c
_KEPT = schema.inbox.join(schema.kept_mail, (_k.hub == _i.hub) & (_k.id == _i.id))
_other = schema.inbox.alias("other")
_ALIKE = exists().where(_other.c.hub == _i.hub, _other.c.named == _i.named, _other.c.id != _i.id).label("alike")
MOST_ATTEMPTS = 3  # a mail that stopped the reader three times is a person's to read


@dataclass(frozen=True, slots=True)
class Row:
    """One mail waiting to be read."""

    id: str
    received_at: datetime
    attempts: int  # before this one
    blob: bytes = field(repr=False)
    disposition: str = ""  # what it was taken for, once settled
    case_id: str = ""
    alike: bool = False  # another mail here bears the same Message-ID, and is not the same


async def put(
    tx: Transaction, mail_id: str, identity: str, received_at: datetime, blob: bytes, named: str | None = None
) -> bool:
    """Keep a mail. False when it is a repeated delivery of one we have. `named`: a digest of its Message-ID."""
    again = await tx.run(
        update(schema.inbox).where(_i.hub == tx.hub, _i.identity == identity).values(again=_i.again + 1)
    )
    if again.rowcount:
        return False
    await tx.run(
        insert(schema.inbox).values(
            hub=tx.hub, id=mail_id, identity=identity, received_at=received_at, state="waiting", attempts=0,
            again=0, named=named,
        )
    )  # fmt: skip
    await tx.run(insert(schema.kept_mail).values(hub=tx.hub, id=mail_id, blob=blob))
    return True


async def claim(tx: Transaction, now: datetime, until: datetime, lease: str, most: int) -> tuple[Row, ...]:
    """Take up to `most` waiting mails for as long as the lease lasts; counts the attempt."""
    free = or_(_i.lease_until.is_(None), _i.lease_until <= now)
    rows = (
        await tx.run(
            select(_i.id, _i.received_at, _i.attempts, _k.blob, _ALIKE)
            .select_from(_KEPT)
            .where(_i.hub == tx.hub, _i.state == "waiting", free)
            .order_by(_i.received_at)
            .limit(most)
            .with_for_update(skip_locked=True, of=schema.inbox)
        )
    ).all()
    if rows:
        await tx.run(
            update(schema.inbox)
            .where(_i.hub == tx.hub, _i.id.in_([r.id for r in rows]))
            .values(lease=lease, lease_until=until, attempts=_i.attempts + 1)
        )
    return tuple(Row(r.id, r.received_at, r.attempts, r.blob, alike=r.alike) for r in rows)


async def settle(
    tx: Transaction, mail_id: str, disposition: str, case_id: str | None = None, state: str = "settled"
) -> None:
    """This mail was taken for `disposition`; it is not read again."""
    await tx.run(
        update(schema.inbox)
        .where(_i.hub == tx.hub, _i.id == mail_id)
        .values(state=state, disposition=disposition, case_id=case_id, lease=None, lease_until=None)
    )


async def load(tx: Transaction, mail_id: str) -> Row | None:
    """One mail, to show it to a person; None when it is not here any more."""
    row = (
        await tx.run(
            select(_i.id, _i.received_at, _i.attempts, _k.blob, _i.disposition, _i.case_id, _ALIKE)
            .select_from(_KEPT)
            .where(_i.hub == tx.hub, _i.id == mail_id)
        )
    ).one_or_none()
    if row is None:  # never was here, or was disposed of
        return None
    return Row(row.id, row.received_at, row.attempts, row.blob, row.disposition or "", row.case_id or "", row.alike)


@dataclass(frozen=True, slots=True)
class Settled:
    """One mail that was taken for something, by codes only."""

    id: str
    received_at: datetime
    disposition: str


async def of_no_case(tx: Transaction) -> tuple[Settled, ...]:
    """The mails that ended as part of no case, newest first: nothing we accepted is out of sight."""
    rows = await tx.run(
        select(_i.id, _i.received_at, _i.disposition)
        .where(_i.hub == tx.hub, _i.state != "waiting", _i.case_id.is_(None))
        .order_by(_i.received_at.desc(), _i.id)
    )
    return tuple(Settled(r.id, r.received_at, r.disposition) for r in rows)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Mails that are part of no case."""

    number: int
    since: datetime  # when the oldest came


async def waiting(tx: Transaction, dispositions: Iterable[str]) -> Waiting | None:
    """Those that ended as part of no case with one of these dispositions; None when there are none."""
    query = select(func.count(_i.id).label("number"), func.min(_i.received_at).label("since")).where(
        _i.hub == tx.hub, _i.state != "waiting", _i.case_id.is_(None), _i.disposition.in_(list(dispositions))
    )
    row = (await tx.run(query)).one()
    return Waiting(row.number, row.since) if row.number else None


async def waits_since(tx: Transaction) -> datetime | None:
    """When the oldest mail came that nobody has read yet."""
    query = select(_i.received_at).where(_i.hub == tx.hub, _i.state == "waiting").order_by(_i.received_at).limit(1)
    since: datetime | None = (await tx.run(query)).scalar_one_or_none()
    return since


async def dispositions(tx: Transaction) -> dict[str, int]:
    """How many mails ended as what: the reconciliation counter (waiting ones under `waiting`)."""
    counts: dict[str, int] = {}
    for row in await tx.run(select(_i.state, _i.disposition).where(_i.hub == tx.hub)):
        name = row.disposition or row.state
        counts[name] = counts.get(name, 0) + 1
    return counts
