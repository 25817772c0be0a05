"""No link of any letter does anything by being fetched or pressed (T18): a person with a name has to be there.

Every letter that goes out in a case where everything happens, each with the words by which it is known here.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from exchange.demo.actors.mail_client import Read
from tests.link_scanner import kinds, links, scanned
from tests.screens.story import Story, told

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.long, pytest.mark.timeout(900)]
POST = {"ClockRanOut", "PacketNews", "LetterNews", "MachineEvidence"}
PATIENCE = 90  # seconds until the last letter is there
LETTERS = {  # by the page that it leads to, and words that stand in no other
    "packet": ("answer", "NOT KNOWN TO US"),
    "reminder": ("answer", "Nobody has yet told us that a person has it"),
    "recall": ("answer", "asks your team to delete a message"),
    "hand-over": ("answer", "WE ASK YOU TO TAKE THIS ON"),
    "release": ("release", "THE WORDS WE WISH TO SHARE"),
    "invitation": ("attend", "calls your agency to a meeting"),
    "action": ("action", "WHAT YOUR AGENCY IS TO DO"),
    "pick-up": ("pickup", "it waits on a page of ours"),
    "drill": ("drill", "THIS IS A TEST"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def story(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Story]:
    """A hub on which everything has happened once."""
    async with told(Path(tmp_path_factory.mktemp("hub")), rows=0) as made:
        yield made


def came(story: Story) -> list[Read]:
    """All that came to the agencies, opened."""
    people = story.stage.people.values()
    return [person.open(mail.content) for person in people for mail in story.stage.relay.mails(person.address)]


def lacking(mails: list[Read], base: str) -> set[str]:
    """Which letters did not come, or came without a link."""
    found = {
        name
        for name, (page, words) in LETTERS.items()
        for mail in mails
        if words in " ".join(mail.text.split()) and page in kinds(links([mail], base))
    }
    return set(LETTERS) - found


async def all_letters(story: Story) -> list[Read]:
    """Once every letter is there."""
    ends = asyncio.get_running_loop().time() + PATIENCE
    while lacks := lacking(mails := await asyncio.to_thread(came, story), story.url):
        assert asyncio.get_running_loop().time() < ends, lacks
        await asyncio.sleep(0.5)  # each look opens every letter
    return mails


async def people_did(story: Story) -> list[tuple[str, str]]:
    """What each case says that happened, by sort; what clocks and the post do meanwhile is left out."""
    told = [json.loads(await story.stage.command("show", one, "--json")) for one in (story.reference, story.whole)]
    return [(one["case"]["reference"], e["kind"]) for one in told for e in one["timeline"] if e["kind"] not in POST]


async def test_no_link_of_any_letter_does_anything_by_itself(story: Story) -> None:
    chased = await story.program.post(f"/cases/{story.reference}/chase", json={"about": "l1"})
    assert chased.status_code == 200, chased.text
    await story.stage.command("drill", "--all")
    mails = await all_letters(story)
    before = await people_did(story)
    drills = await story.stage.command("drill", "list")
    answers = await scanned(links(mails, story.url))
    good = {url for url, status in answers.items() if status in (200, 303)}
    assert {page for page, _ in LETTERS.values()} <= kinds(good)
    assert set(answers.values()) <= {200, 303, 410, 404}  # what waited for an agency that was shut out since is gone
    assert await people_did(story) == before
    assert await story.stage.command("drill", "list") == drills
