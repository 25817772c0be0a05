"""The keyroom: the hub's own keys and the agencies' pinned certificates, at hand for sealing and opening.

Certificates come from the store (sealed, the same on every node) and are put into this node's keyring on demand, so
that gpg stays the authority on whether one may be used.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from exchange.pins import Pin
from exchange.store.certificates import Kind
from keys.directory import AnyCertificate, NotUsable, usable
from keys.openpgp.certificate import Certificate
from keys.openpgp.keyring import Keyring, OpenerKeys
from keys.openpgp.seal import Engine, HubKey, seal
from keys.refusal import SealRefused
from keys.smime import identity
from keys.smime.certificate import SmimeCertificate, parsed
from keys.smime.seal import seal as seal_smime


@dataclass(frozen=True, slots=True)
class SmimeHome:
    """Where the hub's S/MIME keys are, and what opens them."""

    folder: Path
    passphrase: str = field(repr=False)


class Keyroom:
    """One node's keyring."""

    def __init__(
        self, home: Path, passphrase: str, fingerprint: str, smime: SmimeHome, engine: str = Engine.SEQUOIA
    ) -> None:
        self._engine = Engine(engine)
        self.smime = smime
        self._identity: identity.Identity | None = None
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
        keys = await asyncio.to_thread(self.keyring.opener_keys, self.fingerprint, self._engine)
        return replace(keys, smime=identity.kept(self.smime.folder).all, smime_passphrase=self.smime.passphrase)

    async def public(self) -> bytes:
        """The hub's own certificate, armored, without what others certified; read once."""
        if not self._public:
            armored = await asyncio.to_thread(self.keyring.export_public, self.fingerprint, minimal=True)
            self._public = armored.encode()
        return self._public

    async def usable(self, pin: Pin, now: datetime) -> AnyCertificate | NotUsable:
        """The certificate of this pin if it may be used today, of the pin's kind."""
        if pin.kind is Kind.SMIME and await self.smime_identity() is None:
            return NotUsable("no_smime")
        certificate = await self.described(pin)
        verdict = usable(certificate, now)
        if self._engine is Engine.GNUPG and isinstance(certificate, Certificate) and certificate.profile == "v6":
            verdict = NotUsable("key_needs_sequoia")  # and gpg alone has our key
        return verdict if isinstance(verdict, NotUsable) else certificate

    async def described(self, pin: Pin) -> AnyCertificate:
        """The certificate of this pin, whether or not it may be used."""
        return parsed(pin.public) if pin.kind is Kind.SMIME else await self.certificate(pin.public, pin.fingerprint)

    async def smime_identity(self) -> identity.Identity | None:
        """The hub's own S/MIME key, opened once; None when it has none."""
        if self._identity is None and (file := identity.kept(self.smime.folder).present):
            self._identity = await asyncio.to_thread(identity.opened, file, self.smime.passphrase)
        return self._identity

    async def certificate(self, armored: bytes, fingerprint: str) -> Certificate:
        """The certificate as gpg lists it; it is put into the keyring once."""
        if armored not in self._known:
            self._known[armored] = await asyncio.to_thread(self.keyring.load, armored, fingerprint)
        return self._known[armored]

    async def seal(
        self, plain: bytes, certificate: AnyCertificate, now: datetime, also: Iterable[AnyCertificate] = ()
    ) -> bytes:
        """Armored ciphertext, or a DER envelope, for one certificate and those of others who read the same mailbox,
        signed by the hub. Raises SealRefused."""
        if isinstance(certificate, SmimeCertificate):
            others = tuple(one for one in also if isinstance(one, SmimeCertificate))
            return await self._seal_smime(plain, certificate, others, now)
        key = await self.hub_key()
        more = tuple(one for one in also if isinstance(one, Certificate))
        by_gpg = self._engine is Engine.GNUPG or any(one.gpg_only for one in (certificate, *more))
        if by_gpg:  # starts a program: the event loop must not wait
            return await asyncio.to_thread(seal, plain, certificate, key, Engine.GNUPG, now=now, also=more)
        return seal(plain, certificate, key, now=now, also=more)

    async def _seal_smime(
        self, inner: bytes, certificate: SmimeCertificate, also: tuple[SmimeCertificate, ...], now: datetime
    ) -> bytes:
        """A DER envelope around what the hub signed. Raises SealRefused."""
        own = await self.smime_identity()
        if own is None:
            raise SealRefused("the hub has no S/MIME key to sign with: `exchange smime make`")
        return await asyncio.to_thread(seal_smime, inner, certificate, own, now, also=also)  # RSA: milliseconds

    async def clearsign(self, text: str) -> str:
        """The text with the hub's signature around it (RFC 9580 7), for anybody to check. Raises KeyRefused."""
        return await asyncio.to_thread(self.keyring.clearsign, text, self.fingerprint)

    async def close(self) -> None:
        """End the agent this node started."""
        await asyncio.to_thread(self.keyring.close)
