"""Tests that nobody answered stay in sight while another runs, and a key that changes asks for another at once."""

from __future__ import annotations

from datetime import timedelta

from exchange.desk.drills import FAILED, PROVED, Standing, standing
from exchange.drill_words import line
from exchange.drilling import Heard, begin, failed, hear
from exchange.enrolling import Enrolling
from exchange.pins import pins_of
from exchange.store import drills
from tests.exchange.test_domains import House, house

__all__ = ["house"]


async def of_police(house: House) -> Standing:
    return next(s for s in await standing(house.exchange.hub) if s.mailbox.id == "police-1")


async def asked(house: House) -> str:
    """The id of the test that runs for the police now."""
    hub = house.exchange.hub
    async with hub.database.reading(hub.scope()) as tx:
        return next(d.id for d in await drills.of_mailbox(tx, "police-1") if not d.ended)


async def test_one_that_failed_is_not_hidden_by_the_next(house: House) -> None:
    hub = house.exchange.hub
    _, rules = await hub.rules()
    mailbox = (await of_police(house)).mailbox
    async with hub.database.transaction(hub.scope()) as tx:
        await begin(hub, tx, mailbox, rules)
    async with hub.database.transaction(hub.scope()) as tx:
        await failed(hub, tx, (await drills.of_mailbox(tx, "police-1"))[0].id, drills.SILENT)
    house.clock.at += timedelta(days=8)
    async with hub.database.transaction(hub.scope()) as tx:
        assert await begin(hub, tx, mailbox, rules)
    found = await of_police(house)
    assert found.state == FAILED
    assert line(found).startswith(
        "NOT PROVED: asked on 24 November 2026, nobody answered in time; asked again on 2 December 2026, "
        "no answer yet"
    )
    second = await asked(house)
    house.clock.at += timedelta(hours=1)
    async with hub.database.transaction(hub.scope()) as tx:
        assert await hear(hub, tx, second, hub.codes.drill(second), "telephone") is Heard.RIGHT
    assert (await of_police(house)).state == PROVED


async def test_one_that_could_not_be_sent_is_asked_anew_when_there_is_a_key(house: House) -> None:
    """And one that runs is replaced when its key was retired meanwhile."""
    hub = house.exchange.hub
    _, rules = await hub.rules()
    mailbox = (await of_police(house)).mailbox
    async with hub.database.transaction(hub.scope()) as tx:
        (key,) = (await pins_of(hub, tx)).of("police")
        first = await begin(hub, tx, mailbox, rules)
        assert first
        await failed(hub, tx, first.id, drills.NOT_SENT)  # as before there was any key
    await house.run(of_hub=True, hours=1)
    second = await asked(house)
    assert second != first.id
    async with hub.database.transaction(hub.scope()) as tx:
        assert (await drills.load(tx, second) or first).fingerprint == key
        assert await begin(hub, tx, mailbox, rules) is None
    await Enrolling(hub, house.exchange.keyroom, timedelta(0)).retire(key)
    async with hub.database.transaction(hub.scope()) as tx:
        assert await begin(hub, tx, mailbox, rules)
        assert await hear(hub, tx, second, hub.codes.drill(second), "mail") is Heard.UNKNOWN
