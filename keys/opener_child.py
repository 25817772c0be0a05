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
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Generic, TypeVar

import pysequoia

from exchange.case.sealed import NotOpened
from keys.openpgp.open import Known, OpeningKey, open_, seconds, verify_detached
from keys.smime import identity
from keys.smime import open as smime
from keys.smime.verify import Pinned
from keys.smime.verify import verify_detached as verify_smime
from keys.wire import READY, Answer, pack, told, unpack

# Address space; gpg inherits it. Measured: 290 MiB at the peak of 34 MiB of content, whatever a bomb holds.
MEMORY_MAX = 512 * 1024 * 1024
_OWN = 0.5  # seconds of processor time for what is not an engine's: parsing certificates, copying
ORPHAN_WALL = 60  # seconds after which it ends by itself, should its parent have died meanwhile
_Set = TypeVar("_Set")
_SETS_KEPT = 4  # parsed sets of certificates: the directory changes a few times a day


def _limit() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # its parent says when it ends
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the hub's key


@dataclass(frozen=True, slots=True)
class _Keys:
    """The hub's own."""

    openpgp: OpeningKey = field(repr=False)
    smime: tuple[identity.Identity, ...] = field(repr=False)


def _keys(home: bytes, passphrase: bytes, secret: bytes, smime_passphrase: bytes, *smime_keys: bytes) -> _Keys:
    word = passphrase.decode()
    decryptor = pysequoia.Tsk.from_bytes(secret).decryptor(word) if secret else None
    certified = tuple(identity.opened(one, smime_passphrase.decode()) for one in smime_keys)
    return _Keys(OpeningKey(Path(os.fsdecode(home)), word, decryptor), certified)


class _Certificates(Generic[_Set]):
    """The directory's certificates are the same from one message to the next: they are parsed once."""

    def __init__(self, parse: Callable[[list[bytes]], _Set]) -> None:
        self._parse = parse
        self._sets: dict[bytes, _Set] = {}

    def known(self, certificates: list[bytes]) -> _Set:
        """The set of these certificates."""
        name = hashlib.sha256(pack(*certificates)).digest()
        if name not in self._sets:
            if len(self._sets) >= _SETS_KEPT:
                self._sets.clear()
            self._sets[name] = self._parse(certificates)
        return self._sets[name]


class _Child:
    """Answers one job after the other."""

    def __init__(self, keys: _Keys) -> None:
        self._keys = keys
        self._armored, self._pinned = _Certificates(Known), _Certificates(Pinned)

    def answer(self, job: list[bytes]) -> Answer:
        """What one message holds, or who signed it."""
        match job:
            case [b"open", ciphertext, *armored]:
                return open_(ciphertext, self._keys.openpgp, self._armored.known(armored))
            case [b"verify", signed, signature, *armored]:
                return verify_detached(signed, signature, self._keys.openpgp, self._armored.known(armored))
            case [b"open_smime", data, *pinned]:
                return smime.open_(data, self._keys.smime, self._pinned.known(pinned), datetime.now(UTC))
            case [b"verify_smime", signed, signature, *pinned]:
                found = verify_smime(signed, signature, self._pinned.known(pinned), datetime.now(UTC))
                return found.signer if found.intact else NotOpened("tampered")
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
    child = _Child(_keys(*first))
    _give(outbound, READY)
    for job in iter(functools.partial(_take, inbound), None):
        signal.setitimer(signal.ITIMER_PROF, seconds(b"".join(job[1:2])) + _OWN)  # of processor time; then it dies
        answer = told(child.answer(job))
        signal.setitimer(signal.ITIMER_PROF, 0)
        _give(outbound, *answer)


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)
