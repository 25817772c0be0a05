"""The doors by which mail comes in, as the settings name them: SMTP, LMTP from a mail server before us, and a shared
mailbox from which it is fetched.

Through whichever it came, mail is ours once `mailroom.accept` has returned, and not before.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from exchange.app import Opened
from exchange.config import ConfigRefused, Listen, Lmtp, Settings
from exchange.disk import Disk, disk_of
from exchange.mailroom import accept, is_ours
from exchange.pulling import Pulling
from mailflow.listener import Envelope, Limits, Listener
from mailflow.lmtp import LmtpSession
from mailflow.shared_mailbox import Access, MailboxAway, SharedMailbox

log = structlog.get_logger()


async def opened(exchange: Opened, stack: contextlib.AsyncExitStack) -> list[str]:
    """Open them all; each as the line that says that we are ready names it."""
    hub, settings = exchange.hub, exchange.settings

    async def keep(envelope: Envelope, raw: bytes) -> None:
        await accept(hub, envelope, raw)

    def ours(address: str) -> bool:
        return is_ours(address, settings.hub_address, exchange.addresses)

    hostname, limits = settings.hub_address.partition("@")[2], Limits(size=settings.smtp.largest)
    disk = disk_of(settings)
    by_smtp = Listener(keep, ours, hostname, _tls(settings), limits, disk.is_full)
    by_lmtp = Listener(keep, ours, hostname, None, limits, disk.is_full, LmtpSession)
    listening = [await _smtp(by_smtp, settings, stack), *await _lmtp(by_lmtp, settings, stack)]
    return [*listening, *_imap(exchange, ours, disk, stack)]


async def _smtp(listener: Listener, settings: Settings, stack: contextlib.AsyncExitStack) -> str:
    smtp = settings.smtp
    if smtp.tls_certificate is None:
        log.warning(
            "no [smtp] tls_certificate: STARTTLS is not offered, and what is not sealed can be read on its way"
        )
    port = await bound(listener.start(smtp.host, smtp.port), "smtp", smtp)
    stack.push_async_callback(listener.stop)
    return f"mail={smtp.host}:{port}"


async def _lmtp(listener: Listener, settings: Settings, stack: contextlib.AsyncExitStack) -> list[str]:
    lmtp = settings.lmtp
    if lmtp.path is not None:
        path = settings.path(lmtp.path)
        await _bound_at(listener, path)
        where = str(path)
    elif lmtp.port is not None:
        port = await bound(listener.start(lmtp.host, lmtp.port), "lmtp", lmtp)
        where = f"{lmtp.host}:{port}"
    else:
        return []
    stack.push_async_callback(listener.stop)
    return [f"lmtp={where}"]


def _imap(exchange: Opened, ours: Callable[[str], bool], disk: Disk, stack: contextlib.AsyncExitStack) -> list[str]:
    imap = exchange.settings.imap
    if not imap.host:
        return []
    box = mailbox(exchange.settings)
    pulling = Pulling(exchange.hub, box, ours, exchange.settings.hub_address)
    task = asyncio.ensure_future(_again_and_again(pulling, disk, imap.every))

    async def stop() -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await box.close()

    stack.push_async_callback(stop)
    return [f"imap={imap.host}:{imap.port}"]


def mailbox(settings: Settings) -> SharedMailbox:
    """The shared mailbox. Raises ConfigRefused."""
    imap = settings.imap
    file = imap.password_file or imap.token_file
    if not imap.host or file is None:
        raise ConfigRefused("imap.host: no shared mailbox is written in the settings")
    secret = settings.path(file)
    if not secret.is_file():
        raise ConfigRefused(f"imap: {secret}: name a file with the password, or the token, that is there")
    try:
        access = Access(
            imap.host, imap.port, imap.username, lambda: secret.read_text().strip(), bool(imap.token_file), imap.tls,
            settings.path(imap.ca_file) if imap.ca_file else None, imap.folder,
        )  # fmt: skip
    except ValueError as wrong:
        raise ConfigRefused(str(wrong)) from None
    return SharedMailbox(access, move_to=imap.move_to, keyword=imap.keyword, largest=settings.smtp.largest)


async def _again_and_again(pulling: Pulling, disk: Disk, every: float) -> None:
    while True:
        try:
            if not disk.is_full():  # what waits there is safe there
                await pulling.once()
        except MailboxAway:
            pass  # it was told of
        except Exception:
            log.exception("a look into the shared mailbox failed")
        await asyncio.sleep(every)


async def _bound_at(listener: Listener, path: Path) -> None:
    try:
        await listener.start_at(path)
    except OSError as wrong:
        why = wrong.strerror or "cannot be used"
        remedy = "name a place of at most 107 characters, in a folder that this user may write to"
        raise ConfigRefused(f"lmtp.path: {path}: {why}: {remedy}") from None


async def bound(starting: Awaitable[int], name: str, where: Listen | Lmtp) -> int:
    """The port a server listens at. Raises ConfigRefused."""
    try:
        return await starting
    except OSError as taken:
        why = taken.strerror or "cannot be used"
        raise ConfigRefused(f"{name}: {where.host}:{where.port}: {why}: choose another host or port") from None


def _tls(settings: Settings) -> ssl.SSLContext | None:
    smtp = settings.smtp
    if smtp.tls_certificate is None and smtp.tls_key is None:
        return None
    certificate, key = (_pem(settings, name) for name in ("tls_certificate", "tls_key"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context


def _pem(settings: Settings, name: str) -> Path:
    file: Path | None = getattr(settings.smtp, name)
    if file is None or not settings.path(file).is_file():
        raise ConfigRefused(f"smtp.{name}: {file or 'missing'}: name a PEM file that is there")
    return settings.path(file)
