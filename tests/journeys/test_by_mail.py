"""The loop by mail alone: a sealed referral in, sealed packets out, answers back, the referrer told."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from exchange.demo.actors.gpg import GpgFailed
from exchange.demo.actors.mail_client import MailClient
from exchange.demo.stage import HUB_ADDRESS, Stage, stage
from tests.ready import ready

REFERRAL: dict[str, Any] = {
    "schema": "referral/1",
    "form": "child",
    "referrer": {"name": "Dr Orla Notreal", "source": "3A", "telephone": "01632 960155"},
    "concern": {"immediate_danger": "no", "what_happened": "Canary-concern bruise seen at the surgery"},
    "subjects": [
        {
            "given_name": "Quillon", "family_name": "Canaryfield", "date_of_birth": "2016-04-01",
            "gp": "Canary-gp practice", "school": "Canary-school primary", "words": "Canary-words it hurts",
        }
    ],
    "household": [
        {"name": "Canary-aunt Madeup", "relationship": "aunt", "poses_risk": "unknown"},
        {"name": "Canary-nan Madeup", "relationship": "grandmother", "poses_risk": "no"},
    ],
}  # fmt: skip
CANARIES = (
    "Quillon", "Canaryfield", "Canary-concern", "Canary-gp", "Canary-school", "Canary-words", "Canary-aunt",
    "Canary-nan",
)  # fmt: skip


@pytest.fixture
async def hub(database_url: str) -> AsyncIterator[Stage]:
    """A served hub on each kind of database."""
    async with stage() as made:
        await ready(made, database=database_url)
        await made.command("staff", "add", "manager-9", "--roles", "hub_manager")
        made.publish_dkim("health.example")
        await made.serve()
        yield made


async def refer(hub: Stage, data: object = REFERRAL) -> str:
    """A GP writes, sealed and signed; her receipt's reference."""
    gp = hub.people["madeup-surgery"]
    mail = gp.write(HUB_ADDRESS, "Referral", "Please see the attached referral.",
                    {"referral.json": json.dumps(data).encode()})  # fmt: skip
    assert gp.gpg
    sent = gp.encrypted(mail, [hub.hub_fingerprint])
    assert (await hub.mail(gp.address, HUB_ADDRESS, sent)).startswith("250")
    receipt = await hub.received("madeup-surgery", "This answer is automatic")
    assert receipt.encrypted
    assert receipt.signed_by == hub.hub_fingerprint
    return next(word for word in receipt.text.split() if word.startswith("MASH-"))


async def outstanding(hub: Stage) -> list[dict[str, Any]]:
    """What the operator sees."""
    found: list[dict[str, Any]] = json.loads(await hub.command("outstanding", "--json"))
    return found


async def test_the_loop(hub: Stage) -> None:
    reference = await refer(hub)
    packets = {a: await hub.received(a, "WHY YOU GET THIS") for a in ("police", "health", "social_care", "education")}
    for agency, packet in packets.items():
        data = json.loads(packet.attachments["packet.json"])
        assert packet.encrypted
        assert packet.signed_by == hub.hub_fingerprint
        assert set(data["values"]) <= set(data["manifest"])
        assert packet.attachments["packet.pdf"].startswith(b"%PDF")
        others = [p for a, p in hub.people.items() if a != agency]
        wire = hub.relay.mails(hub.people[agency].address)[0].content
        for other in others:
            with pytest.raises(GpgFailed):
                other.open(wire)
    assert "Canary-school" in packets["education"].text
    assert "Canary-concern" not in packets["education"].text
    assert "Canary-school" not in packets["police"].text
    assert "Canary-nan" in packets["police"].text  # who poses no risk is of the household too
    assert "Canary-nan" not in packets["health"].text

    # One answers signed and sealed, one by plain reply from her own domain.
    police, health = hub.people["police"], hub.people["health"]
    answer = police.encrypted(police.reply(packets["police"], "INFORMATION: Canary-known since 2019"),
                              [hub.hub_fingerprint])  # fmt: skip
    await hub.mail(police.address, packets["police"].reply_to, answer)
    plain = hub.dkim["health.example"].sign(
        health.reply(packets["health"], "RECEIVED", subject="Re: your message").as_bytes()
    )
    await hub.mail(health.address, packets["health"].reply_to, plain)
    # A forger knows the reference and the display name, not the address, and has no key of theirs.
    forger = MailClient("safeguarding@social-care.example", "Fakeshire children’s social care")
    forged = forger.plain(HUB_ADDRESS, f"Re: {reference}", f"ACCEPT {reference}")
    assert (await hub.mail("x@evil.example", HUB_ADDRESS, forged)).startswith("250")

    # The silent are reminded, by a notice that says nothing.
    reminder = await hub.received("education", "Nobody has yet told us")
    assert not reminder.encrypted
    assert "How urgent   not rated yet" in reminder.text
    owed = {(o["owner"], o["what"]) for o in await outstanding(hub) if o["reference"] == reference}
    assert ("Fakeshire school support", "acknowledgement") in owed
    assert ("Fakeshire children’s social care", "acknowledgement") in owed
    assert ("Fibshire NHS Trust", "answer") in owed
    assert not [o for o in owed if o[0] == "Fakeshire Constabulary"]

    await hub.command("rate", reference, "s1", "amber", "--reason", "bruise", "--as", "manager-9")
    await hub.command("decide", reference, "s1", "assessment", "--without-checks", "--reason", "needs help",
                      "--as", "manager-9")  # fmt: skip
    outcome = await hub.received("madeup-surgery", "WHAT WAS DECIDED")
    assert outcome.encrypted
    assert "section 17" in outcome.text

    story = json.loads(await hub.command("show", reference, "--json"))
    assert story["case"]["feedback"] == "sent"
    assert (await hub.command("audit", "verify")).startswith("holds")
    ids = [m.content for m in hub.relay.delivered]
    assert len(ids) == len(set(ids))
    await nothing_leaked(hub)


async def nothing_leaked(hub: Stage) -> None:
    """No name stands on the wire outside a seal, in a log line or in a database file."""
    wire = b"".join(m.content for m in hub.relay.delivered)
    spoken = "\n".join(line for session in hub.relay.sessions for line in session.commands)
    files = b"".join(p.read_bytes() for p in hub.folder.rglob("*") if p.is_file() and "mail" not in p.parts)
    shown = await hub.command("outstanding") + json.dumps(await outstanding(hub))
    for canary in (*CANARIES, "Canary-known"):
        assert canary.encode() not in wire
        assert canary not in spoken
        assert canary.encode() not in files
        assert canary not in shown
