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
from tests.full_case import done, form, forms, full, reference, signed_in, staffed, taken

pytestmark = pytest.mark.asyncio(loop_scope="module")
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
    assert formed >= set(ACTS) - {"held"}  # with the record of a discussion


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
