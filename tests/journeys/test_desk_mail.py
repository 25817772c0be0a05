"""Hub staff read every mail whole, with its files, and place what nothing else could place."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

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


async def test_a_scanned_form_in_a_sealed_mail_is_fetched_as_it_was_sent(hub: Stage) -> None:
    gp = hub.people["madeup-surgery"]
    mail = gp.write(HUB_ADDRESS, "Canary-subject", "Canary-words: form attached", {"Über form.pdf": SCAN})
    assert (await hub.mail(gp.address, HUB_ADDRESS, gp.encrypted(mail, [hub.hub_fingerprint]))).startswith("250")
    web = await signed_in(hub)
    case = await web.get(link(await shown(web, "/desk", "/desk/case/"), '/desk/case/[^"]+'))
    assert "Canary-words" in case.text
    where = link(case, '/desk/mail/[^"]+')
    page = await web.get(where)
    for said in ("Canary-subject", "Canary-words", gp.address, "Über form.pdf", "Yes, with the key"):
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
