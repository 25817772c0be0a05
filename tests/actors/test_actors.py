"""The actors by themselves: each does what its counterpart in the world does."""

from __future__ import annotations

import ast
import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import dkim
import dns.asyncresolver
import dns.resolver
import pytest
import trustme

import exchange.demo.actors
from exchange.demo.actors import mail_client
from exchange.demo.actors.dns_server import DnsServer
from exchange.demo.actors.gpg import Gpg, GpgFailed
from exchange.demo.actors.mail_client import DkimKey, MailClient
from exchange.demo.actors.smtp_server import Act, MailServer

POLICE, HUB = "police@agency.example", "referrals@hub.example"
INVITE = (
    "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:d1@hub.example\r\nSEQUENCE:2\r\n"
    "DTSTART:20261124T100000Z\r\nORGANIZER;CN=Hub:mailto:r.k3x@hub.\r\n example\r\nSUMMARY:Discussion\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[MailServer]:
    server = MailServer(tmp_path / "mail")
    yield server
    await server.stop()


@pytest.fixture(scope="module")
def police() -> Iterator[Gpg]:
    with Gpg() as gpg:
        gpg.make_key("Police", POLICE)
        yield gpg


@pytest.fixture(scope="module")
def hub(police: Gpg) -> Iterator[Gpg]:
    with Gpg() as gpg:
        gpg.make_key("Hub", HUB)
        gpg.import_key(police.export(POLICE))
        police.import_key(gpg.export(HUB))
        yield gpg


def test_the_actors_share_no_code_with_what_they_test() -> None:
    banned = ("mailflow", "keys", "templates", "aiosmtpd", "aiosmtplib", "gnupg", "pysequoia", "cryptography")
    for file in Path(exchange.demo.actors.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert name.split(".")[0] not in banned
                assert name.split(".")[0] != "exchange" or name.startswith("exchange.demo.actors")


async def test_a_mail_waited_for_before_it_comes(server: MailServer) -> None:
    port = await server.start()
    waiting = asyncio.create_task(server.wait_for_mail(POLICE, lambda d: b"second" in d.content))
    for words in ("first", "second"):
        mail = MailClient("gp@surgery.example").plain(POLICE, words, ".dot\n..two\nlast")
        assert (await mail_client.send("127.0.0.1", port, "gp@surgery.example", POLICE, mail)).startswith("250")
    found = await waiting
    assert b"\r\n.dot\r\n..two\r\nlast\r\n" in found.content
    assert found.path.read_bytes().endswith(found.content)
    assert len(server.mails(POLICE)) == 2
    with pytest.raises(TimeoutError):
        await server.wait_for_mail("nobody@agency.example", timeout=0.01)


async def test_the_server_speaks_tls_and_remembers_what_was_said(server: MailServer) -> None:
    server.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(server.tls)
    port = await server.start()
    mail = MailClient("gp@surgery.example").plain(POLICE, "s", "t" * 200_000)
    assert (await mail_client.send("127.0.0.1", port, "", POLICE, mail, tls=True)).startswith("250")
    session = server.sessions[0]
    assert session.tls
    assert session.commands == ["EHLO", "STARTTLS", "EHLO", "MAIL", "RCPT", "DATA", "QUIT"]
    assert server.mails(POLICE)[0].mail_from == ""


@pytest.mark.parametrize(
    ("act", "reply"), [(Act.DEFER, "451"), (Act.REFUSE, "550"), (Act.REFUSE_CONTENT, "554"), (Act.TARPIT, "250")]
)
async def test_the_server_answers_as_it_is_told(server: MailServer, act: Act, reply: str) -> None:
    server.acts[POLICE], server.tarpit_pause = act, 0.001
    port = await server.start()
    assert (await mail_client.send("127.0.0.1", port, "", POLICE, b"A: b\n\nc")).startswith(reply)


async def test_the_server_cuts_the_line_after_storing(server: MailServer) -> None:
    server.default = Act.DROP_AFTER_DOT
    port = await server.start()
    with pytest.raises(ConnectionError):
        await mail_client.send("127.0.0.1", port, "", POLICE, b"A: b\n\nc")
    assert len(server.mails(POLICE)) == 1


@pytest.fixture
async def names() -> AsyncIterator[DnsServer]:
    server = DnsServer({("agency.example", "MX"): ["10 mail.agency.example."]})
    yield server
    await server.stop()
    await asyncio.sleep(0)  # the transport closes at the next turn of the loop


async def test_the_name_server_answers_what_it_knows(names: DnsServer) -> None:
    server = names
    server.add("S1._domainkey.agency.example", "TXT", "v=DKIM1; p=" + "A" * 400)
    server.add("mail.agency.example", "A", "127.0.0.1")
    port = await server.start()
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], port
    txt = await resolver.resolve("s1._domainkey.agency.example", "TXT")
    assert b"".join(txt[0].strings) == b"v=DKIM1; p=" + b"A" * 400
    assert str((await resolver.resolve("agency.example", "MX"))[0].exchange) == "mail.agency.example."
    assert (await resolver.resolve("mail.agency.example", "A"))[0].address == "127.0.0.1"
    with pytest.raises(dns.resolver.NoAnswer):
        await resolver.resolve("agency.example", "TXT")
    with pytest.raises(dns.resolver.NXDOMAIN):
        await resolver.resolve("nowhere.example", "A")
    assert ("agency.example", "MX") in server.asked


def test_an_encrypted_mail_shows_nothing_outside_and_all_inside(police: Gpg, hub: Gpg) -> None:
    client = MailClient(POLICE, "Sgt Müller", police)
    mail = client.write(HUB, "About Zoë", "The words: café.", {"referral.json": b"{}"})
    octets = client.encrypted(mail, [HUB])
    assert octets.isascii()
    assert b"About" not in octets  # five letters in a row do not happen in so little base64
    read = MailClient(HUB, gpg=hub).open(octets)
    assert (read.subject, read.outer["subject"]) == ("About Zoë", "...")
    assert read.text.rstrip() == "The words: café."
    assert read.attachments == {"referral.json": b"{}"}
    assert read.signed_by == police.fingerprint(POLICE)
    unsigned = MailClient(HUB, gpg=hub).open(client.encrypted(mail, [HUB], signer=""))
    assert (unsigned.encrypted, unsigned.signed_by) == (True, "")


def test_who_has_not_the_key_cannot_open_it(police: Gpg, hub: Gpg) -> None:
    client = MailClient(POLICE, gpg=police)
    octets = client.encrypted(client.write(HUB, "s", "t"), [HUB])
    with Gpg() as stranger, pytest.raises(GpgFailed):
        MailClient("x@evil.example", gpg=stranger).open(octets)


def test_a_reply_is_threaded_with_the_words_below_the_quote() -> None:
    hub_mail = MailClient(HUB).write(POLICE, "Message A-1", "Say RECEIVED\nplease")
    hub_mail["Reply-To"] = "r.k3x@hub.example"
    read = MailClient(POLICE).open(hub_mail.as_bytes())
    reply = MailClient(POLICE).reply(read, "ACCEPT")
    assert reply["To"] == "r.k3x@hub.example"
    assert reply["In-Reply-To"] == reply["References"] == hub_mail["Message-ID"]
    assert reply["Subject"] == "Re: Message A-1"
    lines = str(reply.get_content()).splitlines()
    assert lines[1:] == ["> Say RECEIVED", "> please", "", "ACCEPT"]


def test_an_invitation_is_answered() -> None:
    mail = MailClient(HUB).write(POLICE, "Discussion", "At ten.")
    mail.add_alternative(INVITE, subtype="calendar", params={"method": "REQUEST"})
    client = MailClient(POLICE)
    reply = client.open(client.answer_invitation(client.open(mail.as_bytes()), "ACCEPTED", "See you"))
    lines = reply.calendar.splitlines()
    assert reply.outer["to"] == "r.k3x@hub.example"
    for line in ("METHOD:REPLY", "UID:d1@hub.example", "SEQUENCE:2", f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{POLICE}"):
        assert line in lines
    assert "ORGANIZER;CN=Hub:mailto:r.k3x@hub.example" in lines
    assert "COMMENT:See you" in lines


def test_a_dkim_signature_verifies_by_the_published_record() -> None:
    key = DkimKey.make("agency.example")
    signed = key.sign(MailClient(POLICE).plain(HUB, "Re: A-1", "ACCEPT"))
    published = {f"{key.name}.": key.record.encode()}

    def txt(name: bytes, timeout: int = 5) -> bytes | None:
        return published.get(name.decode())

    assert dkim.verify(signed, dnsfunc=txt)
    assert not dkim.verify(signed.replace(b"ACCEPT", b"DECLINE"), dnsfunc=txt)


def test_a_signed_mail_is_readable_and_verifies(police: Gpg, hub: Gpg) -> None:
    client = MailClient(POLICE, gpg=police)
    octets = client.signed(client.write(HUB, "s", "ACCEPT"))
    part = octets.split(b"--signed=1\r\n")[1].removesuffix(b"\r\n")
    signature = b"-----BEGIN" + octets.partition(b"-----BEGIN")[2].partition(b"\r\n--signed=1--")[0]
    assert b"ACCEPT" in part
    assert hub.verify_detached(part, signature) == police.fingerprint(POLICE)
    with pytest.raises(GpgFailed):
        hub.verify_detached(part.replace(b"ACCEPT", b"DECLINE"), signature)
