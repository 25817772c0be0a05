"""Several people read one mailbox, each with a key of their own: all of them can open what goes there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

from exchange import setting_up
from exchange.case.effect import TaskKind
from exchange.enrolling import Enrolling
from exchange.key_states import BELIEVED, SEALED_TO, SIGNS_ONLY, key_states
from exchange.pins import pins_of
from keys.openpgp import packets
from keys.smime import identity
from tests.exchange.test_domains import HERE, HUB_FILE, KEEPERS, SECRET, House, house
from tests.keys import gpg_command, openssl_command

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


async def test_the_end_of_one_persons_key_is_told_though_anothers_lasts(house: House) -> None:
    hub, keyroom = house.exchange.hub, house.exchange.keyroom
    by = Enrolling(hub, keyroom, timedelta(0))
    house.clock.at = datetime.now(UTC) + timedelta(minutes=5)  # gpg makes keys by its own clock
    with gpg_command.new_home() as home:
        second = gpg_command.make_key(home, "Desk", HERE, "35d")
        await by.add(gpg_command.export(home, second), "police")
    for keeper in KEEPERS:
        await by.confirm(keeper, second, second)
    counted = []
    for days in (1, 1, 4, 1, 22):
        await house.run(of_hub=True, days=days)
        counted.append(len([m for m in house.ours.mails(HERE) if b"Please renew" in m.content]))
    assert counted == [1, 1, 2, 2, 3]
    await house.run(of_hub=True, days=9)  # it has ended: the mailbox works, and whoever holds it opens nothing
    assert len([m for m in house.ours.mails(HERE) if b"Please renew" in m.content]) == 3
    assert {TaskKind.ONE_KEY_ENDS} == await house.tasks() & {
        TaskKind.ONE_KEY_ENDS, TaskKind.KEY_ENDS, TaskKind.KEY_UNUSABLE,
    }  # fmt: skip
    await by.retire(second)
    await house.run(of_hub=True, days=1)
    assert TaskKind.ONE_KEY_ENDS not in await house.tasks()


def opened_by(house: House) -> set[str]:
    """The keys to which the last packet was sealed."""
    return set(packets.recipient_key_ids(house.ours.mails(HERE)[-1].content))


async def test_by_smime_too_and_what_only_signs_is_believed_and_never_sealed_to(house: House, tmp_path: Path) -> None:
    hub, keyroom = house.exchange.hub, house.exchange.keyroom
    text = HUB_FILE.replace('transports = ["tls", "openpgp"]', 'transports = ["smime"]')
    await setting_up.apply_hub_file(house.exchange, "hub.toml", text)
    home, address = keyroom.smime, house.exchange.settings.hub_address
    mine = identity.make(home.folder, home.passphrase, address, "the hub", house.clock.at)  # at the virtual clock
    leaf = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,"
    ada = openssl_command.person(tmp_path / "ada", HERE, f"{leaf}keyEncipherment\n")
    ben = openssl_command.person(tmp_path / "ben", HERE, f"{leaf}keyAgreement\n", key=openssl_command.P256)
    signs = openssl_command.person(tmp_path / "signs", HERE, f"{leaf}digitalSignature\n")
    by = Enrolling(hub, keyroom, timedelta(0))
    for one in (ada, ben, signs):
        assert (await by.add(one.pem, "police-1")).signs_only is (one is signs)
        for keeper in KEEPERS:
            await by.confirm(keeper, one.fingerprint, one.fingerprint)
    rows = {row["fingerprint"]: row for row in await key_states(hub, keyroom) if row["kind"] == "smime"}
    assert [rows[one.fingerprint]["use"] for one in (ada, ben, signs)] == [SEALED_TO, SEALED_TO, BELIEVED]
    assert (rows[signs.fingerprint]["health"], rows[signs.fingerprint]["note"]) == ("green", SIGNS_ONLY)

    await house.lodge()
    await house.run(minutes=1)
    (mail,) = [m for m in house.ours.mails(HERE) if b"pkcs7-mime" in m.content]
    envelope = message_from_bytes(mail.content, policy=policy.default).get_payload(decode=True)
    assert isinstance(envelope, bytes)
    for one in (ada, ben):
        assert SECRET in openssl_command.verify(one.decrypt(envelope), mine.certificate.pem)
    assert not one_of(signs.decrypt, envelope)


def one_of(opens: Callable[[bytes], bytes], envelope: bytes) -> bool:
    """Whether it opens."""
    try:
        return bool(opens(envelope))
    except AssertionError:
        return False
