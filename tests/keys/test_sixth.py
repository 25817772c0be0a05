"""Certificates of version 6 (RFC 9580), post-quantum ones among them: made by Sequoia, used as their holder chose."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pysequoia
import pytest
from pysequoia import CipherSuite, Profile, Tsk
from pysequoia.packet import PacketPile, Tag

from exchange.case.sealed import Opened, Plain, Signed, UnknownSigner
from keys.directory import NotUsable, Usable, usable
from keys.openpgp import packets
from keys.openpgp.certificate import Certificate
from keys.openpgp.keyring import KeyRefused, Keyring
from keys.openpgp.open import Known, OpeningKey, open_, verify_detached
from keys.openpgp.seal import Engine, HubKey, SealRefused, seal
from keys.recipients import recipient_key_ids
from tests.keys.conftest import NOW, Others

CONTENT = b"Content-Type: text/plain\r\n\r\nAn ordinary packet.\r\n"
YEAR = 365 * 86400
SUITES = {
    "X25519": CipherSuite.Cv25519,
    "ML-KEM-768": CipherSuite.MLDSA65_Ed25519,
    "ML-KEM-1024": CipherSuite.MLDSA87_Ed448,
}


def made(suite: CipherSuite = CipherSuite.MLDSA65_Ed25519) -> Tsk:
    uid = "Police SPOC <Spoc@Police.example>"
    return Tsk.generate(user_id=uid, profile=Profile.RFC9580, cipher_suite=suite, validity_seconds=YEAR)


def armored(key: Tsk) -> bytes:
    return str(key.extract_certificate()).encode()


def taken(ring: Keyring, key: Tsk) -> Certificate:
    return ring.add(armored(key), str(key.extract_certificate().fingerprint), NOW)


def without(key: Tsk, unwanted: str) -> bytes:
    """The certificate without the subkey that is for this."""
    kept: list[Any] = []
    group: list[Any] = []
    for packet in [*PacketPile.from_bytes(bytes(key.extract_certificate())), None]:
        if packet is None or packet.tag == Tag.PublicSubkey:
            flags = [one.key_flags for one in group if one.tag == Tag.Signature]
            if not any(flag and getattr(flag, unwanted) for flag in flags) or group[0].tag == Tag.PublicKey:
                kept += group
            group = []
        group.append(packet)
    return str(pysequoia.Cert.from_packets(kept)).encode()


@pytest.mark.parametrize("suite", list(SUITES.values()), ids=list(SUITES))
def test_a_letter_there_and_an_answer_back(suite: CipherSuite, ring: Keyring, hub: HubKey) -> None:
    police = made(suite)
    certificate = taken(ring, police)
    assert certificate.profile == "v6"
    assert certificate.post_quantum == next(n for n, s in SUITES.items() if s == suite).replace("X25519", "")
    assert certificate.addresses == ("spoc@police.example",)
    found = usable(certificate, NOW)
    assert isinstance(found, Usable)
    assert found.until
    assert abs(found.until - NOW - timedelta(seconds=YEAR)) < timedelta(hours=1)

    sealed = seal(CONTENT, certificate, hub, now=NOW)
    assert packets.leading(sealed) == packets.Leading(found.key_ids, packets.SEIPD, 2)
    assert recipient_key_ids(sealed) == found.key_ids
    ours = pysequoia.Cert.from_bytes(ring.export_public(hub.fingerprint).encode())
    opened = pysequoia.decrypt(sealed, decryptor=police.decryptor(), store=lambda ids: [ours])
    assert opened.bytes == CONTENT
    assert [str(one.certificate).upper() for one in opened.valid_sigs] == [hub.fingerprint]

    answer = pysequoia.encrypt(b"RECEIVED", recipients=[ours], signer=police.signer())
    key = opening(ring, hub)
    assert open_(answer, key, Known([armored(police)])) == Opened(Plain(b"RECEIVED"), Signed(certificate.fingerprint))
    assert open_(answer, key, Known([])) == Opened(Plain(b"RECEIVED"), UnknownSigner())
    signature = str(pysequoia.sign(police.signer(), b"RECEIVED", mode=pysequoia.SignatureMode.DETACHED), "ascii")
    found_by = verify_detached(b"RECEIVED", signature.encode(), key, Known([armored(police)]))
    assert found_by == Signed(certificate.fingerprint)


def opening(ring: Keyring, hub: HubKey) -> OpeningKey:
    given = ring.opener_keys(hub.fingerprint)
    return OpeningKey(given.home, given.passphrase, Tsk.from_bytes(given.secret).decryptor(given.passphrase))


def test_one_beside_the_others_does_not_keep_gpg_from_reading_theirs(
    ring: Keyring, hub: HubKey, others: Others
) -> None:
    from tests.keys import gpg_command

    known = Known([armored(made()), *others.certificates()])
    compressed = gpg_command.encrypt_sign(others.home, CONTENT, hub.fingerprint, others.police)
    assert open_(compressed, opening(ring, hub), known) == Opened(Plain(CONTENT), Signed(others.police))


def test_its_end_is_that_of_the_subkey(ring: Keyring, hub: HubKey) -> None:
    certificate = taken(ring, made())
    later = NOW + timedelta(seconds=YEAR + 3600)
    assert usable(certificate, later) == NotUsable("key_expired")
    with pytest.raises(SealRefused, match="key_expired"):
        seal(CONTENT, certificate, hub, now=later)


def test_a_revoked_one(ring: Keyring) -> None:
    key = made()
    certificate = key.extract_certificate()
    first, *rest = PacketPile.from_bytes(bytes(certificate))
    revocation = next(iter(PacketPile.from_bytes(bytes(certificate.revoke(key.certifier())))))
    revoked = pysequoia.Cert.from_packets([first, revocation, *rest])
    with pytest.raises(KeyRefused, match="has revoked this key"):
        ring.add(str(revoked).encode(), str(certificate.fingerprint), NOW)


def test_one_that_only_signs(ring: Keyring) -> None:
    key = made()
    with pytest.raises(KeyRefused, match="can sign but not receive"):
        ring.add(without(key, "transport_encryption"), str(key.extract_certificate().fingerprint), NOW)


def test_a_private_one_and_a_damaged_one(ring: Keyring) -> None:
    key = made()
    with pytest.raises(KeyRefused, match="PRIVATE key"):
        ring.add(str(key).encode(), str(key.extract_certificate().fingerprint), NOW)
    damaged = bytearray(packets.dearmor(armored(key)))
    damaged[20] ^= 1  # of the key itself: another fingerprint, and no signature is of it
    with pytest.raises(KeyRefused):
        ring.add(bytes(damaged), packets.key_fingerprints(bytes(damaged))[0], NOW)


def test_gnupg_alone_cannot(ring: Keyring, hub: HubKey) -> None:
    """A hub whose key stays on a card signs by gpg, and gpg 2.2 knows no version 6."""
    on_a_card = HubKey(hub.fingerprint, None, hub.gpg, hub.passphrase)
    with pytest.raises(SealRefused, match="Sequoia"):
        seal(CONTENT, taken(ring, made()), on_a_card, Engine.GNUPG, now=NOW)


def test_everybody_else_gets_version_4(ring: Keyring, hub: HubKey, others: Others) -> None:
    from tests.keys import gpg_command

    police = ring.add(gpg_command.export(others.home, others.police), others.police, NOW)
    assert police.profile == "v4"
    assert packets.leading(seal(CONTENT, police, hub, now=NOW)).version == 1


def test_renewed_under_the_same_key(ring: Keyring) -> None:
    key = made()
    taken(ring, key)
    until = datetime.now(tz=NOW.tzinfo) + timedelta(days=3 * 365)
    renewed = key.extract_certificate().set_expiration(until, key.certifier())
    again = ring.load(str(renewed).encode(), str(renewed.fingerprint).upper())
    assert again.expires
    assert again.expires > NOW + timedelta(days=2 * 365)
