"""PGPy, run by a Python of its own: make DIR ADDRESS | open DIR | answer DIR; messages come and go by the pipes."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")

import pgpy  # type: ignore[import-not-found]  # noqa: E402 - its import warns
from pgpy.constants import (  # type: ignore[import-not-found]  # noqa: E402
    CompressionAlgorithm,
    HashAlgorithm,
    KeyFlags,
    PubKeyAlgorithm,
    SymmetricKeyAlgorithm,
)


def make(folder: Path, address: str) -> None:
    key = pgpy.PGPKey.new(PubKeyAlgorithm.RSAEncryptOrSign, 2048)
    preferred = {
        "usage": {KeyFlags.Sign, KeyFlags.Certify},
        "hashes": [HashAlgorithm.SHA512],
        "ciphers": [SymmetricKeyAlgorithm.AES256],
        "compression": [CompressionAlgorithm.Uncompressed],
    }
    key.add_uid(pgpy.PGPUID.new("PGPy", email=address), **preferred)
    subkey = pgpy.PGPKey.new(PubKeyAlgorithm.RSAEncryptOrSign, 2048)
    key.add_subkey(subkey, usage={KeyFlags.EncryptCommunications, KeyFlags.EncryptStorage})
    (folder / "key.asc").write_text(str(key))
    sys.stdout.write(str(key.pubkey))


def opened(folder: Path) -> None:
    key, _ = pgpy.PGPKey.from_file(str(folder / "key.asc"))
    hub, _ = pgpy.PGPKey.from_file(str(folder / "hub.asc"))
    message = key.decrypt(pgpy.PGPMessage.from_blob(sys.stdin.buffer.read()))
    content = message.message
    sys.stdout.buffer.write(content.encode() if isinstance(content, str) else bytes(content))
    sys.stderr.write("signed" if hub.verify(message) else "unsigned")


def answer(folder: Path) -> None:
    key, _ = pgpy.PGPKey.from_file(str(folder / "key.asc"))
    hub, _ = pgpy.PGPKey.from_file(str(folder / "hub.asc"))
    message = pgpy.PGPMessage.new(sys.stdin.buffer.read(), compression=CompressionAlgorithm.Uncompressed)
    message |= key.sign(message)
    sys.stdout.write(str(hub.encrypt(message, cipher=SymmetricKeyAlgorithm.AES256)))


if __name__ == "__main__":
    what, folder = sys.argv[1], Path(sys.argv[2])
    if what == "make":
        make(folder, sys.argv[3])
    else:
        {"open": opened, "answer": answer}[what](folder)
