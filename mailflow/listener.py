"""The door for mail: whom we accept, what we refuse, and when we have taken responsibility.

1. 250 is said only after `accept` returned for the whole message; before that the sender keeps it.
2. A failure of ours is 451 without detail, never a permanent refusal (a child matters more than our bug).
3. Only CRLF.CRLF ends a message, and what came is handed on octet by octet: dots unstuffed (RFC 5321 4.5.2),
   nothing else touched, nothing added. Bare CR, LF and NUL are kept and named later (mime.py).
4. What does not speak SMTP (web browsers, other protocols' bytes, bare LF commands) is hung up on, so that
   nobody can make it say commands for them.
5. Addresses and contents are in no log line.
"""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import AnyStr

from aiosmtpd.smtp import SMTP, TLSSetupException

from exchange.case.mailbox import Address, AddressRefused

log = logging.getLogger(__name__)
# aiosmtpd writes addresses at INFO and whole mails at DEBUG: no configuration may switch that on.
logging.getLogger("mail.log").setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the SMTP session said around a message."""

    mail_from: str = field(repr=False)  # "" for a bounce (RFC 5321 4.5.5)
    recipients: tuple[str, ...] = field(repr=False)  # ours, lower case
    peer: str  # IP address of the client
    helo: str  # what it called itself
    tls: bool  # the session was encrypted


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one client, or all of them, may ask of us."""

    size: int = 35 * 1024 * 1024  # octets a message: 25 MB of attachments in base64
    recipients: int = 100  # RFC 5321 4.5.3.1.8: at least a hundred
    connections: int = 200  # at once: each may hold one message of that size
    per_client: int = 50  # of them, from one address (Postfix smtpd_client_connection_count_limit)
    memory: int = 512 * 1024 * 1024  # octets of unfinished messages in all: 200 large ones would be 7 GB
    idle: float = 60.0  # seconds without an octet
    session: float = 1800.0  # seconds in all: who drips a byte a minute is not sending mail
    errors: int = 20  # refused commands a session (Postfix smtpd_hard_error_limit)
    idling: int = 300  # commands without a message: two hundred recipients and whatever a careful client asks
    grace: float = 30.0  # seconds that `stop` waits for messages being taken


SOCKET_MODE = 0o660  # the mail server before us is another user of this machine
LINE_MAX = 2048  # octets of a command line: RFC 5321 4.5.3.1.4 says 512, extensions add to it
CHUNK = 64 * 1024  # octets of a message read at once
_END_OF_DATA = b"\r\n.\r\n"  # RFC 5321 4.1.1.4
# RFC 5321 3.3 knows none of these; Postfix forbids the same (smtpd_forbidden_commands). BDAT is hung up on
# because the octets after it would be taken for commands.
_NOT_SMTP = re.compile(rb"(?:CONNECT|GET|POST|PUT|HEAD|OPTIONS|DELETE|PATCH|TRACE|BDAT)\b|[!-9;-~]+:", re.IGNORECASE)
_PRINTABLE = re.compile(rb"[ -~]*")
_SIZE = re.compile(r" SIZE=(\d{1,20})(?= |\Z)", re.IGNORECASE)

Accept = Callable[[Envelope, bytes], Awaitable[object]]


class Listener:
    """Receives mail in the running event loop."""

    def __init__(
        self,
        accept: Accept,
        is_ours: Callable[[str], bool],
        hostname: str,
        tls: ssl.SSLContext | None = None,
        limits: Limits | None = None,
        overloaded: Callable[[], bool] = lambda: False,
        dialogue: type[Session] | None = None,
    ) -> None:
        self.dialogue = dialogue or Session  # lmtp.py has another
        self.accept = accept
        self.is_ours = is_ours
        self.hostname = hostname
        self.tls = tls
        self.limits = limits or Limits()
        self.overloaded = overloaded
        self.sessions: set[Session] = set()
        self.taking: set[asyncio.Task[object]] = set()  # accepts under way
        self.holding = 0  # octets of messages being received or taken
        self.stopping = False
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen, and say on which port (0 asks for any)."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: self.dialogue(self, loop), host, port)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def start_at(self, path: Path) -> None:
        """Listen on a Unix socket, for the owner and the group of its folder."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(lambda: self.dialogue(self, loop), path)
        await asyncio.to_thread(path.chmod, SOCKET_MODE)

    async def stop(self) -> None:
        """Take no new mail, finish what is being taken, hang up."""
        self.stopping = True
        if self._server is not None:
            self._server.close()
        for session in [s for s in self.sessions if not s.delivering]:
            session.hang_up()
        running = {s.task for s in self.sessions if s.task is not None} | self.taking
        if running:
            await asyncio.wait(running, timeout=self.limits.grace)
        for session in list(self.sessions):
            session.hang_up()

    async def take(self, envelope: Envelope, content: bytes) -> bool:
        """Whether the message is now ours. Once begun it is not cancelled: a client that hangs up must not
        undo a commit half way, and will send again what it got no 250 for."""
        task = asyncio.ensure_future(self.accept(envelope, content))
        self.taking.add(task)
        task.add_done_callback(self.taking.discard)
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_tell_failure)
            raise
        except Exception as error:  # noqa: BLE001 - rule 2: whatever went wrong, the sender keeps the mail
            log.error("accept failed: %s", type(error).__name__)
            return False
        return True


def _tell_failure(task: asyncio.Task[object]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("accept failed after the client left: %s", type(error).__name__)


class Session(SMTP):
    """One client, by SMTP. aiosmtpd keeps the state and speaks STARTTLS; reading commands and content is stricter
    here than there (it takes bare LF for a line end, HTTP for SMTP, and any number of recipients)."""

    line_length_limit = CHUNK  # the stream's limit; commands have their own
    protocol = "ESMTP"  # as the greeting names it

    def __init__(self, listener: Listener, loop: asyncio.AbstractEventLoop) -> None:
        limits = listener.limits
        super().__init__(
            self,  # our own handle_ hooks
            hostname=listener.hostname,
            data_size_limit=limits.size,
            tls_context=listener.tls,
            timeout=limits.idle,
            auth_exclude_mechanism=("LOGIN", "PLAIN"),
            loop=loop,
        )
        for verb in ("AUTH", "EXPN", "HELP"):  # nobody signs in here
            del self._smtp_methods[verb]
        self._listener = listener
        self._limits = limits
        self._errors = 0
        self._idling = 0  # commands since the last message
        self._held = 0
        self._ahead = bytearray()  # what came behind a final dot, read and not yet obeyed
        self.client = ""  # the address it came from; "" for a Unix socket
        self._end: asyncio.TimerHandle | None = None
        self.delivering = False
        self.task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # again after STARTTLS
        if self.task is None:
            peer = transport.get_extra_info("peername")
            self.client = str(peer[0]) if isinstance(peer, tuple) else ""
            self.task = self._handler_coroutine
            self._end = self.loop.call_later(self._limits.session, self.hang_up)
            self._listener.sessions.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        if self._end is not None:
            self._end.cancel()
        self._listener.sessions.discard(self)
        super().connection_lost(error)

    def eof_received(self) -> bool | None:
        """The client says no more: what it said is obeyed and answered, then `_handle_client` finds the end and hangs
        up. aiosmtpd breaks off and keeps the connection open, and fifty who leave without QUIT keep out the next."""
        return asyncio.StreamReaderProtocol.eof_received(self) if self._tls_protocol is None else False

    def data_received(self, data: bytes) -> None:
        if not self.delivering:
            self._reset_timeout()
        super().data_received(data)

    def hang_up(self) -> None:
        """Close after what was said has been sent."""
        if self.transport is not None:
            self.transport.close()

    async def push(self, status: AnyStr) -> None:
        await super().push(status)
        text = status.encode("ascii") if isinstance(status, str) else status
        self._errors += text.startswith(b"5")
        if self._errors > self._limits.errors:
            self._errors = -1_000_000  # say it once
            await self._leave("421 4.7.0 Too many errors")

    async def _leave(self, status: str) -> None:
        await self.push(status)
        self.hang_up()

    # -- commands

    async def _handle_client(self) -> None:
        if self._too_many():
            await self._leave("421 4.3.2 Too many connections, try again later")
            return
        await self.push(f"220 {self.hostname} {self.protocol}")
        while self.transport is not None and not self.transport.is_closing():
            try:
                await self._obey(await self._line())
            except asyncio.LimitOverrunError:
                await self._leave("500 5.5.6 Line too long")
            except TLSSetupException as error:
                self.hang_up()
                self.connection_lost(error)
            except (asyncio.IncompleteReadError, ConnectionError):
                self.hang_up()
            except Exception as error:  # noqa: BLE001 - rule 2
                log.error("session failed: %s", type(error).__name__)
                await self._leave("451 4.3.0 Local error")
            if self._listener.stopping:
                self.hang_up()

    async def _line(self) -> bytes:
        """The next command."""
        end = self._ahead.find(b"\n") + 1
        if end:
            line = bytes(self._ahead[:end])
            del self._ahead[:end]
            return line
        begun = bytes(self._ahead)
        self._ahead.clear()
        return begun + await self._reader.readuntil(b"\n")

    def _too_many(self) -> bool:
        """Of all clients, or of this one: nobody alone may keep everybody else out."""
        sessions = self._listener.sessions
        same = sum(one.client == self.client for one in sessions) if self.client else 0
        return len(sessions) > self._limits.connections or same > self._limits.per_client

    async def _obey(self, line: bytes) -> None:
        command = line.removesuffix(b"\r\n")
        if command == line:
            await self._leave("500 5.5.2 Lines end with CR LF")  # RFC 5321 2.3.8
        elif _NOT_SMTP.match(command):
            await self._leave("421 4.7.0 This is a mail server")
        elif len(line) > LINE_MAX:
            await self.push("500 5.5.6 Line too long")
        elif not _PRINTABLE.fullmatch(command):
            await self.push("500 5.5.2 Printable ASCII only")
        else:
            self._idling += 1
            if self._idling > self._limits.idling:
                await self._leave("421 4.7.0 Too many commands")
                return
            verb, _, rest = command.decode("ascii").partition(" ")
            method = self._smtp_methods.get(verb.upper())
            if method is None:
                await self.push("502 5.5.1 Command not known")
            else:
                await method(rest.strip() or None)

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: object, session: object, envelope: object, hostname: str, responses: list[str]
    ) -> list[str]:
        """Announce what is true: there is no sign-in, no help."""
        assert self.session is not None  # noqa: S101 - set when the connection was made
        self.session.host_name = hostname
        kept = [r[4:] for r in responses if not r.startswith(("250-AUTH", "250 HELP"))]
        return [f"250-{text}" for text in kept[:-1]] + [f"250 {kept[-1]}"]

    async def smtp_STARTTLS(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        if self._tls_protocol is not None:
            await self.push("503 5.5.1 Already encrypted")
        elif self.tls_context is None:
            await self.push("502 5.5.1 Command not known")
        else:
            self._ahead.clear()  # said before TLS, by whomever (RFC 3207 4.2)
            await super().smtp_STARTTLS(arg)

    async def smtp_VRFY(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        await self.push("252 2.5.0 Send it and see")  # RFC 5321 7.3: says nothing about who exists

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        declared = _SIZE.search(arg or "")
        if declared and int(declared[1]) > self._limits.size:  # RFC 1870 6.1
            await self.push("552 5.3.4 Message too big")
        elif self._listener.overloaded() or self._listener.stopping:
            await self.push("452 4.3.1 Try again later")
        else:
            await super().smtp_MAIL(arg)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: object, session: object, envelope: object, address: str, options: list[str]
    ) -> str:
        """Whether we take mail for this address."""
        assert self.envelope is not None  # noqa: S101 - set when the connection was made
        if len(self.envelope.rcpt_tos) >= self._limits.recipients:
            return "452 4.5.3 Too many recipients"
        if address.lower() == "postmaster":  # RFC 5321 4.5.1: also without a domain
            address = f"postmaster@{self.hostname}"
        try:
            recipient = Address(address).text
        except AddressRefused:
            return "553 5.1.3 Not a plain mail address"
        if not self._listener.is_ours(recipient):
            return "550 5.1.1 No such mailbox here"
        if recipient not in self.envelope.rcpt_tos:
            self.envelope.rcpt_tos.append(recipient)
        return "250 2.1.5 OK"

    # -- content

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        assert self.envelope is not None  # noqa: S101 - set when the connection was made
        if arg or not self.envelope.rcpt_tos:
            await self.push("501 5.5.4 DATA takes no argument" if arg else "503 5.5.1 RCPT first")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        replies = self._replies()
        try:
            await self.push("\r\n".join([await self._received()] * replies))
        finally:
            self._hold(-self._held)

    def _replies(self) -> int:
        """How many replies the final dot gets."""
        return 1

    async def _received(self) -> str:
        """The answer to a message's final dot."""
        content = await self._content()
        if isinstance(content, str):
            self._forget_message()
            return content
        self.delivering = True
        self._reset_timeout(self._limits.session)  # how long we take is not the client's idleness
        try:
            taken = await self._listener.take(self._finished_envelope(content), content)
        finally:
            self.delivering = False
        self._forget_message()
        self._reset_timeout()
        self._idling = 0
        # Here responsibility passes: the message is durable, and the next octet tells the client so.
        return "250 2.0.0 Taken" if taken else "451 4.3.0 Try again later"

    def _forget_message(self) -> None:
        self.envelope = self._create_envelope()

    async def _content(self) -> bytes | str:
        """The message, or the reply that refuses it once it was read to its end (RFC 5321 4.5.3.1.10), unless
        there is no end to it."""
        content = bytearray(b"\r\n")  # the first line may be the final dot
        refusal, dropped, ended = "", 0, False
        while not ended:
            begin = max(0, len(content) - len(_END_OF_DATA) + 1)  # the dot may have come in part
            piece = await self._piece()
            content += piece
            end = content.find(_END_OF_DATA, begin) + len(_END_OF_DATA)
            if ended := end >= len(_END_OF_DATA):
                self._ahead += content[end:]
                del content[end:]
            more = len(piece) - len(self._ahead)
            refusal = refusal or self._too_much(len(content) - len(_END_OF_DATA), more)
            if refusal:
                dropped += more
                del content[: -len(_END_OF_DATA)]
            if dropped > 2 * self._limits.size:
                await self._leave(refusal)
                raise ConnectionResetError
        return refusal or bytes(content[:-3].replace(b"\r\n.", b"\r\n")[2:])

    def _too_much(self, octets: int, more: int) -> str:
        """The refusal for a message of this size, `more` of it new, or ''."""
        self._hold(more)
        if octets > self._limits.size:
            return "552 5.3.4 Message too big"
        return "452 4.3.1 Try again later" if self._listener.holding > self._limits.memory else ""

    def _hold(self, octets: int) -> None:
        self._held += octets
        self._listener.holding += octets

    async def _piece(self) -> bytes:
        """What has come, a final dot and commands behind it among it: whoever stops at every dot on its way reads a
        message of short lines for a minute, and nobody else is served."""
        if piece := bytes(self._ahead):
            self._ahead.clear()
            return piece
        if piece := await self._reader.read(CHUNK):
            return piece
        raise asyncio.IncompleteReadError(b"", None)

    def _finished_envelope(self, content: bytes) -> Envelope:
        assert self.envelope is not None  # noqa: S101 - set when the connection was made
        assert self.session is not None  # noqa: S101 - the same
        sender = self.envelope.mail_from or ""
        return Envelope(
            mail_from="" if sender == "<>" else sender,
            recipients=tuple(self.envelope.rcpt_tos),
            peer=self.client,
            helo=self.session.host_name or "",
            tls=self.session.ssl is not None,
        )
