"""What the journeys of the agencies' people share: a hub with agencies of several mailboxes, and who is away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from exchange.demo.actors.mail_client import MailClient, Read
from exchange.demo.actors.web_client import WebClient
from exchange.demo.stage import HUB_FILE, stage
from tests.journeys.test_lateral_checks import Hub
from tests.journeys.test_who_may import PASSWORD
from tests.ready import ready

AGENCIES = {  # id -> mailboxes: role, address, person, topics
    "probation": (("team", "duty", "probation-duty", ""), ("deputy", "deputy", "probation-deputy", "")),
    "youth_justice": (("team", "duty", "youth-duty", ""),),
    "housing": (("team", "duty", "housing-duty", ""), ("deputy", "deputy", "housing-deputy", "")),
    "refuge": (("team", "duty", "refuge-duty", ""), ("deputy", "deputy", "refuge-deputy", ""),
               ("lead", "lead", "refuge-lead", "")),
    "fostering": (("team", "duty", "fostering-duty", ""),),
    "charity": (("team", "duty", "charity-duty", ""), ("team", "streets", "charity-streets", "exploitation")),
}  # fmt: skip
STAFF = {"manager-1": "hub_manager", "officer-1": "screening_officer", "records-1": "records_officer"}
TODAY = datetime.now(UTC).date()
SOON, YESTERDAY = str(TODAY + timedelta(days=3)), str(TODAY - timedelta(days=1))
LAPSED = TODAY - timedelta(days=2)


def written() -> str:
    """The demo's hub file with more agencies, and with two of each role wanted."""
    text = HUB_FILE.read_text().replace("[hub]\n", '[hub]\ncohorts = ["exploitation"]\n', 1)
    text += "\n[cover]\nscreening_officer = 2\nhub_manager = 1\n"
    for agency, mailboxes in AGENCIES.items():
        text += f'\n[agencies.{agency}]\nname = "Fakeshire {agency}"\nfunctions = ["{agency}"]\nbasis = "6(1)(e)"\n'
        vetted = LAPSED if agency == "fostering" else "2099-01-01"
        for n, (role, name, spoc, topic) in enumerate(mailboxes):
            text += (
                f'[[agencies.{agency}.mailbox]]\nid = "{agency}-{name}"\naddress = "{name}@{agency}.example"\n'
                f'transports = ["openpgp"]\ntelephone = "01632 96016{n}"\nrole = "{role}"\n'
                f'domains = ["{agency}.example"]\n' + (f'topics = ["{topic}"]\n' if topic else "")
                + f'[[agencies.{agency}.mailbox.spocs]]\nid = "{spoc}"\nname = "Somebody {spoc}"\nsince = 2026-01-05'
                f'\ntelephone = "01632 96017{n}"\nvetted_until = {vetted}\n'
                + (f'topic = "{topic}"\n' if topic else "")
            )  # fmt: skip
    return text.replace("_justice.example", "-justice.example")


def address(agency: str, name: str) -> str:
    return f"{name}@{agency.replace('_', '-')}.example"


@asynccontextmanager
async def served(folder: Path, url: str) -> AsyncIterator[Hub]:
    """A served hub with agencies of several mailboxes, which share a key."""
    hub_file = folder / "hub.toml"
    hub_file.write_text(written())
    async with stage() as made:
        await ready(made, hub_file, url)
        await made.enlist({agency: address(agency, "duty") for agency in AGENCIES})
        for agency, mailboxes in AGENCIES.items():
            for _, name, _, _ in mailboxes[1:]:
                made.people[f"{agency}:{name}"] = MailClient(address(agency, name), gpg=made.people[agency].gpg)
        secret = folder / "password"
        secret.write_text(PASSWORD)
        for member, role in STAFF.items():
            await made.command("staff", "add", member, "--roles", role, "--password-file", str(secret))
        token = (
            await made.command("token", "add", "manager", "--roles", "hub_manager", "--staff", "manager-1")
        ).strip()
        await made.serve()
        web = f"{made.base_url}/api/v1"
        async with httpx.AsyncClient(base_url=web, headers={"Authorization": f"Bearer {token}"}, timeout=60) as api:
            yield Hub(made, api)


async def asked(hub: Hub, agency: str, cohort: str = "") -> str:
    """A new amber case about which the agency is asked; its reference."""
    reference = await hub.refer()
    await hub.act(reference, "rate", subject="s1", rating="amber", reason="bruise")
    if cohort:
        done = await hub.act(reference, "cohort", subject="s1", cohort=cohort, reason="what was seen")
        assert done.status_code == 200, done.text
    done = await hub.act(reference, "ask", agency=agency, subjects="s1", reason="they may know the family")
    assert done.status_code == 200, done.text
    return reference


async def leave(hub: Hub, who: str, **more: str) -> str:
    """Somebody is on leave from today; the id of the leave."""
    given = {"kind": "spoc", "who": who, "until": SOON, **more}
    done = await hub.api.post("/leave", json=given)
    assert done.status_code == 201, done.text
    found: str = done.json()["id"]
    return found


async def away(hub: Hub, agency: str, to: Read) -> None:
    """The agency's mail program says that nobody is there."""
    person = hub.stage.people[agency]
    notice = person.reply(to, "I am on leave until Monday.")
    notice["Auto-Submitted"] = "auto-replied"
    await hub.stage.mail(person.address, to.reply_to, notice.as_bytes())


async def deputy_says(hub: Hub, agency: str, to: Read, words: str) -> None:
    """The agency's deputy answers, from a mailbox of their own, with the agency's key."""
    deputy, team = hub.stage.people[f"{agency}:deputy"], hub.stage.people[agency]
    sealed = deputy.encrypted(deputy.reply(to, words), [hub.stage.hub_fingerprint], team.address)
    assert (await hub.stage.mail(deputy.address, to.reply_to, sealed)).startswith("250")


def kinds(story: dict[str, Any], about: str) -> set[str]:
    return {task["kind"] for task in story["tasks"] if task["about"] == about}


def letters(story: dict[str, Any]) -> dict[str, str]:
    """Key -> mailbox of what was sealed."""
    return {letter["key"]: letter["mailbox"] for letter in story["letters"] if letter["mailbox"]}


async def at_the_desk(hub: Hub, member: str) -> WebClient:
    web = WebClient(hub.stage.base_url)
    await web.submit(await web.get("/desk/sign-in"), member=member, password=PASSWORD)
    return web
