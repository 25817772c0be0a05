"""Data at rest: a data key for each compartment, wrapped to the hub's master key. Pure cryptography, no storage.

1. Who holds the public half can seal and never open: the listener and the public form need no more.
2. Every blob names its suite and its key, so that keys can be rewrapped and suites replaced without touching bodies.
3. Sealed bytes are bound to where they belong (hub, stream, event, kind): moved elsewhere they do not open.
4. Destroying a wrapped key destroys what it sealed; nothing else can.

Suite 1: AES-256-GCM with random 96-bit nonces (NIST SP 800-38D; one data key seals far fewer than 2^32 bodies); data
keys wrapped by X25519, HKDF-SHA256 and AES-256-GCM under a fresh ephemeral key.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from exchange.case.sealed import Plain
from keys.refusal import Refused

SUITE = b"\x01"
ID_BYTES, NONCE_BYTES, KEY_BYTES = 16, 12, 32
_HEAD = len(SUITE) + ID_BYTES + NONCE_BYTES
TOKEN_BYTES = 16  # of an index token: 128 bits

Random = Callable[[int], bytes]


class VaultRefused(Refused):
    """The sealed bytes do not open here: another key, another place, or changed."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """Seals and opens one compartment's bodies."""

    id: bytes
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key as it may be stored: only the private half unwraps it."""

    id: bytes
    compartment: str
    blob: bytes = field(repr=False)


def generate_master() -> tuple[bytes, bytes]:
    """A new master key: (private, public), 32 bytes each."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def public_of(private: bytes) -> bytes:
    """The public half of a private one."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


class SealingHalf:
    """The public half: makes data keys it cannot unwrap again."""

    def __init__(self, public: bytes, random: Random = os.urandom) -> None:
        self._public, self._random = X25519PublicKey.from_public_bytes(public), random

    def new_key(self, compartment: str) -> tuple[DataKey, WrappedKey]:
        """A new data key, and its wrapped form to be stored before anything it seals."""
        key = DataKey(self._random(ID_BYTES), self._random(KEY_BYTES))
        ephemeral = X25519PrivateKey.from_private_bytes(self._random(KEY_BYTES))
        shown = ephemeral.public_key().public_bytes_raw()
        wrapping = _wrapping_key(ephemeral.exchange(self._public), shown, self._public.public_bytes_raw())
        nonce = self._random(NONCE_BYTES)
        blob = SUITE + shown + nonce + AESGCM(wrapping).encrypt(nonce, key.secret, _about(key.id, compartment))
        return key, WrappedKey(key.id, compartment, blob)


class OpeningHalf:
    """The private half."""

    def __init__(self, private: bytes) -> None:
        self._private = X25519PrivateKey.from_private_bytes(private)

    def __repr__(self) -> str:
        return "OpeningHalf()"

    def unwrap(self, wrapped: WrappedKey) -> DataKey:
        """The data key. Raises VaultRefused when it was changed or moved to another compartment."""
        suite, shown = wrapped.blob[:1], wrapped.blob[1 : 1 + KEY_BYTES]
        nonce, sealed = wrapped.blob[33 : 33 + NONCE_BYTES], wrapped.blob[33 + NONCE_BYTES :]
        if suite != SUITE or len(sealed) < KEY_BYTES:
            raise VaultRefused("not a wrapped key of a suite we know")
        try:
            shared = self._private.exchange(X25519PublicKey.from_public_bytes(shown))
        except ValueError:  # a point of low order (RFC 7748 6.1): the shared secret would be known to anybody
            raise VaultRefused("the wrapped key was changed") from None
        wrapping = _wrapping_key(shared, shown, self._private.public_key().public_bytes_raw())
        try:
            secret = AESGCM(wrapping).decrypt(nonce, sealed, _about(wrapped.id, wrapped.compartment))
        except InvalidTag:
            raise VaultRefused("the wrapped key was changed, or is another hub's") from None
        return DataKey(wrapped.id, secret)

    def derive(self, label: str) -> bytes:
        """32 secret bytes for one purpose (index tokens, address tokens...)."""
        return _hkdf(self._private.private_bytes_raw(), f"referral-exchange {label}".encode())


def _wrapping_key(shared: bytes, ephemeral: bytes, static: bytes) -> bytes:
    return _hkdf(shared, b"referral-exchange wrap 1" + ephemeral + static)


def _hkdf(secret: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(secret)


def _about(key_id: bytes, compartment: str) -> bytes:
    return SUITE + key_id + compartment.encode()


def seal(key: DataKey, plain: bytes, bound: bytes, random: Random = os.urandom) -> bytes:
    """`plain` sealed under `key`, to open only where `bound` is the same."""
    nonce = random(NONCE_BYTES)
    return SUITE + key.id + nonce + AESGCM(key.secret).encrypt(nonce, plain, SUITE + bound)


def unseal(key: DataKey, blob: bytes, bound: bytes) -> Plain:
    """The content. Raises VaultRefused."""
    if blob[:1] != SUITE or key_id(blob) != key.id:
        raise VaultRefused("sealed under another key or suite")
    nonce, sealed = blob[_HEAD - NONCE_BYTES : _HEAD], blob[_HEAD:]
    try:
        return Plain(AESGCM(key.secret).decrypt(nonce, sealed, SUITE + bound))
    except InvalidTag:
        raise VaultRefused("changed, or moved from where it belongs") from None


def key_id(blob: bytes) -> bytes:
    """The id of the data key that sealed it. Raises VaultRefused for what was never sealed."""
    if len(blob) < _HEAD:
        raise VaultRefused("too short to have been sealed")
    return blob[1 : 1 + ID_BYTES]


def bound_data(hub: str, stream: str, event: str, kind: str) -> bytes:
    """Where something belongs, unambiguously: each part with its length before it."""
    parts = [p.encode() for p in (hub, stream, event, kind)]
    return b"".join(len(p).to_bytes(4, "big") + p for p in parts)


def index_token(secret: bytes, kind: str, value: str) -> bytes:
    """A keyed token of a value that the caller has normalised; equal values of one kind have equal tokens."""
    return hmac.new(secret, f"{kind}\0{value}".encode(), hashlib.sha256).digest()[:TOKEN_BYTES]
