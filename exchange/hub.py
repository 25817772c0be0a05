"""One hub at work: its database, safe, clock and chance, and the one way anything is recorded in it.

Every loop, page and command goes through `Hub.record`: content is sealed first, then event, case and effects are
committed together, and the caller's own row (the mail read, the letter sent) with them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from exchange import content
from exchange.case.event import Event
from exchange.case.mailbox import Directory
from exchange.case.moving import Move, as_it_is
from exchange.case.referral import Referral
from exchange.case.rules import Rules
from exchange.codes import Codes
from exchange.edge import Chance, Clock
from exchange.fault import fault
from exchange.hubs.canonical import directory_from, moves_from
from exchange.policy import Viewer
from exchange.safe import Forgotten, Item, Safe
from exchange.store import casebook, journal, profiles, retention
from exchange.store.casebook import Recorded, SealedBody
from exchange.store.database import Database, Scope, Transaction
from keys.vault import bound_data, key_id

TRIES = 5  # two people act on one case in the same moment: the second sees what the first did and tries again


class KeysGone(RuntimeError):
    """What was just sealed could not be read again: seal it with new keys, and try again."""


Also = Callable[[Transaction, Recorded], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Hub:
    """What every loop and page needs."""

    id: str
    database: Database
    safe: Safe
    clock: Clock
    chance: Chance = field(default_factory=Chance)
    index_secret: bytes = field(default=b"", repr=False)  # keys the blind index
    codes: Codes = field(default=Codes(b""), repr=False)
    scans: bool = False  # a malware scanner looks at each file that a referrer sends
    codes_by: str = ""  # what carries one-time codes (one_time.py); "" for nothing
    _moves: dict[str, tuple[Move, ...]] = field(default_factory=dict, repr=False)  # as last read, by their hash
    _read: dict[str, Directory] = field(default_factory=dict, repr=False)  # the directory last read, by its hash

    def scope(self, actor: str | Viewer = "system") -> Scope:
        """This hub, in somebody's name; a viewer's hides what is kept from them from all that is read."""
        if isinstance(actor, Viewer):
            return Scope(self.id, actor.id, actor.names, actor.unseen, actor.read)
        return Scope(self.id, actor)

    async def record(
        self,
        case_id: str,
        event: Event,
        cause: str,
        parts: content.Parts | None = None,
        *,
        actor: str | Viewer = "system",
        also: Also | None = None,
    ) -> Recorded:
        """Let `event` happen, once per `cause`, with its content sealed; `also` runs in the same transaction.

        Raises CannotHappen (nothing changed) or NoSuchCase.
        """
        event_id = self.chance.id()
        sealed = await self._sealed(case_id, event_id, parts or {})
        for left in reversed(range(TRIES)):
            try:
                return await self._once(case_id, event, cause, event_id, sealed, actor, also)
            except casebook.Overtaken:
                if not left:
                    raise
            except KeysGone:
                self.safe.let_go(body.compartment for body in sealed)
                sealed = await self._sealed(case_id, event_id, parts or {})
        raise AssertionError("unreachable")

    async def note(self, stream: str, kind: str, actor: str, **facts: str) -> None:
        """Write a line into a stream of the hub (journal.ACCESS...): codes and ids, never a name or a word."""
        async with self.database.transaction(self.scope(actor)) as tx:
            await journal.note(tx, stream, kind, self.clock.now(), self.chance.id(), **facts)

    async def _once(
        self,
        case_id: str,
        event: Event,
        cause: str,
        event_id: str,
        sealed: tuple[SealedBody, ...],
        actor: str | Viewer,
        also: Also | None,
    ) -> Recorded:
        async with self.database.transaction(self.scope(actor)) as tx:
            recorded = await casebook.record(tx, case_id, event, event_id=event_id, cause=cause, bodies=sealed)
            if sealed and recorded.case.disposals and not await self._will_open(tx, sealed):
                raise KeysGone
            if also:
                await also(tx, recorded)
            fault("casebook.before-commit")
        fault("casebook.after-commit")
        return recorded

    async def _will_open(self, tx: Transaction, sealed: tuple[SealedBody, ...]) -> bool:
        """Whether what was sealed for a case with disposals can be read again: the key that this process remembers
        may be destroyed, or about to be. First what is about to be, which is crossed off only once it is gone."""
        doomed = await retention.doomed(tx)
        blobs = [body.blob for body in sealed]
        return not any(key_id(blob) in doomed for blob in blobs) and await self.safe.has_keys_of(blobs)

    async def _sealed(self, case_id: str, event_id: str, parts: content.Parts) -> tuple[SealedBody, ...]:
        items = [
            Item(content.compartment(case_id, name), bound_data(self.id, case_id, event_id, name), plain)
            for name, plain in parts.items()
        ]
        blobs = await self.safe.seal(items)
        return tuple(
            SealedBody(name, item.compartment, blob) for name, item, blob in zip(parts, items, blobs, strict=True)
        )

    async def opened(self, tx: Transaction, case_id: str, name: str | None = None) -> list[tuple[str, str, bytes]]:
        """(event id, body name, content) of the case's bodies, oldest first; what was forgotten is left out, and so
        are whole files unless one is named."""
        found = []
        for stored in await casebook.bodies(tx, case_id, name=name, but=content.LARGE):
            try:
                plain = await self.safe.open(stored.blob, bound_data(self.id, case_id, stored.event, stored.name))
            except Forgotten:
                continue
            found.append((stored.event, content.as_read(stored.name), plain.data))
        return found

    async def referral(self, tx: Transaction, case_id: str) -> Referral | None:
        """What the case's referral says, or None while it is not transcribed."""
        return content.referral_from((name, plain) for _, name, plain in await self.opened(tx, case_id))

    async def rules(self) -> tuple[str, Rules]:
        """(hash, rules) in force for new cases."""
        async with self.database.reading(self.scope()) as tx:
            return await profiles.current_rules(tx)

    async def directory(self, tx: Transaction) -> Directory:
        """Everybody the hub may write to, as it stands now: what moves is reached as before until its time."""
        return as_it_is(await self.filed(tx), await self.moves(tx), self.clock.now())

    async def moves(self, tx: Transaction) -> tuple[Move, ...]:
        """Mailboxes that are, or were, on their way to be reached otherwise."""
        try:
            found, sealed = await profiles.current(tx, "moves")
        except profiles.NoProfile:
            return ()
        if found not in self._moves:
            plain = await self.safe.open(sealed, bound_data(self.id, "profile", found, "moves"))
            self._moves.clear()
            self._moves[found] = moves_from(plain.data.decode())
        return self._moves[found]

    async def filed(self, tx: Transaction) -> Directory:
        """The directory as the hub file in force has it."""
        found, sealed = await profiles.current(tx, "directory")
        if found in self._read:  # named by its content: the same name is the same directory
            return self._read[found]
        plain = await self.safe.open(sealed, bound_data(self.id, "profile", found, "directory"))
        self._read.clear()
        self._read[found] = directory_from(plain.data.decode())
        return self._read[found]
