"""Staffing: who is with the hub, which roles each holds from when to when, and letting somebody in anew.

1. A role that sees content is the hub manager's to give and to end; nobody changes what they may do themselves.
2. The hub never loses its last administrator: somebody who lets people in is always there, with no end set.
3. Whoever leaves, or is let in anew, is signed out everywhere at once, and their passkeys and codes are void.
4. Every change is a line of the directory's stream: ids, roles and days, nobody's name.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from exchange.case.step import CannotHappen
from exchange.desk.given import Unfit
from exchange.hub import Hub
from exchange.policy import MAY, OPERATOR, PROGRAM, Action, Forbidden, Role, Viewer, may_give, require, roles
from exchange.safe import digest
from exchange.store import factors, journal, passkeys, sessions, staff
from exchange.store.database import Transaction
from keys import passwords

LEAST_PASSWORD = 12  # characters (NCSC: three random words are longer)
NOBODYS = frozenset({"operator", "system", "referrer", "api", "desk"})  # who acts where no member of staff does
ADMINISTRATORS = frozenset(role.value for role in MAY[Action.MANAGE_STAFF])
PASSKEYS = "staff"  # the kind of owner that staff are (passkeys.py)


@dataclass(frozen=True, slots=True)
class Staffing:
    """The hub's staff, as one viewer may see and change them."""

    hub: Hub
    viewer: Viewer

    async def listed(self) -> tuple[staff.Member, ...]:
        """All who are with the hub, with every role they hold, held or will hold. Raises Forbidden."""
        if not self.viewer.may(Action.MANAGE_STAFF):  # to look is no act: nobody is asked to prove who they are
            raise Forbidden(self.viewer.id, Action.MANAGE_STAFF)
        async with self.hub.database.reading(self.hub.scope(self.viewer)) as tx:
            return await staff.everybody(tx)

    async def add(
        self, member: str, wanted: tuple[Role, ...], *, password: str = "",
        since: datetime | None = None, until: datetime | None = None, with_password: bool = True,
    ) -> tuple[bool, str]:  # fmt: skip
        """Let a member in with these roles and no others; (whether they were here before, the password that was made
        for them, if one was). Raises Unfit, Forbidden, ProveAgain or CannotHappen."""
        now = self.hub.clock.now()
        _check_id(member)
        self._may(member, wanted)
        made = "" if password or not with_password else secrets.token_urlsafe(12)
        hashed = await _hashed(password or made)
        async with self.hub.database.transaction(self.hub.scope(self.viewer)) as tx:
            before = await staff.find(tx, member)
            if before:
                self._may(member, _roles(before, now))
                await self._afresh(tx, member, now)
            await staff.put(tx, member, hashed, now)
            for held in before.access if before else ():
                await staff.take(tx, member, held.role, now)
            for role in wanted:
                await staff.give(tx, member, staff.Access(role.value, since or now, until))
            await self._somebody_stays(tx, before, now)
            facts = {"staff": member, "roles": ",".join(role.value for role in wanted), **_days(since, until)}
            await self._note(tx, "StaffAdded", **facts)
        return before is not None, made

    async def known_as(self, member: str, issuer: str, named: str) -> None:
        """Who a member is to an identity provider: its id for them, or their mail address there. Raises Unfit."""
        require(self.viewer, Action.MANAGE_STAFF)
        kind, now = factors.ADDRESS if "@" in named else factors.SUBJECT, self.hub.clock.now()
        kept = identity(self.hub, issuer, kind, named)
        async with self.hub.database.transaction(self.hub.scope(self.viewer)) as tx:
            before = await self._here(tx, member)
            self._may(member, _roles(before, now))
            if not await factors.put_identity(tx, member, kept, kind, now):
                raise Unfit("oidc", "Somebody else is known here by that already")
            await self._note(tx, "KnownAtProvider", staff=member, by=kind)

    async def give(
        self, member: str, role: Role, since: datetime | None = None, until: datetime | None = None
    ) -> None:
        """Let somebody hold a role from `since` (now) to `until` (no end), instead of what was said of it before."""
        self._may(member, (role,))
        now = self.hub.clock.now()
        begins = max(since or now, now)
        if until is not None and until <= begins:
            raise Unfit("until", "This role would be over before it begins: write a later day")
        async with self.hub.database.transaction(self.hub.scope(self.viewer)) as tx:
            before = await self._here(tx, member)
            await staff.give(tx, member, staff.Access(role.value, begins, until))
            await self._somebody_stays(tx, before, now)
            await self._note(tx, "RoleGiven", staff=member, role=role.value, **_days(begins, until))

    async def take(self, member: str, role: Role, at: datetime | None = None) -> None:
        """From `at` (now) on they hold the role no more."""
        self._may(member, (role,))
        now = self.hub.clock.now()
        ends = max(at or now, now)
        async with self.hub.database.transaction(self.hub.scope(self.viewer)) as tx:
            before = await self._here(tx, member)
            if not await staff.take(tx, member, role.value, ends):
                raise Unfit("role", f"“{member}” does not hold the role {role.value}")
            await self._somebody_stays(tx, before, now)
            await self._note(tx, "RoleEnded", staff=member, role=role.value, **_days(None, ends))

    async def end(self, member: str) -> None:
        """They have left."""
        now = self.hub.clock.now()
        async with self.hub.database.transaction(self.hub.scope(self.viewer)) as tx:
            before = await self._here(tx, member)
            self._may(member, _roles(before, now))
            await staff.end(tx, member, now)
            await self._afresh(tx, member, now)
            await self._somebody_stays(tx, before, now)
            await self._note(tx, "StaffEnded", staff=member)

    async def anew(self, member: str, password: str = "") -> str:
        """Let somebody in who lost what they sign in with: a new password, which is made when none is given; their
        passkeys, app and codes count no more. The password that was made."""
        now, made = self.hub.clock.now(), "" if password else secrets.token_urlsafe(12)
        hashed = await _hashed(password or made)
        async with self.hub.database.transaction(self.hub.scope(self.viewer)) as tx:
            before = await self._here(tx, member)
            self._may(member, _roles(before, now))
            await self._afresh(tx, member, now)
            await staff.put(tx, member, hashed, now)
            await self._note(tx, "LetInAnew", staff=member)
        return made

    async def sessions(self, member: str) -> tuple[sessions.Session, ...]:
        """Where somebody is signed in. Raises Forbidden."""
        if not self.viewer.may(Action.MANAGE_STAFF):
            raise Forbidden(self.viewer.id, Action.MANAGE_STAFF)
        async with self.hub.database.reading(self.hub.scope(self.viewer)) as tx:
            return await sessions.of(tx, member)

    async def sign_out(self, member: str) -> int:
        """Sign somebody out everywhere, at once; from how many browsers."""
        require(self.viewer, Action.MANAGE_STAFF)
        now = self.hub.clock.now()
        async with self.hub.database.transaction(self.hub.scope(self.viewer)) as tx:
            await self._here(tx, member)
            number = await sessions.end_all(tx, member, now)
            await self._note(tx, "SignedOutByOther", staff=member)
        return number

    def _may(self, member: str, of: Iterable[Role]) -> None:
        require(self.viewer, Action.MANAGE_STAFF)
        if member == self.viewer.id:
            raise CannotHappen("nobody changes what they may do themselves: ask another administrator")
        for role in of:
            if not may_give(self.viewer, role):
                raise CannotHappen(f"the role {role.value} sees what is said of people: ask a hub manager")

    async def _here(self, tx: Transaction, member: str) -> staff.Member:
        found = await staff.find(tx, member)
        if found is None:
            raise Unfit("staff", f"Nobody is a member of staff as “{member}”: write a staff id")
        return found

    async def _somebody_stays(self, tx: Transaction, before: staff.Member | None, now: datetime) -> None:
        """Whoever let people in without an end may stop only while somebody else goes on. Raises CannotHappen."""
        if before is None or not _stays(before, now):
            return
        if not any(_stays(one, now) for one in await staff.everybody(tx)):
            raise CannotHappen(
                f"“{before.id}” is the last who may let people in: first give somebody else such a role, with no end"
            )

    async def _afresh(self, tx: Transaction, member: str, now: datetime) -> None:
        await sessions.end_all(tx, member, now)
        await passkeys.remove_all(tx, PASSKEYS, member)
        await factors.remove_all(tx, member)

    async def _note(self, tx: Transaction, kind: str, **facts: str) -> None:
        hub = self.hub
        await journal.note(tx, journal.DIRECTORY, kind, hub.clock.now(), hub.chance.id(), **facts)


def identity(hub: Hub, issuer: str, kind: str, named: str) -> str:
    """What is kept of who somebody is to a provider: neither their id there nor their address can be read in it."""
    plain = named.strip().lower() if kind == factors.ADDRESS else named
    return digest(hub.safe.derive("identities"), f"{issuer}\0{kind}\0{plain}")


def operators(hub: Hub) -> Staffing:
    """As whoever holds the keys of this machine changes it."""
    return Staffing(hub, OPERATOR)


def _check_id(member: str) -> None:
    if member in NOBODYS or member.startswith(PROGRAM):
        raise Unfit("staff", f"“{member}” is a name of the exchange's own: choose another staff id")
    if not member or len(member) > 60 or member != member.strip():
        raise Unfit("staff", "A staff id has 1 to 60 characters, such as duty-1")


def _stays(member: staff.Member, now: datetime) -> bool:
    return any(one.role in ADMINISTRATORS and one.at(now) and one.until is None for one in member.access)


def _roles(member: staff.Member, now: datetime) -> frozenset[Role]:
    """What they hold or will hold."""
    return roles(tuple(one.role for one in member.access if not one.over(now)))


def _days(since: datetime | None, until: datetime | None) -> dict[str, str]:
    return {name: at.isoformat() for name, at in (("since", since), ("until", until)) if at is not None}


async def _hashed(password: str) -> str:
    if not password:
        return ""
    if len(password) < LEAST_PASSWORD:
        raise Unfit("password", f"The password is short: {LEAST_PASSWORD} characters or more")
    return await asyncio.to_thread(passwords.hashed, password)
