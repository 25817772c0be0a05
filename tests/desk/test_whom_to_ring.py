"""Whom the desk is told to ring, and what it is told of deputies and leads: never who must not know, never nobody."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from exchange import ringing, scripts
from exchange.ahead import Ahead
from exchange.case.acknowledgement import Proof
from exchange.case.delivery import Delivery, News
from exchange.case.effect import Letter, TaskKind
from exchange.case.escalation import CallMade
from exchange.case.event import ClockRanOut, DiscussionCalled, InviteeReplied, LetterNews, LookedAt, PacketNews
from exchange.case.feedback import ReferrerClass
from exchange.case.leave import Leave, Whose
from exchange.case.mailbox import Address, Directory, Mailbox, MailboxRole, Spoc, Transport
from exchange.case.presence import Presence
from exchange.case.referral import read
from exchange.case.restriction import Kind, Restricted, Why
from exchange.case.state import ReferrerCodes
from exchange.case.step import CannotHappen
from exchange.case.strategy_discussion import Attendance
from exchange.contacting import Contact, Lodged, lodge, referrer_from
from exchange.content import SERVER
from exchange.desk import Desk
from exchange.desk.acts import perform
from exchange.desk.given import Given, Unfit
from exchange.heard import heard
from exchange.hub import Hub
from exchange.mail_words import deputy
from exchange.outstanding import of_case
from exchange.owed import Owed
from exchange.policy import Role, Viewer
from exchange.store import casebook, leave, tasks
from exchange.store.database import Database
from exchange.store.tasks import Task
from exchange.web.matters import _lines, _number, _together
from exchange.web.worklist import Work
from tests.case.stories import RULES, SCHOOL, Story, arrives, at, child, contact
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
    assert deputy("10:30", story.leg().deputy_mail) == "Their deputy was asked, 10:30: handed to our relay"
    story = nearly_late().run_out("remind:l1")
    for news in (News.KEPT, News.ACCEPTED):
        story.tell(LetterNews(at(92), Letter.DEPUTY, "l1", news, transport=Transport.TLS))
    leg = story.leg()
    assert deputy("10:30", leg.deputy_mail, leg.deputy_transport).endswith("asked, 10:30: taken by their server")
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


def test_for_the_password_of_a_locked_file_whoever_is_proved_to_have_sent_it_is_rung() -> None:
    there, asks = presence(TEAM, DEPUTY, LEAD), replace(row(TaskKind.PASSWORD), about="mail-1")
    proved = replace(SCHOOL, mailbox=TEAM.id)
    told = replace(contact(child(), channel="mail", referrer=proved), locked="mail-1")
    assert ringing.mailbox(asks, Story(told).case, there) == TEAM
    anybody = replace(contact(child(), channel="mail"), locked="mail-1")
    assert ringing.mailbox(asks, Story(anybody).case, there) is None
    shut_out = Story(told, Restricted(at(2), "duty-1", Kind.AGENCY, "police", Why.CONFLICT))
    assert ringing.mailbox(asks, shut_out.case, there) is None


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


async def test_a_call_is_recorded_with_what_came_of_it_or_not_at_all(lodged: tuple[Hub, Lodged]) -> None:
    hub, case = lodged
    desk = Desk(hub, Viewer("duty-1", frozenset({Role.SCREENING_OFFICER})))
    with pytest.raises(Unfit, match="yes or no") as refused:
        await perform(desk, "rang", case.case_id, Given({"about": ("l1",), "name": ("Eve",)}), "c1")
    assert refused.value.name == "reached"
    after = await perform(desk, "rang", case.case_id, Given({"about": ("l1",), "reached": ("no",)}), "c2")
    assert [c.reached for c in after.calls] == [False]


async def test_who_says_that_they_come_is_recorded_unless_a_claim_is_confirmed(lodged: tuple[Hub, Lodged]) -> None:
    hub, case = lodged
    desk = Desk(hub, Viewer("duty-1", frozenset({Role.SCREENING_OFFICER})))
    called = DiscussionCalled(NOW, "manager-1", "d1", NOW.replace(hour=16), ("s1",), ("police", "health"))
    await hub.record(case.case_id, called, "call", {"reason": b"why"})
    claim = InviteeReplied(NOW, "d1", "i1", Attendance.ACCEPTED, NOW, "mail", Proof.NONE)
    await hub.record(case.case_id, claim, "claim")
    for seat, said in (("d1/i1", "declined"), ("d1/i2", "accepted")):
        with pytest.raises(Unfit, match="who said it"):
            await perform(desk, "attends", case.case_id, Given({"seat": (seat,), "attendance": (said,)}), seat)
    confirmed = Given({"seat": ("d1/i1",), "attendance": ("accepted",)})
    after = await perform(desk, "attends", case.case_id, confirmed, "confirmed")
    assert after.discussions[0].invitees[0].attendance is Attendance.ACCEPTED
    named = Given({"seat": ("d1/i2",), "attendance": ("accepted",), "name": ("Dot",), "checked": ("rang back",)})
    after = await perform(desk, "attends", case.case_id, named, "named")
    assert after.discussions[0].invitees[1].attendance is Attendance.ACCEPTED


async def test_what_their_server_said_is_not_the_last_word_where_the_mail_came_back(
    lodged: tuple[Hub, Lodged],
) -> None:
    hub, case = lodged
    said = {SERVER: json.dumps({"host": "mx.police.example", "reply": "250 queued"}).encode()}
    deputy = {SERVER: json.dumps({"host": "mx.police.example", "reply": "250 taken"}).encode()}
    await hub.record(case.case_id, PacketNews(NOW, "l1", News.ACCEPTED, "250"), "n1", said)
    await hub.record(case.case_id, PacketNews(NOW, "l1", News.BOUNCED, "5.2.2"), "n2")
    await hub.record(case.case_id, LetterNews(NOW, Letter.DEPUTY, "l1", News.ACCEPTED, "250"), "n3", deputy)
    async with hub.database.reading(hub.scope()) as tx:
        owed = await of_case(tx, await casebook.load(tx, case.case_id), Directory((TEAM, DEPUTY)), NOW)
        [one] = [o for o in await heard(hub, tx, owed) if o.about == "l1"]
    assert one.server == (
        "mx.police.example said: 250 queued; came back; to the deputy: mx.police.example said: 250 taken"
    )
    assert one.numbers[0] == ("the deputy", DEPUTY.telephone)  # who alone has it is rung first


def test_a_silence_and_how_far_it_has_risen_are_one_line() -> None:
    kinds = (TaskKind.MANAGER, TaskKind.SILENT_AGENCY, TaskKind.UNCLEAR_ANSWER, TaskKind.NO_DEPUTY)
    silence, unclear = _together(tuple(row(kind) for kind in kinds))
    line = _lines(silence, nearly_late().case, RULES, presence(TEAM, LEAD), with_about=False)
    assert line["what"] == (
        "Ring the agency: no answer in time; no deputy can be reached by mail: ring its lead; "
        "the hub manager has been told"
    )
    assert line["keys"] == ["silent_agency:l1", "no_deputy:l1", "manager:l1"]
    assert not line["settled_by_hand"]  # nobody has rung
    assert [t.kind for t in unclear] == [TaskKind.UNCLEAR_ANSWER]


def test_nobody_is_sent_to_a_lead_who_does_not_exist() -> None:
    kinds = (TaskKind.MANAGER, TaskKind.SILENT_AGENCY, TaskKind.LEAD_UNREACHED, TaskKind.NO_DEPUTY)
    (silence,) = _together(tuple(row(kind) for kind in kinds))
    late = nearly_late().run_out(*["remind:l1"] * 3).tell(LetterNews(at(70), Letter.LEAD, "l1", News.HELD, "gate:x"))
    line = _lines(silence, late.case, RULES, presence(TEAM), with_about=False)
    assert line["what"] == (
        "Ring the agency: no answer in time; no deputy can be reached by mail, and it has no lead: ring its team; "
        "it has no lead who could be told: ring its team; the hub manager has been told"
    )
    assert scripts.lead_told(late.case, "l1", presence(TEAM)) == ", it has no lead"
    assert scripts.lead_told(late.case, "l1", presence(TEAM, LEAD)) == ", no letter has reached its lead"
    alone = _lines((row(TaskKind.LEAD_UNREACHED),), late.case, RULES, presence(TEAM), with_about=False)
    assert alone["what"].startswith("Ring the agency’s team: it has no safeguarding lead")


def test_a_script_says_who_has_the_message_and_who_has_not() -> None:
    there = presence(TEAM, DEPUTY)
    refused = Story(contact(child()), arrives(news=News.REFUSED))
    found = scripts.script(refused.case, "l1", RULES, there, at(5))
    assert found
    assert "no message to read from" in found.check[2]
    refused.tell(LetterNews(at(4), Letter.DEPUTY, "l1", News.ACCEPTED))
    found = scripts.script(refused.case, "l1", RULES, there, at(5))
    assert found
    assert "did not get through to your team. Your deputy has been sent it" in found.say[1]
    assert "Ask the deputy" in found.check[2]
    assert found.numbers[0].who == "the deputy"
    arrived = scripts.script(nearly_late().case, "l1", RULES, there, at(5))
    assert arrived
    assert "from the message they have" in arrived.check[2]
