"""Every journey in a real browser, with script and without, on a telephone and at a desk.

Each page fits the screen at 320, 390 and 1280 pixels, axe objects to nothing, the Content Security Policy reports
nothing, and nobody else is asked for anything. They are long; the shortest are also in test_pages.py.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator

from tests.browser.tab import WIDTHS, Look, look
from tests.screens.story import MANAGER, PASSWORD, SCHOOL, Story, referral, told
from tests.screens.tour import answer

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.long, pytest.mark.timeout(600)]
CODE = re.compile(r"(?:[0-9A-Z]{5}-){4,}[0-9A-Z]+")
COMES = b"is your code"
MOST = 60  # pages of one form
BROKEN = """all => all.filter(e => {
    const within = document.createRange();
    within.selectNodeContents(e);
    return within.getClientRects().length > e.textContent.trim().split(/\\s+/).length;
}).map(e => e.textContent)"""
Journey = Callable[["Walk"], Awaitable[None]]


@dataclass
class Walk:
    """One person on one journey."""

    tab: Look
    story: Story
    browser: Browser

    async def open(self, path: str) -> None:
        """A page of the hub, which is good."""
        await self.tab.page.goto(self.story.url + path)
        await self.tab.good()

    async def press(self, name: str) -> None:
        """A button, once the page was found good."""
        await self.tab.good()
        await self.tab.leave(self.tab.page.locator(f"button:text-is('{name}')").first)

    async def says(self, words: str) -> None:
        """The page that came says this, and is good."""
        await self.tab.page.locator("body", has_text=words).wait_for()
        await self.tab.good()

    async def begins(self, path: str, nth: int) -> None:
        """One of the forms, by its place on the page that offers it."""
        await self.open(path)
        await self.tab.leave(self.tab.page.locator("main form[action='/referral/begin'] button").nth(nth))

    async def fills(self, until: str, *, siblings: bool = False) -> None:
        """Each page of a form with ordinary answers; with `siblings`, about one more person."""
        page = self.tab.page
        for _ in range(MOST):
            slug = page.url.partition("?")[0].rpartition("/")[2]
            if slug == until:
                await self.tab.good()
                return
            if slug == "another" and siblings:
                await page.check("input[value=yes]")
                siblings = False
            else:
                await answer(page)
            await self.tab.good()
            await self.tab.leave(page.locator("main form").last.locator("button:not([value])").first)
        raise AssertionError(f"{until} never came: {page.url}")

    async def code(self) -> str:
        """The code that the page shows."""
        found = CODE.search(await self.tab.page.inner_text("main"))
        assert found
        return found[0]

    async def signs_in(self) -> None:
        """At the desk."""
        await self.tab.signs_in(self.story.url, MANAGER, PASSWORD)

    async def act(self, name: str, **values: str) -> None:
        """One act on the page of a case: its fold is opened, it is filled in and sent; nothing is refused."""
        form = self.tab.page.locator(f"[data-act='{name}']").first
        await self.tab.page.eval_on_selector_all("main details", "all => all.forEach(d => d.open = true)")
        for field, value in values.items():
            await _put(form.locator(f"[name$='.{field}'], [name$=':{field}']"), value)
        await self.tab.leave(form.locator("button").last)
        assert not await self.tab.page.locator(".govuk-error-summary").count(), (name, self.tab.page.url)
        await self.tab.good()


async def _put(control: Locator, value: str) -> None:
    kind = await control.first.evaluate("e => e.tagName === 'INPUT' ? e.type : e.tagName")
    if kind in ("radio", "checkbox"):
        for one in value.split():
            await control.and_(control.page.locator(f"[value='{one}']")).check()
    elif kind == "SELECT":
        await control.select_option(value)
    else:
        await control.fill(value)


async def neighbour(walk: Walk) -> None:
    await walk.begins("/", 0)
    await walk.fills("sent")
    code = await walk.code()
    await walk.open("/receipt")
    await walk.tab.page.fill("#code", code)
    await walk.press("Continue")
    await walk.says("We received it")
    await walk.tab.page.fill("#words", "It happened again last night")
    await walk.press("Add this")
    await walk.says("We have what you added")


async def child(walk: Walk) -> None:
    await walk.begins("/tell", 0)
    await walk.fills("sent")


async def business(walk: Walk) -> None:
    await walk.begins("/report", 0)
    await walk.fills("sent")


async def school_with_siblings(walk: Walk) -> None:
    await walk.begins("/", 2)
    await walk.fills("sent", siblings=True)


async def nurse_with_two_adults(walk: Walk) -> None:
    await walk.begins("/", 3)
    await walk.fills("sent", siblings=True)


async def put_aside_and_taken_up(walk: Walk) -> None:
    await walk.begins("/", 2)
    await answer(walk.tab.page)
    await walk.press("Continue")
    await walk.press("Save and come back later")
    await walk.says("Write down this code")
    code = await walk.code()
    other = Walk(await look(walk.browser, walk.tab.script, widths=WIDTHS), walk.story, walk.browser)
    await other.open("/referral/return")
    await other.tab.page.fill("#code", code)
    await other.press("Continue")
    await other.says("Parts of the form")


async def another_language(walk: Walk) -> None:
    await walk.begins("/", 0)
    await answer(walk.tab.page)
    await walk.press("Continue")
    await walk.tab.page.fill("#what_happened", "Kept on the way")
    await walk.press("Cymraeg")
    assert await walk.tab.page.input_value("#what_happened") == "Kept on the way"
    assert await walk.tab.page.get_attribute("html", "lang") == "cy"
    await walk.tab.good()


async def a_file_with_it(walk: Walk) -> None:
    await walk.begins("/", 2)
    await walk.fills("check")
    await walk.open("/referral/files")
    chosen = {"name": "note.txt", "mimeType": "text/plain", "buffer": b"She was not in school on Monday."}
    await walk.tab.page.set_input_files("#files", chosen)  # type: ignore[arg-type]
    await walk.press("Add")
    await walk.says("note.txt")
    await walk.open("/referral/check")
    await walk.press("Send")
    await walk.says("We have received it")


async def colleagues(walk: Walk) -> None:
    size = walk.tab.page.viewport_size or {"width": 0}
    address = f"nadia-{size['width']}-{walk.tab.script}@{SCHOOL}".lower()  # of her own: an address gets one a minute
    await walk.open("/account/sign-in")
    await walk.tab.page.fill("#address", address)
    await walk.press("Send the code")
    mail = await walk.story.stage.relay.wait_for_mail(address, lambda one: COMES in one.content)
    found = re.search(rb"(\d{3} \d{3}) is your code", mail.content)
    assert found
    await walk.tab.page.fill("#code", found[1].decode())
    await walk.press("Sign in")
    await walk.says("Madeupton Primary")
    await walk.tab.page.locator("button", has_text="Open").first.click()
    await walk.says("We received it")


async def answering(walk: Walk) -> None:
    await walk.open(walk.story.links["answer-police"])
    await walk.press("Send answer")
    await walk.tab.refused()
    await walk.tab.page.check("[name=answer][value=information]")
    for name, said in (("name", "Ada"), ("code", walk.story.codes["police"]), ("words", "Two calls since May")):
        await walk.tab.page.fill(f"[name={name}]", said)
    await walk.press("Send answer")
    await walk.says("We have your answer")
    await walk.tab.page.click("text=Change your answer")
    await walk.says("Your agency answered")


async def fetching(walk: Walk) -> None:
    await walk.open(walk.story.links["pickup"])
    await walk.tab.page.check("text=number ends in 24")
    await walk.press("Send the code")
    log = walk.story.stage.folder / "serve.log"
    sent = re.findall(r"one-time code for 07700 900124: (\d{6})", await asyncio.to_thread(log.read_text))
    await walk.tab.page.fill("[name=code]", sent[-1])
    await walk.press("Open the message")
    await walk.says("Answer now")


async def invited(walk: Walk) -> None:
    await walk.open(walk.story.links["attend"])
    await walk.tab.page.locator("[name=answer]").first.check()
    await walk.tab.page.fill("[name=name]", "Ada")
    await walk.tab.page.fill("[name=code]", walk.story.codes["attend"])
    await walk.press("Send answer")
    await walk.says("We have your answer")


async def telephone(walk: Walk) -> None:
    await walk.signs_in()
    await walk.open("/desk/telephone")
    page = walk.tab.page
    for field, said in (
        ("name", "Rita Ringer"), ("checked", "rang back"), ("concern.what_happened", "Heard shouting"),
        ("s1.given_name", "Mina"),
    ):  # fmt: skip
        await page.fill(f"[name='{field}']", said)
    await page.check("[name='rating'][value='green']")
    await walk.tab.good()
    await page.locator("main form button").last.click()
    await walk.says("Mina")
    await walk.act("rate", subject="s1", rating="amber", reason="shouting at night")
    await walk.act("decide", subject="s1", decision="early_help", voice="heard", without_checks="yes", reason="why")
    await walk.act("outcome", subject="s1", outcome="early_help", leg="hub", words="A worker visits")


async def whole_case(walk: Walk) -> None:
    await walk.signs_in()
    await walk.open(f"/desk/case/{walk.story.whole}")
    assert await walk.tab.page.eval_on_selector_all("#people .app-rating", BROKEN) == []  # words, in a narrow column
    await walk.act("set_action", words="Ring the school", owner="police", subjects="s1", due="2031-03-27")
    size = walk.tab.page.viewport_size or {"width": 0}
    time = f"1{int(walk.tab.script)}:{WIDTHS.index(size['width']):02}"  # one that nobody has called it for yet
    await walk.act("call", starts_date="2031-03-28", starts_time=time, subjects="s1", reason="it goes on")
    await walk.act("product", subjects="s1", recipients="social_care", analysis="Seen together, a pattern")
    form = walk.tab.page.locator("[data-act='feedback']").first
    if await form.count():
        await walk.tab.page.eval_on_selector_all("main details", "all => all.forEach(d => d.open = true)")
        await form.locator("textarea").first.fill("Thank you for ringing")
        await form.locator("button[formaction$='/letter']").click()
        await walk.says("will read")
    for path in ("compare", "minutes", "receipt_code"):
        await walk.tab.page.goto(f"{walk.story.url}/desk/case/{walk.story.whole}/{path}")
        walk.tab.wrong.clear()  # what there is nothing of is not found, and the browser says so
        await walk.tab.good()


async def queue(walk: Walk) -> None:
    await walk.signs_in()
    for path in (
        "", "?rating=red", "?owner=me&late=yes", "?show=all", "?unread=yes", "/silence", "/silence?order=agency",
        "/drift", "/escalations", "/sessions", "/search", "/directory", "/drills", "/consultation", "/account",
        "/shortcuts",
    ):  # fmt: skip
        await walk.open(f"/desk{path}")


async def asked_once_more(walk: Walk) -> None:
    lodged = (await walk.story.program.post("/referrals", json=referral("Wanda", "Waiting"))).json()
    await walk.signs_in()
    boxes = walk.tab.page.locator(f"[name=what][value^='{lodged['reference']}']")
    more = walk.tab.page.locator("main a:text-is('More rows')")
    await walk.open("/desk/silence?show=all")
    async with asyncio.timeout(120):  # until its packets are there: who has nothing yet is not asked once more
        while not await boxes.count():
            if await more.count():
                await walk.tab.leave(more)
            else:
                await walk.open("/desk/silence?show=all")
    await walk.tab.good()
    await boxes.first.check()
    await walk.press("See who gets what")
    await walk.says("who gets what")
    await walk.tab.page.locator("button", has_text="Send one letter").click()
    await walk.says("Asked once more")


async def mail_to_be_read(walk: Walk) -> None:
    await walk.signs_in()
    await walk.open("/desk?unread=yes")
    await walk.tab.page.locator("#unread tr", has_text="Came unencrypted").locator("a").first.click()
    await walk.tab.good()
    await walk.tab.page.locator("a[href$='/transcribe']").click()
    await walk.says("They cry all night")
    wide = (walk.tab.page.viewport_size or {"width": 0})["width"] > 768
    await walk.tab.page.evaluate("scrollTo(0, 1500)")
    top = await walk.tab.page.evaluate("document.querySelector('.app-original').getBoundingClientRect().top")
    assert (abs(top) < 2) is wide, top  # the original is there still where the people are typed in
    mail = await walk.tab.page.locator("a[href^='/desk/mail/']").first.get_attribute("href")
    await walk.open(mail or "")


async def proposal(walk: Walk) -> None:
    await walk.signs_in()
    await walk.open("/desk/admin/part/hub/hub")
    size = walk.tab.page.viewport_size or {"width": 0}
    hours = 30 + 2 * WIDTHS.index(size["width"]) + int(walk.tab.script)
    await walk.tab.page.fill("#drift", f"{hours}h")
    await walk.press("Continue")
    await walk.press("Apply it")
    await walk.says(f"Applied by {MANAGER}")


JOURNEYS: tuple[Journey, ...] = (
    neighbour, child, business, school_with_siblings, nurse_with_two_adults, put_aside_and_taken_up, another_language,
    a_file_with_it, colleagues, answering, fetching, invited, telephone, whole_case, queue, asked_once_more,
    mail_to_be_read, proposal,
)  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def story(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Story]:
    """A hub on which everything has happened once."""
    async with told(Path(tmp_path_factory.mktemp("hub")), rows=3) as made:
        yield made


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.__name__)
async def test_each_page_is_good(story: Story, chromium: Browser, journey: Journey, width: int, script: bool) -> None:
    tab = await look(chromium, script, {"width": width, "height": 800}, WIDTHS)
    try:
        await journey(Walk(tab, story, chromium))
    finally:
        await tab.page.context.close()
