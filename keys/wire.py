"""What goes between the opener and its child: lists of octet strings, each with its length before it.

No pickles: the child has read strangers' bytes, and may say anything.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from exchange.case.sealed import NotOpened, Opened, Plain, Signed, Signer, UnknownSigner, Unsigned, Unwrapped
from keys.refusal import Refused

READY = b"ready"  # what a child says once it holds the key
_FINGERPRINT_LENGTHS = (40, 64)  # hex digits, v4 and v6 or S/MIME
_MARK_LENGTH = 64

Answer = Opened | Unwrapped | NotOpened | Signer


class WireRefused(Refused):
    """The other side said something that is not of this language."""


def pack(*parts: bytes) -> bytes:
    """The parts as one frame, its whole length first."""
    body = b"".join(struct.pack(">I", len(part)) + part for part in parts)
    return struct.pack(">I", len(body)) + body


def unpack(body: bytes) -> list[bytes]:
    """The parts of a frame whose length has been read. Raises WireRefused."""
    parts, at = [], 0
    while at < len(body):
        size = int.from_bytes(body[at : at + 4], "big")
        parts.append(body[at + 4 : at + 4 + size])
        at += 4 + size
    if at != len(body):
        raise WireRefused("a frame that ends in the middle of a part")
    return parts


def told(answer: Answer) -> tuple[bytes, ...]:
    """An answer as parts."""
    match answer:
        case Opened(plain, signer):
            return b"opened", _word(signer), plain.data
        case Unwrapped(plain, signer, intact):
            return b"unwrapped", _word(signer), b"intact" if intact else b"broken", plain.data
        case NotOpened(why):
            return b"not_opened", why.encode()
        case _:
            return b"signer", _word(answer)


def heard(parts: Sequence[bytes]) -> Answer:
    """The answer in these parts. Raises WireRefused."""
    match parts:
        case [b"opened", word, plain]:
            return Opened(Plain(plain), _signer(word))
        case [b"unwrapped", word, (b"intact" | b"broken") as state, plain]:
            return Unwrapped(Plain(plain), _signer(word), state == b"intact")
        case [b"not_opened", why] if why.replace(b"_", b"").isalpha():
            return NotOpened(why.decode("ascii"))
        case [b"signer", word]:
            return _signer(word)
    raise WireRefused("an answer of no known kind")


def _word(signer: Signer) -> bytes:
    match signer:
        case Signed(fingerprint, marks):
            return " ".join((fingerprint, *marks)).encode()
        case Unsigned():
            return b"unsigned"
        case UnknownSigner(altered):
            return b"altered" if altered else b"unknown"


def _signer(word: bytes) -> Signer:
    if word == b"unsigned":
        return Unsigned()
    if word in (b"unknown", b"altered"):
        return UnknownSigner(altered=word == b"altered")
    fingerprint, *marks = word.split(b" ")
    named = len(fingerprint) in _FINGERPRINT_LENGTHS and set(fingerprint) <= set(b"0123456789ABCDEF")
    if named and all(len(one) == _MARK_LENGTH and set(one) <= set(b"0123456789abcdef") for one in marks):
        return Signed(fingerprint.decode("ascii"), tuple(one.decode("ascii") for one in marks))
    raise WireRefused("a signer of no known kind")
