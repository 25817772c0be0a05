"""Enveloping: a letter whose words are known, put into the form that its transport takes.

1. What is sealed is sealed and wrapped in one go; its readable form is never kept.
2. Every form has the same words and files. Outside of them stand a quiet subject and a reference, nothing else.
3. What is sealed is answered at the hub's own address: a program that seals the answer wants a certificate for the
   address it goes to, and ours names no other. For another one Thunderbird offers to send it in clear, quote and all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from exchange.case import clock
from exchange.case.mailbox import Transport
from exchange.case.rules import Rules
from exchange.case.sealed import PublicNotice, Sealed, Sendable, TlsOnly, ToFetch
from exchange.fetched_letter import FetchedLetter
from exchange.keyroom import Keyroom
from exchange.posting import Way
from keys.directory import AnyCertificate
from mailflow import compose, pgp_mime, smime_mime
from mailflow.compose import Attachment, Headers
from templates import letters
from templates.addressed import NOT_RATED, Sender, Urgency
from templates.asked_by import asked_by
from templates.letters import ALetter, Written
from templates.outside import Beside, Waits


@dataclass(frozen=True, slots=True)
class Inside:
    """One letter, and what stands on its envelope."""

    told: ALetter
    words: Written
    files: tuple[Attachment, ...]
    outer: Headers = field(repr=False)
    from_address: str
    reply_to: str = field(repr=False)
    message_id: str
    date: datetime
    sender: Sender
    reference: str  # "" for a letter of no case
    page: str = field(default="", repr=False)  # where it is fetched
    until: datetime | None = None  # and until when
    urgency: Urgency = NOT_RATED  # of what it asks; said by the notice that it can be fetched


def fetched_until(rules: Rules, now: datetime) -> datetime:
    """Until when a letter waits to be fetched that is written now."""
    return clock.due(rules.pickup, now, rules.calendar)


async def enveloped(inside: Inside, way: Way, keyroom: Keyroom) -> Sendable | ToFetch:
    """The bytes for the wire, or what waits here and its notice. Raises SealRefused."""
    to = way.recipient.address
    match way.transport:
        case None:
            return PublicNotice(compose.plain_message(inside.outer, inside.words.text), to)
        case Transport.TLS:
            return TlsOnly(compose.plain_message(inside.outer, inside.words.text, inside.files), to)
        case Transport.PICKUP:
            return _to_fetch(inside, to)
    if way.certificate is None:
        raise LookupError(f"{way.transport} needs a certificate")
    return await _sealed(inside, way, way.certificate, to, keyroom)


def _to_fetch(inside: Inside, to: str) -> ToFetch:
    assert inside.until is not None  # noqa: S101 - who writes it says until when it waits
    by = asked_by(inside.told)
    words = letters.write(
        Waits(inside.sender, inside.reference, inside.page, inside.until, inside.date, by, inside.urgency)
    )
    notice = PublicNotice(compose.plain_message(inside.outer, words.text), to)
    return ToFetch(notice, FetchedLetter.of(inside.told, inside.words, inside.files).data(), inside.until)


async def _sealed(inside: Inside, way: Way, certificate: AnyCertificate, to: str, keyroom: Keyroom) -> Sealed:
    if way.transport is Transport.OPENPGP_ATTACHMENT:
        whole = compose.whole_message(
            inside.words.subject, inside.words.text, inside.files, from_address=inside.from_address, to=to,
            reply_to=inside.reply_to, message_id=inside.message_id, date=inside.date, from_name=inside.sender.name,
        )  # fmt: skip
        armored = await keyroom.seal(whole, certificate, inside.date, way.also)
        beside = letters.write(Beside(inside.sender, inside.reference, compose.SEALED_FILE))
        return Sealed(compose.attached(inside.outer, beside.text, armored), certificate.fingerprint, to)
    inner = compose.inner_message(
        inside.words.subject, inside.words.text, inside.files, from_address=inside.from_address, to=to,
        reply_to=inside.reply_to, message_id=inside.message_id, date=inside.date, from_name=inside.sender.name,
        outer=inside.outer,
    )  # fmt: skip
    wrap = smime_mime.wrap if way.transport is Transport.SMIME else pgp_mime.wrap
    sealed = await keyroom.seal(inner, certificate, inside.date, way.also)
    return Sealed(wrap(inside.outer, sealed), certificate.fingerprint, to)
