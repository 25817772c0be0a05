"""Reports that come back: each is about one attempt to send one letter, and about nothing else (T16)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from exchange.case.delivery import News
from exchange.case.effect import Letter, TaskKind
from exchange.case.event import PacketNews
from exchange.case.mailbox import Directory
from exchange.correspondence import Place, place_by_report, place_of
from exchange.hub import Hub
from exchange.pins import NO_PINS
from exchange.placing import Placed, placed
from exchange.store import outbox
from exchange.store.database import Database
from mailflow.delivery_report import Report, ReportedRecipient
from mailflow.interpret import AUTOMATIC_REPLY, Machine
from mailflow.reply_address import ReplyAddresses
from tests.desk.stands import NOW, HandClock, closed_case, hub_of
from tests.exchange.test_silent_mailboxes import NOTHING_TO_READ

ADDRESSES = ReplyAddresses(b"secret", "hub.example")
FAILED = Machine("failed", "5.1.1")


@dataclass
class Sent:
    """A letter of a case, through its attempts."""

    hub: Hub
    clock: HandClock
    id: str
    tries: int = 0

    async def attempt(self, ends: str) -> str:
        """Send it: the envelope sender of this attempt. It is then `later`, `again` (written anew) or `sent`."""
        lease, now = f"w{self.tries}", self.clock.now()
        self.tries += 1
        async with self.hub.database.transaction(self.hub.scope()) as tx:
            rows = await outbox.claim(tx, now, now + timedelta(minutes=1), lease, 50)
            row = next(r for r in rows if r.id == self.id)
            if row.state == "waiting":
                kept = outbox.Kept("police-1", "F" * 40, "openpgp", f"<{self.tries}@hub.example>", b"bytes")
                assert await outbox.keep(tx, row.id, lease, kept)
            if ends == "sent":
                await outbox.settle(tx, row.id, lease, "sent", now)
            elif ends == "again":
                await outbox.again(tx, row.id, lease, now)
            else:
                await outbox.later(tx, row.id, lease, now)
            for other in rows:
                if other.id != row.id:
                    await outbox.put_off(tx, other.id, lease, now)
        return ADDRESSES.returned(row.id, row.attempts + 1)

    async def place(self, address: str) -> Place:
        """What a report to this address is about."""
        token = ADDRESSES.read(address)
        async with self.hub.database.reading(self.hub.scope()) as tx:
            return await place_of(tx, token, Directory(()), NO_PINS, "hub.example", self.clock.now())


@pytest.fixture
async def letter(tmp_path: Path) -> AsyncIterator[Sent]:
    """A packet that waits to be written."""
    database, clock = Database(f"sqlite+aiosqlite:///{tmp_path}/exchange.db"), HandClock(NOW)
    await database.open()
    async with hub_of(database, tmp_path, clock) as hub:
        case_id = (await closed_case(hub)).case_id
        async with hub.database.reading(hub.scope()) as tx:
            row = next(r for r in await outbox.of_case(tx, case_id) if r.letter == Letter.PACKET)
        yield Sent(hub, clock, row.id)
    await database.close()


async def test_every_attempt_with_the_same_bytes_is_known_by_its_own_address(letter: Sent) -> None:
    first, second, third = [await letter.attempt(ends) for ends in ("later", "later", "sent")]
    assert len({first, second, third}) == 3
    for address in (first, second, third):
        found = await letter.place(address)
        assert found.letter
        assert found.letter.id == letter.id
        came = placed(FAILED, found, NOTHING_TO_READ, "mail1", NOW)
        assert came
        assert isinstance(came.event, PacketNews)
        assert (came.event.news, came.event.code) == (News.BOUNCED, "5.1.1")


async def test_handed_on_is_told_and_is_no_delivery(letter: Sent) -> None:
    found = await letter.place(await letter.attempt("sent"))
    came = placed(Machine("relayed", "2.0.0"), found, NOTHING_TO_READ, "mail1", NOW)
    assert came
    assert isinstance(came.event, PacketNews)
    assert (came.event.news, came.disposition) == (News.RELAYED, "machine_evidence")
    assert found.letter
    receipt = replace(found, letter=replace(found.letter, letter=Letter.RECEIPT))
    assert placed(Machine("relayed", "2.0.0"), receipt, NOTHING_TO_READ, "mail1", NOW) == Placed("machine_evidence")


async def test_what_was_sent_before_it_was_written_anew_says_nothing_of_what_is_on_its_way_now(letter: Sent) -> None:
    before = await letter.attempt("again")
    after = await letter.attempt("sent")
    assert (await letter.place(after)).letter
    found = await letter.place(before)
    assert found.letter is None
    came = placed(FAILED, found, NOTHING_TO_READ, "mail1", NOW)
    assert came
    assert (came.event, came.task) == (None, TaskKind.REPORT_ASTRAY)  # a person reads it
    away = placed(Machine(AUTOMATIC_REPLY), found, NOTHING_TO_READ, "mail1", NOW)
    assert away
    assert (away.event, away.task) == (None, None)


async def test_an_attempt_that_was_never_made_and_a_report_after_weeks_are_a_persons(letter: Sent) -> None:
    sent = await letter.attempt("sent")
    never = ADDRESSES.returned(letter.id, 2)
    assert (await letter.place(never)).letter is None
    assert (await letter.place(ADDRESSES.make("bounce", letter.id))).letter is None
    letter.clock.at += timedelta(days=29)
    assert (await letter.place(sent)).letter  # bounces are days late
    letter.clock.at += timedelta(days=2)
    late = await letter.place(sent)
    assert late.letter is None
    came = placed(FAILED, late, NOTHING_TO_READ, "mail1", NOW)
    assert came
    assert came.task is TaskKind.REPORT_ASTRAY


async def test_while_an_attempt_is_uncertain_its_report_counts_already(letter: Sent) -> None:
    first = await letter.attempt("later")
    assert (await letter.place(first)).letter
    assert (await letter.place(ADDRESSES.returned(letter.id, 2))).letter  # this attempt may be under way
    assert (await letter.place(ADDRESSES.returned(letter.id, 3))).letter is None


async def test_a_report_that_comes_elsewhere_is_about_the_letter_whose_message_id_it_gives_back(letter: Sent) -> None:
    async def placed_by(report: Report, *named: str) -> Place | None:
        async with letter.hub.database.reading(letter.hub.scope()) as tx:
            return await place_by_report(tx, report, named, letter.clock.now())

    own = "<1@hub.example>"
    failed = Report("failed", (ReportedRecipient("a@police.example", "5.1.1"),), own)
    assert await placed_by(failed) is None  # it has not been sent
    await letter.attempt("sent")
    for report, named in ((failed, ()), (replace(failed, original_message_id=""), ("<other@a.example>", own))):
        found = await placed_by(report, *named)
        assert found
        came = placed(FAILED, found, NOTHING_TO_READ, "mail1", NOW)
        assert came
        assert isinstance(came.event, PacketNews)
        assert (came.event.news, came.event.code) == (News.BOUNCED, "5.1.1")
    assert await placed_by(replace(failed, kind="delivered")) is None  # whoever had it may say that it came
    assert await placed_by(replace(failed, original_message_id="<2@hub.example>")) is None
    letter.clock.at += timedelta(days=31)
    assert await placed_by(failed) is None
