"""Who made an S/MIME signature, judged by pinned certificates alone; runs in a limited child.

1. `Signed` needs exactly one signature, over the whole content, with the signed attributes that RFC 5652 11 demands,
   by a strong hash, valid under a pinned certificate that may sign and is valid today.
2. A certificate that travels inside a message proves nothing about whose it is. It can only show that the octets are
   not those that were signed, and then nobody is believed.

Neither `cryptography` nor anything else well kept verifies CMS in Python (`openssl cms` answers in words meant for
people, about whichever of several signers): asn1crypto reads the structure, `cryptography` does the arithmetic.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from exchange.case.sealed import Signed, Signer, UnknownSigner, Unsigned
from keys.smime.certificate import CertificateRefused, SmimeCertificate, parsed, x509_of

# RFC 8551 2.1. What is weaker is forged by whoever wants to, and then no signature at all.
_HASHES: dict[str, tuple[Any, type[hashes.HashAlgorithm]]] = {
    "sha256": (hashlib.sha256, hashes.SHA256),
    "sha384": (hashlib.sha384, hashes.SHA384),
    "sha512": (hashlib.sha512, hashes.SHA512),
}
_RSA = frozenset({"rsassa_pkcs1v15", "sha256_rsa", "sha384_rsa", "sha512_rsa"})
_ECDSA = frozenset({"sha256_ecdsa", "sha384_ecdsa", "sha512_ecdsa"})
_SIGNATURES = _RSA | _ECDSA | {"rsassa_pss"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who signed, and whether what was signed are these octets, as far as that can be told."""

    signer: Signer
    intact: bool


class Pinned:
    """Certificates that may have signed. Whatever else a message brings along proves nothing."""

    def __init__(self, certificates: Iterable[bytes]) -> None:
        self._all: list[SmimeCertificate] = []
        for one in certificates:
            try:
                self._all.append(parsed(one))
            except CertificateRefused:  # one damaged certificate must not stop all mail
                continue

    def named(self, key_id: str) -> Iterator[SmimeCertificate]:
        """Those that a signature names so (see envelope.py)."""
        return (one for one in self._all if key_id in one.encryption_key_ids)


@dataclass(frozen=True, slots=True)
class _Claim:
    """One signature with what it is about."""

    info: Any = field(repr=False)  # cms.SignerInfo
    content: bytes = field(repr=False)

    @property
    def key_id(self) -> str:
        return named(self.info["sid"])

    @property
    def can_be_judged(self) -> bool:
        """Rule 1. Without signed attributes, what was signed could be passed off as other content."""
        return (
            self.hash_name in _HASHES
            and self.info["signature_algorithm"]["algorithm"].native in _SIGNATURES
            and len(self.info["signed_attrs"]) > 0
        )

    @property
    def hash_name(self) -> str:
        return str(self.info["digest_algorithm"]["algorithm"].native)


def named(identifier: Any) -> str:
    """The key id of whom a SignerIdentifier or RecipientIdentifier names (see envelope.py)."""
    if identifier.name == "subject_key_identifier":
        return str(identifier.chosen.native.hex().upper())
    issuer, serial = identifier.chosen["issuer"], identifier.chosen["serial_number"]
    return hashlib.sha256(issuer.dump() + serial.dump()).hexdigest().upper()


def verify_detached(content: bytes, signature: bytes, pinned: Pinned, now: datetime) -> Verdict:
    """Who signed exactly these octets (RFC 8551 3.5.3). Never raises for what a stranger wrote."""
    try:
        info = cms.ContentInfo.load(signature)
        if info["content_type"].native != "signed_data":
            return Verdict(UnknownSigner(), intact=True)
        found = judged(info["content"], content, pinned, now)
    except Exception:  # noqa: BLE001 - a stranger's ASN.1 goes wrong in every way there is
        return Verdict(UnknownSigner(), intact=True)
    return Verdict(UnknownSigner(), found.intact) if isinstance(found.signer, Unsigned) else found


def judged(signed_data: Any, content: bytes, pinned: Pinned, now: datetime) -> Verdict:
    """The verdict on one SignedData (RFC 5652 5.1). Raises whatever odd ASN.1 makes asn1crypto raise."""
    claims = [_Claim(info, content) for info in signed_data["signer_infos"]]
    if not claims:
        return Verdict(Unsigned(), intact=True)
    claim = claims[0]
    if len(claims) > 1 or not claim.can_be_judged:
        return Verdict(UnknownSigner(), intact=True)
    if not _is_of(claim, signed_data["encap_content_info"]["content_type"].native):
        return Verdict(UnknownSigner(), intact=False)
    for certificate in pinned.named(claim.key_id):
        if _may_sign(certificate, now) and _is_valid(claim, x509_of(certificate.der)):
            return Verdict(Signed(certificate.fingerprint, (_mark(claim),)), intact=True)
    brought = [one for one in _brought(signed_data) if claim.key_id in one.encryption_key_ids]
    intact = not brought or any(_is_valid(claim, x509_of(one.der)) for one in brought)
    return Verdict(UnknownSigner(), intact)


def _may_sign(certificate: SmimeCertificate, now: datetime) -> bool:
    fit = certificate.can_sign and certificate.for_mail and not certificate.weak and not certificate.authority
    return fit and certificate.not_before <= now < certificate.expires


def _is_of(claim: _Claim, content_type: str) -> bool:
    """RFC 5652 11.1 and 11.2: the signed attributes name the content's type and its digest."""
    said = {attribute["type"].native: attribute["values"].native for attribute in claim.info["signed_attrs"]}
    if content_type != "data" or said.get("content_type") != ["data"] or len(said.get("message_digest", ())) != 1:
        return False
    digest = _HASHES[claim.hash_name][0](claim.content).digest()
    return hmac.compare_digest(said["message_digest"][0], digest)


def _mark(claim: _Claim) -> str:
    """By what this signature is known again: what it is over, and when it was made. Anybody can write the rest of the
    structure in other octets."""
    said = {attribute["type"].native: attribute["values"].native for attribute in claim.info["signed_attrs"]}
    return hashlib.sha256(repr((said.get("message_digest"), said.get("signing_time"))).encode()).hexdigest()


def _is_valid(claim: _Claim, certificate: x509.Certificate) -> bool:
    """Whether the signature over the signed attributes, as DER (RFC 5652 5.4), is this key's."""
    attributes, signature = claim.info["signed_attrs"].untag().dump(), claim.info["signature"].native
    algorithm = claim.info["signature_algorithm"]
    hashed = _HASHES[claim.hash_name][1]()
    key, kind = certificate.public_key(), algorithm["algorithm"].native
    try:
        if isinstance(key, rsa.RSAPublicKey) and kind in _RSA:
            key.verify(signature, attributes, padding.PKCS1v15(), hashed)
        elif isinstance(key, rsa.RSAPublicKey) and kind == "rsassa_pss":
            key.verify(signature, attributes, padding.PSS(padding.MGF1(hashed), padding.PSS.AUTO), hashed)
        elif isinstance(key, ec.EllipticCurvePublicKey) and kind in _ECDSA:
            key.verify(signature, attributes, ec.ECDSA(hashed))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _brought(signed_data: Any) -> Iterator[SmimeCertificate]:
    """The certificates inside the message: good for one question only (rule 2)."""
    for one in signed_data["certificates"] or ():
        if one.name == "certificate":
            try:
                yield parsed(one.chosen.dump())
            except CertificateRefused:
                continue
