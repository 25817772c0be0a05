"""seal(): content signed by the hub, then enveloped to one certificate, as Outlook and its like open by themselves.

1. One gate stands before the engine: usable now by keys.directory, and the hub's own certificate valid too.
2. To one certificate, never to several and never to one of our own.
3. What the engine made is looked at again by other code: AES-256, addressed to that certificate only.

Signed inside as multipart/signed (RFC 8551 3.5.3), so that a reader who cannot check signatures reads it all the
same; enveloped with AES-256 in CBC mode (RFC 8551 2.7), which everybody opens, while AES-GCM is for the newest only.
Its integrity is the signature's. Nothing is compressed: size would tell how alike secrets are.
"""

from __future__ import annotations

import binascii
import hashlib
from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import (
    PKCS7EnvelopeBuilder,
    PKCS7Options,
    PKCS7SignatureBuilder,
)

from keys.directory import NotUsable, Usable, usable
from keys.refusal import SealRefused
from keys.smime import agreement
from keys.smime.certificate import SmimeCertificate, x509_of
from keys.smime.der import NotDer
from keys.smime.envelope import AES256_CBC, addressed
from keys.smime.identity import Identity

_LINE = 64  # characters of a base64 line (RFC 2045 6.8: at most 76)


def seal(inner: bytes, certificate: SmimeCertificate, identity: Identity, now: datetime) -> bytes:
    """A DER envelope for this certificate only around `inner`, a MIME entity in canonical form, signed by the hub.

    Raises SealRefused.
    """
    alive = _gate(certificate, identity, now)
    try:
        envelope = _enveloped(signed(inner, identity), certificate)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SealRefused(f"{certificate.fingerprint}: it could not be sealed to") from None
    _look_again(envelope, alive)
    return envelope


def _gate(certificate: SmimeCertificate, identity: Identity, now: datetime) -> Usable:
    own = identity.certificate
    if not own.not_before <= now < own.expires:
        raise SealRefused("the hub's own S/MIME certificate is not valid today: nothing can be signed with it")
    found = usable(certificate, now)
    if isinstance(found, NotUsable):
        raise SealRefused(f"{certificate.fingerprint}: {found.why}")
    return found


def signed(inner: bytes, identity: Identity) -> bytes:
    """The entity with a detached signature beside it (RFC 8551 3.5.3.2)."""
    builder = PKCS7SignatureBuilder().set_data(inner).add_signer(identity.own, identity.key, SHA256())
    for one in identity.chain:  # last: every other step of this builder forgets them (measured, cryptography 50)
        builder = builder.add_certificate(one)
    signature = builder.sign(Encoding.DER, [PKCS7Options.DetachedSignature, PKCS7Options.Binary])
    boundary = b"signed-" + hashlib.sha256(inner).hexdigest()[:40].encode()  # nothing holds its own digest
    return b"".join(
        (
            b'Content-Type: multipart/signed; protocol="application/pkcs7-signature";\r\n micalg=sha-256;\r\n',
            b' boundary="%b"\r\n\r\n--%b\r\n' % (boundary, boundary),
            inner,
            b'\r\n--%b\r\nContent-Type: application/pkcs7-signature; name="smime.p7s"\r\n' % boundary,
            b"Content-Transfer-Encoding: base64\r\n",
            b'Content-Disposition: attachment; filename="smime.p7s"\r\n\r\n',
            _base64(signature),
            b"--%b--\r\n" % boundary,
        )
    )


def _base64(octets: bytes) -> bytes:
    text = binascii.b2a_base64(octets, newline=False)
    return b"".join(text[at : at + _LINE] + b"\r\n" for at in range(0, len(text), _LINE))


def _enveloped(entity: bytes, certificate: SmimeCertificate) -> bytes:
    to = x509_of(certificate.der)
    key = to.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        return agreement.envelope(entity, key, certificate.der)
    builder = PKCS7EnvelopeBuilder().set_data(entity).add_recipient(to).set_content_encryption_algorithm(AES256)
    return builder.encrypt(Encoding.DER, [PKCS7Options.Binary])


def _look_again(envelope: bytes, alive: Usable) -> None:
    """Rule 3."""
    try:
        found = addressed(envelope)
    except NotDer:
        raise SealRefused("the engine made an envelope of a shape we never send") from None
    if found.cipher != AES256_CBC:
        raise SealRefused("the engine used a cipher that was not asked for")
    if len(found.key_ids) != 1 or not set(found.key_ids) <= set(alive.key_ids):
        raise SealRefused("the engine addressed it to another certificate than was asked for")
