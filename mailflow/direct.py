"""Straight to the servers of a mail domain, over verified TLS, or not at all: how what is readable travels.

1. Only to servers that the message itself names as proved (`TlsOnly.servers`), whatever DNS says today.
2. Each must show a certificate for its own name over TLS 1.2 or newer before a word of the envelope is said.
3. The next server is tried only while nothing has been said to the one before but greetings.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from exchange.case.sealed import Sendable, TlsOnly
from mailflow import mta_sts
from mailflow.authenticity import DnsTrouble, Resolver
from mailflow.requesting import reachable
from mailflow.sender import Accepted, Carrier, Deferred, Refused, Relay, Timeouts, Verdict

MOST_SERVERS = 4  # of one domain, in their order of preference, and as many addresses of one server
_GREETING = frozenset({"connect", "tls"})  # codes of what failed before anything was said of the message


@dataclass(frozen=True, slots=True)
class Reach:
    """How servers are reached: a test's listen elsewhere than at port 25 of a public address."""

    port: int = 25
    https_port: int = 443
    ca_file: Path | None = None  # who vouches for their certificates; None: whom the system trusts
    networks: tuple[str, ...] = ()  # besides public addresses


class Direct:
    """Takes TLS-only messages to the servers of their domain."""

    def __init__(
        self, resolver: Resolver, own_name: str, reach: Reach | None = None, timeouts: Timeouts | None = None
    ) -> None:
        self.resolver, self.own_name = resolver, own_name
        self.reach, self.timeouts = reach or Reach(), timeouts or Timeouts()

    async def send(self, what: TlsOnly, mail_from: str) -> Verdict:
        """One attempt. Never raises for a peer."""
        domain = what.recipient.rpartition("@")[2]
        try:
            servers = await self.servers(domain)
        except DnsTrouble:
            return Deferred("dns", "the name server did not answer")
        if not servers:
            return Refused("null_mx", "the domain says that it takes no mail")
        proved = [name for name in servers if mta_sts.fits(name, what.servers)]
        if not proved:
            return Deferred("tls", "none of the domain's servers of today is one that was proved")
        return await self._to_first_of(proved, what, mail_from)

    async def _to_first_of(self, servers: Sequence[str], what: TlsOnly, mail_from: str) -> Verdict:
        failed: list[Deferred] = []
        loop = asyncio.get_running_loop()
        until = loop.time() + self.timeouts.dot
        for server, address in [(s, a) for s in servers for a in await self._addresses(s)]:
            if failed and loop.time() > until:  # the lease on the letter does not last for every server of a domain
                break
            async with self._relay(server, address) as relay:
                verdict = await relay.send(what, mail_from)
            if isinstance(verdict, Accepted):
                return replace(verdict, server=server)
            if not isinstance(verdict, Deferred) or verdict.code not in _GREETING:
                return verdict
            failed.append(replace(verdict, why=verdict.why.replace("the relay", f"their server {server}")))
        # TLS that fails is told before a server that is down: it is the one that somebody has to hear of.
        no_tls = (one for one in failed if one.code == "tls")
        return next(no_tls, failed[-1] if failed else Deferred("connect", "no server has an address that we may use"))

    async def servers(self, domain: str) -> list[str]:
        """Its mail servers by preference; the domain itself when it names none (RFC 5321 5.1), and [] when it takes
        no mail (RFC 7505). Raises DnsTrouble."""
        found = await asyncio.to_thread(self.resolver.lookup, domain, "MX")
        if [name for _, name in found] == [""]:
            return []
        names = [name.lower() for _, name in sorted(found) if name] or [domain]
        return list(dict.fromkeys(names))[:MOST_SERVERS]

    async def prove(self, server: str) -> str:
        """Whether a server offers TLS with a certificate of its own name (Relay.prove). Raises DnsTrouble."""
        addresses = await self.addresses(server)
        if not addresses:
            return "no_address"
        async with self._relay(server, addresses[0]) as relay:
            return await relay.prove()

    async def addresses(self, server: str) -> list[str]:
        """Where it can be reached. Raises DnsTrouble."""
        found = [
            address
            for kind in ("A", "AAAA")
            for address in await asyncio.to_thread(self.resolver.lookup, server, kind)
        ]
        return reachable(found, self.reach.networks)[:MOST_SERVERS]

    async def _addresses(self, server: str) -> list[str]:
        try:
            return await self.addresses(server)
        except DnsTrouble:
            return []

    @contextlib.asynccontextmanager
    async def _relay(self, server: str, address: str) -> AsyncIterator[Relay]:
        """A connection of its own for each message."""
        relay = Relay(
            address, self.reach.port, "required", self.reach.ca_file, hostname_for_verify=server,
            own_name=self.own_name, timeouts=self.timeouts, connections=1,
        )  # fmt: skip
        try:
            yield relay
        finally:
            await relay.close()


@dataclass(frozen=True, slots=True)
class Outbound:
    """All mail out: what may be read only at its end goes straight there, everything else by our relay."""

    relay: Carrier
    direct: Direct

    async def send(self, what: Sendable, mail_from: str) -> Verdict:
        """See Carrier."""
        if isinstance(what, TlsOnly):
            return await self.direct.send(what, mail_from)
        return await self.relay.send(what, mail_from)
