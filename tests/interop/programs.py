"""Other people's programs, each as somebody at an agency would run it; none shares a line with the product."""

from __future__ import annotations

import os
import re
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pysequoia
from pysequoia import CipherSuite, Profile, Tsk

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools" / "interop"
HERE = Path(__file__).parent
WALL = 120  # seconds for one command on a busy machine


class Failed(Exception):
    """A program did not do it; the text is what it said."""


@dataclass(frozen=True)
class Read:
    """What somebody's program made of a letter of ours."""

    content: bytes
    signed: bool  # it says that the hub signed it


Done = subprocess.CompletedProcess[bytes]


def run(*command: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Done:
    """Run a command. Raises Failed."""
    full = {**os.environ, **(env or {})}
    try:
        done = subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=WALL, env=full)
    except (OSError, subprocess.TimeoutExpired) as wrong:
        raise Failed(str(wrong)) from None
    if done.returncode:
        raise Failed(done.stderr.decode(errors="replace").strip()[-200:] or f"exit {done.returncode}")
    return done


def numbered(text: str) -> str:
    """The version in what a program says of itself."""
    found = re.search(r"\d+(?:\.\d+)+", text)
    return found[0] if found else "?"


class Program(ABC):
    """One implementation with one key, in a folder of its own."""

    name = ""
    key = ""  # what kind its key is of

    def __init__(self, folder: Path, address: str) -> None:
        self.folder, self.address = folder, address
        folder.mkdir(mode=0o700)

    @abstractmethod
    def version(self) -> str:
        """As it says."""

    @abstractmethod
    def make(self) -> bytes:
        """A new key; its certificate."""

    def meet(self, hub: bytes) -> None:
        """Take the hub's certificate."""
        (self.folder / "hub.asc").write_bytes(hub)

    @abstractmethod
    def open(self, sealed: bytes) -> Read:
        """Open a letter. Raises Failed."""

    @abstractmethod
    def answer(self, content: bytes) -> bytes:
        """Signed and sealed to the hub. Raises Failed."""

    @property
    def own(self) -> str:
        """The file of its key."""
        return str(self.folder / "key.asc")

    @property
    def hub(self) -> str:
        """The file of the hub's certificate."""
        return str(self.folder / "hub.asc")


class Gpg(Program):
    """GnuPG."""

    name, key = "gpg", "ed25519, cv25519"

    def gpg(self, *words: str, stdin: bytes = b"") -> Done:
        quiet = ("--batch", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", "", "--trust-model", "always")
        return run("gpg", "--homedir", str(self.folder), *quiet, "--status-fd", "2", *words, stdin=stdin)

    def version(self) -> str:
        return numbered(run("gpg", "--version").stdout.decode())

    def make(self) -> bytes:
        self.gpg("--quick-generate-key", f"Gpg <{self.address}>", "future-default", "default", "2y")
        return self.gpg("--armor", "--export").stdout

    def meet(self, hub: bytes) -> None:
        self.gpg("--import", stdin=hub)

    def open(self, sealed: bytes) -> Read:
        done = self.gpg("--decrypt", stdin=sealed)
        return Read(done.stdout, b"GOODSIG" in done.stderr)

    def answer(self, content: bytes) -> bytes:
        words = (
            "--armor",
            "--local-user",
            self.address,
            "--sign",
            "--recipient",
            "referrals@hub.example",
            "--encrypt",
        )
        return self.gpg(*words, stdin=content).stdout


class Sq(Program):
    """Sequoia's command of Debian 12, on another backend than the one we use."""

    name, key = "sq", "ed25519, cv25519"

    def version(self) -> str:
        return numbered(run("sq", "--version").stdout.decode())

    def make(self) -> bytes:
        run("sq", "--force", "key", "generate", "--userid", f"Sq <{self.address}>", "--export", self.own)
        return run("sq", "key", "extract-cert", self.own).stdout

    def open(self, sealed: bytes) -> Read:
        done = run("sq", "decrypt", "--recipient-key", self.own, "--signer-cert", self.hub, stdin=sealed)
        return Read(done.stdout, b"1 good signature" in done.stderr)

    def answer(self, content: bytes) -> bytes:
        return run("sq", "encrypt", "--recipient-cert", self.hub, "--signer-key", self.own, stdin=content).stdout


class Rnp(Program):
    """What Thunderbird opens OpenPGP with."""

    name, key = "rnp", "RSA-2048"

    def command(self, program: str, *words: str, stdin: bytes = b"") -> Done:
        return run(program, "--homedir", str(self.folder), "--password", "", "--notty", *words, stdin=stdin)

    def version(self) -> str:
        return numbered(run("rnp", "--version").stdout.decode())

    def make(self) -> bytes:
        self.command("rnpkeys", "--userid", f"Rnp <{self.address}>", "--generate-key")
        return self.command("rnpkeys", "--export-key", self.address).stdout

    def meet(self, hub: bytes) -> None:
        super().meet(hub)
        self.command("rnpkeys", "--import-keys", self.hub)

    def open(self, sealed: bytes) -> Read:
        letter = self.folder / "letter.asc"
        letter.write_bytes(sealed)
        done = self.command("rnp", "--decrypt", str(letter), "--output", "-")
        return Read(done.stdout, b"Good signature" in done.stderr)

    def answer(self, content: bytes) -> bytes:
        words = ("--encrypt", "--sign", "-r", "referrals@hub.example", "-u", self.address, "--armor", "--output", "-")
        return self.command("rnp", *words, stdin=content).stdout


class Gosop(Program):
    """GopenPGP, what Proton is built on."""

    name, key = "gosop", "ed25519, cv25519"

    def version(self) -> str:
        packaged = run("dpkg-query", "-W", "-f", "${Version}", "gosop").stdout.decode()
        return packaged.partition("-")[0]

    def make(self) -> bytes:
        key = run("gosop", "generate-key", f"Gosop <{self.address}>").stdout
        Path(self.own).write_bytes(key)
        return run("gosop", "extract-cert", stdin=key).stdout

    def open(self, sealed: bytes) -> Read:
        told = self.folder / "verified"
        told.unlink(missing_ok=True)
        words = (f"--verify-with={self.hub}", f"--verify-out={told}", self.own)
        content = run("gosop", "decrypt", *words, stdin=sealed).stdout
        return Read(content, told.is_file() and bool(told.read_text().strip()))

    def answer(self, content: bytes) -> bytes:
        return run("gosop", "encrypt", f"--sign-with={self.own}", self.hub, stdin=content).stdout


class Actor(Program):
    """A library behind a small program of its own in this folder."""

    def command(self, what: str, *words: str, stdin: bytes = b"") -> Done:
        raise NotImplementedError

    def open(self, sealed: bytes) -> Read:
        done = self.command("open", stdin=sealed)
        return Read(done.stdout, done.stderr.decode().strip().endswith("signed") and b"unsigned" not in done.stderr)

    def answer(self, content: bytes) -> bytes:
        return self.command("answer", stdin=content).stdout

    def make(self) -> bytes:
        return self.command("make", self.address).stdout


class Pgpy(Actor):
    """PGPy."""

    name, key = "PGPy", "RSA-2048"
    python = str(TOOLS / "pgpy" / "bin" / "python")

    def version(self) -> str:
        asked = "import importlib.metadata as m; print(m.version('pgpy'))"
        return numbered(run(self.python, "-c", asked).stdout.decode())

    def command(self, what: str, *words: str, stdin: bytes = b"") -> Done:
        return run(self.python, str(HERE / "pgpy_actor.py"), what, str(self.folder), *words, stdin=stdin)


class OpenpgpJs(Actor):
    """What Mailvelope and FlowCrypt are built on."""

    name, key = "openpgp.js", "ed25519, cv25519"
    profile = "v4"

    def version(self) -> str:
        return numbered((TOOLS / "node_modules" / "openpgp" / "package.json").read_text().partition('"version"')[2])

    def make(self) -> bytes:
        return self.command("make", self.address, self.profile).stdout

    def command(self, what: str, *words: str, stdin: bytes = b"") -> Done:
        script, node = str(HERE / "openpgpjs_actor.mjs"), {"INTEROP_NODE": str(TOOLS)}
        return run("node", script, what, str(self.folder), *words, stdin=stdin, env=node)


class OpenpgpJsSix(OpenpgpJs):
    """The same with a key of version 6."""

    key, profile = "v6: Ed25519, X25519", "v6"


class Pysequoia(Program):
    """Sequoia's newest library, as somebody else's program would use it."""

    name, key = "pysequoia", "ed25519, cv25519"
    profile, suite = Profile.RFC4880, CipherSuite.Cv25519

    def version(self) -> str:
        from importlib.metadata import version

        return version("pysequoia")

    def make(self) -> bytes:
        uid = f"Pysequoia <{self.address}>"
        self.secret = Tsk.generate(user_id=uid, profile=self.profile, cipher_suite=self.suite)
        return str(self.secret.extract_certificate()).encode()

    def open(self, sealed: bytes) -> Read:
        hub = pysequoia.Cert.from_file(self.hub)
        found = pysequoia.decrypt(sealed, decryptor=self.secret.decryptor(), store=lambda ids: [hub])
        return Read(bytes(found.bytes or b""), len(found.valid_sigs) == 1)

    def answer(self, content: bytes) -> bytes:
        hub = pysequoia.Cert.from_file(self.hub)
        return bytes(pysequoia.encrypt(content, recipients=[hub], signer=self.secret.signer()))


class PysequoiaSix(Pysequoia):
    """With a key of version 6."""

    key, profile = "v6: Ed25519, X25519", Profile.RFC9580


class PysequoiaQuantum(Pysequoia):
    """With a key that withstands quantum computers."""

    key, profile, suite = "v6: ML-DSA-65, ML-KEM-768", Profile.RFC9580, CipherSuite.MLDSA65_Ed25519


OPENPGP: tuple[type[Program], ...] = (
    Gpg, Sq, Rnp, Gosop, Pgpy, OpenpgpJs, Pysequoia, OpenpgpJsSix, PysequoiaSix, PysequoiaQuantum,
)  # fmt: skip
