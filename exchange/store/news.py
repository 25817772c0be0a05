"""News: how much has happened since a moment, for pages that stay open; and an ear for what other processes record.

1. What is told is a number: nobody learns from it which case it was, and what is kept from a viewer is not in theirs.
2. An ear holds one connection of its own, however many pages are open; a page holds none.
3. An ear may miss something, for a connection breaks: whoever listens also looks by themselves from time to time.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import ColumnElement, func, or_, select, text, true
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from exchange.store import schema, viewing
from exchange.store.database import Database, Transaction
from exchange.store.journal import OF_THE_HUB

log = structlog.get_logger()
CHANNEL = "exchange_news"  # of NOTIFY: its message is empty
BREATH = 0.5  # seconds
TICK = 1.0  # seconds: how soon an ear hears of another process

_e, _t = schema.event.c, schema.task.c


async def since(tx: Transaction, at: datetime) -> int:
    """How much was recorded after this moment in cases that the actor may see, and asked of the desk about none."""
    return await _of_cases(tx, at) + await _of_no_case(tx, at)


async def _of_cases(tx: Transaction, at: datetime) -> int:
    query = select(func.count()).where(
        _e.hub == tx.hub, _e.at > at, _e.stream.not_in(sorted(OF_THE_HUB)), viewing.visible(tx, _e.stream)
    )
    found: int = (await tx.run(query)).scalar_one()
    return found


async def _of_no_case(tx: Transaction, at: datetime) -> int:
    seen: ColumnElement[bool] = _t.kind.not_in(sorted(tx.scope.unseen)) if tx.scope.unseen else true()
    query = select(func.count()).where(
        _t.hub == tx.hub, _t.case_id == "", seen, or_(_t.opened_at > at, _t.closed_at > at)
    )
    found: int = (await tx.run(query)).scalar_one()
    return found


class Crier:
    """Lets the other processes on a PostgreSQL know that this one has committed something, at most every BREATH
    seconds; apart from what committed it, for a NOTIFY inside would make all who commit wait for one another."""

    def __init__(self, database: Database) -> None:
        self._database, self._cried = database, database.bell.rung

    async def once(self) -> int:
        """Cry, when there is anything to cry."""
        if self._database.is_sqlite or self._cried == self._database.bell.rung:
            return 0
        self._cried = self._database.bell.rung
        async with self._database.engine.connect() as connection, connection.begin():
            await connection.execute(text(f"NOTIFY {CHANNEL}"))
        await asyncio.sleep(BREATH)
        return 0


class Ear:
    """Hears that something was committed: in this process by its bell, in others by NOTIFY, or on SQLite by the
    version of the file."""

    def __init__(self, database: Database, connection: AsyncConnection | None) -> None:
        self._database, self._connection = database, connection
        self._heard, self._version, self._elsewhere = database.bell.rung, 0, False

    async def next(self, seconds: float) -> None:
        """Return when something was committed since the last time, or after `seconds`."""
        for _ in range(max(1, round(seconds / TICK))):
            await self._database.bell.wait(self._heard, TICK)
            if self._database.bell.rung != self._heard or await self._is_elsewhere():
                break
        self._heard, self._elsewhere = self._database.bell.rung, False

    async def _is_elsewhere(self) -> bool:
        if not self._database.is_sqlite or self._connection is None:
            return self._elsewhere
        # https://sqlite.org/pragma.html#pragma_data_version: it moves when another connection has committed
        found = int((await self._connection.exec_driver_sql("PRAGMA data_version")).scalar_one())
        moved, self._version = self._version != found, found
        return moved

    def notified(self, *_: Any) -> None:
        """PostgreSQL says that another process has cried."""
        self._elsewhere = True


@contextlib.asynccontextmanager
async def listening(database: Database) -> AsyncIterator[Ear]:
    """An ear, and its connection. Where that cannot be had, it hears this process alone."""
    engine = create_async_engine(database.engine.url, poolclass=NullPool)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(engine.dispose)
        try:
            connection = await stack.enter_async_context(engine.connect())
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            ear = Ear(database, connection)
            if not database.is_sqlite:
                raw = await connection.get_raw_connection()
                await raw.driver_connection.add_listener(CHANNEL, ear.notified)  # type: ignore[union-attr]
        except (OSError, DBAPIError) as away:
            log.warning("pages hear of other processes late", why=type(away).__name__)
            ear = Ear(database, None)
        yield ear
