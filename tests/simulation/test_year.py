"""A year of virtual time: keys that end, are renewed in time, late or never, and one that is revoked. No packet is
lost to it, no warning is sent twice, and drills keep their days.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from email import message_from_bytes
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from exchange import fetching
from exchange.demo.stage import stage
from exchange.drilling import Heard, drill_of, hear
from exchange.setting_up import apply_hub_file
from exchange.store import drills, outbox
from tests.ready import ready
from tests.simulation.sink import Mail
from tests.simulation.year import AGENCY, RENEW, TEST, Year, year

HUB_FILE = Path(__file__).parent / "hub.toml"
TEAM = {"police": "safeguarding@police.example", "health": "safeguarding@health.example",
        "social_care": "safeguarding@social-care.example"}  # fmt: skip


async def story(here: Year) -> None:
    """What the agencies do with their keys in this year."""
    await here.new_key("police", "100d")
    await here.new_key("health", "120d")
    await here.new_key("social_care", "60d")
    await here.new_key("education", "never")
    await here.new_key("madeup-surgery", "never")
    here.deaf = {"madeup-surgery"}
    here.on(0.2, here.drill_all)
    here.on(75, partial(here.renewed, "police", "900d"))  # after the second warning
    here.on(130, partial(here.renewed, "health", "900d"))  # ten days too late; social care never does
    here.on(200, partial(here.revoked, "education"))
    here.on(203, partial(here.new_key, "education", "900d"))

    async def heard() -> None:
        here.deaf.clear()

    here.on(5, heard)
    for number in range(36):
        here.on(1.4 + 10 * number, partial(here.comes, number))


def renewals(here: Year, to: str) -> list[int]:
    """The days on which this mailbox was asked to renew its key."""
    return [here.day_of(mail) for mail in here.mails if mail.to == to and mail.subject.startswith(RENEW)]


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_a_year_of_keys(tmp_path: Path) -> None:
    async with stage(tmp_path / "s") as made:
        await ready(made, HUB_FILE)
        async with year(tmp_path / "s" / "hub", seed=7) as here:
            await story(here)
            await here.run(here.begins + timedelta(days=365))
            await no_packet_is_lost(here)
            warnings_are_sent_once(here)
            await what_cannot_be_used_is_rung_about(here)
            await drills_keep_their_days(here)


async def no_packet_is_lost(here: Year) -> None:
    """Each arrived sealed, or a person was asked to ring."""
    silent, desk = [], Counter[str]()
    for reference in here.cases:
        case = await here.case(reference)
        for leg in case.legs:
            arrived, rung = here.arrived(case, leg.agency), (case.id, leg.id) in here.rung
            silent += [] if arrived or rung else [(reference, leg.agency)]
            desk[leg.agency] += rung
    assert len(here.cases) == 36
    assert silent == []
    assert desk["police"] == desk["madeup-surgery"] == 0  # a key that ends and is renewed holds nothing up
    assert desk["health"] == 1  # the one that came between the end and the renewal
    assert desk["social_care"] == 30
    assert not [mail for mail in here.mails if b"canary-" in mail.content]


def warnings_are_sent_once(here: Year) -> None:
    """Three marks at most for each end; a renewal stops them; sealed, to people who can still open them."""
    ids = Counter(mail.message_id for mail in here.mails)
    assert [one for one, times in ids.items() if times > 1] == []
    asked = [mail for mail in here.mails if mail.subject.startswith(RENEW)]
    assert [mail.to for mail in asked if not mail.sealed] == []
    assert renewals(here, TEAM["police"]) == renewals(here, "control@police.example") == [10, 70]
    assert renewals(here, TEAM["health"]) == renewals(here, "deputy@health.example") == [30, 90, 113]
    assert renewals(here, TEAM["social_care"]) == [0, 30, 53]
    others = [mail.to for mail in asked if "police" not in mail.to and "health" not in mail.to]
    assert set(others) == {TEAM["social_care"]}


async def what_cannot_be_used_is_rung_about(here: Year) -> None:
    """One task for each, open while it is not mended."""
    ends = await here.tasks_of("key_ends")
    assert {key.split(":")[1]: open_ for key, open_ in ends.items()} == {
        "police-team": False, "police-control": False, "health-team": False, "health-lead": False,
        "health-deputy": False, "social-care-team": False,
    }  # fmt: skip
    over = await here.tasks_of("key_unusable")
    assert {key.split(":")[1]: open_ for key, open_ in over.items()} == {
        "health-team": False, "health-lead": False, "health-deputy": False, "education-team": False,
        "social-care-team": True,
    }  # fmt: skip


async def drills_keep_their_days(here: Year) -> None:
    """Once a quarter where they are answered, a week later where not; at once after a new key."""
    for mailbox in ("police-team", "police-control"):
        asked = await here.drills_of(mailbox)
        assert {ended for _, ended in asked} == {"answered"}
        gaps = [later - before for (before, _), (later, _) in pairwise(asked)]
        assert asked[0][0] == 0
        assert len(asked) in (4, 5)
        assert all(90 <= gap <= 97 for gap in gaps)  # not on days on which nobody reads it
    surgery = await here.drills_of("surgery-team")
    assert [ended for _, ended in surgery[:2]] == ["silent", "answered"]
    assert 7 <= surgery[1][0] <= 12
    assert 203 <= next(day for day, _ in await here.drills_of("education-team") if day > 200) <= 208
    care = await here.drills_of("social-care-team")
    assert {ended for day, ended in care if day > 60} == {"not_sent"}
    assert (await here.tasks_of("drill_failed")) == {"drill:surgery-team": False, "drill:social-care-team": True}
    assert [mail.to for mail in here.mails if mail.subject.startswith(TEST) and not mail.sealed] == []


async def row_of(here: Year, mail: Mail) -> outbox.Row:
    """The letter that this mail is."""
    hub = here.exchange.hub
    async with hub.database.reading(hub.scope()) as tx:
        row = await outbox.by_message_id(tx, mail.message_id)
    assert row
    return row


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_a_drill_goes_by_the_transport_that_a_packet_would_take(tmp_path: Path) -> None:
    """A sealed file where PGP/MIME is broken; the pick-up page where nothing can be sealed; no word on its way."""
    async with stage(tmp_path / "s") as made:
        await ready(made, HUB_FILE)
        async with year(tmp_path / "s" / "hub", seed=8) as here:
            school, surgery = "safeguarding@school-support.example", "safeguarding@madeup-surgery.example"
            text = HUB_FILE.read_text()
            for address, ways in (
                (school, '["openpgp-attachment"]'),
                (surgery, '["pickup"]\ncode_to = "other@madeup-surgery.example"'),
            ):
                text = text.replace(
                    f'address = "{address}"\ntransports = ["openpgp"]', f'address = "{address}"\ntransports = {ways}'
                )
            await apply_hub_file(here.exchange, "hub.toml", text)
            await here.new_key("education", "never")
            here.deaf = set(AGENCY.values())
            await here.drill_all()
            await here.settle()
            arrived = {mail.to: mail for mail in here.mails}
            hub, codes = here.exchange.hub, here.exchange.hub.codes
            words = {to: codes.drill(drill_of(await row_of(here, mail))) for to, mail in arrived.items()}
            assert not [mail.to for mail in here.mails if words[mail.to].encode() in mail.content]

            gpg = here.people["education"].gpg
            assert gpg
            file = list(message_from_bytes(arrived[school].content).walk())[-1].get_payload(decode=True)
            assert isinstance(file, bytes)
            assert words[school].encode() in gpg.decrypt(file).plaintext

            waits = await fetching.find(hub, (await row_of(here, arrived[surgery])).id)
            assert waits
            letter = await fetching.letter_of(hub, waits)
            assert letter
            assert words[surgery] in letter.text
            assert (waits.standing, waits.reference) == (fetching.Standing.WAITS, "")
            for mail in here.mails:
                drill = drill_of(await row_of(here, mail))
                async with hub.database.transaction(hub.scope()) as tx:
                    assert await hear(hub, tx, drill, words[mail.to], "page") is Heard.RIGHT
            async with hub.database.reading(hub.scope()) as tx:
                proved = {mailbox: last.transport for mailbox, (last, _) in (await drills.newest(tx)).items()}
            assert (proved["education-team"], proved["surgery-team"]) == ("openpgp-attachment", "pickup")
            assert {proved["police-team"], proved["health-lead"]} == {"openpgp"}
