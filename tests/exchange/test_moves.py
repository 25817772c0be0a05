"""A hub file that leads a mailbox elsewhere, over days of a virtual clock: who is told, and where letters go.

The hub, its keys, its sealing and its sending are those of `exchange serve`; mail servers are actors on loopback.
"""

from __future__ import annotations

import re
from datetime import timedelta

from exchange import moves, ringing, setting_up
from exchange.blockers import today
from exchange.case.effect import TaskKind
from exchange.case.event import DiscussionCalled
from exchange.case.presence import Presence
from exchange.case.strategy_discussion import DiscussionMoved
from exchange.desk.drills import NEVER, standing
from exchange.pins import pins_of
from exchange.reaching import reach
from exchange.store import drills, journal, tasks
from tests.exchange.test_domains import HERE, HUB_FILE, KEEPERS, House, house

__all__ = ["house"]
THERE = "safeguarding@p0lice.example"
ASTRAY = HUB_FILE.replace(f'address = "{HERE}"', f'address = "{THERE}"').replace("01632 960110", "01632 960666")


async def numbers(house: House) -> dict[str, str]:
    """Whom the desk is to ring about the mailbox, by kind of task."""
    hub = house.exchange.hub
    _, rules = await hub.rules()
    async with hub.database.reading(hub.scope()) as tx:
        presence = Presence(await hub.directory(tx), today(rules, hub.clock.now()), ())
        rung = [(t, ringing.mailbox(t, None, presence)) for t in await tasks.pending(tx, "")]
    return {task.kind: ringing.number(task, mailbox) for task, mailbox in rung if mailbox}


async def test_a_mailbox_is_led_elsewhere_by_the_hub_file_alone_and_nobody_is_fooled(house: House) -> None:
    hub = house.exchange.hub
    case_id = await house.lodge()
    await house.run(of_hub=True, minutes=1)
    async with hub.database.transaction(hub.scope()) as tx:  # the police have proved it, at the address of now
        test, *before = await drills.of_mailbox(tx, "police-1")
        assert test.fingerprint in (await pins_of(hub, tx)).of("police")
        await drills.answered(tx, test.id, "telephone", house.clock.at)
    said = await setting_up.apply_hub_file(house.exchange, "hub.toml", ASTRAY)
    assert any("police-1: another address and telephone number from 2026-11-25 10:01 UTC" in line for line in said)
    assert not await setting_up.apply_hub_file(house.exchange, "hub.toml", ASTRAY)  # again: no longer wait

    await house.lodge()
    await house.run(of_hub=True, minutes=1)
    told = [m for m in house.ours.mails(HERE) if b"Did your team ask for this" in m.content]
    assert len(told) == 1
    assert THERE.encode() not in told[0].content
    assert len(house.ours.mails(HERE)) == 4  # a test, two packets, and that
    assert house.ours.mails(THERE) == []
    assert (await numbers(house))[TaskKind.MAILBOX_MOVES] == "01632 960110"

    # A day later nobody has objected: it is there, but the key of before is not for it, and nothing is proved there.
    await house.run(of_hub=True, days=1)
    third = await house.lodge()
    await house.run(of_hub=True, minutes=1)
    _, leg = await house.leg(third)
    assert [(p.transport, p.why) for p in leg.passed_over][1] == ("openpgp", "key_other_address")
    assert house.ours.mails(THERE) == []
    assert (await numbers(house))[TaskKind.MAILBOX_MOVES] == "01632 960110"
    police = next(one for one in await reach(hub, house.exchange.keyroom) if one.mailbox.id == "police-1")
    assert [r.why for r in police.rungs] == ["no_evidence", "key_other_address"]
    assert next(s for s in await standing(hub) if s.mailbox.id == "police-1").proved is None
    async with hub.database.reading(hub.scope()) as tx:
        assert len(await drills.of_mailbox(tx, "police-1")) == len(before) + 2  # a fresh test, at once
        assert [x.facts["parts"] for x in await journal.lines(tx, journal.DIRECTORY) if x.kind == "MailboxMoves"] == [
            "address,telephone"
        ]

    # Whoever was there before was rung, and knows of it.
    assert await moves.known_there(hub, KEEPERS[0], "police-1")
    assert not await moves.known_there(hub, KEEPERS[0], "police-1")
    assert TaskKind.MAILBOX_MOVES not in await numbers(house)
    async with hub.database.reading(hub.scope()) as tx:
        mailbox = (await hub.directory(tx)).of("police")[0]
    assert mailbox.proof_number == "01632 960666"
    assert case_id


async def test_taken_back_in_time_it_never_was(house: House) -> None:
    await house.lodge()
    await house.run(of_hub=True, minutes=1)
    await setting_up.apply_hub_file(house.exchange, "hub.toml", ASTRAY)
    await setting_up.apply_hub_file(house.exchange, "hub.toml", HUB_FILE)
    assert TaskKind.MAILBOX_MOVES not in await house.tasks()
    await house.run(of_hub=True, days=2)
    assert [m for m in house.ours.mails(HERE) if b"Did your team ask for this" in m.content] == []
    assert (await standing(house.exchange.hub))[0].state in (NEVER, "waiting")


async def test_another_list_of_transports_waits_and_what_was_kept_by_the_old_one_is_checked_again(
    house: House,
) -> None:
    hub = house.exchange.hub
    listed = 'transports = ["tls", "openpgp"]'
    sealed, readable = (HUB_FILE.replace(listed, f'transports = ["{one}"]') for one in ("openpgp", "tls"))
    await setting_up.apply_hub_file(house.exchange, "hub.toml", sealed)  # nothing has gone there: at once
    assert await house.look()
    first = await house.lodge()
    await house.run(of_hub=True, minutes=1)
    assert (await house.leg(first))[1].transport == "openpgp"
    said = await setting_up.apply_hub_file(house.exchange, "hub.toml", readable)
    assert any("police-1: another list of transports from 2026-11-25 10:01 UTC" in line for line in said)

    # Whoever has the hub file alone takes nothing out of its seal: told there, and rung, before it begins.
    house.ours.replies["MAIL"] = "451 4.3.2 busy"
    second = await house.lodge()
    await house.run(of_hub=True, minutes=1)
    assert (await house.leg(second))[1].transport == "openpgp"
    assert house.theirs.delivered == []
    assert (await numbers(house))[TaskKind.MAILBOX_MOVES] == "01632 960110"

    # A day later nobody has objected: what was sealed and kept by the list of before is written anew by that of now.
    house.clock.at += timedelta(days=1)
    house.ours.replies.clear()
    await house.run(of_hub=True, hours=1)
    _, leg = await house.leg(second)
    assert (leg.transport, leg.delivery) == ("tls", "accepted")
    told = [m for m in house.ours.mails(HERE) if b"another list of transports" in m.content]
    assert len(told) == 1
    assert len(house.ours.mails(HERE)) == 3  # the first packet, a test of the key, and that
    async with hub.database.reading(hub.scope()) as tx:
        lines = await journal.lines(tx, journal.DIRECTORY)
    assert [x.facts["parts"] for x in lines if x.kind == "MailboxMoves"][-1] == "transports"


async def test_a_meeting_follows_the_mailbox_that_moves_while_its_invitation_is_open(house: House) -> None:
    hub, team = house.exchange.hub, "new-team@police.example"
    case = await house.lodge()
    first = house.clock.at + timedelta(days=5)
    called = DiscussionCalled(house.clock.at, "duty-1", "d1", first, ("s1",), ("police",))
    await hub.record(case, called, "call", {"reason": b"why"})
    await house.run(of_hub=True, minutes=1)
    assert entries(house, HERE) == [("REQUEST", "0", HERE, first.strftime("%Y%m%dT%H%M%SZ"))]

    # Until somebody there could object, what changes goes where the invitation is.
    said = await setting_up.apply_hub_file(house.exchange, "hub.toml", HUB_FILE.replace(HERE, team))
    assert any("police-1: another address from" in line for line in said)
    second = first + timedelta(hours=1)
    await hub.record(case, DiscussionMoved(house.clock.at, "duty-1", "d1", second), "move", {"reason": b"why"})
    await house.run(of_hub=True, minutes=1)
    assert entries(house, HERE)[-1] == ("REQUEST", "1", HERE, second.strftime("%Y%m%dT%H%M%SZ"))
    assert entries(house, team) == []

    # From then on it is where they are now: the same entry with a higher number, for their calendar.
    await house.run(of_hub=True, days=1, minutes=1)
    before = house.ours.mails(HERE)
    third = second + timedelta(hours=1)
    await hub.record(case, DiscussionMoved(house.clock.at, "duty-1", "d1", third), "again", {"reason": b"why"})
    await house.run(of_hub=True, minutes=1)
    assert entries(house, team) == [("REQUEST", "2", team, third.strftime("%Y%m%dT%H%M%SZ"))]
    assert len({uid for to in (HERE, team) for uid in of_entries(house, to, "UID")}) == 1
    assert house.ours.mails(HERE) == before  # nothing more goes to where they were


def entries(house: House, to: str) -> list[tuple[str, ...]]:
    """What came for the calendar at this address: method, number, attendee and start."""
    found = (of_entries(house, to, name) for name in ("METHOD", "SEQUENCE", "ATTENDEE", "DTSTART"))
    return list(zip(*found, strict=True))


def of_entries(house: House, to: str, name: str) -> list[str]:
    """The value of this line in each calendar part that came there (RFC 5545 3.1)."""
    texts = [re.sub(r"\r\n[ \t]", "", m.content.decode()) for m in house.ours.mails(to)]
    lines = (
        re.search(rf"(?m)^{name}[^:\r\n]*:(?:mailto:)?([^\r\n]+)\r$", t) for t in texts if "BEGIN:VCALENDAR" in t
    )
    return [line[1] for line in lines if line]
