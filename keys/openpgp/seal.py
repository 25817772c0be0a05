"""seal(): content signed by the hub and encrypted to one certificate, in what every client can read.

1. One gate stands before either engine: usable now by gpg's listing *and* by the certificate itself, because Sequoia
   seals to expired and revoked certificates without a word.
2. To one certificate, never to several and never to a key of our own; by full fingerprint, never by address.
3. What an engine made is looked at again: SEIPDv1 with MDC (RFC 9580 5.13.1), addressed to live keys of that
   certificate only. Otherwise it does not leave.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import gnupg
import pysequoia

from keys.directory import NotUsable, Usable, usable
from keys.openpgp import packets
from keys.openpgp.certificate import Certificate
from keys.refusal import SealRefused

__all__ = ["Engine", "HubKey", "SealRefused", "seal"]

CERTIFICATES_KEPT = 1024  # parsed, 3-20 kB each: more agencies than any hub writes to in a day


class Engine(StrEnum):
    """Who does the arithmetic."""

    SEQUOIA = "sequoia"
    GNUPG = "gnupg"


@dataclass(frozen=True, slots=True)
class HubKey:
    """The hub's own key, ready to sign: unlocked in memory for Sequoia, by fingerprint in the keyring for GnuPG."""

    fingerprint: str
    signer: pysequoia.PySigner | None = field(repr=False)  # None: GnuPG alone may use the key
    gpg: gnupg.GPG = field(repr=False)
    passphrase: str = field(repr=False)


def seal(
    plain: bytes, certificate: Certificate, signer: HubKey, engine: Engine = Engine.SEQUOIA, *, now: datetime
) -> bytes:
    """Armored ciphertext for this certificate only, signed. Raises SealRefused."""
    alive = _gate(certificate, now)
    if engine is Engine.GNUPG or certificate.gpg_only:
        sealed = _by_gnupg(plain, certificate, signer)
    else:
        sealed = _by_sequoia(plain, certificate, signer, now)
    _look_again(sealed, alive)
    return sealed


def _gate(certificate: Certificate, now: datetime) -> Usable:
    found = usable(certificate, now)
    if isinstance(found, NotUsable):
        raise SealRefused(f"{certificate.fingerprint}: {found.why}")
    if packets.key_fingerprints(packets.dearmor(certificate.armored))[:1] != (certificate.fingerprint,):
        raise SealRefused(f"{certificate.fingerprint}: the certificate at hand is another one")
    return found


def _by_sequoia(plain: bytes, certificate: Certificate, signer: HubKey, now: datetime) -> bytes:
    try:
        recipient = _parsed(certificate.armored)
        if recipient.is_revoked or (recipient.expiration is not None and recipient.expiration <= now):
            raise SealRefused(f"{certificate.fingerprint}: expired or revoked by its own word")
        return pysequoia.encrypt(plain, recipients=[recipient], signer=signer.signer)
    except (RuntimeError, ValueError, TypeError, OSError) as error:  # its text may quote a user id
        if isinstance(error, SealRefused):
            raise
        raise SealRefused(
            f"{certificate.fingerprint}: Sequoia would not seal to it, or our key cannot sign"
        ) from None


@functools.lru_cache(CERTIFICATES_KEPT)
def _parsed(armored: bytes) -> pysequoia.Cert:
    return pysequoia.Cert.from_bytes(armored)


def _by_gnupg(plain: bytes, certificate: Certificate, signer: HubKey) -> bytes:
    found = signer.gpg.encrypt(
        plain, certificate.fingerprint, sign=signer.fingerprint, passphrase=signer.passphrase, armor=True
    )
    if not found.ok:
        raise SealRefused(f"{certificate.fingerprint}: GnuPG would not seal to it, or our key cannot sign")
    return bytes(found.data)


def _look_again(sealed: bytes, alive: Usable) -> None:
    """Rule 3, read by code that shares nothing with the engines."""
    found = packets.leading(sealed)
    if (found.container, found.version) != (packets.SEIPD, 1):
        raise SealRefused("the engine made a container that not every client can open")
    if not found.key_ids or not set(found.key_ids) <= set(alive.key_ids):
        raise SealRefused("the engine addressed it to other keys than were asked for")
