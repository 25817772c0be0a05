"""The same door behind a mail server of our own, which speaks LMTP to us (RFC 2033): one reply for each recipient.

1. All that listener.py promises holds here too: no mail is ours before it is durable, and only CRLF.CRLF ends it.
2. Every recipient that was accepted gets a reply after the final dot. They are the same, for all of them are made
   durable in one transaction, or none.
3. Who handed the mail to that server is told by XFORWARD (Postfix), and believed only where no stranger can connect:
   on a Unix socket, or from this machine. Without it nothing is known of where the mail came from, and SPF is not
   judged.
"""

from __future__ import annotations

import ipaddress
import re
from typing import AnyStr

from mailflow.listener import Envelope, Session

_XFORWARD = ("NAME", "ADDR", "PORT", "PROTO", "HELO", "SOURCE")  # what Postfix may tell; the rest of it is refused
_XTEXT = re.compile(r"\+([0-9A-F]{2})")
_UNKNOWN = frozenset({"[UNAVAILABLE]", "[TEMPUNAVAIL]"})
_WITH_CODE = re.compile(r"([245])\d\d (?!\d\.\d)")
_RECEIVED = re.compile(rb"^Received:((?:[^\r\n]*\r?\n[ \t])*[^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_WITH = re.compile(rb"\bwith\s+(\w+)")
_OVER_TLS = frozenset({b"ESMTPS", b"ESMTPSA", b"UTF8SMTPS", b"UTF8SMTPSA", b"LMTPS", b"LMTPSA"})  # RFC 3848, 6531 4.3


class LmtpSession(Session):
    """One client, by LMTP."""

    protocol = "LMTP"
    _promised = 0  # recipients accepted in this transaction, each as often as it was named
    _from: dict[str, str]  # what XFORWARD said of the sender

    @property
    def trusted(self) -> bool:
        """Whether nobody but a program of this machine can be at the other end."""
        return not self.client or ipaddress.ip_address(self.client).is_loopback

    def _set_rset_state(self) -> None:
        super()._set_rset_state()  # type: ignore[no-untyped-call]  # aiosmtpd's
        self._promised, self._from = 0, {}

    def _forget_message(self) -> None:
        super()._forget_message()
        self._promised, self._from = 0, {}

    async def push(self, status: AnyStr) -> None:
        """RFC 2033 5: each reply but the first two has an enhanced status code (RFC 2034 4)."""
        if isinstance(status, str) and not status.startswith("220") and (found := _WITH_CODE.match(status)):
            status = f"{status[:4]}{found[1]}.0.0 {status[4:]}"
        await super().push(status)

    # -- commands

    async def smtp_HELO(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        await self.push("500 5.5.1 This is LMTP: say LHLO")  # RFC 2033 4.1

    smtp_EHLO = smtp_STARTTLS = smtp_HELO  # noqa: N815 - the same

    async def smtp_LHLO(self, arg: str | None) -> None:  # noqa: N802 - the same
        if not arg:
            await self.push("501 5.5.4 LHLO takes the name of the client")
            return
        assert self.session is not None  # noqa: S101 - set when the connection was made
        self._set_rset_state()
        self.session.extended_smtp, self.session.host_name = True, arg
        offers = [self.hostname, "PIPELINING", "ENHANCEDSTATUSCODES", "8BITMIME", f"SIZE {self._limits.size}"]
        offers += [f"XFORWARD {' '.join(_XFORWARD)}"] if self.trusted else []
        await super().push("\r\n".join([*(f"250-{x}" for x in offers[:-1]), f"250 {offers[-1]}"]))

    async def smtp_XFORWARD(self, arg: str | None) -> None:  # noqa: N802 - the same
        """https://www.postfix.org/XFORWARD_README.html: before each mail, what is known of who sent it."""
        pairs = [one.partition("=")[::2] for one in (arg or "").split()]
        if not self.trusted:
            await self.push("550 5.7.1 Not from you")
        elif self._promised or (self.envelope and self.envelope.mail_from):
            await self.push("503 5.5.1 Not within a mail")
        elif not pairs or any(name.upper() not in _XFORWARD for name, _ in pairs):
            await self.push("501 5.5.4 XFORWARD takes what LHLO announced")
        else:
            self._from |= {name.upper(): _plain(value) for name, value in pairs}  # it may take several commands
            await self.push("250 2.0.0 OK")

    async def handle_RCPT(  # noqa: N802 - the same
        self, server: object, session: object, envelope: object, address: str, options: list[str]
    ) -> str:
        """Whether we take mail for this address."""
        reply = await super().handle_RCPT(server, session, envelope, address, options)
        self._promised += reply.startswith("250")
        return reply

    # -- content

    def _replies(self) -> int:
        return self._promised  # RFC 2033 4.2: also two for an address that was named twice

    def _finished_envelope(self, content: bytes) -> Envelope:
        given = super()._finished_envelope(content)
        return Envelope(
            mail_from=given.mail_from,
            recipients=given.recipients,
            peer=_address(self._from.get("ADDR", "")),
            helo=self._from.get("HELO", ""),
            tls=self.trusted and _came_over_tls(content),
        )


def _plain(value: str) -> str:
    """XFORWARD writes values as xtext (RFC 3461 4); what is not known it says in brackets."""
    if value.upper() in _UNKNOWN:
        return ""
    return _XTEXT.sub(lambda found: chr(int(found[1], 16)), value)


def _address(value: str) -> str:
    text = value[5:] if value[:5].upper() == "IPV6:" else value
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""


def _came_over_tls(content: bytes) -> bool:
    """What our own mail server says of how it came: the first Received is always its, and in it the last "with": what
    the sender called itself stands before."""
    found = _RECEIVED.search(content.partition(b"\r\n\r\n")[0])
    ways = _WITH.findall(found[1]) if found else []
    return bool(ways) and ways[-1].upper() in _OVER_TLS
