"""A readable text with a signature around it (RFC 9580 7), checked against one certificate, on any machine.

1. What counts is what was signed, as gpg gives it back: never what stands around it, nor what a file shows.
2. A key that has ended since made a good signature while it lived; one that was revoked may have been stolen.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from keys.openpgp import gpg, packets
from keys.refusal import Refused

LARGEST = 1024 * 1024  # octets: a receipt has two thousand
_BEGIN, _END = b"-----BEGIN PGP SIGNED MESSAGE-----", b"-----END PGP SIGNATURE-----"
_WEAK = frozenset({"1", "2", "3"})  # MD5, SHA-1, RIPEMD160 (RFC 9580 9.5)


class Standing(StrEnum):
    """What a look at it shows."""

    GOOD = "good"
    ALTERED = "altered"  # it is not what was signed, or holds more
    OTHER_KEY = "other_key"
    REVOKED = "revoked"  # good, but whoever owned the key has taken it back since
    UNSIGNED = "unsigned"


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found."""

    standing: Standing
    text: str = ""  # what was signed; "" unless GOOD
    fingerprint: str = ""  # of the key that signed it
    signed_at: datetime | None = None


def check(signed: bytes, public: bytes) -> Checked:
    """The text against the certificate in `public`, armored. Raises Refused when that is none."""
    try:
        ring = packets.dearmor(public)
        ours = packets.key_fingerprints(ring)
    except packets.NotPgp:
        raise Refused("this file holds no OpenPGP certificate") from None
    whole = signed.strip()
    if _BEGIN not in whole[:LARGEST] or len(whole) > LARGEST:
        return Checked(Standing.UNSIGNED)
    if not (whole.startswith(_BEGIN) and whole.endswith(_END) and whole.count(_BEGIN) == whole.count(_END) == 1):
        return Checked(Standing.ALTERED)
    with tempfile.TemporaryDirectory(prefix="k") as home:
        words = ["--no-default-keyring", "--keyring=/proc/self/fd/{0}", "--decrypt"]
        ran = gpg.run(Path(home), *words, stdin=whole + b"\n", also=[ring], most=LARGEST)
    return _judged(ran, ours)


def _judged(ran: gpg.Ran, ours: tuple[str, ...]) -> Checked:
    valid = [told.split() for told in ran.all("VALIDSIG")]
    if ran.all("BADSIG"):
        return Checked(Standing.ALTERED)
    if len(valid) != 1 or len(valid[0]) < 10 or valid[0][7] in _WEAK:
        return Checked(Standing.OTHER_KEY if ran.all("NO_PUBKEY") else Standing.ALTERED)
    by, at = valid[0][9], datetime.fromtimestamp(int(valid[0][2]), UTC)
    if by not in ours:
        return Checked(Standing.OTHER_KEY, fingerprint=by)
    if ran.all("REVKEYSIG"):
        return Checked(Standing.REVOKED, fingerprint=by, signed_at=at)
    return Checked(Standing.GOOD, ran.data.decode("utf-8", "replace"), by, at)
