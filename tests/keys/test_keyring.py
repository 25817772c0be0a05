"""Taking keys in: what is refused, in which words, and that a refusal changes nothing."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest

from keys.directory import Health, NotUsable, Usable, health, notice_due, usable
from keys.openpgp.gpg import GpgUnusable
from keys.openpgp.keyring import KeyRefused, Keyring
from keys.openpgp.seal import HubKey
from tests.keys import gpg_command
from tests.keys.conftest import NOW, PASSPHRASE, Others

OTHER = "0" * 40


def test_the_hubs_key(ring: Keyring, hub: HubKey, others: Others) -> None:
    listing = gpg_command.gpg(others.home, "--with-colons", "--list-keys", hub.fingerprint).stdout.decode()
    assert ":ed25519:" in listing
    assert ":cv25519:" in listing
    shown = gpg_command.gpg(others.home, "--list-packets", stdin=ring.export_public(hub.fingerprint).encode())
    assert b"(pref-zip-algos: 0)" in shown.stdout  # uncompressed, and never bzip2: Sequoia here can read neither
    found = ring.certificate(hub.fingerprint)
    assert found.expires is not None
    assert timedelta(days=728) < found.expires - NOW < timedelta(days=732)
    assert found.addresses == ("referrals@hub.example",)
    assert stat.S_IMODE(ring.home.stat().st_mode) == 0o700


def test_the_exported_secret_is_protected(ring: Keyring, hub: HubKey) -> None:
    with gpg_command.new_home() as home:
        gpg_command.gpg(home, "--passphrase", PASSPHRASE, "--import", stdin=ring.export_secret(hub.fingerprint))
        signing = ("--local-user", hub.fingerprint, "--sign")
        assert gpg_command.gpg(home, "--passphrase", "wrong", *signing, stdin=b"x", check=False).returncode != 0
    assert PASSPHRASE not in repr(ring) + repr(ring.opener_keys(hub.fingerprint))


def test_a_name_cannot_instruct_gpg(ring: Keyring) -> None:
    with pytest.raises(KeyRefused):
        ring.make_hub_key("hub@hub.example", "Hub\n%no-protection")


def refused(ring: Keyring, armored: bytes, fingerprint: str) -> str:
    with pytest.raises(KeyRefused) as told:
        ring.add(armored, fingerprint, NOW)
    if len(fingerprint) == 40:
        with pytest.raises(KeyRefused):  # and nothing changed
            ring.certificate(fingerprint)
    return str(told.value)


def test_what_is_refused(ring: Keyring, others: Others) -> None:
    with gpg_command.new_home() as home:
        good = gpg_command.make_key(home, "A", "a@a.example")
        expired = gpg_command.make_key(home, "B", "b@a.example", "1y", at="20200101T000000")
        revoked = gpg_command.make_key(home, "C", "c@a.example")
        gpg_command.revoke(home, revoked)
        signs = gpg_command.make_key(home, "D", "d@a.example", encrypts=False)
        show = gpg_command.export
        assert "PRIVATE" in refused(ring, gpg_command.export_secret(home, good), good)
        assert "2 keys" in refused(ring, show(home, good, signs), good)
        assert "2 keys" in refused(ring, show(home, good) + show(home, signs), good)
        assert good in refused(ring, show(home, good), OTHER)
        assert "expired" in refused(ring, show(home, expired), expired)
        assert "revoked" in refused(ring, show(home, revoked), revoked)
        assert "not receive" in refused(ring, show(home, signs), signs)
        assert "40" in refused(ring, show(home, good), good[-16:])
    for junk in (b"", b"hello", b"\x99\x00", b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n"):
        refused(ring, junk, OTHER)


@pytest.mark.parametrize(("primary", "subkey", "weak"), [("rsa1024", "", True), ("ed25519", "rsa1024", True),
                                                        ("rsa2048", "rsa2048", False)])  # fmt: skip
def test_a_key_that_is_too_short_is_refused(ring: Keyring, primary: str, subkey: str, weak: bool) -> None:
    with gpg_command.new_home() as home:
        use = "sign,cert" if subkey else "default"
        quick = ("--passphrase", "", "--quick-generate-key", "W <w@a.example>", primary, use, "2y")
        created = next(x for x in gpg_command.gpg(home, *quick).stderr.split(b"\n") if b"KEY_CREATED" in x)
        made = created.split()[3].decode()
        if subkey:
            gpg_command.gpg(home, "--passphrase", "", "--quick-add-key", made, subkey, "encrypt", "2y")
        armored = gpg_command.export(home, made)
        if weak:
            assert "too short" in refused(ring, armored, made)
        else:
            assert ring.add(armored, made, NOW).fingerprint == made


def test_an_expired_encryption_subkey_under_a_living_primary(ring: Keyring) -> None:
    with gpg_command.new_home() as home:
        made = gpg_command.make_key(home, "A", "a@a.example", "never", encrypts=False, at="20200101T000000")
        add = ("--faked-system-time", "20200101T000000", "--passphrase", "", "--quick-add-key", made)
        gpg_command.gpg(home, *add, "cv25519", "encrypt", "1y")
        assert "expired" in refused(ring, gpg_command.export(home, made), made)
        subkey = gpg_command.gpg(home, "--with-colons", "--list-keys", made).stdout.decode()
        wanted = [line.split(":")[9] for line in subkey.splitlines() if line.startswith("fpr")][1]
        gpg_command.gpg(home, "--passphrase", "", "--quick-set-expire", made, "2y", wanted)
        renewed = ring.add(gpg_command.export(home, made), made, NOW)  # the newest self-signature counts
        assert renewed.encryption_expires is not None
        assert health(renewed, NOW) is Health.GREEN


def test_what_is_taken_can_be_found_loaded_and_removed(ring: Keyring) -> None:
    with gpg_command.new_home() as home:
        made = gpg_command.make_key(home, "A", "a@a.example")
        armored = gpg_command.export(home, made)
        taken = ring.add(armored, made.lower(), NOW)
        assert taken.fingerprint == made
        assert taken.addresses == ("a@a.example",)
        assert not taken.gpg_only
        assert ring.load(taken.armored, made) == taken
        ring.remove(made)
        with pytest.raises(KeyRefused):
            ring.certificate(made)
        assert ring.load(armored, made).fingerprint == made
        with pytest.raises(KeyRefused):
            ring.load(armored, OTHER)
        gpg_command.revoke(home, made)
        assert ring.load(gpg_command.export(home, made), made).revoked
        assert ring.load(armored, made).revoked  # an older copy brings nothing back
        with pytest.raises(KeyRefused, match="earlier copy"):
            ring.add(armored, made, NOW)


def test_health_and_notices(ring: Keyring) -> None:
    with gpg_command.new_home() as home:
        made = gpg_command.make_key(home, "A", "a@a.example", "100d")
        found = ring.add(gpg_command.export(home, made), made, NOW)
        for_ever = gpg_command.make_key(home, "B", "b@a.example", "never")
        never = ring.add(gpg_command.export(home, for_ever), for_ever, NOW)
    seen = [(health(found, NOW + timedelta(d)), notice_due(found, NOW + timedelta(d))) for d in (0, 20, 75, 95, 101)]
    assert [str(h) for h, _ in seen] == ["green", "amber", "amber", "red", "red"]
    assert [n for _, n in seen] == [None, 90, 30, 7, None]
    assert usable(found, NOW + timedelta(101)) == NotUsable("key_expired")
    assert usable(never, NOW + timedelta(40_000)) == Usable(never.encryption_key_ids, None)  # no expiry is not 1970
    assert notice_due(never, NOW) is None


def test_a_path_too_long_for_an_agent_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(GpgUnusable, match="shorter"):
        Keyring(tmp_path / ("x" * 100), PASSPHRASE).make_hub_key("a@hub.example", "Hub")
