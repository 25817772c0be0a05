"""A key that only one browser holds, or whoever has a code: what it seals, not even the operator can read."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from keys.refusal import Refused


def new() -> str:
    """A new key, fit for a cookie."""
    return Fernet.generate_key().decode()


def from_code(code: str) -> str:
    """The key that a code on a piece of paper stands for; the code must be as hard to guess as a key (RFC 5869 4)."""
    return base64.urlsafe_b64encode(HKDF(SHA256(), 32, None, b"draft").derive(code.encode())).decode()


def seal(key: str, plain: bytes) -> bytes:
    """Sealed under the key."""
    return Fernet(key).encrypt(plain)


def unseal(key: str, sealed: bytes) -> bytes:
    """What was sealed. Raises Refused for another key, or none at all."""
    try:
        return Fernet(key).decrypt(sealed)
    except (InvalidToken, ValueError):
        raise Refused("this browser's key does not open it") from None
