"""Writing: one letter of a case becomes the final bytes for one recipient, sealed or as a notice that says nothing.

1. What is sealed is written, sealed and wrapped in one go; its readable form is never kept.
2. The same letter has the same Message-ID on every retry, whoever writes it.
3. An invitation carries no name: not in its subject, its text or its calendar entry.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from exchange import content, correspondence
from exchange.case.decision import Decision
from exchange.case.effect import TO_REFERRER, Letter
from exchange.case.feedback import MAY_BE_TOLD, Told
from exchange.case.fields import Part
from exchange.case.packet import fill, manifest
from exchange.case.sealed import PublicNotice, Sealed, Sendable
from exchange.case.state import Case, Leg
from exchange.case.strategy_discussion import Invitee, StrategyDiscussion
from exchange.hub import Hub
from exchange.keyroom import Keyroom
from exchange.posting import File, Way, agency_of
from exchange.store import outbox, receipts
from keys.openpgp.certificate import Certificate
from mailflow import compose, meeting, pgp_mime
from mailflow.compose import Attachment, Headers
from mailflow.reply_address import ReplyAddresses
from templates import letters
from templates.disclosed import lane, seen, warnings_of
from templates.document import DocumentRefused, packet_pdf
from templates.letters import ALetter, Answering, Sender, Written

# What a seat at a discussion needs when no packet of its own says which parts.
_PAPERS = (Part.IDENTITY, Part.HOUSEHOLD, Part.CONCERN, Part.RISK, Part.VOICE)


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the letters of one hub."""

    hub: Hub
    keyroom: Keyroom
    addresses: ReplyAddresses
    hub_address: str
    base_url: str

    def message_id(self, row: outbox.Row) -> str:
        """The one Message-ID of this letter."""
        return compose.message_id(self.addresses.domain, row.id)

    async def write(self, row: outbox.Row, file: File, way: Way, message_id: str) -> Sendable:
        """The bytes for the wire. Raises SealRefused when they cannot be sealed to this certificate."""
        letter, now = Letter(row.letter), self.hub.clock.now()
        if letter is Letter.INVITATION:
            return self._invitation(row.about, file, way, message_id, now)
        told = await self._told(letter, row.about, file, way, now)
        words, reply_to = letters.write(told), self._reply_to(letter, row.about, file)
        outer = self._headers(words, file, way, message_id, now, letter, reply_to)
        to = way.recipient.address
        if way.certificate is None:
            return PublicNotice(compose.plain_message(outer, words.text), to)
        inner = compose.inner_message(
            words.subject, words.text, await _attachments(told, now), from_address=self.hub_address, to=to,
            reply_to=reply_to, message_id=message_id, date=now, from_name=file.rules.name, outer=outer,
        )  # fmt: skip
        return await self._sealed(inner, outer, way.certificate, to, now)

    async def _sealed(self, inner: bytes, outer: Headers, certificate: Certificate, to: str, now: datetime) -> Sealed:
        armored = await self.keyroom.seal(inner, certificate, now)
        return Sealed(pgp_mime.wrap(outer, armored), certificate.fingerprint, to)

    def _headers(
        self, words: Written, file: File, way: Way, message_id: str, now: datetime, letter: Letter, reply_to: str
    ) -> Headers:
        answered = json.loads(file.contact_mail or b"{}").get("message_id", "") if letter in TO_REFERRER else ""
        return compose.outer_headers(
            from_address=self.hub_address, to=way.recipient.address, message_id=message_id, date=now,
            subject=words.quiet_subject, from_name=file.rules.name, reply_to=reply_to,
            in_reply_to=answered, references=(answered,) if answered else (), automatic=letter is Letter.RECEIPT,
        )  # fmt: skip

    def _reply_to(self, letter: Letter, about: str, file: File) -> str:
        if letter in TO_REFERRER:
            return self.addresses.make("referrer", file.case.id)
        if letter in (Letter.PACKET, Letter.REMINDER, Letter.STEPPED):
            return self.addresses.make("leg", f"{file.case.id}-{about}")
        if letter is Letter.ACTION:
            return self._leg_address(file, agency_of(letter, about, file.case))
        return self._seat_address(file, about)

    def _leg_address(self, file: File, agency: str) -> str:
        """Where this agency's answers in the case belong; the hub's own address when it was never asked."""
        leg = next((leg for leg in reversed(file.case.legs) if leg.agency == agency), None)
        return self.addresses.make("leg", f"{file.case.id}-{leg.id}") if leg else self.hub_address

    def _seat_address(self, file: File, about: str) -> str:
        return self.addresses.make("invitee", f"{file.case.id}-{about.replace('/', '-')}")

    async def _told(self, letter: Letter, about: str, file: File, way: Way, now: datetime) -> ALetter:
        return (
            await self._receipt(file, way) if letter is Letter.RECEIPT else _TOLD[letter](self, about, file, way, now)
        )

    def _answering(self, file: File, leg: Leg, code: bool) -> Answering:
        address = self.addresses.make("leg", f"{file.case.id}-{leg.id}")
        page = f"{self.base_url}/answer/{address.partition('@')[0]}"
        return Answering(page, address, self.hub.codes.packet(file.case.id, leg.id) if code else "")

    def _packet(self, about: str, file: File, way: Way, now: datetime) -> letters.Packet:
        leg = _leg(file, about)
        referral = file.referral
        assert referral is not None  # noqa: S101 - a leg exists only where subjects do
        known = file.rules.agency(leg.agency)
        return letters.Packet(
            sender=_sender(file),
            reference=file.case.reference,
            agency=known.name if known else leg.agency,
            leg=leg.id,
            form=referral.form,
            purpose=leg.purpose,
            basis=leg.basis,
            manifest=leg.manifest,
            answers=fill(referral, leg.manifest),
            warnings=warnings_of(referral, leg.subjects),
            answering=self._answering(file, leg, code=True),
            written_at=now,
            acknowledge_by=leg.acknowledge_due,
            answer_by=leg.answer_due,
            lanes=lanes(file.case, referral.form),
        )

    def _reminder(self, about: str, file: File, way: Way, now: datetime) -> letters.Reminder:
        leg = _leg(file, about)
        answering = self._answering(file, leg, code=False)
        return letters.Reminder(
            _sender(file), file.case.reference, answering, leg.opened_at, leg.acknowledge_due, now
        )

    def _stepped(self, about: str, file: File, way: Way, now: datetime) -> letters.Stepped:
        leg = _leg(file, about)
        answering = self._answering(file, leg, code=False)
        acknowledge = None if leg.acknowledged_at else leg.acknowledge_due
        return letters.Stepped(
            _sender(file), file.case.reference, answering, leg.opened_at, acknowledge, leg.answer_due, now
        )

    def _action(self, about: str, file: File, way: Way, now: datetime) -> letters.ToDo:
        action = file.case.action(about)
        assert action is not None  # noqa: S101 - the letter is about it
        known = file.rules.agency(action.owner)
        words = file.said.get(f"{content.ACTION}{action.id}", b"").decode()
        return letters.ToDo(
            _sender(file), file.case.reference, known.name if known else action.owner, seen(words), action.due
        )

    def _accepted(self, about: str, file: File, way: Way, now: datetime) -> letters.Accepted:
        looked = file.case.looked_at.at if file.case.looked_at else now
        return letters.Accepted(
            _sender(file), file.case.reference, file.case.received_at, looked, self._page_of(file)
        )

    def _guidance(self, about: str, file: File, way: Way, now: datetime) -> letters.Guidance:
        return letters.Guidance(_sender(file), file.case.reference, file.case.received_at, self.base_url)

    def _chaser(self, about: str, file: File, way: Way, now: datetime) -> letters.Chaser:
        discussion, _ = _seat(file, about)
        return letters.Chaser(_sender(file), file.case.reference, discussion.starts_at, now)

    async def _receipt(self, file: File, way: Way) -> letters.Receipt:
        case = file.case
        code = ""
        if way.certificate:  # a receipt code never travels in plain mail
            code = self.hub.codes.receipt(case.id)
            async with self.hub.database.transaction(self.hub.scope()) as tx:
                await receipts.put(tx, self.hub.codes.receipt_digest(code), case.id)
        return letters.Receipt(
            _sender(file), case.reference, case.received_at, case.first_look_due, case.securely,
            self._receipt_page() if code else "", code,
        )  # fmt: skip

    def _outcome(self, about: str, file: File, way: Way, now: datetime) -> ALetter:
        case, page = file.case, self._page_of(file)
        if way.certificate is None:
            return letters.OutcomeNotice(_sender(file), case.reference, case.received_at, page)
        told = MAY_BE_TOLD[case.referrer.referrer_class]
        subjects = tuple(
            letters.Decided(Decision(s.decision), s.codes.form, _given_name(file, s.id))
            for s in case.subjects
            if s.decision
        )
        return letters.Outcome(
            _sender(file), case.reference, case.received_at, told, subjects if Told.DECISION in told else (), page
        )

    def _papers(self, about: str, file: File, way: Way, now: datetime) -> letters.Papers:
        discussion, seat = _seat(file, about)
        referral = file.referral
        assert referral is not None  # noqa: S101 - a discussion is about subjects
        known = file.rules.agency(seat.agency)
        own = next((leg for leg in file.case.legs if leg.agency == seat.agency), None)
        codes = tuple(s.codes for s in file.case.subjects)
        names = own.manifest if own else manifest(file.case.fields, codes, discussion.subjects, _PAPERS)
        called = [file.rules.agency(i.agency) for i in discussion.invitees]
        return letters.Papers(
            sender=_sender(file),
            reference=file.case.reference,
            agency=known.name if known else seat.agency,
            form=referral.form,
            starts_at=discussion.starts_at,
            minutes=discussion.minutes,
            called=tuple(a.name for a in called if a),
            basis=own.basis if own else f"{known.basis}; {known.condition}" if known else "",
            manifest=names,
            answers=fill(referral, names),
            warnings=warnings_of(referral, discussion.subjects),
            written_at=now,
            lanes=lanes(file.case, referral.form),
        )

    def _invitation(self, about: str, file: File, way: Way, message_id: str, now: datetime) -> Sendable:
        case, (discussion, seat) = file.case, _seat(file, about)
        organizer, to = self._seat_address(file, about), way.recipient.address
        words = letters.write(
            letters.Invitation(
                _sender(file), case.reference, discussion.starts_at, discussion.minutes,
                seat.due or discussion.starts_at,
            )
        )  # fmt: skip
        entry = meeting.calendar_request(
            uid=correspondence.uid(case, discussion.id, self.addresses.domain),
            sequence=discussion.sequence,
            organizer=organizer,
            attendee=to,
            starts_at=discussion.starts_at,
            minutes=discussion.minutes,
            summary=f"Meeting {case.reference}",
            description=words.text,
            stamp=now,
        )
        # The organizer is where calendars send their replies, so the mail comes from there too: some clients answer
        # the sender, others the organizer (ecosystem, invitations).
        headers = compose.outer_headers(
            from_address=organizer, to=to, message_id=message_id, date=now, subject=words.quiet_subject,
            from_name=file.rules.name,
        )  # fmt: skip
        return PublicNotice(compose.invitation(headers, words.text, entry), to)

    def _page_of(self, file: File) -> str:
        """The receipt page, for somebody who has the code that opens it."""
        return self._receipt_page() if file.has_code else ""

    def _receipt_page(self) -> str:
        return f"{self.base_url}/receipt"


async def _attachments(told: ALetter, now: datetime) -> tuple[Attachment, ...]:
    if not isinstance(told, letters.Packet):
        return ()
    files = [Attachment("packet.json", "application/json", letters.packet_json(told))]
    try:
        document = await asyncio.to_thread(packet_pdf, told, now)
    except DocumentRefused:  # the text and the JSON say the same: a page that cannot be set holds nothing up
        return tuple(files)
    return (*files, Attachment("packet.pdf", "application/pdf", document))


def _sender(file: File) -> Sender:
    rules = file.rules
    return Sender(rules.name, rules.telephone, rules.duty_telephone, rules.calendar.timezone)


def _leg(file: File, about: str) -> Leg:
    leg = file.case.leg(about)
    if leg is None:
        raise LookupError("a letter about a leg that is not there")
    return leg


def lanes(case: Case, form: str) -> dict[str, str]:
    """What each subject is who is not simply at risk on the referral's form."""
    codes = [s.codes for s in case.subjects]
    return {c.id: lane(c.form, c.role) for c in codes if c.form != form or c.role != "at_risk"}


def _seat(file: File, about: str) -> tuple[StrategyDiscussion, Invitee]:
    name, _, seat = about.partition("/")
    discussion = file.case.discussion(name)
    invitee = discussion.invitee(seat) if discussion else None
    if discussion is None or invitee is None:
        raise LookupError("a letter about a seat that is not there")
    return discussion, invitee


def _given_name(file: File, subject: str) -> str:
    number = int(subject.removeprefix("s"))
    subjects = file.referral.subjects if file.referral else ()
    return subjects[number - 1].get("given_name", "") if number <= len(subjects) else ""


# What each letter says, once it is known to whom and by which way it goes; the receipt alone stores a code as well.
_TOLD: dict[Letter, Callable[[Writer, str, File, Way, datetime], ALetter]] = {
    Letter.PACKET: Writer._packet,
    Letter.REMINDER: Writer._reminder,
    Letter.STEPPED: Writer._stepped,
    Letter.ACTION: Writer._action,
    Letter.ACCEPTED: Writer._accepted,
    Letter.GUIDANCE: Writer._guidance,
    Letter.OUTCOME: Writer._outcome,
    Letter.PAPERS: Writer._papers,
    Letter.CHASER: Writer._chaser,
}
