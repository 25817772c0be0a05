"""A certificate as gpg's listing describes it (of version 6, Sequoia: sixth.py): the values on which the judgement of
its use rests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

LEAST_BITS = 2048
V6_DIGITS = 64  # of a version 6 fingerprint (RFC 9580 5.5.4.3); version 4 has 40
_COUNTED_IN_BITS = frozenset({"1", "2", "3", "16", "17", "20"})  # RFC 9580 9.1; the others are curves
# A part of a user id that is an address; what does not look like one is nobody's mailbox.
_ADDRESS = re.compile(r"<([^<>\s]{3,254})>\s*\Z|\A([^<>\s@]{1,64}@[^<>\s@]{1,189})\Z")


@dataclass(frozen=True, slots=True)
class EncryptionKey:
    """A key of the certificate to which mail may be encrypted: neither revoked nor invalid, perhaps expired."""

    id: str  # 16 upper-case hex digits; of version 6 the whole fingerprint, 64
    expires: datetime | None  # by its newest self-signature; None: never


@dataclass(frozen=True, slots=True)
class Certificate:
    """Somebody's public key with all that belongs to it."""

    fingerprint: str  # of the primary key, upper case
    encryption_keys: tuple[EncryptionKey, ...]
    expires: datetime | None  # of the primary key: when it ends, everything does
    revoked: bool
    disabled: bool
    addresses: tuple[str, ...] = field(repr=False)  # claimed by its holder; they prove nothing
    armored: bytes = field(repr=False)
    weak: bool = False  # a key of it that matters is too short
    weakly_signed: bool = False  # it holds together by SHA-1 or worse, which can be forged: due for renewal
    post_quantum: str = ""  # what protects whatever is sealed to it from tomorrow's machines too: "ML-KEM-768"; or ""
    gpg_only: bool = False  # Sequoia refuses it (SHA-1 self-signatures...): sealed by GnuPG, and due for renewal

    @property
    def profile(self) -> str:
        """Which OpenPGP it speaks: "v4" (RFC 4880, what everybody reads) or "v6" (RFC 9580)."""
        return "v6" if len(self.fingerprint) == V6_DIGITS else "v4"

    @property
    def encryption_key_ids(self) -> tuple[str, ...]:
        """What a message to this certificate may be addressed to."""
        return tuple(key.id for key in self.encryption_keys)

    @property
    def encryption_expires(self) -> datetime | None:
        """Until when somebody can seal to it; None: for ever (or never could, see encryption_keys)."""
        ends = [key.expires for key in self.encryption_keys]
        latest = None if None in ends else max((end for end in ends if end), default=None)
        known = [end for end in (latest, self.expires) if end]
        return min(known, default=None)


def from_listing(key: Mapping[str, Any], armored: bytes, *, gpg_only: bool, weakly_signed: bool) -> Certificate:
    """The certificate in one entry of python-gnupg's key list."""
    own = {"keyid": key["keyid"], "trust": key["trust"], "cap": key["cap"], "expires": key["expires"],
           "algo": key.get("algo", ""), "length": key.get("length", "")}  # fmt: skip
    parts = [{**info, "keyid": key_id} for key_id, info in key.get("subkey_info", {}).items()]
    return Certificate(
        fingerprint=key["fingerprint"].upper(),
        encryption_keys=tuple(
            EncryptionKey(p["keyid"].upper(), _when(p["expires"])) for p in (own, *parts) if _fit(p)
        ),
        expires=_when(key["expires"]),
        revoked=key["trust"] == "r",
        disabled="D" in key["cap"],
        addresses=tuple(address for address in map(address_in, key["uids"]) if address),
        armored=armored,
        weak=_is_weak(own) or any(_is_weak(p) for p in parts if _fit(p)),
        weakly_signed=weakly_signed,
        gpg_only=gpg_only,
    )


def _fit(part: Mapping[str, str]) -> bool:
    """Lower-case `e` is the key's own ability (capitals sum up the certificate); i, d, r, n make it useless."""
    return "e" in part["cap"] and part["trust"] not in ("i", "d", "r", "n")


def _is_weak(part: Mapping[str, str]) -> bool:
    """RSA, Elgamal and DSA below 2048 bits (RFC 9580 12.4 and 12.5): within reach of those who want to read."""
    return part.get("algo", "") in _COUNTED_IN_BITS and int(part.get("length") or 0) < LEAST_BITS


def _when(epoch: str) -> datetime | None:
    """No expiry is an empty field, not 1970 (a mistake others made)."""
    return datetime.fromtimestamp(int(epoch), UTC) if epoch else None


def address_in(uid: str) -> str:
    """The address that a user id claims, lower case; "" for none."""
    found = _ADDRESS.search(uid)
    return (found[1] or found[2]).lower() if found else ""
