"""Reply addresses: unguessable addresses that tie an answer, a bounce or a reply to what it is about.

1. The local part names the thing and proves it with a keyed digest; nothing is looked up to read it.
2. An address that we did not make is not ours, whatever it looks like.
3. It holds ids only, never a name or a reference that people write.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass

_LETTERS = {"leg": "l", "invitee": "i", "bounce": "b", "referrer": "r", "owner": "o", "recipient": "d"}
_KINDS = {letter: kind for kind, letter in _LETTERS.items()}
_MAC_BYTES = 10  # 80 bits (T16); in base32 exactly 16 characters, and mail systems that lower or raise case spare it
_LOCAL_MAX = 64  # RFC 5321 4.5.3.1.1
_IDENT = re.compile(r"[a-z0-9-]{1,45}\Z")
_LOCAL = re.compile(r"([a-z])\.([a-z0-9-]{1,45})\.([a-z2-7]{16})\Z")


@dataclass(frozen=True, slots=True)
class Token:
    """What an address of ours is about."""

    kind: str  # leg | invitee | bounce | referrer | owner | recipient
    ident: str


class ReplyAddresses:
    """Makes and reads the addresses of one hub."""

    def __init__(self, secret: bytes, domain: str) -> None:
        self._secret, self.domain = secret, domain.lower()

    def make(self, kind: str, ident: str) -> str:
        """The address for one thing. Raises ValueError for an ident that no address can hold."""
        if not _IDENT.match(ident):
            raise ValueError("an ident is small letters, digits and hyphens, at most 45")
        local = f"{_LETTERS[kind]}.{ident}.{self._mac(kind, ident)}"
        assert len(local) <= _LOCAL_MAX  # noqa: S101 - 1 + 1 + 45 + 1 + 16
        return f"{local}@{self.domain}"

    def read(self, address: str) -> Token | None:
        """What the address is about, or None when we never made it."""
        local, _, domain = address.lower().rpartition("@")
        found = _LOCAL.match(local)
        if domain != self.domain or not found or found[1] not in _KINDS:
            return None
        kind = _KINDS[found[1]]
        return Token(kind, found[2]) if hmac.compare_digest(self._mac(kind, found[2]), found[3]) else None

    def _mac(self, kind: str, ident: str) -> str:
        digest = hmac.new(self._secret, f"{kind}\0{ident}".encode(), hashlib.sha256).digest()
        return base64.b32encode(digest[:_MAC_BYTES]).decode().lower()
