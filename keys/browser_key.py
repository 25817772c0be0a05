"""A key that only one browser holds: what it seals, nobody else can read, the operator included."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken

from keys.refusal import Refused


def new() -> str:
    """A new key, fit for a cookie."""
    return Fernet.generate_key().decode()


def seal(key: str, plain: bytes) -> bytes:
    """Sealed under the key."""
    return Fernet(key).encrypt(plain)


def unseal(key: str, sealed: bytes) -> bytes:
    """What was sealed. Raises Refused for another key, or none at all."""
    try:
        return Fernet(key).decrypt(sealed)
    except (InvalidToken, ValueError):
        raise Refused("this browser's key does not open it") from None
