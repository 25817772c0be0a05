"""Drills: a harmless sealed letter with three words inside, which only somebody who can open it can say back.

1. It goes by the transport by which the mailbox would get a packet now. To have its address or link proves nothing.
2. The words prove it, whoever says them and however: by mail, on the page, by telephone; a machine's never.
3. Silence, a bounce, or no way to send it is a task with the telephone number; the words, late too, close it.
4. One is asked for so many days after the last proof, a week after one that failed, and at once when the mailbox
   would be written to by another certificate, or at another address, than the one it was asked about; or while a
   transport of its list waits for its people to prove it (owners.py).
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice

from exchange import owners
from exchange.case.clock import ClockKind, ClockSpec, due
from exchange.case.effect import Letter, OpenTask, SendLetter, TaskKind
from exchange.case.mailbox import Mailbox
from exchange.case.rules import Rules
from exchange.codes import DRILL_WORDS, MOST_TRIES
from exchange.hub import Hub
from exchange.of_no_case import NO_CASE, ask_for
from exchange.pins import Pins, pins_of
from exchange.spoken_words import runs
from exchange.store import drills, guesses, journal, outbox, tasks
from exchange.store.database import Transaction
from exchange.store.drills import Drill

KEY = f"{Letter.DRILL}:"  # before the id of a drill, in the key of its letter
ANSWER = ClockSpec(ClockKind.WORKING_DAYS, days=2)  # of the mailbox's own: somebody may be out on visits for one
AGAIN = timedelta(days=7)  # after one that failed: time to mend it, and to find that it was not
MOST_RUNS = 12  # of three listed words in one mail: a person's letter has one or two, a guesser's list has more


class Heard(StrEnum):
    """What somebody's words come to."""

    RIGHT = "right"
    AGAIN = "again"  # it was answered before
    WRONG = "wrong"
    LOCKED = "locked"  # too many wrong ones
    NO_WORDS = "no_words"  # no three words of the list stand together in it
    UNKNOWN = "unknown"  # no such drill


async def begin(hub: Hub, tx: Transaction, mailbox: Mailbox, rules: Rules) -> Drill | None:
    """Ask a mailbox to prove that somebody there can open what we send; None while it is being asked."""
    now = hub.clock.now()
    await _replaced(hub, tx, mailbox)
    made = await drills.put(tx, mailbox.id, now, due(ANSWER, now, mailbox.calendar(rules.calendar)))
    if made:
        await ask_for(hub, tx, SendLetter(f"{KEY}{made.id}", Letter.DRILL, mailbox.id))
        await _noted(hub, tx, "DrillAsked", made)
    return made


async def _replaced(hub: Hub, tx: Transaction, mailbox: Mailbox) -> None:
    """What was sealed to a key that was retired since proves nothing any more, whoever answers."""
    running = next((d for d in await drills.of_mailbox(tx, mailbox.id) if not d.ended), None)
    if running and is_of_old_key(running, await pins_of(hub, tx)):
        await drills.end(tx, running.id, drills.REPLACED)


def is_of_old_key(drill: Drill, pins: Pins) -> bool:
    """Whether the key that it was sealed to is in use no more."""
    return bool(drill.fingerprint) and drill.fingerprint not in pins.known


async def hear(hub: Hub, tx: Transaction, drill: str, said: str, how: str) -> Heard:
    """What somebody said to a drill, by `mail`, on the `page` or by `telephone`, where staff hear them and no number
    of tries locks it."""
    known = await drills.load(tx, drill)
    if known is None:
        return Heard.UNKNOWN
    if known.ended == drills.REPLACED:
        return Heard.UNKNOWN
    if known.ended == drills.ANSWERED and (how != drills.TELEPHONE or known.heard == drills.TELEPHONE):
        return Heard.AGAIN
    counted = f"drill/{drill}"
    if how != drills.TELEPHONE and await guesses.tried(tx, counted) >= MOST_TRIES:
        return Heard.LOCKED
    found, words = tuple(islice(runs(said, DRILL_WORDS), MOST_RUNS)), hub.codes.drill(drill)
    if any(hmac.compare_digest(_in_order(words), _in_order(run)) for run in found):
        await _right(hub, tx, known, how)
        return Heard.RIGHT
    if found:
        await guesses.wrong(tx, counted, hub.clock.now() + guesses.A_YEAR)
    return Heard.WRONG if found else Heard.NO_WORDS


async def _right(hub: Hub, tx: Transaction, known: Drill, how: str) -> None:
    now = hub.clock.now()
    if not await drills.answered(tx, known.id, how, now):
        await drills.rung(tx, known.id)  # they had said them in another way before
    await tasks.close(tx, NO_CASE, task_key(known.mailbox), now)
    await _noted(hub, tx, "DrillAnswered", known, how=how)
    proved = await owners.proved(tx, await hub.directory(tx))
    if known.mailbox in proved:
        await tasks.close(tx, NO_CASE, proof_key(known.mailbox), now)


def _in_order(words: str) -> str:
    """Whoever says the three of them in another order has read them all the same."""
    return " ".join(sorted(words.split()))


async def failed(hub: Hub, tx: Transaction, drill: str, how: str) -> None:
    """It was not answered in time, could not be sent, or came back: somebody rings."""
    known = await drills.load(tx, drill)
    if known and await drills.end(tx, drill, how):
        now, about = hub.clock.now(), f"{Letter.DRILL}:{known.mailbox}"
        await tasks.open_(tx, NO_CASE, OpenTask(task_key(known.mailbox), TaskKind.DRILL_FAILED, about, now), now)
        await _noted(hub, tx, "DrillFailed", known, how=how)


def task_key(mailbox: str) -> str:
    """The one task that a mailbox has not proved it."""
    return f"drill:{mailbox}"


def proof_key(mailbox: str) -> str:
    """The one task that a mailbox's people are to be rung, and to read its words out."""
    return f"{TaskKind.NOT_PROVED}:{mailbox}"


async def _noted(hub: Hub, tx: Transaction, kind: str, drill: Drill, **facts: str) -> None:
    who = {
        "mailbox": drill.mailbox,
        "drill": drill.id,
        "transport": drill.transport,
        "fingerprint": drill.fingerprint,
    }
    await journal.note(tx, journal.LETTERS, kind, hub.clock.now(), hub.chance.id(), **who, **facts)


def next_at(mailbox: Mailbox, last: Drill | None, since: datetime) -> datetime | None:
    """When a mailbox is asked next; None while it is being asked. `since` is when the hub began."""
    days = timedelta(days=mailbox.drill_days)
    if last is None:
        return since + days
    if not last.ended:
        return None
    return last.asked_at + (days if last.ended == drills.ANSWERED else min(AGAIN, days))


def drill_of(row: outbox.Row) -> str:
    """The drill whose letter this is."""
    return row.key.removeprefix(KEY)
