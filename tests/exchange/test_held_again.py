"""A packet that nothing could carry goes when its mailbox works again, and not when nobody waits for it any more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from exchange import setting_up
from exchange.case.acknowledgement import Answer, Proof
from exchange.case.effect import TaskKind
from exchange.case.event import Answered, Closed
from exchange.enrolling import Enrolling
from exchange.held_again import HeldAgain
from exchange.key_states import key_states
from tests.exchange.test_domains import HERE, HUB_FILE, KEEPERS, House, house
from tests.keys import gpg_command

__all__ = ["house"]

ONLY_OPENPGP = HUB_FILE.replace('transports = ["tls", "openpgp"]', 'transports = ["openpgp"]')


async def lodged(house: House, seconds: int) -> str:
    house.clock.at += timedelta(seconds=seconds)
    return await house.lodge()


async def with_one_key(house: House, home: Path, expire: str) -> tuple[Enrolling, str]:
    """The police's only key is this one, which ends: gpg makes it by its own clock."""
    house.clock.at = datetime.now(UTC) + timedelta(minutes=5)
    hub, keyroom = house.exchange.hub, house.exchange.keyroom
    await setting_up.apply_hub_file(house.exchange, "hub.toml", ONLY_OPENPGP)
    by = Enrolling(hub, keyroom, timedelta(0))
    (old,) = await key_states(hub, keyroom)
    fingerprint = gpg_command.make_key(home, "Desk", HERE, expire)
    await by.add(gpg_command.export(home, fingerprint), "police-1")
    for keeper in KEEPERS:
        await by.confirm(keeper, fingerprint, fingerprint)
    await by.retire(str(old["fingerprint"]))
    return by, fingerprint


async def test_it_goes_when_the_key_is_renewed_and_not_what_nobody_waits_for(house: House) -> None:
    hub = house.exchange.hub
    again = HeldAgain(hub, house.exchange.keyroom)
    with gpg_command.new_home() as home:
        by, key = await with_one_key(house, home, "20d")
        house.clock.at += timedelta(days=30)
        waits, answered, closed = [await lodged(house, seconds) for seconds in range(1, 4)]
        await house.run(minutes=1)
        for one in (waits, answered, closed):
            assert (await house.leg(one))[1].delivery == "held"
            assert TaskKind.TELEPHONE_AGENCY in await house.tasks(one)
        assert await again.once() == 0  # nothing works yet
        leg = (await house.leg(answered))[1].id
        by_telephone = Answered(house.clock.at, "duty-1", leg, Answer.RECEIVED, Proof.STAFF, "telephone")
        await hub.record(answered, by_telephone, "rung")
        await hub.record(closed, Closed(house.clock.at, "manager-1", override=True), "closed")

        for words in ((), ("*",)):
            gpg_command.gpg(home, "--passphrase", "", "--quick-set-expire", key, "2y", *words)
        assert (await by.add(gpg_command.export(home, key), "police-1")).renewed
    assert await again.once() == 1
    assert await again.once() == 0
    await house.run(minutes=1)
    _, leg_now = await house.leg(waits)
    assert (leg_now.delivery, leg_now.transport) == ("accepted", "openpgp")
    assert TaskKind.TELEPHONE_AGENCY not in await house.tasks(waits)
    assert [(await house.leg(one))[1].delivery for one in (answered, closed)] == ["held", "held"]
    assert len(house.ours.mails(HERE)) == 1


async def test_it_goes_when_a_new_key_comes_out_of_its_hold_by_the_clock_alone(house: House) -> None:
    hub = house.exchange.hub
    again = HeldAgain(hub, house.exchange.keyroom)
    with gpg_command.new_home() as home:
        _, key = await with_one_key(house, home, "20d")
        house.clock.at += timedelta(days=30)
        case_id = await house.lodge()
        await house.run(minutes=1)
        held = Enrolling(hub, house.exchange.keyroom, timedelta(hours=24))
        new = gpg_command.make_key(home, "Rota", HERE)
        await held.add(gpg_command.export(home, new), "police-1")
    for keeper in KEEPERS:
        await held.confirm(keeper, new, new)
    assert await again.once() == 0
    await held.retire(key)
    await house.run(hours=23)
    assert await again.once() == 0
    assert (await house.leg(case_id))[1].delivery == "held"
    await house.run(hours=1)
    assert await again.once() == 1
    await house.run(minutes=1)
    assert (await house.leg(case_id))[1].delivery == "accepted"
