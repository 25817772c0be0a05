"""Left behind: what an agency is reminded of went to a mailbox that is not the agency's any more.

1. Whoever is written to in its place has nothing: before they are reminded, they are sent it themselves, once.
2. A mailbox that has another address now has the same people, who have it (case/moving.py): nothing goes twice.
3. The deputy who has a packet is enough: reminders go there.
"""

from __future__ import annotations

from datetime import datetime

from exchange.case.delivery import News
from exchange.case.effect import Letter
from exchange.case.event import LetterNews, PacketNews
from exchange.case.presence import ANOTHER_MAILBOX
from exchange.hub import Hub
from exchange.posting import File
from exchange.store import outbox
from exchange.store.casebook import Recorded
from exchange.store.database import Transaction
from exchange.waiting import MOMENT


async def first(hub: Hub, row: outbox.Row, file: File, lease: str) -> bool:
    """Whether a letter that was claimed waits until what it reminds of has been sent anew."""
    now = hub.clock.now()
    found = news(Letter(row.letter), row.about, file, now) if row.state == "waiting" else None
    if found is None:
        return False

    async def later(tx: Transaction, _recorded: Recorded) -> None:
        await outbox.put_off(tx, row.id, lease, now + MOMENT)

    return not (await hub.record(row.case_id, found, f"left:{row.id}", also=later)).again


async def told_of(hub: Hub, letter: Letter, about: str, file: File) -> None:
    """It stands in a digest: so is what it tells of."""
    now = hub.clock.now()
    if found := news(letter, about, file, now):
        await hub.record(file.case.id, found, f"left:{file.case.id}:{about}:{now.isoformat()}")


def news(letter: Letter, about: str, file: File, now: datetime) -> PacketNews | LetterNews | None:
    """What a reminder of it tells the case; None where somebody of the agency has it."""
    if letter is Letter.REMINDER:
        return _of_packet(about.partition("/")[0], file, now)
    return _of_invitation(about, file, now) if letter is Letter.CHASER else None


def _of_packet(about: str, file: File, now: datetime) -> PacketNews | None:
    leg = file.case.leg(about)
    gone = _gone(file, f"packet:{about}", f"deputy:{about}")
    return PacketNews(now, about, News.HELD, ANOTHER_MAILBOX) if leg and leg.arrived and gone else None


def _of_invitation(about: str, file: File, now: datetime) -> LetterNews | None:
    seat, gone = file.case.seat(about), _gone(file, f"invitation:{about}")
    there = seat is not None and seat.arrived and not about.endswith("/deputy")
    return LetterNews(now, Letter.INVITATION, about, News.HELD, ANOTHER_MAILBOX) if there and gone else None


def _gone(file: File, *keys: str) -> bool:
    """Whether what is called so, or was written anew, has gone, and to no mailbox of today's directory."""
    begin = tuple(f"{key}:" for key in keys)
    had = {mailbox for key, mailbox in file.went.items() if f"{key}:".startswith(begin)}
    return bool(had) and had.isdisjoint(m.id for m in file.directory.mailboxes)
