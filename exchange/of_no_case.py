"""What every kind of letter of no case shares: what it says, to whom, and what follows when it cannot go.

Apart from the worker that sends them (hub_letters.py), so that a command which only asks for one need not load it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from exchange.case.delivery import News
from exchange.case.effect import Letter, OpenTask, SendLetter, TaskKind
from exchange.case.mailbox import Directory, Mailbox
from exchange.case.rules import Rules
from exchange.hub import Hub
from exchange.posting import Held, Recipient, Way
from exchange.store import journal, outbox, profiles, tasks
from exchange.store.database import Transaction
from exchange.store.effects import letter_id
from templates.addressed import Sender

if TYPE_CHECKING:
    from templates.letters import ALetter

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

    async def recipient(self, directory: Directory, tx: Transaction, row: outbox.Row) -> Recipient | None:
        """To whom it may go as things stand now, asked right before the wire."""
        mailbox = mailbox_of(directory, row)
        return recipient_at(mailbox) if mailbox else None

    async def news(self, tx: Transaction, row: outbox.Row, news: News, code: str, now: datetime) -> None:
        """What follows from what became of it: a task, when it will not arrive."""
        if news in (News.HELD, News.REFUSED, News.BOUNCED):
            failed = OpenTask(f"letter:{row.id}", TaskKind.LETTER_FAILED, f"{row.letter}:{mailbox_in(row)}", now)
            await tasks.open_(tx, NO_CASE, failed, now)


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
    calendar = rules.calendar
    return Sender(rules.name, rules.telephone, rules.duty_telephone, calendar.timezone, calendar=calendar)


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
