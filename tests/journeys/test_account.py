"""People who refer often sign in with their address at work, and see what they and their colleagues referred: nothing
of another organisation, nothing that is kept from anybody, and nothing once they have left."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from exchange.demo.actors.smtp_server import Delivered
from exchange.demo.actors.web_client import Page, WebClient
from exchange.demo.stage import HUB_FILE, Stage, stage
from tests.ready import ready
from tests.sign_in.authenticator import Authenticator
from tests.sign_in.conftest import options_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
ORGANISATIONS = """
[referrers.school]
name = "Madeupton Primary"
domains = ["madeupton.example"]
people = [
  { address = "gone@madeupton.example", since = 2020-01-01, until = 2026-01-31 },
  { address = "nurse@shared.example", since = 2020-01-01 },
]
[referrers.surgery]
name = "Pretend Surgery"
domains = ["pretend-surgery.example"]
"""
PAT, SAM, GP = "pat@madeupton.example", "sam@madeupton.example", "gp@pretend-surgery.example"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub with two organisations."""
    async with stage() as made:
        file = made.folder / "hub.toml"
        file.write_text(await asyncio.to_thread(HUB_FILE.read_text) + ORGANISATIONS)
        await ready(made, file)
        made.base_url = made.base_url.replace("127.0.0.1", "localhost")  # browsers make passkeys for names alone
        made.environment["EXCHANGE_BASE_URL"] = made.base_url
        await made.command("staff", "add", "manager-9", "--roles", "hub_manager")
        await made.serve()
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def program(hub: Stage) -> AsyncIterator[httpx.AsyncClient]:
    """A program that hands referrals in."""
    token = (await hub.command("token", "add", "forms", "--roles", "intake_admin")).strip()
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=f"{hub.base_url}/api/v1", headers=headers, timeout=60) as made:
        yield made


async def refers(program: httpx.AsyncClient, mail: str, **more: str) -> str:
    """The reference of a referral by somebody with this address."""
    referrer: dict[str, Any] = {
        "name": "Canary-name", "source": "2A", "mail": mail, "telephone": "01632 960170", **more,
    }  # fmt: skip
    referral = {"referrer": referrer, "subjects": [{"given_name": "Canary-child"}],
                "concern": {"immediate_danger": "no", "what_happened": "Canary-worry"}}  # fmt: skip
    lodged = await program.post("/referrals", json=referral)
    assert lodged.status_code == 201, lodged.text
    return str(lodged.json()["reference"])


async def asks(hub: Stage, address: str) -> tuple[WebClient, Page]:
    """Somebody types their address; the page that asks for the code."""
    web = WebClient(hub.base_url)
    return web, await web.submit(await web.get("/account/sign-in"), address=address)


async def code(hub: Stage, address: str) -> str:
    """The code that came."""

    def fits(mail: Delivered) -> bool:
        return b"is your code" in mail.content

    found = await hub.relay.wait_for_mail(address, fits)
    return str(re.findall(rb"(\d{3} \d{3}) is your code", found.content)[0], "ascii")


async def signed_in(hub: Stage, address: str) -> tuple[WebClient, Page]:
    """Somebody is in; their page."""
    web, page = await asks(hub, address)
    return web, await web.submit(page, code=await code(hub, address))


def references(page: Page) -> set[str]:
    return set(re.findall(r"MASH-\w{4}-\w{4}", page.text))


async def test_a_team_sees_its_own_and_opens_one_without_a_code(hub: Stage, program: httpx.AsyncClient) -> None:
    own, colleagues = await refers(program, PAT), await refers(program, SAM.upper())
    nurses = await refers(program, "nurse@shared.example")
    others = [await refers(program, a) for a in (GP, "x@sub.madeupton.example", "other@shared.example")]
    public = await refers(program, PAT, source="1B")  # as a neighbour, and not at work
    shared = await refers(program, PAT, mail_shared="yes")
    kept = await refers(program, SAM, keep_from="Fakeshire Constabulary")
    mine_kept = await refers(program, PAT, keep_from="Fakeshire Constabulary")
    web, page = await signed_in(hub, PAT)
    assert page.url.endswith("/account")
    assert references(page) == {own, colleagues, nurses, mine_kept}
    assert not {*others, public, shared, kept} & references(page)
    assert "canary" not in page.html.lower()
    assert "Madeupton Primary" in page.text

    await hub.command("look", own, "--rating", "amber", "--as", "manager-9")
    await hub.command("act", own, "ask_referrer", "questions=where_now", "--as", "manager-9")
    await hub.relay.wait_for_mail(PAT, lambda mail: b"We need to ask you something" in mail.content, 30)
    page = await web.get("/account")
    assert "We ask you something" in page.text
    assert "A person read it: today" in page.text
    at = [f.values.get("code", "") for f in page.forms if f.action == "/receipt"]
    assert len(at) == 4
    opened = [await web.submit(Page(page.url, 200, "", {}, forms=[f])) for f in page.forms if f.action == "/receipt"]
    receipt = next(p for p in opened if own in p.text)
    assert "Where are they now" in receipt.text
    done = await web.submit(receipt, "/receipt/answer", **{"answer-q1": "At home"})
    assert "We have your answer" in done.text
    forged = at[0].replace(at[0].split(".")[1], "a" * 16)
    other = WebClient(hub.base_url)
    assert "do not know this code" in (await other.submit(await other.get("/receipt"), code=forged)).text

    out = await web.submit(page, "/account/sign-out")
    assert out.url == f"{hub.base_url}/"
    assert (await web.get("/account")).url.endswith("/account/sign-in")


async def test_another_organisation_sees_nothing_of_it(hub: Stage, program: httpx.AsyncClient) -> None:
    theirs = await refers(program, GP)
    _, page = await signed_in(hub, GP)
    assert theirs in references(page)
    _, pages = await signed_in(hub, SAM)
    assert not references(page) & references(pages)


async def test_who_is_not_known_or_has_left_is_told_the_same_and_gets_nothing(hub: Stage) -> None:
    told = set()
    for address in ("nobody@street.example", "gone@madeupton.example", "new@madeupton.example"):
        web, page = await asks(hub, address)
        told.add(re.sub(r'(nonce|value)="[^"]*"', "", page.html))
        for _ in range(5):
            wrong = await web.submit(page, code="000000")
            assert wrong.status == 400
    assert len(told) == 1
    right = await code(hub, "new@madeupton.example")
    assert (await web.submit(page, code=right)).status == 400  # five wrong tries, and it is over
    assert hub.relay.mails("gone@madeupton.example") == []
    web, page = await asks(hub, "no address")
    assert "Write your mail address at work" in page.text


async def test_an_address_gets_one_code_a_minute(hub: Stage) -> None:
    address = "often@madeupton.example"
    first, page = await asks(hub, address)
    await asks(hub, address)
    assert (await first.submit(page, code=await code(hub, address))).url.endswith("/account")
    assert len(hub.relay.mails(address)) == 1
    again, later = await asks(hub, address)
    assert (await again.submit(later, code="123456")).status == 400


async def test_a_passkey_is_a_second_way_in_until_it_is_removed(hub: Stage, program: httpx.AsyncClient) -> None:
    own = await refers(program, "keys@madeupton.example")
    device = Authenticator(hub.base_url)
    web, page = await signed_in(hub, "keys@madeupton.example")
    assert own in references(page)
    page = await web.submit(page, "/account/passkey", passkey=device.create(options_of(page.html)))
    assert "Passkeys for your address: 1" in page.text
    other = WebClient(hub.base_url)
    asked = await other.get("/account/sign-in")
    inside = await other.submit(asked, passkey=device.get(options_of(asked.html)))
    assert inside.url.endswith("/account")
    assert own in references(inside)
    stranger = WebClient(hub.base_url)
    asked = await stranger.get("/account/sign-in")
    refused = await stranger.submit(asked, passkey=Authenticator(hub.base_url).get(options_of(asked.html)))
    assert refused.status == 400
    assert "passkey" in refused.text
    page = await web.submit(page, "/account/passkeys/remove")
    assert "Passkeys for your address" not in page.text
    asked = await stranger.get("/account/sign-in")
    assert (await stranger.submit(asked, passkey=device.get(options_of(asked.html)))).status == 400
