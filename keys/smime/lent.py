"""S/MIME files that somebody lends to a command which only looks at mail: keys that may open, certificates that may
verify. The folder of the hub's own keys (identity.py) may be lent too; its directory's certificates are elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from keys.refusal import Refused
from keys.smime import certificate, identity

SUFFIXES = (".pem", ".crt", ".cer", ".der", ".p12", ".pfx")
_UNLOCK = "openssl pkcs12 -in FILE.p12 -nodes -out FILE.pem"


class LentRefused(Refused):
    """These S/MIME files cannot be used; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Lent:
    """What a folder holds."""

    certificates: dict[str, bytes]  # PEM, by fingerprint: those of the keys too
    keys: tuple[bytes, ...] = field(repr=False)  # each locked with the passphrase, as the opener is given them


def lent(folder: Path, passphrase: str, opens: str = "") -> Lent:
    """The S/MIME files of a folder; nothing is written there. `opens` opens the hub's own keys, and the folder is
    theirs. Raises LentRefused, or IdentityRefused for another's `opens`."""
    if not folder.is_dir():
        raise LentRefused(f"{folder} is no folder: name one with S/MIME files ({', '.join(SUFFIXES)})")
    if opens:
        ours = [identity.opened(file, opens) for file in identity.kept(folder).all]
        public = {one.certificate.fingerprint: one.certificate.pem for one in ours}
        return Lent(public, tuple(identity.locked(one, passphrase) for one in ours))
    certificates, keys = dict[str, bytes](), list[bytes]()
    for file in sorted(one for one in folder.iterdir() if one.suffix.lower() in SUFFIXES):
        data = file.read_bytes()
        try:
            if certificate.holds_private_key(data):
                own = identity.given(data, "")
                keys.append(identity.locked(own, passphrase))
                found = [own.certificate]
            else:
                found = certificate.of_people(data)
        except identity.IdentityRefused as wrong:
            raise LentRefused(f"{file}: {wrong}. A key must have no password here: {_UNLOCK}") from None
        except certificate.CertificateRefused as wrong:
            raise LentRefused(f"{file}: {wrong}") from None
        certificates |= {one.fingerprint: one.pem for one in found}
    return Lent(certificates, tuple(keys))
