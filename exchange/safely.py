"""Safely: who answered a sealed packet in clear is told once how to answer safely, by a notice that names no case."""

from __future__ import annotations

from exchange.case.effect import Letter, SendLetter
from exchange.case.mailbox import SEALED
from exchange.case.state import Case
from exchange.hub import Hub
from exchange.keyroom import Keyroom
from exchange.of_no_case import Draft, Kind, ask_for, mailbox_of, name_of, recipient_at, sender_of
from exchange.posting import Way
from exchange.store import outbox, profiles
from exchange.store.database import Transaction
from exchange.writing import Writer
from templates.key_letters import in_fours
from templates.outside import Safely

_UNPROVED = "/unproved"  # behind the mailbox: what it sent in clear does not count by itself


async def ask(hub: Hub, tx: Transaction, case: Case, leg_id: str, *, counts: bool = True) -> None:
    """An answer about this leg came in clear: its mailbox is told, unless it has been, and never that one counts that
    a person must read first. To what went otherwise than sealed, answers come as they can."""
    leg = case.leg(leg_id)
    if leg is None or leg.transport not in SEALED:
        return
    went = await outbox.mailboxes(tx, case.id, Letter.PACKET, Letter.DEPUTY)
    mine = [m for key, m in went.items() if f"{key}:".startswith((f"packet:{leg.id}:", f"deputy:{leg.id}:"))]
    if mine:
        about = mine[-1] if counts else f"{mine[-1]}{_UNPROVED}"
        await ask_for(hub, tx, SendLetter(f"{Letter.SAFELY}:{mine[-1]}", Letter.SAFELY, about))


class HowToAnswer(Kind):
    """Writes it."""

    letter = Letter.SAFELY

    def __init__(self, hub: Hub, keyroom: Keyroom, writer: Writer) -> None:
        self._hub, self._keyroom, self._writer = hub, keyroom, writer

    async def draft(self, row: outbox.Row) -> Draft | None:
        """The notice; None when the mailbox is gone."""
        async with self._hub.database.reading(self._hub.scope()) as tx:
            _, rules = await profiles.current_rules(tx)
            mailbox = mailbox_of(await self._hub.directory(tx), row)
        if mailbox is None:
            return None
        fingerprint = in_fours(self._keyroom.fingerprint)
        counts = not row.about.endswith(_UNPROVED)
        told = Safely(sender_of(rules), name_of(rules, mailbox.agency), fingerprint, counts)
        return Draft(told, Way(recipient_at(mailbox)), self._writer.addresses.make("hub", row.id))
