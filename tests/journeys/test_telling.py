"""Every referrer can learn what came of it: by letter, by the code of the receipt page, or from a person."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from exchange.demo.actors.mail_client import MailClient
from exchange.demo.actors.web_client import Page, WebClient
from exchange.demo.stage import HUB_ADDRESS, Stage, stage
from tests.ready import ready

pytestmark = pytest.mark.asyncio(loop_scope="module")
PASSWORD = "a fictitious pass phrase"
CODE = re.compile(r"(?:[0-9A-Z]{5}-){5}[0-9A-Z]")
LONDON = ZoneInfo("Europe/London")
TO_DO = "Ring the referrer to tell them"
RINGS = {"name": "Rita Ringer", "telephone": "01632 960180", "checked": "rang back"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub with somebody at the desk."""
    async with stage() as made:
        await ready(made)
        await made.command("staff", "add", "manager-9", "--roles", "hub_manager")
        made.publish_dkim("street.example")
        secret = made.folder / "password"
        secret.write_text(PASSWORD)
        for member, role in (("manager-1", "hub_manager"), ("auditor-1", "auditor")):
            await made.command("staff", "add", member, "--roles", role, "--password-file", str(secret))
        await made.serve()
        yield made


async def desk(hub: Stage, member: str = "manager-1") -> WebClient:
    web = WebClient(hub.base_url)
    await web.submit(await web.get("/desk/sign-in"), member=member, password=PASSWORD)
    return web


async def rings(web: WebClient, **more: str) -> Page:
    """Somebody tells of Mina on the telephone; what the desk then shows."""
    form = await web.get("/desk/telephone")
    said = {
        **RINGS, "rating": "amber", "referrer.source": "1B", "referrer.organisation": "Canary Lane",
        "s1.given_name": "Mina",
        "concern.what_happened": "Heard shouting", **more,
    }  # fmt: skip
    return await web.submit(form, "/desk/telephone", **said)


def reference_in(page: Page) -> str:
    found = re.search(r"MASH-\w{4}-\w{4}", page.text)
    assert found, page.text
    return found[0]


async def decide(hub: Stage, reference: str, decision: str = "assessment") -> None:
    await hub.command("rate", reference, "s1", "amber", "--reason", "r", "--as", "manager-9")
    await hub.command("decide", reference, "s1", decision, "voice=heard", "--without-checks", "--reason", "r",
                      "--as", "manager-9")  # fmt: skip


async def story(hub: Stage, reference: str) -> dict[str, object]:
    told: dict[str, object] = json.loads(await hub.command("show", reference, "--json"))
    return told


async def test_a_caller_is_given_the_code_rung_with_the_outcome_and_settled_by_a_person_only(hub: Stage) -> None:
    web = await desk(hub)
    page = await rings(web)
    reference, code = reference_in(page), CODE.search(page.text)
    assert code
    assert "Read this out" in page.text
    receipt = WebClient(hub.base_url)
    shown = await receipt.submit(await receipt.get("/receipt"), code=code[0])
    assert "We received it" in shown.text
    packet = await hub.received("social_care", "Canary Lane")  # who rang is who told us
    assert "Rita Ringer" in packet.text
    assert "01632 960180" in packet.text

    await decide(hub, reference)
    page = await web.get(f"/desk/case/{reference}")
    assert TO_DO in page.text
    assert "Rita Ringer" in page.text.split(TO_DO)[1][:100]
    assert 'href="tel:01632960180"' in page.html
    assert (
        "A qualified person has read it and thought about what to do" in page.text
    )  # what she may be told, and no more
    owed = await web.get("/desk")
    assert TO_DO in owed.text
    assert "Rita" not in owed.text
    refused = await web.submit(page, "/tell_referrer", name="Rita Ringer", words="it was considered")
    assert refused.status == 400
    assert "how you checked who they are" in refused.text
    page = await web.submit(refused, "/tell_referrer", words="it was considered", **RINGS)
    assert "The referrer was told by a person" in page.text
    assert TO_DO not in page.text
    told = await story(hub, reference)
    assert told["case"]["feedback"] == "told"  # type: ignore[index]


async def test_nobody_says_with_a_button_that_the_referrer_was_told(hub: Stage) -> None:
    web = await desk(hub)
    reference = reference_in(await rings(web))
    await decide(hub, reference)
    page = await web.get(f"/desk/case/{reference}")
    assert TO_DO in page.text
    assert 'value="ring_referrer"' not in page.html


async def test_an_anonymous_caller_stays_unnamed_outside_the_hub_and_is_never_rung(hub: Stage) -> None:
    web = await desk(hub)
    said = {"referrer.source": "9", "referrer.organisation": "", "s1.given_name": "Nameless-canary"}
    page = await rings(web, **said)
    packet = await hub.received("social_care", "Nameless-canary")
    assert "Rita" not in packet.text
    assert "960180" not in packet.text
    reference = reference_in(page)
    await decide(hub, reference)
    assert TO_DO not in (await web.get(f"/desk/case/{reference}")).text


@pytest.mark.parametrize(
    ("days", "minutes", "told"),
    [(0, 60, "in the future"), (-8, 0, "more than 7 days ago")],
)
async def test_a_call_cannot_be_of_another_time(hub: Stage, days: int, minutes: int, told: str) -> None:
    at = datetime.now(LONDON) + timedelta(days=days, minutes=minutes)
    refused = await rings(await desk(hub), rang_date=f"{at:%d.%m.%y}", rang_time=f"{at:%H:%M}")
    assert refused.status == 400
    assert told in refused.text
    assert 'value="Rita Ringer"' in refused.html


async def test_the_clocks_of_a_call_typed_in_later_count_from_the_call(hub: Stage) -> None:
    at = datetime.now(LONDON).replace(second=0, microsecond=0) - timedelta(days=2)
    page = await rings(await desk(hub), rang_date=f"{at:%Y-%m-%d}", rang_time=f"{at:%H:%M}")
    case = (await story(hub, reference_in(page)))["case"]
    assert datetime.fromisoformat(case["received_at"]) == at.astimezone(UTC)  # type: ignore[index]
    assert datetime.fromisoformat(case["subjects"][0]["decide_due"]) < at + timedelta(days=1)  # type: ignore[index]


async def test_a_referrer_by_mail_without_a_key_is_asked_to_ring_and_given_a_code(hub: Stage) -> None:
    sender = MailClient("pat@street.example")
    mail = sender.plain(HUB_ADDRESS, "Worry", "Little Canary cries all night")
    await hub.mail(sender.address, HUB_ADDRESS, hub.dkim["street.example"].sign(mail))
    receipt_mail = await hub.relay.wait_for_mail(sender.address)
    assert not CODE.search(receipt_mail.content.decode())
    reference = re.findall(r"MASH-\w{4}-\w{4}", receipt_mail.content.decode())[0]
    web = await desk(hub)
    form = await web.get(f"/desk/case/{reference}/transcribe")
    await web.submit(form, "/transcribe", **{"s1.given_name": "Canary", "referrer.source": "2A"})
    await decide(hub, reference)
    notice = await hub.relay.wait_for_mail(sender.address, lambda m: b"There is news" in m.content)
    assert b"give you a code" in notice.content
    assert b"/receipt" not in notice.content

    page = await web.get(f"/desk/case/{reference}/receipt_code")
    assert not CODE.search(page.text)
    refused = await web.submit(page, name="Pat Pretend")
    assert refused.status == 400
    assert not CODE.search(refused.text)
    page = await web.submit(refused, name="Pat Pretend", checked="rang the school’s own number")
    code = CODE.search(page.text)
    assert code
    receipt = WebClient(hub.base_url)
    shown = await receipt.submit(await receipt.get("/receipt"), code=code[0])
    assert "a social worker will make an assessment" in shown.text
    page = await web.get(f"/desk/case/{reference}")
    assert "The receipt code was read out" in page.text
    assert "rang the school’s own number" in page.text
    assert not CODE.search(page.text)
    log = await hub.command("audit", "log")
    assert "ReceiptCodeShown" in log
    assert "Pat" not in log


async def test_who_may_only_read_gets_no_code(hub: Stage) -> None:
    reference = reference_in(await rings(await desk(hub)))
    auditor = await desk(hub, "auditor-1")
    page = await auditor.get(f"/desk/case/{reference}")
    assert "Receipt code" not in page.text
    assert (await auditor.get(f"/desk/case/{reference}/receipt_code")).status == 404


async def test_the_terminal_names_agencies_and_tells_local_times_to_the_minute(hub: Stage) -> None:
    reference = reference_in(await rings(await desk(hub)))
    await hub.received("police", "WHY YOU GET THIS")
    owed, shown = await hub.command("outstanding"), await hub.command("show", reference)
    mine = [line for line in owed.splitlines() if line.startswith(reference)]
    assert any("Fakeshire Constabulary" in line for line in mine)
    assert all(re.search(r"due \d{4}-\d\d-\d\d \d\d:\d\d (GMT|BST)  ", line) for line in mine)
    assert not re.search(r"\d\d:\d\d:\d\d", owed + shown)
    timeline = shown.partition("timeline:")[2]
    assert re.search(r"\d\d:\d\d (GMT|BST) Packet, Fakeshire Constabulary: sealed and kept", timeline)
    said = timeline.replace("OpenPGP", "")
    assert not re.search(r"\b[ls]\d\b|[A-Z][a-z]+[A-Z]", said)  # no leg's or subject's number, no event's class
    row = json.loads(await hub.command("outstanding", "--json"))[0]
    assert row["due"].endswith("+00:00")


async def test_the_desk_tells_agencies_by_name_folds_silence_and_shows_what_was_decided(hub: Stage) -> None:
    web = await desk(hub)
    reference = reference_in(await rings(web))
    for _ in range(120):  # the demo's clocks are seconds
        page = await web.get(f"/desk/case/{reference}")
        if "Nobody has acknowledged yet: Fakeshire Constabulary (2 times" in page.text:
            break
        await asyncio.sleep(0.5)
    assert page.text.count("Nobody has acknowledged yet: Fakeshire Constabulary") == 1
    assert "(l1)" not in page.text
    await decide(hub, reference, "early_help")
    header = (await web.get(f"/desk/case/{reference}")).html.partition("app-identity__facts")[0]
    assert "Mina: Amber, decided: Early help" in header
    page = await web.get(f"/desk/case/{reference}")
    assert "Decided without the answers of: Fakeshire Constabulary" in page.text
    assert page.html.count(f"/desk/case/{reference}/receipt_code") == 1
    ids = re.findall(r'\bid="([^"]+)"', page.html)
    assert len(ids) == len(set(ids))
