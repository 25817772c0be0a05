"""Sealing by S/MIME: what we make is opened and verified by openssl, and what must not be sealed is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from keys.recipients import recipient_key_ids
from keys.refusal import Refused, SealRefused
from keys.smime import certificate, envelope, identity
from keys.smime.identity import Identity
from keys.smime.seal import seal
from tests.keys import openssl_command
from tests.keys.conftest import NOW
from tests.keys.openssl_command import P256, RSA, Person

CONTENT = b"Content-Type: text/plain; charset=utf-8\r\n\r\nAn ordinary packet.\r\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("smime")


@pytest.fixture(scope="module")
def hub(folder: Path) -> Identity:
    return identity.make(folder / "hub", "word", "referrals@hub.example", "Fakeshire hub", NOW)


@pytest.fixture(scope="module", params=[RSA, P256], ids=["rsa", "p256"])
def police(request: pytest.FixtureRequest, folder: Path) -> Person:
    usage = openssl_command.FOR_MAIL.replace("keyEncipherment", "keyEncipherment,keyAgreement")
    return openssl_command.person(folder / request.param[0], "spoc@police.example", usage, key=request.param)


def test_openssl_opens_it_and_finds_the_hubs_signature(hub: Identity, police: Person) -> None:
    sealed = seal(CONTENT, certificate.read(police.pem), hub, NOW)
    inside = police.decrypt(sealed)
    assert CONTENT in inside  # a reader who checks no signatures reads it all the same
    assert openssl_command.verify(inside, hub.certificate.pem) == CONTENT


def test_it_is_addressed_to_the_certificate_only_with_aes_256(hub: Identity, police: Person) -> None:
    theirs = certificate.read(police.pem)
    found = envelope.addressed(seal(bytes(100_000), theirs, hub, NOW))
    assert found.cipher == envelope.AES256_CBC
    assert found.key_ids == theirs.encryption_key_ids[:1]
    printed = openssl_command.openssl("cms", "-cmsout", "-print", "-noout", "-inform", "DER",
                                      stdin=seal(CONTENT, theirs, hub, NOW))  # fmt: skip
    assert b"aes-256-cbc" in printed
    assert printed.count(b"encryptedKey:") == 1


def test_the_hub_cannot_open_what_it_sealed(hub: Identity, police: Person) -> None:
    """No archive key: a packet is sealed to one agency only."""
    sealed = seal(CONTENT, certificate.read(police.pem), hub, NOW)
    assert set(recipient_key_ids(sealed)).isdisjoint(hub.certificate.encryption_key_ids)


def test_every_one_is_different(hub: Identity, police: Person) -> None:
    theirs = certificate.read(police.pem)
    assert seal(CONTENT, theirs, hub, NOW) != seal(CONTENT, theirs, hub, NOW)


def test_the_gate_before_the_engine(hub: Identity, police: Person) -> None:
    theirs = certificate.read(police.pem)
    for spoilt, why in (
        (replace(theirs, weak=True), "key_weak"),
        (replace(theirs, can_encrypt=False), "key_cannot_encrypt"),
        (replace(theirs, authority=True), "key_cannot_encrypt"),
        (replace(theirs, expires=NOW), "key_expired"),
        (replace(theirs, not_before=NOW + timedelta(seconds=1)), "key_not_yet_valid"),
    ):
        with pytest.raises(SealRefused, match=why):
            seal(CONTENT, spoilt, hub, NOW)


def test_nothing_is_signed_with_an_expired_certificate_of_our_own(hub: Identity, police: Person) -> None:
    with pytest.raises(SealRefused, match="the hub's own"):
        seal(CONTENT, certificate.read(police.pem), hub, NOW + timedelta(days=731))


def test_another_certificate_of_the_same_name_is_not_taken_for_it(hub: Identity, folder: Path) -> None:
    ours = certificate.read(openssl_command.person(folder / "one", "spoc@police.example").pem)
    other = certificate.read(openssl_command.person(folder / "other", "spoc@police.example").pem)
    with pytest.raises(SealRefused, match="another certificate"):
        seal(CONTENT, replace(ours, der=other.der), hub, NOW)


def test_what_is_no_envelope_has_no_recipients(police: Person) -> None:
    signed = openssl_command.openssl("x509", "-outform", "DER", stdin=police.pem)
    streamed = openssl_command.encrypt(CONTENT, police.pem, options=("-aes256", "-stream", "-outform", "DER"))
    for junk in (b"", b"0", b"\x30\x80", b"0\x03\x02\x01\x00", signed, streamed, b"\x30\x84\xff\xff\xff\xff"):
        with pytest.raises(Refused):
            recipient_key_ids(junk)


def test_an_envelope_for_two_shows_both(hub: Identity, police: Person) -> None:
    both = openssl_command.encrypt(CONTENT, police.pem, hub.certificate.pem, options=("-aes256", "-outform", "DER"))
    assert len(recipient_key_ids(both)) == 2


def test_the_hubs_key_is_kept_encrypted_and_for_us_alone(hub: Identity, folder: Path) -> None:
    files = list((folder / "hub").iterdir())
    assert sorted(file.name for file in files) == sorted([f"{hub.certificate.fingerprint}.pem", "present"])
    assert all(file.stat().st_mode & 0o077 == 0 for file in (folder / "hub", *files))
    kept = identity.kept(folder / "hub").present
    assert kept
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in kept
    assert identity.opened(kept, "word").key.private_numbers() == hub.key.private_numbers()
    with pytest.raises(identity.IdentityRefused, match="damaged"):
        identity.opened(kept, "another word")
    assert "d=" not in repr(hub)


def test_the_newest_made_signs_and_the_older_ones_stay(tmp_path: Path) -> None:
    first = identity.make(tmp_path, "word", "referrals@hub.example", "hub", NOW)
    second = identity.make(tmp_path, "word", "referrals@hub.example", "hub", NOW)
    found = [identity.opened(one, "word").certificate.fingerprint for one in identity.kept(tmp_path).all]
    assert found == [second.certificate.fingerprint, first.certificate.fingerprint]
    assert identity.kept(tmp_path / "none") == identity.Kept(None, ())


def test_the_operators_own_key_and_certificate(tmp_path: Path) -> None:
    """As an authority's customer has them: PKCS #12 with a password, or PEM with both."""
    given = openssl_command.person(tmp_path / "given", "referrals@hub.example")
    p12 = openssl_command.openssl("pkcs12", "-export", "-passout", "pass:letmein", stdin=given.key + given.pem)
    for data, password in ((p12, "letmein"), (given.pem + given.key, "")):
        taken = identity.take(tmp_path / "hub", "word", data, password, "referrals@hub.example", NOW)
        assert taken.certificate.fingerprint == given.fingerprint
    other = openssl_command.person(tmp_path / "other", "referrals@hub.example")
    curve = openssl_command.person(tmp_path / "curve", "referrals@hub.example", key=P256)
    for data, password, address, why in (
        (p12, "wrong", "referrals@hub.example", "password"),
        (given.pem, "", "referrals@hub.example", "private key and its certificate"),
        (given.key + other.pem, "", "referrals@hub.example", "another one"),
        (curve.key + curve.pem, "", "referrals@hub.example", "must be RSA"),
        (p12, "letmein", "elsewhere@hub.example", "not for elsewhere@hub.example"),
    ):
        with pytest.raises(identity.IdentityRefused, match=why):
            identity.take(tmp_path / "refused", "word", data, password, address, NOW)
    assert not (tmp_path / "refused").exists()


def test_a_chain_given_with_the_certificate_goes_along(tmp_path: Path, folder: Path) -> None:
    """Those who follow chains need the certificates between; the builder must not forget them."""
    given = openssl_command.person(tmp_path / "given", "referrals@hub.example")
    between = openssl_command.person(tmp_path / "between", "ca@authority.example", "basicConstraints=CA:TRUE\n")
    data = given.key + given.pem + between.pem
    taken = identity.take(tmp_path / "hub", "word", data, "", "referrals@hub.example", NOW)
    police = openssl_command.person(tmp_path / "police", "spoc@police.example")
    inside = police.decrypt(seal(CONTENT, certificate.read(police.pem), taken, NOW))
    sent = openssl_command.openssl("cms", "-verify", "-noverify", "-certsout", "/dev/stdout", "-out", "/dev/null",
                                   stdin=inside)  # fmt: skip
    assert sent.count(b"BEGIN CERTIFICATE") == 2


def test_several_who_read_one_mailbox_each_open_it(hub: Identity, police: Person, folder: Path) -> None:
    usage = openssl_command.FOR_MAIL.replace("keyEncipherment", "keyEncipherment,keyAgreement")
    where = folder / f"second-{police.folder.name}"
    second = openssl_command.person(where, "spoc@police.example", usage, key=RSA)
    ours = [certificate.read(one.pem) for one in (police, second)]
    sealed = seal(CONTENT, ours[0], hub, NOW, also=ours[1:])
    assert len(recipient_key_ids(sealed)) == 2
    for person in (police, second):
        assert openssl_command.verify(person.decrypt(sealed), hub.certificate.pem) == CONTENT
    with pytest.raises(SealRefused, match="key_expired"):
        seal(CONTENT, ours[0], hub, NOW, also=[replace(ours[1], expires=NOW)])
