"""An authority's list of revoked certificates, made by openssl: what it names is used no more, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from exchange import revoking, setting_up
from exchange.case.effect import TaskKind
from exchange.enrolling import Enrolling, NotEnrolled
from exchange.key_states import key_states
from exchange.store import journal
from keys.smime import identity
from keys.smime.revoked import ListRefused
from tests.exchange.test_domains import HERE, HUB_FILE, KEEPERS, House, house
from tests.keys import openssl_command

__all__ = ["house"]


async def test_what_its_authority_revokes_is_sealed_to_no_more_and_never_taken_again(
    house: House, tmp_path: Path
) -> None:
    hub, keyroom = house.exchange.hub, house.exchange.keyroom
    text = HUB_FILE.replace('transports = ["tls", "openpgp"]', 'transports = ["smime"]')
    await setting_up.apply_hub_file(house.exchange, "hub.toml", text)
    home = keyroom.smime
    identity.make(home.folder, home.passphrase, house.exchange.settings.hub_address, "the hub", house.clock.at)
    ours, others = (openssl_command.authority(tmp_path / name) for name in ("ca-ours", "ca-others"))
    ada, ben = (ours.issue(tmp_path / name, HERE) for name in ("ada", "ben"))
    by = Enrolling(hub, keyroom, timedelta(0))
    for one in (ada, ben):
        await by.add(one.pem, "police-1")
        for keeper in KEEPERS:
            await by.confirm(keeper, one.fingerprint, one.fingerprint)

    async def used() -> set[str]:
        return {row["fingerprint"] for row in await key_states(hub, keyroom) if row["kind"] == "smime"}

    none = await revoking.by_list(hub, keyroom, ours.crl(), ours.pem, KEEPERS[0])
    assert (none.covered, none.revoked) == (2, ())
    ours.revoke(ada)
    with pytest.raises(ListRefused, match="not signed by the authority"):
        await revoking.by_list(hub, keyroom, ours.crl(), others.pem, KEEPERS[0])
    with pytest.raises(ListRefused, match="no list of revoked certificates"):
        await revoking.by_list(hub, keyroom, b"-----BEGIN X509 CRL-----", ours.pem, KEEPERS[0])
    with pytest.raises(ListRefused, match="no certificate"):
        await revoking.by_list(hub, keyroom, ours.crl(), b"nothing", KEEPERS[0])
    (wrong,) = [await revoking.by_list(hub, keyroom, others.crl(), others.pem, KEEPERS[0])]
    assert (wrong.covered, await used()) == (0, {ada.fingerprint, ben.fingerprint})

    found = await revoking.by_list(hub, keyroom, ours.crl(), ours.pem, KEEPERS[0])
    assert [one.fingerprint for one in found.revoked] == [ada.fingerprint]
    assert await used() == {ben.fingerprint}
    assert TaskKind.KEY_UNUSABLE not in await house.tasks()  # the other one is still good
    ours.revoke(ben)
    await revoking.by_list(hub, keyroom, ours.crl(), ours.pem, "operator")
    assert TaskKind.KEY_UNUSABLE in await house.tasks()
    case_id = await house.lodge()
    await house.run(minutes=1)
    assert (await house.leg(case_id))[1].delivery == "held"
    with pytest.raises(NotEnrolled, match="refused for good"):
        await by.add(ada.pem, "police-1")
    async with hub.database.reading(hub.scope()) as tx:
        lines = [x for x in await journal.lines(tx, journal.DIRECTORY) if x.kind == revoking.REVOKED]
    assert [line.facts["fingerprint"] for line in lines] == [ada.fingerprint, ben.fingerprint]
