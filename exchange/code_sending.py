"""Code sending: a one-time code on its way to a person, by mail, by a gateway for short messages, or on the screen.

1. Nothing of the letter goes with it: a code, until when it works, and the hub's number.
2. It is kept nowhere: sent at once or not at all, and the page says which.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import quote_plus

from exchange.case.sealed import PublicNotice
from exchange.signing import UNSIGNED, Signing
from mailflow import compose
from mailflow.authenticity import DnsTrouble, Resolver
from mailflow.requesting import Request, RequestFailed, request
from mailflow.sender import Accepted, Carrier
from templates import letters
from templates.addressed import Sender
from templates.languages import spoken
from templates.outside import OneTimeCode


@dataclass(frozen=True, slots=True)
class Code:
    """What is sent to whom."""

    contact: str = field(repr=False)  # a telephone number, or a mail address
    code: str = field(repr=False)
    until: datetime
    sender: Sender
    now: datetime
    id: str  # of this sending: never used before


class CodeSender(Protocol):
    """Whatever takes a code to a person."""

    async def send(self, what: Code) -> bool:
        """Whether it is on its way."""


@dataclass(frozen=True, slots=True)
class ByMail:
    """To another mail address than the one that got the notice."""

    carrier: Carrier
    hub_address: str
    signing: Signing = UNSIGNED

    async def send(self, what: Code) -> bool:
        """See CodeSender."""
        words = letters.write(OneTimeCode(what.sender, what.code, what.until), spoken().code)
        headers = compose.outer_headers(
            from_address=self.hub_address, to=what.contact,
            message_id=compose.message_id(self.hub_address.partition("@")[2], f"code:{what.id}"), date=what.now,
            subject=words.quiet_subject, from_name=what.sender.name, automatic=True,
        )  # fmt: skip
        notice = PublicNotice(compose.plain_message(headers, words.text), what.contact)
        return isinstance(await self.carrier.send(self.signing.signed(notice, what.now), ""), Accepted)


@dataclass(frozen=True, slots=True)
class Gateway:
    """By HTTP POST to a gateway for short messages."""

    request: Request
    body: str = field(repr=False)  # with {to} and {text}
    content_type: str
    context: ssl.SSLContext | None = field(repr=False)
    resolver: Resolver

    async def send(self, what: Code) -> bool:
        """See CodeSender."""
        text = " ".join(letters.write(OneTimeCode(what.sender, what.code, what.until), spoken().code).text.split())
        body = self.body.replace("{to}", self._written(_number(what.contact))).replace("{text}", self._written(text))
        r = self.request
        wanted = Request(r.host, r.path, r.port, r.method, r.headers, body.encode())
        try:
            reply = await request(wanted, await self._address(), self.context)
        except (RequestFailed, DnsTrouble):
            return False
        return 200 <= reply.status < 300

    def _written(self, value: str) -> str:
        """As the kind of body writes a text between quotation marks, or after a name."""
        return json.dumps(value)[1:-1] if self.content_type == "application/json" else quote_plus(value)

    async def _address(self) -> str:
        """The operator chose the gateway: wherever its name leads is meant."""
        host = "127.0.0.1" if self.request.host == "localhost" else self.request.host
        try:
            return str(ip_address(host))
        except ValueError:
            found = await asyncio.to_thread(self.resolver.lookup, host, "A")
        if not found:
            raise DnsTrouble("no address")
        return str(found[0])


def _number(contact: str) -> str:
    """A number as gateways want it: without what people write between its digits."""
    return "".join(c for c in contact if c.isdigit() or c == "+")


@dataclass(frozen=True, slots=True)
class Console:
    """On the terminal of whoever tries the exchange out on their own machine; the settings allow it nowhere else."""

    async def send(self, what: Code) -> bool:
        """See CodeSender."""
        sys.stderr.write(f"one-time code for {what.contact}: {what.code}\n")
        sys.stderr.flush()
        return True
