"""seal(): content signed by the hub, then enveloped to those of one mailbox, as Outlook and its like open it.

1. One gate stands before the engine: usable now by keys.directory, and the hub's own certificate valid too.
2. To one certificate and those of others who read the same mailbox, never to one of our own.
3. What the engine made is looked at again by other code: AES-256, addressed to each of these once and nobody else.

Signed inside as multipart/signed (RFC 8551 3.5.3), so that a reader who cannot check signatures reads it all the
same; enveloped with AES-256 in CBC mode (RFC 8551 2.7), which everybody opens, while AES-GCM is for the newest only.
Its integrity is the signature's. Nothing is compressed: size would tell how alike secrets are.
"""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import Iterable, Sequence
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


def seal(
    inner: bytes, certificate: SmimeCertificate, identity: Identity, now: datetime,
    *, also: Iterable[SmimeCertificate] = (),
) -> bytes:  # fmt: skip
    """A DER envelope for this certificate (and `also` for others' who read the same mailbox) around `inner`, a MIME
    entity in canonical form, signed by the hub.

    Raises SealRefused.
    """
    to = (certificate, *also)
    alive = [_gate(one, identity, now) for one in to]
    try:
        envelope = _enveloped(signed(inner, identity), to)
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


def _enveloped(entity: bytes, to: Iterable[SmimeCertificate]) -> bytes:
    known = [x509_of(one.der) for one in to]
    keys = [one.public_key() for one in known]
    if any(isinstance(key, ec.EllipticCurvePublicKey) for key in keys):
        each = zip(keys, (one.der for one in to), strict=True)
        return agreement.envelope(entity, [(key, der) for key, der in each if isinstance(key, agreement.Key)])
    builder = PKCS7EnvelopeBuilder().set_data(entity).set_content_encryption_algorithm(AES256)
    for one in known:
        builder = builder.add_recipient(one)
    return builder.encrypt(Encoding.DER, [PKCS7Options.Binary])


def _look_again(envelope: bytes, alive: Sequence[Usable]) -> None:
    """Rule 3."""
    try:
        found = addressed(envelope)
    except NotDer:
        raise SealRefused("the engine made an envelope of a shape we never send") from None
    if found.cipher != AES256_CBC:
        raise SealRefused("the engine used a cipher that was not asked for")
    each = [[key_id for key_id in found.key_ids if key_id in one.key_ids] for one in alive]
    if len(found.key_ids) != len(alive) or any(len(mine) != 1 for mine in each):
        raise SealRefused("the engine addressed it to another certificate than was asked for")
