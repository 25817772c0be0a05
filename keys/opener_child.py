"""The limited child process in which strangers' ciphertext meets the hub's key: one message at a time.

1. It holds a key, and neither database, address nor listening socket; it is asked and it answers in frames.
2. Memory is bounded, core files are off, nothing is said on standard error.
3. When its parent is gone it ends: at the end of its input, or by alarm in the middle of a message.
"""

from __future__ import annotations

import functools
import hashlib
import os
import resource
import signal
import sys
from pathlib import Path
from typing import BinaryIO

import pysequoia

from exchange.case.sealed import NotOpened, Opened, Signer
from keys.openpgp.open import Known, OpeningKey, open_, verify_detached
from keys.wire import READY, pack, told, unpack

# Address space. Measured: 290 MiB at the peak of 34 MiB of content; a bomb takes 2 GiB. gpg inherits it.
MEMORY_MAX = 1024 * 1024 * 1024
ORPHAN_WALL = 60  # seconds after which it ends by itself, should its parent have died meanwhile
_SETS_KEPT = 4  # parsed sets of certificates: the directory changes a few times a day


def _limit() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # its parent says when it ends
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the hub's key


def _key(home: bytes, passphrase: bytes, secret: bytes) -> OpeningKey:
    word = passphrase.decode()
    decryptor = pysequoia.Tsk.from_bytes(secret).decryptor(word) if secret else None
    return OpeningKey(Path(os.fsdecode(home)), word, decryptor)


class _Certificates:
    """The directory's certificates are the same from one message to the next: they are parsed once."""

    def __init__(self) -> None:
        self._sets: dict[bytes, Known] = {}

    def known(self, armored: list[bytes]) -> Known:
        """The set of these certificates."""
        name = hashlib.sha256(pack(*armored)).digest()
        if name not in self._sets:
            if len(self._sets) >= _SETS_KEPT:
                self._sets.clear()
            self._sets[name] = Known(armored)
        return self._sets[name]


def _answer(job: list[bytes], key: OpeningKey, certificates: _Certificates) -> Opened | NotOpened | Signer:
    match job:
        case [b"open", ciphertext, *armored]:
            return open_(ciphertext, key, certificates.known(armored))
        case [b"verify", signed, signature, *armored]:
            return verify_detached(signed, signature, key, certificates.known(armored))
    raise SystemExit("a job of no known kind")


def _take(inbound: BinaryIO) -> list[bytes] | None:
    head = inbound.read(4)
    if len(head) < 4:
        return None
    signal.alarm(ORPHAN_WALL)
    return unpack(inbound.read(int.from_bytes(head, "big")))


def _give(outbound: BinaryIO, *parts: bytes) -> None:
    outbound.write(pack(*parts))
    outbound.flush()
    signal.alarm(0)


def _serve(inbound: BinaryIO, outbound: BinaryIO) -> None:
    _limit()
    first = _take(inbound)
    if first is None:
        return
    key, certificates = _key(*first), _Certificates()
    _give(outbound, READY)
    for job in iter(functools.partial(_take, inbound), None):
        _give(outbound, *told(_answer(job, key, certificates)))


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)
