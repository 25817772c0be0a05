"""Hub staff, the roles they hold and from when to when, and tokens for programs. Passwords are argon2 hashes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, insert, or_, select, update

from exchange.store import schema
from exchange.store.database import Transaction

_s, _a, _t = schema.staff.c, schema.access.c, schema.token.c


@dataclass(frozen=True, slots=True)
class Access:
    """A role that somebody holds, held or will hold."""

    role: str
    since: datetime
    until: datetime | None = None  # the first moment at which it is over

    def at(self, moment: datetime) -> bool:
        """Whether it is held then."""
        return self.since <= moment and not self.over(moment)

    def over(self, moment: datetime) -> bool:
        """Whether it has ended by then."""
        return self.until is not None and self.until <= moment


@dataclass(frozen=True, slots=True)
class Member:
    """One person of the hub, by a role-bound id such as `duty-1`."""

    id: str
    password: str = field(repr=False)  # "" for who has none
    access: tuple[Access, ...] = ()  # what is over included, the oldest first

    def roles_at(self, moment: datetime) -> tuple[str, ...]:
        """The roles held then."""
        return tuple(sorted({one.role for one in self.access if one.at(moment)}))


async def put(tx: Transaction, member: str, password: str, at: datetime) -> None:
    """Add a member, bring one back, or change their password; "" for none."""
    values = {"password": password, "ended_at": None}
    changed = await tx.run(update(schema.staff).where(_s.hub == tx.hub, _s.id == member).values(**values))
    if changed.rowcount == 0:
        await tx.run(insert(schema.staff).values(hub=tx.hub, id=member, created_at=at, **values))


async def give(tx: Transaction, member: str, access: Access) -> None:
    """Let a member hold a role, instead of whatever was said of it from that moment on."""
    await take(tx, member, access.role, access.since)
    await tx.run(
        insert(schema.access).values(
            hub=tx.hub, staff=member, role=access.role, since=access.since, until=access.until
        )
    )


async def take(tx: Transaction, member: str, role: str, at: datetime) -> bool:
    """From `at` on they hold the role no more; whether that changed anything."""
    mine = (_a.hub == tx.hub, _a.staff == member, _a.role == role)
    never = await tx.run(delete(schema.access).where(*mine, _a.since >= at))
    lasts = or_(_a.until.is_(None), _a.until > at)
    ended = await tx.run(update(schema.access).where(*mine, lasts).values(until=at))
    return bool(never.rowcount + ended.rowcount)


async def end(tx: Transaction, member: str, at: datetime) -> bool:
    """They have left, with every role; whether they were here."""
    held = await tx.run(select(_a.role).where(_a.hub == tx.hub, _a.staff == member).distinct())
    for role in held.scalars().all():
        await take(tx, member, role, at)
    here = (_s.hub == tx.hub, _s.id == member, _s.ended_at.is_(None))
    return bool((await tx.run(update(schema.staff).where(*here).values(ended_at=at, password=""))).rowcount)


async def find(tx: Transaction, member: str) -> Member | None:
    """The member of this id, if still with the hub."""
    row = (
        await tx.run(select(schema.staff).where(_s.hub == tx.hub, _s.id == member, _s.ended_at.is_(None)))
    ).one_or_none()
    return Member(row.id, row.password, (await _access(tx, member))[member]) if row else None


async def everybody(tx: Transaction) -> tuple[Member, ...]:
    """All who are with the hub."""
    rows = await tx.run(select(schema.staff).where(_s.hub == tx.hub, _s.ended_at.is_(None)).order_by(_s.id))
    found = rows.all()
    access = await _access(tx)
    return tuple(Member(row.id, row.password, access[row.id]) for row in found)


async def left(tx: Transaction) -> tuple[tuple[str, datetime], ...]:
    """Who is with the hub no more, and since when."""
    gone = select(_s.id, _s.ended_at).where(_s.hub == tx.hub, _s.ended_at.is_not(None)).order_by(_s.id)
    return tuple((row.id, row.ended_at) for row in await tx.run(gone))


async def _access(tx: Transaction, member: str | None = None) -> dict[str, tuple[Access, ...]]:
    of = [_a.hub == tx.hub] + ([_a.staff == member] if member is not None else [])
    found: dict[str, tuple[Access, ...]] = defaultdict(tuple)
    for row in await tx.run(select(schema.access).where(*of).order_by(_a.since, _a.role)):
        found[row.staff] += (Access(row.role, row.since, row.until),)
    return found


async def put_token(tx: Transaction, digest: str, label: str, scopes: tuple[str, ...], at: datetime) -> None:
    """Let a program in under this label."""
    await tx.run(
        insert(schema.token).values(hub=tx.hub, digest=digest, label=label, scopes=" ".join(scopes), created_at=at)
    )


async def has_token(tx: Transaction, label: str) -> bool:
    """Whether a program of nobody's is let in under this label; one issued for a member of staff is that member."""
    mine = (_t.hub == tx.hub, _t.label == label, _t.ended_at.is_(None), ~_t.scopes.contains(" as:"))
    found = select(_t.label).where(*mine).limit(1)
    return (await tx.run(found)).scalar_one_or_none() is not None


async def token(tx: Transaction, digest: str) -> tuple[str, tuple[str, ...]] | None:
    """(label, scopes) of a token's digest, while it is in use."""
    row = (
        await tx.run(select(_t.label, _t.scopes).where(_t.hub == tx.hub, _t.digest == digest, _t.ended_at.is_(None)))
    ).one_or_none()
    return (row.label, tuple(row.scopes.split())) if row else None
