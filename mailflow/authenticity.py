"""Authenticity: SPF, DKIM, DMARC and ARC judged by ourselves, from the raw octets; what others claim to have judged
is read only under the seal of somebody whom the settings name (arc_chain.py).

1. A DKIM signature counts only when it covers From and the whole body (no `l=`), and its domain aligns with the one
   From address. Several From addresses never align (T13).
2. A failure of the network is `temperror`, never a pass and never a fail.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import dns.exception
import dns.resolver
import spf
from publicsuffixlist import PublicSuffixList

from mailflow.arc_chain import NO_CHAIN, Chain
from mailflow.domain_signatures import DkimVerdict, Keys, Signatures, bears_any, key_names
from mailflow.parsed_mail import ParsedMail

MOST_SILENCES = 2  # look-ups in a row without any answer, before a domain or the name server is left alone
PAUSE = 20.0  # seconds for which it is
MOST_PAUSED = 1000  # domains remembered: strangers choose them
DNS_SECONDS = 3.0  # for one look-up, retries included


class DnsTrouble(Exception):
    """The name server did not answer, or not in time: nothing is known either way."""


class Resolver(Protocol):
    """Where DNS records come from."""

    def lookup(self, name: str, kind: str) -> list[Any]:
        """TXT as bytes, A and AAAA as text, MX as (preference, name). [] for none. Raises DnsTrouble."""


class DnsResolver:
    """A name server; the system's own when no host is given."""

    def __init__(self, host: str = "", port: int = 53) -> None:
        self._resolver = dns.resolver.Resolver(configure=not host)
        if host:
            self._resolver.nameservers, self._resolver.port = [host], port
        self._resolver.lifetime = DNS_SECONDS
        self._silent: dict[str, int] = {}  # look-ups without an answer, by domain
        self._until: dict[str, float] = {}  # until when it is left alone; "" is the name server itself

    def lookup(self, name: str, kind: str) -> list[Any]:
        """See Resolver. A domain whose servers keep silent is left alone for a while, and so is a name server that
        answers nothing at all: mail must not wait for it again and again, and "not proved" is what a mail is then.
        One dead domain is no reason to ask for no other (R11)."""
        domain = _organisation(name.lower().rstrip("."))
        if any(time.monotonic() < self._until.get(one, 0.0) for one in ("", domain)):
            raise DnsTrouble("silent")
        try:
            answer = self._resolver.resolve(name, kind, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            self._silent.pop(domain, None)
            return []
        except (dns.exception.DNSException, OSError) as trouble:
            if isinstance(trouble, dns.exception.Timeout):
                self._heard_nothing(domain)
            raise DnsTrouble(type(trouble).__name__) from None
        self._silent.pop(domain, None)
        if kind == "TXT":
            return [b"".join(record.strings) for record in answer]
        if kind == "MX":
            return [(record.preference, str(record.exchange).rstrip(".")) for record in answer]
        return [str(record).rstrip(".") for record in answer]

    def _heard_nothing(self, domain: str) -> None:
        """Is it the domain, or the name server? That of the root is asked: it knows it, or asks nobody."""
        if len(self._silent) > MOST_PAUSED:
            self._silent.clear()
            self._until.clear()
        self._silent[domain] = self._silent.get(domain, 0) + 1
        if self._silent[domain] < MOST_SILENCES:
            return
        self._silent.pop(domain, None)
        self._until[domain if self._answers() else ""] = time.monotonic() + PAUSE

    def _answers(self) -> bool:
        try:
            self._resolver.resolve(".", "NS", search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return True
        except (dns.exception.DNSException, OSError) as trouble:
            return not isinstance(trouble, dns.exception.Timeout)
        return True


def system_resolver() -> DnsResolver | None:
    """The machine's own; None where it knows of no name server."""
    try:
        return DnsResolver()
    except (dns.resolver.NoResolverConfiguration, OSError):
        return None


Verify = Callable[[bytes, Keys], Awaitable[Signatures]]  # in the limited child


@dataclass(frozen=True, slots=True)
class Authenticity:
    """What can be said of where a mail is from."""

    spf: str  # pass | fail | softfail | neutral | none | temperror | permerror
    dkim: tuple[DkimVerdict, ...]
    dmarc: str  # pass | fail | none | temperror
    from_domain: str  # of the one From address; "" when there is none, or more than one
    aligned_domain: str  # from_domain, when a signature that counts aligns with it; "" otherwise
    arc: Chain = NO_CHAIN  # reported; it counts in aligned_domain only when its sealers are trusted
    sealed_for: bool = False  # aligned_domain rests on the word of a trusted sealer alone

    def dkim_aligned(self, domains: tuple[str, ...]) -> bool:
        """Whether the mail is proved to come from one of these domains: exactly, for `x.nhs.example` and
        `y.nhs.example` are different organisations that share a suffix."""
        return bool(self.aligned_domain) and self.aligned_domain in {d.lower() for d in domains}


async def judge(
    raw: bytes,
    mail: ParsedMail,
    peer_ip: str,
    helo: str,
    mail_from: str,
    resolver: Resolver,
    verify: Verify,
    sealers: frozenset[str] = frozenset(),
) -> Authenticity:
    """Judge one mail as it was received; `mail` is what its reader found in it, `verify` works on its octets,
    `sealers` are the domains whose seal is believed of mail that they pass on.

    Never raises for what it says.
    """
    authors = mail.from_addresses
    domain = authors[0].rpartition("@")[2].lower() if len(authors) == 1 else ""
    signatures = Signatures()
    if bears_any(mail.headers):
        names = key_names(mail.headers)
        found = await asyncio.gather(*(asyncio.to_thread(_key, name, resolver) for name in names))
        signatures = await verify(raw, dict(zip(names, found, strict=True)))
    spf_result = await asyncio.to_thread(_spf, peer_ip, helo, mail_from, resolver)
    sender = mail_from.rpartition("@")[2].lower()
    dmarc = await asyncio.to_thread(_dmarc, domain, signatures.dkim, spf_result, sender, resolver)
    aligned = any(v.valid and _speaks_for(v.domain, domain) for v in signatures.dkim)
    vouched = any(_speaks_for(signer, domain) for signer in signatures.arc.vouched_by(sealers)) and not aligned
    own = domain if aligned or vouched else ""
    return Authenticity(spf_result, signatures.dkim, dmarc, domain, own, signatures.arc, vouched)


def _key(name: str, resolver: Resolver) -> bytes | None:
    try:
        found = resolver.lookup(name, "TXT")
    except DnsTrouble:
        return None
    return bytes(found[0]) if found else b""


class _SpfQuery(spf.query):  # type: ignore[misc]
    """pyspf with our resolver in place of its module-wide one."""

    def __init__(self, resolver: Resolver, **asked: Any) -> None:
        super().__init__(**asked)
        self._resolver = resolver

    def dns(self, name: str, qtype: str, cnames: Any = None, ignore_void: bool = False) -> list[Any]:
        try:
            found = self._resolver.lookup(str(name), qtype)
        except DnsTrouble:
            raise spf.TempError("DNS") from None
        return [(record,) for record in found] if qtype == "TXT" else found


def _spf(peer_ip: str, helo: str, mail_from: str, resolver: Resolver) -> str:
    if not peer_ip:
        return "none"  # from a mail server of ours, a shared mailbox or a file: nobody says who sent it
    try:
        query = _SpfQuery(resolver, i=peer_ip, s=mail_from, h=helo or "unknown", timeout=DNS_SECONDS, querytime=10)
        return str(query.check()[0])
    except Exception:  # noqa: BLE001 - pyspf raises on odd addresses and host names, which strangers choose
        return "permerror"


def _dmarc(
    domain: str, verdicts: tuple[DkimVerdict, ...], spf_result: str, envelope_domain: str, resolver: Resolver
) -> str:
    if not domain:
        return "none"
    try:
        policy = _policy(domain, resolver)
    except DnsTrouble:
        return "temperror"
    if policy is None:
        return "none"
    strict_dkim, strict_spf = policy.get("adkim") == "s", policy.get("aspf") == "s"
    if any(v.valid and _aligns(v.domain, domain, strict=strict_dkim) for v in verdicts):
        return "pass"
    return "pass" if spf_result == "pass" and _aligns(envelope_domain, domain, strict=strict_spf) else "fail"


def _policy(domain: str, resolver: Resolver) -> dict[str, str] | None:
    """The record of the domain, or of its organisational domain (RFC 7489 6.6.3)."""
    for name in dict.fromkeys((domain, _organisation(domain))):
        for record in resolver.lookup(f"_dmarc.{name}", "TXT"):
            text = bytes(record).decode("ascii", "replace")
            if text.lower().replace(" ", "").startswith("v=dmarc1"):
                tags = (tag.partition("=") for tag in text.split(";"))
                return {key.strip().lower(): value.strip().lower() for key, _, value in tags}
    return None


def _speaks_for(signing: str, shown: str) -> bool:
    """The domain itself or one above it signed: a sister under the same suffix may be another organisation."""
    return bool(signing) and (signing == shown or shown.endswith(f".{signing}"))


def _aligns(signing: str, shown: str, *, strict: bool) -> bool:
    """RFC 7489 3.1: the same domain, or (relaxed) the same organisational domain."""
    if not signing or not shown:
        return False
    return signing == shown or (not strict and _organisation(signing) == _organisation(shown))


def _organisation(domain: str) -> str:
    return _suffixes().privatesuffix(domain) or domain


@cache
def _suffixes() -> Any:
    return PublicSuffixList()
