"""What hub staff typed in wrongly is put right: who was sent it hears of it, and what was before stays to be read."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from exchange.demo.actors.web_client import WebClient
from exchange.demo.stage import Stage, stage
from tests.full_case import done, form, post, reference, signed_in, staffed, taken

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]
RIGHT = "Heard crying at night, and a door slamming. No glass broke."
WRONG_FOR = ("police", "health", "social_care")  # their rows name the concern


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub with staff."""
    async with stage() as made:
        await staffed(made)
        yield made


async def packeted(hub: Stage, web: WebClient, family: str) -> str:
    """A case whose agencies all have their packets; its reference."""
    case = reference(await taken(web, family))
    for agency in WRONG_FOR:
        await hub.received(agency, case, timeout=60)
    return case


async def test_an_answer_put_right_is_told_to_those_who_have_it_and_its_former_words_stay(hub: Stage) -> None:
    web = await signed_in(hub)
    case = await packeted(hub, web, "Wrongly")
    page = await web.get(f"/desk/case/{case}/correct")
    assert "glass breaking" in page.html
    stale = page

    refused = await web.submit(page, "", **{"concern.what_happened": RIGHT})
    assert refused.status == 400
    assert 'href="#reason"' in refused.html
    assert RIGHT in refused.html  # nothing that was typed is lost
    page = await web.submit(
        refused, "", **{"concern.what_happened": RIGHT, "reason": "Canary-why: heard the call again"}
    )
    assert page.status == 200
    assert RIGHT in page.text
    for agency in WRONG_FOR:
        letter = await hub.received(agency, "PART OF OUR PACKET WAS WRONG", timeout=60)
        text = " ".join(letter.text.split())
        assert letter.encrypted
        assert RIGHT in text
        assert "Canary-why" not in text
        assert "Mina" not in text  # of the children nothing was wrong
    assert not [m for m in hub.relay.delivered if RIGHT.encode() in m.content]

    history = page.text[page.text.index("All that happened") :]
    assert "Put right, because it was typed in wrongly: What has happened" in history
    assert "Before: Heard shouting at night, and glass breaking." in " ".join(history.split())
    assert "Canary-why" in history
    assert "Put right, because it was typed in wrongly" in await hub.command("show", case)

    late = await web.submit(stale, "", **{"concern.what_happened": "Something else", "reason": "x"})
    assert "somebody corrected something meanwhile" in late.text.lower()
    assert "Something else" in late.html


async def test_what_an_agency_was_not_told_is_no_correction_for_it(hub: Stage) -> None:
    web = await signed_in(hub)
    case = await packeted(hub, web, "Quietly")
    page = await web.get(f"/desk/case/{case}/correct")
    page = await web.submit(page, "", **{"referrer.relationship": "Their teacher", "reason": "Canary-quiet"})
    assert "Their teacher" in page.text
    page = await done(web, page, "correct_subject", subject="s1", school="Madeup Academy", reason="Canary-school")
    sent = [x for x in (await _story(hub, case))["letters"] if x["letter"] == "corrected"]
    legs = {x["id"]: x["agency"] for x in (await _story(hub, case))["case"]["legs"]}
    assert {legs[x["about"].partition("/")[0]] for x in sent} <= {"education", "social_care"}


async def _story(hub: Stage, case: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(await hub.command("show", case, "--json"))
    return told


async def test_what_the_referrer_said_by_telephone_is_recorded_and_put_right(hub: Stage) -> None:
    web = await signed_in(hub)
    case = reference(await taken(web, "Ringing"))
    page = await done(web, await web.get(f"/desk/case/{case}"), "ask_referrer", questions=["last_seen"])
    caller = {"name": "Rita Ringer", "telephone": "01632 960180", "checked": "rang back"}
    refused = await post(web, page, "referrer_said", words="", question="q1", **caller)
    assert "Write what was said" in refused.text
    page = await done(web, page, "referrer_said", words="She was well on Monday", question="q1", **caller)
    assert "The referrer answered a question" in page.text
    assert "Asked, and not answered yet" not in page.text
    entry = next(o for o in form(page, "correct_words").controls["entry"].offers if o)
    page = await done(web, page, "correct_words", entry=entry, words="She was unwell on Monday", reason="misheard")
    said = " ".join(page.text.split())
    assert "PUT RIGHT SINCE: She was unwell on Monday" in said
    assert "She was well on Monday" in said
    assert "What somebody said was written down wrongly: put right" in said


async def test_nothing_late_is_folded_away(hub: Stage) -> None:
    web = await signed_in(hub)
    page = await taken(web, "Folded")
    to_do, fold = page.html.split('id="now"')[1].split("<details", 1)
    assert to_do.count("<tr") >= 4  # the head and as many as fit
    assert re.search(r"\d+ more, which can wait longer than these", fold)
    assert "LATE" not in fold.split("</details>")[0].upper().replace("LATER", "")
