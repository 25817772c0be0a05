"""Passkeys of anybody who comes often: registering one, and proving that it is them, for staff and others alike.

1. A challenge is ours, for one purpose, one owner and one session; it counts once, and for half an hour.
   It is made from a secret and stored nowhere, so that a page which anybody may open writes nothing.
2. Which passkeys there are is told to their owner only: whoever proves with a passkey is found by it.
3. Staff, referrers and mailboxes are kinds of owner: a passkey of one kind never proves another.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from exchange.hub import Hub
from exchange.safe import Forgotten, Item
from exchange.store import passkeys as store
from exchange.store.database import Transaction
from keys import passkeys
from keys.refusal import Refused
from keys.vault import bound_data

LASTS = timedelta(minutes=30)  # of a challenge: as long as a page may lie open before somebody presses its button
LONGEST_LABEL = 60
MOST = 20  # of one owner
_RANDOM, _TIME, _SEAL = 16, 8, 32  # octets of a challenge


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose passkeys."""

    kind: str  # "staff", "referrer", "mailbox"...
    id: str  # nobody's address: an id, or a keyed digest


@dataclass(frozen=True, slots=True)
class Kept:
    """A passkey as its owner sees it."""

    digest: str
    label: str = field(repr=False)
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Passkeys:
    """The passkeys of one hub, for the pages under one address. `bound` is the digest of the session in which a page
    was made, or "" where nobody has signed in yet."""

    hub: Hub
    party: passkeys.Party

    @property
    def usable(self) -> bool:
        """Whether browsers make passkeys for this address at all."""
        return self.party.usable

    async def begin_register(self, owner: Owner, bound: str, shown: str) -> str:
        """What the page's script needs to make one for `owner`, who is `shown` so by the browser."""
        async with self.hub.database.reading(self.hub.scope()) as tx:
            have = [one.credential for one in await store.of(tx, owner.kind, owner.id)]
        return passkeys.to_register(self.party, self._challenge("register", owner, bound), self._handle(owner), shown,
                                    have)  # fmt: skip

    async def finish_register(self, owner: Owner, bound: str, label: str, answer: str) -> str:
        """Keep what was made; its digest. Raises Refused."""
        read = self._ours(answer, "register", owner, bound)
        made = passkeys.registered(self.party, read)
        filed = store.digest(made.credential)
        words = " ".join(label.split())[:LONGEST_LABEL] or "Passkey"
        where = Item(f"passkey:{owner.kind}:{owner.id}"[:160], self._bound(filed), words.encode())
        (sealed,) = await self.hub.safe.seal([where])
        now = self.hub.clock.now()
        key = store.Stored(filed, owner.kind, owner.id, made.credential, made.public_key, made.count, sealed, now)
        async with self.hub.database.transaction(self.hub.scope()) as tx:
            await self._once(tx, read)
            if len(await store.of(tx, owner.kind, owner.id)) >= MOST:
                raise Refused(f"there are {MOST} passkeys already: remove one first")
            if await store.find(tx, filed):
                raise Refused("this passkey is registered already")
            await store.put(tx, key)
        return filed

    async def begin_proof(self, kind: str, bound: str, owner: str = "") -> str:
        """What the page's script needs to have somebody of this kind prove who they are; or that they are `owner`."""
        who = Owner(kind, owner)
        among: list[bytes] = []
        if owner:
            async with self.hub.database.reading(self.hub.scope()) as tx:
                among = [one.credential for one in await store.of(tx, kind, owner)]
        return passkeys.to_prove(self.party, self._challenge("prove", who, bound), among)

    async def finish_proof(self, kind: str, bound: str, answer: str, owner: str = "") -> Owner:
        """Who they are. Raises Refused, in the same words whatever was wrong."""
        read = self._ours(answer, "prove", Owner(kind, owner), bound)
        async with self.hub.database.transaction(self.hub.scope()) as tx:
            key = await store.find(tx, store.digest(read.credential))
            if key is None or key.kind != kind or owner not in ("", key.owner):
                raise Refused("this passkey is not known here: sign in another way")
            count = passkeys.proved(self.party, read, key.public_key, key.count)
            await self._once(tx, read)
            await store.used(tx, key.digest, count, self.hub.clock.now())
        return Owner(kind, key.owner)

    async def listed(self, owner: Owner) -> tuple[Kept, ...]:
        """All of one owner's."""
        async with self.hub.database.reading(self.hub.scope()) as tx:
            found = await store.of(tx, owner.kind, owner.id)
        return tuple([Kept(k.digest, await self._label(k), k.created_at, k.used_at) for k in found])

    async def remove(self, owner: Owner, digest: str) -> bool:
        """It counts no more; whether it was this owner's."""
        async with self.hub.database.transaction(self.hub.scope()) as tx:
            return await store.remove(tx, owner.kind, owner.id, digest)

    async def _label(self, key: store.Stored) -> str:
        try:
            return (await self.hub.safe.open(key.label, self._bound(key.digest))).data.decode()
        except Forgotten:
            return "Passkey"

    def _bound(self, digest: str) -> bytes:
        return bound_data(self.hub.id, "passkey", digest, "label")

    def _challenge(self, purpose: str, owner: Owner, bound: str) -> bytes:
        until = int((self.hub.clock.now() + LASTS).timestamp())
        begins = self.hub.chance.bytes(_RANDOM) + until.to_bytes(_TIME, "big")
        return begins + self._sealed(begins, purpose, owner, bound)

    def _ours(self, answer: str, purpose: str, owner: Owner, bound: str) -> passkeys.Answer:
        """The answer, to a challenge of ours that is not too old. Raises Refused."""
        read = passkeys.read(answer)
        begins, seal = read.challenge[:-_SEAL], read.challenge[-_SEAL:]
        if not hmac.compare_digest(seal, self._sealed(begins, purpose, owner, bound)):
            raise Refused("this page was made for somebody else: open it again")
        if _until(begins) <= self.hub.clock.now():
            raise Refused("this page lay open for too long: try again")
        return read

    async def _once(self, tx: Transaction, read: passkeys.Answer) -> None:
        spent = hashlib.sha256(read.challenge).hexdigest()
        if not await store.spend(tx, spent, self.hub.clock.now(), _until(read.challenge[:-_SEAL])):
            raise Refused("this was sent before: try again")

    def _sealed(self, begins: bytes, purpose: str, owner: Owner, bound: str) -> bytes:
        about = "\0".join((purpose, owner.kind, owner.id, bound)).encode()
        return hmac.new(self.hub.safe.derive("passkeys"), begins + about, hashlib.sha256).digest()

    def _handle(self, owner: Owner) -> bytes:
        """What an authenticator files the passkey under: it tells nothing (Web Authentication 14.6.1)."""
        about = f"{owner.kind}\0{owner.id}".encode()
        return hmac.new(self.hub.safe.derive("passkey-handles"), about, hashlib.sha256).digest()


def _until(begins: bytes) -> datetime:
    return datetime.fromtimestamp(int.from_bytes(begins[_RANDOM:][:_TIME], "big"), UTC)
