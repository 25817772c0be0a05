"""Opening S/MIME in the limited child: whatever openssl can make of it, and what an attacker makes of that."""

from __future__ import annotations

import base64
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from exchange.case.sealed import NotOpened, Opened, Plain, Signed, UnknownSigner, Unsigned, Unwrapped
from keys.opener import Opener, OpenerKeys
from keys.openpgp.keyring import Keyring
from keys.smime import identity
from keys.smime.identity import Identity
from tests.keys import openssl_command
from tests.keys.conftest import NOW
from tests.keys.openssl_command import P256, Person, encrypt, openssl

CONTENT = b"Content-Type: text/plain; charset=utf-8\r\n\r\nACCEPT, we have it.\r\n"
DER = ("-outform", "DER")
ADDRESS = "referrals@hub.example"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("smime")


@pytest.fixture(scope="module")
def hub(folder: Path) -> Identity:
    return identity.make(folder / "hub", "word", ADDRESS, "Fakeshire hub", NOW)


@pytest.fixture(scope="module")
def police(folder: Path) -> Person:
    return openssl_command.person(folder / "police", "spoc@police.example")


@pytest.fixture(scope="module")
def health(folder: Path) -> Person:
    return openssl_command.person(folder / "health", "spoc@health.example", key=P256)


@pytest.fixture
async def opener(folder: Path, hub: Identity) -> AsyncIterator[Opener]:
    kept = identity.kept(folder / "hub").all
    made = await Opener.start(OpenerKeys(folder / "gnupg", "", b"", "", smime=kept, smime_passphrase="word"))
    yield made
    await made.close()


def part(mail: bytes) -> bytes:
    """What the one base64 part of a mail by openssl holds."""
    return base64.b64decode(mail.replace(b"\r\n", b"\n").partition(b"\n\n")[2])


def detached(mail: bytes) -> tuple[bytes, bytes]:
    """The signed octets and the signature of a multipart/signed mail by openssl."""
    mail = mail.replace(b"\r\n", b"\n")
    boundary = b"\n--" + mail.partition(b'boundary="')[2].partition(b'"')[0]
    _, signed, signature, _ = mail.split(boundary)
    return signed[1:].replace(b"\n", b"\r\n"), part(signature[1:])


OAEP = ("-keyopt", "rsa_padding_mode:oaep")


@pytest.mark.parametrize(
    ("options", "to_each"),
    [
        (("-aes256",), ()), (("-aes128",), ()), (("-aes192",), ()), (("-des3",), ()), (("-aes-256-gcm",), ()),
        (("-aes256", "-keyid"), ()), (("-aes256", "-stream"), ()), (("-aes-256-gcm", "-stream"), ()),
        (("-aes256",), OAEP), (("-aes256",), (*OAEP, "-keyopt", "rsa_oaep_md:sha256")),
    ],
    ids=" ".join,
)  # fmt: skip
async def test_whatever_cipher_and_form_openssl_writes(
    opener: Opener, hub: Identity, options: tuple[str, ...], to_each: tuple[str, ...]
) -> None:
    sealed = encrypt(CONTENT, hub.certificate.pem, options=(*options, "-binary", *DER), to_each=to_each)
    assert await opener.open_smime(sealed, []) == Opened(Plain(CONTENT), Unsigned())


async def test_one_of_several_recipients(opener: Opener, hub: Identity, police: Person, health: Person) -> None:
    sealed = encrypt(CONTENT, police.pem, hub.certificate.pem, options=("-aes256", *DER))
    assert isinstance(await opener.open_smime(sealed, []), Opened)
    theirs = encrypt(CONTENT, police.pem, options=("-aes256", *DER))
    assert await opener.open_smime(theirs, []) == NotOpened("not_for_us")
    agreed = encrypt(CONTENT, health.pem, options=("-aes256", *DER))
    assert await opener.open_smime(agreed, []) == NotOpened("not_for_us")


async def test_an_older_key_of_ours_still_opens(folder: Path, hub: Identity, tmp_path: Path) -> None:
    old = identity.make(tmp_path, "word", ADDRESS, "hub", NOW)
    identity.make(tmp_path, "word", ADDRESS, "hub", NOW)
    keys = OpenerKeys(tmp_path, "", b"", "", smime=identity.kept(tmp_path).all, smime_passphrase="word")
    opener = await Opener.start(keys)
    sealed = encrypt(CONTENT, old.certificate.pem, options=("-aes256", *DER))
    assert isinstance(await opener.open_smime(sealed, []), Opened)
    await opener.close()


async def test_signed_by_a_pinned_certificate(opener: Opener, police: Person, health: Person) -> None:
    pins = [police.pem, health.pem]
    for who in (police, health):
        opaque = part(who.sign(CONTENT, "-nodetach", "-binary"))
        assert await opener.open_smime(opaque, pins) == Unwrapped(Plain(CONTENT), Signed(who.fingerprint), True)
        assert await opener.open_smime(opaque, []) == Unwrapped(Plain(CONTENT), UnknownSigner(), True)
        signed, signature = detached(who.sign(CONTENT))
        assert await opener.verify_smime(signed, signature, pins) == Signed(who.fingerprint)
        assert await opener.verify_smime(signed, signature, []) == UnknownSigner()
        assert await opener.verify_smime(signed + b"!", signature, pins) == NotOpened("tampered")


@pytest.mark.parametrize(
    "options",
    [
        ("-keyid",),
        ("-stream",),
        ("-md", "sha512"),
        ("-keyopt", "rsa_padding_mode:pss"),
        ("-nocerts",),
        ("-nosmimecap",),
    ],
    ids=" ".join,
)
async def test_whatever_form_of_signature(opener: Opener, police: Person, options: tuple[str, ...]) -> None:
    opaque = part(police.sign(CONTENT, "-nodetach", "-binary", *options))
    assert await opener.open_smime(opaque, [police.pem]) == Unwrapped(
        Plain(CONTENT), Signed(police.fingerprint), True
    )


@pytest.mark.parametrize("options", [("-md", "sha1"), ("-noattr",)], ids=" ".join)
async def test_signatures_that_could_be_forged_prove_nothing(
    opener: Opener, police: Person, options: tuple[str, ...]
) -> None:
    opaque = part(police.sign(CONTENT, "-nodetach", "-binary", *options))
    assert await opener.open_smime(opaque, [police.pem]) == Unwrapped(Plain(CONTENT), UnknownSigner(), True)


async def test_two_signatures_are_nobodys(opener: Opener, police: Person, health: Person) -> None:
    other = ("-signer", str(health.folder / "certificate.pem"), "-inkey", str(health.folder / "key.pem"))
    opaque = part(police.sign(CONTENT, "-nodetach", "-binary", *other))
    assert await opener.open_smime(opaque, [police.pem, health.pem]) == Unwrapped(
        Plain(CONTENT), UnknownSigner(), True
    )


async def test_only_a_certificate_that_may_sign_today_counts(opener: Opener, folder: Path) -> None:
    constrained = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,{}\n"
    web = "basicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\n"
    ended, later = ("20200101000000Z", "20210101000000Z"), ("20480101000000Z", "20490101000000Z")
    people = [
        openssl_command.person(folder / "ended", "spoc@police.example", dates=ended),
        openssl_command.person(folder / "later", "spoc@police.example", dates=later),
        openssl_command.person(folder / "encrypts", "spoc@police.example", constrained.format("keyEncipherment")),
        openssl_command.person(folder / "web", "spoc@police.example", web),
        openssl_command.person(folder / "ca", "spoc@police.example", "basicConstraints=critical,CA:TRUE\n"),
        openssl_command.person(folder / "short", "spoc@police.example", key=("rsa:1024",)),
        openssl_command.person(folder / "sha1", "spoc@police.example", md="sha1"),
    ]
    for who in people:
        opaque = part(who.sign(CONTENT, "-nodetach", "-binary"))
        found = await opener.open_smime(opaque, [who.pem])
        assert found == Unwrapped(Plain(CONTENT), UnknownSigner(), True), who.folder.name


async def test_a_certificate_inside_the_message_proves_nothing(opener: Opener, police: Person, folder: Path) -> None:
    """Same name, same address, another key: only the pinned fingerprint counts."""
    attacker = openssl_command.person(folder / "attacker", "spoc@police.example")
    opaque = part(attacker.sign(CONTENT, "-nodetach", "-binary"))
    assert await opener.open_smime(opaque, [police.pem]) == Unwrapped(Plain(CONTENT), UnknownSigner(), True)


async def test_a_signature_moved_to_other_content(opener: Opener, police: Person) -> None:
    genuine = part(police.sign(CONTENT, "-nodetach", "-binary"))
    other = genuine.replace(b"ACCEPT, we", b"REJECT, we")
    assert other != genuine
    found = await opener.open_smime(other, [police.pem])
    assert found == Unwrapped(Plain(CONTENT.replace(b"ACCEPT", b"REJECT")), UnknownSigner(), False)


def altered(sealed: bytes, at: int) -> bytes:
    return sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]


async def test_one_changed_bit_of_gcm_gives_nothing(opener: Opener, hub: Identity) -> None:
    sealed = encrypt(CONTENT, hub.certificate.pem, options=("-aes-256-gcm", *DER))
    for at in (-1, -17, -30, len(sealed) // 2, len(sealed) // 3):
        found = await opener.open_smime(altered(sealed, at % len(sealed)), [])
        assert isinstance(found, NotOpened), at


async def test_every_failure_of_cbc_has_one_name(opener: Opener, hub: Identity) -> None:
    """The key that was wrapped, or the padding: an attacker must not learn which it was."""
    sealed = encrypt(bytes(64), hub.certificate.pem, options=("-aes256", "-binary", *DER))
    wrapped = sealed.rindex(b"\x04\x82\x01\x80") + 4  # the encrypted key: 384 octets
    for at in (wrapped + 5, wrapped + 300, len(sealed) - 17):
        found = await opener.open_smime(altered(sealed, at), [])
        if isinstance(found, NotOpened):  # one in 256 has a padding by chance, and then its content is noise
            assert found == NotOpened("tampered")
        else:
            assert isinstance(found, Opened)
            assert found.plain.data != bytes(64)


async def test_junk_is_malformed(opener: Opener, hub: Identity, police: Person) -> None:
    sealed = encrypt(CONTENT, hub.certificate.pem, options=("-aes256", *DER))
    nested = b"0\x80" * 40_000  # indefinite lengths inside each other
    certificates = openssl("crl2pkcs7", "-nocrl", "-certfile", str(police.folder / "certificate.pem"), *DER)
    compressed = base64.b64decode(b"MIAGCyqGSIb3DQEJEAEJoIAwgAIBADAAAAAAAAA=")
    for junk in (b"", b"hello", sealed[:100], sealed[:-20], nested, certificates, compressed, os.urandom(500)):
        assert await opener.open_smime(junk, []) == NotOpened("malformed")
    assert isinstance(await opener.open_smime(sealed, []), Opened)


async def test_the_largest_honest_mail_fits(opener: Opener, hub: Identity, police: Person) -> None:
    large = os.urandom(24 * 1024 * 1024)  # 35 MiB as base64 in its mail
    for options in (("-aes256",), ("-aes256", "-stream")):
        found = await opener.open_smime(encrypt(large, hub.certificate.pem, options=(*options, "-binary", *DER)), [])
        assert isinstance(found, Opened)
        assert found.plain.data == large
    opaque = openssl("cms", "-sign", "-nodetach", "-binary", "-signer", str(police.folder / "certificate.pem"),
                     "-inkey", str(police.folder / "key.pem"), *DER, stdin=large)  # fmt: skip
    found = await opener.open_smime(opaque, [police.pem])
    assert isinstance(found, Unwrapped)
    assert found.signer == Signed(police.fingerprint)


async def test_without_a_key_of_ours_signatures_are_still_judged(ring: Keyring, police: Person) -> None:
    """An installation made before there was S/MIME."""
    own = ring.make_hub_key("referrals@hub.example", "Fakeshire hub")
    opener = await Opener.start(ring.opener_keys(own))
    sealed = encrypt(CONTENT, police.pem, options=("-aes256", *DER))
    assert await opener.open_smime(sealed, []) == NotOpened("not_for_us")
    signed, signature = detached(police.sign(CONTENT))
    assert await opener.verify_smime(signed, signature, [police.pem]) == Signed(police.fingerprint)
    await opener.close()
