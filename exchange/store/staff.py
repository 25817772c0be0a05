"""Hub staff, their sessions, and tokens for programs. Passwords are argon2 hashes, tokens and cookies digests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from exchange.store import schema
from exchange.store.database import Transaction

_s, _n, _t = schema.staff.c, schema.session.c, schema.token.c


@dataclass(frozen=True, slots=True)
class Member:
    """One person of the hub, by a role-bound id such as `duty-1`."""

    id: str
    roles: tuple[str, ...]
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser."""

    staff: str
    created_at: datetime
    seen_at: datetime


async def put(tx: Transaction, member: Member, at: datetime) -> None:
    """Add a member, or change password and roles."""
    values = {"password": member.password, "roles": " ".join(member.roles), "ended_at": None}
    changed = await tx.run(update(schema.staff).where(_s.hub == tx.hub, _s.id == member.id).values(**values))
    if changed.rowcount == 0:
        await tx.run(insert(schema.staff).values(hub=tx.hub, id=member.id, created_at=at, **values))


async def find(tx: Transaction, member: str) -> Member | None:
    """The member of this id, if still with the hub."""
    row = (
        await tx.run(select(schema.staff).where(_s.hub == tx.hub, _s.id == member, _s.ended_at.is_(None)))
    ).one_or_none()
    return Member(row.id, tuple(row.roles.split()), row.password) if row else None


async def everybody(tx: Transaction) -> tuple[Member, ...]:
    """All who are with the hub."""
    rows = await tx.run(select(schema.staff).where(_s.hub == tx.hub, _s.ended_at.is_(None)).order_by(_s.id))
    return tuple(Member(row.id, tuple(row.roles.split()), row.password) for row in rows)


async def open_session(tx: Transaction, digest: str, member: str, at: datetime) -> None:
    """A new session."""
    await tx.run(insert(schema.session).values(hub=tx.hub, digest=digest, staff=member, created_at=at, seen_at=at))


async def session(tx: Transaction, digest: str) -> Session | None:
    """The session of this cookie's digest."""
    row = (await tx.run(select(schema.session).where(_n.hub == tx.hub, _n.digest == digest))).one_or_none()
    return Session(row.staff, row.created_at, row.seen_at) if row else None


async def seen(tx: Transaction, digest: str, at: datetime) -> None:
    """The session was used."""
    await tx.run(update(schema.session).where(_n.hub == tx.hub, _n.digest == digest).values(seen_at=at))


async def end_session(tx: Transaction, digest: str) -> None:
    """Sign out."""
    await tx.run(delete(schema.session).where(_n.hub == tx.hub, _n.digest == digest))


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
