"""open_(): a stranger's ciphertext opened, its integrity proved and its signer judged; runs in a limited child.

1. Not one byte is released before integrity (MDC or AEAD) was proved to the end, and the end was reached.
2. Sequoia answers only for the whole good case: ours, intact, one valid signature by a certificate we hold. Anything
   else is asked of GnuPG, whose status lines are the verdict; what it cannot read at all is Sequoia's once more.
3. `Signed` needs exactly one signature, good, over the whole content, by a given certificate. Several signatures,
   weak hashes, expired and revoked signers are `UnknownSigner`: the content is read, and proves nothing about whose.
4. What is given bounds what may come out, in size and in ratio.
"""

from __future__ import annotations

import contextlib
import os
import resource
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pysequoia

from exchange.case.sealed import NotOpened, Opened, Plain, Signed, Signer, UnknownSigner, Unsigned
from keys.openpgp import gpg, packets, same, sixth

OUTPUT_MAX = 50 * 1024 * 1024  # octets: the largest mail we take is 35 MiB
RATIO_MAX = 200  # times its ciphertext: text shrinks ten times, a bomb a million times
RATIO_FREE = 1024 * 1024  # octets that may come out whatever went in
CPU_FREE, CPU_EACH = (
    1,
    20_000_000,
)  # seconds for any message, and octets for each further one: honest ones take a tenth
_SIGNATURE_WORDS = frozenset(
    {"NEWSIG", "GOODSIG", "BADSIG", "ERRSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG", "VALIDSIG"}
)
_WEAK_HASHES = frozenset({"1", "2", "3"})  # MD5, SHA-1, RIPEMD-160 (RFC 9580 9.5): as Sequoia judges
_BEYOND_GPG = NotOpened("malformed")
_SIGNATURE_MAX = 64 * 1024  # octets of a detached signature; one by RSA-4096 armored takes a thousand


@dataclass(frozen=True, slots=True)
class OpeningKey:
    """The hub's keys: the present one unlocked for Sequoia, all of them in gpg's home."""

    home: Path
    passphrase: str = field(repr=False)
    decryptor: pysequoia.PyDecryptor | None = field(repr=False)  # None: the key is on a card, and only gpg can use it


class Known:
    """Certificates that may have signed. Whatever else is in any keyring proves nothing."""

    def __init__(self, armored: Iterable[bytes]) -> None:
        self._by_key: dict[str, pysequoia.Cert] = {}
        self.fingerprints: set[str] = set()
        rings: list[bytes] = []
        for one in armored:
            try:
                binary = packets.dearmor(one)
                if not packets.is_whole_certificate(binary):
                    continue
                keys = packets.key_fingerprints(binary)
            except packets.NotPgp:  # one damaged certificate must not stop all mail
                continue
            self.fingerprints.update(keys[:1])
            if packets.key_version(binary) != sixth.VERSION:  # gpg 2.2 gives up on a keyring with one of these
                rings.append(binary)
            parsed = _parsed(one)
            if parsed is not None:
                self._by_key.update(dict.fromkeys(keys, parsed))
        self.ring = b"".join(rings)  # RFC 9580 10.1: certificates one after the other are a keyring gpg can read

    def certificates(self, ids: list[str]) -> list[pysequoia.Cert]:
        """Those living today to which keys with these ids or fingerprints belong.

        Sequoia takes an old signature by a key that has expired since; gpg does not, and is asked for the rest.
        """
        wanted = tuple(i.upper() for i in ids)
        found = {id(c): c for key, c in self._by_key.items() if key.endswith(wanted)}
        return [c for c in found.values() if _alive(c)]


def _alive(certificate: pysequoia.Cert) -> bool:
    end = certificate.expiration
    return not certificate.is_revoked and (end is None or end > datetime.now(UTC))


def _parsed(armored: bytes) -> pysequoia.Cert | None:
    try:
        return pysequoia.Cert.from_bytes(armored)
    except (RuntimeError, ValueError, OSError):  # Sequoia refuses it (weak self-signatures): gpg judges alone
        return None


def open_(ciphertext: bytes, key: OpeningKey, known: Known) -> Opened | NotOpened:
    """The content and who signed it, or a code for why there is none. Never raises for what a stranger wrote."""
    found = by_sequoia(ciphertext, key, known) or by_gnupg(ciphertext, key, known)
    if found == _BEYOND_GPG:
        return _by_sequoia_unverified(ciphertext, key) or found
    if isinstance(found, Opened) and isinstance(found.signer, Signed) and not found.signer.marks:
        return replace(found, signer=replace(found.signer, marks=_marks(ciphertext, key, known, found.signer)))
    return found


def _marks(ciphertext: bytes, key: OpeningKey, known: Known, signer: Signed) -> tuple[str, ...]:
    """Sequoia does not say when a signature was made that it found; GnuPG, asked for a signed message too, does."""
    again = by_gnupg(ciphertext, key, known)
    if isinstance(again, Opened) and again.signer == signer and isinstance(again.signer, Signed):
        return again.signer.marks
    return (same.mark_of_sealed(ciphertext),)


def _by_sequoia_unverified(ciphertext: bytes, key: OpeningKey) -> Opened | None:
    """What gpg 2.2 cannot read because its signature is of version 6, by somebody we do not hold: Sequoia proves its
    integrity as ever, and nothing about whose it is."""
    if key.decryptor is None or not _is_sealed(ciphertext):
        return None
    found = _decrypted(ciphertext, key.decryptor, None)
    return None if found is None or isinstance(found, NotOpened) else Opened(Plain(found[0]), UnknownSigner())


def by_sequoia(ciphertext: bytes, key: OpeningKey, known: Known) -> Opened | NotOpened | None:
    """Rule 2; None when GnuPG is to be asked."""
    asked: list[str] = []

    def store(ids: list[str]) -> list[pysequoia.Cert]:
        asked.extend(ids)
        return known.certificates(ids)

    if key.decryptor is None or not _is_sealed(ciphertext):
        return None
    found = _decrypted(ciphertext, key.decryptor, store)
    if found is None or isinstance(found, NotOpened):
        return found
    plain, signatures = found
    if len(signatures) != 1 or len(set(asked)) != 1:  # one valid among several is not the whole truth
        return None
    fingerprint = str(signatures[0].certificate).upper()
    return Opened(Plain(plain), Signed(fingerprint)) if fingerprint in known.fingerprints else None


def _decrypted(
    ciphertext: bytes, decryptor: pysequoia.PyDecryptor, store: Callable[[list[str]], list[pysequoia.Cert]] | None
) -> tuple[bytes, list[Any]] | NotOpened | None:
    """The content and its valid signatures; None when Sequoia cannot say. It writes into memory that is no file of
    any disk, bounded as files are: asked for octets instead, it takes what a bomb holds (rule 4)."""
    limit = _limit(ciphertext)
    with _bounded(ciphertext, limit) as (given, taken):
        try:
            found = pysequoia.decrypt_file(f"/proc/self/fd/{given}", f"/proc/self/fd/{taken}", decryptor, store)
        except Exception:  # noqa: BLE001 - compressed, tampered...: kind and text vary, so gpg judges
            return NotOpened("too_large") if os.fstat(taken).st_size > limit else None
        size = os.fstat(taken).st_size  # read only now, when integrity is proved to the end
        return NotOpened("too_large") if size > limit else (os.pread(taken, size, 0), found.valid_sigs)


@contextlib.contextmanager
def _bounded(held: bytes, limit: int) -> Iterator[tuple[int, int]]:
    """Two descriptors in memory: one that holds this, and one that takes a little more than `limit`."""
    given, taken = os.memfd_create("sealed", 0), os.memfd_create("opened", 0)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        os.pwrite(given, held, 0)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit + 1, before[1]))  # Python ignores the signal: writing fails
        yield given, taken
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        os.close(given)
        os.close(taken)


def _is_sealed(ciphertext: bytes) -> bool:
    """Asked to decrypt what is only signed, Sequoia hands out the content as if it had been encrypted (measured)."""
    try:
        found = packets.leading(ciphertext)
    except packets.NotPgp:
        return False
    return bool(found.key_ids) and found.container == packets.SEIPD


def by_gnupg(ciphertext: bytes, key: OpeningKey, known: Known) -> Opened | NotOpened:
    """The same by gpg alone."""
    limit = _limit(ciphertext)
    words, cpu = [*_keyring(known), "--decrypt"], seconds(ciphertext)
    ran = gpg.run(
        key.home, *words, stdin=ciphertext, passphrase=key.passphrase, also=[known.ring], most=limit, cpu=cpu
    )
    if len(ran.data) > limit:
        return NotOpened("too_large")
    why = _why_not(ran)
    return NotOpened(why) if why else Opened(Plain(ran.data), _signer(ran, known, ran.data))


def _keyring(known: Known) -> list[str]:
    """The given certificates beside the hub's own keyring, from memory: nothing is imported, nothing left behind."""
    return ["--keyring=/proc/self/fd/{0}"] if known.ring else []


def seconds(ciphertext: bytes) -> int:
    """Of processor time, which a busy machine does not stretch, for one engine."""
    return CPU_FREE + len(ciphertext) // CPU_EACH


def _limit(ciphertext: bytes) -> int:
    return min(OUTPUT_MAX, max(RATIO_FREE, RATIO_MAX * len(ciphertext)))


def _why_not(ran: gpg.Ran) -> str:
    """Empty when the one content was inside the one encryption, whole and intact (rule 1)."""
    order = [word for word, _ in ran.status]
    if "BEGIN_DECRYPTION" not in order or "ENC_TO" not in order:
        return "malformed"
    if "DECRYPTION_INFO" not in order:
        return "not_for_us"
    if ran.all("DECRYPTION_INFO")[0].split()[0] == "0" and not _aead(ran):
        return "no_integrity"
    if "DECRYPTION_OKAY" not in order or "GOODMDC" not in order or "DECRYPTION_FAILED" in order:
        return "tampered"
    return "" if _whole(ran, order) else "malformed"


def _aead(ran: gpg.Ran) -> bool:
    """DECRYPTION_INFO's third number: 0 for none (gpg's doc/DETAILS)."""
    numbers = ran.all("DECRYPTION_INFO")[0].split()
    return len(numbers) > 2 and numbers[2] != "0"


def _whole(ran: gpg.Ran, order: list[str]) -> bool:
    """One plaintext, no word of content or signature outside the one encryption, and as long as it said."""
    if order.count("PLAINTEXT") != 1 or order.count("BEGIN_DECRYPTION") != 1 or "END_DECRYPTION" not in order:
        return False
    start, end = order.index("BEGIN_DECRYPTION"), order.index("END_DECRYPTION")
    content = [at for at, word in enumerate(order) if word == "PLAINTEXT" or word in _SIGNATURE_WORDS]
    said = ran.all("PLAINTEXT_LENGTH")
    return all(start < at < end for at in content) and all(int(length) == len(ran.data) for length in said)


def _signer(ran: gpg.Ran, known: Known, content: bytes) -> Signer:
    """Rule 3; `content` is what it is over."""
    words = [word for word, _ in ran.status if word in _SIGNATURE_WORDS]
    if not words:
        return Unsigned()
    if sorted(words) != ["GOODSIG", "NEWSIG", "VALIDSIG"]:
        return UnknownSigner(altered=sorted(words) == ["BADSIG", "NEWSIG"])  # gpg holds the key, and it does not fit
    told = ran.all("VALIDSIG")[0].split()  # gpg's doc/DETAILS: hash is the eighth field, the primary key the tenth
    if len(told) < 10 or told[7] in _WEAK_HASHES or told[9] not in known.fingerprints:
        return UnknownSigner()
    made_at = int(told[2]) if told[2].isdigit() else 0  # the third: when it was made
    return Signed(told[9], (same.mark(told[9], made_at, content),))


def verify_detached(signed: bytes, signature: bytes, key: OpeningKey, known: Known) -> Signer:
    """Who signed exactly these octets (RFC 3156 5)."""
    try:
        kinds = packets.tags(packets.dearmor(signature[:_SIGNATURE_MAX]))
    except packets.NotPgp:
        return UnknownSigner()
    if kinds != (packets.SIGNATURE,):
        return UnknownSigner()
    fingerprint = _detached_by_sequoia(signed, signature, known)
    if fingerprint in known.fingerprints:
        return Signed(fingerprint, (same.mark_of_detached(fingerprint, signed, signature),))
    words = [*_keyring(known), "--enable-special-filenames", "--verify", "--", "-&{1}", "-"]
    ran = gpg.run(key.home, *words, stdin=signed, also=[known.ring, signature], cpu=seconds(signed))
    found = _signer(ran, known, signed)
    return UnknownSigner() if isinstance(found, Unsigned) else found


def _detached_by_sequoia(signed: bytes, signature: bytes, known: Known) -> str:
    try:
        sig = pysequoia.Sig.from_bytes(signature)
        found = pysequoia.verify(bytes=signed, store=known.certificates, signature=sig).valid_sigs
    except (RuntimeError, ValueError, TypeError, OSError):
        return ""
    return str(found[0].certificate).upper() if len(found) == 1 else ""
