"""Hub profiles: rules by content hash (a case names those of its receipt) and the directory in force."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import func, insert, select, update

from exchange.case.rules import Rules
from exchange.hubs.canonical import rules_from
from exchange.store import schema
from exchange.store.database import Transaction


class NoProfile(LookupError):
    """The hub has no profile yet: run `exchange hub apply FILE.toml`."""


_known: dict[str, Rules] = {}  # rules once read, by the hash of their content: the same hash is the same rules


def _parsed(found: str, content: bytes) -> Rules:
    if found not in _known:
        _known[found] = rules_from(content.decode())
    return _known[found]


async def rules(tx: Transaction, wanted: str) -> Rules:
    """The rules of this content hash. Raises NoProfile."""
    if wanted in _known:
        return _known[wanted]
    p = schema.profile.c
    row = await tx.run(select(p.content).where(p.hub == tx.hub, p.hash == wanted, p.kind == "rules"))
    content = row.scalar_one_or_none()
    if content is None:
        raise NoProfile("no rules of this hash: run `exchange hub apply FILE.toml`")
    return _parsed(wanted, content)


async def current(tx: Transaction, kind: str) -> tuple[str, bytes]:
    """(hash, content) of the profile in force, kind `rules` or `directory`. Raises NoProfile."""
    p = schema.profile.c
    row = (
        await tx.run(
            select(p.hash, p.content).where(p.hub == tx.hub, p.kind == kind).order_by(p.number.desc()).limit(1)
        )
    ).one_or_none()
    if row is None:
        raise NoProfile("this hub has no profile yet: run `exchange hub apply FILE.toml`")
    return row.hash, row.content


async def find(tx: Transaction, kind: str, wanted: str) -> bytes | None:
    """The content of this hash, in force or not."""
    p = schema.profile.c
    found = await tx.run(select(p.content).where(p.hub == tx.hub, p.kind == kind, p.hash == wanted))
    content: bytes | None = found.scalar_one_or_none()
    return content


async def current_rules(tx: Transaction) -> tuple[str, Rules]:
    """(hash, rules) in force for new cases. Raises NoProfile."""
    found, content = await current(tx, "rules")
    return found, _parsed(found, content)


async def since(tx: Transaction) -> datetime | None:
    """When the hub's first directory was put in force."""
    p = schema.profile.c
    found = await tx.run(select(func.min(p.at)).where(p.hub == tx.hub, p.kind == "directory"))
    at: datetime | None = found.scalar_one()
    return at


async def put(tx: Transaction, kind: str, plain: bytes, content: bytes, at: datetime) -> str:
    """Put a profile in force; `plain` is what the hash is taken of, `content` what is stored (sealed or the same)."""
    p = schema.profile.c
    wanted = hashlib.sha256(plain).hexdigest()
    highest = (await tx.run(select(func.max(p.number)).where(p.hub == tx.hub, p.kind == kind))).scalar_one() or 0
    known = (
        await tx.run(select(p.number).where(p.hub == tx.hub, p.hash == wanted, p.kind == kind))
    ).scalar_one_or_none()
    if known is None:
        await tx.run(
            insert(schema.profile).values(
                hub=tx.hub, hash=wanted, kind=kind, number=highest + 1, at=at, content=content
            )
        )
    elif known != highest:
        await tx.run(update(schema.profile).where(p.hub == tx.hub, p.hash == wanted).values(number=highest + 1))
    return wanted
