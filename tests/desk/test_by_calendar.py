"""A calendar that answers the hub's general address answers for its seat, as far as its sender is proved."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from exchange.case.acknowledgement import Proof
from exchange.case.event import DiscussionCalled, InviteeReplied
from exchange.case.referral import read
from exchange.contacting import Contact, lodge, referrer_from
from exchange.correspondence import Place, place_by_calendar
from exchange.hub import Hub
from exchange.hubs import loader
from exchange.pins import NO_PINS
from exchange.placing import placed
from exchange.store.database import Database
from mailflow.authenticity import Authenticity
from mailflow.evidence import Evidence
from mailflow.interpret import interpret
from mailflow.parsed_mail import MeetingReply, ParsedMail
from tests.desk.stands import NOW, SIBLINGS, HandClock, hub_of

DIRECTORY = loader.read(loader.packaged("demo")).directory
POLICE = "safeguarding@police.example"
PROVED = Authenticity("pass", (), "pass", "police.example", "police.example")
UNPROVED = Authenticity("pass", (), "fail", "police.example", "")
SAID = MeetingReply("REPLY", "", 0, POLICE, "accepted", "", NOW)


@pytest.fixture
async def called(database: Database, tmp_path: Path) -> AsyncIterator[tuple[Hub, MeetingReply]]:
    """A hub with a discussion, and the calendar's answer of the police to its invitation."""
    async with hub_of(database, tmp_path, HandClock(NOW)) as hub:
        referral = read(SIBLINGS)
        case = (await lodge(hub, Contact("web", True, referrer_from(referral), referral), "web:1")).case_id
        starts = NOW.replace(hour=15)
        event = DiscussionCalled(NOW, "manager-1", "d1", starts, ("s1",), ("health", "police"))
        await hub.record(case, event, "call", {"reason": b"why"})
        yield hub, replace(SAID, uid=f"{case}-d1@hub.example")


async def place(hub: Hub, *said: MeetingReply) -> Place | None:
    async with hub.database.reading(hub.scope()) as tx:
        return await place_by_calendar(tx, said, DIRECTORY, NO_PINS, "hub.example")


@pytest.mark.parametrize(("authenticity", "proof"), [(PROVED, Proof.DKIM), (UNPROVED, Proof.NONE)])
async def test_it_is_the_reply_of_its_seat_as_far_as_its_sender_is_proved(
    called: tuple[Hub, MeetingReply], authenticity: Authenticity, proof: Proof
) -> None:
    hub, said = called
    where = await place(hub, said)
    assert where is not None
    assert where.seat == "d1/i2"
    mail = Evidence(ParsedMail(text="See attached"), authenticity, meetings=(said,))
    found = placed(interpret(mail, where.about), where, mail, "m1", NOW)
    assert found is not None
    assert isinstance(found.event, InviteeReplied)
    assert (found.event.invitee, found.event.attendance, found.event.proof) == ("i2", "accepted", proof)


async def test_a_colleague_answers_for_the_seat_of_their_domain(called: tuple[Hub, MeetingReply]) -> None:
    hub, said = called
    where = await place(hub, replace(said, attendee="ann@police.example"))
    assert where is not None
    assert where.seat == "d1/i2"


@pytest.mark.parametrize(
    "other",
    [
        {"uid": "nobody-d1@hub.example"},
        {"uid": "d1@hub.example"},
        {"uid": "x@elsewhere.example"},
        {"attendee": "ann@stranger.example"},
    ],
)
async def test_what_answers_no_seat_of_ours_is_placed_nowhere(
    called: tuple[Hub, MeetingReply], other: dict[str, str]
) -> None:
    hub, said = called
    assert await place(hub, replace(said, **other)) is None  # type: ignore[arg-type]
    assert await place(hub, replace(said, uid=said.uid.replace("-d1@", "-d9@"))) is None
    assert await place(hub) is None
