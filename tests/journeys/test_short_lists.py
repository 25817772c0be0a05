"""The queue when there is much: danger stands first and is counted, each list is short, and whole at a press."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from exchange.demo.stage import Stage
from tests.ready import at_the_desk, manned, token_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
REFERENCE = re.compile(r"MASH-\w{4}-\w{4}")
PLAIN = 22


async def lodged(api: httpx.AsyncClient, danger: str, name: str) -> str:
    """A referral by another system; its reference."""
    answered = await api.post("/referrals", json={
        "form": "child", "subjects": [{"given_name": name}],
        "referrer": {"name": "Tilda Tutor", "telephone": "01632 960100", "source": "2A"},
        "concern": {"immediate_danger": danger, "what_happened": "Often hungry"},
    })  # fmt: skip
    assert answered.status_code < 300, answered.text
    return str(answered.json()["reference"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub in which many cases wait to be read."""
    async with manned() as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def danger(hub: Stage) -> str:
    """Twenty-two plain cases, and one in which somebody is in danger; its reference."""
    headers = {"Authorization": f"Bearer {await token_of(hub, 'system-1', 'hub_manager')}"}
    async with httpx.AsyncClient(base_url=f"{hub.base_url}/api/v1", headers=headers, timeout=60) as api:
        for n in range(PLAIN):
            await lodged(api, "no", f"Plain{n}")
        return await lodged(api, "yes", "Olwen")


async def test_danger_stands_before_all_that_came_earlier_and_is_counted(hub: Stage, danger: str) -> None:
    web = await at_the_desk(hub)
    page = await web.get("/desk")
    rows = REFERENCE.findall(page.html.partition('id="unread"')[2].partition('id="todo"')[0])
    assert rows[0] == danger
    assert len(set(rows)) == 20
    assert "One of them tells of immediate danger, and stands first." in page.text
    sifted = await web.get("/desk?owner=me")
    assert "Not yet looked at: 23 With immediate danger: 1" in sifted.text


async def test_each_list_is_short_and_whole_at_a_press(hub: Stage) -> None:
    web = await at_the_desk(hub)
    page = await web.get("/desk?owner=nobody&order=rating")
    assert "Rows 1 to 20 of 23." in page.text  # the open cases
    link = re.findall(r'href="(/desk\?[^"]+#cases)">All 23<', page.html)[0].replace("&amp;", "&")
    whole = await web.get(link)
    assert len(set(REFERENCE.findall(whole.html.partition('id="cases"')[2]))) == 23
    assert "Take back: Cases of nobody" in whole.text
    second = re.findall(r'rel="next" href="(/desk\?[^"]+#unread)"', (await web.get("/desk?unread=yes")).html)[0]
    turned = await web.get(second.replace("&amp;", "&"))
    assert "Rows 21 to 23 of 23." in turned.text
    assert "Take back: Not yet looked at only" in turned.text  # turning takes back nothing that was chosen
