"""Live pages: told "refresh" and nothing else, and each viewer how much of it is theirs to see."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from exchange.demo.actors.web_client import Page, WebClient
from exchange.demo.stage import Stage, stage
from tests.full_case import done, reference, signed_in, staffed, taken

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]
MANY = 40  # pages: more than the database connections a process may have


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub with staff."""
    async with stage() as made:
        await staffed(made)
        yield made


def mark(page: Page) -> str:
    """Where a page asks how much has changed since it was made."""
    found = re.search(r'data-live="([^"]+)"', page.html)
    assert found
    return found[1].replace("&amp;", "&")


def browser(web: WebClient) -> httpx.AsyncClient:
    """The same session, for what stays open."""
    cookies = {cookie.name: cookie.value or "" for cookie in web.cookies}
    return httpx.AsyncClient(base_url=web.base_url, cookies=cookies, timeout=60)


async def told(line: httpx.Response, words: list[str]) -> None:
    """Read what a page hears until it is told to look."""
    async for part in line.aiter_lines():
        words.append(part)
        if part == "data: refresh":
            return


async def test_a_page_hears_refresh_and_no_more_and_is_told_a_number_when_it_asks(hub: Stage) -> None:
    web, other = await signed_in(hub), await signed_in(hub, "officer-1")
    before, words = mark(await web.get("/desk")), list[str]()
    assert (await web.get(before)).status == 204
    async with browser(web) as reading, reading.stream("GET", "/desk/live") as line:
        assert line.headers["content-type"].startswith("text/event-stream")
        page = await taken(other, "Lively")
        await asyncio.wait_for(told(line, words), 60)
    assert set(words) <= {"retry: 5000", "", "event: refresh", "data: refresh", ": still here"}
    for _ in range(100):
        answer = await web.get(before)
        if answer.status == 200:
            break
        await asyncio.sleep(0.1)
    assert re.fullmatch(r"\d+ things have changed\.", answer.html)
    seen = await web.get(f"/desk/case/{reference(page)}")
    await done(other, await other.get(f"/desk/case/{reference(page)}"), "level", subject="s1", level="4", reason="so")
    assert "happened in this case" in (await web.get(mark(seen))).html


async def test_who_is_shut_out_hears_of_no_change_and_is_not_said_to_have_tried(hub: Stage) -> None:
    web, officer = await signed_in(hub), await signed_in(hub, "officer-1")
    page = await taken(web, "Guarded")
    open_there = mark(await officer.get(f"/desk/case/{reference(page)}"))
    page = await done(web, page, "restrict", {"kind": "staff"}, who="officer-1", reason="she lives next door")
    await quiet(web)
    theirs, ours = mark(await officer.get("/desk")), mark(await web.get("/desk"))
    await done(web, page, "level", subject="s1", level="4", reason="at risk")
    assert (await web.get(ours)).status == 200
    assert (await officer.get(theirs)).status == 204
    assert (await officer.get(open_there)).status == 204
    log = await hub.command("audit", "log", "access", "--json")
    assert '"Denied"' not in log


async def quiet(web: WebClient) -> None:
    """Wait until no mail is on its way any more: what servers say is news too."""
    for _ in range(100):
        before = mark(await web.get("/desk"))
        await asyncio.sleep(1)
        if (await web.get(before)).status == 204:
            return
    raise AssertionError("something happens all the time")


async def test_many_open_pages_take_no_connection_from_those_who_work(hub: Stage) -> None:
    web = await signed_in(hub)
    async with browser(web) as reading:
        lines = [reading.build_request("GET", "/desk/live") for _ in range(MANY)]
        opened = [await reading.send(line, stream=True) for line in lines]
        assert {line.status_code for line in opened} == {200}
        page = await taken(web, "Worker")
        assert page.status == 200
        words: list[list[str]] = [[] for _ in opened]
        await asyncio.wait_for(asyncio.gather(*map(told, opened, words)), 60)
        for line in opened:
            await line.aclose()


@pytest.mark.parametrize("odd", ["", "x", "1-", "-1", "99999999999999-1", "1-1&case=MASH-0000-0000", "%C2%B2-1"])
async def test_an_odd_mark_tells_nothing(hub: Stage, odd: str) -> None:
    web = await signed_in(hub)
    assert (await web.get(f"/desk/changed?mark={odd}")).status == 204


async def test_nobody_hears_without_being_signed_in(hub: Stage) -> None:
    async with httpx.AsyncClient(base_url=hub.base_url) as nobody:
        for path in ("/desk/live", "/desk/changed?mark=1-1"):
            assert (await nobody.get(path)).status_code == 303
