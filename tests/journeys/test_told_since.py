"""What is told after a contact came stands on its case’s page, new until somebody says that they have read it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from exchange.demo.actors.web_client import Page, WebClient
from exchange.demo.stage import Stage, stage
from tests.full_case import SAID, done, form, post, signed_in, staffed, taken
from tests.ready import token_of

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]
REFERRAL: dict[str, Any] = {
    "referrer": {"name": "Nora Notional", "source": "2A", "telephone": "01632 960190"},
    "concern": {"immediate_danger": "yes", "what_happened": "Canary-worry"},
    "subjects": [{"given_name": "Tilda", "family_name": "Toldabout", "date_of_birth": "2019-08-01"}],
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub with staff."""
    async with stage() as made:
        await staffed(made)
        yield made


async def lodged(hub: Stage, label: str) -> tuple[str, str]:
    """(the reference, the receipt code) of a new case that tells of danger now."""
    token = await token_of(hub, label, "intake_admin")
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as program:
        sent = await program.post(f"{hub.base_url}/api/v1/referrals", json=REFERRAL)
    told = sent.json()
    assert sent.status_code == 201, told
    return told["reference"], told["receipt_code"]


async def add(hub: Stage, code: str, **written: str) -> Page:
    """The referrer writes on the receipt page."""
    web = WebClient(hub.base_url)
    page = await web.submit(await web.get("/receipt"), code=code)
    return await web.submit(page, "/receipt/add", **written)


def part(page: Page, begins: str, ends: str) -> str:
    """What stands between two ids of a page."""
    return page.html.partition(f'id="{begins}"')[2].partition(f'id="{ends}"')[0]


def queued(queue: Page, reference: str) -> str:
    """The first row of a case on a page of lists."""
    row = re.search(rf"<tr[^>]*>(?:(?!</tr>).)*{reference}(?:(?!</tr>).)*</tr>", queue.html, re.DOTALL)
    assert row
    return row[0]


async def test_what_the_referrer_adds_is_new_beside_the_concern_until_it_is_said_to_be_read(hub: Stage) -> None:
    reference, code = await lodged(hub, "first")
    web = await signed_in(hub)
    await add(hub, code, words="Canary-knife in <b>the</b> kitchen")
    row = queued(await web.get("/desk"), reference)
    assert {"Danger", "More was told"} <= set(re.findall(r"moj-badge[^>]*>([^<]+)<", row))
    page = await web.get(f"/desk/case/{reference}")
    told = part(page, "told", "look")
    assert "Canary-knife in &lt;b&gt;the&lt;/b&gt; kitchen" in told
    assert ">New</span>" in told
    assert "Canary-worry" in part(page, "concern", "told")  # in one look, and its button below both
    page = await done(web, page, "look", rating="amber")
    assert ">New</span>" not in part(page, "told", "people")
    assert "Canary-knife" in part(page, "told", "people")

    await add(hub, code, words="Canary-gun")
    page = await web.get(f"/desk/case/{reference}")
    assert "Not rated" not in queued(
        await web.get("/desk"), reference
    )  # what somebody has read and rated counts as what it was rated
    assert "Read by a person, but not what was told since" in page.text
    assert "Somebody told more since it was read: read that" in page.text
    assert 'href="#told">Read it, and say so</a>' in part(page, "now", "concern")
    told = part(page, "told", "look")
    assert told.index("Canary-gun") < told.index("Canary-knife")
    assert told.count(">New</span>") == 1
    assert ">Danger</span>" in part(page, "now", "concern")  # as long as nothing is decided
    assert ">Danger</span>" in (await web.get("/desk/silence")).html


async def test_nobody_has_read_what_came_while_their_page_stood_open(hub: Stage) -> None:
    reference, code = await lodged(hub, "stale")
    web = await signed_in(hub)
    before = await web.get(f"/desk/case/{reference}")
    await add(hub, code, words="Canary-gun")
    refused = await post(web, before, "look", rating="green")
    assert refused.status == 400
    assert "ore was told while you read" in refused.text
    assert ">New</span>" in part(refused, "told", "look")
    page = await done(web, refused, "look", rating="red")  # with it on the screen
    assert ">New</span>" not in part(page, "told", "people")


async def test_nobody_decides_without_a_word_on_what_was_told_meanwhile(hub: Stage) -> None:
    reference, code = await lodged(hub, "decides")
    web = await signed_in(hub)
    page = await done(web, await web.get(f"/desk/case/{reference}"), "look", rating="amber")
    before = await done(web, page, "rate", rating="amber", reason="as it was told")
    await add(hub, code, words="Canary-gun")
    wanted = {"decision": "nfa", "voice": "heard", "without_checks": "yes", "reason": "Canary-no harm seen"}
    refused = await post(web, before, "decide", **wanted)
    assert refused.status == 400
    assert "ore was told while you wrote" in refused.text
    assert form(refused, "decide").controls["reason"].holds == ["Canary-no harm seen"]
    assert "More was told since this was read, and nobody has read that yet" in part(refused, "decide", "acts")
    page = await done(web, refused, "decide", **wanted)
    assert "decided: No further action" in page.text


async def test_who_disagrees_is_chosen(hub: Stage) -> None:
    web = await signed_in(hub)
    page = await taken(web, "Disputed")
    refused = await post(web, page, "challenge", leg="", words="Canary-more than that", **SAID)
    assert "Choose who disagrees" in refused.text
    page = await done(web, refused, "challenge", leg="l1")
    assert "The referrer disagrees" not in page.text
    page = await done(web, page, "challenge", leg="referrer", words="Canary-too slow", **SAID)
    assert "The referrer disagrees" in page.text


async def test_who_writes_a_call_down_has_not_read_what_came_before_it(hub: Stage) -> None:
    reference, code = await lodged(hub, "call")
    web = await signed_in(hub)
    page = await done(web, await web.get(f"/desk/case/{reference}"), "look", rating="amber")
    page = await done(web, page, "referrer_said", words="Canary-first call", **SAID)
    assert "is to read it" not in part(page, "now", "concern")
    await add(hub, code, words="Canary-knife")
    page = await done(web, page, "referrer_said", words="Canary-second call", **SAID)
    assert "Somebody told more since it was read" in part(page, "now", "concern")
    assert part(page, "told", "look").count(">New</span>") == 2


async def test_an_answer_stands_under_its_question_and_a_disagreement_is_read_too(hub: Stage) -> None:
    reference, code = await lodged(hub, "second")
    web = await signed_in(hub)
    page = await done(web, await web.get(f"/desk/case/{reference}"), "look", rating="amber")
    page = await done(web, page, "ask_referrer", questions=["where_now"])
    await add(hub, code, **{"answer-q1": "Canary-at her aunt’s"})
    page = await web.get(f"/desk/case/{reference}")
    under = part(page, "referrer", "acts").partition("Where are they now")[2]
    assert "Canary-at her aunt’s" in under
    assert "Canary-at her aunt’s" in part(page, "told", "look")
    page = await done(web, page, "challenge", leg="l1", words="Canary-too little", **SAID)
    assert "Canary-too little" in part(page, "told", "look")


async def test_nobody_is_chosen_because_they_stand_first(hub: Stage) -> None:
    web = await signed_in(hub)
    page = await taken(web, "Chosen")
    for control in (form(page, "answered").controls[name] for name in ("leg", "answer")):
        assert (control.holds, control.words[0]) == ([""], "Choose one")
    refused = await post(web, page, "answered", leg="", answer="", **SAID)
    assert refused.status == 400
    assert "Choose the agency" in refused.text
    assert "Choose the answer" in refused.text
    assert "In hand: " not in refused.text


async def test_search_tells_people_of_one_name_apart_by_their_birthday(hub: Stage) -> None:
    web = await signed_in(hub)
    await lodged(hub, "third")
    found = await web.submit(await web.get("/desk/search"), "/desk/search", family_name="Toldabout")
    assert re.search(r"Tilda Toldabout 1 August 2019 \(\d+ years old\)", found.text)
