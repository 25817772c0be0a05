"""The DKIM key of the hub's domain: made, kept in a file, and used to sign what dkim_signing.py gives it.

RSA of 2048 bits with SHA-256: every verifier knows it (RFC 8301 3), and its record fits into a DNS answer.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from keys.refusal import Refused

BITS = 2048
LEAST_BITS = 1024  # RFC 8301 3.2: verifiers take no shorter key


@dataclass(frozen=True, slots=True)
class DkimKey:
    """A private key; what DNS must say of it is `public`."""

    private: rsa.RSAPrivateKey = field(repr=False)

    @classmethod
    def make(cls) -> DkimKey:
        """A new one."""
        return cls(rsa.generate_private_key(public_exponent=65537, key_size=BITS))

    @classmethod
    def load(cls, pem: bytes) -> DkimKey:
        """The key in a PEM file. Raises Refused."""
        try:
            key = serialization.load_pem_private_key(pem, None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise Refused(
                "no PEM file with a private key, or it has a password: make one with `exchange dkim make`"
            ) from None
        if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < LEAST_BITS:
            raise Refused("no RSA key of 1024 bits or more: make one with `exchange dkim make`")
        return cls(key)

    @property
    def pem(self) -> bytes:
        """As it is kept: whoever has the file can sign in the domain's name."""
        return self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )

    @property
    def public(self) -> str:
        """The p= of its record (RFC 6376 3.6.1)."""
        octets = self.private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(octets).decode("ascii")

    def sign(self, data: bytes) -> bytes:
        """rsa-sha256 (RFC 6376 3.3.1): the same octets have the same signature."""
        return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())
