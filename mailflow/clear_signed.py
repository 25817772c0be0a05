"""Text signed in clear (RFC 9580 7): the words without the armor around them, and what the signature is over.

1. A signature counts for a mail only when its text is all that the mail shows: nothing above, below or beside it.
2. Inside, a line that begins with a hyphen is escaped; one that is not would be read as armor by some, as text by
   others: then there is no signature to speak of.
"""

from __future__ import annotations

import re

from mailflow.entity import Entity
from mailflow.parsed_mail import SignedPart

BEGIN = "-----BEGIN PGP SIGNED MESSAGE-----"
PROTOCOL = "application/pgp-signature"
_SIGNATURE = b"-----BEGIN PGP SIGNATURE-----"
_WHOLE = re.compile(
    rb"\s*-----BEGIN PGP SIGNED MESSAGE-----[ \t]*\r?\n(?:Hash:[^\r\n]{0,100}\r?\n){0,5}[ \t]*\r?\n"
    rb"(?P<text>.*?)\r?\n(?P<signature>-----BEGIN PGP SIGNATURE-----[ \t]*\r?\n.*?-----END PGP SIGNATURE-----)\s*",
    re.DOTALL,
)


def signed(root: Entity) -> SignedPart | None:
    """The signature over all of a mail of one text part; None for any other, and for text around it (rule 1)."""
    if root.children or root.content_type != "text/plain" or _SIGNATURE not in root.content:
        return None
    found = _WHOLE.fullmatch(root.content)
    if found is None or found["signature"].count(b"-----BEGIN") != 1:
        return None
    lines = found["text"].replace(b"\r\n", b"\n").split(b"\n")
    if any(line.startswith(b"-") and not line.startswith(b"- ") for line in lines):
        return None
    octets = b"\r\n".join(line.removeprefix(b"- ").rstrip(b" \t\r") for line in lines)
    return SignedPart(PROTOCOL, octets, found["signature"] + b"\n", covers_all=True)


def words(text: str) -> str:
    """The text without armor, wherever it stands: what is left was not all signed."""
    if BEGIN not in text:
        return text
    kept: list[str] = []
    state = "out"
    for line in text.split("\n"):
        state, line_kept = _read(state, line)
        kept += line_kept
    return "\n".join(kept).strip("\n")


def _read(state: str, line: str) -> tuple[str, list[str]]:
    """The state after this line, and the line if it is anybody's words."""
    marker = line.rstrip()
    match state:
        case "head":  # Hash: SHA512, until the empty line
            return ("head" if marker else "in"), []
        case "in":
            return ("signature", []) if marker == _SIGNATURE.decode() else ("in", [line.removeprefix("- ")])
        case "signature":
            return ("out" if marker == "-----END PGP SIGNATURE-----" else "signature"), []
        case _:
            return ("head", []) if marker == BEGIN else ("out", [line])
