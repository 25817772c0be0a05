"""Engines and transactions: SQLite embedded, PostgreSQL for several nodes, the same promises on both.

1. A transaction that returned is on the disk: SQLite runs WAL with `synchronous=FULL` (NORMAL loses what was
   acknowledged in a power cut), and a PostgreSQL with `fsync` or `synchronous_commit` off is refused.
2. On SQLite writers queue inside the process and take the write lock at once (`BEGIN IMMEDIATE`), so that two of
   them never meet half-way through.
3. After each commit that wrote the bell rings: the loops look for work at once, and poll in case another node rang.
4. A transaction stands in one hub: on PostgreSQL the rows of others are not there for it (row_security.py).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Executable, UpdateBase, event, text
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from exchange.store import row_security
from exchange.store.migrations import Tables
from exchange.store.schema import key_metadata, metadata

RECORD, KEYS = Tables("record", metadata), Tables("keys", key_metadata)

BUSY_TIMEOUT_MS = 30_000  # another process may hold SQLite's write lock while it commits a batch
POOL = 5  # connections a process keeps: loops, pages and one to spare


class UnsafeDatabase(RuntimeError):
    """The database would lose acknowledged referrals in a power cut. Turn on fsync and synchronous_commit."""


class DatabaseRefused(ValueError):
    """Not a database we can use: write sqlite+aiosqlite:///FILE or postgresql+asyncpg://NAME@HOST/DATABASE."""


class DatabaseAway(RuntimeError):
    """The database cannot be opened."""


def check_url(url: str) -> None:
    """Raises DatabaseRefused unless the URL names a kind of database we use, with the driver we use."""
    if not url.startswith(("sqlite+aiosqlite:///", "postgresql+asyncpg://")):
        raise DatabaseRefused(f"{url.partition(':')[0]}: {DatabaseRefused.__doc__}")


def folder_of(url: str) -> Path | None:
    """Where this database's files lie, for SQLite; None for a server, which has its own disk."""
    file = url.removeprefix("sqlite+aiosqlite:///")
    return Path(file).resolve().parent if file != url and file else None


@dataclass(slots=True)
class AsRead:
    """The version of a case that somebody has read and acts upon; what they record themselves moves it on."""

    case: str
    version: int


@dataclass(frozen=True, slots=True)
class Scope:
    """In whose name a transaction runs."""

    hub: str
    actor: str = "system"
    names: frozenset[tuple[str, str]] = frozenset()  # (kind, who) under which a restriction may name the actor
    unseen: frozenset[str] = frozenset()  # kinds of task that are not the actor's to see
    read: AsRead | None = None  # on which version of a case alone the actor acts


@dataclass(frozen=True, slots=True)
class Transaction:
    """A connection inside one transaction, with its scope."""

    connection: AsyncConnection
    scope: Scope
    wrote: list[bool] = field(default_factory=list, repr=False)  # not empty: there is news for the loops

    @property
    def hub(self) -> str:
        """The hub whose rows are read and written."""
        return self.scope.hub

    @property
    def actor(self) -> str:
        """Who acts."""
        return self.scope.actor

    async def run(self, statement: Executable, values: Any = None) -> CursorResult[Any]:
        """Execute one statement."""
        if isinstance(statement, UpdateBase):
            self.wrote.append(True)
        return await self.connection.execute(statement, values)


class Bell:
    """Rung after each commit; a loop waits for it, or for its polling interval."""

    def __init__(self) -> None:
        self.rung = 0  # how often so far: a loop that reads it before it looks for work misses no ring
        self._next = asyncio.Event()

    def ring(self) -> None:
        """Wake whoever waits."""
        self.rung += 1
        self._next.set()
        self._next = asyncio.Event()

    async def wait(self, heard: int, seconds: float) -> None:
        """Return at the first ring after the `heard`-th, or after `seconds`."""
        if self.rung != heard:
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._next.wait(), seconds)


class Database:
    """One database, by its SQLAlchemy URL (`sqlite+aiosqlite:///...` or `postgresql+asyncpg://...`)."""

    def __init__(self, url: str, tables: Tables = RECORD) -> None:
        check_url(url)
        self.is_sqlite = url.startswith("sqlite")
        self.bell = Bell()
        self._tables = tables
        self._writing = asyncio.Lock()
        self.engine: AsyncEngine = create_async_engine(url, pool_size=POOL, max_overflow=POOL, hide_parameters=True)
        if self.is_sqlite:
            event.listen(self.engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)

    async def open(self) -> None:
        """Refuse a database that forgets, or whose tables are another release's; make those of a new one.

        Raises UnsafeDatabase, OtherSchema or DatabaseAway.
        """
        try:
            if not self.is_sqlite:
                await self._refuse_unsafe()
            async with self.engine.begin() as connection:
                await connection.run_sync(self._tables.prepare)
        except (OSError, DBAPIError) as away:
            cause = getattr(away, "orig", None) or away
            raise DatabaseAway(
                f"the database cannot be opened ({cause}): start it, or mend its address in exchange.toml"
            ) from None

    async def migrate(self) -> tuple[str | None, str | None]:
        """Take every step to the tables of this release; (before, after). All of it, or none."""
        async with self.engine.connect() as connection:
            await connection.execution_options(writes=True)
            async with connection.begin():
                return await connection.run_sync(self._tables.migrate)

    async def _refuse_unsafe(self) -> None:
        async with self.engine.connect() as connection:
            for name in ("fsync", "synchronous_commit", "full_page_writes"):
                if (await connection.execute(text(f"SHOW {name}"))).scalar_one() == "off":
                    raise UnsafeDatabase(f"PostgreSQL runs with {name}=off: set it to on")

    @contextlib.asynccontextmanager
    async def transaction(self, scope: Scope) -> AsyncIterator[Transaction]:
        """A transaction that writes; committed on leaving, rolled back on any exception."""
        turn = self._writing if self.is_sqlite else contextlib.nullcontext()
        async with turn, self.engine.connect() as connection:
            await connection.execution_options(writes=True)
            async with connection.begin():
                await row_security.stand_in(connection, scope.hub)
                tx = Transaction(connection, scope)
                yield tx
        if tx.wrote:  # a loop that looked and found nothing must not wake itself
            self.bell.ring()

    @contextlib.asynccontextmanager
    async def reading(self, scope: Scope) -> AsyncIterator[Transaction]:
        """A transaction that only reads: all of it sees one moment, and it never waits for a writer."""
        async with self.engine.connect() as connection:
            if not self.is_sqlite:  # SQLite's readers see one moment anyway
                await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            async with connection.begin():
                await row_security.stand_in(connection, scope.hub)
                yield Transaction(connection, scope)

    async def walks_through(self) -> bool:
        """Whether the database would show one hub another's rows; SQLite, with its first wall alone, is not asked."""
        if self.is_sqlite:
            return False
        async with self.engine.connect() as connection:
            return await row_security.walks_through(connection)

    async def close(self) -> None:
        """Give the connections back."""
        await self.engine.dispose()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late and is never IMMEDIATE
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA secure_delete=ON")  # what is forgotten leaves no readable page behind
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
