"""What strangers write stays words (T19): no script runs, no other host is asked, no name turns a page round.

Every field that somebody from outside fills in, and every one of the desk's, holds something hostile; then each page
on which any of it can be read is opened in a real browser.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from itertools import cycle
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Dialog, Page

from exchange.demo.actors.mail_client import MailClient
from exchange.demo.actors.web_client import Page as Fetched
from exchange.demo.actors.web_client import WebClient
from exchange.demo.stage import HUB_ADDRESS
from tests.full_case import PASSWORD, full, reference
from tests.screens.story import MANAGER, REFERRER, Story, referral, told
from tests.screens.tour import FILL, WRITTEN_IN, Fault, Tour, answer

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.long, pytest.mark.timeout(900)]
MARK = "Zq"  # by which what is hostile is found again on a page
ELSEWHERE = "outside.example"
EVIL = (
    f'{MARK}"><script>alert(1)</script>',
    f"{MARK}'><img src=//{ELSEWHERE}/a onerror=alert(2)>",
    f"{MARK}</textarea></title></script><svg/onload=alert(3)>",
    f"{MARK}{{{{7*191}}}}${{7*191}}<%= 7*191 %>{{% raw %}}",
    f'{MARK} javascript:alert(4) <a href="javascript:alert(4)" onfocus=alert(5) autofocus>press</a>',
    f"{MARK}\u202egnp.exe\u2066\u202b turned",
    MARK + "W" * 160,
    f'{MARK}<iframe srcdoc="<script>alert(6)</script>"></iframe><base href=//{ELSEWHERE}/><!--',
)
ALL = "\n".join(EVIL)
NAMES = {  # of the hub file, which a hub's own administrators write
    "Fakeshire MASH": EVIL[0], "Fakeshire Constabulary": EVIL[1], "Sergeant Ada Made-Up": EVIL[2],
    "Fibshire NHS Trust": EVIL[3], "Nurse Dot Notional": EVIL[7], "Madeupton Primary": EVIL[6],
    "Fakeshire agreement": EVIL[0],
}  # fmt: skip
FILES = [f"{EVIL[n]}.txt" for n in (0, 1, 5, 6)]
WORDS = frozenset(  # the names of what is written freely on the desk's forms
    {
        "name", "checked", "reason", "words", "worry", "given_name", "family_name", "own_reference", "analysis",
        "asks", "needs_why", "risk_why", "unable_why", "what_happened", "address", "relationship",
    }
)  # fmt: skip
FOUND = """() => [...document.querySelectorAll('*')].flatMap(e => [...e.attributes].filter(a =>
    /^on/i.test(a.name)
    || /^(href|src|action|formaction)$/i.test(a.name) && /^\\s*javascript:/i.test(a.value)
    || /^(href|src|srcdoc|action|formaction)$/i.test(a.name) && a.value.includes('//outside.example'))
    .map(a => `${e.tagName} ${a.name}=${a.value}`))
    .concat([...document.scripts].filter(s => s.text.includes('alert(')).map(s => `script ${s.text.slice(0, 80)}`))"""
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


class Attacker(WebClient):
    """A browser in which whatever is typed freely becomes hostile before it is sent."""

    def _fetch(self, path: str, body: bytes | None, kind: str = "") -> Fetched:
        if body is not None and not kind:
            sent = parse_qsl(body.decode(), keep_blank_values=True)
            given = cycle(EVIL)
            named = [(n, f"{v} {next(given)}" if v and _is_words(n) else v) for n, v in sent]
            body = urlencode(named).encode()
        return super()._fetch(path, body, kind)


def _is_words(name: str) -> bool:
    return name.startswith("wording.") or name.rpartition(".")[2] in WORDS


@dataclass
class Watched(Tour):
    """A tour that also sees whether anything ran, or came onto a page as more than words."""

    shown: Counter[str] = field(default_factory=Counter)  # pages on which hostile words stand, by shape

    async def _tab(self) -> tuple[BrowserContext, Page]:
        context, page = await super()._tab()
        page.on("dialog", lambda opened: self._ran(page, opened))
        await page.set_viewport_size({"width": 320, "height": 900})
        return context, page

    async def _ran(self, page: Page, opened: Dialog) -> None:
        self.faults.append(Fault(page.url, f"a script ran: {opened.message}"))
        await opened.dismiss()

    async def look(self, page: Page) -> None:
        await page.wait_for_load_state("load")
        await page.eval_on_selector_all("main details:not([open])", "all => all.forEach(d => d.open = true)")
        path, words = page.url.removeprefix(self.story.url), await page.content()
        self.faults += [Fault(path, f"more than words: {found}") for found in await page.evaluate(FOUND)]
        if "1337" in words:
            self.faults.append(Fault(path, "a template was filled in"))
        if TURNING.search(words):
            self.faults.append(Fault(path, "the text is turned round"))
        await self._no_wider(page, path, 320)
        self.shown[path] += MARK in await page.inner_text("body")

    async def all_of(self, only: str) -> None:
        async for _, page in self.pages(only):
            await self.look(page)


async def _fill(page: Page) -> None:
    """Something hostile in everything on the page; then, where it is refused, what was asked for."""
    await answer(page)
    given = cycle(EVIL)
    for box in await page.locator(WRITTEN_IN).all():
        if await box.is_visible():
            await box.fill(ALL if await box.evaluate("e => e.tagName") == "TEXTAREA" else next(given))


async def _mend(page: Page) -> None:
    """As somebody does who reads that a telephone number has digits."""
    wrong = [(await a.get_attribute("href") or "")[1:] for a in await page.locator(".govuk-error-summary a").all()]
    for name in wrong:
        for box in await page.locator(f"input[name='{name}'], input[name^='{name}-'], textarea[name='{name}']").all():
            if await box.is_visible() and await box.is_editable():
                of = (await box.get_attribute("name") or "").rpartition(".")[2].removeprefix(f"{name}-")
                await box.fill(next((said for key, said in FILL.items() if key in of), ""))


async def _form(tour: Watched, page: Page, files: bool) -> str:
    """A form from its first page to the last, everything in it hostile; the receipt code."""
    for _ in range(80):
        await tour.look(page)
        slug = page.url.partition("?")[0].rpartition("/")[2]
        if slug == "check" and files:
            files = False
            await page.goto(f"{tour.story.url}/referral/files")
            await _files(page, "Add")
            await tour.look(page)
            await page.goto(f"{tour.story.url}/referral/check")
            continue
        if slug == "sent":
            found = re.search(r"(?:[0-9A-Z]{5}-){4,}[0-9A-Z]+", await page.inner_text("main"))
            return found[0] if found else ""
        await (_mend if await page.locator(".govuk-error-summary").count() else _fill)(page)
        await page.locator("main form").last.locator("button:not([value])").first.click()
        await page.wait_for_load_state()
    told = await page.locator(".govuk-error-summary").all_inner_texts()
    raise AssertionError(f"it never ended: {page.url} {told}")


async def _files(page: Page, button: str) -> None:
    """Files of hostile names, chosen and sent."""
    chosen = [{"name": name, "mimeType": "text/plain", "buffer": b"She was not in school."} for name in FILES]
    await page.set_input_files("#files", chosen)  # type: ignore[arg-type]
    await page.click(f"button:text-is('{button}')")
    await page.wait_for_load_state()


async def _mails(story: Story) -> None:
    """Strangers' mail: every header and file name hostile; one with HTML alone."""
    stranger = MailClient("eve@street.example", name=quoted(EVIL[1]))
    files = {f"{EVIL[0]}.txt": b"<script>alert(7)</script>", f"x\u202egpj{EVIL[3]}.html": ALL.encode()}
    await story.stage.mail(stranger.address, HUB_ADDRESS, stranger.plain(HUB_ADDRESS, EVIL[2], ALL, files))
    html = EmailMessage()
    html["From"], html["To"], html["Subject"] = "eve@street.example", HUB_ADDRESS, EVIL[5]
    html["Message-ID"], html["Date"] = "<evil-1@street.example>", "Tue, 24 Nov 2026 10:00:00 +0000"
    html.set_content(f"<html><body onload=alert(8)>{ALL}<form action=//{ELSEWHERE}/></form></body></html>", "html")
    await story.stage.mail("eve@street.example", HUB_ADDRESS, html.as_bytes())


def quoted(name: str) -> str:
    """As a display name."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def story(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Story]:
    """A hub where everything has happened once, all of it told in hostile words."""
    async with told(Path(tmp_path_factory.mktemp("hub")), rows=0, whole=False, names=NAMES) as made:
        web = Attacker(made.url)
        await web.submit(await web.get("/desk/sign-in"), member=MANAGER, password=PASSWORD)
        made.whole = reference(await full(made.stage, web))
        (await made.program.post("/referrals", json=referral(EVIL[4], EVIL[1], worries=ALL))).raise_for_status()
        await _mails(made)
        yield made


async def test_what_is_hostile_stays_words_on_every_page(story: Story, chromium: Browser) -> None:
    tour = Watched(story, chromium)
    context, page = await tour._tab()
    codes = []
    for start, nth in (("/", 0), ("/", 2), ("/", 3), ("/tell", 0), ("/report", 0)):
        await page.goto(story.url + start)
        await page.locator("main form[action='/referral/begin'] button").nth(nth).click()
        codes.append(await _form(tour, page, files=nth == 2))
    await _receipt(tour, page, next(filter(None, codes)))
    await _answer(tour, page)
    await _account(tour, page)
    await context.close()
    await tour.all_of("public")
    await tour.all_of("desk")
    await _desk(tour)
    assert not tour.faults, "\n".join(map(str, tour.faults))
    read = ("/referral/check", "/referral/sent", "/referral/files", f"/desk/case/{story.whole}", "/desk/directory")
    for path in (*read, "/desk/admin/agencies", "/desk/admin/agreements"):  # it was there to be read
        assert tour.shown[path], (path, tour.shown)


async def _receipt(tour: Watched, page: Page, code: str) -> None:
    await page.goto(tour.story.url + "/receipt")
    await page.fill("#code", code)
    await page.locator("main form button").first.click()
    await page.fill("#words", ALL)
    await _files(page, "Add this")
    await tour.look(page)


async def _answer(tour: Watched, page: Page) -> None:
    """An agency's words; first with a wrong code, so that they are shown again."""
    await page.goto(tour.story.url + tour.story.links["answer-police"])
    for code in (EVIL[0], tour.story.codes["police"]):
        await page.check("[name=answer][value=information]")
        for name, said in (("name", EVIL[2]), ("code", code), ("words", ALL)):
            await page.fill(f"[name={name}]", said)
        await page.click("button:text-is('Send answer')")
        await tour.look(page)


async def _account(tour: Watched, page: Page) -> None:
    """Whoever refers often sees the names they wrote."""
    await page.goto(tour.story.url + "/account/sign-in")
    await page.fill("#address", REFERRER)
    await page.click("button:text-is('Send the code')")
    mail = await tour.story.stage.relay.wait_for_mail(REFERRER, lambda one: b"is your code" in one.content)
    found = re.search(rb"(\d{3} \d{3}) is your code", mail.content)
    assert found
    await page.fill("#code", found[1].decode())
    await page.click("button:text-is('Sign in')")
    await page.wait_for_load_state()
    await tour.look(page)


async def _desk(tour: Watched) -> None:
    """Each case and each mail, and what the desk looks for."""
    context, page = await tour._tab()
    url = tour.story.url
    await page.goto(f"{url}/desk/sign-in")
    await page.fill("#member", MANAGER)
    await page.fill("#password", PASSWORD)
    await page.click("button:text-is('Sign in')")
    await page.goto(f"{url}/desk?show=all")
    wanted = "a[href^='/desk/mail/'], a[href^='/desk/case/'], a[href$='/transcribe']"
    found = await page.eval_on_selector_all(wanted, "all => all.map(a => a.getAttribute('href'))")
    asked = [f"/desk?{name}={quote(evil)}" for name in ("rating", "owner", "show") for evil in EVIL[:2]]
    for path in (*dict.fromkeys(p.partition("#")[0] for p in found), *asked, f"/desk/search?name={quote(EVIL[1])}"):
        await page.goto(url + path)
        await tour.look(page)
    await context.close()
