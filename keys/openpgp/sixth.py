"""A version 6 certificate (RFC 9580) as Sequoia describes it, since gpg 2.2 can neither list one nor seal to it.

1. A key may be encrypted to when Sequoia, which checks the signatures, addresses it in a trial; until when is read
   from the newest of its binding signatures, because Sequoia seals to keys that have expired.
2. Whoever has one has chosen it, and with it perhaps ML-KEM: that is used for them, and everybody else gets v4.
"""

from __future__ import annotations

from datetime import datetime

import pysequoia
from pysequoia.packet import PacketPile, SignatureType, Tag

from keys.openpgp import packets
from keys.openpgp.certificate import Certificate, EncryptionKey, address_in
from keys.refusal import Refused

VERSION = 6
# draft-ietf-openpgp-pqc 4.2: both are hybrids, as strong as the elliptic curve beside it at the least.
POST_QUANTUM = {"MLKEM768_X25519": "ML-KEM-768", "MLKEM1024_X448": "ML-KEM-1024"}
_PROBE = b"A trial: can this certificate be encrypted to?\n"
_FAILS = (RuntimeError, ValueError, TypeError, OSError)  # what pysequoia raises; its texts may quote a user id


class SixthRefused(Refused):
    """Sequoia cannot use this certificate."""


def described(armored: bytes) -> Certificate:
    """The certificate. Raises SixthRefused."""
    try:
        certificate = pysequoia.Cert.from_bytes(armored)
        binary = bytes(certificate)
        ends, kinds, sealed_to = _ends(binary), _kinds(binary), _addressed(certificate)
        revoked, expires = certificate.is_revoked, certificate.expiration
        names = [str(one) for one in certificate.user_ids]
    except _FAILS:
        raise SixthRefused("Sequoia cannot use this certificate") from None
    return Certificate(
        fingerprint=str(certificate.fingerprint).upper(),
        encryption_keys=tuple(EncryptionKey(key, ends[key]) for key in sealed_to if key in ends),
        expires=expires,
        revoked=revoked,
        disabled=False,
        addresses=tuple(address for address in map(address_in, names) if address),
        armored=armored,
        post_quantum=_post_quantum([kinds.get(key, "") for key in sealed_to]),
    )


def _post_quantum(kinds: list[str]) -> str:
    """Only when every key that it is sealed to is such a one: one that is not opens all of it."""
    return POST_QUANTUM.get(kinds[0], "") if kinds and set(kinds) <= set(POST_QUANTUM) else ""


def _kinds(binary: bytes) -> dict[str, str]:
    """The algorithm of each subkey, by its fingerprint, as Sequoia calls it."""
    found = (packet for packet in PacketPile.from_bytes(binary) if packet.tag == Tag.PublicSubkey)
    return {str(key.fingerprint).upper(): str(key.key_algorithm).rpartition(".")[2] for key in found}


def _addressed(certificate: pysequoia.Cert) -> tuple[str, ...]:
    """Whom Sequoia seals to; nobody when the certificate has no encryption key."""
    try:
        return packets.leading(pysequoia.encrypt(_PROBE, recipients=[certificate])).key_ids
    except (*_FAILS, packets.NotPgp):
        return ()


def _ends(binary: bytes) -> dict[str, datetime | None]:
    """Until when each subkey lives, by its newest binding signature (RFC 9580 5.2.3.13); None: for ever."""
    ends: dict[str, datetime | None] = {}
    newest: datetime | None = None
    key = None
    for packet in PacketPile.from_bytes(binary):
        if packet.tag == Tag.PublicSubkey:
            key, newest = packet, None
        elif packet.tag == Tag.Signature and key and packet.signature_type == SignatureType.SubkeyBinding:
            made = packet.signature_created
            if made and (newest is None or made > newest):
                newest, lives = made, packet.key_validity_period
                ends[str(key.fingerprint).upper()] = key.key_created + lives if lives else None
    return ends
