"""Meeting practices over real mail: an emergency by telephone, and the full discussion that follows it by itself; a
daily session (East Sussex); a discussion recorded after the fact (Derbyshire)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from exchange.demo.actors.mail_client import Read
from exchange.demo.actors.web_client import WebClient
from tests.journeys import calendar_shapes as shapes
from tests.journeys.meetings import (
    DEPUTY,
    INVITED,
    SIGNED_IN,
    attends,
    calendar_mail,
    in_days,
    replies,
    seat,
    served,
    tasks,
    uid,
)
from tests.journeys.test_lateral_checks import Hub

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]  # gpg and mail, for five agencies


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def hub(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hub]:
    """On each kind of database."""
    folder: Path = tmp_path_factory.mktemp("hub")
    url = f"sqlite+aiosqlite:///{folder}/exchange.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("cluster").new_database()
    async with served(folder, url) as made:
        yield made


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
    await said_where(hub, reference, desk)
    assert ("the hub", "full_discussion") in await hub.owed(reference)
    done = await hub.act(reference, "held", discussion="d2", agencies=["social_care", "police", "health"],
                         words="agreed", started=datetime.now(UTC).isoformat())  # fmt: skip
    assert done.status_code == 200, done.text
    story = await hub.story(reference)
    assert story["case"]["discussions"][0]["followed_by"] == "d2"
    assert ("the hub", "full_discussion") not in await hub.owed(reference)


async def said_where(hub: Hub, reference: str, desk: WebClient) -> None:
    """A discussion that called itself has no place until somebody says it: then every calendar has it."""
    entry = await calendar_mail(hub, "police", reference, "METHOD:REQUEST", "SEQUENCE:0")
    assert "LOCATION" not in entry.calendar
    assert "will say where" in entry.text + unfolded(entry)
    assert "no_place:d2" in tasks(await hub.story(reference))
    page = await desk.get(f"/desk/case/{reference}")
    assert "Say where the discussion takes place" in (await desk.get("/desk")).text + page.text
    assert "Nobody has said where it takes place" in page.text
    page = await desk.submit(page, "/say_where")
    assert "Write where it takes place" in page.text
    await replies(hub, "police", shapes.outlook, entry, "ACCEPTED")
    await hub.until(reference, lambda s: seat(s, "police", "d2")["attendance"] == "accepted")

    page = await desk.submit(page, "/say_where", location="Room 4, Fakeshire House", place="Canary-passcode 4711")
    assert "Nobody has said where it takes place" not in page.text
    new = await calendar_mail(hub, "police", reference, "METHOD:REQUEST", "SEQUENCE:1")
    assert uid(new) == uid(entry)
    assert "LOCATION:Room 4\\, Fakeshire House\r\n" in new.calendar
    assert "it need not answer again" in new.text
    assert "THE TIME HAS CHANGED" not in new.text
    assert "Canary" not in new.text + unfolded(new)
    await hub.letter("police", f"Our reference {reference}", "Canary-passcode 4711")  # sealed, once more
    story = await hub.story(reference)
    assert "no_place:d2" not in tasks(story)
    assert seat(story, "police", "d2")["attendance"] == "accepted"  # the time is the same
    before = await calendar_mail(hub, "social_care", reference, "METHOD:REQUEST", "SEQUENCE:0")
    await replies(hub, "social_care", shapes.google, before, "ACCEPTED")
    await hub.until(reference, lambda s: seat(s, "social_care", "d2")["attendance"] == "accepted")


def unfolded(mail: Read) -> str:
    """Its calendar without the line breaks of RFC 5545 3.1."""
    return re.sub(r"\r\n[ \t]", "", mail.calendar)


@pytest.mark.long
async def test_an_adults_planning_meeting_and_a_tripartite_discussion_are_called_as_the_hub_file_says(
    hub: Hub,
) -> None:
    adult = {
        "form": "adult", "referrer": {"name": "Pat Pretend", "source": "3A", "telephone": "01632 960170"},
        "concern": {"immediate_danger": "no", "what_happened": "Canary-worry"},
        "subjects": [{"given_name": "Canary-adult"}],
    }  # fmt: skip
    lodged = await hub.api.post("/referrals", json=adult)
    assert lodged.status_code == 201, lodged.text
    reference = lodged.json()["reference"]
    starts = in_days(2)
    called = await hub.act(reference, "call", starts=starts.isoformat(), reason="what she wishes", location="Room 1")
    assert called.status_code == 200, called.text
    (only,) = (await hub.story(reference))["case"]["discussions"]
    assert (only["kind"], only["minutes"]) == ("planning_meeting", 90)  # the usual one for an adult
    assert [i["agency"] for i in only["invitees"]] == ["social_care", "police"]
    entry = await calendar_mail(hub, "police", reference, "METHOD:REQUEST")
    assert "a meeting: adults planning meeting" in entry.text
    assert f"DTEND:{starts + timedelta(minutes=90):%Y%m%dT%H%M%SZ}\r\n" in entry.calendar
    assert "Canary" not in entry.text + unfolded(entry)

    child = await hub.refer()
    given = {"kind": "ird", "starts": starts.isoformat(), "subjects": "s1", "reason": "an injury"}
    assert (await hub.act(child, "call", **given, location="Room 1")).status_code == 200
    story = await hub.story(child)
    (only,) = story["case"]["discussions"]
    assert [i["agency"] for i in only["invitees"]] == ["police", "health", "social_care"]
    assert story["quorum_missing"]["d1"] == ["police", "health", "social_care"]
    entry = await calendar_mail(hub, "police", child, "METHOD:REQUEST")
    assert "a meeting: inter-agency referral discussion" in " ".join(entry.text.split())


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
    began = datetime.now(UTC).isoformat()
    there = {"mode.social_care": "in_person", "mode.health": "in_person", "mode.police": "telephone"}
    met = await hub.act(urgent, "held", discussion="d1", started=began, words="agreed", **there)
    assert met.status_code == 200, met.text
    sat = {i["agency"]: i["mode"] for i in (await hub.story(urgent))["case"]["discussions"][0]["invitees"]}
    assert sat == {"social_care": "in_person", "health": "in_person", "police": "telephone"}
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
