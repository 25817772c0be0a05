"""Letters of the hub itself, which belong to no case: one worker asks for them, writes, keeps, gates and sends them.

1. A letter's id follows from what it is (its key): whoever asks, and however often, there is one.
2. It says nothing of a case that its reader may not know; what only its reader may know goes sealed, or not at all.
3. What became of it is a line in the stream `letters`, and a task with the telephone number when it cannot arrive.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from exchange import stepping
from exchange.case.delivery import FELL, News
from exchange.case.effect import Letter, OpenTask, SendLetter, TaskKind
from exchange.case.mailbox import Directory, Mailbox
from exchange.case.rules import Rules
from exchange.case.sealed import Sendable, ToFetch
from exchange.config import Work
from exchange.dispatch import Dispatch, LeaseLost, Settles
from exchange.enveloping import Inside, enveloped, fetched_until
from exchange.hub import Hub
from exchange.keyroom import Keyroom
from exchange.posting import Held, Recipient, Way, of_hub
from exchange.store import journal, outbox, profiles, tasks
from exchange.store.database import Transaction
from exchange.store.effects import letter_id
from exchange.writing import Writer
from keys.openpgp.seal import SealRefused
from mailflow import compose
from mailflow.reply_address import ReplyAddresses
from mailflow.sender import Carrier
from templates import letters
from templates.addressed import Sender
from templates.letters import ALetter

log = structlog.get_logger()
NO_CASE = ""  # the case of a letter that belongs to none


@dataclass(frozen=True, slots=True)
class Draft:
    """One letter in words, to whom and by which way it goes."""

    told: ALetter
    way: Way
    reply_to: str = field(default="", repr=False)  # "" for the hub's own address


class Kind(ABC):
    """One kind of letter: when it is due, what it says, and what follows when it cannot go."""

    letter: Letter

    async def ask(self) -> None:  # noqa: B027 - some kinds are asked for elsewhere
        """Put what is due now into the outbox; nothing, where somebody else asks."""

    @abstractmethod
    async def draft(self, row: outbox.Row) -> Draft | Held | None:
        """What the letter says now; why it cannot go; or None when there is nothing to say any more."""

    async def news(self, tx: Transaction, row: outbox.Row, news: News, code: str, now: datetime) -> None:
        """What follows from what became of it: a task, when it will not arrive."""
        if news in (News.HELD, News.REFUSED, News.BOUNCED):
            failed = OpenTask(f"letter:{row.id}", TaskKind.LETTER_FAILED, f"{row.letter}:{mailbox_in(row)}", now)
            await tasks.open_(tx, NO_CASE, failed, now)


class HubLetters(Dispatch):
    """One worker for every kind of letter that belongs to no case."""

    of_hub = True

    def __init__(
        self, hub: Hub, keyroom: Keyroom, relay: Carrier, addresses: ReplyAddresses, writer: Writer, work: Work,
        kinds: Iterable[Kind],
    ) -> None:  # fmt: skip
        super().__init__(hub, keyroom, relay, addresses, writer, work)
        self._kinds = {kind.letter: kind for kind in kinds}

    async def once(self) -> int:
        """Ask for what is due, then send what waits."""
        for kind in self._kinds.values():
            try:
                await kind.ask()
            except Exception:
                log.exception("letters not asked for", letter=str(kind.letter))
        return await super().once()

    async def _of_case(self, case_id: str, rows: list[outbox.Row], lease: str) -> None:
        await asyncio.gather(*(self._letter(row, lease) for row in rows))

    async def _letter(self, row: outbox.Row, lease: str) -> None:
        try:
            kept = await self._written(row, lease) if row.state == "waiting" else row
            if kept is not None:
                await self._send(kept, lease)
        except LeaseLost:
            log.info("letter taken over", outbox=row.id)
        except Exception:
            log.exception("letter of the hub not sent", outbox=row.id, letter=row.letter)

    async def _written(self, row: outbox.Row, lease: str) -> outbox.Row | None:
        """Write it as things stand now, and keep it; None when it does not go."""
        draft = await self._kinds[Letter(row.letter)].draft(row)
        if draft is None:
            async with self._hub.database.transaction(self._hub.scope()) as tx:
                await outbox.settle(tx, row.id, lease, "withdrawn", self._hub.clock.now())
            return None
        if isinstance(draft, Held):
            await self._held(row, lease, draft.why)
            return None
        message_id = self._writer.message_id(row)
        try:
            what = await self._finished(row, draft, message_id)
        except SealRefused:
            await self._held(row, lease, "not_sealed")
            return None
        kept = await self._kept(row, what, draft.way, message_id, lease)
        await stepping.told(self._hub, draft.way)
        return kept

    async def _finished(self, row: outbox.Row, draft: Draft, message_id: str) -> Sendable | ToFetch:
        """The bytes for the wire, or what waits here and its notice. Raises SealRefused."""
        words, to, now = letters.write(draft.told), draft.way.recipient.address, self._hub.clock.now()
        ours, sender = self._writer.hub_address, draft.told.sender
        outer = compose.outer_headers(
            from_address=ours, to=to, message_id=message_id, date=now, subject=words.quiet_subject,
            from_name=sender.name, reply_to=draft.reply_to,
        )  # fmt: skip
        _, rules = await self._hub.rules()
        inside = Inside(
            draft.told, words, (), outer, ours, draft.reply_to, message_id, now, sender, "",
            self._writer.fetch_page(row), fetched_until(rules, now),
        )  # fmt: skip
        return await enveloped(inside, draft.way, self._keyroom)

    async def _gate(self, row: outbox.Row, what: Sendable) -> str:
        hub = self._hub
        async with hub.database.reading(hub.scope()) as tx:
            known = await of_hub(hub, tx)
        mailbox = mailbox_of(known.directory, row)
        return await self._judged(row, what, recipient_at(mailbox), known) if mailbox else "no_mailbox"

    async def _record(
        self, row: outbox.Row, news: News, code: str, told: dict[str, object] | None, also: Settles
    ) -> None:
        """No case to record it in: a line in a stream of the hub, and whatever follows for this kind."""
        async with self._hub.database.transaction(self._hub.scope()) as tx:
            await noted(self._hub, tx, row, news, code)
            if not code.startswith(FELL):  # it is written anew, by the next transport
                await self._kinds[Letter(row.letter)].news(tx, row, news, code, self._hub.clock.now())
            await also(tx, None)


async def noted(hub: Hub, tx: Transaction, row: outbox.Row, news: News, code: str) -> None:
    """Write what became of a letter into the stream of the hub's own letters."""
    await journal.note(
        tx, journal.LETTERS, f"{_camel(row.letter)}News", hub.clock.now(), hub.chance.id(),
        mailbox=mailbox_in(row), news=news, code=code,
    )  # fmt: skip


def _camel(code: str) -> str:
    return "".join(word.capitalize() for word in code.split("_"))


async def ask_for(hub: Hub, tx: Transaction, wanted: SendLetter) -> None:
    """Ask for a letter, once; its `about` is the mailbox, and after a slash what else says which letter it is."""
    await outbox.put(tx, letter_id(hub.id, NO_CASE, wanted.key), NO_CASE, wanted, hub.clock.now())


def mailbox_in(row: outbox.Row) -> str:
    """The mailbox a letter of the hub goes to."""
    return row.about.partition("/")[0]


def mailbox_of(directory: Directory, row: outbox.Row) -> Mailbox | None:
    """That mailbox as it stands now."""
    return next((m for m in directory.mailboxes if m.id == mailbox_in(row)), None)


def recipient_at(mailbox: Mailbox) -> Recipient:
    """A mailbox as somebody to write to."""
    return Recipient(mailbox.address.text, mailbox.id, mailbox.agency, mailbox.transports)


def sender_of(rules: Rules) -> Sender:
    """The hub as its letters show it."""
    return Sender(rules.name, rules.telephone, rules.duty_telephone, rules.calendar.timezone)


def name_of(rules: Rules, agency: str) -> str:
    """An agency as its letters call it."""
    known = rules.agency(agency)
    return known.name if known else agency


async def as_it_stands(hub: Hub, tx: Transaction) -> tuple[Rules, Directory] | None:
    """Rules and directory in force; None before any hub file is applied."""
    try:
        _, rules = await profiles.current_rules(tx)
        return rules, await hub.directory(tx)
    except profiles.NoProfile:
        return None
