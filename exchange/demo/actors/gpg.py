"""A person's OpenPGP: the gpg command with a home of its own, as a mail client uses it.

1. A home is short-lived and its path short: gpg-agent's socket name must fit in 108 octets.
2. What gpg said on its status channel is returned beside the plaintext, so that a test can judge it.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

TIMEOUT = 60.0  # seconds for one gpg command: making a key on a busy machine takes a few


class GpgFailed(Exception):
    """The gpg command did not do what it was asked; its own words follow."""


@dataclass(frozen=True)
class Decrypted:
    """What came out, and what gpg said of it."""

    plaintext: bytes = field(repr=False)
    status: tuple[str, ...]  # "DECRYPTION_OKAY", "VALIDSIG ...", without the "[GNUPG:] "

    @property
    def signed_by(self) -> str:
        """Fingerprint of the primary key behind the one valid signature, or ''."""
        valid = [line.split() for line in self.status if line.startswith("VALIDSIG ")]
        return valid[0][-1] if len(valid) == 1 else ""


class Gpg:
    """One keyring."""

    def __init__(self, home: Path | None = None) -> None:
        self.home = home or Path(tempfile.mkdtemp(prefix="g", dir="/tmp"))  # rule 1; made 0700
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.home / "gpg-agent.conf").write_text("s2k-count 65536\n")  # else each key costs a tenth of a second

    def __enter__(self) -> Gpg:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the agent and forget the keys."""
        if shutil.which("gpgconf"):
            command = ["gpgconf", "--homedir", str(self.home), "--kill", "all"]
            subprocess.run(command, check=False, capture_output=True, timeout=TIMEOUT)
        shutil.rmtree(self.home, ignore_errors=True)

    def make_key(self, name: str, address: str, expire: str = "never") -> str:
        """A new signing and encryption key without a passphrase; its fingerprint."""
        uid = f"{name} <{address}>"
        self._run("--passphrase", "", "--quick-generate-key", uid, "ed25519", "sign,cert", expire)
        fingerprint = self.fingerprint(address)
        self._run("--passphrase", "", "--quick-add-key", fingerprint, "cv25519", "encrypt", expire)
        return fingerprint

    def renew(self, fingerprint: str, expire: str) -> None:
        """Give a key and its subkeys another end: "400d" from now."""
        self._run("--quick-set-expire", fingerprint, expire)
        self._run("--quick-set-expire", fingerprint, expire, "*")

    def revoke(self, fingerprint: str) -> None:
        """Revoke a key, by the certificate that gpg made for it."""
        kept = (self.home / "openpgp-revocs.d" / f"{fingerprint}.rev").read_text()
        self._run("--import", stdin=kept.replace(":-----BEGIN", "-----BEGIN").encode())  # gpg puts a colon before it

    def fingerprint(self, whom: str) -> str:
        """The primary fingerprint of the first key that fits."""
        listing = self._run("--with-colons", "--list-keys", whom).stdout.decode()
        return next(line.split(":")[9] for line in listing.splitlines() if line.startswith("fpr:"))

    def wkd_name(self, address: str) -> str:
        """The name under which a Web Key Directory keeps the key of this address."""
        words = self._run("--with-wkd-hash", "--list-keys", address).stdout.decode().split()
        domain = address.rpartition("@")[2]
        return next(word.partition("@")[0] for word in words if word.endswith(f"@{domain}"))  # a uid ends with ">"

    def set_expiry(self, whom: str, expire: str) -> None:
        """Let the key end: "seconds=10", "2027-01-31"."""
        self._run("--quick-set-expire", self.fingerprint(whom), expire)

    def import_key(self, armored: bytes) -> None:
        """Take a public or secret key."""
        self._run("--import", stdin=armored)

    def export(self, whom: str) -> bytes:
        """The armored public key."""
        return self._run("--armor", "--export", whom).stdout

    def encrypt(self, plain: bytes, recipients: list[str], signer: str = "", *, compress: str = "") -> bytes:
        """An armored message, signed inside when `signer` is given; `compress` goes against the reader's wish."""
        whom = [arg for r in recipients for arg in ("--recipient", r)]
        sign = ["--local-user", signer, "--sign"] if signer else []
        packed = ["--compress-algo", compress] if compress else []
        return self._run("--armor", *packed, *whom, *sign, "--encrypt", stdin=plain).stdout

    def sign_detached(self, signed: bytes, signer: str) -> bytes:
        """An armored detached signature with SHA-256, for multipart/signed."""
        args = ("--armor", "--digest-algo", "SHA256", "--local-user", signer, "--detach-sign")
        return self._run(*args, stdin=signed).stdout

    def verify_detached(self, signed: bytes, signature: bytes) -> str:
        """The primary fingerprint behind a detached signature; raises GpgFailed when it does not verify."""
        with tempfile.NamedTemporaryFile(dir=self.home) as file:
            file.write(signature)
            file.flush()
            done = self._run("--status-fd", "1", "--verify", file.name, "-", stdin=signed)
        return next(line.split()[-1] for line in done.stdout.decode().splitlines() if " VALIDSIG " in line)

    def clear_signed_by(self, text: bytes) -> str:
        """The primary fingerprint behind a clear-signed text; raises GpgFailed when it does not verify."""
        done = self._run("--status-fd", "1", "--verify", stdin=text)
        return next(line.split()[-1] for line in done.stdout.decode().splitlines() if " VALIDSIG " in line)

    def decrypt(self, armored: bytes) -> Decrypted:
        """Open a message; raises GpgFailed unless gpg proved its integrity."""
        done = self._run("--status-fd", "2", "--decrypt", stdin=armored)
        lines = done.stderr.decode(errors="replace").splitlines()
        status = tuple(line.removeprefix("[GNUPG:] ") for line in lines if line.startswith("[GNUPG:] "))
        if "DECRYPTION_OKAY" not in status:
            raise GpgFailed("no DECRYPTION_OKAY")
        return Decrypted(done.stdout, status)

    def _run(self, *args: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = [
            "gpg",
            "--homedir",
            str(self.home),
            "--batch",
            "--no-tty",
            "--quiet",
            "--pinentry-mode",
            "loopback",
        ]
        command += ["--trust-model", "always", "--no-random-seed-file", *args]
        done = subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=TIMEOUT)
        if (
            done.returncode != 0 and b"agent" in done.stderr
        ):  # on a busy machine gpg waits too short for it to come up
            done = subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=TIMEOUT)
        if done.returncode != 0:
            raise GpgFailed(done.stderr.decode(errors="replace"))
        return done
