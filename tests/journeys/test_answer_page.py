"""The answer page: all that a SPOC says, from one page, in under a minute; and nothing that a program says (T18)."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio

from exchange.demo.actors.web_client import Page, WebClient
from exchange.demo.stage import HUB_FILE, Stage, stage
from tests.full_case import Form, forms
from tests.link_scanner import kinds, links, scanned
from tests.ready import ready

pytestmark = pytest.mark.asyncio(loop_scope="module")
NAME = "Ellie Example"
READS, KEY, DECIDES = (
    300 / 60,
    0.5,
    2.0,
)  # words a second of short lines; seconds a keystroke on a telephone, a choice
MINUTE = 60


@dataclass(frozen=True)
class Asked:
    """A hub, a case, and whoever acts in it."""

    hub: Stage
    program: httpx.AsyncClient
    case: str

    async def act(self, act: str, **values: Any) -> None:
        """Something hub staff do."""
        got = await self.program.post(f"/cases/{self.case}/{act}", json=values)
        assert got.status_code == 200, got.text

    async def stands(self) -> Any:
        """The case as a program sees it, times left aside that count down."""
        return (await self.program.get(f"/cases/{self.case}")).json()

    async def packet(self, agency: str) -> dict[str, str]:
        """What an agency finds in its mailbox, opened."""
        mail = await self.hub.received(agency, self.case)
        found: dict[str, str] = json.loads(mail.attachments["packet.json"])
        return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asked() -> AsyncIterator[Asked]:
    """A served hub that has asked police, health, social care and a school about one child."""
    async with stage() as hub:
        file = hub.folder / "hub.toml"  # minutes for seconds: nothing is late by itself
        file.write_text(re.sub(r'"(\d+)s"', r'"\1m"', await asyncio.to_thread(HUB_FILE.read_text)))
        await ready(hub, file)
        await hub.command("staff", "add", "manager-9", "--roles", "hub_manager")
        token = (await hub.command("token", "add", "m", "--roles", "hub_manager", "--staff", "manager-9")).strip()
        await hub.serve()
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=f"{hub.base_url}/api/v1", headers=headers, timeout=60) as program:
            referral = {
                "referrer": {"name": "Pat Pretend", "source": "2A", "telephone": "01632 960170"},
                "concern": {"immediate_danger": "no", "what_happened": "Canary-worry"},
                "subjects": [{"given_name": "Canary-child", "date_of_birth": "2016-04-01"}],
            }
            lodged = await program.post("/referrals", json=referral)
            assert lodged.status_code == 201, lodged.text
            yield Asked(hub, program, lodged.json()["reference"])


def form_of(page: Page) -> Form:
    """The one form of an answer page."""
    return next(f for f in forms(page) if "answer" in f.controls)


def read_first(page: Page) -> int:
    """The words that stand open between the frame of the page and its foot: what is folded away is not read."""
    main = re.sub(r'(?s)<div class="govuk-details__text">.*?</details>', "", page.html.partition("<main")[2])
    inside = re.sub(r"(?s)<option.*?</option>|<[^>]+>", " ", main.partition("</main>")[0])
    return len(re.findall(r"[\w’]+", inside))


def seconds(page: Page, **answers: str) -> float:
    """How long a person takes who reads all that stands open and gives these answers: a keystroke-level model."""
    typed = sum(
        len(a) if form_of(page).controls[n].kind in ("text", "tel", "textarea") else 1 for n, a in answers.items()
    )
    return read_first(page) / READS + KEY * typed + DECIDES * len(answers)


async def test_a_spoc_who_has_only_the_packet_answers_in_under_a_minute(asked: Asked) -> None:
    packet = await asked.packet("social_care")
    page = await WebClient(asked.hub.base_url).get(packet["answer_page"])  # one page, and no sign-in
    assert "canary" not in page.html.lower()
    controls = [c for c in form_of(page).controls.values() if c.kind != "hidden"]
    assert len(controls) <= 13
    code = packet["code"]
    ways: dict[str, dict[str, str]] = {
        "received": {"code": code},
        "accept": {"code": code},
        "decline": {"code": code, "reason": "not_remit"},
        "information": {"code": code, "words": "Open to us since May: ring."},
        "nothing_known": {"code": code, "systems": "Mosaic", "identifiers": "name, birth date", "searched": "today"},
    }
    took = {}
    assert read_first(page) <= 190, re.sub(r"\s+", " ", page.text)
    for answer, more in ways.items():
        answers = {"answer": answer, "name": NAME, **more}
        took[answer] = seconds(page, **answers)
        spoc = WebClient(asked.hub.base_url)
        done = await spoc.submit(await spoc.get(packet["answer_page"]), **answers)
        assert "We have your answer" in done.text, (answer, done.text)
    assert max(took["received"], took["accept"], took["decline"]) < MINUTE, took
    assert max(took.values()) < MINUTE + 25, took  # whoever says how they searched types forty letters more
    story = await asked.hub.command("show", asked.case)
    for said in ("accept", "decline", "not known to them"):  # each change of mind is in the record, in its order
        assert said in story.lower(), said


async def test_whether_somebody_comes_is_said_on_the_same_page(asked: Asked) -> None:
    packet = await asked.packet("police")
    await asked.act("look", rating="amber")
    await asked.act("call", starts="2031-03-27T14:30", subjects=["s1"], agencies=["police"], reason="because")
    spoc = WebClient(asked.hub.base_url)
    page = await spoc.get(packet["answer_page"])
    assert "does somebody come?" in page.text
    seat = next(n for n in form_of(page).controls if n.startswith("attend-"))
    unnamed = await spoc.submit(page, **{seat.replace("-", "__"): "accepted"})
    assert "Write your name" in unnamed.text
    uncoded = await spoc.submit(page, name=NAME, **{seat.replace("-", "__"): "accepted"})
    assert (uncoded.status, "needs the code" in uncoded.text) == (400, True)
    assert "Choose one answer" in (await spoc.submit(page, name=NAME, **{seat.replace("-", "__"): "perhaps"})).text
    both = await spoc.submit(
        page, answer="accept", name=NAME, code=packet["code"], **{seat.replace("-", "__"): "declined"}
    )
    assert "We have your answer" in both.text
    told = (await asked.hub.command("show", asked.case)).lower()
    assert "decline" in told
    notice = await spoc.get(packet["answer_page"])
    assert "canary" not in notice.html.lower()


@pytest.mark.timeout(300)
async def test_a_scanner_that_fetches_and_submits_whatever_it_finds_changes_nothing(asked: Asked) -> None:
    """GET, HEAD and every form, three times: without our cookie, and as a browser that presses each button."""
    await asked.act("set_action", words="Visit", owner="police", subjects=["s1"], due="2031-03-27")
    await asked.hub.command("drill", "--all")
    await asyncio.gather(*(asked.hub.received(a, "/drill/") for a in ("police", "health")))
    people = asked.hub.people.values()
    mails = [person.open(mail.content) for person in people for mail in asked.hub.relay.mails(person.address)]
    found = links(mails, asked.hub.base_url)
    assert {"answer", "action", "drill"} <= kinds(found), kinds(found)
    before, told = await asked.stands(), await asked.hub.command("show", asked.case)
    assert set((await scanned(found)).values()) <= {200, 303}
    assert await asked.stands() == before
    assert await asked.hub.command("show", asked.case) == told
