"""How gpg is run, everywhere the same: its home, its options, and its verdicts on a channel of their own.

1. Verdicts are read from a status channel that carries nothing else, and split at LF only. python-gnupg reads status
   from standard error, where the certificate holder's own name is printed too, and splits at U+0085 as well: a name
   could forge a verdict. It therefore lists, makes and seals here, and never judges what a stranger sent.
2. No option here weakens integrity: --ignore-mdc-error must never appear.
3. A passphrase travels through a descriptor, never as an argument or in the environment.
"""

from __future__ import annotations

import contextlib
import logging
import os
import resource
import select
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from keys.refusal import Refused

logging.getLogger("gnupg").disabled = True  # python-gnupg writes key data and user ids to its log

OPTIONS = (
    "--no-random-seed-file",  # its lock makes two gpg processes slower than one (measured)
    "--trust-model=always",  # who may be used is decided by pinned fingerprint, not by a web of trust
    "--no-auto-check-trustdb",
    "--no-auto-key-retrieve",  # nothing a message says may make us fetch a key
    "--no-auto-key-locate",
    "--compress-level=0",  # sealed content is small, and compressing secrets tells their likeness
    "--personal-cipher-preferences=AES256 AES192 AES",
    "--personal-digest-preferences=SHA512 SHA384 SHA256",
    "--no-encrypt-to",  # never to a key of our own
)
# The hub's key says "uncompressed" (Z0), because Sequoia cannot verify through gpg's compression, and names no bzip2.
PREFERENCES = "S9 S8 S7 H10 H9 H8 Z0"
# 65536 rounds instead of a calibrated tenth of a second for each operation: safe because the passphrase is random.
AGENT_CONF = "s2k-count 65536\nallow-loopback-pinentry\n"
WALL = 30.0  # seconds for one gpg process; a busy machine takes three for a new key
MOST = 256 * 1024 * 1024  # octets that gpg may say, where nobody asks for less: a keyring has a few million
_PIECE = 1024 * 1024
STATUS_MAX = 256 * 1024  # octets of verdicts read: a message with one signature makes two thousand
_SOCKET_PATH_MAX = 107  # octets of a unix socket's path (sockaddr_un); gpg-agent fails obscurely beyond
_LONGEST_SOCKET = "/S.gpg-agent.browser"


class GpgUnusable(Refused):
    """GnuPG cannot be used here: install it (apt-get install gnupg), or choose another folder for its home."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What one gpg process said and made."""

    code: int
    status: tuple[tuple[str, str], ...] = field(repr=False)  # (keyword, rest), in order
    data: bytes = field(repr=False)

    def all(self, keyword: str) -> tuple[str, ...]:
        """The rests of every status line with this keyword."""
        return tuple(rest for word, rest in self.status if word == keyword)


def prepare(home: Path) -> None:
    """Make a home that only we can read. Raises GpgUnusable."""
    if len(os.fsencode(home.absolute())) + len(_LONGEST_SOCKET) > _SOCKET_PATH_MAX:
        raise GpgUnusable(f"{home}: the path is too long for gpg-agent's socket: choose a folder with a shorter one")
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.chmod(0o700)
    conf = home / "gpg-agent.conf"
    if not conf.exists() or conf.read_text() != AGENT_CONF:
        conf.write_text(AGENT_CONF)


def program(name: str) -> str:
    """The full path of a GnuPG program. Raises GpgUnusable."""
    found = shutil.which(name)
    if found is None:
        raise GpgUnusable(f"{name} is not installed: apt-get install gnupg")
    return found


def end_agent(home: Path) -> None:
    """End the agent of this home, and of no other."""
    command = [program("gpgconf"), "--homedir", str(home), "--kill", "gpg-agent"]
    subprocess.run(command, check=False, capture_output=True, timeout=WALL)  # noqa: S603 - fixed words, no shell


def run(
    home: Path,
    *words: str,
    stdin: bytes = b"",
    passphrase: str = "",
    also: Sequence[bytes] = (),
    most: int = MOST,
    cpu: int = 0,
) -> Ran:
    """Run gpg. `{0}`, `{1}`... in a word stand for descriptors from which it can read what `also` holds. It is ended
    once it has said more than `most` octets, and after `cpu` seconds of its own when that is given."""
    with contextlib.ExitStack() as stack:
        held = (stdin, b"", passphrase.encode(), *also)
        given, status, secret, *more = (stack.enter_context(_memory(one)) for one in held)
        command = [program("gpg"), "--homedir", str(home), "--batch", "--no-tty", "--quiet", "--no-verbose", *OPTIONS]
        command += ["--pinentry-mode=loopback", f"--status-fd={status}", f"--passphrase-fd={secret}"]
        command += [word.format(*more) for word in words]
        process = subprocess.Popen(  # noqa: S603 - fixed words, no shell
            command,
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it names people
            pass_fds=(status, secret, *more),
        )
        with process:
            if cpu:
                resource.prlimit(process.pid, resource.RLIMIT_CPU, (cpu, cpu))
            said = _said(process, most)
        return Ran(process.returncode, _status(os.pread(status, STATUS_MAX, 0)), said)


def _said(process: subprocess.Popen[bytes], most: int) -> bytes:
    """What it says, until it ends; it is ended when it says too much, or takes too long. A bomb goes on long after
    `--max-output`, to see whether its integrity is proved."""
    assert process.stdout is not None  # noqa: S101 - asked for with PIPE
    until, said = time.monotonic() + WALL, bytearray()
    while select.select([process.stdout], [], [], max(0.0, until - time.monotonic()))[0]:
        piece = os.read(process.stdout.fileno(), _PIECE)
        said += piece
        if not piece or len(said) > most:
            break
    else:
        process.kill()
        raise subprocess.TimeoutExpired("gpg", WALL)
    if len(said) > most:
        process.kill()
    return bytes(said)


@contextlib.contextmanager
def _memory(held: bytes) -> Iterator[int]:
    """A descriptor of a file that is on no disk, holding these octets: no pipe to fill up, so nothing can lock."""
    descriptor = os.memfd_create("gpg", 0)
    try:
        os.pwrite(descriptor, held, 0)
        yield descriptor
    finally:
        os.close(descriptor)


def _status(raw: bytes) -> tuple[tuple[str, str], ...]:
    mark = b"[GNUPG:] "
    lines = (line[len(mark) :].decode("latin-1") for line in raw.split(b"\n") if line.startswith(mark))
    return tuple((word, rest) for word, _, rest in (line.partition(" ") for line in lines))
