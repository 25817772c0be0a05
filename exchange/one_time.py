"""One-time codes for letters that are fetched: which contacts a sender can carry them to, and how one is made.

1. Six digits, ten minutes, five tries: who guesses gets in once in two hundred thousand times.
2. Ten codes a letter, one a minute: who cannot get in rings, and so does the desk.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from datetime import timedelta

from exchange.case.mailbox import Address, AddressRefused
from exchange.edge import Chance
from exchange.safe import digest
from templates.languages import say

DIGITS = 6
LIFETIME = timedelta(minutes=10)
PAUSE = timedelta(minutes=1)
MOST_TRIES, MOST_CODES = 5, 10


def is_address(contact: str) -> bool:
    """Whether it is a mail address; every other contact is a telephone number."""
    try:
        Address(contact)
    except AddressRefused:
        return False
    return True


def is_telephone(contact: str) -> bool:
    """Whether it is a telephone number."""
    return bool(contact) and not is_address(contact)


def nothing(contact: str) -> bool:
    """Of a hub that sends no codes."""
    return False


CARRIES: Mapping[str, Callable[[str], bool]] = {  # by what `[pickup] sender` says
    "mail": is_address,
    "http": is_telephone,
    "console": bool,
}


def masked(contact: str) -> str:
    """A contact as whoever may have it knows it, and nobody else does."""
    if is_address(contact):
        return say("a mailbox that begins with %(letter)s", letter=contact[0])
    digits = "".join(c for c in contact if c.isdigit())[-2:]
    return say("a telephone whose number ends in %(digits)s", digits=digits)


def make(chance: Chance) -> str:
    """A new code, every one as likely as any other."""
    most = 256**8 // 10**DIGITS * 10**DIGITS
    while (number := int.from_bytes(chance.bytes(8), "big")) >= most:
        pass
    return f"{number % 10**DIGITS:0{DIGITS}}"


def kept(secret: bytes, letter: str, code: str) -> str:
    """What is kept of a code, however it was typed."""
    return digest(secret, f"one-time\0{letter}\0{''.join(c for c in code if c.isdigit())}")


def is_right(secret: bytes, letter: str, typed: str, of: str | None) -> bool:
    """Whether this is the code, in a time that tells nothing."""
    return hmac.compare_digest(kept(secret, letter, typed).encode(), (of or "").encode())
