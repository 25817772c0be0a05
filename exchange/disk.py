"""Disk: how much is left where record and keys grow, so that mail is put off while the database can still write.

1. Below `[disk] least_free` mail is put off (452, RFC 5321 4.2.3) and a shared mailbox is left alone: whoever sends
   it keeps it, and tries again by itself. What is here already is read, sent and answered with what is left; so is
   what comes by the web form, whose senders have nothing that tries again for them.
2. Below `[disk] warn_below` the desk is asked to get it mended, and the log, `exchange doctor` and start say so.
3. Of a PostgreSQL on another machine nothing is known here: it says no when it is full, and mail gets 451 then.
"""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

import structlog

from exchange.case.effect import TaskKind
from exchange.config import Settings
from exchange.hub import Hub
from exchange.stepping import lower, raise_once
from exchange.store.database import folder_of

log = structlog.get_logger()
EVERY = timedelta(seconds=10)  # between two looks of the watch
MEGABYTE = 1024 * 1024


class Level(StrEnum):
    """How it stands."""

    ENOUGH = "enough"
    LOW = "low"
    FULL = "full"  # mail is put off


@dataclass(frozen=True, slots=True)
class Disk:
    """The disks that SQLite writes to; none where both databases are elsewhere."""

    folders: tuple[Path, ...]
    least_free: int  # octets
    warn_below: int  # octets

    @property
    def free(self) -> int | None:
        """Octets left on the fullest of them; None when nobody can say."""
        return min(_free(self.folders), default=None)

    @property
    def level(self) -> Level:
        """How it stands now."""
        free = self.free
        if free is None:
            return Level.ENOUGH
        if free < self.least_free:
            return Level.FULL
        return Level.LOW if free < self.warn_below else Level.ENOUGH

    def is_full(self) -> bool:
        """Whether mail has to be put off."""
        return self.level is Level.FULL

    @property
    def caution(self) -> str:
        """What an operator should do about it, in one line; "" for nothing."""
        level, free = self.level, self.free
        if level is Level.ENOUGH or free is None:
            return ""
        limit = f"{self.least_free // MEGABYTE} MB ([disk] least_free)"
        now = (
            f"mail is put off below {limit}" if level is Level.LOW else f"mail is put off, for that is below {limit}"
        )
        return f"the disk has {free // MEGABYTE} MB left: {now}. Make room on it, or give it more"


def disk_of(settings: Settings) -> Disk:
    """What these settings write to."""
    folders = (folder_of(url) for url in (settings.database, settings.keystore))
    return Disk(tuple(f for f in folders if f), settings.disk.least_free, settings.disk.warn_below)


def _free(folders: Iterable[Path]) -> Iterable[int]:
    for folder in folders:
        try:
            yield shutil.disk_usage(folder).free
        except OSError:  # the folder is away: the database says what is wrong
            continue


class DiskWatch:
    """One worker that tells the desk, and the log, when it changes; each machine for itself."""

    def __init__(self, hub: Hub, disk: Disk) -> None:
        self._hub, self._disk = hub, disk
        self._told: Level | None = None
        self._next: datetime | None = None

    async def once(self) -> int:
        """Look, unless it has just been looked."""
        now = self._hub.clock.now()
        if self._next is not None and now < self._next:
            return 0
        self._next = now + EVERY
        level = self._disk.level
        if level is not self._told:
            await self._tell(level, now)
            self._told = level
        return 0

    async def _tell(self, level: Level, now: datetime) -> None:
        if level is not Level.ENOUGH:
            log.error("little room on the disk", code=level, count=(self._disk.free or 0) // MEGABYTE)
        where = socket.gethostname()[:60]
        async with self._hub.database.transaction(self._hub.scope()) as tx:
            for kind, at in ((TaskKind.DISK_LOW, Level.LOW), (TaskKind.DISK_FULL, Level.FULL)):
                await (raise_once if level is at else lower)(tx, kind, where, now)
