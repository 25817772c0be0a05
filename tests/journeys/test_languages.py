"""In Welsh from the start page to the receipt and on an agency's page, and nothing of it in English."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser

import pytest
import pytest_asyncio
from babel.messages.pofile import read_po

from exchange.demo.actors.web_client import Page, WebClient
from exchange.demo.stage import Stage, stage
from templates.languages import CATALOGUES
from tests.ready import ready

pytestmark = pytest.mark.asyncio(loop_scope="module")
CODE = re.compile(r"(?:[0-9A-Z]{5}-){5}[0-9A-Z]")
# What the design system says when a macro is not given our words.
DEFAULTS = {
    "There is a problem", "Day", "Month", "Year", "Error:", "Emergency", "Exit this page", "Skip to main content",
    "Back", "Menu", "Show", "Hide", "Warning", "Success", "Important", "or", "Continue", "Change",
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub."""
    async with stage() as made:
        await ready(made)
        await made.command("staff", "add", "manager-9", "--roles", "hub_manager")
        await made.serve()
        yield made


class _Said(HTMLParser):
    """What a page says in the language of its own: nothing of an element that names another."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: set[str] = set()
        self.elsewhere = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "li" and "lang" in given:
            self.elsewhere += 1
        self.words |= {given[name] or "" for name in ("aria-label", "title") if name in given}

    def handle_endtag(self, tag: str) -> None:
        if tag == "li" and self.elsewhere:
            self.elsewhere -= 1

    def handle_data(self, data: str) -> None:
        if not self.elsewhere:
            self.words.add(" ".join(data.split()))


def english() -> set[str]:
    """Each of our words that Welsh says otherwise."""
    with (CATALOGUES / "cy" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return {str(m.id) for m in read_po(file) if m.id and m.string != m.id}


_ENGLISH = re.compile(r"\b(the|and|you|your|what|this|that|with|we|from|when|have)\b", re.IGNORECASE)


def in_welsh(page: Page) -> Page:
    """The page, once nothing of it was found to be English."""
    assert '<html lang="cy" dir="ltr"' in page.html
    said = _Said(page.html).words
    assert said & (english() | DEFAULTS) == set(), page.url
    assert [words for words in said if len(set(_ENGLISH.findall(words))) > 1] == [], page.url  # nobody marked it
    return page


async def welsh(hub: Stage, path: str = "/") -> tuple[WebClient, Page]:
    """Somebody who has chosen Welsh on a page."""
    web = WebClient(hub.base_url)
    page = await web.get(path)
    link = re.search(r'href="([^"]*language=cy)"[^>]*>Cymraeg<', page.html)
    assert link, page.html
    assert _Said(page.html).words & english()  # it would be noticed
    return web, in_welsh(await web.get(link[1]))


async def test_a_neighbour_is_asked_and_told_everything_in_welsh(hub: Stage) -> None:
    web, page = await welsh(hub)
    assert page.url.removeprefix(hub.base_url) in ("", "/")  # the choice stands in no address that stays
    page = in_welsh(await web.submit(page, "/referral/begin", form="child"))
    wrong = in_welsh(await web.submit(page))
    assert (wrong.status, "<title>Gwall: " in wrong.html) == (400, True)
    said = {"immediate_danger": "no", "given_name": "Ada-canary", "more": "no", "what_happened": "yn llwglyd"}
    for _ in range(30):
        if page.url.endswith("/may-we-know"):
            break
        page = in_welsh(await web.submit(page, **said))
    for _ in range(5):
        page = in_welsh(await web.submit(page, more="public", source="1B"))
        if page.url.endswith("/check"):
            break
    page = in_welsh(await web.submit(page, "/referral/send"))
    code = CODE.search(page.text)
    assert code
    assert "Ada-canary" in page.text
    receipt = in_welsh(await web.submit(await web.get("/receipt"), code=code[0]))
    assert "Daeth i law" in receipt.text
    in_welsh(await web.submit(receipt, "/receipt/reply" if "/receipt/reply" in receipt.html else "/receipt/add"))
    in_welsh(await web.submit(await web.get("/receipt"), code="0"))


async def test_who_chose_welsh_is_written_to_in_welsh(hub: Stage) -> None:
    web, page = await welsh(hub)
    page = await web.submit(page, "/referral/begin", form="child")
    said = {"immediate_danger": "no", "given_name": "Dai-canary", "what_happened": "pryder", "source": "1B"}
    said |= {"mail": "sioned@neighbour.example", "mail_shared": "no"}
    for _ in range(30):
        page = await web.submit(page, **said, more="public" if page.url.endswith("/may-we-know") else "no")
        if page.url.endswith("/check"):
            break
    page = await web.submit(page, "/referral/send")
    reference, code = re.search(r"MASH-\w{4}-\w{4}", page.text), CODE.search(page.text)
    assert reference
    assert code
    by = ("--reason", "r", "--as", "manager-9")
    await hub.command("rate", reference[0], "s1", "amber", *by)
    await hub.command("decide", reference[0], "s1", "early_help", "voice=heard", "--without-checks", *by)
    notice = await hub.relay.wait_for_mail(
        "sioned@neighbour.example", lambda mail: b"Mae newyddion" in mail.content, 20
    )
    assert b"canary" not in notice.content
    receipt = in_welsh(await web.submit(await web.get("/receipt"), code=code[0]))
    assert "Mae person cymwysedig wedi ei ddarllen" in receipt.text
    kept = await web.submit(receipt, "/receipt/signed")
    await web.get("/?language=en")
    again = await web.submit(await web.get("/receipt"), code=code[0])
    for signed in (kept, await web.submit(again, "/receipt/signed")):  # the same in whatever language it is fetched
        assert re.search(r"^That is: \w+day .*\(London time\)$", signed.html, re.MULTILINE)
        assert re.search(r"^Derbyniwyd: Dydd .*\(amser Llundain\)$", signed.html, re.MULTILINE)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/hide-your-visit",
        "/accessibility",
        "/privacy",
        "/key",
        "/receipt",
        "/nowhere",
        "/referral/danger",
        "/tell",
        "/report",
    ],
)
async def test_each_page_for_everybody_is_in_welsh_where_it_was_chosen(hub: Stage, path: str) -> None:
    await welsh(hub, path)


SAID = {
    "given_name": "Bea-canary", "what_happened": "pryder", "consent": "no", "name": "Sam Stori", "age": "9",
    "telephone": "01632 960111", "features": "côt goch", "feedback_route": "page",
}  # fmt: skip
ANSWERS = ("yes", "no", "professional", "public", "friend", "child")  # of the pages that only choose the way


@pytest.mark.parametrize(
    ("start", "chosen"),
    [
        ("/", {"journey": "work", "form": "child"}), ("/", {"journey": "work", "form": "adult"}),
        ("/", {"journey": "public", "form": "adult"}), ("/tell", {}), ("/report", {}),
    ],
    ids=["work-child", "work-adult", "public-adult", "young", "business"],
)  # fmt: skip
async def test_every_question_of_every_way_in_is_in_welsh(hub: Stage, start: str, chosen: dict[str, str]) -> None:
    web, page = await welsh(hub, start)
    page = in_welsh(await web.submit(page, "/referral/begin", **chosen))
    said = SAID | {"source": "1B" if chosen.get("journey") == "public" else "8"}
    asked: list[str] = []
    while not page.url.endswith("/check"):
        here = page.url
        assert len(asked) < 60, (asked, page.text)
        danger = "yes" if here not in asked else "no"
        again = asked.count(here)
        asked.append(here)
        if here.endswith("/ring-999"):  # whoever is in danger now reads that first
            page = in_welsh(await web.get(f"/referral/{'safe' if start == '/tell' else 'danger'}"))
        more = ("yes", "no")[again:][:1] or ANSWERS[again - 2 : again - 1]
        page = in_welsh(await web.submit(page, **said, immediate_danger=danger, more=more[0] if more else "no"))
    sent = in_welsh(await web.submit(page, "/referral/send"))
    assert CODE.search(sent.text), sent.text


async def test_a_spoc_reads_and_answers_the_page_in_welsh(hub: Stage) -> None:
    web = WebClient(hub.base_url)
    page = await web.submit(await web.get("/"), "/referral/begin", form="child")
    said = {"immediate_danger": "no", "given_name": "Cai-canary", "more": "no", "what_happened": "hungry"}
    for _ in range(30):
        if page.url.endswith("/may-we-know"):
            break
        page = await web.submit(page, **said)
    for _ in range(5):
        page = await web.submit(page, more="unnamed")
        if page.url.endswith("/check"):
            break
    await web.submit(page, "/referral/send")
    packet = await hub.received("social_care", "Cai-canary")
    told = json.loads(packet.attachments["packet.json"])
    spoc, page = await welsh(hub, told["answer_page"])
    in_welsh(await spoc.submit(page))
    in_welsh(await spoc.get(f"{told['answer_page']}/challenge"))
    done = in_welsh(await spoc.submit(page, answer="accept", name="Finn Fiction", code=told["code"]))
    assert "Mae eich ateb gennym" in done.text


async def test_the_browsers_wish_is_the_first_default_only_and_the_desk_is_english(hub: Stage) -> None:
    web = WebClient(hub.base_url)
    web._opener.addheaders = [("Accept-Language", "fr;q=0.9, cy-GB, en;q=0.8")]
    in_welsh(await web.get("/"))
    assert '<html lang="en"' in (await web.get("/?language=en")).html
    assert '<html lang="en"' in (await web.get("/privacy")).html
    await web.get("/?language=cy")
    for path in ("/desk/sign-in", "/desk/sign-in?language=cy"):
        assert '<html lang="en"' in (await web.get(path)).html
    assert '<html lang="cy"' in (await web.get("/privacy?language=xx")).html  # no such language: as it was


async def test_the_link_on_an_answered_form_leads_to_a_page_that_can_be_fetched(hub: Stage) -> None:
    web, page = await welsh(hub, "/receipt")
    wrong = await web.submit(page, code="0")
    link = re.search(r'href="([^"]*language=en)"', wrong.html)
    assert link
    page = await web.get(link[1])
    assert (page.status, "See how it stands" in page.text) == (200, True)
