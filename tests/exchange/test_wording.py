"""Nothing that can happen, be asked of the desk or be sent is without words for the people who read it."""

from __future__ import annotations

from typing import get_args

from exchange.case.advance import RUN_OUT
from exchange.case.delivery import News
from exchange.case.effect import Letter, TaskKind
from exchange.case.event import Event
from exchange.case.mailbox import Transport
from exchange.mail_words import LETTERS, NEWS, TRANSPORTS
from exchange.task_words import TASKS
from exchange.wording import CLOCKS, TOLD


def test_every_event_letter_task_and_clock_has_its_words() -> None:
    assert set(TOLD) == set(get_args(Event))
    assert set(LETTERS) == set(Letter)
    assert set(NEWS) == set(News)
    assert set(TRANSPORTS) == set(Transport)
    assert set(TASKS) == set(TaskKind)
    assert set(CLOCKS) == set(RUN_OUT)
