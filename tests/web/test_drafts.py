"""Drafts: how long a browser opens one, how long a code does, and that nobody else can. On both engines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import pytest_asyncio
from fastapi import Request, Response
from sqlalchemy import text

from exchange.attachments import Taken
from exchange.case.attachment import FileKind
from exchange.case.journeys import Journey
from exchange.store.database import Database
from exchange.web import drafts
from exchange.web.context import Site
from exchange.web.drafts import Draft, NoDraft
from tests.desk.stands import NOW, HandClock, hub_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest_asyncio.fixture
async def site(database_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """The pages of a hub whose clock is set by hand."""
    database = Database(database_url)
    await database.open()
    async with hub_of(database, tmp_path, HandClock(NOW)) as hub:
        unused = cast(Any, None)
        settings = cast(Any, SimpleNamespace(base_url="http://127.0.0.1"))
        yield Site(hub, unused, settings, unused, b"secret")
    await database.close()


def wait(site: Site, how_long: timedelta) -> None:
    cast(HandClock, site.hub.clock).at += how_long


def browser(response: Response) -> Request:
    """The browser that got this answer, asking again."""
    cookie = response.headers["set-cookie"].partition(";")[0]
    return Request({"type": "http", "headers": [(b"cookie", cookie.encode())]})


async def written(site: Site) -> tuple[Draft, Request]:
    draft = await drafts.begin(site, "child", Journey.WORK)
    draft.subjects[0]["given_name"] = "Canary"
    response = Response()
    await drafts.save(site, response, draft)
    return draft, browser(response)


async def test_a_browser_opens_it_for_two_hours_after_the_last_answer(site: Site) -> None:
    draft, mine = await written(site)
    wait(site, 2 * HOUR - timedelta(minutes=1))
    assert (await drafts.load(site, mine)).subjects == draft.subjects
    await drafts.save(site, Response(), draft)
    wait(site, HOUR)
    assert (await drafts.load(site, mine)).once == draft.once
    wait(site, HOUR)
    with pytest.raises(NoDraft):
        await drafts.load(site, mine)


async def test_a_code_opens_it_for_a_week_and_a_browser_left_alone_does_not(site: Site) -> None:
    draft, before = await written(site)
    await drafts.keep_files(site, draft, [Taken("f1", FileKind.PDF, "a.pdf", b"paper")])
    draft.files = [{"id": "f1", "kind": "pdf", "name": "a.pdf", "size": "5"}]
    response = Response()
    await drafts.save_under_code(site, response, draft)
    with pytest.raises(NoDraft):
        await drafts.load(site, before)  # it has moved
    assert (await drafts.load(site, browser(response))).code == draft.code
    wait(site, 2 * HOUR)
    with pytest.raises(NoDraft):
        await drafts.load(site, browser(response))
    wait(site, 6 * DAY)
    found = await drafts.load_by_code(site, draft.code.lower())
    assert (found.subjects, found.once) == (draft.subjects, draft.once)
    assert [f.content for f in await drafts.files_of(site, found)] == [b"paper"]
    wait(site, DAY)
    with pytest.raises(NoDraft):
        await drafts.load_by_code(site, draft.code)


async def test_saving_again_keeps_the_code_and_starts_the_week_anew(site: Site) -> None:
    draft, _ = await written(site)
    await drafts.save_under_code(site, Response(), draft)
    code = draft.code
    wait(site, 6 * DAY)
    found = await drafts.load_by_code(site, code)
    await drafts.save_under_code(site, Response(), found)
    assert found.code == code
    wait(site, 6 * DAY)
    assert (await drafts.load_by_code(site, code)).id == draft.id


async def test_what_was_sent_or_deleted_is_over_soon(site: Site) -> None:
    draft, _ = await written(site)
    await drafts.save_under_code(site, Response(), draft)
    draft.sent = "case1"
    await drafts.save(site, Response(), draft)
    wait(site, 2 * HOUR)
    with pytest.raises(NoDraft):
        await drafts.load_by_code(site, draft.code)


async def test_the_table_holds_neither_the_words_nor_the_code(site: Site) -> None:
    draft, _ = await written(site)
    await drafts.save_under_code(site, Response(), draft)
    async with site.hub.database.reading(site.hub.scope()) as tx:
        rows = (await tx.run(text("SELECT id, blob FROM draft"))).all()
    (row,) = rows
    assert draft.code.replace("-", "").lower() not in row.id
    assert b"Canary" not in bytes(row.blob)
    assert len(row.id) == 32
