"""What people sign by S/MIME ends too: whoever must renew it hears of it while their answers are still believed."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

from exchange import setting_up
from exchange.case.effect import TaskKind
from exchange.enrolling import Enrolling
from exchange.store import tasks
from keys.smime import identity
from tests.exchange.test_domains import HERE, HUB_FILE, KEEPERS, House, house
from tests.keys import openssl_command

__all__ = ["house"]

LEAF = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,"
ENDS = "20270225100000Z"  # 93 days after the house's beginning
RENEW = b"Please renew"


async def test_a_certificate_that_only_signs_is_warned_of_three_times_and_rung_about_until_there_is_another(
    house: House, tmp_path: Path
) -> None:
    hub, keyroom = house.exchange.hub, house.exchange.keyroom
    text = HUB_FILE.replace('transports = ["tls", "openpgp"]', 'transports = ["smime"]')
    await setting_up.apply_hub_file(house.exchange, "hub.toml", text)
    address = house.exchange.settings.hub_address
    mine = identity.make(keyroom.smime.folder, keyroom.smime.passphrase, address, "the hub", house.clock.at)
    rota = openssl_command.person(tmp_path / "rota", HERE, f"{LEAF}keyEncipherment\n")
    dates, signs = ("20250101000000Z", ENDS), f"{LEAF}digitalSignature\n"
    old = openssl_command.person(tmp_path / "old", HERE, signs, dates=dates)
    new = openssl_command.person(tmp_path / "new", HERE, signs)
    by = Enrolling(hub, keyroom, timedelta(0))

    async def enrolled(one: openssl_command.Person) -> None:
        await by.add(one.pem, "police-1")
        for keeper in KEEPERS:
            await by.confirm(keeper, one.fingerprint, one.fingerprint)

    async def asked() -> list[tuple[str, str]]:
        async with hub.database.reading(hub.scope()) as tx:
            kinds = (TaskKind.SIGNATURE_ENDS, TaskKind.KEY_ENDS, TaskKind.KEY_UNUSABLE)
            return [(t.kind, t.about) for t in await tasks.pending(tx, "") if t.kind in kinds]

    def letters() -> list[str]:
        found = []
        for mail in house.ours.mails(HERE):
            envelope = message_from_bytes(mail.content, policy=policy.default)
            if RENEW in mail.content:
                sealed = envelope.get_payload(decode=True)
                assert isinstance(sealed, bytes)
                found.append(openssl_command.verify(rota.decrypt(sealed), mine.certificate.pem).decode())
        return found

    await enrolled(rota)
    await enrolled(old)
    counted = []
    for days in (0, 4, 1, 60, 1, 23):
        await house.run(of_hub=True, days=days)
        counted.append(len(letters()))
    assert counted == [0, 1, 1, 2, 2, 3]
    first, *_, last = letters()
    assert "with which your team at safeguarding@police.example signs" in " ".join(first.split())
    assert old.fingerprint in "".join(first.split())
    assert "Your certificate for signing ends in 4 days" in last
    assert await asked() == [(TaskKind.SIGNATURE_ENDS, "key_warning:police-1")]

    await house.run(of_hub=True, days=10)  # it has ended: nobody writes any more, somebody rings
    assert len(letters()) == 3
    assert await asked() == [(TaskKind.SIGNATURE_ENDS, "key_warning:police-1")]
    await enrolled(new)
    await house.run(of_hub=True, days=1)
    assert await asked() == []
    assert len(letters()) == 3


async def test_one_that_has_ended_unseen_is_rung_about_once(house: House, tmp_path: Path) -> None:
    """The hub was not served for months."""
    hub = house.exchange.hub
    signs = openssl_command.person(
        tmp_path / "signs", HERE, f"{LEAF}digitalSignature\n", dates=("20250101000000Z", ENDS)
    )
    by = Enrolling(hub, house.exchange.keyroom, timedelta(0))
    await by.add(signs.pem, "police")
    for keeper in KEEPERS:
        await by.confirm(keeper, signs.fingerprint, signs.fingerprint)
    for _ in range(2):
        await house.run(of_hub=True, days=100)
        async with hub.database.reading(hub.scope()) as tx:
            found = [t for t in await tasks.pending(tx, "") if t.kind == TaskKind.SIGNATURE_ENDS]
        assert [(t.about, t.pressed) for t in found] == [("key_expired:police-1", 0)]
    assert not [m for m in house.ours.mails(HERE) if RENEW in m.content]
    await by.retire(signs.fingerprint)
    await house.run(of_hub=True, days=1)
    assert TaskKind.SIGNATURE_ENDS not in await house.tasks()
