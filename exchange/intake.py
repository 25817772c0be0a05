"""Intake: the loop that takes a durable mail, finds out what it is, and records what it means.

1. Each mail ends settled with one disposition, in the transaction of the event it became.
2. A mail that stopped us three times is shelved with a task: a person reads it.
3. What belongs nowhere waits in the holding pen; nobody joins a case by quoting its number, but no case that it may
   be about closes over it unread. A calendar's answer to an
   invitation of ours belongs to its seat, whatever address it was sent to.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import structlog

from exchange import answers_to_hub, astray, guessing, mailroom, safely, sent_again
from exchange.case.effect import OpenTask, TaskKind
from exchange.case.event import Answered, AnswerUnclear, Event
from exchange.case.mailbox import Directory
from exchange.case.original import MailWaits
from exchange.case.state import Case
from exchange.contacting import contact_from_mail, lodge, referrer_addresses
from exchange.correspondence import (
    CONTACT,
    Place,
    letter_answered,
    place_by_calendar,
    place_by_report,
    place_by_thread,
    place_of,
    quoted,
)
from exchange.fault import fault
from exchange.holding_pen import OF_A_MAILBOX, WAITING
from exchange.hub import Also, Hub
from exchange.lanes import Lanes
from exchange.mailroom import Arrived, Mailroom
from exchange.of_no_case import mailbox_in
from exchange.pins import Pins, pins_of
from exchange.placing import Placed, placed
from exchange.store import inbox, tasks
from exchange.store.casebook import Recorded
from exchange.store.database import Transaction
from mailflow.evidence import Evidence
from mailflow.forms import structured
from mailflow.interpret import Meaning, Wrote, interpret
from mailflow.reply_address import Token

log = structlog.get_logger()
ASTRAY = Placed("holding_pen", task=TaskKind.HOLDING_PEN)


class Intake:
    """One worker that reads mail."""

    def __init__(self, hub: Hub, room: Mailroom, *, batch: int, lease: float) -> None:
        self._hub, self._room = hub, room
        self._batch, self._lease = batch, timedelta(seconds=lease)
        self._lanes = Lanes()

    async def once(self) -> int:
        """Claim and read one batch; returns how many mails were claimed."""
        now, lease = self._hub.clock.now(), self._hub.chance.id()
        async with self._hub.database.transaction(self._hub.scope()) as tx:
            rows = await inbox.claim(tx, now, now + self._lease, lease, self._batch)
        for row in rows:
            fault("intake.claimed")
            await self._one(row)
        return len(rows)

    async def stop(self) -> None:
        """End what is being read."""
        await self._lanes.stop()

    async def _one(self, row: inbox.Row) -> None:
        if row.attempts >= inbox.MOST_ATTEMPTS:
            await self._put_aside(row.id, "shelved", TaskKind.SHELVED, state="shelved")
            return
        try:
            mail = await mailroom.arrived(self._hub, row)
        except Exception:
            log.exception("mail not opened", mail=row.id, attempt=row.attempts + 1)
            return
        of = f"{mail.envelope.mail_from} {mail.envelope.recipients[0]}"
        await self._lanes.begin(of, self._tried(row, mail))

    async def _tried(self, row: inbox.Row, mail: Arrived) -> None:
        try:
            await self._read(row, mail)
        except Exception:
            log.exception("mail not read", mail=row.id, attempt=row.attempts + 1)

    async def _read(self, row: inbox.Row, mail: Arrived) -> None:
        async with self._hub.database.reading(self._hub.scope()) as tx:
            known = await pins_of(self._hub, tx)
            directory = await self._hub.directory(tx)
        evidence = await self._room.examine(mail, known)
        if mailroom.is_operators(mail.envelope.recipients[0], self._room.hub_address):
            await self._of_operators(row.id, evidence)
            return
        where = await self._place(mail, evidence, directory, known)
        reference = where.case.reference if where.case else ""
        again = sent_again.why(evidence, mail.envelope.recipients[0], reference, row.received_at)
        if where.about.kind == "referrer" and where.case:
            where = await self._with_addresses(where, where.case, directory)
        again = again or await self._signed_before(evidence, row.id, where)
        evidence = replace(evidence, sent_again=again)
        meaning = await asyncio.to_thread(interpret, evidence, where.about)  # megabytes of words hold up nobody
        fault("intake.before-record")
        if answers_to_hub.is_answer(where, meaning):
            await self._of_hub(row.id, where, meaning)
            return
        found = placed(meaning, where, evidence, row.id, self._hub.clock.now())
        if found is None and await self._is_astray(evidence, meaning, where, known):
            found = ASTRAY
        if found is not None:
            sent_to = self._room.addresses.read(mail.envelope.recipients[0])
            waits = found.disposition in WAITING and (found.event is None or where.case is None)
            if not (waits and await self._may_be_about(row.id, found, evidence, sent_to)):
                await self._record(row.id, where, found)
        elif isinstance(meaning, Wrote):
            contact = contact_from_mail(evidence, meaning, row.id, directory, known)
            await lodge(self._hub, contact, f"mail:{row.id}", also=self._settles(row.id, "new_referral"))

    async def _of_operators(self, mail_id: str, e: Evidence) -> None:
        by_machine = e.report or e.read_receipt or e.automatic
        aside = Placed("machine_evidence") if by_machine else ASTRAY
        if by_machine or not await self._may_be_about(mail_id, aside, e, None):
            await self._put_aside(mail_id, aside.disposition, aside.task)

    async def _may_be_about(self, mail_id: str, found: Placed, e: Evidence, sent_to: Token | None) -> bool:
        """Put it aside with the last of the cases that it may be about. None of them closes over it before somebody
        has read it, and it joins none. What a crash cuts short is done again, and changes nothing twice."""

        async def aside(tx: Transaction, recorded: Recorded) -> None:
            await self._aside(tx, mail_id, found.disposition, found.task)

        cases = await guessing.connected(self._hub, e, sent_to)
        for case_id in cases:
            event, last = MailWaits(self._hub.clock.now(), mail_id), case_id == cases[-1]
            await self._hub.record(case_id, event, f"waits:{mail_id}:{case_id}", also=aside if last else None)
        return bool(cases)

    async def _with_addresses(self, where: Place, case: Case, directory: Directory) -> Place:
        """With the addresses that are the referrer's: by one of them that is proved, a mail is known to be theirs."""
        async with self._hub.database.reading(self._hub.scope()) as tx:
            bodies = [(name, plain) for _, name, plain in await self._hub.opened(tx, case.id)]
        return replace(where, about=replace(where.about, addresses=referrer_addresses(case, bodies, directory)))

    async def _signed_before(self, e: Evidence, mail_id: str, where: Place) -> str:
        """Why its signature may be of another letter; only what answers a letter of ours uses one up."""
        if not where.about.pins:
            return ""
        async with self._hub.database.transaction(self._hub.scope()) as tx:
            return await sent_again.signed_before(tx, e, mail_id, self._hub.clock.now())

    async def _is_astray(self, e: Evidence, meaning: Meaning, where: Place, known: Pins) -> bool:
        """An answer to something of ours, of which nobody but a person can say to what."""
        if where is not CONTACT or not isinstance(meaning, Wrote) or meaning.data is not None or meaning.locked:
            return False
        async with self._hub.database.reading(self._hub.scope()) as tx:
            return await astray.is_answer(tx, e, known)

    async def _place(self, mail: Arrived, evidence: Evidence, directory: Directory, known: Pins) -> Place:
        addresses = self._room.addresses
        token = addresses.read(mail.envelope.recipients[0])
        async with self._hub.database.reading(self._hub.scope()) as tx:
            now = self._hub.clock.now()
            named = (*evidence.mail.in_reply_to, *reversed(evidence.mail.references))  # the newest first
            elsewhere = token is None or token.kind != "bounce"  # than where returned mail should come to
            if evidence.report and elsewhere and (where := await place_by_report(tx, evidence.report, named, now)):
                return where
            if token is not None:
                about = await place_of(tx, token, directory, known, addresses.domain, now)
                answers = await letter_answered(tx, evidence.mail.in_reply_to, about.case) if about.case else ""
                return replace(about, answers=answers)
            if where := await place_by_thread(tx, named, directory, known, addresses.domain):
                return where
            if token := quoted(evidence.content.text, addresses):
                return await place_of(tx, token, directory, known, addresses.domain, now)
            said = () if structured(evidence.content).data else evidence.meetings
            return await place_by_calendar(tx, said, directory, known, addresses.domain) or CONTACT

    async def _record(self, mail_id: str, where: Place, found: Placed) -> None:
        if found.event is None or where.case is None:
            await self._put_aside(mail_id, found.disposition, found.task)
            return
        settles = self._settles(mail_id, found.disposition, found.event)
        await self._hub.record(where.case.id, found.event, f"mail:{mail_id}", found.parts, also=settles)

    async def _of_hub(self, mail_id: str, where: Place, meaning: Meaning) -> None:
        """What is about a letter of no case."""
        async with self._hub.database.transaction(self._hub.scope()) as tx:
            found = await answers_to_hub.taken(self._hub, tx, where, meaning)
            mailbox = mailbox_in(where.letter) if where.letter else ""
            await self._aside(tx, mail_id, found.disposition, found.task, mailbox=mailbox)

    def _settles(self, mail_id: str, disposition: str, event: Event | None = None) -> Also:
        async def settle(tx: Transaction, recorded: Recorded) -> None:
            await inbox.settle(tx, mail_id, disposition, recorded.case.id)
            if isinstance(event, Answered | AnswerUnclear) and event.in_clear:
                await safely.ask(self._hub, tx, recorded.case, event.leg, counts=isinstance(event, Answered))

        return settle

    async def _put_aside(self, mail_id: str, disposition: str, task: TaskKind | None, state: str = "settled") -> None:
        async with self._hub.database.transaction(self._hub.scope()) as tx:
            await self._aside(tx, mail_id, disposition, task, state)

    async def _aside(
        self, tx: Transaction, mail_id: str, disposition: str, task: TaskKind | None, state: str = "settled",
        mailbox: str = "",
    ) -> None:  # fmt: skip
        now = self._hub.clock.now()
        if task:
            about = f"{mail_id}:{mailbox}" if task in OF_A_MAILBOX else mail_id
            await tasks.open_(tx, "", OpenTask(f"{task}:{mail_id}", task, about, now), now)
        await inbox.settle(tx, mail_id, disposition, state=state)
