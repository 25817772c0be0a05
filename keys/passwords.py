"""Passwords of staff: argon2id hashes with the library's present defaults (RFC 9106)."""

from __future__ import annotations

import argon2

_HASHER = argon2.PasswordHasher()


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _HASHER.hash(password)


def is_right(kept: str | None, password: str) -> bool:
    """Whether this is the password that was kept so. None for a name that is not known takes as long to refuse."""
    if kept is None:
        _HASHER.hash(password)
        return False
    try:
        return _HASHER.verify(kept, password)
    except argon2.exceptions.VerificationError:
        return False
