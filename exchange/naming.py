"""Naming: which member of staff acts where nobody has signed in: by a token of theirs, or by the operator's command.

1. A token that was issued for a member of staff is that member: the record names them, and it may what both may.
2. It ends with them: whoever has left acts by no token.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

from exchange.policy import PROGRAM, Viewer, roles
from exchange.store import staff
from exchange.store.database import Transaction
from keys import passwords

_AS = "as:"  # before a member's id, among the scopes of a token


class NobodyNamed(LookupError):
    """Nobody of this id is a member of staff: see `exchange staff add`."""


def scopes(of: tuple[str, ...], member: str) -> tuple[str, ...]:
    """What a token is stored with: roles, and the member it was issued for."""
    return (*of, f"{_AS}{member}") if member else of


async def program(tx: Transaction, label: str, stored: tuple[str, ...], at: datetime) -> Viewer | None:
    """Who asks by this token; None when the member it was issued for has left."""
    own = roles(tuple(scope for scope in stored if not scope.startswith(_AS)))
    member = next((scope.removeprefix(_AS) for scope in stored if scope.startswith(_AS)), "")
    if not member:
        return Viewer(f"{PROGRAM}{label}", own)
    found = await staff.find(tx, member)
    return Viewer(found.id, own & roles(found.roles_at(at))) if found else None


async def named(tx: Transaction, member: str, at: datetime) -> Viewer:
    """The member of this id, with the roles they hold at that moment. Raises NobodyNamed."""
    found = await staff.find(tx, member)
    if found is None:
        raise NobodyNamed(f"nobody is a member of staff as “{member}”: use an id given with `exchange staff add`")
    return Viewer(found.id, roles(found.roles_at(at)))


async def proved(tx: Transaction, member: str, password: str, at: datetime) -> Viewer:
    """The member of this id, who has shown that it is them. Raises NobodyNamed for a wrong id and a wrong password
    alike."""
    found = await staff.find(tx, member)
    if (
        not await asyncio.to_thread(passwords.is_right, found.password or None if found else None, password)
        or not found
    ):
        raise NobodyNamed(f"nobody signs in as “{member}” with this password: it is the one for the desk")
    return Viewer(found.id, roles(found.roles_at(at)))
