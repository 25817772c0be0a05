"""What every test in a browser starts from: one Chromium for a module, and a served hub with two of staff."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from exchange.demo.stage import Stage, stage
from tests.browser.tab import CHROMIUM, PASSWORD, QUIET
from tests.ready import ready

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before the marks are read
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They are skipped where there is no browser."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium: apt-get install chromium"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub with somebody at the desk, and somebody else."""
    async with stage() as made:
        await ready(made)
        secret = made.folder / "password"
        secret.write_text(PASSWORD)
        staff = (("m", "hub_manager"), ("other", "auditor"), ("other-manager", "hub_manager"))
        for member, role in staff:
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
