"""Who answers at an agency, over real mail: leave, deputies, topics, and one person from whom a case is kept."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
import pytest_asyncio

from exchange.demo.stage import CommandFailed
from tests.journeys.peopled import (
    SOON,
    TODAY,
    YESTERDAY,
    address,
    asked,
    at_the_desk,
    away,
    deputy_says,
    kinds,
    leave,
    letters,
    served,
)
from tests.journeys.test_lateral_checks import Hub, leg

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


async def test_scenario_7_spoc_on_leave_the_deputy_at_once_then_the_wrong_agency(hub: Hub) -> None:
    reference = await asked(hub, "probation")
    packet = await hub.packet("probation", reference)
    before = await hub.story(reference)
    assert "in the place of" not in packet.text

    await away(hub, "probation", packet)
    sealed = await hub.packet("probation:deputy", reference)  # at once, and sealed as the first one was
    assert "in the place of Fakeshire probation’s team" in sealed.text
    assert "Quillon" in sealed.text + sealed.attachments["packet.json"].decode()
    assert sealed.reply_to == packet.reply_to
    story = await hub.story(reference)
    asked_leg = leg(story, "probation")
    assert asked_leg["acknowledgement"] == "awaited"  # a machine has acknowledged nothing
    assert "automatic_reply" in {stamp["code"] for stamp in asked_leg["evidence"]}
    assert asked_leg["deputy_asked_at"]
    assert (await hub.owed(reference)) & {("Fakeshire probation", "acknowledgement")}

    answer = "WRONG AGENCY\nNot known to probation, he is 15: please try youth justice.\n\n"
    answer += "Canary-note: a former officer remembers the name."
    await deputy_says(hub, "probation", sealed, answer)
    story = await hub.until(reference, lambda s: leg(s, "probation")["acknowledged_at"])
    wrong = leg(story, "probation")
    assert (wrong["response"], wrong["suggested"]) == ("wrong_agency", "youth_justice")
    acknowledged, opened = (datetime.fromisoformat(wrong[x]) for x in ("acknowledged_at", "opened_at"))
    assert acknowledged - opened < timedelta(minutes=40)
    assert wrong["acknowledged_at"] < wrong["acknowledge_due"]  # probation scores an acknowledgement, not "never"

    await hub.act(reference, "ask", agency="youth_justice", subjects="s1", reason="as they suggest",
                  instead_of=wrong["id"])  # fmt: skip
    fresh = await hub.packet("youth_justice", reference)
    whole = fresh.text + fresh.attachments["packet.json"].decode()
    assert "Quillon" in whole
    assert "Canary-note" not in whole
    assert "former officer" not in whole
    after = await hub.story(reference)
    for clock in ("received_at", "first_look_due"):  # unbroken from receipt
        assert after["case"][clock] == before["case"][clock]
    assert after["case"]["subjects"][0]["decide_due"] == before["case"]["subjects"][0]["decide_due"]
    assert not kinds(after, wrong["id"])
    shown = await hub.stage.command("show", reference)
    assert "Their deputy was asked" in shown
    await hub.nothing_told(reference)


@pytest.mark.long
async def test_the_first_answer_ends_it_for_all_and_a_deputy_who_is_away_too_is_rung(hub: Hub) -> None:
    reference = await asked(hub, "probation")
    packet = await hub.packet("probation", reference)
    await away(hub, "probation", packet)
    sealed = await hub.packet("probation:deputy", reference)
    await away(hub, "probation:deputy", sealed)
    await hub.says("probation", packet, "RECEIVED")
    story = await hub.until(reference, lambda s: leg(s, "probation")["acknowledged_at"])
    mine = leg(story, "probation")["id"]  # another agency's clock may run out meanwhile
    assert not kinds(story, mine)
    reminders = [x for x in story["letters"] if (x["letter"], x["about"]) == ("reminder", mine)]
    assert not [x for x in reminders if x["state"] in ("waiting", "kept")]


@pytest.mark.long
async def test_without_a_deputy_the_desk_rings(hub: Hub) -> None:
    reference = await asked(hub, "fostering")
    packet = await hub.packet("fostering", reference)
    await away(hub, "fostering", packet)
    story = await hub.until(reference, lambda s: "no_deputy" in kinds(s, leg(s, "fostering")["id"]))
    assert leg(story, "fostering")["acknowledgement"] == "awaited"
    desk = await at_the_desk(hub, "manager-1")
    page = (await desk.get(f"/desk/case/{reference}")).text
    assert "no deputy can be reached by mail" in page
    assert "01632 960160" in page
    work = (await desk.get("/desk")).text
    assert "or the deputy cannot come, and it has no lead" in work
    assert "Somebody fostering-duty" in page  # whose turn it is


@pytest.mark.long
async def test_leave_known_beforehand_sends_the_packet_to_the_deputy_from_the_start(hub: Hub) -> None:
    told = await hub.stage.command("leave", "add", "spoc", "housing-duty", "--until", SOON)
    assert "housing-duty is away" in told
    reference = await asked(hub, "housing")
    sealed = await hub.packet("housing:deputy", reference)
    assert "in the place of Fakeshire housing’s team" in sealed.text
    story = await hub.until(reference, lambda s: leg(s, "housing")["delivery"] == "accepted")
    asked_leg = leg(story, "housing")
    assert letters(story)[f"packet:{asked_leg['id']}"] == "housing-deputy"
    assert "kept:deputy" in {stamp["code"] for stamp in asked_leg["evidence"]}
    assert not hub.stage.relay.mails(address("housing", "duty"))
    desk = await at_the_desk(hub, "manager-1")
    assert "to its deputy" in (await desk.get(f"/desk/case/{reference}")).text
    listed = json.loads(await hub.stage.command("leave", "list", "--json"))
    (one,) = [x for x in listed if x["who"] == "housing-duty"]
    await hub.stage.command("leave", "end", one["id"])
    again = await asked(hub, "housing")
    assert "in the place of" not in (await hub.packet("housing", again)).text
    log = await hub.stage.command("audit", "log", "directory")
    assert "LeaveAdded" in log
    assert "LeaveEnded" in log
    assert "Somebody" not in log


@pytest.mark.long
async def test_a_topic_has_its_own_mailbox_and_its_champion_stands_beside_the_leg(hub: Hub) -> None:
    reference = await asked(hub, "charity", cohort="exploitation")
    await hub.packet("charity:streets", reference)
    assert not hub.stage.relay.mails(address("charity", "duty"))
    desk = await at_the_desk(hub, "manager-1")
    page = (await desk.get(f"/desk/case/{reference}")).text
    assert "Somebody charity-streets" in page
    assert "01632 960171" in page


@pytest.mark.long
async def test_a_spoc_who_must_not_see_it_is_passed_over_even_as_cover_for_a_colleague(hub: Hub) -> None:
    reference = await hub.refer()
    refused = await hub.act(reference, "restrict", kind="spoc", who="nobody", why="own_family", reason="his child")
    assert "No SPOC “nobody”" in refused.text
    ended = await leave(hub, "refuge-deputy", covered_by="refuge-duty")
    done = await hub.act(reference, "restrict", kind="spoc", who="refuge-duty", why="own_family", reason="his child")
    assert done.status_code == 200, done.text
    await hub.act(reference, "ask", agency="refuge", subjects="s1", reason="they may know the family")
    sealed = await hub.packet("refuge:lead", reference)
    assert "Quillon" in sealed.text + sealed.attachments["packet.json"].decode()
    for name in ("duty", "deputy"):
        assert not hub.stage.relay.mails(address("refuge", name))
    await hub.api.post(f"/leave/{ended}/end", json={})
    # Other cases go to the team as ever.
    await hub.packet("refuge", await asked(hub, "refuge"))


@pytest.mark.long
async def test_without_another_mailbox_a_person_chooses_whom_to_ask_and_what_they_have_is_recalled(hub: Hub) -> None:
    reference = await hub.refer()
    await hub.act(reference, "restrict", kind="spoc", who="fostering-duty", why="own_family", reason="his child")
    await hub.act(reference, "ask", agency="fostering", subjects="s1", reason="they may know the family")
    story = await hub.until(reference, lambda s: "another_recipient" in kinds(s, "fostering"))
    assert leg(story, "fostering")["delivery"] == "held"
    assert "telephone_agency" not in kinds(story, leg(story, "fostering")["id"])
    later = await asked(hub, "fostering")
    await hub.packet("fostering", later)
    await hub.until(later, lambda s: leg(s, "fostering")["delivery"] == "accepted")
    await hub.act(later, "restrict", kind="spoc", who="fostering-duty", why="own_family", reason="his child")
    told = await hub.story(later)
    assert "shut_out_holds" in kinds(told, leg(told, "fostering")["id"])
    await hub.act(later, "recall", leg=leg(told, "fostering")["id"], reason="he must not have it")
    await hub.letter("fostering", later, "delete")  # the one letter that still goes there


@pytest.mark.long
async def test_whoever_covers_has_the_roles_of_both_and_sees_nothing_that_is_kept_from_either(
    hub: Hub,
) -> None:
    reference, kept = await hub.refer(), await hub.refer()
    await hub.act(kept, "restrict", kind="staff", who="manager-1", why="conflict", reason="knows them")
    officer = await at_the_desk(hub, "officer-1")
    assert "Lift" not in (await officer.get("/desk")).text
    assert (await officer.get(f"/desk/case/{kept}")).status == 200
    one = await leave(hub, "manager-1", kind="staff", covered_by="officer-1")
    assert "Somebody of the hub is on leave" in (await officer.get("/desk/directory")).text  # a manager's to say
    assert (await officer.get(f"/desk/case/{reference}")).status == 200
    assert (await officer.get(f"/desk/case/{kept}")).status == 404
    log = await hub.stage.command("audit", "log", "access")
    assert "officer-1  Denied" in log
    await hub.api.post(f"/leave/{one}/end", json={})
    assert "Somebody of the hub is on leave" not in (await officer.get("/desk/directory")).text
    assert (await officer.get(f"/desk/case/{kept}")).status == 200


@pytest.mark.long
async def test_nobody_gives_themselves_cover_and_leave_that_cannot_be_is_refused_in_words(hub: Hub) -> None:
    for given, told in (
        ({"who": "nobody"}, "No SPOC “nobody”"),
        ({"covered_by": "nobody"}, "No SPOC"),
        ({"covered_by": "youth-duty"}, "of another agency"),
        ({"covered_by": "charity-duty", "who": "charity-duty"}, "Nobody covers for themselves"),
        ({"until": YESTERDAY}, "Write the last day"),
        ({"until": "2099-01-01"}, "more than a year"),
        ({"until": ""}, "Write the last day"),
        ({"kind": "staff", "who": "nobody"}, "Nobody signs in here"),
        ({"kind": "bird"}, "Choose the kind"),
    ):
        got = await hub.api.post("/leave", json={"kind": "spoc", "who": "charity-duty", "until": SOON, **given})
        assert got.status_code == 400, (given, got.text)
        assert told in got.json()["detail"], (given, got.text)
    assert (await hub.api.post("/leave/nothing/end", json={})).status_code == 404
    one = await leave(hub, "charity-duty", since=SOON)
    twice = await hub.api.post("/leave", json={"kind": "spoc", "who": "charity-duty", "until": SOON})
    assert "away from" in twice.json()["detail"]
    by_the_absent = {"kind": "spoc", "who": "charity-streets", "covered_by": "charity-duty", "until": SOON}
    assert "charity-duty is away too" in (await hub.api.post("/leave", json=by_the_absent)).json()["detail"].lower()
    # The other way round too: somebody covers already for a colleague, and would be away in the same days.
    gone = await leave(hub, "housing-duty", since=SOON, covered_by="housing-deputy")
    cover = {"kind": "spoc", "who": "housing-deputy", "until": str(TODAY + timedelta(days=9))}
    refused = await hub.api.post("/leave", json=cover)
    assert refused.status_code == 400
    assert "housing-deputy covers for housing-duty, who is away from" in refused.json()["detail"].lower()
    with pytest.raises(CommandFailed, match="covered by somebody else or by nobody"):
        await hub.stage.command("leave", "add", "spoc", "housing-deputy", "--until", SOON)
    before = await leave(hub, "housing-deputy", until=str(TODAY))  # of other days
    for ended in (gone, before):
        assert (await hub.api.post(f"/leave/{ended}/end", json={})).status_code == 200
    wrong = await hub.api.post(f"/leave/{one}/end", json={"back": YESTERDAY})
    assert "the day they are back" in wrong.json()["detail"]
    assert "never taken" in await hub.stage.command("leave", "end", one)
    with pytest.raises(CommandFailed, match="no leave of this id"):
        await hub.stage.command("leave", "end", one)
    desk = await at_the_desk(hub, "manager-1")
    given = {"kind": "staff", "who": "officer-1", "covered_by": "manager-1", "until": SOON}
    page = await desk.submit(await desk.get("/desk/directory"), "/desk/directory/leave", **given)
    assert page.status == 400
    assert "You would give yourself their roles" in page.text


@pytest.mark.long
async def test_too_few_staff_are_said_by_the_command_the_page_and_the_desk(hub: Hub) -> None:
    rows = json.loads(await hub.stage.command("cover", "--json"))
    assert {(r["role"], r["least"], r["there"]) for r in rows} == {("screening_officer", 2, 1)}
    one = await leave(hub, "manager-1", kind="staff", covered_by="officer-1")
    few = (await hub.api.get("/cover")).json()["cover"]
    assert str(TODAY + timedelta(days=10)) not in {r["day"] for r in few if r["role"] == "hub_manager"}
    assert "hub_manager" in {r["role"] for r in few}  # whoever covers adds no hands
    desk = await at_the_desk(hub, "officer-1")
    for page in ("/desk", "/desk/directory"):
        assert "Too few staff" in (await desk.get(page)).text
    await hub.api.post(f"/leave/{one}/end", json={})
    log = (hub.stage.folder / "serve.log").read_text()
    assert "too few staff" in log
    assert "the vetting has ended" in log
    page = (await desk.get("/desk/directory")).text
    assert "vetting ended" in page


@pytest.mark.long
async def test_the_directory_shows_who_answers_now(hub: Hub) -> None:
    told = (await hub.api.get("/directory")).json()["directory"]
    (charity,) = [a for a in told if a["agency"] == "charity"]
    assert [m["answers_now"] for m in charity["mailboxes"]] == [["charity-duty"], ["charity-streets"]]
    assert charity["keys"][0]["use"] == "sealed to"
    one = await leave(hub, "housing-duty", covered_by="housing-deputy")
    (housing,) = [a for a in (await hub.api.get("/directory")).json()["directory"] if a["agency"] == "housing"]
    team = housing["mailboxes"][0]
    assert (team["away"], team["instead"], team["people"][0]["on_leave_until"]) == (True, "housing-deputy", SOON)
    desk = await at_the_desk(hub, "officer-1")
    page = (await desk.get("/desk/directory")).text
    for words in ("All on leave", "Packets go to housing-deputy", "Somebody housing-deputy", "01632 960170"):
        assert words in page, words
    await hub.api.post(f"/leave/{one}/end", json={})
