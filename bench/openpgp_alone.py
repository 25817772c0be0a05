"""OpenPGP alone, measured: what each engine spends on one referral in and six letters out, and nothing else."""

from __future__ import annotations

import asyncio
import os
import re
from datetime import UTC, datetime

from bench.processes import cpu_seconds
from exchange.demo.stage import Stage
from keys.opener import Opener
from keys.openpgp.keyring import Keyring
from keys.openpgp.seal import Engine, seal
from keys.vault import OpeningHalf

PACKET = b"What a packet holds: words, JSON, and a page to print, in base64. " * 900  # some 60 kB
_ARMOR = re.compile(rb"-----BEGIN PGP MESSAGE-----.*?-----END PGP MESSAGE-----\r?\n", re.DOTALL)


async def spent(hub: Stage, mail: bytes, letters: int, times: int) -> dict[str, float]:
    """CPU-milliseconds a referral, by engine: opening it in the limited child, and sealing its letters."""
    home = hub.folder / "hub"
    passphrase = OpeningHalf((home / "master.key").read_bytes()).derive("gnupg").hex()
    found = _ARMOR.search(mail)
    if found is None:
        raise RuntimeError("the mail holds no ciphertext")
    ring = Keyring(home / "gnupg", passphrase)
    try:
        return {
            engine.value: await _of(engine, ring, hub, found[0], letters, times)
            for engine in (Engine.SEQUOIA, Engine.GNUPG)
        }
    finally:
        ring.close()


async def _of(engine: Engine, ring: Keyring, hub: Stage, ciphertext: bytes, letters: int, times: int) -> float:
    key = ring.hub_key(hub.hub_fingerprint, engine)
    gpg = hub.people["police"].gpg
    if gpg is None:
        raise RuntimeError("the sender has no key")
    fingerprint = gpg.fingerprint(hub.people["police"].address)
    armored = gpg.export(fingerprint)
    certificate, home = ring.load(armored, fingerprint), str(ring.home)
    opener = await Opener.start(ring.opener_keys(hub.hub_fingerprint, engine))
    try:
        await opener.open(ciphertext, [armored])
        before = cpu_seconds(os.getpid(), home)
        for _ in range(times):
            await opener.open(ciphertext, [armored])
            for _ in range(letters):
                await asyncio.to_thread(seal, PACKET, certificate, key, engine, now=datetime.now(UTC))
        return 1000 * (cpu_seconds(os.getpid(), home) - before) / times
    finally:
        await opener.close()
