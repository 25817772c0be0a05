"""Discussions over real mail: five invitees answering by calendar, by words, by page, by deputy and not at all; moved
and cancelled in everybody's calendar; an emergency by telephone; a daily session (East Sussex); a discussion recorded
after the fact (Derbyshire)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import pytest_asyncio

from exchange.demo.actors.mail_client import Read
from exchange.demo.actors.smtp_server import Delivered
from exchange.demo.actors.web_client import WebClient
from exchange.demo.stage import HUB_FILE, stage
from tests.journeys import calendar_shapes as shapes
from tests.journeys.calendar_shapes import Reply
from tests.journeys.test_by_mail import CANARIES, refer
from tests.journeys.test_lateral_checks import Hub, Story
from tests.ready import ready

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]  # gpg and mail, for five agencies

SIGNED_IN = "a fictitious pass phrase"
INVITED = ("social_care", "police", "health", "education", "madeup-surgery")
DEPUTY = "Canary-deputy"  # the name of a deputy, which must stand nowhere in the journey
KNOWN = "Canary-known"  # what somebody writes instead of coming
STRATEGY = """
invite = ["social_care", "police", "health", "education"]

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


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def hub(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hub]:
    """A served hub on each kind of database; police and social care sign their mail (DKIM), the others do not."""
    folder: Path = tmp_path_factory.mktemp("hub")
    url = f"sqlite+aiosqlite:///{folder}/exchange.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("cluster").new_database()
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


# -- five invitees


async def test_five_invitees_answer_in_every_way_and_the_discussion_is_moved_and_held(hub: Hub) -> None:
    reference = await refer(hub.stage)
    starts = in_days(2)
    called = await hub.act(reference, "call", starts=starts.isoformat(), subjects="s1", reason="an injury",
                           location="Room 1, County Hall", place="Canary-passcode 4711")  # fmt: skip
    assert called.status_code == 200, called.text
    story = await hub.story(reference)
    assert tuple(attendance(story)) == INVITED  # the hub file's functions, and the referrer's own agency
    assert story["case"]["discussions"][0]["deadline"]

    invitations = {}
    for agency in INVITED:
        invitations[agency] = await calendar_mail(hub, agency, reference, "METHOD:REQUEST", "SEQUENCE:0")
        sent = invitations[agency]
        assert not sent.encrypted
        assert f"DTSTART:{starts:%Y%m%dT%H%M%SZ}\r\n" in sent.calendar
        assert "VTIMEZONE" not in sent.calendar
        assert f"{starts:%A} {starts.day} {starts:%B %Y}, " in sent.text  # the local time in words
        assert "(London time)" in sent.text
        made = await papers(hub, agency, reference)
        assert "Canary-passcode" in made.text
        assert ("Canary-concern" in made.text) is (agency != "education")  # as in its packet: each has its own
        assert ("Canary-school" in made.text) is (agency in ("education", "social_care"))
    assert len({uid(m) for m in invitations.values()}) == 1
    assert len({m.reply_to for m in invitations.values()}) == len(INVITED)

    # By calendar: Outlook first proposes another time, and then accepts.
    police = invitations["police"]
    other = starts + timedelta(hours=2)
    counter = Reply(
        police, hub.stage.people["police"].address, "TENTATIVE", datetime.now(UTC) - 5 * A_MOMENT, start=other
    )
    await answers(hub, "police", shapes.outlook(counter, "COUNTER"), counter.organizer)
    story = await attends(hub, reference, "police", "counter")
    assert datetime.fromisoformat(seat(story, "police")["proposed"]) == other
    assert "other_time:d1/i2" in tasks(story)
    await replies(hub, "police", shapes.outlook, police, "ACCEPTED", comment="Ten minutes late")
    story = await attends(hub, reference, "police", "accepted")
    assert "other_time:d1/i2" not in tasks(story)
    await replies(hub, "social_care", shapes.google, invitations["social_care"], "ACCEPTED")
    await attends(hub, reference, "social_care", "accepted")

    # By calendar without proof: claimed, until the code of the papers says so on the page.
    await replies(hub, "education", shapes.thunderbird, invitations["education"], "ACCEPTED")
    story = await hub.until(reference, lambda s: seat(s, "education")["claimed"])
    assert seat(story, "education")["attendance"] == "awaited"
    assert "claimed:d1/i4" in tasks(story)
    await on_the_page(hub, reference, invitations["education"])
    assert "claimed:d1/i4" not in tasks(await hub.story(reference))

    # By words, sealed and signed: a deputy comes.
    health = await papers(hub, "health", reference)
    await hub.says("health", health, f"cannot make it, Sgt {DEPUTY} will come for me")
    story = await attends(hub, reference, "health", "deputy")
    assert story["quorum_missing"]["d1"] == []
    assert "quorate" in await hub.stage.command("show", reference)

    # Words that are not plain are a person's to read, at the seat.
    social_care = await papers(hub, "social_care", reference)
    await hub.says("social_care", social_care, "Who else is invited?")
    await hub.until(reference, lambda s: "unclear:d1/i1" in tasks(s))

    # By silence: only the one who is missing is chased, and then rung.
    chased = await hub.letter("madeup-surgery", "has no answer from your agency to the invitation", reference)
    assert "/attend/" in chased.text
    story = await hub.until(reference, lambda s: "silent_invitee:d1/i5" in tasks(s))
    chasers = [row["about"] for row in story["letters"] if row["letter"] == "chaser" and row["state"] == "sent"]
    assert chasers.count("d1/i5") > 1  # before the time to answer is over, and at its end
    keys = [row["key"] for row in story["letters"] if row["about"] == "d1/i5"]
    assert [key for key in keys if key.startswith("chaser:d1/i5:soon:")]
    assert "chaser:d1/i5:1" in keys
    assert {i for i in tasks(story) if i.startswith("silent_invitee")} == {"silent_invitee:d1/i5"}

    await late_and_contradictory(hub, reference, police)
    await moved(hub, reference, invitations, starts)
    await held(hub, reference)
    no_name_in_any_calendar(hub)
    shown = str(await hub.story(reference))
    assert not any(name in shown for name in (*CANARIES, DEPUTY, "Canary-passcode"))


def uid(mail: Read) -> str:
    """The UID of a calendar mail."""
    found = re.search(r"(?m)^UID:(\S+)", re.sub(r"\r\n[ \t]", "", mail.calendar))
    assert found
    return found[1]


async def on_the_page(hub: Hub, reference: str, invitation: Read) -> None:
    """The invitation's link claims; the papers' link counts with their code, and not with another."""
    web = WebClient(hub.stage.base_url)
    page = await web.get(link(hub, invitation))
    assert "calls Fakeshire school support to a meeting" in page.text
    assert not any(name in page.html for name in CANARIES)
    assert "written" not in page.html.split("<form")[1]  # a link that anybody may read takes no words
    page = await web.submit(page, answer="declined", name="Somebody On The Way")
    assert "will ring your agency to confirm it" in page.text
    assert seat(await hub.story(reference), "education")["attendance"] == "awaited"
    made = await papers(hub, "education", reference)
    page = await web.get(link(hub, made))
    wrong = await web.submit(page, answer="accepted", name="Finn Fiction", code="0000-0000")
    assert wrong.status == 400
    code = re.search(r"Code (\S+)", made.text)
    assert code
    done = await web.submit(wrong, answer="accepted", name="Finn Fiction", code=code[1])
    assert "There is nothing more to do" in done.text
    story = await attends(hub, reference, "education", "accepted")
    kept = [(r["channel"], r["attendance"], r["weight"]) for r in seat(story, "education")["history"]]
    assert kept == [("mail", "accepted", "claimed"), ("page", "declined", "claimed"), ("page", "accepted", "holds")]


def link(hub: Hub, mail: Read) -> str:
    """The page that a mail names."""
    found = re.search(r"http\S+/attend/\S+", mail.text)
    assert found
    return found[0].removeprefix(hub.stage.base_url)


async def late_and_contradictory(hub: Hub, reference: str, police: Read) -> None:
    """An older word arrives late: it is kept, and changes nothing."""
    await replies(hub, "police", shapes.outlook, police, "DECLINED", at=datetime.now(UTC) - timedelta(hours=1))
    story = await hub.until(reference, lambda s: len(seat(s, "police")["history"]) == 3)
    kept = [(r["attendance"], r["weight"]) for r in seat(story, "police")["history"]]
    assert kept == [("counter", "holds"), ("accepted", "holds"), ("declined", "older")]
    assert seat(story, "police")["attendance"] == "accepted"


async def moved(hub: Hub, reference: str, old: dict[str, Read], starts: datetime) -> None:
    """The same entry gets another time, everybody is asked anew, and no papers go twice."""
    to = starts + timedelta(days=1)
    refused = await hub.act(reference, "move", discussion="d1", starts=to.isoformat())
    assert refused.status_code == 400  # a reason is part of the record
    await hub.act(reference, "move", discussion="d1", starts=to.isoformat(), reason="the ward round")
    new = {agency: await calendar_mail(hub, agency, reference, "METHOD:REQUEST", "SEQUENCE:1") for agency in INVITED}
    assert {uid(m) for m in new.values()} == {uid(old["police"])}
    assert all(
        f"DTSTART:{to:%Y%m%dT%H%M%SZ}\r\n" in m.calendar and "THE TIME HAS CHANGED" in m.text for m in new.values()
    )
    story = await hub.story(reference)
    assert set(attendance(story).values()) == {"awaited"}
    papers_of = [row["about"] for row in story["letters"] if row["letter"] == "papers"]
    assert len([about for about in papers_of if not about.endswith("/deputy")]) == len(INVITED)

    before = old["social_care"]
    await replies(hub, "police", shapes.apple, new["police"], "ACCEPTED")
    await replies(hub, "social_care", shapes.google, before, "ACCEPTED", at=datetime.now(UTC) - timedelta(minutes=30))
    story = await hub.until(reference, lambda s: len(seat(s, "social_care")["history"]) == 2)
    assert seat(story, "social_care")["attendance"] == "awaited"  # said before the time changed
    await replies(hub, "social_care", shapes.google, new["social_care"], "ACCEPTED", sequence=0)
    story = await hub.until(reference, lambda s: seat(s, "social_care")["claimed"])
    assert seat(story, "social_care")["history"][-1]["outdated"]
    assert seat(story, "social_care")["attendance"] == "awaited"  # who accepts the old time is asked about the new
    assert "claimed:d1/i1" in tasks(story)
    await replies(hub, "social_care", shapes.google, new["social_care"], "ACCEPTED")
    await attends(hub, reference, "social_care", "accepted")
    await attends(hub, reference, "police", "accepted")


async def held(hub: Hub, reference: str) -> None:
    """The chair's page: how each took part, who sat there for whom, what somebody wrote instead."""
    health = await papers(hub, "health", reference)
    await hub.says("health", health, f"WRITTEN:\n{KNOWN} since birth")
    story = await attends(hub, reference, "health", "written")
    (told,) = (c for c in story["case"]["contributions"] if c["kind"] == "written")
    assert (told["agency"], told["marking"]) == ("health", "hub_only")
    assert story["quorum_out_of_reach"]["d1"] == ["health"]
    assert "no_quorum:d1" in tasks(story)
    assert KNOWN not in str(story)

    desk = WebClient(hub.stage.base_url)
    await desk.submit(await desk.get("/desk/sign-in"), member="hub_manager", password=SIGNED_IN)
    page = await desk.get(f"/desk/case/{reference}")
    assert "Its quorum can no longer be reached: nobody can come for health" in page.text
    assert "it answers an invitation that was replaced" in page.text
    assert KNOWN in page.text
    there = {"mode.police": "telephone", "mode.social_care": "in_person", "mode.education": "video"}
    page = await desk.submit(page, "/held", words="agreed", deputies=["police"], **there)
    assert "Its time has not come yet: write when it was held" in page.text
    wall = datetime.now(ZoneInfo("Europe/London"))
    there |= {"started_date": f"{wall:%Y-%m-%d}", "started_time": f"{wall:%H:%M}"}
    page = await desk.submit(page, "/held", words="agreed", deputies=["police"], **there)
    assert "ealth were not there: say why" in page.text
    page = await desk.submit(
        page, "/held", words="agreed", reason="the child goes home today", deputies=["police"], **there
    )
    assert "Held without its quorum: health" in page.text
    assert "there by telephone, by deputy" in page.text
    story = await hub.story(reference)
    sat = {
        i["agency"]: (i["attended"], i["mode"], i["by_deputy"]) for i in story["case"]["discussions"][0]["invitees"]
    }
    assert sat == {
        "social_care": (True, "in_person", False), "police": (True, "telephone", True),
        "health": (False, "written", False), "education": (True, "video", False),
        "madeup-surgery": (False, None, False),
    }  # fmt: skip
    assert not {
        t for t in tasks(story) if "d1" in t and t.split(":")[0] in ("silent_invitee", "claimed", "no_quorum")
    }


@pytest.mark.long
async def test_a_cancelled_discussion_leaves_every_calendar(hub: Hub) -> None:
    reference = await hub.refer()
    given = {"subjects": "s1", "reason": "an injury", "agencies": "police"}
    await hub.act(reference, "call", starts=in_days(3).isoformat(), **given)
    called = await calendar_mail(hub, "police", reference, "METHOD:REQUEST")
    more = await hub.act(reference, "invite", discussion="d1", agencies="health")
    assert more.status_code == 200
    await calendar_mail(hub, "health", reference, "METHOD:REQUEST")
    assert "no_quorum:d1" in tasks(await hub.story(reference))  # a warning, which blocks nothing
    await hub.act(reference, "cancel", discussion="d1", reason="decided otherwise")
    for agency in ("police", "health"):
        taken = await calendar_mail(hub, agency, reference, "METHOD:CANCEL", "SEQUENCE:1", "STATUS:CANCELLED")
        assert uid(taken) == uid(called)
        assert "does not take place" in taken.text
        assert "method=cancel" in mail_of(hub, taken).lower()
    await replies(hub, "police", shapes.outlook, called, "ACCEPTED")
    story = await hub.until(reference, lambda s: seat(s, "police")["history"])
    assert seat(story, "police")["history"][0]["weight"] == "late"
    assert story["case"]["discussions"][0]["state"] == "cancelled"
    assert not {t for t in tasks(story) if "d1" in t}
    again = await hub.act(reference, "move", discussion="d1", starts=in_days(4).isoformat(), reason="after all")
    assert again.status_code == 409
    no_name_in_any_calendar(hub)


def mail_of(hub: Hub, read: Read) -> str:
    """The octets of a mail, as text."""
    path = next(path for path, one in hub.opened.items() if one is read)
    return next(m.content for m in hub.stage.relay.delivered if m.path == path).decode("latin-1")


@pytest.mark.long
async def test_scenario_8_an_emergency_by_telephone_and_the_full_discussion_that_must_follow(hub: Hub) -> None:
    reference = await hub.refer()
    began = datetime.now(UTC) - timedelta(minutes=20)
    rang = {f"rang.{agency}": (began + timedelta(minutes=n)).isoformat() for n, agency in enumerate(INVITED[:3])}
    given: dict[str, Any] = {
        "started": began.isoformat(), "subjects": "s1", "agencies": ["social_care", "police"],
        "words": "stays on the ward", "who.health": DEPUTY, "number.health": "01632 960121",
        "reached.social_care": "yes", "reached.police": "yes", "reached.health": "no",
    }  # fmt: skip
    refused = await hub.act(reference, "emergency", **given, **rang)
    assert refused.status_code == 400
    assert "reason" in refused.text
    given["reason"] = "discharge at 19:00"
    unrung = {k: v for k, v in given.items() if k != "agencies"}
    told = await hub.act(reference, "emergency", **unrung, agencies="social_care")
    assert told.status_code == 409
    assert "Nobody of police, health took part or was rung" in told.text
    made = await hub.act(reference, "emergency", **given, **rang)
    assert made.status_code == 200, made.text

    story = await hub.story(reference)
    first, full = story["case"]["discussions"]
    assert (first["state"], first["emergency"], first["full_due"] is not None) == ("held", True, True)
    assert [(r["agency"], r["reached"]) for r in first["rang"]] == [
        ("social_care", True), ("police", True), ("health", False),
    ]  # fmt: skip
    assert (full["state"], full["deadline"]) == ("called", first["full_due"])  # by itself
    assert datetime.now(UTC) < datetime.fromisoformat(full["starts_at"]) < datetime.fromisoformat(first["full_due"])
    assert [i["agency"] for i in full["invitees"]][:4] == list(INVITED[:4])
    invited = await calendar_mail(hub, "health", reference, "METHOD:REQUEST", "SEQUENCE:0")
    assert DEPUTY not in invited.text + invited.calendar
    assert "It is the full meeting that must follow" in invited.text
    desk = WebClient(hub.stage.base_url)
    await desk.submit(await desk.get("/desk/sign-in"), member="hub_manager", password=SIGNED_IN)
    page = await desk.get(f"/desk/case/{reference}")
    assert re.search(r"A full discussion must be held by .*\. It is called for .*: see below", page.text)
    assert DEPUTY not in str(story)
    assert "full discussion due" in await hub.stage.command("show", reference)
    assert ("the hub", "full_discussion") in await hub.owed(reference)
    done = await hub.act(reference, "held", discussion="d2", agencies=["social_care", "police", "health"],
                         words="agreed", started=datetime.now(UTC).isoformat())  # fmt: skip
    assert done.status_code == 200, done.text
    story = await hub.story(reference)
    assert story["case"]["discussions"][0]["followed_by"] == "d2"
    assert ("the hub", "full_discussion") not in await hub.owed(reference)


@pytest.mark.long
async def test_derbyshire_a_telephone_discussion_recorded_after_the_fact(hub: Hub) -> None:
    reference = await hub.refer()
    began = (datetime.now(UTC) - timedelta(minutes=20)).isoformat()
    given: dict[str, Any] = {"subjects": "s1", "words": "agreed", "deputies": ["health"]}
    future = await hub.act(reference, "telephoned", started=in_days(1).isoformat(), agencies="police", **given)
    assert future.status_code == 409
    made = await hub.act(reference, "telephoned", started=began, agencies=["social_care", "police"], **given)
    assert made.status_code == 200, made.text
    story = await hub.story(reference)
    (only,) = story["case"]["discussions"]
    assert (only["state"], only["by_telephone"], only["inquorate"]) == ("held", True, False)
    assert [(i["agency"], i["mode"], i["by_deputy"]) for i in only["invitees"]] == [
        ("social_care", "telephone", False), ("police", "telephone", False), ("health", "telephone", True),
    ]  # fmt: skip
    assert not [row for row in story["letters"] if row["letter"] in ("invitation", "papers")]


@pytest.mark.long
async def test_east_sussex_the_next_session_has_the_case_and_what_is_urgent_bypasses_its_agenda(
    hub: Hub,
) -> None:
    (before, *_) = (await hub.api.get("/agenda")).json()["agenda"]
    reference = await hub.refer()
    given = {"subjects": "s1", "reason": "an injury", "session": "daily"}
    made = await hub.act(reference, "call", **given)
    assert made.status_code == 200, made.text
    (session, *_) = (await hub.api.get("/agenda")).json()["agenda"]
    assert session["starts_at"] >= before["starts_at"]
    (row,) = (c for c in session["cases"] if c["reference"] == reference)
    assert set(row["attendance"].values()) == {"awaited"}
    assert row["quorum_missing"] == ["social_care", "police", "health"]
    entry = await calendar_mail(hub, "police", reference, "METHOD:REQUEST")
    assert "LOCATION:Room 1\\; 01632 960105\r\n" in entry.calendar
    starts = datetime.fromisoformat(session["starts_at"]).astimezone(UTC)
    assert f"DTSTART:{starts:%Y%m%dT%H%M%SZ}\r\n" in entry.calendar
    await replies(hub, "police", shapes.outlook, entry, "ACCEPTED")
    await attends(hub, reference, "police", "accepted")
    assert "Fakeshire Constabulary: accepted" in await hub.stage.command("agenda")

    urgent = await hub.refer()
    await hub.act(urgent, "call", **given, starts=in_days(0).replace(minute=0).isoformat())
    now = datetime.now(UTC) + timedelta(minutes=50)
    await hub.act(urgent, "call", **given, starts=now.isoformat())
    story = await hub.story(urgent)
    assert [(d["session"], len(d["invitees"])) for d in story["case"]["discussions"]] == [("", 3)]
    listed = {c["reference"] for s in (await hub.api.get("/agenda")).json()["agenda"] for c in s["cases"]}
    assert (reference in listed, urgent in listed) == (True, False)

    desk = WebClient(hub.stage.base_url)
    await desk.submit(await desk.get("/desk/sign-in"), member="hub_manager", password=SIGNED_IN)
    page = await desk.get("/desk/sessions")
    assert reference in page.text
    assert urgent not in page.text
    assert "Fakeshire Constabulary: accepted" in page.text
    none = await hub.act(reference, "call", subjects="s1", reason="an injury", session="weekly")
    assert none.status_code == 400
    assert "choose one of daily" in none.text
