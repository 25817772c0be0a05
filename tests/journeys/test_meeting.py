"""Discussions over real mail: five invitees answering by calendar, by words, by page, by deputy and not at all; moved
and cancelled in everybody's calendar."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from exchange.demo.actors.mail_client import Read
from exchange.demo.actors.web_client import WebClient
from tests.journeys import calendar_shapes as shapes
from tests.journeys.calendar_shapes import Reply
from tests.journeys.meetings import (
    A_MOMENT,
    DEPUTY,
    INVITED,
    KNOWN,
    SIGNED_IN,
    answers,
    attendance,
    attends,
    calendar_mail,
    in_days,
    no_name_in_any_calendar,
    papers,
    replies,
    seat,
    served,
    tasks,
    uid,
)
from tests.journeys.test_by_mail import CANARIES, refer
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
    for code in ("", "0000-0000"):
        wrong = await web.submit(page, answer="accepted", name="Finn Fiction", code=code)
        assert wrong.status == 400
    right = re.search(r"Code (\S+)", made.text)
    assert right
    done = await web.submit(wrong, answer="accepted", name="Finn Fiction", code=right[1])
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
    browser, sent = WebClient(hub.stage.base_url), await papers(hub, "police", reference)
    opened, code = await browser.get(link(hub, sent)), re.findall(r"Code (\S+)", sent.text)[0]
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
    late = await browser.submit(
        opened, answer="declined", name="Finn Fiction", code=code
    )  # from a page that was open
    assert "The meeting is over or does not take place. What you wrote is kept with it." in late.text
    story = await hub.story(reference)
    assert seat(story, "police")["history"][-1]["weight"] == "late"
    assert "I will attend" not in (await browser.get(link(hub, await papers(hub, "police", reference)))).html
    assert not {
        t for t in tasks(story) if "d1" in t and t.split(":")[0] in ("silent_invitee", "claimed", "no_quorum")
    }


@pytest.mark.long
async def test_a_calendar_says_perhaps_no_and_that_another_comes(hub: Hub) -> None:
    reference = await hub.refer()
    called = await hub.act(reference, "call", starts=in_days(2).isoformat(), subjects="s1", reason="an injury",
                           agencies=["police", "social_care"], location="Room 1")  # fmt: skip
    assert called.status_code == 200, called.text
    police = await calendar_mail(hub, "police", reference, "METHOD:REQUEST")
    await replies(hub, "police", shapes.apple, police, "TENTATIVE", at=datetime.now(UTC) - 5 * A_MOMENT)
    story = await attends(hub, reference, "police", "tentative")
    assert "police" in story["quorum_missing"]["d1"]
    await replies(hub, "police", shapes.outlook, police, "DECLINED")
    story = await attends(hub, reference, "police", "declined")
    assert "no_quorum:d1" in tasks(story)

    # Passed on to a colleague (RFC 5546 3.2.2.3), who then says themselves that they come.
    care, other = await calendar_mail(hub, "social_care", reference, "METHOD:REQUEST"), "other@social-care.example"
    passed = f';DELEGATED-TO="mailto:{other}"'
    await replies(hub, "social_care", shapes.thunderbird, care, "DELEGATED", attendee_params=passed,
                  at=datetime.now(UTC) - 3 * A_MOMENT)  # fmt: skip
    story = await attends(hub, reference, "social_care", "delegated")
    assert "social_care" in story["quorum_missing"]["d1"]  # nobody has said that they come
    desk = WebClient(hub.stage.base_url)
    await desk.submit(await desk.get("/desk/sign-in"), member="hub_manager", password=SIGNED_IN)
    page = await desk.get(f"/desk/case/{reference}")
    assert f"somebody else asked to come: {other}" in page.text
    own = f';DELEGATED-FROM="mailto:{hub.stage.people["social_care"].address}"'
    said = Reply(care, other, "ACCEPTED", datetime.now(UTC), attendee_params=own)
    mail = hub.stage.dkim["social-care.example"].sign(shapes.thunderbird(said))
    assert (await hub.stage.mail(other, said.organizer, mail)).startswith("250")
    story = await attends(hub, reference, "social_care", "deputy")
    assert "social_care" not in story["quorum_missing"]["d1"]
    assert f"a deputy comes: {other}" in (await desk.get(f"/desk/case/{reference}")).text
    assert not [m for m in hub.stage.relay.delivered if m.address == other]  # nothing of ours goes there by it


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
