"""By what a signature is known again when somebody sends it once more in another wrapping.

1. Only what nobody but its maker can change goes into a mark: whose it is, when it was made, and the words that it is
   over. So it is the same beside them, sealed with them, and sealed anew by whoever else could read it.
2. Two signatures of one key over different words, or made in different seconds, have different marks.

What GnuPG cannot verify (version 6) is known again as it came: sealed anew it is another.
"""

from __future__ import annotations

import hashlib

from keys.openpgp import packets


def mark(fingerprint: str, made_at: int, words: bytes) -> str:
    """Of a signature made in that second. Of a text, line ends and blanks may differ."""
    return _digest(fingerprint.encode(), b"%d" % made_at, b"".join(words.split()))


def mark_of_detached(fingerprint: str, signed: bytes, signature: bytes) -> str:
    """Of a signature that stands beside what it is over."""
    try:
        binary = packets.dearmor(signature)
        made_at = packets.signed_at(binary)
        covered = packets.covered_part(binary)
    except packets.NotPgp:
        made_at, covered = 0, signature
    return mark(fingerprint, made_at, signed) if made_at else _digest(covered, b"".join(signed.split()))


def mark_of_sealed(message: bytes) -> str:
    """Of a message that was signed and sealed in one, as it came, but for the recipients before its data and the
    pieces that those are cut into (RFC 9580 4.2.1.4)."""
    try:
        return _digest(packets.sealed_data(packets.dearmor(message)))
    except packets.NotPgp:
        return _digest(message)


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
