"""The outbox: letters asked for, then sealed and kept, then sent; each retry sends the very same bytes.

1. A letter is a row under the id of what it is: asking twice makes one.
2. Work is claimed by a lease; who lost the lease can settle nothing (fencing).
3. Once kept, bytes, Message-ID, mailbox and fingerprint never change. What is written anew (`again`), because its
   transport may be used no more, is another mail of the same letter, with another Message-ID.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert, or_, select, update

from exchange.case.effect import SendLetter
from exchange.store import schema
from exchange.store.database import Transaction

_o = schema.outbox.c
_NOT_LEFT = ("waiting", "kept", "held")


@dataclass(frozen=True, slots=True)
class Row:
    """One letter on its way."""

    id: str
    case_id: str
    key: str
    letter: str
    about: str
    state: str
    due: datetime
    first_at: datetime
    attempts: int
    written: int  # attempts made before it was written as it is kept now
    lease: str | None
    mailbox: str | None
    fingerprint: str | None
    form: str | None
    message_id: str | None
    sent_at: datetime | None
    blob: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is frozen when a letter is sealed."""

    mailbox: str  # "" for a referrer whose address is in the case
    fingerprint: str  # "" for what is not sealed to a key
    form: str  # a Transport, or notice
    message_id: str
    blob: bytes = field(repr=False)


def _row(r: object) -> Row:
    return Row(**{name: getattr(r, name) for name in Row.__dataclass_fields__})


async def put(tx: Transaction, letter_id: str, case_id: str, wanted: SendLetter, at: datetime) -> None:
    """Ask for a letter, once."""
    known = await tx.run(select(_o.id).where(_o.hub == tx.hub, _o.id == letter_id))
    if known.scalar_one_or_none() is None:
        await tx.run(
            insert(schema.outbox).values(
                hub=tx.hub, id=letter_id, case_id=case_id, key=wanted.key, letter=wanted.letter,
                about=wanted.about, state="waiting", due=at, first_at=at, attempts=0,
            )
        )  # fmt: skip


async def received(tx: Transaction) -> frozenset[str]:
    """The mailboxes to which something has gone."""
    rows = await tx.run(select(_o.mailbox).where(_o.hub == tx.hub, _o.state == "sent").distinct())
    return frozenset(mailbox for mailbox in rows.scalars() if mailbox)


async def withdraw(tx: Transaction, case_id: str, prefix: str) -> None:
    """What has not left under keys that begin so never leaves."""
    await tx.run(
        update(schema.outbox)
        .where(
            _o.hub == tx.hub,
            _o.case_id == case_id,
            _o.key.startswith(prefix, autoescape=True),
            _o.state.in_(_NOT_LEFT),
        )
        .values(state="withdrawn")
    )


async def withdraw_one(tx: Transaction, letter_id: str) -> None:
    """This letter never leaves, if it has not left."""
    await tx.run(
        update(schema.outbox)
        .where(_o.hub == tx.hub, _o.id == letter_id, _o.state.in_(_NOT_LEFT))
        .values(state="withdrawn")
    )


async def withdraw_about(tx: Transaction, case_id: str, about: str) -> None:
    """What has not left about this leg, seat, action or passage, or a part of it ("l1/m2"), never leaves."""
    mine = or_(_o.about == about, _o.about.startswith(f"{about}/", autoescape=True))
    await tx.run(
        update(schema.outbox)
        .where(_o.hub == tx.hub, _o.case_id == case_id, mine, _o.state.in_(_NOT_LEFT))
        .values(state="withdrawn")
    )


async def claim(
    tx: Transaction,
    now: datetime,
    until: datetime,
    lease: str,
    most: int,
    *,
    of_hub: bool = False,
    not_to: Collection[str] = (),
) -> tuple[Row, ...]:
    """Take up to `most` letters that are due, for as long as the lease lasts: those of cases, or the hub's own. None
    that is kept for one of the mailboxes `not_to`."""
    free = or_(_o.lease_until.is_(None), _o.lease_until <= now)
    rows = await tx.run(
        select(schema.outbox)
        .where(_o.hub == tx.hub, _o.state.in_(("waiting", "kept")), _o.due <= now, free)
        .where(_o.case_id == "" if of_hub else _o.case_id != "")
        .where(or_(_o.mailbox.is_(None), _o.mailbox.not_in(tuple(not_to))))
        .order_by(_o.due)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    claimed = tuple(_row(r) for r in rows)
    if claimed:
        await tx.run(
            update(schema.outbox)
            .where(_o.hub == tx.hub, _o.id.in_([r.id for r in claimed]))
            .values(lease=lease, lease_until=until)
        )
    return claimed


async def keep(tx: Transaction, letter_id: str, lease: str, kept: Kept) -> bool:
    """Keep the sealed bytes. False when the lease was lost or the letter withdrawn: then send nothing."""
    changed = await tx.run(
        update(schema.outbox)
        .where(_o.hub == tx.hub, _o.id == letter_id, _o.lease == lease, _o.state == "waiting")
        .values(
            state="kept", written=_o.attempts, mailbox=kept.mailbox, fingerprint=kept.fingerprint, form=kept.form,
            message_id=kept.message_id, blob=kept.blob,
        )
    )  # fmt: skip
    return changed.rowcount == 1


async def settle(tx: Transaction, letter_id: str, lease: str, state: str, at: datetime) -> bool:
    """It is sent, or has failed for good. False when the lease was lost."""
    changed = await tx.run(
        update(schema.outbox)
        .where(_o.hub == tx.hub, _o.id == letter_id, _o.lease == lease)
        .values(state=state, sent_at=at if state == "sent" else None, lease=None, lease_until=None)
    )
    return changed.rowcount == 1


async def later(tx: Transaction, letter_id: str, lease: str, due: datetime) -> bool:
    """Try again at `due`. False when the lease was lost."""
    changed = await tx.run(
        update(schema.outbox)
        .where(_o.hub == tx.hub, _o.id == letter_id, _o.lease == lease)
        .values(due=due, attempts=_o.attempts + 1, lease=None, lease_until=None)
    )
    return changed.rowcount == 1


async def again(tx: Transaction, letter_id: str, lease: str, due: datetime) -> bool:
    """Write it anew: its transport may be used no more, and what was kept never leaves. False: the lease was lost."""
    changed = await tx.run(
        update(schema.outbox)
        .where(_o.hub == tx.hub, _o.id == letter_id, _o.lease == lease, _o.state == "kept")
        .values(
            state="waiting", due=due, attempts=_o.attempts + 1, lease=None, lease_until=None,
            mailbox=None, fingerprint=None, form=None, message_id=None, blob=None,
        )
    )  # fmt: skip
    return changed.rowcount == 1


async def held(tx: Transaction, letter: str) -> tuple[Row, ...]:
    """Letters of this kind that no transport could carry, oldest first."""
    mine = (_o.hub == tx.hub, _o.state == "held", _o.letter == letter)
    return tuple(_row(r) for r in await tx.run(select(schema.outbox).where(*mine).order_by(_o.first_at, _o.id)))


async def held_no_more(tx: Transaction, letter_id: str, due: datetime) -> bool:
    """A transport works again: it is written now. False when it was held no more."""
    changed = await tx.run(
        update(schema.outbox)
        .where(_o.hub == tx.hub, _o.id == letter_id, _o.state == "held")
        .values(state="waiting", due=due, attempts=_o.attempts + 1)
    )
    return changed.rowcount == 1


async def put_off(tx: Transaction, letter_id: str, lease: str, due: datetime) -> bool:
    """Nobody reads it before `due`: no attempt was made. False when the lease was lost."""
    changed = await tx.run(
        update(schema.outbox)
        .where(_o.hub == tx.hub, _o.id == letter_id, _o.lease == lease)
        .values(due=due, lease=None, lease_until=None)
    )
    return changed.rowcount == 1


async def gathered(tx: Transaction, since: datetime) -> frozenset[tuple[str, str]]:
    """(case, leg or seat) of every letter that was left to a digest since then."""
    rows = await tx.run(
        select(_o.case_id, _o.about).where(_o.hub == tx.hub, _o.state == "gathered", _o.first_at >= since)
    )
    return frozenset((r.case_id, r.about) for r in rows)


async def load(tx: Transaction, letter_id: str) -> Row | None:
    """The letter of this id."""
    row = (await tx.run(select(schema.outbox).where(_o.hub == tx.hub, _o.id == letter_id))).one_or_none()
    return _row(row) if row else None


async def by_message_id(tx: Transaction, message_id: str) -> Row | None:
    """The letter that went out under this Message-ID."""
    row = (
        await tx.run(select(schema.outbox).where(_o.hub == tx.hub, _o.message_id == message_id).limit(1))
    ).one_or_none()
    return _row(row) if row else None


async def due_since(tx: Transaction) -> datetime | None:
    """When the letter should have been written or sent that has waited longest."""
    waits = _o.state.in_(("waiting", "kept"))
    query = select(_o.due).where(_o.hub == tx.hub, waits).order_by(_o.due).limit(1)
    since: datetime | None = (await tx.run(query)).scalar_one_or_none()
    return since


async def of_case(tx: Transaction, case_id: str) -> tuple[Row, ...]:
    """All letters of one case, in the order asked."""
    rows = await tx.run(
        select(schema.outbox).where(_o.hub == tx.hub, _o.case_id == case_id).order_by(_o.first_at, _o.key)
    )
    return tuple(_row(r) for r in rows)


async def leaving(tx: Transaction, case_id: str, now: datetime) -> bool:
    """Whether a letter of the case that was withdrawn is just being sent: perhaps it leaves all the same."""
    query = select(_o.id).where(_o.hub == tx.hub, _o.case_id == case_id, _o.mailbox.is_not(None))
    row = await tx.run(query.where(_o.state == "withdrawn", _o.lease_until > now).limit(1))
    return row.scalar_one_or_none() is not None


async def mailboxes(tx: Transaction, case_id: str, *letters: str) -> dict[str, str]:
    """Key -> mailbox of those letters of a case that were sealed, in the order asked."""
    rows = await tx.run(
        select(_o.key, _o.mailbox)
        .where(_o.hub == tx.hub, _o.case_id == case_id, _o.letter.in_(letters), _o.mailbox.is_not(None))
        .where(_o.state.in_(("kept", "sent")))
        .order_by(_o.first_at, _o.key)
    )
    return {row.key: row.mailbox for row in rows}
