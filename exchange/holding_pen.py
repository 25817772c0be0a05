"""The holding pen: a mail as hub staff read it, whole, and what they make of one that belongs nowhere yet.

1. Every mail we ever took can be read here with all its files, also one that nothing could be made of.
2. A mail becomes part of a case once: then it is read, not moved. What belongs to none, a machine's word or what was
   set aside, is listed and may be placed at any time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from exchange import guessing, mailroom
from exchange.case.event import InformationAdded
from exchange.case.state import Case
from exchange.case.step import CannotHappen
from exchange.compartments import is_shut_mail
from exchange.contacting import contact_from_mail, lodge
from exchange.guessing import Guess
from exchange.hub import Also, Hub
from exchange.mailroom import Mailroom
from exchange.pins import pins_of
from exchange.placing import mail_parts
from exchange.policy import Action, Forbidden, Viewer, require
from exchange.store import casebook, inbox, journal, tasks
from exchange.store.casebook import Recorded
from exchange.store.database import Transaction
from mailflow.interpret import About, Evidence, Wrote, interpret, whole

KEY_REPLY = "key_reply"
OF_A_MAILBOX = ("test_reply", KEY_REPLY)  # replies to letters of the hub itself: the task names the mailbox
WAITING = (
    "holding_pen",
    "shelved",
    *OF_A_MAILBOX,
)  # dispositions after which a person still has to say what a mail is


class NoSuchMail(LookupError):
    """We have no mail of this number: open it from the list again."""


@dataclass(frozen=True, slots=True)
class Held:
    """One mail, opened."""

    id: str
    received_at: datetime
    reference: str  # of the case it belongs to; "" while it belongs to none
    waiting: bool  # it is part of no case, and a person may say what it is
    evidence: Evidence = field(repr=False)


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
        evidence = await self.room.examine(await mailroom.arrived(self.hub, row), known)
        await self.hub.note(journal.ACCESS, "Viewed", self.viewer.id, mail=row.id)
        reference = case.reference if case else ""
        return Held(row.id, row.received_at, reference, bool(row.disposition) and not row.case_id, evidence)

    async def of_no_case(self) -> tuple[inbox.Settled, ...]:
        """Every mail that was read and is part of no case, newest first. Raises Forbidden."""
        require(self.viewer, Action.SEE_CONTENT)
        async with self.hub.database.reading(self.hub.scope(self.viewer)) as tx:
            return await inbox.of_no_case(tx)

    async def guesses(self, held: Held) -> tuple[Guess, ...]:
        """Which cases a mail that waits may be about; nothing is guessed of one that has its place."""
        return await guessing.guesses(self.hub, self.viewer, held.evidence) if held.waiting else ()

    async def make_contact(self, mail_id: str) -> str:
        """It is a new concern; the reference of its case. Raises CannotHappen when it has been settled."""
        require(self.viewer, Action.TAKE_CONTACT)
        held = await self._waiting(mail_id)
        async with self.hub.database.reading(self.hub.scope(self.viewer)) as tx:
            directory, known = await self.hub.directory(tx), await pins_of(self.hub, tx)
        e = held.evidence
        wrote = interpret(e, About("contact"))
        if not isinstance(wrote, Wrote):  # staff say that a person wrote it, whatever it looked like
            wrote = Wrote(whole(e))
        contact = contact_from_mail(e, wrote, mail_id, directory, known)
        also = self._settles(mail_id, "new_referral")
        return (await lodge(self.hub, contact, f"mail:{mail_id}", actor=self.viewer.id, also=also)).reference

    async def put_with(self, mail_id: str, reference: str) -> None:
        """It belongs to this case, where it is unread again. Raises NoSuchCase or CannotHappen."""
        require(self.viewer, Action.TAKE_CONTACT)
        held = await self._waiting(mail_id)
        async with self.hub.database.reading(self.hub.scope(self.viewer)) as tx:
            case = await casebook.find(tx, reference)
        event = InformationAdded(self.hub.clock.now(), self.viewer.id, "mail")
        parts = mail_parts(mail_id, whole(held.evidence), held.evidence)
        also = self._settles(mail_id, "matched")
        await self.hub.record(case.id, event, f"mail:{mail_id}", parts, actor=self.viewer, also=also)

    async def set_aside(self, mail_id: str) -> None:
        """It is no concern of ours: it stays readable, and nobody is asked again."""
        require(self.viewer, Action.SETTLE_TASK)
        await self._waiting(mail_id)
        async with self.hub.database.transaction(self.hub.scope(self.viewer)) as tx:
            await self._settled(tx, mail_id, "set_aside", None)

    async def _is_shut(self, tx: Transaction, case: Case, mail_id: str) -> bool:
        rules = await casebook.rules_of(tx, case)
        return await is_shut_mail(self.hub, tx, case, rules, self.viewer, mail_id)

    async def _waiting(self, mail_id: str) -> Held:
        held = await self.read(mail_id)
        if not held.waiting:
            raise CannotHappen("somebody has settled this mail already: open it again to see where it is")
        return held

    def _settles(self, mail_id: str, disposition: str) -> Also:
        async def settle(tx: Transaction, recorded: Recorded) -> None:
            await self._settled(tx, mail_id, disposition, recorded.case.id)

        return settle

    async def _settled(self, tx: Transaction, mail_id: str, disposition: str, case_id: str | None) -> None:
        await inbox.settle(tx, mail_id, disposition, case_id)
        for kind in WAITING:
            await tasks.close(tx, "", f"{kind}:{mail_id}", self.hub.clock.now())
