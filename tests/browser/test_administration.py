"""Every page of the administration on a phone and at a desk: nothing axe objects to, none wider than the screen."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from exchange.demo.stage import Stage
from tests.browser.tab import PHONE, WIDTHS, look

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.long,
    pytest.mark.timeout(300),
]
PAGES = (
    "/desk/admin", "/desk/admin/hub", "/desk/admin/agencies", "/desk/admin/agreements", "/desk/admin/routes",
    "/desk/admin/routes/try", "/desk/admin/file", "/desk/admin/history", "/desk/admin/part/mailbox/police-1",
    "/desk/admin/part/calendar/calendar", "/desk/admin/new/agency", "/desk/admin/letters",
    "/desk/admin/letters/packet", "/desk/admin/letters/receipt", "/desk/admin/audit", "/desk/admin/staff",
    "/desk/admin/staff/new", "/desk/admin/staff/other", "/desk/directory/keys/new",
)  # fmt: skip


async def test_every_page_is_good(hub: Stage, chromium: Browser) -> None:
    tab = await look(chromium, True, PHONE, WIDTHS)
    page = tab.page
    await tab.signs_in(hub.base_url, "m")
    for path in PAGES:
        await page.goto(hub.base_url + path)
        assert await page.locator("h1").count() == 1
        await tab.good()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
async def test_a_change_is_made_and_applied(hub: Stage, chromium: Browser, script: bool) -> None:
    tab = await look(chromium, script)
    page = tab.page
    await tab.signs_in(hub.base_url, "m")
    await page.goto(f"{hub.base_url}/desk/admin/part/hub/hub")
    await page.fill("#drift", "36h" if script else "48h")
    await tab.go_on()
    await tab.go_on("Apply it")
    await tab.good()
    assert "Applied by m" in await page.inner_text("main")
