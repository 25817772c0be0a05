"""By what a signature, or a sealed message, is known again when somebody sends it once more in another wrapping.

1. Only what nobody but its maker can change goes into a mark: not armor, not the recipients before sealed data nor
   how it is cut into pieces, not the part of a signature that it does not cover (RFC 9580 5.2.3, 4.2.1.4).
2. Two signatures of one key over different words, or made in different seconds, have different marks.

A sealed message that somebody else could open too, and sealed anew, has another mark: whoever seals an answer to
several is not protected from each of them.
"""

from __future__ import annotations

import hashlib

from keys.openpgp import packets


def mark_of_detached(signed: bytes, signature: bytes) -> str:
    """Of a signature that stands beside what it is over."""
    try:
        covered = packets.covered_part(packets.dearmor(signature))
    except packets.NotPgp:
        covered = signature
    return _digest(covered, b"".join(signed.split()))  # of a text, line ends and blanks may differ


def mark_of_sealed(message: bytes) -> str:
    """Of a message that was signed and sealed in one."""
    try:
        return _digest(packets.sealed_data(packets.dearmor(message)))
    except packets.NotPgp:
        return _digest(message)


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
