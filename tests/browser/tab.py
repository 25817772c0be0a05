"""One tab of a real browser, and all that a program can find wrong with the pages it shows."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Locator, Page

CHROMIUM = Path("/usr/bin/chromium")
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PASSWORD = "correct horse battery staple"
PHONE, DESKTOP = {"width": 390, "height": 800}, {"width": 1200, "height": 900}
WIDTHS = (320, 390, 1280)
_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# A line of its own that begins beside what stands before it, because only its first line may stand beside its label.
_RUN_ON = """[...document.querySelectorAll('.app-stack__line')].filter(e => getComputedStyle(e).display === 'inline')
    .filter(e => [...e.parentElement.childNodes]
        .some(n => n.textContent.trim() && n.compareDocumentPosition(e) === Node.DOCUMENT_POSITION_FOLLOWING))
    .map(e => e.parentElement.textContent.trim().slice(0, 80))"""
_AXE = "axe.run().then(r => r.violations.map(v => v.id + ': ' + v.help + ' ' + v.nodes[0].html.slice(0, 140)))"


class Look:
    """One tab, and what was wrong with any page it showed: what the console, the Content Security Policy among it,
    said, and what was asked of anybody but this machine."""

    def __init__(self, page: Page, script: bool, widths: Sequence[int] = ()) -> None:
        self.page, self.script, self.widths = page, script, widths
        self.wrong: list[str] = []
        page.on("console", lambda said: self.wrong.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("request", lambda asked: self._asked(asked.url))

    def _asked(self, url: str) -> None:
        if urlsplit(url).hostname not in ("127.0.0.1", "localhost", None):
            self.wrong.append(f"asks another host: {url}")

    async def good(self) -> None:
        """The page at hand has no fault a program can find, and is no wider than the screen, however wide that is."""
        await self.page.wait_for_load_state()
        size = self.page.viewport_size
        for width in self.widths:
            await self.page.set_viewport_size({"width": width, "height": 800})
            assert await self.page.evaluate(_WIDE) <= 0, (self.page.url, width)
        if size and self.widths:
            await self.page.set_viewport_size(size)
        assert await self.page.evaluate(_WIDE) <= 0, self.page.url
        assert await self.page.evaluate(_RUN_ON) == [], self.page.url
        if self.script:
            await self.page.evaluate(AXE.read_text())
            found = await self.page.evaluate(_AXE)
            assert found == [], (self.page.url, found)
        assert self.wrong == [], (self.page.url, self.wrong)

    async def go_on(self, name: str = "Continue") -> None:
        """Press the button, once the page was found good."""
        await self.good()
        await self.page.click(f"button:text-is('{name}')")

    async def leave(self, button: Locator) -> None:
        """Press the button, and the page that comes of it is there: a click alone may return while the old one is."""
        async with self.page.expect_navigation():
            await button.click()

    async def refused(self) -> None:
        """The page says what is wrong; the browser itself names its status."""
        await self.page.wait_for_selector(".govuk-error-summary")
        self.wrong.clear()
        await self.good()

    async def signs_in(self, url: str, member: str, password: str = PASSWORD) -> None:
        """At the desk, by password."""
        await self.page.goto(f"{url}/desk/sign-in")
        await self.page.fill("#member", member)
        await self.page.fill("#password", password)
        await self.go_on("Sign in")
        await self.page.wait_for_url(lambda now: "sign-in" not in now)


async def look(
    browser: Browser, script: bool = True, size: dict[str, int] = PHONE, widths: Sequence[int] = ()
) -> Look:
    """A new tab of its own."""
    return (await with_context(browser, script, size, widths))[0]


async def with_context(
    browser: Browser, script: bool = True, size: dict[str, int] = PHONE, widths: Sequence[int] = ()
) -> tuple[Look, BrowserContext]:
    """A new tab, and the browser of its own in which it is."""
    context = await browser.new_context(java_script_enabled=script, viewport=size)  # type: ignore[arg-type]
    return Look(await context.new_page(), script, widths), context


async def picture(page: Page, name: str) -> None:
    """A picture to be looked at: `LOOK=DIRECTORY pytest tests/browser`."""
    if folder := os.environ.get("LOOK"):
        await page.screenshot(path=f"{folder}/{name}.png", full_page=True)
