"""Domain check: what a mail domain shows of verified TLS, seen from outside; nothing is sent, nothing is stored."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from mailflow import mta_sts
from mailflow.authenticity import DnsTrouble
from mailflow.direct import Direct
from mailflow.mta_sts import Policy, PolicyRefused
from mailflow.requesting import Request, RequestFailed, request

PROVED, UNREACHABLE = "proved", "unreachable"


@dataclass(frozen=True, slots=True)
class Shown:
    """What was seen."""

    servers: Mapping[str, str]  # by name: proved | no_starttls | tls_failed | unreachable | no_address
    policy: Policy | None = None
    policy_trouble: str = ""  # one is announced, and could not be had: a code; "" when there is none, or it was had
    dns: bool = True  # False: the name server did not answer, and nothing is known

    @property
    def holds(self) -> bool:
        """A server is proved that may take the domain's mail."""
        proved = [name for name, found in self.servers.items() if found == PROVED]
        if self.policy and self.policy.mode == "enforce":
            return any(mta_sts.fits(name, self.policy.mx) for name in proved)
        return bool(proved)

    @property
    def nothing_learned(self) -> bool:
        """The network failed, not the domain: what was known before is neither confirmed nor refuted."""
        found = set(self.servers.values())
        return not self.dns or (bool(found) and not self.holds and found <= {UNREACHABLE})


async def check(domain: str, direct: Direct) -> Shown:
    """Look at a domain: its servers, its policy, and what each server shows."""
    try:
        servers = await direct.servers(domain)
        policy, trouble = await _policy(domain, direct)
        found = {server: await direct.prove(server) for server in servers}
    except DnsTrouble:
        return Shown({}, dns=False)
    return Shown(found, policy, trouble)


async def _policy(domain: str, direct: Direct) -> tuple[Policy | None, str]:
    """RFC 8461 3.3: over https with a certificate for the policy's host, text/plain, 200 and nothing else."""
    records = await asyncio.to_thread(direct.resolver.lookup, f"_mta-sts.{domain}", "TXT")
    if not mta_sts.says_so(records):
        return None, ""
    host = mta_sts.host(domain)
    addresses = await direct.addresses(host)
    if not addresses:
        return None, "no_address"
    wanted = Request(host, mta_sts.PATH, direct.reach.https_port)
    try:
        reply = await request(wanted, addresses[0], _context(direct))
        if reply.status != 200 or reply.content_type != "text/plain":
            return None, f"status_{reply.status}" if reply.status != 200 else "content_type"
        return mta_sts.read(reply.body), ""
    except (RequestFailed, PolicyRefused) as failed:
        return None, str(failed)


def _context(direct: Direct) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=direct.reach.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
