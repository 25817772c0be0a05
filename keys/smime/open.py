"""open_(): a stranger's S/MIME, opened with the hub's keys or taken out of its signature; runs in a limited child.

1. Whoever tries many altered copies learns nothing from how they fail: a content key that cannot be unwrapped is
   replaced by a random one (RFC 3218 2.3.2), and every failure after it has the same name.
2. AES-GCM proves its integrity here; CBC has none, and whoever reads on (exchange/examining.py) demands that a
   signature inside, where there is one, be of these octets.
3. One layer at a time: what is inside is a MIME entity again, and is read like any other.

BER is read, not DER alone: mail programs stream.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from asn1crypto import cms, core
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, GCM
from cryptography.hazmat.primitives.padding import PKCS7

from exchange.case.sealed import NotOpened, Opened, Plain, Unsigned, Unwrapped
from keys.smime import der
from keys.smime.identity import Identity
from keys.smime.verify import Pinned, judged, named

# Octets of their keys. The last is what the oldest programs still fall back to.
_CBC = {"aes128_cbc": 16, "aes192_cbc": 24, "aes256_cbc": 32, "tripledes_3key": 24}
_GCM = {"aes128_gcm": 16, "aes192_gcm": 24, "aes256_gcm": 32}
_TAG_LEAST = 12  # octets of a GCM tag (RFC 5084 3.2)
_HASHES = {
    "sha1": hashes.SHA1(),  # noqa: S303 - harmless in OAEP, and its default (RFC 8017 A.2.1)
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


class _Shut(Exception):
    """It stays shut; the code says why."""


def open_(
    data: bytes, identities: Iterable[Identity], pinned: Pinned, now: datetime
) -> Opened | Unwrapped | NotOpened:
    """What is inside one layer of S/MIME. Never raises for what a stranger wrote."""
    try:
        return _open(cms.ContentInfo.load(data), tuple(identities), pinned, now)
    except _Shut as shut:
        return NotOpened(str(shut))
    except Exception:  # noqa: BLE001 - a stranger's ASN.1 goes wrong in every way there is
        return NotOpened("malformed")


def _open(
    info: Any, identities: tuple[Identity, ...], pinned: Pinned, now: datetime
) -> Opened | Unwrapped | NotOpened:
    content = info["content"]
    match info["content_type"].native:
        case "enveloped_data":
            return Opened(Plain(_enveloped(content, identities)), Unsigned())
        case "authenticated_enveloped_data":
            return Opened(Plain(_authenticated(content, identities)), Unsigned())
        case "signed_data":
            return _signed(content, pinned, now)
    return NotOpened("malformed")


def _signed(content: Any, pinned: Pinned, now: datetime) -> Unwrapped | NotOpened:
    """RFC 8551 3.5.2. Certificates alone, without content, are no letter."""
    plain = _octets(content["encap_content_info"]["content"])
    found = judged(content, plain, pinned, now)
    return Unwrapped(Plain(plain), found.signer, found.intact)


def _enveloped(content: Any, identities: tuple[Identity, ...]) -> bytes:
    """RFC 5652 6.1."""
    encrypted = content["encrypted_content_info"]
    algorithm = encrypted["content_encryption_algorithm"]
    name = algorithm["algorithm"].native
    if name not in _CBC:
        raise _Shut("malformed")
    key = _content_key(content["recipient_infos"], identities, _CBC[name])
    cipher, block = (TripleDES(key), 64) if name == "tripledes_3key" else (AES(key), 128)
    decryptor, unpadder = Cipher(cipher, CBC(algorithm["parameters"].native)).decryptor(), PKCS7(block).unpadder()
    try:
        padded = decryptor.update(_octets(encrypted["encrypted_content"])) + decryptor.finalize()
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        raise _Shut("tampered") from None


def _authenticated(content: Any, identities: tuple[Identity, ...]) -> bytes:
    """RFC 5083 2.1 and RFC 5084 3.2."""
    encrypted = content["auth_encrypted_content_info"]
    algorithm = encrypted["content_encryption_algorithm"]
    name = algorithm["algorithm"].native
    if name not in _GCM:
        raise _Shut("malformed")
    key = _content_key(content["recipient_infos"], identities, _GCM[name])
    nonce = core.Sequence.load(algorithm["parameters"].dump())[0].native
    attributes = content["auth_attrs"]
    decryptor = Cipher(AES(key), GCM(nonce, content["mac"].native, min_tag_length=_TAG_LEAST)).decryptor()
    if not isinstance(attributes, core.Void):
        decryptor.authenticate_additional_data(attributes.untag().dump())
    try:
        return decryptor.update(_octets(encrypted["encrypted_content"])) + decryptor.finalize()
    except InvalidTag:
        raise _Shut("tampered") from None


def _octets(string: Any) -> bytes:
    """asn1crypto joins the pieces of a streamed string one by one, at a cost that grows with their square."""
    if isinstance(string, core.Void):
        raise _Shut("malformed")
    return der.octets(string.contents) if string.method else string.contents


def _content_key(recipients: Any, identities: tuple[Identity, ...], size: int) -> bytes:
    """Rule 1."""
    for recipient in recipients:
        if recipient.name != "ktri":  # the hub's own keys are RSA
            continue
        for identity in identities:
            if _is_ours(recipient.chosen["rid"], identity):
                key = _transported(recipient.chosen, identity.key)
                return key if len(key) == size else os.urandom(size)
    raise _Shut("not_for_us")


def _is_ours(rid: Any, identity: Identity) -> bool:
    return named(rid) in identity.certificate.encryption_key_ids


def _transported(recipient: Any, key: rsa.RSAPrivateKey) -> bytes:
    """RFC 3370 4.2.1 and RFC 3560; b"" when it cannot be unwrapped."""
    algorithm = recipient["key_encryption_algorithm"]
    encrypted = recipient["encrypted_key"].native
    try:
        match algorithm["algorithm"].native:
            case "rsaes_pkcs1v15":
                return key.decrypt(encrypted, padding.PKCS1v15())
            case "rsaes_oaep":
                return key.decrypt(encrypted, _oaep(algorithm["parameters"]))
    except ValueError:
        return b""
    raise _Shut("malformed")


def _oaep(parameters: Any) -> padding.OAEP:
    hashed = _HASHES[parameters["hash_algorithm"]["algorithm"].native]
    masked = _HASHES[parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native]
    return padding.OAEP(padding.MGF1(masked), hashed, None)
