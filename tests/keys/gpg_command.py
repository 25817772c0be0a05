"""Somebody else's OpenPGP: the gpg command by subprocess, sharing no code with the product it judges."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WALL = 60  # seconds for one gpg command on a busy machine


@contextmanager
def new_home() -> Iterator[Path]:
    """A keyring of its own; short, because an agent's socket path has at most 107 octets."""
    home = Path(tempfile.mkdtemp(prefix="g", dir="/tmp"))
    (home / "gpg-agent.conf").write_text("s2k-count 65536\n")
    try:
        yield home
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False, timeout=WALL)
        shutil.rmtree(home, ignore_errors=True)


def gpg(home: Path, *words: str, stdin: bytes = b"", check: bool = True) -> subprocess.CompletedProcess[bytes]:
    """Run gpg; its status lines come on standard error."""
    command = ["gpg", "--homedir", str(home), "--batch", "--no-tty", "--quiet", "--pinentry-mode", "loopback"]
    command += ["--trust-model", "always", "--no-random-seed-file", "--status-fd", "2", *words]
    done = subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=WALL)
    if done.returncode != 0 and b"agent" in done.stderr:  # on a busy machine gpg waits too short for it to come up
        done = subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=WALL)
    assert not check or done.returncode == 0, done.stderr.decode(errors="replace")
    return done


def make_key(home: Path, name: str, address: str, expire: str = "2y", *, encrypts: bool = True, at: str = "") -> str:
    """A new key without a passphrase, made at the faked time `at` (20200101T000000) if given; its fingerprint."""
    when = ["--faked-system-time", at] if at else []
    uid = f"{name} <{address}>" if address else name
    made = gpg(home, *when, "--passphrase", "", "--quick-generate-key", uid, "ed25519", "sign,cert", expire)
    created = next(line for line in made.stderr.split(b"\n") if b"KEY_CREATED" in line)
    fingerprint = created.split()[3].decode()
    if encrypts:
        gpg(home, *when, "--passphrase", "", "--quick-add-key", fingerprint, "cv25519", "encrypt", expire)
    return fingerprint


def export(home: Path, *fingerprints: str) -> bytes:
    """The armored certificates."""
    return gpg(home, "--armor", "--export", *fingerprints).stdout


def export_secret(home: Path, fingerprint: str) -> bytes:
    """The armored secret key."""
    return gpg(home, "--armor", "--passphrase", "", "--export-secret-keys", fingerprint).stdout


def revoke(home: Path, fingerprint: str) -> None:
    """Revoke a key by the certificate gpg made with it."""
    prepared = (home / "openpgp-revocs.d" / f"{fingerprint}.rev").read_text()
    gpg(home, "--import", stdin=prepared.replace(":-----BEGIN", "-----BEGIN").encode())


def take(home: Path, armored: bytes) -> None:
    """Import."""
    gpg(home, "--import", stdin=armored)


def encrypt_sign(home: Path, plain: bytes, to: str, *signers: str, options: tuple[str, ...] = ()) -> bytes:
    """An armored message as a mail client makes it, compressed by default."""
    signing = [word for signer in signers for word in ("--local-user", signer)] + (["--sign"] if signers else [])
    return gpg(home, *options, "--armor", "--recipient", to, *signing, "--encrypt", stdin=plain).stdout


def sign_detached(home: Path, signed: bytes, *signers: str, options: tuple[str, ...] = ()) -> bytes:
    """An armored detached signature."""
    who = [word for signer in signers for word in ("--local-user", signer)]
    return gpg(home, *options, "--armor", *who, "--detach-sign", stdin=signed).stdout


def decrypt(home: Path, ciphertext: bytes) -> tuple[list[str], bytes]:
    """(status lines without their mark, data)."""
    done = gpg(home, "--decrypt", stdin=ciphertext, check=False)
    mark = "[GNUPG:] "
    lines = done.stderr.decode("latin-1").split("\n")
    return [line.removeprefix(mark) for line in lines if line.startswith(mark)], done.stdout
