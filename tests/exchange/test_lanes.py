"""A mail that takes long is overtaken by others', and never by one of its own sender."""

from __future__ import annotations

import asyncio

from exchange.lanes import Lanes


async def test_others_overtake_and_one_s_own_wait() -> None:
    lanes, told, held = Lanes(lanes=2, patience=0.01), list[str](), asyncio.Event()

    async def slow() -> None:
        await held.wait()
        told.append("slow")

    async def quick(name: str) -> None:
        told.append(name)

    await lanes.begin("ann", slow())
    await lanes.begin("bob", quick("bob"))
    after = asyncio.create_task(lanes.begin("ann", quick("ann again")))
    await lanes.begin("cid", quick("cid"))
    assert told == ["bob", "cid"]
    held.set()
    await after
    assert told == ["bob", "cid", "slow", "ann again"]


async def test_no_more_are_read_at_once_than_there_are_lanes() -> None:
    lanes, held = Lanes(lanes=2, patience=0.01), asyncio.Event()

    async def slow() -> None:
        await held.wait()

    await lanes.begin("ann", slow())
    await lanes.begin("bob", slow())
    third = asyncio.create_task(lanes.begin("cid", slow()))
    assert (await asyncio.wait({third}, timeout=0.05))[0] == set()
    held.set()
    await third
    await lanes.stop()


async def test_what_is_being_read_is_given_up_at_the_end() -> None:
    lanes, given_up = Lanes(patience=0.01), asyncio.Event()

    async def slow() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            given_up.set()

    await lanes.begin("ann", slow())
    await lanes.stop()
    assert given_up.is_set()
