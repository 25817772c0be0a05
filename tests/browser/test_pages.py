"""A referral on a phone, with script and without, and the desk: no console error, nothing axe objects to."""

from __future__ import annotations

import json
import re

import pytest
from playwright.async_api import Browser, Page

from exchange.demo.actors.mail_client import MailClient
from exchange.demo.stage import HUB_ADDRESS, Stage
from tests.browser.tab import DESKTOP, PHONE, look, picture

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
async def test_a_neighbour_refers_on_a_phone_and_reads_the_receipt(
    hub: Stage, chromium: Browser, script: bool
) -> None:
    tab = await look(chromium, script)
    page, name = tab.page, "Scripted" if script else "Plainly"
    await page.goto(hub.base_url)
    await tab.good()
    await page.click("button[value=child]")
    await tab.go_on()
    assert await page.locator(".govuk-error-summary").count() == 1  # nothing was chosen
    tab.wrong.clear()  # the browser itself names the reply with status 400
    await page.check("input[value=no]")
    await tab.go_on()
    await page.fill("#what_happened", "Came hungry again")
    await tab.go_on()
    await page.fill("#given_name", name)
    await page.press("#given_name", "Enter")  # goes on, whatever other buttons the page has
    await page.wait_for_url("**/home-1")
    await tab.go_on()
    await page.check("input[value=no]")
    await tab.go_on()
    await page.check("input[value=public]")
    await tab.go_on()
    await page.fill("#name", "Pat Pretend")
    await page.check("input[value='1B']")
    await tab.go_on()
    await page.fill("#telephone", "01632 960170")
    for _ in range(2):
        await tab.go_on()
    assert name in await page.inner_text("main")
    await tab.go_on("Send")
    await tab.good()
    shown = await page.inner_text("main")
    code = re.search(r"(?:[0-9A-Z]{5}-){5}[0-9A-Z]", shown)
    assert code
    packet = await hub.received("social_care", name)
    assert packet.encrypted
    await page.goto(f"{hub.base_url}/receipt")
    await page.fill("#code", code[0])
    await tab.go_on()
    assert "We received it" in await page.inner_text("main")
    await tab.good()
    await page.goto(json.loads(packet.attachments["packet.json"])["answer_page"])
    await tab.good()


CHOSEN = {  # what she ticks where it is asked; `more` stands on three pages
    "immediate_danger": "no", "abuse": "financial self_neglect", "safe_to_contact": "yes",
}  # fmt: skip
WRITTEN = {
    "given_name": "Boxed", "what_happened": "Unopened post for months", "name": "Orla Notreal",
    "telephone": "01632 960155", "relationship": "District nurse, two years",
}  # fmt: skip


async def answer(page: Page) -> None:
    """What the nurse knows of the page at hand."""
    more = {"more": "yes"}.get(page.url.rpartition("/")[2], "no")
    for name, values in {**CHOSEN, "more": more}.items():
        for value in values.split():
            if await page.locator(f"[name={name}]").count():
                await page.check(f"[name={name}][value={value}]")
    if await page.locator("#source").count():
        await page.select_option("#source", "3D")
    for name, said in WRITTEN.items():
        if await page.locator(f"#{name}").count():
            await page.fill(f"#{name}", said)


@pytest.mark.long
async def test_a_nurse_tells_all_of_an_adult_on_a_phone(hub: Stage, chromium: Browser) -> None:
    tab = await look(chromium)
    page = tab.page
    await page.goto(hub.base_url)
    await page.click("button:text-is('Refer an adult')")
    pages = 0
    while not page.url.endswith("/check"):
        pages += 1
        await answer(page)
        await picture(page, f"adult-{pages:02}")
        await tab.go_on()
    assert pages > 20
    shown = await page.inner_text("main")
    assert "Financial or material abuse; Self-neglect" in shown
    await picture(page, "adult-check")
    await page.click("a[href^='/referral/harm-1']")
    ticked = await page.eval_on_selector_all("[name=abuse]:checked", "boxes => boxes.map(box => box.value)")
    assert ticked == ["financial", "self_neglect"]  # and not neglect
    await page.uncheck("input[value=financial]")
    await tab.go_on()
    assert "Self-neglect" in await page.inner_text("main")
    await tab.go_on("Send")
    packet = await hub.received("social_care", "Boxed")
    assert "Self-neglect" in packet.text
    assert "Financial" not in packet.text


@pytest.mark.parametrize("size", [PHONE, pytest.param(DESKTOP, marks=pytest.mark.long)], ids=["phone", "desktop"])
async def test_the_desk_reads_rates_and_takes_a_call(hub: Stage, chromium: Browser, size: dict[str, int]) -> None:
    tab = await look(chromium, size=size)
    page = tab.page
    await tab.signs_in(hub.base_url, "m")
    await tab.good()
    await page.goto(f"{hub.base_url}/desk/telephone")
    await picture(page, f"telephone-{size['width']}")
    for field, said in (
        ("name", "Rita Ringer"), ("checked", "rang back"), ("concern.what_happened", "Heard shouting"),
        ("s1.given_name", "Mina"),
    ):  # fmt: skip
        await page.fill(f"[name='{field}']", said)
    await page.check("[name='rating'][value='green']")
    await tab.good()
    await page.locator("form button").last.click()
    assert "Mina" in await page.inner_text("main")
    assert re.search(r"(?:[0-9A-Z]{5}-){5}[0-9A-Z]", await page.inner_text(".app-keep"))
    await tab.good()
    await picture(page, f"case-{size['width']}")
    await page.click("summary:has-text('Rate')")
    await page.check("#rate-rating-2")
    await page.fill("#rate-reason", "shouting at night")
    await page.click("button:text-is('Rate')")
    assert "Amber" in await page.inner_text("main")
    for summary in await page.locator("summary").all():
        await summary.click()
    await tab.good()
    await picture(page, f"case-open-{size['width']}")
    reference = page.url.rpartition("/")[2]
    for path in (
        "desk", "desk?owner=me&late=yes&rating=red", "desk?show=all", "desk/silence", "desk/shortcuts", "desk/search",
        f"desk/case/{reference}/receipt_code",
    ):  # fmt: skip
        await page.goto(f"{hub.base_url}/{path}")
        await tab.good()
        await picture(page, f"{path.replace('/', '-').replace(reference, 'case')}-{size['width']}")


async def test_on_a_phone_nothing_of_the_queue_is_beyond_the_edge(hub: Stage, chromium: Browser) -> None:
    tab = await look(chromium)
    page = tab.page
    await tab.signs_in(hub.base_url, "m")
    await page.goto(f"{hub.base_url}/desk")
    row = page.locator("#todo tbody tr").first
    cells = await row.locator("[data-label]").evaluate_all(
        "cells => cells.map(c => [c.dataset.label, c.getBoundingClientRect().right])"
    )
    assert [label for label, _ in cells] == ["Due", "What", "Telephone", "Case"]
    assert all(right <= PHONE["width"] for _, right in cells)
    inside = "e => e.scrollWidth - e.clientWidth"
    assert {await e.evaluate(inside) for e in await page.locator(".app-scroll").all()} == {0}


async def test_an_open_page_offers_what_has_changed_and_does_not_move(hub: Stage, chromium: Browser) -> None:
    tab = await look(chromium)
    page = tab.page
    await tab.signs_in(hub.base_url, "m")
    async with page.expect_request("**/desk/live"):
        await page.goto(f"{hub.base_url}/desk")
    await page.evaluate("window.scrollTo(0, 200)")
    before = await page.evaluate("[window.scrollY, document.querySelector('main').getBoundingClientRect().top]")
    neighbour = MailClient("neighbour@street.example")
    await hub.mail(neighbour.address, HUB_ADDRESS, neighbour.plain(HUB_ADDRESS, "help", "They cry all night"))
    offered = page.locator("[data-live] a")
    await offered.wait_for(timeout=60_000)
    assert (
        await page.evaluate("[window.scrollY, document.querySelector('main').getBoundingClientRect().top]") == before
    )
    assert re.search(r"things? ha(s|ve) changed", await page.locator("[data-live]").inner_text())
    await tab.good()
    await offered.click()
    await page.locator("#unread", has_text="Came unencrypted").wait_for(timeout=60_000)  # the next page is there
    await tab.good()


async def test_keys_move_through_a_list_once_they_are_switched_on(hub: Stage, chromium: Browser) -> None:
    tab = await look(chromium, size=DESKTOP)
    page = tab.page
    await tab.signs_in(hub.base_url, "m")
    await page.keyboard.press("w")
    assert page.url.endswith("/desk")  # they are off
    await page.goto(f"{hub.base_url}/desk/shortcuts")
    await page.click("text=Use these keys in this browser")
    await tab.good()
    await page.keyboard.press("c")
    await page.wait_for_url("**/desk")
    for key in ("j", "j", "k"):
        await page.keyboard.press(key)
    reference = await page.evaluate("document.activeElement.textContent")
    assert re.fullmatch(r"MASH-\w{4}-\w{4}|Read the mail", reference)
    await page.keyboard.press("w")
    await page.wait_for_url("**/desk/silence")
