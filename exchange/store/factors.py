"""Second factors of staff: the app that shows codes, codes on paper, and who they are to an identity provider."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update

from exchange.store import schema
from exchange.store.database import Transaction

_a, _r, _i = schema.authenticator.c, schema.recovery.c, schema.identity.c
SUBJECT, ADDRESS = "subject", "address"


@dataclass(frozen=True, slots=True)
class App:
    """The app that shows a member codes."""

    secret: bytes = field(repr=False)  # sealed
    proved_at: datetime | None  # None until the first code of it was right: it counts for nothing before
    step: int  # the half minute of the last code taken


async def put_app(tx: Transaction, member: str, secret: bytes) -> None:
    """A new app, instead of any other; it counts once a code of it was right."""
    await tx.run(delete(schema.authenticator).where(_a.hub == tx.hub, _a.staff == member))
    await tx.run(insert(schema.authenticator).values(hub=tx.hub, staff=member, secret=secret, step=0))


async def app(tx: Transaction, member: str) -> App | None:
    """A member's app."""
    row = (await tx.run(select(schema.authenticator).where(_a.hub == tx.hub, _a.staff == member))).one_or_none()
    return App(row.secret, row.proved_at, row.step) if row else None


async def take_step(tx: Transaction, member: str, step: int, at: datetime) -> bool:
    """Whether a code of this half minute counts: none does twice, nor one older than the last (RFC 6238 5.2)."""
    mine = (_a.hub == tx.hub, _a.staff == member, _a.step < step)
    values = {"step": step, "proved_at": func.coalesce(_a.proved_at, at)}
    return bool((await tx.run(update(schema.authenticator).where(*mine).values(**values))).rowcount)


async def remove_app(tx: Transaction, member: str) -> bool:
    """The app counts no more; whether there was one."""
    return bool((await tx.run(delete(schema.authenticator).where(_a.hub == tx.hub, _a.staff == member))).rowcount)


async def put_codes(tx: Transaction, member: str, digests: Iterable[str]) -> None:
    """New codes on paper, instead of all others."""
    await tx.run(delete(schema.recovery).where(_r.hub == tx.hub, _r.staff == member))
    for digest in digests:
        await tx.run(insert(schema.recovery).values(hub=tx.hub, staff=member, digest=digest))


async def take_code(tx: Transaction, member: str, digest: str, at: datetime) -> bool:
    """Whether it is a code on paper that was not used before: now it was."""
    mine = (_r.hub == tx.hub, _r.staff == member, _r.digest == digest, _r.used_at.is_(None))
    return bool((await tx.run(update(schema.recovery).where(*mine).values(used_at=at))).rowcount)


async def codes_left(tx: Transaction, member: str) -> int:
    """How many codes on paper are still good."""
    mine = (_r.hub == tx.hub, _r.staff == member, _r.used_at.is_(None))
    found: int = (await tx.run(select(func.count()).select_from(schema.recovery).where(*mine))).scalar_one()
    return found


async def put_identity(tx: Transaction, member: str, digest: str, kind: str, at: datetime) -> bool:
    """Who a member is to a provider; False when that is somebody else already."""
    if (known := await identified(tx, digest)) is not None:
        return known[0] == member
    await tx.run(insert(schema.identity).values(hub=tx.hub, digest=digest, staff=member, kind=kind, added_at=at))
    return True


async def identified(tx: Transaction, digest: str) -> tuple[str, str] | None:
    """(member, kind) of whom a provider names so."""
    row = (await tx.run(select(_i.staff, _i.kind).where(_i.hub == tx.hub, _i.digest == digest))).one_or_none()
    return (row.staff, row.kind) if row else None


async def has_identity(tx: Transaction, member: str) -> bool:
    """Whether a member can sign in at a provider."""
    found = select(_i.staff).where(_i.hub == tx.hub, _i.staff == member).limit(1)
    return (await tx.run(found)).scalar_one_or_none() is not None


async def forget_identity(tx: Transaction, digest: str) -> None:
    """A provider's word for somebody counts no more."""
    await tx.run(delete(schema.identity).where(_i.hub == tx.hub, _i.digest == digest))


async def remove_all(tx: Transaction, member: str) -> None:
    """Nothing of a member's counts any more: app, codes, provider."""
    for table in (schema.authenticator, schema.recovery, schema.identity):
        await tx.run(delete(table).where(table.c.hub == tx.hub, table.c.staff == member))
