"""To whom sealed octets of either kind are addressed, read without any engine."""

from __future__ import annotations

from keys.openpgp import packets
from keys.smime import envelope

_DER = b"\x30"  # a SEQUENCE: OpenPGP begins with an armor line, or an octet whose highest bit is set


def recipient_key_ids(sealed: bytes) -> tuple[str, ...]:
    """The key ids that an OpenPGP message or an S/MIME envelope names. Raises Refused when it is neither."""
    if sealed.startswith(_DER):
        return envelope.recipient_key_ids(sealed)
    return packets.recipient_key_ids(sealed)
