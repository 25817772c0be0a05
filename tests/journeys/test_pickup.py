"""Who fetches letters often makes a passkey while one is open: it opens the next, and no other team's.

It is that of the contact whose code was typed, and opens nothing once they are nobody's contact any more.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from exchange.demo.actors.web_client import Page, WebClient
from exchange.demo.stage import HUB_FILE, Stage, stage
from tests.journeys.test_by_mail import refer
from tests.proved import proved_in
from tests.ready import ready
from tests.sign_in.authenticator import Authenticator
from tests.sign_in.conftest import csrf, options_of

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]
FIRST = '{ name = "Finn Fiction", since = 2026-01-05, code_to = "07700 900124" }'
OTHER = '{ name = "Flo Fable", since = 2026-01-05, code_to = "07700 900177" }'


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub whose school support fetches its letters, by a code that is shown on the terminal."""
    before, mark, rest = HUB_FILE.read_text().partition("[agencies.education.mailbox]\n")
    rest = rest.replace('transports = ["openpgp"]', 'transports = ["pickup"]', 1)
    rest = rest.replace('[{ name = "Finn Fiction", since = 2026-01-05 }]', f"[{FIRST}, {OTHER}]", 1)
    async with stage() as made:
        text = made.folder / "pickup.toml"
        text.write_text(before + mark + rest)
        await ready(made, text)
        await proved_in(made.folder / "hub" / "exchange.toml", "education-1")
        made.environment["EXCHANGE_PICKUP__SENDER"] = "console"
        made.base_url = made.base_url.replace("127.0.0.1", "localhost")  # browsers make passkeys for names alone
        made.environment["EXCHANGE_BASE_URL"] = made.base_url
        await made.serve()
        yield made


async def letters(hub: Stage) -> list[str]:
    """The page of each packet that waits; of a test nobody is told what it is about."""
    person = hub.people["education"]
    told = [person.open(mail.content).text for mail in hub.relay.mails(person.address)]
    found = dict.fromkeys(re.findall(r"http://\S+/pickup/\S+", "\n".join(told)))
    return [link for link in found if "Message MASH-" in (await WebClient(hub.base_url).get(link)).text]


def notices(hub: Stage) -> list[str]:
    """What the mails said that brought somebody to their packets."""
    person = hub.people["education"]
    told = [" ".join(person.open(mail.content).text.split()) for mail in hub.relay.mails(person.address)]
    return [text for text in told if "Reference MASH-" in text and "/pickup/" in text]


def path_of(hub: Stage, link: str) -> str:
    return link.removeprefix(hub.base_url)


async def opened(hub: Stage, web: WebClient, link: str, contact: str) -> Page:
    """The letter, by the code that went to the contact on the list."""
    page = await web.submit(await web.get(link), "/code", contact=contact)
    sent = re.findall(r"one-time code for [\d ]+: (\d{6})", (hub.folder / "serve.log").read_text())
    return await web.submit(page, code=sent[-1])


async def test_a_passkey_opens_the_next_letter_and_ends_with_its_contact(hub: Stage) -> None:
    for _ in range(2):
        await refer(hub)
    for _ in range(300):
        if len(found := await letters(hub)) == 2:
            break
        await asyncio.sleep(0.2)
    first, second = found
    for told in notices(hub):  # a packet must be acknowledged; that it can be read for two weeks is no reason to wait
        assert re.search(r"Please open it by (today [\d:]+, \w+ \d+ \w+|\w+ \d+ \w+ at [\d:]+)\. It can be", told), (
            told
        )
    device, web = Authenticator(hub.base_url), WebClient(hub.base_url)
    offered = (await web.get(first)).html
    assert offered.index("Send the code") < offered.index("Open it with a passkey")  # most have none
    page = await opened(hub, web, first, "c0")
    to_answer = re.search(r'href="(/answer/[^"]+)"', page.html)
    assert to_answer
    assert "Canary-school" in (await opened(hub, web, second, "c0")).text  # another letter, in the same browser
    code = re.search(r'name="code"[^>]* value="([^"]+)"', (await web.get(to_answer[1])).html)
    assert code, "the code of the letter that was opened stands in its answer page"
    assert code[1] in page.text
    assert f'value="{code[1]}"' in (await web.get(f"{to_answer[1]}/challenge")).html
    assert code[1] not in (await WebClient(hub.base_url).get(to_answer[1])).html  # in no other browser
    assert "Canary-school" in page.text
    assert "Please do not answer by mail" in page.text
    assert "Reply to this mail" not in page.text
    page = await web.submit(page, "/passkey", passkey=device.create(options_of(page.html)))
    assert "Passkeys that open your messages: 1" in page.text

    another = WebClient(hub.base_url)  # the same person, a week later, at the next message
    asked = await another.get(second)
    inside = await another.submit(asked, path_of(hub, second), passkey=device.get(options_of(asked.html)))
    assert inside.url.endswith("/letter")
    assert "Canary-school" in inside.text
    stranger = WebClient(hub.base_url)
    asked = await stranger.get(second)
    refused = await stranger.submit(
        asked, path_of(hub, second), passkey=Authenticator(hub.base_url).get(options_of(asked.html))
    )
    assert (refused.status, "Canary-school" in refused.text) == (400, False)

    async with httpx.AsyncClient(follow_redirects=True) as other:
        form = {"csrf": csrf((await other.get(first)).text), "passkey": "{}"}
        for path in ("/passkey", "/passkeys/remove"):  # without the open letter nothing is made and nothing removed
            assert not str((await other.post(first + path, data=form)).url).endswith("/letter")
    colleague = WebClient(hub.base_url)
    assert "Passkeys that open" not in (await opened(hub, colleague, first, "c1")).text

    file = hub.folder / "without.toml"
    file.write_text((hub.folder / "pickup.toml").read_text().replace(f"{FIRST}, ", ""))
    await hub.command("hub", "apply", str(file))
    asked = await stranger.get(second)
    gone = await stranger.submit(asked, path_of(hub, second), passkey=device.get(options_of(asked.html)))
    assert "does not open this message" in gone.text
    assert "Canary-school" not in (await another.get(f"{second}/letter")).text  # nor what stood open before
