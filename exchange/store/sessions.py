"""Sessions: which browsers staff are signed in with, how they proved who they are, and when they were last there.

A session that was ended stays in the table until it would be over anyway: a form sent with it is still known to be
its person's, so that what they typed can be given back to them, and to nobody else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from exchange.store import schema
from exchange.store.database import Transaction

_n = schema.session.c


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser."""

    id: str  # by which it is named on a page: it opens nothing
    staff: str
    created_at: datetime
    seen_at: datetime
    proved_at: datetime  # when the person last showed that it is them
    way: str  # password | password_code | recovery | passkey | provider
    device: str
    digest: str = field(repr=False)  # of its cookie
    ended_at: datetime | None = None

    def ends_at(self, idle: timedelta, longest: timedelta) -> datetime:
        """When it ends by itself if nothing more is done in it."""
        return min(self.seen_at + idle, self.created_at + longest)


async def put(tx: Transaction, session: Session) -> None:
    """A new session."""
    values = {name: getattr(session, name) for name in Session.__slots__}
    await tx.run(insert(schema.session).values(hub=tx.hub, **values))


async def find(tx: Transaction, digest: str) -> Session | None:
    """The session of this cookie's digest, ended or not."""
    row = (await tx.run(select(schema.session).where(_n.hub == tx.hub, _n.digest == digest))).one_or_none()
    return _session(row) if row else None


async def of(tx: Transaction, member: str) -> tuple[Session, ...]:
    """All of one member's that were not ended, the last seen first; some may be over by their age."""
    mine = (_n.hub == tx.hub, _n.staff == member, _n.ended_at.is_(None))
    rows = await tx.run(select(schema.session).where(*mine).order_by(_n.seen_at.desc(), _n.id))
    return tuple(_session(row) for row in rows)


async def seen(tx: Transaction, digest: str, at: datetime) -> None:
    """The session was used."""
    await tx.run(update(schema.session).where(_n.hub == tx.hub, _n.digest == digest).values(seen_at=at))


async def proved(tx: Transaction, digest: str, new: str, at: datetime, way: str) -> None:
    """The person proved who they are once more: the session goes on under another cookie, and the old one is void."""
    where = (_n.hub == tx.hub, _n.digest == digest, _n.ended_at.is_(None))
    await tx.run(update(schema.session).where(*where).values(digest=new, proved_at=at, seen_at=at, way=way))


async def end(tx: Transaction, member: str, session: str, at: datetime) -> bool:
    """Sign one browser of a member's out, by the session's id; whether it was one."""
    mine = (_n.hub == tx.hub, _n.staff == member, _n.id == session, _n.ended_at.is_(None))
    return bool((await tx.run(update(schema.session).where(*mine).values(ended_at=at))).rowcount)


async def end_all(tx: Transaction, member: str, at: datetime, but: str = "") -> int:
    """Sign a member out everywhere, but for the session of one digest; how many were ended."""
    mine = (_n.hub == tx.hub, _n.staff == member, _n.digest != but, _n.ended_at.is_(None))
    return (await tx.run(update(schema.session).where(*mine).values(ended_at=at))).rowcount


async def sweep(tx: Transaction, begun_before: datetime) -> None:
    """Forget the sessions that are over by their age alone."""
    await tx.run(delete(schema.session).where(_n.hub == tx.hub, _n.created_at < begun_before))


def _session(row: object) -> Session:
    return Session(**{name: getattr(row, name) for name in Session.__slots__})
