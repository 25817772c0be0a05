"""The holding pen: a mail as hub staff read it, whole, and what they make of one that belongs nowhere yet.

1. Every mail we ever took can be read here with all its files, also one that nothing could be made of.
2. A mail becomes part of a case once: then it is read, not moved. What belongs to none, a machine's word or what was
   set aside, is listed and may be placed at any time.
3. A file that is locked is opened here, with a password that somebody was told on the telephone. What was inside is
   kept with the mail; the password is kept nowhere.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from exchange import astray, content, guessing, mailroom, safely, sent_again
from exchange.case.event import Answered, Event, InformationAdded
from exchange.case.original import FileUnlocked, WordsRead
from exchange.case.reading import MAIL
from exchange.case.state import Case
from exchange.case.step import CannotHappen
from exchange.compartments import is_shut_mail
from exchange.contacting import contact_from_mail, lodge
from exchange.correspondence import Place, place_of_returned
from exchange.guessing import Guesses
from exchange.hub import Also, Hub
from exchange.mailroom import Mailroom
from exchange.pins import pins_of
from exchange.placing import mail_parts, placed
from exchange.policy import Action, Forbidden, Viewer, require
from exchange.store import casebook, inbox, journal, tasks
from exchange.store.casebook import Recorded
from exchange.store.database import Transaction
from mailflow.document import Document, State, digest_of
from mailflow.evidence import Evidence, whole
from mailflow.forms import left_out, locked
from mailflow.interpret import About, Machine, Wrote, interpret
from mailflow.parsed_mail import ParsedMail
from mailflow.pictures import can_be_drawn

MOST_MAILS = 5  # of one case, looked into for a form: the first says what the concern is
KEY_REPLY = "key_reply"
OF_A_MAILBOX = ("test_reply", KEY_REPLY)  # replies to letters of the hub itself: the task names the mailbox
WAITING = (
    "holding_pen",
    "report_astray",
    "shelved",
    *OF_A_MAILBOX,
)  # dispositions after which a person still has to say what a mail is


class NoSuchMail(LookupError):
    """We have no mail of this number: open it from the list again."""


@dataclass(frozen=True, slots=True)
class Unlocked:
    """A file that was locked, as it is inside."""

    document: Document  # what is inside, under the file's name; `OTHER` when it is neither PDF nor Word
    locked: str  # the digest of the file as it came
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Held:
    """One mail, opened."""

    id: str
    received_at: datetime
    reference: str  # of the case it belongs to; "" while it belongs to none
    waiting: bool  # it is part of no case, and a person may say what it is
    evidence: Evidence = field(repr=False)
    sent_to: str = field(repr=False)  # the address of ours that it came to
    signed_by: str  # the agency whose key signed it; "" for none
    unlocked: tuple[Unlocked, ...] = ()

    @property
    def locked(self) -> tuple[Document, ...]:
        """Its files that nobody has opened yet."""
        known = {one.locked for one in self.unlocked}
        shut = (one for one in self.evidence.content.documents if one.state is State.LOCKED)
        return tuple(one for one in shut if one.digest not in known)

    @property
    def drawable(self) -> tuple[tuple[str, bytes], ...]:
        """(name, content) of its files that can be shown as pictures, what was in locked ones too."""
        shut = {one.digest for one in self.evidence.content.documents if one.state is State.LOCKED}
        files = ((p.file_name or p.content_type, p.content) for p in self.evidence.content.files)
        opened = ((one.document.file_name, one.content) for one in self.unlocked)
        return tuple(
            (name, content)
            for name, content in (*files, *opened)
            if can_be_drawn(content) and digest_of(content) not in shut
        )

    @property
    def content(self) -> ParsedMail:
        """The mail whose words count, with what was in its locked files."""
        mail, opened = self.evidence.content, {one.locked: one.document for one in self.unlocked}
        return replace(mail, documents=tuple(opened.get(one.digest, one) for one in mail.documents))


@dataclass(frozen=True, slots=True)
class HoldingPen:
    """One member of staff reading mail."""

    hub: Hub
    room: Mailroom
    viewer: Viewer

    async def read(self, mail_id: str) -> Held:
        """The mail. Raises Forbidden or NoSuchMail."""
        async with self.hub.database.reading(self.hub.scope(self.viewer)) as tx:
            row = await inbox.load(tx, mail_id)
            of_a_key = row is not None and row.disposition == KEY_REPLY and not row.case_id
            if not (
                of_a_key and self.viewer.may(Action.CONFIRM_KEY)
            ):  # a reply about a key is for who keeps them too
                require(self.viewer, Action.SEE_CONTENT)
            if row is None:
                raise NoSuchMail("no such mail")
            case = await casebook.load(tx, row.case_id) if row.case_id else None
            known = await pins_of(self.hub, tx)
            if case and await self._is_shut(tx, case, mail_id):
                raise Forbidden(self.viewer.id, Action.OPEN_COMPARTMENT, case=case.id, mail=mail_id)
        mail = await mailroom.arrived(self.hub, row)
        evidence = await self.room.examine(mail, known)
        await self.hub.note(journal.ACCESS, "Viewed", self.viewer.id, mail=row.id)
        unlocked = [one async for one in self._unlocked(case, row.id, evidence)] if case else []
        reference = case.reference if case else ""
        waiting = bool(row.disposition) and not row.case_id
        to, agency = mail.envelope.recipients[0], astray.agency_of(evidence, known)
        return Held(row.id, row.received_at, reference, waiting, evidence, to, agency, tuple(unlocked))

    async def _unlocked(self, case: Case, mail_id: str, e: Evidence) -> AsyncIterator[Unlocked]:
        for shut in e.content.documents:
            if shut.state is not State.LOCKED:
                continue
            async with self.hub.database.reading(self.hub.scope(self.viewer)) as tx:
                kept = await self.hub.opened(tx, case.id, content.opened(mail_id, shut.digest))
            for _, _, plain in kept[:1]:
                found = await self.room.examiner.reader.look(shut.file_name, plain)
                other = Document(shut.kind, State.OTHER, file_name=shut.file_name)
                yield Unlocked(found or other, shut.digest, plain)

    async def of_case(self, case: Case) -> tuple[Held, ...]:
        """The first mails of a case that are still kept, oldest first. Raises Forbidden."""
        require(self.viewer, Action.SEE_CONTENT)
        async with self.hub.database.reading(self.hub.scope(self.viewer)) as tx:
            told = await self.hub.opened(tx, case.id, content.MAIL)
        ids = dict.fromkeys(json.loads(plain).get("inbox", "") for _, _, plain in told)
        found = []
        for mail_id in [one for one in ids if one][:MOST_MAILS]:
            with contextlib.suppress(NoSuchMail, Forbidden):  # disposed of since, or kept apart
                found.append(await self.read(mail_id))
        return tuple(found)

    async def unlock(self, mail_id: str, digest: str, password: str) -> Case:
        """Open a locked file, and keep what is inside with the case. Raises CannotHappen when the password is another
        (nothing is kept then), or when the mail is part of no case yet."""
        require(self.viewer, Action.TRANSCRIBE)
        held = await self.read(mail_id)
        shut = next((one for one in held.locked if one.digest == digest), None)
        if not held.reference:
            raise CannotHappen("say first what this mail is: only what is part of a case is kept")
        if shut is None:
            raise CannotHappen("somebody has opened this file already: it stands below")
        file = next(part for part in held.evidence.content.files if digest_of(part.content) == digest)
        plain = await self.room.examiner.reader.unlock(file.content, password) if password else None
        if plain is None:
            raise CannotHappen(
                "this password does not open the file: check it with whoever sent it, capital letters too"
            )
        async with self.hub.database.reading(self.hub.scope(self.viewer)) as tx:
            case = await casebook.find(tx, held.reference)
        event = FileUnlocked(self.hub.clock.now(), self.viewer.id, mail_id, len(held.locked) - 1)
        parts = {content.opened(mail_id, digest): plain, content.MAIL: json.dumps({"inbox": mail_id}).encode()}
        cause = f"unlock:{mail_id}:{digest}"
        return (await self.hub.record(case.id, event, cause, parts, actor=self.viewer)).case

    async def of_no_case(self) -> tuple[inbox.Settled, ...]:
        """Every mail that was read and is part of no case, newest first. Raises Forbidden."""
        require(self.viewer, Action.SEE_CONTENT)
        async with self.hub.database.reading(self.hub.scope(self.viewer)) as tx:
            return await inbox.of_no_case(tx)

    async def guesses(self, held: Held) -> Guesses:
        """Which cases a mail that waits may be about; nothing is guessed of one that has its place."""
        if not held.waiting:
            return Guesses()
        sent_to = self.room.addresses.read(held.sent_to)
        return await guessing.guesses(self.hub, self.viewer, held.evidence, sent_to)

    async def make_contact(self, mail_id: str) -> str:
        """It is a new concern; the reference of its case. Raises CannotHappen when it has been settled."""
        require(self.viewer, Action.TAKE_CONTACT)
        held = await self._waiting(mail_id)
        async with self.hub.database.reading(self.hub.scope(self.viewer)) as tx:
            directory, known = await self.hub.directory(tx), await pins_of(self.hub, tx)
        e = held.evidence
        wrote = interpret(e, About("contact"))
        if not isinstance(wrote, Wrote):  # staff say that a person wrote it, whatever it looked like
            wrote = Wrote(whole(e), problems=left_out(e.content), locked=locked(e.content))
        contact = contact_from_mail(e, wrote, mail_id, directory, known)
        also = self._settles(mail_id, "new_referral")
        reference = (await lodge(self.hub, contact, f"mail:{mail_id}", actor=self.viewer.id, also=also)).reference
        await self._waits_no_more(mail_id)
        return reference

    async def put_with(self, mail_id: str, reference: str) -> None:
        """It belongs to this case, where it is unread again; signed by an agency that owes an answer there, it is
        that answer; a report is about the letter that it names. Raises NoSuchCase or CannotHappen."""
        require(self.viewer, Action.TAKE_CONTACT)
        held = await self._waiting(mail_id)
        async with self.hub.database.reading(self.hub.scope(self.viewer)) as tx:
            case = await casebook.find(tx, reference)
            directory, known = await self.hub.directory(tx), await pins_of(self.hub, tx)
            now = self.hub.clock.now()
            where = await place_of_returned(tx, held.evidence, case, directory, now)
            where = where or await astray.place_in(tx, case, held.evidence, directory, known)
        event, parts = await self._answer(held, where) if where else (None, {})
        if event is None:
            shut = mail_id if locked(held.evidence.content) else ""
            event = InformationAdded(self.hub.clock.now(), self.viewer.id, "mail", shut)
            parts = mail_parts(mail_id, whole(held.evidence), held.evidence)
        also = self._settles(mail_id, "matched", event)
        await self.hub.record(case.id, event, f"mail:{mail_id}", parts, actor=self.viewer, also=also)
        await self._waits_no_more(mail_id)

    async def _answer(self, held: Held, where: Place) -> tuple[Event | None, content.Parts]:
        """What it says as an answer at that place, as if it had come there."""
        reference = where.case.reference if where.case else ""
        again = sent_again.why(held.evidence, held.sent_to, reference, held.received_at)
        async with self.hub.database.transaction(self.hub.scope(self.viewer)) as tx:
            again = again or await sent_again.signed_before(tx, held.evidence, held.id, self.hub.clock.now())
        e = replace(held.evidence, sent_again=again)
        meaning = interpret(e, where.about)
        if isinstance(meaning, Machine) and where.about.kind != "bounce":
            return None, {}
        found = placed(meaning, where, e, held.id, self.hub.clock.now())
        return (found.event, found.parts) if found else (None, {})

    async def set_aside(self, mail_id: str) -> None:
        """It is no concern of ours: it stays readable, and nobody is asked again."""
        require(self.viewer, Action.SETTLE_TASK)
        await self._waiting(mail_id)
        async with self.hub.database.transaction(self.hub.scope(self.viewer)) as tx:
            await self._settled(tx, mail_id, "set_aside", None)
        await self._waits_no_more(mail_id)

    async def _is_shut(self, tx: Transaction, case: Case, mail_id: str) -> bool:
        rules = await casebook.rules_of(tx, case)
        return await is_shut_mail(self.hub, tx, case, rules, self.viewer, mail_id)

    async def _waiting(self, mail_id: str) -> Held:
        held = await self.read(mail_id)
        if not held.waiting:
            raise CannotHappen("somebody has settled this mail already: open it again to see where it is")
        return held

    def _settles(self, mail_id: str, disposition: str, event: Event | None = None) -> Also:
        async def settle(tx: Transaction, recorded: Recorded) -> None:
            await self._settled(tx, mail_id, disposition, recorded.case.id)
            if isinstance(event, Answered) and event.in_clear:
                await safely.ask(self.hub, tx, recorded.case, event.leg)

        return settle

    async def _waits_no_more(self, mail_id: str) -> None:
        """Somebody has said what it is: the cases that it might have been about wait for it no longer."""
        key = f"{MAIL}{mail_id}"
        async with self.hub.database.reading(self.hub.scope()) as tx:
            waiting = [task.case_id for task in await tasks.pending(tx) if task.key == key]
        for case_id in waiting:
            event = WordsRead(self.hub.clock.now(), self.viewer.id, key)
            await self.hub.record(case_id, event, f"read:{mail_id}:{case_id}")

    async def _settled(self, tx: Transaction, mail_id: str, disposition: str, case_id: str | None) -> None:
        await inbox.settle(tx, mail_id, disposition, case_id)
        for kind in WAITING:
            await tasks.close(tx, "", f"{kind}:{mail_id}", self.hub.clock.now())
