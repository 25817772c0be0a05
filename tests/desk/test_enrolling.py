"""A certificate is used when its holders have proved it to two people, and not one moment before (T10, T11)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from exchange.case.effect import Letter, TaskKind
from exchange.enrolling import Enrolling, Heard, NotEnrolled
from exchange.key_states import key_states
from exchange.keyroom import Keyroom, SmimeHome
from exchange.ours import grouped
from exchange.pins import pins_of
from exchange.policy import OPERATOR, Forbidden, Role, Viewer
from exchange.store import journal, outbox, tasks
from exchange.store.certificates import Kind
from exchange.store.database import Database
from keys.openpgp import packets
from keys.smime import identity
from tests.desk.stands import NOW, HandClock, hub_of, with_directory
from tests.keys import gpg_command, openssl_command

POLICE, HEALTH = "safeguarding@police.example", "safeguarding@health.example"
ADA = Viewer("duty-1", frozenset({Role.HUB_MANAGER}))
BEN = Viewer("duty-2", frozenset({Role.HUB_ADMINISTRATOR}))
HOLD = timedelta(hours=24)


@dataclass(frozen=True)
class Holders:
    """Keys of people at agencies, made once."""

    home: Path
    first: str
    second: str

    def file(self, *fingerprints: str) -> bytes:
        return gpg_command.export(self.home, *fingerprints)


@pytest.fixture(scope="module")
def holders() -> Iterator[Holders]:
    with gpg_command.new_home() as home:
        yield Holders(home, *(gpg_command.make_key(home, name, POLICE, "2028-06-01") for name in ("Rota", "Desk")))


@dataclass
class Enrolment:
    """A hub with the demo's directory, its clock and its keyroom."""

    by: Enrolling
    clock: HandClock

    async def state(self, fingerprint: str, *, retired: bool = False) -> dict[str, object]:
        rows = await key_states(self.by.hub, self.by.keyroom, retired=retired)
        return next((row for row in rows if row["fingerprint"] == fingerprint), {})

    async def said(self, kind: str) -> list[journal.Line]:
        async with self.by.hub.database.reading(self.by.hub.scope()) as tx:
            return [line for line in await journal.lines(tx, journal.DIRECTORY) if line.kind == kind]

    async def todo(self) -> list[tuple[str, str]]:
        async with self.by.hub.database.reading(self.by.hub.scope()) as tx:
            return [(t.kind, t.about) for t in await tasks.pending(tx)]

    async def used(self) -> set[str]:
        """Fingerprints that are sealed to or believed now."""
        async with self.by.hub.database.reading(self.by.hub.scope()) as tx:
            return set((await pins_of(self.by.hub, tx)).known)

    async def both(self, fingerprint: str) -> Heard:
        await self.by.confirm(ADA, fingerprint, fingerprint)
        return await self.by.confirm(BEN, fingerprint, fingerprint)


@pytest.fixture
async def enrolment(
    database: Database, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Enrolment]:
    clock = HandClock(NOW)
    with gpg_command.new_home() as home:
        identity.make(home / "smime", "word", "referrals@hub.example", "Fakeshire MASH", NOW)
        keyroom = Keyroom(home / "hub", "", "", SmimeHome(home / "smime", "word"))
        async with hub_of(database, tmp_path, clock) as hub:
            await with_directory(hub)
            yield Enrolment(Enrolling(hub, keyroom, HOLD), clock)
        await keyroom.close()


async def test_two_people_prove_it_and_the_first_is_used_at_once(enrolment: Enrolment, holders: Holders) -> None:
    by, fingerprint = enrolment.by, holders.first
    brought = await by.add(holders.file(fingerprint), "police-1")
    assert (brought.fingerprint, str(brought.owner), brought.renewed, brought.soon) == (
        fingerprint, "police-1", False, False,
    )  # fmt: skip
    assert (await enrolment.state(fingerprint))["use"] == (
        "waits: two people must have the fingerprint read out to them by telephone"
    )
    spoken = " ".join(grouped(fingerprint)).lower()
    one = await by.confirm(ADA, fingerprint, spoken)
    again = await by.confirm(ADA, fingerprint, spoken)
    assert one == again
    assert one.missing == "somebody other than duty-1 must have the fingerprint read out too, or the code of a letter"
    assert not await enrolment.used()
    two = await by.confirm(BEN, spoken, spoken)
    assert (two.missing, two.live_at, two.held) == ("", NOW, False)
    assert await enrolment.used() == {fingerprint}
    assert (await enrolment.state(fingerprint))["use"] == "sealed to"
    assert [line.by for line in await enrolment.said("CertificateConfirmed")] == ["duty-1", "duty-1", "duty-2"]
    (proved,) = await enrolment.said("CertificateProved")
    assert (proved.by, proved.facts["mailbox"], proved.facts["fingerprint"]) == ("duty-2", "police-1", fingerprint)
    assert not await enrolment.todo()
    with pytest.raises(NotEnrolled, match="proved already"):
        await by.confirm(BEN, fingerprint, spoken)


async def test_what_proves_nothing_is_noted_and_changes_nothing(enrolment: Enrolment, holders: Holders) -> None:
    by, fingerprint = enrolment.by, holders.first
    await by.add(holders.file(fingerprint), "police")
    await by.confirm(ADA, fingerprint, fingerprint)
    for viewer, said, code, why in (
        (BEN, fingerprint[:-4] + "0000", "", "not this certificate's fingerprint. Ring again, on a number you had"),
        (BEN, fingerprint[-16:], "", "not the whole of this certificate's fingerprint"),
        (BEN, "", "7K2F-9QXD-M3PT", "no letter was made"),
        (BEN, "", "", "--read-back"),
        (OPERATOR, fingerprint, "", "under their own name"),
        (Viewer("token-x", ADA.roles), fingerprint, "", "under their own name"),
    ):
        with pytest.raises(NotEnrolled, match=why):
            await by.confirm(viewer, fingerprint, said, code)
    with pytest.raises(Forbidden):
        await by.confirm(Viewer("chair-1", frozenset({Role.CHAIR})), fingerprint, fingerprint)
    with pytest.raises(NotEnrolled, match=r"no certificate 0{40} waits"):
        await by.confirm(BEN, "0" * 40, "0" * 40)
    assert not await enrolment.used()
    assert [line.facts["way"] for line in await enrolment.said("CertificateDoubted")] == ["read_back", "read_back"]


async def test_a_letter_by_post_is_for_somebody_other_than_who_made_it(
    enrolment: Enrolment, holders: Holders
) -> None:
    by, fingerprint = enrolment.by, holders.first
    await by.add(holders.file(fingerprint), "police")
    page = await by.letter(ADA, fingerprint)
    assert fingerprint in "".join(page.split())
    assert POLICE in page
    found = re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b", page)
    assert found
    await by.confirm(ADA, fingerprint, fingerprint)
    with pytest.raises(NotEnrolled, match="you made this letter and know its code"):
        await by.confirm(ADA, fingerprint, letter_code=found[0])
    with pytest.raises(NotEnrolled, match="not the code of the letter"):
        await by.confirm(BEN, fingerprint, letter_code="7K2F-9QXD-M3PT")
    assert not await enrolment.used()
    assert (await by.confirm(BEN, fingerprint, letter_code=found[0].lower())).missing == ""
    assert await enrolment.used() == {fingerprint}


async def test_a_code_cannot_be_guessed_at_for_ever(enrolment: Enrolment, holders: Holders) -> None:
    by, fingerprint = enrolment.by, holders.first
    await by.add(holders.file(fingerprint), "police")
    found = re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b", await by.letter(ADA, fingerprint))
    for _ in range(10):
        with pytest.raises(NotEnrolled, match="not the code"):
            await by.confirm(BEN, fingerprint, letter_code="7K2F-9QXD-M3PT")
    assert found
    with pytest.raises(NotEnrolled, match="tried too often today"):
        await by.confirm(BEN, fingerprint, letter_code=found[0])


async def test_a_change_waits_a_day_and_is_told_and_can_be_stopped(enrolment: Enrolment, holders: Holders) -> None:
    by, first, second = enrolment.by, holders.first, holders.second
    await by.add(holders.file(first), "police")
    await enrolment.both(first)
    await by.add(holders.file(second), "police-1")
    heard = await enrolment.both(second)
    assert (heard.held, heard.live_at) == (True, NOW + HOLD)
    assert (await enrolment.state(second))["state"] == "held"
    assert await enrolment.todo() == [(TaskKind.KEY_CHANGE, "police-1")]
    assert await letters(enrolment) == [f"police-1/{second[:16]}/{first[:16]}"]  # sealed to the old key
    await by.rung(BEN, second)
    assert not await enrolment.todo()
    enrolment.clock.at = NOW + HOLD - timedelta(seconds=1)
    assert await enrolment.used() == {first}
    enrolment.clock.at = NOW + HOLD
    assert await enrolment.used() == {first, second}
    assert await used_for(enrolment, "police-1") == second
    await by.retire(second)
    assert await used_for(enrolment, "police-1") == first
    assert (await enrolment.state(second, retired=True))["state"] == "retired"
    assert await enrolment.state(second) == {}
    with pytest.raises(NotEnrolled, match="is in use or waits"):
        await by.retire(second)


async def letters(enrolment: Enrolment) -> list[str]:
    """Which change each letter tells, to whom, and to which old key it is to be sealed."""
    async with enrolment.by.hub.database.reading(enrolment.by.hub.scope()) as tx:
        return [row.about for row in await outbox.of_case(tx, "") if row.letter == Letter.KEY_CHANGED]


async def used_for(enrolment: Enrolment, mailbox: str) -> str:
    async with enrolment.by.hub.database.reading(enrolment.by.hub.scope()) as tx:
        pins = await pins_of(enrolment.by.hub, tx)
    return next(pins.opened_at(mailbox, "police", Kind.OPENPGP)).fingerprint


async def test_stopped_in_time_it_is_never_used(enrolment: Enrolment, holders: Holders) -> None:
    by, first, second = enrolment.by, holders.first, holders.second
    await by.add(holders.file(first), "police")
    await enrolment.both(first)
    await by.add(holders.file(second), "police")
    await enrolment.both(second)
    await by.retire(second)
    assert not await enrolment.todo()
    enrolment.clock.at = NOW + timedelta(days=3)
    assert await enrolment.used() == {first}


async def test_retiring_first_does_not_make_a_change_a_beginning(enrolment: Enrolment, holders: Holders) -> None:
    by, first, second = enrolment.by, holders.first, holders.second
    await by.add(holders.file(first), "police")
    await enrolment.both(first)
    await by.retire(first)
    again = await by.add(holders.file(first), "police")  # brought anew, which takes its time of use out of the table
    assert again.retired_at == NOW
    await by.add(holders.file(second), "police")
    assert (await enrolment.both(second)).held
    assert (await enrolment.both(first)).held
    assert {about.split("/")[0] for about in await letters(enrolment)} == {"police-1"}
    assert {about.split("/")[2] for about in await letters(enrolment)} == {""}  # no old key is left: by a notice
    assert not await enrolment.used()


async def test_mailboxes_of_one_agency_may_have_keys_of_their_own(enrolment: Enrolment, holders: Holders) -> None:
    by = enrolment.by
    await by.add(holders.file(holders.first), "police-1")
    await enrolment.both(holders.first)
    await by.add(holders.file(holders.second), "health-1", other_user_id=True)
    assert not (await enrolment.both(holders.second)).held


async def test_a_newer_end_under_the_same_key_needs_no_proof(enrolment: Enrolment) -> None:
    by = enrolment.by
    with gpg_command.new_home() as home:
        key = gpg_command.make_key(home, "Rota", POLICE, "2028-06-01")
        await by.add(gpg_command.export(home, key), "police")
        await enrolment.both(key)
        for words in ((), ("*",)):
            gpg_command.gpg(home, "--passphrase", "", "--quick-set-expire", key, "2027-02-01", *words)
        renewed = await by.add(gpg_command.export(home, key), "police")
    assert (renewed.renewed, renewed.soon, renewed.until and renewed.until.date().isoformat()) == (
        True, True, "2027-02-01",
    )  # fmt: skip
    row = await enrolment.state(key)
    assert (row["state"], row["until"], row["health"]) == ("in_use", "2027-02-01", "amber")
    assert not await enrolment.todo()
    renewed_file = await public(enrolment, key)
    with pytest.raises(NotEnrolled, match=f"pinned to police: .*key retire {key}"):
        await by.add(renewed_file, "police-1")


async def public(enrolment: Enrolment, fingerprint: str) -> bytes:
    async with enrolment.by.hub.database.reading(enrolment.by.hub.scope()) as tx:
        return (await pins_of(enrolment.by.hub, tx)).known[fingerprint].public


async def test_a_key_that_ends_before_it_is_proved_is_never_used(enrolment: Enrolment, holders: Holders) -> None:
    by, fingerprint = enrolment.by, holders.first
    await by.add(holders.file(fingerprint), "police")
    await by.confirm(ADA, fingerprint, fingerprint)
    enrolment.clock.at = datetime.fromisoformat("2028-06-02T00:00+00:00")
    with pytest.raises(NotEnrolled, match="police: this key has expired: ask for it again"):
        await by.confirm(BEN, fingerprint, fingerprint)
    assert not await enrolment.used()


async def test_what_cannot_be_used_is_refused_in_words(enrolment: Enrolment, holders: Holders) -> None:
    by = enrolment.by
    with gpg_command.new_home() as home:
        elsewhere = gpg_command.export(home, gpg_command.make_key(home, "Ada", "ada@elsewhere.example"))
        signs = gpg_command.export(home, gpg_command.make_key(home, "Ada", POLICE, encrypts=False))
    public_key = holders.file(holders.first)
    for content, why in (
        (gpg_command.export_secret(holders.home, holders.first), "this file holds a PRIVATE key"),
        (public_key + holders.file(holders.second), "this file holds 2 keys"),
        (elsewhere, r"this key is for ada@elsewhere\.example, and police is written to at safeguarding@police\."),
        (signs, "this key can sign but not receive encrypted mail"),
        (b"no key at all", "this is not an OpenPGP key file"),
        (public_key[:300], "police: "),
    ):
        with pytest.raises(NotEnrolled, match=why):
            await by.add(content, "police")
    with pytest.raises(NotEnrolled, match="“police” is an agency: name it with --agency"):
        await by.add(public_key, "police", of_mailbox=True)
    with pytest.raises(NotEnrolled, match="no agency and no mailbox “nowhere” in this hub: use one of police"):
        await by.add(public_key, "nowhere")
    with pytest.raises(NotEnrolled, match="the fingerprint does not match"):
        await by.add(public_key, "police", "0" * 40)
    enrolment.clock.at = datetime.fromisoformat("2028-06-02T00:00+00:00")
    with pytest.raises(NotEnrolled, match="this key has expired"):
        await by.add(public_key, "police")
    assert not await key_states(by.hub, by.keyroom)
    enrolment.clock.at = NOW
    assert (await by.add(elsewhere, "police", other_user_id=True)).fingerprint


async def test_a_revoked_certificate_is_used_no_more_from_the_moment_it_is_shown(enrolment: Enrolment) -> None:
    by = enrolment.by
    with gpg_command.new_home() as home:
        fingerprint = gpg_command.make_key(home, "Rota", POLICE, "2028-06-01")
        other = gpg_command.make_key(home, "Other", POLICE, "2028-06-01")
        await by.add(gpg_command.export(home, fingerprint), "police-1")
        await enrolment.both(fingerprint)
        older = {each: gpg_command.export(home, each) for each in (fingerprint, other)}
        for each in (fingerprint, other):
            gpg_command.revoke(home, each)
        with pytest.raises(NotEnrolled, match=r"revoked this key.*It was in use here: from now on nothing"):
            await by.add(gpg_command.export(home, fingerprint), "police-1")
        with pytest.raises(NotEnrolled, match=r"ask for the new one\Z"):  # one that we never used
            await by.add(gpg_command.export(home, other), "police-1")
    assert await enrolment.used() == set()
    assert [x.facts["fingerprint"] for x in await enrolment.said("CertificateRevoked")] == [fingerprint, other]
    for copy in older.values():  # the files of before, which say nothing of it
        with pytest.raises(NotEnrolled, match=r"revoked this key, which was shown here on 2026-11-24.*for good"):
            await by.add(copy, "police-1")
    assert (TaskKind.KEY_UNUSABLE, "no_key:police-1") in await enrolment.todo()


async def test_a_revocation_that_comes_alone_is_honoured_when_it_is_that_keys(enrolment: Enrolment) -> None:
    """What a holder kept who has lost the key itself: gpg puts it into openpgp-revocs.d."""
    by = enrolment.by
    with gpg_command.new_home() as home:
        fingerprint, other = (gpg_command.make_key(home, name, POLICE, "2028-06-01") for name in ("Rota", "Other"))
        await by.add(gpg_command.export(home, fingerprint), "police-1")
        await enrolment.both(fingerprint)
        kept = {f: (home / "openpgp-revocs.d" / f"{f}.rev").read_bytes() for f in (fingerprint, other)}
    with pytest.raises(NotEnrolled, match=f"takes back the key {other}. That is none of the certificates"):
        await by.add(kept[other], "police-1")
    octets = bytearray(packets.dearmor(kept[fingerprint]))
    octets[-1] ^= 1
    with pytest.raises(NotEnrolled, match=r"But it was not made by that key, so nothing is changed"):
        await by.add(bytes(octets), "police-1")
    assert await enrolment.used() == {fingerprint}
    with pytest.raises(
        NotEnrolled, match=f"takes back the key {fingerprint}. It was in use here as police's: from now on nothing"
    ):
        await by.add(kept[fingerprint], "health")  # whoever brings it named the wrong agency
    assert await enrolment.used() == set()
    assert [x.facts["fingerprint"] for x in await enrolment.said("CertificateRevoked")] == [fingerprint]
    assert (TaskKind.KEY_UNUSABLE, "no_key:police-1") in await enrolment.todo()


async def test_a_certificate_of_outlooks_kind_is_proved_like_any_other(enrolment: Enrolment, tmp_path: Path) -> None:
    by, rota = enrolment.by, openssl_command.person(tmp_path / "rota", POLICE)
    enrolment.clock.at = datetime.now(UTC) + timedelta(minutes=1)  # openssl certifies from its own now on
    for content, why in (
        (rota.key + rota.pem, "this file holds a PRIVATE key"),
        (b"-----BEGIN CERTIFICATE-----\nnone\n", "police: "),
        (openssl_command.person(tmp_path / "ada", "ada@elsewhere.example").pem, r"this key is for ada@elsewhere"),
    ):
        with pytest.raises(NotEnrolled, match=why):
            await by.add(content, "police")
    with pytest.raises(NotEnrolled, match="the fingerprint does not match"):
        await by.add(rota.pem, "police", "0" * 64)
    brought = await by.add(rota.pem, "police", ":".join(re.findall("..", rota.fingerprint)))
    assert brought.fingerprint == rota.fingerprint
    spoken = " ".join(re.findall("..", rota.fingerprint)).lower()
    await by.confirm(ADA, rota.fingerprint, spoken)
    assert not await enrolment.used()
    await by.confirm(BEN, rota.fingerprint, spoken)
    assert await enrolment.used() == {rota.fingerprint}
    row = await enrolment.state(rota.fingerprint)
    assert (row["kind"], row["profile"], row["use"], row["health"]) == ("smime", "S/MIME", "sealed to", "green")
    assert (await by.add(rota.pem, "police")).renewed
    enrolment.clock.at += timedelta(days=36500)
    assert (await enrolment.state(rota.fingerprint))["health"] == "red"


async def test_one_that_was_retired_before_anybody_proved_it_comes_back_as_a_change(
    enrolment: Enrolment, holders: Holders
) -> None:
    by, fingerprint = enrolment.by, holders.first
    await by.add(holders.file(fingerprint), "police")
    await by.retire(fingerprint)
    assert (await by.add(holders.file(fingerprint), "police")).retired_at == NOW
    assert (await enrolment.both(fingerprint)).held
    assert not await enrolment.used()
