"""Several people read one mailbox, each with a key of their own: all of them can open what goes there."""

from __future__ import annotations

from datetime import timedelta

from exchange.enrolling import Enrolling
from exchange.key_states import SEALED_TO, key_states
from exchange.pins import pins_of
from keys.openpgp import packets
from tests.exchange.test_domains import HERE, KEEPERS, House, house
from tests.keys import gpg_command

__all__ = ["house"]


async def test_a_packet_is_sealed_to_all_and_to_none_that_is_retired_before_it_leaves(house: House) -> None:
    hub, keyroom = house.exchange.hub, house.exchange.keyroom
    by = Enrolling(hub, keyroom, timedelta(0))
    with gpg_command.new_home() as home:
        second = gpg_command.make_key(home, "Desk", HERE)
        await by.add(gpg_command.export(home, second), "police")
    for keeper in KEEPERS:
        await by.confirm(keeper, second, second)
    police = {row["fingerprint"]: row["use"] for row in await key_states(hub, keyroom)}
    assert len(police) == 2
    assert set(police.values()) == {SEALED_TO}

    await house.lodge()
    await house.run(minutes=1)
    assert len(opened_by(house)) == 2

    house.ours.replies["MAIL"] = "451 4.3.0 later"
    await house.lodge()
    await house.run(minutes=1)
    house.ours.replies.clear()
    assert len(house.ours.mails(HERE)) == 1
    await by.retire(second)
    await house.run(minutes=30)
    assert len(house.ours.mails(HERE)) == 2
    async with hub.database.reading(hub.scope()) as tx:
        (first,) = (await pins_of(hub, tx)).known.values()
    assert opened_by(house) == set((await keyroom.described(first)).encryption_key_ids)


def opened_by(house: House) -> set[str]:
    """The keys to which the last packet was sealed."""
    return set(packets.recipient_key_ids(house.ours.mails(HERE)[-1].content))
