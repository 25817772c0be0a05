"""The pick-up page on a phone, with script and without: no console error, nothing axe objects to."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from exchange.demo.stage import HUB_FILE, Stage, stage
from tests.browser.tab import look
from tests.journeys.test_by_mail import refer
from tests.proved import proved_in
from tests.ready import ready

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.long,
    pytest.mark.timeout(300),
]
PEOPLE = (
    '[{ name = "Finn Fiction", since = 2026-01-05, code_to = "07700 900124" }, '
    '{ name = "Flo Fable", since = 2026-01-05, code_to = "head@office.example" }]'
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """A served hub whose school support fetches its letters, by a code that is shown on the terminal."""
    before, mark, rest = HUB_FILE.read_text().partition("[agencies.education.mailbox]\n")
    rest = rest.replace('transports = ["openpgp"]', 'transports = ["pickup"]', 1)
    rest = rest.replace('[{ name = "Finn Fiction", since = 2026-01-05 }]', PEOPLE, 1)
    text = tmp_path_factory.mktemp("hub") / "hub.toml"
    text.write_text(before + mark + rest)
    async with stage() as made:
        await ready(made, text)
        await proved_in(made.folder / "hub" / "exchange.toml", "education-1")
        made.environment["EXCHANGE_PICKUP__SENDER"] = "console"
        await made.serve()
        yield made


@pytest.mark.parametrize("script", [True, False])
async def test_a_letter_is_fetched_on_a_phone(hub: Stage, chromium: Browser, tmp_path: Path, script: bool) -> None:
    await refer(hub)
    # Of the case: the test of the mailbox's new way waits there too.
    notice = await hub.received("education", "Reference    MASH-")
    link = re.search(r"(http://\S+/pickup/\S+)", notice.text)
    assert link
    tab = await look(chromium, script)
    await tab.page.goto(link[1])
    await tab.page.screenshot(path=tmp_path / "ask.png", full_page=True)
    assert "07700" not in await tab.page.content()
    await tab.page.check("text=number ends in 24")
    await tab.go_on("Send the code")
    sent = re.findall(r"one-time code for 07700 900124: (\d{6})", (hub.folder / "serve.log").read_text())
    await tab.page.screenshot(path=tmp_path / "code.png", full_page=True)
    await tab.page.fill("input[name=code]", "12")
    await tab.go_on("Open the message")
    await tab.page.wait_for_selector(".govuk-error-summary")
    tab.wrong.clear()  # the browser's own word on a status of 400
    await tab.page.screenshot(path=tmp_path / "wrong.png", full_page=True)
    await tab.page.fill("input[name=code]", sent[-1])
    await tab.go_on("Open the message")
    await tab.good()
    await tab.page.screenshot(path=tmp_path / "letter.png", full_page=True)
    assert "Canary-school" in await tab.page.content()
    await tab.page.click("text=Answer now >> nth=0")
    await tab.good()
    assert await tab.page.input_value("input[name=code]")
