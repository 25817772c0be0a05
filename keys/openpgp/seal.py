"""seal(): content signed by the hub and encrypted to the certificates of one mailbox, in what every client can read.

1. One gate stands before either engine: usable now by gpg's listing *and* by the certificate itself, because Sequoia
   seals to expired and revoked certificates without a word.
2. To the certificates that it was given, all of one mailbox's people, and never to a key of our own; by full
   fingerprint, never by address.
3. What an engine made is looked at again: SEIPDv1 with MDC (RFC 9580 5.13.1), and for a version 6 certificate, which
   only Sequoia seals to, SEIPDv2; addressed to live keys of each of those certificates, and to no other. Otherwise it
   does not leave.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
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
    plain: bytes, certificate: Certificate, signer: HubKey, engine: Engine = Engine.SEQUOIA, *, now: datetime,
    also: tuple[Certificate, ...] = (),
) -> bytes:  # fmt: skip
    """Armored ciphertext for this certificate, and for those of others who read the same mailbox, signed. All are of
    one version: each reads what the others read. Raises SealRefused."""
    every = (certificate, *also)
    if {one.profile for one in every} != {certificate.profile}:
        raise SealRefused(f"{certificate.fingerprint}: not sealed together with a certificate of another version")
    alive = [_gate(one, now) for one in every]
    if certificate.profile == "v4" and (engine is Engine.GNUPG or any(one.gpg_only for one in every)):
        sealed = _by_gnupg(plain, every, signer)
    else:
        sealed = _by_sequoia(plain, every, signer, now)
    _look_again(sealed, alive, 2 if certificate.profile == "v6" else 1)
    return sealed


def _gate(certificate: Certificate, now: datetime) -> Usable:
    found = usable(certificate, now)
    if isinstance(found, NotUsable):
        raise SealRefused(f"{certificate.fingerprint}: {found.why}")
    if packets.key_fingerprints(packets.dearmor(certificate.armored))[:1] != (certificate.fingerprint,):
        raise SealRefused(f"{certificate.fingerprint}: the certificate at hand is another one")
    return found


def _by_sequoia(plain: bytes, every: Sequence[Certificate], signer: HubKey, now: datetime) -> bytes:
    certificate = every[0]
    if signer.signer is None:  # it would leave unsigned
        raise SealRefused(f"{certificate.fingerprint}: only Sequoia seals to it, and only GnuPG has our key")
    try:
        recipients = [_parsed(one.armored) for one in every]
        if any(one.is_revoked or (one.expiration is not None and one.expiration <= now) for one in recipients):
            raise SealRefused(f"{certificate.fingerprint}: expired or revoked by its own word")
        return pysequoia.encrypt(plain, recipients=recipients, signer=signer.signer)
    except (RuntimeError, ValueError, TypeError, OSError) as error:  # its text may quote a user id
        if isinstance(error, SealRefused):
            raise
        raise SealRefused(
            f"{certificate.fingerprint}: Sequoia would not seal to it, or our key cannot sign"
        ) from None


@functools.lru_cache(CERTIFICATES_KEPT)
def _parsed(armored: bytes) -> pysequoia.Cert:
    return pysequoia.Cert.from_bytes(armored)


def _by_gnupg(plain: bytes, every: Sequence[Certificate], signer: HubKey) -> bytes:
    certificate, names = every[0], [one.fingerprint for one in every]
    found = signer.gpg.encrypt(plain, names, sign=signer.fingerprint, passphrase=signer.passphrase, armor=True)
    if not found.ok:
        raise SealRefused(f"{certificate.fingerprint}: GnuPG would not seal to it, or our key cannot sign")
    return bytes(found.data)


def _look_again(sealed: bytes, alive: Sequence[Usable], version: int) -> None:
    """Rule 3, read by code that shares nothing with the engines."""
    found = packets.leading(sealed)
    if (found.container, found.version) != (packets.SEIPD, version):
        raise SealRefused("the engine made a container that not every client can open")
    named = set(found.key_ids)
    if not named <= {key for one in alive for key in one.key_ids} or any(named.isdisjoint(a.key_ids) for a in alive):
        raise SealRefused("the engine addressed it to other keys than were asked for")
