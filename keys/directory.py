"""Is this certificate usable today, and for how long? A pure judgement, of either kind; `now` is given.

1. Of an OpenPGP certificate the encryption key is judged by its newest self-signature, not the primary key alone.
2. What is not clearly usable is not usable; the reason is a code that a person's words are found for elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from keys.openpgp.certificate import Certificate
from keys.smime.certificate import SmimeCertificate

AnyCertificate = Certificate | SmimeCertificate
NOTICE_DAYS = (90, 30, 7)  # before the end: ask for renewal while the old key still works, then twice more
AMBER, RED = timedelta(days=90), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Usable:
    """It may be sealed to now."""

    key_ids: tuple[str, ...]  # the encryption keys that are alive now
    until: datetime | None  # None: it never expires


@dataclass(frozen=True, slots=True)
class NotUsable:
    """It may not; `why` is `key_revoked`, `key_disabled`, `key_weak`, `key_expired`, `key_not_yet_valid` or
    `key_cannot_encrypt`; or the hub lacks what it takes: `no_smime` (nothing to sign with), `key_needs_sequoia`."""

    why: str


class Health(StrEnum):
    """A certificate's state as a service level."""

    GREEN = "green"  # more than 90 days left, or no end
    AMBER = "amber"  # 90 days or less, or it holds together by SHA-1
    RED = "red"  # 7 days or less, or not usable


def usable(certificate: AnyCertificate, now: datetime) -> Usable | NotUsable:
    """Whether it may be sealed to at this moment."""
    return _smime(certificate, now) if isinstance(certificate, SmimeCertificate) else _openpgp(certificate, now)


def _smime(certificate: SmimeCertificate, now: datetime) -> Usable | NotUsable:
    if certificate.weak:
        return NotUsable("key_weak")
    if certificate.why_never:
        return NotUsable("key_cannot_encrypt")
    if now < certificate.not_before:
        return NotUsable("key_not_yet_valid")
    if _over(certificate.expires, now):
        return NotUsable("key_expired")
    return Usable(certificate.encryption_key_ids, certificate.expires)


def _openpgp(certificate: Certificate, now: datetime) -> Usable | NotUsable:
    if certificate.revoked:
        return NotUsable("key_revoked")
    if certificate.disabled:
        return NotUsable("key_disabled")
    if certificate.weak:
        return NotUsable("key_weak")
    if not certificate.encryption_keys:
        return NotUsable("key_cannot_encrypt")
    alive = tuple(key.id for key in certificate.encryption_keys if not _over(key.expires, now))
    if not alive or _over(certificate.expires, now):
        return NotUsable("key_expired")
    return Usable(alive, certificate.encryption_expires)


def _over(end: datetime | None, now: datetime) -> bool:
    return end is not None and end <= now


def health(certificate: AnyCertificate, now: datetime) -> Health:
    """Green, amber or red today; of one that only signs, whether it still may."""
    found = usable(certificate, now)
    if isinstance(certificate, SmimeCertificate) and certificate.signs_only and certificate.valid(now):
        found = Usable((), certificate.expires)
    if isinstance(found, NotUsable):
        return Health.RED
    due = isinstance(certificate, Certificate) and certificate.weakly_signed
    if found.until is None or found.until - now > AMBER:
        return Health.AMBER if due else Health.GREEN
    return Health.AMBER if found.until - now > RED else Health.RED


def notice_due(certificate: AnyCertificate, now: datetime) -> int | None:
    """The latest of the 90, 30 and 7 day marks that has been passed; None while there is time, or when it is over."""
    found = usable(certificate, now)
    if isinstance(found, NotUsable) or found.until is None:
        return None
    left = found.until - now
    return min((days for days in NOTICE_DAYS if left <= timedelta(days=days)), default=None)
