"""The forms of a case's page, posted as a browser posts them: what they offer, and what becomes of a slip."""

from __future__ import annotations

import gzip
import html
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

import templates
from exchange.demo.actors.web_client import Page
from exchange.demo.stage import Stage, stage
from exchange.desk.acts import ACTS
from tests.full_case import KEPT, SAID, done, form, forms, full, post, reference, signed_in, staffed, taken

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]
HEAVIEST = 58 * 1024  # octets; 60 KB are what people were promised
HEADERS = 700  # octets of one reply, at most
DESK = Path(templates.__file__).parent / "web/desk"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub with staff."""
    async with stage() as made:
        await staffed(made)
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole(hub: Stage) -> Page:
    """The page of a case in which everything has happened."""
    return await full(hub, await signed_in(hub))


async def test_every_act_has_a_form_on_some_page() -> None:
    written = "".join(page.read_text() for page in DESK.rglob("*.html"))
    formed = set(re.findall(r'(?:act|folded|form)\("(\w+)"', written))
    assert formed | {"minute", "confirm", "correct_concern"} >= set(ACTS)  # these have pages of their own


async def test_nothing_to_choose_from_is_empty_and_every_form_is_an_act(whole: Page) -> None:
    found = forms(whole)
    assert len({f.act for f in found}) > 30
    for one in found:
        assert one.act in ACTS
        for control in one.controls.values():
            if control.kind in ("select", "radio", "checkbox"):
                assert list(filter(None, control.offers)), (one.act, control.name)


async def test_what_is_to_do_leads_to_where_it_is_done(whole: Page) -> None:
    ids = set(re.findall(r'\bid="([^"]+)"', whole.html))
    assert set(re.findall(r'href="#([^"]+)"', whole.html)) <= ids
    rows = whole.html.partition('id="now"')[2].partition('id="concern"')[0]
    led = dict(re.findall(r'<a class="govuk-link app-stack__line" href="#([\w-]+)">([^<]+)</a>', rows))
    assert led["say_where"] == "Say where it takes place"
    assert led["answered"] == "Record an answer by telephone"
    assert {"approve_feedback", "attends", "clock_met", "deleted", "move_action", "owner_answered"} <= led.keys()
    assert led.keys() <= {f.number or f.act for f in forms(whole)}
    assert "Unborn baby Wholly</strong> is to be handed over" in rows  # by name, where names may be read
    assert not re.search(r"Subjects? \d", rows)


async def test_the_fullest_page_with_all_it_needs_is_light(hub: Stage, whole: Page) -> None:
    """On a first visit, by the octets that go over the wire."""
    answers = re.findall(r'(?:href|src)="(/static/[^"]+)"', whole.html)
    assert {"app.css", "app.js"} <= {a.partition("?")[0].rpartition("/")[2] for a in answers}
    parts = [len(gzip.compress(whole.html.encode()))]
    async with httpx.AsyncClient(base_url=hub.base_url) as browser:
        for one in answers:
            got = await browser.get(one)
            parts.append(got.num_bytes_downloaded + HEADERS)
    assert sum(parts) < HEAVIEST, parts


async def test_a_team_is_shut_out_from_the_page(hub: Stage) -> None:
    web = await signed_in(hub)
    page = await taken(web)
    offered = form(page, "restrict", kind="role").controls["who"]
    assert "chair" in offered.offers
    assert "at_risk" not in offered.offers
    page = await done(web, page, "restrict", {"kind": "role"}, who="chair", reason="she chairs for his school")
    assert "Everybody who is chair" in page.text
    assert reference(page)


async def test_a_refused_form_keeps_what_was_typed_and_tells_every_fault_where_it_is(hub: Stage) -> None:
    web = await signed_in(hub)
    page = await taken(web)
    refused = await post(web, page, "answered", answer="information", words="Two calls in May")
    assert refused.status == 400
    kept = form(refused, "answered")
    assert kept.is_open
    assert kept.controls["words"].holds == ["Two calls in May"]
    assert kept.controls["answer"].holds == ["information"]
    assert form(refused, "rate").controls["reason"].holds in ([], [""])
    for name, told in (("name", "Write who said it"), ("checked", "Write how you checked who they are")):
        assert f'<a href="#answered-{name}">{told}: it is part of the record</a>' in refused.html
        assert f'id="answered-{name}-error"' in refused.html
        assert f'id="answered-{name}"' in refused.html
    page = await done(web, refused, "answered", name="Sergeant Made-Up", checked="rang back")
    assert "Two calls in May" in page.text


async def test_of_several_forms_of_one_act_the_refused_one_is_filled_in_again(hub: Stage) -> None:
    web = await signed_in(hub)
    page = await taken(web)
    refused = await post(web, page, "restrict", {"kind": "staff"}, who="nobody-7", reason="they are related")
    assert "Nobody signs in here as “nobody-7”" in refused.text
    assert form(refused, "restrict", kind="staff").controls["who"].holds == ["nobody-7"]
    assert form(refused, "restrict", kind="role").controls["reason"].holds in ([], [""])
    page = await done(web, refused, "restrict", {"kind": "staff"}, who="officer-1")
    assert "officer-1 shut out" in page.text


async def test_a_decision_is_told_all_that_it_lacks_in_words_and_boxes_stay_ticked(hub: Stage) -> None:
    web = await signed_in(hub)
    page = await done(web, await taken(web), "rate", subject="s2", rating="green", reason="seen")
    refused = await post(web, page, "decide", subject="s2", decision="early_help", routes=["lado"], reason="help")
    waits = (
        r'<a href="#decide-without_checks">An agency has not answered yet \(([^)]+)\): wait for it, or say that you '
    )
    who = re.search(waits + "decide without its answer</a>", refused.html)
    assert who
    assert "Fibshire NHS Trust" in who[1]  # which one is part of it
    assert '<a href="#decide-voice">Say whether the person was heard</a>' in refused.html
    assert "(without_checks)" not in refused.text
    assert "(voice)" not in refused.text
    assert form(refused, "decide").controls["routes"].holds == ["lado"]
    refused = await post(web, refused, "decide", voice="heard", without_checks="yes", decision="")
    assert "Choose the decision" in refused.text
    assert "nfa, advice" not in refused.text


async def test_closing_says_what_is_open_and_what_to_tick(hub: Stage) -> None:
    web = await signed_in(hub)
    refused = await post(web, await taken(web), "close", reason="done with it")
    assert 'href="#close-override"' in refused.html
    assert "tick “Close all the same, knowingly”" in refused.text
    assert "ot every subject is decided (s1, s2, s3)" in refused.text
    assert re.search(r"an agency still owes its answer \([^)]*Fibshire NHS Trust[^)]*\): chase it", refused.text)
    assert form(refused, "close").controls["reason"].holds == ["done with it"]


async def test_what_was_typed_is_shown_though_its_form_is_gone(hub: Stage) -> None:
    web = await signed_in(hub)
    page = await taken(web)
    await done(web, page, "close", reason="done with it", override="yes")
    refused = await post(web, page, "close", reason="")
    assert refused.status == 400
    late = await post(web, page, "sort", into="duplicate", reason="the same call as yesterday")
    assert late.status == 400
    assert "the same call as yesterday" in late.text


async def test_a_reference_that_nobody_has_loses_nothing(hub: Stage) -> None:
    web = await signed_in(hub)
    page = await taken(web)
    for about, told in (("", "Write the reference of the first contact"), ("MASH-0000-0000", "check it")):
        page = await post(web, page, "sort", into="duplicate", about=about, reason="the same call as yesterday")
        assert page.status == 400
        assert 'href="#sort-about"' in page.html, re.findall(r'href="#[^>]*>[^<]*', page.html)
        assert told in page.text
        assert form(page, "sort").controls["reason"].holds == ["the same call as yesterday"]


async def test_words_on_a_source_tick_it_and_one_that_may_not_be_read_is_refused_in_words(hub: Stage) -> None:
    manager, officer = await signed_in(hub), await signed_in(hub, "officer-1")
    page = await taken(manager)
    for leg, words in (("l1", "Two calls in May"), ("l2", "Maternal history")):
        page = await done(manager, page, "answered", leg=leg, answer="information", words=words, **SAID)
    police, health = form(page, "product").controls["sources"].offers
    assert "Maternal history" in page.text
    given: dict[str, str | list[str]] = {"subjects": ["s1"], "recipients": ["social_care"], "analysis": "A pattern."}
    seen = await officer.get(f"/desk/case/{reference(page)}")
    refused = await post(officer, seen, "product", **given, **{f"wording.{health}": "A health matter."})
    assert refused.status == 400
    assert f'href="#product-wording.{health}"' in refused.html
    assert "You may not read what rests here" in refused.text
    assert form(refused, "product").controls["analysis"].holds == ["A pattern."]
    log = json.loads(await hub.command("audit", "log", "access", "--json"))
    denied = [line["about"] for line in log if line["what"] == "Denied" and line["by"] == "officer-1"]
    assert len(denied) == 1  # the attempt, and no page that was only looked at
    assert health in denied[0]
    page = await done(manager, page, "product", **given, **{f"wording.{police}": "An adult is known."})
    assert "An adult is known." in page.text


async def test_of_an_adult_capacity_needs_and_wishes_are_given_and_shown_with_the_decision(hub: Stage) -> None:
    web = await signed_in(hub)
    page = await done(web, await taken(web), "add_subject", form="adult", role="at_risk", given_name="Vera",
                      capacity="yes", care_needs="Help with washing", wishes="To stay at home", worry="bruised arms",
                      reason="her daughter")  # fmt: skip
    page = await done(web, page, "correct_subject", subject="s4", lives_alone="yes", reason="she said so")
    for known in ("Help with washing", "To stay at home", "Do they live alone?"):
        assert known in page.text
    page = await done(web, page, "rate", subject="s4", rating="amber", reason="frail")
    page = await done(web, page, "decide", subject="s4", decision="section_42", reason="neglect", voice="heard",
                      capacity="did_not", outcomes_asked="expressed", needs="yes", needs_why="cannot wash",
                      risk="yes", risk_why="left alone", unable="yes", unable_why="bed-bound",
                      without_checks="yes")  # fmt: skip
    for shown in (
        "Capacity for this decision: did not lack capacity",
        "Asked what they want: yes, and they said what they want",
        "Section 42: cannot protect themselves: yes", "Needs for care and support: cannot wash",
        "Cannot protect themselves: bed-bound",
    ):  # fmt: skip
        assert shown in page.text


async def test_who_must_not_be_contacted_is_shown_so_and_nobody_is_invited_to_ring(hub: Stage) -> None:
    web = await signed_in(hub)
    page = await done(web, await taken(web), "contact_route", route="none", **SAID)
    assert "Do not contact the referrer" in page.text
    acts = {f.act for f in forms(page)}
    assert "contact_route" in acts
    assert not acts & {"tell_referrer", "send_feedback"}
    assert "receipt_code" not in page.html


async def test_harm_in_a_consultation_leads_to_the_referral_form_with_who_asks(hub: Stage) -> None:
    web = await signed_in(hub)
    page = await web.get("/desk/consultation")
    page = await web.submit(page, "/desk/consultation", harm="yes", source="2A", topic="neglect", level="4",
                            advice="refer")  # fmt: skip
    found = re.search(r'href="(/desk/telephone[^"]+)"', page.html)
    assert found, page.text
    page = await web.get(html.unescape(found[1]))
    assert re.search(r'<option value="2A" selected', page.html)


async def test_the_page_says_everything_in_words_and_the_concern_comes_first(whole: Page) -> None:
    codes = re.findall(r"\b(?:packet_code|without_checks|p\d+/w\d+|x\d+|[a-z]+_[a-z_]+)\b", whole.text)
    assert codes == []
    order = [
        whole.text.index(words) for words in ("To do", "Heard shouting at night", "Agencies asked", "Product 1,")
    ]
    assert order == sorted(order)
    assert f"Unborn baby {KEPT}" in whole.text
    assert "Known to them" not in whole.text
    assert "decline (proof: staff)" in whole.text


async def test_search_says_in_words_how_alike_somebody_is(hub: Stage, whole: Page) -> None:
    web = await signed_in(hub)
    found = await web.submit(
        await web.get("/desk/search"), "/desk/search", given_name="Mina", family_name=KEPT, year="2015"
    )
    assert "Very much: the whole name, with the year of birth" in found.text
