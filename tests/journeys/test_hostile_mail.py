"""Hostile mail delays nobody else's: what one stranger sends holds up the next mail by less than a second."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from exchange.demo.actors.mail_client import DkimKey, MailClient
from exchange.demo.stage import HUB_ADDRESS, Stage
from tests.keys import gpg_command
from tests.keys.test_opener import BOMBS as SEALED_BOMBS
from tests.mailflow.test_domain_signatures import BOMBS as SIGNED_BOMBS
from tests.mailflow.test_reader import BOMBS
from tests.ready import manned
from tests.realism.until import until_true

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.long, pytest.mark.timeout(900)]
MOST = 1.0  # seconds that the next mail may be late
DOMAIN = "surgery.example"
UNHINDERED = 7  # mails whose times are compared with
_BREAK = re.compile(rb"\r\n|\r|\n")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub."""
    async with manned() as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def key(hub: Stage) -> DkimKey:
    """Of a domain that proves its mail and gets receipts; hostile mail is signed in the name of another."""
    hub.publish_dkim("health.example")
    return hub.publish_dkim(DOMAIN)


class Line:
    """One connection to the hub, by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> Line:
        line = cls(*await asyncio.open_connection("127.0.0.1", port))
        await line._reply()
        await line._say(b"EHLO client.example")
        return line

    async def hand(self, mail_from: str, content: bytes) -> float:
        """Hand in a mail; the seconds from its first command until it was taken."""
        began = time.monotonic()
        for command in (f"MAIL FROM:<{mail_from}>", f"RCPT TO:<{HUB_ADDRESS}>", "DATA"):
            assert (await self._say(command.encode()))[:1] in (b"2", b"3")
        self._writer.write(content + b"\r\n.\r\n")
        await self._writer.drain()
        assert (await self._reply()).startswith(b"250")
        return time.monotonic() - began

    def close(self) -> None:
        self._writer.close()

    async def _say(self, command: bytes) -> bytes:
        self._writer.write(command + b"\r\n")
        return await self._reply()

    async def _reply(self) -> bytes:
        while (line := await self._reader.readline())[3:4] == b"-":
            pass
        return line


async def seconds(hub: Stage, key: DkimKey, name: str, hostile: bytes = b"") -> tuple[float, float]:
    """Until an honest mail is taken, and until its receipt is there; right behind a hostile one, from elsewhere."""
    gp = MailClient(f"{name}@{DOMAIN}")
    honest = key.sign(gp.plain(HUB_ADDRESS, "A worry", f"Canary-{name}: please ring me."))
    evil, line = await Line.open(hub.mail_port), await Line.open(hub.mail_port)
    if hostile:
        await evil.hand("eve@evil.example", hostile)
    began = time.monotonic()
    taken = await line.hand(gp.address, honest)
    await hub.relay.wait_for_mail(gp.address, timeout=120)
    told = time.monotonic() - began
    evil.close()
    line.close()
    await until_true("the hostile mail is read, so that it does not hinder the one after", lambda: _all_read(hub))
    return taken, told


async def _all_read(hub: Stage) -> bool:
    with sqlite3.connect(hub.folder / "hub" / "exchange.db") as database:
        return not database.execute("SELECT count(*) FROM inbox WHERE state = 'waiting'").fetchone()[0]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def unhindered(hub: Stage, key: DkimKey) -> tuple[float, float]:
    """The longest that it takes with nothing hostile before it; the first mail wakes everything up."""
    times = [await seconds(hub, key, f"gp{n}") for n in range(UNHINDERED + 1)][1:]
    return max(taken for taken, _ in times), max(told for _, told in times)


async def is_not_late(hub: Stage, key: DkimKey, unhindered: tuple[float, float], name: str, hostile: bytes) -> None:
    taken, told = await seconds(hub, key, "behind" + re.sub(r"\W", "", name), hostile)
    assert taken < unhindered[0] + MOST
    assert told < unhindered[1] + MOST


@pytest.mark.parametrize("name", [*BOMBS, *SIGNED_BOMBS])
async def test_the_next_mail_is_less_than_a_second_late(
    hub: Stage, key: DkimKey, unhindered: tuple[float, float], name: str
) -> None:
    made = BOMBS[name]() if name in BOMBS else SIGNED_BOMBS[name]
    hostile = await asyncio.to_thread(_BREAK.sub, b"\r\n", made)
    if not hostile.startswith(b"DKIM-Signature"):
        hostile = b"X-Odd: " + name.encode() + b"\r\n" + hostile
    await is_not_late(hub, key, unhindered, name, hostile)


@pytest.mark.parametrize("name", SEALED_BOMBS)
async def test_nor_is_the_one_behind_a_sealed_bomb(
    hub: Stage, key: DkimKey, unhindered: tuple[float, float], name: str
) -> None:
    sealer = hub.people["police"].gpg
    assert sealer
    words = ("--no-literal", "-z", "0", "--armor", "--recipient", hub.hub_fingerprint, "--encrypt")
    sealed = (await asyncio.to_thread(gpg_command.gpg, sealer.home, *words, stdin=SEALED_BOMBS[name]())).stdout
    await is_not_late(
        hub, key, unhindered, f"sealed {name}", b"Subject: sealed\r\n\r\n" + _BREAK.sub(b"\r\n", sealed)
    )
