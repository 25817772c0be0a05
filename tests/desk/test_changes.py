"""Changes of the hub file: seen before they hold, by two people where somebody else would be written to (T11)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from exchange.case.mailbox import Mailbox
from exchange.desk.changes import Changes, NoSuchChange
from exchange.desk.given import Unfit
from exchange.hub_file import HubFiles, Overtaken
from exchange.hubs import loader
from exchange.hubs.refusal import HubError, HubFileRefused
from exchange.policy import OPERATOR, Forbidden, Role, Viewer
from exchange.store import journal, tasks
from exchange.store.database import Database
from tests.desk.stands import NOW, HandClock, hub_of, with_directory

ADA = Viewer("admin-1", frozenset({Role.HUB_ADMINISTRATOR}))
BEN = Viewer("manager-1", frozenset({Role.HUB_MANAGER}))
EVE = Viewer("auditor-1", frozenset({Role.AUDITOR}))
DEMO = loader.packaged("demo")
HOURS = DEMO.replace('hours = "always"', 'hours = { mon = "09:00-17:00" }')
NUMBER = DEMO.replace("01632 960110", "01632 960119")
REMARK = DEMO + "\n# looked at in November\n"


@pytest.fixture
async def files(database: Database, tmp_path: Path) -> AsyncIterator[HubFiles]:
    async with hub_of(database, tmp_path, HandClock(NOW)) as hub:
        await with_directory(hub)
        found = HubFiles(hub, timedelta(hours=24))
        await found.apply(DEMO, OPERATOR)
        yield found


async def mailbox(files: HubFiles) -> Mailbox:
    async with files.hub.database.reading(files.hub.scope()) as tx:
        return next(m for m in (await files.hub.filed(tx)).mailboxes if m.id == "police-1")


async def todo(files: HubFiles) -> list[tuple[str, str]]:
    """What those who may look at it see that they are to do; others do not."""
    officer = Viewer("officer-1", frozenset({Role.SCREENING_OFFICER}))
    found = []
    for viewer in (BEN, officer):
        async with files.hub.database.reading(files.hub.scope(viewer)) as tx:
            found.append([(t.kind, t.about) for t in await tasks.pending(tx, "")])
    assert "hub_file" not in [kind for kind, _ in found[1]]
    return found[0]


async def said(files: HubFiles) -> list[tuple[str, str]]:
    async with files.hub.database.reading(files.hub.scope()) as tx:
        return [(line.kind, line.by) for line in await journal.lines(tx, journal.DIRECTORY)]


async def test_one_person_changes_the_hours_and_sees_before_what_follows(files: HubFiles) -> None:
    ada = Changes(files, ADA)
    base, text = await ada.in_force()
    assert text == DEMO
    made = await ada.propose(HOURS, base)
    seen = await ada.look(made)
    assert "~ hours mon always -> 09:00-17:00" in seen.lines
    assert (seen.two, seen.mine, seen.may_be_applied) == (False, True, True)
    assert (await files.hub.rules())[1].calendar.hours[1] is not None  # nothing has changed yet
    await ada.apply(made)
    assert (await files.hub.rules())[1].calendar.hours[1] is None
    assert (await ada.in_force())[1] == HOURS
    assert not (await ada.look(made)).waits
    assert not await ada.waiting()
    assert [line for line in await said(files) if line[1] == "admin-1"] == [
        ("HubFileProposed", "admin-1"), ("ProfileApplied", "admin-1"), ("HubFileKept", "admin-1"),
    ]  # fmt: skip
    (applied, _) = [x for x in await ada.history() if x.by == "admin-1" and x.kind != "HubFileProposed"][::-1]
    assert (applied.facts["proposal"], applied.facts["proposed_by"]) == (made, "admin-1")


async def test_another_number_to_ring_takes_two(files: HubFiles) -> None:
    ada, ben = Changes(files, ADA), Changes(files, BEN)
    base, _ = await ada.in_force()
    made = await ada.propose(NUMBER, base)
    assert await todo(files) == [("hub_file", made)]
    with pytest.raises(Unfit, match="somebody else must apply it"):
        await ada.apply(made)
    assert (await mailbox(files)).telephone == "01632 960110"
    seen = await ben.look(made)
    assert (seen.two, seen.mine, seen.may_be_applied) == (True, False, True)
    await ben.apply(made)
    assert (await mailbox(files)).telephone == "01632 960119"
    assert ("MailboxChanged", "manager-1") in await said(files)
    assert not [kind for kind, _ in await todo(files) if kind == "hub_file"]
    with pytest.raises(Overtaken):
        await ben.apply(made)
    with pytest.raises(Unfit, match="already"):
        await ada.withdraw(made)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("safeguarding@police.example", "other@police.example"),
        ('transports = ["openpgp"]', 'transports = ["openpgp", "tls"]'),
        ('parts = ["identity", "health", "concern"]', 'parts = "all"'),
        ('domains = ["police.example"] ', 'domains = ["police.example", "fakeshire.example"] '),
        ('duty_telephone = "01632 960199"', 'duty_telephone = "01632 960188"'),
        ('telephone = "01632 960100"', 'telephone = "01632 960188"'),
        ('name = "Fakeshire MASH"', 'name = "Fakeshire Front Door"'),
    ],
)
async def test_whom_something_is_sent_to_and_whom_people_ring_takes_two(files: HubFiles, old: str, new: str) -> None:
    ada = Changes(files, ADA)
    base, _ = await ada.in_force()
    assert (await ada.look(await ada.propose(DEMO.replace(old, new, 1), base))).two


async def test_what_the_hub_adds_to_its_letters_takes_two(files: HubFiles) -> None:
    ada = Changes(files, ADA)
    base, _ = await ada.in_force()
    words = '\n[letters.packet]\nclosing = "Ring 01632 960188."\n'
    assert (await ada.look(await ada.propose(DEMO + words, base))).two


async def test_a_change_warns_of_what_it_does_itself_and_not_of_what_was_so_before(files: HubFiles) -> None:
    """A mailbox at which nobody would get a code: said of the change that makes it so, and of no other."""
    ada, shut = Changes(files, ADA), DEMO.replace('transports = ["openpgp"]', 'transports = ["pickup"]', 1)
    base, _ = await ada.in_force()
    seen = await ada.look(await ada.propose(shut, base))
    assert [line for line in seen.lost if "would get a one-time code" in line]
    await files.apply(shut, OPERATOR)
    base, _ = await ada.in_force()
    assert not (await ada.look(await ada.propose(shut.replace("01632 960130", "01632 960139"), base))).lost


async def test_who_is_second_is_told_and_loses_nothing(files: HubFiles) -> None:
    ada, ben = Changes(files, ADA), Changes(files, BEN)
    base, _ = await ada.in_force()
    hers, his = await ada.propose(NUMBER, base), await ben.propose(HOURS, base)
    await ben.apply(his)
    seen = await ben.look(hers)
    assert "Somebody else has changed the hub file" in seen.refused
    assert seen.text == NUMBER
    assert not seen.may_be_applied
    with pytest.raises(Overtaken):
        await ben.apply(hers)
    with pytest.raises(Overtaken):
        await ada.propose(REMARK, base)
    assert (await mailbox(files)).telephone == "01632 960110"
    await ada.withdraw(hers)
    assert not await todo(files)
    assert not await ben.waiting()
    assert ("HubFileWithdrawn", "admin-1") in await said(files)


async def test_what_cannot_be_used_is_refused_at_once_and_nothing_waits(files: HubFiles) -> None:
    ada = Changes(files, ADA)
    base, _ = await ada.in_force()
    with pytest.raises(HubFileRefused, match="line "):
        await ada.propose(DEMO.replace("01632 960110", "no number"), base)
    with pytest.raises(HubError, match="cover"):
        await ada.propose(DEMO + "\n[cover]\npope = 1\n", base)
    with pytest.raises(Unfit, match="changes nothing"):
        await ada.propose(DEMO, base)
    with pytest.raises(Unfit, match="too long"):
        await ada.propose("#" * 200_001, base)
    assert not await ada.waiting()


async def test_a_remark_is_kept_and_changes_nothing(files: HubFiles) -> None:
    ada = Changes(files, ADA)
    base, _ = await ada.in_force()
    made = await ada.propose(REMARK, base)
    assert (await ada.look(made)).lines == ()
    await ada.apply(made)
    assert (await ada.in_force())[1] == REMARK
    assert [kind for kind, by in await said(files) if by == "admin-1"] == ["HubFileProposed", "HubFileKept"]


async def test_the_auditor_sees_and_changes_nothing_and_others_do_not_see(files: HubFiles) -> None:
    base, _ = await Changes(files, EVE).in_force()
    made = await Changes(files, ADA).propose(HOURS, base)
    assert (await Changes(files, EVE).look(made)).lines
    officer = Changes(files, Viewer("officer-1", frozenset({Role.SCREENING_OFFICER})))
    for refused in (Changes(files, EVE).apply(made), Changes(files, EVE).propose(NUMBER, base),
                    Changes(files, EVE).withdraw(made), officer.look(made), officer.in_force(),
                    officer.waiting(), officer.history()):  # fmt: skip
        with pytest.raises(Forbidden):
            await refused
    with pytest.raises(NoSuchChange):
        await Changes(files, ADA).look("nothing")
