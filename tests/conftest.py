"""What all tests may ask for: a database of each kind, fresh for every test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from exchange.store.database import Database
from tests.postgres import Cluster, WhyNot


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A private PostgreSQL, made for this test run."""
    try:
        found = Cluster.start()
    except WhyNot as missing:
        pytest.skip(str(missing))
    yield found
    found.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, of one kind after the other."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/exchange.db"
    found: Cluster = request.getfixturevalue("cluster")
    return found.new_database()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open, empty database."""
    made = Database(database_url)
    await made.open()
    yield made
    await made.close()
