"""A mailbox that somebody else keeps, read by IMAP (RFC 3501): for hubs to which no mail can be pushed.

1. Nothing is deleted, ever. What was taken is moved to another folder (RFC 6851) or marked with a keyword.
2. Mail is known by its UID; which mails the UIDs mean is told by UIDVALIDITY, and asked at every look.
3. Neither name nor password is said before verified TLS stands, except to this very machine.
4. The standard library's client does the talking, in a thread of its own: what there is for asyncio (aioimaplib) is
   under the GPL, and one connection that asks a few times a minute needs no more.
"""

from __future__ import annotations

import asyncio
import contextlib
import imaplib
import ipaddress
import re
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

Tls = Literal["implicit", "starttls", "loopback"]
T = TypeVar("T")

SECONDS = 30.0  # for one answer of the server
_SIZES = re.compile(rb"\bUID (\d+)|\bRFC822\.SIZE (\d+)")
_CODES = ((ssl.SSLError, "tls"), (TimeoutError, "timeout"), (OSError, "connect"))


class MailboxAway(Exception):
    """The mailbox cannot be read now; `code` says why: connect, tls, timeout, login, folder, lost."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotGiven(Exception):
    """The server does not give us this one mail."""


@dataclass(frozen=True, slots=True)
class Access:
    """How a mailbox is reached."""

    host: str
    port: int
    username: str = field(repr=False)
    secret: Callable[[], str] = field(repr=False)  # read anew for each connection: tokens end within the hour
    by_token: bool = False  # OAuth 2 (XOAUTH2): Exchange Online and Google take no passwords
    tls: Tls = "implicit"
    ca_file: Path | None = None  # who vouches for its certificate; None: whom the system trusts
    folder: str = "INBOX"

    def __post_init__(self) -> None:
        if self.tls == "loopback" and not _is_loopback(self.host):
            raise ValueError('imap tls "loopback" needs a loopback address as host; use "implicit" or "starttls"')


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail in the folder."""

    uid: int
    size: int


@dataclass(frozen=True, slots=True)
class Look:
    """What a look into the folder showed."""

    validity: int  # UIDVALIDITY
    anew: bool  # the UIDs mean other mails than those of the look before: all are waiting
    waiting: tuple[Waiting, ...]  # the oldest first


class SharedMailbox:
    """One connection, opened when it is needed."""

    def __init__(self, access: Access, *, move_to: str = "", keyword: str = "", largest: int) -> None:
        self.access, self.move_to, self.keyword, self.largest = access, move_to, keyword, largest
        self._client: imaplib.IMAP4 | None = None
        self._socket: socket.socket | None = None
        self._asking = False
        self._validity = 0
        self._thread = ThreadPoolExecutor(1, "imap")

    async def look(self, validity: int, uid: int) -> Look:
        """What came after the mail of this UID, if that UIDVALIDITY holds; otherwise all. Raises MailboxAway."""
        return await self._asked(lambda client: self._look(client, validity, uid))

    async def fetch(self, uid: int) -> bytes | None:
        """The mail as it lies there; None when somebody has taken it away. Raises MailboxAway or NotGiven."""
        return await self._asked(lambda client: _fetch(self._there(client), uid))

    async def put_away(self, uid: int) -> None:
        """It is ours: move it, or mark it; what the server does not let us do stays undone. Raises MailboxAway."""
        await self._asked(lambda client: _put_away(self._there(client), uid, self.move_to, self.keyword))

    def _look(self, client: imaplib.IMAP4, validity: int, uid: int) -> Look:
        self._validity, next_uid = _select(client, self.access.folder)
        # The second: a mailbox that was set back, under the same UIDVALIDITY against the rule.
        anew = self._validity != validity or 0 < next_uid <= uid
        return Look(self._validity, anew, _waiting(client, 0 if anew else uid))

    def _there(self, client: imaplib.IMAP4) -> imaplib.IMAP4:
        """In the folder, as it was looked at: a connection that broke is another one now."""
        if client.state != "SELECTED" and _select(client, self.access.folder)[0] != self._validity:
            raise MailboxAway("lost")
        return client

    async def close(self) -> None:
        """Hang up, also on an answer that does not come."""
        if self._asking and self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)  # the thread waits in it
        await asyncio.get_running_loop().run_in_executor(self._thread, self._leave)
        self._thread.shutdown(wait=False)

    def _leave(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(OSError, imaplib.IMAP4.error):
                client.logout()

    async def _asked(self, ask: Callable[[imaplib.IMAP4], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._ask, ask)
        except imaplib.IMAP4.error:  # `abort` and `readonly` are its kin
            raise MailboxAway("lost") from None
        except OSError as trouble:
            raise MailboxAway(_code(trouble)) from None

    def _ask(self, ask: Callable[[imaplib.IMAP4], T]) -> T:
        self._asking = True
        try:
            if self._client is None:
                self._client = _connected(self.access, self.largest, self._keep)
                _make_folder(self._client, self.move_to)
            return ask(self._client)
        except NotGiven:
            raise
        except BaseException:
            client, self._client = self._client, None
            if client is not None:
                client.shutdown()
            raise
        finally:
            self._asking = False

    def _keep(self, opened: socket.socket) -> None:
        self._socket = opened


class _Bounded(imaplib.IMAP4):
    """Reads no more at once than a mail may be large, and tells of its socket before anything is said."""

    def __init__(self, largest: int, keep: Callable[[socket.socket], None], **where: Any) -> None:
        self.largest, self._keep = largest, keep
        super().__init__(timeout=SECONDS, **where)

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:
        super().open(host, port, timeout)
        self._keep(self.sock)

    def read(self, size: int) -> bytes:
        if size > self.largest:
            raise self.abort("larger than it said")
        return super().read(size)


class _BoundedTls(_Bounded, imaplib.IMAP4_SSL):  # type: ignore[misc]  # the two open() differ in a default only
    """The same over TLS from the first octet."""


def _code(trouble: OSError) -> str:
    return next(code for kind, code in _CODES if isinstance(trouble, kind))


def _connected(access: Access, largest: int, keep: Callable[[socket.socket], None]) -> imaplib.IMAP4:
    """Connected and signed in."""
    context = ssl.create_default_context(cafile=access.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    where: dict[str, Any] = {"host": access.host, "port": access.port}
    client = (
        _BoundedTls(largest, keep, **where, ssl_context=context)
        if access.tls == "implicit"
        else _Bounded(largest, keep, **where)
    )
    try:
        if access.tls == "starttls":
            _start_tls(client, context)
        _sign_in(client, access)
        told = client.capability()[1][0] or b""  # most servers tell the half of it only to whom they know
        client.capabilities = tuple(told.decode("ascii", "replace").upper().split())
    except BaseException:
        with contextlib.suppress(OSError):
            client.shutdown()
        raise
    return client


def _start_tls(client: imaplib.IMAP4, context: ssl.SSLContext) -> None:
    try:
        client.starttls(context)
    except imaplib.IMAP4.error:  # not offered, or taken out on the way
        raise MailboxAway("tls") from None


def _sign_in(client: imaplib.IMAP4, access: Access) -> None:
    try:
        secret = access.secret()
    except OSError:
        raise MailboxAway("login") from None
    try:
        if access.by_token:
            said = iter([f"user={access.username}\x01auth=Bearer {secret}\x01\x01".encode(), b""])
            client.authenticate("XOAUTH2", lambda _: next(said, b""))  # the second answers why it was refused
        elif "AUTH=PLAIN" in client.capabilities:
            client.authenticate("PLAIN", lambda _: f"\0{access.username}\0{secret}".encode())
        else:
            client.login(_quoted(access.username), secret)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        raise MailboxAway("login") from None


def _make_folder(client: imaplib.IMAP4, name: str) -> None:
    if name:
        client.create(_quoted(name))  # it may be there already: then the server says no


def _select(client: imaplib.IMAP4, folder: str) -> tuple[int, int]:
    """Open the folder; (UIDVALIDITY, the UID that the next mail will have, or 0 when it does not say)."""
    try:
        done, _ = client.select(_quoted(folder))
    except imaplib.IMAP4.readonly:
        raise MailboxAway("folder") from None
    validity, next_uid = (client.response(name)[1][0] for name in ("UIDVALIDITY", "UIDNEXT"))
    if done != "OK" or not validity:
        raise MailboxAway("folder")
    return int(validity), int(next_uid or 0)


def _waiting(client: imaplib.IMAP4, last: int) -> tuple[Waiting, ...]:
    done, lines = client.uid("FETCH", f"{last + 1}:*", "(UID RFC822.SIZE)")
    if done != "OK":
        raise MailboxAway("folder")
    found = [_one_waiting(line) for line in lines if isinstance(line, bytes)]
    return tuple(sorted((one for one in found if one.uid > last), key=lambda one: one.uid))


def _one_waiting(line: bytes) -> Waiting:
    told = _SIZES.findall(line)
    return Waiting(*(next((int(pair[n]) for pair in told if pair[n]), 0) for n in (0, 1)))


def _fetch(client: imaplib.IMAP4, uid: int) -> bytes | None:
    done, found = client.uid("FETCH", str(uid), "(UID BODY.PEEK[])")
    if done != "OK":
        raise NotGiven(str(uid))
    for part in found:
        if isinstance(part, tuple) and b"BODY[]" in part[0]:
            return bytes(part[1])
    return None


def _put_away(client: imaplib.IMAP4, uid: int, move_to: str, keyword: str) -> None:
    if move_to and "MOVE" in client.capabilities:
        client.uid("MOVE", str(uid), _quoted(move_to))
    elif keyword:
        client.uid("STORE", str(uid), "+FLAGS.SILENT", f"({keyword})")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
