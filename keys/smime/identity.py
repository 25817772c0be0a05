"""The hub's own S/MIME keys: made here, or given by the operator; kept encrypted, each in a file of its own.

1. One is the present one and signs; mail to any other still opens while its file is here.
2. Files hold the private key under a passphrase derived from the master key, then the certificate and its chain.
"""

from __future__ import annotations

import binascii
import os
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from keys.refusal import Refused
from keys.smime import der
from keys.smime.certificate import WHY_NOT, SmimeCertificate, parsed

LIFE = timedelta(days=730)  # as the OpenPGP key; renewed yearly (keys/README.md)
BITS = 3072  # 128 bits of strength (NIST SP 800-57): referrals stay secret for decades
BACKDATED = timedelta(hours=1)  # others' clocks run late, and would call it not yet valid
NAME_MAX = 64  # characters of a common name (RFC 5280 A.1)
_PRESENT = "present"  # the file that names the one which signs
_BROKEN = (ValueError, TypeError, UnsupportedAlgorithm)


class IdentityRefused(Refused):
    """This cannot be the hub's S/MIME key; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A key of the hub with its certificate."""

    certificate: SmimeCertificate
    key: rsa.RSAPrivateKey = field(repr=False)
    own: x509.Certificate = field(repr=False)
    chain: tuple[x509.Certificate, ...] = field(default=(), repr=False)  # sent along, for those who follow chains


@dataclass(frozen=True, slots=True)
class Kept:
    """What the folder holds: files as they are, still encrypted."""

    present: bytes | None = field(repr=False)  # None: the hub has no S/MIME key
    all: tuple[bytes, ...] = field(repr=False)  # the present one first


def make(home: Path, passphrase: str, address: str, name: str, now: datetime) -> Identity:
    """A new key with a certificate signed by itself, from now on the present one."""
    key = rsa.generate_private_key(65537, BITS)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:NAME_MAX] or address[:NAME_MAX])])
    public = key.public_key()
    usage = x509.KeyUsage(
        digital_signature=True, key_encipherment=True, content_commitment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    own = (
        x509.CertificateBuilder(subject, subject, public, x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectAlternativeName([x509.RFC822Name(address)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, SHA256())
    )
    return _keep(home, passphrase, Identity(parsed(own.public_bytes(Encoding.DER)), key, own))


def take(home: Path, passphrase: str, data: bytes, password: str, address: str, now: datetime) -> Identity:
    """The operator's own key and certificate, from now on the present one: PKCS #12 (.p12, .pfx), or PEM with both.

    Raises IdentityRefused in words for the operator.
    """
    found = given(data, password)
    certificate = found.certificate
    if certificate.why_never or not certificate.can_sign:
        raise IdentityRefused(
            WHY_NOT.get(certificate.why_never, "this certificate cannot sign: ask for one that can")
        )
    if not certificate.not_before <= now < certificate.expires:
        raise IdentityRefused("this certificate is not valid today: ask for a new one")
    if address.lower() not in certificate.addresses:
        raise IdentityRefused(f"this certificate is not for {address}: mail programs would show a warning with it")
    return _keep(home, passphrase, found)


def given(data: bytes, password: str) -> Identity:
    """The key and certificate of such a file, whatever they are fit for. Raises IdentityRefused."""
    key, own, chain = _pem(data, password) if b"-----BEGIN " in data else _pkcs12(data, password)
    if not isinstance(key, rsa.RSAPrivateKey):  # everybody's mail program can seal to RSA
        raise IdentityRefused("the hub's own S/MIME key must be RSA: ask for a certificate on such a key")
    if own.public_key() != key.public_key():
        raise IdentityRefused("the private key is another one than the certificate's")
    return Identity(parsed(own.public_bytes(Encoding.DER)), key, own, chain)


def kept(home: Path) -> Kept:
    """All keys there are, still encrypted."""
    present = home / _PRESENT
    if not present.is_file():
        return Kept(None, ())
    name = f"{present.read_text().strip()}.pem"
    files = sorted(home.glob("*.pem"), key=lambda file: (file.name != name, file.name))
    found = tuple(file.read_bytes() for file in files)
    return Kept(found[0] if files and files[0].name == name else None, found)


def opened(file: bytes, passphrase: str) -> Identity:
    """The key in one of the files. Raises IdentityRefused."""
    try:
        key = load_pem_private_key(file, passphrase.encode(), unsafe_skip_rsa_key_validation=True)  # written by us
        own, *chain = x509.load_pem_x509_certificates(file)
    except _BROKEN:
        raise IdentityRefused("a file of the hub's S/MIME keys is damaged, or another master key's") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise IdentityRefused("a file of the hub's S/MIME keys holds another kind of key")
    return Identity(parsed(own.public_bytes(Encoding.DER)), key, own, tuple(chain))


_BLOCK = re.compile(rb"-----BEGIN ([A-Z ]+)-----\s(.+?)-----END ", re.DOTALL)


def for_paper(file: bytes) -> bytes:
    """One of the files as few octets: its key, still encrypted, and its certificate."""
    return b"".join(binascii.a2b_base64(block[2]) for block in list(_BLOCK.finditer(file))[:2])


def from_paper(home: Path, passphrase: str, octets: bytes) -> Identity:
    """What `for_paper` gave, as a file again; it signs where no other one does. Raises IdentityRefused."""
    try:
        key, certificate = der.several(octets)
    except ValueError:  # NotDer too
        raise IdentityRefused("this is no S/MIME key: type the first line of the sheet too") from None
    kinds = (("ENCRYPTED PRIVATE KEY", key.raw), ("CERTIFICATE", certificate.raw))
    file = b"".join(_armored(kind, raw) for kind, raw in kinds)
    found = opened(file, passphrase)
    if kept(home).present is None:
        return _keep(home, passphrase, found)
    _write(home / f"{found.certificate.fingerprint}.pem", file)
    return found


def _armored(kind: str, raw: bytes) -> bytes:
    text = binascii.b2a_base64(raw, newline=False)
    lines = b"\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    return b"-----BEGIN %b-----\n%b\n-----END %b-----\n" % (kind.encode(), lines, kind.encode())


def _keep(home: Path, passphrase: str, identity: Identity) -> Identity:
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.chmod(0o700)
    fingerprint = identity.certificate.fingerprint
    _write(home / f"{fingerprint}.pem", locked(identity, passphrase))
    _write(home / _PRESENT, f"{fingerprint}\n".encode())
    return identity


def locked(identity: Identity, passphrase: str) -> bytes:
    """As `opened` takes it."""
    lock = BestAvailableEncryption(passphrase.encode())
    pem = identity.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)
    return pem + b"".join(one.public_bytes(Encoding.PEM) for one in (identity.own, *identity.chain))


def _write(file: Path, content: bytes) -> None:
    """Whole or not at all, and readable to us only."""
    new = file.with_name(f".{file.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    new.replace(file)


_Given = tuple[PrivateKeyTypes, x509.Certificate, tuple[x509.Certificate, ...]]


def _pkcs12(data: bytes, password: str) -> _Given:
    try:
        found = pkcs12.load_pkcs12(data, password.encode() or None)
    except _BROKEN:
        raise IdentityRefused("this is not a .p12 or .pfx file, or its password is another one") from None
    if found.key is None or found.cert is None:
        raise IdentityRefused("the file must hold the private key and its certificate: export both")
    return found.key, found.cert.certificate, tuple(one.certificate for one in found.additional_certs)


def _pem(data: bytes, password: str) -> _Given:
    try:
        key = load_pem_private_key(data, password.encode() or None)
        all_of_them = x509.load_pem_x509_certificates(data)
        mine = next(one for one in all_of_them if one.public_key() == key.public_key())
    except StopIteration:
        raise IdentityRefused("the private key is another one than the certificate's") from None
    except _BROKEN:
        raise IdentityRefused(
            "the file must hold the private key and its certificate as PEM; if the key has a password, give it"
        ) from None
    return key, mine, tuple(one for one in all_of_them if one != mine)
