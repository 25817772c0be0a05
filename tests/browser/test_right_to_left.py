"""A language written from right to left: pages turn round and still fit a small telephone.

No such catalogue is ours yet: this one says each English sentence in made-up Arabic letters, markup and places kept.
`LOOK=DIRECTORY` also leaves a picture of each page.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from babel.messages.pofile import write_po
from playwright.async_api import Browser

import templates.languages as languages
from exchange.web.pages import PUBLIC_FILES, STATIC
from exchange.web.speaking import Choice
from templates.languages.gathering import gathered
from tests.browser.tab import AXE
from tests.web import specimens

PAGES: dict[str, Callable[[], str]] = {
    "question": specimens.question,
    "wrong": lambda: specimens.question(wrong=True),
    "check_answers": specimens.check_answers,
    "confirmation": specimens.confirmation,
    "error": lambda: specimens.error("broken"),
}
_LETTERS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ابتثجحخدذرزسشصضطظعغفقكلمنه")
_KEPT = re.compile(r"(<[^>]*>|%\(\w+\)s|%%\{?\w+\}?%*)")  # markup and places for values


@pytest.fixture(scope="module")
def arabic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A catalogue of a language that is written from right to left."""
    kept, folder = languages.CATALOGUES, tmp_path_factory.mktemp("languages")
    catalog = gathered()
    for message in catalog:
        parts = _KEPT.split(str(message.id))
        message.string = "".join(p if _KEPT.fullmatch(p) else p.lower().translate(_LETTERS) for p in parts)
    (folder / "ar" / "LC_MESSAGES").mkdir(parents=True)
    with (folder / "ar" / "LC_MESSAGES" / "messages.po").open("wb") as file:
        write_po(file, catalog)
    languages.CATALOGUES = folder
    languages.known.cache_clear()
    yield
    languages.CATALOGUES = kept
    languages.known.cache_clear()


class _Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        name = self.path.partition("?")[0].removeprefix("/")
        if name in PAGES:
            with languages.speaking("ar"):
                self._send("text/html; charset=utf-8", PAGES[name]().encode())
        else:
            kept = name.removeprefix("static/")
            self._send(PUBLIC_FILES[kept], (STATIC / kept).read_bytes())

    def _send(self, kind: str, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def address(arabic: None) -> Iterator[str]:
    """Where the pages are served."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.asyncio(loop_scope="module")
async def test_pages_turn_round_and_fit_a_small_telephone(address: str, chromium: Browser) -> None:
    tab = await chromium.new_page(locale="en-GB")
    for name in PAGES:
        for width in (320, 1200):
            await tab.set_viewport_size({"width": width, "height": 800})
            await tab.goto(f"{address}/{name}")
            if look := os.environ.get("LOOK"):
                await tab.screenshot(path=Path(look) / f"rtl-{name}-{width}.png", full_page=True)
            assert await tab.get_attribute("html", "dir") == "rtl"
            assert await tab.get_attribute("html", "lang") == "ar"
            wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert await tab.evaluate(wide) <= 0, f"{name} at {width} px"
            heading = await tab.evaluate(
                "(() => { const h = document.querySelector('h1').getBoundingClientRect();"
                " const m = document.querySelector('main').getBoundingClientRect(); return m.right - h.right })()"
            )
            assert heading >= -1, f"{name} at {width} px: the heading runs out of the page"
        await tab.evaluate(AXE.read_text())
        assert await tab.evaluate("axe.run().then(r => r.violations.map(v => v.id + ': ' + v.help))") == []


def test_the_choice_of_languages_is_said_in_each_ones_own_words(arabic: None) -> None:
    ours = languages.known()
    assert [(one.name, one.direction) for one in ours] == [("English", "ltr"), ("العربية", "rtl")]
    assert Choice(ours[1], "/?language=ar").language.code == "ar"
