"""Writing: one letter of a case becomes the final bytes for one recipient, sealed or as a notice that says nothing.

1. A letter's words are the same by whichever transport it goes; its envelope is enveloping.py's.
2. The same letter has the same Message-ID on every retry, whoever writes it.
3. An invitation carries no name: not in its subject, its text or its calendar entry. Its location is the one thing in
   it that a person typed, and was looked at when it was (desk/convening.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from exchange import (
    calendar_letters,
    content,
    correspondence,
    following_letters,
    labels,
    owing_letters,
    product_letters,
    record_letter,
    waiting,
)
from exchange.calendar_letters import OF_CALENDARS, said, seat_of
from exchange.case import escalating, routing
from exchange.case.attachment import Scan
from exchange.case.effect import AUTOMATIC, BY_CLOCK, OF_PRODUCTS, TO_REFERRER, Letter
from exchange.case.lateral_check import NilPart
from exchange.case.mailbox import MailboxRole
from exchange.case.packet import entrusted, fill, struck
from exchange.case.packet import label as asked
from exchange.case.papers import papers
from exchange.case.recalling import holds_more
from exchange.case.sealed import PublicNotice, Sendable, ToFetch
from exchange.case.soon import HAND_OVER
from exchange.case.sorting import Ground
from exchange.case.state import Case, Leg
from exchange.case.strategy_discussion import Attendance
from exchange.enclosing import attachments
from exchange.enveloping import Inside, enveloped, fetched_until
from exchange.feedback_letter import outcome_letter
from exchange.hub import Hub
from exchange.keyroom import Keyroom
from exchange.our_name import sender_of
from exchange.ours import NOTHING_SAID, Ours
from exchange.posting import File, Way
from exchange.signing import UNSIGNED, Signing
from exchange.store import outbox, receipts
from mailflow import compose
from mailflow.reply_address import ReplyAddresses
from templates import letters
from templates.addressed import Answering, Sender
from templates.corrected import Corrected
from templates.disclosed import lane, warnings_of
from templates.discussed import Record
from templates.letters import ALetter, Written
from templates.meeting_letters import SAID_THERE
from templates.notices import Lead

# What a nil return does not say, as we ask for it.
NOT_SAID: dict[str, str] = {
    NilPart.SYSTEMS: "which systems you searched",
    NilPart.IDENTIFIERS: "what you searched on",
    NilPart.DATE: "when you searched",
}


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the letters of one hub."""

    hub: Hub
    keyroom: Keyroom
    addresses: ReplyAddresses
    hub_address: str
    base_url: str
    ours: Ours = NOTHING_SAID
    dkim: Signing = UNSIGNED

    def message_id(self, row: outbox.Row) -> str:
        """The one Message-ID of this letter; what is written anew after it was kept is another mail."""
        return self.addresses.message_id(f"{row.id}:{row.attempts}" if row.attempts else row.id)

    def fetch_page(self, row: outbox.Row) -> str:
        """Where this letter is fetched, if it goes that way."""
        return f"{self.base_url}/pickup/{self.addresses.page('fetch', row.id)}"

    async def write(self, row: outbox.Row, file: File, way: Way, message_id: str) -> Sendable | ToFetch:
        """The bytes for the wire, or what waits here and its notice. Raises SealRefused when they cannot be sealed to
        this certificate."""
        letter, now = Letter(row.letter), self.hub.clock.now()
        if letter in OF_CALENDARS or (letter is Letter.CHASER and row.about.endswith("/deputy")):
            return self._calendar(letter, row.about, file, way, message_id, now)
        told = await self._told(letter, row.about, file, way, now)
        words = self.ours.said(letters.write(told, file.case.referrer.language), way.certificate)
        reply_to = way.answered_at(self._reply_to(letter, row.about, file))
        inside = Inside(
            told, words, await attachments(told, now) if way.transport else (),
            self._headers(words, file, way, message_id, now, letter, reply_to),
            self.hub_address, reply_to, message_id, now, _sender(file), file.case.reference,
            self.fetch_page(row), fetched_until(file.rules, now), waiting.urgency_of(letter, row.about, file),
        )  # fmt: skip
        return await enveloped(inside, way, self.keyroom)

    def _headers(
        self, words: Written, file: File, way: Way, message_id: str, now: datetime, letter: Letter, reply_to: str
    ) -> compose.Headers:
        answered = json.loads(file.contact_mail or b"{}").get("message_id", "") if letter in TO_REFERRER else ""
        return compose.outer_headers(
            from_address=self.hub_address, to=way.recipient.address, message_id=message_id, date=now,
            subject=words.quiet_subject, from_name=file.rules.name, reply_to=reply_to, autocrypt=self.ours.autocrypt,
            in_reply_to=answered, references=(answered,) if answered else (), automatic=letter in AUTOMATIC,
            by_clock=letter in BY_CLOCK,
        )  # fmt: skip

    def _reply_to(self, letter: Letter, about: str, file: File) -> str:
        token = correspondence.answered_at(letter, about, file.case)
        return self.addresses.make(token.kind, token.ident)

    async def _told(self, letter: Letter, about: str, file: File, way: Way, now: datetime) -> ALetter:
        if letter is Letter.RECEIPT:
            return await self._receipt(file, way)
        if letter in OF_PRODUCTS:
            answering = self._owner_answering(letter, about, file)
            return await product_letters.told(self.hub, letter, about, file, _sender(file), answering)
        return _TOLD[letter](self, about, file, way, now)

    def _answering(self, file: File, leg: Leg, code: bool) -> Answering:
        """The ways to answer; with the code only in sealed mail, and with the page that takes it."""
        about = f"{file.case.id}-{leg.id}"
        page = f"{self.base_url}/answer/{self.addresses.page('page' if code else 'notice', about)}"
        address = self.addresses.make("leg", about)
        return Answering(page, address, self.hub.codes.packet(file.case.id, leg.id) if code else "")

    def notice_page(self, case: Case, leg: Leg) -> str:
        """Where a person who read a notice may say that they have it."""
        return f"{self.base_url}/answer/{self.addresses.page('notice', f'{case.id}-{leg.id}')}"

    def _owner_answering(self, letter: Letter, about: str, file: File, page: str = "release") -> Answering:
        address = self._reply_to(letter, about, file)
        token = self.addresses.page("page", f"{file.case.id}-{about.replace('/', '-')}")
        return Answering(f"{self.base_url}/{page}/{token}", address, self.hub.codes.packet(file.case.id, about))

    def _unqualified(self, about: str, file: File, way: Way, now: datetime) -> letters.Unqualified:
        leg = _leg(file, about)
        return letters.Unqualified(
            _sender(file), file.case.reference, _name(file, leg.agency), tuple(NOT_SAID[p] for p in leg.nil_missing),
            self._answering(file, leg, code=True), leg.answer_due, now, file.own_references.get(leg.agency, ""),
        )  # fmt: skip

    def _more(self, about: str, file: File, way: Way, now: datetime) -> letters.More:
        """What protects an address holds for what staff typed too (design truth 14)."""
        leg, words = _leg(file, about), file.said[f"{content.MORE}{about.partition('/')[2]}"].decode()
        return letters.More(
            sender=_sender(file),
            reference=file.case.reference,
            agency=_name(file, leg.agency),
            words=struck(file.referral, words, file.case.released_to(leg.agency)),
            basis=leg.basis,
            answering=self._answering(file, leg, code=True),
            sent_at=leg.opened_at,
            written_at=now,
            answer_by=leg.answer_due,
            own_reference=file.own_references.get(leg.agency, ""),
        )

    def _address(self, about: str, file: File, way: Way, now: datetime) -> letters.Entrusted:
        return following_letters.address(_leg(file, about), about.partition("/")[2], file, _sender(file))

    def _corrected(self, about: str, file: File, way: Way, now: datetime) -> Corrected:
        return following_letters.corrected(_leg(file, about), about.split("/")[1], file, _sender(file))

    def _worker(self, about: str, file: File, way: Way, now: datetime) -> letters.ForWorker:
        leg = _leg(file, about)
        return following_letters.for_worker(leg, file, _sender(file), self._answering(file, leg, code=True), now)

    def _recall(self, about: str, file: File, way: Way, now: datetime) -> letters.Recall:
        leg = _leg(file, about)
        answering = self._answering(file, leg, code=False)
        return letters.Recall(_sender(file), file.case.reference, answering, leg.opened_at, leg.recall_due or now,
                              bool(holds_more(file.case, leg)))  # fmt: skip

    def _packet(self, about: str, file: File, way: Way, now: datetime) -> letters.Packet:
        leg = _leg(file, about)
        referral = file.referral
        assert referral is not None  # noqa: S101 - a leg exists only where subjects do
        return letters.Packet(
            sender=_sender(file),
            reference=file.case.reference,
            agency=_name(file, leg.agency),
            leg=leg.id,
            form=referral.form,
            purpose=leg.purpose,
            basis=leg.basis,
            manifest=leg.manifest,
            answers=fill(
                referral,
                leg.manifest,
                file.case.released_to(leg.agency),
                everybody=routing.tells_household(leg, file.rules),
            ),
            warnings=warnings_of(referral, leg.subjects, entrusted(leg.manifest, file.case.released_to(leg.agency))),
            kept_back=tuple(dict.fromkeys(map(asked, leg.kept_back))),
            worry_kept_back=_worry_kept_back(file.case, leg),
            files=_files(file.case, leg),
            overridden=_overridden(file, leg),
            number=file.case.number_of(leg.id),
            answering=self._answering(file, leg, code=True),
            written_at=now,
            acknowledge_by=leg.acknowledge_due,
            answer_by=leg.answer_due,
            lanes=lanes(file.case, referral.form),
            own_reference=file.own_references.get(leg.agency, ""),
            worker=following_letters.worker(leg, file),
            in_place=way.recipient.mailbox
            in {m.id for m in file.directory.mailboxes if m.role is not MailboxRole.TEAM},
        )

    def _reminder(self, about: str, file: File, way: Way, now: datetime) -> letters.Reminder:
        leg = _leg(file, about)
        if about.endswith(f"/{HAND_OVER}"):
            return waiting.hand_over(leg, file, _sender(file), self._answering(file, leg, code=False), now)
        answering, case = self._answering(file, leg, code=False), file.case
        return waiting.reminder(leg, file, _sender(file), answering, now, lambda other: self.notice_page(case, other))

    def _lead(self, about: str, file: File, way: Way, now: datetime) -> Lead:
        leg = file.case.leg(about)
        answering = self._answering(file, leg, code=False) if leg else None
        return waiting.lead(file, about, _sender(file), _name(file, way.recipient.agency), answering, now)

    def _stepped(self, about: str, file: File, way: Way, now: datetime) -> letters.Stepped:
        leg = _leg(file, about)
        return waiting.stepped(leg, file, _sender(file), self._answering(file, leg, code=False), now)

    def _action(self, about: str, file: File, way: Way, now: datetime) -> letters.ToDo:
        action = file.case.action(about)
        assert action is not None  # noqa: S101 - the letter is about it
        answering = self._owner_answering(Letter.ACTION, about, file, "action")
        return owing_letters.action(action, file, _sender(file), answering, now)

    def _record(self, about: str, file: File, way: Way, now: datetime) -> Record:
        address = self._reply_to(Letter.RECORD, about, file)
        shown = lanes(file.case, file.referral.form) if file.referral else {}
        return record_letter.told(about, file, _sender(file), address, shown)

    def _accepted(self, about: str, file: File, way: Way, now: datetime) -> letters.Accepted:
        looked = file.case.looked_at.at if file.case.looked_at else now
        return letters.Accepted(
            _sender(file), file.case.reference, file.case.received_at, looked, self._page_of(file)
        )

    def _guidance(self, about: str, file: File, way: Way, now: datetime) -> letters.Guidance:
        return letters.Guidance(_sender(file), file.case.reference, file.case.received_at, self.base_url)

    def _chaser(self, about: str, file: File, way: Way, now: datetime) -> letters.Chaser:
        discussion, seat = seat_of(file, about)
        kind = file.rules.discussion(discussion.kind).label
        page = self.seat_page("notice", file, about)
        claim = seat.unread or (("outdated" if seat.outdated else "unproved") if seat.claimed else "")
        return letters.Chaser(
            _sender(file), file.case.reference, discussion.starts_at, now,
            escalating.seat_since(discussion, seat), seat.due or discussion.starts_at, page, kind, claim,
            waiting.urgency(file, about),
        )  # fmt: skip

    async def _receipt(self, file: File, way: Way) -> letters.Receipt:
        case = file.case
        code = ""
        if way.transport:  # a receipt code never travels in plain mail
            code = self.hub.codes.receipt(case.id)
            async with self.hub.database.transaction(self.hub.scope()) as tx:
                await receipts.put(tx, self.hub.codes.receipt_digest(code), case.id)
        return letters.Receipt(
            _sender(file), case.reference, case.received_at, case.first_look_due, case.securely,
            self._receipt_page() if code else "", code,
            opened=not json.loads(file.contact_mail or b"{}").get("not_opened"),
        )  # fmt: skip

    def _outcome(self, about: str, file: File, way: Way, now: datetime) -> ALetter:
        case, page = file.case, self._page_of(file)
        if way.transport is None:
            return letters.OutcomeNotice(_sender(file), case.reference, case.received_at, page)
        return outcome_letter(case, file.rules, file.referral, file.said, page, case.approved)

    def _hand_over(self, about: str, file: File, way: Way, now: datetime) -> letters.HandOver:
        leg, shown = _leg(file, about), lanes(file.case, file.referral.form) if file.referral else {}
        return owing_letters.hand_over(leg, file, _sender(file), self._answering(file, leg, code=True), shown, now)

    def _news(self, about: str, file: File, way: Way, now: datetime) -> ALetter:
        if way.transport is not None and about:
            return owing_letters.replied(about, file, _sender(file), self._page_of(file))
        page, asks = self._receipt_page(), not about  # a reply is to one disagreement; a question is to nobody's
        return letters.OutcomeNotice(_sender(file), file.case.reference, file.case.received_at, page, asks)

    def _outcome_asked(self, about: str, file: File, way: Way, now: datetime) -> letters.OutcomeAsked:
        leg = _leg(file, about)
        return owing_letters.outcome_asked(leg, file, _sender(file), self._answering(file, leg, code=True), now)

    def _challenge_reply(self, about: str, file: File, way: Way, now: datetime) -> letters.ChallengeReply:
        leg = _leg(file, about)
        return owing_letters.challenge_reply(leg, file, _sender(file), self._answering(file, leg, code=True))

    def _papers(self, about: str, file: File, way: Way, now: datetime) -> letters.Papers:
        discussion, seat = seat_of(file, about)
        referral = file.referral
        assert referral is not None  # noqa: S101 - a discussion is about subjects
        known = file.rules.agency(seat.agency)
        own = next((leg for leg in file.case.legs if leg.agency == seat.agency), None)
        told = papers(file.case, discussion, seat.agency, file.rules)
        called = [file.rules.agency(i.agency) for i in discussion.invitees if not file.case.shuts_out(i.agency)]
        why = said(file, content.CALLED_FOR, discussion)
        return letters.Papers(
            sender=_sender(file),
            reference=file.case.reference,
            agency=known.name if known else seat.agency,
            form=referral.form,
            starts_at=discussion.starts_at,
            minutes=discussion.minutes,
            called=tuple(a.name for a in called if a),
            basis=own.basis if own else f"{known.basis}; {known.condition}" if known else "",
            manifest=told.manifest,
            answers=fill(
                referral, told.manifest, file.case.released_to(seat.agency),
                everybody=told.household,
            ),
            warnings=warnings_of(
                referral, told.subjects, entrusted(told.manifest, file.case.released_to(seat.agency))
            ),
            written_at=now,
            lanes=lanes(file.case, referral.form),
            own_reference=file.own_references.get(seat.agency, ""),
            place="\n".join(filter(None, (said(file, n, discussion) for n in (content.LOCATION, content.PLACE)))),
            answering=Answering(
                self.seat_page("page", file, about), self._reply_to(Letter.PAPERS, about, file),
                self.hub.codes.packet(file.case.id, about.removesuffix("/deputy")),
            ),
            kind=file.rules.discussion(discussion.kind).label, called_for=why if told.every else SAID_THERE,
            replied_by=seat.due if seat.attendance is Attendance.AWAITED else None,
        )  # fmt: skip

    def seat_page(self, kind: str, file: File, about: str) -> str:
        """The page of a seat: in readable mail a link that claims, in the sealed papers one that takes the code."""
        seat = about.replace("/", "-")
        return f"{self.base_url}/attend/{self.addresses.page(kind, f'{file.case.id}-{seat}')}"

    def _calendar(self, letter: Letter, about: str, file: File, way: Way, message_id: str, now: datetime) -> Sendable:
        organizer, page = self._reply_to(letter, about, file), self.seat_page("notice", file, about)
        entry = calendar_letters.Entry(letter, about, file, organizer, way.recipient.address, now)
        words, ics = entry.written(_sender(file), page, self.addresses.domain)
        # The organizer is where calendars send their replies, so the mail comes from there too: some clients answer
        # the sender, others the organizer (ecosystem, invitations).
        headers = compose.outer_headers(
            from_address=organizer, to=entry.to, message_id=message_id, date=now, subject=words.quiet_subject,
            from_name=file.rules.name, by_clock=letter is Letter.UNINVITED,  # no absence notice is wanted of them
        )  # fmt: skip
        return PublicNotice(compose.invitation(headers, words.text, ics), entry.to)

    def _page_of(self, file: File) -> str:
        """The receipt page, for somebody who has the code that opens it."""
        return self._receipt_page() if file.has_code else ""

    def _receipt_page(self) -> str:
        return f"{self.base_url}/receipt"


def _sender(file: File) -> Sender:
    return sender_of(file.rules)


def _name(file: File, agency: str) -> str:
    known = file.rules.agency(agency)
    return known.name if known else agency


def _leg(file: File, about: str) -> Leg:
    leg = file.case.leg(about.partition("/")[0])
    if leg is None:
        raise LookupError("a letter about a leg that is not there")
    return leg


def _overridden(file: File, leg: Leg) -> tuple[str, ...]:
    """On which grounds it goes although an adult refuses."""
    of_them = [s for s in file.case.subjects if s.id in leg.subjects and s.codes.refuses]
    return tuple(dict.fromkeys(labels.GROUNDS[Ground(o.code)] for s in of_them for o in s.overrides))


def _worry_kept_back(case: Case, leg: Leg) -> bool:
    """Whether what is feared was said in words that may not go to this agency, and in no others."""
    worries = {f"{subject}.worry" for subject in leg.subjects}
    return not case.words_for(leg.subjects, leg.agency) and not worries & set(leg.manifest)


def _files(case: Case, leg: Leg) -> int:
    """How many files may be asked for by an agency that knows what is feared: they are part of it."""
    told = "concern.what_happened" in leg.manifest and case.words_for(leg.subjects, leg.agency)
    return sum(f.scan is not Scan.INFECTED for f in case.files) if told else 0


def lanes(case: Case, form: str) -> dict[str, str]:
    """What each subject is who is not simply at risk on the referral's form."""
    codes = [s.codes for s in case.subjects]
    return {c.id: lane(c.form, c.role) for c in codes if c.form != form or c.role != "at_risk"}


# What each letter says, once it is known to whom and by which way it goes; the receipt alone stores a code as well.
_TOLD: dict[Letter, Callable[[Writer, str, File, Way, datetime], ALetter]] = {
    Letter.PACKET: Writer._packet,
    Letter.DEPUTY: Writer._packet,
    Letter.REMINDER: Writer._reminder,
    Letter.STEPPED: Writer._stepped,
    Letter.ACTION: Writer._action,
    Letter.ACTION_CHASER: Writer._action,
    Letter.RECORD: Writer._record,
    Letter.ACCEPTED: Writer._accepted,
    Letter.GUIDANCE: Writer._guidance,
    Letter.OUTCOME: Writer._outcome,
    Letter.PAPERS: Writer._papers,
    Letter.CHASER: Writer._chaser,
    Letter.LEAD: Writer._lead,
    Letter.UNQUALIFIED: Writer._unqualified,
    Letter.MORE: Writer._more,
    Letter.RECALL: Writer._recall,
    Letter.ADDRESS: Writer._address,
    Letter.CORRECTED: Writer._corrected,
    Letter.WORKER: Writer._worker,
    Letter.NEWS: Writer._news,
    Letter.HAND_OVER: Writer._hand_over,
    Letter.OUTCOME_ASKED: Writer._outcome_asked,
    Letter.CHALLENGE_REPLY: Writer._challenge_reply,
}
