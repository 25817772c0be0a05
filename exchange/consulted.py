"""Consulted: which referrals name advice that was asked for before, so that both are kept from the same people.

Of the consultation nothing more is kept: the case has a keyed token that stands for the reference it names.
"""

from __future__ import annotations

import re

from exchange.case.referral import Referral
from exchange.store.matching import Token
from keys.vault import index_token

NAMED = "consultation"  # in the index, in the place of a subject
PREFIX = "CONS"  # of references: told to whoever asked, and written into a later referral
_WRITTEN = re.compile(rf"\b{PREFIX}\W{{0,3}}([0-9A-Z]{{4}})\W{{0,3}}([0-9A-Z]{{4}})\b")  # with or without its hyphens


def reference_in(text: str) -> str:
    """The reference of a consultation that somebody wrote, whatever stands around it; or ""."""
    found = _WRITTEN.search(text.upper())
    return "-".join((PREFIX, *found.groups())) if found else ""


def tokens(secret: bytes, referral: Referral) -> tuple[Token, ...]:
    """By what the referral is found from the consultation that it names; nothing when it names none."""
    named = reference_in(referral.referrer.get("consultation", ""))
    return (Token(token(secret, named), NAMED, 0),) if named else ()


def token(secret: bytes, reference: str) -> str:
    """What stands for a reference in the index."""
    return index_token(secret, NAMED, reference).hex()
