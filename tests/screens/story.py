"""A hub with something on every page: two hundred cases, long names, letters that wait, a discussion, a proposal."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import httpx

from exchange.app import opened
from exchange.config import read as read_settings
from exchange.demo.actors.mail_client import MailClient, Read
from exchange.demo.stage import HUB_ADDRESS, HUB_FILE, Stage, stage
from exchange.policy import Role
from exchange.setting_up import add_token
from exchange.staffing import operators
from tests.full_case import MORE, full, reference, signed_in
from tests.proved import proved_in
from tests.ready import ready

PASSWORD = "a fictitious pass phrase"
MANAGER = "manager-1"
LONG = "Wilhelmina-Konstantinopolitana"
ROLES = (Role.HUB_MANAGER, Role.HUB_ADMINISTRATOR, Role.AUDITOR, Role.RECORDS_OFFICER, Role.CHAIR)
PICKUP = (
    '[{ name = "Finn Fiction", since = 2026-01-05, code_to = "07700 900124" }, '
    '{ name = "Flo Fable", since = 2026-01-05, code_to = "head@office.example" }]'
)
SCHOOL = "madeupton.example"
REFERRER = f"nora@{SCHOOL}"
REFERRERS = """
[referrers.school]
name = "Madeupton Primary"
domains = ["madeupton.example"]
"""
ADVICE = {"form": "child", "source": "2A", "topic": "neglect", "level": "2", "advice": "talk_to_family", "harm": "no"}
PAPERS = re.compile(r"\bCode (\S+)")
LINK = re.compile(r"https?://127\.0\.0\.1:\d+(/(?:answer|attend|action|release|drill|pickup)/[\w.~-]+)")


@dataclass
class Story:
    """The served hub, and where to look."""

    stage: Stage
    reference: str  # of a case with long names, just begun
    receipt: str  # the code of its receipt
    program: httpx.AsyncClient  # with all that the desk may do
    whole: str = ""  # the reference of a case in which everything has happened once
    codes: dict[str, str] = field(default_factory=dict)  # of packets: the code inside, by agency
    links: dict[str, str] = field(default_factory=dict)  # of letters: path by kind of page

    @property
    def url(self) -> str:
        """Where it is served."""
        return self.stage.base_url


def referral(given: str, family: str, **concern: str) -> dict[str, Any]:
    """What a school writes about a child."""
    return {
        "referrer": {"name": "Nora Notional", "source": "4", "telephone": "01632 960190", "mail": REFERRER},
        "concern": {"immediate_danger": "no", "what_happened": "Came hungry again, and was afraid to go home."}
        | concern,
        "subjects": [{"given_name": given, "family_name": family, "date_of_birth": "2018-05-01"}],
    }


def hub_file(folder: Path, names: Mapping[str, str]) -> Path:
    """The demo's hub, whose school support fetches its letters from a page; with other names, by the demo's own."""
    before, mark, rest = HUB_FILE.read_text().partition("[agencies.education.mailbox]\n")
    rest = rest.replace('transports = ["openpgp"]', 'transports = ["pickup"]', 1)
    text = folder / "hub.toml"
    rest = rest.replace('[{ name = "Finn Fiction", since = 2026-01-05 }]', PICKUP, 1)
    # Minutes for seconds: pages are looked at, and not hurried. Only the first look is late.
    before = re.sub(r'"(\d+)s"', r'"\1m"', before).replace('first_look = "20m"', 'first_look = "20s"', 1)
    whole = before + mark + re.sub(r'"(\d+)s"', r'"\1m"', rest) + MORE + REFERRERS
    for old, new in names.items():
        assert f'"{old}"' in whole
        whole = whole.replace(f'"{old}"', json.dumps(new))
    text.write_text(whole)
    return text


@asynccontextmanager
async def told(
    folder: Path, rows: int, *, whole: bool = True, names: Mapping[str, str] = MappingProxyType({})
) -> AsyncIterator[Story]:
    """The hub with `rows` cases in its queue, one on which something has happened, and one with everything."""
    async with stage() as made:
        await ready(made, hub_file(folder, names))
        await proved_in(made.folder / "hub" / "exchange.toml", "education-1")
        made.environment["EXCHANGE_PICKUP__SENDER"] = "console"
        async with opened(read_settings(made.folder / "hub" / "exchange.toml")) as exchange:
            await operators(exchange.hub).add(MANAGER, ROLES, password=PASSWORD)
            await operators(exchange.hub).add("manager-2", (Role.DECISION_MANAGER,), password=PASSWORD)
            token = await add_token(exchange, "desk", ("hub_manager", "hub_administrator"), MANAGER)
        await made.serve()
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=f"{made.base_url}/api/v1", headers=headers, timeout=60) as program:
            story = await _one_case(made, program)
            if whole:
                story.whole = reference(await full(made, await signed_in(made)))
            for n in range(rows):  # last: every letter so far was opened, and theirs need not be
                named = referral(f"{LONG}-{n}" if n % 9 == 0 else f"Mina-{n}", "Inventa")
                (await program.post("/referrals", json=named)).raise_for_status()
            yield story


async def _one_case(made: Stage, program: httpx.AsyncClient) -> Story:
    advised = (await program.post("/consultations", json=ADVICE)).raise_for_status().json()["reference"]
    written = referral(LONG, "Madeupton-Featherstonehaugh")
    written["referrer"]["consultation"] = advised
    lodged = (await program.post("/referrals", json=written)).json()
    story = Story(made, lodged["reference"], lodged["receipt_code"], program)

    async def act(name: str, **given: object) -> None:
        answer = await program.post(f"/cases/{story.reference}/{name}", json=given)
        assert answer.status_code < 400, (name, answer.text)

    await act("look", rating="red")
    await act("rate", subject="s1", rating="red", reason="two injuries in a week")
    starts = (datetime.now(UTC) + timedelta(hours=20)).isoformat()
    await act(
        "call", starts=starts, subjects=["s1"], agencies=["police", "health", "social_care"], reason="section 47"
    )
    due = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    await act("set_action", owner="police", due=due, words="Visit the address", subjects=["s1"])
    stranger = MailClient("neighbour@street.example")
    letter = stranger.plain(HUB_ADDRESS, "help", "They cry all night", {"note.txt": b"a note"})
    await made.mail(stranger.address, HUB_ADDRESS, letter)
    await _letters(story)
    return story


async def _letters(story: Story) -> None:
    """The pages that letters lead to, once they are there."""
    for _ in range(200):
        for agency, person in story.stage.people.items():
            for mail in story.stage.relay.mails(person.address):
                _linked(story, agency, person.open(mail.content))
        if {"attend", "pickup", "answer-police"} <= set(story.links):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"letters never came: {sorted(story.links)}")


def _linked(story: Story, agency: str, read: Read) -> None:
    """Where one letter leads, and the codes in it; of a meeting the papers, for an invitation has no code."""
    if packet := read.attachments.get("packet.json"):
        story.codes[agency] = json.loads(packet)["code"]
    papers = PAPERS.search(read.text)
    for found in LINK.finditer(read.text):
        kind = found[1].split("/")[1]
        if kind == "attend" and (papers is None or kind in story.links):
            continue
        if kind == "attend" and papers:
            story.codes[kind] = papers[1]
        story.links.setdefault(f"{kind}-{agency}" if kind == "answer" else kind, urlsplit(found[1]).path)
