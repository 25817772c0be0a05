"""What the journeys of discussions share: a hub that calls education too and meets every day, what the agencies say
to it by calendar and in words, and what is read of their seats."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from exchange.demo.actors.mail_client import Read
from exchange.demo.actors.smtp_server import Delivered
from exchange.demo.stage import HUB_FILE, stage
from tests.journeys import calendar_shapes as shapes
from tests.journeys.calendar_shapes import Reply
from tests.journeys.test_by_mail import CANARIES
from tests.journeys.test_lateral_checks import Hub, Story
from tests.ready import ready

SIGNED_IN = "a fictitious pass phrase"
INVITED = ("social_care", "police", "health", "education", "madeup-surgery")
DEPUTY = "Canary-deputy"  # the name of a deputy, which must stand nowhere in the journey
KNOWN = "Canary-known"  # what somebody writes instead of coming
STRATEGY = """
invite = ["social_care", "police", "health", "education"]

[strategy.variants.planning_meeting]
label = "Adults planning meeting"
form = "adult"
quorum = ["social_care"]
chair = "social_care"
invite = ["social_care", "police"]
minutes = 90

[strategy.variants.ird]
label = "Inter-agency referral discussion"
quorum = ["police", "health", "social_care"]
chair = "social_care"
invite = ["police", "health", "social_care"]

[sessions.daily]
label = "Daily session"
at = "14:00"
cut_off = "30m"
roster = ["social_care", "police", "health"]
minutes = 10
location = "Room 1"
telephone = "01632 960105"
"""
A_MOMENT = timedelta(seconds=1)


def hub_text() -> str:
    """The demo's hub, which always calls education too, leaves time to answer, and meets every day."""
    text = HUB_FILE.read_text()
    assert text.count('reply = "8s"\nminutes = 30\n') == 1
    return text.replace('reply = "8s"\nminutes = 30\n', f'reply = "20s"\nminutes = 30\n{STRATEGY}')


@asynccontextmanager
async def served(folder: Path, url: str) -> AsyncIterator[Hub]:
    """A hub with its people, served; police and social care sign their mail (DKIM), the others do not."""
    hub_file = folder / "hub.toml"
    hub_file.write_text(hub_text())
    async with stage() as made:
        await ready(made, hub_file, url)
        for domain in ("police.example", "social-care.example"):
            made.publish_dkim(domain)
        secret = folder / "password"
        secret.write_text(SIGNED_IN)
        await made.command("staff", "add", "hub_manager", "--roles", "hub_manager", "--password-file", str(secret))
        token = (
            await made.command("token", "add", "manager", "--roles", "hub_manager", "--staff", "hub_manager")
        ).strip()
        await made.serve()
        web = f"{made.base_url}/api/v1"
        async with httpx.AsyncClient(base_url=web, headers={"Authorization": f"Bearer {token}"}, timeout=60) as api:
            yield Hub(made, api)


# -- what the agencies see and say


async def calendar_mail(hub: Hub, agency: str, reference: str, *lines: str) -> Read:
    """The agency's first mail about the case whose calendar entry holds these lines."""
    person = hub.stage.people[agency]

    def fits(mail: Delivered) -> bool:
        if mail.path not in hub.opened:
            hub.opened[mail.path] = person.open(mail.content)
        read = hub.opened[mail.path]
        return reference in read.text and all(f"{line}\r\n" in read.calendar for line in lines)

    return hub.opened[(await hub.stage.relay.wait_for_mail(person.address, fits, 60)).path]


async def papers(hub: Hub, agency: str, reference: str) -> Read:
    """The agency's papers for the case."""
    found = await hub.letter(agency, f"Our reference {reference}", "Called: ")
    assert found.encrypted
    return found


async def answers(hub: Hub, agency: str, mail: bytes, to: str) -> None:
    """A mail of the agency's, signed where its domain signs (RFC 6376)."""
    person = hub.stage.people[agency]
    key = hub.stage.dkim.get(person.address.partition("@")[2])
    assert (await hub.stage.mail(person.address, to, key.sign(mail) if key else mail)).startswith("250")


async def replies(hub: Hub, agency: str, shape: shapes.Shape, to: Read, partstat: str, **more: Any) -> None:
    """A calendar reply in the shape of one client."""
    said = Reply(to, hub.stage.people[agency].address, partstat, **{"at": datetime.now(UTC), **more})
    await answers(hub, agency, shape(said), said.organizer)


def seat(story: Story, agency: str, discussion: str = "d1") -> Story:
    """The agency's seat."""
    (found,) = (d for d in story["case"]["discussions"] if d["id"] == discussion)
    return next(i for i in found["invitees"] if i["agency"] == agency)


def attendance(story: Story, discussion: str = "d1") -> dict[str, str]:
    """What every seat says."""
    (found,) = (d for d in story["case"]["discussions"] if d["id"] == discussion)
    return {i["agency"]: i["attendance"] for i in found["invitees"]}


async def attends(hub: Hub, reference: str, agency: str, said: str) -> Story:
    """The story once the agency's seat says so."""
    return await hub.until(reference, lambda s: seat(s, agency)["attendance"] == said)


def tasks(story: Story) -> set[str]:
    """What the desk must do, by key."""
    return {t["key"] for t in story["tasks"]}


def in_days(days: int) -> datetime:
    """A moment in some days, on the minute: calendars know no smaller time."""
    return (datetime.now(UTC) + timedelta(days=days)).replace(second=0, microsecond=0)


def no_name_in_any_calendar(hub: Hub) -> None:
    """Calendars leak to delegates, telephones and screens at meeting-room doors."""
    for mail in hub.stage.relay.delivered:
        entry = hub.opened[mail.path].calendar if mail.path in hub.opened else ""
        if not entry and b"text/calendar" in mail.content:
            entry = hub.stage.people["police"].open(mail.content).calendar
        for name in (*CANARIES, DEPUTY, KNOWN, "/attend/"):
            assert name not in re.sub(r"\r\n[ \t]", "", entry), name


def uid(mail: Read) -> str:
    """The UID of a calendar mail."""
    found = re.search(r"(?m)^UID:(\S+)", re.sub(r"\r\n[ \t]", "", mail.calendar))
    assert found
    return found[1]
