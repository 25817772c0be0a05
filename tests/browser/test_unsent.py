"""Many forms on one page: whoever sends one while words stand in another is asked first; No loses nothing."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.async_api import Browser, Dialog

from exchange.demo.stage import Stage
from tests.browser.tab import DESKTOP, look
from tests.ready import token_of

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.long]
LONG = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogochina"  # a name without a blank
REFERRAL = {
    "referrer": {"name": "Nora Notional", "source": "4", "telephone": "01632 960190"},
    "concern": {"immediate_danger": "no", "what_happened": "worry"},
    "subjects": [{"given_name": LONG, "family_name": "Invented"}, {"given_name": "Ben", "family_name": "Invented"}],
}


async def case_of(hub: Stage, label: str) -> str:
    """The address of a new case."""
    token = await token_of(hub, label, "intake_admin")
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as program:
        lodged = await program.post(f"{hub.base_url}/api/v1/referrals", json=REFERRAL)
    return f"{hub.base_url}/desk/case/{lodged.json()['reference']}"


async def test_nobody_is_rated_because_they_stand_first(hub: Stage, chromium: Browser) -> None:
    case, tab = await case_of(hub, "school"), await look(chromium, size=DESKTOP)
    await tab.signs_in(hub.base_url, "m")
    await tab.page.goto(case)
    assert await tab.page.eval_on_selector("#rate-subject", "e => e.value") == ""


async def test_words_in_another_form_are_asked_about_before_they_are_gone(hub: Stage, chromium: Browser) -> None:
    tab = await look(chromium, size=DESKTOP)
    page, asked = tab.page, list[str]()
    await tab.signs_in(hub.base_url, "m")
    drills = f"{hub.base_url}/desk/drills"
    await page.goto(drills)
    await page.click("button:text-is('Send a test to every mailbox')")
    await page.goto(drills)
    words = "form[action$='/heard'] input[type=text]"
    await page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    await page.fill(words, "ABCD-EFGH")
    await page.evaluate("document.querySelectorAll('details').forEach(d => d.open = false)")

    async def no(dialog: Dialog) -> None:
        asked.append(dialog.message)
        await dialog.dismiss()

    page.once("dialog", no)
    await page.evaluate("document.querySelector('form[action$=\"/drills\"]').requestSubmit()")
    assert [re.match("You have written something in another place", one) is not None for one in asked] == [True]
    assert page.url == drills
    assert await page.input_value(words) == "ABCD-EFGH"
    assert await page.is_visible(words)  # what it is about is shown
    page.once("dialog", lambda dialog: dialog.accept())
    async with page.expect_navigation():
        await page.evaluate("document.querySelector('form[action$=\"/drills\"]').requestSubmit()")
    assert await page.input_value(words) == ""
