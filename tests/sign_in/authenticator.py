"""An authenticator in software, as a telephone or a security key has one in hardware. It shares no product code.

What it makes is written from Web Authentication Level 3 (6.1, 6.5) and CTAP 2.1 alone; every part can be made wrong.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def written(data: bytes) -> str:
    """As these answers write octets."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def read(text: str) -> bytes:
    """Octets that were written so."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One device with one passkey for one site."""

    origin: str
    flags: int = PRESENT | VERIFIED
    count: int = 0
    cross_origin: bool = False
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    handle: bytes = b""

    def create(self, options: str) -> str:
        """What `navigator.credentials.create` would give for a page's options."""
        asked = json.loads(options)
        assert asked["authenticatorSelection"]["userVerification"] == "required"
        self.handle = read(asked["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + struct.pack(">H", len(self.credential)) + self.credential + cbor2.dumps(cose)
        data = self._data(asked["rp"]["id"], self.flags | ATTESTED) + attested
        statement = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", asked["challenge"])
        return self._answer({"clientDataJSON": written(client), "attestationObject": written(statement)})

    def get(self, options: str, party: str = "") -> str:
        """What `navigator.credentials.get` would give."""
        asked = json.loads(options)
        self.count += 1 if self.count else 0
        data = self._data(party or asked["rpId"], self.flags)
        client = self._client("webauthn.get", asked["challenge"])
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": written(client),
                "authenticatorData": written(data),
                "signature": written(signed),
                "userHandle": written(self.handle),
            }
        )

    def _data(self, party: str, flags: int) -> bytes:
        return hashlib.sha256(party.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _client(self, what: str, challenge: str) -> bytes:
        said = {"type": what, "challenge": challenge, "origin": self.origin, "crossOrigin": self.cross_origin}
        return json.dumps(said).encode()

    def _answer(self, response: dict[str, Any]) -> str:
        named = written(self.credential)
        return json.dumps({"id": named, "rawId": named, "type": "public-key", "response": response})
