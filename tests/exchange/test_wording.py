"""Nothing that can happen, be asked of the desk or be sent is without words for the people who read it."""

from __future__ import annotations

from typing import get_args

from exchange.case.advance import RUN_OUT
from exchange.case.effect import Letter, TaskKind
from exchange.case.event import Event
from exchange.web.desk_queue import TASKS
from exchange.wording import CLOCKS, LETTERS, TOLD


def test_every_event_letter_task_and_clock_has_its_words() -> None:
    assert set(TOLD) == set(get_args(Event))
    assert set(LETTERS) == set(Letter)
    assert set(TASKS) == set(TaskKind)
    assert set(CLOCKS) == set(RUN_OUT)
