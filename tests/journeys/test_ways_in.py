"""The ways in: a neighbour, a child and a business each answer a few questions, and it is the same referral."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from exchange.demo.actors.web_client import Page, WebClient
from exchange.demo.stage import Stage, stage
from tests.ready import ready

pytestmark = pytest.mark.asyncio(loop_scope="module")
PASSWORD = "a fictitious pass phrase"
REFERENCE = re.compile(r"MASH-\w{4}-\w{4}")
CODE = re.compile(r"(?:[0-9A-Z]{5}-){5}[0-9A-Z]")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub."""
    async with stage() as made:
        await ready(made)
        secret = made.folder / "password"
        secret.write_text(PASSWORD)
        await made.command("staff", "add", "manager-9", "--roles", "hub_manager", "--password-file", str(secret))
        await made.serve()
        yield made


async def go(hub: Stage, start: str, **chosen: str) -> tuple[WebClient, Page]:
    web = WebClient(hub.base_url)
    return web, await web.submit(await web.get(start), "/referral/begin", **chosen)


async def case_of(hub: Stage, page: Page) -> dict[str, object]:
    found = REFERENCE.search(page.text)
    assert found, page.text
    told: dict[str, object] = json.loads(await hub.command("show", found[0], "--json"))["case"]
    return told


def path(page: Page) -> str:
    return page.url.rpartition("/referral/")[2]


async def test_a_neighbour_answers_few_questions_and_one_press_says_that_two_live_together(hub: Stage) -> None:
    web, page = await go(hub, "/", form="child", journey="public")
    asked = []
    said = {
        "danger": {"immediate_danger": "no"},
        "happened": {"what_happened": "Shouting at midnight", "where": "number 14"},
        "who-1": {"features": "a toddler in a red coat", "age": "3"},
        "home-1": {"address": "14 Fake Street", "postcode": "ZZ99 9ZZ"},
        "another": {"more": "yes"},
        "who-2": {"given_name": "Kit-neighbour"},
        "same-2": {"all": "yes"},
        "may-we-know": {"more": "public"},
        "you": {"name": "Nora Neighbour", "source": "1B"},
        "contact": {"telephone": "01632 960171", "feedback_route": "telephone"},
        "may-they-know": {"identity_known": "no"},
    }
    while path(page) != "check":
        asked.append(path(page))
        assert len(asked) < 20, asked
        answers = said[path(page)] if asked.count(path(page)) == 1 else {"more": "no"}
        page = await web.submit(page, **answers)
        assert page.status == 200, page.text
    assert asked == [
        "danger", "happened", "who-1", "home-1", "another", "who-2", "same-2", "another", "may-we-know", "you",
        "contact", "may-they-know",
    ]  # fmt: skip
    assert page.text.count("14 Fake Street") == 2
    page = await web.submit(page, "/referral/send")
    packet = await hub.received("social_care", "Kit-neighbour")
    assert packet.text.count("14 Fake Street") == 2
    assert "a toddler in a red coat" in packet.text
    assert "May the family be told who the referrer is? No" in packet.text


async def test_who_can_tell_more_finds_the_way_from_the_last_page_and_back_to_it(hub: Stage) -> None:
    web, page = await go(hub, "/", form="child", journey="public")
    told = {"immediate_danger": "no", "what_happened": "x", "given_name": "Mo", "more": "no"}
    while path(page) != "may-we-know":
        page = await web.submit(page, **told)
    page = await web.submit(page, more="unnamed")
    assert "More, if you can tell us more" in page.text
    page = await web.submit(await web.get("/referral/more"), more="yes")
    assert path(page) == "people"
    page = await web.submit(page, more="yes")
    page = await web.submit(page, name="Ulf Uncle")
    assert path(page) == "people"
    page = await web.submit(page, more="no")
    while path(page) != "check":
        assert path(page) in {"seen", "injury", "before", "risk"}
        page = await web.submit(page, injury="A bruise")
    assert "Ulf Uncle" in page.text
    assert "A bruise" in page.text


async def test_a_child_tells_of_themself_and_only_their_worker_says_what_comes_of_it(hub: Stage) -> None:
    web = WebClient(hub.base_url)
    page = await web.get("/tell")
    assert "ring 999" in page.text
    assert "We cannot keep it secret if you are not safe" in page.text
    page = await web.submit(page, "/referral/begin")
    assert path(page) == "safe"
    refused = await web.submit(page)
    assert "Choose yes or no" in refused.text
    danger = await web.submit(refused, immediate_danger="yes")
    assert "Ring 999 now" in danger.text
    page = await web.submit(await web.get("/referral/safe"), immediate_danger="no")
    page = await web.submit(page, more="self")
    page = await web.submit(page, what_happened="My step dad hits me")
    assert path(page) == "who-1"
    page = await web.submit(page, given_name="Zed-young", age="9", school="Imaginary Primary")
    assert path(page) == "contact"
    page = await web.submit(page, feedback_route="page")
    assert path(page) == "check"
    page = await web.submit(page, "/referral/send")
    code, found = CODE.search(page.text), REFERENCE.search(page.text)
    assert code
    assert found
    case = await case_of(hub, page)
    assert case["referrer"]["referrer_class"] == "self"  # type: ignore[index]
    assert case["referrer"]["source"] == "1C"  # type: ignore[index]
    packet = await hub.received("social_care", "Zed-young")
    assert "Self" in packet.text
    receipt = WebClient(hub.base_url)
    before = await receipt.submit(await receipt.get("/receipt"), code=code[0])
    assert "Childline" in before.text
    await hub.command("rate", found[0], "s1", "amber", "--reason", "r", "--as", "manager-9")
    await hub.command("decide", found[0], "s1", "section_47", "voice=heard", "--without-checks", "--reason", "r",
                      "--as", "manager-9")  # fmt: skip
    after = await receipt.submit(await receipt.get("/receipt"), code=code[0])
    assert "You did the right thing" in after.text
    assert "If you want us to get in touch, tell us a way that is safe" in after.text  # she looks at the page
    assert "tel:08001111" in after.html
    assert "We cannot tell you more" not in after.text
    assert "child protection" not in after.text
    chosen = await receipt.submit(after, "/receipt/contact", contact="none")
    assert "we will not ring you or write to you" in chosen.text


async def test_a_child_tells_of_a_friend_whose_family_need_not_learn_of_it(hub: Stage) -> None:
    web = WebClient(hub.base_url)
    page = await web.submit(await web.get("/tell"), "/referral/begin")
    page = await web.submit(page, immediate_danger="no")
    page = await web.submit(page, more="friend")
    page = await web.submit(page, what_happened="She does not get food")
    assert "What is their name?" in page.text
    page = await web.submit(page, given_name="Fay-friend", age="8")
    page = await web.submit(page, name="Kim")
    page = await web.submit(page, feedback_route="none")
    page = await web.submit(page, "/referral/send")
    assert (await case_of(hub, page))["referrer"]["referrer_class"] == "public"  # type: ignore[index]
    packet = await hub.received("social_care", "Fay-friend")
    assert "May the family be told who the referrer is? No" in packet.text


async def test_a_taxi_firm_reports_whom_it_cannot_name_and_is_told_that_it_was_received(hub: Stage) -> None:
    web = WebClient(hub.base_url)
    page = await web.submit(await web.get("/report"), "/referral/begin")
    page = await web.submit(page, immediate_danger="no")
    page = await web.submit(page, what_happened="Three men took her to the hotel", when="02:10", where="Fibton")
    page = await web.submit(page, more="unknown")
    refused = await web.submit(page, age="15")
    assert "Write a name, or what they look like" in refused.text
    page = await web.submit(refused, features="Girl-in-a-green-coat", age="15")
    page = await web.submit(page, more="no")
    assert path(page) == "you"
    assert "consent" not in page.text.lower()
    page = await web.submit(page, organisation="Fibton Cars", role="driver", telephone="01632 960172")
    page = await web.submit(page, "/referral/send")
    assert "We cannot tell you what comes of it" in page.text
    case = await case_of(hub, page)
    assert case["referrer"]["referrer_class"] == "business"  # type: ignore[index]
    packet = await hub.received("social_care", "Girl-in-a-green-coat")
    assert "Fibton Cars" in packet.text


async def test_brothers_and_sisters_share_what_is_ticked_and_nothing_else(hub: Stage) -> None:
    web, page = await go(hub, "/", form="child", journey="work")
    first = {"given_name": "Ada", "address": "3 Fake Street", "school": "Imaginary Primary", "gp": "Madeup Surgery",
             "nhs_number": "999 000 0018", "disability": "none known", "immediate_danger": "no"}  # fmt: skip
    while path(page) != "another":
        page = await web.submit(page, **first)
    page = await web.submit(page, more="yes")
    page = await web.submit(page, given_name="Bo")
    assert path(page) == "same-2"
    assert "Imaginary Primary" in page.text
    assert "999 000 0018" not in page.text
    page = await web.submit(page, same=["home", "doctor"])
    assert path(page) == "born-2"
    page = await web.submit(page)
    assert path(page) == "school-2"  # where they live was said already
    assert "Imaginary Primary" not in page.html
    page = await web.submit(page)
    assert path(page) == "needs-2"
    assert 'value="Madeup Surgery"' in page.html
    assert "none known" not in page.html


async def test_who_comes_too_late_gets_back_what_they_have_just_written(hub: Stage) -> None:
    web, page = await go(hub, "/", form="child", journey="public")
    page = await web.submit(page, immediate_danger="no")
    stranger = WebClient(hub.base_url)  # as a browser whose draft is gone
    page.forms[0].values["csrf"] = (await stranger.get("/")).forms[0].values["csrf"]
    late = await stranger.submit(page, what_happened="A long story about number 14")
    assert late.status == 410
    assert "A long story about number 14" in late.text
    assert "Nothing has been sent" in late.text
    assert "nobody can bring it back" in late.text
    web, page = await go(hub, "/", form="child", journey="work")
    page = await web.submit(page, immediate_danger="no")
    stranger = WebClient(hub.base_url)
    page.forms[0].values["csrf"] = (await stranger.get("/")).forms[0].values["csrf"]
    late = await stranger.submit(page, given_name="Short-name", family_name="Inventa", unborn="no")
    shown = late.text.split("What you have just written")[1]
    assert re.search(r"First name Short-name", shown), shown  # each answer below its question
    assert "Inventa" in shown


async def test_ticks_of_a_risk_tool_come_to_a_score_that_staff_see_and_that_decides_nothing(hub: Stage) -> None:
    web, page = await go(hub, "/", form="child", journey="work")
    told: dict[str, Any] = {
        "immediate_danger": "no", "given_name": "Una-ticked", "what_happened": "x", "name": "Pat", "source": "2A",
        "telephone": "01632 960170", "domestic_signs": ["throat", "worse"], "exploitation_signs": ["older", "alone"],
        "need_signs": ["none"],
    }  # fmt: skip
    seen = []
    while path(page) != "check":
        seen.append(path(page))
        assert len(seen) < 40, seen
        page = await web.submit(page, more="yes" if path(page) == "more" else "no", **told)
    assert seen[seen.index("more") + 1 :][:2] == ["exploitation-1", "need-1"]
    assert "They were held by the throat" in page.text
    sent = await web.submit(page, "/referral/send")
    found = REFERENCE.search(sent.text)
    assert found
    desk = WebClient(hub.base_url)
    await desk.submit(await desk.get("/desk/sign-in"), member="manager-9", password=PASSWORD)
    shown = await desk.get(f"/desk/case/{found[0]}")
    assert "Signs of domestic abuse, version 1: 2 of 24" in shown.text
    assert "Signs of exploitation, version 1: Una-ticked: 3 of 26" in shown.text
    assert "Level of need, version 1: Una-ticked: level –" in shown.text
    assert "A score never decides" in shown.text
    assert "held by the throat" in (await hub.received("social_care", "Una-ticked")).text  # is given all parts
    assert "held by the throat" not in (await hub.received("police", "Una-ticked")).text
