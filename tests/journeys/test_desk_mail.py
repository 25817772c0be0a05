"""Hub staff read every mail whole, with its files, and place what nothing else could place: answers astray too."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from exchange.demo.actors.mail_client import MailClient
from exchange.demo.actors.web_client import Page, WebClient
from exchange.demo.stage import HUB_ADDRESS, Stage, stage
from tests.ready import ready

pytestmark = pytest.mark.asyncio(loop_scope="module")
PASSWORD = "correct horse battery staple"
SCAN = b"%PDF-1.4 a scanned form\x00\xff"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub with somebody at the desk, and an administrator who sees no content."""
    async with stage() as made:
        await ready(made)
        secret = made.folder / "password"
        secret.write_text(PASSWORD)
        for member, role in (("manager-1", "hub_manager"), ("administrator-1", "hub_administrator")):
            await made.command("staff", "add", member, "--roles", role, "--password-file", str(secret))
        made.publish_dkim("madeup-surgery.example")
        await made.serve()
        yield made


async def signed_in(hub: Stage, member: str = "manager-1") -> WebClient:
    """Somebody at the desk."""
    web = WebClient(hub.base_url)
    await web.submit(await web.get("/desk/sign-in"), member=member, password=PASSWORD)
    return web


async def shown(web: WebClient, path: str, what: str) -> Page:
    """The page once it shows `what`, a pattern."""
    for _ in range(100):
        page = await web.get(path)
        if re.search(what, page.html):
            return page
    raise AssertionError(f"{what} is not on {path}")


def link(page: Page, pattern: str) -> str:
    """The first address on the page that fits."""
    found = re.search(rf'href="({pattern})"', page.html)
    assert found, pattern
    return found[1]


def report(number: int, about: str = "") -> bytes:
    """What a mail system says of a mail we cannot name (RFC 3464)."""
    lines = (
        "From: MAILER-DAEMON@far.example", f"To: {HUB_ADDRESS}", f"Message-ID: <{number}@far.example>",
        f"Subject: Undelivered{about}", "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"', "",
        "--b", "", f"Canary-report {number}: the mail could not be delivered.", "",
        "--b", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; far.example", "",
        "Final-Recipient: rfc822; x@far.example", "Action: failed", "Status: 5.1.1", "", "--b--", "",
    )  # fmt: skip
    return "\r\n".join(lines).encode()


async def asked(hub: Stage, name: str) -> str:
    """A child of this name is referred: the case's reference, once health has its packet."""
    gp = hub.people["madeup-surgery"]
    concern = {"immediate_danger": "no", "what_happened": "A bruise."}
    data = {"referrer": {"source": "3A"}, "concern": concern, "subjects": [{"given_name": name}]}
    files = {"referral.json": json.dumps({"schema": "referral/1"} | data).encode()}
    sent = gp.plain(HUB_ADDRESS, "Referral", "Please see attached.", files)
    await hub.mail(gp.address, HUB_ADDRESS, hub.dkim["madeup-surgery.example"].sign(sent))
    packet = await hub.received("health", name)
    reference: str = json.loads(packet.attachments["packet.json"])["reference"]
    return reference


async def contacts(web: WebClient, *words: str) -> list[Page]:
    """The cases in which each of these words stands, once they are there."""
    found: dict[str, Page] = {}
    for _ in range(100):
        cases = {*re.findall(r"/desk/case/([A-Z0-9-]+)", (await web.get("/desk")).html)}
        pages = [await web.get(f"/desk/case/{one}") for one in cases]
        found |= {word: page for word in words for page in pages if word in page.text}
        if len(found) == len(words):
            return [*found.values()]
    raise AssertionError(f"only {sorted(found)} are there")


async def leg_of_health(hub: Stage, reference: str) -> dict[str, Any]:
    told = json.loads(await hub.command("show", reference, "--json"))
    leg: dict[str, Any] = next(one for one in told["case"]["legs"] if one["agency"] == "health")
    return leg


async def sealed(hub: Stage, who: MailClient, subject: str, words: str) -> None:
    """New mail of theirs to the hub, signed and sealed, that names no letter."""
    mail = who.write(HUB_ADDRESS, subject, words)
    assert (await hub.mail(who.address, HUB_ADDRESS, who.encrypted(mail, [hub.hub_fingerprint]))).startswith("250")


async def test_a_scanned_form_in_a_sealed_mail_is_fetched_as_it_was_sent(hub: Stage) -> None:
    gp = hub.people["madeup-surgery"]
    mail = gp.write(HUB_ADDRESS, "Canary-subject", "Canary-words: form attached", {"Über form.pdf": SCAN})
    assert (await hub.mail(gp.address, HUB_ADDRESS, gp.encrypted(mail, [hub.hub_fingerprint]))).startswith("250")
    web = await signed_in(hub)
    case = await web.get(link(await shown(web, "/desk", "/desk/case/"), '/desk/case/[^"]+'))
    assert "Canary-words" in case.text
    where = link(case, '/desk/mail/[^"]+')
    page = await web.get(where)
    for said in ("Canary-subject", "Canary-words", gp.address, "Über form.pdf", "Yes, by "):
        assert said in page.text
    assert "What is it?" not in page.text
    got = await web.get(link(page, '/desk/mail/[^"]+/file/1'))
    assert got.octets == SCAN
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%C3%9Cber%20form.pdf")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert (await web.get(f"{where}/file/2")).status == 404
    blind = await signed_in(hub, "administrator-1")
    for path in (where, f"{where}/file/1"):
        assert (await blind.get(path)).status == 404
    assert (await WebClient(hub.base_url).get(where)).url.endswith("/desk/sign-in")


async def test_what_belongs_nowhere_is_read_and_placed_once(hub: Stage) -> None:
    web = await signed_in(hub)
    # A report about a mail we cannot name belongs to no case.
    await hub.mail("", HUB_ADDRESS, report(1))
    page = await web.get(link(await shown(web, "/desk", "/desk/mail/"), '/desk/mail/[^"]+'))
    assert "Canary-report" in page.text
    assert await of_no_case(hub) == [
        "read it under Other mail: 1 mail waits for somebody to say what it is; the oldest came"
    ]
    assert "see to it: other mail: 1 mail waits for somebody to say what it is" in await hub.command("doctor")
    wrong = await web.submit(page, "/case", reference="MASH-0000-0000")
    assert "No case has this reference" in wrong.text
    case = await web.submit(page, "/contact")
    assert "Canary-report" in case.text
    again = await web.submit(page, "/contact")
    assert "settled this mail already" in again.text
    assert "/desk/mail/" not in (await web.get("/desk")).html
    reference = case.url.rpartition("/")[2]
    # A second one is put with that case, which is unread again.
    await web.submit(case, "/look", rating="green")
    await hub.mail("", HUB_ADDRESS, report(2, f": {reference}"))
    page = await web.get(link(await shown(web, "/desk", "/desk/mail/"), '/desk/mail/[^"]+'))
    assert f"{reference} : it quotes the reference, which anybody could" in page.text
    case = await web.submit(page, "/case", reference=reference.lower())
    assert case.url.endswith(reference)
    assert "I have read it" in case.text
    # And a third is no concern of ours.
    await hub.mail("", HUB_ADDRESS, report(3))
    page = await web.get(link(await shown(web, "/desk", "/desk/mail/"), '/desk/mail/[^"]+'))
    assert "/desk/mail/" not in (await web.submit(page, "/aside")).html
    assert await of_no_case(hub) == []
    assert "well: other mail: none waits" in await hub.command("doctor")


async def of_no_case(hub: Stage) -> list[str]:
    """What `exchange outstanding` says of mail that is part of no case, without how long ago."""
    owed = json.loads(await hub.command("outstanding", "--json"))
    told = [o for o in owed if o["what"] == "other_mail"]
    assert all((o["reference"], o["owner"], o["late"]) == ("", "the hub", "in time") for o in told)
    assert ("no case  the hub  other mail  due " in await hub.command("outstanding")) is bool(told)
    return [o["next_step"].partition(" came ")[0] + " came" for o in told]


async def test_mail_by_a_stranger_says_that_nothing_is_proved(hub: Stage) -> None:
    stranger = MailClient("neighbour@street.example")
    await hub.mail(stranger.address, HUB_ADDRESS, stranger.plain(HUB_ADDRESS, "help", "Canary-neighbour"))
    web = await signed_in(hub)
    await shown(web, "/desk", "Came unencrypted")
    owed = (await web.get("/desk")).html
    pages = [await web.get(f"/desk/case/{r}") for r in set(re.findall(r"/desk/case/([^\"/]+)\"", owed))]
    case = next(p for p in pages if "Canary-neighbour" in p.text)
    page = await web.get(link(case, '/desk/mail/[^"]+'))
    assert "Not proved: anybody may have sent it" in page.text
    assert "No: others could read it" in page.text


async def test_a_signed_answer_that_names_no_letter_waits_for_a_person_and_then_counts(hub: Stage) -> None:
    reference = await asked(hub, "Astrayia")
    other = await asked(hub, "Elsewhereia")
    web = await signed_in(hub)
    await sealed(hub, hub.people["health"], f"Our answer about {reference}", "RECEIVED")
    page = await web.get(link(await shown(web, "/desk", "/desk/mail/"), '/desk/mail/[^"]+'))
    assert "Yes, by " in page.text
    assert f"Put it with {reference}" in page.text
    assert other not in page.text  # what speaks for both sets neither apart
    assert re.search(r"Besides, (one open case waits|\d+ open cases wait) for an answer", page.text)
    assert "the agency that signed it was asked, and nobody there has answered" in page.text
    assert (await leg_of_health(hub, reference))["acknowledgement"] == "awaited"  # quoting joins nothing
    case = await web.submit(page, "/case", reference=reference)
    assert case.url.endswith(reference)
    assert (await leg_of_health(hub, reference))["acknowledgement"] == "acknowledged"
    assert (await leg_of_health(hub, other))["acknowledgement"] == "awaited"


async def test_where_all_open_cases_of_an_agency_fit_alike_none_is_offered(hub: Stage) -> None:
    some = [await asked(hub, name) for name in ("Alikia", "Alikora")]
    web = await signed_in(hub)
    await sealed(hub, hub.people["health"], "Our answer", "RECEIVED")
    page = await web.get(link(await shown(web, "/desk", "/desk/mail/"), '/desk/mail/[^"]+'))
    assert re.search(r"(\d+) open cases wait for an answer of its sender’s agency, and nothing", page.text)
    assert "Put it with MASH-" not in page.text
    assert not [reference for reference in some if reference in page.text]
    assert 'href="/desk/search"' in page.html
    case = await web.submit(page, "/case", reference=some[1])
    assert (await leg_of_health(hub, some[1]))["acknowledgement"] == "acknowledged"
    assert case.url.endswith(some[1])


async def test_a_concern_of_an_agency_that_owes_answers_is_a_contact_like_any_other(hub: Stage) -> None:
    await asked(hub, "Owedia")
    web = await signed_in(hub)
    await sealed(hub, hub.people["health"], "A child", "Canary-concern: a girl was brought in with a burn.")
    await contacts(web, "Canary-concern")
    assert "/desk/mail/" not in (await web.get("/desk")).html


async def test_one_message_id_for_two_mails_is_two_contacts_and_both_are_marked(hub: Stage) -> None:
    neighbour, web = MailClient("neighbour@street.example"), await signed_in(hub)
    twins = [neighbour.plain(HUB_ADDRESS, "Help", f"Canary-{which}: the boy next door") for which in ("one", "two")]
    for sent in twins:
        same = re.sub(rb"(?im)^Message-ID:.*$", b"Message-ID: <same@street.example>\r", sent, count=1)
        for _ in range(2):  # a repeated delivery is no second mail
            assert (await hub.mail(neighbour.address, HUB_ADDRESS, same)).startswith("250")
    for page in await contacts(web, "Canary-one", "Canary-two"):
        mail = await web.get(link(page, '/desk/mail/[^"]+'))
        assert "Another mail came under the same number" in mail.text
