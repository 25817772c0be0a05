"""What people write back to tests and letters about keys: what it comes to, and who is rung."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exchange.answers_to_hub import taken
from exchange.case.effect import Letter, SendLetter, TaskKind
from exchange.correspondence import Place
from exchange.drilling import KEY
from exchange.of_no_case import NO_CASE, ask_for
from exchange.store import drills, outbox, tasks
from exchange.store.effects import letter_id
from mailflow.interpret import About, Wrote
from tests.exchange.test_domains import House, house

__all__ = ["house"]


async def says(house: House, letter: Letter, key: str, text: str) -> str:
    """What a reply with this text to this letter is taken for."""
    hub = house.exchange.hub
    async with hub.database.transaction(hub.scope()) as tx:
        await ask_for(hub, tx, SendLetter(key, letter, "police-1"))
        row = await outbox.load(tx, letter_id(hub.id, NO_CASE, key))
        return (await taken(hub, tx, Place(About("hub"), letter=row), Wrote(text))).disposition


@pytest.mark.parametrize(
    ("text", "disposition", "ended"),
    [
        ("CANNOT OPEN", "drill_failed", "cannot_open"),
        ("We cannot read this message.\n\n> Can you read this?", "drill_failed", "cannot_open"),
        ("WRONG PERSON", "drill_failed", "wrong_person"),
        ("What is this about?", "test_reply", ""),
        ("WRONG PERSON. " + "And I am worried about somebody in our street. " * 5, "test_reply", "wrong_person"),
        ("{2} {0} {1}", "drill", "answered"),
    ],
)
async def test_a_reply_to_a_test(house: House, text: str, disposition: str, ended: str) -> None:
    hub, now = house.exchange.hub, house.clock.at
    async with hub.database.transaction(hub.scope()) as tx:
        drill = await drills.put(tx, "police-1", now, now + timedelta(days=2))
    assert drill
    said = text.format(*hub.codes.drill(drill.id).split())
    assert await says(house, Letter.DRILL, f"{KEY}{drill.id}", said) == disposition
    async with hub.database.reading(hub.scope()) as tx:
        found = await drills.load(tx, drill.id)
        rung = [t.about for t in await tasks.pending(tx, "") if t.kind == TaskKind.DRILL_FAILED]
    assert found
    assert found.ended == ended
    assert rung == (["drill:police-1"] if ended in ("cannot_open", "wrong_person") else [])


async def test_a_reply_about_a_key_names_its_mailbox_and_is_for_whoever_keeps_the_keys(house: House) -> None:
    assert await says(house, Letter.KEY_WARNING, "key_warning:1", "Here is the new one.") == TaskKind.KEY_REPLY
    assert await says(house, Letter.SAFELY, "safely:1", "Thank you.") == TaskKind.HOLDING_PEN
