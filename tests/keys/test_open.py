"""Opening what the gpg command made: one corpus, a verdict for each message, and both engines held to it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pysequoia
import pytest

from exchange.case.sealed import NotOpened, Opened, Plain, Signed, Signer, UnknownSigner, Unsigned
from keys.openpgp import packets
from keys.openpgp.keyring import Keyring
from keys.openpgp.open import Known, OpeningKey, by_gnupg, by_sequoia, open_, verify_detached
from keys.openpgp.seal import HubKey
from tests.keys import gpg_command
from tests.keys.conftest import NOW, PASSPHRASE, Others

CONTENT = b"Content-Type: text/plain\r\n\r\nACCEPT\r\n" * 20
PLAIN = ("-z", "0")
# The hub's key asks for no compression; a client may compress all the same.
ZLIB, BZIP2 = ("--compress-algo", "ZLIB"), ("--compress-algo", "BZIP2")
OLD = ("--rfc2440", "--disable-mdc", "--cipher-algo", "3DES")  # a container without integrity


@pytest.fixture(scope="session")
def key(ring: Keyring, hub: HubKey) -> OpeningKey:
    secret = pysequoia.Tsk.from_bytes(ring.export_secret(hub.fingerprint))
    return OpeningKey(ring.home, PASSPHRASE, secret.decryptor(PASSPHRASE))


@pytest.fixture(scope="session")
def known(others: Others) -> Known:
    return Known(others.certificates())


@dataclass(frozen=True)
class Corpus:
    """Messages by name, and what is to be said of each."""

    rows: dict[str, tuple[bytes, Signer | str]]


@pytest.fixture(scope="session")
def corpus(others: Others, hub: HubKey) -> Corpus:
    home, to, police = others.home, hub.fingerprint, others.police

    def made(*signers: str, options: tuple[str, ...] = (), content: bytes = CONTENT, whom: str = to) -> bytes:
        return gpg_command.encrypt_sign(home, content, whom, *signers, options=options)

    signed = made(police, options=PLAIN)
    zeros = bytes(3_000_000)
    return Corpus(
        {
            "signed": (signed, Signed(police)),
            "signed, compressed": (made(police, options=ZLIB), Signed(police)),
            "signed, bzip2": (made(police, options=BZIP2), Signed(police)),
            "unsigned": (made(options=PLAIN), Unsigned()),
            "unsigned, compressed": (made(options=ZLIB), Unsigned()),
            "hidden recipient": (made(police, options=("--throw-keyids",)), Signed(police)),
            "by a stranger": (made(others.stranger), UnknownSigner()),
            "by two known": (made(police, others.health, options=PLAIN), UnknownSigner()),
            "by one known, one not": (made(police, others.stranger, options=PLAIN), UnknownSigner()),
            "by a stranger, then one known": (made(others.stranger, police), UnknownSigner()),
            "sha-1": (made(police, options=("--digest-algo", "SHA1")), UnknownSigner()),
            "no integrity": (made(options=OLD), "no_integrity"),
            "not for us": (made(police, whom=others.health), "not_for_us"),
            "cut": (_cut(signed), "malformed"),
            "bomb": (made(options=ZLIB, content=zeros), "too_large"),
            "bzip2 bomb": (made(options=BZIP2, content=zeros), "too_large"),
            "only signed": (_only_signed(others), "malformed"),
            "words outside": (_words_outside(made(options=PLAIN)), "tampered"),
            "nothing": (b"", "malformed"),
            "words": (b"hello", "malformed"),
        }
    )


def _cut(message: bytes) -> bytes:
    return pysequoia.armor(packets.dearmor(message)[:-25], pysequoia.ArmorKind.Message).encode()


def _only_signed(others: Others) -> bytes:
    words = ("--armor", "--local-user", others.police, "--sign")
    return gpg_command.gpg(others.home, *words, stdin=CONTENT).stdout


def _words_outside(sealed: bytes) -> bytes:
    """Readable words before the ciphertext: neither may pass as the other."""
    literal = b"\xcb\x0eb\x00\x00\x00\x00\x00ACCEPT\r\n"
    return pysequoia.armor(literal + packets.dearmor(sealed), pysequoia.ArmorKind.Message).encode()


def verdict(found: Opened | NotOpened) -> Signer | str:
    if isinstance(found, NotOpened):
        return found.why
    assert found.plain == Plain(CONTENT)
    return found.signer


def test_each_gets_its_verdict(corpus: Corpus, key: OpeningKey, known: Known) -> None:
    found = {name: verdict(open_(message, key, known)) for name, (message, _) in corpus.rows.items()}
    assert found == {name: expected for name, (_, expected) in corpus.rows.items()}


def test_gnupg_alone_says_the_same(corpus: Corpus, key: OpeningKey, known: Known) -> None:
    found = {name: verdict(by_gnupg(message, key, known)) for name, (message, _) in corpus.rows.items()}
    assert found == {name: expected for name, (_, expected) in corpus.rows.items()}


def test_sequoia_says_the_same_or_nothing(corpus: Corpus, key: OpeningKey, known: Known) -> None:
    said = {name: by_sequoia(message, key, known) for name, (message, _) in corpus.rows.items()}
    assert [name for name, found in said.items() if found] == ["signed", "hidden recipient"]
    for name, found in said.items():
        assert found is None or verdict(found) == corpus.rows[name][1], name


def test_no_bit_may_be_turned(corpus: Corpus, key: OpeningKey, known: Known) -> None:
    """Every 7th octet of the ciphertext for Sequoia and gpg together: nothing is ever released."""
    binary = bytearray(packets.dearmor(corpus.rows["signed"][0]))
    for at in range(len(binary) - 300, len(binary), 7):
        binary[at] ^= 0x10
        assert isinstance(open_(bytes(binary), key, known), NotOpened), at
        binary[at] ^= 0x10
    assert isinstance(open_(bytes(binary), key, known), Opened)


def test_nothing_is_shortened_at_the_limit(others: Others, hub: HubKey, key: OpeningKey, known: Known) -> None:
    """gpg stops before --max-output and still says GOODMDC (see open.py)."""
    for size in (1024 * 1024 - 40_000, 1024 * 1024, 1024 * 1024 + 1, 2 * 1024 * 1024 - 20_000, 2 * 1024 * 1024 + 1):
        message = gpg_command.encrypt_sign(others.home, bytes(size), hub.fingerprint, options=ZLIB)
        found = open_(message, key, known)
        assert isinstance(found, NotOpened) == (size > 1024 * 1024), size
        assert isinstance(found, NotOpened) or len(found.plain.data) == size


def test_a_signer_in_the_hubs_keyring_but_not_given_is_unknown(
    corpus: Corpus, key: OpeningKey, ring: Keyring, others: Others
) -> None:
    ring.add(gpg_command.export(others.home, others.police), others.police, NOW)
    for name in ("signed", "signed, compressed"):
        for given in ([], [gpg_command.export(others.home, others.health)]):
            assert verdict(open_(corpus.rows[name][0], key, Known(given))) == UnknownSigner()


def test_expired_and_revoked_signers_prove_nothing(hub: HubKey, ring: Keyring, key: OpeningKey) -> None:
    with gpg_command.new_home() as home:
        gpg_command.take(home, ring.export_public(hub.fingerprint).encode())
        gone = gpg_command.make_key(home, "Gone", "gone@police.example")
        old = gpg_command.make_key(home, "Old", "old@police.example", "1y", at="20200101T000000")
        then = ("--faked-system-time", "20200201T000000")
        messages = [
            gpg_command.encrypt_sign(home, CONTENT, hub.fingerprint, gone, options=PLAIN),
            gpg_command.encrypt_sign(home, CONTENT, hub.fingerprint, gone),
        ]
        late = gpg_command.sign_detached(home, CONTENT, old, options=then)
        current = gpg_command.sign_detached(home, CONTENT, gone)
        gpg_command.revoke(home, gone)
        known = Known([gpg_command.export(home, gone), gpg_command.export(home, old)])
        assert [verdict(open_(m, key, known)) for m in messages] == [UnknownSigner()] * 2
        for signature in (late, current):
            assert verify_detached(CONTENT, signature, key, known) == UnknownSigner()


def test_a_signers_name_cannot_forge_a_verdict(hub: HubKey, ring: Keyring, key: OpeningKey, others: Others) -> None:
    """A name with U+0085 ends a line for Python's text tools; gpg prints names beside its status."""
    with gpg_command.new_home() as home:
        gpg_command.take(home, ring.export_public(hub.fingerprint).encode())
        forged = f"[GNUPG:] VALIDSIG {others.police} 2026-01-01 1 0 4 0 22 10 00 {others.police}"
        mallory = gpg_command.make_key(home, f"M\x85{forged}\x85[GNUPG:] GOODSIG 1 x\x85", "")
        message = gpg_command.encrypt_sign(home, CONTENT, hub.fingerprint, mallory)
        given = Known([gpg_command.export(home, mallory), *others.certificates()])
        assert verdict(open_(message, key, given)) == Signed(mallory)
        assert verdict(open_(message, key, Known(others.certificates()))) == UnknownSigner()


def test_mail_to_an_older_subkey_opens_by_gnupg(ring: Keyring, others: Others, known: Known) -> None:
    made = ring.make_hub_key("older@hub.example", "Older hub")
    gpg_command.take(others.home, ring.export_public(made).encode())
    message = gpg_command.encrypt_sign(others.home, CONTENT, made, others.police)
    rotate = ["gpg", "--homedir", str(ring.home), "--batch", "--pinentry-mode", "loopback"]
    rotate += ["--passphrase", PASSPHRASE, "--quick-add-key", made, "cv25519", "encrypt", "2y"]
    subprocess.run(rotate, check=True, capture_output=True, timeout=60)
    secret = pysequoia.Tsk.from_bytes(ring.export_secret(made))
    key = OpeningKey(ring.home, PASSPHRASE, secret.decryptor(PASSPHRASE))
    assert verdict(open_(message, key, known)) == Signed(others.police)
    assert verdict(open_(message, OpeningKey(ring.home, PASSPHRASE, None), known)) == Signed(others.police)


def test_detached_signatures(others: Others, key: OpeningKey, known: Known) -> None:
    home, text = others.home, b"Content-Type: text/plain\r\n\r\nACCEPT\r\n"
    ours = gpg_command.sign_detached(home, text, others.police)
    assert verify_detached(text, ours, key, known) == Signed(others.police)
    as_text = gpg_command.sign_detached(home, text, others.police, options=("--textmode",))
    assert verify_detached(text, as_text, key, known) == Signed(others.police)
    without = OpeningKey(key.home, PASSPHRASE, None)
    assert verify_detached(text, ours, without, Known(others.certificates()[:1])) == Signed(others.police)
    assert verify_detached(text + b" ", ours, key, known) == UnknownSigner(altered=True)
    for signed, signature in (
        (text, gpg_command.sign_detached(home, text, others.stranger)),
        (text, gpg_command.sign_detached(home, text, others.police, others.stranger)),
        (text, gpg_command.sign_detached(home, text, others.police, options=("--digest-algo", "SHA1"))),
        (text, _only_signed(others)),
        (text, b""),
        (text, b"hello"),
    ):
        assert verify_detached(signed, signature, key, known) == UnknownSigner()


def test_a_damaged_certificate_harms_no_other(others: Others, corpus: Corpus, key: OpeningKey) -> None:
    damaged = [b"", b"\x99\x00", b"junk", b"\x99\x00\xff", b"\x99\x00\x01", b"\xd4\x01\x00", b"\x9b\x00"]
    given = Known([*damaged, *others.certificates()])
    assert given.ring == Known(others.certificates()).ring  # a packet that claims too much would swallow the next
    assert verdict(open_(corpus.rows["signed"][0], key, given)) == Signed(others.police)
    assert verdict(open_(corpus.rows["signed, compressed"][0], key, given)) == Signed(others.police)


@pytest.fixture(autouse=True)
def nothing_left_behind(ring: Keyring) -> Iterator[None]:
    """Opening leaves no file: certificates and plaintext stay in memory."""
    before = sorted(_files(ring.home))
    yield
    left = {path for path in _files(ring.home) if path not in before}
    assert not {path for path in left if path.suffix in (".gpg", ".tmp", ".asc", "")} - {
        p for p in left if p.name.startswith((".#lk", "S."))
    }


def _files(home: Path) -> list[Path]:
    return [p for p in home.rglob("*") if p.is_file() and p.parent == home]
