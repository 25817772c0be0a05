"""`exchange serve` with OpenPGP taken out, to measure what everything else costs. Nothing here is ever installed.

A seal is the first one made for that certificate, again; what arrives is opened by looking it up.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from exchange.case.sealed import Opened, Plain, Signed
from exchange.cli import main
from exchange.keyroom import Keyroom
from keys.directory import AnyCertificate
from keys.opener import Opener

_real = Keyroom.seal
_sealed: dict[str, bytes] = {}


async def _seal(
    self: Keyroom, plain: bytes, certificate: AnyCertificate, now: datetime, also: Iterable[AnyCertificate] = ()
) -> bytes:
    if certificate.fingerprint not in _sealed:
        _sealed[certificate.fingerprint] = await _real(self, plain, certificate, now, also)
    return _sealed[certificate.fingerprint]


async def _open(self: Opener, ciphertext: bytes, certificates: Iterable[bytes]) -> Opened:
    return Opened(Plain(_PLAIN), Signed(os.environ["BENCH_SIGNER"]))


if __name__ == "__main__":
    _PLAIN = Path(os.environ["BENCH_PLAIN"]).read_bytes()
    Keyroom.seal = _seal  # type: ignore[method-assign]
    Opener.open = _open  # type: ignore[method-assign]
    main()
