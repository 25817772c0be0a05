"""The notice to a mailbox's old address that it will be reached otherwise: whoever slips in ways of their own cannot
stop it, for it goes where letters went before."""

from __future__ import annotations

from exchange import moves
from exchange.case.effect import Letter
from exchange.case.mailbox import Directory
from exchange.hub import Hub
from exchange.of_no_case import Draft, Kind, name_of, recipient_at, sender_of
from exchange.posting import Recipient, Way
from exchange.store import outbox, profiles
from exchange.store.database import Transaction
from templates.key_letters import MailboxMoves


class Moving(Kind):
    """Writes it."""

    letter = Letter.MAILBOX_MOVES

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def draft(self, row: outbox.Row) -> Draft | None:
        """What moves and from when on; None when it was taken back."""
        hub = self._hub
        async with hub.database.reading(hub.scope()) as tx:
            _, rules = await profiles.current_rules(tx)
            move = moves.named(await hub.moves(tx), row.about.partition("/")[2])
        if move is None:
            return None
        what = tuple(moves.WORDS[part] for part in move.parts)
        told = MailboxMoves(
            sender_of(rules), name_of(rules, move.before.agency), what, move.starts_at, hub.clock.now()
        )
        return Draft(told, Way(recipient_at(move.before)))

    async def recipient(self, directory: Directory, tx: Transaction, row: outbox.Row) -> Recipient | None:
        """The mailbox as it was."""
        move = moves.named(await self._hub.moves(tx), row.about.partition("/")[2])
        return recipient_at(move.before) if move else None
