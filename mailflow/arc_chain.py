"""The authenticated received chain (RFC 8617): what servers that passed a mail on say they found when it came.

1. A chain is reported as what it is: sealed and whole, or not. It proves who passed a mail on, not who wrote it.
2. It counts only when every sealer of it is one whom this hub's settings name as trusted; then the first sealer's
   word about the author's own signature is taken as if we had seen it.
3. A failure of the network is `temperror`. Never raises for what a stranger wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import dkim

MOST_SEALS = 10  # in one mail: each costs two look-ups and two verifications; honest chains have up to three
LONGEST_RESULTS = 4_000  # octets of one sealer's results that are read
_INSTANCE = re.compile(rb"\bi\s*=\s*(\d{1,3})\s*;")
_COMMENT = re.compile(r"\([^()]*\)")
_PASSED = re.compile(r"\bdkim\s*=\s*pass\b([^;]*)", re.IGNORECASE)
_SIGNER = re.compile(r"\bheader\.(?:d|i)\s*=\s*\"?(?:[^\s;@\"]*@)?([A-Za-z0-9.-]{1,253})", re.IGNORECASE)
_HEADERS = (b"arc-seal", b"arc-message-signature", b"arc-authentication-results")
DnsText = Callable[..., bytes]
Headers = list[Any]  # of pairs of octets


@dataclass(frozen=True, slots=True)
class Chain:
    """What can be said of a mail's seals."""

    verdict: str = "none"  # none | pass | fail | temperror
    sealers: tuple[str, ...] = ()  # their domains, the first one first; as they say until the verdict is pass
    signers: tuple[str, ...] = ()  # domains whose signature the first sealer says it found good

    def vouched_by(self, trusted: frozenset[str]) -> tuple[str, ...]:
        """The signers, when all who sealed it are trusted (rule 2)."""
        believed = self.verdict == "pass" and bool(self.sealers) and set(self.sealers) <= trusted
        return self.signers if believed else ()


NO_CHAIN = Chain()


def read_chain(headers: Headers, body: bytes, text: DnsText, trouble: type[Exception]) -> Chain:
    """The chain of a mail as dkimpy parsed it; `text` looks up a TXT record, and raises `trouble` when nothing can be
    known."""
    if not any(name.lower() == b"arc-seal" for name, _ in headers):
        return NO_CHAIN
    try:
        arc = dkim.ARC()
        arc.headers, arc.body = headers, body
        found = [(name.lower(), value) for name, value in arc.headers if name.lower() in _HEADERS]
        if len(found) > MOST_SEALS * len(_HEADERS):
            return Chain("fail")
        status, results, _ = arc.verify(dnsfunc=text)
        sealers = tuple(_domain(one.get("as-domain")) for one in reversed(results))
        verdict = {dkim.CV_Pass: "pass", dkim.CV_None: "none"}.get(status, "fail")
        if verdict == "pass" and not _covers_author(found, len(sealers)):
            verdict = "fail"
        return Chain(verdict, sealers, _signers(found) if verdict == "pass" else ())
    except trouble:
        return Chain("temperror")
    except Exception:  # noqa: BLE001 - dkimpy raises on odd headers, which strangers choose
        return Chain("fail")


def _domain(value: Any) -> str:
    return value.decode("ascii", "replace").strip().lower() if isinstance(value, bytes) else ""


def _instance(value: bytes) -> int:
    found = _INSTANCE.search(value)
    return int(found[1]) if found else 0


def _covers_author(found: list[tuple[bytes, bytes]], newest: int) -> bool:
    """Whether the newest signature is over From and, without a length, over the whole body."""
    for name, value in found:
        if name == b"arc-message-signature" and _instance(value) == newest:
            tags = dict(tag.strip().partition(b"=")[::2] for tag in value.split(b";"))
            signed = re.split(rb"\s*:\s*", tags.get(b"h", b"").lower().strip())
            return b"from" in signed and b"l" not in tags
    return False


def _signers(found: list[tuple[bytes, bytes]]) -> tuple[str, ...]:
    """Whose signatures the first sealer found good, by its own results (RFC 8601)."""
    for name, value in found:
        if name == b"arc-authentication-results" and _instance(value) == 1:
            said = _COMMENT.sub("", value[:LONGEST_RESULTS].decode("ascii", "replace"))
            domains = [match[1].lower() for passed in _PASSED.findall(said) for match in _SIGNER.finditer(passed)]
            return tuple(dict.fromkeys(domains))
    return ()
