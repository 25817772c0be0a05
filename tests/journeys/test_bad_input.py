"""Bad mail through the front door: a clear answer, and nothing lost; what a person wrote waits on the desk."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from exchange.demo.actors.gpg import Gpg
from exchange.demo.actors.mail_client import MailClient
from exchange.demo.actors.smtp_server import MailServer
from exchange.demo.stage import HUB_ADDRESS, Stage, stage
from tests.ready import ready

pytestmark = pytest.mark.asyncio(loop_scope="module")
GOOD: dict[str, Any] = {"form": "child", "concern": {"what_happened": "w"}, "subjects": [{"given_name": "Nobody"}]}
BOMB = 150_000_000  # octets of nothing, which gpg packs into a few hundred thousand
BAD_JSON = {
    "not JSON": b"{broken",
    "no subjects": b'{"form": "child"}',
    "unknown member": json.dumps({**GOOD, "agency": "nowhere"}).encode(),
    "wrong kind": json.dumps({**GOOD, "subjects": [{"date_of_birth": 7}]}).encode(),
    "deep": b"[" * 200_000,
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub that takes mails of 400,000 octets."""
    async with stage() as made:
        made.environment["EXCHANGE_SMTP__LARGEST"] = "400000"
        await ready(made)
        await made.serve()
        yield made


async def unread(hub: Stage) -> int:
    """How many contacts wait to be looked at."""
    return sum(o["what"] == "first_look" for o in json.loads(await hub.command("outstanding", "--json")))


async def becomes_a_contact(hub: Stage, message: bytes, sender: str = "gp@surgery.example") -> None:
    """It is taken, and waits on the desk."""
    before = await unread(hub)
    assert (await hub.mail(sender, HUB_ADDRESS, message)).startswith("250")
    for _ in range(20):  # each look is a command, and takes its time
        if await unread(hub) > before:
            return
    raise AssertionError("it did not become a contact")


@pytest.mark.parametrize("name", list(BAD_JSON))
async def test_a_structured_referral_that_cannot_be_read_waits_for_a_person(hub: Stage, name: str) -> None:
    gp = hub.people["madeup-surgery"]
    mail = gp.write(HUB_ADDRESS, "Referral", "I am worried.", {"referral.json": BAD_JSON[name]})
    await becomes_a_contact(hub, gp.encrypted(mail, [hub.hub_fingerprint]))


@pytest.mark.parametrize("name", ["wrong key", "tampered", "broken armor"])
async def test_a_ciphertext_that_cannot_be_opened_waits_for_a_person(hub: Stage, name: str) -> None:
    with Gpg() as gpg:
        gpg.import_key((hub.folder / "hub" / "hub-public-key.asc").read_bytes())
        own = gpg.make_key("surgery", "gp@surgery.example")
        gp = MailClient("gp@surgery.example", gpg=gpg)
        mail = gp.write(HUB_ADDRESS, name, "I am worried.")
        sealed = gp.encrypted(mail, [own if name == "wrong key" else hub.hub_fingerprint])
    lines = sealed.split(b"\r\n")
    middle = next(n for n, line in enumerate(lines) if line.startswith(b"-----BEGIN")) + 4
    if name == "tampered":
        lines[middle] = lines[middle][::-1]
    if name == "broken armor":
        del lines[middle:]
    await becomes_a_contact(hub, b"\r\n".join(lines) + b"\r\n")


async def test_a_sealed_bomb_is_not_opened_and_waits_for_a_person(hub: Stage) -> None:
    gp = hub.people["madeup-surgery"]
    assert gp.gpg
    bomb = gp.gpg.encrypt(bytes(BOMB), [hub.hub_fingerprint], gp.address, compress="zlib")
    assert len(bomb) < 400_000
    await becomes_a_contact(hub, gp.plain(HUB_ADDRESS, "bomb", "See attached.", {"scan.pgp": bomb}), gp.address)


async def test_what_is_not_ours_or_too_large_is_refused_at_the_door(hub: Stage) -> None:
    sender = MailClient("gp@surgery.example")
    for wrong in ("nobody@fakeshire-hub.example", "l.abc-l1.aaaaaaaaaaaaaaaa@fakeshire-hub.example"):
        assert (await hub.mail(sender.address, wrong, sender.plain(wrong, "s", "t")))[0] == "5"
    large = sender.plain(HUB_ADDRESS, "s", "x" * 70 + "\n" + ("y" * 70 + "\n") * 8000)
    assert (await hub.mail(sender.address, HUB_ADDRESS, large)).startswith("552")


async def test_a_relay_that_is_away_is_waited_for(hub: Stage) -> None:
    port = int(hub.environment["EXCHANGE_RELAY__PORT"])
    await hub.relay.stop()
    gp = hub.people["madeup-surgery"]
    data = {**GOOD, "subjects": [{"given_name": "Patience"}]}
    mail = gp.write(HUB_ADDRESS, "Referral", "See there.", {"referral.json": json.dumps(data).encode()})
    await becomes_a_contact(hub, gp.encrypted(mail, [hub.hub_fingerprint]), gp.address)
    hub.relay = MailServer(hub.folder / "mail")
    await hub.relay.start(port=port)
    for agency in ("police", "health", "social_care"):
        await hub.received(agency, "Patience", 60)


@pytest.mark.parametrize("kind", ["folded Message-ID", "no Message-ID", "headers alone"])
async def test_mails_of_two_people_are_two_however_little_they_write(hub: Stage, kind: str) -> None:
    tops = {
        "folded Message-ID": "Message-ID:\r\n <{who}-1@school.example>\r\n", "no Message-ID": "",
        "headers alone": "Message-ID: <{who}-2@school.example>\r\n",
    }  # fmt: skip
    for who in ("head", "nurse"):
        top = f"From: {who}@school.example\r\nSubject: {kind} of {who}\r\n" + tops[kind].format(who=who)
        body = "" if kind == "headers alone" else "\r\nSent from my telephone\r\n"
        await becomes_a_contact(hub, (top + body).encode(), f"{who}@school.example")


async def test_the_same_mail_delivered_twice_is_one(hub: Stage) -> None:
    mail = b"From: head@school.example\r\nMessage-ID: <once@school.example>\r\nSubject: once\r\n\r\nworried\r\n"
    await becomes_a_contact(hub, b"Received: from here\r\n" + mail)
    before = await unread(hub)
    assert (await hub.mail("x@school.example", HUB_ADDRESS, b"Received: from elsewhere\r\n" + mail)).startswith("250")
    marker = b"From: nurse@school.example\r\nSubject: after it\r\n\r\nanother\r\n"
    await becomes_a_contact(hub, marker)
    assert await unread(hub) == before + 1
