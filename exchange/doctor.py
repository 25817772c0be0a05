"""Doctor: everything an operator would look at when something seems wrong, with what to do about what is not well.

It reads, and changes nothing; no line names a person, an address or a case.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from exchange import app, cautions, disk, hub_keys, outgoing
from exchange.config import ConfigRefused, Settings
from exchange.disk import Level
from exchange.holding_pen import WAITING
from exchange.other_mail import told
from exchange.store import inbox, outbox
from keys.smime.certificate import CertificateRefused, x509_of
from mailflow.clamd import Clamd
from mailflow.clamd import Verdict as Silence

UNREAD = timedelta(minutes=5)  # after which mail that nobody has read means that no worker runs
UNSENT = timedelta(minutes=30)  # that a letter may be past its time: its retries are minutes apart
SOON = timedelta(days=30)  # before an end that somebody must see to


class Verdict(StrEnum):
    """How it is with one thing."""

    WELL = "well"
    SEE_TO = "see to it"
    FAILS = "fails"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    verdict: Verdict
    told: str  # what was found; of what is not well, what to do


async def examined(exchange: app.Opened) -> tuple[Finding, ...]:
    """All findings. That record and key store open is shown by this being asked at all."""
    return (Finding("record and keys", Verdict.WELL, "both open"), *[one async for one in _findings(exchange)])


async def _findings(exchange: app.Opened) -> AsyncIterator[Finding]:
    now = exchange.hub.clock.now()
    yield _disk(exchange)
    async with exchange.hub.database.reading(exchange.hub.scope("operator")) as tx:
        yield _waiting("mail to be read", await inbox.waits_since(tx), now - UNREAD, "work")
        yield _waiting("letters to be sent", await outbox.due_since(tx), now - UNSENT, "work, and answers the relay")
        held = await inbox.waiting(tx, WAITING)
    if held:
        yield Finding("other mail", Verdict.SEE_TO, f"{told(held, now)}: open Other mail at the desk")
    else:
        yield Finding("other mail", Verdict.WELL, "none waits for somebody to say what it is")
    yield await _hub_key(exchange, now)
    for one in _dkim(exchange.settings):
        yield one
    async for scanner in _scanner(exchange):
        yield scanner
    for one in _listener(exchange, now):
        yield one
    room = disk.disk_of(exchange.settings).caution
    for caution in await cautions.all_of(exchange):
        if caution != room:
            yield Finding("caution", Verdict.SEE_TO, caution)


def _disk(exchange: app.Opened) -> Finding:
    found = disk.disk_of(exchange.settings)
    free, level = found.free, found.level
    if free is None:
        return Finding("disk", Verdict.WELL, "both databases are on servers, whose disks are to be watched there")
    if level is Level.ENOUGH:
        return Finding("disk", Verdict.WELL, f"{free // disk.MEGABYTE} MB left")
    return Finding("disk", Verdict.FAILS if level is Level.FULL else Verdict.SEE_TO, found.caution)


def _waiting(what: str, since: datetime | None, latest: datetime, role: str) -> Finding:
    if since is None or since >= latest:
        return Finding(what, Verdict.WELL, "nothing has waited long")
    at = f"{since:%Y-%m-%d %H:%M} UTC"
    return Finding(what, Verdict.FAILS, f"the oldest has waited since {at}: does `exchange serve` run with {role}?")


async def _hub_key(exchange: app.Opened, now: datetime) -> Finding:
    used = next((k for k in await hub_keys.listed(exchange) if k["state"].startswith("in use")), None)
    if used is None:
        return Finding("hub key", Verdict.FAILS, "the key of the settings is not in gnupg/: bring it back from paper")
    if used["state"] != "in use":
        return Finding("hub key", Verdict.FAILS, "it has ended: run `exchange hub-key rotate`")
    ends = used["until"]
    if ends != "-" and ends < (now + SOON).date().isoformat():
        return Finding("hub key", Verdict.SEE_TO, f"it ends on {ends}: run `exchange hub-key rotate`")
    return Finding("hub key", Verdict.WELL, f"good until {ends}" if ends != "-" else "good, without an end")


def _dkim(settings: Settings) -> Iterator[Finding]:
    """The key that signs our own mail, where the settings name one."""
    if not settings.dkim.selector:
        return
    try:
        outgoing.signer(settings)
    except ConfigRefused as wrong:
        why = f"{wrong}. `exchange serve` does not start so: bring it back, or make another (`exchange dkim make`)"
        yield Finding("DKIM key", Verdict.FAILS, why)
    else:
        yield Finding("DKIM key", Verdict.WELL, "can be read; `exchange dkim check` asks DNS for its record")


async def _scanner(exchange: app.Opened) -> AsyncIterator[Finding]:
    """Whether the malware scanner answers; that there is none is a caution."""
    socket = exchange.settings.clamd.socket
    if socket is None:
        return
    if await Clamd(exchange.settings.path(socket)).look(b"nothing\n") is Silence.SILENT:
        why = "it does not answer: files stay shut. Start clamav-daemon, and see that this user may use its socket"
        yield Finding("malware scanner", Verdict.FAILS, why)
    else:
        yield Finding("malware scanner", Verdict.WELL, "answers")


def _listener(exchange: app.Opened, now: datetime) -> Iterator[Finding]:
    """The certificate with which STARTTLS is offered."""
    named = exchange.settings.smtp.tls_certificate
    if named is None:
        return
    ends = _end(exchange.settings.path(named))
    what = "certificate of the listener"
    if ends is None:
        yield Finding(what, Verdict.FAILS, "it cannot be read: name a PEM file in [smtp] tls_certificate")
    elif ends <= now:
        yield Finding(what, Verdict.FAILS, f"it ended on {ends:%Y-%m-%d}: put a new one in its place, and restart")
    elif ends <= now + SOON:
        yield Finding(what, Verdict.SEE_TO, f"it ends on {ends:%Y-%m-%d}: have it renewed, and restart")
    else:
        yield Finding(what, Verdict.WELL, f"good until {ends:%Y-%m-%d}")


def _end(file: Path) -> datetime | None:
    try:
        return x509_of(file.read_bytes()).not_valid_after_utc
    except (OSError, ValueError, CertificateRefused):
        return None
