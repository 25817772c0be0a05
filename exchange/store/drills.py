"""Drills: what was asked of each mailbox to prove that somebody there can open what we send, and how it ended.

1. A drill's words are nowhere: they follow from the hub's secret and the drill's id (codes.py).
2. One runs for a mailbox at a time; its id follows from the mailbox and how many there were, so two workers ask once.
3. Whoever says the words late has proved it all the same: an answered drill never changes, but that its words were
   heard by telephone too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select, update

from exchange.store import schema
from exchange.store.database import Transaction
from exchange.store.effects import letter_id

_d = schema.drill.c
ANSWERED, SILENT, NOT_SENT, BOUNCED = "answered", "silent", "not_sent", "bounced"  # how one ends
CANNOT_OPEN, WRONG_PERSON = "cannot_open", "wrong_person"  # as they say themselves
TELEPHONE = "telephone"  # how its words were heard, when staff heard them
REPLACED = "replaced"  # its key was retired or revoked meanwhile: another one asks for the new key


@dataclass(frozen=True, slots=True)
class Drill:
    """One of them."""

    id: str
    mailbox: str
    transport: str  # by which it went; "" until it is written
    fingerprint: str  # of the certificate it was sealed to; "" for a transport without a key
    asked_at: datetime
    due: datetime  # an answer after that is late
    sent_at: datetime | None = None  # their server, or our relay, took it
    answered_at: datetime | None = None
    heard: str = ""  # by mail | page | telephone
    ended: str = ""  # "" while it runs; one of those above

    @property
    def took(self) -> timedelta | None:
        """From its leaving to the answer; None while there is none."""
        return self.answered_at - (self.sent_at or self.asked_at) if self.answered_at else None


async def put(tx: Transaction, mailbox: str, asked_at: datetime, due: datetime) -> Drill | None:
    """Begin one; None while another runs."""
    earlier = await of_mailbox(tx, mailbox)
    if any(not drill.ended for drill in earlier):
        return None
    made = Drill(letter_id(tx.hub, "", f"drill:{mailbox}:{len(earlier) + 1}"), mailbox, "", "", asked_at, due)
    values = {name: getattr(made, name) for name in Drill.__dataclass_fields__}
    await tx.run(insert(schema.drill).values(hub=tx.hub, **values))
    return made


async def left(tx: Transaction, drill: str, transport: str, fingerprint: str, at: datetime, due: datetime) -> None:
    """It is on its way, by this transport; its time begins."""
    change = update(schema.drill).where(_d.hub == tx.hub, _d.id == drill, _d.sent_at.is_(None))
    await tx.run(change.values(transport=transport, fingerprint=fingerprint, sent_at=at, due=due))


async def went(tx: Transaction, drill: str, transport: str, fingerprint: str) -> None:
    """By which way it was to go, when it did not arrive."""
    change = update(schema.drill).where(_d.hub == tx.hub, _d.id == drill, _d.transport == "")
    await tx.run(change.values(transport=transport, fingerprint=fingerprint))


async def end(tx: Transaction, drill: str, how: str) -> bool:
    """It failed. False when it had ended already."""
    change = update(schema.drill).where(_d.hub == tx.hub, _d.id == drill, _d.ended == "")
    return (await tx.run(change.values(ended=how))).rowcount == 1


async def answered(tx: Transaction, drill: str, heard: str, at: datetime) -> bool:
    """Somebody said its words, in time or late. False when somebody had already."""
    change = update(schema.drill).where(_d.hub == tx.hub, _d.id == drill, _d.ended != ANSWERED)
    return (await tx.run(change.values(ended=ANSWERED, heard=heard, answered_at=at))).rowcount == 1


async def rung(tx: Transaction, drill: str) -> bool:
    """The words of one that was answered were said again, by telephone. False when they were heard so before."""
    change = update(schema.drill).where(_d.hub == tx.hub, _d.id == drill, _d.ended == ANSWERED, _d.heard != TELEPHONE)
    return (await tx.run(change.values(heard=TELEPHONE))).rowcount == 1


async def said_back(tx: Transaction) -> tuple[Drill, ...]:
    """Every one whose words somebody said back."""
    found = await tx.run(select(schema.drill).where(_d.hub == tx.hub, _d.ended == ANSWERED).order_by(_d.id))
    return tuple(_drill(row) for row in found)


async def load(tx: Transaction, drill: str) -> Drill | None:
    """The one of this id."""
    row = (await tx.run(select(schema.drill).where(_d.hub == tx.hub, _d.id == drill))).one_or_none()
    return _drill(row) if row else None


async def of_mailbox(tx: Transaction, mailbox: str) -> tuple[Drill, ...]:
    """All of one mailbox, newest first."""
    mine = select(schema.drill).where(_d.hub == tx.hub, _d.mailbox == mailbox)
    return tuple(_drill(row) for row in await tx.run(mine.order_by(_d.asked_at.desc(), _d.id)))


async def overdue(tx: Transaction, now: datetime) -> tuple[Drill, ...]:
    """Those that left, were not answered in time, and still run."""
    late = select(schema.drill).where(_d.hub == tx.hub, _d.ended == "", _d.sent_at.is_not(None), _d.due <= now)
    return tuple(_drill(row) for row in await tx.run(late.order_by(_d.due)))


async def newest(tx: Transaction) -> dict[str, tuple[Drill, Drill | None]]:
    """By mailbox: the last one asked, and the last one answered."""
    asked, proved = await _last(tx), await _last(tx, ANSWERED)
    return {mailbox: (drill, proved.get(mailbox)) for mailbox, drill in asked.items()}


async def unanswered(tx: Transaction) -> dict[str, Drill]:
    """By mailbox: the last one that failed, unless somebody proved it since."""
    proved, failed = await _last(tx, ANSWERED), await _last(tx, SILENT, NOT_SENT, BOUNCED, CANNOT_OPEN, WRONG_PERSON)

    def stands(drill: Drill) -> bool:
        answered = proved.get(drill.mailbox)
        return answered is None or answered.answered_at is None or answered.answered_at <= drill.asked_at

    return {mailbox: drill for mailbox, drill in failed.items() if stands(drill)}


async def _last(tx: Transaction, *ended: str) -> dict[str, Drill]:
    wanted = (_d.hub == tx.hub, _d.ended.in_(ended)) if ended else (_d.hub == tx.hub,)
    latest = select(_d.mailbox, func.max(_d.asked_at).label("at")).where(*wanted).group_by(_d.mailbox).subquery()
    same = (_d.mailbox == latest.c.mailbox) & (_d.asked_at == latest.c.at)
    rows = await tx.run(select(schema.drill).join(latest, same).where(*wanted).order_by(_d.id))
    return {row.mailbox: _drill(row) for row in rows}


def _drill(row: object) -> Drill:
    return Drill(**{name: getattr(row, name) for name in Drill.__dataclass_fields__})
