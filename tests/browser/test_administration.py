"""Every page of the administration on a phone and at a desk: nothing axe objects to, none wider than the screen."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from exchange.demo.stage import Stage, stage
from tests.browser.test_pages import CHROMIUM, DESKTOP, PASSWORD, PHONE, QUIET, look
from tests.ready import ready

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium: apt-get install chromium"),
]
PAGES = (
    "/desk/admin", "/desk/admin/hub", "/desk/admin/agencies", "/desk/admin/agreements", "/desk/admin/routes",
    "/desk/admin/routes/try", "/desk/admin/file", "/desk/admin/history", "/desk/admin/part/mailbox/police-1",
    "/desk/admin/part/calendar/calendar", "/desk/admin/new/agency", "/desk/admin/letters",
    "/desk/admin/letters/packet", "/desk/admin/letters/receipt", "/desk/admin/audit", "/desk/admin/staff",
    "/desk/admin/staff/new", "/desk/admin/staff/other", "/desk/directory/keys/new",
)  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub with two of staff."""
    async with stage() as made:
        await ready(made)
        secret = made.folder / "password"
        secret.write_text(PASSWORD)
        for member, role in (("m", "hub_manager"), ("other", "auditor")):
            await made.command("staff", "add", member, "--roles", role, "--password-file", str(secret))
        await made.serve()
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    """One browser for all."""
    async with async_playwright() as running:
        browser = await running.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        await browser.close()


@pytest.mark.parametrize("size", [PHONE, DESKTOP, {"width": 320, "height": 700}], ids=["phone", "desktop", "320"])
async def test_every_page_is_good(hub: Stage, chromium: Browser, size: dict[str, int]) -> None:
    tab = await look(chromium, True, size)
    page = tab.page
    await page.goto(f"{hub.base_url}/desk/sign-in")
    await page.fill("#member", "m")
    await page.fill("#password", PASSWORD)
    await page.click("main button[type=submit]")
    for path in PAGES:
        await page.goto(hub.base_url + path)
        assert await page.locator("h1").count() == 1
        await tab.good()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
async def test_a_change_is_made_and_applied(hub: Stage, chromium: Browser, script: bool) -> None:
    tab = await look(chromium, script)
    page = tab.page
    await page.goto(f"{hub.base_url}/desk/sign-in")
    await page.fill("#member", "m")
    await page.fill("#password", PASSWORD)
    await page.click("main button[type=submit]")
    await page.goto(f"{hub.base_url}/desk/admin/part/hub/hub")
    await page.fill("#duty_telephone", "01632 960198" if script else "01632 960197")
    await tab.go_on()
    await tab.go_on("Apply it")
    await tab.good()
    assert "Applied by m" in await page.inner_text("main")
