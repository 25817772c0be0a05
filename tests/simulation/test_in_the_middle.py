"""What happens in the middle of a ladder: a mailbox is replaced, an assignment ends, nobody reads for an afternoon.

The mail loop, the clocks and the digests are those of `exchange serve`, over days of a virtual clock, on each kind of
database.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from exchange import setting_up
from exchange.case.acknowledgement import Answer, Proof
from exchange.case.action import ActionAnswered, DoingAnswer
from exchange.case.event import Answered
from exchange.case.referral import read
from exchange.contacting import Contact, lodge, referrer_from
from exchange.demo.stage import stage
from exchange.story import story
from tests.ready import ready
from tests.simulation.hours import LONDON, is_read
from tests.simulation.sink import Mail
from tests.simulation.test_month import HUB_FILE
from tests.simulation.world import MANAGER, World, world

pytestmark = pytest.mark.timeout(300)  # keys, gpg and days of letters
TEAM, DUTY, DEPUTY = "safeguarding@health.example", "duty@health.example", "deputy@health.example"
TEXT = HUB_FILE.read_text()
REPLACED = TEXT.replace(f'id = "health-team"\naddress = "{TEAM}"', f'id = "health-duty"\naddress = "{DUTY}"')
ENDED = TEXT.replace('since = 2026-01-05 }]', 'since = 2026-01-05, until = 2027-03-22 }]', 1)  # fmt: skip
CHILD = {"given_name": "Mina", "family_name": "Inventa", "date_of_birth": "2024-05-01"}


def when(day: int, hour: int, minute: int = 0) -> datetime:
    """In March 2027; the 22nd is a Monday."""
    return datetime(2027, 3, day, hour, minute, tzinfo=UTC)


@contextlib.asynccontextmanager
async def here(folder: Path, database: str) -> AsyncIterator[tuple[World, str]]:
    """A green case about a child of two, for whom health is asked on Monday at ten; its reference."""
    async with stage(folder) as made:
        await ready(made, HUB_FILE, database)
        async with world(folder / "hub", 1, 0, 0, alone=True) as found:
            await found.run(when(22, 10))
            referral = read(
                {"form": "child", "referrer": {"name": "Nora Notional", "source": "4", "telephone": "01632 960190"},
                 "concern": {"immediate_danger": "no", "what_happened": "canary-worry"}, "subjects": [CHILD]}
            )  # fmt: skip
            contact = Contact("api", True, referrer_from(referral), referral)
            lodged = await lodge(found.exchange.hub, contact, "n1")
            found.cases[lodged.reference] = lodged.case_id
            await found.act(lodged.reference, "look", rating="green")
            await found.act(lodged.reference, "rate", subject="s1", rating="green", reason="as it reads")
            yield found, lodged.reference


async def applied(found: World, text: str) -> None:
    """The operator brings another hub file."""
    assert text != TEXT
    await setting_up.apply_hub_file(found.exchange, "hub.toml", text)


def to(found: World, address: str, since: datetime) -> list[Mail]:
    """What came there since then, but for tests."""
    mine = (m for m in found.mails if m.to == address and m.at >= since)
    return [m for m in mine if "Test message" not in m.subject]


async def test_a_mailbox_that_is_replaced_in_between_leaves_nobody_reminded_of_what_they_have_not(
    tmp_path: Path, database_url: str
) -> None:
    async with here(tmp_path / "s", database_url) as (found, reference):
        await found.act(reference, "call", starts=when(24, 14).isoformat(), agencies=("health",), reason="injury")
        await found.run(when(22, 11, 10))  # half the time to reply has passed
        assert not found.refused  # about whom it is goes without saying: the case is about one alone
        first = to(found, TEAM, when(22, 10))
        assert [m.calendar for m in first].count(True) == 1
        assert [m.sealed for m in first].count(True) == 2  # packet and papers
        assert "Please answer" in first[-1].subject
        await applied(found, REPLACED)
        changed = found.clock.at
        await found.run(when(25, 18))
        assert to(found, TEAM, changed) == []
        mine = to(found, DUTY, changed)
        assert [m.calendar for m in mine].count(True) == 1  # the invitation, before its reminder
        assert [m.sealed for m in mine].count(True) == 2  # papers and packet, each once
        told = [m.subject.partition(" ")[0] for m in mine if not m.sealed]
        assert told.index("Meeting") < told.index("Please")
        sealed = [m.at for m in mine if m.sealed]
        assert min(m.at for m in mine if m.subject.startswith(("Reminder", "1 message"))) >= max(sealed)
        # The ladder goes on, for whoever is there now; the deputy is asked once.
        theirs = to(found, DEPUTY, changed)
        assert [m.calendar for m in theirs].count(True) == 1
        assert [m.sealed for m in theirs].count(True) == 2
        assert len({m.message_id for m in found.mails}) == len(found.mails)
        kept = await story(found.exchange.hub, MANAGER, reference)
        assert {"silent:l1", "manager:l1", "silent_invitee:d1/i1"} <= {t["key"] for t in kept["tasks"]}
        assert any("is not the agency’s any more" in line["words"] for line in kept["chronicle"])
        assert not any(b"canary" in m.content or b"Inventa" in m.content for m in found.mails)


async def test_where_an_assignment_ends_the_mailbox_is_asked_on_and_nothing_goes_twice(
    tmp_path: Path, database_url: str
) -> None:
    async with here(tmp_path / "s", database_url) as (found, reference):
        await found.act(reference, "ask", agency="police", reason="may know them")
        assert not found.refused
        await applied(found, ENDED)
        await found.run(when(24, 18))
        mine = to(found, TEAM, when(22, 10))
        assert [m.sealed for m in mine].count(True) == 1
        assert [m.subject.partition(" ")[0] for m in mine if not m.sealed].count("Reminder:") == 2
        assert [m.sealed for m in to(found, DEPUTY, when(22, 10))].count(True) == 1
        assert len({m.message_id for m in found.mails}) == len(found.mails)
        kept = await story(found.exchange.hub, MANAGER, reference)
        assert {"silent:l1", "manager:l1"} <= {t["key"] for t in kept["tasks"]}


async def test_what_is_owed_of_a_hand_over_and_an_action_waits_for_the_digest_when_nobody_reads(
    tmp_path: Path, database_url: str
) -> None:
    async with here(tmp_path / "s", database_url) as (found, reference):
        await found.run(when(23, 15))
        said = Answered(found.clock.at, "health", "l1", Answer.INFORMATION, Proof.SIGNATURE, "mail")
        await found.happens(reference, said, "said")
        await found.act(reference, "decide", subject="s1", decision="assessment", reason="as it stands",
                        without_checks="yes", voice="heard")  # fmt: skip
        await found.act(reference, "hand_over", agency="health", reason="theirs now")
        await found.act(reference, "set_action", owner="health", due=when(25, 15).isoformat(), words="visit",
                        subjects="s1")  # fmt: skip
        assert not found.refused
        given = found.clock.at
        for day in (24, 25):
            found.at(when(day, 9, 31), nothing)  # the loops look all the time: here at the digest's hour
        await found.run(when(25, 14))
        mine = to(found, TEAM, given)
        assert all(is_read(m.to, m.at) for m in mine)
        # The hand-over is reminded of once while they read (half its time), the action never: half of its time falls
        # on Wednesday afternoon, when nobody reads there, and the next share into the night.
        assert [m.at.astimezone(LONDON).day for m in mine if m.subject.startswith("Reminder")] == [24]
        (digest,) = (m for m in mine if "waiting for your team" in m.subject)
        assert digest.at == when(25, 9, 31)
        words = digest.content.decode()
        assert words.count(reference) == 2
        for owed in ("Say whether your team takes over", "Do what was agreed"):
            assert owed in words
        for due in ("Was due Wednesday 24 March 2027, 17:00", "Due Thursday 25 March 2027, 15:00"):
            assert due in words
        assert "canary" not in words
        assert "Inventa" not in words
        # Done, and taken on: nothing is left for tomorrow's digest, nor does anything else go.
        done = ActionAnswered(found.clock.at, "health", "a1", DoingAnswer.DONE, Proof.SIGNATURE, "mail")
        taken = Answered(found.clock.at, "health", "l1", Answer.ACCEPT, Proof.SIGNATURE, "mail")
        await found.happens(reference, done, "done")
        await found.happens(reference, taken, "taken")
        found.at(when(30, 8, 31), nothing)  # in summer time, after Easter
        before = found.clock.at
        await found.run(when(30, 12))
        assert to(found, TEAM, before) == []


async def nothing() -> None:
    """A moment passes."""
