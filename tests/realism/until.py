"""Waiting for programs that ring nobody: asked again until they have it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
AGAIN = 0.1  # seconds


class NeverCame(AssertionError):
    """What was waited for did not come about."""


async def until(what: str, ask: Callable[[], T | None], patience: float = 60.0) -> T:
    """The first answer that is something, asked in a thread of its own. Raises NeverCame."""
    ends = time.monotonic() + patience
    while time.monotonic() < ends:
        found = await asyncio.to_thread(ask)
        if found:
            return found
        await asyncio.sleep(AGAIN)
    raise NeverCame(f"in {patience:.0f} s it did not come about that {what}")
