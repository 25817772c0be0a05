"""Whose mail it is, as far as that is proved: said where the mail is shown; a forger's word asks nobody."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from exchange.demo.actors.mail_client import MailClient
from exchange.demo.actors.web_client import WebClient
from exchange.demo.stage import HUB_ADDRESS, Stage
from tests.journeys.test_came_back import case_says
from tests.journeys.test_forms_by_mail import case_of
from tests.ready import at_the_desk, manned

pytestmark = pytest.mark.asyncio(loop_scope="module")
SURGERY = "madeup-surgery.example"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub with somebody at the desk; the surgery signs its mail, and disowns what is not signed."""
    async with manned() as made:
        made.publish_dkim(SURGERY)
        made.names.add(f"_dmarc.{SURGERY}", "TXT", "v=DMARC1; p=reject")
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def web(hub: Stage) -> WebClient:
    """Somebody at the desk."""
    return await at_the_desk(hub)


async def refers(hub: Stage, who: MailClient, name: str, *, signed: bool = False) -> None:
    """A form by mail about a child of this name."""
    data = {"form": "child", "concern": {"what_happened": f"Canary-{name}"}, "subjects": [{"given_name": name}]}
    raw = who.plain(HUB_ADDRESS, "Referral", "See there", {"referral.json": json.dumps(data).encode()})
    assert (await hub.mail(who.address, HUB_ADDRESS, hub.dkim[SURGERY].sign(raw) if signed else raw))[:3] == "250"


async def test_a_form_that_a_known_domain_disowns_asks_nobody_before_a_person_has_read_it(
    hub: Stage, web: WebClient
) -> None:
    await refers(hub, MailClient(f"head@{SURGERY}"), "Forgedquill")
    case = await case_of(web, f"{SURGERY} says that it did not send it")
    for said in ("Sender not proved", "nobody is asked until it is typed in"):
        assert said in case.text
    assert "Sender not proved" in (await web.get("/desk")).text
    told = json.loads(await hub.command("show", case.url.rpartition("/")[2], "--json"))
    assert told["case"]["legs"] == []
    assert told["case"]["first_look_due"]


async def test_anybodys_form_by_mail_is_as_the_public_form_and_bears_the_mark(hub: Stage, web: WebClient) -> None:
    await refers(hub, MailClient("nora@housing.example"), "Publicquill")
    assert await hub.received("police", "Publicquill")
    case = await case_of(web, "Canary-Publicquill")
    assert "Sender not proved" in case.text
    assert "nora@housing.example, and nothing proves that: anybody may have sent it" in case.text


async def test_who_writes_to_the_referrers_address_is_the_referrer_only_when_that_is_proved(
    hub: Stage, web: WebClient
) -> None:
    gp = hub.people["madeup-surgery"]
    await refers(hub, gp, "Ownquill", signed=True)
    assert await hub.received("police", "Ownquill")
    case = await case_of(web, "Canary-Ownquill")
    reference = case.url.rpartition("/")[2]
    assert "Sender not proved" not in case.text
    receipt = await hub.received("madeup-surgery", reference)
    answers = f"In-Reply-To: {receipt.message_id}\r\n".encode()
    dad = MailClient("dad@evil.example")
    raw = answers + dad.plain(HUB_ADDRESS, "Re: Message", "Canary-dad: she is fine.")
    assert (await hub.mail(dad.address, HUB_ADDRESS, raw))[:3] == "250"
    page = await case_says(web, reference, "Canary-dad")
    assert "Somebody wrote to the referrer’s address: nothing proves that it was the referrer" in page
    assert "It says that it is from dad@evil.example. Not proved to be the referrer" in page
    assert "The referrer added something" not in page
    raw = answers + gp.plain(HUB_ADDRESS, "Re: Message", "Canary-own: he is coming at three.")
    assert (await hub.mail(gp.address, HUB_ADDRESS, hub.dkim[SURGERY].sign(raw)))[:3] == "250"
    page = await case_says(web, reference, "Canary-own")
    assert "The referrer added something" in page
