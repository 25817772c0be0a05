"""Sealing: what both engines make is opened by the gpg command, and what must not be sealed is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from keys.openpgp import packets
from keys.openpgp.keyring import Certificate, Keyring
from keys.openpgp.seal import Engine, HubKey, SealRefused, seal
from tests.keys import gpg_command
from tests.keys.conftest import NOW, Others

CONTENT = b"Content-Type: text/plain\r\n\r\nAn ordinary packet.\r\n"
both = pytest.mark.parametrize("engine", list(Engine))


@pytest.fixture
def police(ring: Keyring, others: Others) -> Certificate:
    return ring.add(gpg_command.export(others.home, others.police), others.police, NOW)


@both
def test_the_gpg_command_opens_it_and_names_the_hub(
    engine: Engine, police: Certificate, hub: HubKey, others: Others
) -> None:
    sealed = seal(CONTENT, police, hub, engine, now=NOW)
    status, data = gpg_command.decrypt(others.home, sealed)
    words = [line.split()[0] for line in status]
    assert data == CONTENT
    assert words.count("GOODSIG") == words.count("GOODMDC") == words.count("DECRYPTION_OKAY") == 1
    assert next(line.split()[-1] for line in status if line.startswith("VALIDSIG")) == hub.fingerprint
    assert words.count("ENC_TO") == 1


@both
def test_it_is_addressed_to_the_certificate_only_and_uncompressed(
    engine: Engine, police: Certificate, hub: HubKey
) -> None:
    sealed = seal(bytes(100_000), police, hub, engine, now=NOW)
    found = packets.leading(sealed)
    assert found == packets.Leading(police.encryption_key_ids, packets.SEIPD, 1)
    assert packets.recipient_key_ids(sealed) == police.encryption_key_ids
    assert len(sealed) > 100_000  # compressed zeros would be a few hundred octets, and tell how alike secrets are


@both
def test_nobody_else_can_open_it(engine: Engine, police: Certificate, hub: HubKey) -> None:
    sealed = seal(CONTENT, police, hub, engine, now=NOW)
    with gpg_command.new_home() as home:
        gpg_command.make_key(home, "Health", "h@health.example")
        status, data = gpg_command.decrypt(home, sealed)
    assert data == b""
    assert "DECRYPTION_FAILED" in status


@both
@pytest.mark.parametrize(
    "spoil",
    [
        lambda c: replace(c, revoked=True),
        lambda c: replace(c, disabled=True),
        lambda c: replace(c, encryption_keys=()),
        lambda c: replace(c, expires=NOW - timedelta(seconds=1)),
        lambda c: replace(c, encryption_keys=tuple(replace(k, expires=NOW) for k in c.encryption_keys)),
    ],
)
def test_the_gate_by_gpgs_listing(
    engine: Engine, police: Certificate, hub: HubKey, spoil: Callable[[Certificate], Certificate]
) -> None:
    with pytest.raises(SealRefused):
        seal(CONTENT, spoil(police), hub, engine, now=NOW)


@both
def test_a_later_now_finds_it_expired(engine: Engine, police: Certificate, hub: HubKey) -> None:
    with pytest.raises(SealRefused, match="key_expired"):
        seal(CONTENT, police, hub, engine, now=NOW + timedelta(days=800))


def test_the_gate_by_the_certificate_itself(police: Certificate, hub: HubKey) -> None:
    """Sequoia would seal to it without a word; a listing that is out of date must not be enough."""
    with gpg_command.new_home() as home:
        old = gpg_command.make_key(home, "Old", "old@police.example", "1y", at="20200101T000000")
        expired = replace(police, fingerprint=old, armored=gpg_command.export(home, old))
        gone = gpg_command.make_key(home, "Gone", "gone@police.example")
        gpg_command.revoke(home, gone)
        revoked = replace(police, fingerprint=gone, armored=gpg_command.export(home, gone))
    for certificate in (expired, revoked):
        with pytest.raises(SealRefused, match="by its own word"):
            seal(CONTENT, certificate, hub, now=NOW)


@both
def test_another_certificate_under_the_same_name_is_not_used(
    engine: Engine, police: Certificate, ring: Keyring, hub: HubKey, others: Others
) -> None:
    """GnuPG given an address would choose this newer one (assurance 0.3)."""
    with gpg_command.new_home() as home:
        attackers = gpg_command.make_key(home, "Police SPOC", "spoc@police.example")
        ring.add(gpg_command.export(home, attackers), attackers, NOW)
        sealed = seal(CONTENT, police, hub, engine, now=NOW)
        assert gpg_command.decrypt(home, sealed)[1] == b""
        assert gpg_command.decrypt(others.home, sealed)[1] == CONTENT
        swapped = replace(police, armored=gpg_command.export(home, attackers))
        with pytest.raises(SealRefused, match="another one"):
            seal(CONTENT, swapped, hub, engine, now=NOW)


@both
def test_only_live_keys_of_the_certificate_are_addressed(engine: Engine, police: Certificate, hub: HubKey) -> None:
    other = tuple(replace(key, id="0123456789ABCDEF") for key in police.encryption_keys)
    with pytest.raises(SealRefused, match="other keys"):
        seal(CONTENT, replace(police, encryption_keys=other), hub, engine, now=NOW)


def test_a_certificate_that_sequoia_refuses_is_sealed_by_gnupg(
    police: Certificate, hub: HubKey, others: Others
) -> None:
    sealed = seal(CONTENT, replace(police, gpg_only=True), hub, now=NOW)
    assert gpg_command.decrypt(others.home, sealed)[1] == CONTENT


def test_neither_key_nor_passphrase_shows_itself(hub: HubKey, police: Certificate) -> None:
    shown = repr(hub) + repr(police)
    assert "0123456789abcdef" not in shown
    assert "police.example" not in shown
    assert "BEGIN PGP" not in shown


@pytest.mark.parametrize(
    "junk", [b"", b"hello", b"-----BEGIN PGP MESSAGE-----\n\n-----END PGP MESSAGE-----\n", b"\xc1"]
)
def test_what_is_no_message_has_no_recipients(junk: bytes) -> None:
    with pytest.raises(packets.NotPgp):
        packets.recipient_key_ids(junk)


def test_a_message_for_two_shows_both(others: Others) -> None:
    both_read = ("--recipient", others.health)
    sealed = gpg_command.encrypt_sign(others.home, CONTENT, others.police, options=both_read)
    assert len(packets.recipient_key_ids(sealed)) == 2
    hidden = gpg_command.encrypt_sign(others.home, CONTENT, others.police, options=("--throw-keyids",))
    assert packets.recipient_key_ids(hidden) == ("0" * 16,)
