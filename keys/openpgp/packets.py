"""The outermost OpenPGP packets, read without any engine: to whom ciphertext is addressed, and what a key file holds.

1. Nothing here decrypts, decompresses or follows a length into memory: only octets already in hand are looked at.
2. Whoever checks an engine's output must not be that engine, so this shares no code with either.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from keys.refusal import Refused

# RFC 9580 5: packet type ids.
PKESK, SIGNATURE, SECRET_KEY, PUBLIC_KEY, SECRET_SUBKEY, PUBLIC_SUBKEY, SEIPD = 1, 2, 5, 6, 7, 14, 18
# Octets of a message that are looked at. An RSA-4096 PKESK takes 524; what we send has one or two of them.
HEAD_MAX = 16 * 1024
_BLOCK = re.compile(
    rb"-----BEGIN PGP [A-Z ]{1,40}-----[ \t]*\r?\n"
    rb"(?:[A-Za-z-]{1,40}:[^\r\n]*\r?\n)*[ \t]*\r?\n"  # RFC 9580 6.2.2: armor headers, then an empty line
    rb"([A-Za-z0-9+/=\s]*)"
)
_CHECKSUM = re.compile(rb"\n=[A-Za-z0-9+/]{4}\s*\Z")  # RFC 9580 6.1.1: optional, and worthless as a proof


class NotPgp(Refused):
    """These are not the OpenPGP packets they should be."""


@dataclass(frozen=True, slots=True)
class Leading:
    """How a message begins."""

    key_ids: tuple[str, ...]  # 16 upper-case hex digits each (of version 6, 64), in order; zeros for a hidden one
    container: int  # packet type of the encrypted data: SEIPD, or something we never send
    version: int  # of the container: 1 has an MDC, 2 an AEAD


def recipient_key_ids(armored: bytes) -> tuple[str, ...]:
    """The key ids a message is encrypted to. Raises NotPgp for anything but PKESK packets before encrypted data."""
    return leading(armored).key_ids


def leading(armored: bytes) -> Leading:
    """Recipients and container of a message. Raises NotPgp."""
    key_ids: list[str] = []
    for tag, body in packets(dearmor(armored[:HEAD_MAX])):
        if tag != PKESK:
            return Leading(tuple(key_ids), tag, body[0] if body else 0)
        key_ids.append(_named(body))
    raise NotPgp("no encrypted data near the beginning")


def _named(body: bytes) -> str:
    """Whom a PKESK packet names: RFC 9580 5.1.1 (version 3, a key id) and 5.1.2 (version 6, a fingerprint)."""
    if len(body) >= 10 and body[0] == 3:
        return body[1:9].hex().upper()
    if len(body) >= 35 and body[:3] == b"\x06\x21\x06":
        return body[3:35].hex().upper()
    raise NotPgp("a recipient packet of a version we do not send")


def key_version(binary: bytes) -> int:
    """The version of the first key of a certificate. Raises NotPgp."""
    tag, body = next(packets(binary), (None, b""))
    if tag not in (PUBLIC_KEY, SECRET_KEY) or not body:
        raise NotPgp("no key at the beginning")
    return body[0]


def key_fingerprints(binary: bytes) -> tuple[str, ...]:
    """Fingerprints of every key of a certificate, its primary's first, upper case."""
    keys = (PUBLIC_KEY, PUBLIC_SUBKEY, SECRET_KEY, SECRET_SUBKEY)
    return tuple(_fingerprint(body) for tag, body in packets(binary) if tag in keys)


def _fingerprint(body: bytes) -> str:
    """RFC 9580 5.5.4 of a public key packet (of a secret one it is not the fingerprint, and nobody compares it)."""
    if body[:1] == b"\x06":
        return hashlib.sha256(b"\x9b" + len(body).to_bytes(4, "big") + body).hexdigest().upper()
    material = b"\x99" + (len(body) & 0xFFFF).to_bytes(2, "big") + body
    return hashlib.sha1(material, usedforsecurity=False).hexdigest().upper()


_WEAK_HASHES = frozenset({1, 2, 3})  # MD5, SHA-1, RIPEMD-160 (RFC 9580 9.5)
_OVER_NAMES, _BINDING = frozenset({0x10, 0x11, 0x12, 0x13}), frozenset({0x18})  # RFC 9580 5.2.1


def is_weakly_signed(binary: bytes) -> bool:
    """Whether a version 4 certificate holds together by a hash that can be forged: the newest signature that its own
    key made over its names, or over its subkeys. Raises NotPgp."""
    own = bytes.fromhex(key_fingerprints(binary)[0])[-8:]  # RFC 9580 5.2.3.12: how a signature names who made it
    newest: dict[frozenset[int], tuple[int, bool]] = {}
    for tag, body in packets(binary):
        if tag != SIGNATURE or len(body) < 6 or body[0] != 4 or own not in body:  # what others certified says nothing
            continue
        for kind in (_OVER_NAMES, _BINDING):
            if body[1] in kind and (made := _made_at(body)) >= newest.get(kind, (0, False))[0]:
                newest[kind] = (made, body[3] in _WEAK_HASHES)
    return any(weak for _, weak in newest.values())


def _made_at(body: bytes) -> int:
    """When a version 4 signature was made, in seconds since 1970 (RFC 9580 5.2.3.11); 0 when it does not say."""
    return next((int.from_bytes(data[:4], "big") for kind, data in _said(body[4:], 2) if kind == 2), 0)


def _said(area: bytes, wide: int) -> Iterator[tuple[int, bytes]]:
    """(type, data) of each subpacket behind a length of so many octets (RFC 9580 5.2.3.7)."""
    at, end = wide, min(wide + int.from_bytes(area[:wide], "big"), len(area))
    while at < end:
        first = area[at]
        octets = 1 if first < 192 else 2 if first < 255 else 5
        size = first if octets == 1 else ((first - 192) << 8) + int.from_bytes(area[at + 1 : at + 2], "big") + 192
        size = size if octets < 5 else int.from_bytes(area[at + 1 : at + 5], "big")
        start = at + octets
        yield int.from_bytes(area[start : start + 1], "big") & 0x7F, area[start + 1 : start + size]
        at = start + max(size, 1)


def taken_back(binary: bytes) -> str:
    """The fingerprint, or the id, of the key that a revocation certificate takes back, which is a file of one
    signature (RFC 9580 5.2.1.11); "" for any other file. Whether it is that key's signature is not asked here."""
    found = list(packets(binary))
    if [tag for tag, _ in found] != [SIGNATURE] or found[0][1][1:2] != b"\x20":
        return ""
    body = found[0][1]
    wide = 4 if body[0] == 6 else 2
    behind = 4 + wide + int.from_bytes(body[4 : 4 + wide], "big")
    said = [*_said(body[4:], wide), *_said(body[behind:], wide)]
    issuers = [data[1:] for kind, data in said if kind == 33] + [data for kind, data in said if kind == 16]
    return issuers[0].hex().upper() if issuers else ""


def with_signature(certificate: bytes, signature: bytes) -> bytes:
    """The certificate with a signature over its key behind that key, where a revocation stands (RFC 9580 10.1.1)."""
    _, start, size = _header(certificate, 0)
    end = start + (size or 0)
    return certificate[:end] + signature + certificate[end:]


def tags(binary: bytes) -> tuple[int, ...]:
    """The types of all outermost packets."""
    return tuple(tag for tag, _ in packets(binary))


def dearmor(data: bytes) -> bytes:
    """The octets inside every armor block, joined; binary input as it is. Raises NotPgp."""
    if data[:1] >= b"\x80":  # RFC 9580 4.2: the first octet of a packet has bit 7 set; no armor does
        return data
    blocks = [_CHECKSUM.sub(b"", block.rstrip()) for block in _BLOCK.findall(data)]
    if not blocks:
        raise NotPgp("no OpenPGP armor found")
    try:
        return b"".join(base64.b64decode(_whole_quads(block)) for block in blocks)
    except binascii.Error:
        raise NotPgp("the armor is damaged") from None


def _whole_quads(block: bytes) -> bytes:
    digits = b"".join(block.split())
    return digits[: len(digits) // 4 * 4]


def packets(binary: bytes) -> Iterator[tuple[int, bytes]]:
    """(type, body) of each outermost packet; the last body may be cut where the octets end. Raises NotPgp."""
    at = 0
    while at < len(binary):
        tag, start, size = _header(binary, at)
        end = len(binary) if size is None else start + size
        yield tag, binary[start:end]
        at = end


def covered_part(binary: bytes) -> bytes:
    """What the first signature says of itself and covers too, its time among it (RFC 9580 5.2.3). Raises NotPgp."""
    tag, body = next(packets(binary), (None, b""))
    if tag != SIGNATURE:
        raise NotPgp("no signature at the beginning")
    wide = {4: 2, 6: 4}.get(body[0] if body else 0, 0)  # octets of the length of what is covered
    return body[: 4 + wide + int.from_bytes(body[4 : 4 + wide], "big")] if wide else body


def signed_at(binary: bytes) -> int:
    """When the first signature was made, if it is of version 4; 0 when it does not say. Raises NotPgp."""
    tag, body = next(packets(binary), (None, b""))
    if tag != SIGNATURE:
        raise NotPgp("no signature at the beginning")
    try:
        return _made_at(body) if body[:1] == b"\x04" else 0
    except IndexError:
        return 0


def sealed_data(binary: bytes) -> bytes:
    """The encrypted data of a message, joined from its pieces (RFC 9580 4.2.1.4). Raises NotPgp."""
    at = 0
    while at < len(binary):
        tag, start, size = _header(binary, at)
        if tag == SEIPD:
            pieces = _pieces(binary, at) if binary[at] & 0x40 else iter((binary[start:],))
            return b"".join(pieces) if size is None else binary[start : start + size]
        if size is None:
            break
        at = start + size
    raise NotPgp("no encrypted data")


def _pieces(binary: bytes, at: int) -> Iterator[bytes]:
    """Each begins with its own length, the last with a whole one; the octet before a length is not looked at."""
    while at + 1 < len(binary):
        _, start, size = _new_header(binary, at)
        yield binary[start : start + (1 << (binary[at + 1] & 0x1F) if size is None else size)]
        if size is not None:
            return
        at = start + (1 << (binary[at + 1] & 0x1F)) - 1


def is_whole_certificate(binary: bytes) -> bool:
    """Whether it starts with a public key and every packet ends where it says: only then may another follow it in a
    keyring, for a packet that claims more than it has would swallow its neighbour. Raises NotPgp."""
    at, first = 0, _header(binary, 0)[0] if binary else None
    while at < len(binary):
        _, start, size = _header(binary, at)
        if size is None:
            return False
        at = start + size
    return first == PUBLIC_KEY and at == len(binary)


def _header(binary: bytes, at: int) -> tuple[int, int, int | None]:
    """Type, where the body starts, and its length (None: partial or indeterminate)."""
    first = binary[at]
    if not first & 0x80:
        raise NotPgp("not a packet header")
    return _new_header(binary, at) if first & 0x40 else _old_header(binary, at)


def _old_header(binary: bytes, at: int) -> tuple[int, int, int | None]:
    """RFC 9580 4.2.2."""
    tag, kind = (binary[at] >> 2) & 0x0F, binary[at] & 0x03
    if kind == 3:
        return tag, at + 1, None
    octets = 1 << kind
    return tag, at + 1 + octets, int.from_bytes(binary[at + 1 : at + 1 + octets], "big")


def _new_header(binary: bytes, at: int) -> tuple[int, int, int | None]:
    """RFC 9580 4.2.1."""
    tag, length = binary[at] & 0x3F, binary[at + 1 : at + 6]
    if not length:
        raise NotPgp("a packet header without a length")
    one = length[0]
    if one < 192:
        return tag, at + 2, one
    if one < 224:
        return tag, at + 3, ((one - 192) << 8) + int.from_bytes(length[1:2], "big") + 192
    if one < 255:
        return tag, at + 2, None  # partial: the rest is not ours to join
    return tag, at + 6, int.from_bytes(length[1:5], "big")
