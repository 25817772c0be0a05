"""The letters of drills: when each mailbox is sent one, what it says, and the silence after it (see drilling.py)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from exchange import owners, stepping
from exchange.case.clock import due
from exchange.case.delivery import News
from exchange.case.effect import Letter, TaskKind
from exchange.case.mailbox import Directory, Mailbox
from exchange.case.rules import Rules
from exchange.drilling import ANSWER, begin, drill_of, failed, is_of_old_key, next_at
from exchange.hub import Hub
from exchange.keyroom import Keyroom
from exchange.of_no_case import Draft, Kind, as_it_stands, mailbox_of, name_of, recipient_at, sender_of
from exchange.owners import needs_proof
from exchange.posting import Held, OfHub, of_hub
from exchange.store import drills, outbox, profiles
from exchange.store.database import Transaction
from exchange.store.drills import Drill
from exchange.ways import way
from exchange.writing import Writer
from templates import key_letters
from templates.addressed import Answering


class Drills(Kind):
    """Asks for each mailbox's drill when it is due, writes it, and hears the silence after it."""

    letter = Letter.DRILL

    def __init__(self, hub: Hub, keyroom: Keyroom, writer: Writer) -> None:
        self._hub, self._keyroom, self._writer = hub, keyroom, writer
        self._looked: dict[str, date] = {}  # by mailbox: the day on which its drill was last thought of

    async def ask(self) -> None:
        """Ask for what is due at mailboxes that are read now; open a task for each that was not answered in time."""
        hub, now = self._hub, self._hub.clock.now()
        async with hub.database.reading(hub.scope()) as tx:
            standing, late = await as_it_stands(hub, tx), await drills.overdue(tx, now)
        for drill in late:
            async with hub.database.transaction(hub.scope()) as tx:
                await failed(hub, tx, drill.id, drills.SILENT)
        if standing:
            await self._look(*standing, now)

    async def _look(self, rules: Rules, directory: Directory, now: datetime) -> None:
        """Once a day for each mailbox, while somebody reads it."""
        today = now.astimezone(rules.calendar.zone).date()
        new = [m for m in directory.mailboxes if self._looked.get(m.id) != today]
        read = [m for m in new if m.calendar(rules.calendar).is_open(now)]
        for mailbox in await self._due(read, now) if read else ():
            async with self._hub.database.transaction(self._hub.scope()) as tx:
                await begin(self._hub, tx, mailbox, rules)
        self._looked |= {m.id: today for m in read}

    async def _due(self, mailboxes: Iterable[Mailbox], now: datetime) -> list[Mailbox]:
        async with self._hub.database.reading(self._hub.scope()) as tx:
            newest, since, known = await drills.newest(tx), await profiles.since(tx), await of_hub(self._hub, tx)
        found = []
        for mailbox in mailboxes:
            last, _ = newest.get(mailbox.id, (None, None))
            at = next_at(mailbox, last, since or now)
            if last and not last.ended and is_of_old_key(last, known.pins):
                at = now
            moved = last is not None and mailbox.address_since is not None and last.asked_at < mailbox.address_since
            first = last is None and needs_proof(mailbox, known.owned)
            if at is not None and (
                at <= now or moved or first or (last and await self._by_another(mailbox, last, known, now))
            ):
                found.append(mailbox)
        return found

    async def _by_another(self, mailbox: Mailbox, last: Drill, known: OfHub, now: datetime) -> bool:
        """Whether it would now be written to by another transport or certificate than it was asked by, or at all."""
        found = await way(Letter.DRILL, recipient_at(mailbox), known, self._keyroom, now)
        if isinstance(found, Held):
            return False  # no way at all is told by key health and by whatever is held
        by = (found.transport or "", found.certificate.fingerprint if found.certificate else "")
        return by != (last.transport, last.fingerprint)

    async def draft(self, row: outbox.Row) -> Draft | Held | None:
        """The letter; why it cannot go; None when the drill is over."""
        hub, now = self._hub, self._hub.clock.now()
        async with hub.database.reading(hub.scope()) as tx:
            drill, known = await drills.load(tx, drill_of(row)), await of_hub(hub, tx)
            _, rules = await profiles.current_rules(tx)
            mailbox = mailbox_of(await hub.directory(tx), row)
        if drill is None or drill.ended:
            return None
        if mailbox is None:
            return Held("no_mailbox")
        found = await way(Letter.DRILL, recipient_at(mailbox), known, self._keyroom, now)
        if isinstance(found, Held):
            return found
        addresses = self._writer.addresses
        page = f"{self._writer.base_url}/drill/{addresses.page('drill_page', drill.id)}"
        address = addresses.make("hub", row.id)
        told = key_letters.Drill(
            sender_of(rules), name_of(rules, mailbox.agency), hub.codes.drill(drill.id), Answering(page, address),
            due(ANSWER, now, mailbox.calendar(rules.calendar)), mailbox.drill_days,
            rings=found.certificate is None and needs_proof(mailbox, known.owned),
        )  # fmt: skip
        return Draft(told, found, address)

    async def news(self, tx: Transaction, row: outbox.Row, news: News, code: str, now: datetime) -> None:
        """Its time begins when it leaves; what cannot be sent has failed."""
        if row.form:
            await drills.went(tx, drill_of(row), row.form, row.fingerprint or "")
        if news is News.ACCEPTED:
            await self._left(tx, row, now)
        elif news in (News.HELD, News.REFUSED):
            await failed(self._hub, tx, drill_of(row), drills.NOT_SENT)
        elif news is News.BOUNCED:
            await failed(self._hub, tx, drill_of(row), drills.BOUNCED)

    async def _left(self, tx: Transaction, row: outbox.Row, now: datetime) -> None:
        _, rules = await profiles.current_rules(tx)
        mailbox = mailbox_of(await self._hub.directory(tx), row)
        calendar = mailbox.calendar(rules.calendar) if mailbox else rules.calendar
        await drills.left(tx, drill_of(row), row.form or "", row.fingerprint or "", now, due(ANSWER, now, calendar))
        if mailbox and not row.fingerprint and needs_proof(mailbox, await owners.proved(tx, Directory((mailbox,)))):
            await stepping.raise_once(tx, TaskKind.NOT_PROVED, mailbox.id, now)
