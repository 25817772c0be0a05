"""When to try again: quickly at first, not for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.retry import JITTER, PATIENCE, STEPS, next_attempt

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 30), (2, 60), (3, 120), (4, 300), (5, 600), (6, 900), (7, 900), (500, 900)]
)
def test_the_back_off_is_the_promised_one(attempts: int, seconds: int) -> None:
    assert next_attempt(attempts, START, START, 0.5) == START + timedelta(seconds=seconds)


def test_the_jitter_spreads_by_a_fifth_both_ways() -> None:
    assert next_attempt(1, START, START, 0.0) == START + timedelta(seconds=24)
    assert next_attempt(1, START, START, 1.0) == START + timedelta(seconds=36)


def test_a_hub_with_short_clocks_tries_sooner() -> None:
    assert next_attempt(1, START, START, 0.5, scale=0.01) == START + timedelta(seconds=0.3)


def test_after_five_days_a_person_must_act() -> None:
    last = START + PATIENCE - timedelta(seconds=900)
    assert next_attempt(400, START, last, 0.5) == START + PATIENCE
    assert next_attempt(400, START, last + timedelta(seconds=1), 0.5) is None


@given(st.integers(-5, 10_000), st.floats(allow_nan=False), st.integers(0, 6 * 86_400))
def test_the_next_attempt_is_always_ahead_and_never_far(attempts: int, jitter: float, elapsed: int) -> None:
    now = START + timedelta(seconds=elapsed)
    due = next_attempt(attempts, START, now, jitter)
    if due is None:
        assert now + timedelta(seconds=STEPS[-1] * (1 + JITTER)) > START + PATIENCE
    else:
        assert now < due <= min(START + PATIENCE, now + timedelta(seconds=STEPS[-1] * (1 + JITTER)))
