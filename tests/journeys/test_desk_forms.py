"""The forms of a case's page, posted as a browser posts them: what they offer, and what becomes of a slip."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

import templates
from exchange.demo.actors.web_client import Page
from exchange.demo.stage import Stage, stage
from exchange.desk.acts import ACTS
from tests.full_case import done, form, forms, full, post, reference, signed_in, staffed, taken

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]
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
    formed = set(re.findall(r'act\("(\w+)"', written))
    assert formed >= set(ACTS)


async def test_nothing_to_choose_from_is_empty_and_every_form_is_an_act(whole: Page) -> None:
    found = forms(whole)
    assert len({f.act for f in found}) > 30
    for one in found:
        assert one.act in ACTS
        for control in one.controls.values():
            if control.kind in ("select", "radio", "checkbox"):
                assert list(filter(None, control.offers)), (one.act, control.name)


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
    assert "nobody signs in here as “nobody-7”" in refused.text
    assert form(refused, "restrict", kind="staff").controls["who"].holds == ["nobody-7"]
    assert form(refused, "restrict", kind="role").controls["reason"].holds in ([], [""])
    page = await done(web, refused, "restrict", {"kind": "staff"}, who="officer-1")
    assert "officer-1 shut out" in page.text


async def test_a_decision_is_told_all_that_it_lacks_in_words_and_boxes_stay_ticked(hub: Stage) -> None:
    web = await signed_in(hub)
    page = await done(web, await taken(web), "rate", subject="s2", rating="green", reason="seen")
    refused = await post(web, page, "decide", subject="s2", decision="early_help", routes=["lado"], reason="help")
    for name, told in (
        ("without_checks", "An agency has not answered yet: wait for it, or say that you decide without its answer"),
        ("voice", "Say whether the person was heard"),
    ):  # fmt: skip
        assert f'<a href="#decide-{name}">{told}</a>' in refused.html
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
