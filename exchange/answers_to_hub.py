"""What comes back to letters of the hub itself, which belong to no case: the words of a drill, a key, a bounce.

1. A machine's word is evidence: it proves nothing, and only a bounce asks for a person.
2. That they cannot open a test, or are not the right people, ends it at once, and somebody rings.
3. Whatever else a person writes there is read by one, who sees which mailbox it is from: nothing is dropped.
"""

from __future__ import annotations

from exchange import drilling
from exchange.case.delivery import News
from exchange.case.effect import Letter, TaskKind
from exchange.correspondence import Place
from exchange.drilling import Heard
from exchange.hub import Hub
from exchange.of_no_case import noted
from exchange.placing import Placed
from exchange.store import drills
from exchange.store.database import Transaction
from mailflow.interpret import Machine, Meaning, Wrote
from mailflow.reply_text import own_words
from mailflow.words import read_answer

OF_KEYS = frozenset({Letter.KEY_WARNING, Letter.KEY_CHANGED, Letter.MAILBOX_MOVES})
FAILS = {"cannot_open": drills.CANNOT_OPEN, "wrong_person": drills.WRONG_PERSON, "wrong_agency": drills.WRONG_PERSON}
MOST_BESIDE = 30  # words beside those of the drill: a greeting and a name; more may be a concern


def is_answer(where: Place, meaning: Meaning) -> bool:
    """Whether this mail is for us to take, and not a new concern that came by this way."""
    if where.about.kind not in ("hub", "bounce") or where.case is not None:
        return False
    return where.letter is not None and not (isinstance(meaning, Wrote) and meaning.data)


async def taken(hub: Hub, tx: Transaction, where: Place, meaning: Meaning) -> Placed:
    """What it comes to; the row of the mail is settled by the caller, in the same transaction."""
    row = where.letter
    assert row is not None  # noqa: S101 - is_answer said so
    if isinstance(meaning, Machine):
        return await _machine(hub, tx, where, meaning)
    if row.letter == Letter.DRILL and isinstance(meaning, Wrote):
        return await _of_a_drill(hub, tx, drilling.drill_of(row), meaning.text)
    if row.letter in OF_KEYS:
        return Placed(TaskKind.KEY_REPLY, task=TaskKind.KEY_REPLY)
    return Placed("holding_pen", task=TaskKind.HOLDING_PEN)


async def _of_a_drill(hub: Hub, tx: Transaction, drill: str, text: str) -> Placed:
    own = own_words(text)
    few = len(own.split()) <= MOST_BESIDE
    heard = await drilling.hear(hub, tx, drill, text, "mail")
    if heard in (Heard.RIGHT, Heard.AGAIN) and few:
        return Placed("drill")
    says = FAILS.get(read_answer(own).answer) if heard is Heard.NO_WORDS else None
    if says:
        await drilling.failed(hub, tx, drill, says)
        if few:
            return Placed("drill_failed")
    return Placed(TaskKind.TEST_REPLY, task=TaskKind.TEST_REPLY)


async def _machine(hub: Hub, tx: Transaction, where: Place, said: Machine) -> Placed:
    row = where.letter
    if row is None or said.kind != "failed":
        return Placed("machine_evidence")
    await noted(hub, tx, row, News.BOUNCED, said.status)
    if row.letter == Letter.DRILL:
        await drilling.failed(hub, tx, drilling.drill_of(row), drills.BOUNCED)
        return Placed("machine_evidence")
    return Placed("machine_evidence", task=TaskKind.LETTER_FAILED)
