"""DKIM and ARC signatures of one mail, verified in the limited child (reader.py): its octets are a stranger's, and
what dkimpy does with them can take hours (a megabyte of spaces, eight million folds).

1. The child can ask nobody: the keys are looked up before, by the names that the mail's headers give (`key_names`).
2. A key that could not be looked up is `temperror`; one that was not asked for never proves anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import dkim

from mailflow import arc_chain
from mailflow.arc_chain import MOST_SEALS, NO_CHAIN, Chain

MOST_SIGNATURES = 5  # judged in one mail: each costs a look-up and a verification
Keys = Mapping[str, bytes | None]  # the TXT record of each name, b"" for none; None when nothing can be known
_KEYED = frozenset({"dkim-signature", "arc-seal", "arc-message-signature"})


class _NotKnown(Exception):
    """Nothing is known either way of this key."""


@dataclass(frozen=True, slots=True)
class DkimVerdict:
    """One signature."""

    domain: str
    selector: str
    valid: bool
    why: str = ""  # "" when valid; otherwise length, from, broken, temperror


@dataclass(frozen=True, slots=True)
class Signatures:
    """All that a mail bears."""

    dkim: tuple[DkimVerdict, ...] = ()
    arc: Chain = NO_CHAIN


UNREADABLE = Signatures((DkimVerdict("", "", valid=False, why="broken"),))  # they were too much for the child


def bears_any(headers: tuple[tuple[str, str], ...]) -> bool:
    """Whether there is anything to verify."""
    return any(name.lower() in _KEYED for name, _ in headers)


def key_names(headers: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Where in DNS the keys stand by which this mail was signed, if anywhere."""
    signed = [value for name, value in headers if name.lower() == "dkim-signature"][:MOST_SIGNATURES]
    sealed = [value for name, value in headers if name.lower() in _KEYED and name.lower() != "dkim-signature"]
    if len(sealed) > 2 * MOST_SEALS:
        sealed = []  # nobody verifies so many
    return tuple(dict.fromkeys(name for name in map(_key_name, (*signed, *sealed)) if name))


def _key_name(value: str) -> str:
    """RFC 6376 3.6.2.1"""
    tags = dict(tag.partition("=")[::2] for tag in "".join(value.split()).split(";"))
    return f"{tags['s']}._domainkey.{tags['d']}".lower() if tags.get("s") and tags.get("d") else ""


def verified(raw: bytes, keys: Keys) -> Signatures:
    """The verdicts on one mail. Never raises for what it says."""

    def text(name: bytes, timeout: int = 5) -> bytes:
        found = keys.get(name.decode("ascii", "replace").rstrip(".").lower())
        if found is None:
            raise _NotKnown
        return found

    try:
        mail = dkim.DKIM(raw)
        count = sum(1 for name, _ in mail.headers if name.lower() == b"dkim-signature")
    except Exception:  # noqa: BLE001 - dkimpy raises on odd headers, which strangers choose
        return Signatures()
    verdicts = tuple(_one_signature(mail, n, text) for n in range(min(count, MOST_SIGNATURES)))
    return Signatures(verdicts, arc_chain.read_chain(mail.headers, mail.body, text, _NotKnown))


def _one_signature(mail: Any, number: int, text: Any) -> DkimVerdict:
    why = "broken"
    mail.signature_fields = {}
    try:
        valid = bool(mail.verify(number, dnsfunc=text))
    except _NotKnown:
        valid, why = False, "temperror"
    except Exception:  # noqa: BLE001 - as above
        valid = False
    fields = mail.signature_fields or {}
    if valid and fields.get(b"a", b"").strip().lower() == b"rsa-sha1":
        valid = False  # RFC 8301 3.1: must not be taken as valid
    if valid and b"l" in fields:
        valid, why = False, "length"
    if valid and b"from" not in re.split(rb"\s*:\s*", fields.get(b"h", b"").lower().strip()):
        valid, why = False, "from"
    domain, selector = (fields.get(k, b"").decode("ascii", "replace").strip().lower() for k in (b"d", b"s"))
    return DkimVerdict(domain, selector, valid, "" if valid else why)
