"""Certificates of every odd kind, made by openssl, judged as somebody brings them and as the day goes by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from keys.directory import Health, NotUsable, Usable, health, notice_due, usable
from keys.refusal import SealRefused
from keys.smime import identity
from keys.smime.certificate import CertificateRefused, parsed, read
from keys.smime.identity import Identity
from keys.smime.seal import seal
from tests.keys import openssl_command
from tests.keys.conftest import NOW
from tests.keys.openssl_command import P256, RSA, Person, openssl

LEAF, USAGE = "basicConstraints=critical,CA:FALSE\n", "keyUsage=critical,"
FOR_MAIL = openssl_command.FOR_MAIL
CONTENT = b"Content-Type: text/plain\r\n\r\nAn ordinary packet.\r\n"
ADDRESS = "spoc@police.example"
ENDED, LATER = ("20200101000000Z", "20210101000000Z"), ("20480101000000Z", "20490101000000Z")


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y%m%d%H%M%SZ")


SOON = ("20250101000000Z", stamp(NOW + timedelta(days=20)))
SHA1, P384, ED25519 = "sha1", ("ec", "-pkeyopt", "ec_paramgen_curve:P-384"), ("ed25519",)
WEB = f"{FOR_MAIL}extendedKeyUsage=serverAuth\n"

# What it is, how it is made, why it is not taken ("" if it is), and what it is found to be today.
TABLE = [
    ("plain", FOR_MAIL, RSA, {}, "", "usable"),
    ("no usage said", LEAF, RSA, {}, "", "usable"),
    ("said to be for mail", f"{FOR_MAIL}extendedKeyUsage=emailProtection,clientAuth\n", RSA, {}, "", "usable"),
    ("for anything", f"{FOR_MAIL}extendedKeyUsage=anyExtendedKeyUsage\n", RSA, {}, "", "usable"),
    ("encrypts only", f"{LEAF}{USAGE}keyEncipherment\n", RSA, {}, "", "usable"),
    ("P-256", f"{LEAF}{USAGE}digitalSignature,keyAgreement\n", P256, {}, "", "usable"),
    ("P-384", LEAF, P384, {}, "", "usable"),
    ("RSA-4096", FOR_MAIL, ("rsa:4096",), {}, "", "usable"),
    ("expiring", FOR_MAIL, RSA, {"dates": SOON}, "", "usable"),
    ("expired", FOR_MAIL, RSA, {"dates": ENDED}, "", "key_expired"),
    ("not yet valid", FOR_MAIL, RSA, {"dates": LATER}, "", "key_not_yet_valid"),
    ("an authority", "basicConstraints=critical,CA:TRUE\n", RSA, {}, "of an authority", "key_cannot_encrypt"),
    ("an authority that says its usage", f"basicConstraints=CA:TRUE\n{USAGE}keyCertSign\n", RSA, {},
     "of an authority", "key_cannot_encrypt"),
    ("signs only", f"{LEAF}{USAGE}digitalSignature\n", RSA, {}, "can sign but not receive", "key_cannot_encrypt"),
    ("P-256 that only signs", f"{LEAF}{USAGE}digitalSignature\n", P256, {}, "can sign but not receive",
     "key_cannot_encrypt"),
    ("a web server's", WEB, RSA, {}, "not for mail", "key_cannot_encrypt"),
    ("RSA-1024", FOR_MAIL, ("rsa:1024",), {}, "too short", "key_weak"),
    ("SHA-1", FOR_MAIL, RSA, {"md": SHA1}, "SHA-1", "key_weak"),
]  # fmt: skip


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return identity.make(tmp_path_factory.mktemp("hub"), "word", "referrals@hub.example", "Fakeshire hub", NOW)


@pytest.mark.parametrize(("name", "extensions", "key", "more", "refused", "today"), TABLE, ids=lambda v: str(v)[:24])
def test_it_is_judged_rightly(
    tmp_path: Path,
    name: str,
    extensions: str,
    key: tuple[str, ...],
    more: dict[str, object],
    refused: str,
    today: str,
    hub: Identity,
) -> None:
    who = openssl_command.person(tmp_path / "who", ADDRESS, extensions, key=key, **more)  # type: ignore[arg-type]
    if refused:
        with pytest.raises(CertificateRefused, match=refused):
            read(who.pem)
    else:
        assert read(who.pem) == parsed(who.pem)
        assert read(who.pem).fingerprint == who.fingerprint
    found = usable(parsed(who.pem), NOW)
    assert (found.why if isinstance(found, NotUsable) else "usable") == today, name
    if today == "usable":
        assert CONTENT in who.decrypt(seal(CONTENT, parsed(who.pem), hub, NOW))
    else:
        with pytest.raises(SealRefused, match=today):
            seal(CONTENT, parsed(who.pem), hub, NOW)


def test_the_wrong_address_is_seen(tmp_path: Path) -> None:
    """Whether it may be pinned all the same is the enrolment's to say."""
    who = openssl_command.person(tmp_path / "who", "Someone.Else@Police.example")
    assert read(who.pem).addresses == ("someone.else@police.example",)


def test_health_and_notices_go_by_its_end(tmp_path: Path) -> None:
    end = datetime(2030, 1, 1, tzinfo=UTC)
    theirs = read(openssl_command.person(tmp_path / "who", ADDRESS, dates=("20250101000000Z", stamp(end))).pem)
    days = {91: (Health.GREEN, None), 90: (Health.AMBER, 90), 30: (Health.AMBER, 30), 8: (Health.AMBER, 30),
            7: (Health.RED, 7), 0: (Health.RED, None)}  # fmt: skip
    for left, (state, due) in days.items():
        now = end - timedelta(days=left)
        assert (health(theirs, now), notice_due(theirs, now)) == (state, due), left
    assert usable(theirs, end - timedelta(seconds=1)) == Usable(theirs.encryption_key_ids, end)
    assert usable(theirs, datetime(2024, 1, 1, tzinfo=UTC)) == NotUsable("key_not_yet_valid")
    assert health(theirs, datetime(2024, 1, 1, tzinfo=UTC)) is Health.RED


@pytest.fixture(scope="module")
def police(tmp_path_factory: pytest.TempPathFactory) -> Person:
    return openssl_command.person(tmp_path_factory.mktemp("who") / "police", ADDRESS)


def test_in_whatever_form_it_is_brought(police: Person, tmp_path: Path) -> None:
    der = openssl("x509", "-outform", "DER", stdin=police.pem)
    bag = openssl("pkcs12", "-nokeys", "-passin", "pass:x", stdin=_p12(police))  # with "Bag Attributes" before it
    assert b"Bag Attributes" in bag
    authority = openssl_command.person(tmp_path / "ca", "ca@authority.example", "basicConstraints=CA:TRUE\n")
    for data in (
        der,
        bag,
        police.pem.replace(b"\n", b"\r\n"),
        authority.pem + police.pem,
        police.pem + authority.pem,
    ):
        assert read(data).fingerprint == police.fingerprint


def test_what_must_not_be_brought(police: Person, tmp_path: Path) -> None:
    other = openssl_command.person(tmp_path / "other", ADDRESS)
    private = [
        police.key,
        police.pem + police.key,
        _p12(police),
        openssl("pkcs8", "-topk8", "-passout", "pass:x", stdin=police.key),
        openssl("pkcs8", "-topk8", "-passout", "pass:x", "-outform", "DER", stdin=police.key),
        openssl("rsa", "-traditional", "-outform", "DER", stdin=police.key),
    ]
    for data in private:
        with pytest.raises(CertificateRefused, match="PRIVATE key"):
            read(data)
    request = (police.folder / "request").read_bytes()
    broken = police.pem.replace(b"M", b"N")
    for data in (b"", b"hello", b"0\x82\x01\x00", request, broken, police.pem[:200], b"-----BEGIN PGP PUBLIC KEY"):
        with pytest.raises(CertificateRefused, match="not a certificate file"):
            read(data)
    with pytest.raises(CertificateRefused, match="2 certificates"):
        read(police.pem + other.pem)
    with pytest.raises(CertificateRefused, match="too large"):
        read(police.pem * 300)


def _p12(who: Person) -> bytes:
    return openssl("pkcs12", "-export", "-passout", "pass:x", stdin=who.key + who.pem)


def test_nothing_about_its_holder_shows(police: Person) -> None:
    assert "police.example" not in repr(read(police.pem))
    assert read(read(police.pem).pem) == read(police.pem)
