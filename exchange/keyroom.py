"""The keyroom: the hub's own key and the agencies' pinned certificates, at hand for sealing and opening.

Certificates come from the store (sealed, the same on every node) and are put into this node's keyring on demand, so
that gpg stays the authority on whether one may be used.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

from exchange.pins import Pin
from keys.directory import NotUsable, usable
from keys.openpgp.certificate import Certificate
from keys.openpgp.keyring import Keyring, OpenerKeys
from keys.openpgp.seal import Engine, HubKey, seal


class Keyroom:
    """One node's keyring."""

    def __init__(self, home: Path, passphrase: str, fingerprint: str, engine: str = Engine.SEQUOIA) -> None:
        self._engine = Engine(engine)
        self.keyring = Keyring(home, passphrase)
        self.fingerprint = fingerprint
        self._hub_key: HubKey | None = None
        self._public = b""
        self._known: dict[bytes, Certificate] = {}  # by what was pinned: one that was renewed is looked at anew

    async def hub_key(self) -> HubKey:
        """The hub's own key, exported into memory once."""
        if self._hub_key is None:
            self._hub_key = await asyncio.to_thread(self.keyring.hub_key, self.fingerprint, self._engine)
        return self._hub_key

    async def opening(self) -> OpenerKeys:
        """What the child that opens strangers' ciphertext is given."""
        return await asyncio.to_thread(self.keyring.opener_keys, self.fingerprint, self._engine)

    async def public(self) -> bytes:
        """The hub's own certificate, armored, without what others certified; read once."""
        if not self._public:
            armored = await asyncio.to_thread(self.keyring.export_public, self.fingerprint, minimal=True)
            self._public = armored.encode()
        return self._public

    async def usable(self, pin: Pin, now: datetime) -> Certificate | NotUsable:
        """The OpenPGP certificate of this pin if it may be used today."""
        certificate = await self.certificate(pin.public, pin.fingerprint)
        verdict = usable(certificate, now)
        return verdict if isinstance(verdict, NotUsable) else certificate

    async def certificate(self, armored: bytes, fingerprint: str) -> Certificate:
        """The certificate as gpg lists it; it is put into the keyring once."""
        if armored not in self._known:
            self._known[armored] = await asyncio.to_thread(self.keyring.load, armored, fingerprint)
        return self._known[armored]

    async def seal(self, plain: bytes, certificate: Certificate, now: datetime) -> bytes:
        """Armored ciphertext for one certificate, signed by the hub. Raises SealRefused."""
        key = await self.hub_key()
        if self._engine is Engine.GNUPG or certificate.gpg_only:  # starts a program: the event loop must not wait
            return await asyncio.to_thread(seal, plain, certificate, key, Engine.GNUPG, now=now)
        return seal(plain, certificate, key, now=now)

    async def clearsign(self, text: str) -> str:
        """The text with the hub's signature around it (RFC 9580 7), for anybody to check. Raises KeyRefused."""
        return await asyncio.to_thread(self.keyring.clearsign, text, self.fingerprint)

    async def close(self) -> None:
        """End the agent this node started."""
        await asyncio.to_thread(self.keyring.close)
