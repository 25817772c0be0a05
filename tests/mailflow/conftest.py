"""A door for mail on a port of its own."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import pytest

from mailflow.listener import Listener
from tests.mailflow.octets import OURS, Client, Open, Taken


@pytest.fixture
def taken() -> Taken:
    return Taken()


@pytest.fixture
async def listener_open(taken: Taken) -> AsyncIterator[Open]:
    """Start a listener with the options given, and connect to it."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(**options: object) -> Client:
            listener = Listener(taken, lambda a: a == OURS, "mx.hub.example", **options)  # type: ignore[arg-type]
            port = await listener.start("127.0.0.1", 0)
            stack.push_async_callback(listener.stop)
            client = await Client.connect(port)
            client.port = port  # type: ignore[attr-defined]
            stack.push_async_callback(client.close)
            return client

        yield start
