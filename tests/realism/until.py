"""Waiting for programs that ring nobody: asked again until they have it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
AGAIN = 0.1  # seconds
PATIENCE = 90.0  # on a busy machine


class NeverCame(AssertionError):
    """What was waited for did not come about."""


async def until(what: str, ask: Callable[[], T | None], patience: float = PATIENCE) -> T:
    """The first answer that is something, asked in a thread of its own. Raises NeverCame."""
    return await _until(what, lambda: asyncio.to_thread(ask), patience)


async def until_true(what: str, ask: Callable[[], Awaitable[bool]], patience: float = PATIENCE) -> None:
    """Asked until it is so. Raises NeverCame."""
    await _until(what, ask, patience)


async def _until(what: str, ask: Callable[[], Awaitable[T | None]], patience: float) -> T:
    ends = time.monotonic() + patience
    while time.monotonic() < ends:
        if found := await ask():
            return found
        await asyncio.sleep(AGAIN)
    raise NeverCame(f"in {patience:.0f} s it did not come about that {what}")
