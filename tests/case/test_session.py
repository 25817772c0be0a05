"""East Sussex (domain A4): a session at 14:00 on every weekday but bank holidays, whose agenda closes at 13:30."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from exchange.case import session
from exchange.case.session import Session
from tests.case.stories import OFFICE, with_rules

DAILY = Session("daily", "Daily session", time(14), (0, 1, 2, 3, 4), timedelta(minutes=30), ("police", "social_care"))
CALENDAR = replace(OFFICE, holidays=frozenset({date(2027, 5, 3)}), closed=frozenset({date(2027, 5, 4)}))


@pytest.mark.parametrize(
    ("now", "starts"),
    [
        ("2027-04-29T12:29", "2027-04-29T13:00"),  # 13:29 in London
        ("2027-04-29T12:30", "2027-04-30T13:00"),
        ("2027-04-29T12:35", "2027-04-30T13:00"),
        ("2027-04-30T12:35", "2027-05-05T13:00"),  # a weekend, a bank holiday and a day of our own
        ("2027-01-04T13:29", "2027-01-04T14:00"),  # in winter London has the hour of UTC
    ],
)
def test_what_comes_after_the_agenda_closed_is_on_the_next_one(now: str, starts: str) -> None:
    found = session.starts(DAILY, _utc(now), CALENDAR)
    assert found == _utc(starts)


def test_a_session_on_no_day_never_begins() -> None:
    assert session.starts(replace(DAILY, days=()), _utc("2027-04-29T12:00"), CALENDAR) is None


def test_the_rules_know_their_sessions() -> None:
    rules = with_rules(sessions=(DAILY,))
    assert rules.session("daily") is DAILY
    assert rules.session("weekly") is None


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
