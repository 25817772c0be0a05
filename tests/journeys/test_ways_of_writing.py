"""A referral written in each way in which mail programs seal or do not seal it arrives as the same case."""

from __future__ import annotations

import json
import textwrap
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from exchange.demo.stage import HUB_ADDRESS, Stage, stage
from exchange.schemas import text_template
from tests.mailflow.outlook import tnef
from tests.ready import ready

pytestmark = pytest.mark.asyncio(loop_scope="module")
GP = "madeup-surgery"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """One served hub for all; a GP's domain and an agency's sign their mail."""
    async with stage() as made:
        await ready(made)
        made.publish_dkim("madeup-surgery.example")
        made.publish_dkim("health.example")
        await made.serve()
        yield made


def template(form: str, name: str, **more: str) -> str:
    """The text template, filled in, as a client wraps it."""
    said = {"given_name (": name, "immediate_danger (": "no", "source (": "GP", "what_happened (": "A bruise."} | more
    lines = []
    for line in text_template(form).splitlines():
        key = next((k for k in said if line.startswith(k)), None)
        lines += textwrap.wrap(f"{line} {said.pop(key)}" if key else line, 76) or [""]
    return "\n".join(lines) + "\n"


def as_json(name: str) -> bytes:
    """The same as a file."""
    concern = {"immediate_danger": "no", "what_happened": "A bruise."}
    data = {"referrer": {"source": "3A"}, "concern": concern, "subjects": [{"given_name": name}]}
    return json.dumps({"schema": "referral/1"} | data).encode()


async def case_of(hub: Stage, sent: bytes, packet_to: str, name: str) -> dict[str, Any]:
    """Send it; what the case says once a packet with the person's name has reached the agency."""
    gp = hub.people[GP]
    assert (await hub.mail(gp.address, HUB_ADDRESS, sent)).startswith("250")
    packet = await hub.received(packet_to, name)
    assert packet.encrypted
    reference = json.loads(packet.attachments["packet.json"])["reference"]
    told: dict[str, Any] = json.loads(await hub.command("show", reference, "--json"))
    return told


def sealed(hub: Stage, plain: bytes) -> bytes:
    """Signed by the GP and encrypted to the hub, by gpg."""
    gp = hub.people[GP]
    assert gp.gpg
    return gp.gpg.encrypt(plain, [hub.hub_fingerprint], gp.address)


async def test_inline_pgp_with_the_text_template_about_an_adult(hub: Stage) -> None:
    body = "Dear hub,\n\n" + sealed(hub, template("adult", "Inlinia").encode()).decode() + "\nRegards\n"
    told = await case_of(hub, hub.people[GP].plain(HUB_ADDRESS, "Referral", body), "social_care", "Inlinia")
    assert told["case"]["securely"]
    assert told["case"]["referrer"]["proved"]
    assert told["case"]["subjects"][0]["codes"]["form"] == "adult"


@pytest.mark.parametrize("name", ["referral.json.asc", "referral.json.pgp"])
async def test_a_sealed_file(hub: Stage, name: str) -> None:
    who = f"Attachia{name[-3:]}"
    mail = hub.people[GP].plain(HUB_ADDRESS, "Referral", "Please see attached.", {name: sealed(hub, as_json(who))})
    told = await case_of(hub, mail, "social_care", who)
    assert told["case"]["securely"]
    assert told["case"]["referrer"]["proved"]
    assert told["case"]["subjects"][0]["codes"]["form"] == "child"


async def test_the_text_template_in_plain_mail_is_taken_and_marked_insecure(hub: Stage) -> None:
    sent = hub.people[GP].plain(HUB_ADDRESS, "Referral", "See below.\n\n" + template("child", "Plainia"))
    told = await case_of(hub, hub.dkim["madeup-surgery.example"].sign(sent), "social_care", "Plainia")
    assert not told["case"]["securely"]
    assert told["case"]["referrer"]["proved"]


async def test_the_text_template_in_outlooks_wrapping_is_taken_too(hub: Stage) -> None:
    wrapped = tnef("See attached", {"referral.txt": template("child", "Winmalia").encode()})
    sent = hub.people[GP].plain(HUB_ADDRESS, "Referral", "", {"winmail.dat": wrapped})
    told = await case_of(hub, hub.dkim["madeup-surgery.example"].sign(sent), "social_care", "Winmalia")
    assert told["case"]["subjects"][0]["codes"]["form"] == "child"


async def test_two_sealed_files_are_both_read_and_a_person_types_them_in(hub: Stage) -> None:
    files = {f"{n}.json.asc": sealed(hub, as_json(n)) for n in ("Firstia", "Secondia")}
    mail = hub.people[GP].plain(HUB_ADDRESS, "Two referrals", "Please see attached.", files)
    assert (await hub.mail(hub.people[GP].address, HUB_ADDRESS, mail)).startswith("250")
    for _ in range(20):  # each look is a command, and takes its time
        owed = json.loads(await hub.command("outstanding", "--json"))
        for unread in (o for o in owed if o["what"] == "first_look"):
            told = json.loads(await hub.command("show", unread["reference"], "--json"))
            if not told["case"]["subjects"]:
                assert told["case"]["securely"]
                return
    raise AssertionError("it waits for nobody")


@pytest.mark.parametrize("named", ["Threadia", "Quotia"])  # by its Message-ID; by the page in its quote alone
async def test_a_reply_to_the_hubs_own_address_finds_its_packet_and_counts_when_it_is_proved(
    hub: Stage, named: str
) -> None:
    gp, health = hub.people[GP], hub.people["health"]
    sent = gp.plain(HUB_ADDRESS, "Referral", "Please see attached.", {"referral.json": as_json(named)})
    await hub.mail(gp.address, HUB_ADDRESS, hub.dkim["madeup-surgery.example"].sign(sent))
    packet = await hub.received("health", named)
    reference = json.loads(packet.attachments["packet.json"])["reference"]
    mail = health.reply(packet, "RECEIVED", subject="Re: your message")
    assert mail["To"] == HUB_ADDRESS  # the one address that our certificate names, or nobody could seal an answer
    if named == "Quotia":
        del mail["In-Reply-To"], mail["References"]
    unproved = mail.as_bytes()
    assert (await hub.mail(health.address, HUB_ADDRESS, unproved)).startswith("250")
    mail.replace_header("Message-ID", "<another@health.example>")
    proved = hub.dkim["health.example"].sign(mail.as_bytes())
    assert (await hub.mail(health.address, HUB_ADDRESS, proved)).startswith("250")
    for _ in range(20):  # each look is a command, and takes its time
        told = json.loads(await hub.command("show", reference, "--json"))
        leg = next(one for one in told["case"]["legs"] if one["agency"] == "health")
        if leg["acknowledgement"] == "acknowledged":
            break
    assert leg["acknowledgement"] == "acknowledged"
    said = [e for e in told["timeline"] if e["kind"] == "Answered"]
    assert len(said) == 1  # the unproved one is for a person to read, and answered nothing
    assert [e for e in told["timeline"] if e["kind"] == "AnswerUnclear"]


async def test_what_is_told_in_clear_is_somebodys_to_read_before_it_counts(hub: Stage) -> None:
    gp, health = hub.people[GP], hub.people["health"]
    sent = gp.plain(HUB_ADDRESS, "Referral", "Please see attached.", {"referral.json": as_json("Clearia")})
    await hub.mail(gp.address, HUB_ADDRESS, hub.dkim["madeup-surgery.example"].sign(sent))
    packet = await hub.received("health", "Clearia")
    reference = json.loads(packet.attachments["packet.json"])["reference"]
    mail = health.reply(packet, "INFORMATION: Canary-this line is answered on weekdays")
    proved = hub.dkim["health.example"].sign(mail.as_bytes())
    assert (await hub.mail(health.address, HUB_ADDRESS, proved)).startswith("250")
    for _ in range(20):  # each look is a command, and takes its time
        told = json.loads(await hub.command("show", reference, "--json"))
        if said := [e for e in told["timeline"] if e["kind"] == "AnswerUnclear"]:
            break
    assert [e["why"] for e in said] == ["more_said"]
    leg = next(one for one in told["case"]["legs"] if one["agency"] == "health")
    assert (leg["response"], leg["acknowledgement"]) == ("awaited", "awaited")
    owed = json.loads(await hub.command("outstanding", "--json"))
    assert (leg["id"], "unclear_answer") in [(o["about"], o["what"]) for o in owed if o["reference"] == reference]
    shown = await hub.command("show", reference)
    assert "an answer with more in it than counts unread; a person must read it" in shown
