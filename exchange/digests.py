"""Digests: all that a mailbox owes, once a day when somebody begins to read it; the kind of letter that says so.

1. The letter's id follows from mailbox and day: whoever asks, and however often, there is one.
2. It is written when it is sealed, from what is owed then; when nothing is, it never leaves.
3. It says nothing about anybody, and nothing of a case that shuts the agency out.
4. A deputy's mailbox, or a lead's, has one too: of what was asked there in the team's place.
"""

from __future__ import annotations

from datetime import date, timedelta

from exchange import left_behind, waiting
from exchange.blockers import today
from exchange.case.effect import Letter, SendLetter
from exchange.case.mailbox import Directory
from exchange.case.state import Case
from exchange.hub import Hub
from exchange.of_no_case import Draft, Kind, as_it_stands, ask_for, mailbox_of, name_of, recipient_at, sender_of
from exchange.pins import NO_PINS
from exchange.posting import FOLLOWED, File, Recipient, Way
from exchange.store import casebook, leave, outbox, profiles
from exchange.store.database import Transaction
from exchange.writing import Writer
from templates.notices import Digest, Waiting

RECENT = timedelta(days=14)  # what was left to a digest before that is late by now, or answered


class Digests(Kind):
    """Asks for each mailbox's digest of the day, and writes it."""

    letter = Letter.DIGEST

    def __init__(self, hub: Hub, writer: Writer) -> None:
        self._hub, self._writer = hub, writer
        self._looked: dict[str, date] = {}  # by mailbox: the day on which its digest was last thought of

    async def ask(self) -> None:
        """Ask for the digests of those who begin to read their mailboxes."""
        hub, now = self._hub, self._hub.clock.now()
        async with hub.database.reading(hub.scope()) as tx:
            standing = await as_it_stands(hub, tx)
        if standing is None:
            return
        rules, directory = standing
        today = now.astimezone(rules.calendar.zone).date()
        for mailbox in directory.mailboxes:
            if self._looked.get(mailbox.id) == today:
                continue
            at = waiting.digest_at(directory, mailbox.id, rules, now)
            if at is not None and at <= now < waiting.end_of_day(directory, mailbox.id, rules, now):
                await self._ask_for(mailbox.id, today)
                self._looked[mailbox.id] = today

    async def _ask_for(self, mailbox: str, today: date) -> None:
        wanted = SendLetter(f"digest:{mailbox}:{today.isoformat()}", Letter.DIGEST, mailbox)
        async with self._hub.database.reading(self._hub.scope()) as tx:
            owed = await self._owed(tx, mailbox)
        for file, one in owed:
            await left_behind.told_of(self._hub, waiting.letter_of(one), one.about, file)
        async with self._hub.database.transaction(self._hub.scope()) as tx:
            if await self._owed(tx, mailbox):
                await ask_for(self._hub, tx, wanted)

    async def _owed(self, tx: Transaction, mailbox: str) -> tuple[tuple[File, waiting.Owes], ...]:
        """What this mailbox owes that is late, due while it is read today, or has been left to its digest."""
        hub, now = self._hub, self._hub.clock.now()
        directory, gathered = await hub.directory(tx), await outbox.gathered(tx, now - RECENT)
        agency = next((m.agency for m in directory.mailboxes if m.id == mailbox), "")
        found = []
        for case in await casebook.listing(tx):
            owed = tuple(one for one in waiting.owed(case) if one.agency == agency)
            if not owed:
                continue
            file = await self._file(tx, case, directory)
            until = waiting.end_of_day(directory, mailbox, file.rules, now)
            for one in owed:
                to = waiting.mailbox_of(one, file)
                mine = isinstance(to, Recipient) and to.mailbox == mailbox
                if mine and (one.due_at < until or (case.id, one.about) in gathered):
                    found.append((file, one))
        return tuple(
            sorted(found, key=lambda each: (not waiting.urgency(each[0], each[1].about).most, each[1].due_at))
        )

    async def _file(self, tx: Transaction, case: Case, directory: Directory) -> File:
        """As much of a case as says to which mailbox a letter about it goes."""
        rules = await casebook.rules_of(tx, case)
        day = today(rules, self._hub.clock.now())
        went = await outbox.mailboxes(tx, case.id, *FOLLOWED)
        return File(case, rules, directory, NO_PINS, None, b"", day=day, leaves=await leave.on(tx, day), went=went)

    async def draft(self, row: outbox.Row) -> Draft | None:
        """What is owed now, as a notice; None when nothing is any more."""
        hub, now = self._hub, self._hub.clock.now()
        async with hub.database.reading(hub.scope()) as tx:
            owed = await self._owed(tx, row.about)
            _, rules = await profiles.current_rules(tx)
            mailbox = mailbox_of(await hub.directory(tx), row)
        if not owed or mailbox is None:
            return None
        lines = tuple(self._line(file, one) for file, one in owed)
        return Draft(Digest(sender_of(rules), name_of(rules, mailbox.agency), lines, now), Way(recipient_at(mailbox)))

    def _line(self, file: File, one: waiting.Owes) -> Waiting:
        leg = file.case.leg(one.about)
        page = self._writer.notice_page(file.case, leg) if leg and one.owes == "acknowledgement" else ""
        meets = file.case.discussion(one.about.partition("/")[0])
        if meets:
            page = self._writer.seat_page("notice", file, one.about)
        meets_at = meets.starts_at if meets else None
        return Waiting(
            file.case.reference, one.owes, one.asked_at, one.due_at, page, meets_at, waiting.urgency(file, one.about)
        )
