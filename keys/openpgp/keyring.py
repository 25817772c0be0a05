"""The keyring: gpg's home on this node, in which keys are made, taken in, listed and exported.

1. A certificate is taken by its full fingerprint, given by somebody who read it out; never by address.
2. Nothing of a stranger's file touches the keyring before it has passed every check in a home of its own.
3. The keyring merges and never forgets: a revocation seen once stays, whatever older copy arrives later.
"""

from __future__ import annotations

import contextlib
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import gnupg
import pysequoia

from keys.directory import NotUsable, usable
from keys.openpgp import gpg, packets, sixth
from keys.openpgp.certificate import Certificate, from_listing
from keys.openpgp.seal import Engine, HubKey
from keys.refusal import Refused

__all__ = ["Certificate", "HubKey", "KeyRefused", "KeyReport", "Keyring", "OpenerKeys"]

HUB_KEY_LIFE = "2y"  # renewed yearly (README.md), so a year is left when somebody forgets
FILE_MAX = (
    1024 * 1024
)  # octets of a key file; the largest honest ones, with photographs and a thousand names, are less
_PROBE = b"A trial: can this certificate be encrypted to?\n"
WHY = {  # in words for whoever brought it
    "key_revoked": "its holder has revoked this key: ask for the new one",
    "key_disabled": "this key is disabled: ask for another one",
    "key_weak": "this key is too short to be safe (below 2048 bits): ask its holder to make a new one",
    "key_expired": "this key has expired: ask for it again after its holder has renewed it",
    "key_cannot_encrypt": "this key can sign but not receive encrypted mail: ask for one with an encryption subkey",
}


class KeyRefused(Refused):
    """This key is not taken; the text says why and what to ask its holder for."""


@dataclass(frozen=True, slots=True)
class KeyReport:
    """What is in a key file, found without importing it."""

    fingerprint: str  # "" for a private key: it must not be looked at further
    is_private: bool
    keys: int  # how many primary keys the file holds
    certificate: Certificate | None = None
    gpg_seals: bool = False  # a trial encryption worked
    sequoia_seals: bool = False


@dataclass(frozen=True, slots=True)
class OpenerKeys:
    """What the child that opens strangers' ciphertext is given, over a pipe."""

    home: Path
    fingerprint: str
    secret: bytes = field(repr=False)  # the hub's key, still protected by its passphrase; b"": gpg alone may use it
    passphrase: str = field(repr=False)
    smime: tuple[bytes, ...] = field(default=(), repr=False)  # the hub's S/MIME keys, still encrypted
    smime_passphrase: str = field(default="", repr=False)


class Keyring:
    """One home of gpg. Its methods run gpg and block: call them in a thread."""

    def __init__(self, home: Path, passphrase: str) -> None:
        self.home, self._passphrase = home, passphrase
        self._gpg: gnupg.GPG | None = None
        self._listed: dict[
            str, Certificate
        ] = {}  # a listing of a thousand keys costs half a second: never per message
        self._taken: set[bytes] = set()
        self._lock = threading.RLock()

    def __repr__(self) -> str:
        return f"Keyring({str(self.home)!r})"

    @property
    def _tool(self) -> gnupg.GPG:
        with self._lock:
            if self._gpg is None:
                self._gpg = _tool(self.home)
            return self._gpg

    def make_hub_key(self, address: str, name: str) -> str:
        """A new key for the hub (ed25519 to sign, cv25519 to receive); its fingerprint. Raises KeyRefused."""
        if not (name + address).isprintable():  # a line break would be a further instruction to gpg
            raise KeyRefused("the hub's name and address must be one line of printable text")
        wanted = self._tool.gen_key_input(
            key_type="eddsa", key_curve="ed25519", key_usage="sign,cert",
            subkey_type="ecdh", subkey_curve="cv25519", subkey_usage="encrypt",
            name_real=name, name_email=address, expire_date=HUB_KEY_LIFE,
            preferences=gpg.PREFERENCES, passphrase=self._passphrase,
        )  # fmt: skip
        made = self._tool.gen_key(wanted)
        if not made.fingerprint:  # on a busy machine gpg gives its agent five seconds to come up, and then gives up
            made = self._tool.gen_key(wanted)
        if not made.fingerprint:
            raise KeyRefused("gpg could not make the hub's key: look at its folder's owner and free space")
        return str(made.fingerprint).upper()

    def export_public(self, fingerprint: str, *, minimal: bool = False) -> str:
        """The armored certificate; `minimal` leaves out what others certified. Raises KeyRefused when it is not
        here."""
        armored = str(self._tool.export_keys(_full(fingerprint), minimal=minimal))
        if not armored:
            raise KeyRefused(f"{fingerprint} is not in the keyring")
        return armored

    def export_secret(self, fingerprint: str) -> bytes:
        """The secret key, still protected by its passphrase. Raises KeyRefused."""
        secret = bytes(
            self._tool.export_keys(_full(fingerprint), secret=True, armor=False, passphrase=self._passphrase)
        )
        if not secret:
            raise KeyRefused(f"the secret key of {fingerprint} is not in the keyring, or has another passphrase")
        return secret

    def hub_key(self, fingerprint: str, engine: Engine = Engine.SEQUOIA) -> HubKey:
        """The hub's key, unlocked for signing; for GnuPG it stays in the keyring. Raises KeyRefused."""
        if engine is Engine.GNUPG:
            return HubKey(fingerprint, None, self._tool, self._passphrase)
        secret = self.export_secret(fingerprint)
        try:
            signer = pysequoia.Tsk.from_bytes(secret).signer(self._passphrase)
        except (RuntimeError, ValueError, OSError):  # its text could describe the key
            raise KeyRefused(f"the hub's key {fingerprint} cannot sign: it has expired, or was revoked") from None
        return HubKey(fingerprint, signer, self._tool, self._passphrase)

    def clearsign(self, text: str, fingerprint: str) -> str:
        """The text, readable, signed by our own key. Raises KeyRefused."""
        signed = self._tool.sign(text, keyid=_full(fingerprint), passphrase=self._passphrase, clearsign=True)
        if not signed.data:
            raise KeyRefused(f"{fingerprint}: the key cannot sign: is it in this keyring, and not expired?")
        return bytes(signed.data).decode()

    def opener_keys(self, fingerprint: str, engine: Engine = Engine.SEQUOIA) -> OpenerKeys:
        """What keys.opener needs to open mail to the hub, to its present key and to older ones."""
        secret = b"" if engine is Engine.GNUPG else self.export_secret(fingerprint)
        return OpenerKeys(self.home, fingerprint, secret, self._passphrase)

    def inspect(self, armored: bytes) -> KeyReport:
        """What a key file holds and whether it can be encrypted to, without importing it. Raises KeyRefused."""
        kinds, fingerprints = _look(armored)
        if packets.SECRET_KEY in kinds or packets.SECRET_SUBKEY in kinds:
            return KeyReport("", is_private=True, keys=kinds.count(packets.SECRET_KEY))
        count = kinds.count(packets.PUBLIC_KEY)
        if count != 1:
            return KeyReport("", is_private=False, keys=count)
        if _is_sixth(armored):
            of_six = _described(armored)
            return KeyReport(of_six.fingerprint, False, 1, of_six, False, bool(of_six.encryption_keys))
        with _elsewhere() as trial:
            trial.import_keys(armored)
            certificate = _list(trial, fingerprints[0], armored)
            seals = bool(trial.encrypt(_PROBE, certificate.fingerprint).ok)
        return KeyReport(certificate.fingerprint, False, 1, certificate, seals, not certificate.gpg_only)

    def add(self, armored: bytes, fingerprint: str, now: datetime) -> Certificate:
        """Take a certificate that passes every check; with a fingerprint, that one and no other. Raises KeyRefused in
        words for the person who brought it."""
        report, wanted = self.inspect(armored), _full(fingerprint) if fingerprint else ""
        if report.is_private:
            raise KeyRefused("this file holds a PRIVATE key. Delete it, tell its owner, and ask for the public key")
        if report.certificate is None and (named := packets.taken_back(packets.dearmor(armored))):
            raise KeyRefused(f"this file is no key, but takes back the key {named}")
        if report.certificate is None:
            raise KeyRefused(f"this file holds {report.keys} keys: ask for a file with one public key")
        if wanted and report.fingerprint != wanted:
            raise KeyRefused(
                f"the fingerprint does not match: the file's key is {report.fingerprint}. "
                "Ring the agency on a number you already have, and have them read theirs out"
            )
        found = usable(report.certificate, now)
        if isinstance(found, NotUsable):
            raise KeyRefused(WHY[found.why])
        seals = report.sequoia_seals if report.certificate.profile == "v6" else report.gpg_seals
        if not seals:
            raise KeyRefused("a trial encryption to this key failed: ask its holder for a newer one")
        taken = self.load(armored, report.fingerprint)
        if isinstance(usable(taken, now), NotUsable):  # rule 3: merged with what was seen before
            raise KeyRefused("an earlier copy of this key was revoked or cannot be used: ask for the new one")
        return taken

    def load(self, armored: bytes, fingerprint: str) -> Certificate:
        """A pinned certificate, put into this node's keyring first if need be. Raises KeyRefused."""
        wanted = _full(fingerprint)
        with self._lock:
            if armored not in self._taken:
                kinds, found = _look(armored)
                if found[:1] != (wanted,) or kinds.count(packets.PUBLIC_KEY) != 1 or packets.SECRET_KEY in kinds:
                    raise KeyRefused("the stored certificate is not the one that was pinned")
                if _is_sixth(armored):
                    self._listed[wanted] = _described(armored)
                else:
                    self._tool.import_keys(armored)
                    self._listed.pop(wanted, None)
                self._taken.add(armored)
            return self.certificate(wanted)

    def certificate(self, fingerprint: str) -> Certificate:
        """A certificate in the keyring. Raises KeyRefused when it is not here."""
        wanted = _full(fingerprint)
        with self._lock:
            if wanted not in self._listed:
                self._listed[wanted] = _list(self._tool, wanted, self.export_public(wanted).encode())
            return self._listed[wanted]

    def remove(self, fingerprint: str) -> None:
        """Forget a certificate."""
        wanted = _full(fingerprint)
        with self._lock:
            self._tool.delete_keys(wanted)
            self._listed.pop(wanted, None)
            self._taken.clear()

    def close(self) -> None:
        """End the agent that gpg started here."""
        if self._gpg is not None:
            gpg.end_agent(self.home)


def certificates_in(home: Path) -> dict[str, bytes]:
    """Every certificate of somebody's gpg home, by fingerprint; nothing is written there. Raises KeyRefused."""
    if not home.is_dir():
        raise KeyRefused(f"{home} is no folder: name a gpg home, for example ~/.gnupg")
    tool = _reading(gnupg.GPG(gpg.program("gpg"), gnupghome=str(home)))
    fingerprints = [str(key["fingerprint"]) for key in tool.list_keys()]
    return {found: str(tool.export_keys(found)).encode() for found in fingerprints}


def _tool(home: Path) -> gnupg.GPG:
    gpg.prepare(home)
    options = [*gpg.OPTIONS, f"--default-preference-list={gpg.PREFERENCES}"]
    return _reading(gnupg.GPG(gpg.program("gpg"), gnupghome=str(home), options=options))


def _reading(tool: gnupg.GPG) -> gnupg.GPG:
    # Names in old keys are in whatever their maker's machine used: one of them must not stop a whole listing.
    tool.encoding, tool.decode_errors = "utf-8", "replace"
    return tool


@contextlib.contextmanager
def _elsewhere() -> Iterator[gnupg.GPG]:
    """A keyring of its own, gone afterwards (rule 2)."""
    with tempfile.TemporaryDirectory(prefix="k") as home:
        try:
            yield _tool(Path(home))
        finally:
            gpg.end_agent(Path(home))


def _full(fingerprint: str) -> str:
    """The fingerprint as gpg writes it; anything shorter is not a name for a key."""
    text = "".join(fingerprint.split()).upper()
    if len(text) not in (40, 64) or not set(text) <= set("0123456789ABCDEF"):
        raise KeyRefused("a fingerprint has 40 (or 64) digits 0-9 and A-F: ask for the whole of it")
    return text


def _look(armored: bytes) -> tuple[tuple[int, ...], tuple[str, ...]]:
    if len(armored) > FILE_MAX:
        raise KeyRefused("this file is too large for a key")
    try:
        binary = packets.dearmor(armored)
        return packets.tags(binary), packets.key_fingerprints(binary)
    except packets.NotPgp:
        raise KeyRefused("this is not an OpenPGP key file: ask for the public key as an .asc file") from None


def _list(tool: gnupg.GPG, fingerprint: str, armored: bytes) -> Certificate:
    found: list[dict[str, Any]] = [k for k in tool.list_keys(keys=[fingerprint]) if k["fingerprint"] == fingerprint]
    if len(found) != 1:
        raise KeyRefused("gpg cannot use this key: ask for one made in the last ten years, for GnuPG 2 or RFC 4880")
    weakly = packets.is_weakly_signed(packets.dearmor(armored))
    return from_listing(found[0], armored, gpg_only=not _sequoia_seals(armored), weakly_signed=weakly)


def _is_sixth(armored: bytes) -> bool:
    try:
        return packets.key_version(packets.dearmor(armored)) == sixth.VERSION
    except packets.NotPgp:
        return False


def _described(armored: bytes) -> Certificate:
    try:
        return sixth.described(armored)
    except sixth.SixthRefused:
        raise KeyRefused("this key of version 6 (RFC 9580) cannot be used: ask its holder for another one") from None


def _sequoia_seals(armored: bytes) -> bool:
    """Whether it seals to it in what every client can read: to a v4 key that says it takes SEIPDv2 it writes that."""
    try:
        trial = pysequoia.encrypt(_PROBE, recipients=[pysequoia.Cert.from_bytes(armored)])
        return packets.leading(trial).version == 1
    except (RuntimeError, ValueError, TypeError, OSError):
        return False
