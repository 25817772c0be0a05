"""An S/MIME certificate: what it says of itself, and why one is not taken.

1. It counts because its fingerprint was read back and pinned, not because some authority signed it: no chain is
   followed, nothing is fetched, and what its authority has revoked is over here when somebody retires it.
2. It is judged by what it permits (RFC 8550 4.4), never by what its key could do.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import MD5, SHA1
from cryptography.hazmat.primitives.serialization import Encoding, load_der_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from keys.refusal import Refused
from keys.smime.der import NotDer
from keys.smime.envelope import key_ids_of

LEAST_BITS = 2048  # RFC 8551 4.2: shorter ones may be taken for unprotected
FILE_MAX = 256 * 1024  # octets of a certificate file; one with a long chain has ten thousand
CERTIFICATES_KEPT = 1024  # parsed: more agencies than any hub writes to in a day
CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)  # RFC 8551 2.3, and what mail programs know beside it
_MAIL = frozenset({ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE})
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion, x509.UnsupportedGeneralNameType,
               x509.DuplicateExtension, NotDer)  # fmt: skip
_Extension = TypeVar("_Extension", bound=x509.ExtensionType)

NOT_ONE = "this is not a certificate file: ask for the certificate alone, as a .cer, .crt or .pem file"
PRIVATE = "this file holds a PRIVATE key. Delete it, tell its owner, and ask for the certificate alone"
WHY_NOT = {
    "authority": "this is the certificate of an authority, which signs others: ask for the one of the mailbox "
    "itself. If this is its own, it must be made anew with basicConstraints CA:FALSE",
    "other_purpose": "this certificate is not for mail (but perhaps for a web server): ask for an S/MIME one",
    "key_cannot_encrypt": "this certificate can sign but not receive encrypted mail: ask for one for encryption "
    "(RSA: “key encipherment”; elliptic curves: “key agreement”)",
    "key_weak": "this certificate's key is too short to be safe (RSA below 2048 bits), or it was signed with SHA-1, "
    "which can be forged: ask for a new one",
    "key_revoked": "this certificate was revoked: ask for the new one",
    "key_expired": "this certificate has expired: ask for the new one",
    "key_not_yet_valid": "this certificate is not valid yet: add it when its time has begun, and see whether this "
    "machine's clock is right",
}


class CertificateRefused(Refused):
    """This certificate is not taken; the text says why and what to ask its holder for."""


@dataclass(frozen=True, slots=True)
class SmimeCertificate:
    """Somebody's certificate with what it permits."""

    fingerprint: str  # SHA-256 of the DER, 64 upper-case hexadecimal digits
    encryption_key_ids: tuple[str, ...]  # what an envelope to it may be addressed to (envelope.py)
    not_before: datetime
    expires: datetime
    can_encrypt: bool
    can_sign: bool
    weak: bool  # a short RSA key, or signed with a broken hash
    der: bytes = field(repr=False)
    addresses: tuple[str, ...] = field(repr=False)  # said by whoever issued it, lower case
    authority: bool = False
    for_mail: bool = True

    @property
    def encryption_expires(self) -> datetime:
        """Until when somebody can seal to it."""
        return self.expires

    @property
    def pem(self) -> bytes:
        """As text, for files and for keeping."""
        return x509_of(self.der).public_bytes(Encoding.PEM)

    @property
    def signs_only(self) -> bool:
        """Some agencies have one certificate to sign with and another to be written to."""
        return self.why_never == "key_cannot_encrypt" and self.can_sign

    def valid(self, now: datetime) -> bool:
        """Whether its time has begun and is not over."""
        return self.not_before <= now < self.expires

    @property
    def why_never(self) -> str:
        """Why it can be used at no time: a code of WHY_NOT, or ""."""
        faults = {
            "authority": self.authority,
            "other_purpose": not self.for_mail,
            "key_weak": self.weak,
            "key_cannot_encrypt": not self.can_encrypt,
        }
        return next((why for why, there in faults.items() if there), "")


def read(data: bytes, *, or_signs: bool = False) -> SmimeCertificate:
    """The certificate in a file somebody brought, PEM or DER; one that only signs if `or_signs`. Raises
    CertificateRefused in words for that person.

    Whether it may be used today is another question (keys.directory.usable).
    """
    own = of_people(data)
    if len(own) != 1:
        raise CertificateRefused(f"this file holds {len(own)} certificates: ask for the mailbox's own one alone")
    if own[0].why_never and not (or_signs and own[0].signs_only):
        raise CertificateRefused(WHY_NOT[own[0].why_never])
    return own[0]


def of_people(data: bytes) -> list[SmimeCertificate]:
    """The certificates in a file, whatever they are fit for, without those of authorities beside them: it may
    have been exported with its chain. Raises CertificateRefused."""
    found = [parsed(one) for one in _certificates(data)]
    return [one for one in found if not one.authority] or found[:1]


def looks_like_one(data: bytes) -> bool:
    """Whether a file is meant for S/MIME rather than for OpenPGP: DER, or PEM that is no OpenPGP armor."""
    return data[:1] == b"\x30" or (_is_pem(data) and b"-----BEGIN PGP " not in data)


@functools.lru_cache(CERTIFICATES_KEPT)
def parsed(data: bytes) -> SmimeCertificate:
    """One certificate, DER or PEM, whatever it is fit for. Raises CertificateRefused when it is none."""
    try:
        return _described(x509_of(data))
    except _UNREADABLE:
        raise CertificateRefused(NOT_ONE) from None


@functools.lru_cache(CERTIFICATES_KEPT)
def x509_of(data: bytes) -> x509.Certificate:
    """As `cryptography` takes it. Raises ValueError."""
    return x509.load_pem_x509_certificate(data) if _is_pem(data) else x509.load_der_x509_certificate(data)


def _is_pem(data: bytes) -> bool:
    return b"-----BEGIN " in data


def _certificates(data: bytes) -> list[bytes]:
    """Each certificate of the file as DER. Raises CertificateRefused."""
    if len(data) > FILE_MAX:
        raise CertificateRefused("this file is too large for a certificate")
    if holds_private_key(data):
        raise CertificateRefused(PRIVATE)
    if not _is_pem(data):
        return [data]
    try:
        return [one.public_bytes(Encoding.DER) for one in x509.load_pem_x509_certificates(data)]
    except _UNREADABLE:
        raise CertificateRefused(NOT_ONE) from None


def holds_private_key(data: bytes) -> bool:
    """Whether it is more than a certificate: no file to show to others."""
    if _is_pem(data):
        return b"PRIVATE KEY-----" in data
    if b"\x02\x01\x03\x30" in data[2:10]:  # PKCS #12: version 3 (RFC 7292 4), a .p12 or .pfx file
        return True
    try:
        load_der_private_key(data, None)
    except TypeError:  # it wants a password: a key all the same
        return True
    except (ValueError, UnsupportedAlgorithm):
        return False
    return True


def _described(certificate: x509.Certificate) -> SmimeCertificate:
    der = certificate.public_bytes(Encoding.DER)
    subject_key = _extension(certificate, x509.SubjectKeyIdentifier)
    basic = _extension(certificate, x509.BasicConstraints)
    purposes = _extension(certificate, x509.ExtendedKeyUsage)
    return SmimeCertificate(
        fingerprint=hashlib.sha256(der).hexdigest().upper(),
        encryption_key_ids=key_ids_of(der, subject_key.digest if subject_key else None),
        not_before=certificate.not_valid_before_utc,
        expires=certificate.not_valid_after_utc,
        can_encrypt=_can_encrypt(certificate),
        can_sign=_can_sign(certificate),
        weak=_is_weak(certificate),
        der=der,
        addresses=tuple(dict.fromkeys(_addresses(certificate))),
        authority=basic is not None and basic.ca,
        for_mail=purposes is None or bool(_MAIL & set(purposes)),  # RFC 8550 4.4.4
    )


def _extension(certificate: x509.Certificate, kind: type[_Extension]) -> _Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _can_encrypt(certificate: x509.Certificate) -> bool:
    """RFC 8550 4.4.2, RFC 3370 4: RSA keys encipher a key, elliptic ones agree on one."""
    key, usage = certificate.public_key(), _extension(certificate, x509.KeyUsage)
    if isinstance(key, rsa.RSAPublicKey):
        return usage is None or usage.key_encipherment
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, CURVES):
        return usage is None or usage.key_agreement
    return False


def _can_sign(certificate: x509.Certificate) -> bool:
    usage = _extension(certificate, x509.KeyUsage)
    return usage is None or usage.digital_signature or usage.content_commitment


def _is_weak(certificate: x509.Certificate) -> bool:
    key = certificate.public_key()
    short = isinstance(key, rsa.RSAPublicKey) and key.key_size < LEAST_BITS
    return short or isinstance(certificate.signature_hash_algorithm, MD5 | SHA1)


def _addresses(certificate: x509.Certificate) -> Iterator[str]:
    """RFC 8550 3: in the alternative names, or in the subject as older ones have it."""
    names = _extension(certificate, x509.SubjectAlternativeName)
    if names is not None:
        yield from (address.lower() for address in names.get_values_for_type(x509.RFC822Name))
    for named in certificate.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS):
        yield str(named.value).lower()
