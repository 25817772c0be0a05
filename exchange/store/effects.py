"""Effects become rows, in the transaction of the event that asked for them."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from typing import assert_never

from exchange.case.effect import (
    CloseTask,
    Effect,
    OpenTask,
    SendLetter,
    SetClock,
    StopClock,
    WithdrawAbout,
    WithdrawLetter,
    WithdrawLetters,
)
from exchange.case.state import Case
from exchange.store import clocks, outbox, tasks
from exchange.store.database import Transaction


async def apply(tx: Transaction, case: Case, effects: tuple[Effect, ...], at: datetime) -> None:
    """Write what the step asked for."""
    for effect in effects:
        await _write(tx, case, effect, at)


async def _write(tx: Transaction, case: Case, effect: Effect, at: datetime) -> None:
    match effect:
        case SendLetter():
            await outbox.put(tx, letter_id(tx.hub, case.id, effect.key), case.id, effect, at)
        case WithdrawLetters() | WithdrawLetter() | WithdrawAbout():
            await _withdraw(tx, case.id, effect)
        case SetClock():
            await clocks.put(tx, case.id, effect.clock, effect.due)
        case StopClock():
            await clocks.stop(tx, case.id, effect.clock)
        case OpenTask():
            await tasks.open_(tx, case.id, effect, at)
        case CloseTask():
            await tasks.close(tx, case.id, effect.key, at)
        case _:
            assert_never(effect)


async def _withdraw(tx: Transaction, case_id: str, effect: WithdrawLetters | WithdrawLetter | WithdrawAbout) -> None:
    match effect:
        case WithdrawLetters():
            await outbox.withdraw(tx, case_id, effect.prefix)
        case WithdrawLetter():
            await outbox.withdraw_one(tx, letter_id(tx.hub, case_id, effect.key))
        case WithdrawAbout():
            await outbox.withdraw_about(tx, case_id, effect.about)


def letter_id(hub: str, case_id: str, key: str) -> str:
    """The id of a letter follows from what it is: the same letter asked for again is the same row."""
    digest = hashlib.sha256(f"{hub}\0{case_id}\0{key}".encode()).digest()
    return base64.b32encode(digest[:15]).decode().lower()
