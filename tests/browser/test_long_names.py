"""A name of sixty-three letters without a blank pushes nothing out of sight: on a small telephone, and at a desk."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser

from exchange.demo.stage import Stage
from tests.browser.tab import WIDTHS, Look, look
from tests.ready import token_of
from tests.screens.tour import answer

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.long]
LONG = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogochester"
FAMILY = "Featherstonehaugh-Cholmondeley-Marjoribanks-Wriothesley-Menzies"
REFERRAL = {
    "referrer": {"name": f"{LONG} {FAMILY}", "source": "4", "telephone": "01632 960190"},
    "concern": {"immediate_danger": "yes", "what_happened": f"{LONG} came hungry again"},
    "subjects": [{"given_name": LONG, "family_name": "Invented"}, {"given_name": "Ben", "family_name": FAMILY}],
    "household": [{"name": f"{FAMILY}{LONG}", "relationship": "Mother"}],
}
_BEYOND = """cells => cells.filter(c => c.offsetParent && c.getBoundingClientRect().right > innerWidth + 1)
    .map(c => c.textContent.trim().slice(0, 80))"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def case(hub: Stage) -> AsyncIterator[str]:
    """The reference of a case about people of such names."""
    token = await token_of(hub, "school", "intake_admin")
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as program:
        lodged = await program.post(f"{hub.base_url}/api/v1/referrals", json=REFERRAL)
    yield lodged.raise_for_status().json()["reference"]


async def in_sight(tab: Look) -> None:
    """No page is wider than the screen, closed or with all its folds open, and no row of a table ends beyond it."""
    await tab.good()
    await tab.page.eval_on_selector_all("main details", "all => all.forEach(d => d.open = true)")
    await tab.good()
    beyond = await tab.page.locator("main tr").locator("td, th").evaluate_all(_BEYOND)
    assert beyond == [], (tab.page.url, tab.page.viewport_size)


@pytest.mark.parametrize("width", WIDTHS)
async def test_at_the_desk(hub: Stage, chromium: Browser, case: str, width: int) -> None:
    tab = await look(chromium, size={"width": width, "height": 800})
    page = tab.page
    await tab.signs_in(hub.base_url, "m")
    await page.goto(f"{hub.base_url}/desk/case/{case}")
    people = await page.inner_text("#people")
    assert LONG in people
    assert FAMILY in people
    await in_sight(tab)
    for path in ("", "?show=all", "/silence", "/telephone", f"/case/{case}/correct"):
        await page.goto(f"{hub.base_url}/desk{path}")
        await in_sight(tab)
    for given, family in ((LONG, "Invented"), ("Ben", FAMILY)):
        await page.goto(f"{hub.base_url}/desk/search")
        await page.fill("[name=given_name]", given)
        await page.fill("[name=family_name]", family)
        await tab.leave(page.locator("main form button").last)
        assert given in await page.inner_text("main table")
        assert family in await page.inner_text("main table")
        await in_sight(tab)


@pytest.mark.parametrize("width", WIDTHS)
async def test_in_the_form_of_whoever_refers(hub: Stage, chromium: Browser, width: int) -> None:
    tab = await look(chromium, size={"width": width, "height": 800})
    page = tab.page
    await page.goto(hub.base_url)
    await tab.leave(page.locator("main form[action='/referral/begin'] button").nth(2))
    while not page.url.endswith("/check"):
        if await page.locator("#given_name").count():
            await page.fill("#given_name", LONG)
            await page.fill("#family_name", FAMILY)
        await answer(page)
        await in_sight(tab)
        await tab.leave(page.locator("main form").last.locator("button:not([value])").first)
    assert LONG in await page.inner_text("main")
    await in_sight(tab)
