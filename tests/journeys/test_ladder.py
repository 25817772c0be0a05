"""The same concern to mailboxes that are each reached otherwise: opened with independent tools, answered each in its
own way, and told by `exchange show`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import ssl
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import trustme

from exchange.demo.actors.http_server import Answer, HttpServer
from exchange.demo.actors.mail_client import MailClient
from exchange.demo.actors.smtp_server import MailServer
from exchange.demo.actors.web_client import WebClient
from exchange.demo.stage import HUB_FILE, CommandFailed, Stage, stage
from tests.journeys.test_by_mail import CANARIES, refer
from tests.keys import openssl_command
from tests.proved import proved_in
from tests.ready import ready

PROBATION, FIRE = "duty@probation.example", "safeguarding@fire.example"
CODE_TO = "07700 900123"
PATIENCE = 90.0  # seconds for one thing to happen on a busy machine
MORE = f"""
[agencies.probation]
name = "Fakeshire Probation"
functions = ["probation"]
basis = "6(1)(e)"

[agencies.probation.mailbox]
address = "{PROBATION}"
transports = ["openpgp", "tls"]
telephone = "01632 960160"
domains = ["probation.example"]

[agencies.fire]
name = "Fakeshire Fire and Rescue"
functions = ["fire"]
basis = "6(1)(e)"

[agencies.fire.mailbox]
address = "{FIRE}"
transports = ["smime"]
telephone = "01632 960165"
domains = ["fire.example"]

[[routes]]
agency = "fire"
forms = ["child"]
parts = ["identity"]
purpose = "visits homes, and sees what is not safe there"

[[routes]]
agency = "probation"
forms = ["child"]
parts = ["identity", "household"]
purpose = "may supervise somebody in the household"

[route_types.council]
domains = ["social-care.example"]
transports = ["tls"]
evidence_days = 7
note = "its mail stays on its own servers"
"""
TRANSPORTS = {"health": '["openpgp-attachment"]', "social_care": '["tls"]',
              "education": f'["pickup"]\ncode_to = "{CODE_TO}"'}  # fmt: skip
DOMAINS = {"social_care": "social-care.example", "probation": "probation.example"}


def hub_text() -> str:
    """The demo's hub file with another transport for three of its agencies, and two agencies more. Its clocks are
    minutes here: nobody is to be reminded because the machine is busy."""
    text = HUB_FILE.read_text()
    for unit, longer in (("m", "h"), ("s", "m")):
        text = re.sub(rf'"(\d+){unit}"', rf'"\1{longer}"', text)
    text += MORE
    for agency, transports in TRANSPORTS.items():
        before, mark, rest = text.partition(f"[agencies.{agency}.mailbox]\n")
        text = before + mark + rest.replace('transports = ["openpgp"]', f"transports = {transports}", 1)
    return text


@dataclass
class World:
    """A served hub, and those around it."""

    hub: Stage
    servers: MailServer  # of the domains that get mail over enforced TLS
    gateway: HttpServer  # for short messages

    async def show(self, reference: str) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(await self.hub.command("show", reference, "--json"))
        return told

    async def until(self, reference: str, holds: Any, seconds: float = PATIENCE) -> dict[str, Any]:
        """What `exchange show` tells once it holds."""
        end = time.monotonic() + seconds
        while not holds(told := await self.show(reference)):
            assert time.monotonic() < end, [(x["agency"], x["delivery"], x["response"]) for x in told["case"]["legs"]]
            await asyncio.sleep(0.2)
        return told


def leg(told: dict[str, Any], agency: str) -> dict[str, Any]:
    found: dict[str, Any] = next(x for x in told["case"]["legs"] if x["agency"] == agency)
    return found


def server_tls(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*names).configure_cert(context)
    return context


pytestmark = pytest.mark.timeout(600)  # thirty commands, and a key that has to end: minutes on a busy machine


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    authority, text = trustme.CA(), tmp_path / "hub.toml"
    text.write_text(hub_text())
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    servers = MailServer(tmp_path / "theirs", server_tls(authority, *(f"mx.{d}" for d in DOMAINS.values())))
    servers.offers_requiretls = True
    gateway = HttpServer()
    gateway.pages["/send"] = Answer(status="202 Accepted")
    ports = await servers.start(), await gateway.start()
    async with stage() as made:
        await ready(made, text, database=database_url)
        for domain in DOMAINS.values():
            made.names.add(domain, "MX", f"10 mx.{domain}.")
            made.names.add(f"mx.{domain}", "A", "127.0.0.1")
        made.environment |= {
            "EXCHANGE_TLS__PORT": str(ports[0]), "EXCHANGE_TLS__CA_FILE": str(tmp_path / "ca.pem"),
            "EXCHANGE_TLS__NETWORKS": '["127.0.0.0/8"]', "EXCHANGE_PICKUP__SENDER": "http",
            "EXCHANGE_PICKUP__URL": f"http://127.0.0.1:{ports[1]}/send",
        }  # fmt: skip
        for domain in ("health.example", *DOMAINS.values()):
            made.publish_dkim(domain)
        yield World(made, servers, gateway)
    await servers.stop()
    await gateway.stop()


async def ending(hub: Stage) -> float:
    """Probation's key is renewed for a few seconds only; when it ends. On a busy machine for more: while it is
    brought it must still be good."""
    person, file = hub.people["probation"].gpg, hub.folder / "probation.asc"
    assert person
    for lasts in (20, 60, 180):
        person.set_expiry(PROBATION, f"seconds={lasts}")
        ends = time.time() + lasts + 1
        file.write_bytes(person.export(PROBATION))
        with contextlib.suppress(CommandFailed):
            await hub.command("key", "add", str(file), "--agency", "probation")
            return ends
    raise AssertionError("bringing a key takes three minutes here")


async def test_the_same_case_to_mailboxes_that_are_each_reached_otherwise(world: World) -> None:
    hub = world.hub
    fire = await asyncio.to_thread(openssl_command.person, hub.folder / "fire", FIRE)
    (hub.folder / "fire.asc").write_bytes(fire.pem)
    await hub.enlist({"probation": PROBATION}, beside={"fire": fire.fingerprint})
    ends = await ending(hub)
    for said in await asyncio.gather(*(hub.command("domain", "check", domain) for domain in DOMAINS.values())):
        assert "may go there over enforced TLS" in said
    assert (await hub.command("domain", "list")).count("holds until") == 2
    await asyncio.sleep(max(0.0, ends - time.time()))
    await proved_in(hub.folder / "hub" / "exchange.toml", "social_care-1", "probation-1")
    await hub.serve()
    await read_out(world)
    reference = await refer(hub)

    # PGP/MIME, opened by gpg; one sealed file, opened by gpg as one does who saves it.
    police = await hub.received("police", "WHY YOU GET THIS", PATIENCE)
    health = await hub.received("health", "WHY YOU GET THIS", PATIENCE)
    assert police.encrypted
    assert health.encrypted
    assert (police.signed_by, health.signed_by) == (hub.hub_fingerprint,) * 2
    assert health.attachments["packet.pdf"].startswith(b"%PDF")
    outer = message_from_bytes(hub.relay.mails(hub.people["health"].address)[0].content, policy=policy.default)
    text, file = outer.iter_parts()
    assert (outer.get_content_type(), file.get_filename()) == ("multipart/mixed", "message.eml.pgp")
    assert "Kleopatra" in text.get_content()
    assert "Safeguarding packet" in health.subject

    # S/MIME, opened and verified by openssl with the hub's certificate.
    wire = (await hub.relay.wait_for_mail(FIRE, timeout=PATIENCE)).content
    envelope = message_from_bytes(wire, policy=policy.default)
    assert envelope.get_content_type() == "application/pkcs7-mime"
    signed = await asyncio.to_thread(fire.decrypt, envelope.get_payload(decode=True))  # type: ignore[arg-type]
    certificate = (hub.folder / "hub" / "hub-certificate.pem").read_bytes()
    inside = MailClient(FIRE).open(await asyncio.to_thread(openssl_command.verify, signed, certificate))
    assert inside.attachments["packet.pdf"].startswith(b"%PDF")
    assert "Canary-concern" not in inside.text

    # Enforced TLS, taken by a server that remembers whether it was.
    over_tls = {}
    for agency, to in {"social_care": "safeguarding@social-care.example", "probation": PROBATION}.items():
        mail = await world.servers.wait_for_mail(to, timeout=PATIENCE)
        over_tls[agency] = MailClient(to).open(mail.content)
        assert over_tls[agency].attachments["packet.pdf"].startswith(b"%PDF")
        assert "Quillon" not in str(over_tls[agency].outer)
    assert all(s.tls for s in world.servers.sessions if s.content)
    assert all(" REQUIRETLS" in line for s in world.servers.sessions for line in s.said if line.startswith("C: MAIL"))
    assert "Canary-concern" in over_tls["social_care"].text
    assert "Canary-concern" not in over_tls["probation"].text
    assert not hub.relay.mails(PROBATION)

    # A notice that says nothing, and the letter on a page.
    notices = hub.people["education"].address
    mail = await hub.relay.wait_for_mail(notices, lambda m: b"Test message" not in m.content, PATIENCE)
    notice = hub.people["education"].open(mail.content)
    assert not notice.encrypted
    assert not [c for c in CANARIES if c.encode() in b"".join(m.content for m in hub.relay.mails(notices))]
    school = await fetched(world, notice.text)
    assert "Canary-school" in school.text

    # Each answers in its own way.
    gpg_person, plain = hub.people["police"], hub.people["health"]
    await hub.mail(gpg_person.address, police.reply_to, gpg_person.encrypted(
        gpg_person.reply(police, "INFORMATION: known since 2019"), [hub.hub_fingerprint]))  # fmt: skip
    await hub.mail(plain.address, health.reply_to, hub.dkim["health.example"].sign(
        plain.reply(health, "RECEIVED").as_bytes()))  # fmt: skip
    visitor, answered = MailClient(FIRE), MailClient(FIRE).open(wire)
    smime = await asyncio.to_thread(
        by_smime, visitor.reply(answered, "NOT KNOWN TO US", subject="Re"), fire, certificate
    )
    await hub.mail(FIRE, answered.reply_to, smime)
    for agency, domain in DOMAINS.items():
        person = MailClient(f"answers@{domain}")
        answer = person.reply(over_tls[agency], "ACCEPT" if agency == "social_care" else "RECEIVED")
        await hub.mail(person.address, over_tls[agency].reply_to, hub.dkim[domain].sign(answer.as_bytes()))
    browser = school.browser
    page = await browser.get(school.answer)
    assert "code" in page.html
    code = re.search(r'name="code"[^>]*value="([^"]+)"', page.html)
    assert code
    done = await browser.submit(page, answer="received", name="Finn Fiction", code=code[1])
    assert (done.status, "We have your answer" in done.text) == (200, True)

    agencies = ("police", "health", "fire", "social_care", "education", "probation")
    told = await world.until(reference, lambda t: all(
        leg(t, a)["acknowledgement"] == "acknowledged" for a in agencies))  # fmt: skip
    assert {a: leg(told, a)["transport"] for a in agencies} == {
        "police": "openpgp", "health": "openpgp-attachment", "fire": "smime", "social_care": "tls",
        "education": "pickup", "probation": "tls",
    }  # fmt: skip
    assert leg(told, "probation")["passed_over"] == [{"transport": "openpgp", "why": "key_expired"}]
    assert leg(told, "education")["delivery"] == "fetched"
    assert leg(told, "health")["insecure"] is True
    assert (leg(told, "police")["insecure"], leg(told, "fire")["insecure"]) == (False, False)
    story = await hub.command("show", reference)
    for line in (
        "mail: handed to our relay, by OpenPGP;",
        "mail: handed to our relay, by sealed attachment;",
        "Fakeshire Fire and Rescue: mail: handed to our relay, by S/MIME;",
        "mail: taken by their server, by enforced TLS;",
        "mail: read on the page; that is no acknowledgement, by pick-up page;",
        "by enforced TLS; OpenPGP passed over: the key has expired;",
        "received insecurely",
    ):
        assert line in story, line

    # Who answered in clear is told how to answer safely: once, by a mail that names no case.
    safely = await hub.received("health", "answer in one of these ways", PATIENCE)
    assert reference not in safely.text + safely.subject
    assert hub.hub_fingerprint[:4] in safely.text
    assert "it counts" in safely.text
    # What nothing proves is never said to count.
    await hub.mail(gpg_person.address, police.reply_to, gpg_person.reply(police, "RECEIVED").as_bytes())
    unproved = await hub.received("police", "in one of these ways", PATIENCE)
    assert "does not count by itself: a person here reads it first" in " ".join(unproved.text.split())
    assert "it counts" not in unproved.text
    await hub.mail(plain.address, health.reply_to, hub.dkim["health.example"].sign(
        plain.reply(health, "ACCEPT").as_bytes()))  # fmt: skip
    told = await world.until(reference, lambda t: leg(t, "health")["response"] != "awaited")
    assert len([m for m in hub.relay.mails(plain.address) if b"Please answer our messages" in m.content]) == 1
    assert (await hub.command("audit", "verify")).startswith("holds")
    plain_octets = b"".join(line.encode() for s in world.servers.sessions if not s.tls for line in s.said)
    assert not [c for c in CANARIES if c.encode() in plain_octets]


def by_smime(mail: EmailMessage, person: openssl_command.Person, certificate: bytes) -> bytes:
    """The mail signed by them and enveloped to the hub, as Outlook writes it: the real headers stay outside."""
    content = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + mail.get_content().encode()
    sealed = openssl_command.encrypt(person.sign(content), certificate)
    named = ("From", "To", "Subject", "Date", "Message-ID", "In-Reply-To")
    head = "".join(f"{name}: {mail[name]}\r\n" for name in named)
    return head.encode() + sealed.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


async def read_out(world: World) -> None:
    """School support has no key: they fetch a test, are rung on the number of before, and read its words out."""
    hub = world.hub
    assert re.search(r"^education-1 .*pickup \(not now\)", await hub.command("mailbox", "list"), re.MULTILINE)
    await hub.command("drill", "education-1", "--as", "keys-1")
    notice = await hub.received("education", "waits on a page", PATIENCE)
    found = re.search(r"(http://\S+/pickup/\S+)", notice.text)
    assert found
    browser = WebClient(hub.base_url)
    page = await browser.submit(await browser.get(found[1]), "/code")
    sent = json.loads((await world.gateway.wait_for(1, PATIENCE)).body)
    code = "".join(re.findall(r"\d", sent["text"].partition(" is your code")[0]))
    letter = await browser.submit(page, found[1].partition(hub.base_url)[2], code=code)
    words = re.search(r"three words:\s+([a-z]+ [a-z]+ [a-z]+)\s", letter.text)
    assert words, letter.text
    assert "has proved it" in await hub.command("drill", "heard", "education-1", *words[1].split(), "--as", "keys-1")


@dataclass
class Fetched:
    """A letter as it was read on the page."""

    browser: WebClient
    text: str
    answer: str  # where it is answered


async def fetched(world: World, notice: str) -> Fetched:
    """Somebody follows the link of a notice, is sent a code, and reads the letter."""
    found = re.search(r"(http://\S+/pickup/\S+)", notice)
    assert found
    scanner, browser = WebClient(world.hub.base_url), WebClient(world.hub.base_url)
    for _ in range(3):  # mail gateways open every link, and change nothing by it
        assert not [c for c in CANARIES if c in (await scanner.get(found[1])).html]
    assert len(world.gateway.asked) == 1  # for the test
    assert (await scanner.get(f"{found[1]}/letter")).url == found[1]  # without a code back to where it is asked
    assert (await scanner.get(f"{found[1]}/file/0")).status == 404

    page = await browser.get(found[1])
    page = await browser.submit(page, "/code")
    sent = json.loads((await world.gateway.wait_for(2, PATIENCE)).body)
    assert sent["to"] == CODE_TO.replace(" ", "")
    assert not [c for c in CANARIES if c in sent["text"]]
    code = "".join(re.findall(r"\d", sent["text"].partition(" is your code")[0]))
    assert len(code) == 6
    wrong = await browser.submit(page, found[1].partition(world.hub.base_url)[2], code="000000")
    assert wrong.status == 400
    again = await browser.submit(wrong, "/code")
    assert "less than a minute ago" in again.text
    letter = await browser.submit(again, found[1].partition(world.hub.base_url)[2], code=f"{code[:3]} {code[3:]}")
    assert letter.url.endswith("/letter")
    assert letter.headers["cache-control"] == "no-store"
    used = await WebClient(world.hub.base_url).get(found[1])
    assert "Send the code" in used.text
    links = re.findall(r'href="(/pickup/[^"]+/file/\d+)"', letter.html)
    kept = [await browser.get(link) for link in links]
    assert [k.octets[:4] for k in kept if k.headers["content-type"] == "application/pdf"] == [b"%PDF"]
    assert all("attachment" in k.headers["content-disposition"] for k in kept)
    answer = re.search(r'href="(/answer/[^"]+)"', letter.html)
    assert answer
    return Fetched(browser, letter.text, answer[1])
