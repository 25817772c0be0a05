"""Comparing: what a machine read from a form that a person filled in, with the form.

1. It is used at once, as every referral is: nobody waits for the comparing. But a person is asked to, and the case
   does not close before, unless somebody says so knowingly.
2. A file that wants a password is a task beside the first look: whoever sent it is rung, and all clocks run on.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from exchange.case.effect import CloseTask, Effect, OpenTask, TaskKind
from exchange.case.original import FileUnlocked, ReadingConfirmed
from exchange.case.rules import Rules
from exchange.case.state import Case
from exchange.case.step import Step

TASK = "confirm"


def to_compare(due: datetime) -> OpenTask:
    """Compare it."""
    return OpenTask(TASK, TaskKind.CONFIRM, "", due)


def asks_password(mail: str, due: datetime) -> tuple[Effect, ...]:
    """Ask for the password of a file in this mail; nothing where none is locked."""
    return (OpenTask(_of(mail), TaskKind.PASSWORD, mail, due),) if mail else ()


def confirmed(case: Case, event: ReadingConfirmed, rules: Rules) -> Step:
    """Somebody has; whoever does so again changes nothing."""
    return Step(replace(case, unconfirmed=False), (CloseTask(TASK),))


def unlocked(case: Case, event: FileUnlocked, rules: Rules) -> Step:
    """One file is open; the task ends with the last."""
    return Step(case, () if event.left else (CloseTask(_of(event.mail)),))


def _of(mail: str) -> str:
    return f"password:{mail}"
