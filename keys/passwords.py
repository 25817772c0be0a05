"""Passwords of staff: argon2id hashes with the library's present defaults (RFC 9106)."""

from __future__ import annotations

import argon2

_HASHER = argon2.PasswordHasher()
# Compared when a name is unknown, so that it takes as long as a known one.
NOBODY = _HASHER.hash("nobody's password")


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _HASHER.hash(password)


def is_right(kept: str, password: str) -> bool:
    """Whether this is the password that was kept so."""
    try:
        return _HASHER.verify(kept, password)
    except argon2.exceptions.VerificationError:
        return False
