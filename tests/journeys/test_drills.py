"""Drills over real mail: words that only who opens the letter can say, by reply, page and telephone; what proves
nothing; and who cannot be sent one is a task with a number to ring."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from exchange.demo.actors.mail_client import Read
from exchange.demo.actors.smtp_server import Act
from exchange.demo.actors.web_client import WebClient
from exchange.demo.stage import AGENCIES, HUB_ADDRESS, Stage, stage
from tests.journeys.test_desk import PASSWORD, signed_in
from tests.ready import ready

pytestmark = pytest.mark.timeout(300)
WORDS = re.compile(r"^    ([a-z]+ [a-z]+ [a-z]+)$", re.MULTILINE)


@pytest.fixture
async def hub(database_url: str) -> AsyncIterator[Stage]:
    """A served hub with somebody at the desk, and an agency whose server refuses mail."""
    async with stage() as made:
        await ready(made, database=database_url)
        secret = made.folder / "password"
        secret.write_text(PASSWORD)
        await made.command("staff", "add", "manager-1", "--roles", "hub_manager", "--password-file", str(secret))
        made.relay.acts[AGENCIES["education"]] = Act.REFUSE
        await made.serve()
        yield made


def words_of(letter: Read) -> str:
    """The three words, as a person finds them."""
    found = WORDS.search(letter.text.replace("\r\n", "\n"))
    assert found
    return found[1]


async def standing(hub: Stage) -> dict[str, dict[str, Any]]:
    """What the operator sees, by agency."""
    return {row["agency"]: row for row in json.loads(await hub.command("drill", "list", "--json"))}


async def until(desk: WebClient, mailbox: str, badge: str) -> None:
    """Until the desk's page shows the mailbox so."""
    shown = re.compile(rf"{mailbox} (?:(?!Next test|Answer due).)*{badge}")
    for _ in range(200):
        if shown.search((await desk.get("/desk/drills")).text):
            return
        await asyncio.sleep(0.2)
    raise AssertionError(f"{mailbox} is never shown as {badge}")


async def test_only_who_opens_it_can_say_the_words(hub: Stage) -> None:
    desk = await signed_in(hub)
    assert (await desk.get("/desk/drills")).text.count("Never asked") == 5
    assert (await hub.command("drill", "--all")).startswith("asked: police-1, ")
    letters = {a: await hub.received(a, "THIS IS A TEST") for a in AGENCIES if a != "education"}
    words = {agency: words_of(letter) for agency, letter in letters.items()}
    assert len(set(words.values())) == 4
    for letter in letters.values():
        assert letter.encrypted
        assert letter.signed_by == hub.hub_fingerprint
        assert letter.outer["subject"] == "Test message for your team: please reply"
    wire = b"".join(mail.content for mail in hub.relay.delivered)
    assert not [w for w in words.values() if w.encode() in wire]

    # Each mailbox has a page: its ways in order, and what to do where one does not work.
    reached = await desk.get("/desk/directory/mailbox/police-1")
    assert "1. OpenPGP" in reached.text
    assert "A packet goes there by OpenPGP now" in reached.text
    assert (await desk.get("/desk/directory/mailbox/nobody-1")).status == 404

    # Police reply by mail, below the quote; an absence notice that quotes everything proves nothing.
    police, health = hub.people["police"], hub.people["health"]
    reply = police.reply(letters["police"], "Got it, thank you. Sergeant Made-Up").as_bytes()
    assert (await hub.mail(police.address, letters["police"].reply_to, reply)).startswith("250")
    away = health.reply(letters["health"], "I am away until Monday.")
    away["Auto-Submitted"] = "auto-replied"
    await hub.mail(health.address, letters["health"].reply_to, away.as_bytes())
    await until(desk, "police-1", "Proved")
    row = (await standing(hub))["police"]
    assert (row["transport"], row["heard"]) == ("openpgp", "mail")
    assert hub.people["police"].gpg
    assert row["fingerprint"] == hub.people["police"].gpg.fingerprint(AGENCIES["police"])
    await until(desk, "health-1", "Waiting for the words")

    # Health type them on the page, after two slips; somebody else's words are wrong there.
    page_of = re.search(r"https?://\S+/drill/\S+", letters["health"].text)
    assert page_of
    web = WebClient(hub.base_url)
    page = await web.get(page_of[0])
    refused = await web.submit(page, words="hello")
    assert refused.status == 400
    assert "Type the three words" in refused.text
    refused = await web.submit(page, words=words["police"])
    assert "These are not the three words" in refused.text
    done = await web.submit(page, words=words["health"].title().replace(" ", ", "))
    assert "Your team can open what we send" in done.text
    assert "Thank you" in (await web.get(page_of[0])).text
    await until(desk, "health-1", "Proved")
    assert (await web.get("/drill/t.aaaa.aaaaaaaaaaaaaaaa")).status == 404

    # Guesses lock the page; the desk hears the words by telephone all the same.
    care = re.search(r"https?://\S+/drill/\S+", letters["social_care"].text)
    assert care
    page = await web.get(care[0])
    for _ in range(5):
        await web.submit(page, words=words["police"])
    locked = await web.submit(page, words=words["social_care"])
    assert "too many wrong words" in locked.text
    drills = await desk.get("/desk/drills")
    assert "Waiting for the words" in drills.text
    wrong = await desk.submit(drills, "/heard", mailbox="social_care-1", words="copper copper copper")
    assert "These are not the three words" in wrong.text
    heard = await desk.submit(drills, "/heard", mailbox="social_care-1", words=words["social_care"].upper())
    assert heard.status == 200
    assert "said back by telephone" in heard.text

    # A reply with more than the words, or without them, is read by a person.
    surgery = hub.people["madeup-surgery"]
    concern = f"{words['madeup-surgery']}. " + "By the way, I am worried about somebody here. " * 6
    mail = surgery.reply(letters["madeup-surgery"], concern).as_bytes()
    await hub.mail(surgery.address, letters["madeup-surgery"].reply_to, mail)
    await until(desk, "madeup-surgery-1", "Proved")
    lost = surgery.plain(letters["madeup-surgery"].reply_to, "Re: test", "What is this about?")
    await hub.mail(surgery.address, letters["madeup-surgery"].reply_to, lost)

    # The school's server refuses: a task with the number, which the words of a later test close.
    await until(desk, "education-1", "Not proved: ring")
    overview = await desk.get("/desk")
    assert "Ring: nobody there has shown that they can open what we send" in overview.text
    assert "Test with words to say back" in overview.text
    assert overview.text.count("A reply to our test is not its words") >= 1
    assert "A mail that belongs to no case we can tell" not in overview.text
    assert "01632 960140" in overview.text
    hub.relay.acts.clear()
    assert "asked: education-1" in await hub.command("drill", "--agency", "education")
    again = await hub.received("education", "THIS IS A TEST")
    assert "has proved it" in await hub.command(
        "drill", "heard", "education-1", *words_of(again).split(), "--as", "manager-1"
    )
    rows = await standing(hub)
    assert {row["state"] for row in rows.values()} == {"proved"}
    assert [rows[a]["heard"] for a in ("health", "social_care", "education")] == ["page", "telephone", "telephone"]
    assert "nobody there has shown" not in (await desk.get("/desk")).text
    assert HUB_ADDRESS not in {mail.address for mail in hub.relay.delivered}
    assert (await hub.command("audit", "verify")).startswith("holds")
