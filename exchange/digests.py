"""Digests: all that a mailbox owes, once a day when somebody begins to read it; the loop that asks for them.

1. The letter's id follows from mailbox and day: whoever asks, and however often, there is one.
2. It is written when it is sealed, from what is owed then; when nothing is, it never leaves.
3. It says nothing about anybody, and nothing of a case that shuts the agency out.
"""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import structlog

from exchange import waiting
from exchange.blockers import today
from exchange.case.delivery import News
from exchange.case.effect import Letter, OpenTask, SendLetter, TaskKind
from exchange.case.mailbox import Directory, Mailbox, MailboxRole
from exchange.case.rules import Rules
from exchange.case.sealed import PublicNotice, Sendable
from exchange.case.state import Case
from exchange.config import Work
from exchange.dispatch import Dispatch, LeaseLost, Settles
from exchange.hub import Hub
from exchange.keyroom import Keyroom
from exchange.pins import NO_PINS
from exchange.posting import File, Recipient, Way
from exchange.store import casebook, journal, leave, outbox, profiles, tasks
from exchange.store.database import Transaction
from exchange.store.effects import letter_id
from exchange.writing import Writer
from mailflow import compose, gate
from mailflow.reply_address import ReplyAddresses
from mailflow.sender import Carrier
from templates import letters
from templates.addressed import Sender
from templates.notices import Digest, Waiting

log = structlog.get_logger()
RECENT = timedelta(days=14)  # what was left to a digest before that is late by now, or answered
NO_CASE = ""  # a digest is the hub's, and no case's


class Digests(Dispatch):
    """One worker that asks for each mailbox's digest of the day, and sends it."""

    of_hub = True

    def __init__(
        self, hub: Hub, keyroom: Keyroom, relay: Carrier, addresses: ReplyAddresses, writer: Writer, work: Work
    ) -> None:
        super().__init__(hub, keyroom, relay, addresses, writer, work)
        self._looked: dict[str, date] = {}  # by mailbox: the day on which its digest was last thought of

    async def once(self) -> int:
        """Ask for what is due, then send what waits."""
        await self._ask()
        return await super().once()

    async def _ask(self) -> None:
        hub, now = self._hub, self._hub.clock.now()
        async with hub.database.reading(hub.scope()) as tx:
            try:
                _, rules = await profiles.current_rules(tx)
                directory = await hub.directory(tx)
            except profiles.NoProfile:
                return
        today = now.astimezone(rules.calendar.zone).date()
        for mailbox in directory.mailboxes:
            if mailbox.role is not MailboxRole.TEAM or self._looked.get(mailbox.id) == today:
                continue
            at = waiting.digest_at(directory, mailbox.id, rules, now)
            if at is not None and at <= now < waiting.end_of_day(directory, mailbox.id, rules, now):
                await self._ask_for(mailbox.id, today)
                self._looked[mailbox.id] = today

    async def _ask_for(self, mailbox: str, today: date) -> None:
        hub = self._hub
        wanted = SendLetter(f"digest:{mailbox}:{today.isoformat()}", Letter.DIGEST, mailbox)
        async with hub.database.transaction(hub.scope()) as tx:
            if await self._owed(tx, mailbox):
                await outbox.put(tx, letter_id(hub.id, NO_CASE, wanted.key), NO_CASE, wanted, hub.clock.now())

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
        return tuple(sorted(found, key=lambda each: each[1].due_at))

    async def _file(self, tx: Transaction, case: Case, directory: Directory) -> File:
        """As much of a case as says to which mailbox a letter about it goes."""
        rules = await casebook.rules_of(tx, case)
        day = today(rules, self._hub.clock.now())
        went = await outbox.mailboxes(tx, case.id, Letter.PACKET, Letter.DEPUTY)
        return File(case, rules, directory, NO_PINS, None, b"", day=day, leaves=await leave.on(tx, day), went=went)

    async def _of_case(self, case_id: str, rows: list[outbox.Row], lease: str) -> None:
        await asyncio.gather(*(self._digest(row, lease) for row in rows))

    async def _digest(self, row: outbox.Row, lease: str) -> None:
        try:
            kept = await self._written(row, lease) if row.state == "waiting" else row
            if kept is not None:
                await self._send(kept, lease)
        except LeaseLost:
            log.info("letter taken over", outbox=row.id)
        except Exception:
            log.exception("digest not sent", outbox=row.id)

    async def _written(self, row: outbox.Row, lease: str) -> outbox.Row | None:
        """Write it from what is owed now, and keep it; None when nothing is owed any more."""
        hub = self._hub
        async with hub.database.reading(hub.scope()) as tx:
            owed = await self._owed(tx, row.about)
            _, rules = await profiles.current_rules(tx)
            mailbox = _mailbox(await hub.directory(tx), row.about)
        if not owed or mailbox is None:
            await self._settled(row, lease, "withdrawn")
            return None
        to = Recipient(mailbox.address.text, mailbox.id, mailbox.agency, mailbox.transports)
        message_id = self._writer.message_id(row)
        return await self._kept(row, self._notice(owed, mailbox, rules, message_id), Way(to), message_id, lease)

    def _notice(
        self, owed: tuple[tuple[File, waiting.Owes], ...], mailbox: Mailbox, rules: Rules, message_id: str
    ) -> Sendable:
        now, known = self._hub.clock.now(), rules.agency(mailbox.agency)
        sender = Sender(rules.name, rules.telephone, rules.duty_telephone, rules.calendar.timezone)
        name = known.name if known else mailbox.agency
        told = Digest(sender, name, tuple(self._line(file, one) for file, one in owed), now)
        words, to = letters.write(told), mailbox.address.text
        headers = compose.outer_headers(
            from_address=self._writer.hub_address, to=to, message_id=message_id, date=now,
            subject=words.quiet_subject, from_name=rules.name,
        )  # fmt: skip
        return PublicNotice(compose.plain_message(headers, words.text), to)

    def _line(self, file: File, one: waiting.Owes) -> Waiting:
        leg = file.case.leg(one.about)
        page = self._writer.notice_page(file.case, leg) if leg and one.owes == "acknowledgement" else ""
        return Waiting(file.case.reference, one.owes, one.asked_at, one.due_at, page)

    async def _settled(self, row: outbox.Row, lease: str, state: str) -> None:
        async with self._hub.database.transaction(self._hub.scope()) as tx:
            await outbox.settle(tx, row.id, lease, state, self._hub.clock.now())

    async def _gate(self, row: outbox.Row, what: Sendable) -> str:
        hub = self._hub
        async with hub.database.reading(hub.scope()) as tx:
            directory = await hub.directory(tx)
        mailbox = _mailbox(directory, row.about)
        if mailbox is None:
            return "no_mailbox"
        others = frozenset(m.address.text for m in directory.mailboxes if m.address != mailbox.address)
        found = gate.check(what, gate.Expected(mailbox.address.text, None, others), lambda _armored: ())
        return found.why if isinstance(found, gate.GateStopped) else ""

    async def _record(
        self, row: outbox.Row, news: News, code: str, told: dict[str, object] | None, also: Settles
    ) -> None:
        """No case to record it in: a line in a stream of the hub, and a task when it cannot arrive."""
        hub, now = self._hub, self._hub.clock.now()
        async with hub.database.transaction(hub.scope()) as tx:
            await journal.note(
                tx, journal.LETTERS, "DigestNews", now, hub.chance.id(), mailbox=row.about, news=news, code=code
            )
            if news in (News.HELD, News.REFUSED):
                failed = OpenTask(f"letter:{row.id}", TaskKind.LETTER_FAILED, f"digest:{row.about}", now)
                await tasks.open_(tx, NO_CASE, failed, now)
            await also(tx, None)


def _mailbox(directory: Directory, mailbox: str) -> Mailbox | None:
    return next((m for m in directory.mailboxes if m.id == mailbox), None)
