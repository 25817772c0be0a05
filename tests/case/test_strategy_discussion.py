"""Quorum counts functions that will come or came, and an older reply never overrides a newer one."""

from __future__ import annotations

from datetime import datetime

import pytest

from exchange.case.strategy_discussion import (
    COMES,
    LOST,
    Attendance,
    Invitee,
    Meeting,
    StrategyDiscussion,
    holds,
    missing,
    out_of_reach,
)
from tests.case.stories import at

QUORUM = ("social_care", "police", "health")


def discussion(*invitees: Invitee, state: Meeting = Meeting.CALLED) -> StrategyDiscussion:
    return StrategyDiscussion("d1", at(), "manager-1", at(600), 60, ("s1",), invitees, state=state)


@pytest.mark.parametrize("said", list(Attendance))
def test_only_a_clear_yes_fills_a_function_and_only_a_clear_no_loses_it(said: Attendance) -> None:
    made = discussion(Invitee("i1", "police", "police", said))
    assert ("police" not in missing(made, QUORUM)) is (said in COMES)
    assert ("police" in out_of_reach(made, ("police",))) is (said in LOST)


def test_once_held_only_who_came_counts() -> None:
    promised = Invitee("i1", "police", "police", Attendance.ACCEPTED)
    came = Invitee("i2", "health", "health", Attendance.DECLINED, attended=True)
    assert missing(discussion(promised, came, state=Meeting.HELD), QUORUM) == ("social_care", "police")


def test_two_agencies_of_one_function_fill_it_once() -> None:
    both = (Invitee(f"i{n}", f"trust-{n}", "health", Attendance.ACCEPTED) for n in (1, 2))
    assert missing(discussion(*both), QUORUM) == ("social_care", "police")


@pytest.mark.parametrize(
    ("said_at", "stamp", "newer"),
    [(None, at(1), True), (at(5), at(5), True), (at(5), at(6), True), (at(5), at(4), False)],
)
def test_a_reply_holds_unless_a_newer_one_does(said_at: datetime | None, stamp: datetime, newer: bool) -> None:
    assert holds(Invitee("i1", "police", "police", said_at=said_at), stamp) is newer


def test_changing_a_seat_leaves_the_others() -> None:
    first, second = Invitee("i1", "police", "police"), Invitee("i2", "health", "health")
    changed = Invitee("i2", "health", "health", Attendance.DECLINED)
    assert discussion(first, second).with_invitee(changed).invitees == (first, changed)
    assert discussion(first).invitee("i9") is None
