"""The safe: content goes in sealed under its compartment's key, and comes out only where the private half is.

The one place where the vault's cryptography and the key store meet, so that loops and pages cannot get the order
wrong: a key is on the disk before anything it sealed is written anywhere.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from exchange.case.sealed import Plain
from exchange.edge import Clock
from exchange.store import keystore
from exchange.store.database import Database, Scope
from keys import vault

_Name = TypeVar("_Name", str, bytes)
CACHED_KEYS = 512  # data keys held in memory; a forgotten compartment's leave with the process that forgot it


class Forgotten(LookupError):
    """The key was destroyed: what it sealed can never be read again."""


class CannotOpen(PermissionError):
    """This process holds the sealing half only; opening is for desk and workers."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to seal: into which compartment, bound to what (see vault.bound_data)."""

    compartment: str
    bound: bytes
    plain: bytes = field(repr=False)


class Safe:
    """Seals for anybody; opens where the master key's private half was given."""

    def __init__(self, keys: Database, hub: str, clock: Clock, public: bytes, private: bytes | None = None) -> None:
        self._keys, self._hub, self._clock = keys, hub, clock
        self._sealing = vault.SealingHalf(public)
        self._opening = vault.OpeningHalf(private) if private else None
        self._by_compartment: OrderedDict[str, vault.DataKey] = OrderedDict()
        self._by_id: OrderedDict[bytes, vault.DataKey] = OrderedDict()

    def derive(self, label: str) -> bytes:
        """A secret of this hub for one purpose (address tokens, index tokens). Raises CannotOpen."""
        if self._opening is None:
            raise CannotOpen("this process holds the sealing half only")
        return self._opening.derive(label)

    async def seal(self, items: Sequence[Item]) -> list[bytes]:
        """Seal each item; every new key is committed before this returns."""
        keys = {i.compartment: self._by_compartment.get(i.compartment) for i in items}
        new = {c: self._sealing.new_key(c) for c, key in keys.items() if key is None}
        if new:
            rows = [(wrapped.id, wrapped.compartment, wrapped.blob) for _, wrapped in new.values()]
            async with self._keys.transaction(Scope(self._hub)) as tx:
                await keystore.put(tx, rows, int(self._clock.now().timestamp()))
        for compartment, (made, _) in new.items():  # only now: a key in use by another task is always on the disk
            keys[compartment] = made
            _remember(self._by_compartment, compartment, made)
        return [vault.seal(key, i.plain, i.bound) for i in items if (key := keys[i.compartment])]

    async def open(self, blob: bytes, bound: bytes) -> Plain:
        """The content of `blob`. Raises Forgotten, CannotOpen or vault.VaultRefused."""
        return vault.unseal(await self._key(vault.key_id(blob)), blob, bound)

    async def _key(self, key_id: bytes) -> vault.DataKey:
        known = self._by_id.get(key_id)
        if known is not None:
            return known
        if self._opening is None:
            raise CannotOpen("this process holds the sealing half only")
        async with self._keys.reading(Scope(self._hub)) as tx:
            found = await keystore.find(tx, key_id)
        if found is None:
            raise Forgotten("the key of this content was destroyed")
        key = self._opening.unwrap(vault.WrappedKey(key_id, *found))
        _remember(self._by_id, key_id, key)
        return key

    async def keys_of(self, compartments: Iterable[str]) -> frozenset[bytes]:
        """The ids of the keys that ever sealed in these compartments, and are still there."""
        async with self._keys.reading(Scope(self._hub)) as tx:
            return await keystore.of_compartments(tx, compartments)

    async def destroy(self, keys: Iterable[bytes]) -> None:
        """Destroy these keys. What another process holds of them in memory leaves with it."""
        async with self._keys.transaction(Scope(self._hub)) as tx:
            await keystore.destroy(tx, keys)
        self._by_compartment.clear()
        self._by_id.clear()

    async def has_keys_of(self, blobs: Iterable[bytes]) -> bool:
        """Whether the key of each of these is still in the key store, whatever this process remembers."""
        wanted = {vault.key_id(blob) for blob in blobs}
        async with self._keys.reading(Scope(self._hub)) as tx:
            return wanted <= await keystore.present(tx, wanted)

    def let_go(self, compartments: Iterable[str]) -> None:
        """Seal with new keys from now on: the old ones may have been destroyed by another process."""
        for compartment in compartments:
            self._by_compartment.pop(compartment, None)

    async def forget(self, compartment: str) -> None:
        """Destroy the compartment's keys."""
        async with self._keys.transaction(Scope(self._hub)) as tx:
            await keystore.forget(tx, compartment)
        self._by_compartment.pop(compartment, None)
        self._by_id.clear()


def _remember(cache: OrderedDict[_Name, vault.DataKey], name: _Name, key: vault.DataKey) -> None:
    cache[name] = key
    while len(cache) > CACHED_KEYS:
        cache.popitem(last=False)


def digest(secret: bytes, text: str) -> str:
    """The keyed digest under which a code is kept (T23, T40)."""
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
