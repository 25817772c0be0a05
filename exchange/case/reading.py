"""Reading: words that no state may follow from, and files that nobody could open, until a person has read them.

1. Each is a task at the desk. A case does not close over one, unless somebody says so knowingly.
2. It ends with what the person records of it; where there is nothing to record, they say that they have read it.
3. So it is with a mail in the holding pen that may be about the case, until somebody has said what it is.
4. And with whoever is decided onward, and nobody was asked to take on: until then nobody has them but the hub.
"""

from __future__ import annotations

from dataclasses import replace

from exchange.case.effect import CloseTask, OpenTask, TaskKind
from exchange.case.original import MailWaits, WordsRead
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.step import Step

HOLDS_OPEN = frozenset(
    {TaskKind.UNCLEAR_ANSWER, TaskKind.PASSWORD, TaskKind.TOLD_LATE, TaskKind.MAIL_WAITS, TaskKind.HAND_OVER}
)
TO_TAKE_ON = f"{TaskKind.HAND_OVER}:"  # before a subject
MAIL = f"{TaskKind.MAIL_WAITS}:"  # before the id of a mail
MOST_MAILS = 10  # waiting for one case: whoever quotes its reference a thousand times asks for no more than that


def mail_waits(case: Case, event: MailWaits, rules: Rules) -> Step:
    """A closed case stays closed: nobody has said that it is meant."""
    if case.closed or sum(key.startswith(MAIL) for key in case.unread) >= MOST_MAILS:
        return Step(case)
    return Step(case, (OpenTask(f"{MAIL}{event.mail}", TaskKind.MAIL_WAITS, event.mail, event.at),))


def read(case: Case, event: WordsRead, rules: Rules) -> Step:
    """A person has read it; whoever does so again changes nothing."""
    return Step(case, (CloseTask(event.task),))


def kept(step: Step) -> Step:
    """The step, and what waits to be read after it."""
    unread = list(step.case.unread)
    for effect in step.effects:
        if isinstance(effect, OpenTask) and effect.kind in HOLDS_OPEN and effect.key not in unread:
            unread.append(effect.key)
        elif isinstance(effect, CloseTask) and effect.key in unread:
            unread.remove(effect.key)
    after = tuple(unread)
    return step if after == step.case.unread else replace(step, case=replace(step.case, unread=after))
