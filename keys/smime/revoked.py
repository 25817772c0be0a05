"""Revoked S/MIME certificates: what an authority's list (RFC 5280 5) says of those that it issued itself.

1. A list counts only for certificates that the same authority's key signed: its certificate may come from anywhere,
   for it is held against what was pinned. So a list ends a certificate only if that one's own authority wants it.
2. An old list still counts: what it names is revoked. It is said to be old, for a newer one may name more.
3. Nothing is fetched here, and never while something is sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from keys.refusal import Refused
from keys.smime.certificate import SmimeCertificate, x509_of

LIST_MAX = 20_000_000  # octets: the largest authorities' lists have some; more is no list
_LIFTED = x509.ReasonFlags.remove_from_crl  # of a delta list: it is revoked no more
_SIGNING = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm)


class ListRefused(Refused):
    """This is no list of revoked certificates that can be used; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class RevokedList:
    """One authority's list, whose signature is the authority's."""

    authority: x509.Certificate = field(repr=False)
    listed: x509.CertificateRevocationList = field(repr=False)
    until: datetime | None  # when the authority makes the next one

    def covers(self, certificate: SmimeCertificate) -> bool:
        """Whether this authority issued it (rule 1)."""
        try:
            x509_of(certificate.der).verify_directly_issued_by(self.authority)
        except (*_UNREADABLE, InvalidSignature):
            return False
        return True

    def revokes(self, certificate: SmimeCertificate) -> bool:
        """Whether it is on the list, for ever or on hold: neither is used meanwhile."""
        entry = self.listed.get_revoked_certificate_by_serial_number(x509_of(certificate.der).serial_number)
        return entry is not None and self.covers(certificate) and _reason(entry) is not _LIFTED

    def is_old(self, now: datetime) -> bool:
        """Whether its authority has made a newer one by now."""
        return self.until is not None and self.until <= now


def read(content: bytes, authority: bytes) -> RevokedList:
    """The list in a file, PEM or DER, held against its authority's certificate. Raises ListRefused."""
    if len(content) > LIST_MAX:
        raise ListRefused("this file is too large for a list of revoked certificates")
    try:
        issuer = x509_of(authority)
    except _UNREADABLE:
        raise ListRefused("--authority: this is no certificate: ask the authority for its own, PEM or DER") from None
    try:
        listed = _loaded(content)
        key = issuer.public_key()
        genuine = isinstance(key, _SIGNING) and listed.issuer == issuer.subject and listed.is_signature_valid(key)
    except _UNREADABLE:
        raise ListRefused("this is no list of revoked certificates (a CRL), PEM or DER") from None
    if not genuine:
        raise ListRefused(
            "this list was not signed by the authority whose certificate you named: ask for the right one"
        )
    return RevokedList(issuer, listed, listed.next_update_utc)


def _loaded(content: bytes) -> x509.CertificateRevocationList:
    pem = b"-----BEGIN " in content
    return x509.load_pem_x509_crl(content) if pem else x509.load_der_x509_crl(content)


def _reason(entry: x509.RevokedCertificate) -> x509.ReasonFlags | None:
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except x509.ExtensionNotFound:
        return None
