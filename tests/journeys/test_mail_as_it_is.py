"""Mail as it really is, by the front door: what is odd about it is said, and nothing in it counts that should not."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from email.message import EmailMessage

import pytest
import pytest_asyncio

from exchange.demo.actors.mail_client import MailClient, Read
from exchange.demo.actors.web_client import Page, WebClient
from exchange.demo.stage import HUB_ADDRESS, CommandFailed, Stage
from tests.journeys.test_forms_by_mail import case_of, sent
from tests.ready import at_the_desk, manned

pytestmark = pytest.mark.asyncio(loop_scope="module")
DOMAIN = HUB_ADDRESS.partition("@")[2]
COUNTS, AGAIN = "(proof: signature)", "an answer that may have been written for another letter"
REFERRAL = {
    "form": "child",
    "concern": {"what_happened": "Canary-partly: bruises"},
    "subjects": [{"given_name": "Minaquill"}, {"given_name": "Ottoquill", "date_of_birth": "31/02/2019"}],
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub with somebody at the desk."""
    async with manned() as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def web(hub: Stage) -> WebClient:
    """Somebody at the desk."""
    return await at_the_desk(hub)


async def mail_that_says(web: WebClient, said: str) -> Page:
    """The page of the mail of no case that says this."""
    for _ in range(150):
        for path in dict.fromkeys(re.findall(r"/desk/mail/[a-z0-9-]+", (await web.get("/desk/mail")).html)):
            page = await web.get(path)
            if said in page.text:
                return page
    raise AssertionError(f"no mail says {said}")


async def test_one_bad_answer_costs_no_other_and_is_held_as_it_was_written(hub: Stage, web: WebClient) -> None:
    await sent(hub, "See there", {"referral.json": json.dumps(REFERRAL).encode()})
    case = await case_of(web, "Canary-partly")
    assert "Minaquill" in case.text
    assert "Ottoquill" in case.text
    assert "subjects.2.date_of_birth: “31/02/2019” is not a date" in case.text
    assert "Compare it with the form" in case.text
    assert await hub.received("police", "Ottoquill")  # asked at once: a date costs nobody their clocks


async def test_a_changed_text_under_a_signature_is_said_to_be_changed(hub: Stage, web: WebClient) -> None:
    police = hub.people["police"]
    raw = police.signed(police.write(HUB_ADDRESS, "Thoughts", "Canary-signed: we will ring", {}))
    assert (await hub.mail(police.address, HUB_ADDRESS, raw.replace(b"we will ring", b"we do nothing")))[:3] == "250"
    case = await case_of(web, "Canary-signed: we do nothing")
    path = re.search(r"/desk/mail/[a-z0-9-]+", case.html)
    assert path
    page = await web.get(path[0])
    assert "Yes, but it was changed after that" in page.text
    assert "Ring the sender, on a number that you have already" in page.text


async def test_a_signed_answer_sent_again_about_another_case_counts_for_one_alone(hub: Stage, web: WebClient) -> None:
    """Neither words nor signature say what they answer: whoever has the mail could send it about another child."""
    health, packets = hub.people["health"], []
    for name in ("Twinaquill", "Otherquill"):
        data = {"concern": {"what_happened": f"Canary-{name}"}, "subjects": [{"given_name": name}]}
        await sent(hub, "See there", {"referral.json": json.dumps({"form": "child"} | data).encode()})
        packets.append(await hub.received("health", name))
    assert health.gpg
    sealed = health.gpg.encrypt(b"ACCEPT\n", [hub.hub_fingerprint], health.address).decode()
    signed, opaque = health.signed(answer(health, "RECEIVED")), answer(health, sealed).as_bytes()
    opaque = opaque.replace(b"safeguarding@health", b"spoc@elsewhere")
    for octets, meant, other in ((signed, packets[0], packets[1]), (opaque, packets[1], packets[0])):
        for number, packet in enumerate((meant, other)):
            head = f"In-Reply-To: {packet.message_id}\r\nMessage-ID: <{number}.{len(octets)}@health.example>\r\n"
            assert (await hub.mail(health.address, HUB_ADDRESS, head.encode() + octets))[:3] == "250"
            await case_that_says(web, packet, AGAIN if packet is other else COUNTS)
    for packet in packets:  # each has the one answer that was meant for it
        page = await case_that_says(web, packet, AGAIN)
        assert (page.count(COUNTS), page.count(AGAIN)) == (1, 1)
        assert ("none of theirs: spoc@elsewhere.example" in page) == (packet is packets[1])


def answer(who: MailClient, words: str) -> EmailMessage:
    """Without a quote; of its headers only what a mail must have."""
    mail = who.write(HUB_ADDRESS, "Re: your message", words)
    del mail["Message-ID"]
    return mail


async def case_that_says(web: WebClient, packet: Read, said: str) -> str:
    """The page of the packet's case, once it says this."""
    reference = json.loads(packet.attachments["packet.json"])["reference"]
    for _ in range(150):
        page = await web.get(f"/desk/case/{reference}")
        if said in page.text:
            return page.text
    raise AssertionError(f"{said} is not in: {page.text}")


@pytest.mark.parametrize("address", [f"postmaster@{DOMAIN}", "Postmaster", f"abuse@{DOMAIN}"])
async def test_whoever_keeps_mail_systems_is_read_by_a_person_and_begins_no_case(
    hub: Stage, web: WebClient, address: str
) -> None:
    nora = MailClient("nora@isp.example")
    raw = nora.plain(f"postmaster@{DOMAIN}", "Your mail server", f"Canary-{address}: your queue is stuck", {})
    assert (await hub.mail(nora.address, address, raw))[:3] == "250"
    page = await mail_that_says(web, f"Canary-{address}")
    assert "A new concern" in page.text


async def test_a_person_who_answers_where_reports_go_is_guessed_to_mean_that_letter(
    hub: Stage, web: WebClient
) -> None:
    reference = re.search(r"MASH-\w{4}-\w{4}", (await case_of(web, "Canary-partly")).text)
    assert reference
    packet = hub.relay.mails(hub.people["police"].address)[0]
    pam = MailClient("pam@police.example")
    raw = pam.plain(packet.mail_from, "Re: Message", "Canary-returned: Got it, Jo is on it", {})
    assert (await hub.mail(pam.address, packet.mail_from, raw))[:3] == "250"
    page = await mail_that_says(web, "Canary-returned")
    assert "one letter of ours gave to whoever got it" in page.text
    assert reference[0] in page.text

    # It is no part of that case; but no case that it may be about closes over it before somebody has read it.
    case = await web.get(f"/desk/case/{reference[0]}")
    assert case.text.count("A mail in the holding pen may be about this case") == 2  # to be done, and in the history
    assert "The hub has a mail to read that may be about this case" in case.text
    assert "mail waits" not in case.text
    assert "Canary-returned" not in case.text
    refused = await web.submit(case, "/close", reason="done")
    assert "mail waits in the holding pen that may be about this case" in refused.text
    owed = json.loads(await hub.command("outstanding", "--json"))
    assert [o["next_step"] for o in owed if (o["reference"], o["what"]) == (reference[0], "mail_waits")] == [
        "read it under Other mail, and say there what it is"
    ]
    told = json.loads(await hub.command("show", reference[0], "--json"))
    key = next(t["key"] for t in told["tasks"] if t["kind"] == "mail_waits")
    with pytest.raises(CommandFailed, match="this ends when it is done"):
        await hub.command("act", reference[0], "task", f"key={key}", "--as", "manager-1")
    await web.submit(page, "/aside")
    case = await web.get(f"/desk/case/{reference[0]}")
    assert "that might have been about this case read" in case.text
    refused = await web.submit(case, "/close", reason="done")
    assert "mail waits in the holding pen" not in refused.text

    # So does one to whoever keeps the mail system, for a frightened person writes to any address.
    postmaster = f"postmaster@{DOMAIN}"
    raw = pam.plain(postmaster, "Please", f"Canary-postmaster: it is about {reference[0]}", {})
    assert (await hub.mail(pam.address, postmaster, raw))[:3] == "250"
    await mail_that_says(web, "Canary-postmaster")
    case = await web.get(f"/desk/case/{reference[0]}")
    assert "A mail in the holding pen may be about this case" in case.text


async def test_a_packet_that_is_given_back_to_our_own_address_came_back(hub: Stage, web: WebClient) -> None:
    """As gateways do it: in words, to whoever is named in From, as an answer to the letter."""
    data = {
        "form": "child",
        "concern": {"what_happened": "Canary-given-back"},
        "subjects": [{"given_name": "Rebound"}],
    }
    await sent(hub, "See there", {"referral.json": json.dumps(data).encode()})
    packet = await hub.received("police", "Rebound")
    words = (
        "Delivery has failed to these recipients or groups:\r\n\r\nsafeguarding@police.example\r\nYour message was "
        "rejected because it contains an encrypted attachment.\r\n\r\n#550 5.7.1 RESOLVER.RST.NotAuthorized\r\n"
    )
    head = (
        f"From: postmaster@police.example\r\nTo: {HUB_ADDRESS}\r\nSubject: Undeliverable: Message for your team\r\n"
    )
    raw = f"{head}In-Reply-To: {packet.message_id}\r\nMessage-ID: <ndr@police.example>\r\n\r\n{words}".encode()
    assert (await hub.mail("", HUB_ADDRESS, raw))[:3] == "250"
    page = await case_that_says(web, packet, "came back")
    assert "automatic reply" not in page
