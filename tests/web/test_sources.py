"""Turns by source: a flood waits behind itself, nobody is shut out, and nothing is kept of who has gone (T24)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from exchange.web.sources import AT_ONCE, MOST_SOURCES, MOST_WAITING, Allowance, InTurn, Turns, _source

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
PROXIES = ("127.0.0.1",)


async def test_a_source_is_served_so_often_at_once_and_the_others_at_once() -> None:
    turns = Turns()
    assert all([await turns.take("flood") for _ in range(AT_ONCE)])
    waiting = [asyncio.create_task(turns.take("flood")) for _ in range(MOST_WAITING)]
    await asyncio.sleep(0)
    assert not any(one.done() for one in waiting)
    assert await turns.take("flood") is False
    assert await asyncio.wait_for(turns.take("somebody"), 1)
    turns.give("flood")
    assert await waiting[0]  # the first who came
    waiting[1].cancel()  # went away
    turns.give("flood")
    assert await waiting[2]
    for _ in range(MOST_WAITING - 3 + AT_ONCE):
        turns.give("flood")
    assert all(await asyncio.gather(*waiting[3:]))
    turns.give("somebody")
    assert turns.sources == 0


async def test_a_turn_that_is_given_to_whoever_leaves_at_that_moment_goes_on() -> None:
    turns = Turns()
    for _ in range(AT_ONCE):
        await turns.take("one")
    leaves, stays = (asyncio.create_task(turns.take("one")) for _ in range(2))
    await asyncio.sleep(0)
    turns.give("one")
    leaves.cancel()
    assert await stays
    for _ in range(AT_ONCE):
        turns.give("one")
    assert turns.sources == 0


def test_what_is_spent_comes_back_and_the_longest_quiet_are_forgotten() -> None:
    tries = Allowance(3)
    for n in range(4):
        assert tries.left("a", NOON) == max(3 - n, 0)
        tries.spend("a", NOON)
    assert tries.left("a", NOON + timedelta(seconds=200)) == 1
    assert tries.left("b", NOON) == 3
    for n in range(MOST_SOURCES + 5):
        tries.spend(f"s{n}", NOON)
    assert tries.sources == MOST_SOURCES
    assert tries.left("a", NOON) == 3


def scope(peer: str, *said: str) -> dict[str, Any]:
    headers = [(b"x-forwarded-for", one.encode()) for one in said]
    return {"type": "http", "client": (peer, 1), "headers": headers}


@pytest.mark.parametrize(
    ("peer", "said", "source"),
    [
        ("192.0.2.7", (), "192.0.2.7"),
        ("192.0.2.7", ("198.51.100.1",), "192.0.2.7"),  # its own word is not believed
        ("127.0.0.1", ("198.51.100.1, 192.0.2.9",), "192.0.2.9"),  # the last is the proxy's
        ("127.0.0.1", ("198.51.100.1", "192.0.2.9"), "192.0.2.9"),
        ("127.0.0.1", (), ""),
        ("127.0.0.1", ("rubbish",), "unreadable"),
        ("2001:db8:1:2:3:4:5:6", (), "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", (), "192.0.2.7"),
    ],
)
def test_the_source_is_what_one_subscriber_has(peer: str, said: tuple[str, ...], source: str) -> None:
    assert _source(scope(peer, *said), PROXIES) == source


@pytest.mark.parametrize("content", [b"text/event-stream; charset=utf-8", b"text/html"])
async def test_what_goes_on_for_hours_holds_no_turn(content: bytes) -> None:
    turns, ends, begun = Turns(), asyncio.Event(), asyncio.Event()

    async def page(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", content)]})
        begun.set()
        await ends.wait()

    async def sent(_message: Any) -> None:
        pass

    task = asyncio.create_task(InTurn(page, PROXIES, turns)(scope("192.0.2.7"), sent, sent))  # type: ignore[arg-type]
    await begun.wait()
    assert turns.sources == (0 if content.startswith(b"text/event-stream") else 1)
    ends.set()
    await task
    assert turns.sources == 0
