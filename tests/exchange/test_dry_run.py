"""A dry run says what a real case would do: the same agencies, subjects and answers; and it keeps nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from exchange import dry_run
from exchange.case.feedback import ReferrerClass
from exchange.case.referral import read
from exchange.case.restriction import Kind, Restricted, Why
from exchange.contacting import Contact, lodge, referrer_from
from exchange.dry_run import DryRun, Imagined
from exchange.hub import Hub
from exchange.keyroom import Keyroom, SmimeHome
from exchange.policy import Role, Viewer
from exchange.store import casebook, schema
from exchange.store.database import Database
from tests.desk.stands import NOW, HandClock, hub_of, with_directory
from tests.keys import gpg_command

EVE = Viewer("auditor-1", frozenset({Role.AUDITOR}))
SIBLINGS: dict[str, Any] = {
    "form": "child",
    "referrer": {"name": "Pat Placeholder", "source": "2A"},
    "concern": {"what_happened": "worry"},
    "subjects": [
        {"given_name": "Mina", "date_of_birth": "2016-05-05", "school": "Madeup Primary", "address_protected": "yes",
         "postcode": "ZZ99 3WZ"},
        {"given_name": "Bo", "date_of_birth": "2025-05-05"},
    ],
}  # fmt: skip


@pytest.fixture
async def by(database: Database, tmp_path: Path) -> AsyncIterator[DryRun]:
    with gpg_command.new_home() as home:
        keyroom = Keyroom(home / "hub", "", "", SmimeHome(home / "smime", "word"))
        async with hub_of(database, tmp_path, HandClock(NOW)) as hub:
            await with_directory(hub)
            yield DryRun(hub, keyroom, EVE)
        await keyroom.close()


async def rows(hub: Hub) -> list[int]:
    """How many rows each table has."""
    async with hub.database.reading(hub.scope()) as tx:
        tables = schema.metadata.sorted_tables
        return [(await tx.run(select(func.count()).select_from(t))).scalar_one() for t in tables]


async def test_a_real_case_goes_where_the_dry_run_said(by: DryRun) -> None:
    referral = read(SIBLINGS)
    lodged = await lodge(by.hub, Contact("web", True, referrer_from(referral), referral), "web:1")
    case = lodged.recorded.case
    before = await rows(by.hub)
    found = await by.run(await by.case(case.reference))
    assert await rows(by.hub) == before
    assert [(a.leg.agency, a.leg.subjects, a.leg.manifest, a.leg.kept_back) for a in found.asked] == [
        (leg.agency, leg.subjects, leg.manifest, leg.kept_back) for leg in case.legs
    ]
    assert {a.held for a in found.asked} == {"no_key"}  # nobody has a key here
    assert "no row names it" in dict(found.not_asked)["madeup-surgery"]
    told = "\n".join(dry_run.lines(found))
    assert "HELD: no certificate is in use" in told
    assert "Mina" not in told


async def test_whom_a_case_is_kept_from_is_neither_asked_nor_told(by: DryRun) -> None:
    referral = read(SIBLINGS)
    lodged = await lodge(by.hub, Contact("web", True, referrer_from(referral), referral), "web:1")
    event = Restricted(NOW, "manager-1", Kind.AGENCY, "education", Why.STAFF_MEMBER)
    await by.hub.record(lodged.case_id, event, "r1")
    found = await by.run(await by.case(lodged.reference))
    assert dict(found.not_asked)["education"] == "it must not see the case"
    shut = Restricted(NOW, "manager-1", Kind.STAFF, EVE.id, Why.STAFF_MEMBER)
    await by.hub.record(lodged.case_id, shut, "r2")
    with pytest.raises(casebook.NoSuchCase):
        await by.case(lodged.reference)


async def test_what_waits_for_a_person_is_told(by: DryRun) -> None:
    people = dry_run.subjects("adult", ("adult",), refuses=True)
    found = await by.run(Imagined(people))
    assert [t.kind for t in found.held] == ["refusal"]
    assert dict(found.not_asked)["social_care"] == "an adult with capacity refuses"
    posing = await by.run(Imagined(tuple(replace(s, role="poses_risk", refuses=False) for s in people), "red"))
    assert [t.kind for t in posing.held] == ["no_route"]
    assert dry_run.lines(posing)
    assert "decision" in (await by.run(Imagined(people))).told
    assert "decision" not in (await by.run(Imagined(people, referrer=ReferrerClass.PUBLIC))).told
