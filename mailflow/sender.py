"""Hands one message for one mailbox to a relay, and says what became of it.

1. Up to the final dot every break is `Deferred`: without the dot the server must not deliver (RFC 5321 4.1.1.4).
   From the dot until its answer every break is `Uncertain`: they may have taken responsibility.
2. `TlsOnly` goes over verified TLS or not at all; with `tls="required"` so does everything, and of a message
   not one octet is said before TLS stands.
3. One recipient a transaction, written as it stands in the message value; nothing on the way parses it again.
4. The message goes out octet by octet as it was kept (dots stuffed), and only if it is CRLF-clean ASCII.
5. Our password is said over verified TLS only, or to ourselves on loopback.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import re
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol

from exchange.case.mailbox import Address, AddressRefused
from exchange.case.sealed import Sendable, TlsOnly
from exchange.fault import fault
from mailflow.places import Places
from mailflow.verdict import Accepted, Deferred, Phase, Refused, Uncertain, Verdict, judge, printable

__all__ = ("Accepted", "Deferred", "Refused", "Relay", "Timeouts", "Tls", "Uncertain", "Verdict")

Tls = Literal["required", "sealed-may-pass", "loopback"]

CONNECTIONS = 2  # at work at once: more only hide a relay's latency, and bring nothing on loopback
MESSAGES = 100  # on one connection: relays close long ones (Postfix smtpd_max..., Exchange 20-1000)
IDLE = 20.0  # seconds that an unused connection stays open: servers close at 300 (RFC 5321 4.5.3.2.7), some at 30
LINE_MAX = 998  # octets without CRLF (RFC 5321 4.5.3.1.6)
CHUNK = 64 * 1024  # octets handed to the socket at once
_MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([A-Za-z0-9.-]{1,64})@", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. RFC 5321 4.5.3.2 says minutes for strangers; a relay of ours that is slower than this is sick."""

    connect: float = 30.0
    whole: float = 900.0  # all of it up to the final dot: who answers each command just in time is not sending mail
    command: float = 60.0  # greeting, EHLO, MAIL, RCPT, DATA, RSET
    content: float = 300.0  # the whole message through the socket
    dot: float = 600.0  # 4.5.3.2.6: ten minutes; giving up earlier makes duplicates


class Carrier(Protocol):
    """Whoever takes a message to its mailbox, or says why not."""

    async def send(self, what: Sendable, mail_from: str) -> Verdict:
        """One attempt. `mail_from` is the bounce address, "" for none (RFC 3834 3.3). Never raises for a peer."""


class _Stopped(Exception):
    """The transaction ended before the message was accepted; `verdict` says how."""

    def __init__(self, verdict: Deferred | Refused | Uncertain) -> None:
        super().__init__(verdict.__class__.__name__)
        self.verdict = verdict


@dataclass(slots=True)
class _Connection:
    """An open SMTP session, greeted and logged in."""

    smtp: aiosmtplib.SMTP
    protocol: SMTPProtocol
    verified: bool  # TLS with a certificate that we checked
    sent: int = 0
    closing: asyncio.TimerHandle | None = None

    def close(self) -> None:
        self.smtp.close()


class Relay:
    """The server that takes our mail, and a few open connections to it."""

    def __init__(
        self,
        host: str,
        port: int,
        tls: Tls = "required",
        ca_file: Path | None = None,
        username: str = "",
        password: str = "",
        hostname_for_verify: str = "",
        own_name: str = "localhost",
        timeouts: Timeouts | None = None,
        connections: int = CONNECTIONS,
    ) -> None:
        if tls == "loopback" and not _is_loopback(host):
            raise ValueError('relay tls "loopback" needs a loopback address as host; use "required"')
        self.host, self.port, self.tls = host, port, tls
        self.username, self._password = username, password
        self.verify_name = hostname_for_verify or host
        self.own_name = own_name
        self.timeouts = timeouts or Timeouts()
        self._context = _context(ca_file)
        self._idle: list[_Connection] = []
        self._places = Places(connections)
        self._partings: set[asyncio.Task[None]] = set()
        self._closed = False

    async def send(self, what: Sendable, mail_from: str) -> Verdict:
        """One attempt. `mail_from` is the bounce address, "" for none (RFC 3834 3.3). Never raises for a peer."""
        wrong = _wrong(what, mail_from)
        if wrong is not None:
            return wrong
        until = asyncio.get_running_loop().time() + self.timeouts.whole
        try:
            async with contextlib.AsyncExitStack() as held:
                async with _before(until):
                    await held.enter_async_context(self._places.one())
                connection = await held.enter_async_context(self._connection(isinstance(what, TlsOnly), until))
                return await _Transaction(self, connection, what, mail_from).run(until)
        except _Stopped as stopped:
            return stopped.verdict

    async def prove(self) -> str:
        """`proved` when it offers TLS with a certificate of its own name; otherwise `no_starttls`, `tls_failed` or
        `unreachable`. Nothing is said of any message."""
        try:
            connection = await self._fresh()
        except _Stopped as stopped:
            if stopped.verdict is _BAD_TLS:
                return "tls_failed"
            stripped = isinstance(stopped.verdict, Deferred) and stopped.verdict.code == "tls"
            return "no_starttls" if stripped else "unreachable"
        self._part(connection)
        return "proved"

    async def close(self) -> None:
        """Say goodbye on every idle connection."""
        self._closed = True
        for connection in list(self._idle):
            self._part(connection)
        await asyncio.gather(*self._partings, return_exceptions=True)

    @contextlib.asynccontextmanager
    async def _connection(self, must_be_verified: bool, until: float) -> AsyncIterator[_Connection]:
        async with _before(until):
            connection = await self._again() or await self._fresh()
        try:
            if must_be_verified and not connection.verified:
                raise _Stopped(Deferred("tls", "this message needs verified TLS and the relay offers none"))
            yield connection
        except _Stopped:
            self._keep(connection)
            raise
        except BaseException:
            connection.close()
            raise
        else:
            self._keep(connection)

    async def _again(self) -> _Connection | None:
        """An idle connection that still answers. RSET clears whatever the last transaction left behind."""
        while self._idle:
            connection = self._idle.pop()
            if connection.closing is not None:
                connection.closing.cancel()
            try:
                reply = await connection.smtp.execute_command(b"RSET", timeout=self.timeouts.command)
                if reply.code == 250:
                    return connection
            except (aiosmtplib.SMTPException, OSError):
                pass  # it was closed meanwhile: the next one, or a new one
            except BaseException:
                connection.close()
                raise
            connection.close()
        return None

    def _keep(self, connection: _Connection) -> None:
        if not connection.smtp.is_connected:
            connection.close()
        elif self._closed or connection.sent >= MESSAGES:
            self._part(connection)
        else:
            loop = asyncio.get_running_loop()
            connection.closing = loop.call_later(IDLE, self._part, connection)
            self._idle.append(connection)

    def _part(self, connection: _Connection) -> None:
        if connection.closing is not None:
            connection.closing.cancel()
        if connection in self._idle:
            self._idle.remove(connection)
        task = asyncio.get_running_loop().create_task(self._quit(connection))
        self._partings.add(task)
        task.add_done_callback(self._partings.discard)

    async def _quit(self, connection: _Connection) -> None:
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):
            await connection.smtp.execute_command(b"QUIT", timeout=self.timeouts.command)
        connection.close()

    async def _fresh(self) -> _Connection:
        """A new connection, as private as the setting asks. Sealed mail may pass where TLS cannot be verified:
        then encryption with whomever it is still hides more than none."""
        ways = self._ways()
        for context in ways[:-1]:
            try:
                return await self._open(context)
            except _Stopped as stopped:
                if stopped.verdict is not _BAD_TLS:
                    raise
        return await self._open(ways[-1])

    def _ways(self) -> list[ssl.SSLContext | None]:
        if self.tls == "required":
            return [self._context]
        return [None] if self.tls == "loopback" else [self._context, _unverified(), None]

    async def _open(self, context: ssl.SSLContext | None) -> _Connection:
        seconds = max(self.timeouts.connect, self.timeouts.command)
        smtp = aiosmtplib.SMTP(
            hostname=self.host, port=self.port, local_hostname=self.own_name, start_tls=False, timeout=seconds
        )
        try:
            return await self._greeted(smtp, context)
        except aiosmtplib.SMTPResponseException as reply:
            smtp.close()
            raise _Stopped(judge(Phase.CONNECT, reply.code, reply.message)) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            smtp.close()
            raise _Stopped(Deferred("connect", type(error).__name__)) from None
        except BaseException:
            smtp.close()
            raise

    async def _greeted(self, smtp: aiosmtplib.SMTP, context: ssl.SSLContext | None) -> _Connection:
        await smtp.connect(timeout=self.timeouts.connect)
        await smtp.ehlo(timeout=self.timeouts.command)
        over_tls = context is not None and await self._start_tls(smtp, context)
        verified = over_tls and context is self._context
        if self.username:
            await self._login(smtp, verified)
        if smtp.protocol is None:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        return _Connection(smtp, smtp.protocol, verified)

    async def _start_tls(self, smtp: aiosmtplib.SMTP, context: ssl.SSLContext) -> bool:
        if not smtp.supports_extension("starttls"):
            if self.tls == "required":  # rule 2: it was stripped on the way, or is switched off
                raise _Stopped(Deferred("tls", "the relay does not offer STARTTLS"))
            return False
        try:
            await smtp.starttls(tls_context=context, server_hostname=self.verify_name, timeout=self.timeouts.command)
        except (aiosmtplib.SMTPException, OSError):  # ssl.SSLError is an OSError
            raise _Stopped(_BAD_TLS) from None
        await smtp.ehlo(timeout=self.timeouts.command)  # RFC 3207 4.2: what was said before TLS is forgotten
        return True

    async def _login(self, smtp: aiosmtplib.SMTP, verified: bool) -> None:
        if not verified and self.tls != "loopback":  # rule 5
            raise _Stopped(Deferred("tls", "the password needs verified TLS"))
        try:
            await smtp.login(self.username, self._password, timeout=self.timeouts.command)
        except aiosmtplib.SMTPResponseException as reply:
            raise _Stopped(judge(Phase.LOGIN, reply.code, reply.message)) from None
        except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError):
            raise
        except aiosmtplib.SMTPException:
            raise _Stopped(Deferred("login", "the relay offers no way to log in that we know")) from None


@contextlib.asynccontextmanager
async def _before(until: float) -> AsyncIterator[None]:
    """What takes longer than this moment is put off."""
    try:
        async with asyncio.timeout_at(until):
            yield
    except TimeoutError:
        raise _Stopped(Deferred("timeout", "the relay did not answer in time")) from None


_BAD_TLS = Deferred("tls", "TLS could not be set up, or the relay's certificate is not its own")


class _Transaction:
    """MAIL, RCPT, DATA for one message (RFC 5321 3.3)."""

    def __init__(self, relay: Relay, connection: _Connection, what: Sendable, mail_from: str) -> None:
        self.relay, self.connection, self.what, self.mail_from = relay, connection, what, mail_from

    async def run(self, until: float) -> Accepted:
        self.connection.sent += 1
        try:
            async with asyncio.timeout_at(until):
                await self._envelope()
                await self._content()
        except TimeoutError:  # aiosmtplib's timeouts are TimeoutErrors too
            self.connection.close()
            raise _Stopped(Deferred("timeout", "the relay did not answer in time")) from None
        except aiosmtplib.SMTPResponseException:
            self.connection.close()
            raise _Stopped(Deferred("lost", "the reply was not SMTP")) from None
        except (aiosmtplib.SMTPException, OSError):
            self.connection.close()
            raise _Stopped(Deferred("lost", "the connection broke before the final dot")) from None
        return await self._dot()

    async def _envelope(self) -> None:
        smtp, size = self.connection.smtp, len(self.what.message)
        mail, rcpt = (
            [b"FROM:<%b>" % self.mail_from.encode("ascii")],
            [b"TO:<%b>" % self.what.recipient.encode("ascii")],
        )
        if smtp.supports_extension("size"):  # RFC 1870
            self._check_size(size, smtp.esmtp_extensions.get("size", ""))
            mail.append(b"SIZE=%d" % size)
        if smtp.supports_extension("dsn") and self.mail_from:
            mail += [b"RET=HDRS", *self._envelope_id()]  # RFC 3461 4.3: ciphertext need not come back
            # 4.1: Exchange says "delivered" when asked, and it is shown; no clock stops for it. Others stay silent.
            rcpt += [b"NOTIFY=SUCCESS,FAILURE,DELAY", b"ORCPT=rfc822;" + _xtext(self.what.recipient)]
        if isinstance(self.what, TlsOnly) and smtp.supports_extension("requiretls"):
            mail.append(b"REQUIRETLS")  # RFC 8689 4.2.1: nor may the next server pass it on without
        await self._say(Phase.MAIL, 250, b"MAIL", *mail)
        await self._say(Phase.RCPT, 250, b"RCPT", *rcpt)
        await self._say(Phase.DATA, 354, b"DATA")

    def _check_size(self, size: int, largest: str) -> None:
        if largest.isdecimal() and 0 < int(largest) < size:
            raise _Stopped(Refused("size", f"{size} octets; the relay takes {largest}"))

    def _envelope_id(self) -> list[bytes]:
        """ENVID (RFC 3461 4.4): the left part of the Message-ID, the same on every retry."""
        found = _MESSAGE_ID.search(self.what.message)
        return [b"ENVID=" + found[1]] if found else []

    async def _say(self, phase: Phase, hoped: int, *command: bytes) -> None:
        reply = await self.connection.smtp.execute_command(*command, timeout=self.relay.timeouts.command)
        if reply.code != hoped and not (hoped == 250 and reply.code == 251):  # 251: will forward (3.4)
            raise _Stopped(judge(phase, reply.code, reply.message))

    async def _content(self) -> None:
        """Everything but the final dot, through the socket, so that a break shows before the dot is said."""
        message = self.what.message
        stuffed = (b"." if message.startswith(b".") else b"") + message.replace(b"\r\n.", b"\r\n..")  # 4.5.2
        protocol = self.connection.protocol
        if isinstance(protocol.transport, asyncio.WriteTransport):
            protocol.transport.set_write_buffer_limits(
                high=1, low=0
            )  # draining means written; high=0 never wakes under TLS
        async with asyncio.timeout(self.relay.timeouts.content):
            for start in range(0, len(stuffed), CHUNK):
                protocol.write(stuffed[start : start + CHUNK])
                await asyncio.sleep(0)  # a connection that broke meanwhile says so only when the loop turns
                await protocol._drain_helper()  # the only flow control aiosmtplib has; its own DATA has none
        fault("sender.before-dot")

    async def _dot(self) -> Accepted:
        """RFC 5321 4.2.5: with the reply 250 responsibility passes to the server; before it, it is ours."""
        protocol = self.connection.protocol
        try:
            protocol.write(b".\r\n")
        except aiosmtplib.SMTPServerDisconnected:
            self.connection.close()
            raise _Stopped(Deferred("lost", "the connection broke before the final dot")) from None
        fault("sender.after-dot")
        try:
            reply = await protocol.read_response(timeout=self.relay.timeouts.dot)
        except (aiosmtplib.SMTPException, OSError) as error:
            self.connection.close()
            raise _Stopped(Uncertain(type(error).__name__)) from None
        if reply.code == 421:
            self.connection.close()
        if not 200 <= reply.code < 300:
            raise _Stopped(judge(Phase.DOT, reply.code, reply.message))
        return Accepted(self.relay.host, printable(f"{reply.code} {reply.message}"), self.connection.verified)


def _wrong(what: Sendable, mail_from: str) -> Refused | None:
    """Rules 3 and 4, looked at last of all: none of it can get better by waiting."""
    try:
        addresses = [Address(what.recipient).text, Address(mail_from).text if mail_from else ""]
    except AddressRefused:
        return Refused("address", "not one plain mail address")
    if addresses != [what.recipient.lower(), mail_from.lower()]:
        return Refused("address", "the address on the wire would not be the one in the directory")
    if not _is_clean(what.message):
        return Refused("malformed", "the message is not CRLF-clean ASCII with lines of bearable length")
    return None


def _is_clean(message: bytes) -> bool:
    """What every server reads in the same way: no bare CR or LF to smuggle by (T2), no NUL, no 8-bit octets."""
    ends = message.count(b"\r\n")
    if not message.endswith(b"\r\n") or not message.isascii() or b"\0" in message:
        return False
    if message.count(b"\r") != ends or message.count(b"\n") != ends:
        return False
    return max(map(len, message.split(b"\r\n"))) <= LINE_MAX


def _xtext(text: str) -> bytes:
    """RFC 3461 4: what is not plain is written as +HH."""
    return b"".join(b"+%02X" % c if c in b"+=" or not 33 <= c <= 126 else bytes([c]) for c in text.encode("ascii"))


def _context(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
