"""The loop by pages, without any script: the form, the receipt page, the answer page."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from exchange.demo.actors.web_client import Page, WebClient
from exchange.demo.stage import Stage, stage
from tests.ready import ready

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub."""
    async with stage() as made:
        await ready(made)
        await made.command("staff", "add", "manager-9", "--roles", "hub_manager")
        await made.serve()
        yield made


async def two_siblings(web: WebClient) -> Page:
    """A school tells of two children; the page before sending."""
    page = await web.submit(await web.get("/"), "/referral/begin", form="child")
    page = await web.submit(page, immediate_danger="no")
    page = await web.submit(page, given_name="Ada-canary", family_name="Madeup")
    while not page.url.endswith("/another"):  # every page takes what it asks for and leaves the rest
        page = await web.submit(page, school="Canary-school", words="Canary-words", category=["neglect", "physical"],
                                date_of_birth__day="1", date_of_birth__month="4",
                                date_of_birth__year="2016")  # fmt: skip
    page = await web.submit(page, more="yes")
    assert page.url.endswith("/who-2")
    page = await web.submit(page, given_name="Bo-canary")
    while not page.url.endswith("/another"):
        page = await web.submit(page)
    page = await web.submit(page, more="no")
    assert page.url.endswith("/people")
    page = await web.submit(page, more="yes")
    page = await web.submit(page, name="Canary-uncle", relationship="uncle")
    page = await web.submit(page, poses_risk="yes", parental_responsibility="no")
    page = await web.submit(page, more="no")
    page = await web.submit(page, what_happened="Canary-bruises seen")
    page = await web.submit(page, more="yes")
    while not page.url.endswith("/consent"):
        page = await web.submit(page, injury="Canary-bruise", body_map="left arm", history="Canary-before")
    page = await web.submit(page, informed="no")
    page = await web.submit(page, why_not="unsafe_child")
    page = await web.submit(page, more="professional")
    page = await web.submit(page, name="Pat Pretend", role="designated safeguarding lead", source="2A")
    page = await web.submit(page, lead_consulted="yes")
    return await web.submit(page, telephone="01632 960170")


async def test_the_form_the_code_and_the_outcome(hub: Stage) -> None:
    web = WebClient(hub.base_url)
    page = await two_siblings(web)
    assert page.url.endswith("/referral/check")
    assert "Bo-canary" in page.text
    page = await web.submit(page, "/referral/send")
    assert "We have received it" in page.text
    code = re.search(r"(?:[0-9A-Z]{5}-){5}[0-9A-Z]", page.text)
    reference = re.search(r"MASH-\w{4}-\w{4}", page.text)
    assert code
    assert reference
    again = await web.get("/referral/check")  # Back and forth shows the receipt again, and sends nothing twice
    assert code[0] in again.text

    social = await hub.received("social_care", "WHY YOU GET THIS")
    assert "Bo-canary" in social.text
    assert "Canary-uncle" in social.text
    education = await hub.received("education", "WHY YOU GET THIS")
    assert "Canary-uncle" not in education.text
    assert "Bo-canary" not in education.text  # a sibling without a date of birth is not known to be of school age

    # The answer page: opening it changes nothing; "received" needs a name, "information" the code inside.
    packet = json.loads(social.attachments["packet.json"])
    spoc = WebClient(hub.base_url)
    for _ in range(2):
        answer = await spoc.get(packet["answer_page"])
    assert "canary" not in answer.html.lower()
    refused = await spoc.submit(answer, answer="received")
    assert refused.status == 400
    assert "Write your name" in refused.text
    taken = await spoc.submit(refused, answer="received", name="Eve Example")
    assert "We have your answer" in taken.text
    refused = await spoc.submit(answer, answer="information", name="Eve", words="Canary-told")
    assert "needs the code" in refused.text
    for _ in range(5):
        refused = await spoc.submit(answer, answer="information", name="Eve", words="w", code="AAAA-AAAA")
    refused = await spoc.submit(answer, answer="information", name="Eve", words="w", code=packet["code"])
    assert "too many wrong codes" in refused.text
    page_of_school = await spoc.get(json.loads(education.attachments["packet.json"])["answer_page"])
    done = await spoc.submit(page_of_school, answer="information", name="Finn", words="Canary-told",
                             code=json.loads(education.attachments["packet.json"])["code"].lower())  # fmt: skip
    assert "nothing more to do" in done.text

    # The receipt page tells as it stands, by code only.
    other = WebClient(hub.base_url)
    ask = await other.get("/receipt")
    assert "do not know this code" in (await other.submit(ask, code="0" * 26)).text
    status = await other.submit(ask, code=code[0].lower().replace("-", " "))
    assert "Not yet" in status.text
    for subject in ("s1", "s2"):
        await hub.command("rate", reference[0], subject, "amber", "--reason", "r", "--as", "manager-9")
        await hub.command(
            "decide", reference[0], subject, "assessment", "voice=heard", "--without-checks", "--reason", "r",
            "--as", "manager-9",
        )  # fmt: skip
    status = await other.submit(ask, code=code[0])
    assert "The second child named in your referral: a social worker will make an assessment" in status.text
    assert "canary" not in status.html.lower()
    reopened = await other.submit(status, "/receipt/reply", answers="no")
    assert "look at it again" in reopened.text
    added = await other.submit(status, "/receipt/add", words="Canary-more")
    assert "We have what you added" in added.text
    story = json.loads(await hub.command("show", reference[0], "--json"))
    assert story["case"]["feedback"] == "disputed"
    assert "disputed" in {t["kind"] for t in story["tasks"]}
    files = b"".join(p.read_bytes() for p in hub.folder.rglob("*") if p.is_file() and "mail" not in p.parts)
    assert b"canary" not in files.lower()


async def test_what_is_wrong_is_said_and_nothing_typed_is_lost(hub: Stage) -> None:
    web = WebClient(hub.base_url)
    page = await web.submit(await web.get("/"), "/referral/begin", form="child")
    page = await web.submit(page)
    assert page.status == 400
    assert "Choose yes if anyone is in immediate danger" in page.text
    page = await web.submit(page, immediate_danger="no")
    page = await web.submit(page, family_name="Typed")
    assert "Write their first name" in page.text
    assert 'value="Typed"' in page.html
    page = await web.submit(page, given_name="Ty", family_name="Typed")
    page = await web.submit(page, date_of_birth__day="31", date_of_birth__month="2", date_of_birth__year="2016")
    assert "Write day, month and year as numbers" in page.text
    assert 'value="31"' in page.html
    sent = await web.submit(await web.get("/referral/check"), "/referral/send")
    assert sent.status == 400  # nothing incomplete is sent, and it says what is missing, and leads there
    assert "Write what has happened, and what worries you" in sent.text
    assert 'href="/referral/happened?change#what_happened"' in sent.html
    assert "Say whether we may know who you are" in sent.text


async def test_a_form_from_elsewhere_is_refused(hub: Stage) -> None:
    web = WebClient(hub.base_url)
    page = await web.get("/")
    page.forms[0].values["csrf"] = "forged"
    assert (await web.submit(page, form="child")).status == 403
    stranger = WebClient(hub.base_url)  # the token of another browser
    fresh = await web.get("/")
    assert (await stranger.submit(fresh, form="child")).status == 403


async def test_pages_keep_nothing_and_load_nothing_from_elsewhere(hub: Stage) -> None:
    web = WebClient(hub.base_url)
    for path in ("/", "/receipt", "/privacy", "/accessibility", "/hide-your-visit", "/answer/l.x.y", "/nowhere"):
        page = await web.get(path)
        assert page.status == (404 if path in ("/answer/l.x.y", "/nowhere") else 200), path
        assert page.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert page.headers["referrer-policy"] == "no-referrer"
        assert not re.findall(r'(?:src|href)="https?://(?!www\.bbc)', page.html)
