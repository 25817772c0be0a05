"""To whom an S/MIME envelope is addressed and with what it is encrypted: its outermost fields, read by no engine.

A recipient's key id is the SHA-256 of its certificate's issuer and serial number as they stand there (RFC 5652
10.2.4), or its subject key identifier: an envelope names a certificate by the one or the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from keys.smime import der
from keys.smime.der import Item, NotDer

_ENVELOPED = bytes.fromhex("2a864886f70d010703")  # 1.2.840.113549.1.7.3, RFC 5652 6.1
AES256_CBC = bytes.fromhex("60864801650304012a")  # 2.16.840.1.101.3.4.1.42, RFC 3565 4.1


@dataclass(frozen=True, slots=True)
class Addressed:
    """An envelope from outside."""

    key_ids: tuple[str, ...]  # one for each recipient, upper-case hexadecimal
    cipher: bytes  # object identifier of the content's cipher, its octets


def addressed(envelope: bytes) -> Addressed:
    """Recipients and cipher. Raises NotDer for anything but one EnvelopedData in DER."""
    match der.one(envelope).items:
        case [Item(tag=der.OID, body=kind), Item(tag=der.EXPLICIT_0) as content] if kind == _ENVELOPED:
            inside = der.one(content.body).items
        case _:
            raise NotDer("not an envelope")
    match inside:  # RFC 5652 6.1; originator information and unprotected attributes are never written by us
        case [Item(tag=der.INTEGER), Item(tag=der.SET) as recipients, Item(tag=der.SEQUENCE) as content]:
            key_ids = tuple(key_id for one in recipients.items for key_id in _recipient(one))
        case _:
            raise NotDer("an envelope with more than recipients and content")
    match content.items:
        case [Item(tag=der.OID), Item(tag=der.SEQUENCE) as cipher, Item(tag=der.IMPLICIT_0)] if cipher.items:
            return Addressed(key_ids, cipher.items[0].body)
    raise NotDer("an envelope without content")


def recipient_key_ids(envelope: bytes) -> tuple[str, ...]:
    """The key ids an envelope is encrypted to. Raises NotDer."""
    return addressed(envelope).key_ids


def key_ids_of(certificate: bytes, subject_key_id: bytes | None) -> tuple[str, ...]:
    """What an envelope to this certificate may be addressed to. Raises NotDer."""
    named = (_by_issuer(issuer_and_serial(certificate)),)
    return named if subject_key_id is None else (*named, subject_key_id.hex().upper())


def issuer_and_serial(certificate: bytes) -> bytes:
    """The two as they stand in a certificate, which together name it (RFC 5652 10.2.4). Raises NotDer."""
    fields = der.one(certificate).items[0].items  # RFC 5280 4.1: the part that is signed
    if fields[0].tag == der.EXPLICIT_0:  # its version, left out of the oldest ones
        fields = fields[1:]
    return fields[2].raw + fields[0].raw


def _by_issuer(named: bytes) -> str:
    return hashlib.sha256(named).hexdigest().upper()


def _recipient(one: Item) -> Iterator[str]:
    """RFC 5652 6.2.1 (a key transported) and 6.2.2 (a key agreed on)."""
    fields = one.items
    if one.tag == der.SEQUENCE and len(fields) == 4:
        yield _identifier(fields[1])
    elif one.tag == der.EXPLICIT_1 and len(fields) >= 4 and fields[-1].tag == der.SEQUENCE:
        for encrypted in fields[-1].items:
            yield _identifier(encrypted.items[0])
    else:
        raise NotDer("a recipient of a kind we never write to")


def _identifier(rid: Item) -> str:
    if rid.tag == der.SEQUENCE:
        return _by_issuer(rid.body)
    if rid.tag == der.IMPLICIT_0:
        return rid.body.hex().upper()
    raise NotDer("a recipient who is named in another way")
