"""A name server for tests of where mail is from, and a mail to judge; it can be in trouble, or keep silent."""

from __future__ import annotations

from functools import cache

import dns.exception
import dns.message
import dns.rcode

from exchange.demo.actors.dns_server import DnsServer
from exchange.demo.actors.mail_client import DkimKey
from mailflow.authenticity import Authenticity, DnsResolver, judge
from mailflow.domain_signatures import Keys, Signatures, verified
from mailflow.mime import read

HEALTH, POLICE = "health.example", "police.example"
PEER = "192.0.2.7"
MAIL = (
    b"From: Ann Lee <ann.lee@health.example>\r\nTo: l.7.abcdefghijklmnop@hub.example\r\n"
    b"Subject: Re: Message MASH-7K2F for your team\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\n"
    b"Message-ID: <r1@health.example>\r\n\r\nACCEPT\r\n"
)


@cache
def key_of(domain: str) -> DkimKey:
    """Made once: it takes a while."""
    return DkimKey.make(domain)


class Troubled(DnsServer):
    """A name server that knows nothing of some names just now, and for others does not answer at all."""

    troubled: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()

    def answer(self, octets: bytes) -> bytes:
        query = dns.message.from_wire(octets)
        name = str(query.question[0].name).rstrip(".")
        if name in self.silent:
            raise dns.exception.DNSException
        if name not in self.troubled:
            return super().answer(octets)
        response = dns.message.make_response(query)
        response.set_rcode(dns.rcode.SERVFAIL)
        return response.to_wire()


async def _verified(raw: bytes, keys: Keys) -> Signatures:
    """As in the limited child, and here."""
    return verified(raw, keys)


class World:
    """The name server, and what is asked of it."""

    def __init__(self, server: Troubled, port: int) -> None:
        self.dns, self.resolver = server, DnsResolver("127.0.0.1", port)

    def publish(self, *domains: str) -> None:
        for domain in domains:
            self.dns.add(key_of(domain).name, "TXT", key_of(domain).record)

    async def judge(
        self,
        raw: bytes,
        mail_from: str = "ann.lee@health.example",
        peer: str = PEER,
        helo: str = "mx.health.example",
        sealers: frozenset[str] = frozenset(),
    ) -> Authenticity:
        """As the mailroom asks: with the authors that the mail's reader found."""
        return await judge(raw, read(raw), peer, helo, mail_from, self.resolver, _verified, sealers)
