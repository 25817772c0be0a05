"""The public form: who may stay unnamed, what is asked of whom, and what each page says of itself."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest
import pytest_asyncio

from exchange.demo.actors.web_client import Page, WebClient
from exchange.demo.stage import HUB_FILE, Stage, stage
from tests.ready import ready

pytestmark = pytest.mark.asyncio(loop_scope="module")
CODE = re.compile(r"(?:[0-9A-Z]{5}-){5}[0-9A-Z]")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub."""
    async with stage() as made:
        await ready(made)
        await made.serve()
        yield made


async def walk(web: WebClient, page: Page, end: str, **said: str) -> Page:
    """Fill in page after page until the one that ends so; each takes what it asks for."""
    for _ in range(30):
        if page.url.partition("?")[0].endswith(end):
            return page
        page = await web.submit(page, **said)
        assert page.status == 200, page.text
    raise AssertionError(f"the form never came to {end}: {page.url}")


async def begun(hub: Stage, journey: str = "public") -> tuple[WebClient, Page]:
    web = WebClient(hub.base_url)
    return web, await web.submit(await web.get("/"), "/referral/begin", form="child", journey=journey)


ME = {"name": "Pat Pretend", "source": "2A", "telephone": "01632 960170"}
TOLD = {"immediate_danger": "no", "given_name": "Ada-canary", "more": "no", "what_happened": "hungry"}


async def until_who(hub: Stage, **said: str) -> tuple[WebClient, Page]:
    """Up to where it is asked whether we may know who they are."""
    web, page = await begun(hub)
    return web, await walk(web, page, "/may-we-know", **{**TOLD, **said})


async def at_work(hub: Stage, end: str = "/you", **said: str) -> tuple[WebClient, Page]:
    """Up to where whoever writes as part of their work says who they are."""
    web, page = await begun(hub, "work")
    return web, await walk(web, page, end, **{**TOLD, **said})


async def test_whoever_wants_to_stay_unnamed_is_asked_for_nothing_and_told_what_that_means(hub: Stage) -> None:
    web, page = await until_who(hub)
    assert "May we know who you are?" in page.text
    refused = await web.submit(page)
    assert refused.status == 400
    assert "you may stay unnamed" in refused.text
    page = await web.submit(page, more="unnamed")
    assert page.url.endswith("/check")
    page = await web.submit(page, "/referral/send")
    assert CODE.search(page.text)
    assert "We can tell you nothing else" in page.text
    packet = await hub.received("social_care", "Ada-canary")
    assert "Anonymous" in packet.text


async def test_a_neighbour_says_only_what_they_want_to(hub: Stage) -> None:
    web, page = await until_who(hub)
    page = await web.submit(page, more="public")
    assert '"2A"' not in page.html  # no professions to choose from
    page = await walk(web, page, "/check", source="1B")
    page = await web.submit(page, "/referral/send")
    assert CODE.search(page.text)
    assert "you left us no way to reach you" in page.text


async def test_a_professional_says_who_they_are(hub: Stage) -> None:
    web, page = await at_work(hub)
    assert 'value="1B"' not in page.html
    refused = await web.submit(page, source="2A")
    assert refused.status == 400
    assert "Write your name" in refused.text
    page = await web.submit(refused, source="2A", name="Pat Pretend")
    page = await web.submit(page)
    refused = await web.submit(page)
    assert "Write a telephone number we can ring you on" in refused.text
    page = await web.submit(refused, telephone="01632 960170")
    page = await web.submit(page)  # no files
    page = await web.submit(page, "/referral/send")
    assert "we ring you" in page.text


async def test_who_changes_their_mind_leaves_no_name_behind(hub: Stage) -> None:
    web, page = await until_who(hub)
    page = await web.submit(page, more="public")
    page = await web.submit(page, source="1B", name="Pat-canary Pretend")
    page = await web.submit(await web.get("/referral/may-we-know"), more="unnamed")
    assert page.url.endswith("/check")
    assert "Pat-canary" not in page.text
    sent = await web.submit(page, "/referral/send")
    assert CODE.search(sent.text)
    assert "Pat-canary" not in sent.text


async def test_danger_now_stops_the_form_until_999_is_called(hub: Stage) -> None:
    web, page = await begun(hub, "work")
    page = await web.submit(page, immediate_danger="yes")
    assert page.url.endswith("/ring-999")
    assert "Call 999 first" in page.text
    assert "press 55" in page.text
    assert re.search(r'href="tel:999"[^>]*>\s*Ring 999 on this telephone', page.html)
    onward = [
        re.findall(rf'href="(/referral/[^"]+)"[^>]*>\s*{said}', page.html)
        for said in ("I have called", "I cannot ring: go on")  # who is watched need say nothing untrue
    ]
    assert onward[0] == onward[1] != []
    page = await web.get(onward[0][0])
    assert "Child 1: who they are" in page.text


async def test_a_page_says_which_question_it_is_and_of_whom_and_its_title_names_nobody(hub: Stage) -> None:
    web, page = await begun(hub, "work")
    titles, numbers = [], [0]
    while "/referral/files" not in page.url:  # the last before it is checked, and no question
        titles.append(re.findall(r"<title>\s*(.*?)\s*</title>", page.html, re.DOTALL)[0])
        number = re.search(r"Question (\d+) of (\d+)", page.text)
        assert number, page.url
        numbers.append(int(number[1]))
        assert numbers[-2] <= numbers[-1] <= int(number[2])
        last = page.url.rpartition("/")[2]
        more = {"another": "yes" if len(titles) < 12 else "no"}.get(last, "no")
        page = await web.submit(page, immediate_danger="no", given_name="Ada-canary", more=more, source="2A",
                                what_happened="hungry", name="Pat", telephone="01632 960170")  # fmt: skip
    assert numbers[1:4] == [1, 2, 3]
    assert number
    assert number[1] == number[2]  # the last was the last
    assert "Child 1: where they live – Message exchange" in titles
    assert "Child 2: where they live – Message exchange" in titles
    assert "What has happened – Message exchange" in titles
    assert len(set(titles)) == len(titles) - 1  # but the question whether there is another child, asked twice
    assert not [t for t in titles if "canary" in t or t.startswith("Question")]


async def test_a_baby_not_yet_born_is_asked_for_a_date_to_come_and_for_no_name(hub: Stage) -> None:
    web, page = await begun(hub, "work")
    page = await web.submit(page, immediate_danger="no")
    page = await web.submit(page, unborn="yes")
    assert page.url.endswith("/born-1")
    assert 'name="date_of_birth-day"' not in page.html
    example = re.search(r"For example, (\d+) (\d+) (\d+)", page.text)
    assert example
    assert date(int(example[3]), int(example[2]), int(example[1])) > date.today()  # noqa: DTZ011 - as a person reads
    due = date.today() + timedelta(days=60)  # noqa: DTZ011
    page = await web.submit(page, expected_date__day=str(due.day), expected_date__month=str(due.month),
                            expected_date__year=str(due.year))  # fmt: skip
    told = {"more": "no", "what_happened": "worry", **ME}
    page = await walk(web, page, "/check", **told)
    assert f"{due.day} {due:%B} {due.year}" in page.text
    page = await web.submit(page, "/referral/send")
    assert CODE.search(page.text)


async def test_checking_offers_one_way_back_a_topic_and_dates_in_words(hub: Stage) -> None:
    born = {"date_of_birth__day": "3", "date_of_birth__month": "4", "date_of_birth__year": "2017"}
    web, page = await at_work(hub, "/check", address="1 Fake Street", postcode="ZZ99 9ZZ", **born, **ME)
    assert "3 April 2017" in page.text
    changes = re.findall(r'href="(/referral/home-1[^"]*)"', page.html)
    assert len(changes) == 1
    assert "You left blank" in page.text
    page = await web.submit(await web.get("/referral/home-1?change"), whereabouts="at her aunt’s", change="yes")
    assert page.url.endswith("/check")
    assert "at her aunt’s" in page.text


async def test_reasons_for_a_refusal_taken_back_are_not_sent(hub: Stage) -> None:
    web, page = await at_work(hub, "/check", informed="no", why_not="unsafe_child", **ME)
    assert "It would be unsafe for the child" in page.text
    page = await web.submit(await web.get("/referral/consent?change"), informed="yes", change="yes")
    assert page.url.endswith("/check")
    assert "unsafe" not in page.text


async def test_the_confirmation_is_true_and_says_how_to_keep_it(hub: Stage) -> None:
    web, page = await until_who(hub)
    page = await web.submit(await web.submit(page, more="unnamed"), "/referral/send")
    assert re.search(r"We are (open now|closed until).{1,90}01632 9601(00|99)", page.text)
    assert "shown once" not in page.text
    assert "print this page or save it as a PDF" in page.text
    again = await web.get("/referral/sent")
    assert CODE.findall(again.text) == CODE.findall(page.text)
    await web.submit(again, "/referral/finish")
    assert not CODE.search((await web.get("/referral/sent")).text)


async def test_the_number_that_is_staffed_now_stands_first_and_alone(hub: Stage) -> None:
    web, file = WebClient(hub.base_url), hub.folder / "hours.toml"
    week = re.compile(r"^hours = .+$", re.MULTILINE)
    in_three_days = f"{datetime.now(UTC) + timedelta(days=3):%a}".lower()
    for hours, said, ring, not_now in (
        ('"always"', "We are open now: ring 01632 960100", "tel:01632960100", "960199"),
        (f'{{ {in_three_days} = "09:00-17:00" }}', "Ring the duty team: 01632 960199", "tel:01632960199", "960100"),
    ):
        file.write_text(week.sub(f"hours = {hours}", HUB_FILE.read_text(), count=1))
        await hub.command("hub", "apply", str(file))
        for path in ("/", "/report", "/receipt", "/referral/return", "/no-such-page"):
            page = await web.get(path)
            assert said in page.text
            assert ring in page.html
            assert not_now not in page.text
        assert ("We are closed now" in (await web.get("/tell")).text) is ("duty team" in said)
    assert re.search(r"We are closed until \w+day \d+ \w+ at 09:00\.", (await web.get("/")).text)
    welsh = await WebClient(hub.base_url).get("/?language=cy")
    assert re.search(r"Rydym ar gau tan .+ Rhif y tîm dyletswydd: 01632 960199", welsh.text)
    assert 'href="tel:999"' in welsh.html
