"""A name server on loopback: what DKIM, SPF and DMARC checks ask, answered from a dictionary."""

from __future__ import annotations

import asyncio
import contextlib
from typing import cast

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

Records = dict[tuple[str, str], list[str]]  # ("agency.example", "MX") -> ["10 mail.agency.example."]
TTL = 60
_PIECE = 255  # octets of one string in a TXT record (RFC 1035 3.3): longer texts are cut in several


class DnsServer:
    """Answers by UDP; a name that is not in `records` does not exist."""

    def __init__(self, records: Records | None = None) -> None:
        self.records: Records = dict(records or {})
        self.asked: list[tuple[str, str]] = []
        self._transport: asyncio.DatagramTransport | None = None

    async def start(self, host: str = "127.0.0.1") -> int:
        """Listen; the port that was free."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: _Protocol(self), local_addr=(host, 0))
        port: int = self._transport.get_extra_info("sockname")[1]
        return port

    async def stop(self) -> None:
        """Stop answering."""
        if self._transport is not None:
            self._transport.close()

    def add(self, name: str, kind: str, *values: str) -> None:
        """More records of one name and type (TXT, MX, A...). A TXT value is given without quotes."""
        self.records.setdefault((name.lower().rstrip("."), kind.upper()), []).extend(values)

    def answer(self, octets: bytes) -> bytes:
        """The response to one query, in wire format."""
        query = dns.message.from_wire(octets)
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA | dns.flags.RA
        question = query.question[0]
        name, kind = str(question.name).lower().rstrip("."), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        values = self.records.get((name, kind), [])
        if values:
            texts = [_quoted(v) for v in values] if kind == "TXT" else values
            response.answer.append(dns.rrset.from_text_list(question.name, TTL, dns.rdataclass.IN, kind, texts))
        elif not any(known == name for known, _ in self.records):
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response.to_wire()


class _Protocol(asyncio.DatagramProtocol):
    def __init__(self, server: DnsServer) -> None:
        self.server = server
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)  # asyncio's own is not a subclass in 3.11

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        with contextlib.suppress(dns.exception.DNSException, IndexError):  # what is no query gets no answer
            if self.transport is not None:
                self.transport.sendto(self.server.answer(data), addr)


def _quoted(text: str) -> str:
    pieces = [text[i : i + _PIECE] for i in range(0, len(text), _PIECE)] or [""]
    return " ".join('"' + piece.replace("\\", "\\\\").replace('"', '\\"') + '"' for piece in pieces)
