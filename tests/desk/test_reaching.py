"""By which transport a mailbox is reached today, and what to do where it is not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from exchange import app, cli_domain, domains, setting_up
from exchange.case.effect import Letter, OpenTask, SendLetter, TaskKind
from exchange.config import read as settings_of
from exchange.enrolling import Enrolling, Heard
from exchange.hubs import loader
from exchange.policy import Role, Viewer
from exchange.reaching import Reach, lines, named, reach, short
from exchange.store import evidence, outbox, tasks
from exchange.store.evidence import PROVED, Evidence
from tests.desk.stands import NOW, HandClock
from tests.keys import gpg_command
from tests.proved import proved

POLICE = "safeguarding@police.example"
KEEPERS = [Viewer(name, frozenset({Role.HUB_MANAGER})) for name in ("duty-1", "duty-2")]


@dataclass
class Place:
    """A hub in this process, and a certificate of the police's."""

    exchange: app.Opened
    clock: HandClock
    certificate: bytes
    fingerprint: str

    @property
    def by(self) -> Enrolling:
        return Enrolling(self.exchange.hub, self.exchange.keyroom, timedelta(0))

    async def police(self, name: str = "police-1") -> Reach:
        (found,) = named(await reach(self.exchange.hub, self.exchange.keyroom), name)
        return found


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    clock = HandClock(NOW)
    with gpg_command.new_home() as home:
        fingerprint = gpg_command.make_key(home, "Rota", POLICE, "2027-06-01")
        setting_up.init(home / "hub", "referrals@hub.example", "http://127.0.0.1", "", "fakeshire", "Fakeshire MASH")
        async with app.opened(settings_of(home / "hub" / "exchange.toml"), clock) as exchange:
            text = loader.packaged("demo").replace('["openpgp"]', '["openpgp", "tls", "pickup"]', 1)
            await setting_up.apply_hub_file(exchange, "hub.toml", text)
            yield Place(exchange, clock, gpg_command.export(home, fingerprint), fingerprint)


async def test_a_rung_names_what_is_sealed_to_and_a_key_of_all_says_for_whom_it_is_not(place: Place) -> None:
    """Of a mailbox that has a key of its own the key of the whole agency opens nothing."""
    with gpg_command.new_home() as home:
        own, late, second = (gpg_command.make_key(home, n, POLICE, "2027-06-01") for n in ("Own", "Late", "Second"))
        files = {key: gpg_command.export(home, key) for key in (own, late, second)}

    async def proved_by_both(key: str, whose: str) -> Heard:
        await place.by.add(files[key], whose)
        await place.by.confirm(KEEPERS[0], key, key)
        return await place.by.confirm(KEEPERS[1], key, key)

    assert (await proved_by_both(own, "police-1")).apart == ""
    place.clock.at += timedelta(minutes=1)
    assert (await proved_by_both(late, "police")).apart.startswith("Nothing for police-1 is sealed to it")
    told = (await place.police()).rungs[0].found
    assert own[-8:] in told
    assert late[-8:] not in told
    await proved_by_both(second, "police-1")
    told = (await place.police()).rungs[0].found  # both people of the mailbox
    assert own[-8:] in told
    assert second[-8:] in told
    await place.by.retire(own)
    await place.by.retire(second)
    assert late[-8:] in (await place.police()).rungs[0].found
    await place.by.add(files[own], "police-1")
    await place.by.confirm(KEEPERS[0], own, own)
    assert (await place.by.confirm(KEEPERS[1], own, own)).apart.startswith("From then on police-1 is sealed to")


async def test_a_mailbox_with_a_key_of_its_own_is_said_to_be_sealed_to_by_no_other(place: Place) -> None:
    """The control room has its own; the key of the whole agency is for the team alone."""
    text = loader.packaged("demo").replace("[agencies.police.mailbox]", "[[agencies.police.mailbox]]")
    room = '[[agencies.police.mailbox]]\nid = "police-control"\naddress = "control-room@police.example"\n'
    room += 'transports = ["openpgp"]\ntelephone = "01632 960112"\nrole = "deputy"\nhours = "always"\n\n'
    await setting_up.apply_hub_file(
        place.exchange, "hub.toml", text.replace("[agencies.health]", f"{room}[agencies.health]", 1)
    )
    with gpg_command.new_home() as home:
        own = gpg_command.make_key(home, "Room", "control-room@police.example", "2027-06-01")
        files = {own: ("police-control", gpg_command.export(home, own))}
    files[place.fingerprint] = ("police", place.certificate)
    for key, (whose, certificate) in files.items():
        await place.by.add(certificate, whose)
        for keeper in KEEPERS:
            await place.by.confirm(keeper, key, key)
    for box, sealed, other in (("police-1", place.fingerprint, None), ("police-control", own, place.fingerprint)):
        found = await place.police(box)
        uses = {row["fingerprint"]: row["use"] for row in found.row()["certificates"]}
        assert [key for key, use in uses.items() if use == "sealed to"] == [sealed]
        named = [line for line in lines(found) if line.endswith(": green, sealed to")]
        assert len(named) == 1
        assert sealed[-8:] in named[0]
        if other:
            assert "not for this one, which has its own" in uses[other]


async def test_each_rung_says_what_was_found_and_what_to_do(place: Place) -> None:
    found = await place.police()
    assert found.rungs[0].transport == "openpgp"
    assert (found.rungs[0].why, found.rungs[0].found) == ("no_key", "no certificate is in use")
    assert found.rungs[0].mend.startswith("`exchange key add FILE --mailbox police-1`")
    assert [(r.transport, r.why, r.mend) for r in found.rungs[1:2]] == [
        ("tls", "no_evidence", "`exchange domain check police.example`")
    ]
    assert (found.rungs[2].transport, found.rungs[2].why) == ("pickup", "no_sender")  # and not a contact that lacks
    assert found.rungs[2].mend.startswith("`[pickup] sender` in the settings")
    await place.by.add(place.certificate, "police")
    waiting = await place.police(POLICE.upper())
    assert "one waits: two people" in waiting.rungs[0].found
    assert f"key confirm {place.fingerprint}" in waiting.rungs[0].mend
    for keeper in KEEPERS:
        await place.by.confirm(keeper, place.fingerprint, place.fingerprint)
    works = await place.police()
    assert (works.rungs[0].why, works.takes) == ("", "openpgp")
    assert works.rungs[0].found == (
        f"certificate …{place.fingerprint[-8:]} (v4), until 2027-06-01; a trial encryption worked"
    )
    told = "\n".join(lines(works))
    for words in (f"police-1 <{POLICE}>", "01632 960110", "1. OpenPGP: works", "never asked to prove"):
        assert words in told
    assert "goes by openpgp" in short(works)
    assert works.row()["certificates"][0]["use"] == "sealed to"
    await looked_at(place)
    assert (await place.police()).rungs[1].why == "not_proved"
    await proved(place.exchange.hub, "police-1")
    assert (await place.police()).rungs[1].found.startswith("verified TLS, looked at on 2026-11-24, believed until")
    place.clock.at = NOW + timedelta(days=365)
    over = await place.police()
    assert (over.rungs[0].why, over.rungs[0].found) == ("key_expired", "its certificate has expired")
    assert "ask its holder for a new certificate" in over.rungs[0].mend
    assert over.rungs[1].why == "evidence_over"


async def test_what_failed_when_it_was_last_used_does_not_work(place: Place) -> None:
    hub = place.exchange.hub
    await looked_at(place)
    await proved(hub, "police-1")
    text = loader.packaged("demo").replace('["openpgp"]', '["tls", "pickup"]\ncode_to = "07700 900123"', 1)
    await setting_up.apply_hub_file(place.exchange, "hub.toml", text)
    assert [r.why for r in (await place.police()).rungs] == ["", "no_sender"]
    await domains.fails(hub, "police-1")
    async with hub.database.transaction(hub.scope()) as tx:
        await tasks.open_(tx, "", OpenTask(TaskKind.CODES_FAIL, TaskKind.CODES_FAIL, "health-1", NOW), NOW)
    found = await place.police()
    assert found.rungs[0].why == "tls_fails"
    assert "ring with what waits" in found.rungs[0].mend
    async with hub.database.reading(hub.scope()) as tx:
        assert cli_domain._failing(await tasks.pending(tx, "")) == {"police-1"}
    await domains.works(hub, "police-1")
    assert not (await place.police()).rungs[0].why


async def looked_at(place: Place) -> None:
    """Somebody looked at the police's domain, and its server proved itself."""
    hub = place.exchange.hub
    servers = {"mx.police.example": PROVED}
    found = Evidence("police.example", NOW, NOW + timedelta(days=30), servers=servers, agreed=tuple(servers))
    async with hub.database.transaction(hub.scope()) as tx:
        await evidence.put(tx, found)


async def test_where_nothing_works_somebody_is_to_ring(place: Place) -> None:
    found = await place.police()
    alone = replace(found, rungs=found.rungs[:1])
    assert alone.takes == ""
    assert "NOTHING can be sent there: every letter is held. Ring 01632 960110" in "\n".join(lines(alone))
    assert "NOTHING works: ring" in short(alone)
    assert named((found,), "elsewhere-1") == ()


async def test_what_moves_and_what_was_retired_is_said_where_somebody_looks(place: Place) -> None:
    hub = place.exchange.hub
    await place.by.add(place.certificate, "police")
    for keeper in KEEPERS:
        await place.by.confirm(keeper, place.fingerprint, place.fingerprint)
    await place.by.retire(place.fingerprint, KEEPERS[0])
    assert (await place.police()).rungs[0].why == "key_retired"
    await place.by.add(place.certificate, "police")
    held = replace(place.by, hold=timedelta(days=1))
    for keeper in KEEPERS:
        await held.confirm(keeper, place.fingerprint, place.fingerprint)
    coming = await place.police()
    assert coming.rungs[0].why == "key_held"
    assert "ring until then" in coming.rungs[0].mend

    async with hub.database.transaction(hub.scope()) as tx:  # something has gone there
        wanted = SendLetter("drill:x", Letter.DRILL, "police-1")
        await outbox.put(tx, "x" * 24, "", wanted, NOW)
        (row,) = await outbox.claim(tx, NOW, NOW + timedelta(minutes=1), "lease", 1, of_hub=True)
        await outbox.keep(tx, row.id, "lease", outbox.Kept("police-1", "", "notice", "<m@hub.example>", b"x"))
        await outbox.settle(tx, row.id, "lease", "sent", NOW)
    text = loader.packaged("demo").replace('["openpgp"]', '["openpgp", "tls", "pickup"]', 1)
    await setting_up.apply_hub_file(place.exchange, "hub.toml", text.replace(POLICE, "new@police.example"))
    moving = await place.police("new@police.example")
    assert moving.mailbox.address.text == POLICE
    assert "another address from 2026-11-25 10:00 UTC; until then" in "\n".join(lines(moving))
    assert "another address from" in short(moving)
