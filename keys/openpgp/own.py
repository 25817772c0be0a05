"""The hub's own keys in gpg's home: those there are, a new one beside an old one, and one that comes back from paper.

1. An old key is never deleted: mail to it is opened by gpg as long as it lies here.
2. The old key vouches for the new one before it ends: whoever trusts it can check that.
3. A key on a card is used where it is: nothing here exports it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from keys.openpgp import gpg, packets
from keys.openpgp.keyring import KeyRefused

_REVOCATIONS = "openpgp-revocs.d"  # where gpg puts a revocation certificate when it makes a key


@dataclass(frozen=True, slots=True)
class Own:
    """One key whose secret half is ours."""

    fingerprint: str
    made: datetime
    until: datetime | None  # None: it has no end
    revoked: bool
    on_card: bool

    def good(self, now: datetime) -> bool:
        """Whether others can still write to it."""
        return not self.revoked and (self.until is None or self.until > now)


def own_keys(home: Path) -> tuple[Own, ...]:
    """Every key of ours, the oldest first (gpg's doc/DETAILS: validity is field 2, times 6 and 7, the card 15)."""
    ran = gpg.run(home, "--with-colons", "--fixed-list-mode", "--list-secret-keys")
    rows = [line.split(":") for line in ran.data.decode("utf-8", "replace").splitlines()]
    found, primary = [], None
    for row in rows:
        if row[0] == "sec":
            primary = row
        elif row[0] == "fpr" and primary is not None:
            found.append(_own(primary, row[9]))
            primary = None  # what follows are the fingerprints of its subkeys
    return tuple(sorted(found, key=lambda key: key.made))


def _own(row: list[str], fingerprint: str) -> Own:
    until = datetime.fromtimestamp(int(row[6]), UTC) if row[6] else None
    card = len(row) > 14 and row[14] not in ("", "+", "#")
    return Own(fingerprint.upper(), datetime.fromtimestamp(int(row[5]), UTC), until, row[1] == "r", card)


def revocation_of(home: Path, fingerprint: str) -> Path | None:
    """The file with the revocation certificate that gpg made with the key; None when it is not here."""
    file = home / _REVOCATIONS / f"{fingerprint}.rev"
    return file if file.is_file() else None


def vouch(home: Path, passphrase: str, old: str, new: str) -> None:
    """Let the old key certify the new one. Raises KeyRefused."""
    words = (f"--default-key={old}", "--quick-sign-key", new)
    if gpg.run(home, "--yes", *words, passphrase=passphrase).code:
        raise KeyRefused(f"{old} cannot sign {new}: has the old key expired, or is its card not there?")


def end(home: Path, passphrase: str, fingerprint: str, until: datetime) -> None:
    """Let a key of ours, and what belongs to it, end then. Raises KeyRefused."""
    when = f"{until.astimezone(UTC):%Y%m%dT%H%M%S}"
    for words in ((), ("*",)):
        done = gpg.run(home, "--quick-set-expire", fingerprint, when, *words, passphrase=passphrase)
        if done.code:
            raise KeyRefused(f"the end of {fingerprint} could not be set: is it in this keyring, and not on a card?")


def bring_back(home: Path, passphrase: str, secret: bytes) -> str:
    """Take a secret key that was on paper; its fingerprint. Raises KeyRefused, and takes nothing, for anything else
    and for a key under another passphrase."""
    try:
        kinds = packets.tags(packets.dearmor(secret))
    except packets.NotPgp:
        raise KeyRefused("this is not an OpenPGP key") from None
    if kinds[:1] != (packets.SECRET_KEY,) or kinds.count(packets.SECRET_KEY) != 1:
        raise KeyRefused("this is not one secret key")
    gpg.prepare(home)
    before = {key.fingerprint for key in own_keys(home)}
    ran = gpg.run(home, "--import", stdin=secret, passphrase=passphrase)
    named = [line.split()[1] for line in ran.all("IMPORT_OK") if len(line.split()) > 1]
    if not named:
        raise KeyRefused("gpg did not take this key: is the keyring's folder ours, and is there room?")
    fingerprint = named[0].upper()
    if gpg.run(home, f"--local-user={fingerprint}", "--detach-sign", stdin=b"trial", passphrase=passphrase).code:
        if fingerprint not in before:
            gpg.run(home, "--yes", "--delete-secret-and-public-key", fingerprint)
        raise KeyRefused("this key has another passphrase: it needs the master.key that it was made under")
    return fingerprint
