"""The specimens in a real browser under the real policy: nothing blocked, nothing too wide, nothing axe objects to.

`LOOK=DIRECTORY pytest tests/web/test_specimens.py` also leaves a picture of each, to be looked at.
"""

import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.async_api import Browser, Route, async_playwright

from exchange.web.pages import HEADERS, PUBLIC_FILES, STATIC, content_security_policy
from tests.web import specimens

CHROMIUM = "/usr/bin/chromium"
AXE = Path(__file__).parents[1] / "browser/vendor/axe.min.js"
PAGES: dict[str, Callable[[], str]] = {
    "question": specimens.question,
    "wrong": lambda: specimens.question(wrong=True),
    "check_answers": specimens.check_answers,
    "confirmation": specimens.confirmation,
    "desk": specimens.desk,
    "error": lambda: specimens.error("expired"),
}
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium: apt-get install chromium"),
]


class _Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        name = self.path.split("?")[0].removeprefix("/")
        if name in PAGES:
            self._send("text/html; charset=utf-8", PAGES[name]().encode())
        else:
            kept = name.removeprefix("static/")
            self._send(PUBLIC_FILES[kept], (STATIC / kept).read_bytes())

    def _send(self, kind: str, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", content_security_policy(specimens.PUBLIC.csp_nonce))
        for header, value in HEADERS.items():
            self.send_header(header, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        yield browser
        await browser.close()


@pytest.mark.parametrize("name", PAGES)
async def test_a_page_is_clean_and_fits_every_screen(name: str, address: str, browser: Browser) -> None:
    tab = await browser.new_page()
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    outside: list[str] = []

    async def only_ours(route: Route) -> None:
        if route.request.url.startswith(address):
            await route.continue_()
        else:
            outside.append(route.request.url)
            await route.abort()

    await tab.route("**", only_ours)
    for width in (320, 390, 1200):  # 320 is WCAG 1.4.10's
        await tab.set_viewport_size({"width": width, "height": 900})
        await tab.goto(f"{address}/{name}")
        if look := os.environ.get("LOOK"):
            await tab.screenshot(path=f"{look}/{name}-{width}.png", full_page=True)
        too_wide = await tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide <= 0, f"{name} is {too_wide} px too wide for {width} px"
    await tab.evaluate(AXE.read_text())
    found = await tab.evaluate("axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html))")
    assert (found, said, outside) == ([], [], [])


async def test_a_table_is_sorted_by_its_heading(address: str, browser: Browser) -> None:
    tab = await browser.new_page()
    await tab.goto(f"{address}/desk")
    first = tab.locator("[data-module=moj-sortable-table] tbody th").first
    assert await first.inner_text() == "Health"  # due first
    await tab.get_by_role("button", name="Due").click()
    assert await first.inner_text() == "Police"


async def test_without_script_every_answer_can_be_given(address: str, browser: Browser) -> None:
    context = await browser.new_context(java_script_enabled=False)
    tab = await context.new_page()
    await tab.goto(f"{address}/question")
    for name in ("full_name", "born-day", "safe", "told", "area", "concern", "sure"):
        assert await tab.locator(f"[name={name}]").first.is_visible()
    assert await tab.get_by_role("button", name="Continue").is_visible()
