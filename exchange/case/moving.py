"""Moving: a mailbox is to be reached otherwise; until somebody there could object, it is reached as it was.

1. Address, telephone, where one-time codes go and the list of transports are held back: whoever can write the hub
   file alone cannot lead a letter, a code or a call elsewhere, or out of its seal, before the old address was told
   and the old number rung (threat T10).
2. What can no longer be used meanwhile is not used, whatever is held: a dead rung is passed over (ways.py).
3. A mailbox to which nothing has ever gone has nobody to be told, and moves at once.
4. One that was taken out and comes back is compared with what it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from exchange.case.mailbox import Directory, Mailbox


class Part(StrEnum):
    """What of a mailbox moves."""

    ADDRESS = "address"
    TELEPHONE = "telephone"
    CODES = "codes"
    TRANSPORTS = "transports"


@dataclass(frozen=True, slots=True)
class Move:
    """One mailbox on its way."""

    mailbox: str
    parts: tuple[Part, ...]  # () for one that was taken out of the directory
    starts_at: datetime  # from when on it is reached as the hub file says
    before: Mailbox = field(repr=False)  # as it is reached until then
    number: str = field(default="", repr=False)  # to be rung about it, as it was before; "" once somebody was rung
    address_since: datetime | None = None  # since when it has an address that is not the one it began with
    quiet: bool = False  # nobody there ever got anything: nobody is told


def as_it_is(directory: Directory, moves: Iterable[Move], now: datetime) -> Directory:
    """The directory by which the hub writes and rings at this moment."""
    by_id = {move.mailbox: move for move in moves}
    if not by_id:
        return directory
    return replace(directory, mailboxes=tuple(_today(m, by_id.get(m.id), now) for m in directory.mailboxes))


def _today(mailbox: Mailbox, move: Move | None, now: datetime) -> Mailbox:
    if move is None:
        return mailbox
    if move.starts_at <= now:
        return replace(mailbox, address_since=move.address_since, number_before=move.number)
    old, codes = move.before, _codes(move.before)
    people = tuple(replace(s, code_to=s.code_to if s.code_to in codes else "") for s in mailbox.spocs)
    return replace(
        mailbox, address=old.address, telephone=old.telephone, code_to=old.code_to, spocs=people,
        transports=old.transports, address_since=old.address_since, number_before=move.number,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Applied:
    """A hub file that is put in force: what stood in the one before, and what stands in it."""

    before: Directory
    after: Directory
    received: frozenset[str]  # mailboxes to which something has gone
    now: datetime
    hold: timedelta


def moved(moves: tuple[Move, ...], by: Applied) -> tuple[Move, ...]:
    """All moves, after this file."""
    known = {move.mailbox: move for move in moves}
    until_now = {m.id: m for m in as_it_is(by.before, moves, by.now).mailboxes}
    filed = {m.id: m for m in by.before.mailboxes}
    found = [_of_one(m, known.get(m.id), until_now.get(m.id), filed.get(m.id), by) for m in by.after.mailboxes]
    there = {m.id for m in by.after.mailboxes}
    gone = [_gone(m, by.now) for name, m in until_now.items() if name not in there and name in by.received]
    named = there | {move.mailbox for move in gone}
    return (*(move for move in found if move), *gone, *(move for move in moves if move.mailbox not in named))


def _of_one(
    mailbox: Mailbox, known: Move | None, until_now: Mailbox | None, filed: Mailbox | None, by: Applied
) -> Move | None:
    old = until_now or (known.before if known else None)
    if old is None:
        return None
    parts, waits = different(old, mailbox), known is not None and known.starts_at > by.now
    if not parts:  # taken back, or nothing to do with how it is reached
        return None if waits else known
    if waits and filed and not different(filed, mailbox):
        return known  # the same file again
    quiet = mailbox.id not in by.received
    starts_at = by.now if quiet else by.now + by.hold
    since = starts_at if Part.ADDRESS in parts else old.address_since
    number = "" if quiet else old.number_before or old.telephone
    return Move(mailbox.id, parts, starts_at, old, number, since, quiet)


def _gone(mailbox: Mailbox, now: datetime) -> Move:
    return Move(mailbox.id, (), now, mailbox, address_since=mailbox.address_since)


def different(old: Mailbox, new: Mailbox) -> tuple[Part, ...]:
    """What of the ways to reach it differs. That somebody gets codes no more leads nobody astray."""
    found = {
        Part.ADDRESS: old.address != new.address,
        Part.TELEPHONE: old.telephone != new.telephone,
        Part.CODES: bool(_codes(new) - _codes(old))
        or bool(new.code_to and old.code_to and new.code_to != old.code_to),
        Part.TRANSPORTS: old.transports != new.transports,
    }
    return tuple(part for part, differs in found.items() if differs)


def _codes(mailbox: Mailbox) -> frozenset[str]:
    return frozenset({mailbox.code_to, *(s.code_to for s in mailbox.spocs)} - {""})


def rung(moves: Iterable[Move], mailbox: str) -> tuple[Move, ...]:
    """Somebody was rung about this mailbox, on the number of before: its own number is good now."""
    return tuple(replace(move, number="") if move.mailbox == mailbox else move for move in moves)
