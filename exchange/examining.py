"""Examining: a stranger's bytes become evidence, in limited children. Nothing here decides anything, or stores it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from exchange.case.sealed import NotOpened, Signer, UnknownSigner, Unsigned
from exchange.pins import Pins
from exchange.store.certificates import Kind
from keys.opener import Opener
from mailflow.authenticity import Resolver, judge
from mailflow.auto_reply import is_automatic
from mailflow.disposition import is_read_receipt
from mailflow.interpret import Evidence
from mailflow.listener import Envelope
from mailflow.meeting import MeetingReply, read_reply
from mailflow.parsed_mail import CipherPart, ParsedMail
from mailflow.reader import Reader

MOST_CIPHERTEXTS = 4  # in one mail: a person sends one, a mailing list's habits make two
_AS_TEXT = b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
_AS_FILE = (
    b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n"
    b"Content-Disposition: attachment; filename=sealed-file\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Examiner:
    """What reading mail needs."""

    reader: Reader
    opener: Opener | None  # None: there is no key at hand, and what is sealed stays so
    resolver: Resolver

    async def examine(self, raw: bytes, envelope: Envelope | None, known: Pins) -> Evidence:
        """Read, open and judge one mail. Never raises for what a stranger wrote.

        Without the envelope it came in (a mail from a file) its Return-Path header tells of the sender, if anything.
        """
        outer = await self.reader.read(raw)
        opened = await self._open(outer.ciphertexts, known)
        inner, signer, why = opened if opened else (None, await self._signer(outer, known), "")
        content = inner or outer
        sender = envelope or Envelope(_returned_to(outer), (), "", "", tls=False)
        return Evidence(
            mail=outer,
            authenticity=await judge(
                raw, outer.from_addresses, sender.peer, sender.helo, sender.mail_from, self.resolver
            ),
            inner=inner,
            signer=signer,
            not_opened=why,
            report=outer.report,
            read_receipt=is_read_receipt(outer),
            over_tls=sender.tls,
            automatic=is_automatic(outer.headers, sender.mail_from, outer.subject, outer.text) is not None,
            meetings=_meetings(content) or _meetings(outer),
        )

    async def _open(
        self, ciphertexts: tuple[CipherPart, ...], known: Pins
    ) -> tuple[ParsedMail | None, Signer, str] | None:
        """All that opened, as one mail; why the first that did not open stayed shut."""
        opened: list[tuple[ParsedMail, Signer]] = []
        why = "too_many" if len(ciphertexts) > MOST_CIPHERTEXTS else ""
        for cipher in ciphertexts[:MOST_CIPHERTEXTS]:
            if self.opener is None:
                return None, Unsigned(), "no_key"
            found = await self.opener.open(cipher.data, known.public(Kind.OPENPGP))
            if isinstance(found, NotOpened):
                why = why or found.why
                continue
            inner = await self._inside(cipher, found.plain.data)
            signer = found.signer
            if isinstance(signer, Unsigned):
                signer = await self._signer(inner, known)
            opened.append((inner, signer))
        if not opened:
            return (None, Unsigned(), why) if why else None
        mails, signers = zip(*opened, strict=True)
        return _together(mails), signers[0] if len(set(signers)) == 1 else Unsigned(), why

    async def _inside(self, cipher: CipherPart, plain: bytes) -> ParsedMail:
        inner = await self.reader.read(plain)
        if cipher.kind == "pgp_mime" or inner.content_type not in ("", "text/plain") or inner.from_addresses:
            return inner
        # Inline and attached PGP hold bare content, not a MIME entity (RFC 3156 is not used).
        return await self.reader.read((_AS_FILE if _is_binary(plain) else _AS_TEXT) + plain)

    async def _signer(self, mail: ParsedMail, known: Pins) -> Signer:
        if mail.signed is None or not mail.signed.covers_all:
            return Unsigned()
        if self.opener is None:
            return UnknownSigner()
        return await self.opener.verify(mail.signed.signed, mail.signed.signature, known.public(Kind.OPENPGP))


def _returned_to(mail: ParsedMail) -> str:
    found = [value for name, value in mail.headers if name.lower() == "return-path"]
    return found[0].strip(" <>") if found else "unknown"


def _is_binary(plain: bytes) -> bool:
    """A scan or a word processor's file: kept as a file, for as text it would be noise."""
    return b"\0" in plain[:4096] or plain.startswith(b"%PDF")


def _together(mails: tuple[ParsedMail, ...]) -> ParsedMail:
    """Several sealed files of one mail, read as one: the first, with the others' words and files."""
    if len(mails) == 1:
        return mails[0]
    return replace(
        mails[0],
        text="\n\n".join(m.text for m in mails if m.text),
        parts=tuple(part for m in mails for part in m.parts),
        calendars=tuple(calendar for m in mails for calendar in m.calendars),
        enclosed=tuple(one for m in mails for one in m.enclosed),
    )


def _meetings(mail: ParsedMail) -> tuple[MeetingReply, ...]:
    """Of the mail, and of what Outlook packed into a winmail.dat."""
    packed = (
        p.content for one in mail.enclosed if one.kind == "winmail" for p in one.parts if _is_calendar(p.content)
    )
    return tuple(reply for calendar in (*mail.calendars, *packed) for reply in read_reply(calendar))


def _is_calendar(content: bytes) -> bool:
    return content[:64].lstrip(b"\xef\xbb\xbf \t\r\n").upper().startswith(b"BEGIN:VCALENDAR")
