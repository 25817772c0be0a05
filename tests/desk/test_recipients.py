"""To whom a letter goes when somebody must not see the case: never to them, and never where they would read it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from exchange import waiting
from exchange.case.effect import Letter
from exchange.case.event import Event
from exchange.case.feedback import ReferrerClass
from exchange.case.leave import Leave, Whose
from exchange.case.mailbox import Address, Mailbox, MailboxRole, Spoc, Transport
from exchange.case.referral import read
from exchange.case.restriction import Kind, Restricted, Why
from exchange.case.state import ReferrerCodes
from exchange.hubs import loader
from exchange.pins import NO_PINS
from exchange.posting import File, Held, Recipient, recipient
from tests.case.stories import Story, at, calls, child, contact

HUB = loader.read(loader.packaged("demo"))
OWN, TRUST, COLLEAGUE = "imelda@home.example", "safeguarding@health.example", "imelda@health.example"
OUT = Restricted(at(8), "duty-1", Kind.AGENCY, "health", Why.STAFF_MEMBER)


def file(came_from: str, given: str, *, out: bool = True) -> File:
    """A case that a nurse of the Trust raised by mail; her Trust is shut out of it."""
    spoc = "health-1" if came_from == TRUST else ""
    codes = ReferrerCodes(
        ReferrerClass.PROFESSIONAL,
        "3D",
        mailbox=spoc,
        replyable=True,
        proved=True,
    )
    story = Story(contact(child(), referrer=codes), *([OUT] if out else []))
    referral = read({"referrer": {"mail": given}, "subjects": [{"given_name": "Leo"}]})
    mail = json.dumps({"from": came_from}).encode()
    return File(story.case, HUB.rules, HUB.directory, NO_PINS, referral, mail)


@pytest.mark.parametrize(
    ("came_from", "given", "goes_to"),
    [
        (TRUST, OWN, OWN),
        (COLLEAGUE, OWN, OWN),
        (OWN, COLLEAGUE, OWN),
        (TRUST, "", "restricted"),
        (TRUST, COLLEAGUE, "restricted"),
        (COLLEAGUE, "", "restricted"),
        ("not an address", "", "no_address"),
        ("not an address", OWN, OWN),
    ],
)
def test_the_referrer_is_written_to_where_those_shut_out_do_not_read(
    came_from: str, given: str, goes_to: str
) -> None:
    found = recipient(Letter.OUTCOME, "", file(came_from, given))
    assert (found.why if isinstance(found, Held) else found.address) == goes_to


def test_an_agency_that_is_not_shut_out_is_written_to_as_ever() -> None:
    found = recipient(Letter.OUTCOME, "", file(TRUST, "", out=False))
    assert isinstance(found, Recipient)
    assert (found.address, found.agency) == (TRUST, "health")


def test_the_gate_holds_every_letter_to_an_agency_that_is_shut_out_but_the_one_that_asks_it_to_delete() -> None:
    shut, open_ = file(OWN, ""), file(OWN, "", out=False)
    for letter in (Letter.PACKET, Letter.REMINDER, Letter.STEPPED, Letter.OUTCOME_ASKED):
        assert recipient(letter, "l2", shut) == Held("restricted")
        assert isinstance(recipient(letter, "l2", open_), Recipient)
    assert isinstance(recipient(Letter.RECALL, "l2", shut), Recipient)
    assert isinstance(recipient(Letter.PACKET, "l1", shut), Recipient)
    nobody = replace(shut, directory=replace(HUB.directory, mailboxes=()))
    assert recipient(Letter.PACKET, "l1", nobody) == Held("no_mailbox")


DAY = date(2026, 11, 24)
EXPLOITED = replace(child(), cohort="exploitation")


def mailbox(name: str, *spocs: str, role: MailboxRole = MailboxRole.TEAM, topics: tuple[str, ...] = ()) -> Mailbox:
    people = tuple(Spoc(f"Somebody {s}", date(2026, 1, 1), id=s) for s in spocs)
    address = Address(f"{name}@police.example")
    return Mailbox(name, "police", address, (Transport.OPENPGP,), "01632 960110", (), people, role, topics=topics)


POLICE = (
    mailbox("team", "ada"),
    mailbox("cse", "cy", topics=("exploitation",)),
    mailbox("deputy", "dot", role=MailboxRole.DEPUTY),
)


def asks(*events: Event, leaves: tuple[Leave, ...] = (), exploited: bool = False, **went: str) -> File:
    """A case in which the police are asked (l1), through one of three mailboxes."""
    story = Story(contact(EXPLOITED if exploited else child()), *events)
    directory = replace(HUB.directory, mailboxes=POLICE)
    keys = {name.replace("_", ":"): mailbox for name, mailbox in went.items()}
    return File(story.case, HUB.rules, directory, NO_PINS, None, b"", day=DAY, leaves=leaves, went=keys)


def away(who: str, by: str = "") -> Leave:
    return Leave(who, Whose.SPOC, who, DAY, DAY, by)


def shuts_out(spoc: str) -> Restricted:
    return Restricted(at(8), "duty-1", Kind.SPOC, spoc, Why.OWN_FAMILY)


def goes_to(file: File, letter: Letter = Letter.PACKET, about: str = "l1", frozen: str = "") -> str:
    found = recipient(letter, about, file, frozen)
    return found.why if isinstance(found, Held) else found.mailbox


def test_a_packet_goes_to_the_mailbox_of_its_topic_first() -> None:
    assert goes_to(asks()) == "team"
    assert goes_to(asks(exploited=True)) == "cse"


def test_a_packet_goes_to_the_deputy_from_the_start_when_the_team_is_on_leave() -> None:
    assert goes_to(asks(leaves=(away("ada"), away("cy")))) == "deputy"


def test_the_gate_comes_to_the_mailbox_it_was_sealed_for_whoever_goes_on_leave_meanwhile() -> None:
    assert goes_to(asks(leaves=(away("ada"), away("cy"))), frozen="team") == "team"
    assert goes_to(asks(shuts_out("ada")), frozen="team") == "cse"  # which the gate then stops
    assert goes_to(asks(), frozen="gone") == "team"


def test_the_deputy_is_written_to_unless_the_deputy_has_the_packet_or_is_away_too() -> None:
    assert goes_to(asks(packet_l1="team"), Letter.DEPUTY) == "deputy"
    assert goes_to(asks(packet_l1="deputy"), Letter.DEPUTY) == "no_deputy"
    assert goes_to(asks(packet_l1_1="deputy"), Letter.DEPUTY) == "no_deputy"
    assert goes_to(asks(packet_l1="team", leaves=(away("dot"),)), Letter.DEPUTY) == "no_deputy"
    assert goes_to(asks(shuts_out("dot"), packet_l1="team"), Letter.DEPUTY) == "no_deputy"


def test_what_is_written_about_a_leg_follows_its_packet() -> None:
    there_again = asks(packet_l1="deputy", packet_l10="cse")
    assert goes_to(there_again, Letter.REMINDER) == "deputy"
    both = asks(packet_l1="team", deputy_l1="deputy")
    assert goes_to(both, Letter.REMINDER) == "deputy"  # the team is away or silent
    assert goes_to(both, Letter.MORE, "l1/m1") == "deputy"
    assert goes_to(both, Letter.RECALL) == "team"
    assert goes_to(both, Letter.RECALL, "l1/deputy") == "deputy"


def test_a_spoc_who_must_not_see_it_is_written_nothing_but_that_the_packet_be_deleted() -> None:
    has_it = asks(shuts_out("ada"), packet_l1="team")
    assert goes_to(has_it) == "cse"
    assert goes_to(has_it, Letter.REMINDER) == "cse"
    assert goes_to(has_it, Letter.RECALL) == "team"


def test_leave_cover_gives_no_mailbox_back_to_a_spoc_who_must_not_see_it() -> None:
    covered = (away("cy", "ada"),)
    assert goes_to(asks(shuts_out("ada"), leaves=covered, exploited=True)) == "deputy"
    assert goes_to(asks(leaves=covered, exploited=True)) == "team"


def test_without_another_mailbox_nothing_goes() -> None:
    assert goes_to(asks(*map(shuts_out, ("ada", "cy", "dot")))) == "no_other_mailbox"


def test_a_deputy_is_asked_to_come_who_is_not_asked_in_the_place_of_the_team_already() -> None:
    team, deputy = mailbox("t", "pru"), mailbox("d", "pip", role=MailboxRole.DEPUTY)
    story = Story(contact(child()), calls("police"))
    here = File(story.case, HUB.rules, replace(HUB.directory, mailboxes=(team, deputy)), NO_PINS, None, b"", day=DAY)
    gone = replace(here, leaves=(away("pru"),))
    for letter in (Letter.CHASER, Letter.PAPERS):
        found = recipient(letter, "d1/i1/deputy", here)
        assert isinstance(found, Recipient)
        assert found.mailbox == "d"
        assert recipient(letter, "d1/i1/deputy", gone) == Held("no_mailbox")
        kept = recipient(letter, "d1/i1/deputy", gone, frozen="d")  # sealed for them before
        assert isinstance(kept, Recipient)


def test_a_meeting_is_taken_out_of_the_calendar_of_who_is_shut_out_and_of_nobody_elses() -> None:
    team, deputy = mailbox("t", "pru"), mailbox("d", "pip", role=MailboxRole.DEPUTY)
    story = Story(contact(child()), calls("police"), shuts_out("pru"))
    directory = replace(HUB.directory, mailboxes=(team, deputy))
    here = File(story.case, HUB.rules, directory, NO_PINS, None, b"", day=DAY)

    def out(went: dict[str, str], of: File = here, about: str = "d1/i1") -> str:
        found = recipient(Letter.UNINVITED, about, replace(of, went=went))
        return found.why if isinstance(found, Held) else found.mailbox

    assert out({}) == "no_mailbox"  # it has never left
    assert out({"invitation:d1/i1": "t"}) == "t"
    assert out({"invitation:d1/i1": "t", "invitation:d1/i1:again:1": "d"}) == "t"
    assert out({"invitation:d1/i1": "d", "invitation:d1/i10": "t"}) == "no_mailbox"
    assert out({"invitation:d1/i1": "d", "deputy:d1/i1:0": "t"}, about="d1/i1/deputy") == "t"
    agency = Restricted(at(70), "duty-1", Kind.AGENCY, "police", Why.CONFLICT)
    gone = replace(here, case=story.tell(agency).case)
    assert out({"invitation:d1/i1": "t", "invitation:d1/i1:again:1": "d"}, gone) == "d"
    assert recipient(Letter.UNINVITED, "d1/i1", gone, frozen="t") == recipient(
        Letter.UNINVITED, "d1/i1", replace(here, went={"invitation:d1/i1": "t"})
    )
    assert recipient(Letter.CANCELLATION, "d1/i1", gone) == Held("restricted")
    waits = waiting.unread(Letter.UNINVITED, "d1/i1", replace(gone, leaving=True), at(71))
    assert waits == waiting.Unread(at(71) + waiting.MOMENT, False)
