"""A discussion, and whose calendar holds it: the invitee's, or that of the deputy who comes in their place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from exchange.demo.actors.mail_client import Read
from tests.journeys import calendar_shapes as shapes
from tests.journeys.calendar_shapes import Reply
from tests.journeys.meetings import calendar_mail, in_days, seat, uid
from tests.journeys.peopled import asked, at_the_desk, away, kinds, letters, served
from tests.journeys.test_lateral_checks import Hub

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]  # gpg and mail, for many agencies


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def hub(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hub]:
    """On each kind of database."""
    folder = tmp_path_factory.mktemp("hub")
    url = f"sqlite+aiosqlite:///{folder}/exchange.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("cluster").new_database()
    async with served(folder, url) as made:
        yield made


async def says_in_calendar(hub: Hub, who: str, to: Read, partstat: str) -> None:
    """Their calendar answers, signed by their domain."""
    person = hub.stage.people[who]
    said = Reply(to, person.address, partstat, datetime.now(UTC))
    signed = hub.stage.dkim[person.address.partition("@")[2]].sign(shapes.outlook(said))
    assert (await hub.stage.mail(person.address, said.organizer, signed)).startswith("250")


async def test_a_deputy_comes_with_an_entry_of_their_own_and_gives_it_back(hub: Hub) -> None:
    hub.stage.publish_dkim("probation.example")
    reference = await asked(hub, "probation")
    called = await hub.act(reference, "call", starts=in_days(2).isoformat(), subjects="s1", reason="an injury",
                           agencies=["probation", "police"])  # fmt: skip
    assert called.status_code == 200, called.text
    invited = await calendar_mail(hub, "probation", reference, "METHOD:REQUEST", "SEQUENCE:0")
    await away(hub, "probation", invited)

    entry = await calendar_mail(hub, "probation:deputy", reference, "METHOD:REQUEST", "SEQUENCE:0")
    assert "YOU STAND IN FOR YOUR AGENCY'S TEAM" in entry.text
    assert uid(entry) == uid(invited)
    assert entry.reply_to != invited.reply_to
    assert "mailto:deputy@probation.example" in entry.calendar.replace("\r\n ", "")
    await hub.letter("probation:deputy", "Called: ", reference)  # the papers, sealed

    await says_in_calendar(hub, "probation:deputy", entry, "ACCEPTED")
    story = await hub.until(reference, lambda s: seat(s, "probation")["attendance"] == "deputy")
    assert [r["deputy"] for r in seat(story, "probation")["history"]] == [True]
    out = await calendar_mail(hub, "probation", reference, "METHOD:CANCEL", "SEQUENCE:1")
    assert "STATUS:CANCELLED" not in out.calendar  # the meeting takes place (RFC 5546 3.2.5)
    assert "A deputy of your agency comes to this meeting in your place" in out.text
    assert out.subject.startswith("Not needed: ")

    # The team is back, and comes after all.
    await hub.says("probation", out, "ATTEND")
    await hub.until(reference, lambda s: seat(s, "probation")["attendance"] == "accepted")
    again = await calendar_mail(hub, "probation", reference, "METHOD:REQUEST", "SEQUENCE:6")
    assert uid(again) == uid(invited)
    released = await calendar_mail(hub, "probation:deputy", reference, "METHOD:CANCEL", "SEQUENCE:5")
    assert "You need not come" in released.text

    # And cannot after all: what is given again is newer by its number than what was struck out (RFC 5546 2.1.4).
    await hub.says("probation", again, "DEPUTY")
    back = await calendar_mail(hub, "probation:deputy", reference, "METHOD:REQUEST", "SEQUENCE:6")
    assert uid(back) == uid(entry)
    await says_in_calendar(hub, "probation:deputy", back, "DECLINED")
    story = await hub.until(reference, lambda s: seat(s, "probation")["attendance"] == "delegated")
    assert "no_deputy" in kinds(story, "d1/i1")
    page = (await (await at_the_desk(hub, "manager-1")).get(f"/desk/case/{reference}")).text
    assert "The deputy says: cannot come" in page
    for mail in (entry, out, again, released, back):
        assert not any(canary in mail.text + mail.calendar for canary in ("Canary", "Quillon"))


@pytest.mark.long
async def test_a_meeting_leaves_the_calendar_of_who_is_shut_out_and_nothing_follows(hub: Hub) -> None:
    reference = await hub.refer()
    called = await hub.act(reference, "call", starts=in_days(2).isoformat(), subjects="s1", reason="an injury",
                           agencies=["refuge", "police"])  # fmt: skip
    assert called.status_code == 200, called.text
    had = {who: await calendar_mail(hub, who, reference, "METHOD:REQUEST") for who in ("refuge", "police")}
    for kind, who in (("spoc", "refuge-duty"), ("agency", "police")):
        await hub.act(reference, "restrict", kind=kind, who=who, why="own_family", reason="his child")
    for who, entry in had.items():
        out = await calendar_mail(hub, who, reference, "METHOD:CANCEL", "SEQUENCE:1")
        assert uid(out) == uid(entry)
        assert "does not need you at this meeting" in out.text
        assert not any(word in out.text + out.calendar for word in ("STATUS:CANCELLED", "/attend/", "Quillon"))
    # The agency of the one is asked anew through others; of the other nobody is.
    await calendar_mail(hub, "refuge:deputy", reference, "METHOD:REQUEST", "SEQUENCE:2")
    await hub.letter("refuge:deputy", "Called: ", reference)
    story = await hub.until(reference, lambda s: "uninvited:d1/i2:0" in letters(s))
    assert "seat:d1/police" in {task["key"] for task in story["tasks"]}
    await hub.act(reference, "move", discussion="d1", starts=in_days(3).isoformat(), reason="a better day")
    await calendar_mail(hub, "refuge:deputy", reference, "METHOD:REQUEST", "SEQUENCE:5")
    await hub.act(reference, "cancel", discussion="d1", reason="not needed")
    await calendar_mail(hub, "refuge:deputy", reference, "METHOD:CANCEL", "SEQUENCE:6")
    for who in had:
        to = hub.stage.people[who].address
        methods = [
            m.content.count(b"METHOD:CANCEL") for m in hub.stage.relay.mails(to) if reference.encode() in m.content
        ]
        assert sum(map(bool, methods)) == 1, who
        assert methods[-1], who  # nothing after it
