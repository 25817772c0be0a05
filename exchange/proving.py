"""Proving: how members of staff show who they are, by password, by an app's code, by a code on paper.

1. What is wrong is told in one way, and takes the same time, whether or not there is somebody of that name.
2. Ten wrong answers for one name, of any kind, lock its passwords and codes until the hour is over; a passkey, which
   nobody can guess, still lets them in.
3. A code of the app counts once, and so does a code on paper; of the latter the keyed digest alone is kept.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum

from exchange.hub import Hub
from exchange.safe import Item, digest
from exchange.staffing import LEAST_PASSWORD, PASSKEYS
from exchange.store import factors, guesses, journal, passkeys, staff
from exchange.store.database import Transaction
from keys import authenticator, passwords
from keys.vault import bound_data

MOST_TRIES = 10  # in an hour: a person who mistypes needs fewer, a guesser needs a thousand times as many
CHECKED_AT_ONCE, MOST_WAITING = 2, 20  # passwords: one costs 64 MiB and a twentieth of a second (RFC 9106)
PAPER_CODES = 10
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # nothing that is read as something else on paper
_PAPER = 12  # letters of a code on paper: 58 bits, for somebody who has the password as well


class Busy(RuntimeError):
    """Too many people, or a machine, try passwords at this moment: try again in a minute."""


class Way(StrEnum):
    """How somebody proved who they are."""

    PASSWORD = "password"  # noqa: S105 - alone
    CODE = "password_code"
    PAPER = "recovery"
    PASSKEY = "passkey"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class Has:
    """What a member can prove themselves with."""

    password: bool
    passkeys: int
    app: bool
    papers: int  # codes on paper that are still good
    provider: bool

    @property
    def second(self) -> bool:
        """Something that comes on top of a password, or instead of it."""
        return bool(self.app or self.passkeys)


@dataclass(frozen=True, slots=True)
class Proving:
    """The ways of one hub."""

    hub: Hub

    async def has(self, member: str) -> Has:
        """What this member has."""
        async with self.hub.database.reading(self.hub.scope("desk")) as tx:
            found, app = await staff.find(tx, member), await factors.app(tx, member)
            return Has(
                bool(found and found.password), len(await passkeys.of(tx, PASSKEYS, member)),
                bool(app and app.proved_at), await factors.codes_left(tx, member),
                await factors.has_identity(tx, member),
            )  # fmt: skip

    async def password(self, member: str, typed: str) -> bool:
        """Whether it is their password, and they hold a role at the moment. Raises Busy."""
        now = self.hub.clock.now()
        async with self.hub.database.reading(self.hub.scope("desk")) as tx:
            found = await staff.find(tx, member)
            locked = await self._locked(tx, member)
        kept = found.password or None if found else None
        right = await _CHECKS.right(kept, typed)
        if right and found and not locked and found.roles_at(now):
            return True
        await self._wrong(member)
        return False

    async def code(self, member: str, typed: str) -> Way | None:
        """What it is a code of: the app, or the paper; None for a wrong one."""
        now = self.hub.clock.now()
        async with self.hub.database.transaction(self.hub.scope(member)) as tx:
            if not await self._locked(tx, member):
                app = await factors.app(tx, member)
                step = await self._step(member, app, typed) if app and app.proved_at else None
                if step is not None and await factors.take_step(tx, member, step, now):
                    return Way.CODE
                if await factors.take_code(tx, member, self._digest(member, typed), now):
                    await self._note(tx, "PaperCodeUsed", member)
                    return Way.PAPER
        await self._wrong(member)
        return None

    async def new_app(self, member: str) -> None:
        """A new secret for an app, instead of any they had: it counts once a code of it was right."""
        secret = authenticator.new().encode()
        (sealed,) = await self.hub.safe.seal([Item(f"staff:{member}", self._bound(member), secret)])
        async with self.hub.database.transaction(self.hub.scope(member)) as tx:
            await factors.put_app(tx, member, sealed)

    async def app_secret(self, member: str) -> str | None:
        """The secret of an app that is being set up; None once a code of it was right, for nobody reads it again."""
        async with self.hub.database.reading(self.hub.scope(member)) as tx:
            app = await factors.app(tx, member)
        return await self._secret(member, app) if app and app.proved_at is None else None

    async def app_works(self, member: str, typed: str) -> bool:
        """Whether the app that is being set up shows the right code: from now on it counts."""
        now = self.hub.clock.now()
        async with self.hub.database.transaction(self.hub.scope(member)) as tx:
            app = await factors.app(tx, member)
            step = await self._step(member, app, typed) if app and not await self._locked(tx, member) else None
            if step is not None and await factors.take_step(tx, member, step, now):
                await self._note(tx, "AppAdded", member)
                return True
        await self._wrong(member)
        return False

    async def remove_app(self, member: str) -> None:
        """Its codes count no more."""
        async with self.hub.database.transaction(self.hub.scope(member)) as tx:
            if await factors.remove_app(tx, member):
                await self._note(tx, "AppRemoved", member)

    async def new_papers(self, member: str) -> tuple[str, ...]:
        """Codes to write down, instead of all others; they are shown this once."""
        codes = tuple(self._paper() for _ in range(PAPER_CODES))
        async with self.hub.database.transaction(self.hub.scope(member)) as tx:
            await factors.put_codes(tx, member, [self._digest(member, code) for code in codes])
            await self._note(tx, "PaperCodesMade", member)
        return codes

    async def new_password(self, member: str, typed: str) -> bool:
        """Their new password; False when it is too short to be one."""
        if len(typed) < LEAST_PASSWORD:
            return False
        hashed = await asyncio.to_thread(passwords.hashed, typed)
        async with self.hub.database.transaction(self.hub.scope(member)) as tx:
            await staff.put(tx, member, hashed, self.hub.clock.now())
            await self._note(tx, "PasswordChanged", member)
        return True

    async def _step(self, member: str, app: factors.App, typed: str) -> int | None:
        return authenticator.step(await self._secret(member, app), typed, self.hub.clock.now())

    async def _secret(self, member: str, app: factors.App) -> str:
        return (await self.hub.safe.open(app.secret, self._bound(member))).data.decode()

    async def _locked(self, tx: Transaction, member: str) -> bool:
        return await guesses.tried(tx, self._about(member)) >= MOST_TRIES

    async def _wrong(self, member: str) -> None:
        async with self.hub.database.transaction(self.hub.scope("desk")) as tx:
            locks = await guesses.wrong(tx, self._about(member), self.hub.clock.now() + guesses.A_DAY) == MOST_TRIES
            if locks and await staff.find(tx, member):  # what is nobody's id may be anything, a password as well
                await self._note(tx, "SignInLocked", member)

    def _about(self, member: str) -> str:
        named = digest(self.hub.safe.derive("sign-in"), member)
        return f"sign-in:{named}:{self.hub.clock.now():%Y%m%d%H}"

    def _digest(self, member: str, typed: str) -> str:
        plain = "".join(c for c in typed.upper() if c.isalnum())
        return digest(self.hub.safe.derive("paper-codes"), f"{member}\0{plain}")

    def _paper(self) -> str:
        letters = "".join(self._letter() for _ in range(_PAPER))
        return "-".join(letters[i : i + 4] for i in range(0, _PAPER, 4))

    def _letter(self) -> str:
        most = 256 // len(_LETTERS) * len(_LETTERS)
        while (number := self.hub.chance.bytes(1)[0]) >= most:
            pass
        return _LETTERS[number % len(_LETTERS)]

    def _bound(self, member: str) -> bytes:
        return bound_data(self.hub.id, "staff", member, "app")

    async def _note(self, tx: Transaction, kind: str, member: str) -> None:
        await journal.note(tx, journal.DIRECTORY, kind, self.hub.clock.now(), self.hub.chance.id(), staff=member)


@dataclass
class _Checks:
    """Threads of their own: however many passwords somebody tries, whatever else needs a thread has one (T24)."""

    threads: ThreadPoolExecutor
    waiting: int = 0

    async def right(self, kept: str | None, typed: str) -> bool:
        """Whether it is the password that was kept so. Raises Busy."""
        if self.waiting >= MOST_WAITING:
            raise Busy
        self.waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self.threads, passwords.is_right, kept, typed)
        finally:
            self.waiting -= 1


_CHECKS = _Checks(ThreadPoolExecutor(CHECKED_AT_ONCE, "password"))
