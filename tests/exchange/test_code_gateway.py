"""A gateway for one-time codes that fails: the desk hears of it with the first code that cannot be sent."""

from __future__ import annotations

from datetime import timedelta

from exchange import fetching
from exchange.case.effect import Letter, SendLetter, TaskKind
from exchange.code_sending import Gateway
from exchange.demo.actors.http_server import Answer, HttpServer
from exchange.fetching import Found, Sent, Standing
from exchange.of_no_case import NO_CASE, ask_for
from exchange.store import outbox, pickups
from exchange.store.effects import letter_id
from mailflow.requesting import Request
from templates.addressed import Sender
from tests.exchange.test_domains import House, house

__all__ = ["house"]
PATH = "/send"


async def waits(house: House) -> Found:
    """A letter that waits to be fetched by somebody at the police."""
    hub, now = house.exchange.hub, house.clock.at
    key = f"{Letter.DRILL}:1"
    async with hub.database.transaction(hub.scope()) as tx:
        await ask_for(hub, tx, SendLetter(key, Letter.DRILL, "police-1"))
        row = await outbox.load(tx, letter_id(hub.id, NO_CASE, key))
        assert row
        waiting = pickups.Waiting(row.id, NO_CASE, row.about, "police-1", now, now + timedelta(days=14))
        await pickups.put(tx, waiting)
    sender = Sender("Fakeshire MASH", "01632 960100", "01632 960199", "Europe/London")
    return Found(row, waiting, "", "police", ("07700 900123",), Standing.WAITS, sender)


async def test_the_desk_hears_of_it_until_a_code_is_sent_again(house: House) -> None:
    theirs = HttpServer()
    port = await theirs.start()
    gateway = Gateway(
        Request("127.0.0.1", PATH, port, "POST"), '{"to": "{to}"}', "application/json", None, house.direct.resolver
    )
    found = await waits(house)
    theirs.pages[PATH] = Answer(b"broken", status="500 Broken")

    async def ask() -> Sent:
        house.clock.at += timedelta(minutes=2)
        return await fetching.send_code(house.exchange.hub, found, "07700 900123", gateway, b"secret")

    assert [await ask(), await ask()] == [Sent.FAILED, Sent.FAILED]
    assert await house.tasks() == {TaskKind.CODES_FAIL}
    theirs.pages[PATH] = Answer(b"ok")
    assert await ask() is Sent.SENT
    assert not await house.tasks()
    await theirs.stop()
