"""Through which mailbox an agency is asked: who is there, who covers, and who must not see the case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from exchange.case.lapse import Lapse, Lapsing, lapses
from exchange.case.leave import Leave, Whose
from exchange.case.mailbox import Address, Directory, Mailbox, MailboxRole, Spoc, Transport
from exchange.case.presence import Presence
from exchange.case.rota import Turn

DAY = date(2026, 12, 14)


def spoc(name: str, until: date | None = None, topic: str = "", vetted: date | None = None) -> Spoc:
    return Spoc(f"Somebody {name}", date(2026, 1, 1), until, topic, id=name, vetted_until=vetted)


def mailbox(name: str, *spocs: Spoc, role: MailboxRole = MailboxRole.TEAM, topics: tuple[str, ...] = ()) -> Mailbox:
    address = Address(f"{name}@police.example")
    return Mailbox(name, "police", address, (Transport.OPENPGP,), "01632 960110", (), spocs, role, topics=topics)


TEAM = mailbox("team", spoc("ada"), spoc("bob"))
CSE = mailbox("cse", spoc("cy", topic="exploitation"), topics=("exploitation",))
DEPUTY = mailbox("deputy", spoc("dot"), role=MailboxRole.DEPUTY)
CONTROL = mailbox("control", spoc("eve"), role=MailboxRole.DEPUTY)
LEAD = mailbox("lead", spoc("flo"), role=MailboxRole.LEAD)
OTHER = replace(TEAM, id="other", agency="health", spocs=(spoc("hal"),))
EVERYBODY = Directory((TEAM, CSE, DEPUTY, CONTROL, LEAD, OTHER))


def leave(who: str, by: str = "", kind: Whose = Whose.SPOC) -> Leave:
    return Leave(who, kind, who, DAY, DAY, by)


def presence(*leaves: Leave, directory: Directory = EVERYBODY) -> Presence:
    return Presence(directory, DAY, leaves)


def asked(found: Presence, *topics: str, without: frozenset[str] = frozenset()) -> str:
    choices = found.choices("police", frozenset(topics), without)
    return choices[0].id if choices else ""


def test_the_team_is_asked_and_a_topic_goes_to_its_own_mailbox_first() -> None:
    assert asked(presence()) == "team"
    assert asked(presence(), "exploitation") == "cse"
    assert asked(presence(), "missing") == "team"


@pytest.mark.parametrize(
    ("away", "topic", "goes_to"),
    [
        (("ada",), "", "team"),  # bob is there
        (("ada", "bob"), "", "cse"),  # another mailbox of the team before the deputy
        (("cy",), "exploitation", "team"),
        (("ada", "bob", "cy"), "", "deputy"),
        (("ada", "bob", "cy", "dot"), "", "control"),
        (("ada", "bob", "cy", "dot", "eve"), "", "team"),  # nobody is there at all: it waits where it belongs
    ],
)
def test_when_everybody_of_a_mailbox_is_on_leave_the_next_is_asked(
    away: tuple[str, ...], topic: str, goes_to: str
) -> None:
    assert asked(presence(*(leave(who) for who in away)), topic) == goes_to


def test_leave_of_staff_of_the_same_id_closes_no_mailbox() -> None:
    assert asked(presence(leave("ada", kind=Whose.STAFF), leave("bob", kind=Whose.STAFF))) == "team"


def test_the_deputy_who_covers_is_asked_before_the_others() -> None:
    away = (leave("ada", "eve"), leave("bob"), leave("cy"))
    assert asked(presence(*away)) == "control"
    assert [m.id for m in presence(*away).deputies("police")] == ["control", "deputy"]
    assert [m.id for m in presence(*away, leave("eve")).deputies("police")] == ["deputy"]
    assert (
        asked(presence(leave("hal", "eve"), leave("ada"), leave("bob"), leave("cy"))) == "deputy"
    )  # another agency's


def test_a_mailbox_without_named_people_and_one_whose_people_have_left_are_on_nobodys_leave() -> None:
    unnamed = mailbox("team")
    left = mailbox("team", spoc("ada", until=DAY - timedelta(days=1)))
    for found in (unnamed, left):
        there = presence(leave("ada"), directory=Directory((found, DEPUTY)))
        assert not there.away(found)
        assert asked(there) == "team"


def test_a_spoc_who_must_not_see_it_takes_their_mailboxes_out_even_as_cover() -> None:
    assert presence().avoided(frozenset({"ada"})) == {"team"}
    covering = presence(leave("dot", "ada"))
    assert covering.avoided(frozenset({"ada"})) == {"team", "deputy"}
    assert asked(covering, without=covering.avoided(frozenset({"ada"}))) == "cse"


def test_who_has_left_no_longer_reads_a_mailbox_and_who_will_come_does() -> None:
    gone, coming = spoc("ada", until=DAY - timedelta(days=1)), replace(spoc("ivy"), since=DAY + timedelta(days=9))
    there = presence(directory=Directory((mailbox("team", gone, coming),)))
    assert there.avoided(frozenset({"ada"})) == set()
    assert there.avoided(frozenset({"ivy"})) == {"team"}


def test_without_a_team_that_may_see_it_deputies_then_the_lead_are_asked_then_nobody() -> None:
    team = frozenset({"team", "cse"})
    assert asked(presence(), without=team) == "deputy"
    assert asked(presence(leave("dot"), leave("eve")), without=team) == "deputy"
    assert asked(presence(), without=team | {"deputy", "control"}) == "lead"
    assert asked(presence(), without=team | {"deputy", "control", "lead"}) == ""


def test_the_rota_says_who_is_there_now_and_leave_takes_them_off_it() -> None:
    turns = (Turn("ada", time(8), time(16), days=(0,)), Turn("bob", time(16), time(8), days=(0,)))
    rota = replace(TEAM, rota=turns)
    noon = datetime(2026, 12, 14, 12, tzinfo=UTC)
    assert [s.id for s in presence().on_now(rota, noon)] == ["ada"]
    assert presence(leave("ada")).on_now(rota, noon) == ()
    assert [s.id for s in presence(leave("ada")).on_now(TEAM, noon)] == ["bob"]


def test_the_champion_of_a_topic_stands_beside_whoever_is_asked() -> None:
    topic = frozenset({"exploitation"})
    assert [(m.id, s.id) for m, s in presence().champions("police", topic)] == [("cse", "cy")]
    assert presence(leave("cy")).champions("police", topic) == ()
    assert presence().champions("police", topic, frozenset({"cse"})) == ()
    assert presence().champions("police", frozenset({"missing"})) == ()


def test_what_ends_within_thirty_days_is_said_unless_somebody_follows() -> None:
    soon, later = DAY + timedelta(days=30), DAY + timedelta(days=31)
    people = (
        spoc("ada", until=soon),
        spoc("bob", until=later, vetted=soon, topic="x"),
        spoc("cy", until=DAY, topic="cse"),
        replace(spoc("dot", topic="cse"), since=DAY + timedelta(days=1)),
        spoc("eve", vetted=DAY - timedelta(days=1)),
        spoc("flo", vetted=DAY, topic="y"),
        spoc("gus", vetted=later, until=soon, topic="z"),
    )
    found = lapses(Directory((mailbox("team", *people), mailbox("unnamed"))), DAY)
    assert found == (
        Lapse(Lapsing.VETTING_ENDS, "team", "bob", soon),
        Lapse(Lapsing.VETTING_EXPIRED, "team", "eve", DAY - timedelta(days=1)),
        Lapse(Lapsing.VETTING_ENDS, "team", "flo", DAY),
        Lapse(Lapsing.ASSIGNMENT_ENDS, "team", "gus", soon),
    )


def test_an_assignment_whose_end_nobody_follows_is_said() -> None:
    assert lapses(Directory((mailbox("team", spoc("ada", until=DAY)),)), DAY) == (
        Lapse(Lapsing.ASSIGNMENT_ENDS, "team", "ada", DAY),
    )


def test_a_mailbox_whose_people_have_all_left_is_said() -> None:
    left = mailbox("team", spoc("ada", until=DAY - timedelta(days=1)))
    assert lapses(Directory((left,)), DAY) == (Lapse(Lapsing.NOBODY, "team"),)
