"""Mail that goes round in circles, lists and machines: read by a person where it may matter, answered by nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from exchange.case.feedback import ReferrerClass
from exchange.case.mailbox import Directory
from exchange.contacting import contact_from_mail
from exchange.demo.actors.dns_server import DnsServer
from exchange.demo.actors.mail_client import DkimKey
from exchange.examining import Examiner
from exchange.mailroom import Arrived, Mailroom
from exchange.pins import NO_PINS
from mailflow.authenticity import DnsResolver
from mailflow.evidence import Evidence
from mailflow.interpret import About, Unclear, Wrote, interpret
from mailflow.listener import Envelope
from mailflow.reader import Reader
from mailflow.reply_address import ReplyAddresses

HUB, ANN = "referrals@hub.example", "ann@surgery.example"
HEAD = f"From: {ANN}\r\nTo: {HUB}\r\nSubject: Worry\r\nMessage-ID: <1@surgery.example>\r\n"
MAIL = f"{HEAD}\r\nshe is afraid\r\n".encode()
HOP = b"Received: from a.example by b.example with ESMTP id 1; Tue, 24 Nov 2026 10:00:00 +0000\r\n"


@pytest.fixture(scope="module")
def key() -> DkimKey:
    return DkimKey.make("surgery.example")


@pytest.fixture
async def room(key: DkimKey) -> AsyncIterator[Mailroom]:
    names = DnsServer()
    names.add(key.name, "TXT", key.record)
    port, reader = await names.start(), await Reader.start()
    yield Mailroom(Examiner(reader, None, DnsResolver("127.0.0.1", port)), ReplyAddresses(b"s", "hub.example"), HUB)
    await reader.close()
    await names.stop()


async def seen(room: Mailroom, raw: bytes, mail_from: str = ANN) -> Evidence:
    return await room.examine(Arrived(Envelope(mail_from, (HUB,), "192.0.2.7", "gp", tls=True), raw), NO_PINS)


def answered(e: Evidence) -> bool:
    """Whether a machine would answer it: to a contact whose sender is proved."""
    wrote = interpret(e, About("contact"))
    text = wrote if isinstance(wrote, Wrote) else Wrote("as staff read it")
    codes = contact_from_mail(e, text, "mail1", Directory(()), NO_PINS).referrer
    assert codes.referrer_class is ReferrerClass.PUBLIC
    return codes.proved


async def test_a_person_whose_domain_signs_is_answered(room: Mailroom, key: DkimKey) -> None:
    e = await seen(room, HOP * 49 + key.sign(MAIL))
    assert answered(e)
    assert isinstance(interpret(e, About("contact")), Wrote)


async def test_after_fifty_servers_a_person_reads_it_and_nobody_answers(room: Mailroom, key: DkimKey) -> None:
    e = await seen(room, HOP * 51 + key.sign(MAIL))
    assert e.authenticity.aligned_domain == "surgery.example"
    assert not answered(e)
    found = interpret(e, About("contact"))
    assert isinstance(found, Unclear)
    assert (found.why, "she is afraid" in found.text) == ("looped", True)


async def test_our_own_mail_that_came_back_begins_no_case_and_gets_no_receipt(room: Mailroom) -> None:
    own = DkimKey.make("hub.example")
    e = await seen(room, own.sign(MAIL.replace(ANN.encode(), HUB.encode())))
    assert e.looped
    assert not answered(e)
    assert isinstance(interpret(e, About("contact")), Unclear)


@pytest.mark.parametrize(
    ("header", "mail_from"),
    [
        (b"List-Id: <parents.school.example>", ANN),
        (b"Precedence: bulk", ANN),
        (b"Auto-Submitted: auto-generated", ANN),
        (b"X: y", ""),
        (b"X: y", "owner-parents@surgery.example"),
    ],
)
async def test_lists_and_machines_get_no_receipt_and_are_read_all_the_same(
    room: Mailroom, key: DkimKey, header: bytes, mail_from: str
) -> None:
    e = await seen(room, key.sign(header + b"\r\n" + MAIL), mail_from)
    assert e.authenticity.aligned_domain == "surgery.example"
    assert not answered(e)
    assert isinstance(interpret(e, About("contact")), Wrote)
