"""Away at once: whoever comes to this browser next finds nothing that was written, by Back or by its cookies.

The browser keeps whole pages in memory for its Back button, as everybody's does and Playwright's else does not.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import trustme
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright

from exchange.demo.stage import Stage
from tests.browser.tab import CHROMIUM, PHONE, QUIET

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.long]
WEATHER = "https://www.bbc.co.uk/weather"
WORDS = "Came hungry-canary again"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def everyday() -> AsyncIterator[Browser]:
    """A browser that keeps pages for Back, and for which the weather is on this machine."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("www.bbc.co.uk").configure_cert(tls)
    kept = ["--disable-back-forward-cache"]
    async with async_playwright() as running, await asyncio.start_server(_weather, "127.0.0.1", 0, ssl=tls) as there:
        port = there.sockets[0].getsockname()[1]
        mapped = f"--host-resolver-rules=MAP www.bbc.co.uk:443 127.0.0.1:{port}"
        made = await running.chromium.launch(
            executable_path=CHROMIUM, args=[*QUIET, mapped], ignore_default_args=kept
        )
        yield made
        await made.close()


async def _weather(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.closing(writer), contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<h1>Rain later</h1>")
        await writer.drain()


async def writing(hub: Stage, browser: Browser, script: bool) -> tuple[Page, BrowserContext]:
    """Somebody on a phone who has written of what happened, and sees it on the page after."""
    size = ViewportSize(width=PHONE["width"], height=PHONE["height"])
    context = await browser.new_context(java_script_enabled=script, viewport=size, ignore_https_errors=True)
    page = await context.new_page()
    await page.goto(hub.base_url)
    await page.click("button[value=child]")
    await page.check("input[value=no]")
    await page.click("button:text-is('Continue')")
    await page.fill("#what_happened", WORDS)
    await page.click("button:text-is('Continue')")
    await page.wait_for_url("**/who-1")
    return page, context


async def leave(page: Page, way: str) -> None:
    if way == "keys":
        for _ in range(3):
            await page.keyboard.press("Shift")
    else:
        await page.click("text=Exit this page")
    await page.wait_for_url(WEATHER)


@pytest.mark.parametrize("way", ["pressed", "keys", "without script"])
async def test_back_shows_nothing_that_was_written(hub: Stage, everyday: Browser, way: str) -> None:
    page, context = await writing(hub, everyday, way != "without script")
    await leave(page, way)
    for _ in range(4):  # to the first page of the form, and beyond
        await page.go_back()
        assert WORDS not in await page.content()
    await page.goto(f"{hub.base_url}/referral/check")
    assert WORDS not in await page.content()
    assert "no longer open" in await page.inner_text("main")
    await context.close()
