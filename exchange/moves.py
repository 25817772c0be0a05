"""Moves of mailboxes as they are stored and told: a task to ring, a notice to the old address, a line in the record.

The rules are in case/moving.py; the old ways are sealed, as the directory is.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

from exchange.case.effect import Letter, OpenTask, SendLetter, TaskKind
from exchange.case.mailbox import Directory
from exchange.case.moving import Applied, Move, Part, moved, rung
from exchange.hub import Hub
from exchange.hubs import canonical
from exchange.policy import Action, Viewer, require
from exchange.safe import Item
from exchange.store import journal, outbox, profiles, tasks
from exchange.store.database import Transaction
from keys.vault import bound_data

_NO_CASE = ""
WORDS = {  # after "its"
    Part.ADDRESS: "address",
    Part.TELEPHONE: "telephone number",
    Part.CODES: "number or address for one-time codes",
    Part.TRANSPORTS: "list of transports",
}


async def applied(
    hub: Hub, tx: Transaction, before: Directory, after: Directory, hold: timedelta
) -> tuple[tuple[Move, ...], tuple[Move, ...]]:
    """All moves after this hub file, and which of them are new; stores nothing."""
    known = await hub.moves(tx)
    received = await outbox.received(tx)
    found = moved(known, Applied(before, after, received, hub.clock.now(), hold))
    return found, tuple(move for move in found if move.parts and move not in known)


async def keep(hub: Hub, tx: Transaction, found: tuple[Move, ...], new: tuple[Move, ...]) -> None:
    """Put them in force: whoever is to be told is told."""
    known, now = await hub.moves(tx), hub.clock.now()
    if found == known:
        return
    await _put(hub, tx, found)
    for move in known:
        if move not in found:
            await tasks.close(tx, _NO_CASE, task_key(move.mailbox), now)
            await outbox.withdraw(tx, _NO_CASE, f"{Letter.MAILBOX_MOVES}:{_name(move)}")
    for move in new:
        facts = {"mailbox": move.mailbox, "parts": ",".join(move.parts), "starts_at": move.starts_at.isoformat()}
        await journal.note(tx, journal.DIRECTORY, "MailboxMoves", now, hub.chance.id(), **facts)
        if not move.quiet:
            await _tell(hub, tx, move)


async def _tell(hub: Hub, tx: Transaction, move: Move) -> None:
    from exchange.of_no_case import ask_for  # it loads all of mail: few commands move a mailbox

    now = hub.clock.now()
    ring = OpenTask(task_key(move.mailbox), TaskKind.MAILBOX_MOVES, move.mailbox, now)
    await tasks.open_(tx, _NO_CASE, ring, now)
    wanted = SendLetter(
        f"{Letter.MAILBOX_MOVES}:{_name(move)}", Letter.MAILBOX_MOVES, f"{move.mailbox}/{_name(move)}"
    )
    await ask_for(hub, tx, wanted)


async def known_there(hub: Hub, viewer: Viewer, mailbox: str) -> bool:
    """The number of before was rung, and they know of it: from now on its own number is good for that too. False when
    nothing of it waits to be rung about. Raises Forbidden."""
    require(viewer, Action.CONFIRM_KEY)
    async with hub.database.transaction(hub.scope(viewer)) as tx:
        known, now = await hub.moves(tx), hub.clock.now()
        if not any(move.mailbox == mailbox and move.number for move in known):
            return False
        await _put(hub, tx, rung(known, mailbox))
        await tasks.close(tx, _NO_CASE, task_key(mailbox), now)
        await journal.note(tx, journal.DIRECTORY, "MailboxMoveKnown", now, hub.chance.id(), mailbox=mailbox)
    return True


async def _put(hub: Hub, tx: Transaction, found: tuple[Move, ...]) -> None:
    text = canonical.moves_json(found).encode()
    bound = bound_data(hub.id, "profile", canonical.content_hash(text.decode()), "moves")
    sealed = await hub.safe.seal([Item("profile", bound, text)])
    await profiles.put(tx, "moves", text, sealed[0], hub.clock.now())


def task_key(mailbox: str) -> str:
    """The one task that its people are to be rung."""
    return f"{TaskKind.MAILBOX_MOVES}:{mailbox}"


def named(moves: tuple[Move, ...], name: str) -> Move | None:
    """The move that a letter tells of; None when it was taken back."""
    return next((move for move in moves if _name(move) == name), None)


def _name(move: Move) -> str:
    which = "\0".join((move.mailbox, move.starts_at.isoformat(), *move.parts))
    return hashlib.sha256(which.encode()).hexdigest()[:32]


def line(move: Move) -> str:
    """What an operator is told of it."""
    what = " and ".join(WORDS[part] for part in move.parts)
    return (
        f"mailbox {move.mailbox}: another {what} from {move.starts_at:%Y-%m-%d %H:%M} UTC; until then it is reached "
        "as before. Its old address is told, and the desk rings the number of before"
    )
