"""Working at the desk: what hub staff do to a case, from looking at it to closing it.

Each act names who did it and takes a `cause`, so that a form sent twice or a request tried again acts once.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime

from exchange import colleagues, compartments, consulted, content
from exchange.case.acknowledgement import CONTRIBUTES, Answer, DeclineReason, Proof
from exchange.case.effect import TaskKind
from exchange.case.event import (
    AgencyAsked,
    Answered,
    Closed,
    Event,
    LookedAt,
    Rated,
    Transcribed,
)
from exchange.case.original import ReadingConfirmed, WordsRead
from exchange.case.reading import HOLDS_OPEN
from exchange.case.referral import Referral, present, subject_codes
from exchange.case.state import Case
from exchange.case.step import CannotHappen
from exchange.contacting import Contact, Lodged, kept_from, lodge, referrer_from
from exchange.hub import Hub
from exchange.policy import Action, Viewer, require
from exchange.ringing import rung
from exchange.store import casebook, matching, receipts, tasks
from exchange.store.casebook import Recorded
from exchange.store.database import Transaction
from exchange.store.tasks import Task
from exchange.task_words import BY_THEMSELVES, KEPT_FROM_YOU, TASKS
from exchange.telling import Telling
from exchange.tokens import subject_tokens


@dataclass(frozen=True, slots=True)
class Caller:
    """Who rang or came, and how we know: kept sealed."""

    name: str = field(repr=False)
    telephone: str = field(default="", repr=False)
    checked: str = field(default="", repr=False)  # how their identity was checked, for example "rang back"
    at: datetime | None = None  # when they rang

    def part(self) -> bytes:
        """As a sealed body."""
        when = self.at.isoformat() if self.at else ""
        return json.dumps(
            {"name": self.name, "telephone": self.telephone, "checked": self.checked, "at": when}
        ).encode()


@dataclass(frozen=True, slots=True)
class Desk:
    """One member of staff at work in one hub."""

    hub: Hub
    viewer: Viewer

    async def case(self, reference: str) -> Case:
        """The case of a reference. Raises Forbidden or NoSuchCase."""
        require(self.viewer, Action.SEE_STATUS)
        async with self.hub.database.reading(self.hub.scope(self.viewer)) as tx:
            return await casebook.find(tx, reference)

    async def take_contact(self, referral: Referral, caller: Caller, rating: str, cause: str) -> Lodged:
        """A referral taken by telephone or in person. Whoever typed it read it, and says how urgent it seems; its
        clocks count from when the caller rang, and the receipt code is theirs to be read out.

        Raises CannotHappen for a rating that the hub does not have; nothing is recorded then.
        """
        require(self.viewer, Action.TAKE_CONTACT)
        if not (await self.hub.rules())[1].knows_rating(rating):
            raise CannotHappen("say how urgent it seems: choose a rating")
        parts, hub = {content.WHO: caller.part()}, self.hub
        contact = Contact("telephone", True, referrer_from(referral), referral, parts, caller.at)

        async def with_receipt(tx: Transaction, recorded: Recorded) -> None:
            digest = hub.codes.receipt_digest(hub.codes.receipt(recorded.case.id))
            await receipts.put(tx, digest, recorded.case.id)

        lodged = await lodge(hub, contact, cause, actor=self.viewer.id, also=with_receipt)
        await self.look(lodged.case_id, rating, f"{cause}:look")
        return lodged

    async def look(self, case_id: str, rating: str, cause: str, additions: int | None = None) -> Case:
        """I have read it, with so many things that were told since, and it seems so urgent; "" when every subject is
        rated already."""
        require(self.viewer, Action.LOOK)
        event = LookedAt(self.now(), self.viewer.id, rating, self.viewer.named, additions)
        return await self.record(case_id, event, cause)

    async def transcribe(self, case_id: str, referral: Referral, cause: str) -> Case:
        """An unstructured contact, typed in from its source."""
        require(self.viewer, Action.TRANSCRIBE)
        hub = self.hub
        async with hub.database.reading(hub.scope(self.viewer)) as tx:
            case = await casebook.load(tx, case_id)
            rules = await casebook.rules_of(tx, case)
        typed = referrer_from(
            referral,
            mailbox=case.referrer.mailbox,
            proved=case.referrer.proved,
            replyable=case.referrer.replyable,
        )
        today = self.now().astimezone(rules.calendar.zone).date()
        event = Transcribed(
            self.now(),
            self.viewer.id,
            subject_codes(referral, today),
            present(referral),
            typed,
            referral.concern.get("immediate_danger") == "yes",
            *await kept_from(hub, referral, rules),
        )

        async def with_index(tx: Transaction, recorded: Recorded) -> None:
            named = consulted.tokens(hub.index_secret, referral)
            await matching.put(tx, case_id, (*subject_tokens(hub.index_secret, referral), *named))
            whose = colleagues.tokens(hub.index_secret, typed, referral.referrer.get("mail", ""))
            await matching.put(tx, case_id, whose)

        parts = content.parts_of(referral)
        recorded = await hub.record(case_id, event, cause, parts, actor=self.viewer, also=with_index)
        return recorded.case

    async def confirm(self, case_id: str, cause: str) -> Case:
        """What was read from a form has been compared with the form."""
        require(self.viewer, Action.TRANSCRIBE)
        return await self.record(case_id, ReadingConfirmed(self.now(), self.viewer.id), cause)

    async def rate(self, case_id: str, subject: str, rating: str, reason: str, cause: str) -> Case:
        """Rate one subject."""
        require(self.viewer, Action.RATE)
        event = Rated(self.now(), self.viewer.id, subject, rating)
        why = content.of_subject(subject, {content.REASON: reason.encode()})
        return await self.record(case_id, event, cause, why)

    async def ask(
        self, case_id: str, agency: str, subjects: tuple[str, ...], reason: str, cause: str, instead_of: str = "",
        in_place_of: str = "",
    ) -> Case:  # fmt: skip
        """Ask one more agency about these subjects; `instead_of` names the leg of one that declined, `in_place_of` an
        agency that is shut out."""
        require(self.viewer, Action.ASK)
        event = AgencyAsked(self.now(), self.viewer.id, agency, subjects, instead_of, in_place_of)
        return await self.record(case_id, event, cause, {content.REASON: reason.encode()})

    async def answered(
        self,
        case_id: str,
        leg: str,
        answer: Answer,
        caller: Caller,
        told: Telling,
        cause: str,
        reason: DeclineReason | None = None,
        suggested: str = "",
    ) -> Case:
        """An agency's answer taken by telephone or in person; `suggested` is the agency it says to ask instead."""
        require(self.viewer, Action.RECORD_ANSWER)
        if suggested and (await self.hub.rules())[1].agency(suggested) is None:
            raise CannotHappen(f"no agency “{suggested}” in this hub: choose one of the hub file's agencies")
        event = Answered(
            self.now(), self.viewer.id, leg, answer, Proof.STAFF, "telephone", reason=_reason(answer, reason),
            contribution=self.hub.chance.id() if answer in CONTRIBUTES else "", nil_missing=told.missing(answer),
            suggested=suggested, released=told.released,
        )  # fmt: skip
        return await self.record(case_id, event, cause, {content.WHO: caller.part(), **told.parts(event)})

    async def close(self, case_id: str, reason: str, override: bool, cause: str) -> Case:
        """Close the case."""
        require(self.viewer, Action.CLOSE)
        event = Closed(self.now(), self.viewer.id, override)
        return await self.record(case_id, event, cause, {content.REASON: reason.encode()})

    async def settle_task(self, case_id: str, key: str) -> Case:
        """I have done this. Raises CannotHappen for what only an act of its own ends."""
        require(self.viewer, Action.SETTLE_TASK)
        to_read = None
        async with self.hub.database.transaction(self.hub.scope(self.viewer)) as tx:
            case = await casebook.load(tx, case_id)
            for task in (t for t in await tasks.pending(tx, case_id) if t.key == key):
                _refuse_by_hand(task, case)
                rules = await casebook.rules_of(tx, case)
                if await compartments.cannot_read(tx, case, rules, self.viewer, [task]):
                    raise CannotHappen(f"this ends when it has been read by {KEPT_FROM_YOU}")
                to_read = task if task.kind in HOLDS_OPEN else None
            if not await tasks.known(tx, case_id, key):
                raise CannotHappen(f"nothing called “{key}” is to do in this case: see its list of tasks")
            if to_read is None:
                await tasks.close(tx, case_id, key, self.now())
                return await casebook.load(tx, case_id)
        cause = f"read:{case_id}:{key}:{to_read.opened_at.isoformat()}"
        return await self.record(case_id, WordsRead(self.now(), self.viewer.id, key), cause)

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return self.hub.clock.now()

    async def record(self, case_id: str, event: Event, cause: str, parts: content.Parts | None = None) -> Case:
        """Let it happen in this member's name, once per cause. Raises CannotHappen."""
        recorded = await self.hub.record(case_id, event, cause, parts, actor=self.viewer)
        return recorded.case


def _refuse_by_hand(task: Task, case: Case) -> None:
    """Raises CannotHappen for what does not end by saying that it is done."""
    if task.kind == TaskKind.DECLINED:
        raise CannotHappen("a decline ends by asking another agency, giving more, or recording a decision")
    if task.kind in BY_THEMSELVES:
        raise CannotHappen(f"this ends when it is done, not by saying so: {TASKS[task.kind]}")
    if not rung(task, case):
        raise CannotHappen("ring them, and record the call and what came of it (rang): then it is done")


def _reason(answer: Answer, reason: DeclineReason | None) -> DeclineReason | None:
    return (reason or DeclineReason.UNSTATED) if answer is Answer.DECLINE else None
