"""Who can read this? The types that keep a case's plaintext away from everything that must not carry it.

1. `Plain` never shows its content in a repr, a log line or a traceback.
2. Only `Sealed`, `TlsOnly` and `PublicNotice` may be handed to a mail sender. What is to be fetched stays here.
3. Integrity and signature are two verdicts: an `Opened` exists only when integrity was proved, and says
   separately who signed (or that nobody known did). S/MIME's usual cipher proves none (RFC 8551 2.7): there the
   signature inside is what proves it. What carries a broken one is not opened; what has none is read, and marked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Plain:
    """Readable content of a case. Lives in memory only, for as short a time as possible."""

    data: bytes = field(repr=False)

    def __str__(self) -> str:
        return f"Plain({len(self.data)} bytes)"


@dataclass(frozen=True, slots=True)
class Signed:
    """A valid signature over the whole content by a certificate we hold; whether it counts is decided by pin."""

    fingerprint: str  # of the primary key, 40 (v4) or 64 (v6) upper-case hex digits
    # By what this signature is known again when it is sent once more, in whatever wrapping: digests in hex
    marks: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class UnknownSigner:
    """Signed, but by a key we do not hold, or the signature could not be verified: proves nothing."""

    altered: bool = False  # the signature is of other octets than these: they were changed after it was made


@dataclass(frozen=True, slots=True)
class Unsigned:
    """No signature at all. Read, and marked."""


Signer = Signed | UnknownSigner | Unsigned


@dataclass(frozen=True, slots=True)
class Opened:
    """Ciphertext addressed to us, opened, its integrity (MDC or AEAD) proved to the end; see rule 3 for S/MIME."""

    plain: Plain
    signer: Signer


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """What stands readable inside a signature (S/MIME's signed-data): nobody sealed it."""

    plain: Plain
    signer: Signer
    intact: bool  # False: the signature is not of these octets


@dataclass(frozen=True, slots=True)
class NotOpened:
    """Ciphertext that gave nothing: `why` is a code (`not_for_us`, `tampered`, `no_integrity`, `too_large`,
    `malformed`, `timeout`, `crashed`), never content."""

    why: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """A whole mail message (RFC 5322 bytes, CRLF) whose content only `fingerprint`'s holder can read."""

    message: bytes = field(repr=False)
    fingerprint: str
    recipient: str = field(repr=False)  # the one address it may be sent to


@dataclass(frozen=True, slots=True)
class TlsOnly:
    """A readable message that may travel only over verified TLS to a mailbox with dated evidence for it."""

    message: bytes = field(repr=False)
    recipient: str = field(repr=False)
    servers: tuple[str, ...] = ()  # that may take it: names, or *.domain for one label more (RFC 8461 4.1)


@dataclass(frozen=True, slots=True)
class PublicNotice:
    """A message that says nothing about anybody: it may be read by whoever carries it."""

    message: bytes = field(repr=False)
    recipient: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ToFetch:
    """A letter that stays here until somebody fetches it, and the notice of it, which is all that is sent."""

    notice: PublicNotice
    content: Plain
    until: datetime


Sendable = Sealed | TlsOnly | PublicNotice
