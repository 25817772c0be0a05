"""The tour: a person's browser goes to every page there is, by following links and filling forms in.

Nothing lists the pages: a new one is looked at as soon as a link leads to it.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Page

from tests.screens.story import MANAGER, PASSWORD, Story

AXE = Path(__file__).parent.parent / "browser" / "vendor" / "axe.min.js"
WIDTHS = (320, 390, 1280)
MOST = 300  # pages of one tour: it ends, whatever links there are
HEAVIEST = 60 * 1024  # octets that a page brings over the wire with all that it needs, on a first visit
NOT_FOLLOWED = re.compile(
    r"/(static|api|\.well-known)/|\.(asc|pem|toml|csv|svg|txt)$|/(file/.*|original|copy|signed)$"
    r"|[?&]language=|/desk/sign-out|^/exit$"
)  # files, what changes the language or the session of the tour, and the way out of it
WRITTEN_IN = ", ".join(
    f"main {e}" for e in ("textarea", "input[type=text]", "input[type=tel]", "input[type=email]", "input:not([type])")
)
FILL = {  # what somebody writes where it is asked for by name; elsewhere "Something that was seen"
    "given_name": "Tilly", "family_name": "Makebelieve", "name": "Nora Notional", "telephone": "01632 960155",
    "mail": "nora@school.example", "postcode": "ZZ99 3VZ", "day": "27", "month": "3", "year": "2017",
}  # fmt: skip


@dataclass
class Fault:
    """What is wrong with a page."""

    page: str
    what: str

    def __str__(self) -> str:
        return f"{self.page}: {self.what}"


@dataclass
class Tour:
    """One browser's way through the pages."""

    story: Story
    browser: Browser
    script: bool = True
    faults: list[Fault] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)  # shape of a page -> its address
    weight: int = 0  # octets over the wire of the page that was opened last, nothing of it kept from before

    async def pages(self, only: str = "") -> AsyncIterator[tuple[str, Page]]:
        """Each page once, with a name for its picture; of one part alone, if that is asked."""
        for part, walk in (("public", self._public), ("forms", self._forms), ("desk", self._desk)):
            if only in ("", part):
                async for one in walk():
                    yield one

    async def _tab(self) -> tuple[BrowserContext, Page]:
        context = await self.browser.new_context(java_script_enabled=self.script)
        page = await context.new_page()
        page.on("console", lambda said: self._said(page, said.type, said.text))
        page.on("pageerror", lambda error: self.faults.append(Fault(page.url, str(error))))
        page.on("request", lambda asked: self._asked(page, asked.url))
        await self._weigh(page)
        return context, page

    async def _weigh(self, page: Page) -> None:
        """Every page is weighed as on a first visit: with all that it needs."""
        session = await page.context.new_cdp_session(page)
        await session.send("Network.enable")
        await session.send("Network.setCacheDisabled", {"cacheDisabled": True})

        mine: set[str] = set()  # what the page at hand has asked for, and not the one that was left

        def begins(asked: dict[str, str]) -> None:
            if asked.get("type") == "Document":
                mine.clear()
                self.weight = 0
            mine.add(asked["requestId"])

        def ends(finished: dict[str, Any]) -> None:
            self.weight += int(finished["encodedDataLength"]) if finished["requestId"] in mine else 0

        session.on("Network.requestWillBeSent", begins)
        session.on("Network.loadingFinished", ends)

    def _said(self, page: Page, kind: str, text: str) -> None:
        if kind in ("error", "warning") and "status of 4" not in text:  # the browser's own word on our refusals
            self.faults.append(Fault(page.url, f"console: {text}"))

    def _asked(self, page: Page, url: str) -> None:
        if urlsplit(url).hostname not in ("127.0.0.1", None):
            self.faults.append(Fault(page.url, f"asks another host: {url}"))

    async def _public(self) -> AsyncIterator[tuple[str, Page]]:
        context, page = await self._tab()
        for start in ("/", "/receipt", "/nowhere", *self.story.links.values()):
            async for one in self._follow(page, start, inside="/"):
                yield one
        await page.goto(f"{self.story.url}/receipt")
        await page.fill("#code", self.story.receipt)
        await page.click("main form button >> nth=0")
        yield "receipt-read", page
        await context.close()

    async def _forms(self) -> AsyncIterator[tuple[str, Page]]:
        """Each form from the start page to "we have received it"."""
        context, page = await self._tab()
        for start in ("/", "/tell", "/report"):
            await page.goto(self.story.url + start)
            buttons = page.locator("main form[action='/referral/begin'] button")
            for n in range(await buttons.count()):
                await page.goto(self.story.url + start)
                form = buttons.nth(n).locator("xpath=ancestor::form")
                journey = await form.locator("[name=journey]").get_attribute("value")
                kind = f"{journey}-{await buttons.nth(n).get_attribute('value') or n}"
                async with page.expect_navigation():
                    await buttons.nth(n).click()
                async for one in self._fill(page, kind):
                    yield one
        await context.close()

    async def _fill(self, page: Page, kind: str) -> AsyncIterator[tuple[str, Page]]:
        for _ in range(60):
            slug = urlsplit(page.url).path.rpartition("/")[2]
            if f"{kind}-{slug}" not in self.seen:
                self.seen[f"{kind}-{slug}"] = page.url
                yield f"form-{kind}-{slug}", page
            if slug == "sent":
                return
            await answer(page)
            before = page.url
            async with page.expect_navigation():  # a click alone may return while the old page is there
                await page.locator("main form").last.locator("button:not([value])").first.click()
            if page.url == before and await page.locator(".govuk-error-summary").count():
                told = await page.inner_text(".govuk-error-summary")
                self.faults.append(Fault(page.url, f"an ordinary answer is refused: {told}"))
                return

    async def _desk(self) -> AsyncIterator[tuple[str, Page]]:
        context, page = await self._tab()
        await page.goto(f"{self.story.url}/desk/sign-in")
        yield "desk-sign-in", page
        await page.fill("#member", MANAGER)
        await page.fill("#password", PASSWORD)
        await page.click("button:text-is('Sign in')")
        await page.goto(f"{self.story.url}/desk/case/{self.story.reference}")
        yield "desk-case-begun", page
        async for one in self._follow(page, f"/desk/case/{self.story.whole}", inside="/desk"):
            yield one
        async for one in self._follow(page, "/desk", inside="/desk"):
            yield one
        await context.close()

    async def _follow(self, page: Page, start: str, inside: str) -> AsyncIterator[tuple[str, Page]]:
        todo = [start]
        while todo and len(self.seen) < MOST:
            path = todo.pop(0)
            if shape(path) in self.seen:
                continue
            self.seen[shape(path)] = path
            answered = await page.goto(self.story.url + path)
            if answered is None or "text/html" not in answered.headers.get("content-type", ""):
                continue
            if answered.status >= 400 and path != "/nowhere":
                self.faults.append(Fault(path, f"a link leads to status {answered.status}"))
            yield re.sub(r"\W+", "-", shape(path)).strip("-").lower() or "start", page
            todo += [p for p in await links(page) if p.startswith(inside) and not NOT_FOLLOWED.search(p)]
        if left := next((path for path in todo if shape(path) not in self.seen), ""):
            self.faults.append(Fault(left, f"the tour ends after {MOST} pages, before this one"))

    async def look(self, page: Page) -> None:
        """What a program can see is wrong with the page at hand, at each width, closed and with all folds open."""
        path = urlsplit(page.url).path
        await page.wait_for_load_state("load")
        if self.weight > HEAVIEST:
            self.faults.append(Fault(path, f"{self.weight} octets over the wire, at most {HEAVIEST}"))
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 900})
            await self._no_wider(page, path, width)
        if self.script:
            await self._axe(page, path)
            await page.eval_on_selector_all("main details:not([open])", "all => all.forEach(d => d.open = true)")
            await self._no_wider(page, f"{path} (opened)", WIDTHS[-1])
            await page.set_viewport_size({"width": WIDTHS[0], "height": 900})
            await self._no_wider(page, f"{path} (opened)", WIDTHS[0])
            await self._axe(page, f"{path} (opened)")
            await page.eval_on_selector_all("main details[open]", "all => all.forEach(d => d.open = false)")

    async def _no_wider(self, page: Page, path: str, width: int) -> None:
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        if (over := await page.evaluate(wide)) > 0:
            self.faults.append(Fault(path, f"{over} pixels wider than {width}"))

    async def _axe(self, page: Page, path: str) -> None:
        await page.evaluate(AXE.read_text())
        wrong = "axe.run().then(r => r.violations.map(v => v.id + ' ' + v.nodes[0].html.slice(0, 140)))"
        self.faults += [Fault(path, f"axe: {found}") for found in await page.evaluate(wrong)]


def shape(path: str) -> str:
    """An address with an X where something is named, so that each kind of page is looked at once."""
    bare, _, query = path.partition("?")
    named = re.sub(r"/((?:MASH|CONS)-[\w-]+|[0-9A-Fa-f]{16,}|[\w.~-]{30,}|[a-z]?\d+)(?=/|$)", "/X", bare)
    named = re.sub(
        r"^(/desk/(?:mail|directory/mailbox|admin/staff|admin/part/\w+)/)(?!new\b)[^/]+(?:/X)?", r"\1X", named
    )
    return named + ("?" + "&".join(sorted(re.sub(r"=[^&]*", "", query).split("&"))) if query else "")


async def links(page: Page) -> list[str]:
    """Where the page leads, on this host."""
    found: list[str] = await page.eval_on_selector_all("a[href^='/']", "all => all.map(a => a.getAttribute('href'))")
    return [path.partition("#")[0] for path in dict.fromkeys(found)]


async def answer(page: Page) -> None:
    """An ordinary answer to each question of the page at hand."""
    for name in await _names(page, "input[type=radio]"):
        boxes = page.locator(f"main input[type=radio][name='{name}']")
        if not await page.locator(f"main input[type=radio][name='{name}']:checked").count():
            await boxes.nth(1 if await boxes.count() > 1 else 0).check()
    for box in await page.locator(WRITTEN_IN).all():
        if await box.is_visible() and not await box.input_value():
            name = (await box.get_attribute("name") or "").rpartition(".")[2].rpartition("-")[2]
            await box.fill(next((said for key, said in FILL.items() if key in name), ""))
            if not await box.input_value() and await box.evaluate("e => e.tagName") == "TEXTAREA":
                await box.fill("Something that was seen")
    for chosen in await page.locator("main select").all():
        await chosen.select_option(index=1)


async def _names(page: Page, selector: str) -> Iterator[str]:
    found: list[str] = await page.eval_on_selector_all(f"main {selector}", "all => all.map(e => e.name)")
    return iter(dict.fromkeys(found))
