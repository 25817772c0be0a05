"""Serving: listener, web and workers in the roles asked for, started together and stopped in order.

Apart from app.py, so that a command need not load what only a server uses.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any

import structlog

from exchange import cautions, doors, outgoing
from exchange.app import ROLES, Opened, opened
from exchange.clockwatch import Clockwatch
from exchange.config import Settings
from exchange.disk import DiskWatch, disk_of
from exchange.dispatch import Dispatch
from exchange.domains import DomainWatch
from exchange.examining import Examiner
from exchange.held_again import HeldAgain
from exchange.hub_letters import HubLetters
from exchange.intake import Intake
from exchange.lanes import LANES
from exchange.letter_kinds import kinds
from exchange.mailroom import Mailroom
from exchange.ours import ours
from exchange.scanning import Scanning
from exchange.store.database import Bell
from exchange.store.news import Crier
from exchange.web.server import WebServer
from exchange.witness import Witness
from exchange.writing import Writer
from keys.opener import Opener
from mailflow.direct import Outbound
from mailflow.reader import Reader

log = structlog.get_logger()
Loop = Callable[[], Coroutine[Any, Any, None]]
WATCH = 5.0  # seconds between looks at the disk


async def serve(settings: Settings, roles: tuple[str, ...] = ROLES, ready: Callable[[str], None] = print) -> None:
    """Serve until told to stop by SIGTERM or SIGINT; `ready` is called once everything listens."""
    async with opened(settings) as exchange, contextlib.AsyncExitStack() as stack:
        for told in await cautions.all_of(exchange):
            log.warning("see to this", where=told)
        started = []
        loops: list[Loop] = []  # begun once everything else stands: what was not may end the process before
        room = await _mailroom(exchange, stack) if {"work", "web"} & set(roles) else None
        if {"mail", "work"} & set(roles):
            loops.append(partial(_forever, DiskWatch(exchange.hub, disk_of(settings)).once, Bell(), WATCH))
        if "mail" in roles:
            started += await doors.opened(exchange, stack)
        if room and "work" in roles:
            loops += await _workers(exchange, room, stack)
        if room and "web" in roles:
            started.append(await _web(exchange, room, stack))
        if not exchange.hub.database.is_sqlite:
            loops.append(partial(_forever, Crier(exchange.hub.database).once, exchange.hub.database.bell, WATCH))
        gc.freeze()  # what is loaded by now stays for ever: walking it again and again is waste
        ready("ready " + " ".join(started))
        await _until_told(loops)


async def _mailroom(exchange: Opened, stack: contextlib.AsyncExitStack) -> Mailroom:
    settings = exchange.settings
    reader = await Reader.start(LANES)
    opener = await Opener.start(await exchange.keyroom.opening(), LANES)
    stack.push_async_callback(reader.close)
    stack.push_async_callback(opener.close)
    sealers = frozenset(domain.lower() for domain in settings.smtp.trusted_sealers)
    examiner = Examiner(reader, opener, outgoing.resolver(settings), sealers)
    return Mailroom(examiner, exchange.addresses, settings.hub_address)


async def _workers(exchange: Opened, room: Mailroom, stack: contextlib.AsyncExitStack) -> list[Loop]:
    hub, settings, work = exchange.hub, exchange.settings, exchange.settings.work
    relay = outgoing.relay(settings)
    stack.push_async_callback(relay.close)
    direct, dkim = outgoing.direct(settings), outgoing.signing(settings)
    carrier = Outbound(relay, direct)
    intake = Intake(hub, room, batch=work.batch, lease=work.lease)
    stack.push_async_callback(intake.stop)
    tells = await ours(exchange.keyroom, settings.base_url, hub.clock.now())
    writer = Writer(hub, exchange.keyroom, exchange.addresses, settings.hub_address, settings.base_url, tells, dkim)
    dispatch = Dispatch(hub, exchange.keyroom, carrier, exchange.addresses, writer, work)
    of_hub = HubLetters(hub, exchange.keyroom, carrier, exchange.addresses, writer, work, kinds(exchange, writer))
    clockwatch = Clockwatch(hub)
    witness = Witness(hub, exchange.keyroom, relay, settings.hub_address, settings.audit, dkim)
    bell = hub.database.bell
    for sends in (dispatch, of_hub):
        stack.push_async_callback(sends.stop)
    scanner = outgoing.scanner(settings)
    scans = (Scanning(hub, scanner).once,) if scanner else ()
    woken = (intake.once, clockwatch.once, dispatch.begin, of_hub.begin, *scans)
    # Only time makes these due, or nobody waits for them: they look when it comes, not at each ring.
    watches = (w.once for w in (witness, DomainWatch(hub, direct), HeldAgain(hub, exchange.keyroom)))
    return [
        *(partial(_forever, one, bell, work.poll) for one in woken),
        *(partial(_forever, one, Bell(), work.poll) for one in watches),
    ]


async def _web(exchange: Opened, room: Mailroom, stack: contextlib.AsyncExitStack) -> str:
    settings = exchange.settings
    carrier = outgoing.relay(settings)
    stack.push_async_callback(carrier.close)
    codes = outgoing.code_sender(settings, carrier)
    mailed = outgoing.by_mail(settings, carrier)
    server = WebServer(exchange.hub, room, settings, exchange.keyroom, codes, mailed)
    port = await doors.bound(server.start(), "web", settings.web)
    stack.push_async_callback(server.stop)
    return f"web={settings.web.host}:{port}"


async def _forever(work: Callable[[], Awaitable[int]], bell: Bell, poll: float) -> None:
    while True:
        heard = bell.rung
        try:
            worked = await work()
        except Exception:
            log.exception("a round of work failed")
            worked = 0
            heard = bell.rung
        if not worked:
            await bell.wait(heard, poll)


async def _until_told(loops: list[Loop]) -> None:
    told = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, told.set)
    working = [asyncio.create_task(loop()) for loop in loops]
    await told.wait()
    for task in working:
        task.cancel()
    await asyncio.gather(*working, return_exceptions=True)
