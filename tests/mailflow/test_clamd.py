"""Only the scanner's own word for "nothing found" lets a file be opened (T25)."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from mailflow import clamd
from mailflow.clamd import Clamd, Verdict
from tests.scanner import MARK, Scanner


@pytest_asyncio.fixture
async def scanner() -> AsyncIterator[Scanner]:
    """A daemon on a socket whose name is short enough for one."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        made = Scanner(Path(folder) / "clamd")
        await made.start()
        yield made
        await made.stop()


async def test_clean_and_found(scanner: Scanner) -> None:
    asked = Clamd(scanner.socket)
    large = b"nothing bad " * 200_000
    assert await asked.look(large) is Verdict.CLEAN
    assert await asked.look(b"so " + MARK) is Verdict.FOUND
    assert scanner.seen == [large, b"so " + MARK]


@pytest.mark.parametrize(
    "reply", [b"", b"stream: OK FOUND not\0", b"OK\0", b"stream: Can't allocate memory ERROR\0", b"x" * 9000]
)
async def test_anything_else_is_silence(scanner: Scanner, reply: bytes) -> None:
    scanner.says = reply
    assert await Clamd(scanner.socket).look(b"a file") is Verdict.SILENT


async def test_too_large_away_and_slow_are_silence(scanner: Scanner, monkeypatch: pytest.MonkeyPatch) -> None:
    scanner.largest = 100_000
    assert await Clamd(scanner.socket).look(bytes(5_000_000)) is Verdict.SILENT
    assert await Clamd(Path("/nowhere/clamd")).look(b"a file") is Verdict.SILENT
    monkeypatch.setattr(clamd, "SECONDS", 0.0)
    assert await Clamd(scanner.socket).look(b"a file") is Verdict.SILENT
