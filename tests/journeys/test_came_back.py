"""Mail systems that report where a letter is from, not where it is to be returned to: the letter is marked all the
same, or waits for a person and says what it looks like."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from exchange.demo.actors.mail_client import Read
from exchange.demo.actors.web_client import WebClient
from exchange.demo.stage import HUB_ADDRESS, Stage
from tests.journeys.test_forms_by_mail import case_of, sent
from tests.ready import at_the_desk, manned

pytestmark = pytest.mark.asyncio(loop_scope="module")
RING = "Ring the agency: mail will not get through"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub with somebody at the desk."""
    async with manned() as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def web(hub: Stage) -> WebClient:
    """Somebody at the desk."""
    return await at_the_desk(hub)


async def packets(hub: Stage, name: str) -> tuple[str, dict[str, Read]]:
    """A child of this name is referred: the case's reference, and what its agencies were sent."""
    data = {"form": "child", "concern": {"what_happened": f"Canary-{name}"}, "subjects": [{"given_name": name}]}
    await sent(hub, "See there", {"referral.json": json.dumps(data).encode()})
    got = {agency: await hub.received(agency, name) for agency in ("police", "health")}
    reference: str = json.loads(got["police"].attachments["packet.json"])["reference"]
    return reference, got


async def leg(hub: Stage, reference: str, agency: str) -> dict[str, Any]:
    told = json.loads(await hub.command("show", reference, "--json"))
    found: dict[str, Any] = next(one for one in told["case"]["legs"] if one["agency"] == agency)
    return found


async def case_says(web: WebClient, reference: str, what: str) -> str:
    """The page of the case, once it says this."""
    for _ in range(150):
        page = await web.get(f"/desk/case/{reference}")
        if what in page.text:
            return page.text
    raise AssertionError(f"{what} is not in: {page.text}")


def report(to: str, about: str = "") -> bytes:
    """What a mail system says of a letter that did not arrive (RFC 3464), sent to whom the letter is from."""
    lines = (
        "From: Mail Delivery <MAILER-DAEMON@far.example>", f"To: {HUB_ADDRESS}", f"Message-ID: <{to}.{len(about)}>",
        "Subject: Undeliverable", "Auto-Submitted: auto-replied", "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"', "",
        "--b", "", "Delivery has failed to these recipients.", "",
        "--b", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; far.example", "",
        f"Final-Recipient: rfc822; {to}", "Action: failed", "Status: 5.1.1", "",
        *(("--b", "Content-Type: message/rfc822", "", f"Message-ID: {about}", "Subject: Message", "", "left out", "")
          if about else ()),
        "--b--", "",
    )  # fmt: skip
    return "\r\n".join(lines).encode()


def in_words(to: str, about: str) -> bytes:
    """What a gateway writes that has no form for it, in answer to the letter."""
    lines = (
        "From: postmaster <postmaster@health.example>", f"To: {HUB_ADDRESS}", "Message-ID: <1@gw.example>",
        "Subject: Undeliverable: Message", f"In-Reply-To: {about}", f"References: {about}", "MIME-Version: 1.0",
        "Content-Type: text/plain", "",
        "Delivery has failed to these recipients or groups:", "", to,
        "Your message was rejected because it contains an encrypted attachment. #550 5.7.1", "",
    )  # fmt: skip
    return "\r\n".join(lines).encode()


async def test_a_report_that_names_a_packet_of_ours_marks_it_wherever_it_was_sent(hub: Stage, web: WebClient) -> None:
    reference, got = await packets(hub, "Backquill")
    to = hub.people["police"].address
    assert (await hub.mail("", HUB_ADDRESS, report(to, got["police"].message_id)))[:3] == "250"
    assert "came back" in await case_says(web, reference, RING)
    police = await leg(hub, reference, "police")
    assert (police["delivery"], police["acknowledgement"]) == ("bounced", "awaited")
    assert (await leg(hub, reference, "health"))["delivery"] != "bounced"


async def test_the_words_of_a_gateway_in_answer_to_a_packet_are_no_automatic_reply(
    hub: Stage, web: WebClient
) -> None:
    reference, got = await packets(hub, "Wordsquill")
    to = hub.people["health"].address
    assert (await hub.mail("", HUB_ADDRESS, in_words(to, got["health"].message_id)))[:3] == "250"
    page = await case_says(web, reference, RING)
    assert "automatic reply" not in page
    assert (await leg(hub, reference, "health"))["delivery"] == "bounced"


async def test_a_report_that_names_no_letter_says_what_it_looks_like_and_is_put_with_the_letter(
    hub: Stage, web: WebClient
) -> None:
    reference, _ = await packets(hub, "Pennedquill")
    to = hub.people["police"].address
    assert (await hub.mail("", HUB_ADDRESS, report(to)))[:3] == "250"
    for _ in range(150):
        listed = await web.get("/desk/mail")
        if "Looks like a letter of ours" in listed.text:
            break
    found = re.search(r'href="(/desk/mail/[a-z0-9-]+)"', listed.html)
    assert found, listed.text
    page = await web.get(found[1])
    assert f"report on a letter of ours to {to}" in page.text
    assert "A mail system reports on a letter" in (await web.get("/desk")).text
    assert (await leg(hub, reference, "police"))["delivery"] != "bounced"  # nobody has said that it is this one
    case = await web.submit(page, "/case", reference=reference)
    assert case.url.endswith(reference)
    assert RING in case.text
    assert "The referrer added" not in case.text
    assert (await leg(hub, reference, "police"))["delivery"] == "bounced"
    assert "A mail system reports on a letter" not in (await web.get("/desk")).text


async def test_a_report_about_a_letter_that_we_never_wrote_marks_nothing(hub: Stage, web: WebClient) -> None:
    reference, _ = await packets(hub, "Neverquill")
    to = hub.people["health"].address
    assert (await hub.mail("", HUB_ADDRESS, report(to, f"<{'0' * 32}@hub.example>")))[:3] == "250"
    for _ in range(150):
        if "Looks like a letter of ours" in (listed := await web.get("/desk/mail")).text:
            break
    assert "Looks like a letter of ours" in listed.text
    assert (await leg(hub, reference, "health"))["delivery"] != "bounced"
    assert (await case_of(web, "Canary-Neverquill")).url.endswith(reference)
