"""The page of an invitation once the meeting's time is past: nobody is asked any more whether they come."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from exchange import app, config
from exchange.case.event import DiscussionCalled
from exchange.case.referral import read
from exchange.contacting import Contact, lodge, referrer_from
from exchange.demo.actors.web_client import WebClient
from exchange.demo.stage import Stage, stage
from tests.desk.stands import SIBLINGS, HandClock
from tests.ready import ready

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
async def hub(database_url: str) -> AsyncIterator[Stage]:
    """A hub that is served, on each kind of database."""
    async with stage() as made:
        await ready(made, database=database_url)
        yield made


async def met_yesterday(hub: Stage) -> str:
    """The police were called to a meeting whose time was yesterday, and nobody has recorded it; its reference."""
    found = config.read(Path(hub.environment["EXCHANGE_CONFIG"]))
    now = datetime.now(UTC)
    async with app.opened(found, HandClock(now - timedelta(days=2))) as exchange:
        referral = read(SIBLINGS)
        case = await lodge(exchange.hub, Contact("web", True, referrer_from(referral), referral), "web:1")
        at, starts = now - timedelta(days=2), now - timedelta(days=1)
        called = DiscussionCalled(at, "manager-1", "d1", starts, ("s1", "s2"), ("police",))
        await exchange.hub.record(case.case_id, called, "call", {"reason": b"why"})
    await hub.serve()
    return case.reference


async def test_who_opens_the_page_after_the_end_reads_that_it_is_over_and_how_to_tell_us(hub: Stage) -> None:
    reference = await met_yesterday(hub)
    papers = await hub.received("police", "Called: ")
    page, web = re.search(r"http\S+/attend/\S+", papers.text), WebClient(hub.base_url)
    assert page
    path = page[0].removeprefix(hub.base_url)
    over = await web.get(path)
    assert over.status == 200
    assert "This meeting is over" in over.text
    assert "reply to the encrypted papers, or ring us" in over.text
    assert "I will attend" not in over.html
    assert "<form" not in over.html.partition("<main")[2].partition("</main>")[0]
    assert reference in over.text
    assert "Nid oes angen i neb ateb mwyach" in (await WebClient(hub.base_url).get(f"{path}?language=cy")).text

    notice = await hub.received("police", "How long     30 minutes")  # the invitation itself
    plain = re.search(r"http\S+/attend/\S+", notice.text)
    assert plain
    told = await web.get(plain[0].removeprefix(hub.base_url))
    assert "This meeting is over" in told.text

    packet = json.loads((await hub.received("police", "We ask you to:")).attachments["packet.json"])
    assert "does somebody come?" not in (await web.get(packet["answer_page"])).text
