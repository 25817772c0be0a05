"""Requesting: one HTTP request to one address that was looked up before; for a policy, or a message to a telephone.

1. No redirect is followed (RFC 8461 3.3), no proxy asked, no cookie kept; the connection ends with the reply.
2. The address is connected to as it was looked up and judged: a name that means something else a moment later cannot
   lead us elsewhere (T12). The certificate is checked for the name.
3. Time and size are bounded, whatever the other side does.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import h11

SECONDS = 30.0  # for the whole of it (RFC 8461 3.3 suggests a minute)
LARGEST = 64 * 1024  # octets of a reply (RFC 8461 3.3 suggests as much for a policy)
_PIECE = 8192


class RequestFailed(Exception):
    """No reply that can be used; the text is a code: `connect`, `tls`, `timeout`, `too_large`, `not_http`."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of whom."""

    host: str
    path: str
    port: int = 443
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    content_type: str
    body: bytes = field(repr=False)


async def request(wanted: Request, address: str, context: ssl.SSLContext | None) -> Reply:
    """Ask once, over TLS unless `context` is None. Raises RequestFailed."""
    try:
        async with asyncio.timeout(SECONDS):
            return await _asked(wanted, address, context)
    except TimeoutError:
        raise RequestFailed("timeout") from None
    except ssl.SSLError:
        raise RequestFailed("tls") from None
    except OSError:
        raise RequestFailed("connect") from None
    except h11.ProtocolError:
        raise RequestFailed("not_http") from None


async def _asked(wanted: Request, address: str, context: ssl.SSLContext | None) -> Reply:
    name = wanted.host if context else None
    reader, writer = await asyncio.open_connection(address, wanted.port, ssl=context, server_hostname=name)
    try:
        dialogue = h11.Connection(h11.CLIENT)
        writer.write(_written(wanted, dialogue))
        await writer.drain()
        return await _reply(dialogue, reader)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _written(wanted: Request, dialogue: h11.Connection) -> bytes:
    head = [("Host", wanted.host), ("Connection", "close"), ("User-Agent", "referral-exchange"), *wanted.headers]
    if wanted.body:
        head.append(("Content-Length", str(len(wanted.body))))
    asked = h11.Request(method=wanted.method, target=wanted.path, headers=head)
    octets = dialogue.send(asked) or b""
    if wanted.body:
        octets += dialogue.send(h11.Data(data=wanted.body)) or b""
    return octets + (dialogue.send(h11.EndOfMessage()) or b"")


async def _reply(dialogue: h11.Connection, reader: asyncio.StreamReader) -> Reply:
    status, kind, body = 0, "", b""
    while True:
        event = dialogue.next_event()
        if event is h11.NEED_DATA:
            dialogue.receive_data(await reader.read(_PIECE))
        elif isinstance(event, h11.Response):
            status = event.status_code
            kind = next((v.decode("latin-1") for k, v in event.headers if k == b"content-type"), "")
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
            if len(body) > LARGEST:
                raise RequestFailed("too_large")
        elif isinstance(event, h11.EndOfMessage):
            return Reply(status, kind.partition(";")[0].strip().lower(), body)
        elif not isinstance(event, h11.InformationalResponse):
            raise RequestFailed("not_http")


def reachable(addresses: Iterable[str], networks: Sequence[str]) -> list[str]:
    """Those that are public, or in one of these networks (T12): nobody makes us knock at our own doors by a record in
    their DNS."""
    allowed = [ipaddress.ip_network(network) for network in networks]
    return [a for a in addresses if _is_public(a) or any(_ip(a) in network for network in allowed)]


def _is_public(address: str) -> bool:
    ip = _ip(address)
    return ip.is_global and not ip.is_multicast


def _ip(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    ip = ipaddress.ip_address(address)
    inside = ip.ipv4_mapped or ip.sixtofour if isinstance(ip, ipaddress.IPv6Address) else None
    return inside or ip  # ::ffff:127.0.0.1 is 127.0.0.1
