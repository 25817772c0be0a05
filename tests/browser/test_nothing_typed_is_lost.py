"""At the desk nothing that was typed is lost by pressing another button of the same page, with script and without."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from exchange.demo.stage import Stage
from tests.browser.tab import DESKTOP, PASSWORD, PHONE, WIDTHS, Look, look, picture

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.long]
WAYS = pytest.mark.parametrize(
    ("script", "size"),
    [
        (False, PHONE),
        pytest.param(True, PHONE, marks=pytest.mark.long),
        pytest.param(True, DESKTOP, marks=pytest.mark.long),
    ],
    ids=["plain", "phone", "desktop"],
)  # fmt: skip


async def typed(tab: Look, **said: str) -> None:
    """Words in the controls of these names, "__" for the dot."""
    for name, words in said.items():
        await tab.page.fill(f"[name='{name.replace('__', '.')}']", words)


async def holds(tab: Look, **said: str) -> None:
    """They are there still."""
    for name, words in said.items():
        assert await tab.page.input_value(f"[name='{name.replace('__', '.')}']") == words


@WAYS
async def test_one_more_child_named_in_the_middle_of_a_call(
    hub: Stage, chromium: Browser, script: bool, size: dict[str, int]
) -> None:
    tab = await look(chromium, script, size, WIDTHS)
    await tab.signs_in(hub.base_url, "m")
    await tab.page.goto(f"{hub.base_url}/desk/telephone")
    said = {
        "name": "Rita Ringer", "telephone": "01632 960180", "checked": "rang back", "s1__given_name": "Mina",
        "concern__what_happened": "Shouting every night, and the small one",
    }  # fmt: skip
    await typed(tab, **said)
    await tab.page.check("[name='rating'][value='amber']")
    await tab.page.locator("button:text-is('One more person at risk')").last.click()
    await holds(tab, **said)
    assert await tab.page.is_checked("[name='rating'][value='amber']")
    assert tab.page.url.endswith("/desk/telephone#at-s2")
    await tab.page.locator("button:text-is('One more person in their life')").last.click()
    await typed(tab, s2__given_name="Nino", p2__name="Ash Nobody")
    await tab.good()
    await picture(tab.page, f"telephone-more-{size['width']}-{script}")
    await tab.page.press("[name='s2.given_name']", "Enter")  # records it, and lays out nothing anew
    await tab.page.wait_for_selector(".app-keep")
    seen = await tab.page.inner_text("main")
    assert "Mina, Nino" in seen.replace("\n", " ")
    assert "Shouting every night, and the small one" in seen


@WAYS
async def test_about_an_adult_after_all(hub: Stage, chromium: Browser, script: bool, size: dict[str, int]) -> None:
    tab = await look(chromium, script, size, WIDTHS)
    await tab.signs_in(hub.base_url, "m")
    await tab.page.goto(f"{hub.base_url}/desk/telephone")
    await typed(tab, name="Rita Ringer", s1__given_name="Vera", concern__what_happened="Unopened post")
    asked = tab.page.locator("[name^='s1.school']").first
    await asked.evaluate("control => { for (let up = control; up; up = up.parentElement) up.open = true }")
    await asked.fill("Inventa School")
    await tab.page.click("button:text-is('About an adult instead')")
    await holds(tab, name="Rita Ringer", s1__given_name="Vera", concern__what_happened="Unopened post")
    await tab.good()
    await tab.page.click("button:text-is('About a child instead')")
    await holds(tab, name="Rita Ringer", s1__given_name="Vera", concern__what_happened="Unopened post")
    assert await asked.input_value() == "Inventa School"


async def a_case(tab: Look, url: str) -> None:
    """The page of a case that came by telephone."""
    await tab.page.goto(f"{url}/desk/telephone")
    said = {"checked": "rang back", "concern__what_happened": "Shouting every night"}
    await typed(tab, name="Rita Ringer", telephone="01632 960180", s1__given_name="Mina", **said)
    await tab.page.check("[name='rating'][value='amber']")
    await tab.page.press("[name='s1.given_name']", "Enter")
    await tab.page.wait_for_selector(".app-keep")
    reference = (await tab.page.title()).partition(" ")[0]
    await tab.page.goto(f"{url}/desk/case/{reference}")


async def pressed(tab: Look, act: str, nth: int = 0) -> None:
    """The button of one act."""
    await tab.page.locator(f"[data-act='{act}'] button[formaction$='/{act}']").nth(nth).click()
    await tab.page.wait_for_load_state()


@WAYS
async def test_reasons_stay_when_another_button_of_the_case_is_pressed(
    hub: Stage, chromium: Browser, script: bool, size: dict[str, int]
) -> None:
    tab = await look(chromium, script, size, WIDTHS)
    page = tab.page
    await tab.signs_in(hub.base_url, "m")
    await a_case(tab, hub.base_url)
    for act in ("decide", "rate", "own"):
        await page.click(f"details:has(#{act}) > summary")
    await page.select_option("#decide-decision", index=1)
    await page.fill("#decide-reason", 'Ten minutes\nof <b>reasons</b> & "more"')
    await page.check("#rate-rating-3")
    await tab.good()

    await pressed(tab, "own")  # done, and what stands beside it is kept and open
    decided = 'Ten minutes\nof <b>reasons</b> & "more"'
    assert "Followed by m" in await page.inner_text(".app-identity")
    banner = await page.inner_text(".govuk-notification-banner")
    assert "That is done. What you typed beside it was not sent, and is still here." in banner
    assert "Decide" in banner
    chosen = await page.input_value("#decide-decision")
    assert chosen
    assert await page.input_value("#decide-reason") == decided
    assert await page.is_visible("#decide-reason")
    assert await page.is_checked("#rate-rating-3")
    await tab.good()
    await picture(page, f"case-kept-{size['width']}-{script}")

    await pressed(tab, "rate")  # refused: both are there still
    await tab.refused()
    assert await page.input_value("#decide-reason") == decided
    assert await page.is_checked("#rate-rating-3")
    await page.fill("#rate-reason", "as it was told")
    await page.press("#decide-follow_up", "Enter")  # presses nothing
    assert "Nothing was sent" in await page.inner_text(".govuk-notification-banner")
    assert await page.input_value("#rate-reason") == "as it was told"
    await pressed(tab, "rate")
    assert await page.input_value("#rate-reason") == ""
    assert await page.input_value("#decide-reason") == decided
    assert await page.input_value("#decide-decision") == chosen
    assert "Green" in await page.inner_text(".app-identity")

    await page.click("details:has(#feedback) > summary")
    await page.fill("#feedback-words", "Thank you for ringing")
    await page.click("button:text-is('See what they will read')")  # and over the page between
    assert await page.input_value("#words") == "Thank you for ringing"
    await page.click("button:text-is('Give to a second person')")
    await tab.refused()  # nothing is decided yet
    assert await page.input_value("#feedback-words") == "Thank you for ringing"
    assert await page.input_value("#decide-reason") == decided


@WAYS
async def test_what_was_sent_when_signed_out_elsewhere_is_kept_and_read_in_words(
    hub: Stage, chromium: Browser, script: bool, size: dict[str, int]
) -> None:
    tab = await look(chromium, script, size, WIDTHS)
    page = tab.page
    await tab.signs_in(hub.base_url, "other-manager")
    await a_case(tab, hub.base_url)
    await page.click("details:has(#ask_referrer) > summary")
    await page.fill("#ask_referrer-words", "Who fetches her from school?")
    other = await page.context.new_page()
    await other.goto(f"{hub.base_url}/desk/account")
    await other.click("button:text-is('Sign out everywhere')")
    await pressed(tab, "ask_referrer")
    await typed(tab, member="other-manager", password=PASSWORD)
    await page.click("button:text-is('Sign in')")
    await page.wait_for_url("**/desk/kept")
    kept = await page.inner_text("main")
    assert "Who fetches her from school?" in kept
    assert "ask_referrer" not in kept
    await tab.good()
    await page.click("button:text-is('Send it now')")
    await (
        tab.refused()
    )  # of somebody who rang nothing is known in free words; what was typed stands where it was typed
    assert await page.input_value("#ask_referrer-words") == "Who fetches her from school?"
