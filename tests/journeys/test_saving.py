"""A referral put aside and taken up again: by a code that only its writer has, in any order, and sent once."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from exchange.demo.actors.web_client import Page, WebClient
from exchange.demo.stage import Stage, stage
from tests.ready import ready

pytestmark = pytest.mark.asyncio(loop_scope="module")
CODE = re.compile(r"(?:[0-9A-Z]{5}-){5}[0-9A-Z]")
REFERENCE = re.compile(r"MASH-\w{4}-\w{4}")
ME = {"name": "Pat Pretend", "source": "2A", "telephone": "01632 960170"}
TOLD = {"immediate_danger": "no", "given_name": "Ada-canary", "more": "no", "what_happened": "hungry", **ME}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub."""
    async with stage() as made:
        await ready(made)
        await made.serve()
        yield made


def path(page: Page) -> str:
    return page.url.rpartition("/referral/")[2]


async def begun(hub: Stage) -> tuple[WebClient, Page]:
    web = WebClient(hub.base_url)
    return web, await web.submit(await web.get("/"), "/referral/begin", form="child", journey="work")


async def saved(hub: Stage, name: str = "Ada-canary") -> tuple[WebClient, str]:
    """Two pages written, and the second put aside half done; the code."""
    web, page = await begun(hub)
    page = await web.submit(page, immediate_danger="no")
    page = await web.submit(page, family_name=name, leave="save")
    assert path(page) == "saved"
    assert "Nothing has been sent yet" in page.text
    found = CODE.search(page.text)
    assert found
    return web, found[0]


async def returned(hub: Stage, code: str) -> tuple[WebClient, Page]:
    web = WebClient(hub.base_url)
    return web, await web.submit(await web.get("/referral/return"), code=code)


async def finished(web: WebClient, page: Page) -> Page:
    """Every page that is left, up to the last."""
    for _ in range(30):
        if path(page) == "check":
            return page
        page = await web.submit(page, **TOLD)
    raise AssertionError(page.url)


async def test_another_browser_goes_on_by_the_code_and_nothing_typed_was_lost(hub: Stage) -> None:
    _, code = await saved(hub)
    web, page = await returned(hub, code.lower().replace("-", " "))
    assert path(page) == "tasks"
    page = await web.get("/referral/who-1")
    assert 'value="Ada-canary"' in page.html
    page = await finished(web, page)
    sent = await web.submit(page, "/referral/send")
    assert REFERENCE.search(sent.text)
    again = await returned(hub, code)
    assert again[1].status == 400  # what was sent is opened by its receipt code


async def test_the_code_and_what_it_opens_can_be_read_nowhere_in_the_hub(hub: Stage) -> None:
    _, code = await saved(hub, "Hidden-canary")
    files = b"".join(p.read_bytes() for p in hub.folder.rglob("*") if p.is_file())
    assert b"Hidden-canary" not in files
    for written in (code, code.replace("-", "")):
        assert written.encode() not in files


async def test_a_code_that_is_unknown_mistyped_over_or_deleted_looks_the_same(hub: Stage) -> None:
    answers = []
    _, over = await saved(hub)
    database = sqlite3.connect(hub.folder / "hub" / "exchange.db")
    with database:
        database.execute("UPDATE draft SET expires_at = '2000-01-01 00:00:00.000000'")
    database.close()
    web, gone = await saved(hub)
    page = await web.submit(await web.get("/referral/saved"), "/referral/forget")
    assert "It is deleted" in page.text
    for code in (over, gone, "00000-00000-00000-00000-00000-0", "nonsense", "x" * 5000):
        _, page = await returned(hub, code)
        assert page.status == 400
        answers.append(re.sub(r'(nonce|value)="[^"]*"', "", page.html))
    assert len(set(answers)) == 1
    assert (await web.get("/referral/who-1")).status == 410  # and this browser has nothing left either


async def test_whoever_leaves_a_shared_computer_leaves_nothing_in_it(hub: Stage) -> None:
    web, code = await saved(hub)
    await web.submit(await web.get("/referral/saved"), "/referral/leave")
    assert (await web.get("/referral/who-1")).status == 410
    assert (await web.get("/referral/saved")).status == 410
    assert path((await returned(hub, code))[1]) == "tasks"


async def test_exit_leads_away_and_this_browser_forgets_what_was_written(hub: Stage) -> None:
    web, code = await saved(hub)
    cookies = {one.name: one.value or "" for one in web.cookies}
    async with httpx.AsyncClient(base_url=hub.base_url, cookies={**cookies, "staff": "s"}) as same:
        assert 'href="/exit"' in (await same.get("/referral/who-1")).text
        assert "can still be read in this browser" in (await same.get("/hide-your-visit")).text
        got = await same.get("/exit", headers={"Sec-Fetch-Site": "cross-site"})  # a picture on another site's page
        assert (got.status_code, got.headers.get_list("set-cookie")) == (303, [])
        got = await same.get("/exit", headers={"Sec-Fetch-Site": "same-origin"})
        assert got.headers["location"].startswith("https://www.bbc.co.uk/")
        forgotten = {one.partition("=")[0] for one in got.headers.get_list("set-cookie")}
        assert forgotten == set(cookies) >= {"draft", "form"}
        for name in forgotten:
            same.cookies.delete(name)
        assert (await same.get("/referral/who-1")).status_code == 410
        assert "can still be read" not in (await same.get("/hide-your-visit")).text
    assert path((await returned(hub, code))[1]) == "tasks"  # who has the code goes on elsewhere


async def test_what_was_written_is_removed_from_the_page_that_tells_how_to_hide(hub: Stage) -> None:
    web, page = await begun(hub)
    page = await web.submit(await web.submit(page, immediate_danger="no"), given_name="Ada-canary")
    told = await web.get("/hide-your-visit")
    assert "It has not been sent" in told.text
    assert "It is deleted" in (await web.submit(told, "/referral/forget")).text
    assert (await web.get("/referral/who-1")).status == 410
    web, page = await begun(hub)
    await web.submit(await finished(web, page), "/referral/send")
    told = await web.get("/hide-your-visit")
    assert "It was sent: we have it" in told.text
    await web.submit(told, "/referral/finish")
    assert not CODE.search((await web.get("/referral/sent")).text)


async def test_how_long_it_is_kept_is_said_before_and_again_in_time(hub: Stage) -> None:
    web, _ = await saved(hub)
    assert "kept for 2 hours" in (await web.get("/referral/danger")).text
    assert 'data-warn-after="6600"' in (await web.get("/referral/who-1")).html  # ten minutes before


async def test_the_list_says_how_each_part_stands_and_leads_through_one_part(hub: Stage) -> None:
    web, page = await begun(hub)
    page = await web.submit(page, immediate_danger="no")
    page = await web.submit(page, given_name="Ada", leave="tasks")
    assert path(page) == "tasks"
    assert "Child 1: Ada In progress" in page.text
    assert "Before you start Done" in page.text
    assert "About you Not started" in page.text
    assert "Check and send First answer what must be answered in the parts above Cannot start yet" in page.text
    page = await web.get("/referral/you?list")
    page = await web.submit(page, **ME)
    assert path(page) == "told?list"
    page = await web.submit(page)
    page = await web.submit(page, **ME)
    assert path(page) == "tasks"
    assert "About you Done" in page.text
    page = await web.submit(await web.get("/referral/happened?list"), what_happened="hungry")
    assert path(page) == "tasks"
    assert "Check and send Not started" in page.text
    page = await web.submit(await web.get("/referral/happened?list"), what_happened="", leave="tasks")
    assert "What has happened In progress" in page.text


async def test_a_mistake_is_told_before_leaving_and_what_is_missing_is_not(hub: Stage) -> None:
    web, page = await begun(hub)
    page = await web.submit(page, immediate_danger="no")
    page = await web.submit(page, given_name="Ada")
    wrong = await web.submit(page, date_of_birth__day="31", date_of_birth__month="2", leave="save")
    assert wrong.status == 400
    assert 'value="31"' in wrong.html


async def test_pressing_send_twice_in_the_same_moment_makes_one_referral(hub: Stage) -> None:
    web, page = await begun(hub)
    page = await finished(web, page)
    one, other = await asyncio.gather(*(web.submit(page, "/referral/send") for _ in range(2)))
    references = [REFERENCE.findall(sent.text)[0] for sent in (one, other)]
    assert references[0] == references[1]
    third = await web.submit(page, "/referral/send")
    assert REFERENCE.findall(third.text)[0] == references[0]


async def test_back_shows_what_was_written(hub: Stage) -> None:
    web, page = await begun(hub)
    page = await web.submit(page, immediate_danger="no")
    page = await web.submit(page, given_name="Ada", aliases="Addie")
    back = re.search(r'href="([^"]+)" class="govuk-back-link"', page.html)
    assert back
    assert 'value="Addie"' in (await web.get(back[1])).html


async def test_a_form_that_is_open_is_not_deleted_by_beginning_another(hub: Stage) -> None:
    web, page = await begun(hub)
    page = await web.submit(page, immediate_danger="no")
    first = page.url
    again = await web.submit(await web.get("/"), "/referral/begin", form="child", journey="public")
    assert "A form is open already" in again.text
    assert path(await web.get(first)) == "who-1"  # it still is
    assert "danger" in path(await web.submit(again, "/referral/begin"))
    lost = await web.submit(page, given_name="Canary of the first form")
    assert lost.status == 410
    assert "Canary of the first form" in lost.text


async def test_another_language_keeps_what_was_typed(hub: Stage) -> None:
    web, page = await begun(hub)
    page = await web.submit(page, immediate_danger="no")
    page = await web.submit(page, given_name="Canary-typed", leave="in-cy")
    assert path(page) == "who-1"
    assert 'value="Canary-typed"' in page.html
    assert '<html lang="cy"' in page.html


async def test_what_was_typed_is_shown_to_whoever_lost_their_cookies(hub: Stage) -> None:
    web, page = await begun(hub)
    web.cookies.clear()
    lost = await web.submit(page, what_happened="Canary words typed")
    assert lost.status == 403
    assert "Canary words typed" not in lost.text  # nothing vouches that our own page sent it; a browser says so
