"""Whom the desk is told to ring, and what it is told of deputies and leads: never who must not know, never nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from exchange import ringing, scripts
from exchange.ahead import Ahead
from exchange.case.delivery import Delivery, News
from exchange.case.effect import Letter, TaskKind
from exchange.case.escalation import CallMade
from exchange.case.event import ClockRanOut, LetterNews, LookedAt
from exchange.case.feedback import ReferrerClass
from exchange.case.leave import Leave, Whose
from exchange.case.mailbox import Address, Directory, Mailbox, MailboxRole, Spoc, Transport
from exchange.case.presence import Presence
from exchange.case.referral import read
from exchange.case.restriction import Kind, Restricted, Why
from exchange.case.state import ReferrerCodes
from exchange.case.step import CannotHappen
from exchange.contacting import Contact, Lodged, lodge, referrer_from
from exchange.desk import Desk
from exchange.hub import Hub
from exchange.mail_words import deputy
from exchange.outstanding import of_case
from exchange.owed import Owed
from exchange.policy import Role, Viewer
from exchange.store import casebook, leave, tasks
from exchange.store.database import Database
from exchange.store.tasks import Task
from exchange.web.desk_queue import _number
from exchange.web.worklist import Work
from tests.case.stories import RULES, Story, arrives, at, child, contact
from tests.desk.stands import NOW, SIBLINGS, HandClock, hub_of

TODAY = date(2026, 11, 24)


def mailbox(role: MailboxRole, number: str, *spocs: str) -> Mailbox:
    people = tuple(Spoc(f"{name} Invented", date(2026, 1, 5), id=name) for name in spocs)
    address = Address(f"{role}@police.example")
    return Mailbox(f"police-{role}", "police", address, (Transport.OPENPGP,), number, spocs=people, role=role)


TEAM = mailbox(MailboxRole.TEAM, "01632 960110", "pru")
DEPUTY = mailbox(MailboxRole.DEPUTY, "01632 960161", "pip")
LEAD = mailbox(MailboxRole.LEAD, "01632 960162", "lea")
COVERED = Leave("v1", Whose.SPOC, "pip", TODAY, TODAY, "pru")  # who is shut out reads the deputy's mailbox today
OUT = Restricted(at(2), "duty-1", Kind.SPOC, "pru", Why.CONFLICT)


def presence(*mailboxes: Mailbox, leaves: tuple[Leave, ...] = ()) -> Presence:
    return Presence(Directory(mailboxes), TODAY, leaves)


def then(story: Story, there: Presence) -> str:
    return Ahead(story.case, RULES, there, story.clocks, at(5))._of_leg(story.leg())[0]


def nearly_late() -> Story:
    """Reminded twice: what comes next is at the due time."""
    return Story(contact(child()), arrives()).run_out(*["remind:l1"] * 2)


@pytest.fixture
async def lodged(database: Database, tmp_path: Path) -> AsyncIterator[tuple[Hub, Lodged]]:
    async with hub_of(database, tmp_path, HandClock(NOW)) as hub:
        referral = read(SIBLINGS)
        yield hub, await lodge(hub, Contact("web", True, referrer_from(referral), referral), "web:1")


async def test_the_number_of_a_mailbox_covered_by_who_must_not_know_stands_nowhere(
    lodged: tuple[Hub, Lodged],
) -> None:
    hub, case = lodged
    await hub.record(case.case_id, OUT, "x", {"reason": b"why"})
    async with hub.database.transaction(hub.scope()) as tx:
        await leave.put(tx, COVERED)
    async with hub.database.reading(hub.scope()) as tx:
        found = await casebook.load(tx, case.case_id)
        owed = await of_case(tx, found, Directory((TEAM, DEPUTY)), NOW)
        at_work = await of_case(tx, found, Directory((TEAM, DEPUTY)), NOW.replace(day=25))
    mine = [o for o in owed if o.agency == "police"]
    assert mine
    assert {(o.telephone, o.numbers) for o in mine} == {("", ())}
    assert {o.telephone for o in at_work if o.agency == "police"} == {DEPUTY.telephone}  # pip is back


def test_nobody_is_said_to_be_reminded_where_nobody_may_be_written_to() -> None:
    story = Story(contact(child()), arrives(), OUT)
    assert then(story, presence(TEAM, DEPUTY)) == "they are reminded by mail"
    assert then(story, presence(TEAM, DEPUTY, leaves=(COVERED,))).startswith("no reminder goes: nobody there may be")


def test_a_step_that_has_nobody_on_it_is_not_promised() -> None:
    assert then(nearly_late(), presence(TEAM, DEPUTY)).endswith("their deputy is asked")
    assert then(nearly_late(), presence(TEAM)).endswith("they have no deputy who could be asked")
    to_lead = nearly_late().run_out("remind:l1")
    assert then(to_lead, presence(TEAM, LEAD)).endswith("their lead is told")
    assert then(to_lead, presence(TEAM)).endswith("they have no lead who could be told")
    refused = Story(contact(child()), arrives(news=News.REFUSED)).run_out(*["remind:l1"] * 2)
    assert then(refused, presence(TEAM, DEPUTY, LEAD)) == "the desk is asked again to ring"  # asked when it came back
    assert then(refused.run_out("remind:l1"), presence(TEAM, LEAD)).endswith("and to ring their lead")


def test_a_deputy_is_asked_once_their_server_has_the_letter_and_not_before() -> None:
    story = nearly_late().run_out("remind:l1")
    assert deputy("10:30", story.leg().deputy_mail).startswith("Their deputy is to be asked: no letter")
    story.tell(LetterNews(at(90), Letter.DEPUTY, "l1", News.HELD, "no_deputy"))
    assert deputy("10:30", story.leg().deputy_mail) == "No deputy could be asked by mail: held: it cannot go"
    story.tell(LetterNews(at(91), Letter.DEPUTY, "l1", News.ACCEPTED))
    assert deputy("10:30", story.leg().deputy_mail) == "Their deputy was asked, 10:30: taken by their server"
    assert deputy("10:30", Delivery.WITHDRAWN) == "Their deputy need not be asked any more"


def row(kind: TaskKind, about: str = "l1") -> Task:
    return Task("case1", f"{kind}:{about}", kind, about, at(), at(), 0)


def owed(story: Story, there: Presence) -> Owed:
    one = Owed("case1", "MASH-1", "acknowledgement", "l1", "Police", at(), at(), True, "", "", "", None, "")
    return Ahead(story.case, RULES, there, story.clocks, at(300)).of(one)


def test_a_number_on_the_work_list_is_of_whom_it_says() -> None:
    story, there = nearly_late().run_out("remind:l1"), presence(TEAM, DEPUTY, LEAD)
    one = owed(story, there)
    assert _number(Work("case1", one, (row(TaskKind.SILENT_AGENCY),), ""), story.case, there) == (
        DEPUTY.telephone, "the deputy",
    )  # fmt: skip
    assert _number(Work("case1", one, (row(TaskKind.NO_DEPUTY),), ""), story.case, there) == (
        LEAD.telephone, "the lead",
    )  # fmt: skip
    of_hub = Work("case1", replace(one, owner="the hub"), (), "")
    assert _number(of_hub, story.case, there) == ("", "")


def test_an_agency_that_is_shut_out_is_rung_to_delete_and_for_nothing_else() -> None:
    story = Story(contact(child()), arrives(), Restricted(at(2), "duty-1", Kind.AGENCY, "police", Why.CONFLICT))
    there = presence(TEAM, DEPUTY, LEAD)
    assert ringing.mailbox(row(TaskKind.CONFLICT), story.case, there) is None
    assert ringing.mailbox(row(TaskKind.SHUT_OUT_HOLDS), story.case, there) == TEAM
    assert scripts.numbers("police", story.case, there) == ()
    assert scripts.script(story.case, "l1", RULES, there, at(5)) is None


async def test_a_silence_is_done_once_somebody_has_rung_and_not_by_saying_so(lodged: tuple[Hub, Lodged]) -> None:
    hub, case = lodged
    desk = Desk(hub, Viewer("duty-1", frozenset({Role.SCREENING_OFFICER})))
    for number in range(3):
        await hub.record(case.case_id, ClockRanOut(NOW, "remind:l1"), f"r{number}")
    with pytest.raises(CannotHappen, match="record the call"):
        await desk.settle_task(case.case_id, "silent:l1")
    await hub.record(case.case_id, CallMade(NOW, "duty-1", "l1", reached=False), "rang")
    await desk.settle_task(case.case_id, "silent:l1")
    async with hub.database.reading(hub.scope()) as tx:
        assert "silent:l1" not in {t.key for t in await tasks.pending(tx, case.case_id)}


async def test_what_is_read_and_not_typed_in_is_owed_by_the_hub_until_it_is(
    database: Database, tmp_path: Path
) -> None:
    clock = HandClock(NOW)
    async with hub_of(database, tmp_path, clock) as hub:
        codes = ReferrerCodes(ReferrerClass.PROFESSIONAL, "2A")
        case = await lodge(hub, Contact("mail", True, codes), "mail:1")
        await hub.record(case.case_id, LookedAt(NOW, "duty-1", "amber"), "look")
        async with hub.database.reading(hub.scope()) as tx:
            [owed] = await of_case(tx, await casebook.load(tx, case.case_id), Directory(()), NOW)
    assert (owed.what, owed.owner, owed.rating) == ("transcribe", "the hub", "amber")
    assert owed.next_at is not None
    assert owed.next_at > NOW


def test_where_everybody_of_the_team_is_away_nobody_is_sent_to_its_telephone_first() -> None:
    gone = (Leave("v1", Whose.SPOC, "pru", TODAY, TODAY, ""),)
    there, away = presence(TEAM, DEPUTY, LEAD), presence(TEAM, DEPUTY, LEAD, leaves=gone)
    case = nearly_late().case
    assert [n.who for n in scripts.numbers("police", case, there)] == ["the team", "the deputy", "the lead"]
    assert [n.who for n in scripts.numbers("police", case, away)] == ["the deputy", "the lead", "the team"]
    assert then(nearly_late(), away).endswith("no deputy who could be asked")  # the packet went to the deputy
