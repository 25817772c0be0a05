"""The queue and the silent: what was chosen is shown and nothing else, and one press asks several once more."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.policy import default
from urllib.parse import urlencode

import pytest
import pytest_asyncio

from exchange.demo.actors.web_client import Page, WebClient
from exchange.demo.stage import AGENCIES, Stage, stage
from tests.full_case import done, form, reference, signed_in, staffed, taken

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]
SILENT = "/desk/silence"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub with staff."""
    async with stage() as made:
        await staffed(made)
        yield made


async def waiting_for(web: WebClient, hub: Stage, family: str) -> str:
    """A case whose agencies all have their packets; its reference."""
    case = reference(await taken(web, family))
    for agency in ("police", "health", "social_care"):
        await hub.received(agency, case, timeout=60)
    for _ in range(200):  # their server's word is recorded a moment after the mail is there
        if len(offered(await web.get(f"{SILENT}?agency=police"), case)) == 1:
            return case
        await asyncio.sleep(0.1)
    raise AssertionError("the packet is not said to have arrived")


def offered(page: Page, case: str) -> list[str]:
    """The boxes about one case."""
    return re.findall(rf'name="what"[^>]*value="({case}:[^"]+)"', page.html)


def reminders(hub: Stage, agency: str, case: str) -> int:
    """How many reminders about a case an agency's mail server has taken."""
    mails = [message_from_bytes(m.content, policy=default) for m in hub.relay.mails(AGENCIES[agency])]
    return len([m for m in mails if "Reminder:" in m["subject"] and case in m["subject"]])


async def shown_first(web: WebClient, boxes: list[str]) -> Page:
    """What goes to whom, before anything is sent."""
    return await web.get(f"{SILENT}/chase?" + "&".join(f"what={box}" for box in boxes))


async def test_one_press_asks_several_once_more_and_nobody_twice(hub: Stage) -> None:
    web = await signed_in(hub)
    first, second = await waiting_for(web, hub, "Asked"), await waiting_for(web, hub, "Quiet")
    page = await web.get(SILENT)
    assert "127.0.0.1 said: 250" in page.text
    assert "01632 960110" in page.text
    boxes = [*offered(page, first)[:2], offered(page, second)[0]]
    other = await signed_in(hub, "officer-1")
    shown, looked = await shown_first(web, boxes), await shown_first(other, boxes)
    assert "To be asked (3)" in shown.text
    for _ in range(2):  # the button once more, or a second tab
        sent = await web.submit(shown, "/chase", what=boxes)
        assert "3 letters are on their way" in sent.text
    refused = await other.submit(looked, "/chase", what=boxes)
    assert "Not asked (3)" in refused.text
    assert "a moment ago: ring if it cannot wait" in refused.text
    for _ in range(300):
        if told(hub, first, second) >= 3:
            break
        await asyncio.sleep(0.1)
    page = await web.get(SILENT)
    assert page.text.count("asked once more from the desk") == 3
    assert told(hub, first, second) == 3
    case = await web.get(f"/desk/case/{first}")
    assert "asked once more by mail, from the desk" in case.text


def told(hub: Stage, *cases: str) -> int:
    """How many reminders about these cases went to anybody."""
    return sum(reminders(hub, agency, case) for agency in AGENCIES for case in cases)


async def test_nothing_goes_about_what_is_kept_from_whoever_presses_nor_to_whom_it_is_kept_from(hub: Stage) -> None:
    web, officer = await signed_in(hub), await signed_in(hub, "officer-1")
    case = await waiting_for(web, hub, "Secret")
    boxes = offered(await web.get(f"{SILENT}?agency=police"), case)
    page = await web.get(f"/desk/case/{case}")
    page = await done(web, page, "restrict", {"kind": "staff"}, who="officer-1", reason="she lives next door")
    listed, asked = await officer.get(SILENT), await shown_first(officer, boxes)
    assert case not in listed.html
    assert case not in asked.text
    assert "Nobody: they have answered meanwhile, or are not there" in asked.text
    looked = await shown_first(web, boxes)
    await done(web, page, "restrict", {"kind": "agency"}, who="police", reason="an officer is related")
    assert not offered(await web.get(f"{SILENT}?agency=police"), case)
    sent = await web.submit(looked, "/chase", what=boxes)
    assert "It must not see this case: nothing is sent to it" in sent.text
    assert "on its way" not in sent.text
    assert reminders(hub, "police", case) == 0


async def test_nothing_ticked_is_said_and_odd_boxes_are_not_there(hub: Stage) -> None:
    web = await signed_in(hub)
    refused = await web.get(f"{SILENT}/chase")
    assert refused.status == 400
    assert "Tick whom you want to ask once more" in refused.text
    odd = await web.get(f"{SILENT}/chase?what=MASH-0000-0000:l1&what=x&what=:&what=MASH-0000-0000:")
    assert odd.status == 200
    assert "Nobody: they have answered meanwhile" in odd.text


async def test_the_queue_shows_what_was_chosen_and_says_so(hub: Stage) -> None:
    web = await signed_in(hub)
    case = reference(await taken(web, "Chosen"))
    everything = await web.get("/desk?show=all&todo=all")
    assert "owes an acknowledgement" in everything.text
    usual = await web.get("/desk")
    assert "and are not late. See who has not answered" in usual.text
    mine = await web.get("/desk?owner=me")
    assert case in mine.text
    assert "Only these are shown Take back: Cases of mine" in mine.text
    nobody = await web.get("/desk?owner=nobody&rating=green")
    assert case not in nobody.text
    assert "fits what you chose" in nobody.text
    assert "Show everything" in nobody.text
    assert (await web.get("/desk?owner=%3Cb%3E&rating=purple")).text.count("Only these are shown") == 0


async def test_the_letter_to_the_referrer_is_read_before_anybody_gets_it(hub: Stage) -> None:
    web = await signed_in(hub)
    page = await taken(web, "Lettered")
    case = reference(page)
    shown = await form_sent(web, page, f"/desk/case/{case}/letter", words="Thank you for ringing", asks="Ring again")
    assert "What the referrer will read" in shown.text
    assert "Nothing has been sent" in shown.text
    letter = shown.text.split("How they may be told")[1]
    assert "Thank you for ringing" in letter
    assert "no letter goes before that" in shown.text  # nothing is decided yet
    assert "Somebody is asked to ring them. On the receipt page they read" in letter
    assert "The first child named in your referral: (what you decide)" in letter
    assert "reply CHALLENGE to this mail" not in letter  # there is no mail
    after = await web.get(f"/desk/case/{case}")
    assert "Thank you for ringing" not in after.text
    given = await web.submit(shown, "/feedback", words="Thank you for ringing", asks="Ring again")
    assert given.status == 400  # nothing is decided yet, and nothing that was typed is lost
    assert form(given, "feedback").controls["words"].holds == ["Thank you for ringing"]


async def form_sent(web: WebClient, page: Page, where: str, **answers: str) -> Page:
    """The form of free words, sent by its other button."""
    sent = form(page, "feedback").pressed(**answers)
    return await asyncio.to_thread(web._fetch, where, urlencode(sent, doseq=True).encode())
