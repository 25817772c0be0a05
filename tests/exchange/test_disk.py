"""A disk that fills up: the desk is told while there is time, mail is put off in time, and both end by themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from exchange.case.effect import TaskKind
from exchange.disk import EVERY, Disk, DiskWatch, Level
from exchange.hub import Hub
from exchange.store import tasks
from exchange.store.database import Database, folder_of
from tests.desk.stands import NOW, HandClock, hub_of

MORE_THAN_ANY = 1 << 62  # octets


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    """A hub on a clock of its own."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/exchange.db")
    await database.open()
    async with hub_of(database, tmp_path, HandClock(NOW)) as made:
        yield made
    await database.close()


async def asked(hub: Hub) -> set[str]:
    async with hub.database.reading(hub.scope()) as tx:
        return {t.kind for t in await tasks.pending(tx, "")}


@pytest.mark.parametrize(
    ("least", "warn", "level", "said"),
    [
        (0, 0, Level.ENOUGH, ""),
        (0, MORE_THAN_ANY, Level.LOW, "MB left: mail is put off below 0 MB ([disk] least_free)"),
        (MORE_THAN_ANY, MORE_THAN_ANY, Level.FULL, "MB left: mail is put off, for that is below"),
        (MORE_THAN_ANY, 0, Level.FULL, "MB left: mail is put off, for that is below"),
    ],
)
def test_what_is_left_decides(tmp_path: Path, least: int, warn: int, level: Level, said: str) -> None:
    disk = Disk((tmp_path,), least, warn)
    assert (disk.level, disk.is_full()) == (level, level is Level.FULL)
    assert said in disk.caution
    assert bool(disk.caution) is bool(said)


def test_a_database_elsewhere_or_a_folder_that_is_away_puts_nothing_off(tmp_path: Path) -> None:
    assert folder_of("postgresql+asyncpg://exchange@db.example/exchange") is None
    assert folder_of(f"sqlite+aiosqlite:///{tmp_path}/exchange.db") == tmp_path.resolve()
    for folders in ((), (tmp_path / "away",)):
        disk = Disk(folders, MORE_THAN_ANY, MORE_THAN_ANY)
        assert (disk.free, disk.level) == (None, Level.ENOUGH)
    assert Disk((tmp_path / "away", tmp_path), MORE_THAN_ANY, 0).is_full()


async def test_the_desk_is_asked_once_at_each_level_and_no_more_when_there_is_room(hub: Hub, tmp_path: Path) -> None:
    for least, warn, tasks_ in (
        (0, 0, set()),
        (0, MORE_THAN_ANY, {TaskKind.DISK_LOW}),
        (MORE_THAN_ANY, MORE_THAN_ANY, {TaskKind.DISK_FULL}),
        (0, MORE_THAN_ANY, {TaskKind.DISK_LOW}),
        (0, 0, set()),
    ):
        await DiskWatch(hub, Disk((tmp_path,), least, warn)).once()
        assert await asked(hub) == tasks_


async def test_one_watch_looks_again_after_a_while_and_tells_what_changed(hub: Hub, tmp_path: Path) -> None:
    folder, clock = tmp_path / "record", hub.clock
    assert isinstance(clock, HandClock)
    watch = DiskWatch(hub, Disk((folder,), MORE_THAN_ANY, MORE_THAN_ANY))
    await watch.once()  # nothing is known of it yet
    folder.mkdir()
    clock.at += EVERY - timedelta(seconds=1)
    await watch.once()
    assert await asked(hub) == set()
    clock.at += timedelta(seconds=1)
    await watch.once()
    assert await asked(hub) == {TaskKind.DISK_FULL}
    folder.rmdir()
    clock.at += EVERY
    await watch.once()
    assert await asked(hub) == set()
