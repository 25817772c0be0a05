"""Retention in SQL: what of a case can still be read, and how it is made unreadable for ever.

1. Rows stay and their sealed bytes go, so that the chain holds; index tokens go whole.
2. Which keys must be destroyed is written in the transaction of the event that says so, and crossed off once the key
   store has forgotten them: a crash in between destroys them later, never not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, func, insert, select, update

from exchange.case.state import Case
from exchange.store import codec, schema, viewing
from exchange.store.database import Transaction

_b, _c, _d, _i, _k, _m, _o = (
    t.c
    for t in (schema.body, schema.case, schema.doomed, schema.inbox, schema.kept_mail, schema.match, schema.outbox)
)
_KEPT = exists().where(_k.hub == _i.hub, _k.id == _i.id)  # the mail is still there as it came
BATCH = 200  # closed cases read at a time: an archive of many years does not fit in memory
_WAIT = ("holding_pen", "report_astray", "shelved")  # a person still has to read these mails (holding_pen.py)


async def closed(tx: Transaction, after: str = "") -> tuple[Case, ...]:
    """The next closed cases by id that the actor may see."""
    rows = await tx.run(
        select(_c.state)
        .where(_c.hub == tx.hub, _c.open.is_(False), _c.id > after, viewing.visible(tx, _c.id))
        .order_by(_c.id)
        .limit(BATCH)
    )
    return tuple(codec.case_from(row.state) for row in rows)


async def compartments(tx: Transaction, case_id: str) -> tuple[str, ...]:
    """The compartments of a case in which there is still something."""
    rows = await tx.run(
        select(_b.compartment).where(_b.hub == tx.hub, _b.stream == case_id, _b.blob.is_not(None)).distinct()
    )
    return tuple(sorted(row[0] for row in rows))


async def mails(tx: Transaction, case_id: str) -> tuple[str, ...]:
    """The mails of a case that are still kept as they came."""
    rows = await tx.run(select(_i.id).where(_i.hub == tx.hub, _i.case_id == case_id, _KEPT, _i.state == "settled"))
    return tuple(sorted(row.id for row in rows))


async def loose_mails(tx: Transaction, before: datetime) -> tuple[str, ...]:
    """Mails older than `before` that belong to no case, and that nobody has to read any more."""
    done = (_i.state == "settled", _i.case_id.is_(None), _i.disposition.not_in(_WAIT))
    rows = await tx.run(select(_i.id).where(_i.hub == tx.hub, *done, _i.received_at <= before, _KEPT).limit(BATCH))
    return tuple(sorted(row.id for row in rows))


async def has_letters(tx: Transaction, case_id: str) -> bool:
    """Whether bytes of letters that are done with are still kept."""
    found = select(func.count()).select_from(schema.outbox).where(*_done_with(tx, case_id))
    return bool((await tx.run(found)).scalar_one())


def _done_with(tx: Transaction, case_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        _o.hub == tx.hub,
        _o.case_id == case_id,
        _o.blob.is_not(None),
        _o.state.in_(("sent", "failed", "withdrawn")),
    )


async def erase(tx: Transaction, case_id: str, gone: Iterable[str]) -> None:
    """The sealed bodies of these compartments."""
    mine = (_b.hub == tx.hub, _b.stream == case_id, _b.compartment.in_(sorted(gone)))
    await tx.run(update(schema.body).where(*mine).values(blob=None))


async def erase_tokens(tx: Transaction, case_id: str, subject: str) -> None:
    """What the subject could be found by."""
    await tx.run(delete(schema.match).where(_m.hub == tx.hub, _m.case_id == case_id, _m.subject == subject))


async def erase_letters(tx: Transaction, case_id: str) -> None:
    """The kept bytes of letters that are done with."""
    await tx.run(update(schema.outbox).where(*_done_with(tx, case_id)).values(blob=None))


async def erase_mails(tx: Transaction, gone: Sequence[str]) -> None:
    """Mails as they came."""
    await tx.run(delete(schema.kept_mail).where(_k.hub == tx.hub, _k.id.in_(gone)))


async def doom(tx: Transaction, keys: Iterable[bytes]) -> None:
    """These keys must be destroyed."""
    rows = [{"hub": tx.hub, "key": key.hex()} for key in sorted(set(keys) - await doomed(tx))]
    if rows:
        await tx.run(insert(schema.doomed), rows)


async def doomed(tx: Transaction) -> frozenset[bytes]:
    """The keys that must be destroyed and perhaps are not yet."""
    return frozenset(bytes.fromhex(row.key) for row in await tx.run(select(_d.key).where(_d.hub == tx.hub)))


async def destroyed(tx: Transaction, keys: Iterable[bytes]) -> None:
    """The key store has forgotten them."""
    await tx.run(delete(schema.doomed).where(_d.hub == tx.hub, _d.key.in_(sorted(key.hex() for key in keys))))
