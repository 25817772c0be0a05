"""Examining: a stranger's bytes become evidence, in limited children. Nothing here decides anything, or stores it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from exchange.case.sealed import NotOpened, Signed, Signer, UnknownSigner, Unsigned, Unwrapped
from exchange.pins import Pins
from exchange.store.certificates import Kind
from keys.opener import Opener
from mailflow.answerable import MOST_HOPS, answerable, hops
from mailflow.authenticity import Resolver, judge
from mailflow.auto_reply import doubtful, is_automatic
from mailflow.disposition import is_read_receipt
from mailflow.evidence import NOT_OPENED, UNSIGNED, Evidence, without_armor
from mailflow.listener import Envelope
from mailflow.parsed_mail import CipherPart, Enclosed, ParsedMail
from mailflow.reader import Reader
from mailflow.smime_mime import KIND, SIGNATURES, is_whole

MOST_CIPHERTEXTS = 4  # in one mail: a person sends one, a mailing list's habits make two
WINMAIL = "winmail"  # of what is enclosed: the mail's own, in Exchange's wrapping
MOST_LAYERS = 4  # of S/MIME around one content: signed, sealed and signed again is three (RFC 2634 1.1)
_RETURNED = b"Return-Path: <>\r\n"  # as whoever delivers it last writes on top (RFC 5321 4.4): mail systems send so
_AS_TEXT = b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
_AS_FILE = (
    b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n"
    b"Content-Disposition: attachment; filename=sealed-file\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class _Found:
    """What was inside what was sealed, or wrapped in a signature."""

    mail: ParsedMail | None  # None: nothing
    signer: Signer = UNSIGNED
    why: str = ""  # something stayed shut
    in_clear: bool = False  # the signature wrapped it, and no seal


@dataclass(frozen=True, slots=True)
class Examiner:
    """What reading mail needs."""

    reader: Reader
    opener: Opener | None  # None: there is no key at hand, and what is sealed stays so
    resolver: Resolver
    sealers: frozenset[str] = frozenset()  # domains whose ARC seal is believed of mail that they pass on

    async def examine(self, raw: bytes, envelope: Envelope | None, known: Pins) -> Evidence:
        """Read, open and judge one mail. Never raises for what a stranger wrote.

        Without the envelope it came in (a mail from a file) its Return-Path header tells of the sender, if anything.
        """
        returned = envelope is not None and envelope.mail_from in ("", "<>")
        outer = await self.reader.read(_RETURNED + raw if returned else raw)
        opened = await self._open(outer.ciphertexts, known, alone=is_whole(outer))
        found = opened or _Found(None, _believed(await self._signer(outer, known)))
        content = await self._passed_on(found.mail or outer, known)
        outer, inner = (outer, content) if found.mail else (content, None)
        sender = envelope or Envelope(_returned_to(outer), (), "", "", tls=False)
        return Evidence(
            mail=outer,
            authenticity=await judge(
                raw,
                outer,
                sender.peer,
                sender.helo,
                sender.mail_from,
                self.resolver,
                self.reader.verify,
                self.sealers,
            ),
            inner=inner,
            in_clear=found.in_clear,
            signer=found.signer,
            not_opened=found.why,
            report=outer.report,
            supposed=outer.supposed,
            read_receipt=is_read_receipt(outer),
            over_tls=sender.tls,
            automatic=is_automatic(outer.headers, sender.mail_from, outer.subject, outer.text) is not None,
            doubtful=doubtful(outer.headers, outer.text) or doubtful(content.headers, content.text),
            answerable=answerable(outer.headers, sender.mail_from, outer.from_addresses),
            looped=hops(outer.headers) > MOST_HOPS,
            meetings=content.meetings,  # only what was inside the seal counts, when something was sealed
        )

    async def _passed_on(self, mail: ParsedMail, known: Pins) -> ParsedMail:
        """The mail with the sealed messages that it passes on, opened. Whoever sealed or signed those says nothing of
        whoever passes them on: they are words enclosed, and stay so."""
        if mail.report or not any(one.ciphertexts for one in mail.enclosed if one.kind != WINMAIL):
            return mail  # what a report gives back is our own
        enclosed, left = [], MOST_CIPHERTEXTS
        for one in mail.enclosed:
            shut = one.ciphertexts if one.kind != WINMAIL else ()
            found = await self._open(shut[:left], known, alone=False) if shut else None
            left -= len(shut[:left])
            enclosed.append(_with_opened(one, found) if shut else one)
        return replace(mail, enclosed=tuple(enclosed))

    async def _open(self, ciphertexts: tuple[CipherPart, ...], known: Pins, *, alone: bool) -> _Found | None:
        """All that opened, as one mail; why the first that did not open stayed shut. None when nothing was sealed.
        `alone` when nothing stood beside it."""
        opened: list[_Found] = []
        why = "too_many" if len(ciphertexts) > MOST_CIPHERTEXTS else ""
        for cipher in ciphertexts[:MOST_CIPHERTEXTS]:
            if self.opener is None:
                return _Found(None, why="no_key")
            if cipher.kind == KIND:
                found = await self._smime(cipher, known, alone=alone)
            else:
                found = await self._openpgp(cipher, known)
            why = why or found.why
            opened += [found] if found.mail else []
        mails = tuple(one.mail for one in opened if one.mail)
        if not mails:
            return _Found(None, why=why) if why else None
        signer = _of_all([one.signer for one in opened])
        return _Found(_together(mails), signer, why, in_clear=any(one.in_clear for one in opened))

    async def _openpgp(self, cipher: CipherPart, known: Pins) -> _Found:
        assert self.opener  # noqa: S101 - looked at by whoever asks
        found = await self.opener.open(cipher.data, known.public(Kind.OPENPGP))
        if isinstance(found, NotOpened):
            return _Found(None, why=found.why)
        inner = await self._inside(cipher, found.plain.data)
        signer = await self._signer(inner, known) if isinstance(found.signer, Unsigned) else found.signer
        return _Found(inner, _believed(signer))

    async def _smime(self, cipher: CipherPart, known: Pins, *, alone: bool) -> _Found:
        """Layer by layer, each a MIME entity. The signature that counts is the one right around the content: whoever
        signs a sealed letter from outside need not know what is in it (RFC 8551 3.7). `alone` when nothing stood
        beside the first layer."""
        assert self.opener  # noqa: S101 - looked at by whoever asks
        sealed = False
        for _ in range(MOST_LAYERS):
            found = await self.opener.open_smime(cipher.data, known.public(Kind.SMIME))
            if isinstance(found, NotOpened):
                return _Found(None, why=found.why)
            if isinstance(found, Unwrapped) and sealed and not found.intact:
                return _Found(None, why="tampered")
            sealed = sealed or not isinstance(found, Unwrapped)
            changed = isinstance(found, Unwrapped) and not found.intact
            mail = await self._inside(cipher, found.plain.data)
            if not is_whole(mail):
                signer = await self._signer(mail, known) if isinstance(found.signer, Unsigned) else found.signer
                signer = UnknownSigner(altered=True) if changed else signer
                if isinstance(signer, NotOpened) and sealed:
                    return _Found(None, why=signer.why)
                return _Found(mail, _believed(signer) if sealed or alone else Unsigned(), in_clear=not sealed)
            cipher = mail.ciphertexts[0]
        return _Found(None, why="too_many")

    async def _inside(self, cipher: CipherPart, plain: bytes) -> ParsedMail:
        inner = await self.reader.read(plain)
        if inner.content_type == "message/rfc822" and len(inner.parts) == 1:
            return await self.reader.read(inner.parts[0].content)  # headers protected as RFC 8551 3.1 has it
        typed = inner.header("content-type") or inner.from_addresses
        if cipher.kind == "pgp_mime" or typed or inner.content_type not in ("", "text/plain"):
            return inner
        # Inline and attached PGP hold bare content, not a MIME entity (RFC 3156 is not used).
        return await self.reader.read((_AS_FILE if _is_binary(plain) else _AS_TEXT) + plain)

    async def _signer(self, mail: ParsedMail, known: Pins) -> Signer | NotOpened:
        """Who signed all of it; NotOpened when an S/MIME signature is of other octets than these."""
        signed = mail.signed
        if signed is None or not signed.covers_all:
            return Unsigned()
        if self.opener is None:
            return UnknownSigner()
        if signed.protocol in SIGNATURES:
            return await self.opener.verify_smime(signed.signed, signed.signature, known.public(Kind.SMIME))
        return await self.opener.verify(signed.signed, signed.signature, known.public(Kind.OPENPGP))


def _of_all(signers: list[Signer]) -> Signer:
    """Who signed every one of several; nobody, when each is somebody else's."""
    if len(set(signers)) != 1:
        return UNSIGNED
    first = signers[0]
    if not isinstance(first, Signed):
        return first
    marks = (mark for one in signers if isinstance(one, Signed) for mark in one.marks)
    return replace(first, marks=tuple(dict.fromkeys(marks)))


def _with_opened(one: Enclosed, found: _Found | None) -> Enclosed:
    """A message that is passed on, with what was sealed in it; or with the word that it stayed shut."""
    words = without_armor(one.text)
    if found is None or found.mail is None:
        return replace(one, text=f"{words}\n\n{NOT_OPENED}".strip())
    shut = (NOT_OPENED,) if found.why else ()
    text = "\n\n".join(part for part in (words, found.mail.text, *shut) if part)
    return replace(one, text=text, parts=(*one.parts, *found.mail.files))


def _believed(signer: Signer | NotOpened) -> Signer:
    return UnknownSigner(altered=True) if isinstance(signer, NotOpened) else signer


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
        meetings=tuple(reply for m in mails for reply in m.meetings),
        enclosed=tuple(one for m in mails for one in m.enclosed),
        documents=tuple(one for m in mails for one in m.documents),
    )
