"""OpenPGP certificates of every odd kind, made by the gpg command, judged when brought and before either engine."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pysequoia
import pytest

from keys.directory import Health, NotUsable, health, notice_due, usable
from keys.openpgp import packets
from keys.openpgp.certificate import Certificate
from keys.openpgp.keyring import KeyRefused, Keyring
from keys.openpgp.seal import Engine, HubKey, SealRefused, seal
from tests.keys import gpg_command
from tests.keys.conftest import NOW
from tests.keys.gpg_command import gpg, make_key

CONTENT = b"Content-Type: text/plain\r\n\r\nAn ordinary packet.\r\n"
ADDRESS = "spoc@police.example"
AT_2020, AT_2021 = "20200101T000000", "20210601T000000"
Made = Callable[[Path], str]  # makes a key in this home and gives its fingerprint


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with gpg_command.new_home() as made:
        yield made


def subkey(home: Path, fingerprint: str, expire: str, at: str = "") -> None:
    when = ["--faked-system-time", at] if at else []
    gpg(home, *when, "--passphrase", "", "--quick-add-key", fingerprint, "cv25519", "encrypt", expire)


def edit(home: Path, fingerprint: str, *commands: str) -> None:
    script = "\n".join([*commands, ""]).encode()
    gpg(
        home,
        "--trust-model",
        "pgp",
        "--expert",
        "--command-fd",
        "0",
        "--edit-key",
        fingerprint,
        stdin=script,
        check=False,
    )


def plain(home: Path) -> str:
    return make_key(home, "Plain", ADDRESS)


def expiring(home: Path) -> str:
    return make_key(home, "Expiring", ADDRESS, "20d")


def expired(home: Path) -> str:
    return make_key(home, "Expired", ADDRESS, "1y", at=AT_2020)


def expired_primary_with_living_subkey(home: Path) -> str:
    made = make_key(home, "Primary", ADDRESS, "1y", encrypts=False, at=AT_2020)
    subkey(home, made, "none", at=AT_2020)
    return made


def expired_subkey_and_a_newer_one(home: Path) -> str:
    made = make_key(home, "Newer", ADDRESS, "none", encrypts=False, at=AT_2020)
    subkey(home, made, "1y", at=AT_2020)
    subkey(home, made, "none", at=AT_2021)
    return made


def renewed_under_the_same_keys(home: Path) -> str:
    made = make_key(home, "Renewed", ADDRESS, "1y", at=AT_2020)
    gpg(home, "--passphrase", "", "--quick-set-expire", made, "2y")
    listed = gpg(home, "--with-colons", "--list-keys", made).stdout.decode().splitlines()
    encrypting = [line.split(":")[9] for line in listed if line.startswith("fpr")][1]
    gpg(home, "--passphrase", "", "--quick-set-expire", made, "2y", encrypting)
    return made


def renewed_but_for_its_subkey(home: Path) -> str:
    made = make_key(home, "Half", ADDRESS, "1y", at=AT_2020)
    gpg(home, "--passphrase", "", "--quick-set-expire", made, "2y")
    return made


def several_subkeys(home: Path, name: str = "Several") -> str:
    made = make_key(home, name, ADDRESS)
    subkey(home, made, "1y")
    return made


def revoked(home: Path) -> str:
    made = make_key(home, "Revoked", ADDRESS)
    gpg_command.revoke(home, made)
    return made


def one_subkey_revoked_of_two(home: Path) -> str:
    made = several_subkeys(home, "One revoked")
    edit(home, made, "key 1", "revkey", "y", "1", "", "y", "save")
    return made


def its_only_subkey_revoked(home: Path) -> str:
    made = make_key(home, "Subkey", ADDRESS)
    edit(home, made, "key 1", "revkey", "y", "1", "", "y", "save")
    return made


def signs_only(home: Path) -> str:
    return make_key(home, "Signs", ADDRESS, encrypts=False)


def rsa_1024(home: Path) -> str:
    return rsa(home, "Short", "rsa1024")


def self_signed_with_sha_1(home: Path) -> str:
    return rsa(home, "Old", "rsa2048", "--cert-digest-algo", "SHA1")


def rsa(home: Path, name: str, algorithm: str, *words: str) -> str:
    words = (*words, "--passphrase", "")
    made = gpg(home, *words, "--quick-generate-key", f"{name} <{ADDRESS}>", algorithm, "sign,cert", "2y")
    fingerprint = next(line for line in made.stderr.split(b"\n") if b"KEY_CREATED" in line).split()[3].decode()
    gpg(home, *words, "--quick-add-key", fingerprint, algorithm, "encrypt", "2y")
    return fingerprint


def made_by_sequoia(home: Path) -> str:
    """It says that it takes SEIPDv2 (RFC 9580), which half of the world's programs do not write or read."""
    made = pysequoia.Tsk.generate(user_id=f"Modern <{ADDRESS}>", profile=pysequoia.Profile.RFC4880)
    gpg_command.take(home, str(made).encode())
    return str(made.extract_certificate().fingerprint).upper()


def for_another_address(home: Path) -> str:
    return make_key(home, "Other", "Someone.Else@Health.example")


USABLE = "usable"
# How it is made, why it is not taken ("" if it is), what it is found to be today, and its state as a service level.
TABLE = [
    (plain, "", USABLE, Health.GREEN),
    (expiring, "", USABLE, Health.AMBER),
    (expired, "has expired", "key_expired", Health.RED),
    (expired_primary_with_living_subkey, "has expired", "key_expired", Health.RED),
    (expired_subkey_and_a_newer_one, "", USABLE, Health.GREEN),
    (renewed_under_the_same_keys, "", USABLE, Health.GREEN),
    (renewed_but_for_its_subkey, "has expired", "key_expired", Health.RED),
    (several_subkeys, "", USABLE, Health.GREEN),
    (revoked, "has revoked this key", "key_revoked", Health.RED),
    (one_subkey_revoked_of_two, "", USABLE, Health.GREEN),
    (its_only_subkey_revoked, "can sign but not receive", "key_cannot_encrypt", Health.RED),
    (signs_only, "can sign but not receive", "key_cannot_encrypt", Health.RED),
    (rsa_1024, "too short to be safe", "key_weak", Health.RED),
    (self_signed_with_sha_1, "", USABLE, Health.AMBER),
    (made_by_sequoia, "", USABLE, Health.GREEN),
    (for_another_address, "", USABLE, Health.GREEN),
]


_LISTED: dict[Made, int] = {
    expired_subkey_and_a_newer_one: 2,
    several_subkeys: 2,
}  # how many encryption keys, dead ones counted


@pytest.fixture(scope="module")
def made(home: Path) -> Callable[[Made], str]:
    """Keys are slow to make: each once."""
    return functools.cache(lambda make: make(home))


@pytest.mark.parametrize(("make", "refused", "today", "state"), TABLE, ids=[row[0].__name__ for row in TABLE])
def test_it_is_judged_rightly(
    home: Path, ring: Keyring, hub: HubKey, made: Callable[[Made], str],
    make: Made, refused: str, today: str, state: Health,
) -> None:  # fmt: skip
    fingerprint = made(make)
    armored = gpg_command.export(home, fingerprint)
    if refused:
        with pytest.raises(KeyRefused, match=refused):
            ring.add(armored, fingerprint, NOW)
        certificate = ring.load(armored, fingerprint)
    else:
        certificate = ring.add(armored, fingerprint, NOW)
    found = usable(certificate, NOW)
    assert (found.why if isinstance(found, NotUsable) else USABLE) == today
    assert health(certificate, NOW) is state
    if today == USABLE:
        assert len(certificate.encryption_keys) == _LISTED.get(make, 1)
    for engine in Engine:
        if isinstance(found, NotUsable):
            with pytest.raises(SealRefused, match=today):
                seal(CONTENT, certificate, hub, engine, now=NOW)
            continue
        sealed = seal(CONTENT, certificate, hub, engine, now=NOW)
        assert set(packets.recipient_key_ids(sealed)) <= set(found.key_ids)
        assert packets.leading(sealed).version == 1
        status, data = gpg_command.decrypt(home, sealed)
        assert data == CONTENT
        assert sum(line.startswith("GOODMDC") for line in status) == 1


def test_its_end_its_addresses_and_who_seals_to_it(home: Path, ring: Keyring, made: Callable[[Made], str]) -> None:
    def brought(make: Made) -> Certificate:
        fingerprint = made(make)
        return ring.add(gpg_command.export(home, fingerprint), fingerprint, NOW)

    soon = brought(expiring)
    assert [notice_due(soon, NOW + timedelta(days=d)) for d in (0, 14, 30)] == [30, 7, None]
    assert brought(for_another_address).addresses == ("someone.else@health.example",)
    assert brought(self_signed_with_sha_1).gpg_only  # Sequoia refuses such signatures
    assert brought(self_signed_with_sha_1).weakly_signed
    assert not any(brought(make).weakly_signed for make in (plain, several_subkeys, made_by_sequoia))
    assert brought(made_by_sequoia).gpg_only  # Sequoia would write what older programs cannot read


def test_a_disabled_one_is_used_no_more(home: Path, made: Callable[[Made], str]) -> None:
    """An operator may disable a certificate in gpg's own keyring."""
    with gpg_command.new_home() as ours:
        ring, fingerprint = Keyring(ours, ""), made(plain)
        ring.add(gpg_command.export(home, fingerprint), fingerprint, NOW)
        edit(ours, fingerprint, "disable", "save")
        again = Keyring(ours, "").certificate(fingerprint)
        assert usable(again, NOW) == NotUsable("key_disabled")
        ring.close()


def test_a_private_key_is_refused_before_it_is_looked_at(
    home: Path, ring: Keyring, made: Callable[[Made], str]
) -> None:
    fingerprint = made(plain)
    with pytest.raises(KeyRefused, match="PRIVATE key"):
        ring.add(gpg_command.export_secret(home, fingerprint), fingerprint, NOW)


@pytest.mark.parametrize("others", [(several_subkeys,), (self_signed_with_sha_1, several_subkeys)])
@pytest.mark.parametrize("engine", list(Engine))
def test_all_who_read_one_mailbox_can_open_it(
    home: Path, ring: Keyring, hub: HubKey, made: Callable[[Made], str], engine: Engine, others: tuple[Made, ...]
) -> None:
    def brought(make: Made) -> Certificate:
        return ring.add(gpg_command.export(home, made(make)), made(make), NOW)

    first, also = brought(plain), tuple(map(brought, others))
    sealed = seal(CONTENT, first, hub, engine, now=NOW, also=also)
    named = set(packets.recipient_key_ids(sealed))
    assert all(named & set(one.encryption_key_ids) for one in (first, *also))
    assert packets.leading(sealed).version == 1
    for fingerprint in (made(plain), *map(made, others)):  # each with their own key alone
        with gpg_command.new_home() as alone:
            gpg_command.take(alone, gpg_command.export_secret(home, fingerprint))
            assert gpg_command.decrypt(alone, sealed)[1] == CONTENT


def test_one_that_cannot_be_sealed_to_stops_them_all(
    home: Path, ring: Keyring, hub: HubKey, made: Callable[[Made], str]
) -> None:
    first = ring.add(gpg_command.export(home, made(plain)), made(plain), NOW)
    dead = ring.load(gpg_command.export(home, made(expired)), made(expired))
    with pytest.raises(SealRefused, match="key_expired"):
        seal(CONTENT, first, hub, now=NOW, also=(dead,))
