"""What health tells is shut to most until its owner releases it, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from exchange import blockers, content
from exchange.case.acknowledgement import Answer, Proof
from exchange.case.action import ActionReplyUnclear, ActionSet
from exchange.case.agreement import Agreement
from exchange.case.effect import Letter
from exchange.case.event import (
    Answered,
    AnswerUnclear,
    ContactReceived,
    DiscussionCalled,
    DiscussionHeld,
    Event,
)
from exchange.case.feedback import ReferrerClass
from exchange.case.mailbox import Directory
from exchange.case.product import (
    OwnerAnswered,
    ProductDrafted,
    ProductReplyUnclear,
    ReleaseAsked,
    ReleaseOverridden,
)
from exchange.case.record import Information, Minutes, RecordWritten, Release
from exchange.case.referral import SubjectCodes
from exchange.case.rules import Rules
from exchange.case.state import Case, ReferrerCodes
from exchange.case.step import CannotHappen
from exchange.compartments import OpenedFor, is_shut_mail, opened_for, shut_records
from exchange.desk import Desk
from exchange.desk.given import Given
from exchange.desk.recording import minute
from exchange.hub import Hub
from exchange.hubs import canonical, loader
from exchange.policy import Role, Viewer
from exchange.safe import Safe
from exchange.store import casebook, profiles, tasks
from exchange.store.database import KEYS, Database
from keys.vault import generate_master
from tests.case.stories import NOW, at

OFFICER = Viewer("officer-1", frozenset({Role.SCREENING_OFFICER}))
AUDITOR = Viewer("auditor-1", frozenset({Role.AUDITOR}))
NURSE = Viewer("nurse-1", frozenset({Role.HEALTH_NAVIGATOR}))
MANAGER = Viewer("manager-1", frozenset({Role.DECISION_MANAGER}))
RULES = loader.read(loader.packaged("demo")).rules


class _Still:
    """A clock that shows one moment."""

    def now(self) -> datetime:
        """That moment."""
        return at(600)


@pytest.fixture
async def hub(database: Database, tmp_path: Path) -> AsyncIterator[Hub]:
    """A hub with the demo's rules and a case c1 about one child."""
    keystore = Database(f"sqlite+aiosqlite:///{tmp_path}/keys.db", KEYS)
    await keystore.open()
    private, public = generate_master()
    made = Hub("fakeshire", database, Safe(keystore, "fakeshire", _Still(), public, private), _Still())
    text = canonical.canonical_rules(RULES).encode()
    async with database.transaction(made.scope()) as tx:
        rules = await profiles.put(tx, "rules", text, text, NOW)
    child = (SubjectCodes("s1", "child", "school", fields=("given_name",)),)
    referrer = ReferrerCodes(ReferrerClass.PROFESSIONAL, "2A")
    await tell(made, ContactReceived(
        NOW, "c1", "fakeshire", "MASH-7K2F-9QXD", rules, "web", True, referrer, child, ("s1.given_name",)
    ))  # fmt: skip
    yield made
    await keystore.close()


async def tell(hub: Hub, event: Event, **parts: str) -> Case:
    """It happens, with its words."""
    named = {name.replace("__", ":").replace("_of_", "/"): text.encode() for name, text in parts.items()}
    return (await hub.record("c1", event, hub.chance.id(), named)).case


def leg_of(case: Case, agency: str) -> str:
    """The agency's leg."""
    return next(leg.id for leg in case.legs if leg.agency == agency)


async def opened(hub: Hub, viewer: Viewer) -> OpenedFor:
    """What the viewer may read."""
    async with hub.database.reading(hub.scope()) as tx:
        case = await casebook.load(tx, "c1")
        return await opened_for(hub, tx, case, await casebook.rules_of(tx, case), viewer)


async def read(hub: Hub, viewer: Viewer) -> set[str]:
    """The texts that the viewer may read."""
    return {plain.decode() for _, name, plain in (await opened(hub, viewer)).bodies if name != content.MAIL}


async def health_tells(hub: Hub, released: bool = False) -> Case:
    """The trust tells something by mail m1, and something that nobody can prove by mail m2; police tell too."""
    async with hub.database.reading(hub.scope()) as tx:
        case = await casebook.load(tx, "c1")
    leg = leg_of(case, "health")
    await tell(hub, Answered(at(5), "health", leg, Answer.INFORMATION, Proof.DKIM, "mail", contribution="m1",
                             released=released), contribution__m1="ward 7", mail='{"inbox": "m1"}')  # fmt: skip
    await tell(hub, AnswerUnclear(at(6), leg, "unproved"), words="perhaps ward 8", mail='{"inbox": "m2"}')
    police = leg_of(case, "police")
    await tell(hub, AnswerUnclear(at(7), police, "unproved"), words="perhaps cautioned", mail='{"inbox": "m3"}')
    return await tell(hub, Answered(at(8), "police", police, Answer.INFORMATION, Proof.DKIM, "mail",
                                    contribution="m4"), contribution__m4="cautioned")  # fmt: skip


async def product_drafted(hub: Hub) -> None:
    """A version that rests on health and police."""
    rests = (("w1", "m1"), ("w2", "m4"))
    await tell(hub, ProductDrafted(at(20), "nurse-1", "p1", "v1", ("s1",), ("social_care",), rests),
               product__p1_of_w1="a concern", product__p1_of_w2="known", product__p1_of_v1="together")  # fmt: skip
    await tell(hub, ReleaseAsked(at(21), "nurse-1", "p1"))


async def test_before_release_health_is_read_by_its_navigator_and_deciding_managers_only(hub: Hub) -> None:
    await health_tells(hub)
    whole = {"ward 7", "perhaps ward 8", "perhaps cautioned", "cautioned"}
    assert await read(hub, NURSE) == await read(hub, MANAGER) == whole
    assert await read(hub, OFFICER) == await read(hub, AUDITOR) == {"perhaps cautioned", "cautioned"}
    found = await opened(hub, OFFICER)
    assert found.shut == {"m1"}
    assert len(found.events) == 2
    assert "ward" not in repr(found)


async def test_the_mail_itself_is_shut_with_what_stands_in_it(hub: Hub) -> None:
    case, rules = await health_tells(hub), RULES
    async with hub.database.reading(hub.scope()) as tx:
        shut = {
            (viewer.id, mail): await is_shut_mail(hub, tx, case, rules, viewer, mail)
            for viewer in (OFFICER, NURSE)
            for mail in ("m1", "m2", "m3", "m9")
        }
    assert {of for of, is_shut in shut.items() if is_shut} == {("officer-1", "m1"), ("officer-1", "m2")}


async def test_words_drawn_from_it_and_what_its_owner_says_of_them_are_shut_until_they_may_leave(hub: Hub) -> None:
    await health_tells(hub)
    await product_drafted(hub)
    await tell(hub, ProductReplyUnclear(at(30), "p1/w1", "unclear"), words="not the ward")
    await tell(hub, ProductReplyUnclear(at(30), "x9", "unclear"), words="about nothing")
    drawn = {"a concern", "together", "not the ward", "we agree"}
    assert await read(hub, OFFICER) & drawn == set()
    assert "known" in await read(hub, OFFICER)
    await tell(hub, OwnerAnswered(at(40), "health", "p1", "w1", True, Proof.DKIM, "mail"), words="we agree")
    assert drawn <= await read(hub, NURSE)
    assert await read(hub, OFFICER) & drawn == {"a concern", "together"}  # the words may leave; the ward may not
    assert "ward 7" not in await read(hub, OFFICER)


async def test_an_override_lets_a_passage_leave_and_opens_nothing_it_rests_on(hub: Hub) -> None:
    await health_tells(hub)
    await product_drafted(hub)
    await tell(hub, OwnerAnswered(at(40), "health", "p1", "w1", False, Proof.DKIM, "mail"), words="no")
    assert "ward 7" not in await read(hub, OFFICER)
    await tell(hub, ReleaseOverridden(at(50), "manager-1", "p1", "w1"))
    assert "a concern" in await read(hub, OFFICER)
    assert not {"ward 7", "no"} & set(await read(hub, OFFICER))


async def test_what_its_owner_released_is_read_by_all_who_read_content(hub: Hub) -> None:
    await health_tells(hub, released=True)
    assert "ward 7" in await read(hub, OFFICER)


async def test_a_blocker_is_raised_once_an_agency_and_lifted_by_the_agreement(hub: Hub) -> None:
    rules: Rules = RULES
    day = blockers.today(rules, at(600))
    listed = Directory((), (Agreement("isa", "ISA", ("police",), day),))
    for letter in (Letter.PACKET, Letter.PRODUCT, Letter.REMINDER):
        for agency in ("health", "police", ""):
            await blockers.told(hub, listed, rules, letter, agency)
            await blockers.told(hub, Directory(()), rules, letter, agency)
    async with hub.database.transaction(hub.scope()) as tx:
        raised = await tasks.pending(tx, "")
        assert [(t.kind, t.about, t.pressed) for t in raised] == [("agreement", "health", 0)]
        await blockers.lift(tx, listed, day, at(601))
        assert len(await tasks.pending(tx, "")) == 1
        both = Directory((), (Agreement("isa", "ISA", ("police", "health"), day),))
        await blockers.lift(tx, both, day, at(602))
        assert not await tasks.pending(tx, "")


async def test_a_blocker_that_cannot_be_raised_stops_nothing(hub: Hub, tmp_path: Path) -> None:
    day = blockers.today(RULES, at(600))
    listed = Directory((), (Agreement("isa", "ISA", ("police",), day),))
    closed = Database(f"sqlite+aiosqlite:///{tmp_path}/nowhere/at/all.db")
    broken = Hub("fakeshire", closed, hub.safe, hub.clock)
    await blockers.told(broken, listed, RULES, Letter.PACKET, "health")


async def test_what_health_told_a_discussion_for_the_hub_alone_is_for_its_writer_and_who_approves(hub: Hub) -> None:
    told = (
        Information("n1", "health", ("s1",), Release.HUB_ONLY),
        Information("n2", "health", ("s1",), Release.ALL_INVITED),
        Information("n3", "police", ("s1",), Release.HUB_ONLY),
    )
    await tell(hub, DiscussionCalled(at(10), "manager-1", "d1", at(20), ("s1",), ("health", "police")))
    await tell(hub, DiscussionHeld(at(30), "manager-1", "d1", ("health", "police")))
    minutes = Minutes(at(20), at(25), "video", information=told)
    words = {content.of_record("d1", "v1", n.id).replace(":", "__").replace("/", "_of_"): n.id for n in told}
    case = await tell(hub, RecordWritten(at(40), "clerk-1", "d1", "v1", minutes), **words)
    clerk = Viewer("clerk-1", frozenset({Role.SCREENING_OFFICER}))
    chair = Viewer("chair-1", frozenset({Role.CHAIR}))
    for viewer, read in ((OFFICER, {"n2", "n3"}), (AUDITOR, {"n2", "n3"}), (clerk, {"n1", "n2", "n3"}),
                         (chair, {"n1", "n2", "n3"}), (NURSE, {"n1", "n2", "n3"})):  # fmt: skip
        async with hub.database.reading(hub.scope(viewer)) as tx:
            opened = await opened_for(hub, tx, case, RULES, viewer)
        assert {p.decode() for _, n, p in opened.bodies if n.startswith(content.RECORD_INFORMATION)} == read
        assert bool(shut_records(case, RULES, viewer)) is ("n1" not in read)
        desk = Desk(hub, viewer)
        given = {"discussion": ("d1",), "started": ("2026-11-24T10:00Z",), "ended": ("2026-11-24T10:30Z",)}
        if "n1" not in read and viewer is OFFICER:
            with pytest.raises(CannotHappen, match="part of it is kept from you"):
                await minute(desk, "c1", Given({**given, "mode": ("video",)}), "again")


async def test_what_health_says_unclearly_of_its_action_is_shut_like_its_other_unclear_words(hub: Hub) -> None:
    for name, owner in (("a1", "health"), ("a2", "police")):
        await tell(hub, ActionSet(at(10), "manager-1", name, owner, ("s1",), at(900)))
        case = await tell(hub, ActionReplyUnclear(at(20), name, "unclear"), words=f"said of {name}")
    async with hub.database.reading(hub.scope(OFFICER)) as tx:
        opened = await opened_for(hub, tx, case, RULES, OFFICER)
    assert [p.decode() for _, n, p in opened.bodies if n == content.WORDS] == ["said of a2"]
