"""An envelope to elliptic-curve certificates too (RFC 5753 3.1): `cryptography`'s builder writes to RSA keys only.

To an elliptic curve: a fresh key agrees with the recipient's on what wraps the content's key: ephemeral-static ECDH,
X9.63 KDF with SHA-256, AES-256 key wrap. Those who take P-256 for mail at all take this one (Windows, Apple, OpenSSL,
NSS). To RSA beside it: the key transported by PKCS #1 v1.5, as the builder does.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from keys.smime import der
from keys.smime.envelope import AES256_CBC, issuer_and_serial

_KEY, _BLOCK = 32, 16  # octets of AES-256
_BIT_STRING = 0x03
_CONTENT, _SUPPLIED = 0x80, 0xA2  # [0] IMPLICIT and [2] EXPLICIT
_ENVELOPED = bytes.fromhex("06092a864886f70d010703")  # 1.2.840.113549.1.7.3
_DATA = bytes.fromhex("06092a864886f70d010701")  # 1.2.840.113549.1.7.1
_EC_KEY = bytes.fromhex("06072a8648ce3d0201")  # 1.2.840.10045.2.1
_AGREED = bytes.fromhex("06062b8104010b01")  # 1.3.132.1.11.1: dhSinglePass-stdDH-sha256kdf-scheme
_RSA = bytes.fromhex("06092a864886f70d0101010500")  # 1.2.840.113549.1.1.1 with NULL (RFC 3370 4.2.1)
_WRAP = bytes.fromhex("060960864801650304012d")  # 2.16.840.1.101.3.4.1.45: aes256-wrap


Key = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


def envelope(entity: bytes, to: Iterable[tuple[Key, bytes]]) -> bytes:
    """A DER EnvelopedData (RFC 5652 6.1) for the holders of these certificates, each behind its key."""
    content_key, iv = os.urandom(_KEY), os.urandom(_BLOCK)
    content = _made(
        der.SEQUENCE,
        _DATA,
        _made(der.SEQUENCE, _made(der.OID, AES256_CBC), _made(der.OCTETS, iv)),
        _made(_CONTENT, _encrypted(entity, content_key, iv)),
    )
    each = sorted(_recipient(content_key, key, certificate) for key, certificate in to)  # X.690 11.6
    recipients = _made(der.SET, *each)
    enveloped = _made(der.SEQUENCE, _version(2), recipients, content)  # 2: a key is agreed on (RFC 5652 6.1)
    return _made(der.SEQUENCE, _ENVELOPED, _made(der.EXPLICIT_0, enveloped))


def _recipient(content_key: bytes, to: Key, certificate: bytes) -> bytes:
    if isinstance(to, ec.EllipticCurvePublicKey):
        return _agreeing(content_key, to, certificate)
    named, wrapped = _made(der.SEQUENCE, issuer_and_serial(certificate)), to.encrypt(content_key, PKCS1v15())
    return _made(der.SEQUENCE, _version(0), named, _made(der.SEQUENCE, _RSA), _made(der.OCTETS, wrapped))


def _agreeing(content_key: bytes, to: ec.EllipticCurvePublicKey, certificate: bytes) -> bytes:
    """RFC 5753 3.1.1."""
    ours = ec.generate_private_key(to.curve)
    wrap = _made(der.SEQUENCE, _WRAP)
    shared = _made(der.SEQUENCE, wrap, _made(_SUPPLIED, _made(der.OCTETS, (_KEY * 8).to_bytes(4, "big"))))  # 7.2
    wrapping = X963KDF(SHA256(), _KEY, shared).derive(ours.exchange(ec.ECDH(), to))
    point = ours.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shown = _made(der.EXPLICIT_1, _made(der.SEQUENCE, _EC_KEY), _made(_BIT_STRING, b"\0", point))
    named = _made(der.SEQUENCE, issuer_and_serial(certificate))
    wrapped = _made(der.SEQUENCE, named, _made(der.OCTETS, aes_key_wrap(wrapping, content_key)))
    agreed = _made(der.SEQUENCE, _AGREED, wrap)
    return _made(der.EXPLICIT_1, _version(3), _made(der.EXPLICIT_0, shown), agreed, _made(der.SEQUENCE, wrapped))


def _encrypted(entity: bytes, key: bytes, iv: bytes) -> bytes:
    padder, encryptor = padding.PKCS7(_BLOCK * 8).padder(), Cipher(AES256(key), CBC(iv)).encryptor()
    padded = padder.update(entity) + padder.finalize()
    return encryptor.update(padded) + encryptor.finalize()


def _version(number: int) -> bytes:
    return _made(der.INTEGER, bytes([number]))


def _made(tag: int, *parts: bytes) -> bytes:
    """X.690 10.1: the shortest definite length."""
    body = b"".join(parts)
    size = len(body)
    if size < 0x80:
        return bytes([tag, size]) + body
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + body
